// SPDX-License-Identifier: GPL-3.0-or-later
// What is shared by the kinds of findings about wasted memory that is no leak: how much is worth
// mentioning, and which objects hold the many small ones that it lies in.
//
// Does not know: what is saved, or how.
#ifndef OURO_FINDING_SAVING_H
#define OURO_FINDING_SAVING_H

#include "finding/duplicates.h"

// How much the saving matters. False: too little to mention.
bool saving_matters(const struct finder *f, uint64_t bytes, enum severity *severity);

// The least that is ever mentioned: kinds need not look closer when all they look at has less.
uint64_t saving_least(const struct finder *f);

// Looks for what is equal and tells it where it matters; objects whose type has one of the roles
// count for whether it may. A kind's find().
bool saving_by_sharing(struct finder *f, enum duplicates_what what, uint32_t roles,
                       bool (*add)(struct finder *f, const struct duplicates *same,
                                   enum severity severity, struct err *err),
                       struct err *err);

// Where most of these objects are held, by their first referrers: "shop.orders.Order.status" for
// attributes, "list[...]" for items; "" when no place has half of them.
const char *saving_place(struct finder *f, const node *nodes, size_t count);

#endif
