// SPDX-License-Identifier: GPL-3.0-or-later
// Walking the generations' lists: see lists.h.
#include "heap/build/lists.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "heap/build/mark.h"
#include "py/read.h"
#include "py/runtime/gc.h"
#include "py/memory/mimalloc.h"
#include "py/memory/pymalloc.h"
#include "py/objects/type.h"

#define PROGRESS_EVERY 65536
#define WALKERS 16    // at the same time
#define PARTS_MAX 512 // starts in the middle of lists, of all kinds
#define TRIES 64      // pools tried per start

struct walking {
    struct lists *lists;
    struct heap *heap;
    const struct progress *progress;
    uint64_t met;
    bool failed; // out of memory or cancelled
};

static bool lists_going(struct walking *walking)
{
    if (++walking->met % PROGRESS_EVERY == 0
        && !progress_step(walking->progress, "walking the lists", walking->met, 0))
        walking->failed = true;
    return !walking->failed;
}

static uint32_t new_block(struct lists *lists)
{
    uint32_t block = lists->block_count ? lists->block_count : 1;
    if (!vec_grow(&lists->blocks, &lists->block_room, block + (size_t)1, sizeof *lists->blocks,
                  NULL)
        || !vec_grow(&lists->objects, &lists->object_room, (block + (size_t)1) * LIST_BLOCK,
                     sizeof *lists->objects, NULL))
        return 0;
    lists->blocks[block] = (struct list_block){ 0 };
    lists->block_count = block + 1;
    return block;
}

static bool append(struct walking *walking, struct list *list, addr at)
{
    struct lists *lists = walking->lists;
    if (!list->last || lists->blocks[list->last].used == LIST_BLOCK) {
        uint32_t block = new_block(lists);
        if (!block) {
            walking->failed = true;
            return false;
        }
        if (list->last)
            lists->blocks[list->last].next = block;
        else
            list->first = block;
        list->last = block;
    }
    lists->objects[(size_t)list->last * LIST_BLOCK + lists->blocks[list->last].used++] = at;
    return lists_going(walking);
}

// Appends all of `more` to the list.
static void attach(struct lists *lists, struct list *list, const struct list *more)
{
    if (!more->first)
        return;
    if (list->last)
        lists->blocks[list->last].next = more->first;
    else
        list->first = more->first;
    list->last = more->last;
}

// Reverses a list.
static void turn_round(struct lists *lists, struct list *list)
{
    uint32_t before = 0, first = list->first;
    for (uint32_t block = first, next; block; before = block, block = next) {
        struct list_block *b = &lists->blocks[block];
        addr *objects = lists->objects + (size_t)block * LIST_BLOCK;
        for (uint32_t i = 0; i < b->used / 2; i++) {
            addr swap = objects[i];
            objects[i] = objects[b->used - 1 - i];
            objects[b->used - 1 - i] = swap;
        }
        next = b->next;
        b->next = before;
    }
    list->first = before;
    list->last = first;
}

size_t list_count(const struct lists *lists, const struct list *list)
{
    size_t count = 0;
    for (uint32_t block = list->first; block; block = lists->blocks[block].next)
        count += lists->blocks[block].used;
    return count;
}

void lists_fini(struct lists *lists)
{
    free(lists->rows);
    free(lists->blocks);
    free(lists->objects);
    *lists = (struct lists){ 0 };
}

// --- from both ends ------------------------------------------------------------------------------

static addr last_of(const struct lists *lists, const struct list *list)
{
    return list->last ? list_objects(lists, list->last)[lists->blocks[list->last].used - 1] : 0;
}

// One end of a list that is walked from both ends.
struct end {
    struct gc_walk walk;
    struct list list;
    bool over;
};

