// SPDX-License-Identifier: GPL-3.0-or-later
// The caller's side of the library: see ouro.h. Nothing here reads a target, which the engine does.
#include "bridge/ouro.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/json.h"
#include "base/unused.h"
#include "bridge/arrays.h"
#include "bridge/engine.h"
#include "bridge/wire.h"
#include "target/proc.h"

struct ouro {
    int control, rows;
    int signals; // a signalfd; -1: none
    int arrays;  // the file that the engine lays the heap's arrays in; -1: none
    void *map;   // the mapping of that file; null: arrays were not asked for
    size_t map_size;
    pid_t engine;   // 0: dead
    uint8_t *block; // shared with the engine
    pid_t pid;      // whose memory is read here; 0: none
    struct ouro_options options;
    char *exe, *sysroot, *layout, *data, *programs; // what options points to
    struct wire out, in;
    struct {
        enum ouro_status status;
        uint64_t selected, found;
        char type[256], summary[512], error[512];
        bool quit;
    } last;
};

// --- Ctrl-C -------------------------------------------------------------------------------------

// Waits for the engine or for Ctrl-C, which is read from a descriptor: no handler replaces the
// caller's, and outside of this function it reaches the caller as before. False: poll failed.
static bool ouro_wait_for(struct ouro *o, struct pollfd *files, nfds_t count, bool *interrupted)
{
    sigset_t sigint, before;
    struct signalfd_siginfo what;
    sigemptyset(&sigint);
    sigaddset(&sigint, SIGINT);
    if (o->signals < 0)
        o->signals = signalfd(-1, &sigint, SFD_CLOEXEC | SFD_NONBLOCK);
    if (o->signals >= 0)
        pthread_sigmask(SIG_BLOCK, &sigint, &before);
    files[count] = (struct pollfd){ .fd = o->signals, .events = POLLIN };
    bool ready = poll(files, count + 1, -1) >= 0;
    *interrupted = ready && files[count].revents & POLLIN
                   && read(o->signals, &what, sizeof what) == sizeof what;
    if (o->signals >= 0)
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ready;
}

// --- the engine's end ---------------------------------------------------------------------------

// Waits for its end. If a handler of the caller's waits for all children, it may have taken the
// exit status: 0 then.
static int bury(struct ouro *o)
{
    int status = 0;
    pid_t got = -1;
    while (o->engine && (got = waitpid(o->engine, &status, __WALL)) < 0 && errno == EINTR)
        continue;
    o->engine = 0;
    return got > 0 ? status : 0;
}

static enum ouro_status die(struct ouro *o)
{
    int status = bury(o);
    const char *name = WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : NULL;
    snprintf(o->last.error, sizeof o->last.error,
             "the engine ended in the middle of its work%s%s%s: what it had read is lost, and "
             "nothing else",
             name ? " (" : "", name ? name : "", name ? ")" : "");
    o->last.selected = 0;
    o->last.type[0] = 0;
    o->last.status = OURO_DEAD;
    return OURO_DEAD;
}

static enum ouro_status be_dead(struct ouro *o)
{
    snprintf(o->last.error, sizeof o->last.error, "the engine is no longer there");
    return OURO_DEAD;
}

// --- what the engine asks for -------------------------------------------------------------------

static bool answer_read(struct ouro *o)
{
    uint64_t from = wire_take_number(&o->in), size = wire_take_number(&o->in), got = 0;
    if (size > ENGINE_BLOCK)
        return false;
    if (o->options.read)
        got = o->options.read(o->options.context, from, o->block, (size_t)size);
    else if (o->pid)
        got = proc_peek(o->pid, from, o->block, (size_t)size);
    wire_begin(&o->out, WIRE_BLOCK);
    wire_put_number(&o->out, got > size && got != OURO_REFUSED ? 0 : got);
    return wire_send(o->control, &o->out);
}

