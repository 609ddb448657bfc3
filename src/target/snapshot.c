// SPDX-License-Identifier: GPL-3.0-or-later
// A live process, stopped for as long as it takes to copy what it may change.
//
//      running   1 read its maps, find its modules, make room for the copy (the kernel zeroes pages
//                  slower than it copies them)
//      stopped   2 read its maps again, copy every private page that is there (pages.h)
//      running   3 text, constants and what the process never changed of its programs' variables
//                  come from the files; data files and shared memory are read when something is
//                  looked at there
//
// The copy lies in a memfd, in clusters that keep the target's own distances:
//
//      target   |== heap ==|   |= libs =|          .... far away ....       |= stack =|
//      memfd    [slack|== heap ==|   |= libs =|slack][slack|= stack =|slack]
//
// so that memory which grew between 1 and 2 has its place, neighbours stay neighbours, and the jail
// can map the same file.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/unused.h"
#include "target/bulk.h"
#include "target/live.h"
#include "target/module.h"
#include "target/module_memory.h"
#include "target/ops.h"
#include "target/proc.h"
#include "target/proc_file.h"
#include "target/room.h"

#define PAGE ((uint64_t)4096)
#define FAR ((uint64_t)1 << 30)     // a larger gap ends a cluster
#define SLACK ((uint64_t)256 << 20) // room around a cluster for growth
#define RESERVED ((uint64_t)64 << 30)
#define GAP ((uint64_t)64 << 10) // a shorter stretch of zeros is not worth a mapping of its own,
#define GAPS_MAX ((size_t)16384) // of which the kernel allows 65530
#define WARM_MAX ((uint64_t)64 << 20) // between two steps of the progress
#define LATE_MOST ((size_t)4096)      // our mappings of what is read later

struct copying {
    struct target *target;
    struct live *live;
    const struct target_options *options;
    struct target probe; // for finding the modules before there is a copy
    bool *late;          // per mapping: see live_late
    struct segment warm; // pages to be populated in advance
    bool gently;         // the current run of pages is shared with forked relatives
    struct bulk bulk;    // what is to be copied
    uint64_t done, total;
    uint64_t gap, gaps;     // the shortest stretch of zeros that is sealed; how many there are
    uint64_t largest;       // the size up to which a mapping is copied
    struct segments lost;   // pages that could not be read
    struct segments filled; // what was copied; whatever else is wanted is zero
};

// Pages of a data file that the process has changed were copied; the rest is in the file.
static size_t snapshot_fetch(struct target *target, addr from, void *to, size_t size)
{
    struct live *live = target->state;
    for (size_t i = 0; i < live->late.count; i++) {
        const struct segment *s = &live->late.rows[i];
        if (!s->host && s->start < from + size && s->end > from)
            size = s->start > from ? s->start - from : 0;
    }
    size_t got = pages_read(&live->pages, from, to, size);
    for (size_t i = 0; i < live->late.count; i++) {
        const struct segment *s = &live->late.rows[i];
        addr start = s->start > from ? s->start : from,
             end = s->end < from + size ? s->end : from + size;
        if (start >= end || start > from + got)
            continue;
        memcpy((uint8_t *)to + (start - from), s->host + (start - s->start), end - start);
        if (end > from + got)
            got = (size_t)(end - from)
                  + pages_read(&live->pages, end, (uint8_t *)to + (end - from),
                               (size_t)(from + size - end));
    }
    return got;
}

static const struct target_ops snapshot_ops = {
    .name = "copy",
    .fetch = snapshot_fetch,
    .mappings = live_mappings,
    .close = live_close,
};

// --- modules, before there is a copy -----------------------------------------------------------

static size_t probe_fetch(struct target *target, addr from, void *to, size_t size)
{
    return pages_read(target->state, from, to, size);
}

static const struct target_ops probe_ops = {
    .name = "probe",
    .fetch = probe_fetch,
};

