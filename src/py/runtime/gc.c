// SPDX-License-Identifier: GPL-3.0-or-later
// The collector's lists and headers: see gc.h. Modules/gcmodule.c up to 3.12, Python/gc.c from 3.13
// on.
#include "py/runtime/gc.h"

#include "py/read.h"
#include "py/memory/mimalloc.h"

#define FLAG_BITS UINT64_C(3) // 3.8 on: finalized, collecting / unreachable, old space

static uint64_t strip(const struct python *py, uint64_t word)
{
    return py->rules.old_gc_head ? word : word & ~FLAG_BITS;
}

static bool head_words(const struct python *py, addr head, uint64_t *next, uint64_t *prev)
{
    const uint8_t *h = VIEW(py, head, PyGC_Head);
    if (!h || (head & 3)) // 3.13.16 and later: the lists' heads are aligned to 4 bytes only
        return false;
    *next = strip(py, LOAD(py, h, PyGC_Head__gc_next));
    *prev = strip(py, LOAD(py, h, PyGC_Head__gc_prev));
    return true;
}

void gc_walk_begin(struct gc_walk *walk, const struct python *py, addr head, bool collecting)
{
    *walk = (struct gc_walk){ .py = py, .head = head, .at = head, .check_prev = !collecting };
}

bool gc_walk_turn(struct gc_walk *walk)
{
    if (!walk->check_prev)
        return false;
    *walk = (struct gc_walk){
        .py = walk->py, .head = walk->head, .at = walk->head, .check_prev = true, .back = true
    };
    return true;
}

// The neighbours of a PyGC_Head, in the direction of the walk.
static bool neighbours(const struct gc_walk *walk, addr at, uint64_t *next, uint64_t *prev)
{
    return walk->back ? head_words(walk->py, at, prev, next) : head_words(walk->py, at, next, prev);
}

static addr break_off(struct gc_walk *walk)
{
    walk->broken = true;
    walk->broken_at = walk->at;
    return 0;
}

addr gc_walk_next(struct gc_walk *walk)
{
    uint64_t next = walk->next, beyond, back;
    if (walk->broken || !walk->head)
        return 0;
    if (!walk->begun && !neighbours(walk, walk->at, &next, &back))
        return break_off(walk);
    walk->begun = true;
    walk->next = next;
    if (!next)
        return break_off(walk);
    if (next == walk->head)
        return 0;
    if (!neighbours(walk, next, &beyond, &back) || (walk->check_prev && back != walk->at))
        return break_off(walk);
    walk->at = next;
    walk->next = beyond;
    __builtin_prefetch(target_view(walk->py->target, beyond, 16)); // needed next
    return next + SIZE(walk->py, PyGC_Head);
}

bool gc_head_closes(const struct python *py, addr head)
{
    uint64_t next, prev, n, p;
    if (!head_words(py, head, &next, &prev))
        return false;
    return head_words(py, next, &n, &p) && p == head && head_words(py, prev, &n, &p) && n == head;
}

enum { // ob_gc_bits
    GC_BIT_TRACKED = 1,
    GC_BIT_FINALIZED = 2,
    GC_BIT_FROZEN = 8,
    GC_BIT_DEFERRED = 64,
};

static uint8_t gc_bits(const struct python *py, addr object)
{
    const uint8_t *bits = target_view(py->target, INSIDE(py, object, PyObject_ob_gc_bits), 1);
    return bits ? *bits : 0;
}

bool gc_is_tracked(const struct python *py, addr object)
{
    if (py->rules.free_threaded)
        return gc_bits(py, object) & GC_BIT_TRACKED;
    addr head = object - SIZE(py, PyGC_Head);
    if (py->rules.old_gc_head) {
        int64_t refs = (int64_t)READ(py, head, PyGC_Head_gc_refs);
        return py->rules.gc_refs_shifted ? refs >> 1 != -2 : refs != -2;
    }
    return READ(py, head, PyGC_Head__gc_next) != 0;
}

bool gc_bits_tracked(const struct python *py, const uint8_t *o, bool *frozen)
{
    uint8_t bits = LOAD(py, o, PyObject_ob_gc_bits);
    *frozen = (bits & GC_BIT_FROZEN) != 0;
    return (bits & GC_BIT_TRACKED) != 0;
}

bool gc_is_deferred(const struct python *py, addr object)
{
    return py->rules.free_threaded && (gc_bits(py, object) & GC_BIT_DEFERRED);
}

// The debug hooks put 16 bytes of their own before each request.
uint64_t gc_block_offset(const struct python *py, int mimalloc_heap)
{
    return (mimalloc_heap == MIMALLOC_GC_PRE ? 16 : 0) + py->guards;
}