static void show_progress(struct ouro *o)
{
    uint64_t done = wire_take_number(&o->in), total = wire_take_number(&o->in);
    if (o->options.progress)
        o->options.progress(o->options.context, wire_take_text(&o->in), done, total);
}

static enum ouro_status status_of(enum err_kind kind)
{
    switch (kind) {
    case ERR_NONE:
        return OURO_ANSWERED;
    case ERR_USAGE:
        return OURO_USAGE;
    case ERR_CANCELLED:
        return OURO_CANCELLED;
    default:
        return OURO_FAILED;
    }
}

static void take_done(struct ouro *o)
{
    o->last.status = status_of((enum err_kind)wire_take_number(&o->in));
    o->last.selected = wire_take_number(&o->in);
    o->last.found = wire_take_number(&o->in);
    o->last.quit = wire_take_number(&o->in) != 0;
    snprintf(o->last.type, sizeof o->last.type, "%s", wire_take_text(&o->in));
    snprintf(o->last.summary, sizeof o->last.summary, "%s", wire_take_text(&o->in));
    snprintf(o->last.error, sizeof o->last.error, "%s", wire_take_text(&o->in));
}

// Serves one message. False: the engine is gone, or sent nonsense.
static bool serve_message(struct ouro *o, bool *done)
{
    if (!wire_receive(o->control, &o->in))
        return false;
    switch ((enum wire_kind)o->in.kind) {
    case WIRE_READ:
        return answer_read(o);
    case WIRE_WARN:
        if (o->options.warn)
            o->options.warn(o->options.context, wire_take_text(&o->in));
        return true;
    case WIRE_PROGRESS:
        show_progress(o);
        return true;
    case WIRE_DONE:
        take_done(o);
        *done = true;
        return true;
    default:
        kill(o->engine, SIGKILL);
        return false;
    }
}

// Takes the rows that have arrived. False: none for now.
static bool serve_rows(struct ouro *o, const struct ouro_output *output, bool *enough)
{
    char bytes[1 << 16];
    ssize_t got = read(o->rows, bytes, sizeof bytes);
    if (got <= 0)
        return got < 0 && errno == EINTR;
    if (!output || !output->write || *enough)
        return true;
    *enough = output->write(output->context, bytes, (size_t)got) != 0;
    if (*enough)
        kill(o->engine, SIGINT);
    return true;
}

// Sends the message in o->out and serves the engine until it is done.
static enum ouro_status ouro_ask(struct ouro *o, const struct ouro_output *output)
{
    bool done = false, enough = false;
    int interrupts = 0;
    if (!o->engine)
        return be_dead(o);
    if (o->out.kind && !wire_send(o->control, &o->out))
        return die(o);
    while (!done) {
        struct pollfd files[3] = { { .fd = o->rows, .events = POLLIN },
                                   { .fd = o->control, .events = POLLIN } };
        bool interrupted, ready = ouro_wait_for(o, files, 2, &interrupted);
        if (interrupted)
            kill(o->engine, ++interrupts < 3 ? SIGINT : SIGKILL);
        if (!ready)
            continue;
        if (files[0].revents & POLLIN)
            serve_rows(o, output, &enough);
        else if (files[1].revents && !serve_message(o, &done))
            return die(o);
    }
    while (serve_rows(o, output, &enough))
        continue;
    if (o->options.progress)
        o->options.progress(o->options.context, NULL, 0, 0);
    if (enough)
        o->last.status = OURO_CANCELLED;
    return o->last.status;
}

// --- opening and closing ------------------------------------------------------------------------

static char *ouro_copy(const char *text, bool *ok)
{
    char *copied = text ? strdup(text) : NULL;
    *ok &= !text || copied;
    return copied;
}

