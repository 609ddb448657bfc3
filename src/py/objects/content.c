// SPDX-License-Identifier: GPL-3.0-or-later
// Lengths and texts: see content.h.
#include "py/objects/content.h"

#include <string.h>

#include "base/utf8.h"
#include "py/objects/dict.h"
#include "py/read.h"
#include "py/objects/str.h"

#define TEXT_MAX (UINT64_C(1) << 40)

static bool read_length(const struct python *py, addr at, int32_t offset, uint64_t *length)
{
    bool ok = offset >= 0;
    if (ok)
        *length = target_u64(py->target, at + (uint64_t)offset, &ok);
    return ok;
}

bool content_length(const struct python *py, const struct type *type, addr at, uint64_t *length)
{
    const struct layout *l = &py->layout;
    struct str_view view;
    if (type->flags & TPFLAGS_UNICODE_SUBCLASS && str_view(py, at, &view)) {
        *length = view.length;
        return true;
    }
    if (type->flags & (TPFLAGS_LIST_SUBCLASS | TPFLAGS_TUPLE_SUBCLASS | TPFLAGS_BYTES_SUBCLASS))
        return read_length(py, at, l->PyVarObject_ob_size, length);
    if (type->flags & TPFLAGS_DICT_SUBCLASS)
        return read_length(py, at,
                           l->PyDictObject_ma_used >= 0 ? l->PyDictObject_ma_used
                                                        : l->PyDictObject_ma_fill,
                           length);
    if (type_is(type, TRAIT_ANY_SET))
        return read_length(py, at, l->PySetObject_used, length);
    if (type_is(type, TRAIT_BYTEARRAY | TRAIT_DEQUE))
        return read_length(py, at, l->PyVarObject_ob_size, length);
    return false;
}

bool content_shown(const struct python *py, const struct type *type, addr at, uint64_t *bytes)
{
    const struct layout *l = &py->layout;
    if (type_is(type, TRAIT_ARRAY))
        return kind_numpy_array_shows(py, type, at, bytes);
    // Py_buffer begins with buf, obj and len, as the ABI wants it.
    return type_is(type, TRAIT_VIEW) && l->PyMemoryViewObject_view >= 0 && l->Py_buffer_obj >= 0
           && read_length(py, INSIDE(py, at, PyMemoryViewObject_view), l->Py_buffer_obj + 8, bytes);
}

static bool dict_room(const struct python *py, addr at, uint64_t *room)
{
    const uint8_t *o = VIEW(py, at, PyDictObject);
    struct dict_table table;
    if (!o || !dict_open(py, o, &table) || table.values)
        return false;
    *room = table.room;
    return true;
}

static bool deque_room(const struct python *py, const struct type *type, addr at, uint64_t *room)
{
    const struct layout *l = &py->layout;
    if (l->sizeof_BLOCK <= 0)
        return false;
    uint64_t bytes = kind_size(py, type, at), block = SIZE(py, BLOCK);
    *room = bytes / block * ((uint64_t)(l->BLOCK_rightlink - l->BLOCK_data) / 8);
    return true;
}

// A set grows when three fifths of its table are used (Objects/setobject.c; two thirds before 3.7).
bool content_room(const struct python *py, const struct type *type, addr at, uint64_t *room)
{
    const struct layout *l = &py->layout;
    if (type->flags & TPFLAGS_LIST_SUBCLASS)
        return read_length(py, at, l->PyListObject_allocated, room);
    if (type->flags & TPFLAGS_DICT_SUBCLASS)
        return dict_room(py, at, room);
    if (type_is(type, TRAIT_ANY_SET)) {
        if (!read_length(py, at, l->PySetObject_mask, room) || *room > TEXT_MAX)
            return false;
        *room = (*room + 1) * 3 / 5;
        return true;
    }
    if (type_is(type, TRAIT_BYTEARRAY))
        return read_length(py, at, l->PyByteArrayObject_ob_alloc, room);
    return type_is(type, TRAIT_DEQUE) && deque_room(py, type, at, room);
}

static bool has_bytes(const struct python *py, addr from, uint64_t size, const char *text)
{
    const uint8_t *bytes = size && size < TEXT_MAX ? target_view(py->target, from, size) : NULL;
    return bytes && memmem(bytes, size, text, strlen(text));
}

// Converts the text to the width in which the str stores its characters; 0: the str cannot hold it.
static size_t widen(const char *text, unsigned width, uint8_t *out, size_t room)
{
    size_t size = 0;
    const char *end = text + strlen(text);
    while (text < end) {
        uint32_t code;
        size_t used = utf8_decode(text, (size_t)(end - text), &code);
        if (!used || (width < 4 && code >> (8 * width)) || size + width > room)
            return 0;
        memcpy(out + size, &code, width);
        size += width;
        text += used;
    }
    return size;
}

static bool str_has(const struct python *py, addr at, const char *text)
{
    struct str_view view;
    uint8_t wide[4096];
    if (!str_view(py, at, &view))
        return false;
    size_t size = widen(text, view.width, wide, sizeof wide);
    uint64_t bytes = view.length * view.width;
    const uint8_t *from = view.data, *end = view.data + bytes;
    while (size && (from = memmem(from, (size_t)(end - from), wide, size))) {
        if ((size_t)(from - view.data) % view.width == 0)
            return true;
        from++;
    }
    return false;
}

bool content_has_text(const struct python *py, const struct type *type, addr at, const char *text)
{
    const struct layout *l = &py->layout;
    uint64_t size = 0;
    if (type->flags & TPFLAGS_UNICODE_SUBCLASS)
        return str_has(py, at, text);
    if (type->flags & TPFLAGS_BYTES_SUBCLASS && py->rules.two)
        return str_has(py, at, text);
    if (type->flags & TPFLAGS_BYTES_SUBCLASS)
        return read_length(py, at, l->PyVarObject_ob_size, &size)
               && has_bytes(py, INSIDE(py, at, PyBytesObject_ob_sval), size, text);
    if (type_is(type, TRAIT_BYTEARRAY) && read_length(py, at, l->PyVarObject_ob_size, &size)) {
        addr start =
            l->PyByteArrayObject_ob_start >= 0 ? READ(py, at, PyByteArrayObject_ob_start) : 0;
        return start && has_bytes(py, start, size, text);
    }
    return false;
}
