// SPDX-License-Identifier: GPL-3.0-or-later
// Finding the radix tree, and walking it: see jemalloc.h.
#include "memory/jemalloc.h"

#include <stdlib.h>

#include "base/search.h"
#include "base/vec.h"
#include "memory/jemalloc_shape.h"

#define LEVEL 18 // bits of an address that each level of the tree takes
#define TABLE ((uint64_t)1 << LEVEL)
#define TABLE_BYTES (TABLE * 8)
#define DESCRIPTION 128                                     // bytes of an extent's description
#define POINTER (((UINT64_C(1) << 48) - 1) & ~(uint64_t)63) // in a leaf's word
#define SAMPLE 256                 // elements of a leaf that decide its shape
#define BUDGET ((uint64_t)1 << 27) // words read while searching
#define MAPPINGS_MAX 256           // mappings that one extent spans
#define REGIONS_MAX 512            // per slab
#define BASE_ALIGNED ((addr)2 << 20)
#define BASE_STEPS 4096
#define BASES_MAX 4096

// include/jemalloc/internal/edata.h of 5.3.0, extent_structs.h of 5.2.1.
static const struct jemalloc_shape jemalloc_shapes[] = {
    { .state = 17, .state_bits = 3, .szind = 20, .nfree = 28, .bits = 64, .count_first = false },
    { .state = 16, .state_bits = 2, .szind = 18, .nfree = 26, .bits = 64, .count_first = true },
};
#define SHAPES (sizeof jemalloc_shapes / sizeof *jemalloc_shapes)

size_t jemalloc_shape_number(const struct jemalloc_shape *shape)
{
    return (size_t)(shape - jemalloc_shapes);
}

const struct jemalloc_shape *jemalloc_shape_row(size_t number)
{
    return number < SHAPES ? &jemalloc_shapes[number] : NULL;
}

struct jemalloc_extent {
    addr page, at;
    uint64_t bits, size;
};

static uint32_t extent_field(const struct jemalloc_extent *e, uint32_t shift, uint32_t width)
{
    return (uint32_t)(e->bits >> shift & ((UINT64_C(1) << width) - 1));
}

// The description that the page's word leads to, if the page is the extent's first.
static bool extent_open(const struct jemalloc *j, uint64_t word, addr page,
                        struct jemalloc_extent *e)
{
    const uint8_t *bytes =
        word & POINTER ? target_view(j->target, word & POINTER, DESCRIPTION) : NULL;
    uint64_t words[3];
    if (!bytes)
        return false;
    memcpy(words, bytes, sizeof words);
    *e = (struct jemalloc_extent){ page, words[1], words[0], words[2] & ~(JEMALLOC_PAGE - 1) };
    return (e->at & ~(JEMALLOC_PAGE - 1)) == page && e->size && e->at % 8 == 0;
}

static bool extent_is_active(const struct jemalloc_shape *shape, const struct jemalloc_extent *e)
{
    return extent_field(e, shape->state, shape->state_bits) == 0;
}

static bool extent_is_mapped(const struct jemalloc *j, const struct jemalloc_extent *e)
{
    addr at = e->page, end = e->page + e->size;
    for (uint32_t i = 0; i < MAPPINGS_MAX && at < end; i++) {
        const struct resident *row = residence_of(j->residence, at);
        if (!row)
            return false;
        at = row->mapping.end;
    }
    return at >= end;
}

// --- pieces --------------------------------------------------------------------------------------

// A slab's bits, as many as it has regions; false: they disagree with its count.
static bool slab_bits(const struct jemalloc *j, uint64_t word, const struct jemalloc_extent *e,
                      uint32_t regions, uint64_t bits[REGIONS_MAX / 64])
{
    uint32_t unused = 0, groups = (regions + 63) / 64;
    const uint8_t *bytes =
        target_view(j->target, (word & POINTER) + j->shape->bits, (size_t)groups * 8);
    if (!bytes)
        return false;
    memcpy(bits, bytes, (size_t)groups * 8);
    if (regions % 64)
        bits[groups - 1] &= (UINT64_C(1) << (regions % 64)) - 1;
    for (uint32_t i = 0; i < groups; i++)
        unused += (uint32_t)__builtin_popcountll(bits[i]);
    return unused == extent_field(e, j->shape->nfree, 10);
}