static struct ouro *new (const struct ouro_options *options)
{
    struct ouro *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    bool ok = true;
    if (options)
        o->options = *options;
    o->control = o->rows = o->signals = -1;
    o->arrays = memfd_create("ouro-arrays", MFD_CLOEXEC);
    o->exe = ouro_copy(o->options.exe, &ok);
    o->sysroot = ouro_copy(o->options.sysroot, &ok);
    o->layout = ouro_copy(o->options.layout, &ok);
    o->data = ouro_copy(o->options.data, &ok);
    o->programs = ouro_copy(o->options.programs, &ok);
    o->block = mmap(NULL, ENGINE_BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (o->block == MAP_FAILED)
        o->block = NULL;
    if (ok && o->block)
        return o;
    ouro_close(o);
    return NULL;
}

static void ouro_forget_arrays(struct ouro *o)
{
    if (o->map)
        munmap(o->map, o->map_size);
    o->map = NULL;
}

void ouro_close(struct ouro *o)
{
    if (!o)
        return;
    if (o->control >= 0)
        close(o->control);
    if (o->rows >= 0)
        close(o->rows);
    if (o->signals >= 0)
        close(o->signals);
    if (o->engine)
        kill(o->engine, SIGKILL);
    bury(o);
    ouro_forget_arrays(o);
    if (o->arrays >= 0)
        close(o->arrays);
    if (o->block)
        munmap(o->block, ENGINE_BLOCK);
    wire_fini(&o->in);
    wire_fini(&o->out);
    free(o->exe);
    free(o->sysroot);
    free(o->layout);
    free(o->data);
    free(o->programs);
    free(o);
}

static bool start_engine(struct ouro *o, struct engine_start *start)
{
    int control[2] = { -1, -1 }, rows[2] = { -1, -1 };
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) || pipe2(rows, O_CLOEXEC)) {
        close(control[0]);
        close(control[1]);
        return false;
    }
    o->control = control[0];
    o->rows = rows[0];
    fcntl(o->rows, F_SETFL, O_NONBLOCK);
    start->control = control[1];
    start->rows = rows[1];
    start->arrays = o->arrays;
    start->block = o->block;
    start->options.exe = o->exe;
    start->options.sysroot = o->sysroot;
    start->options.layout = o->layout;
    start->options.data = o->data;
    start->options.programs = o->programs;
    start->options.no_gdb = o->options.no_gdb;
    start->options.python = o->options.python > 0 ? (size_t)o->options.python : 0;
    o->engine = fork();
    if (!o->engine)
        engine_main(start);
    close(control[1]);
    close(rows[1]);
    if (o->engine < 0)
        o->engine = 0;
    return o->engine > 0;
}

static struct ouro *open_engine(struct ouro *o, struct engine_start *start, char *error,
                                size_t size)
{
    bool ok = false;
    if (!o)
        snprintf(error, size, "out of memory");
    else if (!start_engine(o, start))
        snprintf(error, size, "a process for the engine could not be started: %s", strerror(errno));
    else {
        ok = ouro_ask(o, NULL) == OURO_ANSWERED;
        if (!ok)
            snprintf(error, size, "%s", o->last.error);
    }
    if (ok)
        return o;
    ouro_close(o);
    return NULL;
}

struct ouro *ouro_open_core(const char *path, const struct ouro_options *options, char *error,
                            size_t size)
{
    struct engine_start start = { .options.core = path };
    return open_engine(new (options), &start, error, size);
}

struct ouro *ouro_open_pid(int pid, int hold, const struct ouro_options *options, char *error,
                           size_t size)
{
    struct engine_start start = { .options = { .pid = pid, .hold = hold } };
    return open_engine(new (options), &start, error, size);
}

// What the caller keeps stopped, in the form that the engine reads; it lives until the fork has its
// copy.
struct turned {
    struct segment *maps;
    const char **paths;
    struct thread *threads;
};

