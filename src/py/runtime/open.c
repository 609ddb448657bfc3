// SPDX-License-Identifier: GPL-3.0-or-later
// Opening the CPython inside a target: where it is, which version, and whether it runs. By which layout it is read:
// open_layout.h.
#include "py/python.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/offsets.h"
#include "py/extension/structs.h"
#include "py/objects/dict.h"
#include "py/objects/type.h"
#include "py/read.h"
#include "py/runtime/open_layout.h"
#include "py/runtime/runtime.h"
#include "py/runtime/unnamed.h"
#include "target/elf.h"

// "3.15", of its minor version.
#define OPEN_TEXT(minor) "3." #minor
#define OPEN_NEWEST(minor) OPEN_TEXT(minor)

// --- where ---------------------------------------------------------------------------------------

// Whether the type objects that the module's symbols lead to are types in memory: after the
// refcount, or after what free-threaded and Py_TRACE_REFS builds have there. A copy of the file
// that was mapped for reading is not an interpreter; its pages were never relocated.
static bool open_has_types(struct target *t, addr type, addr object)
{
    static const addr places[] = { 8, 24 };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (target_u64(t, type + places[i], NULL) == type
            && target_u64(t, object + places[i], NULL) == type)
            return true;
    return false;
}

// The modules that define an interpreter: the executable, or libpython. A program that only has
// copies of its variables lacks the functions. Modules whose memory is unavailable come last.
static size_t open_find_modules(struct target *t, int *modules, size_t room)
{
    size_t count = 0;
    for (int sure = 1; sure >= 0 && !count; sure--)
        for (size_t i = 0; i < t->module_count && count < room; i++) {
            addr type = target_symbol(t, (int)i, "PyType_Type");
            addr object = type ? target_symbol(t, (int)i, "PyBaseObject_Type") : 0;
            if (object && target_symbol(t, (int)i, "PyType_Ready")
                && (!sure || open_has_types(t, type, object)))
                modules[count++] = (int)i;
        }
    return count;
}

// Modules that define an interpreter without having symbols.
static size_t open_find_unnamed(struct target *t, int *modules, size_t room, bool *lost)
{
    size_t count = 0;
    for (size_t i = 0; i < t->module_count && count < room && !*lost; i++)
        if (unnamed_find(t, (int)i, lost))
            modules[count++] = (int)i;
    return count;
}

static const char *open_base_name(const struct module *module)
{
    const char *name = module->path ? module->path : "";
    return strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
}

// Reports in one sentence what the target is instead, as far as that can be told.
static bool open_no_python(struct target *t, struct err *err)
{
    addr start;
    uint64_t size;
    const struct module *program = NULL;
    for (size_t i = 0; i < t->module_count; i++) {
        const struct module *m = &t->modules[i];
        program = m->is_program ? m : program;
        if (strstr(open_base_name(m), "python") && m->refused)
            return err_set(err, ERR_FORMAT,
                           "%s is another build than the one that the target ran (build-ids "
                           "differ); give the right one with --exe or --sysroot",
                           m->path);
        if (strstr(open_base_name(m), "python") && !m->file)
            return err_set(
                err, ERR_NOT_FOUND,
                "%s, which the target ran, is not here; say where it is with --exe or --sysroot",
                m->path);
        if (strstr(open_base_name(m), "pypy"))
            return err_set(err, ERR_UNSUPPORTED,
                           "%s is PyPy, which ouro does not read: CPython only", m->path);
        if (target_section(t, (int)i, ".PyRuntime", &start, &size))
            return err_set(err, ERR_UNSUPPORTED,
                           "%s has a CPython in it, but no symbols (a static build that was "
                           "stripped), and no types are found in its memory: ouro needs the "
                           "unstripped file, with --exe",
                           m->path);
    }
    if (!t->module_count)
        return err_set(err, ERR_NOT_FOUND,
                       "no CPython in it: it names no files, and the loader's list of them cannot "
                       "be followed; name the program with --exe");
    return err_set(err, ERR_FORMAT,
                   "no CPython in it: none of its %zu files defines PyType_Type%s%s%s",
                   t->module_count, program ? " (the program is " : "",
                   program ? program->path : "", program ? ")" : "");
}

// --- which version -------------------------------------------------------------------------------

