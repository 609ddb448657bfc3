// SPDX-License-Identifier: GPL-3.0-or-later
// Previews: the row's own, or the type's name; containers show their first items one level deep.
#include "base/width.h"
#include "py/objects/dict.h"
#include "py/objects/instance.h"
#include "py/objects/str.h"
#include "py/runtime/frames.h"
#include "py/kinds/kind_row.h"
#include "py/objects/member.h"
#include "py/extension/structs.h"

#define ATOMS                                                                                      \
    (TRAIT_INT | TRAIT_BOOL | TRAIT_FLOAT | TRAIT_COMPLEX | TRAIT_TEXT | TRAIT_BYTES               \
     | TRAIT_SINGLETON | TRAIT_TYPE | TRAIT_FUNCTION | TRAIT_MODULE | TRAIT_CONTEXT_VAR)

void preview_brief(const struct python *py, addr at, size_t width, struct text *out)
{
    if (!at) {
        text_add_string(out, "NULL");
        return;
    }
    const struct type *type = type_of(py, at);
    const uint8_t *o = type ? object_view(py, type, at) : NULL;
    if (!o)
        text_add_format(out, "<?0x%" PRIx64 ">", at);
    else if (type_is_exact(type, ATOMS) && type->value->preview)
        type->value->preview(py, type, at, o, width, out);
    else
        text_add_format(out, "<%s>", type->name);
}

void preview_items(const struct python *py, addr words, uint64_t count, const char brackets[2],
                   size_t width, struct text *out)
{
    size_t start = out->size;
    uint64_t shown = 0;
    text_add_char(out, brackets[0]);
    while (shown < count && out->size - start + 16 < width) {
        bool ok = true;
        addr item = target_u64(py->target, words + shown * 8, &ok);
        if (!ok)
            break;
        if (shown++)
            text_add_string(out, ", ");
        preview_brief(py, item, 24, out);
    }
    if (shown < count)
        text_add_string(out, shown ? ", ..." : "...");
    else if (count == 1 && brackets[0] == '(')
        text_add_char(out, ',');
    text_add_char(out, brackets[1]);
    if (shown < count)
        text_add_format(out, " (%" PRIu64 " %s)", count, text_plural(count, "item", "items"));
}

void kind_preview(const struct python *py, const struct type *type, addr at, size_t width,
                  struct text *out)
{
    const uint8_t *o = object_view(py, type, at);
    size_t before = out->size;
    if (!o) {
        text_add_string(out, "<unreadable>");
        return;
    }
    bool own = type->tp_name && type->value->preview;
    if (own && (type->flags & TPFLAGS_HEAPTYPE) && type->is_python_class)
        text_add_format(out, "%s: ", type->name);
    if (own)
        type->value->preview(py, type, at, o, width, out);
    else
        text_add_format(out, "<%s>", type->name);
    text_shorten(out, before, width);
}

// --- instances, with their first attributes ------------------------------------------------------

struct preview_pen {
    const struct python *py;
    struct text *out;
    size_t start, width;
    bool full; // not everything fits
};

// Adds " name=value" as long as there is room. A value that is missing (unset, deleted) is skipped.
static void preview_add_attribute(struct preview_pen *pen, addr name, bool is_str, addr value)
{
    enum { NAME = 24, VALUE = 28 };
    const struct type *type = is_str && name ? type_of(pen->py, name) : NULL;
    if (!value || !name || (is_str && !(type && type_is(type, TRAIT_TEXT))) || pen->full)
        return;
    size_t before = pen->out->size;
    text_add_char(pen->out, ' ');
    if (is_str)
        str_append(pen->py, name, NAME, pen->out);
    else // the value of a slot
        str_append_c(pen->py, name, NAME, pen->out);
    text_add_char(pen->out, '=');
    preview_brief(pen->py, value, VALUE, pen->out);
    if (width_of(text_string(pen->out) + pen->start, pen->out->size - pen->start) + 5 <= pen->width)
        return;
    text_truncate(pen->out, before);
    pen->full = true;
}

static void preview_add_slots(struct preview_pen *pen, const struct type *type, const uint8_t *o)
{
    for (uint32_t i = 0; i < type->slot_count && !pen->full; i++)
        if (type->slots[i].offset + 8 <= type->basicsize)
            preview_add_attribute(pen, type->slots[i].name, false,
                                  load64(o + type->slots[i].offset));
}

static void preview_add_values(struct preview_pen *pen, const struct type *type,
                               const struct instance *instance)
{
    struct dict_table keys;
    uint64_t count = instance->value_count;
    if (!instance->values || !dict_open_keys(pen->py, type->cached_keys, &keys))
        return;
    for (uint64_t i = 0; i < count && i < keys.count && !pen->full; i++)
        preview_add_attribute(pen, dict_key(&keys, i), true,
                              target_u64(pen->py->target, instance->values + i * 8, NULL));
}

static void preview_add_dict(struct preview_pen *pen, addr dict)
{
    const struct python *py = pen->py;
    const struct type *type = dict ? type_of(py, dict) : NULL;
    const uint8_t *o = type ? object_view(py, type, dict) : NULL;
    struct dict_table table;
    if (!o || !type_is(type, TRAIT_DICT) || !dict_open(py, o, &table))
        return;
    for (uint64_t i = 0; i < table.count && !pen->full; i++)
        preview_add_attribute(pen, dict_key(&table, i), true, dict_value(&table, i));
}