static bool piece_slab(struct jemalloc *j, uint64_t word, const struct jemalloc_extent *e,
                       struct err *err)
{
    uint64_t bits[REGIONS_MAX / 64];
    uint32_t szind = extent_field(e, j->shape->szind, 8);
    uint64_t size = jemalloc_class(szind), regions = e->size / size;
    if (szind >= JEMALLOC_SMALLS || regions > REGIONS_MAX || e->at != e->page
        || !slab_bits(j, word, e, (uint32_t)regions, bits)) {
        j->odd++;
        return true;
    }
    j->slabs++;
    for (uint32_t i = 0; i < regions; i++) {
        bool is_free = bits[i / 64] >> (i % 64) & 1;
        if (!pieces_add(&j->pieces, e->at + i * size, e->at + (i + 1) * size,
                        is_free ? JEMALLOC_FREE : JEMALLOC_USED, err))
            return false;
    }
    return pieces_add(&j->pieces, e->at + regions * size, e->page + e->size, JEMALLOC_SLACK, err);
}

// A large block begins at a random offset in its first page, so that blocks do not all share one
// cache line.
static bool piece_large(struct jemalloc *j, const struct jemalloc_extent *e, struct err *err)
{
    addr end = e->at + jemalloc_class(extent_field(e, j->shape->szind, 8)),
         last = e->page + e->size;
    if (end <= e->at || end > last) {
        j->odd++;
        return true;
    }
    return pieces_add(&j->pieces, e->page, e->at, JEMALLOC_SLACK, err)
           && pieces_add(&j->pieces, e->at, end, JEMALLOC_USED, err)
           && pieces_add(&j->pieces, end, last, JEMALLOC_SLACK, err);
}

static bool piece_extent(struct jemalloc *j, uint64_t word, const struct jemalloc_extent *e,
                         struct err *err)
{
    if (e->page < j->reached || e->size > UINT64_MAX - e->page || !extent_is_mapped(j, e)) {
        j->odd++;
        return true;
    }
    j->extents++;
    j->reached = e->page + e->size;
    switch (extent_field(e, j->shape->state, j->shape->state_bits)) {
    case 0:
        return word & 1 ? piece_slab(j, word, e, err) : piece_large(j, e, err);
    case 1:
        return pieces_add(&j->pieces, e->page, e->page + e->size, JEMALLOC_DIRTY, err);
    case 2:
        return pieces_add(&j->pieces, e->page, e->page + e->size, JEMALLOC_MUZZY, err);
    case 3:
        return pieces_add(&j->pieces, e->page, e->page + e->size, JEMALLOC_RETAINED, err);
    default: // in transition between states
        j->odd++;
        return true;
    }
}

// --- base blocks ---------------------------------------------------------------------------------

struct jemalloc_base {
    addr from, to;
};

struct jemalloc_bases {
    struct jemalloc_base rows[BASES_MAX];
    size_t count, last;
};

// struct base_block_s: its size, the next one, and a description of its unused rest.
static bool base_open(const struct jemalloc *j, addr at, struct jemalloc_base *base, addr *next)
{
    uint64_t words[5];
    const void *bytes = target_view(j->target, at, sizeof words);
    if (!bytes)
        return false;
    memcpy(words, bytes, sizeof words);
    *base = (struct jemalloc_base){ at, at + words[0] };
    *next = words[1];
    return words[0] && words[0] % BASE_ALIGNED == 0 && words[0] >> 46 == 0 && words[3] > at
           && words[3] <= base->to && words[4] <= base->to - words[3]
           && words[1] % BASE_ALIGNED == 0;
}