// "3.9.2", "3.13.0rc1" -> PY_VERSION_HEX; 0 if it is not a version.
static uint32_t version_of_text(const char *text)
{
    unsigned major, minor, micro, serial = 0;
    int used = 0;
    if (sscanf(text, "%u.%u.%u%n", &major, &minor, &micro, &used) != 3 || major > 3 || minor > 99
        || micro > 99)
        return 0;
    unsigned level = 0xf;
    const char *rest = text + used;
    if (*rest == 'a' || *rest == 'b') {
        level = *rest == 'a' ? 0xa : 0xb;
        serial = (unsigned)atoi(rest + 1);
    } else if (strncmp(rest, "rc", 2) == 0) {
        level = 0xc;
        serial = (unsigned)atoi(rest + 2);
    } else if (*rest != 0 && *rest != '+' && *rest != ' ') {
        return 0;
    }
    return major << 24 | minor << 16 | micro << 8 | level << 4 | (serial & 15);
}

// The first text between zero bytes that reads as a version, alone or before a blank: PY_VERSION
// among the module's constants, or the buffer of Py_GetVersion().
static uint32_t version_in_bytes(const uint8_t *p, uint64_t size)
{
    for (uint64_t k = 1; k + 16 < size; k++) {
        if (p[k - 1] != 0 || (p[k] != '2' && p[k] != '3') || p[k + 1] != '.')
            continue;
        char text[16] = "";
        memcpy(text, p + k, sizeof text - 1);
        text[strcspn(text, " ")] = 0;
        uint32_t version = strlen(text) < 12 ? version_of_text(text) : 0;
        if (version && rules_know(version))
            return version;
    }
    return 0;
}

// Up to 3.10 no symbol tells the version: the text with which sys.version begins is in the module's
// own data, or in the zero-initialised data after it.
static uint32_t version_in_data(struct python *py)
{
    struct target *t = py->target;
    for (size_t i = 0; i < t->segment_count; i++) {
        const struct segment *s = &t->segments[i];
        uint64_t size = s->end - s->start;
        bool ours = s->module == py->module || s->start == t->modules[py->module].end;
        if (!ours || (s->flags & SEGMENT_EXEC) || size > (uint64_t)256 << 20)
            continue;
        const uint8_t *p = target_view(t, s->start, size);
        uint32_t version = p ? version_in_bytes(p, size) : 0;
        if (version)
            return version;
    }
    return 0;
}

static uint32_t find_version(struct python *py, bool *free_threaded)
{
    struct target *t = py->target;
    addr symbol = target_symbol(t, py->module, "Py_Version");
    uint32_t version = symbol ? target_u32(t, symbol, NULL) : 0;
    const uint8_t *offsets = py->runtime ? target_view(t, py->runtime, 64) : NULL;
    uint32_t told = 0;
    if (offsets && offsets_version(offsets, 64, &told, free_threaded) && !version)
        version = told;
    return version ? version : version_in_data(py);
}

static void open_version_text(struct python *py)
{
    static const char *const levels[16] = { [0xa] = "a", [0xb] = "b", [0xc] = "rc" };
    uint32_t v = py->version;
    int n = snprintf(py->version_text, sizeof py->version_text, "%u.%u.%u", v >> 24, v >> 16 & 255,
                     v >> 8 & 255);
    const char *level = levels[v >> 4 & 15];
    if (level)
        snprintf(py->version_text + n, sizeof py->version_text - (size_t)n, "%s%u", level, v & 15);
}

// --- whether it runs -----------------------------------------------------------------------------

// 2.7 (and 3.6) begins its shutdown by setting a static variable to zero, which Py_IsInitialized()
// returns (Python/pythonrun.c, Py_Finalize): its instructions, read as data, tell the address.
static bool open_ends_27(struct python *py)
{
    bool asked = !py->runtime && py->target->machine != MACHINE_AARCH64; // up to 3.6
    addr function = asked ? target_symbol(py->target, py->module, "Py_IsInitialized") : 0;
    const uint8_t *code = function ? target_view(py->target, function, 24) : NULL;
    for (size_t i = 0; code && i + 6 <= 16; i++) // mov 0x...(%rip),%eax
        if (code[i] == 0x8b && code[i + 1] == 0x05) {
            int32_t distance;
            memcpy(&distance, code + i + 2, sizeof distance);
            bool ok = true;
            uint32_t value =
                target_u32(py->target, function + i + 6 + (addr)(int64_t)distance, &ok);
            return ok && value == 0;
        }
    return false;
}

