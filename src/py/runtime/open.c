// SPDX-License-Identifier: GPL-3.0-or-later
// Opening the CPython inside a target: where it is, which version, which layout, and whether memory
// agrees.
#include "py/python.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/choose.h"
#include "layout/offsets.h"
#include "py/objects/dict.h"
#include "py/runtime/gc.h"
#include "py/read.h"
#include "py/runtime/prove.h"
#include "py/runtime/runtime.h"
#include "py/runtime/unnamed.h"
#include "py/extension/structs.h"
#include "py/objects/type.h"
#include "target/debug_file.h"
#include "target/elf.h"

// "3.15", of its minor version.
#define OPEN_TEXT(minor) "3." #minor
#define OPEN_NEWEST(minor) OPEN_TEXT(minor)

static void open_warn(struct python *py, const char *format, const char *detail)
{
    size_t used = strlen(py->warnings);
    if (used && used + 1 < sizeof py->warnings)
        py->warnings[used++] = '\n';
    snprintf(py->warnings + used, sizeof py->warnings - used, format, detail);
}

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

// --- which layout --------------------------------------------------------------------------------

#define FILES_MAX 256
#define TABLES_TRIED 16 // tables tried per minor version

static struct regular_file open_file_of(const struct module *module)
{
    return (struct regular_file){ module->file, module->elf ? elf_file(module->elf) : NULL };
}

// An extension module of the standard library, or one of Python's libraries.
static bool open_may_know(const struct module *module)
{
    return module->file && (strstr(module->file, "lib-dynload") || strstr(module->file, "ython"));
}

// First the interpreter's own file, or the file with its debug information where gdb would not
// look; then the extension modules: gdb reads their types too.
static size_t layout_files(const struct python *py, const struct regular_file *apart,
                           struct regular_file *files)
{
    const struct target *t = py->target;
    size_t n = 0;
    if (apart->path)
        files[n++] = *apart;
    else if (t->modules[py->module].file)
        files[n++] = open_file_of(&t->modules[py->module]);
    for (size_t i = 0; i < t->module_count && n < FILES_MAX; i++)
        if ((int)i != py->module && open_may_know(&t->modules[i]))
            files[n++] = open_file_of(&t->modules[i]);
    return n;
}

// The file with debug information, for free(). If it is not here, it is fetched: the request
// carries nothing but its build-id.
static char *open_debug_file(struct python *py, const struct python_options *options,
                             struct regular *which)
{
    const struct module *module = &py->target->modules[py->module];
    char build_id[80];
    struct regular ignored;
    struct err why = ERR_INIT;
    if (options->no_gdb)
        return NULL;
    module_build_id_text(module, build_id, sizeof build_id);
    char *here =
        options->fetch && build_id[0] && !module->assumed ? debug_file(module, &ignored) : NULL;
    if (!here && options->fetch && build_id[0] && !module->assumed
        && !options->fetch(options->fetch_context, build_id, &why))
        open_warn(py, "%s", why.text);
    free(here);
    return debug_file_apart(module, which);
}

// Starting gdb only to learn that there is no debug information would take longer than the rest of
// the start.
static bool open_has_no_debug(const struct python *py, const struct regular_file *apart)
{
    const struct target *t = py->target;
    if (apart->path)
        return false;
    for (size_t i = 0; i < t->module_count; i++) {
        const struct module *module = &t->modules[i];
        struct regular ignored;
        if ((int)i != py->module && !open_may_know(module))
            continue;
        if (!module->elf || !module->build_id_size || module->assumed)
            return false;
        char *path = debug_file(module, &ignored);
        free(path);
        if (path)
            return false;
    }
    return true;
}

