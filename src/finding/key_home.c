// SPDX-License-Identifier: GPL-3.0-or-later
// Whose keys a dict has: see key_home.h.
#include "finding/key_home.h"

#define SAMPLE 64
#define SAMPLE_LEAST 16
#define HOLDERS_MAX 8 // referrers of a key: one with more belongs to everybody
#define HOMES_MAX 8

struct key_homes {
    node items[HOMES_MAX];
    size_t votes[HOMES_MAX], count;
};

static bool key_home_is(const struct finder *f, node dict, node holder)
{
    return holder != dict && (finder_roles(f, holder) & (ROLE_GROWS | ROLE_TUPLE))
           && f->paths.from[holder] != NODE_NONE && !tree_dominates(&f->tree, dict, holder)
           && finder_home(f, holder) == HOME_PROGRAM;
}

static void key_home_vote(struct key_homes *homes, node holder)
{
    size_t i = 0;
    while (i < homes->count && homes->items[i] != holder)
        i++;
    if (i == HOMES_MAX)
        return;
    if (i == homes->count) {
        homes->items[homes->count++] = holder;
        homes->votes[i] = 0;
    }
    homes->votes[i]++;
}

static void key_home_look(const struct finder *f, node dict, node key, struct key_homes *homes)
{
    const struct csr *reverse = &f->heap->reverse;
    uint64_t first = csr_first(reverse, key), end = csr_end(reverse, key);
    node last = NODE_NONE;
    for (uint64_t e = first; e < end && e < first + HOLDERS_MAX; e++) {
        node holder = reverse->to[e] & EDGE_NODE;
        if (holder != last && key_home_is(f, dict, holder))
            key_home_vote(homes, holder);
        last = holder;
    }
}

node key_home_find(const struct finder *f, node dict)
{
    addr keys[SAMPLE];
    struct key_homes homes = { .count = 0 };
    size_t count = finder_sample_keys(f, dict, keys, SAMPLE);
    for (size_t i = 0; i < count; i++) {
        node key = heap_node_of(f->heap, keys[i]);
        if (key != NODE_NONE && !(finder_roles(f, key) & ROLE_NUMBER))
            key_home_look(f, dict, key, &homes);
    }
    for (size_t i = 0; i < homes.count && count >= SAMPLE_LEAST; i++)
        if (homes.votes[i] * 10 >= count * 9)
            return homes.items[i];
    return NODE_NONE;
}
