// SPDX-License-Identifier: GPL-3.0-or-later
// The map between addresses and node numbers: see address_map.h.
#include "heap/build/address_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "graph/csr.h"

#define SLAB_CHUNKS 64 // a slab of 1 MiB
#define HINT_SHIFT 4

static bool grow_slots(struct address_map *addresses)
{
    size_t count = addresses->slot_count ? addresses->slot_count * 2 : 256;
    struct address_map_slot *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < addresses->count; i++) {
        size_t k = address_map_hash(addresses->chunks[i]->base, count);
        while (slots[k].chunk)
            k = (k + 1) & (count - 1);
        slots[k] = (struct address_map_slot){ addresses->chunks[i]->base, addresses->chunks[i] };
    }
    free(addresses->slots);
    addresses->slots = slots;
    addresses->slot_count = count;
    return true;
}

// The two scratch sets of a chunk, from a slab: single allocations of that size would leave holes
// when the search ends.
static uint64_t *new_scratch(struct address_map *addresses)
{
    size_t bytes = 2 * CHUNK_WORDS * sizeof(uint64_t);
    if (!addresses->slab_left) {
        if (!vec_grow(&addresses->slabs, &addresses->slab_room, addresses->slab_count + 1,
                      sizeof(void *), NULL))
            return NULL;
        void *slab = calloc(SLAB_CHUNKS, bytes);
        if (!slab)
            return NULL;
        addresses->slabs[addresses->slab_count++] = slab;
        addresses->slab_left = SLAB_CHUNKS;
    }
    char *slab = addresses->slabs[addresses->slab_count - 1];
    return (uint64_t *)(void *)(slab + --addresses->slab_left * bytes);
}

void address_map_drop_scratch(struct address_map *addresses)
{
    for (size_t i = 0; i < addresses->slab_count; i++)
        free(addresses->slabs[i]);
    free(addresses->slabs);
    addresses->slabs = NULL;
    addresses->slab_count = addresses->slab_room = addresses->slab_left = 0;
    for (size_t i = 0; i < addresses->count; i++)
        addresses->chunks[i]->held = addresses->chunks[i]->visited = NULL;
}

static struct address_map_chunk *new_chunk(struct address_map *addresses, addr base)
{
    struct address_map_chunk *c = calloc(1, sizeof *c);
    uint64_t *scratch = c ? new_scratch(addresses) : NULL;
    if (!scratch) {
        free(c);
        return NULL;
    }
    c->base = base;
    c->first = (uint32_t)addresses->count;
    c->held = scratch;
    c->visited = scratch + CHUNK_WORDS;
    return c;
}

static struct address_map_chunk *add_chunk(struct address_map *addresses, addr base)
{
    if (addresses->count * 2 >= addresses->slot_count && !grow_slots(addresses))
        return NULL;
    if (!vec_grow(&addresses->chunks, &addresses->capacity, addresses->count + 1,
                  sizeof *addresses->chunks, NULL))
        return NULL;
    struct address_map_chunk *c = new_chunk(addresses, base);
    if (!c)
        return NULL;
    addresses->chunks[addresses->count++] = c;
    size_t k = address_map_hash(base, addresses->slot_count);
    while (addresses->slots[k].chunk)
        k = (k + 1) & (addresses->slot_count - 1);
    addresses->slots[k] = (struct address_map_slot){ base, c };
    return c;
}

