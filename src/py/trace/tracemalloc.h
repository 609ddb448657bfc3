// SPDX-License-Identifier: GPL-3.0-or-later
// What tracemalloc knew in the target: where every block of memory was allocated.
//
// Does not know: objects. A trace belongs to the address that the allocator gave out; an object
// with a collector's header begins type.presize bytes later.
//
//      traces, sorted by address      tracebacks (each once)     frames          files (each once)
//      at | size | traceback, domain  first, count, depth  --->  file | line --> text, escaped
//
// Three steps: tracemalloc_find() says where its variables are and whether it was on (a few reads;
// a search through the interpreter's data where nothing tells their places), tracemalloc_read()
// brings the tables, tracemalloc_free() lets them go.
//
// The variables are static ones of a C file up to 3.11, found by debug information or the symbol
// table; a stripped build has neither, and there the table of traces is recognised by its content:
// by_shape. From 3.12 on they are members of _PyRuntime.
//
// Owns: all arrays. Borrows: python.
// Cost: tracemalloc_read: a walk along the tables and a sort; 24 bytes per trace.
#ifndef OURO_PY_TRACE_TRACEMALLOC_H
#define OURO_PY_TRACE_TRACEMALLOC_H

#include "base/map.h"
#include "base/progress.h"
#include "base/text.h"
#include "py/python.h"

enum tracemalloc_state {
    TRACEMALLOC_NONE,    // 2.7: there is no such thing
    TRACEMALLOC_UNKNOWN, // its variables could not be found
    TRACEMALLOC_OFF,
    TRACEMALLOC_LOST, // on, but its tables could not be found
    TRACEMALLOC_ON,
};

struct trace {
    addr at;
    uint64_t size;
    uint32_t traceback; // index
    uint32_t domain;    // 0: Python's own allocators; others: extensions (PyTraceMalloc_Track)
};

struct traceback {
    uint32_t first, count; // frames[first] is the most recent call
    uint32_t depth;        // frames that the stack had; count up to 3.8
};

struct trace_frame {
    uint32_t file; // index
    uint32_t line;
};

struct tracemalloc {
    enum tracemalloc_state state;
    bool by_shape;         // the tables were recognised, not looked up
    uint32_t limit;        // frames kept a traceback; 0: not known
    bool totals;           // traced and peak are known
    uint64_t traced, peak; // bytes, as get_traced_memory() says

    // After tracemalloc_read:
    struct trace *traces;
    size_t count;
    struct traceback *tracebacks;
    size_t traceback_count;
    struct trace_frame *frames;
    size_t frame_count;
    uint32_t *names; // file -> offset in texts
    size_t file_count;
    struct text texts;
    uint64_t bytes;   // sum of the traces' sizes
    uint64_t broken;  // entries that could not be read, or made no sense: left out
    uint64_t tables;  // bytes that get_tracemalloc_memory() would tell: the hash tables
    uint64_t records; // and what it leaves out: records of traces (3.9 on) and tracebacks

    struct tracemalloc_places { // addresses of the variables; 0: not known
        addr config, traces, tracebacks, filenames, domains, traced, peak;
    } places;
};

// Never fails: what is not found is said by state.
void tracemalloc_find(struct tracemalloc *tm, const struct python *py);

// Reads the tables; nothing to do unless state is ON.
bool tracemalloc_read(struct tracemalloc *tm, const struct python *py,
                      const struct progress *progress, struct err *err);
void tracemalloc_free(struct tracemalloc *tm);

// Why there is nothing to read: a sentence without a full stop; null when state is ON.
const char *tracemalloc_why(const struct tracemalloc *tm);

// The trace of the block of Python's allocators that begins there, or null. Cost: O(log count).
const struct trace *tracemalloc_at(const struct tracemalloc *tm, addr block);

static inline const char *tracemalloc_file(const struct tracemalloc *tm, uint32_t file)
{
    return tm->texts.data + tm->names[file];
}

#endif
