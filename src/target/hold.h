// SPDX-License-Identifier: GPL-3.0-or-later
// A process whose threads all stand still, until it is let go.
//
// Does not know: memory. Stops and lets go, and notes where each thread was.
//
//      hold_open ---> [ our tracer thread ] --- PTRACE_SEIZE, PTRACE_INTERRUPT ---> every thread
//      hold_close --> [ detaches, ends    ]
//
// The kernel ties tracing to the tracing *thread*: when ours ends, for whatever reason, every
// thread still traced is let go by the kernel itself. So a process is never left stopped, not when
// ouro is killed, and not when one of its threads sits in a system call that cannot be interrupted.
//
// A process that was stopped before (SIGSTOP) stays stopped afterwards; signals that arrive in
// between are passed on. System calls that were waiting start again, as after SIGCONT.
//
// Owns: the tracer thread. Cost: some 20 microseconds per thread.
#ifndef OURO_TARGET_HOLD_H
#define OURO_TARGET_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "target/target.h"

struct held_thread {
    pid_t tid;
    bool stopped; // false: it sits in the kernel (state D) and runs no code of its own
    bool gone;
    int signal; // was on its way when we came; delivered when we leave
    uint64_t registers[THREAD_REGISTERS];
    size_t register_size; // in bytes; 0: not known
    uint64_t tls;
};

struct hold;

struct hold *hold_open(pid_t pid, struct err *err); // null: err says why

// Lets go and returns how many microseconds the process stood still. Accepts null.
uint64_t hold_close(struct hold *hold);

const struct held_thread *hold_threads(const struct hold *hold, size_t *count);

// The threads in target.h's form, in a new array. Null: out of memory.
struct thread *hold_list(const struct hold *hold, size_t *count);

// A thread that still has the process's memory (the main thread may have ended).
pid_t hold_reader(const struct hold *hold);

#endif
