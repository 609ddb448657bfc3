// SPDX-License-Identifier: GPL-3.0-or-later
// The collector's lists and headers, version by version.
//
// Does not know: what becomes of the objects. Owns: nothing. Borrows: python. With
// rules.c the only place where a version decides.
//
//      PyGC_Head   up to 3.7    next           prev                  gc_refs
//                  from 3.8     next | flags   prev << 2 | flags
//                                              gc_refs << 2 | flags, while a collection runs
#ifndef OURO_PY_RUNTIME_GC_H
#define OURO_PY_RUNTIME_GC_H

#include "py/python.h"

// A walk along one generation's list, in its own order.
struct gc_walk {
    const struct python *py;
    addr head, at; // PyGC_Heads
    uint64_t next; // what `at` says comes then, once the walk has begun
    bool begun;
    bool check_prev; // off while a collection runs: prev holds gc_refs then
    bool back;       // along the links to the previous object
    bool broken;     // the list does not close: what came before is good
    addr broken_at;  // the PyGC_Head after which it went wrong
};

void gc_walk_begin(struct gc_walk *walk, const struct python *py, addr head, bool collecting);

// The next object's address, or 0 at the end or where the list is broken. A ring that misses its
// head never ends: the caller stops at an object that it has seen.
addr gc_walk_next(struct gc_walk *walk);

// Turns a walk that broke off round: from the list's end towards where it broke. A process that
// stopped while one object was linked in or out loses none by that. False: there are no links back
// while a collection runs.
bool gc_walk_turn(struct gc_walk *walk);

// Whether the object's finalizer ran (PyObject_GC_IsFinalized) and whether it is tracked, by its
// header.
bool gc_is_tracked(const struct python *py, addr object);
// Incremental collector: which of the two old spaces a tracked object is in.
uint32_t gc_space_of(const struct python *py, addr object);

bool gc_is_finalized(const struct python *py, addr object);

// Free-threaded builds: whether the object whose header `o` views is tracked, and whether
// gc.freeze() set it apart; and where in a block of one of mimalloc's heaps the object starts.
bool gc_bits_tracked(const struct python *py, const uint8_t *o, bool *frozen);
bool gc_is_deferred(const struct python *py, addr object); // its refcount is counted late
uint64_t gc_block_offset(const struct python *py, int mimalloc_heap);

// The refcount of the object whose header `o` views: both halves in free-threaded builds, without
// what deferred counting adds.
int64_t gc_stored_refcount(const struct python *py, const uint8_t *o, bool *immortal);

// True: the list head's neighbours point back at it. Used to check a layout.
bool gc_head_closes(const struct python *py, addr head);

// Where the collector keeps count of what is old, for those who read it again and again.
//
//      up to 3.13, 3.14.5 on    long_lived_total + long_lived_pending: what the last full collection
//                               left, and what has come to generation 2 since
//      3.14.0 to 3.14.4         heap_size - young.count: all, less what no increment has seen
//
// What was freed of the old since may be counted still. False: free-threaded, or not known where.
struct gc_old_count {
    addr all, other; // 8 bytes each
    bool less;       // the other is an int, and taken off
};
bool gc_find_old_count(const struct python *py, const struct interpreter *in,
                       struct gc_old_count *out);
uint64_t gc_old_count_of(const struct gc_old_count *count, uint64_t all, uint64_t other);

// Fills heads[] of an interpreter from its gc state (or from statics up to 3.6).
void gc_find_heads(const struct python *py, struct interpreter *interpreter);

#endif
