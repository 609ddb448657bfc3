// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a container has not changed for long, while the program went on: a table that was filled,
// not one that fills.
//
// The clock is the interpreter's: up to 3.13 each dict knows the number of its last change among all
// changes to dicts.
//
// Does not know: who changes it. Owns: nothing. Cost: a look at each dict, on first need.
#ifndef OURO_FINDING_QUIET_H
#define OURO_FINDING_QUIET_H

#include "finding/finder.h"

// How many changes were made to other dicts since the last one to it, where that is so many that it
// would have grown if it did: a quarter of all, and some for each of its items, and most of them not
// in the rows of a batch that has come since. 0: it has changed lately, or nobody knows.
uint64_t quiet_since(struct finder *f, node n);

#endif
