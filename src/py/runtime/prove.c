// SPDX-License-Identifier: GPL-3.0-or-later
// Proving a layout by memory: see prove.h.
#include "py/runtime/prove.h"

#include "py/memory/mimalloc.h"
#include "py/objects/dict.h"
#include "py/objects/type.h"
#include "py/runtime/gc.h"

#define SAMPLE 1000u // objects of each generation

static bool prove_fails(const struct python *py, struct err *err, const char *what)
{
    return err_set(err, ERR_FORMAT, "%s does not fit this process: %s", py->layout.source, what);
}

// --- sizes ---------------------------------------------------------------------------------------

struct sized { // a static type that is exported, and the struct that its instances are
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
};

static bool prove_sizes(const struct python *py, struct err *err)
{
    for (size_t i = 0; i < sizeof sized / sizeof *sized; i++) {
        addr type = target_symbol(py->target, py->module, sized[i].symbol);
        int32_t size = *(const int32_t *)((const char *)&py->layout + sized[i].size);
        if (!type || size < 0 || py->layout.PyTypeObject_tp_basicsize < 0)
            continue;
        bool ok = true;
        uint64_t told =
            target_u64(py->target, type + (uint64_t)py->layout.PyTypeObject_tp_basicsize, &ok);
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
    return !type || python_word(py, object, py->layout.PyObject_ob_type) == type;
}

// A process that is starting or ending has no sys.modules, or an empty one.
static bool prove_names(const struct python *py, struct err *err)
{
    const struct interpreter *in = &py->interpreters[0];
    if ((in->modules && !prove_is(py, in->modules, "PyDict_Type"))
        || (in->sysdict && !prove_is(py, in->sysdict, "PyDict_Type"))
        || (in->builtins && !prove_is(py, in->builtins, "PyDict_Type")))
        return prove_fails(py, err, "sys.modules, sys and builtins are no dicts there");
    const uint8_t *o =
        in->modules ? target_view(py->target, in->modules, (size_t)py->layout.sizeof_PyDictObject)
                    : NULL;
    struct dict_table table;
    if (!o)
        return true;
    if (!dict_open(py, o, &table))
        return prove_fails(py, err, "sys.modules is not the table of a dict there");
    addr sys = table.count ? dict_lookup(py, in->modules, "sys") : 0;
    if (sys && !prove_is(py, sys, "PyModule_Type"))
        return prove_fails(py, err, "sys.modules['sys'] is no module there");
    if (!sys && table.count > 1)
        return prove_fails(py, err, "sys.modules has no 'sys' there");
    return true;
}

// --- lists ---------------------------------------------------------------------------------------

static bool prove_lists(const struct python *py, struct err *err)
{
    uint64_t good = 0, bad = 0;
    for (int g = 0; g < GEN_COUNT; g++) {
        struct gc_walk walk;
        addr object;
        gc_walk_begin(&walk, py, py->interpreters[0].heads[g], false);
        for (uint32_t n = 0; n < SAMPLE && (object = gc_walk_next(&walk)); n++)
            if (type_of(py, object))
                good++;
            else if (target_view(py->target, object, (size_t)py->layout.sizeof_PyObject))
                bad++;
    }
    if (bad > good / 10)
        return prove_fails(py, err, "what is on the collector's lists are no objects");
    return true;
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

// Lists are in pieces while a collection runs.
bool prove_layout(const struct python *py, bool exact, struct err *err)
{
    struct gc_state state;
    python_gc_state(py, 0, &state);
    uint64_t faults = py->target->faults;
    if (!prove_sizes(py, err))
        return false;
    bool proved = prove_names(py, err)
                  && (py->rules.free_threaded ? prove_pages(py, err)
                                              : state.collecting || prove_lists(py, err));
    return proved || (exact && py->target->faults > faults);
}
