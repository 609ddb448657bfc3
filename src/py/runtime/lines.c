// SPDX-License-Identifier: GPL-3.0-or-later
// Line tables: see lines.h. Objects/lnotab_notes.txt and Objects/locations.md of CPython describe
// the forms.
#include "py/runtime/lines.h"

#include "py/read.h"

#define TABLE_MAX (64 << 20)

int32_t lines_lnotab(const uint8_t *table, size_t size, int32_t first, int64_t offset,
                     bool is_signed)
{
    int64_t at = 0;
    uint32_t line = (uint32_t)first; // unsigned: garbage may wrap around
    for (size_t i = 0; i + 1 < size; i += 2) {
        at += table[i];
        if (at > offset)
            break;
        line += is_signed ? (uint32_t)(int8_t)table[i + 1] : table[i + 1];
    }
    return (int32_t)line;
}

int32_t lines_310(const uint8_t *table, size_t size, int32_t first, int64_t offset)
{
    int64_t end = 0;
    uint32_t line = (uint32_t)first; // unsigned: garbage may wrap around
    for (size_t i = 0; i + 1 < size; i += 2) {
        int8_t delta = (int8_t)table[i + 1];
        end += table[i];
        if (delta != INT8_MIN)
            line += (uint32_t)delta;
        if (end > offset)
            return delta == INT8_MIN ? 0 : (int32_t)line;
    }
    return 0;
}

// Six bits per byte, the lowest first; bit 6 says that another byte follows.
static uint32_t varint(const uint8_t *table, size_t size, size_t *at)
{
    uint32_t value = 0;
    for (unsigned shift = 0; *at < size && shift < 32; shift += 6) {
        uint8_t byte = table[(*at)++];
        value |= (uint32_t)(byte & 63) << shift;
        if (!(byte & 64))
            break;
    }
    return value;
}

static int32_t signed_varint(const uint8_t *table, size_t size, size_t *at)
{
    uint32_t value = varint(table, size, at);
    return value & 1 ? -(int32_t)(value >> 1) : (int32_t)(value >> 1);
}

int32_t lines_311(const uint8_t *table, size_t size, int32_t first, int64_t offset)
{
    enum { ONE_LINE = 10, NO_COLUMNS = 13, LONG = 14, NOTHING = 15 };
    int64_t end = 0;
    uint32_t line = (uint32_t)first; // unsigned: garbage may wrap around
    for (size_t i = 0; i < size;) {
        uint8_t head = table[i++];
        unsigned form = head >> 3 & 15;
        end += ((head & 7) + 1) * 2;
        if (form == LONG || form == NO_COLUMNS)
            line += (uint32_t)signed_varint(table, size, &i);
        else if (form >= ONE_LINE && form < NO_COLUMNS)
            line += form - ONE_LINE;
        if (end > offset)
            return form == NOTHING ? 0 : (int32_t)line;
        while (i < size
               && !(table[i] & 128)) // skip columns and ends: only an entry's head has the top bit
            i++;
    }
    return 0;
}

int32_t code_line(const struct python *py, addr code, int64_t offset)
{
    const struct layout *l = &py->layout;
    int32_t first = READ(py, code, PyCodeObject_co_firstlineno);
    int32_t member = l->PyCodeObject_co_linetable >= 0 ? l->PyCodeObject_co_linetable
                                                       : l->PyCodeObject_co_lnotab;
    if (offset < 0 || member < 0)
        return first;
    addr bytes = target_u64(py->target, code + (uint64_t)member, NULL);
    int32_t start =
        l->PyBytesObject_ob_sval >= 0 ? l->PyBytesObject_ob_sval : l->PyStringObject_ob_sval;
    uint64_t size = READ(py, bytes, PyVarObject_ob_size);
    const uint8_t *table = start >= 0 && size < TABLE_MAX
                               ? target_view(py->target, bytes + (uint64_t)start, size)
                               : NULL;
    if (!table)
        return 0;
    switch (py->rules.lines) {
    case LINES_LOCATIONS:
        return lines_311(table, size, first, offset);
    case LINES_RANGES:
        return lines_310(table, size, first, offset);
    default:
        return lines_lnotab(table, size, first, offset, !py->rules.two);
    }
}
