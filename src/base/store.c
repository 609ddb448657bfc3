// SPDX-License-Identifier: GPL-3.0-or-later
// Reading a store: see store.h.
#include "base/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/regular.h"
#include "base/store_hash.h"
#include "base/store_head.h"
#include "base/unused.h"
#include "base/vec.h"

#define SECTIONS_MAX 256
#define FRAME_LEAST 9 // bytes of a frame that holds anything, at least
#define FRAMES_A_THREAD 2
// Guards against a crafted file that unpacks without end: no real heap needs more.
#define RAW_MAX ((uint64_t)1 << 30)
#define RAW_FACTOR 256

bool store_is(const char *path)
{
    char magic[8];
    int fd = regular_open(path, NULL, NULL);
    if (fd < 0)
        return false;
    bool is = pread(fd, magic, sizeof magic, 0) == sizeof magic
              && !memcmp(magic, STORE_MAGIC, sizeof magic);
    close(fd);
    return is;
}

bool store_damaged(struct err *err, const char *what)
{
    return err_set(err, ERR_FORMAT, "the saved heap is damaged: %s", what);
}

bool store_strange(struct err *err, const char *what, ...)
{
    char text[200];
    va_list args;
    va_start(args, what);
    vsnprintf(text, sizeof text, what, args);
    va_end(args);
    return err_set(err, ERR_FORMAT,
                   "the saved heap is undamaged, but written by another version of ouro, or by "
                   "hand: %s; open it with the ouro that wrote it, or save it again",
                   text);
}

// --- opening ------------------------------------------------------------------------------------

// Whether somebody else than root and us may write to it.
static bool store_is_shared(const struct regular *which)
{
    return (which->owner && which->owner != geteuid()) || which->mode & (S_IWGRP | S_IWOTH);
}

static bool store_map_file(struct store *store, const char *path, struct err *err)
{
    struct regular which;
    int fd = regular_open(path, &which, err);
    if (fd < 0)
        return false;
    void *map = MAP_FAILED;
    if (which.size)
        map = mmap(NULL, (size_t)which.size, PROT_READ, MAP_PRIVATE, fd, 0);
    store->shared = store_is_shared(&which);
    close(fd);
    if (map == MAP_FAILED)
        return err_set(err, ERR_IO, "%s: cannot be mapped", path);
    store->bytes = map;
    store->size = (size_t)which.size;
    return true;
}

static bool check_head(const struct store *store, struct store_head *head, struct err *err)
{
    if (store->size < sizeof *head)
        return store_damaged(err, "it is cut off within its header");
    memcpy(head, store->bytes, sizeof *head);
    if (memcmp(head->magic, STORE_MAGIC, sizeof head->magic))
        return err_set(err, ERR_FORMAT, "not a saved heap");
    if (head->order != STORE_ORDER)
        return store_damaged(err, "its byte order is not this machine's");
    if (head->sum != store_hash(store->bytes, offsetof(struct store_head, sum)))
        return store_damaged(err, "its header's checksum does not match");
    if (head->format < STORE_OLDEST || head->format > STORE_FORMAT)
        return err_set(
            err, ERR_UNSUPPORTED,
            "written by %s version of ouro: format %u, this one reads format %u; open it "
            "with that version, or save it again from its core or process",
            head->format < STORE_FORMAT ? "an older" : "a newer", head->format, STORE_FORMAT);
    if (head->size != store->size)
        return err_set(err, ERR_FORMAT,
                       "the saved heap is damaged: it has %zu bytes instead of %llu", store->size,
                       (unsigned long long)head->size);
    return true;
}

static bool check_table(struct store *store, const struct store_head *head, struct err *err)
{
    size_t size = (size_t)head->count * sizeof *store->rows;
    if (head->count > SECTIONS_MAX || head->table > store->size
        || store->size - head->table != size)
        return store_damaged(err, "its table does not fit");
    if (head->table_sum != store_hash(store->bytes + head->table, size))
        return store_damaged(err, "its table's checksum does not match");
    store->rows = malloc(size ? size : 1);
    store->compared = calloc(head->count + (size_t)1, sizeof *store->compared);
    store->arrays = calloc(head->count + (size_t)1, sizeof *store->arrays);
    if (!store->rows || !store->compared || !store->arrays)
        return err_memory(err, "a table of sections");
    memcpy(store->rows, store->bytes + head->table, size);
    store->count = head->count;
    store->flags = head->flags;
    store->format = head->format;
    return true;
}

// One after another, without a gap but for the alignment: every byte belongs to a section.
static bool store_is_place(const struct store_row *row, uint64_t reached, uint64_t end)
{
    uint64_t least =
        row->filter == STORE_AS_IS ? (reached + STORE_ALIGN - 1) & ~(STORE_ALIGN - 1) : reached;
    return row->offset == least && least <= end && row->packed <= end - least
           && row->filter <= STORE_AS_IS && !row->name[STORE_NAME - 1];
}

static bool store_is_size(const struct store_row *row)
{
    return row->filter == STORE_AS_IS ? row->raw == row->packed
                                      : row->raw <= (row->packed / FRAME_LEAST) * STORE_FRAME;
}

