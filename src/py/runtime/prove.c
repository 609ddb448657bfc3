// SPDX-License-Identifier: GPL-3.0-or-later
// Checking a layout against memory: see prove.h.
#include "py/runtime/prove.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "py/kinds/kind.h"
#include "py/memory/mimalloc.h"
#include "py/objects/dict.h"
#include "py/objects/type.h"
#include "py/read.h"
#include "py/runtime/gc.h"

#define SAMPLE 1000u     // objects per generation
#define SAMPLE_SLOW 100u // if reading is slow
#define STARTED 10u      // modules: there are fewer while an interpreter starts

static bool prove_fails(const struct python *py, struct err *err, const char *what)
{
    return err_set(err, ERR_FORMAT, "%s does not fit this process: %s", py->layout.source, what);
}

// --- sizes ---------------------------------------------------------------------------------------

struct sized { // an exported static type, and the struct of its instances
    const char *symbol;
    uint32_t size; // offset of sizeof_... in struct layout
};
#define SIZED(symbol, type)                                                                        \
    {                                                                                              \
#symbol, offsetof(struct layout, sizeof_##type)                                            \
    }

static const struct sized sized[] = {
    SIZED(PyList_Type, PyListObject),
    SIZED(PyDict_Type, PyDictObject),
    SIZED(PySet_Type, PySetObject),
    SIZED(PyUnicode_Type, PyUnicodeObject),
    SIZED(PyFloat_Type, PyFloatObject),
    SIZED(PyCell_Type, PyCellObject),
    SIZED(PyFunction_Type, PyFunctionObject),
    SIZED(PyModule_Type, PyModuleObject),
    SIZED(PyMethod_Type, PyMethodObject),
    SIZED(PySlice_Type, PySliceObject),
    SIZED(PyCFunction_Type, PyCFunctionObject),
    SIZED(PyByteArray_Type, PyByteArrayObject),
    SIZED(PyComplex_Type, PyComplexObject),
    SIZED(PyRange_Type, rangeobject),
    SIZED(PyTraceBack_Type, PyTracebackObject),
    SIZED(PyProperty_Type, propertyobject),
    SIZED(PyClassMethod_Type, classmethod),
    SIZED(PyStaticMethod_Type, staticmethod),
    SIZED(PyMemberDescr_Type, PyMemberDescrObject),
    SIZED(PyGetSetDescr_Type, PyGetSetDescrObject),
    SIZED(PyWrapperDescr_Type, PyWrapperDescrObject),
    SIZED(PyMethodDescr_Type, PyMethodDescrObject),
    SIZED(PyDictProxy_Type, mappingproxyobject),
    SIZED(PySuper_Type, superobject),
    SIZED(_PyWeakref_RefType, PyWeakReference),
    SIZED(PyCapsule_Type, PyCapsule),
    SIZED(PyODict_Type, PyODictObject),
    SIZED(PyEnum_Type, enumobject),
    SIZED(PyReversed_Type, reversedobject),
    SIZED(PyZip_Type, zipobject),
    SIZED(PyMap_Type, mapobject),
    SIZED(PyFilter_Type, filterobject),
    SIZED(PySeqIter_Type, seqiterobject),
    SIZED(PyCallIter_Type, calliterobject),
};

static bool prove_sizes(const struct python *py, struct err *err)
{
    for (size_t i = 0; i < sizeof sized / sizeof *sized; i++) {
        addr type = target_symbol(py->target, py->module, sized[i].symbol);
        int32_t size = *(const int32_t *)((const char *)&py->layout + sized[i].size);
        if (!type || size < 0 || py->layout.PyTypeObject_tp_basicsize < 0)
            continue;
        bool ok = true;
        uint64_t told = READ_OK(py, type, PyTypeObject_tp_basicsize, &ok);
        if (ok && told != (uint64_t)size)
            return err_set(err, ERR_FORMAT,
                           "%s does not fit this process: %s.tp_basicsize is %llu, not %d",
                           py->layout.source, sized[i].symbol, (unsigned long long)told, size);
    }
    return true;
}

// --- names ---------------------------------------------------------------------------------------

static bool prove_is(const struct python *py, addr object, const char *symbol)
{
    addr type = target_symbol(py->target, py->module, symbol);
    return !type || READ(py, object, PyObject_ob_type) == type;
}

