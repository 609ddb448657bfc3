// SPDX-License-Identifier: GPL-3.0-or-later
// One opened target with all that has been computed from it: the heap, the dry run, and what the
// user selected last.
//
// Does not know: who asks. Everything beyond the heap is computed on first need, and kept.
// A saved heap (heap/saved/saved_heap.h) is a target like any other; what it has is read instead of computed.
// Owns: target, python, heap, collection, roots, dominators, tracemalloc's tables, the groups last
// asked for, what is remembered of other heaps.
#ifndef OURO_CMD_SESSION_SESSION_H
#define OURO_CMD_SESSION_SESSION_H

#include "base/err.h"
#include "base/progress.h"
#include "base/store.h"
#include "cmd/command.h"
#include "heap/analysis/collect.h"
#include "heap/analysis/dominate.h"
#include "heap/analysis/group.h"
#include "heap/names/allocated.h"
#include "heap/heap.h"
#include "heap/memory/block_owners.h"
#include "heap/memory/native_retained.h"
#include "heap/analysis/baseline.h"
#include "heap/analysis/forest.h"
#include "heap/analysis/roots.h"
#include "heap/build/tally.h"
#include "py/python.h"
#include "py/trace/tracemalloc.h"
#include "py/extension/traverse.h"
#include "target/target.h"

struct session_options {
    const char *core; // one of core (or a saved heap), pid, callback
    pid_t pid;
    bool hold;   // a live process stays stopped
    bool glance; // ... and that for a moment: long lists are not counted
    bool still;  // it stands still already, and nobody has to stop it
    const struct target_callback *callback;
    const char *exe, *sysroot, *layout;
    const char *data; // folder that holds layouts/ and ouro/locate.py
    const char
        *programs; // folder that holds ouro-traverse; null: types without a decoder are guessed at
    enum traverse_mode traverse;
    uint64_t traverse_limit; // seconds of CPU time in the jail; 0: by the size of the memory
    bool no_gdb, no_cache;
    // Fetches debug information by its build-id to where debug_file() finds it; null: nothing is.
    bool (*fetch)(void *context, const char *build_id, struct err *err);
    void *fetch_context;
    bool untrusted;   // neither, and no file by a name of the target's outside of sysroot
    size_t python;    // which of several Pythons in the process, from 1; 0: the first that runs
    bool bare;        // for a command that needs no more than the target: Python is not looked for
    unsigned threads; // that share work on arrays; 0: as many as may run at once
    struct progress progress;
    void (*warn)(void *context, const char *sentence); // may be null
    void *warn_context;
};

struct kept_past { // an earlier heap that this one was compared with; see compare.h
    struct kept_past *next;
    char *file; // null: the stop before
    uint64_t inode;
    int64_t changed;
    struct baseline past;
    struct forest places; // names only
    enum disclosure disclosure;
    bool has_places;
    int64_t taken;        // compare_taken()
    bool has_memory;      // a core's:
    uint64_t memory_here; // bytes that are in memory
};

struct session {
    struct session_options options;
    struct store store; // a saved heap's file
    struct target target;
    struct python py;
    struct heap heap;
    struct tallies tallies;    // of a saved heap that has not been read yet
    struct traverse jail;      // while the heap is being built
    struct collection garbage; // of a full collection
    struct heap_roots roots;
    struct dominate dominate;
    struct tracemalloc tracemalloc; // session_traces()
    struct csr dominated;           // the dominator tree downwards; offset null: not yet
    struct groups groups;           // by GROUP_NONE: none yet
    struct baseline now;            // this heap, to be compared
    struct forest places;           // where its objects hang
    struct kept_past *pasts;
    bool has_now, has_places, told_incomplete;
    struct memory memory;          // session_memory()
    struct block_owners blocks;    // session_blocks()
    struct native_retained native; // session_native()
    bool has_memory, has_blocks, has_native;
    bool has_store, has_target, has_python, has_heap, has_reverse, has_garbage, has_roots,
        has_dominators, has_tracemalloc, has_jail, has_tallies;
    unsigned threads;
    bool is_partial; // a part of the target is missing, as far as the heap was read
    node selected;   // `$`; NODE_NONE at first
};

