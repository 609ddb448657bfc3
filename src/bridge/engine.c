// SPDX-License-Identifier: GPL-3.0-or-later
// The engine's process: see engine.h. Everything here runs in the fork.
#include "bridge/engine.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/unused.h"
#include "bridge/arrays.h"
#include "bridge/wire.h"
#include "cmd/session/compare.h"
#include "cmd/session/resolve.h"
#include "tui/tui.h"

#define TELL_EVERY 100 // milliseconds between two progress messages

// Ctrl-C was pressed; nothing else is touched by a signal handler.
static volatile sig_atomic_t interrupted;

struct engine {
    struct engine_start start;
    struct target_callback callback; // as the session sees it
    struct session session;
    struct tui *tui;
    struct wire in, out;
    uint64_t next_progress;
    bool open, stale;
    bool spoiled; // a read was interrupted: results since then may lack data
    // Of the answer in progress.
    bool quit;
    addr found;
    char summary[512];
};

// --- what a process should not inherit ----------------------------------------------------------

static void on_interrupt(UNUSED int number)
{
    interrupted = 1;
}

// The caller's handlers would act on the caller's state, of which this process has only a copy.
static void engine_take_signals(void)
{
    struct sigaction action = { .sa_handler = SIG_DFL };
    sigemptyset(&action.sa_mask);
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// Sockets, traces and terminals that the caller closes must not stay open here.
static void drop_files(struct engine_start *start)
{
    int *const kept[] = { &start->control, &start->rows, &start->arrays };
    int first = 3, count = start->arrays < 0 ? 2 : 3;
    for (int i = 0; i < count; i++)
        if ((*kept[i] = fcntl(*kept[i], F_DUPFD, 128)) < 0)
            _exit(1);
    for (int i = 0; i < count; i++) {
        if (dup2(*kept[i], first + i) < 0)
            _exit(1);
        *kept[i] = first + i;
        fcntl(first + i, F_SETFD, FD_CLOEXEC);
    }
    first += count;
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U))
        for (int fd = first; fd < 4096; fd++)
            close(fd);
}

static void engine_settle(struct engine_start *start)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "ouro-engine");
    engine_take_signals();
    drop_files(start);
    // gdb's readline exports the terminal's size at that time, and ncurses would rely on it.
    unsetenv("LINES");
    unsetenv("COLUMNS");
    // A core of this process would hold all that the caller has mapped.
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

// --- talking to the caller ----------------------------------------------------------------------

static void say(struct engine *e)
{
    if (!wire_send(e->start.control, &e->out))
        _exit(0);
}

static void hear(struct engine *e)
{
    if (!wire_receive(e->start.control, &e->in))
        _exit(0);
}

static void engine_warn(void *context, const char *sentence)
{
    struct engine *e = context;
    wire_begin(&e->out, WIRE_WARN);
    wire_put_text(&e->out, sentence);
    say(e);
}

static bool engine_step(void *context, const char *phase, uint64_t done, uint64_t total)
{
    struct engine *e = context;
    uint64_t time = clock_ms();
    if (time >= e->next_progress) {
        e->next_progress = time + TELL_EVERY;
        wire_begin(&e->out, WIRE_PROGRESS);
        wire_put_number(&e->out, done);
        wire_put_number(&e->out, total);
        wire_put_text(&e->out, phase);
        say(e);
    }
    return !interrupted;
}

static size_t read_refuse(struct engine *e)
{
    interrupted = 1;
    e->spoiled = true;
    return TARGET_REFUSED;
}

// A target_callback.read: the caller reads, into shared memory.
static size_t read_there(void *context, addr from, void *to, size_t size)
{
    struct engine *e = context;
    size_t done = 0;
    // If the caller reads at once anyway, reading is faster than refusing.
    if (interrupted && e->callback.maps)
        return read_refuse(e);
    while (done < size && !e->stale) {
        size_t part = size - done < ENGINE_BLOCK ? size - done : ENGINE_BLOCK;
        wire_begin(&e->out, WIRE_READ);
        wire_put_number(&e->out, from + done);
        wire_put_number(&e->out, part);
        say(e);
        hear(e);
        uint64_t got = e->in.kind == WIRE_BLOCK ? wire_take_number(&e->in) : 0;
        if (got == TARGET_REFUSED)
            return read_refuse(e);
        if (got > part)
            got = 0;
        memcpy((uint8_t *)to + done, e->start.block, got);
        done += got;
        if (got < part)
            break;
    }
    return done;
}