// A process that is starting or shutting down has no sys.modules, or an empty one.
static bool prove_names(const struct python *py, struct err *err)
{
    const struct interpreter *in = &py->interpreters[0];
    if ((in->modules && !prove_is(py, in->modules, "PyDict_Type"))
        || (in->sysdict && !prove_is(py, in->sysdict, "PyDict_Type"))
        || (in->builtins && !prove_is(py, in->builtins, "PyDict_Type")))
        return prove_fails(py, err, "sys.modules, sys and builtins are not dicts there");
    const uint8_t *o = in->modules ? VIEW(py, in->modules, PyDictObject) : NULL;
    struct dict_table table;
    if (!o)
        return true;
    if (!dict_open(py, o, &table))
        return prove_fails(py, err, "sys.modules is not the table of a dict there");
    addr sys = table.count ? dict_lookup(py, in->modules, "sys") : 0;
    if (sys && !prove_is(py, sys, "PyModule_Type"))
        return prove_fails(py, err, "sys.modules['sys'] is not a module there");
    if (!sys && table.count > 1)
        return prove_fails(py, err, "sys.modules has no 'sys' there");
    return true;
}

// --- places --------------------------------------------------------------------------------------

// Members of the runtime's structs whose type is known. They are spread over all structs, because
// an inserted member moves only those that follow it.
struct placed {
    uint32_t place; // offset of the member's row in struct layout
    const char *type;
    bool ever; // a pointer that is never null in a running interpreter
};
#define PLACED(member, type, ever)                                                                 \
    {                                                                                              \
        offsetof(struct layout, member), #type, ever                                               \
    }

// The objects themselves.
static const struct placed placed_runtime[] = {
    PLACED(_PyRuntimeState_static_objects_singletons_small_ints, PyLong_Type, true),
    PLACED(_PyRuntimeState_static_objects_singletons_bytes_empty, PyBytes_Type, true),
    PLACED(_PyRuntimeState_static_objects_singletons_strings, PyUnicode_Type, true),
    PLACED(_PyRuntimeState_static_objects_singletons_tuple_empty, PyTuple_Type, true),
};
// Pointers to objects.
static const struct placed placed_interpreter[] = {
    PLACED(PyInterpreterState_codec_search_path, PyList_Type, false),
    PLACED(PyInterpreterState_codec_search_cache, PyDict_Type, false),
    PLACED(PyInterpreterState_sysdict_copy, PyDict_Type, false),
    PLACED(PyInterpreterState_builtins_copy, PyDict_Type, false),
    PLACED(PyInterpreterState_dict, PyDict_Type, false),
    PLACED(PyInterpreterState_before_forkers, PyList_Type, false),
    PLACED(PyInterpreterState_warnings_filters, PyList_Type, true),
    PLACED(PyInterpreterState_warnings_once_registry, PyDict_Type, true),
    PLACED(PyInterpreterState_warnings_default_action, PyUnicode_Type, true),
    PLACED(PyInterpreterState_callable_cache_len, PyCFunction_Type, true),
    PLACED(PyInterpreterState_callable_cache_list_append, PyMethodDescr_Type, true),
};
static const struct placed placed_cached[] = {
    PLACED(_Py_interp_cached_objects_interned_strings, PyDict_Type, true),
};
static const struct placed placed_thread[] = {
    PLACED(PyThreadState_dict, PyDict_Type, false),
    PLACED(PyThreadState_context, PyContext_Type, false),
};

struct places {
    const struct python *py;
    bool runs; // neither starting nor shutting down
    uint32_t right, wrong;
    addr first; // of the wrong ones: the type that should be there
};

// An instance of a subclass will do: warnings.filters may be any list.
static bool place_is(const struct python *py, addr object, addr wanted)
{
    const struct type *type = type_of(py, object);
    for (int i = 0; type && type->at != wanted && i < 64; i++)
        type = type_base(py, type);
    return type && type->at == wanted;
}

static void place_count(struct places *places, const struct placed *placed, addr object)
{
    const struct python *py = places->py;
    addr wanted = target_symbol(py->target, py->module, placed->type);
    if (!wanted)
        return;
    bool right = object ? place_is(py, object, wanted) : !placed->ever || !places->runs;
    places->right += right;
    places->wrong += !right;
    if (!right && !places->first)
        places->first = wanted;
}

static void places_count(struct places *places, addr at, bool inside, const struct placed *rows,
                         size_t count)
{
    for (size_t i = 0; at && i < count; i++) {
        int32_t offset;
        memcpy(&offset, (const char *)&places->py->layout + rows[i].place, sizeof offset);
        if (offset >= 0)
            place_count(places, &rows[i],
                        inside ? at + (uint64_t)offset : python_word(places->py, at, offset));
    }
}
#define COUNT_PLACES(places, at, inside, rows)                                                     \
    places_count(places, at, inside, rows, sizeof(rows) / sizeof *(rows))

