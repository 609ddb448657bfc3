// SPDX-License-Identifier: GPL-3.0-or-later
// Fetches everything that a lazy source can deliver, at once, into one file: see target_settle in
// target.h.
//
//      before   host of a segment = anonymous memory, filled block by block
//      after    host of a segment = the memfd mapped at the very same place, whole
//
// so that views that were handed out stay what they were. Pages of zeros stay holes of the file.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/guard.h"
#include "target/live.h"
#include "target/ops.h"
#include "target/proc_file.h"
#include "target/room.h"

#define LARGEST ((uint64_t)64 << 30) // a larger segment is an address range that somebody reserved

struct settling {
    struct target *target;
    struct live *live;
    uint8_t *buffer;
    uint64_t end; // end of what is used of the file
    bool *whole;  // per segment: all of it was fetched
};

static bool settle_is_zero(const uint8_t *bytes, size_t size)
{
    return !bytes[0] && !memcmp(bytes, bytes + 1, size - 1);
}

static bool write_block(int fd, const uint8_t *from, size_t size, uint64_t at)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = settle_is_zero(from + done, size - done)
                          ? (ssize_t)(size - done)
                          : pwrite(fd, from + done, size - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

// Fetches the segment's blocks into the file. False: a page is unavailable, and the segment stays
// lazy.
static bool bring(struct target *target, const struct segment *s, int fd, uint64_t at,
                  uint8_t *buffer)
{
    struct live *live = target->state;
    for (addr from = s->start; from < s->end;) {
        if (live->pages.maps) // blocks that are all zeros are not even read
            from += (pages_skip_zeros(&live->pages, from, s->end) - from) & ~(BLOCK_SIZE - 1);
        if (from >= s->end)
            break;
        size_t part = s->end - from < BLOCK_SIZE ? (size_t)(s->end - from) : (size_t)BLOCK_SIZE;
        if (target_peek(target, s, from, buffer, part) < part
            || !write_block(fd, buffer, part, at + (from - s->start)))
            return false;
        from += part;
    }
    return true;
}

static struct cluster *settle_add_cluster(struct live *live, struct err *err)
{
    struct cluster *rows = realloc(live->clusters, (live->cluster_count + 1) * sizeof *rows);
    if (!rows) {
        err_memory(err, "the copy");
        return NULL;
    }
    live->clusters = rows;
    return &rows[live->cluster_count];
}

static bool settle_map(const struct settling *g, void *host, uint64_t size, uint64_t at,
                       struct err *err)
{
    void *got = mmap(host, size, PROT_READ, MAP_SHARED | MAP_FIXED, g->live->memfd, (off_t)at);
    return got != MAP_FAILED || err_errno(err, errno, "the copy");
}

// A segment that has an address range of its own.
static bool settle_segment(struct settling *g, struct segment *s, struct err *err)
{
    struct live *live = g->live;
    uint64_t size = s->end - s->start, room = size + GUARD_BYTES, at = g->end;
    void *host = (void *)(uintptr_t)s->host;
    if (!s->filled || s->flags & SEGMENT_LATE || size > LARGEST)
        return true;
    struct cluster *row = settle_add_cluster(live, err);
    if (!row)
        return false;
    if (ftruncate(live->memfd, (off_t)(at + room)))
        return err_errno(err, errno, "room for the copy");
    g->end = at + room; // unused parts of the file are never read
    if (!bring(g->target, s, live->memfd, at, g->buffer))
        return true;
    // Mapped with the zeros after it, a hole in the file: the kernel allows 65,530 mappings.
    if (!settle_map(g, host, room, at, err))
        return false;
    // From now on the mapping is freed with the clusters.
    *row = (struct cluster){ .start = s->start, .end = s->end, .offset = at, .host = host };
    live->cluster_count++;
    free(s->filled);
    s->filled = NULL;
    s->offset = at;
    return true;
}

// How many small neighbours, none of which has been read yet, can be read in one go.
static size_t settle_neighbours(const struct target *target, size_t i, size_t end)
{
    const struct segment *rows = target->segments;
    size_t k = i;
    while (k < end && rows[k].filled && rows[k].end - rows[i].start <= BLOCK_SIZE
           && !rows[k].filled[0] && (k == i || rows[k].start == rows[k - 1].end))
        k++;
    return k - i;
}

static bool settle_bring_many(struct settling *g, size_t i, size_t count, uint64_t at)
{
    struct target *target = g->target;
    addr start = target->segments[i].start;
    size_t size = (size_t)(target->segments[i + count - 1].end - start);
    memset(g->buffer, 0, size);
    target->refused = false;
    return target->ops->fetch(target, start, g->buffer, size) == size && !target->refused
           && write_block(g->live->memfd, g->buffer, size, at);
}

// Fetches segments [first, last), which share an expanse. False: some stay lazy.
static bool settle_bring_all(struct settling *g, size_t first, size_t last, uint64_t at)
{
    struct target *target = g->target;
    addr start = target->segments[first].start;
    bool all = true;
    for (size_t i = first, many; i < last; i += many) {
        const struct segment *s = &target->segments[i];
        many = settle_neighbours(target, i, last);
        if (many > 1 && settle_bring_many(g, i, many, at + (s->start - start))) {
            memset(g->whole + i, true, many);
            continue;
        }
        many = 1;
        g->whole[i] =
            s->filled && bring(target, s, g->live->memfd, at + (s->start - start), g->buffer);
        all = all && (g->whole[i] || !s->filled);
    }
    return all;
}

static bool settle_expanse(struct settling *g, const struct expanse *expanse, size_t first,
                           size_t last, struct err *err)
{
    struct target *target = g->target;
    uint64_t room = expanse->end - expanse->start + GUARD_BYTES, at = g->end;
    if (ftruncate(g->live->memfd, (off_t)(at + room)))
        return err_errno(err, errno, "room for the copy");
    g->end = at + room;
    bool all = settle_bring_all(g, first, last, at);
    if (all && !settle_map(g, expanse->host, room, at, err))
        return false;
    for (size_t i = first; i < last; i++) {
        struct segment *s = &target->segments[i];
        uint64_t inside = s->start - expanse->start;
        if (!g->whole[i])
            continue;
        if (!all && !settle_map(g, expanse->host + inside, s->end - s->start, at + inside, err))
            return false;
        free(s->filled);
        s->filled = NULL;
        s->offset = at + inside;
    }
    return true;
}

static bool settle_expanses(struct settling *g, struct err *err)
{
    struct target *target = g->target;
    size_t first = 0, last;
    for (size_t i = 0; i < target->expanse_count; i++) {
        const struct expanse *expanse = &target->expanses[i];
        while (first < target->segment_count && target->segments[first].start < expanse->start)
            first++;
        for (last = first;
             last < target->segment_count && target->segments[last].start < expanse->end;)
            last++;
        if (first < last && !settle_expanse(g, expanse, first, last, err))
            return false;
        first = last;
    }
    return true;
}

// The bytes that a copy would take; 0: unknown.
static uint64_t live_resident(pid_t pid)
{
    uint64_t kib;
    return proc_number(pid, "status", "RssAnon:", &kib) ? kib << 10 : 0;
}

bool live_settle(struct target *target, struct err *err)
{
    struct live *live = target->state;
    struct settling g = { .target = target, .live = live };
    if (live->memfd >= 0)
        return true;
    if (live_resident(target->pid) > room_bytes(NULL))
        return err_set(err, ERR_MEMORY, "there is no room for a copy of the memory of process %d",
                       (int)target->pid);
    live->memfd = memfd_create("ouro", MFD_CLOEXEC);
    if (live->memfd < 0)
        return err_errno(err, errno, "room for the copy");
    g.buffer = malloc(BLOCK_SIZE);
    g.whole = calloc(target->segment_count + 1, sizeof *g.whole);
    bool ok = (g.buffer && g.whole) || err_memory(err, "the copy");
    ok = ok && settle_expanses(&g, err);
    for (size_t i = 0; ok && i < target->segment_count; i++)
        ok = expanse_of(target, &target->segments[i])
             || settle_segment(&g, &target->segments[i], err);
    free(g.buffer);
    free(g.whole);
    if (ok)
        target->fd = live->memfd;
    return ok;
}

bool target_settle(struct target *target, struct err *err)
{
    if (target->fd >= 0 || !target->ops->settle)
        return true;
    return target->ops->settle(target, err);
}
