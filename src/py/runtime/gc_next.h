// SPDX-License-Identifier: GPL-3.0-or-later
// When the next automatic collection comes, by the counts and thresholds of an interpreter.
//
//      up to 3.11          the allocation that takes generation 0's count past its threshold collects
//      3.12 on             it asks for a collection, which comes before the next loop or call
//      3.14.0 to 3.14.4    every such collection is an increment
//      free-threaded       threads count apart, up to 512 each: a lower bound
//
// A net allocation is one of an object that the collector may track, less those that were freed;
// what comes off a free list is none. Does not know: memory. Cost: nothing.
#ifndef OURO_PY_RUNTIME_GC_NEXT_H
#define OURO_PY_RUNTIME_GC_NEXT_H

#include "py/python.h"

struct gc_next {
    const char *never;    // why none comes, static; null: one does
    bool least;           // allocations is a lower bound
    uint64_t allocations; // net allocations, the one that sets it off included
    uint64_t runs[3];     // the how-manieth automatic collection from now is the first of this
                          // generation, or an older one; 0: none, or not known
    bool held;            // the 25 % rule holds generation 2 back: runs[2] is a lower bound then
    uint64_t survivors;   // how many more objects have to reach generation 2 for that to end
};

void gc_next_find(const struct python *py, size_t interpreter, const struct gc_state *gc,
                  struct gc_next *next);

#endif
