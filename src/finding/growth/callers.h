// SPDX-License-Identifier: GPL-3.0-or-later
// Who calls what adds and what takes out: the program, where these are a library's.
//
// Does not know: what is called. Owns: nothing. Cost: the deeds to a name.
#ifndef OURO_FINDING_CALLERS_H
#define OURO_FINDING_CALLERS_H

#include "finding/growth/growth_answer.h"
#include "finding/growth/called.h"

// What the owner of the thing is called, as deeds know it; DEEDS_NONE.
uint32_t callers_owner_name(struct finder *f, const struct called *called);
// Where the program calls the library's method, by the name that the owner has; or null.
const struct deed *callers_of(struct finder *f, const struct called *called,
                              const struct deed *adder);
// Where the program calls a method of the object that has the thing, when what adds is that object's
// own business. What only reads, or ends it, is not meant.
const struct deed *callers_driver(struct finder *f, const struct called *called);
// Whether it is a library's own business: _this() or __this__(), or what no code calls by its name.
bool callers_is_internal(const struct finder *f, const struct deed *adder);
// Whether it is what a library offers, and the program never calls of what has that name.
bool callers_is_idle(struct finder *f, const struct called *called, const struct deed *deed);
// Whether each time that the one runs, the other does: d[k] = v; self.sweep()
bool callers_always(const struct finder *f, node code, node callee);
// A library's add_this() and remove_this(): where the program calls the one and never the other, what
// takes out does nothing, whatever the object is called.
void callers_find_opposites(const struct finder *f, struct growth_answer *growth);

#endif
