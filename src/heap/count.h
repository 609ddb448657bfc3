// SPDX-License-Identifier: GPL-3.0-or-later
// How long the collector's lists are, before anything is known of the objects in them: what a first
// screen shows while the heap is being read.
//
// Does not know: objects, types, sizes. Keeps nothing. Cost: a load or two an object of the lists.
#ifndef OURO_HEAP_COUNT_H
#define OURO_HEAP_COUNT_H

#include "base/err.h"
#include "base/progress.h"
#include "py/python.h"

struct list_lengths {
    uint64_t objects[GEN_COUNT];
    bool broken[GEN_COUNT]; // the list does not close: what came before is counted
};

// The lists of one interpreter; with free threads, what its heaps have tracked.
bool count_lists(struct python *py, size_t interpreter, struct list_lengths *lengths,
                 const struct progress *progress, struct err *err);

#endif
