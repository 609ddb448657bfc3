// SPDX-License-Identifier: GPL-3.0-or-later
// musl's malloc (mallocng, 1.2.1 on), seen from outside: its groups of slots, in use or free.
//
//      context      a variable of libc: a secret, then lists; `meta_area_head` leads to
//      meta areas   pages that begin with the same secret, each full of
//      metas        a group's slots: which are free, of what size; leads to
//      group        a header that leads back to its meta, then the slots
//
// No symbol is asked for: a variable is the context when the page that it leads to has its secret,
// and what lies there has groups that lead back. A slot has one block, which begins at any of its
// first multiples of 16 bytes.
//
// Does not know: Python; musl's old malloc.
// Owns: the slots. Borrows: the target, which must outlive it.
// Cost: a look at the variables of libc or the program, a few reads per group, 16 bytes kept per slot.
#ifndef OURO_MEMORY_MALLOCNG_H
#define OURO_MEMORY_MALLOCNG_H

#include "base/addr.h"
#include "base/err.h"
#include "memory/malloc_piece.h"
#include "target/residence.h"

enum mallocng_state { MALLOCNG_USED, MALLOCNG_FREE, MALLOCNG_OWN, MALLOCNG_STATES };

struct mallocng {
    struct target *target;
    addr context;               // 0: none found
    struct malloc_pieces slots; // groups inside slots of others are told, not those
    size_t groups, odd;
};

// Not finding any is no failure.
bool mallocng_open(struct mallocng *mallocng, struct target *target,
                   const struct residence *residence, struct err *err);
void mallocng_close(struct mallocng *mallocng); // accepts a zeroed one

#endif
