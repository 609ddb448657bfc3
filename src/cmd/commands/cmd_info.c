// SPDX-License-Identifier: GPL-3.0-or-later
// `info`: what was opened, the state of its collector, and how much of it ouro can vouch for.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/session/saved_info.h"
#include "cmd/session/select.h"
#include "py/objects/str.h"
#include "py/objects/type.h"
#include "py/read.h"
#include "py/runtime/gc_next.h"
#include "target/saved_memory.h"

static const struct column columns[] = {
    { COL(section), 12, 0, "what it is about" },
    { COL(name), 16, 0, "what is told" },
    { COL(value), 24, COLUMN_WIDE, "what it is" },
    COLUMN_ROW_END,
};

// Where rows go; after the first failure no more are added.
struct pen {
    struct session *session;
    struct report *report;
    struct err *err;
    const char *section;
    bool quick; // count the collector's lists, and read no objects
    bool ok;
};

static void cmd_info_add(struct pen *pen, const char *name, struct cell value)
{
    pen->ok =
        pen->ok
        && report_row(pen->report,
                      (const struct cell[]){ cell_text(pen->section), cell_text(name), value },
                      pen->err);
}

static void add_foreign(struct pen *pen, const char *name, const char *text)
{
    cmd_info_add(pen, name, cell_text(report_foreign(pen->report, text)));
}

// Tells where a saved heap comes from, and when it was saved.
static void tell_origin(struct pen *pen, const struct target_origin *origin)
{
    char text[40] = "";
    struct tm when;
    time_t seconds = (time_t)origin->when;
    if (gmtime_r(&seconds, &when))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &when);
    add_foreign(pen, "saved_from", origin->kind);
    add_foreign(pen, "original", origin->path);
    cmd_info_add(pen, "saved", cell_text(report_text(pen->report, text, strlen(text))));
    add_foreign(pen, "saved_by", origin->version);
    cmd_info_add(pen, "redacted", session_disclosure_cell(pen->session));
}

static void info_tell_provenance(struct pen *pen, const struct provenance *p)
{
    add_foreign(pen, "host", p->host);
    add_foreign(pen, "container", p->container);
    add_foreign(pen, "release", p->release);
    cmd_info_add(pen, "started", report_moment(pen->report, p->started));
    cmd_info_add(pen, "taken", report_moment(pen->report, p->taken));
}

// A process has no file but its program.
static const char *info_program(const struct target *target)
{
    for (size_t i = 0; i < target->module_count; i++)
        if (target->modules[i].is_program)
            return target->modules[i].path;
    return NULL;
}

static void cmd_info_tell_target(struct pen *pen)
{
    const struct target *target = &pen->session->target;
    size_t missing = 0, refused = 0, in_memory = 0;
    for (size_t i = 0; i < target->module_count; i++) {
        missing += !target->modules[i].file;
        refused += target->modules[i].refused;
        in_memory += target->modules[i].elf && !target->modules[i].file;
    }
    pen->section = "target";
    cmd_info_add(pen, "kind", cell_ours(cell_text(target->kind)));
    add_foreign(pen, "path", target->path ? target->path : info_program(target));
    if (target_origin(target))
        tell_origin(pen, target_origin(target));
    cmd_info_add(pen, "pid", target->pid ? cell_int(target->pid) : cell_null());
    add_foreign(pen, "command", target->command);
    info_tell_provenance(pen, &target->provenance);
    cmd_info_add(pen, "machine",
                 cell_ours(cell_text(target->machine == MACHINE_AARCH64 ? "aarch64" : "x86_64")));
    cmd_info_add(pen, "signal", target->signal ? cell_int(target->signal) : cell_null());
    cmd_info_add(pen, "files", cell_count(target->module_count));
    cmd_info_add(pen, "files_missing", cell_count(missing));
    cmd_info_add(pen, "files_refused", cell_count(refused));
    cmd_info_add(pen, "files_from_memory", cell_count(in_memory));
    cmd_info_add(pen, "stopped_ms",
                 target->stopped_us ? cell_real((double)target->stopped_us / 1000) : cell_null());
    cmd_info_add(pen, "faults", cell_count(target->faults));
    uint64_t incomplete = target_incomplete(target);
    cmd_info_add(pen, "incomplete", incomplete ? cell_bytes(incomplete) : cell_null());
}

