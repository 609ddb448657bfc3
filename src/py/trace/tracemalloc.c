// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the traces, the tracebacks that they share, and the names of files: see tracemalloc.h.
//
// 1. Walk the table of traces of each domain; a traceback is read when it is met first, a file name
//    too (CPython interns both, so that their addresses tell them apart).
// 2. Sort the traces by address.
// 3. Where the tables were recognised by their content, look near them for the word that equals the
//    sum of all sizes: it is the total that CPython keeps, and proves that nothing is missing.
#include "py/trace/tracemalloc.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "base/vec.h"
#include "py/read.h"
#include "py/objects/str.h"
#include "py/trace/tracemalloc_table.h"

#define NAME_MOST 4096 // bytes of a file's name; longer ones end in "..."
#define NEAR 1024      // bytes on either side of a variable where its neighbours may be
#define STEP (UINT64_C(1) << 16)

struct tracemalloc_reading {
    struct tracemalloc *tm;
    const struct python *py;
    const struct progress *progress;
    struct err *err;
    struct map files, tracebacks; // addresses to indexes
    size_t trace_room, traceback_room, frame_room, name_room;
    uint64_t expected; // entries of all tables, for the progress display
};

// --- files --------------------------------------------------------------------------------------

static bool frame_names_are_chars(const struct python *py)
{
    return py->layout.frame_filename_is_char == 1; // 3.15
}

static void add_chars(const struct python *py, addr at, struct text *out)
{
    char name[NAME_MOST];
    if (at && target_read_string(py->target, at, name, sizeof name))
        text_add_escaped(out, name, strlen(name));
    else
        text_add_char(out, '?');
}

static bool file_index(struct tracemalloc_reading *r, addr at, uint32_t *out)
{
    struct tracemalloc *tm = r->tm;
    *out = map_get(&r->files, at);
    if (*out != MAP_NONE)
        return true;
    if (!vec_grow(&tm->names, &r->name_room, tm->file_count + 1, sizeof *tm->names, r->err))
        return false;
    if (tm->texts.size > UINT32_MAX / 2)
        return err_memory(r->err, "the names of files");
    tm->names[tm->file_count] = (uint32_t)tm->texts.size;
    if (frame_names_are_chars(r->py))
        add_chars(r->py, at, &tm->texts);
    else
        str_append(r->py, at, NAME_MOST, &tm->texts);
    text_add_char(&tm->texts, 0);
    *out = (uint32_t)tm->file_count++;
    return text_ok(&tm->texts, r->err) && map_put(&r->files, at, *out, r->err);
}

// --- tracebacks ---------------------------------------------------------------------------------

static bool tracemalloc_add_frames(struct tracemalloc_reading *r, const uint8_t *frames,
                                   uint32_t count)
{
    struct tracemalloc *tm = r->tm;
    if (!vec_grow(&tm->frames, &r->frame_room, tm->frame_count + count, sizeof *tm->frames, r->err))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *o = frames + (size_t)i * SIZE(r->py, tracemalloc_frame);
        struct trace_frame *frame = &tm->frames[tm->frame_count];
        if (!file_index(r, LOAD(r->py, o, tracemalloc_frame_filename), &frame->file))
            return false;
        frame->line = LOAD(r->py, o, tracemalloc_frame_lineno);
        tm->frame_count++;
    }
    return true;
}

// The traceback's size in the target: what the interpreter asked malloc for.
static uint64_t traceback_bytes(const struct python *py, uint32_t count)
{
    return BEFORE(py, tracemalloc_traceback_frames) + count * SIZE(py, tracemalloc_frame);
}

// MAP_NONE: it is invalid.
static bool traceback_index(struct tracemalloc_reading *r, addr at, uint32_t *out)
{
    struct tracemalloc *tm = r->tm;
    *out = map_get(&r->tracebacks, at);
    if (*out != MAP_NONE)
        return true;
    uint32_t count, depth;
    const uint8_t *frames = traceback_head(r->py, at, &count, &depth);
    if (!frames || tm->frame_count + count > UINT32_MAX) {
        target_fault(r->py->target);
        return true;
    }
    if (!vec_grow(&tm->tracebacks, &r->traceback_room, tm->traceback_count + 1,
                  sizeof *tm->tracebacks, r->err))
        return false;
    tm->tracebacks[tm->traceback_count] =
        (struct traceback){ (uint32_t)tm->frame_count, count, depth < count ? count : depth };
    tm->records += traceback_bytes(r->py, count);
    *out = (uint32_t)tm->traceback_count++;
    return tracemalloc_add_frames(r, frames, count) && map_put(&r->tracebacks, at, *out, r->err);
}

// --- traces -------------------------------------------------------------------------------------

