// SPDX-License-Identifier: GPL-3.0-or-later
// Memory followed by a guard: files that are mapped, and copies of what a process has.
//
// Decoders look at a struct of the target by a view of its beginning and the offsets of a layout. A
// damaged type, or a layout of another build, may send them up to GUARD_BYTES beyond the view: there
// must be nothing of ours. That many zeros follow each of these.
//
// Does not know: what is in the file. Owns: nothing. Cost: address space, no memory.
#ifndef OURO_BASE_GUARD_H
#define OURO_BASE_GUARD_H

#include <stddef.h>

#define GUARD_BYTES ((size_t)2 << 20) // twice the largest offset of a layout

// Read-only and private; null: errno says why.
void *guard_map(int fd, size_t size);
// Writable zeros, in whose place (but not over the guard) a file may be mapped later.
void *guard_room(size_t size);
// Frees either.
void guard_unmap(void *map, size_t size);

#endif