// Opens the target and finds Python in it: fast. The heap is built when a command needs it.
bool session_open(struct session *session, const struct session_options *options, struct err *err);
void session_close(struct session *session);
bool session_need(struct session *session, enum command_needs needs, struct err *err);

// What accounts for one object's refcount: NEEDS_ROOTS and NEEDS_GARBAGE, but a saved heap's referrers are
// not listed for it (heap_roots_explained).
bool session_need_account(struct session *session, struct err *err);

// Objects by type, counted before there is a heap. Needs NEEDS_FOUND; null: ask the heap.
const struct tallies *session_tallies(const struct session *session);

// What each object immediately dominates, and after the last one the tops. Needs NEEDS_DOMINATORS.
const struct csr *session_dominated(struct session *session, struct err *err);

// What is known of tracemalloc without reading its tables: a few reads at first, then nothing.
const struct tracemalloc *session_tracemalloc(struct session *session);
// Its tables, in session->tracemalloc. Fails with one sentence when it was not on in the target.
bool session_traces(struct session *session, struct err *err);

// All of the process's memory, in rows that add up. Needs NEEDS_HEAP.
bool session_memory(struct session *session, struct err *err);
// Whether the process's memory is known as a whole: not of heaps that were saved without it.
bool session_knows_memory(const struct session *session);
// Whose the blocks of C memory are. Needs NEEDS_HEAP.
bool session_blocks(struct session *session, struct err *err);
// What C memory goes with each object. Needs NEEDS_DOMINATORS.
bool session_native(struct session *session, struct err *err);

// The objects in groups, kept until others are asked for. "type" has none: null without an error.
const struct groups *session_groups(struct session *session, const char *by, struct err *err);

// The build-id of the file that has the interpreter, in hex; null: it has none, or is not known.
#define SESSION_BUILD_ID (2 * sizeof((struct module *)NULL)->build_id + 1)
const char *session_build_id(const struct session *session, char text[SESSION_BUILD_ID]);

// Whether values and names of the target can be read (cmd/session/disclosed.h).
bool session_has_values(const struct session *session);
// The same, and one sentence where they cannot. what: "threads", "find ~ TEXT".
bool session_need_values(const struct session *session, const char *what, struct err *err);
enum disclosure session_disclosure(const struct session *session);
// The cell that says it, and the entry in the summary of every answer without values.
struct cell session_disclosure_cell(const struct session *session);
void session_disclosure_summary(const struct session *session, struct report *report);

// Opens the jail (py/extension/traverse.h) for a question; the caller closes it. Fails with one
// sentence where there is none.
bool session_jail(struct session *session, struct traverse *jail, struct err *err);

// The command that the words name, or `sql` where the first is a saved query's name, and its words
// read. Null: there is none, or they are off. Reads no target.
const struct command *session_command(const struct session_options *options, size_t argc,
                                      const char *const *argv, struct args *args, struct err *err);

// Runs one command line ("types -n 5") or argument vector into a report. ERR_USAGE for words that
// are off.
bool session_run(struct session *session, size_t argc, const char *const *argv,
                 struct report *report, struct err *err);
bool session_run_line(struct session *session, const char *line, struct report *report,
                      struct err *err);

// OBJECT in an argument: 0x..., #N, $, a dotted name ("sys.modules", "app.CACHE",
// "app.models.User"), a root's name as `path` has it ("thread 7 f() app.py:12 local x",
// "local x in f() app.py:12", "thread 7 local x").
bool session_object(struct session *session, const char *word, node *out, struct err *err);
// A type by its name: exact "module.Qualname", else a unique last part. False with a sentence that
// lists near ones.
bool session_type(struct session *session, const char *word, uint32_t *out, struct err *err);
// The index of an interpreter by its id.
bool session_interpreter(struct session *session, uint64_t id, size_t *out, struct err *err);
// Completions of a word (object names, types, commands, options), each handed to add() once.
// Files are the asker's own to complete: session_completes_files() says where.
bool session_completes_files(const char *line, size_t cursor);
void session_complete(struct session *session, const char *line, size_t cursor,
                      void (*add)(void *context, const char *word), void *context);

#endif
