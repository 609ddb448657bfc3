// SPDX-License-Identifier: GPL-3.0-or-later
// suspended: tasks, coroutines and generators that wait, with all their locals, and that nobody
// wakes.
//
//  task         waits for a future. If only the task itself leads to that future, nobody is left
//               who could set its result: it waits forever
//  coroutine    not started, and in no task: `await` was forgotten
//  generator    suspended, and kept by somebody who does not resume it
//  greenlet     switched away from, and not yet switched back to; named by the outermost of the
//               program's functions on its stack
//
// Not reported: what is running (its frame is on a thread's stack), and what another one awaits,
// which is part of that one.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"
#include "finding/buckets.h"
#include "graph/marks.h"
#include "heap/names/task.h"
#include "py/read.h"
#include "py/runtime/frames.h"
#include "py/runtime/greenlet.h"

#define MANY_ORPHANS 5      // tasks of one coroutine that nobody can wake: rated low
#define MANY_TASKS 100      // of one coroutine of the program: worth telling
#define MANY_GREENLETS 1000 // of one function of the program
#define MANY_GENERATORS 100 // of one function of the program: rated low
#define GROUPS_MAX 20

enum what { WHAT_TASK, WHAT_COROUTINE, WHAT_GENERATOR, WHAT_GREENLET, WHAT_COUNT };

struct suspended_search {
    struct finder *f;
    uint64_t greenlets, generators, tasks; // bits of their types
    uint64_t *busy;                        // running, awaited, or of a task
    struct buckets groups[WHAT_COUNT];     // by code object
};

static void suspended_find_types(struct suspended_search *search)
{
    const struct finder *f = search->f;
    for (uint32_t t = 0; t < heap_type_count(f->heap); t++) {
        const struct type *type = type_row(f->py->types, t);
        uint64_t bit = f->types[t].bit;
        search->greenlets |= greenlet_is(type) ? bit : 0;
        search->generators |= type_is(type, TRAIT_ANY_GENERATOR) ? bit : 0;
        search->tasks |= task_kind_of(f->py, type) != TASK_NONE ? bit : 0;
    }
}

static void suspended_mark(struct suspended_search *search, addr at)
{
    node n = at ? heap_node_of(search->f->heap, at) : NODE_NONE;
    if (n != NODE_NONE)
        marks_set(search->busy, n);
}

// Finds a generator's suspended frame. False: it has finished.
static bool suspended_frame_of(const struct finder *f, node n, struct frame *frame)
{
    return frame_of_generator(f->py, finder_type(f, n), heap_addr(f->heap, n), frame);
}

static bool mark_busy(struct suspended_search *search, struct err *err)
{
    const struct finder *f = search->f;
    struct map running = MAP_INIT;
    bool ok = frames_running(f->py, &running, err);
    node count = f->heap->node_count;
    for (node n = 0; ok && (n = finder_skip(f, search->greenlets, n)) < count; n++)
        if (greenlet_is(finder_type(f, n)))
            ok = greenlet_frames(f->py, finder_type(f, n), heap_addr(f->heap, n), &running, err);
    for (node n = 0; ok && (n = finder_skip(f, search->generators, n)) < count; n++) {
        struct frame frame;
        if (!task_is_generator(f->heap, n) || !suspended_frame_of(f, n, &frame))
            continue;
        if (map_get(&running, frame.at) != MAP_NONE)
            marks_set(search->busy, n);
        suspended_mark(search, frame_awaited(f->py, &frame));
    }
    map_fini(&running);
    return ok;
}

// --- tasks --------------------------------------------------------------------------------------

// Whether nothing but the task, and what it awaits, holds the future that it waits for. A holder of
// another type (a queue, a stream) may be reached by somebody through a weak reference.
static bool suspended_is_orphan(const struct finder *f, node n, const struct task *task)
{
    node future = task->future;
    if (future == NODE_NONE || heap_addr(f->heap, future) == f->py->none
        || marks_has(f->roots->all, future))
        return false;
    const struct csr *reverse = &f->heap->reverse;
    for (uint64_t e = csr_first(reverse, future); e < csr_end(reverse, future); e++) {
        node from = reverse->to[e] & EDGE_NODE;
        if (from != n && !finder_is(f, from, TRAIT_ANY_GENERATOR | TRAIT_FRAME | TRAIT_STEP))
            return false;
        if (!tree_dominates(&f->tree, n, from) && !tree_dominates(&f->tree, task->coroutine, from))
            return false;
    }
    return true;
}

