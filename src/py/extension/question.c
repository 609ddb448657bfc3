// SPDX-License-Identifier: GPL-3.0-or-later
// Describing a type by its functions: see question.h.
#include "py/extension/question.h"

#include <inttypes.h>
#include <string.h>

#include "py/read.h"

#define FUNCTIONS_MAX 100
#define ENTRIES_MAX 64 // of tp_methods, tp_getset, tp_members

enum { METH_CLASS_OR_STATIC = 0x10 | 0x20 }; // methodobject.h: the first argument is no instance

struct question_asking {
    const struct python *py;
    const struct module *module;
    int index;
    unsigned functions;
    struct text *out;
};

static addr question_word(const struct python *py, addr type, int32_t offset)
{
    return type && offset >= 0 ? target_u64(py->target, type + (uint64_t)offset, NULL) : 0;
}

// The type's word there, unless it inherited that from its base.
static addr own(const struct python *py, const struct type *type, int32_t offset)
{
    addr mine = question_word(py, type->at, offset);
    return mine == question_word(py, type->base, offset) ? 0 : mine;
}

int question_module(const struct python *py, const struct type *type)
{
    const struct layout *l = &py->layout;
    const int32_t places[] = { l->PyTypeObject_tp_traverse, l->PyTypeObject_tp_clear,
                               l->PyTypeObject_tp_dealloc };
    if (type->is_metatype || type->is_python_class)
        return -1;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        addr function = own(py, type, places[i]);
        int module = function ? target_module_of(py->target, function) : -1;
        // The interpreter fills in what a heap type does not define itself; and decoders know what
        // the interpreter's own types hold.
        bool given =
            module == py->module && (type->kind || (i > 0 && (type->flags & TPFLAGS_HEAPTYPE)));
        if (module >= 0 && !given && function != py->subtype_traverse)
            return module;
    }
    return -1;
}

static void add_function(struct question_asking *a, const char *role, addr at)
{
    if (!at || a->functions >= FUNCTIONS_MAX || target_module_of(a->py->target, at) != a->index)
        return;
    a->functions++;
    text_add_format(a->out, "own %s %" PRIx64 "\n", role, at - a->module->bias);
}

static const char *question_role_of(const struct layout *l, int32_t offset)
{
    return offset == l->PyTypeObject_tp_traverse  ? "traverse"
           : offset == l->PyTypeObject_tp_clear   ? "clear"
           : offset == l->PyTypeObject_tp_dealloc ? "dealloc"
                                                  : "other";
}

// Words of the type object that point into the module. Those that are not functions are discarded
// later.
static void add_slots(struct question_asking *a, const struct type *type)
{
    const struct layout *l = &a->py->layout;
    for (int32_t at = l->PyTypeObject_tp_dealloc; at + 8 <= l->sizeof_PyTypeObject; at += 8)
        if (at != l->PyTypeObject_tp_methods && at != l->PyTypeObject_tp_members
            && at != l->PyTypeObject_tp_getset && at != l->PyTypeObject_tp_doc)
            add_function(a, question_role_of(l, at), own(a->py, type, at));
}

static void add_methods(struct question_asking *a, const struct type *type)
{
    const struct layout *l = &a->py->layout;
    addr at = own(a->py, type, l->PyTypeObject_tp_methods);
    for (int i = 0; at && i < ENTRIES_MAX; i++, at += SIZE(a->py, PyMethodDef)) {
        const uint8_t *m = VIEW(a->py, at, PyMethodDef);
        if (!m || !LOAD(a->py, m, PyMethodDef_ml_name))
            return;
        if (!(LOAD(a->py, m, PyMethodDef_ml_flags) & METH_CLASS_OR_STATIC))
            add_function(a, "other", LOAD(a->py, m, PyMethodDef_ml_meth));
    }
}

static void add_getset(struct question_asking *a, const struct type *type)
{
    const struct layout *l = &a->py->layout;
    addr at = own(a->py, type, l->PyTypeObject_tp_getset);
    for (int i = 0; at && i < ENTRIES_MAX; i++, at += SIZE(a->py, PyGetSetDef)) {
        const uint8_t *g = VIEW(a->py, at, PyGetSetDef);
        if (!g || !LOAD(a->py, g, PyGetSetDef_name))
            return;
        add_function(a, "other", LOAD(a->py, g, PyGetSetDef_get));
    }
}

static void add_offset(struct question_asking *a, const struct type *type, int64_t offset)
{
    if (offset >= a->py->layout.sizeof_PyObject && offset < type->basicsize)
        text_add_format(a->out, "member %" PRId64 "\n", offset);
}

// A dict pointer and a weak reference list may follow the struct without being part of it: mypyc.
static void question_add_short(struct question_asking *a, const struct type *type, int64_t dict,
                               int64_t weak)
{
    int64_t size = type->basicsize;
    for (int i = 0; i < 2; i++)
        if (size - 8 == dict || size - 8 == weak)
            size -= 8;
    if (size != type->basicsize)
        text_add_format(a->out, "short %" PRId64 "\n", size);
}

static void add_members(struct question_asking *a, const struct type *type)
{
    const struct layout *l = &a->py->layout;
    const struct type *base = type_base(a->py, type);
    int64_t dict = base && base->dictoffset == type->dictoffset ? 0 : type->dictoffset;
    int64_t weak = base && base->weaklistoffset == type->weaklistoffset ? 0 : type->weaklistoffset;
    add_offset(a, type, dict);
    add_offset(a, type, weak);
    question_add_short(a, type, dict, weak);
    addr at = own(a->py, type, l->PyTypeObject_tp_members);
    for (int i = 0; at && i < ENTRIES_MAX; i++, at += SIZE(a->py, PyMemberDef)) {
        const uint8_t *m = VIEW(a->py, at, PyMemberDef);
        if (!m || !LOAD(a->py, m, PyMemberDef_name))
            return;
        add_offset(a, type, LOAD(a->py, m, PyMemberDef_offset));
    }
}

static void question_add_name(struct question_asking *a, const struct type *type)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    const char *dot = strrchr(type->tp_name, '.');
    const char *name = dot ? dot + 1 : type->tp_name;
    size_t size = strlen(name);
    if (size && size < 200 && strspn(name, letters) == size)
        text_add_format(a->out, "name %s\n", name);
}

void question_write(const struct python *py, const struct type *type, int module, struct text *out)
{
    const struct layout *l = &py->layout;
    struct question_asking a = { py, &py->target->modules[module], module, 0, out };
    const struct type *base = type_base(py, type);
    text_add_format(out, "%" PRId64 " %" PRId64 " %" PRId32 " %d %d\n", type->basicsize,
                    type->itemsize, l->PyObject_ob_type, module != py->module,
                    !base || base->basicsize < type->basicsize);
    question_add_name(&a, type);
    add_slots(&a, type);
    if (l->sizeof_PyMethodDef > 0 && l->sizeof_PyGetSetDef > 0) {
        add_methods(&a, type);
        add_getset(&a, type);
    }
    if (l->sizeof_PyMemberDef > 0)
        add_members(&a, type);
}