// A null err means that the question was answered.
static void engine_finish(struct engine *e, const struct err *err)
{
    const struct session *session = &e->session;
    node selected = e->open && session->has_heap ? session->selected : NODE_NONE;
    bool any = selected != NODE_NONE && selected < session->heap.node_count;
    wire_begin(&e->out, WIRE_DONE);
    wire_put_number(&e->out, err ? err->kind : ERR_NONE);
    wire_put_number(&e->out, any ? heap_addr(&session->heap, selected) : 0);
    wire_put_number(&e->out, e->found);
    wire_put_number(&e->out, e->quit);
    wire_put_text(&e->out,
                  any ? heap_type_name(&session->heap, heap_type(&session->heap, selected)) : "");
    wire_put_text(&e->out, e->summary);
    wire_put_text(&e->out, err ? err->text : "");
    say(e);
}

// --- opening ------------------------------------------------------------------------------------

static bool open_session(struct engine *e, struct err *err)
{
    struct session_options options = e->start.options;
    options.progress = (struct progress){ engine_step, e };
    options.warn = engine_warn;
    options.warn_context = e;
    if (!options.core && !options.pid) {
        e->callback = e->start.callback;
        e->callback.read = read_there;
        e->callback.context = e;
        options.callback = &e->callback;
    }
    e->open = session_open(&e->session, &options, err);
    return e->open;
}

// Takes the maps of a message, which replace those that the engine began with.
static bool take_maps(struct engine *e, struct wire *in, struct err *err)
{
    bool any = wire_take_number(in) != 0;
    uint64_t count = wire_take_number(in);
    if (!any)
        return true;
    if (count > in->body.size / 40)
        return err_set(err, ERR_FORMAT, "a message was cut off");
    struct segment *maps = calloc(count + 1, sizeof *maps);
    const char **paths = calloc(count + 1, sizeof *paths);
    char **kept = (char **)paths;
    bool ok = (maps && paths) || err_memory(err, "the target's maps");
    for (uint64_t i = 0; ok && i < count; i++) {
        maps[i].start = wire_take_number(in);
        maps[i].end = wire_take_number(in);
        maps[i].offset = wire_take_number(in);
        maps[i].flags = (uint32_t)wire_take_number(in);
        const char *path = wire_take_text(in);
        kept[i] = *path ? strdup(path) : NULL;
    }
    if (!ok) {
        free(maps);
        free(paths);
        return false;
    }
    // The former maps are not freed, as they may be the caller's: a few KiB per rescan.
    e->start.callback.maps = maps;
    e->start.callback.paths = paths;
    e->start.callback.map_count = count;
    return true;
}

static bool engine_take_threads(struct engine *e, struct wire *in, struct err *err)
{
    uint64_t count = wire_take_number(in);
    if (count > in->body.size / 32)
        return err_set(err, ERR_FORMAT, "a message was cut off");
    struct thread *threads = calloc(count + 1, sizeof *threads);
    if (!threads)
        return err_memory(err, "the target's threads");
    for (uint64_t i = 0; i < count; i++) {
        threads[i].tid = (pid_t)wire_take_number(in);
        threads[i].fs_base = wire_take_number(in);
        threads[i].pc = wire_take_number(in);
        threads[i].sp = wire_take_number(in);
    }
    e->start.callback.threads = threads;
    e->start.callback.thread_count = count;
    return true;
}

// A job that was interrupted while it read may have left incomplete results: everything is computed
// anew. Runs before each job.
static bool engine_mend(struct engine *e, struct err *err)
{
    if (!e->spoiled)
        return true;
    if (e->stale)
        return err_set(err, ERR_READ,
                       "the reading of its heap was interrupted, and the program has run since: "
                       "`rescan` reads it");
    const struct session *session = &e->session;
    bool any = e->open && session->has_heap && session->selected != NODE_NONE;
    addr selected = any ? heap_addr(&session->heap, session->selected) : 0;
    if (e->tui)
        tui_retire(e->tui);
    if (e->open)
        session_close(&e->session);
    e->spoiled = false;
    if (!open_session(e, err)) {
        e->spoiled = true;
        return false;
    }
    if (selected && session_need(&e->session, NEEDS_HEAP, err))
        e->session.selected = heap_node_of(&e->session.heap, selected);
    return !e->spoiled || err_set(err, ERR_CANCELLED, "cancelled");
}

// --- what the caller asks for -------------------------------------------------------------------

