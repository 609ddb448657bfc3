// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a dict that code adds to gets new keys, or the same ones again and again: what the ages of
// its values say, and the holes in its table.
//
//      grows       k0 k1 k2 k3 k4 k5     keys in the order in which they came,
//                  1  2  3  4  5  6      values as old as their keys
//
//      replaced    k0 k1 k2 k3 k4 k5     a value is newer than those of later keys: its key was
//                  9  4  8  6  3  7      there, and got another one
//
//      settled     k0 k1 k2 k3 ......    much of the heap is newer than the newest of them, and has
//                                        come in many pieces: one batch that is being processed
//                                        tells no time
//
//      churned     k0 .. k2 .. .. k5     many entries were taken out of the table since it grew last
//
//      even        more young objects in it than the collector has counted allocations beyond
//                  deallocations: as many old ones went meanwhile
//
// The clock: the collector's lists, to whose ends objects are put when they are made and when they
// get older. Not in free-threaded builds. What increments of a collection have gone through (3.14.0
// to 3.14.4) is of one age. Evidence, not proof.
//
// Does not know: who adds. Owns: nothing. Cost: on first need a pass over the lists and four bytes
// an object; then a look at 4,096 of a dict's entries.
#ifndef OURO_FINDING_AGES_H
#define OURO_FINDING_AGES_H

#include "finding/finder.h"

enum ages_say { AGES_NOTHING, AGES_REPLACED, AGES_SETTLED, AGES_CHURNED, AGES_EVEN };

struct ages {
    enum ages_say say;
    uint64_t count; // REPLACED: values that are newer than the last keys' values. SETTLED: objects
                    // that are newer. CHURNED: holes. EVEN: young objects
    uint64_t of; // REPLACED: values looked at. CHURNED: places in the table. EVEN: allocations less
                 // deallocations
};

// is_taken: things are taken out of it. Then they may be put in again elsewhere, and the order of its
// keys says nothing; where nothing is, holes do not.
void ages_find(struct finder *f, node dict, bool is_taken, struct ages *ages);

// The clock when the newest of a dict's values was made; 0: not known.
uint32_t ages_newest(struct finder *f, node dict);
// Whether a thing, or what it came in, was made after that.
bool ages_is_newer(const struct finder *f, node n, uint32_t than);

#endif
