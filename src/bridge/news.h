// SPDX-License-Identifier: GPL-3.0-or-later
// What changed between two looks at the same process: which objects are new, and which are gone.
//
// Does not know: either look's session; it keeps addresses and types of the first. An object is the
// same one when its address and the name of its type are: one that was freed and whose place another
// of its type took counts as the same.
//
// Owns: the addresses, types and names it keeps. Cost: 12 bytes an object; one walk over both.
#ifndef OURO_BRIDGE_NEWS_H
#define OURO_BRIDGE_NEWS_H

#include "base/names.h"
#include "cmd/command.h"
#include "heap/heap.h"

struct news {
    addr *places; // in address order, like the heap's nodes
    uint32_t *types;
    uint32_t count;
    struct names names; // of the types
};

// Remembers the objects of the heap, which may be freed after it.
bool news_keep(struct news *news, const struct heap *heap, struct err *err);

// Rows: type, new, gone, now, bytes of the new ones, one of them; the most new ones first.
bool news_tell(struct news *news, const struct heap *heap, struct report *report, struct err *err);
void news_fini(struct news *news);

#endif
