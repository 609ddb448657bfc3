// SPDX-License-Identifier: GPL-3.0-or-later
// Whose keys a dict has: HOSTS, where the values of LATEST stand under the very strings of that list.
//
// Does not know: whether that grows. Owns: nothing. Cost: a look at what refers to 64 keys.
#ifndef OURO_FINDING_KEY_HOME_H
#define OURO_FINDING_KEY_HOME_H

#include "finding/finder.h"

// The container outside of the dict, under a name of the program's, that has nearly all keys of a sample;
// or NODE_NONE. Numbers do not count: equal ones may be one object by chance.
node key_home_find(const struct finder *f, node dict);

#endif