static bool check_sections(const struct store *store, uint64_t end, struct err *err)
{
    uint64_t reached = sizeof(struct store_head), raw = 0;
    uint64_t most = RAW_MAX + store->size * RAW_FACTOR;
    for (size_t i = 0; i < store->count; i++) {
        const struct store_row *row = &store->rows[i];
        if (!store_is_place(row, reached, end))
            return store_damaged(err, "a section lies where none can be");
        if (!store_is_size(row) || row->raw > most - raw)
            return store_damaged(err, "a section of a size that cannot be");
        raw += row->raw;
        reached = row->offset + row->packed;
    }
    return reached == end || store_damaged(err, "there is more in it than its table says");
}

// The alignment before it is zeros, which have no sum.
static bool store_sum_fits(const struct store *store, const struct store_row *row)
{
    static const uint8_t zeros[STORE_ALIGN];
    uint64_t begins =
        row > store->rows ? row[-1].offset + row[-1].packed : sizeof(struct store_head);
    const void *copy = store->arrays[row - store->rows];
    const uint8_t *bytes = row->filter == STORE_AS_IS && copy ? copy : store->bytes + row->offset;
    return !memcmp(store->bytes + begins, zeros, (size_t)(row->offset - begins))
           && row->sum == store_hash(bytes, (size_t)row->packed);
}

static bool store_compare(struct store *store, const struct store_row *row, struct err *err)
{
    bool *compared = &store->compared[row - store->rows];
    if (!*compared)
        *compared = store_sum_fits(store, row);
    return *compared
           || err_set(err, ERR_FORMAT,
                      "the saved heap is damaged: the checksum of its section %s does not match",
                      row->name);
}

bool store_verify(struct store *store, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < store->count; i++)
        ok = store_compare(store, &store->rows[i], err);
    return ok;
}

bool store_open(struct store *store, const char *path, struct err *err)
{
    *store = (struct store){ 0 };
    struct store_head head;
    bool ok = store_map_file(store, path, err)
              && ((check_head(store, &head, err) && check_table(store, &head, err)
                   && check_sections(store, head.table, err)
                   && (store->format > STORE_OLDEST || store_verify(store, err)))
                  || err_wrap(err, "%s", path));
    if (ok && !(store->unpacker = ZSTD_createDCtx()))
        ok = err_memory(err, path);
    if (!ok)
        store_close(store);
    return ok;
}

void store_close(struct store *store)
{
    if (store->bytes)
        munmap((void *)(uintptr_t)store->bytes, store->size);
    ZSTD_freeDCtx(store->unpacker);
    for (size_t i = 0; store->arrays && i < store->count; i++)
        free(store->arrays[i]);
    for (size_t i = 0; i < store->kept_count; i++)
        free(store->kept[i]);
    free(store->arrays);
    free(store->kept);
    free(store->rows);
    free(store->compared);
    *store = (struct store){ 0 };
}

bool store_keep(struct store *store, void *memory, struct err *err)
{
    if (!vec_grow(&store->kept, &store->kept_room, store->kept_count + 1, sizeof *store->kept, err))
        return false;
    store->kept[store->kept_count++] = memory;
    return true;
}

// --- sections -----------------------------------------------------------------------------------

static const struct store_row *store_find(const struct store *store, const char *name)
{
    for (size_t i = 0; i < store->count; i++)
        if (!strcmp(store->rows[i].name, name))
            return &store->rows[i];
    return NULL;
}

bool store_has(const struct store *store, const char *name)
{
    return store_find(store, name) != NULL;
}

uint64_t store_size(const struct store *store, const char *name)
{
    const struct store_row *row = store_find(store, name);
    return row ? row->raw : 0;
}

static void sum_up(uint8_t *bytes, size_t size)
{
    uint32_t before = 0;
    for (size_t i = 0; i + 4 <= size; i += 4) {
        uint32_t more;
        memcpy(&more, bytes + i, sizeof more);
        before += more;
        memcpy(bytes + i, &before, sizeof before);
    }
}

struct store_unpacked { // a frame of a section, and where it goes
    const uint8_t *from;
    uint8_t *to;
    size_t packed, content;
};

struct store_unpacking {
    struct store *store;
    struct store_unpacked *frames;
    size_t count, room;
    uint32_t filter;
    struct pool_pieces pieces;
    atomic_bool bad;
};

// The frames one after another; together they have exactly `size` bytes.
static bool store_find_frames(struct store_unpacking *all, const struct store_row *row, uint8_t *to,
                              size_t size)
{
    const uint8_t *from = all->store->bytes + row->offset;
    size_t left = (size_t)row->packed;
    while (left) {
        unsigned long long content = ZSTD_getFrameContentSize(from, left);
        size_t packed = ZSTD_findFrameCompressedSize(from, left);
        if (ZSTD_isError(packed) || content > STORE_FRAME || content > size || !packed
            || !vec_grow(&all->frames, &all->room, all->count + 1, sizeof *all->frames, NULL))
            return false;
        all->frames[all->count++] = (struct store_unpacked){ from, to, packed, (size_t)content };
        from += packed;
        left -= packed;
        to += content;
        size -= (size_t)content;
    }
    return !size;
}

