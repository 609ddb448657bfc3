// SPDX-License-Identifier: GPL-3.0-or-later
// Enumerating roots: see runtime_roots.h. CPython decides which fields own what they point at:
// Include/internal/pycore_interp.h, Include/cpython/pystate.h of each version.
#include "py/runtime/runtime_roots.h"

#include <stddef.h>
#include <string.h>

#include "py/objects/dict.h"
#include "py/runtime/frames.h"
#include "py/runtime/greenlet.h"
#include "py/read.h"
#include "py/objects/str.h"
#include "py/objects/type.h"

struct runtime_roots_walk {
    const struct python *py;
    root_take *take;
    void *context;
    struct root root; // what the roots of this field have in common
    bool stopped;
};

static void emit(struct runtime_roots_walk *walk, addr to, enum root_kind kind, enum root_hold hold,
                 const char *what)
{
    if (!to || (to & 7) || walk->stopped)
        return;
    struct root root = walk->root;
    root.to = to;
    root.kind = (uint8_t)kind;
    root.hold = (uint8_t)hold;
    root.what = what;
    walk->stopped = !walk->take(walk->context, &root);
}

// --- fields of structs --------------------------------------------------------------------------

struct runtime_roots_field {
    size_t place;     // offsetof(struct layout, PyInterpreterState_modules)
    const char *what; // as in the source, if Python can express it
    uint8_t hold;
};

