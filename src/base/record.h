// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and texts one after another as bytes, and back.
//
// Does not know: what they mean; reader and writer agree on the order. A number takes as many bytes
// as it needs (seven bits in each, the lowest first); a text is its length and its bytes, and a
// null one is told from an empty one.
//
// Owns: nothing. Hostile bytes: whatever does not fit sets `bad` and reads as 0 or null from then
// on, so that one question at the end is enough; nothing is read beyond the end.
#ifndef OURO_BASE_RECORD_H
#define OURO_BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

void record_put(struct text *to, uint64_t number);
void record_put_signed(struct text *to, int64_t number);
void record_put_text(struct text *to, const char *text);

struct record {
    const uint8_t *at, *end;
    bool bad;
};

uint64_t record_number(struct record *from);
uint64_t record_below(struct record *from, uint64_t limit); // bad where it is not below the limit
int64_t record_signed(struct record *from);
// How many rows follow, each of at least `least` bytes: never more than there is room for.
size_t record_count(struct record *from, size_t least);
// A copy in the arena. Null: it was null, or is bad, or memory ran out (then it is bad as well).
const char *record_text(struct record *from, struct arena *arena);
// The same for a text that was escaped when it was written, and is shown as it is: bad where it has
// anything that escaping would have taken away.
const char *record_escaped(struct record *from, struct arena *arena);

#endif