static bool add_tasks(struct suspended_search *search, struct err *err)
{
    const struct finder *f = search->f;
    uint32_t last = UINT32_MAX; // a type, and what kind of task its instances are
    enum task_kind kind = TASK_NONE;
    for (node n = 0; (n = finder_skip(f, search->tasks, n)) < f->heap->node_count; n++) {
        struct task task;
        struct frame frame;
        struct bucket *group;
        uint32_t type = heap_type(f->heap, n);
        if (type != last)
            kind = task_kind_of(f->py, finder_type(f, n));
        last = type;
        if (kind == TASK_NONE || finder_is_dead(f, n) || !task_read(f->heap, n, kind, &task)
            || task.coroutine == NODE_NONE || !task_is_generator(f->heap, task.coroutine))
            continue;
        bool runs = marks_has(search->busy, task.coroutine);
        marks_set(search->busy, task.coroutine);
        if (runs || !suspended_frame_of(f, task.coroutine, &frame))
            continue;
        if (!buckets_add(&search->groups[WHAT_TASK], frame.code, n, finder_retained(f, n), &group,
                         err))
            return false;
        group->special += suspended_is_orphan(f, n, &task);
        if (group->largest == n)
            group->other = task.coroutine;
    }
    return true;
}

// --- coroutines and generators without a task ---------------------------------------------------

static bool is_created(const struct finder *f, node n, const struct frame *frame)
{
    const struct layout *l = &f->py->layout;
    if (l->PyGenObject_gi_frame_state >= 0) {
        return READ(f->py, heap_addr(f->heap, n), PyGenObject_gi_frame_state) == l->FRAME_CREATED;
    }
    return l->PyFrameObject_f_lasti >= 0
           && (int32_t)READ(f->py, frame->at, PyFrameObject_f_lasti) < 0;
}

static bool add_others(struct suspended_search *search, struct err *err)
{
    const struct finder *f = search->f;
    for (node n = 0; (n = finder_skip(f, search->generators, n)) < f->heap->node_count; n++) {
        struct frame frame;
        if (finder_is_dead(f, n) || marks_has(search->busy, n) || !task_is_generator(f->heap, n)
            || !suspended_frame_of(f, n, &frame))
            continue;
        bool created = is_created(f, n, &frame);
        enum what what = finder_is(f, n, TRAIT_COROUTINE) ? WHAT_COROUTINE : WHAT_GENERATOR;
        struct bucket *group;
        if (what == WHAT_COROUTINE && !created)
            continue; // held by an awaiter in a way that is not recognized here
        if (!buckets_add(&search->groups[what], frame.code, n, finder_retained(f, n), &group, err))
            return false;
        group->other = group->largest;
    }
    return true;
}

// --- greenlets ----------------------------------------------------------------------------------

// The code that names a suspended greenlet: the outermost frame's of the program, else the
// outermost. 0: it is not waiting.
static addr suspended_greenlet_code(const struct finder *f, node n)
{
    struct frame_walk walk;
    struct frame frame;
    addr outermost = 0, program = 0, last = 0;
    bool is_program = false;
    if (!greenlet_walk_begin(&walk, f->py, finder_type(f, n), heap_addr(f->heap, n)))
        return 0;
    while (frame_walk_next(&walk, &frame)) {
        node code = frame.code == last ? NODE_NONE : heap_node_of(f->heap, frame.code);
        if (code != NODE_NONE)
            is_program = code_is_program(f->heap, &f->paths, code);
        last = outermost = frame.code;
        program = is_program ? frame.code : program;
    }
    return program ? program : outermost;
}

