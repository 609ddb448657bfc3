// SPDX-License-Identifier: GPL-3.0-or-later
// `threads`: the stack of every thread, and of everything suspended in the middle of a call, with
// locals.
#include <stdlib.h>

#include "cmd/session/select.h"
#include "heap/analysis/coroutines.h"
#include "heap/names/attribute.h"
#include "heap/names/thread_names.h"
#include "py/objects/content_value.h"
#include "py/runtime/frames.h"
#include "py/runtime/greenlet.h"
#include "py/objects/type.h"

#define NAME_COLUMNS 100 // of a thread or a task
#define NAME_WIDTH 200
#define PATH_WIDTH 4096

static const struct column columns[] = {
    { COL(thread), 8, COLUMN_GOES(6),
      "its number, as the system has it; unknown for what is suspended" },
    { COL(depth), 5, COLUMN_RIGHT, "0: the innermost call" },
    { COL(function), 20, 0, "its qualified name" },
    { COL(file), 20, COLUMN_GOES(5), "where its source is" },
    { COL(line), 5, COLUMN_RIGHT, "the line that is running, or that it is suspended in" },
    { COL(local), 12, 0, "a local variable's name" },
    { COL(object), 18, COLUMN_OBJECT | COLUMN_GOES(3), "its value" },
    { COL(type), 14, COLUMN_GOES(4), "the value's type" },
    { COL(retained), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_WHOLE | COLUMN_GOES(2),
      "bytes that the value alone keeps alive, once `retained` has worked them out" },
    { COL(preview), 24, COLUMN_WIDE, "the value, shortened" },
    { COL(owner), 18, COLUMN_OBJECT | COLUMN_GOES(1),
      "the suspended generator, coroutine, asynchronous generator or greenlet" },
    { COL(awaits), 18, COLUMN_OBJECT, "what that coroutine awaits" },
    { COL(task), 18, COLUMN_OBJECT, "the task that runs it, and those that it awaits" },
    { COL(name), 12, COLUMN_GOES(8), "what Python calls the thread, or the task" },
    { COL(state), 12, COLUMN_GOES(7) | COLUMN_OURS,
      "whether the thread holds the GIL, or crashed; or that it is suspended" },
    COLUMN_ROW_END,
};

struct listing {
    const struct session *session;
    struct report *report;
    struct err *err;
    const struct thread_names *names;
    struct cell thread, owner, awaits, task, name, state;
};

static struct cell retained_cell(const struct session *session, node n)
{
    return session->has_dominators && n != NODE_NONE ? cell_bytes(session->dominate.retained[n])
                                                     : cell_null();
}

static bool cmd_threads_add_row(const struct listing *listing, const struct cell head[4],
                                struct cell local, node value)
{
    bool known = value != NODE_NONE;
    const struct cell cells[] = {
        listing->thread,
        head[0],
        head[1],
        head[2],
        head[3],
        local,
        cell_object(value),
        known ? cell_type_of(value) : cell_null(),
        retained_cell(listing->session, value),
        known ? cell_preview(value) : cell_null(),
        listing->owner,
        listing->awaits,
        listing->task,
        listing->name,
        listing->state,
    };
    return report_row(listing->report, cells, listing->err);
}

// Adds one row per local; a frame without locals gets one row.
static bool list_frame(const struct listing *listing, const struct frame *frame, uint64_t depth)
{
    const struct session *session = listing->session;
    const struct python *py = &session->py;
    int32_t line = frame_line(py, frame);
    const struct cell head[] = {
        cell_count(depth),
        selection_str_cell(session, listing->report, frame_function(py, frame), NAME_WIDTH),
        selection_str_cell(session, listing->report, frame_file(py, frame), PATH_WIDTH),
        line > 0 ? cell_int(line) : cell_null(),
    };
    bool any = false;
    for (uint32_t i = 0; i < frame->local_count; i++) {
        addr value = frame_local(py, frame, i);
        node n = value ? heap_node_of(&session->heap, value) : NODE_NONE;
        if (!value)
            continue;
        any = true;
        struct cell name = selection_str_cell(session, listing->report,
                                              frame_local_name(py, frame, i), NAME_WIDTH);
        if (!cmd_threads_add_row(listing, head, name, n))
            return false;
    }
    return any || cmd_threads_add_row(listing, head, cell_null(), NODE_NONE);
}

static struct cell cmd_threads_name(const struct listing *listing, node name)
{
    const struct heap *heap = &listing->session->heap;
    return name == NODE_NONE ? cell_null()
                             : selection_str_cell(listing->session, listing->report,
                                                  heap_addr(heap, name), NAME_COLUMNS);
}

static struct cell cmd_threads_task_name(const struct listing *listing, node task)
{
    const struct heap *heap = &listing->session->heap;
    node name = task == NODE_NONE ? NODE_NONE : thread_names_of_task(heap, task);
    if (name == NODE_NONE)
        return cell_null();
    struct text bytes = TEXT_INIT;
    struct content_value value = heap_value(heap, name, &bytes);
    text_fini(&bytes);
    if (value.kind == CONTENT_INT)
        return cell_text(report_format(listing->report, "Task-%lld", (long long)value.integer));
    return value.kind == CONTENT_TEXT ? cmd_threads_name(listing, name) : cell_null();
}

