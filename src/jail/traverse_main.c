// SPDX-License-Identifier: GPL-3.0-or-later
// ouro-traverse: runs types' own tp_traverse on a copy of a dead or stopped process's memory,
// locked up.
//
// Started by ouro as `ouro-traverse FD`, FD being the shared memory of protocol.h. Reading order:
// protocol.h, cell.h, then move.c, lock.c, cell.c.
#define OURO_JAIL_FIRST_CODE
#include <linux/mman.h>

#include "jail/cell.h"

// The compiler turns plain loops and assignments into calls to these.
HIDDEN void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    char *t = to;
    const char *f = from;
    for (size_t i = 0; i < size; i++) {
        t[i] = f[i];
        __asm__ volatile("" : : : "memory"); // or this loop would become such a call, too
    }
    return to;
}

HIDDEN void *memset(void *to, int value, size_t size)
{
    char *t = to;
    for (size_t i = 0; i < size; i++) {
        t[i] = (char)value;
        __asm__ volatile("" : : : "memory");
    }
    return to;
}

static void traverse_main_settle(void *moved)
{
    struct jail_shared *shared = moved;
    cell_clear(shared);
    cell_map(shared);
    cell_serve(shared);
}

static int parse_fd(const char *text)
{
    int fd = 0;
    if (!*text)
        return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || fd > 1000000)
            return -1;
        fd = fd * 10 + (*text - '0');
    }
    return fd;
}

_Noreturn void jail_start(const uint64_t *stack)
{
    int fd = stack[0] == 2 ? parse_fd((const char *)(uintptr_t)stack[2]) : -1;
    struct jail_shared *shared = NULL;
    if (fd >= 0) {
        int64_t at = arch_syscall(SYS_mmap, 0, JAIL_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
                                  (uint64_t)fd, 0);
        shared = at < 0 && at > -4096 ? NULL : (void *)(uintptr_t)at;
    }
    if (!shared) {
        static const char words[] = "ouro-traverse: a part of ouro, which starts it itself\n";
        arch_syscall(SYS_write, 2, (uint64_t)(uintptr_t)words, sizeof words - 1, 0, 0, 0);
        cell_exit(2);
    }
    if (shared->magic != JAIL_MAGIC)
        cell_fail(shared, JAIL_STEP_ORDERS, -22); // EINVAL: the protocol of another version
    cell_fail(shared, JAIL_STEP_MOVE, cell_move(shared, fd, traverse_main_settle));
}