int64_t gc_stored_refcount(const struct python *py, const uint8_t *o, bool *immortal)
{
    if (py->rules.free_threaded) {
        uint32_t local = LOAD(py, o, PyObject_ob_ref_local);
        int64_t shared = LOAD(py, o, PyObject_ob_ref_shared) >> 2; // the low bits are a state
        *immortal = local == UINT32_MAX;
        bool deferred = LOAD(py, o, PyObject_ob_gc_bits) & GC_BIT_DEFERRED;
        return (int64_t)local + shared - (deferred ? py->rules.deferred_bias : 0);
    }
    uint64_t word = LOAD(py, o, PyObject_ob_refcnt);
    *immortal = py->rules.immortal && (int32_t)(uint32_t)word < 0;
    return py->rules.refcount_low32 ? (int64_t)(uint32_t)word : (int64_t)word;
}

bool gc_is_finalized(const struct python *py, addr object)
{
    if (py->rules.free_threaded)
        return gc_bits(py, object) & GC_BIT_FINALIZED;
    addr head = object - SIZE(py, PyGC_Head);
    if (py->rules.old_gc_head)
        return py->rules.gc_refs_shifted && (READ(py, head, PyGC_Head_gc_refs) & 1);
    return READ(py, head, PyGC_Head__gc_prev) & 1;
}

static uint32_t gc_visited_space(const struct python *py, const struct interpreter *in)
{
    addr at = INSIDE(py, in->gc, _gc_runtime_state_visited_space);
    return target_u32(py->target, at, NULL) & 1;
}

uint32_t gc_space_of(const struct python *py, addr object)
{
    addr head = object - SIZE(py, PyGC_Head);
    return READ(py, head, PyGC_Head__gc_next) & 1;
}

// 3.14.0 to 3.14.4: young, old[2] and permanent. Here the old space being visited is generation 1,
// the other one generation 2; lists_walk() joins them.
static void find_incremental_heads(const struct python *py, struct interpreter *in)
{
    addr stride = SIZE(py, gc_generation);
    uint32_t visited = gc_visited_space(py, in);
    addr old = INSIDE(py, in->gc, _gc_runtime_state_old);
    in->heads[GEN_0] = INSIDE(py, in->gc, _gc_runtime_state_young);
    in->heads[GEN_1] = old + visited * stride;
    in->heads[GEN_2] = old + (visited ^ 1) * stride;
}

void gc_find_heads(const struct python *py, struct interpreter *in)
{
    const struct layout *l = &py->layout;
    if (py->rules.free_threaded)
        return;
    addr first = 0;
    if (in->gc && l->_gc_runtime_state_young >= 0 && l->_gc_runtime_state_old >= 0
        && l->_gc_runtime_state_generations < 0) {
        find_incremental_heads(py, in);
    } else if (in->gc) {
        first = INSIDE(py, in->gc, _gc_runtime_state_generations);
    } else {
        addr pointer = target_symbol(py->target, py->module, "_PyGC_generation0");
        first =
            pointer ? target_u64(py->target, pointer, NULL) : python_static(py, l->sym_generations);
    }
    for (int g = 0; first && g < 3; g++)
        in->heads[g] = first + (uint64_t)g * SIZE(py, gc_generation);
    if (in->gc && l->_gc_runtime_state_permanent_generation >= 0)
        in->heads[GEN_PERMANENT] = INSIDE(py, in->gc, _gc_runtime_state_permanent_generation);
}

bool gc_find_old_count(const struct python *py, const struct interpreter *in,
                       struct gc_old_count *out)
{
    const struct layout *l = &py->layout;
    *out = (struct gc_old_count){ .less = py->rules.incremental };
    if (py->rules.free_threaded)
        return false;
    if (in->gc && out->less) {
        bool known = l->_gc_runtime_state_heap_size >= 0 && l->_gc_runtime_state_young >= 0
                     && l->gc_generation_count >= 0;
        out->all = INSIDE(py, in->gc, _gc_runtime_state_heap_size);
        out->other = INSIDE(py, INSIDE(py, in->gc, _gc_runtime_state_young), gc_generation_count);
        return known;
    }
    if (in->gc && l->_gc_runtime_state_long_lived_total >= 0
        && l->_gc_runtime_state_long_lived_pending >= 0) {
        out->all = INSIDE(py, in->gc, _gc_runtime_state_long_lived_total);
        out->other = INSIDE(py, in->gc, _gc_runtime_state_long_lived_pending);
        return true;
    }
    if (in->gc || !l->sym_long_lived_total || !l->sym_long_lived_pending)
        return false;
    out->all = python_static(py, l->sym_long_lived_total);
    out->other = python_static(py, l->sym_long_lived_pending);
    return true;
}

uint64_t gc_old_count_of(const struct gc_old_count *count, uint64_t all, uint64_t other)
{
    if (!count->less)
        return all + other;
    int32_t young = (int32_t)(uint32_t)other;
    return young < 0 ? all : all > (uint32_t)young ? all - (uint32_t)young : 0;
}

