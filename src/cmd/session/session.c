// SPDX-License-Identifier: GPL-3.0-or-later
// Opening a target, computing what commands need, and running them: see session.h.
#include "cmd/session/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/report/pick.h"
#include "cmd/session/queries.h"
#include "cmd/session/words.h"
#include "heap/memory/python_memory.h"
#include "memory/saved_blocks.h"
#include "heap/saved/saved_heap.h"
#include "py/runtime/saved_python.h"
#include "py/extension/structs.h"
#include "target/cores.h"
#include "target/saved_memory.h"

#define THREADS_MOST 4u // unless the user asks for more: each thread has its own arrays

// --- opening ------------------------------------------------------------------------------------

static bool open_saved(struct session *session, struct err *err)
{
    const char *path = session->options.core;
    session->has_store = store_open(&session->store, path, err);
    session->store.threads = session->threads;
    return session->has_store
           && (target_open_saved(&session->target, &session->store, path, err)
               || err_wrap(err, "%s", path));
}

static bool open_target(struct session *session, struct err *err)
{
    const struct session_options *options = &session->options;
    const struct target_options how = {
        .exe = options->exe,
        .sysroot = options->sysroot,
        .strict = options->untrusted,
        .threads = session->threads,
        .progress = &options->progress,
    };
    if (options->callback)
        return target_open_callback(&session->target, options->callback, &how, err);
    if (options->core && store_is(options->core))
        return open_saved(session, err);
    if (options->core)
        return target_open_core(&session->target, options->core, &how, err);
    if (options->still)
        return target_open_still(&session->target, options->pid, &how, err);
    return options->hold ? target_open_pid(&session->target, options->pid, &how, err)
                         : target_open_snapshot(&session->target, options->pid, &how, err);
}

static bool open_python(struct session *session, struct err *err)
{
    const struct session_options *options = &session->options;
    if (session->has_store)
        return python_restore(&session->py, &session->target, &session->store,
                              saved_heap_disclosure(session->store.flags), err)
               || err_wrap(err, "%s", options->core);
    struct text layouts = TEXT_INIT, script = TEXT_INIT;
    text_add_format(&layouts, "%s/layouts", options->data ? options->data : ".");
    text_add_format(&script, "%s/ouro/locate.py", options->data ? options->data : ".");
    const struct python_options how = {
        .layout_file = options->layout,
        .layouts = options->data ? text_string(&layouts) : NULL,
        .locate_script = options->data ? text_string(&script) : NULL,
        .no_gdb = options->no_gdb || options->untrusted,
        .no_cache = options->no_cache || options->untrusted,
        .number = options->python,
        .fetch = options->untrusted ? NULL : options->fetch,
        .fetch_context = options->fetch_context,
        .progress = &options->progress,
    };
    bool ok = text_ok(&layouts, err) && text_ok(&script, err)
              && python_open(&session->py, &session->target, &how, err);
    text_fini(&layouts);
    text_fini(&script);
    return ok;
}

// Finds the debug information that names the members of C types, if there is any.
static bool open_structs(struct session *session, struct err *err)
{
    const struct session_options *options = &session->options;
    struct python *py = &session->py;
    bool gdb = options->data && !options->no_gdb && !options->untrusted;
    struct text script = TEXT_INIT;
    text_add_format(&script, "%s/ouro/members.py", options->data ? options->data : ".");
    const struct structs_options how = { .script = gdb ? text_string(&script) : NULL,
                                         .cache =
                                             options->no_cache || options->untrusted ? "" : NULL,
                                         .fetch = gdb ? options->fetch : NULL,
                                         .fetch_context = options->fetch_context,
                                         .progress = &options->progress };
    bool ok = !python_has_values(py) || (text_ok(&script, err) && structs_new(py, &how, err));
    text_fini(&script);
    return ok;
}

// Tells it once: when the target is opened, or when reading the heap finds what is missing.
static void tell_incomplete(struct session *session)
{
    char why[240], line[300];
    if (session->told_incomplete || !session->options.warn
        || !target_incomplete_text(&session->target, why, sizeof why))
        return;
    session->told_incomplete = true;
    snprintf(line, sizeof line, "%s; counts are lower bounds", why);
    session->options.warn(session->options.warn_context, line);
}