// Adds what a person wants to know besides the rows.
static void engine_summarize(struct engine *e, const struct report *report,
                             const struct report_stream *stream)
{
    struct text line = TEXT_INIT;
    if (report->sentence)
        text_add_format(&line, "%s; ", report->sentence);
    if (!report->kept)
        text_add_string(&line, report->empty ? report->empty : "no rows");
    else
        text_add_count(&line, report->kept);
    if (report->kept)
        text_add_string(&line, text_plural(report->kept, " row", " rows"));
    if (report->kept && report->truncated)
        text_add_string(&line, ", and there are more");
    for (size_t i = 0; report->kept && i < report->summary_count; i++) {
        const struct column human = { .flags = report->summary[i].cell.kind == CELL_BYTES
                                                   ? COLUMN_HUMAN
                                                   : 0 };
        if (report->summary[i].cell.kind == CELL_NULL)
            continue;
        text_add_format(&line, "; %s ", report->summary[i].key);
        report_cell_text(report, &report->summary[i].cell, &human, 0, &line);
    }
    if (stream->left_out.size)
        text_add_format(&line, "; no room for %s: --wide", text_string(&stream->left_out));
    snprintf(e->summary, sizeof e->summary, "%s", text_string(&line));
    text_fini(&line);
}

struct output {
    bool json;
    struct report_stream stream;
};

static struct output take_output(struct engine *e)
{
    struct output output = { .json = wire_take_number(&e->in) != 0 };
    output.stream.color = wire_take_number(&e->in) != 0;
    output.stream.width = (size_t)wire_take_number(&e->in);
    output.stream.fd = e->start.rows;
    return output;
}

// File names are relative to the caller's directory, which may have changed since.
static void engine_follow(struct engine *e)
{
    const char *folder = wire_take_text(&e->in);
    if (*folder && chdir(folder))
        engine_warn(e, "the current folder cannot be entered: files are looked for in the former");
}

static void engine_serve(struct engine *e)
{
    struct output output = take_output(e);
    char *line = strdup(wire_take_text(&e->in));
    engine_follow(e);
    struct report report;
    struct err err = ERR_INIT;
    report_init(&report, &e->session, output.json ? &report_as_json : &report_as_text,
                &output.stream);
    bool ok = line ? engine_mend(e, &err) && session_run_line(&e->session, line, &report, &err)
                   : err_memory(&err, "a command line");
    if (interrupted && (ok || e->spoiled))
        ok = err_set(&err, ERR_CANCELLED, "cancelled");
    if (ok)
        engine_summarize(e, &report, &output.stream);
    report_stream_fini(&output.stream);
    report_fini(&report);
    free(line);
    engine_finish(e, ok ? NULL : &err);
}

static void engine_add_word(void *context, const char *word)
{
    struct text *words = context;
    text_add_string(words, word);
    text_add_char(words, '\n');
}

static void write_rows(const struct engine *e, const struct text *text)
{
    for (size_t done = 0; done < text->size;) {
        ssize_t n = write(e->start.rows, text->data + done, text->size - done);
        if (n < 0)
            return;
        done += (size_t)n;
    }
}

static void engine_complete(struct engine *e)
{
    size_t cursor = (size_t)wire_take_number(&e->in);
    struct text words = TEXT_INIT, line = TEXT_INIT;
    text_add_string(&line, wire_take_text(&e->in));
    if (cursor > line.size)
        cursor = line.size;
    session_complete(&e->session, text_string(&line), cursor, engine_add_word, &words);
    write_rows(e, &words);
    text_fini(&words);
    text_fini(&line);
    engine_finish(e, NULL);
}

static void find_object(struct engine *e)
{
    struct err err = ERR_INIT;
    char *name = strdup(wire_take_text(&e->in));
    node found = NODE_NONE;
    bool ok = (name || err_memory(&err, "a name")) && engine_mend(e, &err)
              && session_need(&e->session, NEEDS_REVERSE, &err)
              && session_object(&e->session, name, &found, &err);
    if (interrupted && e->spoiled)
        ok = err_set(&err, ERR_CANCELLED, "cancelled");
    if (ok)
        e->found = heap_addr(&e->session.heap, found);
    free(name);
    engine_finish(e, ok ? NULL : &err);
}

static void engine_glance(struct engine *e)
{
    struct err err = ERR_INIT;
    addr at = wire_take_number(&e->in);
    struct glance glance = { .type = "", .refcount = -1 };
    bool ok = engine_mend(e, &err) && resolve_glance(&e->session, at, &glance, &err);
    if (interrupted && e->spoiled)
        ok = err_set(&err, ERR_CANCELLED, "cancelled");
    e->found = (uint64_t)glance.refcount;
    snprintf(e->summary, sizeof e->summary, "%s", glance.type);
    engine_finish(e, ok ? NULL : &err);
}

static void engine_lay_arrays(struct engine *e)
{
    struct err err = ERR_INIT;
    bool retained = wire_take_number(&e->in) != 0;
    bool ok = engine_mend(e, &err) && session_need(&e->session, NEEDS_GARBAGE, &err)
              && (!retained || session_need(&e->session, NEEDS_DOMINATORS, &err));
    if (ok && e->start.arrays < 0)
        ok = err_set(&err, ERR_MEMORY, "no room for the heap's arrays");
    ok = ok && arrays_write(e->start.arrays, &e->session, retained, &err);
    if (e->spoiled)
        ok = err_set(&err, ERR_CANCELLED, "cancelled");
    engine_finish(e, ok ? NULL : &err);
}

