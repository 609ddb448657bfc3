// SPDX-License-Identifier: GPL-3.0-or-later
// Two heaps compared: object by object where they are of one process, whose objects do not move;
// otherwise by the types' names.
//
// An address that both have, with a type of the same name, is the same object unless something
// tells otherwise:
//
//      value     an immutable object with another value is another object
//      age       a survivor of a collection is in an older generation: what is in a younger one
//                than that was born since (not said of dicts, which are tracked again, and of
//                objects that a finalizer may have brought back)
//      order     of the young where no collection ran: survivors come first, in the order they had
//      type      what has a type of another name is another object
//
// and certainly the same where it is never freed, where an immutable one's value is the same, or
// where it is in a generation that nothing born since can have come to.
//
// Does not know: where the heaps came from. Owns: the arrays and rows, until diff_free().
// Borrows: both baselines, as long as it is used. Cost: one walk over both; 5 bytes per object.
#ifndef OURO_HEAP_ANALYSIS_DIFF_H
#define OURO_HEAP_ANALYSIS_DIFF_H

#include "heap/analysis/baseline.h"

enum diff_verdict {
    DIFF_NEW,    // nothing was there before
    DIFF_REUSED, // another object was there before
    DIFF_SAME,   // the same object, for sure
    DIFF_MAYBE,  // the same address and type; whether the same object cannot be told
};

struct diff_row { // of one name
    const char *name;
    size_t module; // bytes of it that are the module's name
    uint64_t before, after, fresh, gone, bytes_before, bytes_after;
    node object; // a new one, else the largest of those that are there; NODE_NONE
};

struct diff {
    const struct baseline *before, *after;
    bool same_process; // false: verdicts and `was` are null, fresh and gone are 0
    bool is_reversed;  // `before` is the later one, as the collectors' counts say
    char why[200];     // how that was found out
    uint8_t *verdict;  // per object of `after`: enum diff_verdict
    node *was;         // its number in `before`; NODE_NONE: nothing was there
    struct diff_row *rows;
    size_t row_count;
    uint32_t *row_of; // type of `after` -> row
    uint64_t fresh, gone, reused, maybe;
};

// as_runs: compare by name even where both are of one process.
bool diff_find(struct diff *diff, const struct baseline *before, const struct baseline *after,
               bool as_runs, const struct progress *progress, struct err *err);
void diff_free(struct diff *diff); // a zeroed one is fine

static inline bool diff_is_new(const struct diff *diff, node n)
{
    return diff->verdict[n] <= DIFF_REUSED;
}

#endif
