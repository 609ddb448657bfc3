// SPDX-License-Identifier: GPL-3.0-or-later
// Finding all objects: the lists, then everything that they refer to. Private to src/heap.
// Owns: what struct scan holds, until scan_fini(). Borrows: the heap.
#ifndef OURO_HEAP_BUILD_SCAN_H
#define OURO_HEAP_BUILD_SCAN_H

#include "heap/build/alloc.h"
#include "heap/build/jail_queue.h"
#include "heap/heap.h"
#include "heap/build/lists.h"
#include "heap/build/tally.h"

enum scan_from { // where references come from: whether they are to be believed
    FROM_DECODER,
    FROM_WORDS, // a word scan finds numbers, too
    FROM_HELD,  // the jail will tell those that are visited
};

enum scan_stage { SCAN_NEW, SCAN_LISTED, SCAN_FOUND };

struct scan {
    struct heap *heap;
    enum scan_stage stage;
    const struct heap_options *options;
    struct lists lists;
    struct tallies tallies; // when options->tally wants them
    addr *stack;            // found, and not looked at yet
    size_t depth, capacity;
    struct alloc alloc;
    struct jail_queue ask; // the jail's answers
    addr *allocated;       // objects that only the allocator knew, and what they led to
    size_t allocated_count, allocated_capacity;
    uint64_t here; // how far the sweep has come (address_map_position); ADDRESS_MAP_END: it is over
    enum scan_from from; // the object under way
    size_t waiting;      // references of decoded objects before it that were not taken yet
    bool from_allocator; // last round
    bool only_visited;   // first round: what only holds is noted for the second
    bool failed;         // out of memory or cancelled
    uint64_t found;
    uint64_t words_left; // that decoders may look at (refs.h)
};

// The collector's lists; then all objects. Both do nothing when they have been there.
bool scan_list(struct scan *scan, const struct heap_options *options, struct err *err);
bool scan_find(struct scan *scan, const struct heap_options *options, struct err *err);
void scan_fini(struct scan *scan);

#endif
