// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a store: see store.h.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "base/store.h"
#include "base/store_hash.h"
#include "base/store_head.h"
#include "base/unused.h"
#include "base/vec.h"

#define LEVEL 1 // zstd's fastest: a heap is written in seconds, not minutes

// Each frame has a sum of its own: some are read alone.
static void *store_out_packer(void)
{
    ZSTD_CCtx *packer = ZSTD_createCCtx();
    if (packer && !ZSTD_isError(ZSTD_CCtx_setParameter(packer, ZSTD_c_compressionLevel, LEVEL))
        && !ZSTD_isError(ZSTD_CCtx_setParameter(packer, ZSTD_c_checksumFlag, 1)))
        return packer;
    ZSTD_freeCCtx(packer);
    return NULL;
}

static bool store_out_make(struct store_out *out)
{
    bool good = true;
    out->piece_room = out->threads > 1 ? (size_t)2 * out->threads : 1;
    out->pieces = calloc(out->piece_room, sizeof *out->pieces);
    for (size_t i = 0; out->pieces && i < out->piece_room; i++) {
        struct store_piece *piece = &out->pieces[i];
        piece->raw = malloc(STORE_FRAME);
        piece->packed = malloc(ZSTD_compressBound(STORE_FRAME));
        good &= piece->raw && piece->packed;
    }
    for (unsigned i = 0; i < out->threads; i++)
        good &= (out->packers[i] = store_out_packer()) != NULL;
    return good && out->pieces && out->path;
}

bool store_create(struct store_out *out, const char *path, unsigned threads, struct err *err)
{
    *out = (struct store_out){ .fd = -1, .path = strdup(path) };
    out->threads = threads < 1 ? 1 : threads > POOL_MOST ? POOL_MOST : threads;
    if (!store_out_make(out)) {
        store_abandon(out);
        return err_memory(err, path);
    }
    out->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (out->fd < 0) {
        int number = errno;
        store_abandon(out);
        return err_errno(err, number, path);
    }
    out->at = sizeof(struct store_head);
    return true;
}

static bool failed(const struct store_out *out)
{
    return out->err.kind != ERR_NONE;
}

static void store_out_write_at(struct store_out *out, const void *bytes, size_t size, uint64_t at)
{
    const uint8_t *from = bytes;
    while (size && !failed(out)) {
        ssize_t put = pwrite(out->fd, from, size, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            err_errno(&out->err, put < 0 ? errno : ENOSPC, out->path);
            return;
        }
        from += put;
        at += (uint64_t)put;
        size -= (size_t)put;
    }
}

static void hash(struct store_out *out, const uint8_t *bytes, size_t size)
{
    if (!size)
        return;
    if (out->hashed) {
        size_t part = STORE_STRIDE - out->hashed < size ? STORE_STRIDE - out->hashed : size;
        memcpy(out->tail + out->hashed, bytes, part);
        out->hashed += part;
        bytes += part;
        size -= part;
        if (out->hashed < STORE_STRIDE)
            return;
        store_hash_add(out->hash, out->tail, STORE_STRIDE);
    }
    size_t whole = size - size % STORE_STRIDE;
    store_hash_add(out->hash, bytes, whole);
    out->hashed = size - whole;
    memcpy(out->tail, bytes + whole, out->hashed);
}

static struct store_row *store_out_row_of(struct store_out *out)
{
    return &out->rows[out->count - 1];
}

// Each word becomes its difference from the one before; every frame begins anew.
static void difference(uint8_t *bytes, size_t size)
{
    uint32_t before = 0;
    for (size_t i = 0; i + 4 <= size; i += 4) {
        uint32_t word;
        memcpy(&word, bytes + i, sizeof word);
        uint32_t more = word - before;
        memcpy(bytes + i, &more, sizeof more);
        before = word;
    }
}

struct store_packing {
    struct store_out *out;
    struct pool_pieces pieces;
};

static void store_out_pack(void *context, unsigned part, UNUSED unsigned parts)
{
    struct store_packing *packing = context;
    struct store_out *out = packing->out;
    for (size_t i; pool_take(&packing->pieces, &i);) {
        struct store_piece *piece = &out->pieces[i];
        if (store_out_row_of(out)->filter == STORE_DELTA)
            difference(piece->raw, piece->size);
        piece->packed_size =
            ZSTD_compress2(out->packers[part], piece->packed, ZSTD_compressBound(STORE_FRAME),
                           piece->raw, piece->size);
    }
}

static void store_out_put_piece(struct store_out *out, const struct store_piece *piece)
{
    if (failed(out))
        return;
    size_t packed = piece->packed_size;
    if (ZSTD_isError(packed)) {
        err_set(&out->err, ERR_IO, "%s: cannot be compressed: %s", out->path,
                ZSTD_getErrorName(packed));
        return;
    }
    if (!vec_grow(&out->frames, &out->frame_room, out->frame_count + 1, sizeof *out->frames,
                  &out->err))
        return;
    out->frames[out->frame_count++] = packed;
    store_out_write_at(out, piece->packed, packed, out->at);
    hash(out, piece->packed, packed);
    out->at += packed;
    store_out_row_of(out)->packed += packed;
    store_out_row_of(out)->raw += piece->size;
}

