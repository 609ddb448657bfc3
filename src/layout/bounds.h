// SPDX-License-Identifier: GPL-3.0-or-later
// What a version allows: since its first release, all releases of a minor version have the structs of
// its objects alike (an extension module is compiled once for them all), so that a layout that says
// otherwise was made up, or is of another kind of build.
//
// Does not know: where layouts come from. Owns: nothing. Cost: a look at each row.
#ifndef OURO_LAYOUT_BOUNDS_H
#define OURO_LAYOUT_BOUNDS_H

#include "layout/layout.h"

// Whether the layout fits a table of the same minor version, machine and kind of build. Where these
// differ, before the first release, or where objects begin otherwise (Py_TRACE_REFS): true, nothing is
// known. False: err names the member.
bool bounds_allow(const struct layout *layout, const struct layout *table, struct err *err);

// Takes whole structs that the layout lacks from such a table: debug information of extension modules is
// often not where that of the interpreter is, and a decoder without its struct sees no references. How
// many were taken.
size_t bounds_complete(struct layout *layout, const struct layout *table);

#endif
