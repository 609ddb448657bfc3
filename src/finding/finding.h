// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong in a heap: findings, each a sentence as an expert would put it, with its evidence and
// the next command to type.
//
// Does not know: who asks. One kind of finding is one file and one row of finding_kinds[]; how to
// write one is in finder.h.
//
//      high    the process is losing memory by this, and it is a large part of the heap
//      medium  a noticeable part; or a setting that will lose memory
//      low     a leak by its shape, small by now
//      info    a fact worth knowing. A healthy program gives nothing above this.
//
// Owns: findings and their texts, until findings_fini(). Borrows: all of struct finding_sources.
// Cost: kinds whose `needs` are FINDING_NEEDS_HEAP or _GARBAGE take milliseconds: an overview may
// ask for these alone (findings_options.most_needs). The others first want roots and dominators,
// then about a second for a few million objects.
#ifndef OURO_FINDING_FINDING_H
#define OURO_FINDING_FINDING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "heap/analysis/collect.h"
#include "heap/analysis/dominate.h"
#include "heap/analysis/forest.h"
#include "heap/heap.h"
#include "memory/memory.h"
#include "heap/analysis/roots.h"

enum severity { SEVERITY_HIGH, SEVERITY_MEDIUM, SEVERITY_LOW, SEVERITY_INFO };
#define SEVERITY_COUNT 4

struct finding {
    enum severity severity;
    const char *kind;
    uint64_t bytes, objects; // what would go, or what it is about
    const char *what;        // one sentence: "app.CACHE holds 5,000 app.Page and only grows"
    const char *why;         // the evidence, and what to do
    const char *next;        // a command line, runnable as it stands
    node object;             // the one to look at first; NODE_NONE: none
    node sample;             // one of what it keeps; NODE_NONE: none
    uint64_t grew;           // bytes, since the heap before; 0 without one
    bool is_suspect;         // keeps much of the heap: comes first among its equals
    bool is_said;            // by another finding: is left out
    bool is_first;           // all the others are to be read in its light
};

// What a kind wants to be there. Each includes those before it.
enum finding_needs {
    FINDING_NEEDS_HEAP,
    FINDING_NEEDS_GARBAGE,    // the dry run of a full collection
    FINDING_NEEDS_ROOTS,      // and referrers, and what is held from outside
    FINDING_NEEDS_DOMINATORS, // and what each retains
};

struct finder;

struct finding_kind {
    const char *name;
    const char *help; // one sentence for the manual, no full stop
    enum finding_needs needs;
    bool is_reason; // what it says of an object is why a suspect there is one: the two are one row
    bool is_evidence; // ... and that alone is reason enough
    bool is_of_one; // a row is about one object, that an interpreter has, not about the whole heap
    bool needs_whole; // says what nothing else holds: not where that may be what is missing
    bool (*find)(struct finder *finder, struct err *err);
};

extern const struct finding_kind *const finding_kinds[]; // ended by null
const struct finding_kind *finding_kind_find(const char *name);

struct finding_before {              // an earlier heap: of the same process, or of another run
    const uint64_t *fresh;           // marks: objects that are new; null: two runs
    const struct forest *now, *then; // where objects hang; null: not known
    double seconds;                  // between the two; 0: not known
};

struct finding_sources { // what is not needed by the kinds that run may be null
    const struct heap *heap;
    const struct collection *garbage;
    const struct heap_roots *roots;
    const struct dominate *dominate;
    struct memory *memory; // settled: all of the process's; null: kinds about it find nothing
    const struct finding_before *before; // null: none
    const struct progress *progress;
};

struct findings_options {
    const struct finding_kind *kind; // null: all of them
    enum finding_needs most_needs;   // leave out kinds that need more
    uint32_t most;                   // of one kind; 0: any number
};

struct findings {
    struct finding *items; // by severity, then bytes
    size_t count;
    uint64_t left_out; // beyond `most` of their kind
    struct arena arena;
};

bool findings_find(struct findings *findings, const struct finding_sources *sources,
                   const struct findings_options *options, struct err *err);
void findings_fini(struct findings *findings);

const char *severity_name(enum severity severity);

// False: no such name.
bool severity_find(const char *name, enum severity *severity);

#endif
