// SPDX-License-Identifier: GPL-3.0-or-later
// An extension module with the two ways of holding an object that Python cannot see: `leaks` counts, `leakext.keep` remembers.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *kept;

static PyObject *take(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *object;
    int times;
    if (!PyArg_ParseTuple(args, "Oi", &object, &times))
        return NULL;
    while (times-- > 0)
        Py_INCREF(object);
    Py_RETURN_NONE;
}

static PyObject *keep(PyObject *module, PyObject *object)
{
    (void)module;
    Py_INCREF(object);
    kept = object;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    { "take", take, METH_VARARGS, "Takes references of an object and never gives them back." },
    { "keep", keep, METH_O, "Keeps an object in a variable." },
    { NULL, NULL, 0, NULL },
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "leakext", NULL, -1, methods, NULL, NULL, NULL, NULL
};

PyMODINIT_FUNC PyInit_leakext(void)
{
    return PyModule_Create(&definition);
}
