// SPDX-License-Identifier: GPL-3.0-or-later
// What a version allows: see bounds.h.
#include "layout/bounds.h"

#include <string.h>

// Structs that extension modules are compiled against, or that decide what an object is.
static const char *const fixed[] = {
    "PyVarObject",       "PyGC_Head",      "PyTypeObject",      "PyHeapTypeObject",
    "PyListObject",      "PyTupleObject",  "PyDictObject",      "PySetObject",
    "PyBytesObject",     "PyASCIIObject",  "PyUnicodeObject",   "PyCompactUnicodeObject",
    "PyByteArrayObject", "PyLongObject",   "PyFloatObject",     "PyComplexObject",
    "PyFunctionObject",  "PyMethodObject", "PyCellObject",      "PyCodeObject",
    "PyFrameObject",     "PyGenObject",    "PyModuleObject",    "PyWeakReference",
    "PyTracebackObject", "PySliceObject",  "PyCFunctionObject", "PyBaseExceptionObject",
};

static bool bounds_are_fixed(const char *name)
{
    size_t size = strcspn(name, ".");
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strlen(fixed[i]) == size && !strncmp(fixed[i], name, size))
            return true;
    return false;
}

static bool bounds_is_release(const struct layout *layout)
{
    return (layout->version >> 4 & 15) == 0xf;
}

static bool bounds_compare(const struct layout *layout, const struct layout *table)
{
    return bounds_is_release(layout) && bounds_is_release(table)
           && layout->version >> 16 == table->version >> 16
           && layout->free_threaded == table->free_threaded && layout->debug == table->debug
           && !strcmp(layout->machine, table->machine)
           && layout->sizeof_PyObject == table->sizeof_PyObject
           && layout->PyObject_ob_type == table->PyObject_ob_type;
}

bool bounds_allow(const struct layout *layout, const struct layout *table, struct err *err)
{
    const char *name;
    int32_t value, wanted;
    if (!bounds_compare(layout, table))
        return true;
    for (size_t i = 0; layout_row(layout, i, &name, &value) && layout_row(table, i, &name, &wanted);
         i++)
        if (value != wanted && value >= 0 && wanted >= 0 && bounds_are_fixed(name))
            return err_set(err, ERR_FORMAT, "it has %s at %d, where CPython %u.%u has %d", name,
                           value, layout->version >> 24, layout->version >> 16 & 255, wanted);
    return true;
}

// A struct of the interpreter's own state that one release lacks may have a counterpart in another.
static bool bounds_may_take(const char *name)
{
    return !strchr(name, '.') && strncmp(name, "_Py", 3) != 0;
}

static bool bounds_take(struct layout *layout, const struct layout *table, const char *name)
{
    size_t size = strlen(name);
    const char *row;
    int32_t value;
    bool has_members = false;
    for (size_t i = 0; layout_row(table, i, &row, &value); i++)
        has_members |= !strncmp(row, name, size) && row[size] == '.' && value >= 0;
    for (size_t i = 0; has_members && layout_row(table, i, &row, &value); i++)
        if (!strncmp(row, name, size) && (row[size] == '.' || row[size] == '\0'))
            *layout_row_at(layout, i) = value;
    return has_members; // else the row is a plain number
}

size_t bounds_complete(struct layout *layout, const struct layout *table)
{
    const char *name;
    int32_t value, wanted;
    size_t taken = 0;
    if (!bounds_compare(layout, table))
        return 0;
    for (size_t i = 0; layout_row(layout, i, &name, &value) && layout_row(table, i, &name, &wanted);
         i++)
        if (value < 0 && wanted >= 0 && bounds_may_take(name))
            taken += bounds_take(layout, table, name);
    return taken;
}