#define FIELD(type, member, name)                                                                  \
    {                                                                                              \
        offsetof(struct layout, type##_##member), name, ROOT_COUNTED                               \
    }
#define BORROWED(type, member, name)                                                               \
    {                                                                                              \
        offsetof(struct layout, type##_##member), name, ROOT_SEEN                                  \
    }

static const struct runtime_roots_field interpreter_fields[] = {
    FIELD(PyInterpreterState, modules, "sys.modules"),
    FIELD(PyInterpreterState, modules_by_index, "modules_by_index"),
    FIELD(PyInterpreterState, modules_reloading, "modules_reloading"),
    FIELD(PyInterpreterState, importlib, "importlib"),
    FIELD(PyInterpreterState, import_func, "import_func"),
    FIELD(PyInterpreterState, sysdict, "sys.__dict__"),
    FIELD(PyInterpreterState, sysdict_copy, "sysdict_copy"),
    FIELD(PyInterpreterState, builtins, "builtins.__dict__"),
    FIELD(PyInterpreterState, builtins_copy, "builtins_copy"),
    FIELD(PyInterpreterState, codec_search_path, "codec search path"),
    FIELD(PyInterpreterState, codec_search_cache, "codec search cache"),
    FIELD(PyInterpreterState, codec_error_registry, "codec error registry"),
    FIELD(PyInterpreterState, dict, "interpreter's dict"),
    BORROWED(PyInterpreterState, pyexitmodule, "atexit module"),
    FIELD(PyInterpreterState, warnings_filters, "warnings.filters"),
    FIELD(PyInterpreterState, warnings_once_registry, "warnings.onceregistry"),
    FIELD(PyInterpreterState, warnings_default_action, "warnings.defaultaction"),
    FIELD(PyInterpreterState, warnings_context, "warnings context"),
    FIELD(PyInterpreterState, audit_hooks, "audit hooks"),
    FIELD(PyInterpreterState, before_forkers, "before_forkers"),
    FIELD(PyInterpreterState, after_forkers_parent, "after_forkers_parent"),
    FIELD(PyInterpreterState, after_forkers_child, "after_forkers_child"),
    FIELD(PyInterpreterState, lazy_import_func, "lazy_import_func"),
    FIELD(PyInterpreterState, lazy_imports_filter, "lazy_imports_filter"),
    FIELD(PyInterpreterState, lazy_modules, "lazy_modules"),
    BORROWED(PyInterpreterState, callable_cache_isinstance, "callable_cache.isinstance"),
    BORROWED(PyInterpreterState, callable_cache_len, "callable_cache.len"),
    BORROWED(PyInterpreterState, callable_cache_list_append, "callable_cache.list_append"),
    BORROWED(PyInterpreterState, callable_cache_object__getattribute__,
             "callable_cache.object__getattribute__"),
};

// In _Py_interp_cached_objects, which lies in the interpreter's state from 3.12 on.
static const struct runtime_roots_field cached_fields[] = {
    FIELD(_Py_interp_cached_objects, interned_strings, "interned strings"),
    FIELD(_Py_interp_cached_objects, objreduce, "object.__reduce__"),
    FIELD(_Py_interp_cached_objects, str_replace_inf, "str_replace_inf"),
    FIELD(_Py_interp_cached_objects, type_slots_pname, "type_slots_pname"),
    FIELD(_Py_interp_cached_objects, generic_type, "typing.Generic"),
    FIELD(_Py_interp_cached_objects, typevar_type, "typing.TypeVar"),
    FIELD(_Py_interp_cached_objects, typevartuple_type, "typing.TypeVarTuple"),
    FIELD(_Py_interp_cached_objects, paramspec_type, "typing.ParamSpec"),
    FIELD(_Py_interp_cached_objects, paramspecargs_type, "typing.ParamSpecArgs"),
    FIELD(_Py_interp_cached_objects, paramspeckwargs_type, "typing.ParamSpecKwargs"),
    FIELD(_Py_interp_cached_objects, typealias_type, "typing.TypeAliasType"),
    FIELD(_Py_interp_cached_objects, constevaluator_type, "constevaluator"),
    FIELD(_Py_interp_cached_objects, no_default_type, "typing.NoDefault"),
};

static const struct runtime_roots_field thread_fields[] = {
    FIELD(PyThreadState, dict, "dict"),
    FIELD(PyThreadState, c_profileobj, "profile function"),
    FIELD(PyThreadState, c_traceobj, "trace function"),
    FIELD(PyThreadState, curexc_type, "exception being raised"),
    FIELD(PyThreadState, curexc_value, "exception being raised"),
    FIELD(PyThreadState, curexc_traceback, "exception being raised"),
    FIELD(PyThreadState, current_exception, "exception being raised"),
    FIELD(PyThreadState, exc_type, "exception being handled"),
    FIELD(PyThreadState, exc_value, "exception being handled"),
    FIELD(PyThreadState, exc_traceback, "exception being handled"),
    FIELD(PyThreadState, async_exc, "exception to come"),
    FIELD(PyThreadState, coroutine_wrapper, "coroutine wrapper"),
    FIELD(PyThreadState, async_gen_firstiter, "asyncgen hook firstiter"),
    FIELD(PyThreadState, async_gen_finalizer, "asyncgen hook finalizer"),
    FIELD(PyThreadState, context, "context"),
    FIELD(PyThreadState, threading_local_key, "key of thread-locals"),
    FIELD(PyThreadState, threading_local_sentinel, "sentinel of thread-locals"),
    FIELD(_PyThreadStateImpl, asyncio_running_loop, "running asyncio loop"),
    FIELD(_PyThreadStateImpl, asyncio_running_task, "running asyncio task"),
    FIELD(_PyThreadStateImpl, lazy_imports, "lazy imports"),
};

static const struct runtime_roots_field exception_fields[] = {
    FIELD(_err_stackitem, exc_type, "exception being handled"),
    FIELD(_err_stackitem, exc_value, "exception being handled"),
    FIELD(_err_stackitem, exc_traceback, "exception being handled"),
};

static void emit_fields(struct runtime_roots_walk *walk, addr at,
                        const struct runtime_roots_field *fields, size_t count, enum root_kind kind)
{
    for (size_t i = 0; at && i < count; i++) {
        int32_t offset;
        memcpy(&offset, (const char *)&walk->py->layout + fields[i].place, sizeof offset);
        emit(walk, python_word(walk->py, at, offset), kind, (enum root_hold)fields[i].hold,
             fields[i].what);
    }
}

#define EMIT_FIELDS(walk, at, fields, kind)                                                        \
    emit_fields(walk, at, fields, sizeof(fields) / sizeof *(fields), kind)

// --- interpreters -------------------------------------------------------------------------------

// Copies of the dicts of modules without state of their own (single-phase initialisation).
static void emit_module_copy(struct runtime_roots_walk *walk, addr module)
{
    addr def = READ(walk->py, module, PyModuleObject_md_def);
    if (def)
        emit(walk,
             READ(walk->py, INSIDE(walk->py, def, PyModuleDef_m_base), PyModuleDef_Base_m_copy),
             ROOT_CACHE, ROOT_MAYBE, "copy of the module's dict");
}

static void emit_modules(struct runtime_roots_walk *walk, addr modules)
{
    const struct python *py = walk->py;
    const uint8_t *o = modules ? VIEW(py, modules, PyDictObject) : NULL;
    struct dict_table table;
    if (!o || !dict_open(py, o, &table))
        return;
    for (uint64_t i = 0; i < table.count && !walk->stopped; i++) {
        addr module = dict_value(&table, i);
        if (!module || !dict_key(&table, i))
            continue;
        walk->root.detail = dict_key(&table, i);
        emit(walk, module, ROOT_MODULE, ROOT_SEEN, NULL);
        if (type_is(type_of(py, module), TRAIT_MODULE)) {
            emit(walk, READ(py, module, PyModuleObject_md_dict), ROOT_GLOBALS, ROOT_SEEN, NULL);
            emit_module_copy(walk, module);
        }
    }
    walk->root.detail = 0;
}

// Up to 3.8 the collector's state belongs to the process (static, or runtime.gc): it is held once,
// however many interpreters there are.
static void emit_collector(struct runtime_roots_walk *walk, size_t interpreter)
{
    const struct interpreter *all = walk->py->interpreters;
    struct gc_state state;
    if (interpreter && all[interpreter].gc == all[0].gc)
        return;
    python_gc_state(walk->py, interpreter, &state);
    emit(walk, state.garbage, ROOT_INTERPRETER, ROOT_COUNTED, "gc.garbage");
    emit(walk, state.callbacks, ROOT_INTERPRETER, ROOT_COUNTED, "gc.callbacks");
}

// Up to 3.13 an array of structs; a list since.
static void emit_atexit(struct runtime_roots_walk *walk, addr interpreter)
{
    const struct python *py = walk->py;
    const struct layout *l = &py->layout;
    addr callbacks = READ(py, interpreter, PyInterpreterState_atexit_callbacks);
    if (!callbacks)
        return;
    if (l->PyInterpreterState_atexit_ncallbacks < 0) {
        emit(walk, callbacks, ROOT_INTERPRETER, ROOT_COUNTED, "atexit callbacks");
        return;
    }
    uint32_t count = READ(py, interpreter, PyInterpreterState_atexit_ncallbacks);
    static const int32_t members[] = {
        0, 8, 16
    }; // func, args, kwargs of atexit_callback in every version
    for (uint32_t i = 0; i < count && i < 100000; i++) {
        addr callback = python_word(py, callbacks, (int32_t)(i * 8));
        for (size_t k = 0; k < 3; k++)
            emit(walk, python_word(py, callback, members[k]), ROOT_INTERPRETER, ROOT_COUNTED,
                 "atexit callback");
    }
}

static void emit_words(struct runtime_roots_walk *walk, addr at, uint64_t count,
                       enum root_kind kind, enum root_hold hold, const char *what)
{
    const uint8_t *words = at ? target_view(walk->py->target, at, count * 8) : NULL;
    for (uint64_t i = 0; words && i < count && !walk->stopped; i++)
        emit(walk, load64(words + i * 8), kind, hold, what);
}

// Names of attributes looked up recently: owned; the values are borrowed.
static void emit_method_cache(struct runtime_roots_walk *walk, addr entries)
{
    const struct layout *l = &walk->py->layout;
    int32_t size = l->sizeof_type_cache_entry, most = l->MCACHE_SIZE > 0 ? l->MCACHE_SIZE : 4096;
    for (int32_t i = 0; entries && size > 0 && i < most && !walk->stopped; i++)
        emit(walk,
             READ(walk->py, entries + (addr)i * SIZE(walk->py, type_cache_entry),
                  type_cache_entry_name),
             ROOT_CACHE, ROOT_COUNTED, "name in the method cache");
}

// Only the first `used` of an array of `most`: what follows is something else.
static void emit_static_types(struct runtime_roots_walk *walk, addr states, uint64_t used,
                              uint64_t most)
{
    const struct python *py = walk->py;
    for (uint64_t i = 0; i < used && i < most; i++) {
        addr state = states + i * SIZE(py, managed_static_type_state);
        walk->root.detail = READ(py, state, managed_static_type_state_type);
        // The types' own references led to the main interpreter's dicts already.
        emit(walk, READ(py, state, managed_static_type_state_tp_dict), ROOT_TYPE,
             walk->root.interpreter ? ROOT_COUNTED : ROOT_SEEN, ".__dict__");
        emit(walk, READ(py, state, managed_static_type_state_tp_subclasses), ROOT_TYPE,
             ROOT_COUNTED, " subclasses");
    }
    walk->root.detail = 0;
}

// From 3.12 on each interpreter keeps what static types own.
static void emit_types_state(struct runtime_roots_walk *walk, addr interpreter)
{
    const struct python *py = walk->py;
    const struct layout *l = &py->layout;
    if (l->PyInterpreterState_types < 0 || l->sizeof_managed_static_type_state <= 0)
        return;
    addr types = INSIDE(py, interpreter, PyInterpreterState_types);
    int32_t first = l->types_state_builtins_initialized >= 0 ? l->types_state_builtins_initialized
                                                             : l->types_state_builtins;
    int32_t extensions = l->types_state_for_extensions_initialized;
    int32_t used = l->types_state_builtins_num_initialized >= 0
                       ? l->types_state_builtins_num_initialized
                       : l->types_state_num_builtins_initialized;
    if (first >= 0 && used >= 0)
        emit_static_types(walk, types + (uint64_t)first, python_word(py, types, used), 256);
    used = l->types_state_for_extensions_next_index;
    if (extensions >= 0 && used >= 0)
        emit_static_types(walk, types + (uint64_t)extensions, python_word(py, types, used), 10);
    if (l->types_state_type_cache >= 0)
        emit_method_cache(walk, INSIDE(py, types, types_state_type_cache));
}

static void emit_interpreter(struct runtime_roots_walk *walk, size_t index)
{
    const struct python *py = walk->py;
    const struct layout *l = &py->layout;
    addr at = py->interpreters[index].at;
    emit_modules(walk, py->interpreters[index].modules);
    EMIT_FIELDS(walk, at, interpreter_fields, ROOT_INTERPRETER);
    if (l->PyInterpreterState_cached_objects >= 0)
        EMIT_FIELDS(walk, INSIDE(py, at, PyInterpreterState_cached_objects), cached_fields,
                    ROOT_INTERPRETER);
    emit_collector(walk, index);
    emit_atexit(walk, at);
    emit_types_state(walk, at);
    if (l->PyInterpreterState_type_cache >= 0 && l->PyInterpreterState_types < 0)
        emit_method_cache(walk, INSIDE(py, at, PyInterpreterState_type_cache));
    if (l->PyInterpreterState_small_ints >= 0)
        emit_words(walk, INSIDE(py, at, PyInterpreterState_small_ints), 262, ROOT_CACHE,
                   ROOT_COUNTED, "small int");
}

// --- threads ------------------------------------------------------------------------------------

static void emit_slots(struct runtime_roots_walk *walk, const struct frame *frame, uint32_t from,
                       uint32_t to, enum root_kind kind, bool maybe)
{
    for (uint32_t i = from; i < to && !walk->stopped; i++) {
        bool counted;
        addr value = frame_slot(walk->py, frame, i, &counted);
        walk->root.index = i;
        emit(walk, value, kind, maybe ? ROOT_MAYBE : counted ? ROOT_COUNTED : ROOT_SEEN, NULL);
    }
    walk->root.index = 0;
}

// From 3.11 on: what the frame owns. A generator's frame is found through the generator, except the
// slots of a running one.
static void emit_interpreter_frame(struct runtime_roots_walk *walk, const struct frame *frame)
{
    const struct layout *l = &walk->py->layout;
    const struct {
        int32_t offset;
        const char *what;
    } members[] = {
        { l->_PyInterpreterFrame_frame_obj, "frame object" },
        { l->_PyInterpreterFrame_f_locals, "f_locals" },
        { l->_PyInterpreterFrame_f_funcobj >= 0 ? l->_PyInterpreterFrame_f_funcobj
                                                : l->_PyInterpreterFrame_f_func,
          "function" },
        { l->_PyInterpreterFrame_f_executable >= 0 ? l->_PyInterpreterFrame_f_executable
                                                   : l->_PyInterpreterFrame_f_code,
          "code" },
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        addr word = python_word(walk->py, frame->at, members[i].offset);
        bool tagged = walk->py->rules.stackrefs && i >= 2;
        emit(walk, tagged ? word & ~UINT64_C(3) : word, ROOT_FRAME,
             frame->owner != FRAME_OF_THREAD || (tagged && word & 3) ? ROOT_SEEN : ROOT_COUNTED,
             members[i].what);
    }
}

static bool slots_are_met(const struct python *py, const struct frame *frame)
{
    if (py->layout.PyFrameObject_f_frame < 0) // the frame is an object
        return true;
    return frame->owner != FRAME_OF_THREAD && (py->rules.stackrefs || frame->stack_room == 0);
}

static void emit_frame(struct runtime_roots_walk *walk, const struct frame *frame)
{
    walk->root.detail = frame->at;
    uint32_t known = frame->local_count + frame->stack_depth;
    if (slots_are_met(walk->py, frame)) {
        for (uint32_t i = 0; i < known && !walk->stopped; i++) {
            bool counted;
            walk->root.index = i;
            emit(walk, frame_slot(walk->py, frame, i, &counted), ROOT_LOCAL, ROOT_SEEN, NULL);
        }
        walk->root.index = 0;
    } else {
        emit_slots(walk, frame, 0, known, ROOT_LOCAL, false);
    }
    if (walk->py->layout.PyFrameObject_f_frame
        < 0) // the call holds its frame; a generator's belongs to the generator
        emit(walk, frame->at, ROOT_FRAME,
             frame->owner == FRAME_OF_GENERATOR ? ROOT_SEEN : ROOT_COUNTED, "frame object");
    else
        emit_interpreter_frame(walk, frame);
    emit_slots(walk, frame, known, known + frame->stack_room, ROOT_TEMPORARY, true);
    walk->root.detail = 0;
}

static void emit_thread(struct runtime_roots_walk *walk, const struct pythread *thread)
{
    const struct layout *l = &walk->py->layout;
    EMIT_FIELDS(walk, thread->at, thread_fields, ROOT_THREAD);
    if (l->PyThreadState_exc_state >= 0)
        EMIT_FIELDS(walk, INSIDE(walk->py, thread->at, PyThreadState_exc_state), exception_fields,
                    ROOT_THREAD);
    struct frame_walk frames;
    struct frame frame;
    for (frame_walk_begin(&frames, walk->py, thread);
         !walk->stopped && frame_walk_next(&frames, &frame);)
        emit_frame(walk, &frame);
}

// --- the process --------------------------------------------------------------------------------

// Static types: what they own besides the references of type objects.
static void emit_type_table(struct runtime_roots_walk *walk)
{
    const struct python *py = walk->py;
    for (uint32_t i = 0; i < type_count(py->types) && !walk->stopped; i++) {
        const struct type *type = type_row(py->types, i);
        if (type->flags & TPFLAGS_HEAPTYPE || py->rules.two)
            continue;
        walk->root.detail = type->at;
        emit(walk, type->at, ROOT_STATIC, ROOT_COUNTED, NULL);
        if (!(type->flags & TPFLAGS_STATIC_BUILTIN && py->rules.builtin_state))
            emit(walk, READ(py, type->at, PyTypeObject_tp_subclasses), ROOT_TYPE, ROOT_COUNTED,
                 " subclasses");
    }
    walk->root.detail = 0;
}

static addr runtime_roots_variable(const struct python *py, uint64_t link_time)
{
    return link_time ? link_time + py->target->modules[py->module].bias : 0;
}

// Static variables of versions whose build tells where they are.
static void emit_statics(struct runtime_roots_walk *walk)
{
    const struct python *py = walk->py;
    const struct layout *l = &py->layout;
    addr interned = runtime_roots_variable(py, l->sym_interned),
         extensions = runtime_roots_variable(py, l->sym_extensions);
    emit(walk, interned ? target_u64(py->target, interned, NULL) : 0, ROOT_INTERPRETER,
         ROOT_COUNTED, "interned strings");
    emit(walk, extensions ? target_u64(py->target, extensions, NULL) : 0, ROOT_INTERPRETER,
         ROOT_COUNTED, "extensions");
    if (py->rules.small_ints_pointed)
        emit_words(walk, runtime_roots_variable(py, l->sym_small_ints), 262, ROOT_CACHE,
                   ROOT_COUNTED, "small int");
    emit_words(walk, runtime_roots_variable(py, l->sym_unicode_latin1), 256, ROOT_CACHE,
               ROOT_COUNTED, "one-letter str");
    emit_words(walk, runtime_roots_variable(py, l->sym_characters), 256, ROOT_CACHE, ROOT_COUNTED,
               "one-letter bytes");
}

bool roots_walk(const struct python *py, root_take *take, void *context)
{
    struct runtime_roots_walk walk = { .py = py, .take = take, .context = context };
    for (size_t i = 0; i < py->interpreter_count && !walk.stopped; i++) {
        walk.root.interpreter = (uint16_t)i;
        emit_interpreter(&walk, i);
        for (size_t k = 0; k < py->interpreters[i].thread_count && !walk.stopped; k++) {
            walk.root.thread = (uint32_t)k;
            emit_thread(&walk, &py->interpreters[i].threads[k]);
        }
        walk.root.thread = 0;
    }
    walk.root.interpreter = 0;
    emit_type_table(&walk);
    emit_statics(&walk);
    return !walk.stopped;
}

// --- words that may be references ---------------------------------------------------------------

#define BLOCK_BYTES 65536
#define STACK_MAX (64u << 20)

static void emit_range(struct runtime_roots_walk *walk, addr from, addr to, enum root_kind kind,
                       bool tell_where)
{
    for (addr at = (from + 7) & ~(addr)7; at + 8 <= to && !walk->stopped;) {
        uint64_t bytes = to - at < BLOCK_BYTES ? (to - at) & ~UINT64_C(7) : BLOCK_BYTES;
        const uint8_t *words = target_view(walk->py->target, at, bytes);
        for (uint64_t i = 0; words && i < bytes; i += 8) {
            uint64_t word = load64(words + i);
            if (word < 4096 || word & 7)
                continue;
            if (tell_where)
                walk->root.detail = at + i;
            emit(walk, word, kind, ROOT_MAYBE, NULL);
        }
        at += bytes;
    }
}

static void emit_stacks(struct runtime_roots_walk *walk)
{
    struct target *target = walk->py->target;
    for (size_t i = 0; i < target->thread_count; i++) {
        const struct segment *s =
            target->threads[i].sp ? target_segment(target, target->threads[i].sp) : NULL;
        if (!s)
            continue;
        addr from = target->threads[i].sp, to = s->end;
        if (target->threads[i].fs_base > from
            && target->threads[i].fs_base < to) // a thread's stack ends where its TLS begins
            to = target->threads[i].fs_base;
        walk->root.index = (uint32_t)i;
        emit_range(walk, from, to - from < STACK_MAX ? to : from + STACK_MAX, ROOT_MACHINE, false);
    }
    walk->root.index = 0;
}

// .data and .bss of every file, including the interpreter's own structs; up to 3.11 those were
// allocated.
static void emit_variables(struct runtime_roots_walk *walk)
{
    const struct python *py = walk->py;
    struct target *target = py->target;
    for (size_t i = 0; i < target->segment_count; i++) {
        const struct segment *s = &target->segments[i];
        int module = s->flags & SEGMENT_WRITE ? target_module_of(target, s->start) : -1;
        if (module >= 0) { // what was mapped directly after .bss may be one segment with it
            addr end = target->modules[module].end;
            emit_range(walk, s->start, s->end < end ? s->end : end, ROOT_VARIABLE, true);
        }
    }
    for (size_t i = 0; i < py->interpreter_count; i++) {
        addr at = py->interpreters[i].at;
        int32_t size = py->layout.sizeof_PyInterpreterState;
        if (size > 0 && target_module_of(target, at) < 0)
            emit_range(walk, at, at + (uint64_t)size, ROOT_VARIABLE, true);
    }
    walk->root.detail = 0;
}

// What an extension module keeps per interpreter: m_size bytes at md_state.
static void emit_states(struct runtime_roots_walk *walk, addr modules)
{
    const struct python *py = walk->py;
    const struct layout *l = &py->layout;
    const uint8_t *o = modules ? VIEW(py, modules, PyDictObject) : NULL;
    struct dict_table table;
    if (!o || l->PyModuleObject_md_state < 0 || !dict_open(py, o, &table))
        return;
    for (uint64_t i = 0; i < table.count && !walk->stopped; i++) {
        addr module = dict_value(&table, i);
        if (!module || !type_is(type_of(py, module), TRAIT_MODULE))
            continue;
        addr state = READ(py, module, PyModuleObject_md_state),
             def = READ(py, module, PyModuleObject_md_def);
        uint64_t size = l->PyModuleObject_md_state_size >= 0
                            ? READ(py, module, PyModuleObject_md_state_size)
                            : READ(py, def, PyModuleDef_m_size);
        walk->root.detail = dict_key(&table, i);
        if (state && size && size < STACK_MAX)
            emit_range(walk, state, state + size, ROOT_STATE, false);
    }
    walk->root.detail = 0;
}

bool roots_walk_memory(const struct python *py, root_take *take, void *context)
{
    struct runtime_roots_walk walk = { .py = py, .take = take, .context = context };
    for (size_t i = 0; i < py->interpreter_count; i++) {
        walk.root.interpreter = (uint16_t)i;
        emit_states(&walk, py->interpreters[i].modules);
    }
    walk.root.interpreter = 0;
    emit_variables(&walk);
    return !walk.stopped;
}

bool roots_walk_stacks(const struct python *py, root_take *take, void *context)
{
    struct runtime_roots_walk walk = { .py = py, .take = take, .context = context };
    emit_stacks(&walk);
    return !walk.stopped;
}

bool roots_walk_greenlet(const struct python *py, const struct type *type, addr greenlet,
                         root_take *take, void *context)
{
    struct runtime_roots_walk walk = { .py = py, .take = take, .context = context };
    addr from;
    uint64_t bytes;
    walk.root.detail = greenlet;
    if (greenlet_saved_stack(py, type, greenlet, &from, &bytes))
        emit_range(&walk, from, from + bytes, ROOT_MACHINE, false);
    return !walk.stopped;
}