static bool base_knows(struct jemalloc_bases *bases, addr at)
{
    for (size_t i = 0; i < bases->count; i++) {
        const struct jemalloc_base *b = &bases->rows[(bases->last + i) % bases->count];
        if (at - b->from >= b->to - b->from)
            continue;
        bases->last = (bases->last + i) % bases->count;
        return true;
    }
    return false;
}

// The base block that contains the address, and those that follow it on its list.
static void base_note(const struct jemalloc *j, struct jemalloc_bases *bases, addr inside)
{
    struct jemalloc_base base;
    addr at = inside & ~(BASE_ALIGNED - 1), next = 0;
    if (base_knows(bases, inside))
        return;
    for (uint32_t i = 0; i < BASE_STEPS && at; i++, at -= BASE_ALIGNED)
        if (base_open(j, at, &base, &next))
            break;
    while (at && base_open(j, at, &base, &next) && bases->count < BASES_MAX
           && !base_knows(bases, at)) {
        bases->rows[bases->count++] = base;
        at = next;
    }
}

// --- the tree ------------------------------------------------------------------------------------

static bool tree_leaf(struct jemalloc *j, addr leaf, addr first, struct jemalloc_bases *bases,
                      struct err *err)
{
    const uint8_t *bytes = target_view(j->target, leaf, TABLE_BYTES);
    if (!bytes)
        return true;
    base_note(j, bases, leaf);
    for (uint64_t k = 0; k < TABLE; k++) {
        uint64_t word;
        struct jemalloc_extent e;
        memcpy(&word, bytes + k * 8, 8);
        if (!word || !extent_open(j, word, first + k * JEMALLOC_PAGE, &e))
            continue;
        base_note(j, bases, word & POINTER);
        if (!piece_extent(j, word, &e, err))
            return false;
    }
    return true;
}

static bool tree_walk(struct jemalloc *j, addr root, struct err *err)
{
    struct jemalloc_bases *bases = calloc(1, sizeof *bases);
    bool ok = bases || err_memory(err, "jemalloc's extents");
    uint64_t leaves = target_bytes(j->target) / TABLE_BYTES + 1; // leaves in memory, each once
    j->reached = 0;
    for (uint64_t k = 0; ok && leaves && k < TABLE; k++) {
        uint64_t leaf;
        if (!jemalloc_word(j, root + k * 8, &leaf) || !leaf)
            continue;
        leaves--;
        ok = tree_leaf(j, leaf, k << (LEVEL + 12), bases, err);
    }
    for (size_t i = 0; ok && i < bases->count; i++)
        ok = pieces_add(&j->pieces, bases->rows[i].from, bases->rows[i].to, JEMALLOC_BASE, err);
    free(bases);
    return ok;
}

// --- finding the tree ----------------------------------------------------------------------------

// Which version's description of extents this leaf has: all of them in use have the leaf's size
// class.
static const struct jemalloc_shape *leaf_shape(const struct jemalloc *j, const uint8_t *leaf,
                                               addr first, uint64_t from)
{
    for (size_t s = 0; s < SHAPES; s++) {
        const struct jemalloc_shape *shape = &jemalloc_shapes[s];
        uint32_t good = 0, bad = 0, seen = 0;
        for (uint64_t k = from; k < TABLE && seen < SAMPLE; k++) {
            uint64_t word;
            struct jemalloc_extent e;
            memcpy(&word, leaf + k * 8, 8);
            if (!word || !extent_open(j, word, first + k * JEMALLOC_PAGE, &e))
                continue;
            seen++;
            if (!extent_is_active(shape, &e))
                continue;
            bool fits =
                extent_field(&e, shape->szind, 8) == word >> 48 && (e.bits >> 12 & 1) == (word & 1);
            good += fits;
            bad += !fits;
        }
        if (good && bad * 8 <= good)
            return shape;
    }
    return NULL;
}

