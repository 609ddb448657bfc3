// SPDX-License-Identifier: GPL-3.0-or-later
// Free blocks that look as if they were in use: those in threads' caches and in fast bins.
//
// A thread's cache is itself a block, of a size that depends on the version. It can be recognised
// without being told where: a block that begins 64 chains of blocks, each chain of the size of its
// bin, is one.
//
// From 2.32 on a link is mangled with the address where it is stored ("safe-linking",
// malloc/malloc.c, PROTECT_PTR): the last one of a chain is then not null. The first link that is
// valid in only one of the two forms tells which is in use.
#include "memory/glibc_shape.h"

#define CHAIN_MAX (1u << 20)

enum link_style { LINKS_UNKNOWN, LINKS_PLAIN, LINKS_MANGLED };

struct cached {
    struct glibc *g;
    enum link_style style;
};

static struct glibc_block *cached_block(struct cached *c, addr chunk)
{
    const struct glibc_block *block = chunk % 16 ? NULL : glibc_block_of(c->g, chunk);
    return block && block->at == chunk ? &c->g->blocks[block - c->g->blocks] : NULL;
}

static bool cached_fits(struct cached *c, addr at, addr behind)
{
    return at == 0 || cached_block(c, at - behind) != NULL;
}

// The link stored at `at`. `behind`: how far into the chunk links point.
static bool cached_next(struct cached *c, addr at, addr behind, addr *next)
{
    uint64_t word;
    if (!glibc_word(c->g, at, &word))
        return false;
    addr mangled = word ^ (at >> 12);
    if (c->style == LINKS_UNKNOWN)
        c->style = cached_fits(c, mangled, behind) ? LINKS_MANGLED : LINKS_PLAIN;
    *next = c->style == LINKS_MANGLED ? mangled : word;
    return true;
}

// Marks a chain's blocks. size 0: any; else all must have it. False: not such a chain.
static bool cached_chain(struct cached *c, addr first, addr behind, uint64_t size,
                         enum glibc_state state, bool mark)
{
    addr at = first;
    for (uint32_t n = 0; at && n < CHAIN_MAX; n++) {
        struct glibc_block *block = cached_block(c, at - behind);
        if (!block || (size && glibc_size(block) != size))
            return false;
        if (mark && glibc_state(block) != GLIBC_USED)
            return false; // already marked: the chain is a ring
        if (mark)
            block->word = glibc_size(block) | (uint64_t)state;
        if (!cached_next(c, block->at + GLIBC_HEADER, behind, &at))
            return false;
        if (!mark) // the beginning is enough
            return true;
    }
    return at == 0;
}

static uint32_t cached_counter(const uint8_t *bytes, const struct glibc_cache_shape *shape,
                               uint32_t i)
{
    uint16_t wide;
    memcpy(&wide, bytes + (size_t)i * 2, sizeof wide);
    return shape->width == 1 ? bytes[i] : wide;
}

// The block size of a bin; 0: several.
static uint64_t cached_size(uint32_t i)
{
    return i < 64 ? ((uint64_t)i + 2) * 16 : 0;
}

static bool cached_is_cache(struct cached *c, const uint8_t *bytes,
                            const struct glibc_cache_shape *shape)
{
    uint32_t chains = 0;
    for (uint32_t i = 0; i < shape->bins; i++) {
        uint64_t first;
        memcpy(&first, bytes + shape->entries + (size_t)i * 8, 8);
        uint32_t count = cached_counter(bytes, shape, i);
        if (!first && (shape->counts_room || !count))
            continue;
        if (!first || (!shape->counts_room && !count)
            || !cached_chain(c, first, GLIBC_HEADER, cached_size(i), GLIBC_CACHED, false))
            return false;
        chains++;
    }
    return chains > 0;
}

static void cached_mark_cache(struct cached *c, const uint8_t *bytes,
                              const struct glibc_cache_shape *shape)
{
    for (uint32_t i = 0; i < shape->bins; i++) {
        uint64_t first;
        memcpy(&first, bytes + shape->entries + (size_t)i * 8, 8);
        if (first)
            cached_chain(c, first, GLIBC_HEADER, cached_size(i), GLIBC_CACHED, true);
    }
    c->g->caches++;
}

static void cached_look(struct cached *c, size_t index)
{
    const struct glibc_block *block = &c->g->blocks[index];
    uint64_t size = glibc_size(block);
    for (size_t s = 0; s < glibc_cache_shape_count; s++) {
        const struct glibc_cache_shape *shape = &glibc_cache_shapes[s];
        if (size != shape->chunk || glibc_state(block) != GLIBC_USED)
            continue;
        const uint8_t *bytes =
            target_view(c->g->target, block->at + GLIBC_HEADER, size - GLIBC_HEADER);
        if (bytes && cached_is_cache(c, bytes, shape))
            cached_mark_cache(c, bytes, shape);
    }
}

static void cached_mark_fast(struct cached *c)
{
    const struct glibc_shape *shape = c->g->shape;
    for (size_t a = 0; a < c->g->arena_count; a++)
        for (uint32_t i = 0; i < shape->fasts; i++) {
            uint64_t first;
            if (glibc_word(c->g, c->g->arenas[a].at + shape->fast + (addr)i * 8, &first) && first)
                cached_chain(c, first, 0, ((uint64_t)i + 2) * 16, GLIBC_FAST, true);
        }
}

void glibc_mark_cached(struct glibc *g)
{
    struct cached c = { .g = g };
    for (size_t i = 0; i < g->block_count; i++)
        cached_look(&c, i);
    cached_mark_fast(&c);
}