// If a file is unavailable, its pages are copied from memory.
static bool probe_without_file(struct copying *c, struct module *module, struct err *err)
{
    struct target whole = { .ops = &probe_ops, .state = &c->live->pages, .fd = -1 };
    struct segments list = { 0 };
    bool ok = true, lost = false;
    const struct maps *maps = &c->live->maps;
    for (size_t i = 0; ok && i < maps->count && maps->rows[i].start < module->end; i++) {
        const struct mapping *m = &maps->rows[i];
        struct segment row = { .start = m->start, .end = m->end, .module = -1 };
        if (m->start >= module->start && m->end <= module->end && m->flags & SEGMENT_READ)
            ok = segments_add_lazy(&list, row, err);
    }
    target_take_segments(&whole, &list);
    struct elf_shape shape;
    size_t size = ok ? target_readable(&whole, module->start, PAGE) : 0;
    const uint8_t *bytes = size ? target_view(&whole, module->start, size) : NULL;
    if (bytes && elf_shape_read(&shape, bytes, size))
        module->elf = module_memory_open(&whole, module->bias, &shape, true, &lost);
    whole.ops = NULL;
    target_close(&whole);
    return ok && (!lost || err_memory(err, "a module's symbols"));
}

static bool probe_without_files(struct copying *c, struct err *err)
{
    for (size_t i = 0; i < c->probe.module_count; i++)
        if (!c->probe.modules[i].elf && !probe_without_file(c, &c->probe.modules[i], err))
            return false;
    return true;
}

// A target that has only the first pages of mapped files.
static bool probe(struct copying *c, struct err *err)
{
    target_close(&c->probe);
    c->probe = (struct target){
        .ops = &probe_ops,
        .state = &c->live->pages,
        .fd = -1,
    };
    struct segments list = { 0 };
    bool ok = true;
    for (size_t i = 0; ok && i < c->live->maps.count; i++) {
        const struct mapping *m = &c->live->maps.rows[i];
        if (m->offset || !(m->flags & SEGMENT_READ) || !m->path || *m->path != '/' || m->shared)
            continue;
        struct segment row = { .start = m->start, .end = m->start + 2 * PAGE, .module = -1 };
        if (row.end > m->end)
            row.end = m->end;
        ok = segments_add_lazy(&list, row, err);
    }
    target_take_segments(&c->probe, &list);
    struct live *live = c->live;
    return ok
           && proc_modules(&c->probe, c->target->pid, &live->maps,
                           proc_inside_exe(live->auxv, live->auxv_size), c->options, err)
           && probe_without_files(c, err);
}

// --- what to copy ------------------------------------------------------------------------------

// A mapping of a program or library, known to be one.
static bool is_program(const struct copying *c, const struct mapping *m)
{
    return !mapping_is_anonymous(m) && !c->late[m - c->live->maps.rows]
           && target_module_of(&c->probe, m->start) >= 0;
}

// Private memory that the process may have changed.
static bool is_wanted(const struct copying *c, const struct mapping *m)
{
    if (!(m->flags & SEGMENT_READ) || m->start >= (uint64_t)1 << 63
        || m->end - m->start > c->largest)
        return false;
    if (m->path && (!strcmp(m->path, "[vvar]") || !strcmp(m->path, "[vvar_vclock]")))
        return false;
    if (m->shared)
        return false;
    if (mapping_is_anonymous(m) || m->flags & SEGMENT_WRITE)
        return true;
    return is_program(c, m) && !module_is_clean(&c->probe, m);
}

// What is read on demand: shared memory, and files that belong to no program.
static bool is_late(const struct copying *c, const struct mapping *m)
{
    return m->flags & SEGMENT_READ && m->start < (uint64_t)1 << 63 && !mapping_is_anonymous(m)
           && !is_program(c, m);
}

static struct cluster *cluster_of(struct live *live, addr start, addr end)
{
    for (size_t i = 0; i < live->cluster_count; i++)
        if (start >= live->clusters[i].start && end <= live->clusters[i].end)
            return &live->clusters[i];
    return NULL;
}