static void engine_show_screen(struct engine *e)
{
    struct err err = ERR_INIT;
    char *start = strdup(wire_take_text(&e->in));
    engine_follow(e);
    const struct tui_options how = { .in_gdb = true, .start = start && *start ? start : NULL };
    bool whole = engine_mend(e, &err);
    if (!e->tui && whole)
        e->tui = tui_new(&e->session, &how, &err);
    bool ok = whole && e->tui && tui_resume(e->tui, &e->quit, &err);
    if (ok && e->quit) {
        tui_free(e->tui);
        e->tui = NULL;
    }
    free(start);
    engine_finish(e, ok ? NULL : &err);
}

// Remembers the heap as a baseline. The target has run: nothing more is read from it.
static bool engine_remember(struct engine *e, struct baseline *past, struct err *err)
{
    bool stale = e->stale;
    e->stale = true;
    bool ok = baseline_take(past, &e->session.heap, NULL, err);
    e->stale = stale;
    return ok;
}

// The session is opened anew in the same place; the screen, which borrows it, reloads everything.
static bool engine_reopen(struct engine *e, addr *selected, struct baseline *past, struct err *err)
{
    bool known = past && e->open && e->session.has_heap && !e->spoiled;
    if (known && e->session.selected != NODE_NONE)
        *selected = heap_addr(&e->session.heap, e->session.selected);
    if (!take_maps(e, &e->in, err) || !engine_take_threads(e, &e->in, err)
        || (known && !engine_remember(e, past, err)))
        return false;
    e->start.callback.signal = (int)wire_take_number(&e->in);
    if (e->tui)
        tui_retire(e->tui);
    if (e->open)
        session_close(&e->session);
    e->stale = e->spoiled = false;
    return open_session(e, err);
}

static bool tell_news(struct engine *e, struct output *output, struct err *err)
{
    struct report report;
    report_init(&report, &e->session, output->json ? &report_as_json : &report_as_text,
                &output->stream);
    bool ok = session_run_line(&e->session, "diff - --sort new", &report, err);
    if (ok)
        engine_summarize(e, &report, &output->stream);
    report_fini(&report);
    return ok;
}

static void rescan(struct engine *e)
{
    struct err err = ERR_INIT;
    struct baseline past = { 0 };
    struct output output = take_output(e);
    addr selected = 0;
    bool only_open = wire_take_number(&e->in) != 0;
    bool ok = engine_reopen(e, &selected, only_open ? NULL : &past, &err);
    if (ok && past.at) {
        session_keep_stop(&e->session, &past);
        ok = tell_news(e, &output, &err);
        if (ok && selected)
            e->session.selected = heap_node_of(&e->session.heap, selected);
    }
    if (e->spoiled)
        ok = err_set(&err, ERR_CANCELLED, "cancelled");
    report_stream_fini(&output.stream);
    baseline_free(&past);
    engine_finish(e, ok ? NULL : &err);
}

static void obey(struct engine *e)
{
    hear(e);
    interrupted = 0;
    e->next_progress = clock_ms() + TELL_EVERY;
    e->summary[0] = 0;
    e->quit = false;
    e->found = 0;
    switch ((enum wire_kind)e->in.kind) {
    case WIRE_RUN:
        engine_serve(e);
        break;
    case WIRE_COMPLETE:
        engine_complete(e);
        break;
    case WIRE_OBJECT:
        find_object(e);
        break;
    case WIRE_GLANCE:
        engine_glance(e);
        break;
    case WIRE_ARRAYS:
        engine_lay_arrays(e);
        break;
    case WIRE_SCREEN:
        engine_show_screen(e);
        break;
    case WIRE_RESCAN:
        rescan(e);
        break;
    case WIRE_STALE:
        e->stale = wire_take_number(&e->in) != 0;
        break;
    default: // not a message to the engine
        _exit(1);
    }
}

noreturn void engine_main(const struct engine_start *start)
{
    static struct engine engine; // there is one: the process is ours
    struct engine *e = &engine;
    struct err err = ERR_INIT;
    e->start = *start;
    engine_settle(&e->start);
    interrupted = 0;
    e->next_progress = clock_ms() + TELL_EVERY;
    bool ok = open_session(e, &err);
    if (e->spoiled)
        ok = err_set(&err, ERR_CANCELLED, "cancelled");
    engine_finish(e, ok ? NULL : &err);
    while (ok)
        obey(e);
    _exit(0);
}