static bool choose_layout(struct python *py, bool free_threaded, size_t rank,
                          const struct python_options *options, enum layout_origin *origin,
                          struct err *err)
{
    const struct module *module = &py->target->modules[py->module];
    char build_id[80];
    module_build_id_text(module, build_id, sizeof build_id);
    struct regular_file files[FILES_MAX];
    struct regular which = { 0 };
    char *debug = rank ? NULL : open_debug_file(py, options, &which);
    const struct regular_file apart = { debug, &which };
    struct layout_ask ask = {
        .file = options->layout_file,
        .build_id = build_id[0] ? build_id : NULL,
        .version = py->version,
        .machine = py->target->machine == MACHINE_AARCH64 ? "aarch64" : "x86_64",
        .free_threaded = free_threaded,
        .debug = target_symbol(py->target, py->module, "_Py_NegativeRefcount") != 0
                 || target_symbol(py->target, py->module, "_Py_RefTotal") != 0,
        .files = files,
        .n_files = layout_files(py, &apart, files),
        .tables = options->layouts,
        .script = options->locate_script,
        .no_gdb = options->no_gdb,
        // Later ranks are tables, and a file that the user names is the only one used.
        .no_debug =
            !rank && !options->layout_file && !options->no_gdb && open_has_no_debug(py, &apart),
        .cache = options->no_cache ? "" : NULL,
        .rank = rank,
        .progress = options->progress,
    };
    uint8_t bytes[OFFSETS_BYTES];
    size_t size = py->runtime ? target_readable(py->target, py->runtime, sizeof bytes) : 0;
    if (size && target_read(py->target, py->runtime, bytes, size)
        && offsets_version(bytes, size, NULL, NULL)) {
        ask.offsets = bytes;
        ask.offsets_size = size;
        ask.stand_in = py->is_newer ? OFFSETS_NEWEST : 0;
    }
    struct layout_choice choice = { 0 };
    bool ok = layout_choose(&py->layout, &ask, &choice, err);
    free(debug);
    if (ok && choice.refused[0])
        open_warn(py, "the debug information is not trusted: %s", choice.refused);
    *origin = choice.origin;
    return ok;
}

// _Py_DebugOffsets, from 3.13 on: fills in what the layout lacks, and reports where they differ. A
// table that stands in for a newer version is useless without them.
static bool cross_check(struct python *py, bool borrowed, struct err *err)
{
    uint8_t bytes[OFFSETS_BYTES];
    size_t size = py->runtime ? target_readable(py->target, py->runtime, sizeof bytes) : 0;
    struct offsets offsets;
    if (!size || !target_read(py->target, py->runtime, bytes, size)) {
        err_set(err, ERR_READ, "its _Py_DebugOffsets cannot be read");
        return !py->is_newer || !borrowed;
    }
    if (!offsets_apply(&py->layout, bytes, size, true, &offsets, err))
        return !py->is_newer || !borrowed;
    if (offsets.n_clashes == 0)
        return true;
    char text[200];
    snprintf(text, sizeof text, "%zu %s, the first is %s (%d, %d in the interpreter)",
             offsets.n_clashes, text_plural(offsets.n_clashes, "member", "members"),
             offsets.clashes[0].row, offsets.clashes[0].ours, offsets.clashes[0].theirs);
    open_warn(py, "the layout and _Py_DebugOffsets disagree about %s", text);
    return true;
}

// Where the instructions of PyObject_VisitManagedDict first test Py_TPFLAGS_INLINE_VALUES, and
// where they first load the dict; -1: nowhere.
struct visit_code {
    int test, load;
};

// test $4,%al or test $4,%reg; mov -0x18(%reg),%reg (free-threaded: -0x8). Debug builds call
// _PyObject_ManagedDictPointer instead.
static struct visit_code visit_code_x86_64(const uint8_t *code, int size, int8_t dict)
{
    struct visit_code found = { -1, -1 };
    int call = -1;
    for (int i = 0; i + 4 <= size; i++) {
        bool tests = (code[i] == 0xa8 && code[i + 1] == 4)
                     || (code[i] == 0xf6 && (code[i + 1] & 0xf8) == 0xc0 && code[i + 2] == 4);
        bool moves = (code[i] & 0xf8) == 0x48 && code[i + 1] == 0x8b && (code[i + 2] & 0xc0) == 0x40
                     && (code[i + 2] & 7) != 4;
        if (found.test < 0 && tests)
            found.test = i;
        if (found.load < 0 && moves && (int8_t)code[i + 3] == dict)
            found.load = i;
        if (call < 0 && code[i] == 0xe8)
            call = i;
    }
    if (found.load < 0)
        found.load = call;
    return found;
}

// tbz/tbnz wN, #2; ldur xN, [xM, #-24] or a call.
static struct visit_code visit_code_aarch64(const uint8_t *code, int size)
{
    struct visit_code found = { -1, -1 };
    int call = -1;
    for (int i = 0; i + 4 <= size; i += 4) {
        uint32_t word = load32(code + i);
        if (found.test < 0 && (word & 0xfef80000) == 0x36100000)
            found.test = i;
        if (found.load < 0 && (word & 0xfffffc00) == 0xf85e8000)
            found.load = i;
        if (call < 0 && (word & 0xfc000000) == 0x94000000)
            call = i;
    }
    if (found.load < 0)
        found.load = call;
    return found;
}

