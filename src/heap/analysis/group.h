// SPDX-License-Identifier: GPL-3.0-or-later
// Partitions of the objects: each object is in one group, and each group has a name.
//
//      module      where its type was defined
//      package     the same up to the first dot: shop of shop.orders
//      generation  0, 1, 2, permanent, untracked
//      owner       the class of the object that has it as an attribute: in its __dict__, its slots
//      referrer    the types of all that refer to it
//      line        the line that allocated it, where tracemalloc was on (heap/names/allocated.h)
//      edge        the reference that holds it: shop.Order.invoice, shop.Order.lines[]
//      path        the variable that it hangs under (forest.h): shop.sessions.PAGE_CACHE
//
// Owner and edge go by one holder of each object (holders_find): an object with several holders counts
// once, for the nearest, or for that with the lowest address where several are equally near.
//
// Does not know: who asks. Owns: of, names. Borrows: nothing afterwards.
// Cost: a pass over the objects; owner, edge and referrer over the references, too; edge reads
// again every object whose references have names.
#ifndef OURO_HEAP_ANALYSIS_GROUP_H
#define OURO_HEAP_ANALYSIS_GROUP_H

#include "base/names.h"
#include "heap/heap.h"

enum group_by {
    GROUP_NONE,
    GROUP_TYPE, // needs no arrays: heap_type() is the group
    GROUP_MODULE,
    GROUP_PACKAGE, // the first part of the module's name
    GROUP_GENERATION,
    GROUP_OWNER,
    GROUP_REFERRER, // needs the reverse CSR
    GROUP_EDGE,
    GROUP_PATH, // needs roots: groups_find_paths()
    GROUP_LINE, // allocated_groups() finds these
    GROUP_KINDS
};

struct groups {
    enum group_by by;
    uint32_t *of;       // per object: its group
    const char **names; // per group, in the order in which they were met
    uint32_t count;
    size_t capacity;
    struct names index;
};

const char *group_word(enum group_by by);     // "owner"; null: none
enum group_by group_called(const char *word); // GROUP_NONE: there is none of that name

// by is not GROUP_TYPE, GROUP_PATH, nor GROUP_LINE. A zeroed groups may be handed to fini.
bool groups_find(struct groups *groups, const struct heap *heap, enum group_by by,
                 const struct progress *progress, struct err *err);
struct forest;
bool groups_find_paths(struct groups *groups, const struct heap *heap, const struct forest *places,
                       struct err *err);
void groups_fini(struct groups *groups);

struct group_sum {
    uint64_t objects, bytes; // own sizes
    node largest;            // the first of the largest; NODE_NONE: no object
};
// What each group has, `count` of them, to be freed. only: marks of the objects that count; null: all.
// Null: out of memory.
struct group_sum *groups_sum(const struct groups *groups, const struct heap *heap,
                             const uint64_t *only, struct err *err);

// The group of a name, or NAMES_NONE.
uint32_t groups_named(const struct groups *groups, const char *name);
// The number of a group of that name, made when it is new. For those who find groups.
bool groups_put(struct groups *groups, const char *name, uint32_t *index, struct err *err);

#endif
