// SPDX-License-Identifier: GPL-3.0-or-later
// C memory: malloc blocks that nothing points at (leaked by C code), and blocks that objects keep
// without counting them (documents, images, contexts).
//
// Owners come from a conservative scan (heap/memory/block_owners.h): a block called lost is lost;
// one called an object's may be so by chance, so small sums are not reported. The scan is made only
// if malloc has much in use that objects do not count, by a glance at those of some size.
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "finding/finder.h"
#include "heap/memory/block_content.h"

#define LEAST (UINT64_C(4) << 20)
#define SHARE (UINT64_C(256) << 10) // of a type whose objects' holder keeps much of others
#define TOLD_MAX 3                  // groups
#define UP_MAX 64                   // dominators examined above an owner
#define MANY 100                    // owners: fewer may be what the program is working on
#define TYPES_MAX 8

static enum severity native_severity(uint64_t bytes, uint64_t all)
{
    if (bytes * 5 >= all)
        return SEVERITY_HIGH;
    return bytes * 20 >= all ? SEVERITY_MEDIUM : SEVERITY_LOW;
}

// Whether malloc has enough in use, beyond what objects account for, to be worth a scan.
static bool native_is_worth(const struct finder *f)
{
    const struct memory *m = f->memory;
    if (!m || !memory_has_blocks(m))
        return false;
    uint64_t used = memory_in_use(m);
    return used >= LEAST && used * 20 >= finder_memory(f);
}

// --- lost ----------------------------------------------------------------------------------------

struct lost_group {
    uint32_t first;
    uint64_t bytes, count;
};

struct lost_groups {
    struct lost_group *rows;
    size_t count, room;
    struct map by_key;
};

