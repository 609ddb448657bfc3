// SPDX-License-Identifier: GPL-3.0-or-later
// What the sources that look at a process of this machine keep, and share.
//
// Owns: everything in struct live.
#ifndef OURO_TARGET_LIVE_H
#define OURO_TARGET_LIVE_H

#include "target/hold.h"
#include "target/ops.h"
#include "target/pages.h"

struct live {
    pid_t reader; // a thread id to read memory through
    struct pages pages;
    struct hold *hold; // null: not held by us
    struct maps maps;
    uint8_t *auxv;
    size_t auxv_size;
    struct held_thread *threads; // a copy, for dump.c; outlives the hold
    size_t thread_count;
    int memfd;       // the copy, or -1
    struct cluster { // where the copy lies
        addr start, end;
        uint64_t offset; // in the memfd
        uint8_t *host;
    } * clusters;
    size_t cluster_count;
    struct segments late; // of what is LATE, the pages that were copied; null host: unreadable
};

struct live *live_new(struct target *target, const char *kind, const struct target_ops *ops,
                      pid_t pid, struct err *err);

// Takes over what the hold knows of the threads.
bool live_note_threads(struct target *target, struct live *live, struct err *err);

// Which mappings are read only where something points into them: shared memory and data files. A
// file of which some mapping may be executed is a program's.
bool *live_late(const struct maps *maps, struct err *err); // one a mapping; null: out of memory

// A target_ops.fetch: reads the process through its pages, and notes in target->pending when it
// has gone.
size_t live_fetch(struct target *target, addr from, void *to, size_t size);

// Fails when the memory that was being read is gone.
bool live_check(const struct target *target, struct err *err); // a target_ops.check

bool live_mappings(const struct target *target, struct maps *maps, struct err *err); // ... mappings
bool live_settle(struct target *target, struct err *err); // a target_ops.settle; see settle.c
void live_close(struct target *target);                   // a target_ops.close

#endif
