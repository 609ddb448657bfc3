// SPDX-License-Identifier: GPL-3.0-or-later
// What roots are called: see runtime_roots.h.
#include <inttypes.h>
#include <string.h>

#include "py/read.h"
#include "py/runtime/frames.h"
#include "py/runtime/runtime_roots.h"
#include "py/objects/str.h"
#include "py/objects/type.h"

#define NAME_WIDTH 100
#define PATH_WIDTH 4096

static void root_name_add_thread(const struct python *py, const struct root *root, struct text *out)
{
    const struct interpreter *in = &py->interpreters[root->interpreter];
    if (root->thread >= in->thread_count)
        return;
    const struct pythread *thread = &in->threads[root->thread];
    if (thread->tid)
        text_add_format(out, "thread %" PRIu64, thread->tid);
    else
        text_add_format(out, "thread 0x%" PRIx64, thread->ident);
}

static void add_base_name(const struct python *py, addr path, struct text *out)
{
    struct text whole = TEXT_INIT;
    if (path)
        str_append(py, path, PATH_WIDTH, &whole);
    const char *slash = strrchr(text_string(&whole), '/');
    text_add_string(out, slash ? slash + 1 : text_string(&whole));
    text_fini(&whole);
}

static void add_frame(const struct python *py, const struct root *root, struct text *out)
{
    struct frame frame;
    root_name_add_thread(py, root, out);
    if (!frame_at(py, root->detail, &frame))
        return;
    text_add_char(out, ' ');
    addr function = frame_function(py, &frame), name;
    if (function)
        str_append(py, function, NAME_WIDTH, out);
    text_add_string(out, "() ");
    add_base_name(py, frame_file(py, &frame), out);
    text_add_format(out, ":%" PRId32, frame_line(py, &frame));
    if (root->kind == ROOT_FRAME)
        return;
    if (root->index >= frame.local_count || !(name = frame_local_name(py, &frame, root->index))) {
        text_add_format(out, " value stack [%" PRIu32 "]", root->index - frame.local_count);
        return;
    }
    text_add_string(out, " local ");
    str_append(py, name, NAME_WIDTH, out);
}

static void root_name_add_module(const struct python *py, const struct root *root, struct text *out)
{
    text_add_string(out, "sys.modules[");
    str_append_quoted(py, root->detail, PATH_WIDTH, out);
    text_add_char(out, ']');
    if (root->kind == ROOT_GLOBALS)
        text_add_string(out, ".__dict__");
}

static void root_name_add_type(const struct python *py, const struct root *root, struct text *out)
{
    const struct type *type = root->detail ? type_at(py, root->detail) : NULL;
    text_add_string(out, root->kind == ROOT_STATIC && !type ? "static object" : "static type");
    if (type)
        text_add_format(out, " %s", type->name);
    if (root->what)
        text_add_string(out, root->what);
}

static void add_machine(const struct python *py, const struct root *root, struct text *out)
{
    text_add_string(out, "C stack");
    if (root->index < py->target->thread_count)
        text_add_format(out, " of thread %d", (int)py->target->threads[root->index].tid);
}

#define SIGNALS 64 // Handlers[0] of Modules/signalmodule.c is unused, the others are never null

// A word that is read only to identify something: if it is unreadable, that is not damage.
static addr root_name_word(const struct python *py, addr at)
{
    const uint8_t *word = target_view(py->target, at, 8);
    return word ? load64(word) : 0;
}

