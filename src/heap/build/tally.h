// SPDX-License-Identifier: GPL-3.0-or-later
// How many objects of each type there are, and how large: counted while they are being found,
// before they have numbers and references. What a first screen shows.
//
// Does not know: what is garbage. Owns: its rows. Cost: nothing but the sizes.
#ifndef OURO_HEAP_BUILD_TALLY_H
#define OURO_HEAP_BUILD_TALLY_H

#include "heap/build/lists.h"

struct type;

struct tally {
    uint64_t count, bytes, tracked;
    uint64_t gen[GEN_NONE + 1]; // GEN_NONE: untracked. After tally_generations()
    uint64_t largest_size;
    addr largest;      // the first in memory of that size
    node largest_node; // instead, once there are numbers: tally_node()
    uint64_t garbage;  // what a full collection would find unreachable, where that is known
};

struct tallies {
    struct tally *rows; // by type index
    size_t count, room;
    bool failed; // out of memory
    bool garbage_known;
};

void tally_add(struct tallies *tallies, const struct python *py, const struct type *type, addr at,
               bool tracked);

// When all objects were added: tells the tracked ones' generations apart.
// Cost: a read for every object of the lists, the longest one's apart.
void tally_generations(struct tallies *tallies, const struct python *py, const struct lists *lists);

void tallies_fini(struct tallies *tallies);

#endif