static void tell_broken_lists(const struct session *session)
{
    char line[200];
    uint32_t broken = heap_broken_lists(&session->heap);
    if (!session->options.warn || !broken)
        return;
    snprintf(line, sizeof line,
             "%u of the collector's lists do%s not close (`verify` shows where); counts are lower "
             "bounds",
             broken, text_plural(broken, "es", ""));
    session->options.warn(session->options.warn_context, line);
}

// A process that is being killed loses its memory shortly before the system reports its end.
static bool session_has_ended(const struct session *session, struct err *err)
{
    const struct timespec moment = { .tv_nsec = 5000000 };
    bool there = target_check(&session->target, err);
    for (int i = 0; there && i < 20 && session->options.pid && target_incomplete(&session->target);
         i++) {
        nanosleep(&moment, NULL);
        there = target_check(&session->target, err);
    }
    return !there;
}

// No Python may be found because the process has ended.
static void explain_failure(const struct session *session, struct err *err)
{
    char why[240];
    if (session_has_ended(session, err))
        return; // keeps the first error
    if (target_incomplete_text(&session->target, why, sizeof why))
        err_wrap(err, "%s, and no Python can be read from the rest", why);
}

// Passes on what was odd, one sentence at a time.
static void session_warn(const struct session *session)
{
    char line[sizeof session->py.warnings];
    for (const char *from = session->py.warnings; session->options.warn && *from;) {
        size_t size = strcspn(from, "\n");
        memcpy(line, from, size);
        line[size] = 0;
        session->options.warn(session->options.warn_context, line);
        from += size + (from[size] == '\n');
    }
}

bool session_open(struct session *session, const struct session_options *options, struct err *err)
{
    unsigned cores = options->threads ? options->threads : cores_allowed(NULL);
    *session = (struct session){ .options = *options, .selected = NODE_NONE };
    session->threads = options->threads || cores < THREADS_MOST ? cores : THREADS_MOST;
    session->has_target = open_target(session, err);
    session->has_python = session->has_target && !options->bare && open_python(session, err);
    if (session->has_python && !open_structs(session, err)) {
        session_close(session);
        return false;
    }
    if (!session->has_target || (!session->has_python && !options->bare)) {
        if (session->has_target)
            explain_failure(session, err);
        session_close(session);
        return false;
    }
    tell_incomplete(session);
    if (session->has_python)
        session_warn(session);
    return true;
}

static void forget_pasts(struct session *session)
{
    for (struct kept_past *kept = session->pasts, *next; kept; kept = next) {
        next = kept->next;
        baseline_free(&kept->past);
        forest_free(&kept->places);
        free(kept->file);
        free(kept);
    }
    if (session->has_now)
        baseline_free(&session->now);
    if (session->has_places)
        forest_free(&session->places);
}

static void end_heap(struct session *session)
{
    if (session->has_jail)
        traverse_close(&session->jail);
    session->has_jail = false;
}

void session_close(struct session *session)
{
    if (session->has_tracemalloc)
        tracemalloc_free(&session->tracemalloc);
    if (session->has_native)
        native_retained_free(&session->native);
    if (session->has_blocks)
        block_owners_free(&session->blocks);
    if (session->has_memory)
        memory_close(&session->memory);
    groups_fini(&session->groups);
    csr_free(&session->dominated);
    forget_pasts(session);
    if (session->has_dominators)
        dominate_free(&session->dominate);
    if (session->has_roots)
        heap_roots_free(&session->roots);
    if (session->has_garbage)
        collect_fini(&session->garbage);
    heap_free(&session->heap);
    tallies_fini(&session->tallies);
    end_heap(session);
    if (session->has_python)
        python_close(&session->py);
    if (session->has_target)
        target_close(&session->target);
    store_close(&session->store);
    *session = (struct session){ .selected = NODE_NONE };
}

// --- what commands need -------------------------------------------------------------------------

