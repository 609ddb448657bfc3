// SPDX-License-Identifier: GPL-3.0-or-later
// Names in code as numbers, and the words that mean something: which methods add, which take out.
//
// Does not know: who uses them. Owns: nothing; the numbers are the list's. Cost: a look-up per name.
#ifndef OURO_FINDING_DEED_NAME_H
#define OURO_FINDING_DEED_NAME_H

#include "finding/deeds/deed.h"

// Gives the words their numbers, which are smaller than those of all other names.
bool deed_name_words(struct deeds *deeds, struct err *err);

// The number of a name, or DEEDS_NONE.
uint32_t deeds_name(const struct deeds *deeds, const char *name);
// The number of a str of the target, which gets one where it has none; DEEDS_NONE: no str.
uint32_t deed_name_of(struct deeds *deeds, const struct heap *heap, addr name);

#endif