// The signal of the handler at this address in the interpreter's table, or 0. A table is recognised
// by its form: { int tripped; PyObject *func; } for each signal, most with the same default.
static int signal_of_variable(const struct python *py, addr at)
{
    int signal = 0, same = 0;
    addr usual = 0;
    while (signal <= SIGNALS && root_name_word(py, at - 16 * (addr)signal))
        signal++;
    if (!signal || signal > SIGNALS || py->layout.PyObject_ob_type < 0)
        return 0;
    addr first = at - 16 * (addr)signal;
    for (int i = 1; i <= SIGNALS; i++) {
        addr func = root_name_word(py, first + 16 * (addr)i);
        if (!func || !root_name_word(py, INSIDE(py, func, PyObject_ob_type))
            || (uint32_t)root_name_word(py, first + 16 * (addr)i - 8) > 1)
            return 0;
        usual = i == SIGNALS - 1 ? func : usual;
    }
    for (int i = 1; i <= SIGNALS; i++)
        same += root_name_word(py, first + 16 * (addr)i) == usual;
    return 2 * same > SIGNALS ? signal : 0;
}

static void add_signal(int signal, struct text *out)
{
    static const char *const names[] = {
        // Linux's, wherever we run
        "",     "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
        "SEGV", "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
        "TTOU", "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS"
    };
    text_add_string(out, "handler of signal ");
    if ((size_t)signal < sizeof names / sizeof *names)
        text_add_format(out, "SIG%s", names[signal]);
    else
        text_add_format(out, "%d", signal);
}

static void add_variable(const struct python *py, const struct root *root, struct text *out)
{
    char symbol[200];
    int signal = signal_of_variable(py, root->detail);
    if (signal) {
        add_signal(signal, out);
        return;
    }
    int module = target_module_of(py->target, root->detail);
    const char *path = module >= 0 ? py->target->modules[module].path : NULL;
    if (module < 0) {
        text_add_string(out, "interpreter's state");
        return;
    }
    const char *slash = path ? strrchr(path, '/') : NULL;
    text_add_string(out, "C variable ");
    if (target_symbolize(py->target, root->detail, symbol, sizeof symbol))
        text_add_escaped(out, symbol, strlen(symbol));
    else
        text_add_address(out, root->detail);
    text_add_string(out, " of ");
    path = slash ? slash + 1 : path ? path : "?";
    text_add_escaped(out, path, strlen(path));
}

static void root_name_add_interpreter(const struct python *py, const struct root *root,
                                      struct text *out)
{
    if (root->interpreter && root->interpreter < py->interpreter_count)
        text_add_format(out, "interpreter %" PRId64 " ", py->interpreters[root->interpreter].id);
}

addr root_slot(const struct python *py, const struct root *root)
{
    struct frame frame;
    addr at = 0;
    if (!python_has_values(py))
        return 0;
    if (root->kind == ROOT_VARIABLE)
        at = root->detail;
    else if ((root->kind == ROOT_LOCAL || root->kind == ROOT_TEMPORARY)
             && frame_at(py, root->detail, &frame))
        at = frame.slots + (uint64_t)root->index * 8;
    const uint8_t *word = at ? target_view(py->target, at, 8) : NULL;
    return word && (load64(word) & ~UINT64_C(7)) == root->to ? at : 0;
}

void root_name(const struct python *py, const struct root *root, struct text *out)
{
    if (!python_has_values(py)) { // the name was determined while values were readable
        text_add_string(out, root->what ? root->what : root_kind_name((enum root_kind)root->kind));
        return;
    }
    root_name_add_interpreter(py, root, out);
    switch ((enum root_kind)root->kind) {
    case ROOT_MODULE:
    case ROOT_GLOBALS:
        root_name_add_module(py, root, out);
        return;
    case ROOT_LOCAL:
    case ROOT_TEMPORARY:
        add_frame(py, root, out);
        return;
    case ROOT_FRAME:
        add_frame(py, root, out);
        break;
    case ROOT_THREAD:
        root_name_add_thread(py, root, out);
        break;
    case ROOT_STATIC:
    case ROOT_TYPE:
        root_name_add_type(py, root, out);
        return;
    case ROOT_MACHINE:
        if (root->detail)
            text_add_format(out, "saved stack of greenlet 0x%llx",
                            (unsigned long long)root->detail);
        else
            add_machine(py, root, out);
        return;
    case ROOT_VARIABLE:
        add_variable(py, root, out);
        return;
    case ROOT_STATE:
        text_add_string(out, "C state of module ");
        str_append(py, root->detail, NAME_WIDTH, out);
        return;
    case ROOT_NATIVE:
        text_add_string(out, "held by C code");
        return;
    case ROOT_IMMORTAL:
        text_add_string(out, "immortal");
        return;
    case ROOT_INTERPRETER:
    case ROOT_CACHE:
    case ROOT_KINDS:
        break;
    }
    if (out->size && root->kind != ROOT_INTERPRETER && root->kind != ROOT_CACHE)
        text_add_char(out, ' ');
    if (root->what)
        text_add_string(out, root->what);
}

