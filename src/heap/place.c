// SPDX-License-Identifier: GPL-3.0-or-later
// The map between addresses and node numbers: see place.h.
#include "heap/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "graph/csr.h"

static bool grow_slots(struct place *place)
{
    size_t count = place->slot_count ? place->slot_count * 2 : 256;
    struct place_slot *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < place->count; i++) {
        size_t k = place_hash(place->chunks[i]->base, count);
        while (slots[k].chunk)
            k = (k + 1) & (count - 1);
        slots[k] = (struct place_slot){ place->chunks[i]->base, place->chunks[i] };
    }
    free(place->slots);
    place->slots = slots;
    place->slot_count = count;
    return true;
}

static struct place_chunk *new_chunk(addr base)
{
    struct place_chunk *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->base = base;
    c->held = calloc(CHUNK_WORDS, sizeof *c->held);
    if (!c->held) {
        free(c);
        return NULL;
    }
    return c;
}

struct place_chunk *place_make(struct place *place, addr at)
{
    struct place_chunk *c = place_chunk(place, at);
    if (c)
        return c;
    if (place->count * 2 >= place->slot_count && !grow_slots(place))
        return NULL;
    if (!vec_grow(&place->chunks, &place->capacity, place->count + 1, sizeof *place->chunks, NULL))
        return NULL;
    addr base = at >> CHUNK_SHIFT << CHUNK_SHIFT;
    c = new_chunk(base);
    if (!c)
        return NULL;
    place->chunks[place->count++] = c;
    size_t k = place_hash(base, place->slot_count);
    while (place->slots[k].chunk)
        k = (k + 1) & (place->slot_count - 1);
    place->slots[k] = (struct place_slot){ base, c };
    return c;
}

static int by_base(const void *a, const void *b)
{
    const struct place_chunk *x = *(struct place_chunk *const *)a,
                             *y = *(struct place_chunk *const *)b;
    return x->base < y->base ? -1 : x->base > y->base;
}

static uint64_t rank_chunk(struct place_chunk *c)
{
    uint64_t n = 0;
    for (unsigned w = 0; w < CHUNK_WORDS; w++) {
        c->rank[w] = (uint16_t)n;
        n += place_ones(c->bits[w]);
    }
    return n;
}

static void fill_offsets(struct place *place)
{
    for (size_t i = 0; i < place->count; i++) {
        const struct place_chunk *c = place->chunks[i];
        uint16_t *to = place->offset + c->first;
        for (unsigned w = 0; w < CHUNK_WORDS; w++)
            for (uint64_t left = c->bits[w]; left; left &= left - 1)
                *to++ = (uint16_t)(w * 64 + (unsigned)__builtin_ctzll(left));
    }
}

bool place_number(struct place *place, struct err *err)
{
    qsort(place->chunks, place->count, sizeof *place->chunks, by_base);
    uint64_t total = 0;
    for (size_t i = 0; i < place->count; i++) {
        struct place_chunk *c = place->chunks[i];
        free(c->held);
        c->held = NULL;
        c->first = (uint32_t)total;
        total += rank_chunk(c);
        if (total > CSR_NODE_MAX)
            return err_set(err, ERR_UNSUPPORTED, "more than %u objects", CSR_NODE_MAX);
    }
    place->node_count = (uint32_t)total;
    place->offset = malloc((total ? total : 1) * sizeof *place->offset);
    if (!place->offset)
        return err_memory(err, "the places of objects");
    fill_offsets(place);
    return true;
}

void place_free(struct place *place)
{
    for (size_t i = 0; i < place->count; i++) {
        free(place->chunks[i]->held);
        free(place->chunks[i]->visited);
        free(place->chunks[i]);
    }
    free(place->chunks);
    free(place->slots);
    free(place->offset);
    *place = (struct place){ 0 };
}

// The last chunk whose first object is not after n.
static const struct place_chunk *chunk_of_node(const struct place *place, node n)
{
    size_t low = 0, high = place->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (place->chunks[middle]->first <= n)
            low = middle;
        else
            high = middle;
    }
    // Chunks without objects share `first` with the next one: the last of them is the one that has
    // it.
    return place->chunks[low];
}

addr place_addr(const struct place *place, node n)
{
    if (n >= place->node_count)
        return 0;
    return chunk_of_node(place, n)->base + (addr)place->offset[n] * 8;
}

node place_before(const struct place *place, addr at)
{
    node low = 0, high = place->node_count; // objects below `low` start at or before `at`
    while (low < high) {
        node middle = low + (high - low) / 2;
        if (place_addr(place, middle) <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : NODE_NONE;
}

void place_begin(struct place_walk *walk, const struct place *place)
{
    *walk = (struct place_walk){ .place = place, .node = NODE_NONE };
    if (place->count)
        walk->left = place->chunks[0]->bits[0];
}

bool place_next(struct place_walk *walk)
{
    const struct place *place = walk->place;
    while (!walk->left) {
        if (walk->chunk >= place->count)
            return false;
        if (++walk->word == CHUNK_WORDS) {
            walk->word = 0;
            if (++walk->chunk >= place->count)
                return false;
        }
        walk->left = place->chunks[walk->chunk]->bits[walk->word];
    }
    walk->at = place->chunks[walk->chunk]->base
               + (walk->word * 64 + (unsigned)__builtin_ctzll(walk->left)) * (addr)8;
    walk->left &= walk->left - 1;
    walk->node++;
    return true;
}
