// SPDX-License-Identifier: GPL-3.0-or-later
// The objects that something other than an object holds, and what that is; and an account of every
// refcount.
//
//      refcount  =  references found     forward CSR
//                +  roots that count     py/runtime/runtime_roots.h
//                +  words in C memory    stacks, variables, module states
//                +  the rest             native: nobody can tell what holds it
//
// An object with something left over is held by C code: it is a root of kind `native`. Immortal
// objects, those that lie in a program's own data and those with a deferred refcount have no
// account: they are roots by nature. The dict of interned strings does not hold them
// (Objects/unicodeobject.c takes its references back): it is hidden.
//
// Owns: all arrays, until heap_roots_free(). Borrows: the heap, only while it builds.
// Cost: one pass over the edges, one over the objects' headers, one over the C memory. Memory: 4
// bytes per object while it runs; kept: 40 bytes per root, and three bits per object.
#ifndef OURO_HEAP_ANALYSIS_ROOTS_H
#define OURO_HEAP_ANALYSIS_ROOTS_H

#include "base/arena.h"
#include "heap/heap.h"
#include "py/runtime/runtime_roots.h"

struct heap_root {
    struct root root;
    node to;
};

struct heap_surplus { // an object whose refcount is more than what was found
    node object;
    uint32_t surplus; // beyond references and roots that count
    uint32_t seen; // of these, words in C memory that point at it: stacks, variables, module states
};

struct heap_roots {
    struct heap_root *items; // by object, and for each in the order in which a name is preferred
    size_t count, capacity;
    uint64_t *named;              // objects that a root with a name leads to
    uint64_t *all;                // and those that only C code, a cache or nature keeps
    uint64_t *only;               // every object but the hidden ones: for struct walk
    struct heap_surplus *surplus; // by object
    size_t surplus_count, surplus_capacity;
    uint64_t accounted;   // objects that have an account
    uint64_t deficits;    // those with more references than refcount: something is read wrong there
    uint64_t unexplained; // those with a surplus beyond what was seen
    struct arena texts;   // of a saved heap: what its roots are called
};

bool heap_roots_find(struct heap_roots *roots, const struct heap *heap,
                     const struct progress *progress, struct err *err);
void heap_roots_free(struct heap_roots *roots);

// The index of the object's first root, or roots->count; its others follow.
size_t heap_roots_first(const struct heap_roots *roots, node object);

// The object's surplus, or null.
const struct heap_surplus *heap_roots_surplus(const struct heap_roots *roots, node object);

// Whether the root stands for one reference, or more, of its object's refcount that no other object
// has: a row of its own beside these. What is an object's reference as well was counted there.
static inline bool heap_root_is_holder(const struct root *root)
{
    return root->kind != ROOT_IMMORTAL && (root->hold != ROOT_SEEN || root->kind == ROOT_NATIVE);
}

// References found that each account for one of the refcount: visited or only held, but not borrowed
// ones; and roots that count.
// *referrers: how many references lead to it. Where the heap has no reverse CSR all of its references are
// looked at.
uint64_t heap_roots_explained(const struct heap *heap, const struct heap_roots *roots, node object,
                              uint64_t *referrers);

// How many roots that count lead to it.
uint32_t heap_roots_counted(const struct heap_roots *roots, node object);

// Whether a root of this kind makes its object alive all by itself and can say where that is.
bool heap_root_is_named(enum root_kind kind);

// What running code holds: a thread's frames, its state, its machine stack.
bool heap_root_is_running(enum root_kind kind);

// `all` as it would be if every thread had ended: without what only running code holds. For free().
bool heap_roots_resting(const struct heap_roots *roots, const struct heap *heap, uint64_t **marks,
                        struct err *err);

#endif
