// SPDX-License-Identifier: GPL-3.0-or-later
// Values as numbers: see value.h.
#include "py/objects/value.h"

#include <string.h>

#include "py/read.h"
#include "py/objects/str.h"

#define PART ((uint64_t)32 << 10) // bytes read at each end of what is too large to be read whole

// --- mixing -------------------------------------------------------------------------------------

static uint64_t value_mix(uint64_t mark, uint64_t word)
{
    mark = (mark ^ word) * UINT64_C(0x9fb21c651e98df25);
    return mark ^ mark >> 32;
}

static uint64_t mix_bytes(uint64_t mark, const uint8_t *bytes, uint64_t size)
{
    uint64_t tail = 0, i = 0;
    for (; i + 8 <= size; i += 8)
        mark = value_mix(mark, load64(bytes + i));
    if (i < size)
        memcpy(&tail, bytes + i, size - i);
    return value_mix(mark, tail);
}

static uint64_t mark_bytes(const struct python *py, addr from, uint64_t size, uint64_t mark,
                           bool *whole)
{
    mark = value_mix(mark, size);
    uint64_t part = size <= 2 * PART ? size : PART;
    const uint8_t *bytes = part ? target_view(py->target, from, part) : (const uint8_t *)"";
    if (!bytes)
        return 0;
    mark = mix_bytes(mark, bytes, part);
    if (part == size)
        return mark | 1;
    *whole = false;
    bytes = target_view(py->target, from + size - part, part);
    return bytes ? mix_bytes(mark, bytes, part) | 1 : 0;
}

// --- kinds --------------------------------------------------------------------------------------

enum value_kind value_kind(const struct python *py, const struct type *type, bool *whole)
{
    uint64_t flags = type->flags;
    bool two = py->rules.two;
    *whole = !(flags & TPFLAGS_HEAPTYPE);
    if (flags & TPFLAGS_UNICODE_SUBCLASS || (two && flags & TPFLAGS_BYTES_SUBCLASS))
        return VALUE_STR;
    if (flags & TPFLAGS_BYTES_SUBCLASS)
        return VALUE_BYTES;
    if (flags & TPFLAGS_LONG_SUBCLASS || (two && flags & TPFLAGS_INT_SUBCLASS))
        return VALUE_INT;
    if (type_is_exact(type, TRAIT_FLOAT))
        return VALUE_FLOAT;
    if (type_is_exact(type, TRAIT_COMPLEX))
        return VALUE_COMPLEX;
    if (flags & TPFLAGS_TUPLE_SUBCLASS)
        return VALUE_TUPLE;
    if (type_is_exact(type, TRAIT_METHOD) && py->layout.PyMethodObject_im_func >= 0)
        return VALUE_METHOD;
    return VALUE_NONE;
}

// --- values -------------------------------------------------------------------------------------

static uint64_t mark_str(const struct python *py, addr at, bool *whole)
{
    struct str_view view;
    if (!str_view(py, at, &view) || view.cut)
        return 0;
    uint64_t size = view.length * view.width, part = size <= 2 * PART ? size : PART;
    uint64_t mark = mix_bytes(value_mix(view.width, size), view.data, part);
    if (part < size) {
        *whole = false;
        mark = mix_bytes(mark, view.data + size - part, part);
    }
    return mark | 1;
}

static uint64_t mark_int(const struct python *py, addr at, bool *whole)
{
    const struct layout *l = &py->layout;
    bool small = l->PyIntObject_ob_ival >= 0;
    const struct type *type = small ? type_of(py, at) : NULL;
    if (type && type->flags & TPFLAGS_INT_SUBCLASS)
        return mark_bytes(py, INSIDE(py, at, PyIntObject_ob_ival), 8, VALUE_INT, whole);
    bool ok = true;
    uint64_t digits, head;
    if (l->PyLongObject_lv_tag >= 0) {
        head = READ_OK(py, at, PyLongObject_lv_tag, &ok) & ~UINT64_C(4);
        digits = head >> 3;
    } else {
        head = READ_OK(py, at, PyVarObject_ob_size, &ok);
        digits = (int64_t)head < 0 ? 0 - head : head;
    }
    if (!ok || digits > UINT32_MAX)
        return 0;
    return mark_bytes(py, INSIDE(py, at, PyLongObject_ob_digit), digits * 4,
                      value_mix(VALUE_INT, head), whole);
}

static uint64_t mark_var(const struct python *py, addr at, int32_t data, uint64_t item, bool *whole)
{
    bool ok = true;
    uint64_t count = READ_OK(py, at, PyVarObject_ob_size, &ok);
    if (!ok || data < 0 || count > UINT64_C(1) << 40)
        return 0;
    return mark_bytes(py, at + (uint64_t)data, count * item, 7, whole);
}

uint64_t value_mark(const struct python *py, enum value_kind kind, addr at, bool *whole)
{
    const struct layout *l = &py->layout;
    switch (kind) {
    case VALUE_STR:
        return mark_str(py, at, whole);
    case VALUE_BYTES:
        return mark_var(py, at, l->PyBytesObject_ob_sval, 1, whole);
    case VALUE_INT:
        return mark_int(py, at, whole);
    case VALUE_FLOAT:
        return mark_bytes(py, INSIDE(py, at, PyFloatObject_ob_fval), 8, 1, whole);
    case VALUE_COMPLEX:
        return mark_bytes(py, INSIDE(py, at, PyComplexObject_cval), 16, 2, whole);
    case VALUE_TUPLE:
        *whole = false; // addresses of items, where other objects may be by now
        return mark_var(py, at, l->PyTupleObject_ob_item, 8, whole);
    case VALUE_METHOD:
        *whole = false;
        return mark_bytes(py, INSIDE(py, at, PyMethodObject_im_func), 16, 3, whole);
    case VALUE_NONE:
        break;
    }
    return 0;
}
