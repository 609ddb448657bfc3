// SPDX-License-Identifier: GPL-3.0-or-later
// Remembering a heap: see baseline.h.
#include "heap/analysis/baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "py/objects/type.h"
#include "py/objects/value.h"

#define PROGRESS_EVERY (1u << 18)

// --- types --------------------------------------------------------------------------------------

// A collection untracks dicts, and inserting an object tracks them again; so it is with tuples that
// iterators reuse; an object that its finalizer resurrected is tracked anew (subtype_dealloc). What
// an extension's types do is unknown.
static bool is_retracked(const struct type *type)
{
    bool is_plain = type->is_python_class || type->kind;
    return !is_plain || type->has_finalizer || type->finalize || type->del
           || type_is_exact(type, TRAIT_DICT | TRAIT_TUPLE);
}

struct value_reading { // how values of a type are read
    uint8_t kind;
    bool whole;
};

static struct value_reading *baseline_take_types(struct baseline *past, const struct heap *heap,
                                                 struct err *err)
{
    uint32_t count = heap_type_count(heap);
    past->types = calloc((size_t)count + 1, sizeof *past->types);
    struct value_reading *readings = calloc((size_t)count + 1, sizeof *readings);
    for (uint32_t i = 0; past->types && readings && i < count; i++) {
        const struct type *type = type_row(heap->py->types, i);
        const char *name = arena_string(&past->arena, heap_type_name(heap, i));
        past->types[i] = (struct baseline_type){
            .name = name ? name : "?",
            .module = type_module_size(heap->py, type),
            .at = type->at,
            .largest = NODE_NONE,
            .is_retracked = is_retracked(type),
        };
        readings[i].kind = (uint8_t)value_kind(heap->py, type, &readings[i].whole);
    }
    past->type_count = count;
    if (past->types && readings)
        return readings;
    free(readings);
    err_memory(err, "the types");
    return NULL;
}

// --- objects ------------------------------------------------------------------------------------

static uint64_t take_value(const struct heap *heap, struct value_reading reading, addr at)
{
    if (reading.kind == VALUE_NONE
        || !target_view(heap->py->target, at, 16)) // left out of the saved heap
        return 0;
    bool whole = reading.whole;
    uint64_t mark = value_mark(heap->py, (enum value_kind)reading.kind, at, &whole);
    return !mark ? 0 : whole ? mark | 1 : (mark | 2) & ~UINT64_C(1);
}

static bool lasts(const struct heap *heap, node n, addr at)
{
    const struct segment *segment =
        heap->flags[n] & NODE_IMMORTAL ? NULL : target_segment(heap->py->target, at);
    return heap->flags[n] & NODE_IMMORTAL || (segment && segment->module >= 0);
}

static void baseline_tally(struct baseline_type *type, node n, uint64_t bytes)
{
    type->bytes += bytes;
    if (type->count++ && bytes <= type->largest_bytes)
        return;
    type->largest = n;
    type->largest_bytes = bytes;
}

static bool baseline_take_objects(struct baseline *past, const struct heap *heap,
                                  const struct value_reading *readings,
                                  const struct progress *progress, struct err *err)
{
    struct address_map_walk walk;
    for (address_map_begin(&walk, &heap->addresses); address_map_next(&walk);) {
        node n = walk.node;
        past->at[n] = walk.at;
        past->type[n] = heap_type(heap, n);
        baseline_tally(&past->types[past->type[n]], n, heap_own(heap, n));
        past->value[n] = take_value(heap, readings[past->type[n]], walk.at);
        past->gen[n] = (uint8_t)(heap->gen[n] | (lasts(heap, n, walk.at) ? BASELINE_LASTS : 0));
        if (n % PROGRESS_EVERY == 0
            && !progress_step(progress, "remembering objects", n, heap->node_count))
            return err_set(err, ERR_CANCELLED, "remembering objects was cancelled");
    }
    past->count = heap->node_count;
    return true;
}

static bool baseline_make_room(struct baseline *past, const struct heap *heap, struct err *err)
{
    size_t count = (size_t)heap->node_count + 1;
    past->at = malloc(count * sizeof *past->at);
    past->type = malloc(count * sizeof *past->type);
    past->value = malloc(count * sizeof *past->value);
    past->gen = malloc(count);
    past->owner = heap->owner ? malloc(count) : NULL;
    past->collectors = calloc(heap->py->interpreter_count + 1, sizeof *past->collectors);
    if (!past->at || !past->type || !past->value || !past->gen || !past->collectors
        || (heap->owner && !past->owner))
        return err_memory(err, "the objects so far");
    if (past->owner)
        memcpy(past->owner, heap->owner, heap->node_count);
    return true;
}

