// SPDX-License-Identifier: GPL-3.0-or-later
// Looking at a target, and closing it: see target.h.
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/search.h"
#include "target/module.h"
#include "target/ops.h"

#define POOL_BYTES ((uint64_t)16 << 10) // pymalloc's from 3.10 on
#define AHEAD_MOST ((uint64_t)1 << 20)  // bytes requested at once from a slow source

static uint64_t memory_view_block(const struct target *target)
{
    return target->is_slow ? BLOCK_PAGE : BLOCK_SIZE;
}

const struct expanse *expanse_of(const struct target *target, const struct segment *segment)
{
    size_t i = search_u64(target->expanses, target->expanse_count, sizeof *target->expanses,
                          offsetof(struct expanse, end), segment->end);
    bool shares = i < target->expanse_count && target->expanses[i].start <= segment->start;
    return shares ? &target->expanses[i] : NULL;
}

static void memory_view_close(struct target *target)
{
    for (size_t i = 0; i < target->segment_count; i++) {
        struct segment *s = &target->segments[i];
        if (!s->filled)
            continue;
        if (!expanse_of(target, s))
            guard_unmap((void *)(uintptr_t)s->host, (size_t)(s->end - s->start));
        free(s->filled);
    }
    for (size_t i = 0; i < target->expanse_count; i++)
        guard_unmap(target->expanses[i].host,
                    (size_t)(target->expanses[i].end - target->expanses[i].start));
    free(target->segments);
    free(target->expanses);
}

void target_close(struct target *target)
{
    memory_view_close(target);
    modules_free(target);
    free(target->threads);
    free(target->broken);
    free(target->path);
    free(target->command);
    provenance_fini(&target->provenance);
    if (target->ops && target->ops->close)
        target->ops->close(target);
    *target = (struct target){ .fd = -1 };
}

uint64_t target_incomplete(const struct target *target)
{
    uint64_t missing = target->missing + (target->undumped_read ? target->undumped : 0);
    for (size_t i = 0; i < target->broken_count; i++) {
        const struct broken_block *broken = &target->broken[i];
        size_t at = search_u64(target->segments, target->segment_count, sizeof *target->segments,
                               offsetof(struct segment, end), broken->start + 1);
        const struct segment *s = at < target->segment_count ? &target->segments[at] : NULL;
        if (!s || s->start > broken->start || s->flags & SEGMENT_LATE
            || !(s->flags & SEGMENT_WRITE))
            continue;
        for (uint64_t page = 0; page < memory_view_block(target) / BLOCK_PAGE; page++)
            if (broken->start + page * BLOCK_PAGE < s->end && !(broken->readable >> page & 1))
                missing += BLOCK_PAGE;
    }
    return missing;
}

bool target_incomplete_text(const struct target *target, char *text, size_t size)
{
    uint64_t missing = target_incomplete(target);
    snprintf(text, size, "%s", target->missing_why);
    if (!*text && target->undumped && missing)
        snprintf(text, size, "the core has holes: %.1f MiB of the process's memory were not dumped",
                 (double)missing / 1048576);
    else if (missing > target->missing || (missing && !*target->missing_why))
        snprintf(text, size, "%.1f MiB of its memory could not be read", (double)missing / 1048576);
    return *text != 0;
}

bool target_check(const struct target *target, struct err *err)
{
    return !target->ops || !target->ops->check || target->ops->check(target, err);
}

const struct segment *target_segment(struct target *target, addr at)
{
    const struct segment *s = target->last;
    if (s && at - s->start < s->end - s->start)
        return s;
    size_t low = 0, high = target->segment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        s = &target->segments[middle];
        if (at < s->start)
            high = middle;
        else if (at >= s->end)
            low = middle + 1;
        else
            return s;
    }
    return NULL;
}

static bool broken_add(struct target *target, struct broken_block row)
{
    if (target->broken_count == target->broken_room) {
        size_t room = target->broken_room ? target->broken_room * 2 : 16;
        struct broken_block *rows = realloc(target->broken, room * sizeof *rows);
        if (!rows)
            return false;
        target->broken = rows;
        target->broken_room = room;
    }
    size_t at = target->broken_count++;
    for (; at && target->broken[at - 1].start > row.start; at--)
        target->broken[at] = target->broken[at - 1];
    target->broken[at] = row;
    return true;
}

static const struct broken_block *broken_find(const struct target *target, addr block)
{
    size_t i = search_u64(target->broken, target->broken_count, sizeof *target->broken,
                          offsetof(struct broken_block, start), block);
    bool found = i < target->broken_count && target->broken[i].start == block;
    return found ? &target->broken[i] : NULL;
}

static bool memory_view_is_filled(const struct segment *s, uint64_t block)
{
    return s->filled[block / 64] >> (block % 64) & 1;
}

static void memory_view_note_filled(const struct segment *s, uint64_t block)
{
    s->filled[block / 64] |= (uint64_t)1 << (block % 64);
}