static bool ouro_turn(const struct ouro_place *place, struct turned *to)
{
    to->maps = calloc(place->map_count + 1, sizeof *to->maps);
    to->paths = calloc(place->map_count + 1, sizeof *to->paths);
    to->threads = calloc(place->thread_count + 1, sizeof *to->threads);
    if (!to->maps || !to->paths || !to->threads)
        return false;
    for (size_t i = 0; place->maps && i < place->map_count; i++) {
        const struct ouro_map *map = &place->maps[i];
        to->maps[i] = (struct segment){
            .start = map->start, .end = map->end, .offset = map->offset, .flags = map->flags & 7
        };
        to->paths[i] = map->path;
    }
    for (size_t i = 0; place->threads && i < place->thread_count; i++) {
        const struct ouro_thread *thread = &place->threads[i];
        to->threads[i] = (struct thread){
            .tid = (pid_t)thread->tid, .fs_base = thread->tls, .pc = thread->pc, .sp = thread->sp
        };
    }
    return true;
}

struct ouro *ouro_open_callback(const struct ouro_place *place, const struct ouro_options *options,
                                char *error, size_t size)
{
    struct turned turned = { 0 };
    struct ouro *o = new (options);
    struct engine_start start = { 0 };
    if (o && !o->options.read)
        o->pid = place->pid;
    if (ouro_turn(place, &turned)) {
        start.callback = (struct target_callback){
            .maps = place->maps ? turned.maps : NULL,
            .paths = turned.paths,
            .map_count = place->map_count,
            .threads = turned.threads,
            .thread_count = place->threads ? place->thread_count : 0,
            .auxv = place->auxv,
            .auxv_size = place->auxv ? place->auxv_size : 0,
            .command = place->command,
            .pid = place->pid,
            .signal = place->signal,
        };
        o = open_engine(o, &start, error, size);
    } else {
        ouro_close(o);
        o = NULL;
        snprintf(error, size, "out of memory");
    }
    free(turned.maps);
    free(turned.paths);
    free(turned.threads);
    return o;
}

// --- asking -------------------------------------------------------------------------------------

static void ouro_begin(struct ouro *o, enum wire_kind kind, const struct ouro_output *output)
{
    const struct ouro_output none = { 0 };
    wire_begin(&o->out, kind);
    if (!output)
        output = &none;
    wire_put_number(&o->out, output->json != 0);
    wire_put_number(&o->out, output->color != 0);
    wire_put_number(&o->out, output->width);
}

int ouro_run(struct ouro *o, const char *line, const struct ouro_output *output)
{
    char folder[PATH_MAX];
    ouro_begin(o, WIRE_RUN, output);
    wire_put_text(&o->out, line);
    wire_put_text(&o->out, getcwd(folder, sizeof folder));
    return ouro_ask(o, output);
}

static void put_maps(struct wire *out, const struct ouro_place *place)
{
    size_t count = place && place->maps ? place->map_count : 0;
    wire_put_number(out, place && place->maps);
    wire_put_number(out, count);
    for (size_t i = 0; i < count; i++) {
        wire_put_number(out, place->maps[i].start);
        wire_put_number(out, place->maps[i].end);
        wire_put_number(out, place->maps[i].offset);
        wire_put_number(out, place->maps[i].flags & 7);
        wire_put_text(out, place->maps[i].path);
    }
}

static void ouro_put_threads(struct wire *out, const struct ouro_place *place)
{
    size_t count = place && place->threads ? place->thread_count : 0;
    wire_put_number(out, count);
    for (size_t i = 0; i < count; i++) {
        wire_put_number(out, (uint64_t)place->threads[i].tid);
        wire_put_number(out, place->threads[i].tls);
        wire_put_number(out, place->threads[i].pc);
        wire_put_number(out, place->threads[i].sp);
    }
}

int ouro_rescan(struct ouro *o, const struct ouro_place *place, const struct ouro_output *output)
{
    ouro_begin(o, WIRE_RESCAN, output);
    wire_put_number(&o->out, !output);
    put_maps(&o->out, place);
    ouro_put_threads(&o->out, place);
    wire_put_number(&o->out, place && place->signal > 0 ? (uint64_t)place->signal : 0);
    return ouro_ask(o, output);
}

