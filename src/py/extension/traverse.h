// SPDX-License-Identifier: GPL-3.0-or-later
// The references of any object, as its type's own tp_traverse visits them: run in a jail on a
// private copy of the memory.
//
// Does not know: what the references are called; which objects there are.
//
// The answers are exact where the jail gives one: same references, same order as
// gc.get_referents(). Nothing runs in the target. A function that kills or hangs its process three
// times (and again within each thousand answers) is not asked any more, nor is one that only ever
// faulted; a fault of one object (damaged memory) is that object's alone. The jail's time in all is
// limited: a slow function that has had an eighth of it is not asked any more, so that the others
// get their answers. So is what all of them visit: no more than twice the words that there are.
//
// A type with a tp_is_gc (type, greenlet) has instances that are not the collector's: gc asks it
// before tp_traverse, and so must callers that want the answer of gc.get_referents().
//
// Owns: the jailed process, descriptors of the target's files. Borrows: the target and the python,
// which must outlive it. Cost: 3 to 7 ms to open; 0.02 to 0.3 us an object natively, about 2 us
// emulated.
#ifndef OURO_PY_EXTENSION_TRAVERSE_H
#define OURO_PY_EXTENSION_TRAVERSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/map.h"
#include "py/extension/worker.h"

struct python;

enum traverse_mode {
    TRAVERSE_NATIVE,  // by this machine, where the target's instruction set is ours; otherwise as
                      // TRAVERSE_EMULATE
    TRAVERSE_EMULATE, // by Unicorn
    TRAVERSE_OFF,     // opening fails
};

struct traverse_options {
    enum traverse_mode mode;
    const char *native;   // the path of ouro-traverse
    const char *emulator; // the path of ouro-emulate; null: there is none
    uint32_t stall_ms; // of CPU time without progress, until the jailed process is ended; 0: 3000
    uint32_t strikes_most; // of all functions together, until nothing is asked any more; 0: 200
    uint64_t limit_ms; // of CPU time in all; 0: 5 s and one more for each 64 MiB, times 8 emulated
    const struct progress *progress; // may be null
};

struct traverse_item {
    addr object, function; // function: the type's tp_traverse, or its tp_is_gc
};

struct traverse_function {
    addr at;
    uint64_t answered, faults;
    uint64_t used_ms; // of CPU time, as far as it is known
    uint32_t strikes; // it killed its process, or would not end
    bool bad;         // is not asked any more
};

struct traverse {
    struct worker worker;
    bool emulated;
    bool spent; // too many strikes, or a process that does not start: nothing is asked any more
    uint32_t strikes, strikes_most;
    uint64_t limit_ms, left_ms; // of CPU time
    uint64_t visits_left;       // of all that are asked
    uint32_t given_up;          // functions that ended badly, were too slow, or visited too much
    uint64_t late;              // items that were not asked since time was up
    struct traverse_function *functions;
    size_t function_count, function_room;
    struct map index;  // of functions, by address
    uint32_t *of_item; // the function of each item of a batch
    struct jail_job *jobs;
    uint64_t asked, answered, failed;
    int32_t returned; // by the function, for the item that is being told: what tp_is_gc says
    uint32_t restarts;
};

// Fails with one sentence: TRAVERSE_OFF, a target that cannot be mapped, a program that is not
// there or cannot lock itself up.
bool traverse_open(struct traverse *traverse, const struct python *py,
                   const struct traverse_options *options, struct err *err);

// Answers every item once, in order. not ok: the object's references are not known this way. The
// referents are addresses out of hostile memory: any number, and only until the callback returns.
// False: out of memory, or cancelled by `answer`.
typedef bool traverse_answer(void *context, size_t i, bool ok, const addr *referents, size_t count);
bool traverse_batch(struct traverse *traverse, const struct traverse_item *items, size_t count,
                    traverse_answer *answer, void *context, struct err *err);

void traverse_close(struct traverse *traverse); // accepts a zeroed one

#endif