// Packs and writes what is buffered, which empties the buffer.
static void store_out_flush(struct store_out *out)
{
    struct store_packing packing = { .out = out, .pieces = { .count = out->piece_count } };
    size_t most = out->piece_count < out->threads ? out->piece_count : out->threads;
    if (!out->piece_count)
        return;
    if (!failed(out))
        pool_run((unsigned)most, store_out_pack, &packing);
    for (size_t i = 0; i < out->piece_count; i++)
        store_out_put_piece(out, &out->pieces[i]);
    out->piece_count = 0;
}

// The piece that has room: the last one, or a new one.
static struct store_piece *store_out_piece(struct store_out *out, bool begin)
{
    struct store_piece *last = out->piece_count ? &out->pieces[out->piece_count - 1] : NULL;
    if (last && !begin && last->size < STORE_FRAME)
        return last;
    if (out->piece_count == out->piece_room)
        store_out_flush(out);
    last = &out->pieces[out->piece_count++];
    last->size = 0;
    return last;
}

static void end_section(struct store_out *out)
{
    if (!out->count)
        return;
    store_out_flush(out);
    struct store_row *row = store_out_row_of(out);
    row->sum = store_hash_end(out->hash, out->tail, out->hashed, row->packed);
}

void store_section(struct store_out *out, const char *name, enum store_filter filter)
{
    if (failed(out))
        return;
    end_section(out);
    if (!vec_grow(&out->rows, &out->capacity, out->count + 1, sizeof *out->rows, &out->err))
        return;
    struct store_row *row = &out->rows[out->count++];
    if (filter == STORE_AS_IS) {
        static const uint8_t zeros[STORE_ALIGN];
        size_t gap = (size_t)(-out->at & (STORE_ALIGN - 1));
        store_out_write_at(out, zeros, gap, out->at);
        out->at += gap;
    }
    *row = (struct store_row){ .offset = out->at, .filter = filter };
    strncpy(row->name, name, STORE_NAME - 1);
    store_hash_begin(out->hash);
    out->hashed = out->frame_count = 0;
}

static void store_out_put_as_is(struct store_out *out, const void *bytes, size_t size)
{
    store_out_write_at(out, bytes, size, out->at);
    hash(out, bytes, size);
    out->at += size;
    store_out_row_of(out)->packed += size;
    store_out_row_of(out)->raw += size;
}

void store_put(struct store_out *out, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    if (!failed(out) && store_out_row_of(out)->filter == STORE_AS_IS) {
        store_out_put_as_is(out, bytes, size);
        return;
    }
    while (size && !failed(out)) {
        struct store_piece *piece = store_out_piece(out, false);
        size_t part = STORE_FRAME - piece->size < size ? STORE_FRAME - piece->size : size;
        memcpy(piece->raw + piece->size, from, part);
        piece->size += part;
        from += part;
        size -= part;
    }
}

void store_put_section(struct store_out *out, const char *name, enum store_filter filter,
                       const void *bytes, size_t size)
{
    store_section(out, name, filter);
    store_put(out, bytes, size);
}

void store_put_text(struct store_out *out, const char *name, const struct text *text)
{
    if (text->failed && !failed(out))
        err_memory(&out->err, out->path);
    store_put_section(out, name, STORE_PLAIN, text_string(text), text->size);
}

void store_put_frame(struct store_out *out, const void *bytes, size_t size)
{
    if (failed(out))
        return;
    struct store_piece *piece = store_out_piece(out, true);
    memcpy(piece->raw, bytes, size);
    piece->size = size;
}

const uint64_t *store_frames(struct store_out *out, size_t *count)
{
    store_out_flush(out);
    *count = out->frame_count;
    return out->frames;
}

static void write_table(struct store_out *out, uint32_t flags)
{
    size_t size = out->count * sizeof *out->rows;
    struct store_head head = {
        .format = STORE_FORMAT,
        .order = STORE_ORDER,
        .size = out->at + size,
        .table = out->at,
        .table_sum = store_hash((const uint8_t *)out->rows, size),
        .count = (uint32_t)out->count,
        .flags = flags,
    };
    memcpy(head.magic, STORE_MAGIC, sizeof head.magic);
    head.sum = store_hash((const uint8_t *)&head, offsetof(struct store_head, sum));
    store_out_write_at(out, out->rows, size, out->at);
    store_out_write_at(out, &head, sizeof head, 0);
    out->at += size;
}

bool store_finish(struct store_out *out, uint32_t flags, uint64_t *bytes, struct err *err)
{
    if (!failed(out)) {
        end_section(out);
        write_table(out, flags);
    }
    if (close(out->fd) && !failed(out))
        err_errno(&out->err, errno, out->path);
    out->fd = -1;
    *bytes = out->at;
    bool ok = !failed(out);
    if (!ok) {
        unlink(out->path);
        err_set(err, out->err.kind, "%s", out->err.text);
    }
    store_abandon(out);
    return ok;
}

void store_abandon(struct store_out *out)
{
    if (out->path && out->fd >= 0) {
        close(out->fd);
        unlink(out->path);
    }
    for (unsigned i = 0; i < POOL_MOST; i++)
        ZSTD_freeCCtx(out->packers[i]);
    for (size_t i = 0; out->pieces && i < out->piece_room; i++) {
        free(out->pieces[i].raw);
        free(out->pieces[i].packed);
    }
    free(out->pieces);
    free(out->frames);
    free(out->path);
    free(out->rows);
    *out = (struct store_out){ .fd = -1 };
}
