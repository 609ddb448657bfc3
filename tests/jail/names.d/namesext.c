// SPDX-License-Identifier: GPL-3.0-or-later
// Types whose references ouro has to name by debug information, and some whose it must not: see
// tests/jail/names. offsets() tells where the compiler put the members.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>

struct more {
    long number;
    PyObject *hidden;
};

// Its functions have no variable of its struct, but no other struct here has its size.
typedef struct {
    PyObject_HEAD long number;
    PyObject *first;
    struct {
        char *text;
        PyObject *left, *right;
    } pair;
    PyObject *row[3];
    union {
        PyObject *object;
        PyObject *other;
    } either;
    struct more *more;
    PyObject *once, *borrowed; // both the same object, visited once
} Many;

#define MANY(op) ((Many *)(op))

// Two of one size, with the same code: the variables of their functions tell them apart.
struct left {
    PyObject_HEAD
#ifdef OTHER
        PyObject *left_second,
        *left_first;
#else
        PyObject *left_first,
        *left_second;
#endif
};

struct right {
    PyObject_HEAD PyObject *right_first, *right_second;
};

// Two of one size, the other one in the variables.
struct holder {
    PyObject_HEAD PyObject *holder_first;
    char text[200];
};

struct held {
    PyObject_HEAD PyObject *held_first;
    char text[200];
};

// Two of one size, and no variable anywhere.
struct this_one {
    PyObject_HEAD PyObject *this_first;
    long a, b, c;
};

struct that_one {
    PyObject_HEAD PyObject *that_first;
    long a, b, c;
};

// Larger than its struct.
struct small {
    PyObject_HEAD PyObject *small_first;
};

#define LARGE (sizeof(struct small) + 104)

// Its traverse is about a struct that is smaller than the object, and another one has the size.
struct begun {
    PyObject_HEAD PyObject *begun_first;
};

struct unrelated {
    PyObject_HEAD PyObject *unrelated_first;
    char text[160];
};

// A dict and weak references lie behind it, and another struct here has the size of all that.
struct tailed {
    PyObject_HEAD PyObject *tailed_first;
};

// Its traverse visits what its struct does not call a pointer.
struct swapped {
    PyObject_HEAD PyObject *pointer;
    long number, more[2];
    char text[100];
};

// Of variable size.
struct row {
    PyObject_VAR_HEAD PyObject *owner;
    PyObject *items[1];
};

// Derived from Many.
struct derived {
    Many many;
    PyObject *own;
};

static int many_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(MANY(self)->first);
    Py_VISIT(MANY(self)->pair.left);
    Py_VISIT(MANY(self)->pair.right);
    for (int i = 0; i < 3; i++)
        Py_VISIT(MANY(self)->row[i]);
    Py_VISIT(MANY(self)->either.object);
    Py_VISIT(MANY(self)->more->hidden);
    Py_VISIT(MANY(self)->once);
    return 0;
}

static int left_traverse(PyObject *op, visitproc visit, void *arg)
{
    struct left *self = (struct left *)op;
    Py_VISIT(self->left_first);
    Py_VISIT(self->left_second);
    return 0;
}

static int right_traverse(PyObject *op, visitproc visit, void *arg)
{
    struct right *self = (struct right *)op;
    Py_VISIT(self->right_first);
    Py_VISIT(self->right_second);
    return 0;
}

static int left_clear(PyObject *op)
{
    struct left *self = (struct left *)op;
    Py_CLEAR(self->left_first);
    Py_CLEAR(self->left_second);
    return 0;
}

static int right_clear(PyObject *op)
{
    struct right *self = (struct right *)op;
    Py_CLEAR(self->right_first);
    Py_CLEAR(self->right_second);
    return 0;
}

static int holder_traverse(PyObject *op, visitproc visit, void *arg)
{
    struct held *held = (struct held *)((struct holder *)op)->holder_first;
    Py_VISIT(held);
    return 0;
}

static int holder_clear(PyObject *op)
{
    struct held *held = (struct held *)((struct holder *)op)->holder_first;
    ((struct holder *)op)->holder_first = NULL;
    Py_XDECREF(held);
    return 0;
}

static int this_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((struct this_one *)self)->this_first);
    return ((struct this_one *)self)->a;
}

