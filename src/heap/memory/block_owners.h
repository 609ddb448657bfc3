// SPDX-License-Identifier: GPL-3.0-or-later
// Whose the blocks of C memory are: those of malloc, and those of Python's allocator that are no
// objects.
//
//      object    an object is in it
//      buffer    an object points at its start, and counts its bytes in its own __sizeof__()
//      reached   a word of an object may be its address, or one of a block that is reached so
//      global    ... of a library's variables, or of the interpreter's own state
//      stack     ... of a thread's stack, or its registers
//      other     ... of memory that is no block: another allocator's, shared
//      lost      no word anywhere may be its address
//
// The first two are known; the others are a conservative scan: a number may look like an address.
// A word counts when it is the address of one of the block's first bytes; what nothing else leads to
// may also be reached by words that point further inside, but only from objects, blocks and stacks:
// variables have tables of numbers that look like addresses in a low heap.
//
// Does not know: names. Owns: all arrays. Borrows: the heap and memory.
// Cost: one look at each word of objects' own bodies, of blocks, variables and stacks, in flat
// arrays: 37 bytes per block.
#ifndef OURO_HEAP_MEMORY_BLOCK_OWNERS_H
#define OURO_HEAP_MEMORY_BLOCK_OWNERS_H

#include "base/progress.h"
#include "heap/heap.h"
#include "memory/block_index.h"
#include "memory/memory.h"

enum block_how {
    BLOCK_LOST, // while looking: not reached yet
    BLOCK_OBJECT,
    BLOCK_BUFFER,
    BLOCK_REACHED,
    BLOCK_GLOBAL,
    BLOCK_STACK,
    BLOCK_OTHER,
    BLOCK_HOWS,
};

enum block_marks {
    BLOCK_SHARED = 1, // reached from two owners
    BLOCK_BLANK = 2,  // its words lead nowhere: a dead object, a table of objects
    BLOCK_DONE = 4,   // while looking: its words have been looked at
};

struct block_body { // of a type's objects: which words may be addresses; block_owners.c
    uint32_t from, hole, to;
};

struct block_owners {
    const struct heap *heap;
    struct memory *memory;
    struct block_row *rows; // by address
    uint32_t *
        bytes_in; // number of the malloc block, as memory_block() counts; BLOCK_NONE: Python's allocator
    uint8_t *how;   // enum block_how
    uint8_t *marks; // enum block_marks
    uint32_t *from; // the block that it was reached through; BLOCK_NONE: none
    addr *word;     // where the word stands that led here first; 0: none
    node *owner;    // for object, buffer and reached; else NODE_NONE
    uint32_t count, room;
    uint32_t *heads; // per block: the first one of the list that it is of; null: not asked yet
    struct block_body *bodies; // by type
    struct block_index index;
    uint64_t bytes[BLOCK_HOWS], counts[BLOCK_HOWS]; // of malloc's blocks
};

bool block_owners_find(struct block_owners *owners, const struct heap *heap, struct memory *memory,
                       const struct progress *progress, struct err *err);
// How many bytes of malloc's blocks no object counts as its own, at most: what is left when objects of some size
// have taken theirs. Where that is little, nothing is lost and nothing is kept beside the objects.
// Cost: a look at each object's size, and at the words of few.
bool block_owners_glance(const struct heap *heap, struct memory *memory, uint64_t *uncounted,
                         const struct progress *progress, struct err *err);
void block_owners_free(struct block_owners *owners); // accepts a zeroed one

const char *block_how_name(enum block_how how);

// Bytes that the block takes: of malloc's, with its header.
uint64_t block_owners_bytes(const struct block_owners *owners, uint32_t block);

// The first block of the list that the block is a node of (reached from one of its size that was
// reached so itself), or the block. Cost: a step for what was asked before.
uint32_t block_owners_head(struct block_owners *owners, uint32_t block);

// The chain of blocks that leads to it, from its owner on, into via[0..most); returns how many.
uint32_t block_owners_chain(const struct block_owners *owners, uint32_t block, uint32_t *via,
                            uint32_t most);

// Who is pointed at: calls visit for each word of the object's own body, or of a block, that may be
// a block's address. For graphs over both.
// `word`: where it stands; `to`: what it is, an address in the block.
typedef void block_visit(void *context, uint32_t block, addr word, addr to);
void block_owners_of_object(struct block_owners *owners, node n, addr at, block_visit *visit,
                            void *context);
void block_owners_of_block(struct block_owners *owners, uint32_t block, block_visit *visit,
                           void *context);

#endif
