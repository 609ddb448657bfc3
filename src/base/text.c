// SPDX-License-Identifier: GPL-3.0-or-later
// A UTF-8 text that grows: see text.h.
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "base/width.h"

static void text_init(struct text *text)
{
    *text = (struct text)TEXT_INIT;
}

void text_fini(struct text *text)
{
    free(text->data);
    text_init(text);
}

void text_clear(struct text *text)
{
    text_truncate(text, 0);
    text->failed = false;
}

void text_truncate(struct text *text, size_t size)
{
    if (size > text->size || !text->data)
        return;
    text->size = size;
    text->data[size] = '\0';
}

bool text_ok(const struct text *text, struct err *err)
{
    return !text->failed || err_memory(err, "a text");
}

const char *text_string(const struct text *text)
{
    return text->data ? text->data : "";
}

char *text_detach(struct text *text)
{
    char *data = text->data && !text->failed ? text->data : NULL;
    if (!text->data && !text->failed)
        data = strdup("");
    if (!data)
        free(text->data);
    text_init(text);
    return data;
}

char *text_reserve(struct text *text, size_t more)
{
    if (more < text->capacity - text->size && !text->failed)
        return text->data + text->size;
    // A text with a hole in it would be worse than a short one: after a failure nothing is added.
    if (text->failed || more > SIZE_MAX - text->size - 1
        || !vec_grow(&text->data, &text->capacity, text->size + more + 1, 1, NULL)) {
        text->failed = true;
        return NULL;
    }
    return text->data + text->size;
}

void text_add(struct text *text, const char *bytes, size_t size)
{
    char *at = text_reserve(text, size);
    if (!at)
        return;
    if (size)
        memcpy(at, bytes, size);
    at[size] = '\0';
    text->size += size;
}

