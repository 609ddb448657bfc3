// SPDX-License-Identifier: GPL-3.0-or-later
// Who makes a thing grow: see growth.h.
#include "finding/growth/growth.h"

#include <string.h>

#include "finding/growth/callers.h"
#include "finding/growth/method.h"
#include "finding/growth/witness.h"
#include "finding/key_home.h"
#include "finding/quiet.h"
#include "heap/names/edge.h"
#include "py/read.h"

#define ITEMS_LOOKED 4
#define ITEMS_SAMPLE 64
#define ITEMS_LONG 16 // on an average, keys among them
#define PARTS_LOOKED 16

// The key that a dict has it under, where that is a text: app["peers"].
static void growth_ask_key(struct asking *asking, node from, node n)
{
    const struct finder *f = asking->f;
    struct heap_edges edges = { 0 };
    if ((finder_roles(f, from) & ROLE_DICT) && !called_is_namespace(f, from)
        && !finder_is_globals(f, from) && heap_edges_between(f->heap, from, n, &edges, NULL)
        && edges.count) {
        const struct called called = { .reach = DEED_KEY,
                                       .name = called_edge_name(f, heap_edge_name(&edges, 0)),
                                       .owner = NODE_NONE };
        asking->called = &called;
        if (called.name != DEEDS_NONE)
            witness_ask(asking, false);
        asking->called = NULL;
    }
    heap_edges_fini(&edges);
}

// What methods of its class do to `self`, where that is the program's: class Cache(dict).
static void growth_ask_self(struct asking *asking, node n)
{
    const struct finder *f = asking->f;
    const struct called called = { .reach = DEED_LOCAL,
                                   .name = f->deeds.words[DEEDS_SELF],
                                   .owner = NODE_NONE,
                                   .self = finder_type(f, n) };
    if (!(finder_roles(f, n) & ROLE_INSTANCE) || !called_is_plain(f, n))
        return;
    asking->called = &called;
    witness_ask(asking, false);
    asking->called = NULL;
}

// The class of one of its items without its module, as deeds know it.
static uint32_t growth_item_class(const struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n);
    for (uint64_t e = first; e < end && e < first + ITEMS_LOOKED; e++) {
        node item = forward->to[e] & EDGE_NODE;
        const char *name = finder_type_name(f, item), *dot = strrchr(name, '.');
        if ((finder_roles(f, item) & ROLE_INSTANCE) && dot)
            return deeds_name(&f->deeds, dot + 1);
    }
    return DEEDS_NONE;
}

// What makes such items of the thing's owner, where both are a library's: Table(name, METADATA). Their
// constructor tells the owner.
static void growth_ask_makers(struct asking *asking, node n)
{
    struct finder *f = asking->f;
    uint32_t class = growth_item_class(f, n), own = callers_owner_name(f, asking->called);
    size_t count;
    if (class == DEEDS_NONE || own == DEEDS_NONE)
        return;
    const struct deed *deeds = deeds_of(&f->deeds, own, &count);
    for (size_t i = 0; i < count; i++) {
        const struct deed_code *code = deeds_code(&f->deeds, deeds[i].code);
        if (deeds[i].what == DEED_PASS && deeds[i].word == class && code && code->is_program
            && !code->is_body)
            witness_note_add(asking, &deeds[i], 1);
    }
}

// Names of what lies ready to be used again.
static bool growth_is_called_pool(struct finder *f, node n, const struct called *called)
{
    static const char *const words[] = { "pool",  "free",   "idle",  "avail",
                                         "spare", "recycl", "unused" };
    const struct type *type = method_owner_class(f, called->owner);
    const char *names[] = { finder_own_name(f, n), type ? type->name : "" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t k = 0; k < 2; k++)
            if (strcasestr(names[k], words[i]))
                return true;
    return false;
}

