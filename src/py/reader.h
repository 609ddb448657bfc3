// SPDX-License-Identifier: GPL-3.0-or-later
// A Python that a thread reads beside others.
//
// Looking at objects changes things: which segment was looked at last, what could not be read, which
// types were met. Each thread has these for itself; what it counted is added up when it is done.
//
//      python  --->  target: segments, modules     types: rows
//         ^             ^  shared, nobody changes them  ^
//      reader  --->  last, faults ...              cache, missed
//
// A reader brings nothing and learns nothing. Hence there are readers only of a target that is there
// as a whole (python_may_share), and what a reader was told is not the truth where it says that it
// missed a type: then the work is done again, by one thread, with the python itself.
//
// Owns: its own cache. Borrows: the python and the target, which nobody uses meanwhile.
#ifndef OURO_PY_READER_H
#define OURO_PY_READER_H

#include "py/python.h"

struct python_reader {
    struct python py; // what the thread's decoders are given
    struct target target;
};

// Whether several readers may look at it at once: all of its memory is there already.
bool python_may_share(const struct python *py);

// In place: the reader must not be moved. False: out of memory.
bool python_reader_open(struct python_reader *reader, const struct python *py);

// It was asked for a type that the python does not know: its answers are void.
bool python_reader_missed(const struct python_reader *reader);

// Adds to the python what the reader counted.
void python_reader_add(const struct python_reader *reader, struct python *py);
void python_reader_close(struct python_reader *reader);

#endif
