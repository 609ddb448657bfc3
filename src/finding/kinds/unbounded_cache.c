// SPDX-License-Identifier: GPL-3.0-or-later
// cache: functools.lru_cache without a bound, and methods' caches whose keys hold `self`.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"

#include "py/read.h"

#define ENTRIES_LEAST 50
#define ENTRIES_MANY 100          // a leak by its shape, in the program's own functions
#define ENTRIES_MANY_LIBRARY 5000 // worth telling
#define SAMPLE 64
#define USED_PERCENT 40
#define HITS_MANY 10       // hits per miss: so many mean that all arguments have been seen
#define BOUNDED_PERCENT 25 // of the heap, kept by `self` in the keys of a bounded cache

struct cache_found {
    node wrapper, dict, function;
    uint64_t entries, hits, misses;
    bool is_bounded, counts_known, is_program;
    uint32_t held; // the type of the instances that its keys begin with; UINT32_MAX: none
};

// Whether the cache is bounded: then its results are the elements of a ring.
static bool unbounded_cache_is_bounded(const struct finder *f, node dict)
{
    uint64_t first = csr_first(&f->heap->forward, dict), end = csr_end(&f->heap->forward, dict);
    for (uint64_t e = first; e < end && e < first + 4; e++)
        if (finder_is(f, f->heap->forward.to[e] & EDGE_NODE, TRAIT_CACHE_ELEMENT))
            return true;
    return false;
}

// The class of the instances that a method's cache holds by its keys, tuples that begin with
// `self`.
static uint32_t find_held(const struct finder *f, node dict)
{
    addr keys[SAMPLE];
    size_t count = finder_sample_keys(f, dict, keys, SAMPLE), same = 0;
    uint32_t type = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        node key = heap_node_of(f->heap, keys[i]);
        if (key == NODE_NONE || !(finder_roles(f, key) & ROLE_TUPLE))
            return UINT32_MAX;
        node first = heap_member(f->heap, key, f->py->layout.PyTupleObject_ob_item);
        if (first == NODE_NONE || !(finder_roles(f, first) & ROLE_INSTANCE))
            return UINT32_MAX;
        type = same ? type : heap_type(f->heap, first);
        same += heap_type(f->heap, first) == type;
    }
    return count && same * 4 >= count * 3 ? type : UINT32_MAX;
}

static void read_counts(const struct finder *f, struct cache_found *cache)
{
    const struct layout *l = &f->py->layout;
    addr at = heap_addr(f->heap, cache->wrapper);
    cache->counts_known = l->lru_cache_object_hits >= 0 && l->lru_cache_object_misses >= 0;
    if (!cache->counts_known)
        return;
    cache->hits = READ_OK(f->py, at, lru_cache_object_hits, &cache->counts_known);
    cache->misses = READ_OK(f->py, at, lru_cache_object_misses, &cache->counts_known);
}

static bool read_cache(const struct finder *f, node wrapper, struct cache_found *cache)
{
    *cache = (struct cache_found){ .wrapper = wrapper, .held = UINT32_MAX };
    cache->dict = heap_member(f->heap, wrapper, f->py->layout.lru_cache_object_cache);
    cache->function = heap_member(f->heap, wrapper, f->py->layout.lru_cache_object_func);
    cache->entries = cache->dict == NODE_NONE ? 0 : finder_length(f, cache->dict);
    if (cache->entries < ENTRIES_LEAST)
        return false;
    cache->is_bounded = unbounded_cache_is_bounded(f, cache->dict);
    cache->held = find_held(f, cache->dict);
    read_counts(f, cache);
    cache->is_program = cache->function != NODE_NONE && finder_is_program(f, cache->function);
    return true;
}

static const char *usage(struct finder *f, const struct cache_found *cache)
{
    if (!cache->counts_known)
        return "";
    return finder_text(f, "; %s, %s%s", finder_plural(f, cache->hits, "hit"),
                       finder_text(f, "%s %s", finder_count(f, cache->misses),
                                   text_plural(cache->misses, "miss", "misses")),
                       cache->hits ? "" : ": no entry was ever used again");
}

