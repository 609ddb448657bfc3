// SPDX-License-Identifier: GPL-3.0-or-later
// Reading tasks: see task.h.
#include "heap/names/task.h"

#include "heap/names/attribute.h"

enum task_kind task_kind_of(const struct python *py, const struct type *type)
{
    if (type_is(type, TRAIT_TASK))
        return TASK_IN_C;
    return type_is_called(py, type, "asyncio.tasks.Task") ? TASK_IN_PYTHON : TASK_NONE;
}

bool task_is_generator(const struct heap *heap, node n)
{
    return type_is(type_row(heap->py->types, heap_type(heap, n)), TRAIT_ANY_GENERATOR);
}

static node only_coroutine(const struct heap *heap, node n)
{
    node found = NODE_NONE;
    if (!type_is_exact(type_row(heap->py->types, heap_type(heap, n)), TRAIT_TASK))
        return NODE_NONE;
    uint64_t end = csr_end(&heap->forward, n);
    for (uint64_t e = csr_first(&heap->forward, n); e < end; e++) {
        node to = heap->forward.to[e] & EDGE_NODE;
        if (!task_is_generator(heap, to))
            continue;
        if (found != NODE_NONE && found != to)
            return NODE_NONE;
        found = to;
    }
    return found;
}

bool task_read(const struct heap *heap, node n, enum task_kind kind, struct task *task)
{
    const struct layout *l = &heap->py->layout;
    *task = (struct task){ NODE_NONE, NODE_NONE };
    if (kind == TASK_IN_C) {
        task->coroutine = l->TaskObj_task_coro >= 0 ? heap_member(heap, n, l->TaskObj_task_coro)
                                                    : only_coroutine(heap, n);
        task->future = heap_member(heap, n, l->TaskObj_task_fut_waiter);
    } else if (kind == TASK_IN_PYTHON) {
        task->coroutine = heap_attribute(heap, n, "_coro");
        task->future = heap_attribute(heap, n, "_fut_waiter");
    }
    return task->coroutine != NODE_NONE || task->future != NODE_NONE;
}