static int that_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((struct that_one *)self)->that_first);
    return ((struct that_one *)self)->b;
}

static int small_traverse(struct small *self, visitproc visit, void *arg)
{
    Py_VISIT(self->small_first);
    return 0;
}

static int begun_traverse(PyObject *op, visitproc visit, void *arg)
{
    struct begun *self = (struct begun *)op;
    Py_VISIT(self->begun_first);
    return 0;
}

static int tailed_traverse(struct tailed *self, visitproc visit, void *arg)
{
    Py_VISIT(self->tailed_first);
    return 0;
}

static int swapped_traverse(struct swapped *self, visitproc visit, void *arg)
{
    Py_VISIT((PyObject *)self->number);
    return 0;
}

static int row_traverse(struct row *self, visitproc visit, void *arg)
{
    Py_VISIT(self->owner);
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++)
        Py_VISIT(self->items[i]);
    return 0;
}

static int derived_traverse(struct derived *self, visitproc visit, void *arg)
{
    Py_VISIT(self->own);
    return many_traverse((PyObject *)self, visit, arg);
}

#define TYPE(word, size, items, traverse)                                                          \
    static PyTypeObject word##_type = {                                                            \
        PyVarObject_HEAD_INIT(NULL, 0).tp_name = "namesext." #word,                                \
        .tp_basicsize = (size),                                                                    \
        .tp_itemsize = (items),                                                                    \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,                 \
        .tp_traverse = (traverseproc)(traverse),                                                   \
        .tp_new = PyType_GenericNew,                                                               \
    }

TYPE(many, sizeof(Many), 0, many_traverse);
TYPE(left, sizeof(struct left), 0, left_traverse);
TYPE(right, sizeof(struct right), 0, right_traverse);
TYPE(holder, sizeof(struct holder), 0, holder_traverse);
TYPE(this_one, sizeof(struct this_one), 0, this_traverse);
TYPE(that_one, sizeof(struct that_one), 0, that_traverse);
TYPE(small, LARGE, 0, small_traverse);
TYPE(begun, sizeof(struct unrelated), 0, begun_traverse);
TYPE(tailed, sizeof(struct tailed) + 16, 0, tailed_traverse);
TYPE(swapped, sizeof(struct swapped), 0, swapped_traverse);
TYPE(row, offsetof(struct row, items), sizeof(PyObject *), row_traverse);
TYPE(derived, sizeof(struct derived), 0, derived_traverse);
// One that adds no function of its own.
static PyTypeObject heir_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "namesext.heir",
    .tp_basicsize = sizeof(Many),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
};

static PyObject *take(PyObject *o)
{
    Py_INCREF(o);
    return o;
}

static void fill_many(PyObject *op, PyObject *o)
{
    Many *many = MANY(op);
    many->first = take(PyTuple_GET_ITEM(o, 0));
    many->pair.text = (char *)PyTuple_GET_ITEM(o, 0); // no object for the compiler
    many->pair.left = take(PyTuple_GET_ITEM(o, 1));
    many->pair.right = take(PyTuple_GET_ITEM(o, 2));
    for (int i = 0; i < 3; i++)
        many->row[i] = take(PyTuple_GET_ITEM(o, 3 + i));
    many->either.object = take(PyTuple_GET_ITEM(o, 6));
    many->more = calloc(1, sizeof *many->more);
    many->more->hidden = take(PyTuple_GET_ITEM(o, 7));
    many->once = many->borrowed = take(PyTuple_GET_ITEM(o, 8));
}