struct address_map_chunk *address_map_make(struct address_map *addresses, addr at)
{
    struct address_map_chunk *c = address_map_chunk(addresses, at);
    if (!c)
        c = add_chunk(addresses, at >> CHUNK_SHIFT << CHUNK_SHIFT);
    addresses->failed = addresses->failed || !c;
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

// For every 2^HINT_SHIFT-th node: the index of its word among all words of all chunks; then that of
// the last word.
static bool make_hints(struct address_map *addresses, struct err *err)
{
    size_t count = ((size_t)addresses->node_count >> HINT_SHIFT) + 2, made = 0;
    if (addresses->count > UINT32_MAX / CHUNK_WORDS)
        return err_set(err, ERR_UNSUPPORTED, "objects all over the address space");
    addresses->hints = malloc(count * sizeof *addresses->hints);
    if (!addresses->hints)
        return err_memory(err, "the objects");
    for (size_t i = 0; i < addresses->count; i++) {
        const struct address_map_chunk *c = addresses->chunks[i];
        for (unsigned w = 0; w < CHUNK_WORDS; w++) {
            uint32_t behind = c->first + c->rank[w] + address_map_ones(c->bits[w]);
            while ((uint64_t)made << HINT_SHIFT < behind)
                addresses->hints[made++] = (uint32_t)i * CHUNK_WORDS + w;
        }
    }
    while (made < count)
        addresses->hints[made++] =
            addresses->count ? (uint32_t)addresses->count * CHUNK_WORDS - 1 : 0;
    return true;
}

bool address_map_number(struct address_map *addresses, struct err *err)
{
    qsort(addresses->chunks, addresses->count, sizeof *addresses->chunks, by_base);
    uint64_t total = 0;
    for (size_t i = 0; i < addresses->count; i++) {
        struct address_map_chunk *c = addresses->chunks[i];
        c->first = (uint32_t)total;
        total += rank_chunk(c);
        if (total > CSR_NODE_MAX)
            return err_set(err, ERR_UNSUPPORTED, "more than %u objects", CSR_NODE_MAX);
    }
    addresses->node_count = (uint32_t)total;
    return make_hints(addresses, err);
}

void address_map_free(struct address_map *addresses)
{
    address_map_drop_scratch(addresses);
    for (size_t i = 0; i < addresses->count; i++)
        free(addresses->chunks[i]);
    free(addresses->chunks);
    free(addresses->slots);
    free(addresses->hints);
    *addresses = (struct address_map){ 0 };
}

// The node is in the last word that has no more than n objects before it: words and chunks without
// objects have the same count as the next one.
static uint32_t word_of_node(const struct address_map *addresses, node n)
{
    const uint32_t *hint = addresses->hints + (n >> HINT_SHIFT);
    uint32_t low = hint[0], high = hint[1] + 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        const struct address_map_chunk *c = addresses->chunks[middle / CHUNK_WORDS];
        if (c->first + c->rank[middle % CHUNK_WORDS] <= n)
            low = middle;
        else
            high = middle;
    }
    return low;
}

addr address_map_addr(const struct address_map *addresses, node n)
{
    if (n >= addresses->node_count)
        return 0;
    uint32_t at = word_of_node(addresses, n);
    const struct address_map_chunk *c = addresses->chunks[at / CHUNK_WORDS];
    unsigned word = at % CHUNK_WORDS;
    uint64_t bits = c->bits[word];
    for (unsigned left = n - c->first - c->rank[word]; left; left--)
        bits &= bits - 1;
    return c->base + (addr)(word * 64 + (unsigned)__builtin_ctzll(bits)) * 8;
}

node address_map_before(const struct address_map *addresses, addr at)
{
    node low = 0, high = addresses->node_count; // objects below `low` start at or before `at`
    while (low < high) {
        node middle = low + (high - low) / 2;
        if (address_map_addr(addresses, middle) <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : NODE_NONE;
}

void address_map_begin(struct address_map_walk *walk, const struct address_map *addresses)
{
    *walk = (struct address_map_walk){ .addresses = addresses, .node = NODE_NONE };
}

void address_map_begin_at(struct address_map_walk *walk, const struct address_map *addresses,
                          node first)
{
    address_map_begin(walk, addresses);
    walk->node = first - 1;
    walk->chunk = addresses->count;
    if (first >= addresses->node_count)
        return;
    uint32_t at = word_of_node(addresses, first);
    const struct address_map_chunk *c = addresses->chunks[at / CHUNK_WORDS];
    unsigned word = at % CHUNK_WORDS;
    walk->chunk = at / CHUNK_WORDS;
    walk->word = word + 1;
    walk->start = c->base + word * (addr)512;
    walk->left = c->bits[word];
    for (unsigned before = first - c->first - c->rank[word]; before; before--)
        walk->left &= walk->left - 1;
}

bool address_map_next_word(struct address_map_walk *walk)
{
    const struct address_map *addresses = walk->addresses;
    for (; walk->chunk < addresses->count; walk->chunk++, walk->word = 0) {
        const struct address_map_chunk *c = addresses->chunks[walk->chunk];
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