// Whether nearly all calls are hits: apparently no other arguments occur.
static bool unbounded_cache_is_used(const struct cache_found *cache)
{
    return cache->counts_known && cache->hits / HITS_MANY >= cache->misses;
}

static const char *unbounded_cache_cure(const struct cache_found *cache)
{
    if (cache->held != UINT32_MAX)
        return "cache in the object (functools.cached_property), or cache a function that takes "
               "what it needs instead of `self`";
    return cache->hits ? "give it a maxsize that holds what is used again, or call cache_clear()"
                       : "do not cache what is never used again, or give it a maxsize";
}

static enum severity unbounded_cache_judge(const struct finder *f, const struct cache_found *cache,
                                           uint64_t bytes)
{
    enum severity severity =
        finder_severity(f, bytes, cache->is_program ? HOME_PROGRAM : HOME_LIBRARY);
    if (cache->is_bounded) // as intended, except for what its keys keep alive
        return cache->held == UINT32_MAX || bytes / BOUNDED_PERCENT < f->heap->bytes / 100
                   ? SEVERITY_INFO
                   : severity;
    if (unbounded_cache_is_used(cache) && bytes / USED_PERCENT < f->heap->bytes / 100)
        return SEVERITY_INFO;
    if (cache->is_program && cache->entries >= ENTRIES_MANY && severity > SEVERITY_LOW)
        return SEVERITY_LOW;
    return severity;
}

static bool unbounded_cache_tell(struct finder *f, const struct cache_found *cache, struct err *err)
{
    uint64_t bytes = finder_retained(f, cache->wrapper);
    enum severity severity = unbounded_cache_judge(f, cache, bytes);
    bool many = cache->entries >= ENTRIES_MANY_LIBRARY;
    if (severity == SEVERITY_INFO && !cache->is_program && !many)
        return true;
    if (cache->is_bounded && cache->held == UINT32_MAX)
        return true; // as intended
    const char *holds =
        cache->held == UINT32_MAX
            ? ""
            : finder_text(f, "; its keys hold `self`: no %s in it dies before the cache does",
                          type_row(f->py->types, cache->held)->name);
    return finder_add(
        f,
        &(struct finding){
            .severity = severity,
            .object = cache->wrapper,
            .objects = cache->entries,
            .bytes = bytes,
            .what =
                finder_text(f, "%s has %s of %s %s: %s",
                            cache->function == NODE_NONE ? finder_name(f, cache->wrapper)
                            : (finder_roles(f, cache->function) & ROLE_FUNCTION)
                                ? finder_function_name(f, cache->function)
                                : finder_name(f, cache->wrapper),
                            cache->is_bounded ? "an lru_cache" : "an unbounded lru_cache",
                            finder_count(f, cache->entries),
                            text_plural(cache->entries, "entry", "entries"), finder_size(f, bytes)),
            .why = finder_text(f, "%s%s%s; cure: %s",
                               cache->is_bounded ? "entries go only when newer ones come"
                                                 : "with maxsize=None nothing is ever forgotten",
                               usage(f, cache), holds, unbounded_cache_cure(cache)),
            .next = finder_text(f, "retained %s -n 10", finder_word(f, cache->wrapper)),
        },
        err);
}

static bool unbounded_cache_find(struct finder *f, struct err *err)
{
    if (!finder_has(f, TRAIT_CACHE))
        return true;
    if (!finder_need_paths(f, err))
        return false;
    for (node n = 0; (n = finder_next_of(f, TRAIT_CACHE, n)) != NODE_NONE; n++) {
        struct cache_found cache;
        if (read_cache(f, n, &cache) && !unbounded_cache_tell(f, &cache, err))
            return false;
    }
    return true;
}

const struct finding_kind finding_cache = {
    .name = "cache",
    .help = "unbounded functools.lru_cache, and lru_cache on methods, whose keys hold `self`",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .is_of_one = true,
    .find = unbounded_cache_find,
};
