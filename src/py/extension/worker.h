// SPDX-License-Identifier: GPL-3.0-or-later
// A jailed process that calls functions of the target on a private copy of its memory: the parent's
// side.
//
// Does not know: what the functions are for (traverse.h does), nor what goes on in the jail
// (jail/protocol.h).
//
// The process runs code that a core dump chose. All that comes back is hostile: it is copied once,
// then checked. It may die or hang at any instant; worker_run always comes back.
//
// Owns: descriptors of the target's files, the process, the shared memory. Borrows: nothing after
// worker_open. Cost: 3 to 7 ms to launch; a batch costs two wake-ups.
#ifndef OURO_PY_EXTENSION_WORKER_H
#define OURO_PY_EXTENSION_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"
#include "base/err.h"
#include "jail/protocol.h"
#include "py/extension/worker_maps.h"
#include "target/target.h"

#define WORKER_JOBS 16384         // a batch
#define WORKER_VISITS (16u << 20) // of a batch, hence of one object; memory only where used

struct worker_options {
    const char *program; // the path of ouro-traverse or ouro-emulate
    addr tls;            // the TLS base that the functions run with; 0: none
    uint32_t stall_ms;   // of CPU time without any progress, until the process is ended
    uint32_t visit_most; // of a batch; 0, or more than that: WORKER_VISITS
    bool emulated;
    const struct progress *progress; // asked every 20 ms whether to go on; may be null
};

struct worker {
    // What every launch needs.
    char *program;
    enum machine machine;
    addr tls, place;
    uint32_t stall_ms, visit_most;
    const struct progress *progress;
    struct worker_maps maps;
    struct jail_patch *patches; // for ouro-emulate
    size_t patch_count, patch_room;
    struct jail_word *words; // written into the copy at every launch; freed by worker_close
    size_t word_count;
    // The process that runs; pid 0: none does.
    pid_t pid;
    int pidfd; // -1: a kernel without
    struct jail_shared *shared;
    size_t size;
    uint32_t batch;
    uint32_t unmapped, unmapped_error; // of the last launch
    int ended_by; // the signal that ended the last one; SIGSYS: the filter. 0: none, or not known
    uint64_t run_most_ms; // of CPU time that a batch may take; set by the caller, 0: any
    // The last batch: what it took, in all and by job as far as looks every 20 ms tell, and whether
    // `progress` ended it.
    uint64_t run_ms;
    uint32_t *job_ms;
    bool cancelled;
    // Its answers, copied and checked.
    struct jail_end *ends;
    uint64_t *visits;
    size_t visit_room;
};

enum worker_outcome {
    WORKER_DONE,    // the first *done jobs are answered; the rest has to be asked again
    WORKER_DIED,    // likewise, and job *done is to blame
    WORKER_STALLED, // likewise
    WORKER_LIED,    // the answers make no sense: none is believed
    WORKER_MEMORY,  // ours has run out
};

// Lists what to map. Does not launch.
bool worker_open(struct worker *worker, struct target *target, const struct worker_options *options,
                 struct err *err);

// Starts the process and waits until it has locked itself up.
bool worker_launch(struct worker *worker, struct err *err);

// Runs count (1 .. WORKER_JOBS) jobs. Afterwards ends[0 .. *done) and visits are valid, and after
// anything but WORKER_DONE the process is gone: launch it again.
enum worker_outcome worker_run(struct worker *worker, const struct jail_job *jobs, uint32_t count,
                               uint32_t *done);

void worker_stop(struct worker *worker);  // the process
void worker_close(struct worker *worker); // everything; accepts a zeroed one

#endif
