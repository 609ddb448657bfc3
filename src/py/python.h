// SPDX-License-Identifier: GPL-3.0-or-later
// One CPython inside a target: its version, its layout, its interpreters, and the addresses that
// everything starts from.
//
// Does not know: which objects there are (heap/), who asks.
//
// Owns: interpreters, the type table. Borrows: the target (must outlive it).
// Invariants: after python_open the layout has passed the checks against memory of python_check
// (type(type) is type, list heads close, garbage is a list), so that the decoders may believe
// offsets, though never pointers.
#ifndef OURO_PY_PYTHON_H
#define OURO_PY_PYTHON_H

#include "base/disclosure.h"
#include "base/err.h"
#include "layout/layout.h"
#include "py/runtime/rules.h"
#include "target/target.h"

#define PYTHON_INTERPRETERS_MAX 256
#define PYTHON_THREADS_MAX 65536

#define PYTHONS_MOST 64 // libpythons with state of their own in one process

enum generation { // as a collector numbers them; PERMANENT is where gc.freeze() puts objects
    GEN_0,
    GEN_1,
    GEN_2,
    GEN_PERMANENT,
    GEN_NONE, // untracked
};
#define GEN_COUNT 4 // generations with a list

struct pythread {
    addr at; // its PyThreadState
    uint64_t
        tid; // native thread id (gettid); 0: not known (before 3.11, unless matched by TLS base)
    uint64_t ident; // thread_id: pthread_self() of that thread
    bool holds_gil;
};

struct interpreter {
    addr at;
    int64_t id;
    addr gc; // its _gc_runtime_state; before 3.9 the process's one; 0: 2.7-3.6 (statics)
    addr heads[GEN_COUNT]; // addresses of the list heads (PyGC_Head); 0: none (free-threaded, or no
                           // permanent one)
    addr modules, sysdict, builtins;
    struct pythread *threads;
    size_t thread_count;
};

struct gc_state { // of one interpreter, as gc.get_*() would say
    bool known;   // false: no DWARF for the statics of 2.7-3.6
    bool enabled, collecting;
    bool marks_next; // incremental: collect(1) would only mark what is reachable, and return 0
    bool spaces;     // incremental: what follows is known (not out of a saved heap)
    uint32_t visited_space; // which of the two old spaces survivors go to
    int64_t work_to_do;     // objects that the increment under way still has to look at
    uint32_t debug;
    uint32_t threshold[3], count[3];
    uint64_t collections[3], collected[3], uncollectable[3];
    addr garbage, callbacks; // list objects; 0: none
    uint64_t long_lived_total, long_lived_pending;
};

struct types;   // the type table, py/objects/type.h
struct structs; // names out of debug information, py/extension/structs.h

// Where the process was in the interpreter's life.
enum python_phase { PHASE_RUNS, PHASE_UNFINISHED, PHASE_FINALIZES, PHASE_STARTS };

struct python {
    struct target *target;
    struct layout layout;
    struct rules rules;
    int module;                // the target's module that holds the interpreter
    int modules[PYTHONS_MOST]; // of all Pythons in the process, `pythons` of them; this is number
    size_t pythons, number;    // counted from 1
    bool is_newer;             // than any version that ouro knows
    uint32_t version;          // PY_VERSION_HEX
    char version_text[32];     // "3.11.2", "3.13.0rc1"
    addr runtime;              // _PyRuntime; 0 before 3.7
    addr type_type, object_type, none, set_dummy;
    addr lookdict; // up to 3.10: dk_lookup of dicts that may hold keys other than str; 0: not
                   // learned
    addr subtype_traverse;            // learned by vote over heap types; 0: no Python class seen
    struct interpreter *interpreters; // the main one first
    size_t interpreter_count;
    uint8_t phase;  // enum python_phase
    uint8_t guards; // free-threaded: bytes that the debug hooks put before each block
    struct types *types;
    struct structs *structs;    // null: nobody is asked
    enum disclosure disclosure; // ask python_has_values()
    struct gc_state *gc_states; // without values: what python_gc_state() tells, one an interpreter
    char warnings[1024]; // sentences about what was odd on opening, one a line; "" when nothing
};

// Whether values and names of the target can be read: not where only its shape is disclosed
// (heap/saved/redaction.h), which leaves no memory.
static inline bool python_has_values(const struct python *py)
{
    return discloses_values(py->disclosure);
}

struct python_options {
    const char *layout_file;   // --layout
    const char *layouts;       // folder of the shipped tables
    const char *locate_script; // gdb/ouro/locate.py
    bool no_gdb, no_cache;
    // Fetches debug information that is not here, by its build-id; null: nothing is fetched.
    bool (*fetch)(void *context, const char *build_id, struct err *err);
    void *fetch_context;
    size_t number; // which of several Pythons, from 1; 0: the first that runs
    const struct progress *progress;
};

// Finds CPython in the target, chooses and checks a layout, reads interpreters and threads.
// Fails with one sentence: not a Python program, a version that ouro does not know, no layout that
// fits.
bool python_open(struct python *py, struct target *target, const struct python_options *options,
                 struct err *err);
void python_close(struct python *py);

// The collector's state of an interpreter. Cost: a few reads.
void python_gc_state(const struct python *py, size_t interpreter, struct gc_state *state);

// Where a static variable of the interpreter lies, by its link-time address (SYMBOL rows of the layout);
// 0: not known.
static inline addr python_static(const struct python *py, uint64_t link_time)
{
    return link_time ? link_time + py->target->modules[py->module].bias : 0;
}

// The word of a member; 0 where there is no object, no such member in this version, or no memory.
static inline addr python_word(const struct python *py, addr at, int32_t offset)
{
    return offset >= 0 && at ? target_u64(py->target, at + (uint64_t)offset, NULL) : 0;
}

#endif