bool session_jail(struct session *session, struct traverse *jail, struct err *err)
{
    const struct session_options *options = &session->options;
    if (session->has_store)
        return err_set(
            err, ERR_UNSUPPORTED,
            "a saved heap has no code: its references are as they were when it was saved");
    if (options->traverse == TRAVERSE_OFF || !options->programs)
        return err_set(err, ERR_UNSUPPORTED,
                       options->programs ? "--traverse off" : "ouro-traverse is not installed");
    struct text native = TEXT_INIT, emulator = TEXT_INIT;
    text_add_format(&native, "%s/ouro-traverse", options->programs);
    text_add_format(&emulator, "%s/ouro-emulate", options->programs);
    const struct traverse_options how = {
        .mode = options->traverse,
        .native = text_string(&native),
        .emulator = text_string(&emulator),
        .limit_ms = options->traverse_limit * 1000,
        .progress = &options->progress,
    };
    bool ok = text_ok(&native, err) && text_ok(&emulator, err)
              && target_settle(&session->target, err)
              && traverse_open(jail, &session->py, &how, err);
    text_fini(&native);
    text_fini(&emulator);
    return ok;
}

// Without a jail, types without a decoder are guessed; a warning says so, unless the user turned
// the jail off.
static bool open_jail(struct session *session, struct traverse *jail)
{
    const struct session_options *options = &session->options;
    struct err err = ERR_INIT;
    if (session_jail(session, jail, &err))
        return true;
    if (options->warn && options->programs && options->traverse != TRAVERSE_OFF) {
        err_wrap(&err, "references of types without a decoder are guessed");
        options->warn(options->warn_context, err.text);
    }
    return false;
}

// Objects caught in the middle of a resize or a sort are read as they are: a warning says so.
static void tell_unfinished(const struct session *session)
{
    char sentence[160];
    if (!session->heap.unfinished || !session->options.warn)
        return;
    snprintf(sentence, sizeof sentence,
             "%llu %s being changed when the process stopped, or %s damaged: `verify` names %s",
             (unsigned long long)session->heap.unfinished,
             text_plural(session->heap.unfinished, "object was", "objects were"),
             text_plural(session->heap.unfinished, "is", "are"),
             text_plural(session->heap.unfinished, "it", "them"));
    session->options.warn(session->options.warn_context, sentence);
}

// What the jail could not finish is guessed, which must not pass for an answer.
static void tell_jail(const struct session *session)
{
    const struct traverse *jail = &session->jail;
    char sentence[240];
    if (!session->has_jail || !session->options.warn || (!jail->given_up && !jail->late))
        return;
    snprintf(sentence, sizeof sentence,
             "tp_traverse of %u %s crashed, was too slow or visited too much, and %llu %s not "
             "asked before the limit of %llu s (--traverse-limit): their references are guessed",
             jail->given_up, text_plural(jail->given_up, "type", "types"),
             (unsigned long long)jail->late, text_plural(jail->late, "object was", "objects were"),
             (unsigned long long)((jail->limit_ms + 999) / 1000));
    session->options.warn(session->options.warn_context, sentence);
}

// The jail answers while objects are being found, before they have numbers; its answers are looked
// up once they do.
static struct heap_options begin_heap(struct session *session)
{
    if (!session->has_jail)
        session->has_jail = open_jail(session, &session->jail);
    return (struct heap_options){
        .progress = &session->options.progress,
        .jail = session->has_jail ? &session->jail : NULL,
        .no_reverse = true, // few commands need referrers: they are computed on demand
        .threads = session->threads,
    };
}

static bool need_lists(struct session *session, struct err *err)
{
    const struct heap_options how = {
        .progress = &session->options.progress,
        .glance = session->options.glance,
        .threads = session->threads,
    };
    return session->has_heap || heap_list(&session->heap, &session->py, &how, err);
}

static bool need_found(struct session *session, struct err *err)
{
    if (session->has_heap)
        return true;
    struct heap_options how = begin_heap(session);
    how.tally = true;
    bool ok = heap_find(&session->heap, &session->py, &how, err);
    if (!ok)
        end_heap(session);
    return ok;
}

// Reads a saved heap's counts; if the file has none, has_tallies stays false and the heap must be
// read.
static bool need_tallies(struct session *session, struct err *err)
{
    struct err none = ERR_INIT;
    if (session->has_heap || session->has_tallies)
        return true;
    session->has_tallies = tallies_restore(&session->tallies, &session->py, &session->store, &none);
    session->heap.py = &session->py; // for the names of types
    return session->has_tallies || none.kind == ERR_NOT_FOUND
           || err_set(err, none.kind, "%s: %s", session->options.core, none.text);
}

