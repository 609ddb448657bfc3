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
#include "base/vec.h"

#define LEVEL 1 // zstd's fastest: a heap is written in seconds, not minutes

bool store_create(struct store_out *out, const char *path, struct err *err)
{
    *out = (struct store_out){ .fd = -1, .path = strdup(path) };
    out->raw = malloc(STORE_FRAME);
    out->packed = malloc(ZSTD_compressBound(STORE_FRAME));
    out->packer = ZSTD_createCCtx();
    if (!out->path || !out->raw || !out->packed || !out->packer) {
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

static void store_out_put_frame(struct store_out *out, const void *bytes, size_t size)
{
    if (failed(out))
        return;
    size_t packed = ZSTD_compressCCtx(out->packer, out->packed, ZSTD_compressBound(STORE_FRAME),
                                      bytes, size, LEVEL);
    if (ZSTD_isError(packed)) {
        err_set(&out->err, ERR_IO, "%s: cannot be compressed: %s", out->path,
                ZSTD_getErrorName(packed));
        return;
    }
    store_out_write_at(out, out->packed, packed, out->at);
    hash(out, out->packed, packed);
    out->at += packed;
    store_out_row_of(out)->packed += packed;
    store_out_row_of(out)->raw += size;
}

// Each word as what it is more than the one before; every frame begins anew.
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

static void store_out_flush(struct store_out *out)
{
    if (!out->fill)
        return;
    if (store_out_row_of(out)->filter == STORE_DELTA)
        difference(out->raw, out->fill);
    store_out_put_frame(out, out->raw, out->fill);
    out->fill = 0;
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
    *row = (struct store_row){ .offset = out->at, .filter = filter };
    strncpy(row->name, name, STORE_NAME - 1);
    store_hash_begin(out->hash);
    out->hashed = 0;
}

void store_put(struct store_out *out, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    while (size && !failed(out)) {
        size_t part = STORE_FRAME - out->fill < size ? STORE_FRAME - out->fill : size;
        memcpy(out->raw + out->fill, from, part);
        out->fill += part;
        from += part;
        size -= part;
        if (out->fill == STORE_FRAME)
            store_out_flush(out);
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

void store_put_frame(struct store_out *out, const void *bytes, size_t size, uint64_t *offset,
                     uint64_t *packed)
{
    *offset = *packed = 0;
    if (failed(out))
        return;
    *offset = store_out_row_of(out)->packed;
    store_out_put_frame(out, bytes, size);
    *packed = store_out_row_of(out)->packed - *offset;
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
    ZSTD_freeCCtx(out->packer);
    free(out->path);
    free(out->rows);
    free(out->raw);
    free(out->packed);
    *out = (struct store_out){ .fd = -1 };
}
