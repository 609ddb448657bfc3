// SPDX-License-Identifier: GPL-3.0-or-later
// asyncio's tasks: what each runs, and what it waits for.
//
//      _asyncio.Task            members of its C struct
//      asyncio.tasks.Task       its attributes _coro and _fut_waiter
//
// and the classes that derive from one. Where nothing tells the C struct's places, a task's
// coroutine is the only one that it refers to, if its class is _asyncio.Task itself (the references
// of a derived one may be anything).
//
// Does not know: whether the coroutine has finished. Owns, borrows: nothing. Cost: a read or two;
// for one in Python, its references with their names.
#ifndef OURO_HEAP_NAMES_TASK_H
#define OURO_HEAP_NAMES_TASK_H

#include "heap/heap.h"
#include "py/objects/type.h"

enum task_kind { TASK_NONE, TASK_IN_C, TASK_IN_PYTHON };

struct task {
    node coroutine; // or a generator; NODE_NONE: none any more
    node future;    // that it waits for; NODE_NONE: nothing
};

// Whether instances of the type are tasks.
enum task_kind task_kind_of(const struct python *py, const struct type *type);

// Reads a task of that kind. False: it has neither.
bool task_read(const struct heap *heap, node n, enum task_kind kind, struct task *task);

// Whether it is a generator, a coroutine or an asynchronous generator.
bool task_is_generator(const struct heap *heap, node n);

#endif