// By the holder's name for it, or a running function's. False: it has none.
static bool growth_ask(struct asking *asking, node from, node n)
{
    struct called called = { .owner = NODE_NONE };
    bool is_space = called_is_namespace(asking->f, n);
    if (from != NODE_NONE ? !called_outwards(asking->f, from, n, &called)
                          : !called_by_frame(asking->f, n, &called))
        return false;
    called.is_namespace = is_space;
    asking->called = &called;
    asking->growth->state =
        asking->growth->state == GROWTH_UNKNOWN ? GROWTH_NONE : asking->growth->state;
    witness_ask(asking, true);
    if (called.reach == DEED_ATTRIBUTE && asking->growth->state != GROWTH_ADDS)
        growth_ask_makers(asking, n);
    asking->is_pool |= asking->is_list && asking->growth->taker && !asking->others
                       && (asking->filled || growth_is_called_pool(asking->f, n, &called));
    asking->called = NULL;
    return true;
}

// The names of a module that functions give to it themselves.
static void growth_ask_globals(struct asking *asking, node dict)
{
    const struct called called = {
        .reach = DEED_GLOBAL, .name = asking->f->deeds.globals, .owner = dict, .is_namespace = true
    };
    asking->called = &called;
    witness_ask(asking, false);
    asking->called = NULL;
}

// x[key] = value in what is called a refresh: the keys are the same each time.
static bool growth_renews(const struct finder *f, const struct deed *adder)
{
    static const char *const words[] = { "refresh", "reload", "resync", "renew", "recalc" };
    return adder->word == DEEDS_ITEM && method_has_word(f, adder->code, words, 5);
}

// deque(maxlen=N)
static uint64_t growth_most(const struct finder *f, node n)
{
    int64_t most = -1;
    if ((finder_roles(f, n) & ROLE_DEQUE) && f->py->layout.dequeobject_maxlen >= 0)
        most = (int64_t)READ(f->py, heap_addr(f->heap, n), dequeobject_maxlen);
    return most > 0 ? (uint64_t)most : 0;
}

// Whether one of its first items is a list.
static bool growth_has_lists(const struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n);
    for (uint64_t e = first; e < end && e < first + ITEMS_LOOKED; e++)
        if (finder_roles(f, forward->to[e] & EDGE_NODE) & ROLE_LIST)
            return true;
    return false;
}

// How long the longest container is that an item is, or has under a name of its own; what cannot grow
// without end does not count.
static uint64_t growth_item_length(const struct finder *f, node item)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, item), end = csr_end(forward, item);
    uint64_t longest = (finder_roles(f, item) & ROLE_GROWS) ? finder_length(f, item) : 0;
    for (uint64_t e = first; e < end && e < first + PARTS_LOOKED; e++) {
        node part = forward->to[e] & EDGE_NODE;
        uint64_t length = (finder_roles(f, part) & ROLE_GROWS) && !growth_most(f, part)
                                  && f->dominate->parent[part] == item
                              ? finder_length(f, part)
                              : 0;
        longest = length > longest ? length : longest;
    }
    return longest;
}

// Whether its items are so long that it may be these that grow.
static bool growth_has_long_items(const struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n), sum = 0, looked = 0;
    uint64_t stride = (end - first) / ITEMS_SAMPLE + 1;
    for (uint64_t e = first; e < end; e += stride, looked++)
        sum += growth_item_length(f, forward->to[e] & EDGE_NODE);
    return looked && sum / looked >= ITEMS_LONG;
}

static void growth_find_at(struct finder *f, node n, struct growth_answer *growth, bool by_keys);

// What has its keys, where that does not grow. It is not asked for its own keys' sake.
static node growth_find_keys(struct finder *f, node n)
{
    struct growth_answer growth;
    node home = key_home_find(f, n);
    if (home == NODE_NONE || (finder_roles(f, home) & ROLE_TUPLE))
        return home;
    growth_find_at(f, home, &growth, false);
    return growth.state == GROWTH_NONE || growth.state == GROWTH_BUILT || growth.quiet ? home
                                                                                       : NODE_NONE;
}

// What says that its keys are the same again and again. Holes are evidence where something takes out.
static void growth_ask_ages(struct finder *f, node n, struct growth_answer *growth, bool by_keys)
{
    growth->quiet = quiet_since(f, n);
    if (!(finder_roles(f, n) & ROLE_DICT) || growth->quiet || !by_keys)
        return;
    growth->keyed_by = growth_find_keys(f, n);
    if (growth->keyed_by != NODE_NONE)
        return;
    // Where one function puts in and takes out, it moves things in one go, perhaps.
    if (!growth->taker || growth->taker->code != growth->adder->code)
        ages_find(f, n, growth->taker != NULL, &growth->ages);
}

