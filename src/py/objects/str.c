// SPDX-License-Identifier: GPL-3.0-or-later
// Python text in a target: see str.h. Include/cpython/unicodeobject.h of every version is the
// source.
#include "py/objects/str.h"

#include <string.h>

#include "py/read.h"

#define LENGTH_MAX (UINT64_C(1) << 40)

// Views the readable part of `length` characters: a str in a truncated core still shows its
// beginning.
static bool view_data(const struct python *py, addr at, struct str_view *view)
{
    if (view->length > LENGTH_MAX)
        return false;
    uint64_t want = view->length * view->width;
    view->data = target_view(py->target, at, want ? want : 1);
    if (view->data)
        return true;
    uint64_t part = target_readable(py->target, at, want);
    view->data = part ? target_view(py->target, at, part) : NULL;
    view->length = part / view->width;
    view->cut = true;
    return view->data != NULL;
}

// 2.7: str is bytes, unicode has its text in a separate block, 4 bytes per character (or 2).
static bool view_27(const struct python *py, addr at, struct str_view *view)
{
    const struct layout *l = &py->layout;
    const uint8_t *o = VIEW(py, at, PyVarObject);
    if (!o || l->PyStringObject_ob_sval < 0 || l->PyUnicodeObject_str < 0)
        return false;
    addr type = LOAD_TYPE(py, o);
    uint64_t flags = READ(py, type, PyTypeObject_tp_flags);
    view->length = LOAD(py, o, PyVarObject_ob_size);
    if (flags & (1u << 27)) {
        view->width = 1;
        return view_data(py, INSIDE(py, at, PyStringObject_ob_sval), view);
    }
    if (!(flags & (1u << 28)))
        return false;
    view->width = 4;
    view->length = READ(py, at, PyUnicodeObject_length);
    return view_data(py, READ(py, at, PyUnicodeObject_str), view);
}

struct str_state str_state(const struct python *py, const uint8_t *o)
{
    return (struct str_state){
        .kind = (uint8_t)LOAD_BITS(py, o, PyASCIIObject_state_kind),
        .compact = LOAD_BITS(py, o, PyASCIIObject_state_compact) != 0,
        .ascii = LOAD_BITS(py, o, PyASCIIObject_state_ascii) != 0,
        .ready =
            py->layout.PyASCIIObject_wstr < 0 || LOAD_BITS(py, o, PyASCIIObject_state_ready) != 0,
    };
}

bool str_view(const struct python *py, addr at, struct str_view *view)
{
    const struct layout *l = &py->layout;
    *view = (struct str_view){ .width = 1 };
    if (l->PyASCIIObject_state < 0)
        return view_27(py, at, view);
    const uint8_t *o = VIEW(py, at, PyASCIIObject);
    if (!o)
        return false;
    struct str_state state = str_state(py, o);
    view->length = LOAD(py, o, PyASCIIObject_length);
    bool has_wstr = l->PyASCIIObject_wstr >= 0;
    if (has_wstr && (state.kind == 0 || !state.ready)) {
        view->width = 4; // wchar_t
        view->length = READ(py, at, PyCompactUnicodeObject_wstr_length);
        return view_data(py, LOAD(py, o, PyASCIIObject_wstr), view);
    }
    if (state.kind != 1 && state.kind != 2 && state.kind != 4)
        return false;
    view->width = state.kind;
    if (state.compact && state.ascii)
        return view_data(py, at + SIZE(py, PyASCIIObject), view);
    if (state.compact)
        return view_data(py, at + SIZE(py, PyCompactUnicodeObject), view);
    return view_data(py, READ(py, at, PyUnicodeObject_data), view);
}

static uint32_t character(const struct str_view *view, uint64_t i)
{
    const uint8_t *p = view->data + i * view->width;
    return view->width == 1 ? *p : view->width == 2 ? load16(p) : load32(p);
}

static void append_view(const struct str_view *view, size_t width, uint32_t quote, struct text *out)
{
    size_t used = 0;
    for (uint64_t i = 0; i < view->length; i++) {
        if (used + 4 > width && i + (width - used) < view->length) {
            text_add_string(out, "...");
            return;
        }
        size_t before = out->size;
        uint32_t c = character(view, i);
        if (quote && c == quote) // backslashes are doubled anyway
            text_add_char(out, '\\');
        text_add_escaped_code(out, c);
        used += c < 0x80 ? out->size - before
                         : 2; // an escape is as wide as it is long; the rest at most 2
    }
    if (view->cut)
        text_add_string(out, "...");
}

void str_append(const struct python *py, addr at, size_t width, struct text *out)
{
    struct str_view view;
    if (str_view(py, at, &view))
        append_view(&view, width, 0, out);
    else
        text_add_string(out, "?");
}

void str_append_quoted(const struct python *py, addr at, size_t width, struct text *out)
{
    struct str_view view;
    if (!str_view(py, at, &view)) {
        text_add_string(out, "<unreadable str>");
        return;
    }
    text_add_char(out, '\'');
    append_view(&view, width > 2 ? width - 2 : 0, '\'', out);
    text_add_char(out, '\'');
}

bool str_equals(const struct python *py, addr at, const char *ascii)
{
    struct str_view view;
    size_t n = strlen(ascii);
    return str_view(py, at, &view) && view.width == 1 && view.length == n && !view.cut
           && memcmp(view.data, ascii, n) == 0;
}

void str_append_c(const struct python *py, addr at, size_t width, struct text *out)
{
    char name[512];
    size_t most = width + 4 < sizeof name ? width + 4 : sizeof name;
    if (!at || !target_read_string(py->target, at, name, most)) {
        text_add_string(out, "?");
        return;
    }
    size_t before = out->size;
    text_add_escaped(out, name, strlen(name));
    text_shorten(out, before, width);
}

bool str_is_interned(const struct python *py, addr at)
{
    int32_t state = py->layout.PyASCIIObject_state;
    // The bits are the first of the state in every version that has it.
    return state >= 0 && (target_u32(py->target, at + (uint64_t)state, NULL) & 3) != 0;
}
