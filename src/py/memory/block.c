// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks of pymalloc and glibc: see block.h.
#include "py/memory/block.h"

#include "py/read.h"
#include "py/python.h"

// glibc's malloc/malloc.c: sizes are multiples of 16, their low bits are flags.
#define CHUNK_LEAST 32
#define CHUNK_MAX                                                                                  \
    (UINT64_C(1) << 25) // larger ones are mapped separately, except with unusual settings
#define CHUNK_FLAGS 7
#define PREVIOUS_IN_USE 1
#define MAPPED 2

static uint64_t pymalloc_size(const struct python *py, const struct pymalloc *pm,
                              const struct pymalloc_arena *arena, addr at)
{
    uint32_t size = pymalloc_block_size(pm, py, arena, at);
    uint64_t within = (at - arena->start) & (pm->pool_bytes - 1);
    uint64_t first = SIZE(py, pool_header) + pm->lead;
    return size <= pm->lead || within < first || (within - first) % size ? 0 : size - pm->lead;
}

static uint64_t chunk_size(const struct python *py, addr at)
{
    const uint8_t *head = at % 16 ? NULL : target_view(py->target, at - 8, 8);
    uint64_t word = head ? load64(head) : 0, size = word & ~(uint64_t)CHUNK_FLAGS;
    if (word & MAPPED || size % 16 || size < CHUNK_LEAST || size > CHUNK_MAX)
        return 0;
    const uint8_t *next = target_view(py->target, at - 8 + size, 8);
    uint64_t after = next ? load64(next) : 0;
    return after & PREVIOUS_IN_USE && after > CHUNK_FLAGS ? size - 8 : 0;
}

uint64_t block_size(const struct python *py, const struct pymalloc *pm, addr at)
{
    const struct pymalloc_arena *arena = pymalloc_arena_of(pm, at);
    if (arena)
        return pymalloc_size(py, pm, arena, at);
    return target_module_of(py->target, at) >= 0 ? 0 : chunk_size(py, at);
}
