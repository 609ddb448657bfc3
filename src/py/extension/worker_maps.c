// SPDX-License-Identifier: GPL-3.0-or-later
// From segments to whole pages of files: see worker_maps.h.
#include "py/extension/worker_maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/regular.h"
#include "base/vec.h"
#include "target/elf.h"

#define KERNEL (UINT64_C(1) << 56) // vsyscall pages lie above: no process can map them

struct making {
    struct worker_maps *maps;
    const struct target *target;
    int fd;          // of the file that backs the target
    int *module_fds; // -2: not tried, -1: unavailable
    uint64_t page;
    struct err *err;
};

// --- files ---------------------------------------------------------------------------------------

// Takes ownership of the descriptor, even on failure.
static bool keep_fd(struct worker_maps *maps, int fd, struct err *err)
{
    if (!vec_grow(&maps->fds, &maps->fd_room, maps->fd_count + 1, sizeof *maps->fds, err)) {
        close(fd);
        return false;
    }
    maps->fds[maps->fd_count++] = fd;
    return true;
}

// -1: none. False: out of memory.
static bool module_fd(struct making *m, int index, int *fd)
{
    int *known = &m->module_fds[index];
    if (*known == -2) {
        const struct module *module = &m->target->modules[index];
        *known = module->file && module->elf
                     ? regular_open_again(module->file, elf_file(module->elf))
                     : -1;
        if (*known >= 0 && !keep_fd(m->maps, *known, m->err))
            return false;
    }
    *fd = *known;
    return true;
}

// --- rows ----------------------------------------------------------------------------------------

static bool joins(const struct jail_map *a, const struct jail_map *b)
{
    return a->start + a->size == b->start && a->offset + a->size == b->offset && a->fd == b->fd
           && a->flags == b->flags;
}

static bool worker_maps_add(struct making *m, struct jail_map row)
{
    struct worker_maps *w = m->maps;
    if (!row.size)
        return true;
    if (w->count && joins(&w->rows[w->count - 1], &row)) {
        w->rows[w->count - 1].size += row.size;
        return true;
    }
    if (!vec_grow(&w->rows, &w->room, w->count + 1, sizeof *w->rows, m->err))
        return false;
    w->rows[w->count++] = row;
    return true;
}

// If `start` lies in the page in which the last row ends, that row gives the page up, so that it
// can be copied.
static bool split_last(struct making *m, uint64_t start)
{
    struct worker_maps *w = m->maps;
    struct jail_map *last = w->count ? &w->rows[w->count - 1] : NULL;
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
        w->count--;
    return worker_maps_add(m, tail);
}

static bool add_segment(struct making *m, const struct segment *s, int fd, uint64_t offset,
                        bool text)
{
    struct worker_maps *w = m->maps;
    uint64_t reached = w->count ? w->rows[w->count - 1].start + w->rows[w->count - 1].size : 0;
    if (!split_last(m, s->start))
        return false;
    struct jail_map row = {
        .start = s->start, .size = s->end - s->start, .offset = offset, .fd = fd
    };
    bool fits = !(s->start & (m->page - 1)) && !(offset & (m->page - 1));
    bool shares = reached > (s->start & ~(m->page - 1));
    if (fits && !shares) {
        row.flags = text ? JAIL_MAP_EXEC : 0;
        return worker_maps_add(m, row);
    }
    row.flags = JAIL_MAP_COPY;
    uint64_t head = (m->page - (s->start & (m->page - 1))) & (m->page - 1);
    bool rest_fits = !((offset + head) & (m->page - 1)) && head < row.size;
    if (!rest_fits)
        return worker_maps_add(m, row);
    // Only the page at its beginning is unaligned or shared.
    struct jail_map rest = row;
    row.size = head;
    rest.start += head;
    rest.offset += head;
    rest.size -= head;
    rest.flags = text ? JAIL_MAP_EXEC : 0;
    return worker_maps_add(m, row) && worker_maps_add(m, rest);
}

