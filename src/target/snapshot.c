// SPDX-License-Identifier: GPL-3.0-or-later
// A live process, stopped for as long as it takes to copy what it may change.
//
//      running   1 read its maps, find its modules, make room for the copy (the kernel zeroes pages
//                  slower than it copies them)
//      stopped   2 read its maps again, copy every page that is there
//      running   3 text and constants come from the files, mapped
//
// The copy lies in a memfd, in clusters that keep the target's own distances:
//
//      target   |== heap ==|   |= libs =|          .... far away ....       |= stack =|
//      memfd    [slack|== heap ==|   |= libs =|slack][slack|= stack =|slack]
//
// so that memory which grew between 1 and 2 has its place, neighbours stay neighbours, and the jail
// can map the same file.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "target/live.h"
#include "target/module.h"
#include "target/ops.h"
#include "target/proc.h"

#define PAGE ((uint64_t)4096)
#define FAR ((uint64_t)1 << 30)     // a larger gap ends a cluster
#define SLACK ((uint64_t)256 << 20) // around a cluster, for what grows
#define RESERVED ((uint64_t)64 << 30)
#define GAP ((uint64_t)64 << 10) // a shorter stretch of zeros is not worth a mapping of its own,
#define GAPS_MAX ((size_t)16384) // of which the kernel allows 65530
#define RUNS ((size_t)512)       // pieces a system call
#define CALL_MAX ((uint64_t)64 << 20)
#define PAGEMAP_HERE ((uint64_t)3 << 62) // present or swapped out
#define PAGEMAP_PRESENT ((uint64_t)1 << 63)
#define PAGEMAP_FILE ((uint64_t)1 << 61) // of a file, or shared memory
#define PAGEMAP_OWN ((uint64_t)1 << 56)  // mapped by this process alone

struct copying {
    struct target *target;
    struct live *live;
    const struct target_options *options;
    struct target probe; // for finding the modules before there is a copy
    int pagemap;         // -1: not to be had; then everything is copied
    int mem;             // /proc/PID/mem; -1: not to be had
    bool gently;         // the run of pages at hand is shared with relatives by fork
    struct iovec here[RUNS], there[RUNS];
    size_t runs;
    uint64_t queued, done, total;
    uint64_t largest;       // what a mapping may be and still be copied
    struct segments lost;   // pages that could not be read
    struct segments filled; // what was copied; the rest of what is wanted is zero
};

static const struct target_ops snapshot_ops = {
    .name = "copy",
    .close = live_close,
};

// --- modules, before there is a copy -----------------------------------------------------------

static size_t probe_fetch(struct target *target, addr from, void *to, size_t size)
{
    return proc_peek((pid_t)(intptr_t)target->state, from, to, size);
}

static const struct target_ops probe_ops = {
    .name = "probe",
    .fetch = probe_fetch,
};

// A target of nothing but the first pages of mapped files.
static bool probe(struct copying *c, struct err *err)
{
    target_close(&c->probe);
    c->probe = (struct target){
        .ops = &probe_ops,
        .state = (void *)(intptr_t)c->live->reader,
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
                           proc_inside_exe(live->auxv, live->auxv_size), c->options, err);
}

// --- what to copy ------------------------------------------------------------------------------

static bool snapshot_is_file(const struct mapping *m)
{
    return m->inode != 0;
}