// Every version creates __main__, and then sys.__stdin__, before it runs any of the program's code,
// but after many imports (init_interp_main() of Python/pylifecycle.c, Py_InitializeEx() up to 3.6).
// If they are missing from a truncated core, that says nothing.
static bool open_starts(const struct python *py)
{
    const struct interpreter *in = &py->interpreters[0];
    return !target_incomplete(py->target) && in->modules && in->sysdict
           && dict_lookup(py, in->sysdict, "modules") && !dict_lookup(py, in->sysdict, "__stdin__")
           && !dict_lookup(py, in->modules, "__main__");
}

// Notes what is unusual about the moment at which the process was captured.
static void open_note_phase(struct python *py)
{
    const struct interpreter *in = &py->interpreters[0];
    bool ends = READ(py, py->runtime, _PyRuntimeState_finalizing) != 0;
    addr of_36 =
        py->rules.finalizing_apart ? target_symbol(py->target, py->module, "_Py_Finalizing") : 0;
    ends = ends || (of_36 && python_word(py, of_36, 0) != 0) || open_ends_27(py);
    if (ends)
        open_warn(py, "%s", "the interpreter is finalizing: modules and objects are being cleared");
    else if (!in->modules)
        open_warn(py, "%s", "the interpreter is starting or ending: it has no sys.modules");
    bool starts = !ends && open_starts(py);
    if (starts)
        open_warn(py, "%s", "the interpreter is starting: it has no __main__ yet");
    py->phase = ends           ? PHASE_FINALIZES
                : !in->modules ? PHASE_UNFINISHED
                : starts       ? PHASE_STARTS
                               : PHASE_RUNS;
}

static bool open_one_python(struct python *py, const struct python_options *options,
                            struct err *err)
{
    bool free_threaded = false;
    py->runtime = target_symbol(py->target, py->module, "_PyRuntime");
    py->version = find_version(py, &free_threaded);
    if (!py->version)
        return err_set(err, ERR_UNSUPPORTED,
                       "cannot tell the version of the CPython in it: the version string is not "
                       "there (not initialised yet, or not in what there is of the memory)");
    open_version_text(py);
    py->is_newer = rules_are_newer(py->version);
    if (!rules_know(py->version) && !py->is_newer)
        return err_set(err, ERR_UNSUPPORTED,
                       "CPython %s is not a version that ouro knows (2.7, 3.6 to 3.%d)",
                       py->version_text, RULES_NEWEST);
    py->type_type = target_symbol(py->target, py->module, "PyType_Type");
    py->object_type = target_symbol(py->target, py->module, "PyBaseObject_Type");
    if (!open_layout_settle(py, free_threaded, options, err))
        return false;
    if (py->is_newer)
        open_warn(
            py,
            "CPython %s is newer than ouro: it is read by the rules of " OPEN_NEWEST(RULES_NEWEST),
            py->version_text);
    open_note_phase(py);
    types_learn(py);
    types_learn_lookdict(py);
    return true;
}

// An interpreter that was only loaded, and never started, is skipped unless it is asked for.
bool python_open(struct python *py, struct target *target, const struct python_options *options,
                 struct err *err)
{
    int modules[PYTHONS_MOST];
    size_t count = open_find_modules(target, modules, PYTHONS_MOST), asked = options->number;
    bool lost = false;
    *py = (struct python){ .target = target };
    if (!count)
        count = open_find_unnamed(target, modules, PYTHONS_MOST, &lost);
    if (lost)
        return err_memory(err, "the names of types");
    if (!count)
        return open_no_python(target, err);
    if (asked > count)
        return err_set(err, ERR_USAGE, "--python %zu: there are %zu in the process", asked, count);
    for (size_t i = asked ? asked - 1 : 0; i < (asked ? asked : count); i++) {
        struct err why = ERR_INIT;
        *py = (struct python){ .target = target, .module = modules[i], .number = i + 1 };
        if (open_one_python(py, options, &why)) {
            py->pythons = count;
            memcpy(py->modules, modules, count * sizeof *modules);
            if (count > 1 && !asked)
                open_warn(py, "%s",
                          "several Pythons are in this process: this is the first; `info` lists "
                          "them, --python N chooses");
            return true;
        }
        python_close(py);
        if (err && err->kind == ERR_NONE)
            *err = why;
    }
    return false;
}

void python_close(struct python *py)
{
    runtime_forget(py);
    structs_free(py->structs);
    py->structs = NULL;
    types_free(py->types);
    py->types = NULL;
    free(py->gc_states);
    py->gc_states = NULL;
}
