// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a function runs once, so that what it fills is built and does not grow.
//
// All its calls are seen, and each is made where a program goes by once: in a module's body, a constructor, or
// a function that runs once itself. Evidence, as far as names tell.
//
// Does not know: what it adds. Owns: nothing. Cost: at most CALLS_MAX calls are looked at.
#ifndef OURO_FINDING_ONCE_H
#define OURO_FINDING_ONCE_H

#include "finding/growth/called.h"

// Whether it is called like one that loads or builds what stays, is not running, and is seen to be called once.
bool once_is_builder(const struct finder *f, node code);
// Whether the function runs once, and is over with it, as the deed's own loop is.
bool once_is_over(const struct finder *f, const struct deed *deed, const struct called *called);
// Whether the constructor of its class alone is seen to call it, be it in loops.
bool once_is_of_constructors(const struct finder *f, node code);

#endif
