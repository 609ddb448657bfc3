// SPDX-License-Identifier: GPL-3.0-or-later
// What is suspended in the middle of a call: generators, coroutines, asynchronous generators, and
// who awaits whom.
//
//      Task --task--> coroutine --inner--> coroutine --inner--> coroutine --awaits--> Future
//
// A coroutine awaits what lies on top of its value stack: cr_await. The top of a generator's stack
// may as well be an iterator that a loop reads, so a chain goes on through coroutines only, and
// through an asynchronous generator that somebody awaits.
//
// Does not know: how they are listed. Owns: the items. Cost: a pass over the objects, and a few
// reads for each that has a frame.
#ifndef OURO_HEAP_ANALYSIS_COROUTINES_H
#define OURO_HEAP_ANALYSIS_COROUTINES_H

#include "heap/heap.h"
#include "py/runtime/frames.h"

#define COROUTINES_NONE SIZE_MAX

struct coroutine {
    node n; // the generator, coroutine or asynchronous generator
    struct frame frame;
    size_t inner; // the item that it awaits, or COROUTINES_NONE
    node awaits;  // what it awaits when that has no frame of its own, or NODE_NONE
    node task;    // the task that runs it, or NODE_NONE
    bool awaited; // it is another's `inner`
};

struct coroutine_list {
    struct coroutine *items; // in address order
    size_t count, capacity;
};

bool coroutines_find(struct coroutine_list *list, const struct heap *heap, struct err *err);
void coroutines_fini(struct coroutine_list *list);

#endif
