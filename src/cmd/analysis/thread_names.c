// SPDX-License-Identifier: GPL-3.0-or-later
// Names of threads and tasks: see thread_names.h.
#include "cmd/analysis/thread_names.h"

#include <stdlib.h>

#include "base/vec.h"
#include "cmd/session/select.h"
#include "heap/names/attribute.h"
#include "heap/names/task.h"
#include "py/objects/content_value.h"
#include "py/objects/dict.h"
#include "py/read.h"

enum { NAME = 100 };

static bool thread_names_add(struct thread_names *names, const struct session *session, addr key,
                             addr value, struct err *err)
{
    const struct python *py = &session->py;
    const struct type *type = key ? type_of(py, key) : NULL;
    struct text scratch = TEXT_INIT;
    struct content_value ident =
        type ? content_value(py, type, key, &scratch) : (struct content_value){ 0 };
    text_fini(&scratch);
    node thread = value ? heap_node_of(&session->heap, value) : NODE_NONE;
    node name = thread != NODE_NONE ? heap_attribute(&session->heap, thread, "_name") : NODE_NONE;
    if (ident.kind != CONTENT_INT || name == NODE_NONE)
        return true;
    if (!vec_grow(&names->items, &names->capacity, names->count + 1, sizeof *names->items, err))
        return false;
    names->items[names->count++] = (struct thread_name){ (uint64_t)ident.integer, name };
    return true;
}

bool thread_names_find(struct thread_names *names, struct session *session, struct err *err)
{
    const struct python *py = &session->py;
    struct err unknown = ERR_INIT;
    node active;
    struct dict_table table;
    *names = (struct thread_names){ 0 };
    if (!session_object(session, "threading._active", &active, &unknown)
        || !heap_is_dict(&session->heap, active))
        return true; // `threading` was never imported: no thread has a name
    const uint8_t *o = VIEW(py, heap_addr(&session->heap, active), PyDictObject);
    if (!o || !dict_open(py, o, &table))
        return true;
    for (uint64_t i = 0; i < table.count; i++)
        if (!thread_names_add(names, session, dict_key(&table, i), dict_value(&table, i), err))
            return false;
    return true;
}

void thread_names_fini(struct thread_names *names)
{
    free(names->items);
    *names = (struct thread_names){ 0 };
}

struct cell thread_names_cell(const struct thread_names *names, const struct session *session,
                              struct report *report, const struct pythread *thread)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->items[i].ident == thread->ident)
            return selection_str_cell(session, report,
                                      heap_addr(&session->heap, names->items[i].name), NAME);
    return cell_null();
}

static node thread_names_of_task(const struct session *session, node task)
{
    const struct python *py = &session->py;
    const struct type *type = type_row(py->types, heap_type(&session->heap, task));
    switch (task_kind_of(py, type)) {
    case TASK_IN_C:
        return heap_member(&session->heap, task, py->layout.TaskObj_task_name);
    case TASK_IN_PYTHON:
        return heap_attribute(&session->heap, task, "_name");
    case TASK_NONE:
        break;
    }
    return NODE_NONE;
}

struct cell thread_names_task(const struct session *session, struct report *report, node task)
{
    node name = task == NODE_NONE ? NODE_NONE : thread_names_of_task(session, task);
    if (name == NODE_NONE)
        return cell_null();
    struct text bytes = TEXT_INIT;
    struct content_value value = heap_value(&session->heap, name, &bytes);
    text_fini(&bytes);
    if (value.kind == CONTENT_INT)
        return cell_text(report_format(report, "Task-%lld", (long long)value.integer));
    return value.kind == CONTENT_TEXT
               ? selection_str_cell(session, report, heap_addr(&session->heap, name), NAME)
               : cell_null();
}

static bool thread_names_crashed(const struct session *session, const struct pythread *thread)
{
    const struct target *target = &session->target;
    for (size_t i = 0; i < target->thread_count; i++)
        if (target->threads[i].crashed && thread->tid
            && (uint64_t)target->threads[i].tid == thread->tid)
            return true;
    return false;
}

struct cell thread_names_state(const struct session *session, const struct pythread *thread)
{
    bool crashed = thread_names_crashed(session, thread);
    bool gil = thread->holds_gil && !session->py.rules.free_threaded;
    return crashed && gil ? cell_text("crashed, holds the GIL")
           : crashed      ? cell_text("crashed")
           : gil          ? cell_text("holds the GIL")
                          : cell_null();
}
