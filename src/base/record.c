// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and texts as bytes: see record.h.
#include "base/record.h"

#include <string.h>

void record_put(struct text *to, uint64_t number)
{
    for (; number >= 128; number >>= 7)
        text_add_char(to, (char)(number | 128));
    text_add_char(to, (char)number);
}

// The sign goes to the lowest bit, so that small numbers of both signs stay short.
void record_put_signed(struct text *to, int64_t number)
{
    record_put(to, (uint64_t)number << 1 ^ (uint64_t)(number >> 63));
}

void record_put_text(struct text *to, const char *text)
{
    if (!text) {
        record_put(to, 0);
        return;
    }
    size_t size = strlen(text);
    record_put(to, (uint64_t)size + 1);
    text_add(to, text, size);
}

uint64_t record_number(struct record *from)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && !from->bad; shift += 7) {
        if (from->at == from->end)
            break;
        uint8_t byte = *from->at++;
        number |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128))
            return number;
    }
    from->bad = true;
    return 0;
}

uint64_t record_below(struct record *from, uint64_t limit)
{
    uint64_t number = record_number(from);
    if (number < limit)
        return number;
    from->bad = true;
    return 0;
}

int64_t record_signed(struct record *from)
{
    uint64_t number = record_number(from);
    return (int64_t)(number >> 1 ^ -(number & 1));
}

size_t record_count(struct record *from, size_t least)
{
    size_t left = (size_t)(from->end - from->at);
    return (size_t)record_below(from, left / least + 1);
}

const char *record_text(struct record *from, struct arena *arena)
{
    uint64_t size = record_number(from);
    if (!size || from->bad)
        return NULL;
    const char *kept = NULL;
    if (--size <= (uint64_t)(from->end - from->at) && (!size || !memchr(from->at, 0, size)))
        kept = arena_copy(arena, from->at, (size_t)size);
    if (kept)
        from->at += size;
    else
        from->bad = true;
    return kept;
}

// Escaping lengthens everything that it changes, a backslash by one.
static bool is_escaped(const char *text)
{
    struct text again = TEXT_INIT;
    size_t size = strlen(text), backslashes = 0;
    for (size_t i = 0; i < size; i++)
        backslashes += text[i] == '\\';
    text_add_escaped(&again, text, size);
    bool is = !again.failed && again.size == size + backslashes;
    text_fini(&again);
    return is;
}

const char *record_escaped(struct record *from, struct arena *arena)
{
    const char *text = record_text(from, arena);
    if (!text || is_escaped(text))
        return text;
    from->bad = true;
    return NULL;
}
