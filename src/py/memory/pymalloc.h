// SPDX-License-Identifier: GPL-3.0-or-later
// pymalloc's arenas and pools: which blocks of up to 512 bytes are in use (Objects/obmalloc.c).
//
//      arena (256 KiB, from 3.10 on 1 MiB)   | pool | pool | pool | ... never used |
//      pool (4 KiB, then 16 KiB)             | header | block | block | ... never used |
//      a free block                          | next free block of its pool | ...
//
// A pool has blocks of one size.
//
// The arenas are found through obmalloc's own table: a static variable up to 3.11 (debug
// information knows where; without it the table is searched for in the interpreter's data by its
// shape), part of the interpreter's state from 3.12 on. An arena counts only when the first pool in
// it says that it belongs to the arena's row of the table, so that a wrong table has no arenas.
//
// Does not know: what is in a block.
// Owns: the array of arenas. Borrows: python. Cost: 40 bytes per arena.
#ifndef OURO_PY_MEMORY_PYMALLOC_H
#define OURO_PY_MEMORY_PYMALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

struct python;

#define POOL_WORDS 32 // 16 KiB in blocks of 8 bytes, one bit per block

struct pymalloc_arena {
    addr start;           // of its first pool
    const uint8_t *bytes; // our view of it
    uint32_t pools;       // carved out so far
    uint32_t total;       // pools that it has room for
    addr base;            // of its memory; `start` is the first pool's boundary in it
};

struct pymalloc {
    struct pymalloc_arena *arenas; // by address
    size_t count, capacity;
    uint32_t pool_bytes;
    uint32_t unit;       // block sizes are multiples of it: 16, or 8 in old patch releases
    uint32_t pools_most; // in an arena
    uint32_t lead;       // bytes that the debug hooks put before a request: 16; else 0
    bool known;          // false: no arenas found, or not pymalloc (PYTHONMALLOC=malloc)
    bool by_shape;       // the table was searched for
    uint64_t raw_blocks; // larger requests that went to malloc, as sys.getallocatedblocks() counts
                         // them; 0: not known
};

struct pymalloc_pool {
    addr at;
    const uint8_t *bytes;
    uint32_t size;             // of a block
    uint32_t blocks;           // carved out so far, the first 48 bytes after `at`
    uint32_t used;             // as its header says
    bool sound;                // the chain of free blocks agrees with that
    uint64_t free[POOL_WORDS]; // a bit per block; meaningful when sound
};

// False only when memory runs out; *pm is then empty.
bool pymalloc_open(struct pymalloc *pm, const struct python *py, struct err *err);
void pymalloc_close(struct pymalloc *pm);

// Where an arena's memory ends.
addr pymalloc_arena_end(const struct pymalloc *pm, const struct pymalloc_arena *arena);

// Pool i of an arena. False: nothing in it is in use, or its header is damaged.
bool pymalloc_pool(const struct pymalloc *pm, const struct python *py,
                   const struct pymalloc_arena *arena, uint32_t i, struct pymalloc_pool *pool);

// Whether the debug hooks have put their guards before what was asked for, in a block of 16 bytes
// and more.
bool pymalloc_has_guards(const uint8_t *block);

// The arena that has the address, or null. Cost: a binary search.
const struct pymalloc_arena *pymalloc_arena_of(const struct pymalloc *pm, addr at);

// The size of the blocks in the pool around `at`, which lies in the arena; 0: damaged.
uint32_t pymalloc_block_size(const struct pymalloc *pm, const struct python *py,
                             const struct pymalloc_arena *arena, addr at);

#endif
