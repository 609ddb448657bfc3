// SPDX-License-Identifier: GPL-3.0-or-later
// Memory handed out in small pieces: see arena.h.
#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { CHUNK_FIRST = 4096, CHUNK_LAST = 1 << 20 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used; // in bytes
    alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena)ARENA_INIT;
}

static void chunks_free(struct arena_chunk *chunk)
{
    while (chunk) {
        struct arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void arena_fini(struct arena *arena)
{
    chunks_free(arena->chunks);
    arena_init(arena);
}

void arena_reset(struct arena *arena)
{
    arena->bytes = 0;
    if (!arena->chunks)
        return;
    chunks_free(arena->chunks->next);
    arena->chunks->next = NULL;
    arena->chunks->used = 0;
}

void arena_adopt(struct arena *arena, struct arena *other)
{
    struct arena_chunk **last = &arena->chunks;
    while (*last)
        last = &(*last)->next;
    *last = other->chunks;
    arena->bytes += other->bytes;
    arena_init(other);
}

// Makes the newest chunk one that has room for `size` bytes at any alignment.
static bool chunk_add(struct arena *arena, size_t size)
{
    size_t room = arena->chunks ? arena->chunks->size * 2 : CHUNK_FIRST;
    if (room > CHUNK_LAST)
        room = CHUNK_LAST;
    if (size > SIZE_MAX / 2)
        return err_memory(NULL, "a piece of an arena");
    if (room < size + alignof(max_align_t))
        room = size + alignof(max_align_t);
    struct arena_chunk *chunk = malloc(sizeof *chunk + room);
    if (!chunk)
        return err_memory(NULL, "a piece of an arena");
    chunk->next = arena->chunks;
    chunk->size = room;
    chunk->used = 0;
    arena->chunks = chunk;
    return true;
}

static void *arena_take(struct arena *arena, size_t size, size_t align)
{
    struct arena_chunk *chunk = arena->chunks;
    size_t at = chunk ? (chunk->used + align - 1) & ~(align - 1) : 0;
    if (!chunk || at > chunk->size || chunk->size - at < size) {
        if (!chunk_add(arena, size))
            return NULL;
        chunk = arena->chunks;
        at = 0;
    }
    chunk->used = at + size;
    arena->bytes += size;
    return chunk->bytes + at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *piece = arena_take(arena, size, alignof(max_align_t));
    return piece ? memset(piece, 0, size) : NULL;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    char *piece = size < SIZE_MAX ? arena_take(arena, size + 1, 1) : NULL;
    if (!piece)
        return NULL;
    if (size)
        memcpy(piece, bytes, size);
    piece[size] = '\0';
    return piece;
}

char *arena_string(struct arena *arena, const char *string)
{
    return arena_copy(arena, string, strlen(string));
}

char *arena_format_list(struct arena *arena, const char *format, va_list list)
{
    va_list again;
    va_copy(again, list);
    int size = vsnprintf(NULL, 0, format, list);
    char *text = NULL;
    if (size < 0)
        err_memory(NULL, "a text");
    else
        text = arena_alloc(arena, (size_t)size + 1);
    if (text)
        vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}
