// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of `sql` that correspond to no command: threads, roots, generations, interpreters,
// tasks.
#include <string.h>

#include "cmd/session/select.h"
#include "cmd/tables/sql_tables.h"
#include "heap/names/edge.h"
#include "heap/names/task.h"
#include "py/objects/type.h"
#include "py/runtime/frames.h"
#include "py/runtime/gc_next.h"

#define NAME_WIDTH 200
#define PATH_WIDTH 4096

// --- threads ------------------------------------------------------------------------------------

static const struct column thread_columns[] = {
    { COL(thread), 8, COLUMN_RIGHT, "its number, as the system has it" },
    { COL(ident), 16, COLUMN_RIGHT, "threading.get_ident() in it" },
    { COL(interpreter), 3, COLUMN_RIGHT, "the id of its interpreter" },
    { COL(gil), 5, 0, "whether it holds the GIL" },
    { COL(frames), 6, COLUMN_RIGHT, "calls of Python functions on its stack" },
    { COL(function), 20, 0, "the innermost of them" },
    { COL(file), 20, 0, "where its source is" },
    { COL(line), 5, COLUMN_RIGHT, "the line that runs" },
    COLUMN_ROW_END,
};

static bool own_thread(const struct session *session, struct report *report,
                       const struct interpreter *interpreter, const struct pythread *thread,
                       struct err *err)
{
    const struct python *py = &session->py;
    struct frame_walk walk;
    struct frame frame, innermost = { 0 };
    uint64_t frames = 0;
    for (frame_walk_begin(&walk, py, thread); frame_walk_next(&walk, &frame);)
        if (!frame.incomplete && !frames++)
            innermost = frame;
    int32_t line = frames ? frame_line(py, &innermost) : 0;
    const struct cell cells[] = {
        thread->tid ? cell_count(thread->tid) : cell_null(),
        cell_count(thread->ident),
        cell_int(interpreter->id),
        cell_bool(thread->holds_gil),
        cell_count(frames),
        selection_str_cell(session, report, frames ? frame_function(py, &innermost) : 0,
                           NAME_WIDTH),
        selection_str_cell(session, report, frames ? frame_file(py, &innermost) : 0, PATH_WIDTH),
        line > 0 ? cell_int(line) : cell_null(),
    };
    return report_row(report, cells, err);
}

static bool own_threads(struct session *session, struct report *report, struct err *err)
{
    const struct python *py = &session->py;
    if (!session_need_values(session, "threads", err))
        return false;
    for (size_t i = 0; i < py->interpreter_count; i++)
        for (size_t k = 0; k < py->interpreters[i].thread_count; k++)
            if (!own_thread(session, report, &py->interpreters[i], &py->interpreters[i].threads[k],
                            err))
                return false;
    return true;
}

// --- roots --------------------------------------------------------------------------------------

static const struct column root_columns[] = {
    { COL(root), 30, 0, "its name, as `path` has it" },
    { COL(kind), 11, 0, "module, globals, local, frame, thread, interpreter, native ..." },
    { COL(object), 18, COLUMN_OBJECT, "what it holds" },
    { COL(counted), 7, 0,
      "whether it is one of the refcount; others are an object's reference as well" },
    { COL(interpreter), 3, COLUMN_RIGHT, "the id of the interpreter that it belongs to" },
    COLUMN_ROW_END,
};

static bool own_root(const struct session *session, struct report *report,
                     const struct heap_root *item, struct err *err)
{
    const struct python *py = &session->py;
    const struct root *root = &item->root;
    struct text name = TEXT_INIT;
    root_name(py, root, &name);
    const struct cell cells[] = {
        cell_text(report_text(report, text_string(&name), name.size)),
        cell_text(root_kind_name((enum root_kind)root->kind)),
        cell_object(item->to),
        cell_bool(heap_root_is_holder(root)),
        root->interpreter < py->interpreter_count ? cell_int(py->interpreters[root->interpreter].id)
                                                  : cell_null(),
    };
    text_fini(&name);
    return report_row(report, cells, err);
}

static bool own_roots(struct session *session, struct report *report, struct err *err)
{
    for (size_t i = 0; i < session->roots.count; i++)
        if (!own_root(session, report, &session->roots.items[i], err))
            return false;
    return true;
}

// --- generations and interpreters ---------------------------------------------------------------

static const struct column generation_columns[] = {
    { COL(interpreter), 3, COLUMN_RIGHT, "the id of its interpreter" },
    { COL(gen), 9, 0, "0, 1, 2 or permanent" },
    { COL(objects), 9, COLUMN_RIGHT, "in its list" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "their bytes" },
    { COL(count), 7, COLUMN_RIGHT, "as gc.get_count() says" },
    { COL(threshold), 7, COLUMN_RIGHT, "as gc.get_threshold() says" },
    { COL(collections), 7, COLUMN_RIGHT, "as gc.get_stats() says" },
    { COL(collected), 9, COLUMN_RIGHT, "likewise" },
    { COL(uncollectable), 9, COLUMN_RIGHT, "likewise" },
    COLUMN_ROW_END,
};