static bool snapshot_add_cluster(struct live *live, addr start, addr end, struct err *err)
{
    struct cluster *rows = realloc(live->clusters, (live->cluster_count + 1) * sizeof *rows);
    if (!rows)
        return err_memory(err, "the copy");
    live->clusters = rows;
    const struct cluster *last = live->cluster_count ? &rows[live->cluster_count - 1] : NULL;
    struct cluster row = {
        .start = start,
        .end = end,
        .offset = last ? last->offset + (last->end - last->start) : 0,
    };
    if (ftruncate(live->memfd, (off_t)(row.offset + (end - start))))
        return err_errno(err, errno, "room for the copy");
    void *room = guard_room((size_t)(end - start));
    if (!room)
        return err_errno(err, errno, "room for the copy");
    void *host = mmap(room, end - start, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_NORESERVE | MAP_FIXED, live->memfd, (off_t)row.offset);
    if (host == MAP_FAILED) {
        err_errno(err, errno, "room for the copy");
        guard_unmap(room, (size_t)(end - start));
        return false;
    }
    row.host = host;
    rows[live->cluster_count++] = row;
    return true;
}

// Makes clusters for every wanted mapping that has none yet.
static bool snapshot_plan(struct copying *c, struct err *err)
{
    struct live *live = c->live;
    addr start = 0, end = 0;
    for (size_t i = 0; i <= live->maps.count; i++) {
        const struct mapping *m = i < live->maps.count ? &live->maps.rows[i] : NULL;
        if (m && (!is_wanted(c, m) || cluster_of(live, m->start, m->end)))
            continue;
        if (m && end && m->start - end < FAR) {
            end = m->end;
            continue;
        }
        if (end && !snapshot_add_cluster(live, start > SLACK ? start - SLACK : 0, end + SLACK, err))
            return false;
        if (m) {
            start = m->start;
            end = m->end;
        }
    }
    return true;
}

// --- pages -------------------------------------------------------------------------------------

// Calls take(c, from, to) for every run of pages of the mapping that has to be copied. Pages that
// are in the file are not, unless the file is gone: then even a program's unchanged pages are.
static bool each_run(struct copying *c, const struct mapping *m,
                     bool (*take)(struct copying *c, addr from, addr to, struct err *err),
                     struct err *err)
{
    struct pages *pages = &c->live->pages;
    bool whole = is_program(c, m) && pages_backing(pages, m) < 0;
    for (addr at = m->start, next; at < m->end; at = next) {
        enum page_run kind;
        next = pages_run(pages, m, at, m->end, &kind);
        c->gently = kind == RUN_FORKED;
        bool wanted = kind == RUN_OWN || kind == RUN_FORKED || (kind == RUN_BACKED && whole);
        if (wanted && !take(c, at, next, err))
            return false;
    }
    return true;
}

static uint8_t *snapshot_place(struct copying *c, addr from, addr to)
{
    const struct cluster *cluster = cluster_of(c->live, from, to);
    return cluster ? cluster->host + (from - cluster->start) : NULL;
}

static bool count_run(struct copying *c, addr from, addr to, UNUSED struct err *err)
{
    c->total += to - from;
    return true;
}

// Only advice: if it fails, the copy itself populates the pages while the process waits.
static bool warm_flush(struct copying *c, struct err *err)
{
    addr from = c->warm.start, to = c->warm.end;
    uint8_t *at = from < to ? snapshot_place(c, from, to) : NULL;
    c->warm = (struct segment){ 0 };
#ifdef MADV_POPULATE_WRITE
    for (uint64_t left = to - from; at && left;) {
        uint64_t part = left < WARM_MAX ? left : WARM_MAX;
        madvise(at, part, MADV_POPULATE_WRITE);
        at += part;
        left -= part;
        c->done += part;
        if (!progress_step(c->options ? c->options->progress : NULL, "making room", c->done,
                           c->total))
            return err_set(err, ERR_CANCELLED, "the copy was stopped");
    }
#endif
    return true;
}

// A run that continues the previous one is advised with it, even in the next mapping.
static bool warm_run(struct copying *c, addr from, addr to, struct err *err)
{
    if (from == c->warm.end && cluster_of(c->live, c->warm.start, to)) {
        c->warm.end = to;
        return true;
    }
    bool ok = warm_flush(c, err);
    c->warm = (struct segment){ .start = from, .end = to };
    return ok;
}

