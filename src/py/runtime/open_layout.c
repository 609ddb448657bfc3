// SPDX-License-Identifier: GPL-3.0-or-later
// Which layout an interpreter is read by: see open_layout.h.
#include "py/runtime/open_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/choose.h"
#include "layout/offsets.h"
#include "py/objects/dict.h"
#include "py/objects/type.h"
#include "py/read.h"
#include "py/runtime/gc.h"
#include "py/runtime/prove.h"
#include "py/runtime/runtime.h"
#include "target/debug_file.h"
#include "target/elf.h"

#define FILES_MAX 256
#define TABLES_TRIED 16 // tables tried per minor version

void open_warn(struct python *py, const char *format, const char *detail)
{
    size_t used = strlen(py->warnings);
    if (used && used + 1 < sizeof py->warnings)
        py->warnings[used++] = '\n';
    snprintf(py->warnings + used, sizeof py->warnings - used, format, detail);
}

static struct regular_file open_layout_file(const struct module *module)
{
    return (struct regular_file){ module->file, module->elf ? elf_file(module->elf) : NULL };
}

// An extension module of the standard library, or one of Python's libraries.
static bool open_layout_may_know(const struct module *module)
{
    return module->file && (strstr(module->file, "lib-dynload") || strstr(module->file, "ython"));
}

// First the interpreter's own file, or the file with its debug information where gdb would not
// look; then the extension modules: gdb reads their types too.
static size_t open_layout_files(const struct python *py, const struct regular_file *apart,
                                struct regular_file *files)
{
    const struct target *t = py->target;
    size_t n = 0;
    if (apart->path)
        files[n++] = *apart;
    else if (t->modules[py->module].file)
        files[n++] = open_layout_file(&t->modules[py->module]);
    for (size_t i = 0; i < t->module_count && n < FILES_MAX; i++)
        if ((int)i != py->module && open_layout_may_know(&t->modules[i]))
            files[n++] = open_layout_file(&t->modules[i]);
    return n;
}

