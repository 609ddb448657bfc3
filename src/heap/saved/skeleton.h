// SPDX-License-Identifier: GPL-3.0-or-later
// What a redacted heap answers with instead of the target's memory: refcounts, lengths, the dry
// runs, and of the references' names no more than their form.
//
//      reference        skeleton as       shown as
//      .__dict__, .func MEMBER        itself: a name of CPython's, not of the program
//      [3], +0x20       its number    itself
//      .balance         ATTR          .?
//      ['jane']         KEYED         [?]
//      local card       LOCAL         local ?
//
// Does not know: how it was made (redaction.c) or stored (saved_heap.c). Owns: all of it.
// Cost: 16 bytes per object, 4 per reference, and 9 per object for the dry runs.
#ifndef OURO_HEAP_SAVED_SKELETON_H
#define OURO_HEAP_SAVED_SKELETON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/text.h"

#define SKELETON_SHIFT 28 // an edge's word: the kind of its name above, its number below
#define SKELETON_NUMBER (((uint32_t)1 << SKELETON_SHIFT) - 1) // this very number: it is larger
#define SKELETON_UNKNOWN 15u                                  // no decoder tells
#define SKELETON_NO_LENGTH UINT64_MAX

struct skeleton_count { // of an object whose count is too much for 16 bits
    node object;
    int64_t count;
};

struct skeleton_run { // a dry run over all interpreters: see struct collection
    int16_t *refs;
    uint8_t *fate;
    struct skeleton_count *many; // by object
    size_t many_count;
    bool runs, returns_known;
};

struct skeleton {
    int64_t *refcounts;
    uint64_t *lengths;    // heap_length(); SKELETON_NO_LENGTH: none
    uint64_t *finalizers; // marks: collect_has_finalizer()
    uint32_t *names;      // an edge: its word
    const char **members; // what the numbers of REF_MEMBER mean
    size_t member_count, member_capacity;
    struct skeleton_run runs[3]; // by generation
    struct arena texts;
};

// Appends the name of the edge at an index of the forward CSR.
void skeleton_edge_name(const struct skeleton *skeleton, uint64_t edge, struct text *out);
void skeleton_free(struct skeleton *skeleton); // accepts null

#endif
