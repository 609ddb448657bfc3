// SPDX-License-Identifier: GPL-3.0-or-later
// For tests/memory/structs: a type that keeps C memory of several structs, of which only debug
// information knows what they are called.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

struct leaf {
    double value[14];
};

typedef struct {
    int kind;
    struct leaf *leaf;
    char *label;
    char room[90];
} note;

struct branch {
    struct branch *left, *right;
    note *note;
    char rest[116];
};

struct chain {
    long number;
    struct chain *next;
    char rest[200];
};

typedef struct {
    PyObject_HEAD struct branch *root;
    struct chain *first;
    note **notes;
    PyObject *other;
} KeptObject;

static void *kept_block(size_t size)
{
    return calloc(1, size);
}

static note *kept_note(void)
{
    note *made = kept_block(sizeof *made);
    made->leaf = kept_block(sizeof *made->leaf);
    made->label = kept_block(333);
    strcpy(made->label, "a label of a note");
    return made;
}

static struct branch *kept_branch(int depth)
{
    struct branch *made = kept_block(sizeof *made);
    made->note = kept_note();
    if (depth > 1) {
        made->left = kept_branch(depth - 1);
        made->right = kept_branch(depth - 1);
    }
    return made;
}

static PyObject *kept_new(PyTypeObject *type, PyObject *args, PyObject *kw)
{
    KeptObject *self = (KeptObject *)type->tp_alloc(type, 0);
    (void)args, (void)kw;
    if (!self)
        return NULL;
    self->root = kept_branch(6);
    for (long i = 0; i < 5000; i++) {
        struct chain *made = kept_block(sizeof *made);
        made->number = i;
        made->next = self->first;
        self->first = made;
    }
    self->notes = kept_block(40 * sizeof *self->notes);
    for (int i = 0; i < 40; i++)
        self->notes[i] = kept_note();
    return (PyObject *)self;
}

static int kept_traverse(KeptObject *self, visitproc visit, void *arg)
{
    Py_VISIT(self->other);
    return 0;
}

static void kept_dealloc(KeptObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(self->other);
    Py_TYPE(self)->tp_free(self);
}

static PyTypeObject kept_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "kept.Kept", .tp_basicsize = sizeof(KeptObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,  .tp_new = kept_new,
    .tp_traverse = (traverseproc)kept_traverse,           .tp_dealloc = (destructor)kept_dealloc,
};

static struct PyModuleDef kept_module = { PyModuleDef_HEAD_INIT, .m_name = "kept", .m_size = -1 };

PyMODINIT_FUNC PyInit_kept(void)
{
    PyObject *module = PyModule_Create(&kept_module);
    if (!module || PyType_Ready(&kept_type)
        || PyModule_AddObject(module, "Kept", (PyObject *)&kept_type))
        return NULL;
    return module;
}
