// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a thing's growth: who adds, who takes out, and what says that it has an end.
//
// Does not know: how that is found out (growth.h). Borrows: the deeds.
#ifndef OURO_FINDING_GROWTH_GROWTH_ANSWER_H
#define OURO_FINDING_GROWTH_GROWTH_ANSWER_H

#include "finding/ages.h"

enum growth_state {
    GROWTH_UNKNOWN,
    GROWTH_NONE,  // all code was read, and none of it adds to any of its names
    GROWTH_BUILT, // only what builds it adds to it
    GROWTH_ADDS,
};

struct growth_answer {
    enum growth_state state;
    bool surely;                      // the adder
    bool is_measured;                 // by who takes out
    bool is_bounded;                  // who takes out measures it, too; or each adding takes out
    bool is_pool;                     // what is taken last was given back last
    bool is_renewed;                  // rows are put under the keys that they had, as a name says
    uint64_t quiet;                   // changes to other dicts since the last to it (quiet.h)
    struct ages ages;                 // of a dict's values
    node keyed_by;                    // does not grow, and has its keys; or NODE_NONE
    uint64_t most;                    // deque(maxlen=N): N; else 0
    const struct deed *adder, *taker; // the best witness each, or null
    const struct deed *idle;   // in a library: would take out, but the program never calls it
    const struct deed *caller; // of an adder in a library: where the program calls it; or null
    const struct deed
        *driver; // of one that it is not seen to call: where it calls another method of
                 // the same object; or null
};

// Whether it grows without an end that can be seen.
static inline bool growth_goes_on(const struct growth_answer *growth)
{
    return growth->state == GROWTH_ADDS && !growth->is_bounded && !growth->is_renewed
           && !growth->quiet && !growth->ages.say && growth->keyed_by == NODE_NONE;
}

#endif
