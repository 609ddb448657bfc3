// SPDX-License-Identifier: GPL-3.0-or-later
// Static types by their names: see unnamed.h.
#include "py/runtime/unnamed.h"

#include <string.h>

#include "layout/offsets.h"
#include "py/load.h"

#define DATA_MOST ((uint64_t)256 << 20) // per segment of variables
#define NAME_MOST 32
#define HEAD 16 // from ob_type to tp_name

struct unnamed {
    struct target *target;
    int module;
    uint64_t place; // of ob_type
    addr type, none;
    bool lost;
};

// Which type has which name; `variable` is its one static object.
static const struct {
    const char *name, *symbol, *variable;
} unnamed_types[] = {
    { "object", "PyBaseObject_Type", NULL },
    { "tuple", "PyTuple_Type", NULL },
    { "list", "PyList_Type", NULL },
    { "dict", "PyDict_Type", NULL },
    { "set", "PySet_Type", NULL },
    { "str", "PyUnicode_Type", NULL },
    { "float", "PyFloat_Type", NULL },
    { "cell", "PyCell_Type", NULL },
    { "function", "PyFunction_Type", NULL },
    { "module", "PyModule_Type", NULL },
    { "method", "PyMethod_Type", NULL },
    { "slice", "PySlice_Type", NULL },
    { "builtin_function_or_method", "PyCFunction_Type", NULL },
    { "bytearray", "PyByteArray_Type", NULL },
    { "NoneType", "_PyNone_Type", "_Py_NoneStruct" },
    { "<dummy key> type", "_PySetDummy_Type", "_dummy_struct" },
};
#define TYPES (sizeof unnamed_types / sizeof *unnamed_types)

// The next segment of the module's variables from *i on, as bytes; null: no more.
static const uint8_t *unnamed_next(struct unnamed *u, size_t *i, addr *start, uint64_t *size)
{
    struct target *t = u->target;
    for (; *i < t->segment_count; ++*i) {
        const struct segment *s = &t->segments[*i];
        bool ours = s->module == u->module || s->start == t->modules[u->module].end;
        *size = s->end - s->start;
        *start = s->start;
        if (!ours || !(s->flags & SEGMENT_WRITE) || *size > DATA_MOST || *size < 64)
            continue;
        const uint8_t *bytes = target_view(t, s->start, *size);
        if (bytes) {
            ++*i;
            return bytes;
        }
    }
    return NULL;
}

static bool unnamed_is_called(struct unnamed *u, addr object, char name[static NAME_MOST])
{
    const uint8_t *pointer = target_view(u->target, object + u->place + HEAD, 8);
    addr text = pointer ? load64(pointer) : 0;
    const char *view = text ? target_view(u->target, text, 1) : NULL;
    size_t size = view ? target_readable(u->target, text, NAME_MOST) : 0;
    view = size ? target_view(u->target, text, size) : NULL;
    size_t length = view ? strnlen(view, size) : 0;
    if (!length || length == size)
        return false;
    memcpy(name, view, length + 1);
    return true;
}

static void unnamed_give(struct unnamed *u, const char *symbol, addr at)
{
    u->lost |= !target_name(u->target, u->module, symbol, at);
}

static addr unnamed_find_type(struct unnamed *u)
{
    addr start;
    uint64_t size;
    const uint8_t *bytes;
    char name[NAME_MOST];
    for (size_t i = 0; (bytes = unnamed_next(u, &i, &start, &size));)
        for (uint64_t at = -start & 7; at + 64 <= size; at += 8)
            if (load64(bytes + at + u->place) == start + at
                && unnamed_is_called(u, start + at, name) && !strcmp(name, "type"))
                return start + at;
    return 0;
}

// Calls take for the static objects of a type, until it says that it has enough.
static void unnamed_each(struct unnamed *u, addr type, bool (*take)(struct unnamed *u, addr at))
{
    addr start;
    uint64_t size;
    const uint8_t *bytes;
    for (size_t i = 0; (bytes = unnamed_next(u, &i, &start, &size));)
        for (uint64_t at = -start & 7; at + 32 <= size; at += 8)
            if (load64(bytes + at + u->place) == type && take(u, start + at))
                return;
}

static bool unnamed_take_none(struct unnamed *u, addr at)
{
    u->none = at;
    return true;
}

static bool unnamed_take_type(struct unnamed *u, addr at)
{
    char name[NAME_MOST];
    if (!unnamed_is_called(u, at, name))
        return false;
    for (size_t i = 0; i < TYPES; i++) {
        if (strcmp(name, unnamed_types[i].name)
            || target_symbol(u->target, u->module, unnamed_types[i].symbol))
            continue;
        unnamed_give(u, unnamed_types[i].symbol, at);
    }
    return false;
}

static void unnamed_find_variables(struct unnamed *u)
{
    for (size_t i = 0; i < TYPES; i++) {
        addr type = unnamed_types[i].variable
                        ? target_symbol(u->target, u->module, unnamed_types[i].symbol)
                        : 0;
        u->none = 0;
        if (type)
            unnamed_each(u, type, unnamed_take_none);
        if (u->none)
            unnamed_give(u, unnamed_types[i].variable, u->none);
    }
}

static addr unnamed_find_runtime(struct unnamed *u)
{
    addr start;
    uint64_t size;
    const uint8_t *bytes;
    if (target_section(u->target, u->module, ".PyRuntime", &start, &size))
        return start;
    for (size_t i = 0; (bytes = unnamed_next(u, &i, &start, &size));)
        for (uint64_t at = -start & 7; at + 64 <= size; at += 8)
            if (offsets_version(bytes + at, (size_t)(size - at), NULL, NULL))
                return start + at;
    return 0;
}

bool unnamed_find(struct target *target, int module, bool *lost)
{
    static const uint64_t places[] = { 8, 24 };
    struct unnamed u = { .target = target, .module = module };
    addr runtime = unnamed_find_runtime(&u);
    for (size_t i = 0; runtime && !u.type && i < sizeof places / sizeof *places; i++) {
        u.place = places[i];
        u.type = unnamed_find_type(&u);
    }
    if (!u.type)
        return false;
    unnamed_give(&u, "_PyRuntime", runtime);
    unnamed_give(&u, "PyType_Type", u.type);
    unnamed_each(&u, u.type, unnamed_take_type);
    unnamed_find_variables(&u);
    *lost |= u.lost;
    return !u.lost && target_symbol(target, module, "PyBaseObject_Type");
}