static bool each_wanted(struct copying *c,
                        bool (*take)(struct copying *c, addr from, addr to, struct err *err),
                        struct err *err)
{
    for (size_t i = 0; i < c->live->maps.count; i++) {
        const struct mapping *m = &c->live->maps.rows[i];
        if (is_wanted(c, m) && !each_run(c, m, take, err))
            return false;
    }
    return true;
}

static bool note_lost(struct copying *c, addr at, struct err *err)
{
    struct segment lost = { .start = at, .end = at + PAGE, .flags = SEGMENT_MISSING, .module = -1 };
    return segments_add(&c->lost, lost, err);
}

static bool copy_run(struct copying *c, addr from, addr to, struct err *err)
{
    struct bulk_piece piece = { from, snapshot_place(c, from, to), 0, c->gently };
    if (!piece.to)
        return err_set(err, ERR_IO, "process %d: its memory changed its shape",
                       (int)c->target->pid);
    return segments_add(&c->filled, (struct segment){ .start = from, .end = to }, err)
           && bulk_add(&c->bulk, piece, to - from, err);
}

static bool copy_wanted(struct copying *c, struct err *err)
{
    const struct live *live = c->live;
    c->bulk =
        (struct bulk){ .pid = c->target->pid, .reader = live->reader, .mem = live->pages.mem };
    bool ok = each_wanted(c, copy_run, err)
              && bulk_read(&c->bulk, c->options ? c->options->threads : 1, &c->lost, err);
    bulk_free(&c->bulk);
    return ok;
}

// --- the order of things -----------------------------------------------------------------------

// A line of /proc/meminfo in bytes; all ones if it is missing.
static uint64_t memory(const char *name)
{
    uint64_t kib;
    return (file_number("/proc/meminfo", name, &kib) ? kib : UINT64_MAX >> 10) << 10;
}

// A mapping larger than twice the machine's memory is only reserved addresses (a sanitizer's
// shadow, 16 TiB). Searching it for pages alone would hold the process for minutes.
static uint64_t largest_mapping(void)
{
    uint64_t total = memory("MemTotal:");
    return total < RESERVED / 2 ? RESERVED : total < UINT64_MAX / 2 ? total * 2 : total;
}

static bool snapshot_prepare(struct copying *c, struct err *err)
{
    pid_t pid = c->target->pid;
    // The main thread may have ended: then nothing can be prepared, and the stop takes longer.
    maps_read(&c->live->maps, pid, pid, NULL);
    pages_open(&c->live->pages, pid, pid, &c->live->maps);
    c->late = live_late(&c->live->maps, err);
    if (!c->late || !probe(c, err) || !snapshot_plan(c, err) || !each_wanted(c, count_run, err))
        return false;
    uint64_t room = room_bytes(NULL), needed = c->total + c->total / 4; // and for the analysis
    if (needed > room)
        return err_set(err, ERR_MEMORY,
                       "process %d: a copy of its memory and what is found in it need %" PRIu64
                       " MiB, and only %" PRIu64 " MiB can be taken without harm to others; run "
                       "ouro outside of the memory cgroup of the process, or let --hold read it "
                       "without a copy",
                       (int)pid, needed >> 20, room >> 20);
    return each_wanted(c, warm_run, err) && warm_flush(c, err);
}

// Whether the modules that the first look found may be kept.
static bool same_files(const struct maps *a, const struct maps *b)
{
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a->count && !a->rows[i].inode)
            i++;
        while (k < b->count && !b->rows[k].inode)
            k++;
        if (i == a->count || k == b->count)
            return i == a->count && k == b->count;
        const struct mapping *x = &a->rows[i++], *y = &b->rows[k++];
        if (x->start != y->start || x->end != y->end || x->inode != y->inode
            || x->offset != y->offset || x->flags != y->flags)
            return false;
    }
}

