// SPDX-License-Identifier: GPL-3.0-or-later
// _Py_DebugOffsets, CPython's Include/internal/pycore_debug_offsets.h (3.14; pycore_runtime.h
// in 3.13).
//
// The struct consists of 64-bit words only. Versions insert words and never reorder them, so that
// one table in order, each row with the minor version that introduced it, gives the position of
// every word in every version: the i-th row that exists is word i.
#include "layout/offsets.h"

#include <string.h>

#include "base/text.h"

enum {
    FIRST_MINOR = 13,
    LAST_MINOR = OFFSETS_NEWEST >> 16 & 255,
    HEAD_WORDS = 3, // cookie, version, free_threaded
    VALUE_MAX = 1 << 20,
    IGNORED = UINT16_MAX,
    THREADED = 256,
    ROWS_MAX = 4096,
};

struct offsets_word {
    uint16_t since; // minor version; THREADED: others than free-threaded builds say 0 or UINT64_MAX
    uint16_t at;    // offset in struct layout, in int32_t steps from sizeof_PyObject; IGNORED
};

#define AT(member)                                                                                 \
    (uint16_t)((offsetof(struct layout, member) - offsetof(struct layout, sizeof_PyObject))        \
               / sizeof(int32_t))

static const struct offsets_word words[] = {
    { 13, AT(sizeof__PyRuntimeState) },
    { 13, AT(_PyRuntimeState_finalizing) },
    { 13, AT(_PyRuntimeState_interpreters_head) },

    { 13, AT(sizeof_PyInterpreterState) },
    { 13, AT(PyInterpreterState_id) },
    { 13, AT(PyInterpreterState_next) },
    { 13, AT(PyInterpreterState_threads_head) },
    { 14, AT(PyInterpreterState_threads_main) },
    { 13, AT(PyInterpreterState_gc) },
    { 13, AT(PyInterpreterState_modules) },
    { 13, AT(PyInterpreterState_sysdict) },
    { 13, AT(PyInterpreterState_builtins) },
    { 13, AT(PyInterpreterState_ceval_gil) },
    { 13, IGNORED }, // gil_runtime_state
    { 13, IGNORED }, // gil_runtime_state.enabled
    { 13, IGNORED }, // .locked
    { 13, IGNORED }, // .holder
    { 14, IGNORED }, // code_object_generation
    { 14, IGNORED }, // tlbc_generation

    { 13, AT(sizeof_PyThreadState) },
    { 13, AT(PyThreadState_prev) },
    { 13, AT(PyThreadState_next) },
    { 13, AT(PyThreadState_interp) },
    { 13, AT(PyThreadState_current_frame) },
    { 15, AT(PyThreadState_base_frame) },
    { 15, IGNORED }, // last_profiled_frame
    { 15, IGNORED }, // last_profiled_frame_seq
    { 13, AT(PyThreadState_thread_id) },
    { 13, AT(PyThreadState_native_thread_id) },
    { 13, AT(PyThreadState_datastack_chunk) },
    { 13, AT(PyThreadState__status) },
    { 15, IGNORED }, // holds_gil
    { 15, IGNORED }, // gil_requested
    { 15, AT(PyThreadState_current_exception) },
    { 15, AT(PyThreadState_exc_state) },

    { 15, AT(_err_stackitem_exc_value) },

    { 13, AT(sizeof__PyInterpreterFrame) },
    { 13, AT(_PyInterpreterFrame_previous) },
    { 13, AT(_PyInterpreterFrame_f_executable) },
    { 13, AT(_PyInterpreterFrame_instr_ptr) },
    { 13, AT(_PyInterpreterFrame_localsplus) },
    { 13, AT(_PyInterpreterFrame_owner) },
    { 14, AT(_PyInterpreterFrame_stackpointer) },
    { THREADED + 14, AT(_PyInterpreterFrame_tlbc_index) },

    { 13, AT(sizeof_PyCodeObject) },
    { 13, AT(PyCodeObject_co_filename) },
    { 13, AT(PyCodeObject_co_name) },
    { 13, AT(PyCodeObject_co_qualname) },
    { 13, AT(PyCodeObject_co_linetable) },
    { 13, AT(PyCodeObject_co_firstlineno) },
    { 13, AT(PyCodeObject_co_argcount) },
    { 13, AT(PyCodeObject_co_localsplusnames) },
    { 13, AT(PyCodeObject_co_localspluskinds) },
    { 13, AT(PyCodeObject_co_code_adaptive) },
    { THREADED + 14, AT(PyCodeObject_co_tlbc) },

    { 13, AT(sizeof_PyObject) },
    { 13, AT(PyObject_ob_type) },

    { 13, AT(sizeof_PyTypeObject) },
    { 13, AT(PyTypeObject_tp_name) },
    { 13, IGNORED }, // tp_repr
    { 13, AT(PyTypeObject_tp_flags) },
    { 15, AT(PyTypeObject_tp_basicsize) },
    { 15, AT(PyTypeObject_tp_dictoffset) },

    { 15, AT(sizeof_PyHeapTypeObject) },
    { 15, AT(PyHeapTypeObject_ht_cached_keys) },

    { 13, AT(sizeof_PyTupleObject) },
    { 13, AT(PyTupleObject_ob_item) },
    { 13, AT(PyVarObject_ob_size) },

    { 13, AT(sizeof_PyListObject) },
    { 13, AT(PyListObject_ob_item) },
    { 13, AT(PyVarObject_ob_size) },

    { 14, AT(sizeof_PySetObject) },
    { 14, AT(PySetObject_used) },
    { 14, AT(PySetObject_table) },
    { 14, AT(PySetObject_mask) },

    { 13, AT(sizeof_PyDictObject) },
    { 13, AT(PyDictObject_ma_keys) },
    { 13, AT(PyDictObject_ma_values) },

    { 13, AT(sizeof_PyFloatObject) },
    { 13, AT(PyFloatObject_ob_fval) },

    { 13, AT(sizeof_PyLongObject) },
    { 13, AT(PyLongObject_lv_tag) },
    { 13, AT(PyLongObject_ob_digit) },

    { 13, AT(sizeof_PyBytesObject) },
    { 13, AT(PyVarObject_ob_size) },
    { 13, AT(PyBytesObject_ob_sval) },

    { 13, AT(sizeof_PyUnicodeObject) },
    { 13, AT(PyASCIIObject_state) },
    { 13, AT(PyASCIIObject_length) },
    { 13, AT(sizeof_PyASCIIObject) },
    { 15, AT(sizeof_PyCompactUnicodeObject) },

    { 13, AT(sizeof__gc_runtime_state) },
    { 13, AT(_gc_runtime_state_collecting) },
    { 15, AT(_gc_runtime_state_frame) },
    { 15, IGNORED }, // generation_stats_size: of what the pointer leads to
    { 15, AT(_gc_runtime_state_generation_stats) },

    { 14, AT(sizeof_PyGenObject) },
    { 14, AT(PyGenObject_gi_name) },
    { 14, AT(PyGenObject_gi_iframe) },
    { 14, AT(PyGenObject_gi_frame_state) },
};