// gh-130327 changed in 3.13.13 and 3.14.4 whether a dict or the inline values behind it are
// visited, and distributions have backported it. The function's own instructions, read as data,
// tell: by which of the two comes first.
static void read_values_rule(struct python *py)
{
    bool x86 = py->target->machine != MACHINE_AARCH64;
    bool asked = py->rules.instance == INSTANCE_INLINE && (x86 || !py->rules.free_threaded);
    addr function = asked ? target_symbol(py->target, py->module, "PyObject_VisitManagedDict") : 0;
    const uint8_t *code = function ? target_view(py->target, function, 128) : NULL;
    if (!code)
        return;
    int8_t dict = py->rules.free_threaded ? -8 : -24;
    struct visit_code found =
        x86 ? visit_code_x86_64(code, 128, dict) : visit_code_aarch64(code, 128);
    if (found.test >= 0 && found.load >= 0)
        py->rules.values_hide_dict = found.test < found.load;
}

// --- does memory agree ---------------------------------------------------------------------------

static addr type_member(const struct python *py, addr object)
{
    return READ(py, object, PyObject_ob_type);
}

static bool check_types(const struct python *py, struct err *err)
{
    const struct layout *l = &py->layout;
    if (l->PyObject_ob_type < 0 || l->sizeof_PyTypeObject < 0 || l->PyTypeObject_tp_flags < 0
        || l->PyGC_Head__gc_next < 0)
        return err_set(err, ERR_FORMAT,
                       "%s: the layout lacks the essentials (PyObject, PyTypeObject, PyGC_Head)",
                       l->source);
    if (l->PyASCIIObject_state >= 0
        && (l->bits_PyASCIIObject_state_kind < 0 || l->bits_PyASCIIObject_state_compact < 0
            || l->bits_PyASCIIObject_state_ascii < 0))
        return err_set(err, ERR_FORMAT,
                       "%s: the layout lacks the bits of PyASCIIObject.state: create it again",
                       l->source);
    if (type_member(py, py->type_type) != py->type_type
        || type_member(py, py->object_type) != py->type_type)
        return err_set(err, ERR_FORMAT, "%s does not fit this process: type(type) is not type",
                       l->source);
    uint64_t size = READ(py, py->type_type, PyTypeObject_tp_basicsize);
    int32_t expected = l->sizeof_PyHeapTypeObject;
    if (expected > 0 && size != (uint64_t)expected && size != (uint64_t)expected + 8)
        return err_set(err, ERR_FORMAT,
                       "%s does not fit this process: type.__basicsize__ is %llu, not %d",
                       l->source, (unsigned long long)size, expected);
    return true;
}

static bool lists_close(const struct python *py, const struct interpreter *in)
{
    for (int g = 0; g < 3; g++)
        if (in->heads[g] && !gc_head_closes(py, in->heads[g]))
            return false;
    return true;
}

// gc.garbage and gc.callbacks are lists in every process that has finished starting.
static bool garbage_is_list(const struct python *py)
{
    struct gc_state state;
    python_gc_state(py, 0, &state);
    addr list = target_symbol(py->target, py->module, "PyList_Type");
    return !state.known || !state.garbage || !list || type_member(py, state.garbage) == list;
}

// 3.13.16 or .17 moved the generations by four bytes inside a struct whose size stayed: the lists'
// form tells which release it is.
static void try_moved_generations(struct python *py)
{
    int32_t *at = &py->layout._gc_runtime_state_generations;
    int32_t before = *at;
    static const int32_t moves[] = { -4, 4 };
    for (size_t i = 0; i < 2; i++) {
        *at = before + moves[i];
        gc_find_heads(py, &py->interpreters[0]);
        if (lists_close(py, &py->interpreters[0])) {
            for (size_t k = 1; k < py->interpreter_count; k++)
                gc_find_heads(py, &py->interpreters[k]);
            open_warn(py, "the generations lie %s bytes away from where the layout says: corrected",
                      moves[i] < 0 ? "4 before" : "4 behind");
            return;
        }
    }
    *at = before;
    gc_find_heads(py, &py->interpreters[0]);
}

static bool check_collector(struct python *py, struct err *err)
{
    struct gc_state state;
    python_gc_state(py, 0, &state);
    if (py->rules.free_threaded)
        return true;
    if (!lists_close(py, &py->interpreters[0]) && !(state.collecting && garbage_is_list(py)))
        try_moved_generations(py);
    if (!garbage_is_list(py))
        return err_set(err, ERR_FORMAT,
                       "%s does not fit this process: gc.garbage is not a list there",
                       py->layout.source);
    if (state.collecting && garbage_is_list(py)) {
        open_warn(
            py, "%s",
            "a collection was running: lists are in pieces, and references are counted in the "
            "headers");
        return true;
    }
    if (!lists_close(py, &py->interpreters[0]))
        open_warn(py, "%s", "a generation's list does not close at its head");
    return true;
}