static bool suspended_add_greenlets(struct suspended_search *search, struct err *err)
{
    const struct finder *f = search->f;
    struct bucket *group;
    for (node n = 0; (n = finder_skip(f, search->greenlets, n)) < f->heap->node_count; n++) {
        if (!greenlet_is(finder_type(f, n)) || finder_is_dead(f, n))
            continue;
        addr code = suspended_greenlet_code(f, n);
        if (code
            && !buckets_add(&search->groups[WHAT_GREENLET], code, n, finder_retained(f, n), &group,
                            err))
            return false;
    }
    return true;
}

// --- telling ------------------------------------------------------------------------------------

static const char *line_text(struct finder *f, node generator)
{
    struct frame frame;
    int32_t line = suspended_frame_of(f, generator, &frame) ? frame_line(f->py, &frame) : 0;
    return line > 0 ? finder_text(f, ", at line %d", (int)line) : "";
}

static bool give(struct finder *f, const struct bucket *group, enum severity severity,
                 const char *what, const char *why, struct err *err)
{
    return finder_add(
        f,
        &(struct finding){ .severity = severity,
                           .object = group->largest,
                           .objects = group->count,
                           .bytes = group->bytes,
                           .what = what,
                           .why = why,
                           .next = finder_text(f, "path %s", finder_word(f, group->largest)) },
        err);
}

static const char *who_waits(struct finder *f, const struct bucket *group)
{
    const char *count = finder_count(f, group->special);
    return group->count == 1                ? "it waits"
           : group->special == group->count ? "they wait"
           : group->special == 1            ? "one of them waits"
                                            : finder_text(f, "%s of them wait", count);
}

static bool tell_tasks(struct finder *f, const struct bucket *group, node code, bool is_program,
                       struct err *err)
{
    enum severity severity = finder_severity(f, group->bytes, HOME_LIBRARY);
    bool orphans = group->special >= MANY_ORPHANS;
    if (orphans && is_program && severity > SEVERITY_LOW)
        severity = SEVERITY_LOW;
    if (severity == SEVERITY_INFO
        && !(is_program && (group->special || group->count >= MANY_TASKS)))
        return true;
    return give(f, group, severity,
                finder_text(f, "%s of %s wait%s%s: %s", finder_plural(f, group->count, "task"),
                            finder_code_name(f, code), text_plural(group->count, "s", ""),
                            line_text(f, group->other), finder_size(f, group->bytes)),
                group->special ? finder_text(
                    f,
                    "%s for a future that only the task itself refers to: nobody can set its "
                    "result, and the task waits forever, with all its locals; keep the future "
                    "where it is answered, or wait with a timeout",
                    who_waits(f, group))
                               : "everything that a task holds lives as long as it waits",
                err);
}

static bool tell_coroutines(struct finder *f, const struct bucket *group, node code,
                            bool is_program, struct err *err)
{
    enum severity severity = finder_severity(f, group->bytes, HOME_LIBRARY);
    if (is_program && severity > SEVERITY_LOW)
        severity = SEVERITY_LOW;
    return give(
        f, group, severity,
        finder_text(f, "%s of %s %s never awaited", finder_plural(f, group->count, "coroutine"),
                    finder_code_name(f, code), text_plural(group->count, "was", "were")),
        "it was called, but neither awaited nor wrapped in a task; its arguments stay with it",
        err);
}

static bool tell_generators(struct finder *f, const struct bucket *group, node code,
                            bool is_program, struct err *err)
{
    enum severity severity =
        finder_severity(f, group->bytes, is_program ? HOME_NONE : HOME_LIBRARY);
    if (is_program && group->count >= MANY_GENERATORS && severity > SEVERITY_LOW)
        severity = SEVERITY_LOW;
    if (!is_program && severity == SEVERITY_INFO)
        return true;
    return give(f, group, severity,
                finder_text(f, "%s of %s %s suspended%s: %s",
                            finder_plural(f, group->count, "generator"), finder_code_name(f, code),
                            text_plural(group->count, "is", "are"), line_text(f, group->largest),
                            finder_size(f, group->bytes)),
                finder_text(f,
                            "a suspended generator holds its frame and all its locals until it is "
                            "finished, closed or dropped; held as %s",
                            finder_name(f, group->largest)),
                err);
}

