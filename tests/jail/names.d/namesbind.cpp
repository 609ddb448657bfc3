// SPDX-License-Identifier: GPL-3.0-or-later
// pybind11's classes for tests/jail/names: one without references, one with attributes, one whose
// tp_traverse visits members of the C++ object.
#include <pybind11/pybind11.h>

namespace py = pybind11;

struct Plain {
    int x = 1;
};

struct Attributes {
    int x = 2;
};

struct Owner {
    int n = 0;
    py::object value;
    py::list items;
};

static int visit(PyObject *op, visitproc visit, void *arg)
{
    auto &self = py::cast<Owner &>(py::handle(op));
    Py_VISIT(self.value.ptr());
    Py_VISIT(self.items.ptr());
    return 0;
}

PYBIND11_MODULE(namesbind, m)
{
    py::class_<Plain>(m, "Plain").def(py::init<>());
    py::class_<Attributes>(m, "Attributes", py::dynamic_attr()).def(py::init<>());
    auto collect = [](PyHeapTypeObject *type) {
        type->ht_type.tp_flags |= Py_TPFLAGS_HAVE_GC;
        type->ht_type.tp_traverse = visit;
    };
    py::class_<Owner>(m, "Owner", py::custom_type_setup(collect))
        .def(py::init<>())
        .def_readwrite("value", &Owner::value)
        .def_readwrite("items", &Owner::items);
}
