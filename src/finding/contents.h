// SPDX-License-Identifier: GPL-3.0-or-later
// What a suspect consists of, by class: "1,500 app.Widget, 60,000 str".
//
// Does not know: who asks. Owns: the counts, until contents_free(). Cost: a look at each object in
// it; for what is shared, one at each object of the heap.
#ifndef OURO_FINDING_CONTENTS_H
#define OURO_FINDING_CONTENTS_H

#include "finding/suspects.h"

struct contents_row {
    uint64_t count, bytes;
    node first, middle; // examples
};

struct contents {
    struct contents_row *rows; // per type
    uint64_t objects;          // all of them, the suspect itself left out
};

bool contents_find(struct contents *contents, struct finder *f, const struct suspect *suspect,
                   struct err *err);
void contents_free(struct contents *contents); // accepts a zeroed one

// The class that says what it is about: the most frequent of those written in Python, else the type
// with most bytes; UINT32_MAX: nothing is in it.
uint32_t contents_typical(const struct finder *f, const struct contents *contents);

// At most three classes with their counts; "" where nothing is in it.
const char *contents_text(struct finder *f, const struct contents *contents);

#endif
