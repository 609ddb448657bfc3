// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that is handed out in small pieces and given back all at once.
//
// Does not know: what is in the pieces. For the texts and records that live exactly as long as
// their owner (a report's strings, a heap's type names).
//
//     chunks -> [next|used ......free] -> [next|full] -> [next|full] -> null
//
// Owns: its chunks. A piece never moves and stays until arena_fini() or arena_reset().
// A zeroed arena is an empty one, ready for use. What cannot be had is counted (err_shortages). Cost: a pointer bump; one malloc per chunk, and
// chunks grow from 4 KiB to 1 MiB.
#ifndef OURO_BASE_ARENA_H
#define OURO_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; // newest first
    size_t bytes;               // handed out since the last reset
};

#define ARENA_INIT                                                                                 \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

void arena_init(struct arena *arena);
void arena_fini(struct arena *arena);

// Forgets all pieces and keeps the newest chunk for the next ones.
void arena_reset(struct arena *arena);

// All pieces of another arena become this one's; the other one is empty then.
void arena_adopt(struct arena *arena, struct arena *other);

// `size` zeroed bytes, aligned for any type. Null: out of memory.
void *arena_alloc(struct arena *arena, size_t size);

// A copy of `size` bytes followed by a NUL, unaligned. Null: out of memory.
char *arena_copy(struct arena *arena, const void *bytes, size_t size);

// A copy of a C string. Null: out of memory.
char *arena_string(struct arena *arena, const char *string);

// A text of printf(). Null: out of memory.
char *arena_format_list(struct arena *arena, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));

#endif