void ouro_set_stale(struct ouro *o, int stale)
{
    wire_begin(&o->out, WIRE_STALE);
    wire_put_number(&o->out, stale != 0);
    if (o->engine && !wire_send(o->control, &o->out))
        die(o);
}

int ouro_object(struct ouro *o, const char *name, uint64_t *address)
{
    wire_begin(&o->out, WIRE_OBJECT);
    wire_put_text(&o->out, name);
    enum ouro_status status = ouro_ask(o, NULL);
    *address = status == OURO_ANSWERED ? o->last.found : 0;
    return status;
}

int ouro_glance(struct ouro *o, uint64_t address, int64_t *refcount)
{
    wire_begin(&o->out, WIRE_GLANCE);
    wire_put_number(&o->out, address);
    enum ouro_status status = ouro_ask(o, NULL);
    *refcount = status == OURO_ANSWERED ? (int64_t)o->last.found : -1;
    return status;
}

_Static_assert((int)OURO_COLLECTABLE == (int)ARRAYS_COLLECTABLE
                   && (int)OURO_EVIDENCE_SHIFT == (int)ARRAYS_EVIDENCE_SHIFT,
               "the engine's flags are the library's");

// Finds the parts in a mapping of `size` bytes. False: it is not what arrays_write wrote.
static bool ouro_lay_arrays(const void *map, uint64_t size, struct ouro_arrays *out)
{
    struct arrays_head head;
    uint64_t at[ARRAYS_PARTS + 1];
    if (size < sizeof head)
        return false;
    memcpy(&head, map, sizeof head);
    if (!arrays_measure(&head, at) || at[ARRAYS_PARTS] != head.size || head.size > size)
        return false;
    const uint8_t *base = map;
    *out = (struct ouro_arrays){
        .object_count = head.object_count,
        .reference_count = head.reference_count,
        .type_count = head.type_count,
        .address = (const uint64_t *)(base + at[ARRAYS_ADDRESS]),
        .retained = head.retained ? (const uint64_t *)(base + at[ARRAYS_RETAINED]) : NULL,
        .first = (const uint64_t *)(base + at[ARRAYS_FIRST]),
        .size = (const uint64_t *)(base + at[ARRAYS_SIZE]),
        .type = (const uint32_t *)(base + at[ARRAYS_TYPE]),
        .to = (const uint32_t *)(base + at[ARRAYS_TO]),
        .generation = base + at[ARRAYS_GENERATION],
        .flags = base + at[ARRAYS_FLAGS],
        .type_names = (const char *)base + at[ARRAYS_NAMES],
        .type_names_size = head.names_size,
        .base = map,
        .base_size = head.size,
    };
    return true;
}

int ouro_arrays(struct ouro *o, int retained, struct ouro_arrays *out)
{
    struct stat file;
    ouro_forget_arrays(o);
    wire_begin(&o->out, WIRE_ARRAYS);
    wire_put_number(&o->out, retained != 0);
    enum ouro_status status = ouro_ask(o, NULL);
    if (status != OURO_ANSWERED)
        return status;
    void *map = MAP_FAILED;
    if (!fstat(o->arrays, &file) && file.st_size > 0)
        map = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_SHARED, o->arrays, 0);
    if (map != MAP_FAILED && ouro_lay_arrays(map, (uint64_t)file.st_size, out)) {
        o->map = map;
        o->map_size = (size_t)file.st_size;
        out->file = o->arrays;
        return OURO_ANSWERED;
    }
    if (map != MAP_FAILED)
        munmap(map, (size_t)file.st_size);
    snprintf(o->last.error, sizeof o->last.error, "the heap's arrays could not be mapped");
    return o->last.status = OURO_FAILED;
}

static void ouro_add_word(void *context, const char *word)
{
    struct text *words = context;
    text_add_string(words, word);
    text_add_char(words, '\n');
}

