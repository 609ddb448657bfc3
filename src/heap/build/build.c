// SPDX-License-Identifier: GPL-3.0-or-later
// Building the snapshot and asking it: see heap.h.
//
//   1. find     scan.c sets a bit for every object
//   2. number   the bits in address order are the nodes
//   3. fill     fill.c, in address order: type, size, flags, and the references as node numbers
//               (forward CSR)
//   4. lists    the generations' orders become node numbers; tracked objects learn their generation
//   5. reverse  by counting, when somebody needs it
#include "heap/heap.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "base/vec.h"
#include "heap/build/fill.h"
#include "heap/saved/skeleton.h"
#include "heap/build/scan.h"
#include "py/objects/content.h"
#include "py/runtime/deferred.h"
#include "py/runtime/gc.h"
#include "py/read.h"
#include "py/objects/type.h"

#define COUNTED_ZERO (INT64_C(1) << 30) // offset of heap->counted: a thread's count may be negative

bool heap_set_size(struct heap *heap, node n, uint64_t size, uint64_t own, struct err *err)
{
    bool fits = size < HEAP_LARGE && own == size;
    heap->bytes += own;
    heap->size16[n] = fits ? (uint16_t)size : HEAP_LARGE;
    if (fits)
        return true;
    if (!vec_grow(&heap->large, &heap->large_room, heap->large_count + 1, sizeof *heap->large, err))
        return false;
    heap->large[heap->large_count++] = (struct heap_large){ .size = size, .own = own, .node = n };
    return true;
}

static bool build_allocate(struct heap *heap, struct err *err)
{
    size_t n = heap->node_count ? heap->node_count : 1;
    if (type_count(heap->py->types) < UINT16_MAX)
        heap->type16 = malloc(n * sizeof *heap->type16);
    else
        heap->type32 = malloc(n * sizeof *heap->type32);
    heap->size16 = malloc(n * sizeof *heap->size16);
    heap->gen = malloc(n);
    heap->flags = malloc(n);
    if ((!heap->type16 && !heap->type32) || !heap->size16 || !heap->gen || !heap->flags)
        return err_memory(err, "the objects");
    return true;
}

// --- generations
// -----------------------------------------------------------------------------------

static void number_object(struct heap *heap, addr at, enum generation gen, struct heap_list *to)
{
    node n = address_map_node(&heap->addresses, at);
    if (n == NODE_NONE) // its type is damaged: not an object any more
        return;
    to->order[to->count++] = n;
    to->bytes += heap_own(heap, n);
    heap->gen[n] = (uint8_t)gen;
    heap->flags[n] |= NODE_TRACKED;
    heap->tracked++;
}

static bool number_list(struct heap *heap, const struct lists *lists, const struct list *from,
                        enum generation gen, struct heap_list *to, struct err *err)
{
    size_t count = list_count(lists, from);
    to->broken = from->broken;
    to->broken_at = from->broken_at;
    to->visited = from->visited;
    to->order = malloc((count ? count : 1) * sizeof *to->order);
    if (!to->order)
        return err_memory(err, "a generation's order");
    for (uint32_t block = from->first; block; block = lists->blocks[block].next)
        for (uint32_t i = 0; i < lists->blocks[block].used; i++)
            number_object(heap, list_objects(lists, block)[i], gen, to);
    return true;
}

// A tracked object belongs to the interpreter whose list it is on; an untracked one to that of the
// first tracked object that refers to it.
static bool find_owners(struct heap *heap, struct err *err)
{
    size_t interpreters = heap->py->interpreter_count;
    if (interpreters < 2)
        return true;
    heap->owner = malloc(heap->node_count ? heap->node_count : 1);
    if (!heap->owner)
        return err_memory(err, "the owners of objects");
    memset(heap->owner, HEAP_OWNER_UNKNOWN, heap->node_count);
    for (size_t i = 0; i < interpreters && i < HEAP_OWNER_UNKNOWN; i++)
        for (int g = 0; g < GEN_COUNT; g++)
            for (uint32_t k = 0; k < heap->lists[i][g].count; k++)
                heap->owner[heap->lists[i][g].order[k]] = (uint8_t)i;
    for (node n = 0; n < heap->node_count; n++) {
        if (heap->owner[n] == HEAP_OWNER_UNKNOWN || !(heap->flags[n] & NODE_TRACKED))
            continue;
        for (uint64_t e = csr_first(&heap->forward, n); e < csr_end(&heap->forward, n); e++) {
            node to = heap->forward.to[e] & EDGE_NODE;
            if (heap->owner[to] == HEAP_OWNER_UNKNOWN)
                heap->owner[to] = heap->owner[n];
        }
    }
    return true;
}

static bool number_lists(struct heap *heap, struct scan *scan, struct err *err)
{
    size_t interpreters = heap->py->interpreter_count;
    heap->lists = calloc(interpreters, sizeof *heap->lists);
    if (!heap->lists)
        return err_memory(err, "the generations");
    for (size_t i = 0; i < interpreters; i++)
        for (int g = 0; g < GEN_COUNT; g++)
            if (!number_list(heap, &scan->lists, &scan->lists.rows[i][g], (enum generation)g,
                             &heap->lists[i][g], err))
                return false;
    lists_fini(&scan->lists);
    return true;
}

