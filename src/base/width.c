// SPDX-License-Identifier: GPL-3.0-or-later
// How many columns a text takes: see width.h.
#include "base/width.h"

#include "base/utf8.h"

enum width_kind { PLAIN, MARK, WIDE, HIDDEN };

static const struct width_range {
    uint32_t first, last;
    enum width_kind kind;
} ranges[] = {
#define RANGE(first_, last_, kind_) { .first = first_, .last = last_, .kind = kind_ },
#include "base/width.def"
#undef RANGE
};

static enum width_kind kind_of(uint32_t code)
{
    if (code >= 0x20 && code < 0x7f)
        return PLAIN;
    size_t low = 0, high = sizeof ranges / sizeof *ranges;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code < ranges[middle].first)
            high = middle;
        else if (code > ranges[middle].last)
            low = middle + 1;
        else
            return ranges[middle].kind;
    }
    return code > 0x10ffff ? HIDDEN : PLAIN;
}

unsigned width_code(uint32_t code)
{
    switch (kind_of(code)) {
    case PLAIN:
        return 1;
    case WIDE:
        return 2;
    case MARK:
    case HIDDEN:
        break;
    }
    return 0;
}

bool width_is_printable(uint32_t code)
{
    return kind_of(code) != HIDDEN;
}

size_t width_of(const char *bytes, size_t size)
{
    size_t columns = 0;
    for (size_t i = 0; i < size;) {
        if ((unsigned char)bytes[i] - 0x20u < 0x5f) {
            columns++;
            i++;
            continue;
        }
        uint32_t code;
        size_t length = utf8_decode(bytes + i, size - i, &code);
        columns += length ? width_code(code) : 1;
        i += length ? length : 1;
    }
    return columns;
}

size_t width_fit(const char *bytes, size_t size, size_t columns)
{
    size_t i = 0;
    while (i < size) {
        uint32_t code;
        size_t length = utf8_decode(bytes + i, size - i, &code);
        size_t width = length ? width_code(code) : 1;
        if (width > columns)
            break;
        columns -= width;
        i += length ? length : 1;
    }
    return i;
}
