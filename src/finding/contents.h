// SPDX-License-Identifier: GPL-3.0-or-later
// What a suspect consists of, by class: "1,500 app.Widget, with 60,000 str".
//
// Does not know: who asks. Owns: the counts, until contents_free(). Cost: a look at each object in
// it; for what is shared, one at each object of the heap.
#ifndef OURO_FINDING_CONTENTS_H
#define OURO_FINDING_CONTENTS_H

#include "finding/suspects.h"

struct contents_row {
    uint64_t count, bytes, direct; // direct: items of the suspect itself
    node example;                  // a direct one where there is one
};

struct contents {
    struct contents_row *rows; // per type
    uint64_t fresh;            // bytes that are new since the heap before
    uint64_t objects;          // all of them, the suspect itself left out
    node container;            // what its direct items are in; NODE_NONE: it has none
    uint32_t items;            // the type that most direct items have; UINT32_MAX: none has many
    uint32_t keys;             // a type of its keys, other than str and numbers; or UINT32_MAX
};

bool contents_find(struct contents *contents, struct finder *f, const struct suspect *suspect,
                   struct err *err);
void contents_free(struct contents *contents); // accepts a zeroed one

// At most three classes with their counts, what is in it directly first; "" where nothing is.
const char *contents_text(struct finder *f, const struct contents *contents);

// An object of the class that it is about, or NODE_NONE.
node contents_example(const struct finder *f, const struct contents *contents);

#endif