static void store_unpack_some(void *context, unsigned part, UNUSED unsigned parts)
{
    struct store_unpacking *all = context;
    ZSTD_DCtx *unpacker = part ? ZSTD_createDCtx() : all->store->unpacker;
    for (size_t i; unpacker && pool_take(&all->pieces, &i);) {
        const struct store_unpacked *frame = &all->frames[i];
        if (ZSTD_decompressDCtx(unpacker, frame->to, frame->content, frame->from, frame->packed)
            != frame->content)
            atomic_store(&all->bad, true);
        else if (all->filter == STORE_DELTA)
            sum_up(frame->to, frame->content);
    }
    if (part)
        ZSTD_freeDCtx(unpacker);
}

static bool unpack(struct store *store, const struct store_row *row, uint8_t *to, size_t size)
{
    struct store_unpacking all = { .store = store, .filter = row->filter };
    if (row->filter == STORE_AS_IS) {
        memcpy(to, store->bytes + row->offset, size);
        return true;
    }
    bool ok = store_find_frames(&all, row, to, size);
    size_t shares = all.count / FRAMES_A_THREAD;
    unsigned threads = shares < store->threads ? (unsigned)shares : store->threads;
    all.pieces.count = all.count;
    if (ok)
        pool_run(threads, store_unpack_some, &all);
    free(all.frames);
    return ok && !all.bad;
}

static bool broken(const char *name, struct err *err)
{
    return err_set(err, ERR_FORMAT, "the saved heap is damaged: its section %s cannot be unpacked",
                   name);
}

bool store_read(struct store *store, const char *name, void *to, size_t size, struct err *err)
{
    const struct store_row *row = store_find(store, name);
    if (!row || row->raw != size)
        return store_strange(err, "its section %s %s", name,
                             row ? "has a wrong size" : "is missing");
    return store_compare(store, row, err) && (unpack(store, row, to, size) || broken(name, err));
}

bool store_load(struct store *store, const char *name, size_t most, void **to, size_t *size,
                struct err *err)
{
    const struct store_row *row = store_find(store, name);
    if (!row || row->raw > most)
        return store_strange(err, "its section %s %s", name, row ? "is too large" : "is missing");
    if (!store_compare(store, row, err))
        return false;
    *size = (size_t)row->raw;
    *to = malloc(*size ? *size : 1);
    if (!*to)
        return err_memory(err, name);
    if (unpack(store, row, *to, *size))
        return true;
    free(*to);
    *to = NULL;
    return broken(name, err);
}

// A copy of its own, where the file's bytes cannot be used as they are.
static bool store_copy_array(struct store *store, const struct store_row *row, struct err *err)
{
    void **array = &store->arrays[row - store->rows];
    if (*array || (row->filter == STORE_AS_IS && !store->shared))
        return true;
    uint8_t *copy = malloc(row->raw ? (size_t)row->raw : 1);
    if (!copy)
        return err_memory(err, row->name);
    if (!unpack(store, row, copy, (size_t)row->raw)) {
        free(copy);
        return broken(row->name, err);
    }
    *array = copy;
    return true;
}

bool store_array(struct store *store, const char *name, uint64_t count, size_t width,
                 const void **array, struct err *err)
{
    const struct store_row *row = store_find(store, name);
    if (!row || row->raw / width != count || row->raw % width)
        return store_strange(err, "its section %s %s", name,
                             row ? "has a size that does not fit" : "is missing");
    bool packed = row->filter != STORE_AS_IS; // the sum is over what is packed; else over the copy
    if ((packed && !store_compare(store, row, err)) || !store_copy_array(store, row, err)
        || !store_compare(store, row, err))
        return false;
    const void *copy = store->arrays[row - store->rows];
    *array = copy ? copy : store->bytes + row->offset;
    return true;
}

struct store_comparing {
    struct store *store;
    const char *const *names;
    struct pool_pieces pieces;
};

static void store_compare_some(void *context, UNUSED unsigned part, UNUSED unsigned parts)
{
    struct store_comparing *all = context;
    for (size_t i; pool_take(&all->pieces, &i);) {
        const struct store_row *row = store_find(all->store, all->names[i]);
        if (row && !all->store->compared[row - all->store->rows])
            all->store->compared[row - all->store->rows] = store_sum_fits(all->store, row);
    }
}

void store_compare_all(struct store *store, const char *const *names, size_t count)
{
    struct store_comparing all = { .store = store, .names = names, .pieces = { .count = count } };
    if (!store->shared) // the copies are compared
        pool_run(store->threads, store_compare_some, &all);
}

bool store_frame(struct store *store, const char *name, uint64_t offset, uint64_t packed, void *to,
                 size_t size)
{
    const struct store_row *row = store_find(store, name);
    if (!row || offset > row->packed || packed > row->packed - offset)
        return false;
    const uint8_t *from = store->bytes + row->offset + offset;
    return ZSTD_getFrameContentSize(from, (size_t)packed) == size
           && ZSTD_decompressDCtx(store->unpacker, to, size, from, (size_t)packed) == size;
}
