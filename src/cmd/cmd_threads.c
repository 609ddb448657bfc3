// SPDX-License-Identifier: GPL-3.0-or-later
// `threads`: the stacks of every thread, and of everything that is suspended in the middle of a
// call, with their locals.
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "cmd/select.h"
#include "graph/marks.h"
#include "py/frames.h"
#include "py/str.h"
#include "py/type.h"

#define NAME_WIDTH 200
#define PATH_WIDTH 4096

static const struct column columns[] = {
    { "thread", 8, 0, "its number, as the system has it; unknown for what is suspended" },
    { "depth", 5, COLUMN_RIGHT, "0: the innermost call" },
    { "function", 20, 0, "its qualified name" },
    { "file", 20, 0, "where its source is" },
    { "line", 5, COLUMN_RIGHT, "the line that runs, or that it waits in" },
    { "local", 12, 0, "a local variable's name" },
    { "object", 18, 0, "its value" },
    { "type", 14, 0, "the value's type" },
    { "retained", 10, COLUMN_RIGHT | COLUMN_HUMAN,
      "bytes that the value alone keeps alive, where `retained` has worked them out" },
    { "preview", 24, COLUMN_WIDE, "the value, shortened" },
    { "owner", 18, 0, "the suspended generator, coroutine or asynchronous generator" },
    COLUMN_ROW_END,
};

struct listing {
    const struct session *session;
    struct report *report;
    struct err *err;
    struct cell thread, owner;
};

static struct cell str_cell(const struct session *session, struct report *report, addr str,
                            size_t width)
{
    struct text text = TEXT_INIT;
    if (str)
        str_append(&session->py, str, width, &text);
    struct cell cell =
        text.size ? cell_text(report_text(report, text.data, text.size)) : cell_null();
    text_fini(&text);
    return cell;
}

static struct cell retained_cell(const struct session *session, node n)
{
    return session->has_dominators && n != NODE_NONE ? cell_bytes(session->dominate.retained[n])
                                                     : cell_null();
}

static bool add_row(const struct listing *listing, const struct cell head[4], struct cell local,
                    node value)
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
    };
    return report_row(listing->report, cells, listing->err);
}

// One row a local; a frame without any has one all the same.
static bool list_frame(const struct listing *listing, const struct frame *frame, uint64_t depth)
{
    const struct session *session = listing->session;
    const struct python *py = &session->py;
    int32_t line = frame_line(py, frame);
    const struct cell head[] = {
        cell_count(depth),
        str_cell(session, listing->report, frame_function(py, frame), NAME_WIDTH),
        str_cell(session, listing->report, frame_file(py, frame), PATH_WIDTH),
        line > 0 ? cell_int(line) : cell_null(),
    };
    bool any = false;
    for (uint32_t i = 0; i < frame->local_count; i++) {
        addr value = frame_local(py, frame, i);
        node n = value ? heap_node_of(&session->heap, value) : NODE_NONE;
        if (!value)
            continue;
        any = true;
        struct cell name =
            str_cell(session, listing->report, frame_local_name(py, frame, i), NAME_WIDTH);
        if (!add_row(listing, head, name, n))
            return false;
    }
    return any || add_row(listing, head, cell_null(), NODE_NONE);
}

static bool list_thread(struct listing *listing, const struct pythread *thread)
{
    struct frame_walk walk;
    struct frame frame;
    uint64_t depth = 0;
    listing->thread = cell_int((int64_t)(thread->tid ? thread->tid : thread->ident));
    for (frame_walk_begin(&walk, &listing->session->py, thread); frame_walk_next(&walk, &frame);)
        if (!frame.incomplete && !list_frame(listing, &frame, depth++))
            return false;
    if (depth)
        return true;
    const struct cell head[] = { cell_null(), cell_null(), cell_null(), cell_null() };
    return add_row(listing, head, cell_null(), NODE_NONE); // it has not begun, or runs C code alone
}

// The frames that threads run: a generator whose frame is among them does not wait.
static bool collect_running(const struct python *py, struct map *running, struct err *err)
{
    struct frame_walk walk;
    struct frame frame;
    for (size_t i = 0; i < py->interpreter_count; i++)
        for (size_t k = 0; k < py->interpreters[i].thread_count; k++)
            for (frame_walk_begin(&walk, py, &py->interpreters[i].threads[k]);
                 frame_walk_next(&walk, &frame);)
                if (!map_put(running, frame.at, 1, err))
                    return false;
    return true;
}

// Marks the types whose objects have a frame of their own.
static uint64_t *mark_generators(const struct session *session)
{
    static const char *const names[] = { "generator", "coroutine", "async_generator" };
    uint32_t count = heap_type_count(&session->heap);
    uint64_t *types = calloc(marks_words(count) + 1, sizeof *types);
    for (uint32_t t = 0; types && t < count; t++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (!strcmp(heap_type_name(&session->heap, t), names[i]))
                marks_set(types, t);
    return types;
}

static bool list_waiting(struct listing *listing, const uint64_t *types, const struct map *running)
{
    const struct heap *heap = &listing->session->heap;
    const struct python *py = &listing->session->py;
    struct frame frame;
    listing->thread = cell_null();
    for (node n = 0; n < heap->node_count; n++) {
        uint32_t type = heap_type(heap, n);
        if (!marks_has(types, type)
            || !frame_of_generator(py, type_row(py->types, type), heap_addr(heap, n), &frame)
            || map_get(running, frame.at) != MAP_NONE)
            continue;
        listing->owner = cell_object(n);
        if (!list_frame(listing, &frame, 0))
            return false;
    }
    return true;
}

// Generators, coroutines and asynchronous generators that wait: nobody's thread.
static bool list_suspended(struct listing *listing)
{
    struct map running = MAP_INIT;
    uint64_t *types = mark_generators(listing->session);
    bool ok = types || err_memory(listing->err, "a set of types");
    ok = ok && collect_running(&listing->session->py, &running, listing->err)
         && list_waiting(listing, types, &running);
    map_fini(&running);
    free(types);
    return ok;
}

static bool run(struct session *session, const struct args *args, struct report *report,
                struct err *err)
{
    struct listing listing = { session, report, err, cell_null(), cell_null() };
    bool only = args_has(args, "thread");
    uint64_t wanted = args_number(args, "thread", 0);
    for (size_t i = 0; i < session->py.interpreter_count; i++) {
        const struct interpreter *in = &session->py.interpreters[i];
        for (size_t k = 0; k < in->thread_count; k++)
            if ((!only || in->threads[k].tid == wanted || in->threads[k].ident == wanted)
                && !list_thread(&listing, &in->threads[k]))
                return false;
    }
    report->empty = "no thread has that number";
    return only || args_has(args, "running") || list_suspended(&listing);
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
    .help = "One row a local variable, the innermost call of each thread first; a call without "
            "locals has one row. After the "
            "threads come the generators, coroutines and asynchronous generators that wait "
            "somewhere in their body: they "
            "belong to no thread, and `owner` is the object.\n"
            "\n"
            "A variable that inner functions share shows what is in its cell.",
    .example = "threads --running",
    .options = options,
    .columns = columns,
    .needs = NEEDS_HEAP,
    .run = run,
};
