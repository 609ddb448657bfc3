// SPDX-License-Identifier: GPL-3.0-or-later
// Why a suspect is one, and how bad that is: what is known of such things by name (registries.h),
// who makes it grow (growth.h), and how much of what is in it is dead.
//
//      known to grow    by what it is for: finalizers, timers, backlogs
//      grows            code adds to it, and nobody takes out
//      dead             most of what is in it is of no use any more
//      else             info: it is large
//
// Where there is an earlier heap, it decides: what has kept its size does not grow.
//
// Does not know: what other kinds of findings say. Owns: nothing. Cost: a look at some of its
// items.
#ifndef OURO_FINDING_CAUSE_H
#define OURO_FINDING_CAUSE_H

#include "finding/contents.h"

struct cause {
    uint64_t grew; // since the heap before, where there is one
    enum severity severity;
    bool is_endless;  // what fills it is a loop that nothing leads out of
    const char *why;  // the evidence
    const char *cure; // "" where nothing can be said
};

void cause_find(struct finder *f, const struct suspect *suspect, const struct contents *contents,
                const char *name, struct cause *cause);

enum change { CHANGE_UNKNOWN, CHANGE_NONE, CHANGE_GREW };

// How the suspect is beside the heap before. *grew: bytes; *text: a clause that begins with "; ",
// or "".
enum change cause_change(struct finder *f, const struct suspect *suspect,
                         const struct contents *contents, uint64_t *grew, const char **text);

// By share rather than by size: a small process that is full is full.
enum severity cause_severity(const struct finder *f, uint64_t bytes);

// What holds most objects of a group: the name of what they have in common on their paths, or of
// their roots; "" where they have nothing in common.
const char *cause_held_by(struct finder *f, const node *nodes, size_t count);

#endif
