// SPDX-License-Identifier: GPL-3.0-or-later
// What threads and tasks are called in Python, and what a thread is at.
//
// A thread's name is what `threading._active` has for its ident: that of the main interpreter, and of
// threads that threading knows. A task has its name, or (3.12 on) the number that it is made of.
//
// Does not know: frames. Owns: the names' places. Cost: a look at each living thread.
#ifndef OURO_HEAP_NAMES_THREAD_NAMES_H
#define OURO_HEAP_NAMES_THREAD_NAMES_H

#include "heap/heap.h"

struct thread_names {
    struct thread_name {
        uint64_t ident;
        node name;
    } * items;
    size_t count, capacity;
};

// active: the dict `threading._active`, where the module was imported.
bool thread_names_find(struct thread_names *names, const struct heap *heap, node active,
                       struct err *err);
void thread_names_fini(struct thread_names *names); // accepts a zeroed one

// The str, or NODE_NONE.
node thread_names_of(const struct thread_names *names, const struct pythread *thread);
// The str, or the int of "Task-N", or NODE_NONE.
node thread_names_of_task(const struct heap *heap, node task);
// "holds the GIL", "crashed"; null: it is not known, or there is no GIL.
const char *thread_names_state(const struct python *py, const struct pythread *thread);

#endif
