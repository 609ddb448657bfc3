// SPDX-License-Identifier: GPL-3.0-or-later
// What functions do to what they name: put something in, take something out, make it anew, measure
// it.
//
//      self.todo.append(x)          adds to the attribute todo of self
//      CACHE[key] = value           adds to the global CACHE
//      by_day[d].setdefault(k, [])  adds to an item of by_day
//      q = self.todo; q.put(x)      adds to the attribute todo
//      note(LOG, x)                 passes the global LOG to note()
//      app["peers"].add(x)          adds to what has the key 'peers' somewhere
//      cache()[key] = value         adds to what cache() returns
//      x.__dict__["rows"].append(y) adds to the attribute rows
//
// Bytecode is read once, straight through, with a stack of what each value stands for. Every
// function of the heap is read, the libraries' too. Jumps are not followed: where two paths meet,
// the stack may be wrong, and a deed is missed, or has lost its name.
//
// Does not know: which object a name stands for; growth.h asks that. Owns: everything, until
// deeds_free(). Borrows: heap. Cost: a look at each instruction: some 50 ns.
#ifndef OURO_FINDING_DEEDS_H
#define OURO_FINDING_DEEDS_H

#include "finding/code.h"
#include "finding/deeds/deed.h"
#include "finding/deeds/deed_code.h"
#include "finding/deeds/deed_name.h"

bool deeds_find(struct deeds *deeds, const struct heap *heap, const struct root_paths *paths,
                struct err *err);
void deeds_free(struct deeds *deeds); // accepts a zeroed one

// The deeds to a name: the first, and how many follow.
const struct deed *deeds_of(const struct deeds *deeds, uint32_t name, size_t *count);

// Whether the loop that a deed stands in is over, in all that run the function, and the function has
// gone on to another one that calls functions of the program: it did a piece of work, and does the
// next.
bool deeds_loop_is_over(const struct deeds *deeds, const struct deed *deed);

#endif