static bool own_generation(const struct session *session, struct report *report, size_t i, int g,
                           struct err *err)
{
    const struct heap_list *list = session->heap.lists ? &session->heap.lists[i][g] : NULL;
    struct gc_state gc;
    python_gc_state(&session->py, i, &gc);
    bool known = gc.known && g != GEN_PERMANENT;
    const struct cell cells[] = {
        cell_int(session->py.interpreters[i].id),
        cell_gen((unsigned)g),
        list ? cell_count(list->count) : cell_null(),
        list ? cell_bytes(list->bytes) : cell_null(),
        known ? cell_count(gc.count[g]) : cell_null(),
        known ? cell_count(gc.threshold[g]) : cell_null(),
        known ? cell_count(gc.collections[g]) : cell_null(),
        known ? cell_count(gc.collected[g]) : cell_null(),
        known ? cell_count(gc.uncollectable[g]) : cell_null(),
    };
    return report_row(report, cells, err);
}

static bool own_generations(struct session *session, struct report *report, struct err *err)
{
    for (size_t i = 0; i < session->py.interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++)
            if (!own_generation(session, report, i, g, err))
                return false;
    return true;
}

static const struct column interpreter_columns[] = {
    { COL(interpreter), 3, COLUMN_RIGHT, "its id; 0 is the main one" },
    { COL(threads), 7, COLUMN_RIGHT, "its threads" },
    { COL(modules), 18, COLUMN_OBJECT, "its sys.modules" },
    { COL(objects), 9, COLUMN_RIGHT, "in its collector's lists" },
    { COL(next), 9, COLUMN_RIGHT, "net allocations until its next automatic collection" },
    COLUMN_ROW_END,
};

static bool own_interpreters(struct session *session, struct report *report, struct err *err)
{
    const struct python *py = &session->py;
    for (size_t i = 0; i < py->interpreter_count; i++) {
        struct gc_state gc;
        struct gc_next next;
        uint64_t objects = 0;
        python_gc_state(py, i, &gc);
        gc_next_find(py, i, &gc, &next);
        for (int g = 0; session->heap.lists && g < GEN_COUNT; g++)
            objects += session->heap.lists[i][g].count;
        const struct cell cells[] = {
            cell_int(py->interpreters[i].id),
            cell_count(py->interpreters[i].thread_count),
            cell_object(heap_node_of(&session->heap, py->interpreters[i].modules)),
            session->heap.lists ? cell_count(objects) : cell_null(),
            gc.known && !next.never && !next.least ? cell_count(next.allocations) : cell_null(),
        };
        if (!report_row(report, cells, err))
            return false;
    }
    return true;
}

// --- tasks --------------------------------------------------------------------------------------

static const struct column task_columns[] = {
    { COL(task), 18, COLUMN_OBJECT, "an asyncio.Task" },
    { COL(type), 14, 0, "its type" },
    { COL(coroutine), 18, COLUMN_OBJECT, "what it runs; unknown where it is done" },
    { COL(future), 18, COLUMN_OBJECT, "what it waits for" },
    { COL(preview), 24, COLUMN_WIDE, "the coroutine, and where it is" },
    COLUMN_ROW_END,
};

static bool own_task(const struct session *session, struct report *report, node n,
                     enum task_kind kind, struct err *err)
{
    struct task task = { NODE_NONE, NODE_NONE };
    task_read(&session->heap, n, kind, &task);
    const struct cell cells[] = {
        cell_object(n),
        cell_type_of(n),
        cell_object(task.coroutine),
        cell_object(task.future),
        task.coroutine == NODE_NONE ? cell_null() : cell_preview(task.coroutine),
    };
    return report_row(report, cells, err);
}

static bool own_tasks(struct session *session, struct report *report, struct err *err)
{
    const struct heap *heap = &session->heap;
    if (!session_need_values(session, "tasks", err))
        return false;
    uint32_t type = UINT32_MAX; // the type that `kind` belongs to
    enum task_kind kind = TASK_NONE;
    for (node n = 0; n < heap->node_count; n++) {
        if (heap_type(heap, n) != type) {
            type = heap_type(heap, n);
            kind = task_kind_of(heap->py, type_row(heap->py->types, type));
        }
        if (kind != TASK_NONE && !own_task(session, report, n, kind, err))
            return false;
    }
    return true;
}

const struct sql_own_table sql_own_tables[] = {
    { "threads", thread_columns, NEEDS_HEAP, own_threads },
    { "roots", root_columns, NEEDS_ROOTS, own_roots },
    { "generations", generation_columns, NEEDS_HEAP, own_generations },
    { "interpreters", interpreter_columns, NEEDS_HEAP, own_interpreters },
    { "tasks", task_columns, NEEDS_HEAP, own_tasks },
    { NULL, NULL, NEEDS_NOTHING, NULL },
};
