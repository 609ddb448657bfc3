// SPDX-License-Identifier: GPL-3.0-or-later
// What a target has mapped, mapping by mapping, and which pages of it are in memory.
//
// Does not know: what the memory is for.
//
//      live process   /proc/PID/smaps and pagemap, as they are now: exact while it stands still. With
//                     tens of thousands of mappings pagemap and smaps_rollup: see residence_read_pages
//      core           pages that are there and not zero; of files, nothing is known
//      saved heap     nothing is known; what was, memory/saved_blocks.h keeps
//
// Owns: the rows, their paths and bits. Borrows: nothing after opening.
// Invariants: rows are sorted by start and do not overlap; `resident` is the number of bits set in
// `present`, in bytes, where there are bits.
// Cost: a line of text per mapping, 8 bytes read per page in memory, two bits kept. A core's
// pages are looked at until their first byte that is not zero.
#ifndef OURO_TARGET_RESIDENCE_H
#define OURO_TARGET_RESIDENCE_H

#include "target/maps.h"
#include "target/target.h"

#define MAPPING_PAGE ((uint64_t)4096) // of both machines that ouro knows

// Adds a row a mapping; of a source that knows only segments, one a segment.
bool target_mappings(const struct target *target, struct maps *maps, struct err *err);

struct resident {
    struct mapping mapping;
    bool known;                      // the numbers below are
    uint64_t resident, own, swapped; // bytes: in memory, of these nobody else's, on disk instead
    uint64_t *present, *exclusive;   // a bit per page; null: none is there, or too many to keep
};

struct residence {
    struct resident *rows;
    size_t count;
    bool known;    // any row is
    bool by_pages; // a core: pages that are not zero; else as the kernel counts
    bool has_swap;
};

bool residence_open(struct residence *residence, struct target *target, struct err *err);
// Takes the numbers of rows out of an open /proc/PID/smaps, and pages out of pagemap; -1: the numbers
// alone.
void residence_read_smaps(struct residence *residence, int pagemap, int smaps);
// The same without smaps, for tens of thousands of mappings, out of pagemap and the text of smaps_rollup,
// which it cuts into lines. False, and no row known: this kernel does not list pages, or what they sum up
// to differs from smaps_rollup by more than one in `precision` (0: at all).
bool residence_read_pages(struct residence *residence, int pagemap, char *rollup,
                          uint64_t precision);
void residence_close(struct residence *residence); // accepts a zeroed one

// The row that holds the address, or null. Cost: a binary search.
const struct resident *residence_of(const struct residence *residence, addr at);

// Bytes of [from, to), which lies in the row, that are in memory, and of these nobody else's.
void residence_count(const struct resident *row, addr from, addr to, uint64_t *resident,
                     uint64_t *own);

#endif