int ouro_complete(struct ouro *o, const char *line, size_t cursor, const struct ouro_output *output)
{
    if (o && o->engine) {
        wire_begin(&o->out, WIRE_COMPLETE);
        wire_put_number(&o->out, cursor);
        wire_put_text(&o->out, line);
        return ouro_ask(o, output);
    }
    struct session nothing = { .selected = NODE_NONE };
    struct text words = TEXT_INIT;
    session_complete(&nothing, line, cursor < strlen(line) ? cursor : strlen(line), ouro_add_word,
                     &words);
    output->write(output->context, text_string(&words), words.size);
    text_fini(&words);
    return OURO_ANSWERED;
}

// An engine that died with the screen open has left the terminal in the screen's state.
int ouro_screen(struct ouro *o, const char *start, int *quit)
{
    static const char leave[] = "\033[?1000l\033[?1006l\033[0m\033[?25h\033[?1049l";
    struct termios modes;
    bool terminal = !tcgetattr(STDIN_FILENO, &modes);
    char folder[PATH_MAX];
    wire_begin(&o->out, WIRE_SCREEN);
    wire_put_text(&o->out, start);
    wire_put_text(&o->out, getcwd(folder, sizeof folder));
    void (*progress)(void *, const char *, uint64_t, uint64_t) = o->options.progress;
    o->options.progress = NULL; // the screen draws its own
    enum ouro_status status = ouro_ask(o, NULL);
    o->options.progress = progress;
    if (quit)
        *quit = o->last.quit;
    if (status == OURO_DEAD && terminal) {
        UNUSED ssize_t written = write(STDOUT_FILENO, leave, sizeof leave - 1); // nobody to tell
        tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
    }
    return status;
}

// --- what is known ------------------------------------------------------------------------------

const char *ouro_summary(const struct ouro *o)
{
    return o->last.summary;
}

const char *ouro_last_error(const struct ouro *o)
{
    return o->last.error;
}

uint64_t ouro_selected(const struct ouro *o)
{
    return o->last.selected;
}

const char *ouro_selected_type(const struct ouro *o)
{
    return o->last.type;
}

int ouro_engine(struct ouro *o)
{
    char byte;
    if (o->engine && recv(o->control, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        die(o);
    return (int)o->engine;
}

static void ouro_add_member(struct text *text, const char *key, const char *value)
{
    json_add_key(text, key);
    json_add_string(text, value ? value : "");
}

static void ouro_add_part(struct text *text, const char *name, const char *help)
{
    json_add_open(text, '{');
    ouro_add_member(text, "name", name);
    ouro_add_member(text, "help", help);
    json_add_close(text, '}');
}

static void ouro_add_options(struct text *text, const struct command *command)
{
    json_add_key(text, "options");
    json_add_open(text, '[');
    for (const struct option_row *row = command->options; row && row->name; row++) {
        char name[64];
        const char letter[] = { '-', row->letter, ',', ' ', 0 };
        snprintf(name, sizeof name, "%s--%s%s%s", row->letter ? letter : "", row->name,
                 row->value ? " " : "", row->value ? row->value : "");
        ouro_add_part(text, name, row->help);
    }
    json_add_close(text, ']');
    json_add_key(text, "columns");
    json_add_open(text, '[');
    for (const struct column *row = command->columns; row && row->name; row++)
        ouro_add_part(text, row->name, row->help);
    json_add_close(text, ']');
}

char *ouro_commands(void)
{
    struct text text = TEXT_INIT;
    json_add_open(&text, '[');
    for (size_t i = 0; commands[i]; i++) {
        json_add_open(&text, '{');
        ouro_add_member(&text, "name", commands[i]->name);
        ouro_add_member(&text, "usage", commands[i]->usage);
        ouro_add_member(&text, "summary", commands[i]->summary);
        ouro_add_member(&text, "help", commands[i]->help);
        ouro_add_member(&text, "example", commands[i]->example);
        ouro_add_options(&text, commands[i]);
        json_add_close(&text, '}');
    }
    json_add_close(&text, ']');
    return text_detach(&text);
}

void ouro_free(char *text)
{
    free(text);
}
