// SPDX-License-Identifier: GPL-3.0-or-later
// Pages that exist: see pages.h.
#include "target/pages.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular.h"
#include "target/proc.h"

#define PAGE ((uint64_t)4096)
#define PAGEMAP_HERE ((uint64_t)3 << 62) // present or swapped out
#define PAGEMAP_PRESENT ((uint64_t)1 << 63)
#define PAGEMAP_FILE ((uint64_t)1 << 61) // of a file, or shared memory
#define PAGEMAP_OWN ((uint64_t)1 << 56)  // mapped by this process alone
#define BACKINGS_MOST ((size_t)512)      // out of the descriptors that a process may have

void pages_open(struct pages *pages, pid_t pid, pid_t reader, const struct maps *maps)
{
    char path[64];
    *pages = (struct pages){ .pid = pid, .reader = reader, .maps = maps };
    pages->mem = proc_memory(reader);
    snprintf(path, sizeof path, "/proc/%d/task/%d/pagemap", (int)pid, (int)reader);
    pages->pagemap = open(path, O_RDONLY | O_CLOEXEC);
    if (pages->pagemap < 0) {
        snprintf(path, sizeof path, "/proc/%d/pagemap", (int)reader);
        pages->pagemap = open(path, O_RDONLY | O_CLOEXEC);
    }
    proc_root(pid, pages->root, sizeof pages->root);
}

static void pages_close_process(struct pages *pages)
{
    if (pages->mem >= 0)
        close(pages->mem);
    if (pages->pagemap >= 0)
        close(pages->pagemap);
    pages->mem = pages->pagemap = -1;
    pages->count = pages->there_count = 0;
    pages->there_from = pages->there_to = 0;
}

void pages_again(struct pages *pages, pid_t reader)
{
    struct pages now;
    pages_open(&now, pages->pid, reader, pages->maps);
    pages_close_process(pages);
    now.backings = pages->backings;
    now.backing_count = pages->backing_count;
    now.backing_room = pages->backing_room;
    *pages = now;
}

void pages_freeze(struct pages *pages)
{
    pages_close_process(pages);
    pages->frozen = true;
}

void pages_close(struct pages *pages)
{
    if (!pages->maps)
        return;
    for (size_t i = 0; i < pages->backing_count; i++)
        if (pages->backings[i].fd >= 0)
            close(pages->backings[i].fd);
    free(pages->backings);
    pages_close_process(pages);
    *pages = (struct pages){ .mem = -1, .pagemap = -1 };
}

// --- which are there ---------------------------------------------------------------------------

bool mapping_is_anonymous(const struct mapping *mapping)
{
    if (mapping->shared)
        return false;
    return !mapping->path || *mapping->path == '[' || !strcmp(mapping->path, "/dev/zero")
           || !strncmp(mapping->path, "/anon_hugepage", 14);
}

static void pages_scan(struct pages *pages, addr at)
{
    addr end = at;
    for (size_t i = pages->maps->count; i-- && end == at;)
        if (pages->maps->rows[i].end < USER_END && pages->maps->rows[i].end > at)
            end = pages->maps->rows[i].end;
    pages->there_from = at & ~(PAGE - 1);
    pages->no_scan =
        end == at
        || !page_scan(pages->pagemap, pages->there_from, end, PAGE_PRESENT | PAGE_SWAPPED,
                      pages->there, PAGES_REGIONS, &pages->there_count, &pages->there_to);
    pages->there_at = 0;
}

// The next address from `at` on where the process may have something, as far as that is known; `at`
// itself if it may have something there.
static addr pages_next(struct pages *pages, addr at)
{
    if (pages->no_scan || pages->pagemap < 0)
        return at;
    if (at < pages->there_from || at >= pages->there_to) {
        pages_scan(pages, at);
        if (pages->no_scan)
            return at;
    }
    if (pages->there_at && at < pages->there[pages->there_at - 1].end)
        pages->there_at = 0;
    while (pages->there_at < pages->there_count && pages->there[pages->there_at].end <= at)
        pages->there_at++;
    if (pages->there_at == pages->there_count)
        return pages->there_to;
    addr start = pages->there[pages->there_at].start;
    return start > at ? start : at;
}

