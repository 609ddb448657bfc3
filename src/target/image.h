// SPDX-License-Identifier: GPL-3.0-or-later
// Which pages of a target's memory go into a saved heap, and writing them.
//
// Does not know: objects; it is told which addresses matter (image_cover). Of the rest of the
// writable memory all is kept that could be asked for later but one thing: stretches of a mebibyte
// and more of pages without any pointer, which are the elements of large arrays, pictures, text. Of
// memory that may not be written only the pages are kept that something kept points into, code only
// where that looks like a string. What is not kept reads as missing.
//
//      covered   ######..####
//      pointers        ##
//      neither                ~~~~~~~~~~~~~~~~~~~~~~~~~~~~   left out
//      zeros                                                0000000   kept, not written
//
// Owns: a byte per page, until image_fini. Borrows: the target. Cost: every writable page is read once or twice, then
// packed.
#ifndef OURO_TARGET_IMAGE_H
#define OURO_TARGET_IMAGE_H

#include "base/store.h"
#include "target/target.h"

#define IMAGE_RUN ((uint64_t)1 << 20) // nothing shorter is left out
#define IMAGE_MAP "memory.map"
#define IMAGE_BYTES "memory"

struct image {
    struct target *target;
    uint8_t **pages;         // a segment: its pages' states
    uint8_t *scratch;        // one block
    uint64_t granules[512];  // where memory that may not be written lies: a filter, hashed
    uint64_t kept, left_out; // bytes
};

bool image_init(struct image *image, struct target *target, struct err *err);
void image_fini(struct image *image);

// [from, to) holds something that is known.
void image_cover(struct image *image, addr from, addr to);

// Decides about all pages and writes the two sections.
bool image_write(struct image *image, struct store_out *out, const struct progress *progress,
                 struct err *err);

#endif
