// SPDX-License-Identifier: GPL-3.0-or-later
// Names of threads and tasks: see thread_names.h.
#include "heap/names/thread_names.h"

#include <stdlib.h>

#include "base/vec.h"
#include "heap/names/attribute.h"
#include "heap/names/task.h"
#include "py/objects/content_value.h"
#include "py/objects/dict.h"
#include "py/read.h"

static bool thread_names_add(struct thread_names *names, const struct heap *heap, addr key,
                             addr value, struct err *err)
{
    const struct python *py = heap->py;
    const struct type *type = key ? type_of(py, key) : NULL;
    struct text scratch = TEXT_INIT;
    struct content_value ident =
        type ? content_value(py, type, key, &scratch) : (struct content_value){ 0 };
    text_fini(&scratch);
    node thread = value ? heap_node_of(heap, value) : NODE_NONE;
    node name = thread != NODE_NONE ? heap_attribute(heap, thread, "_name") : NODE_NONE;
    if (ident.kind != CONTENT_INT || name == NODE_NONE)
        return true;
    if (!vec_grow(&names->items, &names->capacity, names->count + 1, sizeof *names->items, err))
        return false;
    names->items[names->count++] = (struct thread_name){ (uint64_t)ident.integer, name };
    return true;
}

bool thread_names_find(struct thread_names *names, const struct heap *heap, node active,
                       struct err *err)
{
    const struct python *py = heap->py;
    struct dict_table table;
    *names = (struct thread_names){ 0 };
    if (!heap_is_dict(heap, active))
        return true;
    const uint8_t *o = VIEW(py, heap_addr(heap, active), PyDictObject);
    if (!o || !dict_open(py, o, &table))
        return true;
    for (uint64_t i = 0; i < table.count; i++)
        if (!thread_names_add(names, heap, dict_key(&table, i), dict_value(&table, i), err))
            return false;
    return true;
}

void thread_names_fini(struct thread_names *names)
{
    free(names->items);
    *names = (struct thread_names){ 0 };
}

node thread_names_of(const struct thread_names *names, const struct pythread *thread)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->items[i].ident == thread->ident)
            return names->items[i].name;
    return NODE_NONE;
}

node thread_names_of_task(const struct heap *heap, node task)
{
    const struct python *py = heap->py;
    const struct type *type = type_row(py->types, heap_type(heap, task));
    switch (task_kind_of(py, type)) {
    case TASK_IN_C:
        return heap_member(heap, task, py->layout.TaskObj_task_name);
    case TASK_IN_PYTHON:
        return heap_attribute(heap, task, "_name");
    case TASK_NONE:
        break;
    }
    return NODE_NONE;
}

static bool thread_names_crashed(const struct target *target, const struct pythread *thread)
{
    for (size_t i = 0; i < target->thread_count; i++)
        if (target->threads[i].crashed && thread->tid
            && (uint64_t)target->threads[i].tid == thread->tid)
            return true;
    return false;
}

const char *thread_names_state(const struct python *py, const struct pythread *thread)
{
    bool crashed = thread_names_crashed(py->target, thread);
    bool gil = thread->holds_gil && !py->rules.free_threaded;
    return crashed && gil ? "crashed, holds the GIL"
           : crashed      ? "crashed"
           : gil          ? "holds the GIL"
                          : NULL;
}