// The kernel's pagemap word for a page. False: unavailable.
static bool pages_word(struct pages *pages, addr at, uint64_t *word)
{
    addr page = at / PAGE;
    if (pages->pagemap < 0)
        return false;
    if (pages_next(pages, at) > at) {
        *word = 0;
        return true;
    }
    if (page < pages->first || page - pages->first >= pages->count) {
        ssize_t size = pread(pages->pagemap, pages->window, sizeof pages->window,
                             (off_t)(page * sizeof *pages->window));
        pages->first = page;
        pages->count = size > 0 ? (size_t)size / sizeof *pages->window : 0;
        if (!pages->count)
            return false;
    }
    *word = pages->window[page - pages->first];
    return true;
}

// Since Linux 5.19 process_vm_readv() first copies a page that a fork left shared (mm/gup.c,
// gup_must_unshare): reading one of many worker processes would double its memory. Reading
// /proc/PID/mem does not.
static enum page_run pages_kind(struct pages *pages, const struct mapping *mapping, addr at)
{
    uint64_t word;
    bool anonymous = mapping_is_anonymous(mapping);
    if (mapping->shared || (pages->frozen && !anonymous))
        return RUN_BACKED;
    if (!pages_word(pages, at, &word))
        return anonymous ? RUN_OWN : RUN_BACKED;
    if (!(word & PAGEMAP_HERE) || (!anonymous && word & PAGEMAP_FILE && word & PAGEMAP_PRESENT))
        return anonymous ? RUN_ZERO : RUN_BACKED;
    return !(word & PAGEMAP_PRESENT) || word & (PAGEMAP_OWN | PAGEMAP_FILE) ? RUN_OWN : RUN_FORKED;
}

addr pages_run(struct pages *pages, const struct mapping *mapping, addr from, addr end,
               enum page_run *kind)
{
    *kind = pages_kind(pages, mapping, from);
    if (mapping->shared || pages->pagemap < 0 || (pages->frozen && *kind == RUN_BACKED))
        return end;
    addr at = from & ~(PAGE - 1);
    do {
        addr next = pages_next(pages, at);
        at = next > at ? next : at + PAGE;
    } while (at < end && pages_kind(pages, mapping, at) == *kind);
    return at < end ? at : end;
}

// --- the files behind ----------------------------------------------------------------------------

static int pages_open_same(const char *path, uint64_t inode)
{
    struct regular which;
    int fd = regular_open(path, &which, NULL);
    if (fd >= 0 && which.inode != inode) {
        close(fd);
        return -1;
    }
    return fd;
}

static int pages_open_backing(const struct pages *pages, const struct mapping *mapping)
{
    char link[96];
    snprintf(link, sizeof link, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)pages->pid,
             mapping->start, mapping->end);
    int fd = pages_open_same(link, mapping->inode);
    if (fd >= 0 || *mapping->path != '/')
        return fd;
    char *path = NULL;
    if (asprintf(&path, "%s%s", pages->root, mapping->path) < 0)
        return -1;
    fd = pages_open_same(path, mapping->inode);
    free(path);
    return fd;
}

int pages_backing(struct pages *pages, const struct mapping *mapping)
{
    if (!mapping->inode || !mapping->path)
        return -1;
    for (size_t i = 0; i < pages->backing_count; i++)
        if (pages->backings[i].inode == mapping->inode)
            return pages->backings[i].fd;
    if (pages->backing_count == BACKINGS_MOST)
        return -1;
    if (pages->backing_count == pages->backing_room) {
        size_t room = pages->backing_room ? pages->backing_room * 2 : 64;
        struct backing *rows = realloc(pages->backings, room * sizeof *rows);
        if (!rows)
            return -1;
        pages->backings = rows;
        pages->backing_room = room;
    }
    int fd = pages_open_backing(pages, mapping);
    pages->backings[pages->backing_count++] = (struct backing){ mapping->inode, fd };
    return fd;
}

// --- reading ---------------------------------------------------------------------------------------