// From 3.12 on, the dicts of static types lie in an array of the interpreter.
static void places_count_types(struct places *places)
{
    const struct type *type = type_at(places->py, places->py->type_type);
    if (type && places->runs && places->py->rules.builtin_state) {
        static const struct placed dict = { 0, "PyDict_Type", true };
        place_count(places, &dict, type_dict(places->py, type));
    }
}

// Whether it has finished starting and has not begun to shut down.
static bool prove_runs(const struct python *py)
{
    addr modules = py->interpreters[0].modules;
    struct dict_table table;
    const uint8_t *o = modules ? VIEW(py, modules, PyDictObject) : NULL;
    return o && dict_open(py, o, &table) && table.count >= STARTED
           && !READ(py, py->runtime, _PyRuntimeState_finalizing);
}

static bool prove_places(const struct python *py, bool exact, struct err *err)
{
    const struct interpreter *in = &py->interpreters[0];
    struct places places = { .py = py, .runs = prove_runs(py) };
    COUNT_PLACES(&places, py->runtime, true, placed_runtime);
    COUNT_PLACES(&places, in->at, false, placed_interpreter);
    if (py->layout.PyInterpreterState_cached_objects >= 0)
        COUNT_PLACES(&places, INSIDE(py, in->at, PyInterpreterState_cached_objects), false,
                     placed_cached);
    for (size_t i = 0; i < in->thread_count && i < SAMPLE; i++)
        COUNT_PLACES(&places, in->threads[i].at, false, placed_thread);
    places_count_types(&places);
    const struct type *type = places.first ? type_at(py, places.first) : NULL;
    if (places.wrong > (exact ? (places.right + places.wrong) / 4 : 0))
        return err_set(err, ERR_FORMAT,
                       "%s does not fit this process: %u of %u places in the interpreter's state "
                       "have no object of the right type, the first should be of type %s",
                       py->layout.source, places.wrong, places.right + places.wrong,
                       type ? type->tp_name : "?");
    return true;
}

// --- lists ---------------------------------------------------------------------------------------

static bool prove_lists(const struct python *py, struct err *err)
{
    uint64_t good = 0, bad = 0;
    uint32_t sample = py->target->is_slow ? SAMPLE_SLOW : SAMPLE;
    for (int g = 0; g < GEN_COUNT; g++) {
        struct gc_walk walk;
        addr object;
        gc_walk_begin(&walk, py, py->interpreters[0].heads[g], false);
        for (uint32_t n = 0; n < sample && (object = gc_walk_next(&walk)); n++)
            if (type_of(py, object))
                good++;
            else if (VIEW(py, object, PyObject))
                bad++;
    }
    if (bad > good / 10)
        return prove_fails(py, err, "what is on the collector's lists are not objects");
    return true;
}

// --- references ----------------------------------------------------------------------------------

// Follows what the decoders find from sys.modules on: if a member has moved, it leads to no object,
// again and again, in all objects of a type.
#define CRAWL_OBJECTS 8192u
#define CRAWL_TYPES 1024u
#define CRAWL_SAME 256u            // per type
#define CRAWL_SAME_SLOW 48u        // at least as many as a verdict needs
#define CRAWL_REFERENCES_SLOW 256u // per object
#define CRAWL_FEW 8u               // per type, for a verdict on it
#define CRAWL_MANY 32u             // for a verdict against a layout of this very release
#define CRAWL_ROOM 64u
#define CRAWL_WORDS 1024u // per object: larger ones are skipped, except those that hold all

struct crawl {
    const struct python *py;
    struct map seen;
    addr *todo; // CRAWL_OBJECTS
    uint32_t count;
    uint32_t same; // per type
    uint32_t met[CRAWL_TYPES], looked[CRAWL_TYPES], bad[CRAWL_TYPES];
    // About the object being examined.
    bool leads_nowhere;
    uint64_t references;
    struct err *err;
};

// Queues the object if few of its type have been examined.
static void crawl_meet(struct crawl *crawl, addr at)
{
    const struct type *type = type_of(crawl->py, at);
    if (!type) {
        crawl->leads_nowhere |= VIEW(crawl->py, at, PyObject) != NULL;
        return;
    }
    if (crawl->count == CRAWL_OBJECTS || type->index >= CRAWL_TYPES || type->is_leaf
        || crawl->met[type->index] >= crawl->same || map_get(&crawl->seen, at) != MAP_NONE
        || !map_put(&crawl->seen, at, 1, crawl->err))
        return;
    crawl->met[type->index]++;
    crawl->todo[crawl->count++] = at;
}

static void crawl_take(struct refs *refs)
{
    struct crawl *crawl = refs->context;
    for (size_t i = 0; i < refs->count; i++)
        if (!crawl->py->target->is_slow || crawl->references++ < CRAWL_REFERENCES_SLOW)
            crawl_meet(crawl, refs->to[i] & ~(addr)REF_FLAGS);
    refs->count = 0;
}