// --- the process --------------------------------------------------------------------------------

static bool take_young(struct baseline_collector *c, const struct heap_list *list, struct err *err)
{
    if (list->broken)
        return true;
    c->young = malloc(((size_t)list->count + 1) * sizeof *c->young);
    if (!c->young)
        return err_memory(err, "the young objects");
    memcpy(c->young, list->order, list->count * sizeof *c->young);
    c->young_count = list->count;
    return true;
}

static bool take_collectors(struct baseline *past, const struct heap *heap, struct err *err)
{
    const struct python *py = heap->py;
    past->collector_count = py->interpreter_count;
    past->has_generations = !py->rules.free_threaded;
    past->has_counts = !py->rules.two; // gc.get_stats()
    past->is_incremental = py->rules.incremental;
    for (size_t i = 0; i < py->interpreter_count; i++) {
        struct gc_state state;
        python_gc_state(py, i, &state);
        struct baseline_collector *c = &past->collectors[i];
        c->id = py->interpreters[i].id;
        c->known = state.known && !state.collecting;
        memcpy(c->collections, state.collections, sizeof c->collections);
        if (heap->lists && past->has_generations && !take_young(c, &heap->lists[i][GEN_0], err))
            return false;
    }
    return true;
}

static void take_process(struct baseline *past, const struct python *py)
{
    const struct target *target = py->target;
    past->version = py->version;
    past->pid = target->pid;
    past->type_type = py->type_type;
    past->has_run = target->has_run;
    memcpy(past->run, target->run, sizeof past->run);
    for (size_t i = 0; i < target->module_count; i++) {
        const struct module *module = &target->modules[i];
        if (!module->is_program)
            continue;
        past->program = module->start;
        past->build_id_size = module->build_id_size;
        memcpy(past->build_id, module->build_id, sizeof past->build_id);
    }
}

bool baseline_take(struct baseline *past, const struct heap *heap, const struct progress *progress,
                   struct err *err)
{
    *past = (struct baseline){ 0 };
    arena_init(&past->arena);
    struct value_reading *readings =
        baseline_make_room(past, heap, err) ? baseline_take_types(past, heap, err) : NULL;
    bool ok = readings && baseline_take_objects(past, heap, readings, progress, err)
              && take_collectors(past, heap, err);
    free(readings);
    if (!ok) {
        baseline_free(past);
        return false;
    }
    take_process(past, heap->py);
    past->is_partial = !heap_is_whole(heap);
    return true;
}

void baseline_free(struct baseline *past)
{
    free(past->at);
    free(past->type);
    free(past->value);
    free(past->gen);
    free(past->owner);
    free(past->types);
    for (size_t i = 0; past->collectors && i < past->collector_count; i++)
        free(past->collectors[i].young);
    free(past->collectors);
    arena_fini(&past->arena);
    *past = (struct baseline){ 0 };
}

// --- one process --------------------------------------------------------------------------------

static void say_pids(const struct baseline *a, const struct baseline *b, const char *one,
                     const char *two, char *why, size_t size)
{
    if (a->pid == b->pid || !a->pid || !b->pid)
        snprintf(why, size, "%s", one);
    else
        snprintf(why, size, "%s (pids %d and %d)", two, (int)a->pid, (int)b->pid);
}

bool baseline_same_process(const struct baseline *a, const struct baseline *b, char *why,
                           size_t size)
{
    bool places = a->type_type == b->type_type && a->program == b->program;
    if (a->version != b->version) {
        snprintf(why, size, "two versions of Python");
        return false;
    }
    if (a->build_id_size && b->build_id_size
        && (a->build_id_size != b->build_id_size
            || memcmp(a->build_id, b->build_id, a->build_id_size) != 0)) {
        snprintf(why, size, "two programs: their build-ids differ");
        return false;
    }
    if (!places) {
        snprintf(why, size, "two runs: the program is loaded at other addresses");
        return false;
    }
    if (a->has_run && b->has_run && memcmp(a->run, b->run, sizeof a->run) != 0) {
        snprintf(why, size, "two runs: the random bytes of their exec differ");
        return false;
    }
    if (a->has_run && b->has_run)
        say_pids(a, b, "one process: the same exec", "forks of one process", why, size);
    else
        say_pids(a, b, "the same program at the same addresses",
                 "the same program at the same addresses, perhaps forks", why, size);
    return true;
}
