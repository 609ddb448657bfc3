// SPDX-License-Identifier: GPL-3.0-or-later
// Memory with room behind it: see guard.h.
#include "base/guard.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

void *guard_map(int fd, size_t size)
{
    if (size > SIZE_MAX - GUARD_BYTES) {
        errno = ENOMEM;
        return NULL;
    }
    void *room = mmap(NULL, size + GUARD_BYTES, PROT_READ,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return NULL;
    if (mmap(room, size, PROT_READ, MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED, fd, 0) != MAP_FAILED)
        return room;
    int why = errno;
    munmap(room, size + GUARD_BYTES);
    errno = why;
    return NULL;
}

void *guard_room(size_t size)
{
    if (size > SIZE_MAX - GUARD_BYTES) {
        errno = ENOMEM;
        return NULL;
    }
    void *room = mmap(NULL, size + GUARD_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return room == MAP_FAILED ? NULL : room;
}

void guard_unmap(void *map, size_t size)
{
    munmap(map, size + GUARD_BYTES);
}
