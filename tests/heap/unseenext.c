// SPDX-License-Identifier: GPL-3.0-or-later
// Types that hold objects: one that tells the collector all, one that is not the collector's, one
// that forgets a member, and one whose second pointer is borrowed. `ouro verify --extensions` must
// list the middle two, each with one member.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    double number;
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

static PyMemberDef members[] = {
    { "first", T_OBJECT, offsetof(Pair, first), 0, NULL },
    { "second", T_OBJECT_EX, offsetof(Pair, second), 0, NULL },
    { NULL, 0, 0, 0, NULL },
};

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
TYPE(borrows, "Borrows", Py_TPFLAGS_HAVE_GC, end_borrower, visit_first, init_borrower);

static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, "unseenext", NULL, -1, NULL, NULL, NULL, NULL, NULL };

PyMODINIT_FUNC PyInit_unseenext(void)
{
    PyTypeObject *types[] = { &tells, &plain, &forgets, &borrows };
    const char *names[] = { "Tells", "Plain", "Forgets", "Borrows" };
    PyObject *module = PyModule_Create(&definition);
    for (int i = 0; module && i < 4; i++) {
        if (PyType_Ready(types[i]))
            return NULL;
        Py_INCREF(types[i]);
        PyModule_AddObject(module, names[i], (PyObject *)types[i]);
    }
    return module;
}