static bool copy_stopped(struct copying *c, struct err *err)
{
    struct live *live = c->live;
    if (!live_note_threads(c->target, live, err))
        return false;
    struct maps now = { 0 };
    if (!maps_read(&now, c->target->pid, live->reader, err)) {
        maps_fini(&now);
        return false;
    }
    bool same = same_files(&live->maps, &now);
    maps_fini(&live->maps);
    live->maps = now;
    pages_again(&live->pages, live->reader);
    free(c->late);
    c->late = live_late(&live->maps, err);
    if (!c->late || (!same && !probe(c, err)))
        return false;
    if (!live->maps.count)
        return err_set(err, ERR_IO,
                       "process %d has no memory (it is ending, or part of the kernel)",
                       (int)c->target->pid);
    return snapshot_plan(c, err) && copy_wanted(c, err) && live_check(c->target, err);
}

static uint32_t rights(const struct mapping *m)
{
    return m->flags & (SEGMENT_READ | SEGMENT_WRITE | SEGMENT_EXEC);
}

// Adds the mapping's segment to the list that it belongs to.
static bool add_mapping(struct copying *c, const struct mapping *m, struct segments *copied,
                        struct segments *late, struct segments *holes, struct err *err)
{
    struct segment row = { .start = m->start, .end = m->end, .flags = rights(m), .module = -1 };
    const struct cluster *cluster = is_wanted(c, m) ? cluster_of(c->live, m->start, m->end) : NULL;
    if (is_late(c, m)) {
        row.flags |= SEGMENT_LATE;
        bool known = m->shared || !(m->flags & SEGMENT_WRITE) || cluster;
        if (known && late->count < LATE_MOST)
            return segments_add_lazy(late, row, err);
    } else if (cluster) {
        row.host = cluster->host + (m->start - cluster->start);
        row.offset = cluster->offset + (m->start - cluster->start);
        return segments_add(copied, row, err);
    }
    row.flags |= SEGMENT_MISSING;
    return segments_add(holes, row, err);
}

static bool add_mappings(struct copying *c, struct segments *copied, struct segments *late,
                         struct segments *holes, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < c->live->maps.count; i++)
        ok = add_mapping(c, &c->live->maps.rows[i], copied, late, holes, err);
    segments_settle(copied);
    segments_settle(late);
    segments_settle(holes);
    return ok;
}

// Calls do(c, m, from, to) for what lies in wanted mappings and was not copied.
static bool each_rest(struct copying *c,
                      bool (*take)(struct copying *c, const struct mapping *m, addr from, addr to,
                                   struct err *err),
                      struct err *err)
{
    size_t f = 0;
    for (size_t i = 0; i < c->live->maps.count; i++) {
        const struct mapping *m = &c->live->maps.rows[i];
        if (!is_wanted(c, m) || !cluster_of(c->live, m->start, m->end))
            continue;
        for (addr at = m->start; at < m->end;) {
            while (f < c->filled.count && c->filled.rows[f].end <= at)
                f++;
            const struct segment *next = f < c->filled.count ? &c->filled.rows[f] : NULL;
            bool meets = next && next->start < m->end;
            addr end = meets ? next->start : m->end;
            if (end > at && !take(c, m, at, end, err))
                return false;
            at = meets ? next->end : m->end;
        }
    }
    return true;
}

// Variables of a program that still have the values of its file.
static bool fill_rest(struct copying *c, const struct mapping *m, addr from, addr to,
                      struct err *err)
{
    if (!is_program(c, m))
        return true;
    size_t done = pages_read(&c->live->pages, from, snapshot_place(c, from, to), to - from);
    bool ok = true;
    for (addr at = (from + done) & ~(PAGE - 1); ok && done < to - from && at < to; at += PAGE)
        ok = note_lost(c, at, err);
    return ok;
}

// snapshot_fetch and target_dump need what was copied of data files.
static bool keep_late(struct copying *c, struct err *err)
{
    struct segments filled = { 0 };
    bool ok = true;
    size_t f = 0, l = 0;
    for (size_t i = 0; ok && i < c->live->maps.count; i++) {
        const struct mapping *m = &c->live->maps.rows[i];
        if (!is_wanted(c, m) || !is_late(c, m))
            continue;
        for (; l < c->lost.count && c->lost.rows[l].start < m->end; l++)
            if (c->lost.rows[l].start >= m->start)
                ok = ok && segments_add(&c->live->late, c->lost.rows[l], err);
        while (f < c->filled.count && c->filled.rows[f].end <= m->start)
            f++;
        for (; ok && f < c->filled.count && c->filled.rows[f].start < m->end; f++) {
            struct segment row = c->filled.rows[f];
            row.host = snapshot_place(c, row.start, row.end);
            ok = segments_add(&filled, row, err);
        }
    }
    ok = ok && segments_underlay(&c->live->late, &filled, err);
    segments_fini(&filled);
    return ok;
}

