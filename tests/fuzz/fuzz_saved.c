// SPDX-License-Identifier: GPL-3.0-or-later
// Saved heaps. OURO_FUZZ_HEAP is a sound one, OURO_FUZZ_REDACTED one without values. An input is a
// row of changes to the sections of one of them, unpacked; afterwards they are packed again, and the
// sums fit: what is reached are the parsers.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "base/store.h"
#include "base/store_hash.h"
#include "base/store_head.h"
#include "harness.h"

#define SECTIONS 64

struct section {
    struct store_row row;
    const uint8_t *packed;
    uint8_t *raw; // unpacked, when it was changed
    size_t size, room;
};

struct sound {
    uint8_t *bytes;
    size_t size, count;
    struct section sections[SECTIONS];
};

static void read_sections(struct sound *sound, const char *variable)
{
    struct store_head head;
    sound->bytes = fuzz_template(variable, &sound->size);
    memcpy(&head, sound->bytes, sizeof head);
    sound->count = head.count < SECTIONS ? head.count : SECTIONS;
    for (size_t i = 0; i < sound->count; i++) {
        struct section *s = &sound->sections[i];
        memcpy(&s->row, sound->bytes + head.table + i * sizeof s->row, sizeof s->row);
        s->packed = sound->bytes + s->row.offset;
    }
}

// The heap that an input changes.
static const struct sound *choose(const uint8_t *data, size_t size)
{
    static struct sound both[2];
    static const char *const variables[] = { "OURO_FUZZ_HEAP", "OURO_FUZZ_REDACTED" };
    size_t which = size && getenv(variables[1]) ? data[size - 1] & 1 : 0;
    if (!both[which].bytes)
        read_sections(&both[which], variables[which]);
    return &both[which];
}

static bool unpack_section(struct section *s)
{
    if (s->raw)
        return true;
    size_t left = (size_t)s->row.packed, at = 0;
    s->room = (size_t)s->row.raw + 4096;
    s->raw = calloc(1, s->room);
    if (s->raw && s->row.filter == STORE_AS_IS) {
        memcpy(s->raw, s->packed, left);
        s->size = left;
        return true;
    }
    for (const uint8_t *from = s->packed; s->raw && left;) {
        size_t packed = ZSTD_findFrameCompressedSize(from, left);
        size_t got = ZSTD_decompress(s->raw + at, s->room - at, from, packed);
        if (ZSTD_isError(packed) || ZSTD_isError(got))
            abort();
        at += got, from += packed, left -= packed;
    }
    s->size = at;
    return s->raw;
}

// A number of a record (base/record.h) becomes another one.
static void change_record(struct section *s, size_t at, uint64_t value)
{
    uint8_t number[10];
    size_t length = 0, end = at;
    do {
        number[length++] = (uint8_t)((value & 127) | (value > 127 ? 128 : 0));
        value >>= 7;
    } while (value && length < sizeof number);
    while (end < s->size && s->raw[end] & 128)
        end++;
    end += end < s->size;
    if (s->size - (end - at) + length > s->room)
        return;
    memmove(s->raw + at + length, s->raw + end, s->size - end);
    memcpy(s->raw + at, number, length);
    s->size = s->size - (end - at) + length;
}

static void change_section(const struct fuzz_change *c, struct section *sections, size_t count)
{
    struct section *s = &sections[c->where % count];
    uint64_t value = fuzz_value(c);
    size_t width = (size_t)1 << (c->width & 3);
    if (!strcmp(s->row.name, "memory") || !unpack_section(s) || !s->size)
        return;
    size_t at = c->offset % s->size;
    if (c->what % 8 == 0)
        s->size = at;
    else if (c->what % 8 < 4)
        change_record(s, c->what % 8 == 1 ? at % 256 % s->size : at, value);
    else if (s->size - (at & ~(width - 1)) >= width)
        memcpy(s->raw + (at & ~(width - 1)), &value, width);
}

static void add(uint8_t **to, size_t *size, size_t *room, const void *bytes, size_t count)
{
    if (*size + count > *room) {
        *room = (*size + count) * 2;
        *to = realloc(*to, *room);
    }
    if (!*to)
        abort();
    memcpy(*to + *size, bytes, count);
    *size += count;
}

static void add_packed(struct section *s, uint8_t **to, size_t *size, size_t *room)
{
    size_t frame = (size_t)1 << 20, most = ZSTD_compressBound(frame), before = *size;
    uint8_t *packed = malloc(most);
    bool as_is = s->row.filter == STORE_AS_IS;
    if (as_is)
        add(to, size, room, s->raw, s->size);
    for (size_t at = 0; packed && !as_is && at < s->size; at += frame) {
        size_t part = s->size - at < frame ? s->size - at : frame;
        size_t got = ZSTD_compress(packed, most, s->raw + at, part, 1);
        add(to, size, room, packed, got);
    }
    free(packed);
    s->row.raw = s->size;
    s->row.packed = *size - before;
}

// The file again, with sums and places that fit.
static uint8_t *pack_all(const struct sound *sound, struct section *sections, size_t *size)
{
    struct store_head head;
    size_t room = sound->size * 2;
    uint8_t *to = malloc(room);
    memcpy(&head, sound->bytes, sizeof head);
    *size = 0;
    if (!to)
        abort();
    add(&to, size, &room, &head, sizeof head);
    for (size_t i = 0; i < sound->count; i++) {
        struct section *s = &sections[i];
        static const uint8_t zeros[STORE_ALIGN];
        if (s->row.filter == STORE_AS_IS)
            add(&to, &size[0], &room, zeros, (size_t)(-*size & (STORE_ALIGN - 1)));
        s->row.offset = *size;
        if (s->raw)
            add_packed(s, &to, size, &room);
        else
            add(&to, size, &room, s->packed, (size_t)s->row.packed);
        s->row.sum = store_hash(to + s->row.offset, (size_t)s->row.packed);
    }
    head.table = *size;
    head.count = (uint32_t)sound->count;
    for (size_t i = 0; i < sound->count; i++)
        add(&to, size, &room, &sections[i].row, sizeof sections[i].row);
    head.table_sum = store_hash(to + head.table, *size - head.table);
    head.size = *size;
    head.sum = store_hash((const uint8_t *)&head, offsetof(struct store_head, sum));
    memcpy(to, &head, sizeof head);
    return to;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_reach(0, "inputs");
    const struct sound *sound = choose(data, size);
    struct section sections[SECTIONS];
    memcpy(sections, sound->sections, sizeof sections);
    struct fuzz_change change;
    for (size_t i = 0; i < 64 && fuzz_change(data, size, i, &change); i++)
        change_section(&change, sections, sound->count);
    size_t used;
    uint8_t *bytes = pack_all(sound, sections, &used);
    bool changed = false;
    for (size_t i = 0; i < sound->count; i++) {
        changed |= sections[i].raw != NULL;
        free(sections[i].raw);
    }
    char path[32];
    int fd = fuzz_file(bytes, used, path);
    free(bytes);
    int far = fuzz_ask(path, NULL, data, size);
    static const char *const stages[] = { "refused", "opened", "restored", "answered" };
    for (int i = 1; i <= far; i++)
        fuzz_reach((unsigned)i, stages[i]);
    fuzz_plant(far == 3 && changed);
    close(fd);
    return 0;
}