const struct tallies *session_tallies(const struct session *session)
{
    return session->has_tallies ? &session->tallies : heap_tallies(&session->heap);
}

static bool build_heap(struct session *session, struct err *err)
{
    if (session->has_store)
        return heap_restore(&session->heap, &session->py, &session->store, err)
               || err_wrap(err, "%s", session->options.core);
    struct heap_options how = begin_heap(session);
    bool ok = heap_build(&session->heap, &session->py, &how, err);
    if (ok)
        tell_jail(session);
    end_heap(session);
    if (ok)
        tell_unfinished(session);
    if (ok) {
        tell_broken_lists(session);
        // No object led into memory that was not dumped: the process never wrote there. Later scans
        // of words may run into it, which means nothing.
        if (!session->target.undumped_read)
            session->target.undumped = 0;
        tell_incomplete(session);
    }
    return ok;
}

static bool need_heap(struct session *session, struct err *err)
{
    if (!session->has_heap)
        session->has_heap = build_heap(session, err);
    session->heap.threads = session->threads;
    session->is_partial = session->has_heap && !heap_is_whole(&session->heap);
    return session->has_heap;
}

static bool need_reverse(struct session *session, struct err *err)
{
    if (!session->has_reverse)
        session->has_reverse = heap_need_reverse(&session->heap, &session->options.progress, err);
    return session->has_reverse;
}

static bool need_garbage(struct session *session, struct err *err)
{
    if (!session->has_garbage && session->has_store)
        session->has_garbage =
            collection_restore(&session->garbage, &session->heap, &session->store, err)
            || err_wrap(err, "%s", session->options.core);
    else if (!session->has_garbage)
        session->has_garbage = collect_run(&session->heap, GEN_2, -1, &session->garbage,
                                           &session->options.progress, err);
    return session->has_garbage;
}

static bool need_roots(struct session *session, struct err *err)
{
    if (!session->has_roots && session->has_store)
        session->has_roots =
            heap_roots_restore(&session->roots, &session->heap, &session->store, err)
            || err_wrap(err, "%s", session->options.core);
    else if (!session->has_roots)
        session->has_roots =
            heap_roots_find(&session->roots, &session->heap, &session->options.progress, err);
    return session->has_roots;
}

static bool need_dominators(struct session *session, struct err *err)
{
    struct csr *missing = session->heap.reverse.offset ? NULL : &session->heap.reverse;
    if (session->has_dominators)
        return true;
    session->has_dominators = dominate_find(&session->dominate, &session->heap, missing,
                                            &session->roots, &session->options.progress, err);
    session->has_reverse = session->has_reverse || session->has_dominators;
    return session->has_dominators;
}

const struct csr *session_dominated(struct session *session, struct err *err)
{
    const struct dom dom = { .node_count = session->heap.node_count,
                             .parent = session->dominate.parent };
    bool ok = session->dominated.offset || dom_children(&dom, &session->dominated, err);
    return ok ? &session->dominated : NULL;
}

const struct tracemalloc *session_tracemalloc(struct session *session)
{
    if (!session_has_values(session)) // nothing to read
        session->tracemalloc.state = TRACEMALLOC_UNKNOWN;
    else if (!session->has_tracemalloc && session->has_python)
        tracemalloc_find(&session->tracemalloc, &session->py);
    session->has_tracemalloc = true;
    return &session->tracemalloc;
}

bool session_traces(struct session *session, struct err *err)
{
    const char *why = tracemalloc_why(session_tracemalloc(session));
    if (why)
        return err_set(err, ERR_NOT_FOUND, "%s", why);
    if (tracemalloc_read(&session->tracemalloc, &session->py, &session->options.progress, err))
        return true;
    tracemalloc_free(&session->tracemalloc);
    session->has_tracemalloc = false;
    return false;
}

bool session_knows_memory(const struct session *session)
{
    return !session->has_store || store_has(&session->store, MEMORY_SECTION);
}

static bool session_memory_open(struct session *session, struct err *err)
{
    return session->has_store && session_knows_memory(session)
               ? memory_restore(&session->memory, &session->target, &session->store, err)
               : memory_open(&session->memory, &session->target, err);
}