static void tell_python(struct pen *pen)
{
    char build_id[SESSION_BUILD_ID];
    const struct python *py = &pen->session->py;
    pen->section = "python";
    cmd_info_add(pen, "version", cell_ours(cell_text(py->version_text)));
    add_foreign(pen, "implementation_layout_source", py->layout.source);
    cmd_info_add(pen, "free_threaded", cell_bool(py->layout.free_threaded));
    cmd_info_add(pen, "debug", cell_bool(py->layout.debug));
    add_foreign(pen, "build_id", session_build_id(pen->session, build_id));
    add_foreign(pen, "executable",
                py->module >= 0 && (size_t)py->module < pen->session->target.module_count
                    ? pen->session->target.modules[py->module].path
                    : NULL);
}

// Tells of further Pythons in the process, each with its own libpython.
static void tell_pythons(struct pen *pen)
{
    const struct python *py = &pen->session->py;
    const struct target *target = &pen->session->target;
    if (py->pythons < 2)
        return;
    pen->section = "pythons";
    for (size_t i = 0; i < py->pythons; i++)
        if (py->modules[i] >= 0 && (size_t)py->modules[i] < target->module_count)
            add_foreign(pen,
                        report_format(pen->report, "%zu%s", i + 1,
                                      i + 1 == py->number ? " (this one)" : ""),
                        target->modules[py->modules[i]].path);
}

// The length of a list in the target: the number of objects that it refers to.
static struct cell length_of(const struct session *session, addr list)
{
    if (list && !session->has_heap)
        return cell_count(READ(&session->py, list, PyVarObject_ob_size));
    node n = list ? heap_node_of(&session->heap, list) : NODE_NONE;
    if (n == NODE_NONE)
        return cell_null();
    return cell_count(csr_end(&session->heap.forward, n) - csr_first(&session->heap.forward, n));
}

static struct cell triple(struct pen *pen, const uint32_t values[3])
{
    // Free-threaded builds may count more objects freed than made: signed, and negative then.
    return cell_text(report_format(pen->report, "%ld,%ld,%ld", (long)(int32_t)values[0],
                                   (long)(int32_t)values[1], (long)(int32_t)values[2]));
}

// The 25 % rule: automatic collections skip generation 2 while fewer objects than a quarter of
// those that its last collection left are new since then (gc_collect_generations). Null: the rule
// does not apply now.
static const char *info_brake(struct pen *pen, const struct gc_state *gc)
{
    const struct python *py = &pen->session->py;
    bool waits = gc->threshold[2] > 0 && gc->count[2] > gc->threshold[2];
    if (!waits || py->rules.free_threaded || py->layout._gc_runtime_state_long_lived_pending < 0
        || gc->long_lived_pending >= gc->long_lived_total / 4)
        return NULL;
    return report_format(pen->report,
                         "the 25 %% rule postpones generation 2: %llu of %llu objects %s new since "
                         "its last collection, fewer than a quarter",
                         (unsigned long long)gc->long_lived_pending,
                         (unsigned long long)gc->long_lived_total,
                         text_plural(gc->long_lived_pending, "is", "are"));
}

// "gc", or "gc 1" for further interpreters.
static void begin_section(struct pen *pen, const char *name, size_t interpreter)
{
    pen->section = name;
    if (interpreter)
        pen->section = report_format(pen->report, "%s of interpreter %lld", name,
                                     (long long)pen->session->py.interpreters[interpreter].id);
}

static struct cell objects_in(const struct pen *pen, size_t i, enum generation gen)
{
    const struct heap *heap = &pen->session->heap;
    uint64_t count = pen->quick ? heap_list_length(heap, i, gen) : heap->lists[i][gen].count;
    return count == LIST_UNCOUNTED ? cell_null() : cell_count(count);
}

// The incremental collector's two old spaces, both of them generation 2.
static void tell_spaces(struct pen *pen, size_t i, const struct gc_state *gc)
{
    const struct heap *heap = &pen->session->heap;
    bool saved = target_origin(&pen->session->target) != NULL; // does not tell which is which
    bool listed = !pen->quick && heap->lists && gc->spaces && !saved;
    uint32_t visited = listed ? heap->lists[i][GEN_2].visited : 0;
    cmd_info_add(pen, "phase", cell_text(gc->marks_next ? "mark" : "collect"));
    cmd_info_add(pen, "visited_space", gc->spaces ? cell_count(gc->visited_space) : cell_null());
    cmd_info_add(pen, "visited", listed ? cell_count(visited) : cell_null());
    cmd_info_add(pen, "pending",
                 listed ? cell_count(heap->lists[i][GEN_2].count - visited) : cell_null());
    cmd_info_add(pen, "work_to_do", gc->spaces ? cell_int(gc->work_to_do) : cell_null());
}