// ", in wait() app.py:12": where the innermost call is.
static const char *suspended_greenlet_place(struct finder *f, node greenlet)
{
    struct frame_walk walk;
    struct frame frame;
    struct text text = TEXT_INIT;
    if (greenlet_walk_begin(&walk, f->py, finder_type(f, greenlet), heap_addr(f->heap, greenlet))
        && frame_walk_next(&walk, &frame))
        frame_place(f->py, &frame, frame_line(f->py, &frame), 100, &text);
    const char *place = text.size ? finder_text(f, ", in %s", text_string(&text)) : "";
    text_fini(&text);
    return place;
}

// Whether the program's own code made the innermost call: it waits for an event, a result, a queue.
static bool suspended_waits_in_program(const struct finder *f, node greenlet)
{
    struct frame_walk walk;
    struct frame frame;
    return greenlet_walk_begin(&walk, f->py, finder_type(f, greenlet), heap_addr(f->heap, greenlet))
           && frame_walk_next(&walk, &frame)
           && code_is_program(f->heap, &f->paths, heap_node_of(f->heap, frame.code));
}

static bool suspended_tell_greenlets(struct finder *f, const struct bucket *group, node code,
                                     bool is_program, struct err *err)
{
    // An idle server has one greenlet per client, which waits in a library's code for its socket;
    // very many that keep much are not idle.
    bool piles_up =
        is_program && group->count >= MANY_TASKS && suspended_waits_in_program(f, group->largest);
    enum severity severity =
        finder_severity(f, group->bytes,
                        piles_up                                       ? HOME_PROGRAM
                        : is_program && group->count >= MANY_GREENLETS ? HOME_NONE
                                                                       : HOME_LIBRARY);
    if (severity == SEVERITY_LOW)
        severity = SEVERITY_INFO;
    if (severity == SEVERITY_INFO && (!is_program || group->count < MANY_TASKS))
        return true;
    return give(f, group, severity,
                finder_text(f, "%s of %s wait%s%s: %s", finder_plural(f, group->count, "greenlet"),
                            finder_code_name(f, code), text_plural(group->count, "s", ""),
                            suspended_greenlet_place(f, group->largest),
                            finder_size(f, group->bytes)),
                finder_text(f,
                            "a suspended greenlet holds its stack and all its locals until it is "
                            "resumed, killed or dropped; held as %s",
                            finder_name(f, group->largest)),
                err);
}

static bool tell_all(struct suspended_search *search, struct err *err)
{
    static bool (*const tell[])(struct finder *, const struct bucket *, node, bool,
                                struct err *) = {
        [WHAT_TASK] = tell_tasks,
        [WHAT_COROUTINE] = tell_coroutines,
        [WHAT_GENERATOR] = tell_generators,
        [WHAT_GREENLET] = suspended_tell_greenlets,
    };
    struct finder *f = search->f;
    for (int what = 0; what < WHAT_COUNT; what++) {
        buckets_sort(&search->groups[what]);
        for (size_t i = 0; i < search->groups[what].count && i < GROUPS_MAX; i++) {
            const struct bucket *group = &search->groups[what].items[i];
            node code = heap_node_of(f->heap, group->key);
            if (code != NODE_NONE
                && !tell[what](f, group, code, code_is_program(f->heap, &f->paths, code), err))
                return false;
        }
    }
    return true;
}

static bool suspended_find_all(struct finder *f, struct err *err)
{
    struct suspended_search search = { .f = f };
    if (!finder_need_paths(f, err) || !finder_need_tree(f, err))
        return false;
    suspended_find_types(&search);
    search.busy = calloc((size_t)marks_words(f->heap->node_count) + 1, sizeof *search.busy);
    bool ok = search.busy
                  ? mark_busy(&search, err) && add_tasks(&search, err) && add_others(&search, err)
                        && suspended_add_greenlets(&search, err) && tell_all(&search, err)
                  : err_memory(err, "suspended tasks");
    for (int what = 0; what < WHAT_COUNT; what++)
        buckets_free(&search.groups[what]);
    free(search.busy);
    return ok;
}

const struct finding_kind finding_suspended = {
    .name = "suspended",
    .help = "tasks that nothing can wake, coroutines that were never awaited, suspended generators "
            "and greenlets",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .needs_whole = true,
    .find = suspended_find_all,
};
