// SPDX-License-Identifier: GPL-3.0-or-later
// Follows simple finalizers: a `__del__` whose instructions do nothing, or only give up attributes of
// its own object.
//
//      pass, return, a docstring            nothing
//      self.x = None, del self.x            what the attribute led to has one reference less
//      self.x.clear()                       so has all that a list, dict, set or deque held
//      self.x.close()                       a StringIO, BytesIO or mmap: likewise
//      self.close()                         a method of the same class, of such lines
//
// Anything else is not followed: branches, other calls, attributes that are not there or that the
// class has a say in, functions that a trace function or a tool of sys.monitoring watches. Nor what
// may raise (a BytesIO, mmap or bytearray that somebody else may have a view of), nor what flushes, may
// fail in the system, or warns that it was left open: files and sockets.
//
// Streams have finalizers of their own, which close them: those of exact StringIO and BytesIO are followed.
//
// What falls to a refcount of 0 is freed there and then, and the collector, which counts what is
// left, counts that many fewer. What falls and would run code itself is not followed either.
//
// Does not know: the collector. Free-threaded builds: follows nothing. Borrows: the heap. Owns: what
// it learned of each type, and counts (fall.h), until finalizing_fini().
// Cost: the class's dicts once per type; an object with attributes to give up: its references' names.
#ifndef OURO_HEAP_ANALYSIS_FINALIZING_H
#define OURO_HEAP_ANALYSIS_FINALIZING_H

#include "heap/analysis/fall.h"

#define FINALIZING_DEEDS 16 // of one finalizer

struct finalizing_deed {
    enum { FINALIZING_DROP, FINALIZING_ASK, FINALIZING_CALL } kind;
    char name[64];      // the attribute; CALL: the method that no attribute may hide
    bool is_slot;       // a member of __slots__
    const char *method; // ASK: of the attribute's value
};

struct finalizing_type {
    bool followed;
    bool closes; // its finalizer, in C, is its own close()
    uint32_t count;
    struct finalizing_deed deeds[FINALIZING_DEEDS];
};

struct finalizing {
    const struct heap *heap;
    struct map index; // by type
    struct finalizing_type *types;
    size_t count, capacity;
    struct fall fall;
    bool watched; // a thread has a trace or profile function
};

void finalizing_init(struct finalizing *finalizing, const struct heap *heap);
void finalizing_fini(struct finalizing *finalizing);

// Whether the object's finalizer is one of these; then what it gives up is noted. False as well
// when memory is out.
bool finalizing_follow(struct finalizing *finalizing, node n);

// Lets go of what was noted. False: it cannot be told what comes of that: something runs code.
// is_found: whether the collector found it unreachable, which clears its weak references before.
bool finalizing_go(struct finalizing *finalizing, bool (*is_found)(const void *context, node n),
                   const void *context);

#endif