// "generation 0 in 628 net allocations; generation 1 with the 4th automatic collection, ..."
static const char *info_next_what(struct pen *pen, const struct gc_state *gc,
                                  const struct gc_next *next)
{
    const struct python *py = &pen->session->py;
    unsigned long long allocations = next->allocations;
    if (next->never)
        return next->never;
    if (py->rules.free_threaded)
        return report_format(
            pen->report,
            "a collection in at least %llu net %s (each thread counts up to 512 on its own); from "
            "3.14 on only when the process's memory has grown as well",
            allocations, text_plural(allocations, "allocation", "allocations"));
    if (py->rules.incremental)
        return report_format(pen->report, "an increment in %llu net %s; work to do: %lld",
                             allocations, text_plural(allocations, "allocation", "allocations"),
                             (long long)gc->work_to_do);
    const char *brake = "";
    if (next->held)
        brake = report_format(pen->report,
                              " and not before %llu more %s it: the 25 %% rule, %llu new of "
                              "%llu / 4",
                              (unsigned long long)next->survivors,
                              text_plural(next->survivors, "object reaches", "objects reach"),
                              (unsigned long long)gc->long_lived_pending,
                              (unsigned long long)gc->long_lived_total);
    int first = next->runs[2] == 1 && !next->held ? 2 : next->runs[1] == 1 ? 1 : 0;
    const char *middle =
        first > 0 ? ""
                  : report_format(pen->report, "; generation 1 %llu %s from now",
                                  (unsigned long long)next->runs[1],
                                  text_plural(next->runs[1], "collection", "collections"));
    const char *full =
        first == 2 ? ""
                   : report_format(pen->report, "; generation 2 %llu %s from now%s",
                                   (unsigned long long)next->runs[2],
                                   text_plural(next->runs[2], "collection", "collections"), brake);
    return report_format(pen->report, "generation %d in %llu net %s%s%s", first, allocations,
                         text_plural(allocations, "allocation", "allocations"), middle, full);
}

static void info_add_next(struct pen *pen, size_t i, const struct gc_state *gc)
{
    struct gc_next next;
    gc_next_find(&pen->session->py, i, gc, &next);
    bool known = gc->known && !next.never;
    cmd_info_add(pen, "next", known ? cell_count(next.allocations) : cell_null());
    cmd_info_add(pen, "next_what", cell_text(gc->known ? info_next_what(pen, gc, &next) : NULL));
}

static void tell_gc(struct pen *pen, size_t i, const struct gc_state *gc)
{
    const struct session *session = pen->session;
    begin_section(pen, "gc", i);
    cmd_info_add(pen, "enabled", gc->known ? cell_bool(gc->enabled) : cell_null());
    cmd_info_add(pen, "debug", gc->known ? cell_count(gc->debug) : cell_null());
    cmd_info_add(pen, "thresholds",
                 gc->known ? cell_ours(triple(pen, gc->threshold)) : cell_null());
    cmd_info_add(pen, "counts", gc->known ? cell_ours(triple(pen, gc->count)) : cell_null());
    cmd_info_add(pen, "brake", cell_text(gc->known ? info_brake(pen, gc) : NULL));
    info_add_next(pen, i, gc);
    cmd_info_add(pen, "collecting", gc->known ? cell_bool(gc->collecting) : cell_null());
    cmd_info_add(pen, "garbage", length_of(session, gc->garbage));
    cmd_info_add(pen, "callbacks", length_of(session, gc->callbacks));
    cmd_info_add(pen, "frozen",
                 pen->quick || session->heap.lists ? objects_in(pen, i, GEN_PERMANENT)
                                                   : cell_null());
    if (session->py.rules.incremental)
        tell_spaces(pen, i, gc);
}

