// SPDX-License-Identifier: GPL-3.0-or-later
// Objects of equal content, grouped: texts and numbers by their bytes, containers by what they
// hold, one level deep.
//
//      'paid'  'paid'  'sent'  'paid'          one group: the first 'paid', 2 others, their bytes
//
// Equal means: of exactly the same type, and byte by byte, or item by item, the same; nothing rests
// on a hash alone. Containers that are equal only because of containers in them, and dicts and sets
// of another order, are not found: the answer is a lower bound.
//
// Does not know: what is worth saying. Owns: the groups. Cost: one read of each object that is
// asked for; 8 bytes for each slot of a table that is a half full, while it runs.
#ifndef OURO_FINDING_DUPLICATES_H
#define OURO_FINDING_DUPLICATES_H

#include "finding/finder.h"

struct duplicates_group {
    node first;
    uint32_t others;
    uint64_t bytes; // of the others
};

struct duplicates {
    struct duplicates_group *groups; // those with others, by bytes
    size_t count, capacity;
    uint64_t looked, others, bytes; // objects looked at; others of all groups, and their bytes
};

enum duplicates_what { DUPLICATES_TEXTS, DUPLICATES_CONTAINERS };

bool duplicates_find(struct duplicates *same, struct finder *f, enum duplicates_what what,
                     struct err *err);
void duplicates_free(struct duplicates *same); // accepts a zeroed one

// Up to `most` members of a group.
size_t duplicates_members(const struct duplicates_group *group, const struct finder *f,
                          node *members, size_t most);

#endif
