// SPDX-License-Identifier: GPL-3.0-or-later
// Types whose tp_traverse is too much: one visits without end, one takes its time between visits;
// beside a sound one, and one that writes to memory. For tests/jail/slow.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef struct {
    PyObject_HEAD PyObject *held;
} Slow;

static int sound_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Slow *)self)->held);
    return 0;
}

static int many_traverse(PyObject *self, visitproc visit, void *arg)
{
    for (long k = 0; k < 15000000; k++)
        Py_VISIT(((Slow *)self)->held);
    return 0;
}

static int slow_traverse(PyObject *self, visitproc visit, void *arg)
{
    for (int k = 0; k < 400; k++) {
        for (volatile unsigned long i = 0; i < 25000000; i++)
            ;
        Py_VISIT(((Slow *)self)->held);
    }
    return 0;
}

// A lock that is never given back: nothing of it may be left for the next object.
static int locked_traverse(PyObject *self, visitproc visit, void *arg)
{
    static volatile int taken[40000];
    for (int i = 0; i < 3; i++)
        if (taken[10000 * i]++)
            return 0;
    Py_VISIT(((Slow *)self)->held);
    return 0;
}

static int slow_clear(PyObject *self)
{
    Py_CLEAR(((Slow *)self)->held);
    return 0;
}

static void slow_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    slow_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *slow_new(PyTypeObject *type, PyObject *args, PyObject *words)
{
    (void)args, (void)words;
    PyObject *self = type->tp_alloc(type, 0);
    if (self)
        ((Slow *)self)->held = PyDict_New();
    return self;
}

#define TYPE(name, traverse)                                                                       \
    static PyTypeObject name = {                                                                   \
        PyVarObject_HEAD_INIT(NULL, 0).tp_name = "slow." #name,                                    \
        .tp_basicsize = sizeof(Slow),                                                              \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,                                       \
        .tp_traverse = traverse,                                                                   \
        .tp_clear = slow_clear,                                                                    \
        .tp_dealloc = slow_dealloc,                                                                \
        .tp_new = slow_new,                                                                        \
    }
TYPE(Sound, sound_traverse);
TYPE(Endless, many_traverse);
TYPE(Lazy, slow_traverse);
TYPE(Locked, locked_traverse);

static struct PyModuleDef definition = { PyModuleDef_HEAD_INIT, .m_name = "slow", .m_size = -1 };

PyMODINIT_FUNC PyInit_slow(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (!module || PyType_Ready(&Sound) || PyType_Ready(&Endless) || PyType_Ready(&Lazy)
        || PyType_Ready(&Locked) || PyModule_AddObject(module, "Sound", (PyObject *)&Sound)
        || PyModule_AddObject(module, "Endless", (PyObject *)&Endless)
        || PyModule_AddObject(module, "Lazy", (PyObject *)&Lazy)
        || PyModule_AddObject(module, "Locked", (PyObject *)&Locked))
        return NULL;
    return module;
}
