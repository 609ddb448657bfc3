// SPDX-License-Identifier: GPL-3.0-or-later
// One holder for each object, so that every object belongs to one place.
//
//   1. objects that are no plain containers, in address order, take what they refer to; then the
//      containers among it what they refer to, and so on: the nearest such object wins
//   2. the same for functions, frames, methods and their kin: they refer to much that is not theirs
//   3. then containers that nobody holds
//
// An instance does not hold its own type. What has a holder already is not taken again.
//
// Does not know: names. Owns: its arrays. Cost: every reference is looked at once.
#ifndef OURO_HEAP_ANALYSIS_HOLDER_H
#define OURO_HEAP_ANALYSIS_HOLDER_H

#include "heap/heap.h"
#include "py/objects/type.h"

struct holders {
    node *of;    // per object; NODE_NONE: no object holds it; itself: a container without a holder
    node *order; // all that hold something: a container comes after its own holder
    size_t count, capacity;
    uint8_t *roles; // per type: enum holder_role
};

enum holder_role { HOLDER_OWNER, HOLDER_CONTAINER, HOLDER_DICT, HOLDER_LATE };

enum holder_role holder_role_of(const struct type *type);

bool holders_find(struct holders *holders, const struct heap *heap, const struct progress *progress,
                  struct err *err);
void holders_fini(struct holders *holders);

static inline enum holder_role holder_role(const struct holders *holders, const struct heap *heap,
                                           node n)
{
    return (enum holder_role)holders->roles[heap_type(heap, n)];
}

// A dict, list, tuple, set, frozenset, deque or cell: it has no meaning of its own.
static inline bool holder_role_is_container(enum holder_role role)
{
    return role == HOLDER_CONTAINER || role == HOLDER_DICT;
}
static inline bool holder_is_container(const struct holders *holders, const struct heap *heap,
                                       node n)
{
    return holder_role_is_container(holder_role(holders, heap, n));
}

#endif
