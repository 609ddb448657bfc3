// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a thing grows, as far as code can tell: who adds to what it is called, who takes out
// again.
//
//      1. what it is called    the names under which its nearest holders have it: a global of a module,
//                              an attribute of a class's instances, a local variable, a free one
//      2. who does what        deeds (deeds/deeds.h) to these names: in a method of the class, in a function of
//                              the module, by the program's code elsewhere, through an argument
//      3. what does not count  building: in a constructor, a module's body, right after it was made, in
//                              a function that runs once: all its calls are seen, and each is made
//                              where a program goes by once, or in such a function that is over
//
// Evidence, not proof: `surely` where class or module fit, too.
// Does not know: sizes. Owns: nothing. Cost: the deeds to a few names.
#ifndef OURO_FINDING_GROWTH_H
#define OURO_FINDING_GROWTH_H

#include "finding/growth/growth_answer.h"

void growth_find(struct finder *f, node n, struct growth_answer *growth);

// A clause that begins with "; ", or "". (growth_text.c)
const char *growth_text(struct finder *f, const struct growth_answer *growth);

#endif
