// SPDX-License-Identifier: GPL-3.0-or-later
// Layout files. OURO_FUZZ_LAYOUT is a sound one; an input is a row of changes to its numbers and
// lines, or where it begins with '#', the text itself.
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "layout/layout.h"

// The number at the end of the line that `offset` is in becomes another one.
static size_t change_number(char *text, size_t size, const struct fuzz_change *c, char *to)
{
    size_t at = c->offset % size;
    while (at < size && text[at] != '\n')
        at++;
    size_t end = at;
    while (at > 0 && text[at - 1] != ' ' && text[at - 1] != '\n')
        at--;
    char number[32];
    int length = 0;
    for (uint64_t value = fuzz_value(c); length < 20 && (value || !length); value /= 10)
        number[length++] = (char)('0' + value % 10);
    memcpy(to, text, at);
    for (int i = 0; i < length; i++)
        to[at + (size_t)i] = number[length - 1 - i];
    memcpy(to + at + (size_t)length, text + end, size - end);
    return size - (end - at) + (size_t)length;
}

static size_t change_text(char *text, size_t size, const struct fuzz_change *c, char *to)
{
    if (c->what % 4)
        return change_number(text, size, c, to);
    memcpy(to, text, size);
    to[c->offset % size] = (char)c->value;
    return c->where % 64 ? size : c->offset % size;
}

static void parse(const char *text, size_t size)
{
    static char *first; // of the sound one
    static size_t first_size;
    struct layout layout;
    struct err err = ERR_INIT;
    if (!layout_parse(&layout, text, size, "fuzz", &err))
        return;
    fuzz_reach(1, "parsed");
    char *again;
    size_t length;
    if (layout_text(&layout, &again, &length, &err)) {
        fuzz_reach(2, "written again");
        fuzz_plant(first && (length != first_size || memcmp(first, again, length)));
        if (first)
            free(again);
        else
            first = again, first_size = length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t *sound;
    static size_t sound_size;
    fuzz_reach(0, "inputs");
    if (!sound)
        sound = fuzz_template("OURO_FUZZ_LAYOUT", &sound_size);
    if (size && *data == '#') {
        parse((const char *)data, size);
        return 0;
    }
    char *one = malloc(sound_size + 2048), *two = malloc(sound_size + 2048);
    if (one && two) {
        size_t used = sound_size;
        memcpy(one, sound, used);
        struct fuzz_change change;
        for (size_t i = 0; used && i < 64 && fuzz_change(data, size, i, &change); i++) {
            used = change_text(one, used, &change, two);
            char *swap = one;
            one = two, two = swap;
        }
        parse(one, used);
    }
    free(one);
    free(two);
    return 0;
}
