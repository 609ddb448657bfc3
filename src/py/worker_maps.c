// SPDX-License-Identifier: GPL-3.0-or-later
// What the jail is to map, out of the target's segments: see worker.h.
//
// Text comes only from a module's file, which target/ has held against the build-id in the memory; all else is data, even
// where the target could execute it. mmap wants whole pages, so that a page that two segments share, or one whose place in its
// file is not on a page boundary, is copied.
#include "py/worker_maps.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/vec.h"
#include "target/elf.h"

#define HEAD 4096 // of a file, compared again after opening it
#define KERNEL (UINT64_C(1) << 56) // vsyscall pages lie above: no process can map them

struct making {
    struct worker *worker;
    const struct target *target;
    int fd;          // of what backs the target itself
    int *module_fds; // -2: not tried, -1: not to be had
    uint64_t page;
    struct err *err;
};

// --- files -------------------------------------------------------------------------------------------

static bool is_same_file(int fd, const struct module *module)
{
    size_t size;
    const uint8_t *known = elf_bytes(module->elf, &size);
    uint8_t head[HEAD];
    size_t most = size < sizeof head ? size : sizeof head;
    return pread(fd, head, most, 0) == (ssize_t)most && !memcmp(head, known, most) &&
           lseek(fd, 0, SEEK_END) == (off_t)size;
}

bool worker_keep_fd(struct worker *w, int fd, struct err *err)
{
    if (!vec_grow(&w->fds, &w->fd_room, w->fd_count + 1, sizeof *w->fds, err)) {
        close(fd);
        return false;
    }
    w->fds[w->fd_count++] = fd;
    return true;
}

