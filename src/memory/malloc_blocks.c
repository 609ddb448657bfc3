// SPDX-License-Identifier: GPL-3.0-or-later
// The blocks of every malloc that is read block by block, numbered together: glibc's first, then
// jemalloc's, then musl's. See memory.h.
#include "memory/memory.h"

#define MAPPED_TAIL 16 // the header of a block that is a mapping of its own
#define CHUNK_TAIL 8   // the last word of any other belongs to its neighbour

bool memory_has_blocks(const struct memory *m)
{
    return m->glibc.shape || m->jemalloc.shape || m->mallocng.context;
}

const char *memory_malloc(const struct memory *m)
{
    return m->jemalloc.shape     ? "jemalloc"
           : m->mallocng.context ? "musl"
           : m->allocator        ? m->allocator
           : m->glibc.shape      ? "glibc"
                                 : NULL;
}

uint64_t memory_in_use(const struct memory *m)
{
    return m->glibc.bytes[GLIBC_USED] + m->glibc.bytes[GLIBC_MAPPED]
           + m->jemalloc.pieces.bytes[JEMALLOC_USED] + m->mallocng.slots.bytes[MALLOCNG_USED];
}

uint64_t memory_unused(const struct memory *m)
{
    const uint64_t *g = m->glibc.bytes, *j = m->jemalloc.pieces.bytes;
    return g[GLIBC_CACHED] + g[GLIBC_FAST] + g[GLIBC_FREE] + g[GLIBC_TOP] + j[JEMALLOC_CACHED]
           + j[JEMALLOC_FREE] + j[JEMALLOC_DIRTY] + j[JEMALLOC_MUZZY]
           + m->mallocng.slots.bytes[MALLOCNG_FREE];
}

size_t memory_block_count(const struct memory *m)
{
    return m->glibc.block_count + m->jemalloc.pieces.count + m->mallocng.slots.count;
}

static struct memory_block blocks_of_glibc(const struct glibc_block *b)
{
    static const char *const names[] = { "in use",
                                         "in use, mapped by itself",
                                         "free, in a thread's cache",
                                         "free, in a fast bin",
                                         "free",
                                         "free, at the arena's end",
                                         "a mark" };
    enum glibc_state state = glibc_state(b);
    uint64_t bytes = glibc_size(b);
    return (struct memory_block){
        .at = b->at + GLIBC_HEADER,
        .size = bytes - (state == GLIBC_MAPPED ? MAPPED_TAIL : CHUNK_TAIL),
        .bytes = bytes,
        .used = state == GLIBC_USED || state == GLIBC_MAPPED,
        .state = state < GLIBC_STATES ? names[state] : "unknown",
    };
}

static struct memory_block blocks_of_musl(const struct malloc_piece *slot)
{
    static const char *const names[] = { "in use", "free", "musl's own" };
    unsigned state = piece_state(slot);
    uint64_t size = piece_size(slot);
    return (struct memory_block){ slot->at, size, size, state == MALLOCNG_USED,
                                  state < MALLOCNG_STATES ? names[state] : "unknown" };
}

static struct memory_block blocks_of_jemalloc(const struct jemalloc *j, size_t i)
{
    static const char *const names[] = { "in use",
                                         "free, in a thread's cache",
                                         "free, in a slab",
                                         "what blocks do not fill",
                                         "free pages, dirty",
                                         "free pages, muzzy",
                                         "reserved",
                                         "jemalloc's own" };
    const struct malloc_piece *p = &j->pieces.rows[i];
    unsigned state = piece_state(p);
    uint64_t size = piece_size(p);
    bool own = state == JEMALLOC_USED && jemalloc_is_own(j, i);
    return (struct memory_block){ p->at, size, size, state == JEMALLOC_USED && !own,
                                  names[own ? JEMALLOC_BASE : state] };
}

struct memory_block memory_block(const struct memory *m, size_t i)
{
    if (i < m->glibc.block_count)
        return blocks_of_glibc(&m->glibc.blocks[i]);
    i -= m->glibc.block_count;
    if (i < m->jemalloc.pieces.count)
        return blocks_of_jemalloc(&m->jemalloc, i);
    return blocks_of_musl(&m->mallocng.slots.rows[i - m->jemalloc.pieces.count]);
}

size_t memory_block_of(const struct memory *m, addr at)
{
    const struct glibc_block *block = m->glibc.shape ? glibc_block_of(&m->glibc, at) : NULL;
    const struct malloc_piece *piece = pieces_find(&m->jemalloc.pieces, at);
    const struct malloc_piece *slot = pieces_find(&m->mallocng.slots, at);
    size_t glibc = m->glibc.block_count;
    return block   ? (size_t)(block - m->glibc.blocks)
           : piece ? glibc + (size_t)(piece - m->jemalloc.pieces.rows)
           : slot  ? glibc + m->jemalloc.pieces.count + (size_t)(slot - m->mallocng.slots.rows)
                   : SIZE_MAX;
}