void growth_find(struct finder *f, node n, struct growth_answer *growth)
{
    growth_find_at(f, n, growth, true);
}

// What a namespace is asked is what its owner is called.
static void growth_ask_namespace(struct asking *asking, node n)
{
    const struct finder *f = asking->f;
    node owner = f->paths.from[n], holder = f->paths.from[owner];
    if (!growth_ask(asking, holder == owner ? NODE_NONE : holder, owner)
        || asking->growth->state == GROWTH_ADDS)
        return;
    struct called called = { .is_namespace = true, .owner = NODE_NONE };
    if (!called_outwards(f, holder, owner, &called))
        return;
    called.is_namespace = true;
    asking->called = &called;
    witness_ask(asking, true);
    asking->called = NULL;
}

// All names that its nearest holders have for it.
static void growth_ask_holders(struct asking *asking, node n)
{
    const struct finder *f = asking->f;
    const struct csr *reverse = &f->heap->reverse;
    node first = f->paths.from[n];
    growth_ask_self(asking, n);
    growth_ask(asking, NODE_NONE, n);
    if (first != NODE_NONE && first != n) {
        growth_ask(asking, first, n);
        growth_ask_key(asking, first, n);
    }
    uint64_t from = csr_first(reverse, n), end = csr_end(reverse, n);
    for (uint64_t e = from; e < end && e < from + HOLDERS_MAX; e++) {
        node holder = reverse->to[e] & EDGE_NODE;
        if (holder != first && holder != n && !(reverse->to[e] & EDGE_BORROWED)
            && f->paths.from[holder] != NODE_NONE)
            growth_ask(asking, holder, n);
    }
}

// What says that its growth has an end.
static void growth_find_end(const struct asking *asking, node n, bool by_keys)
{
    struct finder *f = asking->f;
    struct growth_answer *growth = asking->growth;
    if (growth->state == GROWTH_ADDS && (!asking->deep || !growth_has_long_items(f, n)))
        growth_ask_ages(f, n, growth, by_keys);
    if (growth->state == GROWTH_ADDS)
        growth->is_renewed = growth_renews(f, growth->adder);
    growth->is_pool = asking->is_pool;
    growth->most = growth_most(f, n);
    if (growth->state == GROWTH_ADDS && growth->taker)
        growth->is_bounded |= callers_always(f, growth->adder->code, growth->taker->code);
    growth->is_bounded |= growth->is_measured || growth->is_pool || growth->most;
}

static void growth_find_at(struct finder *f, node n, struct growth_answer *growth, bool by_keys)
{
    *growth = (struct growth_answer){ .state = GROWTH_UNKNOWN, .keyed_by = NODE_NONE };
    struct asking asking = { .f = f,
                             .growth = growth,
                             .is_list = finder_roles(f, n) & ROLE_LIST,
                             .is_default = finder_is(f, n, TRAIT_DEFAULT_DICT),
                             .has_lists = growth_has_lists(f, n) };
    if (root_paths_module(&f->paths, n)) {
        growth_ask_globals(&asking, n);
        return;
    }
    if (called_is_namespace(f, n)) {
        growth_ask_namespace(&asking, n);
        return;
    }
    growth_ask_holders(&asking, n);
    if (growth->state == GROWTH_NONE && asking.built && !asking.passed)
        growth->state = GROWTH_BUILT;
    if (growth->caller && growth->taker && !asking.taken) {
        growth->idle = growth->taker;
        growth->taker = NULL;
    }
    callers_find_opposites(f, growth);
    growth_find_end(&asking, n, by_keys);
    bool is_one =
        called_is_plain(f, n) || finder_is(f, n, TRAIT_TEXT | TRAIT_BYTES | TRAIT_BYTEARRAY);
    if (growth->state == GROWTH_NONE && (asking.passed || asking.is_empty || f->deeds.unread))
        growth->state = GROWTH_UNKNOWN;
    if (!is_one && growth->state != GROWTH_ADDS) // what it has in it was not asked about
        growth->state = GROWTH_UNKNOWN;
}
