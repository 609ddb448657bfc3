// SPDX-License-Identifier: GPL-3.0-or-later
// The word that was probably meant by one that was mistyped.
//
// Does not know: what the words are. Owns nothing; the best word is the caller's. Cost: the product
// of two words' lengths, both at most NEAR_MOST bytes.
#ifndef OURO_BASE_NEAR_H
#define OURO_BASE_NEAR_H

#include <stddef.h>

#define NEAR_MOST 40 // bytes of a word; a longer one is near to nothing

struct near {
    const char *typed;
    size_t size;      // bytes of it
    const char *best; // null: no word was near enough
    size_t distance;  // of the best one
};

// How many insertions, deletions, replacements and swaps of neighbors turn one word into the other;
// NEAR_MOST + 1 where a word is too long.
size_t near_distance(const char *a, size_t a_size, const char *b, size_t b_size);

struct near near_begin(const char *typed, size_t size);
// Looks at one word that exists (null: none). It is near at a distance of at most two, and of less
// than half of what was typed; of two that are equally near the first is kept.
void near_look(struct near *near, const char *word);

#endif
