// SPDX-License-Identifier: GPL-3.0-or-later
// How large a block of C memory is, by the address that malloc() gave for it.
//
// Knows two allocators: pymalloc by its pools, and glibc's by what stands around a block:
//
//      | size and flags | what the program has ... | size and flags, "the one before is in use" |
//                       at                         at + usable size
//
// Does not know: other allocators (musl's, jemalloc's, mimalloc's), blocks that glibc mapped by
// themselves. What looks like a block to it may be none: a caller needs other evidence, too.
// Owns, borrows: nothing. Cost: two views; for pymalloc a binary search.
#ifndef OURO_PY_MEMORY_BLOCK_H
#define OURO_PY_MEMORY_BLOCK_H

#include "py/memory/pymalloc.h"

// Bytes that the block which begins at `at` has; 0: none that is known begins there.
uint64_t block_size(const struct python *py, const struct pymalloc *pm, addr at);

#endif
