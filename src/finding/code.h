// SPDX-License-Identifier: GPL-3.0-or-later
// Code objects: those of the program's own functions, and what they and their variables are called.
//
// Does not know: what they do; deeds.h does.
// Owns: the list of code objects. Borrows: heap. Cost: a look at each code object once.
#ifndef OURO_FINDING_CODE_H
#define OURO_FINDING_CODE_H

#include "base/text.h"
#include "finding/root_paths.h"

struct code {
    node *items; // code objects of functions in the program's own files
    size_t count, capacity;
};

bool code_list(struct code *code, const struct heap *heap, const struct root_paths *paths,
               struct err *err);
void code_free(struct code *code); // accepts a zeroed one

// Appends "charge() sessions.py:120".
void code_name(const struct heap *heap, node code, struct text *out);

// Appends the name of local variable i (arguments come first), or of free variable i.
void code_local_name(const struct heap *heap, node code, uint32_t i, struct text *out);
void code_free_name(const struct heap *heap, node code, uint32_t i, struct text *out);
uint32_t code_argument_count(const struct heap *heap, node code);

// Whether the file that it was compiled from is the program's own.
bool code_is_program(const struct heap *heap, const struct root_paths *paths, node code);

#endif