// One object further, until the list ends, breaks off, meets the other end, or comes to an object
// that was seen before: a ring that bypasses its head, or a list that runs into another.
static bool advance(struct walking *walking, struct end *end, struct end *other)
{
    addr at = gc_walk_next(&end->walk);
    end->over = !at;
    if (end->over)
        return true;
    if (mark(walking->heap, at))
        return append(walking, &end->list, at);
    end->over = true;
    if (at == last_of(walking->lists, &other->list)) {
        other->over = true;
    } else {
        end->walk.broken = true;
        end->walk.broken_at = end->walk.at;
    }
    return !walking->heap->addresses.failed;
}

// The forward walk decides whether the list is broken; what lies behind the break comes from the
// other end. While a collection runs there are no links back.
static bool walk_from_both_ends(struct walking *walking, addr head, bool collecting,
                                struct list *list)
{
    struct end front = { 0 }, back = { 0 };
    gc_walk_begin(&front.walk, walking->heap->py, head, collecting);
    back.walk = front.walk;
    back.over = !gc_walk_turn(&back.walk);
    bool ok = true;
    while (ok && !(front.over && back.over)) {
        ok = front.over || advance(walking, &front, &back);
        ok = ok && (back.over || advance(walking, &back, &front));
    }
    turn_round(walking->lists, &back.list);
    attach(walking->lists, list, &front.list);
    attach(walking->lists, list, &back.list);
    list->broken = front.walk.broken;
    list->broken_at = front.walk.broken_at;
    return ok;
}

// --- from many places ----------------------------------------------------------------------------

// A part being walked, or a finished one.
struct stretch {
    struct gc_walk walk;
    struct list list;
    addr start; // its first object; 0: it begins at a list's head
    addr next;  // the next object, which is not part of it yet; 0: none
    addr stop;  // where it ended: an object that was seen, or a head's address as if it were one
    bool used;
};

struct lists_starts {
    struct walking *walking;
    struct pymalloc pm;
    struct stretch *stretches;
    size_t count;
    size_t active[WALKERS];
    size_t active_count;
    uint64_t draw; // the state of the generator of pool numbers
};

// The walk treats a head like an object's header: its address counts as seen, and ends a stretch.
static addr place_of_head(const struct python *py, addr head)
{
    return head + SIZE(py, PyGC_Head);
}

// The tracked object in a block, or 0: its neighbours point back at it, and its type confirms the
// header's position.
static addr tracked_in(const struct python *py, addr block)
{
    addr head = SIZE(py, PyGC_Head);
    for (addr before = 0; before <= 16; before += 16) { // the pointers of a managed dict
        const struct type *type =
            gc_head_closes(py, block + before) ? type_of(py, block + before + head) : NULL;
        if (type && type->is_gc && type->presize == before + head)
            return block + before + head;
    }
    return 0;
}

// Some tracked object that has not been seen yet, or 0. Any will do: one that is on no list is
// recognised in the end. Pools are drawn at random, by a linear congruential generator (Knuth,
// MMIX).
static addr draw_start(struct lists_starts *places)
{
    const struct python *py = places->walking->heap->py;
    for (int i = 0; i < TRIES; i++) {
        places->draw = places->draw * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const struct pymalloc_arena *arena =
            &places->pm.arenas[(places->draw >> 33) % places->pm.count];
        struct pymalloc_pool pool;
        if (!pymalloc_pool(&places->pm, py, arena, (uint32_t)(places->draw >> 13) % arena->pools,
                           &pool)
            || !pool.sound)
            continue;
        uint32_t block = 0;
        while (block < pool.blocks && pool.free[block / 64] >> (block % 64) & 1)
            block++;
        addr at = pool.at + SIZE(py, pool_header) + (addr)block * pool.size;
        addr object = block < pool.blocks ? tracked_in(py, at + places->pm.lead) : 0;
        if (object && !mark_has(places->walking->heap, object))
            return object;
    }
    return 0;
}

