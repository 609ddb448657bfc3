// SPDX-License-Identifier: GPL-3.0-or-later
// What a source of memory is, and what segments.c offers to the sources. Not for the floors above.
//
// Does not know: what a core or a process is.
//
// A source (core.c, pid.c, snapshot.c, callback.c, saved_memory.c) appends its segments, settles them, finds the
// modules (module.h), and leaves an ops row. Only a source whose bytes come late has a fetch.
//
// Owns: nothing. Cost: fetch is called once per block, never per object.
#ifndef OURO_TARGET_OPS_H
#define OURO_TARGET_OPS_H

#include "target/maps.h"
#include "target/target.h"

// One piece of fetched memory. 64 pages of 4 KiB, so that the readable ones of a broken block fit a
// word.
#define BLOCK_SIZE ((uint64_t)256 << 10)
#define BLOCK_PAGE ((uint64_t)4096)

struct target_ops {
    const char *name; // "core", "process", "copy", "gdb"
    // Brings [from, from+size) and returns how many bytes from the start on it got. Null: nothing
    // has to be brought. May set target->pending.
    size_t (*fetch)(struct target *target, addr from, void *to, size_t size);
    // Brings all there is, into target->fd. Null: it is all there.
    bool (*settle)(struct target *target, struct err *err);
    // Whether what was being read is still there; null: always.
    bool (*check)(const struct target *target, struct err *err);
    // Answer for modules whose files are not there; null: nobody does. Symbols of the module that
    // holds the interpreter, and the name of an address in C.
    addr (*symbol)(const struct target *target, const char *name);
    const char *(*symbolize)(const struct target *target, addr at);
    // Adds what was mapped, mapping by mapping, also what has no bytes here. Null: the segments are
    // all that is known. See residence.h.
    bool (*mappings)(const struct target *target, struct maps *maps, struct err *err);
    // Frees target->state. Called once, after the segments are gone.
    void (*close)(struct target *target);
};

struct broken_block {
    addr start;        // of the block
    uint64_t readable; // one bit per page
};

// Segments in the making: any order, any overlap, until segments_settle.
struct segments {
    struct segment *rows;
    size_t count, room;
    struct expanse *expanses;
    size_t expanse_count;
};

// What reaches into the last MiB of all addresses is cut: sums of an address and a page wrap nowhere.
bool segments_add(struct segments *list, struct segment row, struct err *err);

// Sorts; where two overlap, the one that starts first keeps the common part. Empty ones go.
void segments_settle(struct segments *list);

// Adds to the settled `base` what the settled `under` has and base has not. Linear. Empties under.
bool segments_underlay(struct segments *base, struct segments *under, struct err *err);

void segments_fini(struct segments *list);

// Reserves our addresses for [start, end) and adds a segment whose blocks come through ops->fetch.
bool segments_add_lazy(struct segments *list, struct segment row, struct err *err);

// Adds all of `rows`, which are settled: those that are not MISSING come through ops->fetch, and
// neighbours share an expanse.
bool segments_add_lazily(struct segments *list, const struct segments *rows, struct err *err);

// The expanse that a segment shares, or null.
const struct expanse *expanse_of(const struct target *target, const struct segment *segment);

// Reads [from, from+size), which lies in a segment that comes block by block, and keeps nothing of
// it: for who looks at everything once. How many bytes from the start on it got.
size_t target_peek(struct target *target, const struct segment *s, addr from, void *to,
                   size_t size);

// Reads target->run, from where the auxiliary vector says it lies; segments must be there. Null:
// nothing.
void target_note_run(struct target *target, const uint8_t *auxv, size_t size);

// Hands the settled rows to the target, and empties the list.
void target_take_segments(struct target *target, struct segments *list);

#endif
