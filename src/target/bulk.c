// SPDX-License-Identifier: GPL-3.0-or-later
// Copying many stretches of a process's memory at once: see bulk.h.
#include "target/bulk.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/unused.h"
#include "base/vec.h"
#include "target/proc.h"

#define PAGE ((uint64_t)4096)
#define PIECE_MAX ((uint64_t)8 << 20) // a longer stretch is cut, so that readers can share it
#define BATCH_MAX ((uint64_t)8 << 20) // bytes
#define RUNS ((size_t)512)            // pieces per system call
#define SHARE_LEAST                                                                                \
    ((uint64_t)16 << 20) // for each reader: a thread costs as much as copying 100 KiB

struct bulk_part { // of one reader
    struct segments lost;
    struct err err;
    bool failed;
};

struct bulk_copying {
    const struct bulk *bulk;
    struct pool_pieces batches;
    struct bulk_part parts[POOL_MOST];
};

// --- the list -----------------------------------------------------------------------------------

static bool bulk_begin_batch(struct bulk *bulk, struct err *err)
{
    if (!vec_grow(&bulk->batches, &bulk->batch_capacity, bulk->batch_count + 1,
                  sizeof *bulk->batches, err))
        return false;
    bulk->batches[bulk->batch_count++] = bulk->count;
    bulk->batch_size = 0;
    return true;
}

// Whether the piece has to begin another batch: pieces of one are read by one call.
static bool bulk_is_full(const struct bulk *bulk, const struct bulk_piece *piece)
{
    if (!bulk->batch_count)
        return true;
    size_t count = bulk->count - bulk->batches[bulk->batch_count - 1];
    return count == RUNS || bulk->batch_size + piece->size > BATCH_MAX
           || bulk->pieces[bulk->count - 1].gently != piece->gently;
}

static bool bulk_add_piece(struct bulk *bulk, const struct bulk_piece *piece, struct err *err)
{
    if (bulk_is_full(bulk, piece) && !bulk_begin_batch(bulk, err))
        return false;
    if (!vec_grow(&bulk->pieces, &bulk->capacity, bulk->count + 1, sizeof *bulk->pieces, err))
        return false;
    bulk->pieces[bulk->count++] = *piece;
    bulk->batch_size += piece->size;
    bulk->size += piece->size;
    return true;
}

bool bulk_add(struct bulk *bulk, struct bulk_piece piece, uint64_t size, struct err *err)
{
    for (uint64_t done = 0; done < size; done += piece.size) {
        if (done) {
            piece.from += piece.size;
            piece.to += piece.size;
        }
        piece.size = (uint32_t)(size - done < PIECE_MAX ? size - done : PIECE_MAX);
        if (!bulk_add_piece(bulk, &piece, err))
            return false;
    }
    return true;
}

void bulk_free(struct bulk *bulk)
{
    free(bulk->pieces);
    free(bulk->batches);
    *bulk = (struct bulk){ .mem = -1 };
}

// --- reading ------------------------------------------------------------------------------------

static bool bulk_note_lost(struct bulk_part *part, addr at)
{
    struct segment lost = { .start = at, .end = at + PAGE, .flags = SEGMENT_MISSING, .module = -1 };
    return segments_add(&part->lost, lost, &part->err);
}

// Moves the pieces on by what was read. Returns the first one that is not done.
static size_t bulk_advance(struct iovec *here, struct iovec *there, size_t first, size_t count,
                           uint64_t by)
{
    while (by && first < count) {
        uint64_t part = by < here[first].iov_len ? by : here[first].iov_len;
        here[first].iov_base = (uint8_t *)here[first].iov_base + part;
        there[first].iov_base = (uint8_t *)there[first].iov_base + part;
        here[first].iov_len -= part;
        there[first].iov_len = here[first].iov_len;
        by -= part;
        if (!here[first].iov_len)
            first++;
    }
    return first;
}

// If the kernel stops short, the page where it stopped is given up.
static bool bulk_read_pieces(const struct bulk *bulk, const struct bulk_piece *pieces, size_t count,
                             struct bulk_part *part)
{
    struct iovec here[RUNS], there[RUNS];
    for (size_t i = 0; i < count; i++) {
        here[i] = (struct iovec){ pieces[i].to, pieces[i].size };
        there[i] = (struct iovec){ (void *)(uintptr_t)pieces[i].from, pieces[i].size };
    }
    for (size_t first = 0; first < count;) {
        size_t left = count - first;
        ssize_t got = process_vm_readv(bulk->reader, here + first, left, there + first, left, 0);
        if (got < 0 && (errno == ENOSYS || errno == EPERM))
            got = (ssize_t)proc_peek(bulk->reader, (addr)(uintptr_t)there[first].iov_base,
                                     here[first].iov_base, here[first].iov_len);
        if (got < 0 && errno == ESRCH)
            return err_set(&part->err, ERR_IO, "process %d ended while it was being copied",
                           (int)bulk->pid);
        if (got <= 0 && !bulk_note_lost(part, (addr)(uintptr_t)there[first].iov_base))
            return false;
        first = bulk_advance(here, there, first, count, got > 0 ? (uint64_t)got : PAGE);
    }
    return true;
}

static bool bulk_read_gently(const struct bulk *bulk, const struct bulk_piece *piece,
                             struct bulk_part *part)
{
    for (uint64_t done = 0; done < piece->size;) {
        ssize_t got =
            pread(bulk->mem, piece->to + done, piece->size - done, (off_t)(piece->from + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 && !bulk_note_lost(part, piece->from + done))
            return false;
        done += got > 0 ? (uint64_t)got : PAGE;
    }
    return true;
}

static bool bulk_read_batch(const struct bulk *bulk, size_t batch, struct bulk_part *part)
{
    size_t first = bulk->batches[batch];
    size_t end = batch + 1 < bulk->batch_count ? bulk->batches[batch + 1] : bulk->count;
    if (!bulk->pieces[first].gently || bulk->mem < 0)
        return bulk_read_pieces(bulk, bulk->pieces + first, end - first, part);
    for (size_t i = first; i < end; i++)
        if (!bulk_read_gently(bulk, &bulk->pieces[i], part))
            return false;
    return true;
}

static void bulk_work(void *context, unsigned number, UNUSED unsigned parts)
{
    struct bulk_copying *copying = context;
    struct bulk_part *part = &copying->parts[number];
    size_t batch;
    while (!part->failed && pool_take(&copying->batches, &batch))
        part->failed = !bulk_read_batch(copying->bulk, batch, part);
}

bool bulk_read(const struct bulk *bulk, unsigned threads, struct segments *lost, struct err *err)
{
    uint64_t most = bulk->size / SHARE_LEAST;
    struct bulk_copying copying = { .bulk = bulk, .batches.count = bulk->batch_count };
    pool_run(threads < most ? threads : (unsigned)most, bulk_work, &copying);
    bool ok = true;
    for (size_t i = 0; i < POOL_MOST; i++) {
        struct bulk_part *part = &copying.parts[i];
        if (ok && part->failed)
            ok = err_set(err, part->err.kind, "%s", part->err.text);
        for (size_t k = 0; ok && k < part->lost.count; k++)
            ok = segments_add(lost, part->lost.rows[k], err);
        segments_fini(&part->lost);
    }
    return ok;
}
