// SPDX-License-Identifier: GPL-3.0-or-later
// The map between addresses and node numbers: see address_map.h.
#include "heap/build/address_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "graph/csr.h"

#define SLAB_CHUNKS 64 // a slab of 1 MiB
#define GUIDE_SHIFT 12

static bool grow_slots(struct address_map *place)
{
    size_t count = place->slot_count ? place->slot_count * 2 : 256;
    struct address_map_slot *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < place->count; i++) {
        size_t k = address_map_hash(place->chunks[i]->base, count);
        while (slots[k].chunk)
            k = (k + 1) & (count - 1);
        slots[k] = (struct address_map_slot){ place->chunks[i]->base, place->chunks[i] };
    }
    free(place->slots);
    place->slots = slots;
    place->slot_count = count;
    return true;
}

// The two scratch sets of a chunk, in a slab: holes of that size would stay behind when the
// finding ends.
static uint64_t *new_scratch(struct address_map *place)
{
    size_t bytes = 2 * CHUNK_WORDS * sizeof(uint64_t);
    if (!place->slab_left) {
        if (!vec_grow(&place->slabs, &place->slab_room, place->slab_count + 1, sizeof(void *),
                      NULL))
            return NULL;
        void *slab = calloc(SLAB_CHUNKS, bytes);
        if (!slab)
            return NULL;
        place->slabs[place->slab_count++] = slab;
        place->slab_left = SLAB_CHUNKS;
    }
    char *slab = place->slabs[place->slab_count - 1];
    return (uint64_t *)(void *)(slab + --place->slab_left * bytes);
}

void address_map_drop_scratch(struct address_map *place)
{
    for (size_t i = 0; i < place->slab_count; i++)
        free(place->slabs[i]);
    free(place->slabs);
    place->slabs = NULL;
    place->slab_count = place->slab_room = place->slab_left = 0;
    for (size_t i = 0; i < place->count; i++)
        place->chunks[i]->held = place->chunks[i]->visited = NULL;
}

static struct address_map_chunk *new_chunk(struct address_map *place, addr base)
{
    struct address_map_chunk *c = calloc(1, sizeof *c);
    uint64_t *scratch = c ? new_scratch(place) : NULL;
    if (!scratch) {
        free(c);
        return NULL;
    }
    c->base = base;
    c->first = (uint32_t)place->count;
    c->held = scratch;
    c->visited = scratch + CHUNK_WORDS;
    return c;
}

static struct address_map_chunk *add_chunk(struct address_map *place, addr base)
{
    if (place->count * 2 >= place->slot_count && !grow_slots(place))
        return NULL;
    if (!vec_grow(&place->chunks, &place->capacity, place->count + 1, sizeof *place->chunks, NULL))
        return NULL;
    struct address_map_chunk *c = new_chunk(place, base);
    if (!c)
        return NULL;
    place->chunks[place->count++] = c;
    size_t k = address_map_hash(base, place->slot_count);
    while (place->slots[k].chunk)
        k = (k + 1) & (place->slot_count - 1);
    place->slots[k] = (struct address_map_slot){ base, c };
    return c;
}

struct address_map_chunk *address_map_make(struct address_map *place, addr at)
{
    struct address_map_chunk *c = address_map_chunk(place, at);
    if (!c)
        c = add_chunk(place, at >> CHUNK_SHIFT << CHUNK_SHIFT);
    place->failed = place->failed || !c;
    return c;
}

static int by_base(const void *a, const void *b)
{
    const struct address_map_chunk *x = *(struct address_map_chunk *const *)a,
                                   *y = *(struct address_map_chunk *const *)b;
    return x->base < y->base ? -1 : x->base > y->base;
}

static uint64_t rank_chunk(struct address_map_chunk *c)
{
    uint64_t n = 0;
    for (unsigned w = 0; w < CHUNK_WORDS; w++) {
        c->rank[w] = (uint16_t)n;
        n += address_map_ones(c->bits[w]);
    }
    return n;
}

// For every 2^GUIDE_SHIFT-th node, and the one after the last: which chunk has it.
static bool make_guide(struct address_map *place, struct err *err)
{
    size_t count = ((size_t)place->node_count >> GUIDE_SHIFT) + 2;
    place->guide = malloc(count * sizeof *place->guide);
    if (!place->guide)
        return err_memory(err, "the objects");
    uint32_t chunk = 0;
    for (size_t i = 0; i < count; i++) {
        while (chunk + 1 < place->count && place->chunks[chunk + 1]->first <= i << GUIDE_SHIFT)
            chunk++;
        place->guide[i] = chunk;
    }
    return true;
}

bool address_map_number(struct address_map *place, struct err *err)
{
    qsort(place->chunks, place->count, sizeof *place->chunks, by_base);
    uint64_t total = 0;
    for (size_t i = 0; i < place->count; i++) {
        struct address_map_chunk *c = place->chunks[i];
        c->first = (uint32_t)total;
        total += rank_chunk(c);
        if (total > CSR_NODE_MAX)
            return err_set(err, ERR_UNSUPPORTED, "more than %u objects", CSR_NODE_MAX);
    }
    place->node_count = (uint32_t)total;
    return make_guide(place, err);
}

void address_map_free(struct address_map *place)
{
    address_map_drop_scratch(place);
    for (size_t i = 0; i < place->count; i++)
        free(place->chunks[i]);
    free(place->chunks);
    free(place->slots);
    free(place->guide);
    *place = (struct address_map){ 0 };
}

// The last chunk whose first object is not after n: between those of the guide's two nodes around
// it. Chunks without objects share `first` with the next one: the last of them is the one that has it.
static const struct address_map_chunk *chunk_of_node(const struct address_map *place, node n)
{
    const uint32_t *guide = place->guide + (n >> GUIDE_SHIFT);
    size_t low = guide[0], high = guide[1] + (size_t)1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (place->chunks[middle]->first <= n)
            low = middle;
        else
            high = middle;
    }
    return place->chunks[low];
}

addr address_map_addr(const struct address_map *place, node n)
{
    if (n >= place->node_count)
        return 0;
    const struct address_map_chunk *c = chunk_of_node(place, n);
    unsigned left = n - c->first, word = 0;
    for (unsigned step = CHUNK_WORDS / 2; step; step /= 2) // the last word with no more before it
        if (c->rank[word + step] <= left)
            word += step;
    uint64_t bits = c->bits[word];
    for (left -= c->rank[word]; left; left--)
        bits &= bits - 1;
    return c->base + (addr)(word * 64 + (unsigned)__builtin_ctzll(bits)) * 8;
}

node address_map_before(const struct address_map *place, addr at)
{
    node low = 0, high = place->node_count; // objects below `low` start at or before `at`
    while (low < high) {
        node middle = low + (high - low) / 2;
        if (address_map_addr(place, middle) <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : NODE_NONE;
}

void address_map_begin(struct address_map_walk *walk, const struct address_map *place)
{
    *walk = (struct address_map_walk){ .place = place, .node = NODE_NONE };
}

bool address_map_next_word(struct address_map_walk *walk)
{
    const struct address_map *place = walk->place;
    for (; walk->chunk < place->count; walk->chunk++, walk->word = 0) {
        const struct address_map_chunk *c = place->chunks[walk->chunk];
        while (walk->word < CHUNK_WORDS) {
            unsigned word = walk->word++;
            if (!c->bits[word])
                continue;
            walk->left = c->bits[word];
            walk->start = c->base + word * (addr)512;
            return true;
        }
    }
    return false;
}
