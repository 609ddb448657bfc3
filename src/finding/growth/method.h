// SPDX-License-Identifier: GPL-3.0-or-later
// Whose a function is: a method of which class, a function inside of another one, or a module's.
//
// Does not know: what it does. Owns: nothing. Cost: the qualified name is read.
#ifndef OURO_FINDING_METHOD_H
#define OURO_FINDING_METHOD_H

#include "finding/finder.h"

// The str of its qualified name, or 0.
addr method_qualname(const struct finder *f, const struct deed_code *code);
// The number of its name among the deeds', or MAP_NONE.
uint32_t method_name(const struct finder *f, node code);
// Whether one of the words is in its name.
bool method_has_word(const struct finder *f, node code, const char *const *words, size_t count);

bool method_is(const struct finder *f, const struct deed_code *code);
// Whether it is a function inside of another one, no comprehension and no method.
bool method_is_inner(const struct finder *f, const struct deed_code *code);
// Whether it is no function of a module, but a method, or inside of another one.
bool method_is_nested(const struct finder *f, const struct deed_code *code);
// Whether a method of that class is what the code is of, or of one of its bases; or, where the
// class itself has what is asked about, of one that derives from it.
bool method_is_of(const struct finder *f, const struct deed_code *code, const struct type *type,
                  bool of_class);
bool method_same_class(const struct finder *f, const struct deed_code *a,
                       const struct deed_code *b);

// The class that an owner is, or is an instance of; null: nobody knows.
const struct type *method_owner_class(const struct finder *f, node owner);

#endif
