// SPDX-License-Identifier: GPL-3.0-or-later
// Every byte that a process has mapped, and whose it is: rows that add up to the whole.
//
//      mappings     | program | heap of glibc's malloc          | anonymous        | stack |
//      claims                 |  in use | free | in use | top |  | arena | arena |
//      rows         each claim's bytes go to its row; what nobody claims goes to its mapping's row
//
// So the sum of all rows is the sum of all mappings, even where something was not claimed. Residence
// is known page by page: each of two rows that share a page gets its own bytes.
//
// Does not know: Python. Code that does claims its arenas and objects (memory_claim).
//
// Owns: everything. Borrows: the target.
// Cost: see glibc_malloc.h and target/residence.h; 24 bytes per claim, and a sort.
#ifndef OURO_MEMORY_MEMORY_H
#define OURO_MEMORY_MEMORY_H

#include "base/arena.h"
#include "memory/glibc_malloc.h"
#include "memory/jemalloc.h"
#include "memory/mallocng.h"
#include "target/residence.h"

#define MEMORY_NO_ROW UINT32_MAX

struct memory_row {
    const char *kind, *name, *what; // "malloc free", "thread caches", a sentence
    uint64_t bytes, resident, own, swapped;
    uint64_t unknown; // of `bytes`: whose residence is not known
    uint64_t count;   // blocks, mappings, stacks, ...
    uint64_t rank;    // order among the rows: as they were made
};

struct memory_claim {
    addr from, to;
    uint32_t row;
};

struct memory_stack {
    addr from, to;   // all of it; what is in use begins at the thread's stack pointer
    uint32_t thread; // index of the target's
};

struct memory {
    struct target *target;
    struct residence residence;
    struct glibc glibc;
    struct jemalloc jemalloc;
    struct mallocng mallocng;
    const char *allocator; // another malloc that is in the process: "jemalloc"; null: none
    struct memory_row *rows;
    size_t row_count, row_room;
    struct memory_claim *claims;
    size_t claim_count, claim_room;
    struct memory_stack *stacks;
    size_t stack_count, stack_room;
    struct arena texts;
    int32_t
        *users; // per mapping: the module whose variables point there; -1: none; null: not asked
    uint32_t *rests; // per mapping: the row of what nobody claims of it; null: none is set
    struct memory_row total;
    uint64_t trim; // bytes that malloc_trim(0) would give back, as far as they are in memory
    uint64_t trim_reserved; // and in all
};

// Reads mappings and malloc's blocks. No rows yet.
bool memory_open(struct memory *memory, struct target *target, struct err *err);
void memory_close(struct memory *memory); // accepts a zeroed one

// The row of that kind and name, made when there is none. Texts: static, or copied into
// memory->texts. MEMORY_NO_ROW: out of memory.
uint32_t memory_row(struct memory *memory, const char *kind, const char *name, const char *what);

// [from, to) belongs to the row, which counts `count` things more. Of two claims the one that begins
// first has what they share.
bool memory_claim(struct memory *memory, uint32_t row, addr from, addr to, uint64_t count,
                  struct err *err);

// What nobody claims of the mapping around the address goes to that row.
bool memory_rest(struct memory *memory, addr at, uint32_t row, struct err *err);

// Claims what malloc has: glibc's heaps, jemalloc's extents, musl's groups.
bool memory_claim_malloc(struct memory *memory, struct err *err);

// The malloc that is read block by block: "glibc", "jemalloc", "musl"; else another one's name, whose
// blocks are not known; null: none.
const char *memory_malloc(const struct memory *memory);
bool memory_has_blocks(const struct memory *memory);
uint64_t memory_in_use(const struct memory *memory); // bytes of blocks in use
uint64_t memory_unused(const struct memory *memory); // of free ones, in caches and between others

// Their blocks by one number, free ones and all.
size_t memory_block_count(const struct memory *memory);
struct memory_block {
    addr at;        // what malloc() gave; of musl's, at most 256 bytes before
    uint64_t size;  // bytes from there on that are the block's
    uint64_t bytes; // that it takes, with its header
    bool used;
    const char *state; // "in use", "free, in a thread's cache"
};
struct memory_block memory_block(const struct memory *memory, size_t i);
// The number of the block that holds the address; SIZE_MAX: none. Cost: some binary searches.
size_t memory_block_of(const struct memory *memory, addr at);

// Claims the threads' stacks, and notes them.
bool memory_claim_stacks(struct memory *memory, struct err *err);

// No more claims: all rows get their numbers.
bool memory_settle(struct memory *memory, struct err *err);

#endif