// Whether the segment is text of its module, and its offset in the file that backs it: the module's
// file, else the target itself.
static bool text_offset(const struct target *target, const struct segment *s, uint64_t *offset)
{
    const struct module *module = s->module < 0 ? NULL : &target->modules[s->module];
    if (!module || !module->elf)
        return false;
    uint64_t inside = s->start - module->bias;
    const struct elf_load *load = elf_shape_load(elf_shape_of(module->elf), inside);
    if (!load || !(load->flags & SEGMENT_EXEC) || load->flags & SEGMENT_WRITE)
        return false;
    *offset = module->file ? load->offset + (inside - load->start) : s->offset;
    return true;
}

static bool list_segment(struct making *m, const struct segment *s)
{
    if (!s->host || s->flags & SEGMENT_MISSING || s->start >= KERNEL)
        return true;
    uint64_t offset = s->offset;
    bool text = s->flags & SEGMENT_EXEC && text_offset(m->target, s, &offset);
    int fd = m->fd;
    bool of_file = s->flags & SEGMENT_FILE || (text && m->target->modules[s->module].file);
    if (of_file && !module_fd(m, s->module, &fd))
        return false;
    if (fd < 0 && text && !(s->flags & SEGMENT_FILE)) { // the core at least has it as data
        fd = m->fd;
        offset = s->offset;
        text = false;
    }
    if (fd < 0 || s->filled) {
        m->maps->left_out++;
        return true;
    }
    return add_segment(m, s, fd, offset, text);
}

// The kernel maps whole pages anyway; beyond the end of a file they are zeroes.
static void round_sizes(struct worker_maps *w, uint64_t page)
{
    for (size_t i = 0; i < w->count; i++)
        if (!(w->rows[i].flags & JAIL_MAP_COPY))
            w->rows[i].size = (w->rows[i].size + page - 1) & ~(page - 1);
}

static int compare_rows(const void *a, const void *b)
{
    const struct jail_map *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

static bool worker_maps_list(struct making *m)
{
    m->module_fds = malloc((m->target->module_count + 1) * sizeof *m->module_fds);
    if (!m->module_fds)
        return err_memory(m->err, "the list of modules");
    for (size_t i = 0; i < m->target->module_count; i++)
        m->module_fds[i] = -2;
    bool ok = true;
    for (size_t i = 0; i < m->target->segment_count && ok; i++)
        ok = list_segment(m, &m->target->segments[i]);
    free(m->module_fds);
    return ok;
}

bool worker_maps_open(struct worker_maps *maps, const struct target *target, struct err *err)
{
    *maps = (struct worker_maps){ 0 };
    if (target->fd < 0)
        return err_set(err, ERR_UNSUPPORTED, "the memory of a %s cannot be mapped a second time",
                       target->kind);
    struct making m = {
        .maps = maps,
        .target = target,
        .fd = fcntl(target->fd, F_DUPFD_CLOEXEC, 3),
        .page = (uint64_t)sysconf(_SC_PAGESIZE),
        .err = err,
    };
    if (m.fd < 0)
        return err_errno(err, errno, "the target's file");
    if (!keep_fd(maps, m.fd, err) || !worker_maps_list(&m)) {
        worker_maps_close(maps);
        return false;
    }
    round_sizes(maps, m.page);
    qsort(maps->rows, maps->count, sizeof *maps->rows, compare_rows);
    return true;
}

void worker_maps_close(struct worker_maps *maps)
{
    for (size_t i = 0; i < maps->fd_count; i++)
        close(maps->fds[i]);
    free(maps->fds);
    free(maps->rows);
    *maps = (struct worker_maps){ 0 };
}

bool worker_maps_has_text(const struct worker_maps *maps, addr at)
{
    size_t low = 0, high = maps->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct jail_map *row = &maps->rows[middle];
        if (at < row->start)
            high = middle;
        else if (at - row->start >= row->size)
            low = middle + 1;
        else
            return row->flags & JAIL_MAP_EXEC;
    }
    return false;
}

// --- a place for the worker itself ---------------------------------------------------------------

// Far from where kernels map anything, and within 39 address bits: some kernels have no more.
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
        if (target->segments[i].start < start + size + MARGIN
            && target->segments[i].end + MARGIN > start)
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