// How many blocks to fetch at once: those that are wanted, and at least the rest of a pool, whose
// objects are alike, or of a stretch that is wanted whole.
static uint64_t memory_view_ahead(const struct target *target, const struct segment *s,
                                  uint64_t block, uint64_t wanted)
{
    uint64_t size = memory_view_block(target), count = 1;
    uint64_t end = (s->end - s->start + size - 1) / size;
    if (!target->is_slow)
        return 1;
    uint64_t unit = target->bulk ? AHEAD_MOST : POOL_BYTES;
    uint64_t pool = unit - (s->start + block * size) % unit;
    wanted = wanted > pool ? wanted : pool;
    wanted = ((wanted < AHEAD_MOST ? wanted : AHEAD_MOST) + size - 1) / size;
    while (count < wanted && block + count < end && !memory_view_is_filled(s, block + count))
        count++;
    return count;
}

// Fetches several blocks, and returns how many came whole.
static uint64_t memory_view_fill_many(struct target *target, const struct segment *s,
                                      uint64_t block, uint64_t count)
{
    uint64_t step = memory_view_block(target), offset = block * step, size = count * step;
    if (size > s->end - s->start - offset)
        size = s->end - s->start - offset;
    target->refused = false;
    size_t got =
        target->ops->fetch(target, s->start + offset, (uint8_t *)(uintptr_t)s->host + offset, size);
    uint64_t whole = got >= size ? count : got / step;
    for (uint64_t i = 0; i < whole; i++)
        memory_view_note_filled(s, block + i);
    return whole;
}

// Fetches one block. What the source cannot deliver is retried page by page, so that one unreadable
// page (a device, a truncated file) does not take its 63 neighbours along.
static bool memory_view_fill(struct target *target, const struct segment *s, uint64_t block)
{
    uint64_t step = memory_view_block(target);
    addr from = s->start + block * step;
    uint64_t size = s->end - from < step ? s->end - from : step;
    uint8_t *to = (uint8_t *)(uintptr_t)s->host + block * step;
    struct broken_block broken = { .start = from };
    uint64_t done = 0;
    bool whole = true;
    while (done < size) {
        target->refused = false;
        size_t got = target->ops->fetch(target, from + done, to + done, size - done);
        if (target->refused)
            return false;
        uint64_t reached = got >= size - done ? size : done + got;
        for (; done + BLOCK_PAGE <= reached || (done < reached && reached == size);
             done += BLOCK_PAGE)
            broken.readable |= (uint64_t)1 << (done / BLOCK_PAGE);
        if (done < size) {
            whole = false;
            done += BLOCK_PAGE; // the page that failed
        }
    }
    if (!whole && !broken_add(target, broken))
        return false;
    memory_view_note_filled(s, block);
    return true;
}

// Fetches the block, and more if that is cheaper; `wanted` bytes from its start on are needed.
static bool memory_view_bring(struct target *target, const struct segment *s, uint64_t block,
                              uint64_t wanted)
{
    uint64_t count = memory_view_ahead(target, s, block, wanted);
    if (count > 1 && memory_view_fill_many(target, s, block, count))
        return true;
    return !(count > 1 && target->refused) && memory_view_fill(target, s, block);
}

// How many bytes of [from, from+size), which lies in the segment, are readable from its start on.
static size_t ensure(struct target *target, const struct segment *s, addr from, size_t size)
{
    uint64_t step = memory_view_block(target);
    size_t done = 0;
    while (done < size) {
        uint64_t block = (from + done - s->start) / step;
        addr start = s->start + block * step;
        if (!memory_view_is_filled(s, block)
            && !memory_view_bring(target, s, block, from + size - start))
            return done;
        const struct broken_block *broken =
            target->broken_count ? broken_find(target, start) : NULL;
        if (!broken) {
            done = (size_t)(start + step - from);
            continue;
        }
        uint64_t page = (from + done - start) / BLOCK_PAGE;
        if (!(broken->readable >> page & 1))
            return done;
        done = (size_t)(start + (page + 1) * BLOCK_PAGE - from);
    }
    return size;
}

const void *target_view_slow(struct target *target, addr from, size_t size)
{
    const struct segment *s = target->before;
    if (!s || from - s->start >= s->end - s->start)
        s = target_segment(target, from);
    if (s && !s->host && (s->flags & SEGMENT_MISSING) && (s->flags & SEGMENT_WRITE))
        target->undumped_read = true;
    if (!s || !s->host || size > s->end - from)
        return NULL;
    if (s->filled && ensure(target, s, from, size) < size)
        return NULL;
    if (s != target->last) {
        target->before = target->last;
        target->last = s;
    }
    return s->host + (from - s->start);
}

static bool memory_view_has(const struct segment *s, uintptr_t host)
{
    return s && s->host && host - (uintptr_t)s->host < s->end - s->start;
}

addr target_address(const struct target *target, const void *host)
{
    uintptr_t at = (uintptr_t)host;
    const struct segment *s = memory_view_has(target->last, at)     ? target->last
                              : memory_view_has(target->before, at) ? target->before
                                                                    : NULL;
    for (size_t i = 0; host && !s && i < target->segment_count; i++)
        if (memory_view_has(&target->segments[i], at))
            s = &target->segments[i];
    return host && s ? s->start + (at - (uintptr_t)s->host) : 0;
}