void text_add_string(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_add_char(struct text *text, char c)
{
    char *at = text_reserve(text, 1);
    if (!at)
        return;
    at[0] = c;
    at[1] = '\0';
    text->size++;
}

void text_add_repeat(struct text *text, char c, size_t times)
{
    char *at = text_reserve(text, times);
    if (!at)
        return;
    memset(at, c, times);
    at[times] = '\0';
    text->size += times;
}

void text_add_format(struct text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *at = size >= 0 ? text_reserve(text, (size_t)size) : NULL;
    if (at) {
        vsnprintf(at, (size_t)size + 1, format, again);
        text->size += (size_t)size;
    }
    va_end(again);
}

void text_add_code(struct text *text, uint32_t code)
{
    char bytes[4];
    text_add(text, bytes, utf8_write(code, bytes));
}

// ------------------------------------------------------------------ numbers

// Writes the digits so that they end before `end`, and returns where they begin.
static char *digits_before(char *end, uint64_t value)
{
    do
        *--end = (char)('0' + value % 10);
    while (value /= 10);
    return end;
}

void text_add_number(struct text *text, uint64_t value)
{
    char digits[20], *end = digits + sizeof digits;
    char *start = digits_before(end, value);
    text_add(text, start, (size_t)(end - start));
}

void text_add_signed(struct text *text, int64_t value)
{
    if (value < 0)
        text_add_char(text, '-');
    text_add_number(text, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void text_add_address(struct text *text, uint64_t value)
{
    char digits[18], *end = digits + sizeof digits, *start = end;
    do
        *--start = "0123456789abcdef"[value % 16];
    while (value /= 16);
    *--start = 'x';
    *--start = '0';
    text_add(text, start, (size_t)(end - start));
}

const char *text_plural(uint64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

const char *text_article(const char *word)
{
    static const char *const spoken_as_y[] = {
        "uni", "use", "usa", "utf", "util", "uu", "uv", "eu"
    };
    word += strspn(word, "_");
    unsigned char first = (unsigned char)*word, second = first ? (unsigned char)word[1] : 0;
    bool upper = first >= 'A' && first <= 'Z';
    if (upper && ((second >= 'A' && second <= 'Z') || (second >= '0' && second <= '9')))
        return strchr("AEFHILMNORSX", first) ? "an" : "a"; // pronounced letter by letter
    for (size_t i = 0; i < sizeof spoken_as_y / sizeof *spoken_as_y; i++)
        if (!strncasecmp(word, spoken_as_y[i], strlen(spoken_as_y[i])))
            return "a";
    if (!strncasecmp(word, "one", 3))
        return "a";
    return first && strchr("aeiouAEIOU", first) ? "an" : "a";
}

void text_add_count(struct text *text, uint64_t value)
{
    char digits[20], *end = digits + sizeof digits;
    for (char *at = digits_before(end, value); at < end; at++) {
        text_add_char(text, *at);
        if ((end - at) % 3 == 1 && at + 1 < end)
            text_add_char(text, ',');
    }
}

void text_add_size(struct text *text, uint64_t bytes)
{
    if (bytes < 1024) {
        text_add_format(text, "%u B", (unsigned)bytes);
        return;
    }
    static const char letters[] = "KMGTPE";
    double amount = (double)bytes / 1024;
    size_t unit = 0;
    // 1023.95 would be printed as 1024.0: the next unit begins there.
    while (amount >= 1023.95 && letters[unit + 1]) {
        amount /= 1024;
        unit++;
    }
    // A locale may write the decimal point as a comma; tenths are whole numbers.
    unsigned tenths = (unsigned)(amount * 10 + 0.5);
    text_add_format(text, "%u.%u %ciB", tenths / 10, tenths % 10, letters[unit]);
}

// ------------------------------------------------------------------ words of the target

static bool text_is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '\\';
}

void text_add_escaped_code(struct text *text, uint32_t code)
{
    if (code == '\\')
        text_add_string(text, "\\\\");
    else if (code == '\n')
        text_add_string(text, "\\n");
    else if (code == '\t')
        text_add_string(text, "\\t");
    else if (code == '\r')
        text_add_string(text, "\\r");
    else if (width_is_printable(code))
        text_add_code(text, code);
    else
        text_add_format(text,
                        code <= 0xff     ? "\\x%02x"
                        : code <= 0xffff ? "\\u%04x"
                                         : "\\U%08x",
                        (unsigned)code);
}

void text_add_escaped(struct text *text, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t plain = i;
        while (plain < size && text_is_plain(bytes[plain]))
            plain++;
        text_add(text, bytes + i, plain - i);
        i = plain;
        if (i == size)
            break;
        uint32_t code;
        size_t length = utf8_decode(bytes + i, size - i, &code);
        if (length)
            text_add_escaped_code(text, code);
        else
            text_add_format(text, "\\x%02x", (unsigned char)bytes[i]);
        i += length ? length : 1;
    }
}

// ------------------------------------------------------------------ fitting

void text_shorten(struct text *text, size_t from, size_t columns)
{
    if (from >= text->size || text->size - from <= columns // no byte takes more than one column
        || width_of(text->data + from, text->size - from) <= columns)
        return;
    size_t dots = columns < 3 ? columns : 3;
    text_truncate(text, from + width_fit(text->data + from, text->size - from, columns - dots));
    text_add_repeat(text, '.', dots);
}

// How many blanks are missing up to `columns`.
static size_t blanks(const struct text *text, size_t from, size_t columns)
{
    size_t width = from < text->size ? width_of(text->data + from, text->size - from) : 0;
    return width < columns ? columns - width : 0;
}

void text_pad(struct text *text, size_t from, size_t columns)
{
    text_add_repeat(text, ' ', blanks(text, from, columns));
}

void text_pad_left(struct text *text, size_t from, size_t columns)
{
    size_t before = blanks(text, from, columns), size = text->size;
    if (from > size || !before || !text_reserve(text, before))
        return;
    memmove(text->data + from + before, text->data + from, size - from + 1);
    memset(text->data + from, ' ', before);
    text->size += before;
    text->data[text->size] = '\0';
}