bool session_memory(struct session *session, struct err *err)
{
    if (session->has_memory)
        return true;
    if (!session_need_values(session, "the memory", err) || !session_need(session, NEEDS_HEAP, err))
        return false;
    struct memory *m = &session->memory;
    session->has_memory = session_memory_open(session, err) && heap_claim(m, &session->heap, err)
                          && memory_claim_stacks(m, err) && memory_claim_malloc(m, err)
                          && memory_settle(m, err);
    if (!session->has_memory)
        memory_close(m);
    return session->has_memory;
}

bool session_blocks(struct session *session, struct err *err)
{
    if (session->has_blocks)
        return true;
    session->has_blocks = session_memory(session, err)
                          && block_owners_find(&session->blocks, &session->heap, &session->memory,
                                               &session->options.progress, err);
    return session->has_blocks;
}

bool session_native(struct session *session, struct err *err)
{
    if (session->has_native)
        return true;
    session->has_native =
        session_need(session, NEEDS_DOMINATORS, err) && session_blocks(session, err)
        && native_retained_find(&session->native, &session->blocks, &session->dominate, err);
    return session->has_native;
}

static bool group_by_path(struct session *session, struct err *err)
{
    if (!session->has_places)
        session->has_places = forest_find(&session->places, &session->heap, &session->roots,
                                          &session->options.progress, err);
    return session->has_places
           && groups_find_paths(&session->groups, &session->heap, &session->places, err);
}

const struct groups *session_groups(struct session *session, const char *by, struct err *err)
{
    enum group_by kind = group_called(by);
    if (kind == GROUP_NONE || kind == GROUP_TYPE) {
        if (kind == GROUP_NONE)
            err_set(err, ERR_USAGE,
                    "%s: objects can be grouped by type, module, package, generation, owner, "
                    "referrer, edge, path or line",
                    by);
        return NULL;
    }
    if (!session_need(session,
                      kind == GROUP_REFERRER ? NEEDS_REVERSE
                      : kind == GROUP_PATH   ? NEEDS_ROOTS
                                             : NEEDS_HEAP,
                      err))
        return NULL;
    if (kind == GROUP_LINE
        && (!session_need_values(session, "--by line", err) || !session_traces(session, err)))
        return NULL;
    if (session->groups.by == kind)
        return &session->groups;
    groups_fini(&session->groups);
    bool ok =
        kind == GROUP_PATH ? group_by_path(session, err)
        : kind == GROUP_LINE
            ? allocated_groups(&session->groups, &session->heap, &session->tracemalloc, err)
            : groups_find(&session->groups, &session->heap, kind, &session->options.progress, err);
    return ok ? &session->groups : NULL;
}

bool session_need(struct session *session, enum command_needs needs, struct err *err)
{
    if (needs == NEEDS_NOTHING)
        return true;
    if (needs == NEEDS_TARGET && session->has_target)
        return true;
    if (!session->has_python)
        return err_set(err, ERR_USAGE, "no core and no process is open");
    if (needs == NEEDS_PYTHON)
        return true;
    if (needs == NEEDS_LISTS && !session->has_store)
        return need_lists(session, err);
    if (needs == NEEDS_FOUND && !session->has_store)
        return need_found(session, err);
    if (needs == NEEDS_FOUND && !need_tallies(session, err))
        return false;
    if (needs == NEEDS_FOUND && session->has_tallies)
        return true;
    if (!need_heap(session, err))
        return false;
    if (needs == NEEDS_REVERSE)
        return need_reverse(session, err);
    if (needs == NEEDS_ROOTS)
        return need_reverse(session, err) && need_roots(session, err);
    if (needs == NEEDS_DOMINATORS)
        return (session->threads > 1 || need_reverse(session, err)) && need_roots(session, err)
               && need_dominators(session, err);
    return needs != NEEDS_GARBAGE || need_garbage(session, err);
}

bool session_need_account(struct session *session, struct err *err)
{
    return session_need(session, session->has_store ? NEEDS_HEAP : NEEDS_ROOTS, err)
           && need_roots(session, err) && need_garbage(session, err);
}

const char *session_build_id(const struct session *session, char text[SESSION_BUILD_ID])
{
    int module = session->py.module;
    if (module < 0 || (size_t)module >= session->target.module_count)
        return NULL;
    module_build_id_text(&session->target.modules[module], text, SESSION_BUILD_ID);
    return *text ? text : NULL;
}