enum { N_WORDS = sizeof words / sizeof words[0] };

static uint64_t offsets_word_at(const void *bytes, size_t i)
{
    uint64_t word;
    memcpy(&word, (const char *)bytes + i * sizeof word, sizeof word);
    return word;
}

bool offsets_version(const void *bytes, size_t size, uint32_t *version, bool *free_threaded)
{
    if (size < HEAD_WORDS * sizeof(uint64_t) || memcmp(bytes, "xdebugpy", 8) != 0)
        return false;
    if (version)
        *version = (uint32_t)offsets_word_at(bytes, 1);
    if (free_threaded)
        *free_threaded = offsets_word_at(bytes, 2) != 0;
    return true;
}

// One of the interpreter's numbers: its row, and the layout's previous value.
struct anchor {
    size_t row;
    int32_t before, after;
};

// The anchors of this version, in the order of words[]. Returns their number, or 0 with err set.
static size_t read_anchors(struct layout *layout, const void *bytes, size_t size, unsigned minor,
                           struct anchor anchors[static N_WORDS], struct err *err)
{
    size_t n = 0;
    size_t at = HEAD_WORDS;
    bool free_threaded = offsets_word_at(bytes, 2) != 0;
    for (size_t i = 0; i < N_WORDS; i++) {
        if (words[i].since % THREADED > minor)
            continue;
        if ((at + 1) * sizeof(uint64_t) > size) {
            err_set(err, ERR_FORMAT, "_Py_DebugOffsets is cut off after %zu %s", size,
                    text_plural(size, "byte", "bytes"));
            return 0;
        }
        uint64_t value = offsets_word_at(bytes, at++);
        if (words[i].at == IGNORED || (words[i].since >= THREADED && !free_threaded))
            continue;
        size_t row = words[i].at;
        if (value > VALUE_MAX) {
            err_set(err, ERR_FORMAT, "word %zu of _Py_DebugOffsets is no offset", at - 1);
            return 0;
        }
        anchors[n++] = (struct anchor){ row, *layout_row_at(layout, row), (int32_t)value };
    }
    return n;
}

static const char *row_name(const struct layout *layout, size_t row)
{
    const char *name = "";
    int32_t value;
    layout_row(layout, row, &name, &value);
    return name;
}

