// SPDX-License-Identifier: GPL-3.0-or-later
// What the deeds to one name say of a thing: who adds to it, who takes out, what only builds it.
//
// A deed fits where class or module do, too, or by its name alone. What a function does to an argument that it
// gets, and what is done to what it returns, is asked once more.
//
// Does not know: which names the thing has (growth.c). Owns: nothing. Cost: the deeds to a name.
#ifndef OURO_FINDING_WITNESS_H
#define OURO_FINDING_WITNESS_H

#include "finding/growth/growth_answer.h"
#include "finding/growth/called.h"

struct asking {
    struct finder *f;
    const struct called *called;
    struct growth_answer *growth;
    bool is_list, is_default; // a defaultdict
    bool has_lists;           // as items
    int rank;                 // of the adder
    bool deep;                // something adds to its items
    bool taken;               // by what the program, or the library itself, may call
    bool built, passed;       // seen on the way
    bool is_empty;            // when it is made: who fills it was not seen
    bool is_pool;
    bool filled; // by its constructor
    bool others; // things are taken out otherwise than by pop()
};

// Asks all deeds to the name that the thing is called by; follow: into arguments and results.
void witness_ask(struct asking *asking, bool follow);
// Notes one that adds. fit: 1 by its name, 2 where class or module fit, too.
void witness_note_add(struct asking *asking, const struct deed *deed, int fit);

#endif