static void cmd_info_tell_generations(struct pen *pen, size_t i, const struct gc_state *gc)
{
    static const char *const names[GEN_COUNT] = { "generation 0", "generation 1", "generation 2",
                                                  "generation permanent" };
    const struct heap *heap = &pen->session->heap;
    struct gc_next next;
    gc_next_find(&pen->session->py, i, gc, &next);
    for (int g = 0; (pen->quick || heap->lists) && g < GEN_COUNT; g++) {
        bool counted = gc->known && g != GEN_PERMANENT;
        begin_section(pen, names[g], i);
        cmd_info_add(pen, "objects", objects_in(pen, i, (enum generation)g));
        cmd_info_add(pen, "bytes", pen->quick ? cell_null() : cell_bytes(heap->lists[i][g].bytes));
        cmd_info_add(pen, "collections", counted ? cell_count(gc->collections[g]) : cell_null());
        cmd_info_add(pen, "collected", counted ? cell_count(gc->collected[g]) : cell_null());
        cmd_info_add(pen, "uncollectable",
                     counted ? cell_count(gc->uncollectable[g]) : cell_null());
        if (g != GEN_PERMANENT)
            cmd_info_add(pen, "next",
                         counted && next.runs[g] ? cell_count(next.runs[g]) : cell_null());
    }
}

static void tell_threads(struct pen *pen)
{
    const struct python *py = &pen->session->py;
    size_t threads = 0;
    for (size_t i = 0; i < py->interpreter_count; i++)
        threads += py->interpreters[i].thread_count;
    cmd_info_add(pen, "interpreters", cell_count(py->interpreter_count));
    cmd_info_add(pen, "threads", cell_count(threads));
}

// How many types have instances, as `types` lists them; null: out of memory.
static struct cell info_types(const struct heap *heap)
{
    uint64_t count = 0;
    bool *met = calloc(heap_type_count(heap) + 1, sizeof *met);
    if (!met)
        return cell_null();
    for (node n = 0; n < heap->node_count; n++) {
        count += !met[heap_type(heap, n)];
        met[heap_type(heap, n)] = true;
    }
    free(met);
    return cell_count(count);
}

static void tell_heap(struct pen *pen)
{
    const struct heap *heap = &pen->session->heap;
    pen->section = "heap";
    cmd_info_add(pen, "objects", cell_count(heap->node_count));
    cmd_info_add(pen, "tracked", cell_count(heap->tracked));
    cmd_info_add(pen, "references", cell_count(heap->forward.edge_count));
    cmd_info_add(pen, "bytes", cell_bytes(heap->bytes));
    cmd_info_add(pen, "types", info_types(heap));
    tell_threads(pen);
    cmd_info_add(pen, "dropped", cell_count(heap->dropped));
    cmd_info_add(pen, "unfinished", cell_count(heap->unfinished));
    pen->section = "evidence";
    for (int e = EVIDENCE_DECODED; e <= EVIDENCE_DISPUTED; e++)
        cmd_info_add(pen, evidence_name((enum evidence)e), cell_count(heap->evidence[e]));
    cmd_info_add(pen, "checked", cell_count(heap->checked));
    cmd_info_add(pen, "differing", cell_count(heap->differing));
}

static void tell_coverage(struct pen *pen)
{
    struct heap *heap = &pen->session->heap;
    pen->ok = pen->ok && heap_need_census(heap, &pen->session->options.progress, pen->err);
    const struct allocator_census *census = &pen->session->heap.census;
    pen->section = "coverage";
    bool known = census->known && census->blocks_used;
    struct cell share =
        cell_real(known ? (double)census->blocks_known / (double)census->blocks_used : 0);
    cmd_info_add(pen, "share", known ? share : cell_null());
    cmd_info_add(pen, "blocks_used", known ? cell_count(census->blocks_used) : cell_null());
    cmd_info_add(pen, "blocks_known", known ? cell_count(census->blocks_known) : cell_null());
    cmd_info_add(pen, "blocks_objects", known ? cell_count(census->blocks_objects) : cell_null());
    cmd_info_add(pen, "blocks_buffers", known ? cell_count(census->blocks_buffers) : cell_null());
    cmd_info_add(pen, "blocks_dead", known ? cell_count(census->blocks_dead) : cell_null());
    uint64_t named = census->blocks_known + census->blocks_dead;
    cmd_info_add(pen, "blocks_unexplained",
                 known && named <= census->blocks_used ? cell_count(census->blocks_used - named)
                                                       : cell_null());
    cmd_info_add(pen, "blocks_raw",
                 known && census->blocks_raw ? cell_count(census->blocks_raw) : cell_null());
    cmd_info_add(pen, "bytes_used", known ? cell_bytes(census->bytes_used) : cell_null());
    cmd_info_add(pen, "bytes_known", known ? cell_bytes(census->bytes_known) : cell_null());
    known = known && census->arenas; // free-threaded builds: mimalloc's pages are not counted
    cmd_info_add(pen, "bytes_free", known ? cell_bytes(census->bytes_free) : cell_null());
    cmd_info_add(pen, "arenas", known ? cell_count(census->arenas) : cell_null());
}