static void flag_allocated(struct heap *heap, const struct scan *scan)
{
    for (size_t i = 0; i < scan->allocated_count; i++) {
        node n = address_map_node(&heap->addresses, scan->allocated[i]);
        if (n != NODE_NONE)
            heap->flags[n] |= NODE_ALLOCATED;
    }
}

// --- building
// ----------------------------------------------------------------------------------------

static bool build_begin(struct heap *heap, struct python *py, const struct heap_options *options,
                        struct err *err)
{
    if (heap->found)
        return true;
    *heap = (struct heap){ .py = py,
                           .no_allocator = options->no_allocator,
                           .threads = options->threads };
    heap->found = calloc(1, sizeof *heap->found);
    if (!heap->found)
        return err_memory(err, "the objects");
    heap->found->heap = heap;
    return true;
}

bool heap_list(struct heap *heap, struct python *py, const struct heap_options *options,
               struct err *err)
{
    // Walking a list reads all over the heap: if reading is slow, that waits until the heap is read.
    bool good = build_begin(heap, py, options, err)
                && (py->target->is_slow || (options && options->glance)
                    || scan_list(heap->found, options, err));
    if (!good)
        heap_free(heap);
    return good;
}

// The length of a short list, if the lists have not been walked.
static uint64_t build_count_short(const struct heap *heap, size_t interpreter, enum generation gen)
{
    const struct python *py = heap->py;
    struct gc_state state;
    struct gc_walk walk;
    uint64_t count = 0;
    if (py->rules.incremental && gen == GEN_1) // both old spaces are generation 2
        return 0;
    if (py->rules.free_threaded || (py->rules.incremental && gen == GEN_2))
        return LIST_UNCOUNTED;
    python_gc_state(py, interpreter, &state);
    gc_walk_begin(&walk, py, py->interpreters[interpreter].heads[gen], state.collecting);
    while (count <= LIST_SHORT && gc_walk_next(&walk))
        count++;
    return count <= LIST_SHORT && !walk.broken ? count : LIST_UNCOUNTED;
}

uint64_t heap_list_length(const struct heap *heap, size_t interpreter, enum generation gen)
{
    const struct lists *lists = &heap->found->lists;
    if (heap->found->stage < SCAN_LISTED)
        return build_count_short(heap, interpreter, gen);
    return list_count(lists, &lists->rows[interpreter][gen]);
}

bool heap_find(struct heap *heap, struct python *py, const struct heap_options *options,
               struct err *err)
{
    bool good = build_begin(heap, py, options, err) && scan_find(heap->found, options, err);
    if (!good)
        heap_free(heap);
    return good;
}

const struct tallies *heap_tallies(const struct heap *heap)
{
    return heap->found && heap->found->stage == SCAN_FOUND ? &heap->found->tallies : NULL;
}

static bool build_build(struct heap *heap, struct scan *scan, const struct heap_options *options,
                        struct err *err)
{
    if (!address_map_number(&heap->addresses, err))
        return false;
    heap->node_count = heap->addresses.node_count;
    if (!build_allocate(heap, err) || !fill_all(heap, scan, options->progress, err))
        return false;
    address_map_drop_scratch(&heap->addresses);
    heap->type_count = type_count(heap->py->types);
    heap->checked = scan->ask.checked;
    heap->differing = scan->ask.differing;
    flag_allocated(heap, scan);
    if (!number_lists(heap, scan, err) || !find_owners(heap, err))
        return false;
    return options->no_reverse || heap_need_reverse(heap, options->progress, err);
}

static void forget_found(struct heap *heap)
{
    if (heap->found)
        scan_fini(heap->found);
    free(heap->found);
    heap->found = NULL;
}

static void note_counted(void *context, addr object, int64_t count)
{
    struct map *counted = context;
    uint32_t before = map_get(counted, object);
    int64_t sum = (before == MAP_NONE ? COUNTED_ZERO : (int64_t)before) + count;
    if (sum >= 0 && sum < MAP_NONE)
        map_put(counted, object, (uint32_t)sum, NULL);
}

void heap_note_counted(struct heap *heap)
{
    for (size_t i = 0; i < heap->py->interpreter_count; i++)
        deferred_counts(heap->py, i, note_counted, &heap->counted);
}

bool heap_build(struct heap *heap, struct python *py, const struct heap_options *options,
                struct err *err)
{
    if (!heap_find(heap, py, options, err))
        return false;
    heap_note_counted(heap);
    bool good = build_build(heap, heap->found, options, err);
    forget_found(heap);
    if (!good)
        heap_free(heap);
    return good;
}

bool heap_need_reverse(struct heap *heap, const struct progress *progress, struct err *err)
{
    if (heap->reverse.offset || heap->node_count == 0)
        return true;
    return csr_transpose(&heap->forward, &heap->reverse, heap->threads, progress, err);
}