bool session_has_values(const struct session *session)
{
    return !session->has_python || python_has_values(&session->py);
}

enum disclosure session_disclosure(const struct session *session)
{
    return session_has_values(session) ? DISCLOSE_ALL : DISCLOSE_SHAPE;
}

struct cell session_disclosure_cell(const struct session *session)
{
    return cell_bool(!session_has_values(session));
}

void session_disclosure_summary(const struct session *session, struct report *report)
{
    if (!session_has_values(session))
        report_summary(report, "redacted", session_disclosure_cell(session));
}

bool session_need_values(const struct session *session, const char *what, struct err *err)
{
    return session_has_values(session)
           || err_set(err, ERR_UNSUPPORTED,
                      "%s: this heap is redacted: it has no values and no names", what);
}

bool session_interpreter(struct session *session, uint64_t id, size_t *out, struct err *err)
{
    for (size_t i = 0; i < session->py.interpreter_count; i++) {
        if ((uint64_t)session->py.interpreters[i].id == id) {
            *out = i;
            return true;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "no interpreter %llu; there are %zu, numbered from %lld",
                   (unsigned long long)id, session->py.interpreter_count,
                   session->py.interpreter_count ? (long long)session->py.interpreters[0].id : 0LL);
}

// --- running ------------------------------------------------------------------------------------

struct order { // how rows are sorted
    bool wanted;
    size_t column;
    bool descending;
};

static bool is_number(const struct column *column)
{
    return column->flags & COLUMN_RIGHT;
}

// --sort COLUMN, else the command's own. Numbers are descending, names ascending; a minus before
// the name reverses that.
static bool read_order(const struct command *command, const struct args *args,
                       const struct report *report, struct order *order, struct err *err)
{
    const char *name = args_text(args, "sort");
    bool turned = name && *name == '-';
    *order = (struct order){ .wanted = name || command->sort };
    if (!order->wanted)
        return true;
    order->column =
        name ? report_column_named(report, name + turned) : report_column(report, command->sort);
    if (order->column == report->column_count && !name) {
        order->wanted = false; // --objects and --by have other columns than usual
        return true;
    }
    if (order->column == report->column_count)
        return pick_no_column(command->name, report->columns, name + turned, strlen(name + turned),
                              err);
    order->descending = is_number(&report->columns[order->column]) != turned;
    return true;
}

static void cut_to_limit(struct report *report)
{
    if (!report->limit || report->row_count <= report->limit)
        return;
    report->row_count = report->limit;
    report->kept = report->limit;
    report->truncated = true;
}

// Every answer about an incomplete target says how much is missing.
static void session_summarize_missing(const struct session *session, struct report *report)
{
    uint64_t missing = session->has_target ? target_incomplete(&session->target) : 0;
    uint32_t broken = session->has_heap ? heap_broken_lists(&session->heap) : 0;
    if (missing || broken)
        report_summary(report, "incomplete", cell_count(missing));
    if (broken)
        report_summary(report, "broken_lists", cell_count(broken));
}

// Runs the command here.
static bool run_here(const struct command *command, struct session *session,
                     const struct args *args, struct report *report, struct err *err)
{
    session->is_partial = session->has_heap && !heap_is_whole(&session->heap);
    report->partial = &session->is_partial;
    bool ok = command->run(session, args, report, err);
    if (ok && command->needs > NEEDS_TARGET)
        session_disclosure_summary(session, report);
    if (ok)
        session_summarize_missing(session, report);
    else if (err && err->kind == ERR_NOT_FOUND && target_incomplete(&session->target))
        err_wrap(err, "in what there is of the target");
    return ok;
}

// The report keeps its rows: they are sorted in place.
static bool run_stored(const struct command *command, struct session *session,
                       const struct args *args, const struct order *order, struct report *report,
                       struct err *err)
{
    uint64_t limit = report->limit;
    report->limit = 0;
    bool ok =
        run_here(command, session, args, report, err)
        && report_sort(report, order->column, order->descending, &session->options.progress, err);
    report->limit = limit;
    cut_to_limit(report);
    return ok;
}

static bool hand_on(struct report *from, struct report *to, struct err *err)
{
    if (from->columns)
        report_columns(to, from->command, from->columns); // the command may have renamed them
    for (size_t row = 0; row < from->row_count; row++)
        if (!report_row(to, from->cells + row * from->column_count, err))
            return false;
    report_adopt(to, from);
    return report_end(to, err);
}

// The report streams: rows are kept and sorted on their way.
static bool run_sorted(const struct command *command, struct session *session,
                       const struct args *args, const struct order *order, struct report *report,
                       struct err *err)
{
    struct report stage;
    report_init(&stage, session, &report_store, NULL);
    report_columns(&stage, command->name, report->columns);
    bool ok =
        run_stored(command, session, args, order, &stage, err) && hand_on(&stage, report, err);
    report_fini(&stage);
    return ok;
}

// A process may have ended while it was read: then there is no answer.
static bool session_is_there(const struct session *session, struct err *err)
{
    return !session->has_target || target_check(&session->target, err);
}

static bool session_need_whole(struct session *session, enum command_needs needs, struct err *err)
{
    bool ok = session_need(session, needs, err);
    return session_is_there(session, err) && ok;
}

// Applies this command line's options, columns and order, then adds its rows.
static bool run_into(const struct command *command, struct session *session,
                     const struct args *args, struct report *report, struct err *err)
{
    struct order order;
    report->command = command->name;
    if (command->columns)
        report_columns(report, command->name,
                       command->choose ? command->choose(args) : command->columns);
    report->limit = args_number(args, "limit", report->limit);
    const char *picked = args_text(args, "columns");
    if ((picked && command->columns && !pick_check(picked, command->name, report->columns, err))
        || !read_order(command, args, report, &order, err)
        || !session_need_whole(session, command->needs, err)
        || (command->reads_values && !session_need_values(session, command->name, err)))
        return false;
    if (order.wanted) {
        report->sorted_by = report->columns[order.column].name;
        report->sorted_down = order.descending;
    }
    if (order.wanted && report->sink != &report_store)
        return run_sorted(command, session, args, &order, report, err);
    bool ok = order.wanted ? run_stored(command, session, args, &order, report, err)
                           : run_here(command, session, args, report, err);
    return session_is_there(session, err) && ok && report_end(report, err);
}

// --columns: the command writes to a report of its own, which passes the chosen columns on.
static bool run_picked(const struct command *command, struct session *session,
                       const struct args *args, struct report *report, struct err *err)
{
    struct pick pick = { .names = args_text(args, "columns"), .to = report };
    struct report whole;
    report_init(&whole, session, &report_pick, &pick);
    whole.limit = report->limit;
    report->command = command->name;
    report->limit = 0;
    bool ok = run_into(command, session, args, &whole, err);
    report_adopt(report, &whole);
    report->stopped |= whole.stopped;
    report->rows = whole.rows;
    ok = ok && report_end(report, err);
    pick_fini(&pick);
    report_fini(&whole);
    return ok;
}

static bool run_command(const struct command *command, struct session *session,
                        const struct args *args, struct report *report, struct err *err)
{
    report->wide = args_has(args, "wide");
    return args_has(args, "columns") ? run_picked(command, session, args, report, err)
                                     : run_into(command, session, args, report, err);
}

const struct command *session_command(const struct session_options *options, size_t argc,
                                      const char *const *argv, struct args *args, struct err *err)
{
    const struct command *command = command_find(argv[0]);
    bool is_query = !command && queries_has(options->data, argv[0]);
    if (is_query)
        command = command_find("sql");
    else
        argc--, argv++;
    if (!command) {
        command_unknown(argv[-1], ERR_USAGE, err);
        return NULL;
    }
    return args_parse(args, command, argc, argv, err) ? command : NULL;
}

bool session_run(struct session *session, size_t argc, const char *const *argv,
                 struct report *report, struct err *err)
{
    if (!argc)
        return err_set(err, ERR_USAGE, "no command; `help` lists them");
    struct args args;
    const struct command *command = session_command(&session->options, argc, argv, &args, err);
    return command && (run_command(command, session, &args, report, err) || report->stopped);
}

bool session_run_line(struct session *session, const char *line, struct report *report,
                      struct err *err)
{
    struct words words;
    if (!words_split_statement(&words, line) && !words_split(&words, line, err))
        return false;
    bool ok = session_run(session, words.count, words.items, report, err);
    words_fini(&words);
    return ok;
}