static void tell_tracemalloc(struct pen *pen)
{
    const struct tracemalloc *tm = session_tracemalloc(pen->session);
    bool on = tm->state == TRACEMALLOC_ON || tm->state == TRACEMALLOC_LOST;
    bool known = tm->state != TRACEMALLOC_UNKNOWN;
    pen->section = "tracemalloc";
    cmd_info_add(pen, "on", known ? cell_bool(on) : cell_null());
    cmd_info_add(pen, "limit", on && tm->limit ? cell_count(tm->limit) : cell_null());
    cmd_info_add(pen, "traced", tm->totals ? cell_bytes(tm->traced) : cell_null());
    cmd_info_add(pen, "peak", tm->totals && tm->peak ? cell_bytes(tm->peak) : cell_null());
}

// The first lines of `memory`.
static void cmd_info_tell_memory(struct pen *pen)
{
    struct session *session = pen->session;
    struct err none = ERR_INIT;
    pen->section = "memory";
    if (!session_knows_memory(session) || !session_memory(session, &none))
        return;
    const struct memory *m = &session->memory;
    bool known = m->residence.known, malloc_known = memory_has_blocks(m);
    struct memory_verdict verdict;
    const char *sentence = selection_verdict(session, &verdict, pen->report);
    if (sentence) {
        cmd_info_add(pen, "verdict", cell_ours(cell_text(sentence)));
        cmd_info_add(pen, "python_objects", cell_bytes(verdict.objects));
        cmd_info_add(pen, "python_free", cell_bytes(verdict.python_free));
        cmd_info_add(pen, "python_pinned", cell_bytes(verdict.pinned));
        cmd_info_add(pen, "stacks", cell_count(verdict.stack_count));
    }
    cmd_info_add(pen, "total", cell_bytes(m->total.bytes));
    cmd_info_add(pen, "resident", known ? cell_bytes(m->total.resident) : cell_null());
    cmd_info_add(pen, "malloc", cell_ours(cell_text(memory_malloc(m))));
    cmd_info_add(pen, "malloc_in_use", malloc_known ? cell_bytes(memory_in_use(m)) : cell_null());
    cmd_info_add(pen, "malloc_free", malloc_known ? cell_bytes(memory_unused(m)) : cell_null());
    cmd_info_add(pen, "malloc_trim", m->glibc.shape && known ? cell_bytes(m->trim) : cell_null());
}

static void cmd_info_tell_warnings(struct pen *pen)
{
    const struct target *target = &pen->session->target;
    char missing[240];
    pen->section = "warnings";
    if (target_incomplete_text(target, missing, sizeof missing))
        cmd_info_add(pen, "incomplete",
                     cell_text(report_format(pen->report, "%s; counts are lower bounds", missing)));
    for (const char *line = pen->session->py.warnings; *line;) {
        size_t size = strcspn(line, "\n");
        add_foreign(pen, "python", report_text(pen->report, line, size));
        line += size + (line[size] == '\n');
    }
    for (size_t i = 0; i < target->module_count; i++)
        if (target->modules[i].refused)
            cmd_info_add(
                pen, "file",
                cell_text(report_format(pen->report, "%s: the file on disk is another build",
                                        report_foreign(pen->report, target->modules[i].path))));
    if (target->pending.kind != ERR_NONE)
        add_foreign(pen, "target", target->pending.text);
}

// 3.12 on: what sys.intern() and attribute names have made immortal.
static void tell_interned(struct pen *pen)
{
    const struct heap *heap = &pen->session->heap;
    const struct python *py = heap->py;
    uint64_t count = 0, bytes = 0;
    if (!py->rules.immortal || !session_has_values(pen->session))
        return;
    for (node n = 0; n < heap->node_count; n++) {
        if (!(heap->flags[n] & NODE_IMMORTAL)
            || !(type_row(py->types, heap_type(heap, n))->flags & TPFLAGS_UNICODE_SUBCLASS)
            || !str_is_interned(py, heap_addr(heap, n)))
            continue;
        count++;
        bytes += heap_own(heap, n);
    }
    pen->section = "heap";
    cmd_info_add(pen, "interned_immortal", cell_count(count));
    cmd_info_add(pen, "interned_immortal_bytes", cell_bytes(bytes));
}