// A word at `place` may lead to a leaf: returns where its table begins, or 0.
static addr leaf_root(struct jemalloc *j, addr place, addr leaf, uint64_t *budget)
{
    if (leaf % 64 || leaf >> 47 || leaf >> 12 == 0 || target_module_of(j->target, leaf) >= 0)
        return 0;
    const uint8_t *bytes = target_view(j->target, leaf, TABLE_BYTES);
    for (uint64_t k = 0; bytes && k < TABLE && *budget; k++) {
        uint64_t word, place_of;
        memcpy(&word, bytes + k * 8, 8);
        --*budget;
        if (!(word & POINTER))
            continue;
        if (!jemalloc_word(j, (word & POINTER) + 8, &place_of) || (place_of >> 12) % TABLE != k)
            return 0;
        addr first = place_of >> (LEVEL + 12) << (LEVEL + 12);
        const struct jemalloc_shape *shape = leaf_shape(j, bytes, first, k);
        if (!shape || (j->shape && shape != j->shape))
            return 0;
        j->shape = shape;
        return place - (place_of >> (LEVEL + 12)) * 8;
    }
    return 0;
}

// Searches the variables of a module from `from` to `to`: there is one tree at most.
static bool find_in(struct jemalloc *j, addr from, addr to, uint64_t *budget, struct err *err)
{
    for (addr at = from; at + 8 <= to;) {
        uint64_t size = target_readable(j->target, at, to - at);
        const uint8_t *bytes = size ? target_view(j->target, at, size) : NULL;
        for (uint64_t k = 0; bytes && k + 8 <= size && *budget; k += 8) {
            uint64_t word;
            memcpy(&word, bytes + k, 8);
            --*budget;
            addr root = word ? leaf_root(j, at + k, word, budget) : 0;
            if (root && root >= from && root + TABLE_BYTES <= to)
                return tree_walk(j, root, err);
        }
        at = bytes ? at + size : target_next(j->target, at);
    }
    return true;
}

static bool find_trees(struct jemalloc *j, struct err *err)
{
    const struct residence *residence = j->residence;
    uint64_t budget = BUDGET;
    int last = -1;
    for (size_t i = 0; i < residence->count; i++) {
        const struct mapping *m = &residence->rows[i].mapping;
        int module =
            (m->flags & SEGMENT_WRITE) && !m->shared ? target_module_of(j->target, m->start) : -1;
        if (module < 0 || module == last)
            continue;
        last = module;
        addr end = j->target->modules[module].end;
        if (end > m->start && end - m->start >= TABLE_BYTES
            && !find_in(j, m->start & ~(addr)7, end, &budget, err))
            return false;
    }
    return true;
}

// --- opening -------------------------------------------------------------------------------------

// If two overlap, the first one stays.
static void jemalloc_order(struct jemalloc *j)
{
    struct malloc_pieces *pieces = &j->pieces;
    pieces_sort(pieces);
    addr reached = 0;
    size_t kept = 0;
    for (size_t i = 0; i < pieces->count; i++) {
        addr at = pieces->rows[i].at, end = at + piece_size(&pieces->rows[i]);
        if (at < reached || end <= at) {
            j->odd++;
            continue;
        }
        reached = end;
        pieces->rows[kept++] = pieces->rows[i];
    }
    pieces->count = kept;
}

bool jemalloc_open(struct jemalloc *j, struct target *target, const struct residence *residence,
                   struct err *err)
{
    *j = (struct jemalloc){ .target = target, .residence = residence };
    bool ok = find_trees(j, err);
    jemalloc_order(j);
    if (!ok || (j->shape && !jemalloc_mark_cached(j, err))) {
        jemalloc_close(j);
        return false;
    }
    pieces_tally(&j->pieces);
    return true;
}

void jemalloc_close(struct jemalloc *j)
{
    pieces_fini(&j->pieces);
    free(j->own);
    *j = (struct jemalloc){ 0 };
}

bool jemalloc_is_own(const struct jemalloc *j, size_t piece)
{
    size_t k = search_rows(j->own, j->own_count, sizeof *j->own, 0, sizeof *j->own, piece);
    return k < j->own_count && j->own[k] == piece;
}