// One of each type, over a tuple of ten lists.
static PyObject *make(PyObject *module, PyObject *o)
{
    PyObject *many = many_type.tp_alloc(&many_type, 0), *heir = heir_type.tp_alloc(&heir_type, 0),
             *derived = derived_type.tp_alloc(&derived_type, 0);
    fill_many(many, o);
    fill_many(heir, o);
    fill_many(derived, o);
    ((struct derived *)derived)->own = take(PyTuple_GET_ITEM(o, 9));
    struct left *left = (struct left *)left_type.tp_alloc(&left_type, 0);
    left->left_first = take(PyTuple_GET_ITEM(o, 0));
    left->left_second = take(PyTuple_GET_ITEM(o, 1));
    struct right *right = (struct right *)right_type.tp_alloc(&right_type, 0);
    right->right_first = take(PyTuple_GET_ITEM(o, 0));
    right->right_second = take(PyTuple_GET_ITEM(o, 1));
    struct holder *holder = (struct holder *)holder_type.tp_alloc(&holder_type, 0);
    holder->holder_first = take(PyTuple_GET_ITEM(o, 0));
    struct this_one *this = (struct this_one *)this_one_type.tp_alloc(&this_one_type, 0);
    this->this_first = take(PyTuple_GET_ITEM(o, 0));
    struct that_one *that = (struct that_one *)that_one_type.tp_alloc(&that_one_type, 0);
    that->that_first = take(PyTuple_GET_ITEM(o, 0));
    struct small *small = (struct small *)small_type.tp_alloc(&small_type, 0);
    small->small_first = take(PyTuple_GET_ITEM(o, 0));
    struct swapped *swapped = (struct swapped *)swapped_type.tp_alloc(&swapped_type, 0);
    swapped->number = (long)take(PyTuple_GET_ITEM(o, 0));
    struct begun *begun = (struct begun *)begun_type.tp_alloc(&begun_type, 0);
    begun->begun_first = take(PyTuple_GET_ITEM(o, 0));
    struct tailed *tailed = (struct tailed *)tailed_type.tp_alloc(&tailed_type, 0);
    tailed->tailed_first = take(PyTuple_GET_ITEM(o, 0));
    struct row *row = (struct row *)row_type.tp_alloc(&row_type, 2);
    row->owner = take(PyTuple_GET_ITEM(o, 0));
    row->items[0] = take(PyTuple_GET_ITEM(o, 1));
    row->items[1] = take(PyTuple_GET_ITEM(o, 2));
    (void)module;
    return Py_BuildValue("{sNsNsNsNsNsNsNsNsNsNsNsNsN}", "many", many, "heir", heir, "derived",
                         derived, "left", left, "right", right, "this_one", this, "that_one", that,
                         "small", small, "row", row, "swapped", swapped, "begun", begun, "tailed",
                         tailed, "holder", holder);
}

#define AT(type, member) "." #member, (Py_ssize_t)offsetof(type, member)

static PyObject *offsets(PyObject *module, PyObject *nothing)
{
    struct unrelated unrelated = { .text = "used, so that the compiler tells of it" };
    (void)module, (void)nothing, (void)unrelated;
    return Py_BuildValue("{s{snsnsnsnsnsnsn}s{sn}s{snsn}s{snsn}s{snsn}s{sn}}", "many",
                         AT(Many, first), AT(Many, pair.left), AT(Many, pair.right),
                         AT(Many, row[0]), AT(Many, row[1]), AT(Many, row[2]), AT(Many, either),
                         "heir", AT(Many, first), "left", AT(struct left, left_first),
                         AT(struct left, left_second), "right", AT(struct right, right_first),
                         AT(struct right, right_second), "row", AT(struct row, owner),
                         AT(struct row, items[0]), "derived", AT(struct derived, own));
}

static PyMethodDef functions[] = { { "make", make, METH_O, NULL },
                                   { "offsets", offsets, METH_NOARGS, NULL },
                                   { NULL, NULL, 0, NULL } };
static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "namesext", NULL, -1, functions, NULL, NULL, NULL, NULL
};

PyMODINIT_FUNC PyInit_namesext(void)
{
    left_type.tp_clear = left_clear;
    holder_type.tp_clear = holder_clear;
    tailed_type.tp_dictoffset = sizeof(struct tailed);
    tailed_type.tp_weaklistoffset = sizeof(struct tailed) + 8;
    right_type.tp_clear = right_clear;
    derived_type.tp_base = &many_type;
    heir_type.tp_base = &many_type;
    PyTypeObject *types[] = { &many_type,     &left_type,   &right_type,   &this_one_type,
                              &that_one_type, &small_type,  &swapped_type, &begun_type,
                              &tailed_type,   &holder_type, &row_type,     &derived_type,
                              &heir_type };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (PyType_Ready(types[i]) < 0)
            return NULL;
    return PyModule_Create(&module);
}
