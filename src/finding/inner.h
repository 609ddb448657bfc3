// SPDX-License-Identifier: GPL-3.0-or-later
// The attribute under which the objects of a container keep most of what they keep: the outbox of each
// member, the value of a cached property.
//
//      room.members -> Member -> .outbox   2,000      what is large is no dict of members, but the outbox
//                   -> Member -> .outbox   2,000      of each
//
// Does not know: what makes it grow. Owns: nothing. Cost: a look at some of the objects.
#ifndef OURO_FINDING_INNER_H
#define OURO_FINDING_INNER_H

#include "finding/contents.h"

struct inner {
    const char *attribute; // its name
    node example;          // what one of them has there
    uint64_t objects;      // that the container has
    uint64_t length;       // of what they have there, on the average
    bool is_cached;        // a cached_property of their class has put it there
};

// False: they have no such attribute in common.
bool inner_find(struct finder *f, const struct contents *contents, struct inner *inner);

#endif
