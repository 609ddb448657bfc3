// SPDX-License-Identifier: GPL-3.0-or-later
// UTF-8, one code point at a time: see utf8.h.
#include "base/utf8.h"

#include <stdbool.h>

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t utf8_decode(const char *bytes, size_t size, uint32_t *code)
{
    if (!size)
        return 0;
    unsigned char lead = (unsigned char)bytes[0];
    if (lead < 0x80) {
        *code = lead;
        return 1;
    }
    // 0x80..0xc1 are continuation bytes and overlong leads, 0xf5..0xff would lead past U+10FFFF.
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size < length)
        return 0;
    uint32_t value = lead & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (!is_tail(bytes[i]))
            return 0;
        value = value << 6 | ((unsigned char)bytes[i] & 0x3f);
    }
    bool is_overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
    if (is_overlong || is_surrogate || value > 0x10ffff)
        return 0;
    *code = value;
    return length;
}

static char tail(uint32_t code, unsigned shift)
{
    return (char)(0x80 | (code >> shift & 0x3f));
}

size_t utf8_write(uint32_t code, char bytes[4])
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        code = UTF8_REPLACEMENT;
    if (code < 0x80) {
        bytes[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        bytes[0] = (char)(0xc0 | code >> 6);
        bytes[1] = tail(code, 0);
        return 2;
    }
    if (code < 0x10000) {
        bytes[0] = (char)(0xe0 | code >> 12);
        bytes[1] = tail(code, 6);
        bytes[2] = tail(code, 0);
        return 3;
    }
    bytes[0] = (char)(0xf0 | code >> 18);
    bytes[1] = tail(code, 12);
    bytes[2] = tail(code, 6);
    bytes[3] = tail(code, 0);
    return 4;
}
