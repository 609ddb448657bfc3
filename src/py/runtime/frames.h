// SPDX-License-Identifier: GPL-3.0-or-later
// The Python frames of a thread, and the one inside a suspended generator: function, file, line,
// locals.
//
//      up to 3.10   PyFrameObject --f_back--> PyFrameObject ...
//                       | locals, cells, free variables | value stack |
//
//      from 3.11    _PyInterpreterFrame --previous--> _PyInterpreterFrame ...
//                       | localsplus[]                  | value stack |
//
// The depth of the value stack is known where the frame has called into Python or is suspended;
// while it runs C code it is not, up to 3.13: then `stack_room` says how many words may be in use.
// Does not know: which of what it finds are objects. Owns: nothing. Borrows: python.
// Cost: a few reads per frame; a line costs a walk along the code's line table.
#ifndef OURO_PY_RUNTIME_FRAMES_H
#define OURO_PY_RUNTIME_FRAMES_H

#include <stdbool.h>

#include "base/map.h"
#include "base/text.h"
#include "py/python.h"
#include "py/objects/type.h"

#define FRAMES_MAX 1000000 // of one thread; more is a ring

enum frame_owner { FRAME_OF_THREAD, FRAME_OF_GENERATOR, FRAME_OF_OBJECT };

struct frame {
    addr at;     // PyFrameObject up to 3.10, _PyInterpreterFrame from 3.11 on
    addr object; // its frame object; 0: none was made
    addr code;
    addr bytecode; // from 3.11 on: what it runs, the code object's or a thread's copy; 0: unknown
    addr slots;    // the first local; the value stack follows the last
    uint32_t local_count;
    uint32_t stack_depth; // words of the value stack that are surely in use
    uint32_t stack_room;  // words after those that may be
    uint8_t owner;        // enum frame_owner
    bool incomplete;      // its call has not begun: no traceback shows it
};

struct frame_walk {
    const struct python *py;
    addr at, mark;
    uint32_t steps;
};

// Where an interpreter frame keeps its code object (3.11 on), whose word may carry a tag.
static inline int32_t frame_code_offset(const struct layout *l)
{
    return l->_PyInterpreterFrame_f_executable >= 0 ? l->_PyInterpreterFrame_f_executable
                                                    : l->_PyInterpreterFrame_f_code;
}
static inline addr frame_untagged(const struct python *py, uint64_t word)
{
    return py->rules.stackrefs ? word & ~UINT64_C(3) : word;
}

// The frames of a thread, the innermost first.
void frame_walk_begin(struct frame_walk *walk, const struct python *py,
                      const struct pythread *thread);
bool frame_walk_next(struct frame_walk *walk, struct frame *frame);

// Puts the address of every frame that a thread runs: a generator whose frame is among them does
// not wait.
bool frames_running(const struct python *py, struct map *running, struct err *err);

// The frame that lies at an address. False: none does.
bool frame_at(const struct python *py, addr at, struct frame *frame);

// The frame of a generator, coroutine or asynchronous generator that has not finished. False: it is
// none, or has finished.
bool frame_of_generator(const struct python *py, const struct type *type, addr at,
                        struct frame *frame);

// The frame of a frame object. False: it has none that can be read.
bool frame_of_object(const struct python *py, addr object, struct frame *frame);

// The bytecode that the interpreter frame whose bytes are `f` runs (3.11 on): the code object's own,
// or where threads specialise copies of it (free-threaded, 3.14 on) the one that the frame names:
// Objects/codeobject.c, co_tlbc. 0: unknown.
addr frame_bytecode(const struct python *py, addr code, const uint8_t *f);

// The line of a traceback, or 0. From 3.12 on it is worked out on demand: the object has it only
// after somebody asked.
int32_t frame_traceback_line(const struct python *py, addr traceback);

// "file.py:12": the file's last part and the line; without the line where that is not known.
void frame_file_line(const struct python *py, const struct frame *frame, int32_t line,
                     struct text *out);
// "function file.py:12", the function's name in at most `width` columns.
void frame_place(const struct python *py, const struct frame *frame, int32_t line, size_t width,
                 struct text *out);

// Where it is in its code, in bytes; -1: not known, or before the first instruction.
int64_t frame_offset(const struct python *py, const struct frame *frame);

// The line that runs, or 0.
int32_t frame_line(const struct python *py, const struct frame *frame);

// str objects, or 0.
addr frame_function(const struct python *py,
                    const struct frame *frame); // the qualified name where there is one
addr frame_file(const struct python *py, const struct frame *frame);
addr frame_local_name(const struct python *py, const struct frame *frame, uint32_t i);

// The word in slot i (locals, then stack), and whether it holds a refcount. 0: empty.
addr frame_slot(const struct python *py, const struct frame *frame, uint32_t i, bool *counted);

// What a suspended coroutine awaits (cr_await): the object on top of its value stack, or 0.
addr frame_awaited(const struct python *py, const struct frame *frame);

// The variable's value in slot i: what is in the cell, where the slot has a cell of the frame's own
// or of an outer function.
addr frame_local(const struct python *py, const struct frame *frame, uint32_t i);

#endif
