// SPDX-License-Identifier: GPL-3.0-or-later
// Who refers to an object, in one line: "list[3], app.User.friend, 5 more".
//
// Needs the reverse CSR. Cost: at most three referrers are read again, none of them larger than a few
// thousand references.
#ifndef OURO_HEAP_NAMES_REFERRERS_LINE_H
#define OURO_HEAP_NAMES_REFERRERS_LINE_H

#include "heap/heap.h"

// Appends the line; nothing where nobody does.
void referrers_line(const struct heap *heap, node n, struct text *out);

#endif