static size_t pages_read_process(struct pages *pages, addr from, void *to, size_t size)
{
    if (pages->frozen)
        return 0;
    return pages->mem < 0 ? proc_peek(pages->reader, from, to, size)
                          : proc_read(pages->mem, from, to, size);
}

// Beyond the end of the file the process cannot read either, except the rest of the last page,
// which is zero.
static size_t pages_read_file(int fd, const struct mapping *mapping, addr from, uint8_t *to,
                              size_t size)
{
    uint64_t at = mapping->offset + (from - mapping->start);
    size_t done = proc_read(fd, at, to, size);
    uint64_t rest = -(at + done) & (PAGE - 1);
    return rest < size - done ? done + (size_t)rest : size;
}

// For shared memory whose file we may not open, and devices: reads the pages that the process
// itself has mapped.
static size_t pages_read_mapped(struct pages *pages, addr from, uint8_t *to, size_t size)
{
    size_t done = 0;
    uint64_t word;
    while (done < size && pages_word(pages, from + done, &word) && word & PAGEMAP_PRESENT) {
        size_t part = PAGE - ((from + done) & (PAGE - 1));
        if (part > size - done)
            part = size - done;
        size_t got = pages_read_process(pages, from + done, to + done, part);
        done += got;
        if (got < part)
            break;
    }
    return done;
}

// For other files that are gone: the process has only what it mapped, and little is asked for.
static size_t pages_read_run(struct pages *pages, const struct mapping *mapping, enum page_run kind,
                             addr from, void *to, size_t size)
{
    if (kind == RUN_ZERO)
        return size;
    if (kind != RUN_BACKED)
        return pages_read_process(pages, from, to, size);
    int fd = pages_backing(pages, mapping);
    if (fd >= 0)
        return pages_read_file(fd, mapping, from, to, size);
    bool device = mapping->path && !strncmp(mapping->path, "/dev/", 5);
    return mapping->shared || device ? pages_read_mapped(pages, from, to, size)
                                     : pages_read_process(pages, from, to, size);
}

// Where the process's own pages end: adjacent mappings are read in one go.
static addr pages_own(struct pages *pages, addr at, addr end)
{
    while (at < end) {
        const struct mapping *m = maps_at(pages->maps, at);
        enum page_run kind;
        if (!m || !(m->flags & SEGMENT_READ))
            break;
        addr next = pages_run(pages, m, at, m->end < end ? m->end : end, &kind);
        if (kind != RUN_OWN && kind != RUN_FORKED)
            break;
        at = next;
    }
    return at;
}

size_t pages_read(struct pages *pages, addr from, void *to, size_t size)
{
    size_t done = 0;
    while (done < size) {
        const struct mapping *m = maps_at(pages->maps, from + done);
        if (!m || !(m->flags & SEGMENT_READ))
            break;
        addr at = from + done, end = m->end - at < size - done ? m->end : from + size;
        enum page_run kind;
        addr next = pages_run(pages, m, at, end, &kind);
        if (kind == RUN_OWN || kind == RUN_FORKED)
            next = pages_own(pages, next, from + size);
        size_t part = (size_t)(next - at);
        size_t got = pages_read_run(pages, m, kind, at, (uint8_t *)to + done, part);
        done += got;
        if (got < part)
            break;
    }
    return done;
}

addr pages_skip_zeros(struct pages *pages, addr from, addr end)
{
    while (from < end) {
        const struct mapping *m = maps_at(pages->maps, from);
        enum page_run kind;
        if (!m || !mapping_is_anonymous(m))
            break;
        addr next = pages_run(pages, m, from, m->end < end ? m->end : end, &kind);
        if (kind != RUN_ZERO)
            break;
        from = next;
    }
    return from;
}

bool pages_alive(const struct pages *pages)
{
    uint8_t byte;
    for (size_t i = 0; pages->mem >= 0 && i < pages->maps->count; i++) {
        const struct mapping *m = &pages->maps->rows[i];
        if (!(m->flags & SEGMENT_READ) || !m->path || strcmp(m->path, "[stack]"))
            continue;
        return proc_read(pages->mem, m->end - 8, &byte, 1) == 1;
    }
    return true;
}