void root_name_holder(const struct python *py, const struct root *root, struct text *out)
{
    static const char end[] = ".__dict__";
    struct root module = *root;
    switch ((enum root_kind)root->kind) {
    case ROOT_MODULE:
    case ROOT_GLOBALS:
        module.kind = ROOT_MODULE;
        root_name(py, &module, out);
        if (out->size > strlen(end) && !strcmp(out->data + out->size - strlen(end), end))
            out->data[out->size -= strlen(end)] = 0; // without values: the globals have the name
        return;
    case ROOT_LOCAL:
    case ROOT_FRAME:
    case ROOT_THREAD:
    case ROOT_TEMPORARY:
        if (root->interpreter < py->interpreter_count) {
            root_name_add_interpreter(py, root, out);
            root_name_add_thread(py, root, out);
        }
        return;
    default:
        return;
    }
}

static void add_library(const struct python *py, const struct root *root, struct text *out)
{
    int module = target_module_of(py->target, root->detail);
    const char *path = module >= 0 ? py->target->modules[module].path : NULL;
    const char *slash = path ? strrchr(path, '/') : NULL;
    path = slash ? slash + 1 : path ? path : "?";
    text_add_string(out, module >= 0 ? "a C variable of " : "interpreter's state");
    if (module >= 0)
        text_add_escaped(out, path, strlen(path));
}

// The names of kinds that are not listed here have not been reviewed: they are withheld.
void root_name_public(const struct python *py, const struct root *root, struct text *out)
{
    switch ((enum root_kind)root->kind) {
    case ROOT_MODULE:
    case ROOT_GLOBALS:
    case ROOT_THREAD:
    case ROOT_INTERPRETER:
    case ROOT_STATIC:
    case ROOT_TYPE:
    case ROOT_CACHE:
    case ROOT_MACHINE:
    case ROOT_STATE:
    case ROOT_NATIVE:
    case ROOT_IMMORTAL:
        root_name(py, root, out);
        return;
    default:
        break;
    }
    root_name_add_interpreter(py, root, out);
    if (root->kind == ROOT_VARIABLE) {
        add_library(py, root, out);
        return;
    }
    root_name_add_thread(py, root, out);
    if (out->size)
        text_add_char(out, ' ');
    text_add_string(out, root->kind == ROOT_TEMPORARY ? "value stack"
                                                      : root_kind_name((enum root_kind)root->kind));
}

const char *root_kind_name(enum root_kind kind)
{
    static const char *const names[ROOT_KINDS] = {
        [ROOT_MODULE] = "module",     [ROOT_GLOBALS] = "globals",
        [ROOT_LOCAL] = "local",       [ROOT_FRAME] = "frame",
        [ROOT_THREAD] = "thread",     [ROOT_INTERPRETER] = "interpreter",
        [ROOT_STATIC] = "static",     [ROOT_TYPE] = "type",
        [ROOT_CACHE] = "cache",       [ROOT_TEMPORARY] = "temporary",
        [ROOT_MACHINE] = "stack",     [ROOT_VARIABLE] = "variable",
        [ROOT_STATE] = "state",       [ROOT_NATIVE] = "native",
        [ROOT_IMMORTAL] = "immortal",
    };
    return kind < ROOT_KINDS ? names[kind] : "?";
}
