// SPDX-License-Identifier: GPL-3.0-or-later
// What ouro and its jailed workers (ouro-traverse, ouro-emulate) say to one another, all through
// one shared memory.
//
// Does not know: Python. A job is a function to call with an object and a visitor.
//
//      0          struct jail_shared    the orders, written before the worker starts; counters
//      maps       struct jail_map[]     what to map where
//      patches    struct jail_patch[]   for ouro-emulate
//      words      struct jail_word[]    what to write into the copy
//      jobs       struct jail_job[]     parent -> worker: one batch
//      ends       struct jail_end[]     worker -> parent: where job i's visits end
//      visits     uint64_t[]            worker -> parent: what was visited, job after job
//
// Batch n: the parent writes jobs, count and then request = n; the worker answers, writes done and
// then finished = n. done < count says that the visits did not fit: the rest must be asked again.
// Batch 0 is the start: it is finished when the worker has locked itself up.
//
// The parent believes nothing of it: code that a core dump chose can write every byte here.
#ifndef OURO_JAIL_PROTOCOL_H
#define OURO_JAIL_PROTOCOL_H

#include <stdint.h>

#define JAIL_MAGIC UINT64_C(0x326c69616a6f7275)

// The worker moves itself to orders.place, which the parent chose out of the target's way:
//      place + 0          its program
//      place + STACK      its own stack
//      place + SIGNALS    the stack of its signal handlers
//      place + TARGET     the stack of the target's functions, which begin in the middle: code gone
//                         wild also writes above the stack pointer
//      place + KEPT       pages of the target's data as they were before a job wrote to them
//      place + SHARED     the shared memory
// Nothing else of it stays mapped. Distances are multiples of the largest page (64 KiB).
#define JAIL_PAGE UINT64_C(0x10000)
#define JAIL_STACK UINT64_C(0x400000)
#define JAIL_STACK_SIZE UINT64_C(0x20000)
#define JAIL_SIGNALS UINT64_C(0x800000)
#define JAIL_SIGNALS_SIZE UINT64_C(0x20000)
#define JAIL_TARGET UINT64_C(0xa00000)
#define JAIL_TARGET_SIZE UINT64_C(0x200000)
#define JAIL_TARGET_STACK (JAIL_TARGET + JAIL_TARGET_SIZE / 2)
#define JAIL_KEPT UINT64_C(0xc00000)
#define JAIL_KEPT_PAGES 8
#define JAIL_KEPT_SIZE (JAIL_KEPT_PAGES * JAIL_PAGE)
#define JAIL_SHARED UINT64_C(0x1000000)

#define JAIL_NOT_YET UINT32_MAX // jail_shared.finished before batch 0

enum jail_map_flags {
    JAIL_MAP_EXEC = 1, // text of a module's file: read and execute. Everything else: read only
    JAIL_MAP_COPY = 2, // not on a page boundary in its file: read into anonymous memory
};

struct jail_map {
    uint64_t start, size; // start and size are multiples of a page unless JAIL_MAP_COPY
    uint64_t offset;
    int32_t fd;
    uint32_t flags;
};

// A function of the C library that ouro-emulate is to do in plain instructions: the processor that
// crashed has vector instructions which the emulator lacks, and the library chose its variants for
// that processor.
enum jail_plain {
    JAIL_MEMCMP,
    JAIL_STRCMP,
    JAIL_STRNCMP,
    JAIL_STRLEN,
    JAIL_STRNLEN,
    JAIL_STRCHR,
    JAIL_STRRCHR,
    JAIL_MEMCHR,
    JAIL_MEMMOVE,
    JAIL_MEMSET,
    JAIL_PLAINS,
};

struct jail_patch {
    uint64_t at;
    uint32_t plain; // enum jail_plain
    uint32_t unused;
};

struct jail_word { // of the target's data, in the worker's private copy; where none is mapped, left
                   // out
    uint64_t at, value;
};

struct jail_job {
    uint64_t object, function;
};

enum jail_answer {
    JAIL_ANSWERED,
    JAIL_FAULT,   // a pointer led nowhere, or the code was none
    JAIL_RUNAWAY, // it ran on without visiting anything
    JAIL_FULL,    // it visited more than there is room for
};

struct jail_end {
    uint32_t end;     // counted from the start of the batch
    uint32_t answer;  // enum jail_answer; when it is not JAIL_ANSWERED, its visits are none
    int32_t returned; // by the function
};

enum jail_step { // what a worker was doing when it gave up
    JAIL_STEP_NONE,
    JAIL_STEP_ORDERS,
    JAIL_STEP_MOVE,
    JAIL_STEP_MAP,
    JAIL_STEP_LOCK,
    JAIL_STEP_ENGINE, // the emulator is not there, or does not start
    JAIL_STEPS,
};

struct jail_shared {
    // Orders. Offsets are from the start of this struct.
    uint64_t magic;
    uint64_t size;
    uint64_t place;
    uint64_t tls; // the TLS base of a thread of the target; 0: none
    uint64_t maps, map_count;
    uint64_t patches, patch_count;
    uint64_t words, word_count;
    uint64_t jobs, ends, job_most;
    uint64_t visits, visit_most;
    int32_t parent;      // its process id
    int32_t program;     // a descriptor of the worker's own program
    int32_t fd_most;     // no inherited descriptor is above this one
    uint32_t machine;    // enum machine of the target, for ouro-emulate
    uint32_t page;       // the kernel's, in bytes
    uint32_t tick_us;    // CPU time between looks at what runs
    uint32_t ticks_most; // looks without a visit in between until a job is a runaway
    // Start-up, for the parent's error message.
    uint32_t step, error; // enum jail_step, errno
    uint32_t unmapped;    // maps that could not be had
    uint32_t unmapped_error;
    // Batches. Each word has one writer.
    uint32_t request;  // parent
    uint32_t count;    // parent
    uint32_t finished; // worker
    uint32_t done;     // worker
    uint32_t current;  // worker: the job under way
    uint32_t beat;     // worker: changes while a long job gets processor time
};

#endif