static bool add_trace(struct tracemalloc_reading *r, const struct hash_entry *entry,
                      uint32_t domain)
{
    struct tracemalloc *tm = r->tm;
    struct trace trace = { .at = entry->key, .domain = domain };
    addr traceback;
    if (!trace_record(r->py, entry, &trace.size, &traceback)) {
        target_fault(r->py->target);
        tm->broken++;
        return true;
    }
    if (!traceback_index(r, traceback, &trace.traceback))
        return false;
    if (trace.traceback == MAP_NONE) {
        tm->broken++;
        return true;
    }
    if (!vec_grow(&tm->traces, &r->trace_room, tm->count + 1, sizeof *tm->traces, r->err))
        return false;
    tm->traces[tm->count++] = trace;
    tm->bytes += trace.size;
    return tm->count % STEP
           || progress_step(r->progress, "reading tracemalloc's traces", tm->count, r->expected)
           || err_set(r->err, ERR_CANCELLED, "stopped while reading tracemalloc's traces");
}

// One domain's table, or the one table of 3.6 to 3.8, whose keys may name the domain.
static bool read_traces(struct tracemalloc_reading *r, addr at, uint32_t domain)
{
    struct hash_table table;
    if (!hash_table_open(&table, r->py, at)
        || (table.key_size && (table.key_size < 8 || table.value_size != 16))) {
        target_fault(r->py->target);
        r->tm->broken++;
        return true;
    }
    r->expected += table.entry_count;
    r->tm->tables += hash_table_bytes(&table);
    if (!table.key_size)
        r->tm->records += 16 * table.entry_count; // trace_t
    struct hash_walk walk = { 0 };
    struct hash_entry entry;
    bool ok = true;
    while (ok && hash_table_next(&table, &walk, &entry))
        ok = add_trace(r, &entry, table.key_size ? entry.domain : domain);
    r->tm->broken += walk.broken;
    return ok;
}

static bool read_domains(struct tracemalloc_reading *r)
{
    addr at = r->tm->places.domains;
    struct hash_table table;
    at = at ? target_u64(r->py->target, at, NULL) : 0;
    if (!at || !hash_table_open(&table, r->py, at) || table.key_size)
        return true;
    r->tm->tables += hash_table_bytes(&table);
    struct hash_walk walk = { 0 };
    struct hash_entry entry;
    bool ok = true;
    while (ok && hash_table_next(&table, &walk, &entry))
        ok = read_traces(r, entry.value_at, (uint32_t)entry.key);
    r->tm->broken += walk.broken;
    return ok;
}

static int tracemalloc_by_address(const void *a, const void *b)
{
    const struct trace *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->domain < y->domain ? -1 : x->domain > y->domain;
}

// --- what it used -------------------------------------------------------------------------------

static void count_tables(struct tracemalloc_reading *r)
{
    const addr variables[] = { r->tm->places.tracebacks, r->tm->places.filenames };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        struct hash_table table;
        addr at = variables[i] ? target_u64(r->py->target, variables[i], NULL) : 0;
        if (at && hash_table_open(&table, r->py, at))
            r->tm->tables += hash_table_bytes(&table);
    }
}

static void find_totals(struct tracemalloc_reading *r)
{
    struct tracemalloc *tm = r->tm;
    addr at = tm->places.traces;
    const struct segment *s = target_segment(r->py->target, at);
    if (!s || !tm->bytes)
        return;
    addr from = at - s->start > NEAR ? at - NEAR : s->start;
    addr end = s->end - at > NEAR ? at + NEAR : s->end;
    for (from += (at - from) % 8; from + 8 <= end; from += 8) {
        if (target_u64(r->py->target, from, NULL) != tm->bytes)
            continue;
        tm->totals = true; // the peak stays unknown: no word is recognisable as it
        tm->traced = tm->bytes;
        return;
    }
}

// --- together -----------------------------------------------------------------------------------

bool tracemalloc_read(struct tracemalloc *tm, const struct python *py,
                      const struct progress *progress, struct err *err)
{
    if (tm->state != TRACEMALLOC_ON || tm->traces)
        return true;
    struct tracemalloc_reading r = { .tm = tm, .py = py, .progress = progress, .err = err };
    map_init(&r.files);
    map_init(&r.tracebacks);
    bool ok =
        read_traces(&r, target_u64(py->target, tm->places.traces, NULL), 0) && read_domains(&r);
    map_fini(&r.files);
    map_fini(&r.tracebacks);
    if (!ok)
        return false;
    if (tm->count)
        qsort(tm->traces, tm->count, sizeof *tm->traces, tracemalloc_by_address);
    count_tables(&r);
    if (!tm->totals)
        find_totals(&r);
    return true;
}

void tracemalloc_free(struct tracemalloc *tm)
{
    free(tm->traces);
    free(tm->tracebacks);
    free(tm->frames);
    free(tm->names);
    text_fini(&tm->texts);
    *tm = (struct tracemalloc){ .state = TRACEMALLOC_NONE };
}

const struct trace *tracemalloc_at(const struct tracemalloc *tm, addr block)
{
    size_t i =
        search_u64(tm->traces, tm->count, sizeof *tm->traces, offsetof(struct trace, at), block);
    if (i == tm->count || tm->traces[i].at != block || tm->traces[i].domain)
        return NULL;
    return &tm->traces[i];
}