// -1: none. False: out of memory.
static bool module_fd(struct making *m, int index, int *fd)
{
    int *known = &m->module_fds[index];
    if (*known == -2) {
        const struct module *module = &m->target->modules[index];
        *known = module->file && module->elf && !module->refused ? open(module->file, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
        if (*known >= 0 && !is_same_file(*known, module)) {
            close(*known);
            *known = -1;
        }
        if (*known >= 0 && !worker_keep_fd(m->worker, *known, m->err))
            return false;
    }
    *fd = *known;
    return true;
}

// --- rows --------------------------------------------------------------------------------------------

static bool joins(const struct jail_map *a, const struct jail_map *b)
{
    return a->start + a->size == b->start && a->offset + a->size == b->offset && a->fd == b->fd && a->flags == b->flags;
}

static bool add(struct making *m, struct jail_map row)
{
    struct worker *w = m->worker;
    if (!row.size)
        return true;
    if (w->map_count && joins(&w->maps[w->map_count - 1], &row)) {
        w->maps[w->map_count - 1].size += row.size;
        return true;
    }
    if (!vec_grow(&w->maps, &w->map_room, w->map_count + 1, sizeof *w->maps, m->err))
        return false;
    w->maps[w->map_count++] = row;
    return true;
}

// The page that the last row ends within, if `start` lies in it, too: that row gives it up, so that it can be copied.
static bool split_last(struct making *m, uint64_t start)
{
    struct worker *w = m->worker;
    struct jail_map *last = w->map_count ? &w->maps[w->map_count - 1] : NULL;
    if (!last || last->flags & JAIL_MAP_COPY)
        return true;
    uint64_t end = last->start + last->size, whole = end & ~(m->page - 1);
    if (whole == end || start >= whole + m->page)
        return true;
    if (whole < last->start)
        whole = last->start;
    struct jail_map tail = *last;
    last->size = whole - last->start;
    tail.start += last->size;
    tail.offset += last->size;
    tail.size -= last->size;
    tail.flags = JAIL_MAP_COPY;
    if (!last->size)
        w->map_count--;
    return add(m, tail);
}

static bool add_segment(struct making *m, const struct segment *s, int fd, uint64_t offset, bool text)
{
    struct worker *w = m->worker;
    uint64_t reached = w->map_count ? w->maps[w->map_count - 1].start + w->maps[w->map_count - 1].size : 0;
    if (!split_last(m, s->start))
        return false;
    struct jail_map row = { .start = s->start, .size = s->end - s->start, .offset = offset, .fd = fd };
    bool fits = !(s->start & (m->page - 1)) && !(offset & (m->page - 1));
    bool shares = reached > (s->start & ~(m->page - 1));
    if (fits && !shares) {
        row.flags = text ? JAIL_MAP_EXEC : 0;
        return add(m, row);
    }
    row.flags = JAIL_MAP_COPY;
    uint64_t head = (m->page - (s->start & (m->page - 1))) & (m->page - 1);
    bool rest_fits = !((offset + head) & (m->page - 1)) && head < row.size;
    if (!rest_fits)
        return add(m, row);
    // Only the page at its beginning is in the way.
    struct jail_map rest = row;
    row.size = head;
    rest.start += head;
    rest.offset += head;
    rest.size -= head;
    rest.flags = text ? JAIL_MAP_EXEC : 0;
    return add(m, row) && add(m, rest);
}

// Where the file of the segment's module has what the segment holds; false: it is no text of it.
static bool text_offset(const struct target *target, const struct segment *s, uint64_t *offset)
{
    const struct module *module = s->module < 0 ? NULL : &target->modules[s->module];
    if (!module || !module->elf || module->refused)
        return false;
    uint64_t inside = s->start - module->bias;
    const struct elf_load *load = elf_shape_load(elf_shape_of(module->elf), inside);
    if (!load || !(load->flags & SEGMENT_EXEC) || load->flags & SEGMENT_WRITE)
        return false;
    *offset = load->offset + (inside - load->start);
    return true;
}

static bool list_segment(struct making *m, const struct segment *s)
{
    if (!s->host || s->flags & SEGMENT_MISSING || s->start >= KERNEL)
        return true;
    uint64_t offset = s->offset;
    bool text = s->flags & SEGMENT_EXEC && text_offset(m->target, s, &offset);
    int fd = m->fd;
    if ((text || s->flags & SEGMENT_FILE) && !module_fd(m, s->module, &fd))
        return false;
    if (fd < 0 && text && !(s->flags & SEGMENT_FILE)) { // the core has it as data, at least
        fd = m->fd;
        offset = s->offset;
        text = false;
    }
    if (fd < 0 || s->filled) {
        m->worker->left_out++;
        return true;
    }
    return add_segment(m, s, fd, offset, text);
}

// The kernel maps whole pages anyway; beyond the end of a file they are zeroes.
static void round_sizes(struct worker *w, uint64_t page)
{
    for (size_t i = 0; i < w->map_count; i++)
        if (!(w->maps[i].flags & JAIL_MAP_COPY))
            w->maps[i].size = (w->maps[i].size + page - 1) & ~(page - 1);
}

bool worker_list_maps(struct worker *worker, const struct target *target, int fd, struct err *err)
{
    struct making m = {
        .worker = worker,
        .target = target,
        .fd = fd,
        .page = (uint64_t)sysconf(_SC_PAGESIZE),
        .err = err,
    };
    m.module_fds = malloc((target->module_count + 1) * sizeof *m.module_fds);
    if (!m.module_fds)
        return err_memory(err, "the list of modules");
    for (size_t i = 0; i < target->module_count; i++)
        m.module_fds[i] = -2;
    bool ok = true;
    for (size_t i = 0; i < target->segment_count && ok; i++)
        ok = list_segment(&m, &target->segments[i]);
    free(m.module_fds);
    round_sizes(worker, m.page);
    return ok;
}

// --- a place for the worker itself -------------------------------------------------------------------

// Far from where kernels put anything, within 39 bits of address where some kernels have no more.
#if defined __x86_64__
#define FIRST_CHOICE UINT64_C(0x2a5500000000)
#define HIGHEST (UINT64_C(1) << 46)
#else
#define FIRST_CHOICE UINT64_C(0x2a55000000)
#define HIGHEST (UINT64_C(1) << 38)
#endif
#define LOWEST UINT64_C(0x100000000)
#define MARGIN UINT64_C(0x10000000)

static bool is_free(const struct target *target, addr start, uint64_t size)
{
    for (size_t i = 0; i < target->segment_count; i++)
        if (target->segments[i].start < start + size + MARGIN && target->segments[i].end + MARGIN > start)
            return false;
    return true;
}

addr worker_find_place(const struct target *target, uint64_t size)
{
    if (is_free(target, FIRST_CHOICE, size))
        return FIRST_CHOICE;
    addr reached = LOWEST;
    for (size_t i = 0; i <= target->segment_count; i++) {
        addr end = i < target->segment_count ? target->segments[i].start : HIGHEST;
        addr start = (reached + 2 * MARGIN) & ~(MARGIN - 1);
        if (end > start && end - start > size + MARGIN && start + size < HIGHEST)
            return start;
        if (i < target->segment_count && target->segments[i].end > reached)
            reached = target->segments[i].end;
    }
    return 0;
}
