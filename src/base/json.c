// SPDX-License-Identifier: GPL-3.0-or-later
// JSON, written straight into a text: see json.h.
#include "base/json.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "base/width.h"

// A comma, unless the value is the first one here or belongs to the key before it.
static void separate(struct text *text)
{
    char before = text->size ? text->data[text->size - 1] : '\n';
    if (before != '[' && before != '{' && before != ':' && before != '\n')
        text_add_char(text, ',');
}

void json_add_open(struct text *text, char bracket)
{
    separate(text);
    text_add_char(text, bracket);
}

void json_add_close(struct text *text, char bracket)
{
    text_add_char(text, bracket);
}

void json_add_key(struct text *text, const char *key)
{
    json_add_string(text, key);
    text_add_char(text, ':');
}

void json_add_string(struct text *text, const char *string)
{
    if (string)
        json_add_bytes(text, string, strlen(string));
    else
        json_add_null(text);
}

// \uNNNN; above U+FFFF two of them, a surrogate pair.
static void add_numeric(struct text *text, uint32_t code)
{
    if (code > 0xffff) {
        code -= 0x10000;
        text_add_format(text, "\\u%04x\\u%04x", (unsigned)(0xd800 + (code >> 10)),
                        (unsigned)(0xdc00 + (code & 0x3ff)));
    } else
        text_add_format(text, "\\u%04x", (unsigned)code);
}

static void add_code(struct text *text, uint32_t code)
{
    switch (code) {
    case '"':
        text_add(text, "\\\"", 2);
        return;
    case '\\':
        text_add(text, "\\\\", 2);
        return;
    case '\n':
        text_add(text, "\\n", 2);
        return;
    case '\t':
        text_add(text, "\\t", 2);
        return;
    case '\r':
        text_add(text, "\\r", 2);
        return;
    }
    if (width_is_printable(code))
        text_add_code(text, code);
    else
        add_numeric(text, code);
}

static bool json_is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

void json_add_bytes(struct text *text, const char *bytes, size_t size)
{
    separate(text);
    text_add_char(text, '"');
    for (size_t i = 0; i < size;) {
        size_t plain = i;
        while (plain < size && json_is_plain(bytes[plain]))
            plain++;
        text_add(text, bytes + i, plain - i);
        i = plain;
        if (i == size)
            break;
        uint32_t code = UTF8_REPLACEMENT;
        size_t length = utf8_decode(bytes + i, size - i, &code);
        add_code(text, code);
        i += length ? length : 1;
    }
    text_add_char(text, '"');
}

void json_add_number(struct text *text, uint64_t value)
{
    separate(text);
    text_add_number(text, value);
}

void json_add_signed(struct text *text, int64_t value)
{
    separate(text);
    text_add_signed(text, value);
}

void json_add_real(struct text *text, double value)
{
    if (!isfinite(value)) {
        json_add_null(text);
        return;
    }
    separate(text);
    size_t from = text->size;
    text_add_format(text, "%.15g", value);
    for (size_t i = from; i < text->size; i++)
        if (text->data[i] == ',') // the locale's decimal point
            text->data[i] = '.';
}

void json_add_address(struct text *text, uint64_t value)
{
    separate(text);
    char quoted[20], *end = quoted + sizeof quoted, *start = end;
    *--start = '"';
    do
        *--start = "0123456789abcdef"[value % 16];
    while (value /= 16);
    *--start = 'x';
    *--start = '0';
    *--start = '"';
    text_add(text, start, (size_t)(end - start));
}

void json_add_bool(struct text *text, bool value)
{
    separate(text);
    text_add_string(text, value ? "true" : "false");
}

void json_add_null(struct text *text)
{
    separate(text);
    text_add_string(text, "null");
}