static void crawl_look(struct crawl *crawl, addr at, uint64_t *words)
{
    const struct type *type = type_of(crawl->py, at);
    uint64_t to[CRAWL_ROOM];
    struct refs refs = {
        .to = to, .capacity = CRAWL_ROOM, .left = words, .full = crawl_take, .context = crawl
    };
    crawl->leads_nowhere = false;
    crawl->references = 0;
    if (!type || !kind_refs(crawl->py, type, at, &refs)) // a scan of words meets anything
        return;
    crawl_take(&refs);
    crawl->looked[type->index]++;
    crawl->bad[type->index] += crawl->leads_nowhere;
}

// A process may have damaged objects, even all of a type: a layout of this very release is doubted
// only on evidence from the interpreter's own types, and from many objects of them.
static bool crawl_doubts(const struct crawl *crawl, uint32_t i, bool exact)
{
    if (!exact)
        return crawl->looked[i] >= CRAWL_FEW && crawl->bad[i] > crawl->looked[i] / 2;
    return !(type_row(crawl->py->types, i)->flags & TPFLAGS_HEAPTYPE)
           && crawl->looked[i] >= CRAWL_MANY && crawl->bad[i] > crawl->looked[i] / 4 * 3;
}

static bool crawl_judge(const struct crawl *crawl, bool exact, struct err *err)
{
    const struct python *py = crawl->py;
    for (uint32_t i = 0; i < CRAWL_TYPES && i < type_count(py->types); i++)
        if (crawl_doubts(crawl, i, exact))
            return err_set(err, ERR_FORMAT,
                           "%s does not fit this process: %u of %u objects of type %s refer to "
                           "something that is not an object",
                           py->layout.source, crawl->bad[i], crawl->looked[i],
                           type_row(py->types, i)->tp_name);
    return true;
}

static bool prove_references(const struct python *py, bool exact, struct err *err)
{
    const struct interpreter *in = &py->interpreters[0];
    const addr starts[] = { in->modules, in->sysdict, in->builtins, py->type_type };
    struct err short_of = ERR_INIT;
    struct crawl *crawl = calloc(1, sizeof *crawl);
    addr *todo = malloc(CRAWL_OBJECTS * sizeof *todo);
    bool ok = crawl && todo;
    if (ok) {
        *crawl = (struct crawl){ .py = py, .todo = todo, .err = &short_of };
        crawl->same = py->target->is_slow ? CRAWL_SAME_SLOW : CRAWL_SAME;
        map_init(&crawl->seen);
        uint64_t words = kind_words_most(py);
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
            if (starts[i])
                crawl_meet(crawl, starts[i]);
        uint32_t first = crawl->count;
        for (uint32_t i = 0; i < crawl->count; i++) {
            uint64_t few = CRAWL_WORDS;
            crawl_look(crawl, todo[i], i < first ? &words : &few);
        }
        ok = short_of.kind == ERR_NONE && crawl_judge(crawl, exact, err);
        map_fini(&crawl->seen);
    }
    free(todo);
    bool short_memory = !crawl || !todo || short_of.kind == ERR_MEMORY;
    free(crawl);
    return short_memory ? err_memory(err, "proving the layout") : ok;
}

// --- mimalloc ------------------------------------------------------------------------------------

static bool prove_pages(const struct python *py, struct err *err)
{
    const struct interpreter *in = &py->interpreters[0];
    struct mimalloc_account account = { .wanted = in->modules };
    mimalloc_audit(py, 0, &account);
    if (account.sound == 0 || account.odd > account.sound / 10)
        return err_set(err, ERR_FORMAT,
                       "%s does not fit this process: %llu of %llu pages of mimalloc are not what "
                       "it says",
                       py->layout.source, (unsigned long long)account.odd,
                       (unsigned long long)(account.sound + account.odd));
    if (in->modules && !account.found)
        return prove_fails(py, err, "sys.modules is in none of mimalloc's pages");
    return true;
}

// Lists are incomplete while a collection runs.
bool prove_layout(const struct python *py, bool exact, struct err *err)
{
    struct gc_state state;
    python_gc_state(py, 0, &state);
    uint64_t faults = py->target->faults;
    if (!prove_sizes(py, err))
        return false;
    bool proved = prove_names(py, err) && prove_places(py, exact, err)
                  && (py->rules.free_threaded ? prove_pages(py, err)
                                              : state.collecting || prove_lists(py, err))
                  && prove_references(py, exact, err);
    return proved || (exact && py->target->faults > faults && err->kind != ERR_MEMORY);
}
