// SPDX-License-Identifier: GPL-3.0-or-later
// What a redacted heap answers with instead of the target's memory: refcounts, lengths, the dry
// runs, and of the references' names no more than their form.
//
//      reference        kept as       shown as
//      .__dict__, .func MEMBER        itself: a name of CPython's, not of the program
//      [3], +0x20       its number    itself
//      .balance         ATTR          .?
//      ['jane']         KEYED         [?]
//      local card       LOCAL         local ?
//
// Does not know: how it was made (redaction.c) or stored (saved_heap.c). Owns: all of it.
// Cost: 16 bytes per object, 4 per reference, and 9 per object for the dry runs.
#ifndef OURO_HEAP_SAVED_REDACTED_H
#define OURO_HEAP_SAVED_REDACTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/text.h"

#define REDACTED_SHIFT 28 // an edge's word: the kind of its name above, its number below
#define REDACTED_NUMBER (((uint32_t)1 << REDACTED_SHIFT) - 1) // this very number: it is larger
#define REDACTED_UNKNOWN 15u                                  // no decoder tells
#define REDACTED_NO_LENGTH UINT64_MAX

struct redacted_count { // of an object whose count is too much for 16 bits
    node object;
    int64_t count;
};

struct redacted_run { // a dry run over all interpreters: see struct collection
    int16_t *refs;
    uint8_t *fate;
    struct redacted_count *many; // by object
    size_t many_count;
    bool runs, returns_known;
};

struct heap_redacted {
    int64_t *refcounts;
    uint64_t *lengths;    // heap_length(); REDACTED_NO_LENGTH: none
    uint64_t *finalizers; // marks: collect_has_finalizer()
    uint32_t *names;      // an edge: its word
    const char **members; // what the numbers of REF_MEMBER mean
    size_t member_count, member_capacity;
    struct redacted_run runs[3]; // by generation
    struct arena texts;
};

// Appends the name of the edge at an index of the forward CSR.
void heap_redacted_name(const struct heap_redacted *kept, uint64_t edge, struct text *out);
void heap_redacted_free(struct heap_redacted *kept); // accepts null

#endif