static void start_at(struct lists_starts *places, addr object, addr head)
{
    struct stretch *s = &places->stretches[places->count];
    *s = (struct stretch){ .start = object };
    gc_walk_begin(&s->walk, places->walking->heap->py,
                  head ? head : object - SIZE(places->walking->heap->py, PyGC_Head), false);
    if (object && mark(places->walking->heap, object))
        append(places->walking, &s->list, object);
    places->active[places->active_count++] = places->count++;
}

static void start_heads(struct lists_starts *places)
{
    const struct interpreter *in = &places->walking->heap->py->interpreters[0];
    for (int g = 0; g < GEN_COUNT; g++)
        if (in->heads[g]) {
            mark(places->walking->heap, place_of_head(places->walking->heap->py, in->heads[g]));
            start_at(places, 0, in->heads[g]);
        }
}

static bool start_another(struct lists_starts *places)
{
    addr start = places->count < PARTS_MAX ? draw_start(places) : 0;
    if (start)
        start_at(places, start, 0);
    return start != 0;
}

// One object further. A finished stretch makes room for another.
static bool lists_step(struct lists_starts *places, size_t slot)
{
    struct walking *walking = places->walking;
    struct stretch *s = &places->stretches[places->active[slot]];
    addr at = s->next;
    bool fresh = !at || mark(walking->heap, at);
    if (fresh && at && !append(walking, &s->list, at))
        return false;
    s->next = fresh ? gc_walk_next(&s->walk) : 0;
    if (s->next) {
        mark_prefetch(walking->heap, s->next);
        return true;
    }
    s->stop = !fresh ? at : s->walk.broken ? 0 : place_of_head(walking->heap->py, s->walk.head);
    places->active[slot] = places->active[--places->active_count];
    start_another(places);
    return !walking->failed && !walking->heap->addresses.failed;
}

static bool lists_walk_all(struct lists_starts *places)
{
    bool ok = true;
    start_heads(places);
    while (places->active_count < WALKERS && start_another(places)) {
    }
    while (ok && places->active_count)
        for (size_t i = 0; ok && i < places->active_count; i++)
            ok = lists_step(places, i);
    return ok;
}

static struct stretch *stretch_of(struct lists_starts *places, addr start, addr head)
{
    for (size_t i = 0; i < places->count; i++) {
        struct stretch *s = &places->stretches[i];
        if (!s->used && s->start == start && (start || s->walk.head == head))
            return s;
    }
    return NULL;
}

// Joins the stretches from a head back to the same head. False: they do not meet.
static bool lists_join(struct lists_starts *places, addr head, struct list *list)
{
    addr end = place_of_head(places->walking->heap->py, head);
    struct stretch *s = stretch_of(places, 0, head);
    for (; s; s = stretch_of(places, s->stop, 0)) {
        s->used = true;
        attach(places->walking->lists, list, &s->list);
        if (s->stop == end || !s->stop)
            return s->stop == end;
    }
    return false;
}

static bool join_all(struct lists_starts *places)
{
    struct walking *walking = places->walking;
    const struct interpreter *in = &walking->heap->py->interpreters[0];
    for (int g = 0; g < GEN_COUNT; g++)
        if (in->heads[g] && !lists_join(places, in->heads[g], &walking->lists->rows[0][g]))
            return false;
    for (size_t i = 0; i < places->count; i++)
        if (!places->stretches[i].used)
            return false;
    return true;
}

static void unmark_heads(struct heap *heap)
{
    const struct interpreter *in = &heap->py->interpreters[0];
    for (int g = 0; g < GEN_COUNT; g++)
        if (in->heads[g])
            mark_clear(heap, place_of_head(heap->py, in->heads[g]));
}

// As if nothing had been walked.
static void lists_forget(struct walking *walking)
{
    struct lists *lists = walking->lists;
    for (uint32_t block = 1; block < lists->block_count; block++)
        for (uint32_t i = 0; i < lists->blocks[block].used; i++)
            mark_clear(walking->heap, list_objects(lists, block)[i]);
    lists->block_count = 0;
    memset(lists->rows[0], 0, sizeof lists->rows[0]);
}

