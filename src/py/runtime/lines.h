// SPDX-License-Identifier: GPL-3.0-or-later
// From an offset in bytecode to a source line, for every form that CPython's line tables have had.
//
//      up to 3.9     co_lnotab      pairs (bytecode delta, signed line delta; 2.7: unsigned)
//      3.10          co_linetable   pairs (length, signed line delta; -128: no line)
//      3.11 on       co_linetable   entries of variable length with columns
//
// Does not know: frames. Cost: a walk along the table.
#ifndef OURO_PY_RUNTIME_LINES_H
#define OURO_PY_RUNTIME_LINES_H

#include "py/python.h"

// The line of the instruction at a byte offset; negative offset: the function's first line. 0: not
// known.
int32_t code_line(const struct python *py, addr code, int64_t offset);

// The three tables by themselves: `first` is co_firstlineno.
int32_t lines_lnotab(const uint8_t *table, size_t size, int32_t first, int64_t offset,
                     bool is_signed);
int32_t lines_310(const uint8_t *table, size_t size, int32_t first, int64_t offset);
int32_t lines_311(const uint8_t *table, size_t size, int32_t first, int64_t offset);

#endif