// Tells of the objects on the interpreter's lists and those that they lead to.
static void cmd_info_tell_interpreter(struct pen *pen, size_t interpreter)
{
    const struct heap *heap = &pen->session->heap;
    uint64_t objects = 0, bytes = 0;
    pen->section = "heap";
    for (node n = 0; !pen->quick && n < heap->node_count; n++) {
        if (heap->owner ? heap->owner[n] != interpreter : interpreter != 0)
            continue;
        objects++;
        bytes += heap_own(heap, n);
    }
    if (!pen->quick) {
        cmd_info_add(pen, "objects", cell_count(objects));
        cmd_info_add(pen, "bytes", cell_bytes(bytes));
    }
    cmd_info_add(pen, "threads",
                 cell_count(pen->session->py.interpreters[interpreter].thread_count));
}

static void info_tell_opened(struct pen *pen)
{
    cmd_info_tell_target(pen);
    tell_python(pen);
    tell_pythons(pen);
}

// What a saved heap's file says of the heap. The other rows are about the file.
static bool info_tell_saved(struct pen *pen)
{
    info_tell_opened(pen);
    pen->ok = pen->ok && saved_info_tell(pen->session, pen->report, pen->err);
    cmd_info_tell_warnings(pen);
    return pen->ok;
}

static bool cmd_info_run(struct session *session, const struct args *args, struct report *report,
                         struct err *err)
{
    struct pen pen = { .session = session, .report = report, .err = err, .ok = true };
    bool whole = !args_has(args, "interpreter");
    if (whole && saved_info_has(session))
        return info_tell_saved(&pen);
    pen.quick = args_has(args, "quick") && !session->has_heap
                && !session->has_store; // a saved heap opens at once, but may lack the lists
    size_t first = 0, last = session->py.interpreter_count;
    if (!session_need(session, pen.quick ? NEEDS_LISTS : NEEDS_HEAP, err))
        return false;
    if (args_has(args, "interpreter")) {
        if (!session_interpreter(session, args_number(args, "interpreter", 0), &first, err))
            return false;
        last = first + 1;
    }
    if (whole)
        info_tell_opened(&pen);
    for (size_t i = first; i < last; i++) {
        struct gc_state gc = { 0 };
        python_gc_state(&session->py, i, &gc);
        tell_gc(&pen, i, &gc);
        cmd_info_tell_generations(&pen, i, &gc);
    }
    if (!whole) {
        cmd_info_tell_interpreter(&pen, first);
    } else if (pen.quick) {
        pen.section = "heap";
        tell_threads(&pen);
    } else {
        tell_heap(&pen);
        tell_interned(&pen);
        tell_coverage(&pen);
        tell_tracemalloc(&pen);
        cmd_info_tell_memory(&pen);
    }
    cmd_info_tell_warnings(&pen);
    return pen.ok;
}

static const struct option_row options[] = {
    { .name = "quick",
      .kind = OPTION_FLAG,
      .help = "only what can be told without reading the objects" },
    OPTION_ROW_INTERPRETER,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_info = {
    .name = "info",
    .usage = "[--quick] [--interpreter ID]",
    .summary = "the target, its Python, the state of its collector, the size of its heap",
    .help =
        "`implementation_layout_source` says where ouro learned the struct layouts of this build "
        "of CPython. `coverage` is the share of the allocator's used blocks that ouro knows as an "
        "object or as part of one; `evidence` says of how many objects the references were "
        "decoded, traversed by the type's own code, or guessed; `checked` how many decoded objects "
        "were compared with their type's own code, and `differing` how many of those differed.\n"
        "\n"
        "`--quick` reads no objects: the generations' lists are walked and counted, and everything "
        "that takes longer is left out. A running process (-p) is not copied for it: it is stopped "
        "while the few pages are read, and a list of more than a thousand objects is not counted "
        "(with --hold it is). The same holds in gdb, for a program that only gdb can read "
        "(gdbserver).\n"
        "\n"
        "`next` under `gc` is how many net allocations (of objects that the collector may track, "
        "less those freed) trigger the next automatic collection, and under a generation how many "
        "collections from now it is collected first; `next_what` says it in words, with what the "
        "25 % rule postpones.\n"
        "\n"
        "`garbage` under `gc` is the length of gc.garbage. What a collection would find is "
        "`collect`.",
    .example = "info",
    .options = options,
    .columns = columns,
    .needs = NEEDS_PYTHON,
    .run = cmd_info_run,
};
