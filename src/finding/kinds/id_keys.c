// SPDX-License-Identifier: GPL-3.0-or-later
// id-keys: dicts whose keys are ids of objects: an entry outlives its object, and another object
// may get the same id.
//
// Times, file offsets and thread numbers may happen to lie between two objects. A key counts as an
// id only where an object is, or where one could have been: where objects begin in an allocator's
// block, or if a function that names the dict calls id(). A dict whose entries are all of living
// objects is no leak: something removes entries, or else the dict holds the objects themselves,
// which another kind reports.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"
#include "finding/living_keys.h"
#include "graph/marks.h"
#include "heap/build/address_map.h"
#include "heap/names/edge.h"
#include "py/memory/pymalloc.h"
#include "py/objects/str.h"
#include "py/read.h"

#define ENTRIES_LEAST 100
#define SAMPLE 64
#define GONE_LEAST 20  // a leak: at least one key in 20 is a freed object's id
#define NEAR 4096      // bytes to another object, where the allocator is unknown
#define NAMES_MAX 1000 // of one function

struct id_keys_sample {
    size_t looked_at, possible, ids, gone; // of the sample
};

// Whether an object could begin there: at the start of a block, after the collector's header, or
// after that and the words for weak references and attributes.
static bool id_keys_is_in_block(const struct finder *f, const struct pymalloc *pm, addr at)
{
    const struct pymalloc_arena *arena = pymalloc_arena_of(pm, at);
    uint32_t size = arena ? pymalloc_block_size(pm, f->py, arena, at) : 0;
    uint64_t inside = (at - (arena ? arena->start : 0)) % pm->pool_bytes;
    uint64_t header = SIZE(f->py, pool_header);
    if (!size || inside < header)
        return false;
    uint64_t before = (inside - header) % size;
    before = before < pm->lead ? UINT64_MAX : before - pm->lead;
    return before == 0 || before == 16 || before == 24 || before == 32;
}

// Where the allocator is unknown and no object begins: whether some are on both sides, and close.
static bool id_keys_is_among_objects(const struct finder *f, addr at)
{
    node before = address_map_before(&f->heap->addresses, at);
    return before != NODE_NONE && before + 1 < f->heap->node_count
           && heap_addr(f->heap, before + 1) - at < NEAR && at - heap_addr(f->heap, before) < NEAR;
}

static struct id_keys_sample id_keys_look_at(const struct finder *f, const struct pymalloc *pm,
                                             node dict)
{
    addr keys[SAMPLE], low = heap_addr(f->heap, 0);
    addr high = heap_addr(f->heap, f->heap->node_count - 1);
    struct id_keys_sample ids = { .looked_at = finder_sample_keys(f, dict, keys, SAMPLE) };
    for (size_t i = 0; i < ids.looked_at; i++) {
        addr value = living_keys_int(f, keys[i]);
        if (value < low || value > high || value & 7)
            continue;
        bool lives = heap_node_of(f->heap, value) != NODE_NONE;
        ids.possible++;
        ids.gone += !lives;
        ids.ids +=
            lives
            || (pm->known ? id_keys_is_in_block(f, pm, value) : id_keys_is_among_objects(f, value));
    }
    return ids;
}

static bool id_keys_code_names(const struct finder *f, node code, const char *word)
{
    node names = heap_member(f->heap, code, f->py->layout.PyCodeObject_co_names);
    if (names == NODE_NONE)
        return false;
    uint64_t first = csr_first(&f->heap->forward, names), end = csr_end(&f->heap->forward, names);
    for (uint64_t e = first; e < end && e < first + NAMES_MAX; e++)
        if (str_equals(f->py, heap_addr(f->heap, f->heap->forward.to[e] & EDGE_NODE), word))
            return true;
    return false;
}

// Whether a function of the program names both the dict and id(). A freed object's block may have
// another size now, or the object was too large for the allocator.
static bool id_keys_is_said(struct finder *f, node dict)
{
    const char *name = finder_own_name(f, dict);
    for (size_t i = 0; *name && i < f->code.count; i++)
        if (id_keys_code_names(f, f->code.items[i], "id")
            && id_keys_code_names(f, f->code.items[i], name))
            return true;
    return false;
}

static bool id_keys_is_keyed_by_ids(struct finder *f, node dict, const struct id_keys_sample *ids)
{
    if (!ids->looked_at || ids->possible * 10 < ids->looked_at * 9
        || ids->gone * GONE_LEAST < ids->looked_at)
        return false;
    return ids->ids * 10 >= ids->looked_at * 9 || id_keys_is_said(f, dict);
}

static bool id_keys_tell(struct finder *f, node dict, const struct id_keys_sample *ids,
                         struct err *err)
{
    enum home home = finder_home(f, dict);
    uint64_t bytes = finder_retained(f, dict), length = finder_length(f, dict);
    enum severity severity = finder_severity(f, bytes, home);
    if (home == HOME_PROGRAM && severity > SEVERITY_LOW)
        severity = SEVERITY_LOW;
    return finder_add(
        f,
        &(struct finding){
            .severity = severity,
            .object = dict,
            .objects = length,
            .bytes = bytes,
            .what =
                finder_text(f, "%s has %s entries whose keys are ids of objects: %s",
                            finder_name(f, dict), finder_count(f, length), finder_size(f, bytes)),
            .why = finder_text(f,
                               "of %zu keys checked, %zu are addresses, and at %zu of these there "
                               "is no object any more: an id does not keep its object alive, and "
                               "its entry stays; a weakref.WeakKeyDictionary forgets it",
                               ids->looked_at, ids->possible, ids->gone),
            .next = finder_text(f, "referents %s -n 20", finder_word(f, dict)),
        },
        err);
}

static bool id_keys_look_for(struct finder *f, const struct pymalloc *pm, struct err *err)
{
    for (node n = 0; (n = finder_next(f, ROLE_DICT, n)) != NODE_NONE; n++) {
        if (csr_end(&f->heap->forward, n) - csr_first(&f->heap->forward, n) < ENTRIES_LEAST
            || !marks_has(f->roots->only, n) || root_paths_module(&f->paths, n)
            || finder_length(f, n) < ENTRIES_LEAST)
            continue;
        struct id_keys_sample ids = id_keys_look_at(f, pm, n);
        if (id_keys_is_keyed_by_ids(f, n, &ids) && !id_keys_tell(f, n, &ids, err))
            return false;
    }
    return true;
}

static bool id_keys_find(struct finder *f, struct err *err)
{
    struct pymalloc pm;
    if (!finder_need_code(f, err) || !pymalloc_open(&pm, f->py, err))
        return false;
    bool ok = id_keys_look_for(f, &pm, err);
    pymalloc_close(&pm);
    return ok;
}

const struct finding_kind finding_id_keys = {
    .name = "id-keys",
    .help = "dicts keyed by id(): entries outlive their objects",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .is_of_one = true,
    .needs_whole = true,
    .find = id_keys_find,
};
