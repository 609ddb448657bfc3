// SPDX-License-Identifier: GPL-3.0-or-later
// Types that hold objects: one that tells the collector all, one that is not the collector's, one
// that forgets a member, and one whose second pointer is borrowed; and three that keep a struct of
// their own, with an object in it that is told, not told, or borrowed. `ouro verify --extensions`
// must list what is owned and not told, and nothing else.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <structmember.h>

typedef struct {
    PyObject_HEAD double number;
    PyObject *first;
    PyObject *second;
    PyObject *weakrefs;
} Pair;

static int clear(PyObject *self)
{
    Py_CLEAR(((Pair *)self)->first);
    Py_CLEAR(((Pair *)self)->second);
    return 0;
}

static int visit_both(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Pair *)self)->first);
    Py_VISIT(((Pair *)self)->second);
    return 0;
}

static int visit_first(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Pair *)self)->first);
    return 0;
}

static void end_tracked(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    if (((Pair *)self)->weakrefs)
        PyObject_ClearWeakRefs(self);
    clear(self);
    Py_TYPE(self)->tp_free(self);
}

static void end_plain(PyObject *self)
{
    clear(self);
    Py_TYPE(self)->tp_free(self);
}

static void end_borrower(PyObject *self)
{
    ((Pair *)self)->second = NULL;
    end_tracked(self);
}

static int init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    Pair *pair = (Pair *)self;
    (void)kwargs;
    if (!PyArg_ParseTuple(args, "OO", &pair->first, &pair->second))
        return -1;
    Py_INCREF(pair->first);
    Py_INCREF(pair->second);
    pair->number = 1.5;
    return 0;
}

static int init_borrower(PyObject *self, PyObject *args, PyObject *kwargs)
{
    int failed = init(self, args, kwargs);
    if (!failed)
        Py_DECREF(((Pair *)self)->second); // somebody else has it for as long as we live
    return failed;
}

// --- with a struct of their own

typedef struct {
    double numbers[3];
    PyObject *object;
    char text[32];
} Private;

typedef struct {
    PyObject_HEAD size_t number;
    Private *inner;
    PyObject *other;
} Outer;

static int visit_inner(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Outer *)self)->other);
    if (((Outer *)self)->inner)
        Py_VISIT(((Outer *)self)->inner->object);
    return 0;
}

static int visit_other(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Outer *)self)->other);
    return 0;
}

static void end_outer(PyObject *self)
{
    Outer *outer = (Outer *)self;
    PyObject_GC_UnTrack(self);
    Py_CLEAR(outer->other);
    if (outer->inner)
        Py_CLEAR(outer->inner->object);
    free(outer->inner);
    Py_TYPE(self)->tp_free(self);
}

static void end_lender(PyObject *self)
{
    if (((Outer *)self)->inner)
        ((Outer *)self)->inner->object = NULL;
    end_outer(self);
}

static int init_outer(PyObject *self, PyObject *args, PyObject *kwargs)
{
    Outer *outer = (Outer *)self;
    PyObject *object, *other;
    (void)kwargs;
    if (!PyArg_ParseTuple(args, "OO", &object, &other))
        return -1;
    outer->inner = malloc(sizeof *outer->inner);
    if (!outer->inner)
        return -1;
    memset(outer->inner, 0, sizeof *outer->inner);
    outer->inner->numbers[0] = 2.5;
    strcpy(outer->inner->text, "a text of some length");
    outer->inner->object = object;
    outer->other = other;
    Py_INCREF(object);
    Py_INCREF(other);
    return 0;
}

static int init_lender(PyObject *self, PyObject *args, PyObject *kwargs)
{
    int failed = init_outer(self, args, kwargs);
    if (!failed)
        Py_DECREF(((Outer *)self)->inner->object);
    return failed;
}

static PyMemberDef members[] = {
    { "first", T_OBJECT, offsetof(Pair, first), 0, NULL },
    { "second", T_OBJECT_EX, offsetof(Pair, second), 0, NULL },
    { NULL, 0, 0, 0, NULL },
};

#define OUTER(variable, name, dealloc, traverse, begin)                                            \
    static PyTypeObject variable = {                                                               \
        PyVarObject_HEAD_INIT(NULL, 0).tp_name = "unseenext." name,                                \
        .tp_basicsize = sizeof(Outer),                                                             \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,                                       \
        .tp_dealloc = dealloc,                                                                     \
        .tp_traverse = traverse,                                                                   \
        .tp_init = begin,                                                                          \
        .tp_new = PyType_GenericNew,                                                               \
    }

OUTER(inside, "Inside", end_outer, visit_inner, init_outer);
OUTER(hides, "Hides", end_outer, visit_other, init_outer);
OUTER(lends, "Lends", end_lender, visit_other, init_lender);

#define TYPE(variable, name, flags, dealloc, traverse, begin)                                      \
    static PyTypeObject variable = {                                                               \
        PyVarObject_HEAD_INIT(NULL, 0).tp_name = "unseenext." name,                                \
        .tp_basicsize = sizeof(Pair),                                                              \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | (flags),                            \
        .tp_dealloc = dealloc,                                                                     \
        .tp_traverse = traverse,                                                                   \
        .tp_clear = (traverse) ? clear : NULL,                                                     \
        .tp_weaklistoffset = (traverse) ? offsetof(Pair, weakrefs) : 0,                            \
        .tp_members = members,                                                                     \
        .tp_init = begin,                                                                          \
        .tp_new = PyType_GenericNew,                                                               \
    }

TYPE(tells, "Tells", Py_TPFLAGS_HAVE_GC, end_tracked, visit_both, init);
TYPE(plain, "Plain", 0, end_plain, (traverseproc)NULL, init);
TYPE(forgets, "Forgets", Py_TPFLAGS_HAVE_GC, end_tracked, visit_first, init);
TYPE(once, "Once", 0, end_plain, (traverseproc)NULL, init);
TYPE(borrows, "Borrows", Py_TPFLAGS_HAVE_GC, end_borrower, visit_first, init_borrower);

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "unseenext", NULL, -1, NULL, NULL, NULL, NULL, NULL
};

PyMODINIT_FUNC PyInit_unseenext(void)
{
    PyTypeObject *types[] = { &tells, &plain, &forgets, &borrows, &inside, &hides, &lends, &once };
    const char *names[] = { "Tells",  "Plain", "Forgets", "Borrows",
                            "Inside", "Hides", "Lends",   "Once" };
    PyObject *module = PyModule_Create(&definition);
    for (int i = 0; module && i < 8; i++) {
        if (PyType_Ready(types[i]))
            return NULL;
        Py_INCREF(types[i]);
        PyModule_AddObject(module, names[i], (PyObject *)types[i]);
    }
    return module;
}