size_t target_peek(struct target *target, const struct segment *s, addr from, void *to, size_t size)
{
    size_t done = 0;
    while (done < size) {
        uint64_t block = (from + done - s->start) / BLOCK_SIZE;
        uint64_t left = s->start + (block + 1) * BLOCK_SIZE - (from + done);
        size_t part = left < size - done ? (size_t)left : size - done, got;
        if (s->filled[block / 64] >> (block % 64) & 1) {
            got = ensure(target, s, from + done, part);
            got = got < part ? got : part;
            memcpy((uint8_t *)to + done, s->host + (from + done - s->start), got);
        } else {
            target->refused = false;
            memset((uint8_t *)to + done, 0, part); // a fetch leaves alone what it knows is zero
            got = target->ops->fetch(target, from + done, (uint8_t *)to + done, part);
            got = target->refused ? 0 : got < part ? got : part;
        }
        done += got;
        if (got < part)
            break;
    }
    return done;
}

addr target_next(struct target *target, addr from)
{
    const struct segment *s = target_segment(target, from);
    if (s && s->host)
        return (from | (BLOCK_PAGE - 1)) + 1;
    if (s)
        return s->end;
    size_t next = search_u64(target->segments, target->segment_count, sizeof *target->segments,
                             offsetof(struct segment, start), from + 1);
    return next < target->segment_count ? target->segments[next].start : UINT64_MAX;
}

size_t target_readable(struct target *target, addr from, size_t most)
{
    const struct segment *s = target_segment(target, from);
    if (!s || !s->host)
        return 0;
    size_t size = most < s->end - from ? most : (size_t)(s->end - from);
    return s->filled ? ensure(target, s, from, size) : size;
}

// The bytes of a file that are not in holes; 0: unknown. File systems report at least what was
// written as data.
static uint64_t data_of(int fd)
{
    uint64_t data = 0;
    off_t from = 0, end = 0;
    while ((from = lseek(fd, end, SEEK_DATA)) >= 0 && (end = lseek(fd, from, SEEK_HOLE)) > from)
        data += (uint64_t)(end - from);
    return data;
}

uint64_t target_bytes(const struct target *target)
{
    uint64_t all = 0, files = 0, data = target->fd >= 0 ? data_of(target->fd) : 0;
    for (size_t i = 0; i < target->segment_count; i++) {
        const struct segment *s = &target->segments[i];
        uint64_t size = s->flags & SEGMENT_MISSING ? 0 : s->end - s->start;
        all += size;
        files += s->module >= 0 ? size : 0;
    }
    uint64_t held = data ? data + files : target->stored;
    return held && held < all ? held : all;
}

bool target_read(struct target *target, addr from, void *to, size_t size)
{
    uint8_t *out = to;
    while (size) {
        size_t part = target_readable(target, from, size);
        const void *view = part ? target_view(target, from, part) : NULL;
        if (!view) {
            target_fault(target);
            return false;
        }
        memcpy(out, view, part);
        out += part;
        from += part;
        size -= part;
    }
    return true;
}

bool target_read_string(struct target *target, addr from, char *to, size_t most)
{
    size_t length = 0;
    while (length + 1 < most) {
        // Up to the end of one page at a time: the string may be the last thing that is readable.
        size_t want = (size_t)(BLOCK_PAGE - (from + length) % BLOCK_PAGE);
        if (want > most - 1 - length)
            want = most - 1 - length;
        size_t part = target_readable(target, from + length, want);
        const char *view = part ? target_view(target, from + length, part) : NULL;
        if (!view) {
            to[length] = 0;
            target_fault(target);
            return false;
        }
        const char *end = memchr(view, 0, part);
        size_t take = end ? (size_t)(end - view) : part;
        memcpy(to + length, view, take);
        length += take;
        if (end)
            break;
    }
    if (most)
        to[length] = 0;
    return true;
}

uint64_t target_u64(struct target *target, addr from, bool *ok)
{
    uint64_t value = 0;
    const void *view = target_view(target, from, sizeof value);
    if (view)
        memcpy(&value, view, sizeof value);
    else if (!target_read(target, from, &value, sizeof value)) {
        if (ok)
            *ok = false;
        return 0;
    }
    return value;
}

uint32_t target_u32(struct target *target, addr from, bool *ok)
{
    uint32_t value = 0;
    const void *view = target_view(target, from, sizeof value);
    if (view)
        memcpy(&value, view, sizeof value);
    else if (!target_read(target, from, &value, sizeof value)) {
        if (ok)
            *ok = false;
        return 0;
    }
    return value;
}

void target_note_run(struct target *target, const uint8_t *auxv, size_t size)
{
    for (size_t at = 0; auxv && at + 16 <= size && !target->has_run; at += 16) {
        uint64_t pair[2];
        memcpy(pair, auxv + at, sizeof pair);
        const uint8_t *bytes =
            pair[0] == AT_RANDOM ? target_view(target, pair[1], sizeof target->run) : NULL;
        if (!bytes)
            continue;
        memcpy(target->run, bytes, sizeof target->run);
        target->has_run = true;
    }
}