static void note_clash(struct offsets *offsets, const struct layout *layout,
                       const struct anchor *anchor)
{
    if (offsets->n_clashes < OFFSETS_CLASHES_MAX)
        offsets->clashes[offsets->n_clashes] = (struct offsets_clash){
            .row = row_name(layout, anchor->row), .ours = anchor->before, .theirs = anchor->after
        };
    offsets->n_clashes++;
}

// Whether two row names are members of the same struct.
static bool same_struct(const char *a, const char *b)
{
    size_t length = strcspn(a, ".");
    return a[length] == '.' && strncmp(a, b, length + 1) == 0;
}

// How far the member of row `row`, at `value` in the layout, has moved: as far as the nearest
// anchor at or before it.
static int32_t shift_of(const struct layout *layout, size_t row, int32_t value,
                        const struct anchor *anchors, size_t n)
{
    const char *name = row_name(layout, row);
    const struct anchor *nearest = NULL;
    for (size_t i = 0; i < n; i++) {
        const struct anchor *anchor = &anchors[i];
        if (anchor->row == row)
            return 0; // it has its own
        if (anchor->before == LAYOUT_NONE || anchor->before > value
            || !same_struct(name, row_name(layout, anchor->row)))
            continue;
        if (!nearest || anchor->before > nearest->before)
            nearest = anchor;
    }
    return nearest ? nearest->after - nearest->before : 0;
}

static void move_members(struct layout *layout, const struct anchor *anchors, size_t n)
{
    const char *name;
    int32_t value;
    for (size_t row = 0; row < ROWS_MAX && layout_row(layout, row, &name, &value); row++) {
        if (value <= 0 || !strchr(name, '.') || strchr(name, ' '))
            continue;
        int32_t moved = value + shift_of(layout, row, value, anchors, n);
        if (moved >= 0 && moved <= VALUE_MAX)
            *layout_row_at(layout, row) = moved;
    }
}

// The words of a newer version are in the order of the last known one if they agree with the layout
// about objects.
static bool offsets_in_step(const struct layout *layout, const struct anchor *anchors, size_t n)
{
    static const char *const may_grow[] = { "_PyRuntimeState", "PyInterpreterState",
                                            "PyThreadState", "_gc_runtime_state" };
    size_t compared = 0;
    for (size_t i = 0; i < n; i++) {
        const char *name = row_name(layout, anchors[i].row);
        bool grows = false;
        for (size_t k = 0; k < sizeof may_grow / sizeof *may_grow; k++) {
            size_t length = strlen(may_grow[k]);
            grows = grows
                    || (!strncmp(name, may_grow[k], length)
                        && (name[length] == '.' || name[length] == '\0'));
        }
        if (grows || anchors[i].before == LAYOUT_NONE)
            continue;
        if (anchors[i].before != anchors[i].after)
            return false;
        compared++;
    }
    return compared > 0;
}

bool offsets_apply(struct layout *layout, const void *bytes, size_t size, bool believe,
                   struct offsets *offsets, struct err *err)
{
    *offsets = (struct offsets){ 0 };
    if (!offsets_version(bytes, size, &offsets->version, &offsets->free_threaded))
        return err_set(err, ERR_FORMAT, "_PyRuntime does not begin with _Py_DebugOffsets");
    unsigned minor = offsets->version >> 16 & 0xff;
    if (offsets->version >> 24 != 3 || minor < FIRST_MINOR)
        return err_set(err, ERR_UNSUPPORTED, "_Py_DebugOffsets of an unknown version 0x%08x",
                       offsets->version);
    struct anchor anchors[N_WORDS];
    size_t n = read_anchors(layout, bytes, size, minor, anchors, err);
    if (n == 0)
        return false;
    if (minor > LAST_MINOR && !offsets_in_step(layout, anchors, n))
        return err_set(err, ERR_UNSUPPORTED,
                       "_Py_DebugOffsets of CPython 3.%u is not in the order of 3.%u's, or its "
                       "objects are others",
                       minor, LAST_MINOR);
    for (size_t i = 0; i < n; i++) {
        if (anchors[i].before != LAYOUT_NONE && anchors[i].before != anchors[i].after)
            note_clash(offsets, layout, &anchors[i]);
        offsets->n_filled += anchors[i].before == LAYOUT_NONE;
        offsets->n_compared += anchors[i].before != LAYOUT_NONE;
    }
    if (believe && offsets->n_clashes > 0)
        move_members(layout, anchors, n);
    for (size_t i = 0; i < n; i++)
        if (believe || anchors[i].before == LAYOUT_NONE)
            *layout_row_at(layout, anchors[i].row) = anchors[i].after;
    return true;
}