static bool gap_count(struct copying *c, const struct mapping *m, addr from, addr to,
                      UNUSED struct err *err)
{
    c->gaps += mapping_is_anonymous(m) && to - from >= c->gap;
    return true;
}

// Maps the kernel's zero page there.
static bool gap_seal(struct copying *c, const struct mapping *m, addr from, addr to,
                     UNUSED struct err *err)
{
    if (mapping_is_anonymous(m) && to - from >= c->gap)
        mmap(snapshot_place(c, from, to), to - from, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    return true;
}

// Reading a hole of a memfd allocates a page: looking through a large range that the process only
// reserved would use up the machine's memory.
static void seal_gaps(struct copying *c)
{
    c->gap = GAP / 2;
    do {
        c->gap *= 2;
        c->gaps = 0;
        each_rest(c, gap_count, NULL);
    } while (c->gaps > GAPS_MAX);
    each_rest(c, gap_seal, NULL);
}

static bool snapshot_finish(struct copying *c, struct err *err)
{
    struct target *t = c->target;
    struct segments copied = { 0 }, clean = { 0 }, late = { 0 }, holes = { 0 };
    segments_settle(&c->filled);
    segments_settle(&c->lost);
    pages_freeze(&c->live->pages);
    bool ok = keep_late(c, err) && each_rest(c, fill_rest, err)
              && add_mappings(c, &copied, &late, &holes, err);
    seal_gaps(c);
    t->modules = c->probe.modules;
    t->module_count = c->probe.module_count;
    c->probe.modules = NULL;
    c->probe.module_count = 0;
    segments_settle(&c->lost);
    ok = ok && modules_clean(t, &c->live->maps, &clean, err)
         && segments_underlay(&late, &c->lost, err) && segments_underlay(&late, &copied, err)
         && segments_underlay(&late, &clean, err) && segments_underlay(&late, &holes, err);
    // Lazy segments have memory of their own, which is freed with the target.
    target_take_segments(t, &late);
    segments_fini(&copied);
    segments_fini(&clean);
    segments_fini(&holes);
    for (size_t i = 0; i < c->live->cluster_count; i++) {
        struct cluster *cluster = &c->live->clusters[i];
        mprotect(cluster->host, cluster->end - cluster->start, PROT_READ);
    }
    modules_tie(t);
    target_note_run(t, c->live->auxv, c->live->auxv_size);
    t->fd = c->live->memfd;
    return ok;
}

static bool copy_process(struct copying *c, struct err *err)
{
    struct live *live = c->live;
    live->memfd = memfd_create("ouro", MFD_CLOEXEC);
    if (live->memfd < 0)
        return err_errno(err, errno, "room for the copy");
    if (!snapshot_prepare(c, err))
        return false;
    live->hold = hold_open(c->target->pid, err);
    if (!live->hold)
        return false;
    bool ok = copy_stopped(c, err);
    c->target->stopped_us = hold_close(live->hold);
    live->hold = NULL;
    return ok && snapshot_finish(c, err);
}

bool target_open_snapshot(struct target *target, pid_t pid, const struct target_options *options,
                          struct err *err)
{
    struct live *live = live_new(target, "copy", &snapshot_ops, pid, err);
    if (!live)
        return false;
    struct copying *c = calloc(1, sizeof *c);
    bool ok = c || err_memory(err, "the copy");
    if (c) {
        c->target = target;
        c->live = live;
        c->options = options;
        c->largest = largest_mapping();
        c->probe.fd = -1;
        ok = copy_process(c, err);
        free(c->late);
        segments_fini(&c->lost);
        segments_fini(&c->filled);
        c->probe.ops = NULL;
        target_close(&c->probe);
        free(c);
    }
    if (!ok)
        target_close(target);
    return ok;
}
