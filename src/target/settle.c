// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that a lazy source can bring, at once, in one file: see target_settle in target.h.
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
#include "target/room.h"

#define LARGEST ((uint64_t)64 << 30) // a larger segment is an address range that somebody reserved

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

// Brings the segment's blocks into the file. False: some page cannot be had, and it stays lazy.
static bool bring(struct target *target, const struct segment *s, int fd, uint64_t at,
                  uint8_t *buffer)
{
    struct live *live = target->state;
    for (addr from = s->start; from < s->end;) {
        if (live->pages.maps) // whole blocks that are zero are not even looked at
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

static bool settle_segment(struct target *target, struct live *live, struct segment *s,
                           uint64_t *end, uint8_t *buffer, struct err *err)
{
    uint64_t size = s->end - s->start, room = size + GUARD_BYTES, at = *end;
    void *host = (void *)(uintptr_t)s->host;
    if (!s->filled || s->flags & SEGMENT_LATE || size > LARGEST)
        return true;
    struct cluster *row = settle_add_cluster(live, err);
    if (!row)
        return false;
    if (ftruncate(live->memfd, (off_t)(at + room)))
        return err_errno(err, errno, "room for the copy");
    *end = at + room; // what is not used of the file is never looked at
    if (!bring(target, s, live->memfd, at, buffer))
        return true;
    // With the zeros behind it, a hole of the file: the kernel counts mappings, and allows 65,530.
    if (mmap(host, room, PROT_READ, MAP_SHARED | MAP_FIXED, live->memfd, (off_t)at) == MAP_FAILED)
        return err_errno(err, errno, "the copy");
    // From now on the mapping goes with the clusters.
    *row = (struct cluster){ .start = s->start, .end = s->end, .offset = at, .host = host };
    live->cluster_count++;
    free(s->filled);
    s->filled = NULL;
    s->offset = at;
    return true;
}

// What a copy would take, in bytes; 0: not known.
static uint64_t live_resident(pid_t pid)
{
    char path[64];
    size_t size;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    char *text = file_slurp(path, 1 << 16, &size);
    const char *found = text ? strstr(text, "RssAnon:") : NULL;
    uint64_t kib = found ? strtoull(found + sizeof "RssAnon:" - 1, NULL, 10) : 0;
    free(text);
    return kib << 10;
}

bool live_settle(struct target *target, struct err *err)
{
    struct live *live = target->state;
    uint64_t end = 0;
    if (live->memfd >= 0)
        return true;
    if (live_resident(target->pid) > room_bytes(NULL))
        return err_set(err, ERR_MEMORY, "there is no room for a copy of the memory of process %d",
                       (int)target->pid);
    live->memfd = memfd_create("ouro", MFD_CLOEXEC);
    if (live->memfd < 0)
        return err_errno(err, errno, "room for the copy");
    uint8_t *buffer = malloc(BLOCK_SIZE);
    bool ok = buffer || err_memory(err, "the copy");
    for (size_t i = 0; ok && i < target->segment_count; i++)
        ok = settle_segment(target, live, &target->segments[i], &end, buffer, err);
    free(buffer);
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
