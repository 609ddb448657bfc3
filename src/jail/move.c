// SPDX-License-Identifier: GPL-3.0-or-later
// Moves the worker's own program, stack and shared memory to addresses that are free in the target:
// see protocol.h.
//
// The program is position independent and has no relocations, so that a second mapping of its file
// runs as well as the first.
#include <elf.h>
#include <linux/mman.h>

#include "jail/cell.h"

extern const Elf64_Ehdr __ehdr_start HIDDEN; // defined by the linker: the program's headers

static int64_t map(uint64_t at, uint64_t size, uint64_t prot, uint64_t flags, int fd,
                   uint64_t offset)
{
    int64_t got = arch_syscall(SYS_mmap, at, size, prot, flags | MAP_FIXED_NOREPLACE,
                               (uint64_t)(int64_t)fd, offset);
    if (got == (int64_t)at)
        return 0;
    if (got < 0 && got > -4096)
        return got;
    // The kernel took the address as a hint only.
    arch_syscall(SYS_munmap, (uint64_t)got, size, 0, 0, 0, 0);
    return -17; // EEXIST
}

static int64_t map_zeroes(uint64_t at, uint64_t size)
{
    return map(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int64_t map_load(const Elf64_Phdr *p, uint64_t base, int fd)
{
    uint64_t start = p->p_vaddr & ~(p->p_align - 1),
             end = round_up(p->p_vaddr + p->p_memsz, p->p_align);
    if (!(p->p_flags & PF_W))
        return map(base + start, end - start, PROT_READ | (p->p_flags & PF_X ? PROT_EXEC : 0),
                   MAP_PRIVATE, fd, p->p_offset & ~(p->p_align - 1));
    int64_t failed = map_zeroes(base + start, end - start);
    const char *from = (const char *)&__ehdr_start + p->p_vaddr;
    char *to = (char *)(uintptr_t)(base + p->p_vaddr);
    for (uint64_t i = 0; !failed && i < p->p_memsz; i++)
        to[i] = from[i];
    return failed;
}

static int64_t map_program(uint64_t base, int fd)
{
    const Elf64_Ehdr *head = &__ehdr_start;
    const Elf64_Phdr *p = (const void *)((const char *)head + head->e_phoff);
    for (unsigned i = 0; i < head->e_phnum; i++) {
        int64_t failed = p[i].p_type == PT_LOAD ? map_load(&p[i], base, fd) : 0;
        if (failed)
            return failed;
    }
    return 0;
}

int64_t cell_move(const struct jail_shared *shared, int fd, void (*function)(void *))
{
    uint64_t place = shared->place;
    int64_t failed = map_program(place, shared->program);
    if (!failed)
        failed = map_zeroes(place + JAIL_STACK, JAIL_STACK_SIZE);
    if (!failed)
        failed = map_zeroes(place + JAIL_SIGNALS, JAIL_SIGNALS_SIZE);
    if (!failed)
        failed = map_zeroes(place + JAIL_TARGET, JAIL_TARGET_SIZE);
    if (!failed)
        failed = map_zeroes(place + JAIL_KEPT, JAIL_KEPT_SIZE);
    if (!failed)
        failed = map(place + JAIL_SHARED, shared->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (failed)
        return failed;
    uintptr_t inside = (uintptr_t)function - (uintptr_t)&__ehdr_start;
    void (*moved)(void *) = (void (*)(void *))(uintptr_t)(place + inside);
    arch_go(place + JAIL_STACK + JAIL_STACK_SIZE, moved, (void *)(uintptr_t)(place + JAIL_SHARED));
}

// Kernels may seal their own mappings (the vdso): a range that cannot be unmapped as a whole is
// unmapped by halves.
static void unmap(uint64_t start, uint64_t end)
{
    struct range {
        uint64_t start, end;
    } todo[64];
    unsigned count = 0;
    todo[count++] = (struct range){ start, end };
    while (count) {
        struct range r = todo[--count];
        if (r.start >= r.end || !arch_syscall(SYS_munmap, r.start, r.end - r.start, 0, 0, 0, 0))
            continue;
        uint64_t middle = r.start + (((r.end - r.start) / 2) & ~(JAIL_PAGE - 1));
        if (middle == r.start || count + 2 > sizeof todo / sizeof *todo)
            continue;
        todo[count++] = (struct range){ middle, r.end };
        todo[count++] = (struct range){ r.start, middle };
    }
}

void cell_clear(const struct jail_shared *shared)
{
    unmap(0, shared->place);
    unmap(shared->place + JAIL_SHARED + round_up(shared->size, JAIL_PAGE), ARCH_TOP);
}

static int64_t move_read_whole(int fd, uint64_t to, uint64_t size, uint64_t offset)
{
    while (size) {
        int64_t got = arch_syscall(SYS_pread64, (uint64_t)(int64_t)fd, to, size, offset, 0, 0);
        if (got <= 0)
            return got ? got : -5; // EIO
        to += (uint64_t)got;
        size -= (uint64_t)got;
        offset += (uint64_t)got;
    }
    return 0;
}

// Pages that another map already covers are skipped; *reached is where the last copy ended.
static int64_t map_copy(const struct jail_map *m, uint64_t page, uint64_t *reached)
{
    uint64_t start = m->start & ~(page - 1), end = round_up(m->start + m->size, page);
    if (start < *reached)
        arch_syscall(SYS_mprotect, start, *reached - start, PROT_READ | PROT_WRITE, 0, 0, 0);
    uint64_t from = start < *reached ? *reached : start;
    int64_t failed = from < end ? map_zeroes(from, end - from) : 0;
    if (failed)
        return failed;
    if (end > *reached)
        *reached = end;
    failed = move_read_whole(m->fd, m->start, m->size, m->offset);
    arch_syscall(SYS_mprotect, start, end - start, PROT_READ, 0, 0, 0);
    return failed;
}

int cell_is_data(const struct jail_shared *shared, uint64_t at)
{
    const struct jail_map *maps = (const void *)((const char *)shared + shared->maps);
    for (uint64_t i = 0; i < shared->map_count; i++)
        if (at - maps[i].start < maps[i].size)
            return !(maps[i].flags & JAIL_MAP_EXEC);
    return 0;
}

// If the address is not writable, the kernel reports it before we would fault.
static void move_write_words(const struct jail_shared *shared)
{
    const struct jail_word *words = (const void *)((const char *)shared + shared->words);
    for (uint64_t i = 0; i < shared->word_count; i++) {
        uint64_t page = words[i].at & ~(uint64_t)(shared->page - 1);
        if (words[i].at & 7 || !cell_is_data(shared, words[i].at)
            || arch_syscall(SYS_mprotect, page, shared->page, PROT_READ | PROT_WRITE, 0, 0, 0))
            continue;
        *(volatile uint64_t *)(uintptr_t)words[i].at = words[i].value;
        arch_syscall(SYS_mprotect, page, shared->page, PROT_READ, 0, 0, 0);
    }
}

void cell_map(struct jail_shared *shared)
{
    const struct jail_map *maps = (const void *)((const char *)shared + shared->maps);
    uint64_t reached = 0;
    for (uint64_t i = 0; i < shared->map_count; i++) {
        const struct jail_map *m = &maps[i];
        uint64_t prot = PROT_READ | (m->flags & JAIL_MAP_EXEC ? PROT_EXEC : 0);
        int64_t failed =
            m->flags & JAIL_MAP_COPY
                ? map_copy(m, shared->page, &reached)
                : map(m->start, m->size, prot, MAP_PRIVATE | MAP_NORESERVE, m->fd, m->offset);
        if (!failed)
            continue;
        shared->unmapped++;
        shared->unmapped_error = (uint32_t)-failed;
    }
    move_write_words(shared);
}
