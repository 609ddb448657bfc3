// SPDX-License-Identifier: GPL-3.0-or-later
// The thread as which the jail calls the target's functions: its TLS base, and what the interpreter
// takes for the running thread's state.
//
// From 3.12 on that is a thread-local variable, which is null in every thread when nobody holds the
// GIL, as in a process that sleeps; then the jail's private copy gets one. In a stripped
// build no symbol tells where the variable lies, but the interpreter's own function that returns it
// does: every word around the TLS base is numbered, and the function is called.
//
// Owns, borrows: nothing. Cost: nothing where a thread holds the GIL; else another launch.
#ifndef OURO_PY_RUNTIME_CURRENT_H
#define OURO_PY_RUNTIME_CURRENT_H

#include "py/python.h"
#include "py/extension/worker.h"

struct current {
    addr tls;   // 0: no thread's is known
    addr state; // a PyThreadState
    bool runs;  // it holds the GIL: the variable is as it should be
};

struct current current_choose(const struct python *py);

// Where no thread runs: has the worker write one's state into its copy at every launch. When that
// does not work out, nothing is written. The worker is open, and not launched.
void current_give(struct worker *worker, const struct python *py, const struct current *current);

#endif