static bool list_thread(struct listing *listing, const struct pythread *thread)
{
    struct frame_walk walk;
    struct frame frame;
    uint64_t depth = 0;
    listing->thread = cell_int((int64_t)(thread->tid ? thread->tid : thread->ident));
    listing->name = cmd_threads_name(listing, thread_names_of(listing->names, thread));
    listing->state = cell_text(thread_names_state(&listing->session->py, thread));
    for (frame_walk_begin(&walk, &listing->session->py, thread); frame_walk_next(&walk, &frame);)
        if (!frame.incomplete && !list_frame(listing, &frame, depth++))
            return false;
    if (depth)
        return true;
    const struct cell head[] = { cell_null(), cell_null(), cell_null(), cell_null() };
    return cmd_threads_add_row(listing, head, cell_null(),
                               NODE_NONE); // not started, or running only C code
}

// Lists a chain of awaits like a thread's stack: the innermost call first.
static bool list_chain(struct listing *listing, const struct coroutine_list *list, size_t head,
                       size_t *chain)
{
    size_t count = 0;
    for (size_t i = head; i != COROUTINES_NONE && count < list->count; i = list->items[i].inner)
        chain[count++] = i;
    listing->task = cell_object(list->items[head].task);
    listing->name = cmd_threads_task_name(listing, list->items[head].task);
    for (size_t depth = 0; depth < count; depth++) {
        const struct coroutine *item = &list->items[chain[count - 1 - depth]];
        listing->owner = cell_object(item->n);
        listing->awaits =
            cell_object(item->inner == COROUTINES_NONE ? item->awaits : list->items[item->inner].n);
        if (!list_frame(listing, &item->frame, depth))
            return false;
    }
    return true;
}

// Lists suspended generators, coroutines and asynchronous generators: no thread runs them.
static bool list_suspended(struct listing *listing)
{
    struct coroutine_list list = { 0 };
    size_t *chain = NULL;
    bool ok = coroutines_find(&list, &listing->session->heap, listing->err);
    if (ok && !(chain = malloc((list.count + 1) * sizeof *chain)))
        ok = err_memory(listing->err, "a chain of awaits");
    listing->thread = cell_null();
    listing->state = cell_text("suspended");
    for (size_t i = 0; ok && i < list.count; i++)
        if (!list.items[i].awaited)
            ok = list_chain(listing, &list, i, chain);
    free(chain);
    coroutines_fini(&list);
    return ok;
}

// Lists suspended greenlets, which no thread runs either.
static bool list_greenlets(struct listing *listing)
{
    const struct session *session = listing->session;
    const struct heap *heap = &session->heap;
    listing->thread = listing->awaits = listing->task = listing->name = cell_null();
    for (node n = 0; n < heap->node_count; n++) {
        const struct type *type = type_row(session->py.types, heap_type(heap, n));
        struct frame_walk walk;
        struct frame frame;
        uint64_t depth = 0;
        if (!greenlet_is(type)
            || !greenlet_walk_begin(&walk, &session->py, type, heap_addr(heap, n)))
            continue;
        listing->owner = cell_object(n);
        while (frame_walk_next(&walk, &frame))
            if (!list_frame(listing, &frame, depth++))
                return false;
    }
    return true;
}

static bool threads_list(struct listing *listing, const struct args *args)
{
    const struct session *session = listing->session;
    bool only = args_has(args, "thread");
    uint64_t wanted = args_number(args, "thread", 0);
    for (size_t i = 0; i < session->py.interpreter_count; i++) {
        const struct interpreter *in = &session->py.interpreters[i];
        for (size_t k = 0; k < in->thread_count; k++)
            if ((!only || in->threads[k].tid == wanted || in->threads[k].ident == wanted)
                && !list_thread(listing, &in->threads[k]))
                return false;
    }
    listing->report->empty = "no thread has that number";
    return only || args_has(args, "running")
           || (list_suspended(listing) && list_greenlets(listing));
}

static bool cmd_threads_run(struct session *session, const struct args *args, struct report *report,
                            struct err *err)
{
    struct thread_names names = { 0 };
    struct err unknown = ERR_INIT; // `threading` was never imported: no thread has a name
    node active;
    if (session_object(session, "threading._active", &active, &unknown)
        && !thread_names_find(&names, &session->heap, active, err)) {
        thread_names_fini(&names);
        return false;
    }
    struct listing listing = { .session = session, .report = report, .err = err, .names = &names };
    bool ok = threads_list(&listing, args);
    thread_names_fini(&names);
    return ok;
}
static const struct option_row options[] = {
    { .letter = 't',
      .name = "thread",
      .value = "TID",
      .kind = OPTION_COUNT,
      .help = "only this thread" },
    { .name = "running", .kind = OPTION_FLAG, .help = "only threads, not what is suspended" },
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_threads = {
    .name = "threads",
    .usage = "[-t TID] [--running] [-n N]",
    .summary = "the Python stacks with their locals",
    .help = "One row per local variable, the innermost call of each thread first; a call without "
            "locals has one row. After the threads come the generators, coroutines and "
            "asynchronous generators that are suspended in their body, and the suspended greenlets "
            "with their stacks: they belong to no thread, and `owner` is the object. Coroutines "
            "that await one another are one stack, with the innermost call first: `awaits` is what "
            "each waits for, `task` the asyncio task that runs them.\n"
            "\n"
            "For a variable shared with inner functions the value in its cell is shown.",
    .example = "threads --running",
    .options = options,
    .columns = columns,
    .needs = NEEDS_HEAP,
    .reads_values = true,
    .run = cmd_threads_run,
};