static uint64_t lost_key(struct finder *f, uint32_t block, struct text *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ block_owners_bytes(f->blocks, block); // FNV-1a
    text_clear(text);
    block_kind(f->blocks, block, text);
    for (size_t i = 0; i < text->size; i++)
        hash = (hash ^ (uint8_t)text->data[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static bool lost_put(struct finder *f, struct lost_groups *groups, uint32_t block,
                     struct text *text, struct err *err)
{
    uint64_t key = lost_key(f, block, text);
    uint32_t i = map_get(&groups->by_key, key);
    if (i == MAP_NONE) {
        i = (uint32_t)groups->count;
        if (!vec_grow(&groups->rows, &groups->room, groups->count + 1, sizeof *groups->rows, err)
            || !map_put(&groups->by_key, key, i, err))
            return false;
        groups->rows[groups->count++] = (struct lost_group){ block, 0, 0 };
    }
    groups->rows[i].count++;
    groups->rows[i].bytes += block_owners_bytes(f->blocks, block);
    return true;
}

static int lost_compare(const void *a, const void *b)
{
    const struct lost_group *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static bool lost_tell(struct finder *f, const struct lost_group *g, struct text *text,
                      struct err *err)
{
    text_clear(text);
    block_content(f->blocks, g->first, text);
    return finder_add(
        f,
        &(struct finding){
            .severity = native_severity(g->bytes, finder_memory(f)),
            .bytes = g->bytes,
            .objects = g->count,
            .object = NODE_NONE,
            .what = finder_text(f, "%s of %s bytes, %s, that nothing points at: C code leaks them",
                                finder_plural(f, g->count, "block"),
                                finder_count(f, block_owners_bytes(f->blocks, g->first)),
                                finder_size(f, g->bytes)),
            .why = finder_text(f,
                               "each %s; no word in objects, blocks, variables or stacks may be "
                               "their address. A heap profiler that runs from the start can tell "
                               "who allocates them (heaptrack, memray --native)",
                               text_string(text)),
            .next = "blocks --lost --by content",
        },
        err);
}

static bool native_leak_find(struct finder *f, struct err *err)
{
    if (!native_is_worth(f))
        return true;
    if (!finder_need_uncounted(f, err))
        return false;
    if (f->uncounted < LEAST)
        return true;
    if (!finder_need_blocks(f, err))
        return false;
    if (f->blocks->bytes[BLOCK_LOST] < LEAST)
        return true;
    struct lost_groups groups = { 0 };
    struct text text = TEXT_INIT;
    bool ok = true;
    for (uint32_t i = 0; ok && i < f->blocks->count; i++)
        if (f->blocks->how[i] == BLOCK_LOST && f->blocks->bytes_in[i] != BLOCK_NONE)
            ok = lost_put(f, &groups, i, &text, err);
    if (groups.count)
        qsort(groups.rows, groups.count, sizeof *groups.rows, lost_compare);
    for (size_t i = 0; ok && i < groups.count && i < TOLD_MAX; i++)
        if (groups.rows[i].bytes >= LEAST && groups.rows[i].bytes * 100 >= finder_memory(f))
            ok = lost_tell(f, &groups.rows[i], &text, err);
    free(groups.rows);
    map_fini(&groups.by_key);
    text_fini(&text);
    return ok;
}

const struct finding_kind finding_native_leak = {
    .name = "native-leak",
    .help = "leaked malloc blocks: nothing points at them",
    .needs = FINDING_NEEDS_DOMINATORS,
    .needs_whole = true,
    .find = native_leak_find,
};

// --- of objects ----------------------------------------------------------------------------------

struct native_type {
    uint64_t bytes, blocks, objects, most;
    node greatest; // the owner with the most
};

// Adds bytes up per owner: blocks come by address, an owner's not together.
static uint64_t *native_by_owner(const struct finder *f, struct err *err)
{
    const struct block_owners *o = f->blocks;
    uint64_t *bytes = calloc((size_t)f->heap->node_count + 1, sizeof *bytes);
    if (!bytes) {
        err_memory(err, "the owners of C memory");
        return NULL;
    }
    for (uint32_t i = 0; i < o->count; i++)
        if (o->how[i] == BLOCK_REACHED && o->bytes_in[i] != BLOCK_NONE)
            bytes[o->owner[i]] += block_owners_bytes(o, i);
    return bytes;
}

// The nearest object that dominates owners with four fifths of the type's bytes.
static node native_holder(const struct finder *f, const uint64_t *bytes, uint32_t type,
                          uint64_t all)
{
    const struct dominate *d = f->dominate;
    struct map sums = MAP_INIT; // object to kilobytes
    node best = NODE_NONE;
    uint64_t best_retained = UINT64_MAX;
    for (node n = 0; n < f->heap->node_count; n++) {
        if (!bytes[n] || heap_type(f->heap, n) != type)
            continue;
        uint32_t at = d->parent[n];
        for (int up = 0; up < UP_MAX && at < DOM_ROOT; up++, at = d->parent[at]) {
            uint32_t sum = map_get(&sums, at);
            uint64_t now = (sum == MAP_NONE ? 0 : sum) + (bytes[n] >> 10);
            if (now >= MAP_NONE || !map_put(&sums, at, (uint32_t)now, NULL))
                break;
            if (now << 10 >= all / 5 * 4 && d->retained[at] < best_retained) {
                best = at;
                best_retained = d->retained[at];
            }
        }
    }
    map_fini(&sums);
    return best;
}

// Types whose objects have the same holder are one finding.
struct native_place {
    uint32_t type;   // the one nearest to the holder; of equals, the one with most
    uint32_t depth;  // how far below the holder its greatest owner is
    uint32_t second; // if there are two types: the other one
    node holder;
    uint64_t bytes, blocks, objects, types;
    node greatest;
};

static const char *native_who(struct finder *f, const struct native_place *place)
{
    const char *type = heap_type_name(f->heap, place->type);
    if (place->types == 1)
        return finder_text(f, "%s of %s", finder_plural(f, place->objects, "object"), type);
    if (place->types == 2)
        return finder_text(f, "%s of %s and %s", finder_plural(f, place->objects, "object"), type,
                           heap_type_name(f->heap, place->second));
    return finder_text(f, "%s of %s and %s", finder_plural(f, place->objects, "object"), type,
                       finder_plural(f, place->types - 1, "other type"));
}

static bool native_tell(struct finder *f, const struct native_place *place, struct err *err)
{
    node at = place->holder != NODE_NONE ? place->holder : place->greatest;
    uint64_t all = finder_memory(f);
    enum severity severity = SEVERITY_INFO;
    if (place->objects >= MANY)
        severity = place->bytes * 2 >= all   ? SEVERITY_HIGH
                   : place->bytes * 5 >= all ? SEVERITY_MEDIUM
                                             : SEVERITY_LOW;
    return finder_need_paths(f, err)
           && finder_add(
               f,
               &(struct finding){
                   .severity = severity,
                   .bytes = place->bytes,
                   .objects = place->objects,
                   .object = at,
                   .what = finder_text(
                       f, "%s%s%s keep %s of C memory, %u %% of the process's memory",
                       place->holder != NODE_NONE ? finder_name(f, at) : "",
                       place->holder != NODE_NONE ? ": " : "", native_who(f, place),
                       finder_size(f, place->bytes), (unsigned)(place->bytes * 100 / all)),
                   .why = finder_text(
                       f,
                       "%s of malloc are reached through words of these objects (a conservative "
                       "scan), and are not counted in the sizes that objects report; they are "
                       "freed with the objects, or when these are closed",
                       finder_plural(f, place->blocks, "block")),
                   .next = finder_text(f, "path %s", finder_word(f, at)),
               },
               err);
}

// How far below the holder the type's greatest owner is. A connection is nearer than its
// statements; which of them reached a block first is an accident of addresses.
static uint32_t native_depth(const struct finder *f, node greatest, node holder)
{
    uint32_t depth = 0;
    for (uint32_t at = greatest; at < DOM_ROOT && at != holder && depth < UP_MAX; depth++)
        at = f->dominate->parent[at];
    return depth;
}

static void native_place_take(const struct finder *f, struct native_place *place, uint32_t type,
                              const struct native_type *row)
{
    uint32_t depth = native_depth(f, row->greatest, place->holder);
    bool is_first = !place->types || depth < place->depth;
    place->second = is_first ? place->type : type;
    if (is_first) {
        place->type = type;
        place->depth = depth;
    }
    place->bytes += row->bytes;
    place->blocks += row->blocks;
    place->objects += row->objects;
    place->types++;
}

// Adds the type to the place of its holder.
static void native_place_add(const struct finder *f, struct native_place *places, size_t *count,
                             uint32_t type, node holder, const struct native_type *row)
{
    size_t i = 0;
    while (i < *count && (holder == NODE_NONE || places[i].holder != holder))
        i++;
    if (i == TYPES_MAX)
        return;
    if (i == *count)
        places[(*count)++] = (struct native_place){ .holder = holder, .greatest = row->greatest };
    native_place_take(f, &places[i], type, row);
}

static bool native_is_large(const struct finder *f, const struct native_type *row)
{
    return row->bytes >= LEAST && row->bytes * 50 >= finder_memory(f);
}

static void native_place_join(const struct finder *f, struct native_place *places, size_t count,
                              uint32_t type, node holder, const struct native_type *row)
{
    for (size_t i = 0; i < count && holder != NODE_NONE; i++)
        if (places[i].holder == holder)
            native_place_take(f, &places[i], type, row);
}

static void native_memory_count(struct finder *f, const uint64_t *bytes, struct native_type *types)
{
    for (node n = 0; n < f->heap->node_count; n++) {
        struct native_type *row = &types[heap_type(f->heap, n)];
        row->bytes += bytes[n];
        row->objects += bytes[n] > 0;
        if (bytes[n] > row->most) {
            row->most = bytes[n];
            row->greatest = n;
        }
    }
    for (uint32_t i = 0; i < f->blocks->count; i++)
        if (f->blocks->how[i] == BLOCK_REACHED && f->blocks->bytes_in[i] != BLOCK_NONE)
            types[heap_type(f->heap, f->blocks->owner[i])].blocks++;
}

static bool native_memory_find(struct finder *f, struct err *err)
{
    if (!native_is_worth(f) || !f->dominate)
        return true;
    if (!finder_need_uncounted(f, err))
        return false;
    if (f->uncounted < LEAST * 2)
        return true;
    if (!finder_need_blocks(f, err))
        return false;
    uint64_t *bytes = native_by_owner(f, err);
    uint32_t count = heap_type_count(f->heap);
    struct native_type *types = calloc((size_t)count + 1, sizeof *types);
    struct native_place places[TYPES_MAX];
    size_t placed = 0;
    bool ok = bytes && (types || err_memory(err, "the types"));
    if (ok)
        native_memory_count(f, bytes, types);
    for (uint32_t t = 0; ok && t < count; t++)
        if (native_is_large(f, &types[t]))
            native_place_add(f, places, &placed, t, native_holder(f, bytes, t, types[t].bytes),
                             &types[t]);
    // Adds smaller amounts of other types with the same holder: statements next to connections.
    for (uint32_t t = 0; ok && placed && t < count; t++)
        if (!native_is_large(f, &types[t]) && types[t].bytes >= SHARE)
            native_place_join(f, places, placed, t, native_holder(f, bytes, t, types[t].bytes),
                              &types[t]);
    for (size_t i = 0; ok && i < placed; i++)
        if (places[i].bytes >= LEAST * 2 && places[i].bytes * 10 >= finder_memory(f))
            ok = native_tell(f, &places[i], err);
    free(bytes);
    free(types);
    return ok;
}

const struct finding_kind finding_native_memory = {
    .name = "native-memory",
    .help = "C memory that objects keep without counting it in their sizes",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .needs_whole = true,
    .find = native_memory_find,
};
