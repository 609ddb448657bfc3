// SPDX-License-Identifier: GPL-3.0-or-later
// The code objects of a heap: whose each is, in which globals it runs, and whether something runs it now.
//
// Does not know: what it does. Owns: nothing; the rows are the list's. Cost: a pass over the objects.
#ifndef OURO_FINDING_DEED_CODE_H
#define OURO_FINDING_DEED_CODE_H

#include "finding/code.h"
#include "finding/deeds/deed.h"

bool deed_code_list(struct deeds *deeds, const struct heap *heap, const struct root_paths *paths,
                    struct err *err);

// What is known of a code object, or null.
const struct deed_code *deeds_code(const struct deeds *deeds, node code);

// A member of a code object that is an int; 0 where the version lacks it.
uint32_t deed_code_int(const struct heap *heap, node code, int32_t offset);

#endif