// The file with debug information, for free(). If it is not here, it is fetched: the request
// carries nothing but its build-id.
static char *open_layout_debug_file(struct python *py, const struct python_options *options,
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
static bool open_layout_has_no_debug(const struct python *py, const struct regular_file *apart)
{
    const struct target *t = py->target;
    if (apart->path)
        return false;
    for (size_t i = 0; i < t->module_count; i++) {
        const struct module *module = &t->modules[i];
        struct regular ignored;
        if ((int)i != py->module && !open_layout_may_know(module))
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

static bool open_layout_choose(struct python *py, bool free_threaded, size_t rank,
                               const struct python_options *options, enum layout_origin *origin,
                               struct err *err)
{
    const struct module *module = &py->target->modules[py->module];
    char build_id[80];
    module_build_id_text(module, build_id, sizeof build_id);
    struct regular_file files[FILES_MAX];
    struct regular which = { 0 };
    char *debug = rank ? NULL : open_layout_debug_file(py, options, &which);
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
        .n_files = open_layout_files(py, &apart, files),
        .tables = options->layouts,
        .script = options->locate_script,
        .no_gdb = options->no_gdb,
        // Later ranks are tables, and a file that the user names is the only one used.
        .no_debug = !rank && !options->layout_file && !options->no_gdb
                    && open_layout_has_no_debug(py, &apart),
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

static bool open_layout_is_table(enum layout_origin origin)
{
    return origin == LAYOUT_FROM_TABLE || origin == LAYOUT_FROM_NEAR_TABLE;
}

// Whether the layout comes from anything but this build's own debug information.
static bool open_layout_is_borrowed(enum layout_origin origin)
{
    return open_layout_is_table(origin) || origin == LAYOUT_FROM_FILE;
}

// The collector's state has another size with every other collector (3.14.0 to 3.14.4 had one of
// their own), and _Py_DebugOffsets knows nothing of its lists: a table of another one puts objects
// into wrong generations, though the lists close. A newer version's may have grown.
static bool collector_is_same(const struct python *py, int32_t said, struct err *err)
{
    int32_t is = py->layout.sizeof__gc_runtime_state;
    return said < 0 || said == is || py->is_newer
           || err_set(err, ERR_FORMAT,
                      "%s does not fit this process: the collector's state has %d bytes there, not "
                      "%d: it is another collector",
                      py->layout.source, is, said);
}

// _Py_DebugOffsets, from 3.13 on: fills in what the layout lacks, and reports where they differ. A
// table that stands in for a newer version is useless without them.
static bool open_layout_cross_check(struct python *py, enum layout_origin origin, struct err *err)
{
    bool borrowed = origin == LAYOUT_FROM_NEAR_TABLE;
    int32_t collector = py->layout.sizeof__gc_runtime_state;
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
    if (open_layout_is_borrowed(origin) && !collector_is_same(py, collector, err))
        return false;
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
static void open_layout_read_values_rule(struct python *py)
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

static addr open_layout_type_of(const struct python *py, addr object)
{
    return READ(py, object, PyObject_ob_type);
}

static bool open_layout_check_types(const struct python *py, struct err *err)
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
    if (open_layout_type_of(py, py->type_type) != py->type_type
        || open_layout_type_of(py, py->object_type) != py->type_type)
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

static bool open_layout_lists_close(const struct python *py, const struct interpreter *in)
{
    for (int g = 0; g < 3; g++)
        if (in->heads[g] && !gc_head_closes(py, in->heads[g]))
            return false;
    return true;
}

// gc.garbage and gc.callbacks are lists in every process that has finished starting.
static bool open_layout_garbage_is_list(const struct python *py)
{
    struct gc_state state;
    python_gc_state(py, 0, &state);
    addr list = target_symbol(py->target, py->module, "PyList_Type");
    return !state.known || !state.garbage || !list
           || open_layout_type_of(py, state.garbage) == list;
}

// 3.13.16 or .17 moved the generations by four bytes inside a struct whose size stayed: the lists'
// form tells which release it is.
static void open_layout_try_moved(struct python *py)
{
    int32_t *at = &py->layout._gc_runtime_state_generations;
    int32_t before = *at;
    static const int32_t moves[] = { -4, 4 };
    for (size_t i = 0; i < 2; i++) {
        *at = before + moves[i];
        gc_find_heads(py, &py->interpreters[0]);
        if (open_layout_lists_close(py, &py->interpreters[0])) {
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

static bool open_layout_check_collector(struct python *py, struct err *err)
{
    struct gc_state state;
    python_gc_state(py, 0, &state);
    if (py->rules.free_threaded)
        return true;
    if (!open_layout_lists_close(py, &py->interpreters[0])
        && !(state.collecting && open_layout_garbage_is_list(py)))
        open_layout_try_moved(py);
    if (!open_layout_garbage_is_list(py))
        return err_set(err, ERR_FORMAT,
                       "%s does not fit this process: gc.garbage is not a list there",
                       py->layout.source);
    if (state.collecting && open_layout_garbage_is_list(py)) {
        open_warn(
            py, "%s",
            "a collection was running: lists are in pieces, and references are counted in the "
            "headers");
        return true;
    }
    if (!open_layout_lists_close(py, &py->interpreters[0]))
        open_warn(py, "%s", "a generation's list does not close at its head");
    return true;
}

static void open_layout_find_singletons(struct python *py)
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
static void open_layout_forget(struct python *py)
{
    runtime_forget(py);
    types_free(py->types);
    py->types = NULL;
    py->warnings[0] = 0;
    py->subtype_traverse = 0;
}

// Reads the interpreters by the layout, and checks it against memory. A layout from this build's
// own debug information is checked less strictly: its process may be damaged.
static bool open_layout_try(struct python *py, enum layout_origin origin, struct err *err)
{
    if (!types_new(&py->types, err))
        return false;
    rules_set(&py->rules, py->version, &py->layout);
    open_layout_read_values_rule(py);
    if (!open_layout_cross_check(py, origin, err))
        return false;
    open_layout_find_singletons(py);
    bool proves = open_layout_is_borrowed(origin) || py->is_newer;
    if (!layout_check(&py->layout, py->layout.source, err) || !open_layout_check_types(py, err)
        || !runtime_read(py, err) || !open_layout_check_collector(py, err)
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

static bool open_layout_none(const struct python *py, bool free_threaded, struct err *err)
{
    return err_wrap(
        err,
        "no layout fits this build of CPython %s%s (it has no debug information here: install it, "
        "or give --layout FILE, which gdb/ouro/locate.py makes if the same build has some)",
        py->version_text, free_threaded ? " (free-threaded)" : "");
}

// Chooses the best layout that memory agrees with. Tables of other releases are tried in turn.
bool open_layout_settle(struct python *py, bool free_threaded, const struct python_options *options,
                        struct err *err)
{
    struct err first = ERR_INIT;
    for (size_t rank = 0; rank < TABLES_TRIED; rank++) {
        enum layout_origin origin;
        struct err why = ERR_INIT;
        if (!open_layout_choose(py, free_threaded, rank, options, &origin, rank ? &why : err)) {
            if (!rank && !options->layout_file && err && err->kind == ERR_NOT_FOUND)
                return open_layout_none(py, free_threaded, err);
            if (!rank || why.kind == ERR_MEMORY)
                return rank ? err_memory(err, "the layout") : false;
            break;
        }
        if (open_layout_try(py, origin, &why))
            return true;
        open_layout_forget(py);
        if (!open_layout_is_table(origin) || why.kind == ERR_MEMORY) {
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
    return open_layout_none(py, free_threaded, err);
}