// Private memory that the process may have changed, and memory without a file that it shares with
// its children. Data files mapped for reading are left out, as the kernel leaves them out of a
// core.
static bool is_wanted(const struct copying *c, const struct mapping *m)
{
    if (!(m->flags & SEGMENT_READ) || m->start >= (uint64_t)1 << 63
        || m->end - m->start > c->largest)
        return false;
    if (m->path && (!strcmp(m->path, "[vvar]") || !strcmp(m->path, "[vvar_vclock]")))
        return false;
    if (m->shared)
        return m->path && (!strncmp(m->path, "/dev/zero", 9) || !strncmp(m->path, "/SYSV", 5));
    if (!snapshot_is_file(m) || (m->flags & SEGMENT_WRITE))
        return true;
    return target_module_of(&c->probe, m->start) >= 0 && !module_is_clean(&c->probe, m);
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
    void *host = mmap(NULL, end - start, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
                      live->memfd, (off_t)row.offset);
    if (host == MAP_FAILED)
        return err_errno(err, errno, "room for the copy");
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

// Since Linux 5.19 process_vm_readv() first makes a page that a fork left shared the process's own
// (mm/gup.c, gup_must_unshare): looking at one of many workers would double its memory. Reading
// /proc/PID/mem does not.
static bool is_shared(uint64_t entry)
{
    return (entry & PAGEMAP_PRESENT) && !(entry & (PAGEMAP_FILE | PAGEMAP_OWN));
}

// Calls take(c, from, to) for every run of pages of the mapping that hold something, all shared or
// none. Only anonymous private memory may be skipped: a page of a file that was never touched is
// not zero.
static bool each_run(struct copying *c, const struct mapping *m,
                     bool (*take)(struct copying *c, addr from, addr to, struct err *err),
                     struct err *err)
{
    c->gently = false;
    if (c->pagemap < 0 || m->shared)
        return take(c, m->start, m->end, err);
    uint64_t entries[4096];
    addr run = 0; // where the run that is open began; 0: none is
    addr at = m->start;
    while (at < m->end) {
        size_t pages = (size_t)((m->end - at) / PAGE);
        if (pages > sizeof entries / sizeof *entries)
            pages = sizeof entries / sizeof *entries;
        ssize_t got = pread(c->pagemap, entries, pages * sizeof *entries,
                            (off_t)(at / PAGE * sizeof *entries));
        if (got < (ssize_t)sizeof *entries)
            return take(c, run ? run : at, m->end, err);
        for (size_t i = 0; i < (size_t)got / sizeof *entries; i++, at += PAGE) {
            bool here = snapshot_is_file(m) || (entries[i] & PAGEMAP_HERE),
                 shared = is_shared(entries[i]);
            if (run && (!here || shared != c->gently)) {
                if (!take(c, run, at, err))
                    return false;
                run = 0;
            }
            if (here && !run) {
                run = at;
                c->gently = shared;
            }
        }
    }
    return !run || take(c, run, m->end, err);
}

static uint8_t *snapshot_place(struct copying *c, addr from, addr to)
{
    const struct cluster *cluster = cluster_of(c->live, from, to);
    return cluster ? cluster->host + (from - cluster->start) : NULL;
}

static bool count_run(struct copying *c, addr from, addr to, struct err *err)
{
    (void)err;
    c->total += to - from;
    return true;
}

// Only advice: where it fails, the copy itself brings the pages, while the process waits.
static bool warm_run(struct copying *c, addr from, addr to, struct err *err)
{
    uint8_t *at = snapshot_place(c, from, to);
#ifdef MADV_POPULATE_WRITE
    for (uint64_t left = to - from; at && left;) {
        uint64_t part = left < CALL_MAX ? left : CALL_MAX;
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

// Reads what is queued. Where the kernel stops short, the page it stopped at is given up.
static bool snapshot_flush(struct copying *c, struct err *err)
{
    size_t first = 0;
    while (first < c->runs) {
        ssize_t got = process_vm_readv(c->live->reader, c->here + first, c->runs - first,
                                       c->there + first, c->runs - first, 0);
        if (got < 0 && (errno == ENOSYS || errno == EPERM))
            got = (ssize_t)proc_peek(c->live->reader, (addr)(uintptr_t)c->there[first].iov_base,
                                     c->here[first].iov_base, c->here[first].iov_len);
        if (got < 0 && errno == ESRCH)
            return err_set(err, ERR_IO, "process %d ended while it was being copied",
                           (int)c->target->pid);
        uint64_t skip = got > 0 ? 0 : PAGE;
        uint64_t by = got > 0 ? (uint64_t)got : PAGE;
        if (skip && !note_lost(c, (addr)(uintptr_t)c->there[first].iov_base, err))
            return false;
        while (by && first < c->runs) {
            struct iovec *h = &c->here[first], *t = &c->there[first];
            uint64_t part = by < h->iov_len ? by : h->iov_len;
            h->iov_base = (uint8_t *)h->iov_base + part;
            t->iov_base = (uint8_t *)t->iov_base + part;
            h->iov_len -= part;
            t->iov_len = h->iov_len;
            by = skip ? 0 : by - part;
            if (!h->iov_len)
                first++;
        }
    }
    c->runs = 0;
    c->queued = 0;
    return true;
}

static bool copy_gently(struct copying *c, uint8_t *to, addr from, addr end, struct err *err)
{
    while (from < end) {
        ssize_t got = pread(c->mem, to, end - from, (off_t)from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 && !note_lost(c, from, err))
            return false;
        uint64_t by = got > 0 ? (uint64_t)got : PAGE;
        from += by;
        to += by;
    }
    return true;
}

static bool copy_run(struct copying *c, addr from, addr to, struct err *err)
{
    uint8_t *at = snapshot_place(c, from, to);
    if (!at)
        return err_set(err, ERR_IO, "process %d: its memory changed its shape",
                       (int)c->target->pid);
    if (!segments_add(&c->filled, (struct segment){ .start = from, .end = to }, err))
        return false;
    if (c->gently && c->mem >= 0)
        return copy_gently(c, at, from, to, err);
    while (from < to) {
        uint64_t part = to - from < CALL_MAX ? to - from : CALL_MAX;
        c->here[c->runs] = (struct iovec){ at, part };
        c->there[c->runs] = (struct iovec){ (void *)(uintptr_t)from, part };
        c->queued += part;
        at += part;
        from += part;
        if ((++c->runs == RUNS || c->queued >= CALL_MAX) && !snapshot_flush(c, err))
            return false;
    }
    return true;
}

// --- the order of things -----------------------------------------------------------------------

// A line of /proc/meminfo in bytes; all ones when it is not there.
static uint64_t memory(const char *name)
{
    size_t size;
    char *text = file_slurp("/proc/meminfo", 1 << 16, &size);
    char *found = text ? strstr(text, name) : NULL;
    uint64_t kib = found ? strtoull(found + strlen(name), NULL, 10) : UINT64_MAX >> 10;
    free(text);
    return kib << 10;
}

// A mapping larger than twice the machine is an address range that somebody reserved (a sanitizer's
// shadow, 16 TiB). Only looking for its pages would hold the process for minutes.
static uint64_t largest_mapping(void)
{
    uint64_t total = memory("MemTotal:");
    return total < RESERVED / 2 ? RESERVED : total < UINT64_MAX / 2 ? total * 2 : total;
}

static bool snapshot_prepare(struct copying *c, struct err *err)
{
    pid_t pid = c->target->pid;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/pagemap", (int)pid);
    c->pagemap = open(path, O_RDONLY | O_CLOEXEC);
    // The main thread may have ended: then there is nothing to prepare with, and the stop takes
    // longer.
    maps_read(&c->live->maps, pid, pid, NULL);
    if (!probe(c, err) || !snapshot_plan(c, err) || !each_wanted(c, count_run, err))
        return false;
    uint64_t room = memory("MemAvailable:");
    if (c->total > room)
        return err_set(err, ERR_MEMORY,
                       "process %d: a copy needs %" PRIu64 " MiB, and only %" PRIu64
                       " MiB are available; --hold reads it without a copy",
                       (int)pid, c->total >> 20, room >> 20);
    return each_wanted(c, warm_run, err);
}

// Whether modules found by the first look may be kept.
static bool same_files(const struct maps *a, const struct maps *b)
{
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a->count && !snapshot_is_file(&a->rows[i]))
            i++;
        while (k < b->count && !snapshot_is_file(&b->rows[k]))
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
    if (!same && !probe(c, err))
        return false;
    if (!live->maps.count)
        return err_set(err, ERR_IO,
                       "process %d has no memory (it is ending, or part of the kernel)",
                       (int)c->target->pid);
    c->mem = proc_memory(live->reader);
    return snapshot_plan(c, err) && each_wanted(c, copy_run, err) && snapshot_flush(c, err);
}

static uint32_t rights(const struct mapping *m)
{
    return m->flags & (SEGMENT_READ | SEGMENT_WRITE | SEGMENT_EXEC);
}

static bool add_copied(struct copying *c, struct segments *copied, struct segments *holes,
                       struct err *err)
{
    for (size_t i = 0; i < c->live->maps.count; i++) {
        const struct mapping *m = &c->live->maps.rows[i];
        struct segment row = { .start = m->start, .end = m->end, .flags = rights(m), .module = -1 };
        const struct cluster *cluster =
            is_wanted(c, m) ? cluster_of(c->live, m->start, m->end) : NULL;
        if (cluster) {
            row.host = cluster->host + (m->start - cluster->start);
            row.offset = cluster->offset + (m->start - cluster->start);
        } else
            row.flags |= SEGMENT_MISSING;
        if (!segments_add(cluster ? copied : holes, row, err))
            return false;
    }
    segments_settle(copied);
    segments_settle(holes);
    return true;
}

// Goes through the stretches of at least `least` bytes that are wanted and were never touched by
// the process. Puts the kernel's one page of zeros there, or only counts them.
static size_t each_gap(const struct copying *c, uint64_t least, bool put)
{
    size_t count = 0, f = 0;
    for (size_t i = 0; i < c->live->maps.count; i++) {
        const struct mapping *m = &c->live->maps.rows[i];
        const struct cluster *cluster = cluster_of(c->live, m->start, m->end);
        if (!cluster || snapshot_is_file(m) || !is_wanted(c, m))
            continue;
        for (addr at = m->start; at < m->end;) {
            while (f < c->filled.count && c->filled.rows[f].end <= at)
                f++;
            const struct segment *next = f < c->filled.count ? &c->filled.rows[f] : NULL;
            addr end = next && next->start < m->end ? next->start : m->end;
            if (end > at && end - at >= least) {
                count++;
                if (put)
                    mmap(cluster->host + (at - cluster->start), end - at, PROT_READ,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
            }
            at = next && next->start < m->end ? next->end : m->end;
        }
    }
    return count;
}

// Reading a hole of a memfd makes a page of it: looking through a large range that the process only
// reserved would use up the machine's memory.
static void seal_gaps(struct copying *c)
{
    segments_settle(&c->filled);
    uint64_t least = GAP;
    while (each_gap(c, least, false) > GAPS_MAX)
        least *= 2;
    each_gap(c, least, true);
}

static bool snapshot_finish(struct copying *c, struct err *err)
{
    struct target *t = c->target;
    t->modules = c->probe.modules;
    t->module_count = c->probe.module_count;
    c->probe.modules = NULL;
    c->probe.module_count = 0;
    struct segments copied = { 0 }, clean = { 0 }, holes = { 0 };
    segments_settle(&c->lost);
    bool ok = modules_clean(t, &c->live->maps, &clean, err);
    // is_wanted asks the probe for the modules: they are back with the target by now.
    struct target kept = c->probe;
    c->probe.modules = t->modules;
    c->probe.module_count = t->module_count;
    ok = ok && add_copied(c, &copied, &holes, err);
    seal_gaps(c);
    c->probe = kept;
    ok = ok && segments_underlay(&c->lost, &copied, err) && segments_underlay(&c->lost, &clean, err)
         && segments_underlay(&c->lost, &holes, err);
    if (ok)
        target_take_segments(t, &c->lost);
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
        c->pagemap = c->mem = -1;
        c->largest = largest_mapping();
        c->probe.fd = -1;
        ok = copy_process(c, err);
        if (c->pagemap >= 0)
            close(c->pagemap);
        if (c->mem >= 0)
            close(c->mem);
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