static void find_singletons(struct python *py)
{
    py->none = target_symbol(py->target, py->module, "_Py_NoneStruct");
    addr pointer = target_symbol(py->target, py->module, "_PySet_Dummy");
    py->set_dummy = pointer ? target_u64(py->target, pointer, NULL)
                            : target_symbol(py->target, py->module, "_dummy_struct");
    if (!py->set_dummy && py->layout.sym__PySet_Dummy)
        py->set_dummy = target_u64(
            py->target, py->layout.sym__PySet_Dummy + py->target->modules[py->module].bias, NULL);
}

// Discards what was found by a layout that did not fit.
static void open_forget(struct python *py)
{
    runtime_forget(py);
    types_free(py->types);
    py->types = NULL;
    py->warnings[0] = 0;
    py->subtype_traverse = 0;
}

static bool open_is_table(enum layout_origin origin)
{
    return origin == LAYOUT_FROM_TABLE || origin == LAYOUT_FROM_NEAR_TABLE;
}

// Whether the layout comes from anything but this build's own debug information.
static bool open_is_borrowed(enum layout_origin origin)
{
    return open_is_table(origin) || origin == LAYOUT_FROM_FILE;
}

// Reads the interpreters by the layout, and checks it against memory. A layout from this build's
// own debug information is checked less strictly: its process may be damaged.
static bool open_try_layout(struct python *py, enum layout_origin origin, struct err *err)
{
    if (!types_new(&py->types, err))
        return false;
    rules_set(&py->rules, py->version, &py->layout);
    read_values_rule(py);
    if (!cross_check(py, origin == LAYOUT_FROM_NEAR_TABLE, err))
        return false;
    find_singletons(py);
    bool proves = open_is_borrowed(origin) || py->is_newer;
    if (!layout_check(&py->layout, py->layout.source, err) || !check_types(py, err)
        || !runtime_read(py, err) || !check_collector(py, err)
        || (proves && !prove_layout(py, origin != LAYOUT_FROM_NEAR_TABLE, err)))
        // If there was no room for the types that were met, nothing is proved or disproved.
        return types_failed(py->types) ? err_memory(err, "the types") : false;
    if (types_failed(py->types))
        return err_memory(err, "the types");
    types_free(py->types); // these rows were made before subtype_traverse was known
    if (!types_new(&py->types, err))
        return false;
    if (origin == LAYOUT_FROM_NEAR_TABLE)
        open_warn(py, "no layout for this exact release: %s is used, and agrees with the memory",
                  py->layout.source);
    return true;
}

static bool open_no_layout(const struct python *py, bool free_threaded, struct err *err)
{
    return err_wrap(
        err,
        "no layout fits this build of CPython %s%s (it has no debug information here: install it, "
        "or give --layout FILE, which gdb/ouro/locate.py makes if the same build has some)",
        py->version_text, free_threaded ? " (free-threaded)" : "");
}

// Chooses the best layout that memory agrees with. Tables of other releases are tried in turn.
static bool open_settle_layout(struct python *py, bool free_threaded,
                               const struct python_options *options, struct err *err)
{
    struct err first = ERR_INIT;
    for (size_t rank = 0; rank < TABLES_TRIED; rank++) {
        enum layout_origin origin;
        struct err why = ERR_INIT;
        if (!choose_layout(py, free_threaded, rank, options, &origin, rank ? &why : err)) {
            if (!rank && !options->layout_file && err && err->kind == ERR_NOT_FOUND)
                return open_no_layout(py, free_threaded, err);
            if (!rank || why.kind == ERR_MEMORY)
                return rank ? err_memory(err, "the layout") : false;
            break;
        }
        if (open_try_layout(py, origin, &why))
            return true;
        open_forget(py);
        if (!open_is_table(origin) || why.kind == ERR_MEMORY) {
            *err = why;
            return false;
        }
        if (!rank && origin == LAYOUT_FROM_TABLE && why.kind == ERR_NOT_FOUND) {
            *err = why; // no layout can find what is not there
            return false;
        }
        if (!rank)
            first = why;
    }
    *err = first;
    return open_no_layout(py, free_threaded, err);
}

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
    if (!open_settle_layout(py, free_threaded, options, err))
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
