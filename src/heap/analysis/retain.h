// SPDX-License-Identifier: GPL-3.0-or-later
// Questions about retained sizes: the owner, the greatest of many, and sums by group.
//
// `children` is the dominator tree downwards: dom_children() of dominate->parent.
//
// Does not know: names of objects; rows. Owns: what is inside of the structs, until their fini.
// Borrows: heap, roots and dominators. Cost: a pass over the objects each.
#ifndef OURO_HEAP_ANALYSIS_RETAIN_H
#define OURO_HEAP_ANALYSIS_RETAIN_H

#include "heap/analysis/dominate.h"

// An object's immediate dominator, or NODE_NONE.
node retain_parent(const struct dominate *dominate, node n);

// The nearest dominator that is no plain container, or NODE_NONE.
node retain_owner(const struct heap *heap, const struct dominate *dominate, node n);

// Whether its type is a plain container: dict, list, tuple, set, frozenset, cell, deque, OrderedDict.
bool retain_is_container(const struct heap *heap, node n);

// The str that names the module that n is, or whose namespace it is; NODE_NONE: it is neither, or the
// name may not be shown.
node retain_module_name(const struct heap *heap, node n);

// The immediately dominated object that retains most, or NODE_NONE.
node retain_greatest_child(const struct dominate *dominate, const struct csr *children, node n);

// Walks down to the greatest child while that one has most of its parent's bytes: where retained
// size falls apart into many.
node retain_accumulates(const struct dominate *dominate, const struct csr *children, node n);

// Whether retained size drops here: at least half of what n retains is not its greatest child's,
// and it has two or more.
bool retain_drops_at(const struct dominate *dominate, const struct csr *children, node n);

// The `most` objects that retain most, of those added.
struct retain_top {
    const uint64_t *retained; // per object
    node *items;
    size_t count, most;
    uint64_t met;
};
bool retain_top_init(struct retain_top *top, const struct dominate *dominate, size_t most,
                     struct err *err);
void retain_top_add(struct retain_top *top, node n);
void retain_top_sort(struct retain_top *top); // the greatest first
void retain_top_fini(struct retain_top *top);

struct retain_sources {
    const struct heap *heap;
    const struct heap_roots *roots; // null: only retain_sum() is asked
    const struct dominate *dominate;
    const struct csr *children; // "module" needs none
    const struct progress *progress;
};

struct retain_group {
    const char *name;
    uint64_t objects, bytes, retained, largest_retained;
    node largest;
};
struct retain_groups {
    struct retain_group *items; // by retained bytes, the greatest first
    size_t count;
    struct arena arena;
};
// by: "type", "owner", "module", "thread". "module" costs dominators anew.
bool retain_group_by(struct retain_groups *groups, const struct retain_sources *sources,
                     const char *by, struct err *err);
// What each group retains, each byte once; of[] says every object's group, below `count`, or
// UINT32_MAX for none.
bool retain_sum(const struct retain_sources *sources, uint32_t *of, uint32_t count,
                uint64_t *retained, struct err *err);
void retain_groups_fini(struct retain_groups *groups);

#endif