// From 3.15 on statistics are in a ring buffer: the newest item of each generation holds the
// running totals.
static void read_ring_stats(const struct python *py, addr stats, struct gc_state *state)
{
    const struct layout *l = &py->layout;
    if (l->gc_stats_young < 0 || l->sizeof_gc_generation_stats <= 0)
        return;
    for (int g = 0; g < 3; g++) {
        addr ring = INSIDE(py, stats, gc_stats_young);
        uint64_t index_at = BEFORE(py, gc_young_stats_buffer_index),
                 items = BEFORE(py, gc_young_stats_buffer_items);
        if (g > 0) {
            ring =
                INSIDE(py, stats, gc_stats_old) + (uint64_t)(g - 1) * SIZE(py, gc_old_stats_buffer);
            index_at = BEFORE(py, gc_old_stats_buffer_index);
            items = BEFORE(py, gc_old_stats_buffer_items);
        }
        uint64_t most = (index_at - items) / SIZE(py, gc_generation_stats);
        uint64_t index = target_u32(py->target, ring + index_at, NULL) & 0xff;
        if (index >= most)
            continue;
        addr item = ring + items + index * SIZE(py, gc_generation_stats);
        state->collections[g] = READ(py, item, gc_generation_stats_collections);
        state->collected[g] = READ(py, item, gc_generation_stats_collected);
        state->uncollectable[g] = READ(py, item, gc_generation_stats_uncollectable);
    }
}

static void read_stats(const struct python *py, addr stats, struct gc_state *state)
{
    const struct layout *l = &py->layout;
    uint64_t stride = l->sizeof_gc_generation_stats > 0 ? SIZE(py, gc_generation_stats) : 24;
    for (int g = 0; stats && g < 3; g++) {
        addr row = stats + (uint64_t)g * stride;
        state->collections[g] = target_u64(py->target, row, NULL);
        state->collected[g] = target_u64(py->target, row + 8, NULL);
        state->uncollectable[g] = target_u64(py->target, row + 16, NULL);
    }
}

static void read_generations(const struct python *py, const struct interpreter *in,
                             struct gc_state *state)
{
    const struct layout *l = &py->layout;
    for (int g = 0; g < 3; g++) {
        addr row = in->heads[g];
        if (py->rules.free_threaded && in->gc) {
            row = in->gc
                  + (uint64_t)(l->_gc_runtime_state_generations >= 0
                                   ? l->_gc_runtime_state_generations
                                   : l->_gc_runtime_state_young)
                  + (uint64_t)g * SIZE(py, gc_generation);
        }
        if (!row)
            continue;
        state->threshold[g] = READ(py, row, gc_generation_threshold);
        state->count[g] = READ(py, row, gc_generation_count);
    }
    if (!py->rules.incremental || l->_gc_runtime_state_old < 0 || !in->gc)
        return;
    // gc.get_threshold() reports the first old space's threshold, and 0 (Modules/gcmodule.c of
    // 3.14.0); counts are those of the visited space.
    addr old = INSIDE(py, in->gc, _gc_runtime_state_old);
    state->threshold[1] = READ(py, old, gc_generation_threshold);
    state->threshold[2] = 0;
    state->marks_next = READ(py, in->gc, _gc_runtime_state_phase) == 0; // GC_PHASE_MARK
    state->spaces = l->_gc_runtime_state_visited_space >= 0 && l->_gc_runtime_state_work_to_do >= 0;
    if (!state->spaces)
        return;
    state->visited_space = gc_visited_space(py, in);
    state->work_to_do = (int64_t)READ(py, in->gc, _gc_runtime_state_work_to_do);
}

void python_gc_state(const struct python *py, size_t interpreter, struct gc_state *state)
{
    const struct layout *l = &py->layout;
    const struct interpreter *in = &py->interpreters[interpreter];
    struct target *t = py->target;
    *state = (struct gc_state){ 0 };
    if (!python_has_values(py)) {
        *state = py->gc_states[interpreter];
        return;
    }
    read_generations(py, in, state);
    if (in->gc) {
        addr gc = in->gc;
        state->known = true;
        state->enabled = READ(py, gc, _gc_runtime_state_enabled) != 0;
        state->debug = READ(py, gc, _gc_runtime_state_debug);
        state->collecting = READ(py, gc, _gc_runtime_state_collecting) != 0;
        state->garbage = READ(py, gc, _gc_runtime_state_garbage);
        state->callbacks = READ(py, gc, _gc_runtime_state_callbacks);
        state->long_lived_total = READ(py, gc, _gc_runtime_state_long_lived_total);
        state->long_lived_pending = READ(py, gc, _gc_runtime_state_long_lived_pending);
        addr stats = INSIDE(py, gc, _gc_runtime_state_generation_stats);
        if (l->gc_stats_young >= 0)
            read_ring_stats(py, target_u64(t, stats, NULL), state);
        else
            read_stats(py, stats, state);
        return;
    }
    state->known = l->sym_enabled != 0;
    if (!state->known)
        return;
    state->enabled = target_u32(t, python_static(py, l->sym_enabled), NULL) != 0;
    state->debug = target_u32(t, python_static(py, l->sym_debug), NULL);
    state->collecting = target_u32(t, python_static(py, l->sym_collecting), NULL) != 0;
    state->garbage = target_u64(t, python_static(py, l->sym_garbage), NULL);
    if (l->sym_callbacks)
        state->callbacks = target_u64(t, python_static(py, l->sym_callbacks), NULL);
    if (l->sym_generation_stats)
        read_stats(py, python_static(py, l->sym_generation_stats), state);
}