bool kind_preview_attributes(const struct python *py, const struct type *type, addr at,
                             size_t width, struct text *out)
{
    const uint8_t *o = object_view(py, type, at);
    struct instance instance;
    if (!o || !type->is_python_class || (type->tp_name && type->value->preview))
        return false;
    struct preview_pen pen = { .py = py, .out = out, .start = out->size, .width = width };
    text_add_format(out, "<%s", type->name);
    preview_add_slots(&pen, type, o);
    instance_read(py, type, at, &instance);
    preview_add_values(&pen, type, &instance);
    preview_add_dict(&pen, instance.values ? 0 : instance.dict);
    text_add_string(out, pen.full ? " ...>" : ">");
    text_shorten(out, pen.start, width);
    return true;
}

static addr local_name(const struct python *py, addr code, uint64_t index)
{
    const struct layout *l = &py->layout;
    const uint8_t *c = VIEW(py, code, PyCodeObject);
    if (!c)
        return 0;
    addr tuples[3] = { 0, 0, 0 };
    if (l->PyCodeObject_co_localsplusnames >= 0) {
        tuples[0] = LOAD(py, c, PyCodeObject_co_localsplusnames);
    } else {
        tuples[0] = LOAD(py, c, PyCodeObject_co_varnames);
        tuples[1] = LOAD(py, c, PyCodeObject_co_cellvars);
        tuples[2] = LOAD(py, c, PyCodeObject_co_freevars);
    }
    for (int i = 0; i < 3 && tuples[i]; i++) {
        uint64_t count = READ(py, tuples[i], PyVarObject_ob_size);
        if (index < count)
            return target_u64(py->target, INSIDE(py, tuples[i], PyTupleObject_ob_item) + index * 8,
                              NULL);
        index -= count;
    }
    return 0;
}

// The line that the frame is executing, if the holder has one; else its function's first.
static int32_t line_of_holder(const struct python *py, const struct type *holder, addr at)
{
    struct frame frame;
    bool found = holder
                 && (type_is(holder, TRAIT_FRAME) ? frame_of_object(py, at, &frame)
                                                  : frame_of_generator(py, holder, at, &frame));
    return found ? frame_line(py, &frame) : 0;
}

static void append_local(const struct python *py, const struct type *holder, addr at,
                         uint64_t value, struct text *out)
{
    addr code = value & UINT64_C(0xffffffffffff);
    const uint8_t *c = VIEW(py, code, PyCodeObject);
    addr name = local_name(py, code, value >> 48);
    text_add_string(out, "local ");
    if (name)
        str_append(py, name, 60, out);
    else
        text_add_format(out, "#%" PRIu64, value >> 48);
    if (!c)
        return;
    text_add_string(out, " in ");
    str_append(py, LOAD(py, c, PyCodeObject_co_name), 60, out);
    text_add_string(out, "() ");
    struct text file = TEXT_INIT;
    str_append(py, LOAD(py, c, PyCodeObject_co_filename), 1000, &file);
    const char *slash = strrchr(text_string(&file), '/');
    text_add_string(out, slash ? slash + 1 : text_string(&file));
    text_fini(&file);
    int32_t line = line_of_holder(py, holder, at);
    text_add_format(out, ":%" PRId32, line > 0 ? line : LOAD(py, c, PyCodeObject_co_firstlineno));
}

static void append_member(const struct python *py, const struct type *holder, uint64_t offset,
                          struct text *out)
{
    addr name = type_member_at(py, holder, (int64_t)offset);
    size_t before = out->size;
    text_add_char(out, '.');
    if (name)
        str_append_c(py, name, 100, out);
    else if (structs_name(py, holder, (int64_t)offset, out) != STRUCTS_NAMED) {
        text_truncate(out, before);
        text_add_format(out, "+0x%" PRIx64, offset);
    }
}

// The namespace dict of a holder reads better as attributes; the dict itself cannot know that it is
// one, so it says ['k'].
void kind_name(const struct python *py, const struct type *holder, addr at, struct ref_name name,
               struct text *out)
{
    switch (name.kind) {
    case REF_MEMBER:
        text_add_string(out, (const char *)(uintptr_t)name.value);
        break;
    case REF_INDEX:
        text_add_format(out, "[%" PRIu64 "]", name.value);
        break;
    case REF_KEYED:
        text_add_char(out, '[');
        preview_brief(py, name.value, 60, out);
        text_add_char(out, ']');
        break;
    case REF_KEY:
        text_add_string(out, "key ");
        preview_brief(py, name.value, 60, out);
        break;
    case REF_ATTR:
        text_add_char(out, '.');
        str_append(py, name.value, 100, out);
        break;
    case REF_SLOT:
        text_add_char(out, '.');
        str_append_c(py, name.value, 100, out);
        break;
    case REF_ELEMENT:
        text_add_string(out, "{element}");
        break;
    case REF_LOCAL:
        append_local(py, holder, at, name.value, out);
        break;
    case REF_STACK:
        text_add_format(out, "value stack [%" PRIu64 "]", name.value);
        break;
    case REF_NODE:
        text_add_format(out, "node [%" PRIu64 "]", name.value);
        break;
    case REF_STATE:
        text_add_format(out, "state +0x%" PRIx64, name.value);
        break;
    case REF_OFFSET:
        append_member(py, holder, name.value, out);
        break;
    case REF_ITEM:
        array_item_name(py, holder, at, name.value, out);
        break;
    }
}