// What the store frees.
static void heap_give_back(struct heap *heap)
{
    for (size_t i = 0; heap->lists && i < heap->py->interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++)
            heap->lists[i][g].order = NULL;
    heap->type16 = heap->size16 = NULL;
    heap->type32 = NULL;
    heap->gen = heap->flags = heap->owner = NULL;
    heap->forward = (struct csr){ 0 };
}

void heap_free(struct heap *heap)
{
    if (heap->is_lent)
        heap_give_back(heap);
    map_fini(&heap->counted);
    forget_found(heap);
    for (size_t i = 0; heap->lists && i < heap->py->interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++)
            free(heap->lists[i][g].order);
    free(heap->lists);
    free(heap->type16);
    free(heap->type32);
    free(heap->size16);
    free(heap->large);
    free(heap->gen);
    free(heap->flags);
    free(heap->owner);
    skeleton_free(heap->skeleton);
    csr_free(&heap->forward);
    csr_free(&heap->reverse);
    address_map_free(&heap->addresses);
    *heap = (struct heap){ .py = heap->py }; // names of types that were shown must stay valid
}

// --- asking
// --------------------------------------------------------------------------------------------

addr heap_addr(const struct heap *heap, node n)
{
    return address_map_addr(&heap->addresses, n);
}

node heap_node_of(const struct heap *heap, addr at)
{
    return address_map_node(&heap->addresses, at);
}

// Whether the address is in the object's own bytes, or in the words in front of it that belong to
// it.
static bool build_covers(const struct heap *heap, node n, addr at)
{
    const struct type *type = type_row(heap->py->types, heap_type(heap, n));
    addr start = heap_addr(heap, n);
    uint64_t extent = (uint64_t)type->basicsize;
    if (type->itemsize && heap_has_values(heap)) {
        // In an int ob_size carries the sign.
        uint64_t items = magnitude(READ(heap->py, start, PyVarObject_ob_size));
        extent += items < UINT64_C(1) << 40 ? items * (uint64_t)type->itemsize : 0;
    }
    return at + type->presize >= start && at < start + extent;
}

node heap_node_around(const struct heap *heap, addr inside)
{
    node n = address_map_before(&heap->addresses, inside);
    if (n != NODE_NONE && build_covers(heap, n, inside))
        return n;
    node after = n == NODE_NONE ? 0 : n + 1; // the collector's header precedes its object
    return after < heap->node_count && build_covers(heap, after, inside) ? after : NODE_NONE;
}

static const struct heap_large *large_of(const struct heap *heap, node n)
{
    size_t i = search_u32(heap->large, heap->large_count, sizeof *heap->large,
                          offsetof(struct heap_large, node), n);
    return i < heap->large_count && heap->large[i].node == n ? &heap->large[i] : NULL;
}

uint64_t heap_size_large(const struct heap *heap, node n)
{
    const struct heap_large *large = large_of(heap, n);
    return large ? large->size : 0;
}

uint64_t heap_own_large(const struct heap *heap, node n)
{
    const struct heap_large *large = large_of(heap, n);
    return large ? large->own : 0;
}

bool heap_length(const struct heap *heap, node n, uint64_t *length)
{
    if (!heap_has_values(heap)) {
        *length = heap->skeleton->lengths[n];
        return *length != SKELETON_NO_LENGTH;
    }
    return content_length(heap->py, type_row(heap->py->types, heap_type(heap, n)),
                          heap_addr(heap, n), length);
}

int64_t heap_counted_apart(const struct heap *heap, addr object)
{
    uint32_t more = heap->counted.count ? map_get(&heap->counted, object) : MAP_NONE;
    return more == MAP_NONE ? 0 : (int64_t)more - COUNTED_ZERO;
}

int64_t heap_refcount(const struct heap *heap, node n)
{
    const struct python *py = heap->py;
    if (!heap_has_values(heap))
        return heap->skeleton->refcounts[n];
    const uint8_t *o = VIEW(py, heap_addr(heap, n), PyObject);
    if (!o)
        return -1;
    bool immortal;
    return gc_stored_refcount(py, o, &immortal) + heap_counted_apart(heap, heap_addr(heap, n));
}

uint32_t heap_type_count(const struct heap *heap)
{
    return heap->type_count ? heap->type_count : type_count(heap->py->types);
}

size_t heap_type_module(const struct heap *heap, uint32_t type)
{
    return type_module_size(heap->py, type_row(heap->py->types, type));
}

const char *heap_type_name(const struct heap *heap, uint32_t type)
{
    return type < type_count(heap->py->types) ? type_row(heap->py->types, type)->name : "?";
}

uint32_t heap_broken_lists(const struct heap *heap)
{
    uint32_t broken = 0;
    for (size_t i = 0; heap->lists && i < heap->py->interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++)
            broken += heap->lists[i][g].broken;
    return broken;
}

bool heap_is_whole(const struct heap *heap)
{
    return !target_incomplete(heap->py->target) && !heap_broken_lists(heap);
}
