// SPDX-License-Identifier: GPL-3.0-or-later
// Where tracemalloc's variables are: see tracemalloc.h.
//
// Problem: up to 3.11 they are static variables of Modules/_tracemalloc.c, and a stripped build
// does not say where. Solution there:
//
// 1. Every aligned word of the interpreter's writable data may point at the table of traces.
// 2. It does when a table lies there whose first entries are all traces: the hash of the key is
//    that of a pointer, it belongs into its bucket, the value is a size and a traceback with a
//    credible number of frames, and each of these begins with a str.
// 3. The traced total is the word nearby that equals the sum of the sizes (tracemalloc.c looks for
//    it when the sum is known): where there is one, the table is complete too.
#include "py/trace/tracemalloc.h"

#include "py/read.h"
#include "py/trace/tracemalloc_table.h"
#include "py/objects/type.h"

#define ENTRIES_TRIED 64
#define DATA_MAX (UINT64_C(64) << 20)

enum { CONFIG_TRACING = 4, CONFIG_LIMIT = 8 }; // struct _PyTraceMalloc_Config, never changed

// --- by name ------------------------------------------------------------------------------------

static addr tracemalloc_find_variable(const struct python *py, uint64_t link_time, const char *name)
{
    addr at = python_static(py, link_time);
    return at ? at : target_symbol(py->target, py->module, name);
}

static struct tracemalloc_places places_by_name(const struct python *py)
{
    const struct layout *l = &py->layout;
    addr config =
        tracemalloc_find_variable(py, l->sym__Py_tracemalloc_config, "_Py_tracemalloc_config");
    return (struct tracemalloc_places){
        .config =
            config ? config
                   : tracemalloc_find_variable(py, l->sym_tracemalloc_config, "tracemalloc_config"),
        .traces = tracemalloc_find_variable(py, l->sym_tracemalloc_traces, "tracemalloc_traces"),
        .tracebacks =
            tracemalloc_find_variable(py, l->sym_tracemalloc_tracebacks, "tracemalloc_tracebacks"),
        .filenames =
            tracemalloc_find_variable(py, l->sym_tracemalloc_filenames, "tracemalloc_filenames"),
        .domains = tracemalloc_find_variable(py, l->sym_tracemalloc_domains, "tracemalloc_domains"),
        .traced = tracemalloc_find_variable(py, l->sym_tracemalloc_traced_memory,
                                            "tracemalloc_traced_memory"),
        .peak = tracemalloc_find_variable(py, l->sym_tracemalloc_peak_traced_memory,
                                          "tracemalloc_peak_traced_memory"),
    };
}

static addr tracemalloc_find_member(addr base, int32_t offset)
{
    return offset >= 0 ? base + (uint64_t)offset : 0;
}

// 3.12 on: _PyRuntime.tracemalloc.
static struct tracemalloc_places places_in_runtime(const struct python *py)
{
    const struct layout *l = &py->layout;
    addr base = INSIDE(py, py->runtime, _PyRuntimeState_tracemalloc);
    return (struct tracemalloc_places){
        .config = tracemalloc_find_member(base, l->_Py_tracemalloc_runtime_state_config),
        .traces = tracemalloc_find_member(base, l->_Py_tracemalloc_runtime_state_traces),
        .tracebacks = tracemalloc_find_member(base, l->_Py_tracemalloc_runtime_state_tracebacks),
        .filenames = tracemalloc_find_member(base, l->_Py_tracemalloc_runtime_state_filenames),
        .domains = tracemalloc_find_member(base, l->_Py_tracemalloc_runtime_state_domains),
        .traced = tracemalloc_find_member(base, l->_Py_tracemalloc_runtime_state_traced_memory),
        .peak = tracemalloc_find_member(base, l->_Py_tracemalloc_runtime_state_peak_traced_memory),
    };
}

// --- by shape -----------------------------------------------------------------------------------

static bool is_str(const struct python *py, addr at)
{
    const uint8_t *o = at % 8 ? NULL : target_view(py->target, at, 16);
    const struct type *type = o ? type_at(py, LOAD_TYPE(py, o)) : NULL;
    return type && (type->flags & TPFLAGS_UNICODE_SUBCLASS);
}

// _Py_HashPointer: the low bits of a pointer are zeros, so they go to the top.
static uint64_t tracemalloc_find_hash_of(const struct hash_entry *entry)
{
    return (entry->key >> 4 | entry->key << 60) ^ entry->domain;
}

static bool looks_like_trace(const struct hash_table *table, const struct hash_walk *walk,
                             const struct hash_entry *entry, uint32_t limit)
{
    const struct python *py = table->py;
    uint64_t size;
    addr traceback;
    uint32_t count, depth;
    if (entry->hash != tracemalloc_find_hash_of(entry)
        || (entry->hash & (table->bucket_count - 1)) != walk->bucket - 1
        || !trace_record(py, entry, &size, &traceback))
        return false;
    const uint8_t *frames = traceback_head(py, traceback, &count, &depth);
    return frames && (!limit || count <= limit) && depth >= count
           && is_str(py, LOAD(py, frames, tracemalloc_frame_filename));
}