// True: all lists are walked, and whole. False: nothing has been done.
static bool walk_from_many_places(struct walking *walking)
{
    struct lists_starts places = { .walking = walking };
    if (walking->heap->py->target
            ->is_slow) // the pools that tell the places would have to be read first
        return false;
    places.stretches = malloc(PARTS_MAX * sizeof *places.stretches);
    bool whole = places.stretches && pymalloc_open(&places.pm, walking->heap->py, NULL)
                 && places.pm.known && lists_walk_all(&places);
    unmark_heads(walking->heap);
    whole = whole && join_all(&places);
    if (!whole)
        lists_forget(walking);
    free(places.stretches);
    pymalloc_close(&places.pm);
    return whole;
}

// --- without lists -------------------------------------------------------------------------------

struct add_context {
    struct walking *walking;
    struct list *row;
};

// Free-threaded builds: tracked objects carry a flag. Their collector has no generations except the
// frozen objects.
static bool add_block(void *context, enum mimalloc_heap heap, addr block, const uint8_t *bytes,
                      uint64_t size)
{
    struct add_context *add = context;
    struct walking *walking = add->walking;
    const struct python *py = walking->heap->py;
    uint64_t offset = gc_block_offset(py, heap);
    bool frozen;
    if (heap < MIMALLOC_GC || offset + SIZE(py, PyObject) > size
        || !gc_bits_tracked(py, bytes + offset, &frozen))
        return true;
    if (!mark(walking->heap, block + offset))
        return !walking->heap->addresses.failed;
    return append(walking, &add->row[frozen ? GEN_PERMANENT : GEN_0], block + offset);
}

// --- all of them ---------------------------------------------------------------------------------

static bool walk_interpreter(struct walking *walking, size_t i)
{
    struct python *py = walking->heap->py;
    struct list *row = walking->lists->rows[i];
    struct add_context add = { walking, row };
    if (!mimalloc_each(py, i, add_block, &add))
        return false;
    struct gc_state state;
    python_gc_state(py, i, &state);
    if (py->interpreter_count == 1 && !state.collecting && py->interpreters[0].heads[GEN_0]
        && walk_from_many_places(walking))
        return true;
    for (int g = 0; g < GEN_COUNT && !walking->failed; g++)
        if (py->interpreters[i].heads[g]
            && !walk_from_both_ends(walking, py->interpreters[i].heads[g], state.collecting,
                                    &row[g]))
            return false;
    return !walking->failed;
}

// gc.get_objects() reports both old spaces of the incremental collector as generation 2, and
// nothing as 1 (gc_get_objects_impl, Modules/gcmodule.c of 3.14.0).
static void lists_join_spaces(struct lists *lists, struct list row[static GEN_COUNT])
{
    struct list *visited = &row[GEN_1], *both = &row[GEN_2];
    visited->visited = (uint32_t)list_count(lists, visited);
    attach(lists, visited, both);
    if (both->broken && !visited->broken) {
        visited->broken = true;
        visited->broken_at = both->broken_at;
    }
    *both = *visited;
    *visited = (struct list){ 0 };
}

bool lists_walk(struct lists *lists, struct heap *heap, const struct progress *progress,
                struct err *err)
{
    struct walking walking = { .lists = lists, .heap = heap, .progress = progress };
    *lists = (struct lists){ .rows = calloc(heap->py->interpreter_count, sizeof *lists->rows) };
    if (!lists->rows)
        return err_memory(err, "the generations");
    heap->py->guards = mimalloc_guards(heap->py);
    for (size_t i = 0; i < heap->py->interpreter_count; i++)
        if (!walk_interpreter(&walking, i))
            return err_set(err, ERR_CANCELLED, "finding objects was cancelled, or memory ran out");
    for (size_t i = 0; heap->py->rules.incremental && i < heap->py->interpreter_count; i++)
        lists_join_spaces(lists, lists->rows[i]);
    return true;
}