static bool looks_like_traces(const struct python *py, addr at, uint32_t limit)
{
    struct hash_table table;
    if (at % 8 || !hash_table_open(&table, py, at) || !table.entry_count
        || (table.key_size && (table.key_size < 8 || table.value_size != 16)))
        return false;
    struct hash_walk walk = { 0 };
    struct hash_entry entry;
    unsigned tried = 0;
    while (tried < ENTRIES_TRIED && hash_table_next(&table, &walk, &entry)) {
        if (!looks_like_trace(&table, &walk, &entry, limit))
            return false;
        tried++;
    }
    return tried && !walk.broken;
}

// Domains are few: each of them has a table of traces.
static bool looks_like_domains(const struct python *py, addr at, uint32_t limit)
{
    struct hash_table table;
    if (at % 8 || !hash_table_open(&table, py, at) || !table.entry_count || table.key_size)
        return false;
    struct hash_walk walk = { 0 };
    struct hash_entry entry;
    bool all = true;
    for (unsigned i = 0; all && i < ENTRIES_TRIED && hash_table_next(&table, &walk, &entry); i++)
        all = entry.key <= UINT32_MAX && entry.hash == entry.key
              && looks_like_traces(py, entry.value_at, limit);
    return all && !walk.broken;
}

typedef bool looks_like(const struct python *py, addr at, uint32_t limit);

// The first word of the interpreter's own writable data that points at such a table.
static addr tracemalloc_find_search(const struct python *py, looks_like *looks, uint32_t limit)
{
    const struct target *t = py->target;
    for (size_t i = 0; i < t->segment_count; i++) {
        const struct segment *s = &t->segments[i];
        bool ours = s->module == py->module || s->start == t->modules[py->module].end;
        uint64_t size = s->end - s->start;
        if (!ours || !(s->flags & SEGMENT_WRITE) || (s->flags & SEGMENT_MISSING) || size > DATA_MAX)
            continue;
        const uint8_t *p = target_view(py->target, s->start, size);
        for (uint64_t k = 0; p && k + 8 <= size; k += 8)
            if (load64(p + k) && looks(py, load64(p + k), limit))
                return s->start + k;
    }
    return 0;
}

static void find_by_shape(struct tracemalloc *tm, const struct python *py)
{
    uint64_t faults = py->target->faults; // trying an address is not trusting it
    tm->places.traces = tracemalloc_find_search(py, looks_like_traces, tm->limit);
    if (tm->places.traces && py->layout._Py_hashtable_t_key_size < 0)
        tm->places.domains = tracemalloc_find_search(py, looks_like_domains, tm->limit);
    py->target->faults = faults;
    tm->by_shape = tm->places.traces;
}

// --- together -----------------------------------------------------------------------------------

static void read_totals(struct tracemalloc *tm, const struct python *py)
{
    tm->totals = tm->places.traced && tm->places.peak;
    if (!tm->totals)
        return;
    tm->traced = target_u64(py->target, tm->places.traced, &tm->totals);
    tm->peak = target_u64(py->target, tm->places.peak, &tm->totals);
}

void tracemalloc_find(struct tracemalloc *tm, const struct python *py)
{
    const struct layout *l = &py->layout;
    *tm = (struct tracemalloc){ .state = TRACEMALLOC_NONE };
    if (l->tracemalloc_traceback_nframe < 0)
        return;
    bool in_runtime = py->runtime && l->_PyRuntimeState_tracemalloc >= 0;
    tm->places = in_runtime ? places_in_runtime(py) : places_by_name(py);
    bool known = tm->places.config != 0;
    uint32_t tracing = 0;
    if (known) {
        tracing = target_u32(py->target, tm->places.config + CONFIG_TRACING, &known);
        tm->limit = target_u32(py->target, tm->places.config + CONFIG_LIMIT, &known);
    }
    if (known && !tracing) {
        tm->state = TRACEMALLOC_OFF;
        return;
    }
    if (!tm->places.traces)
        find_by_shape(tm, py);
    struct hash_table table;
    addr at = tm->places.traces ? target_u64(py->target, tm->places.traces, NULL) : 0;
    bool good = at && hash_table_open(&table, py, at);
    tm->state = good ? TRACEMALLOC_ON : known ? TRACEMALLOC_LOST : TRACEMALLOC_UNKNOWN;
    if (good)
        read_totals(tm, py);
}

const char *tracemalloc_why(const struct tracemalloc *tm)
{
    switch (tm->state) {
    case TRACEMALLOC_NONE:
        return "this version of Python has no tracemalloc";
    case TRACEMALLOC_UNKNOWN:
        return "whether tracemalloc was on is unknown: this build has no debug information, and no "
               "table of its traces was recognised";
    case TRACEMALLOC_OFF:
        return "tracemalloc was not on: start the program with `python -X tracemalloc=10`, or call "
               "tracemalloc.start(10) in it";
    case TRACEMALLOC_LOST:
        return "tracemalloc was on, but its tables were not found: this build has no debug "
               "information, or they hold nothing";
    default:
        return NULL;
    }
}
