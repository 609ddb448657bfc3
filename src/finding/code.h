// SPDX-License-Identifier: GPL-3.0-or-later
// Which of the program's own functions name something, and what else they name: who fills a
// container, and whether anybody empties it.
//
// Does not know: what the bytecode does, but for whether `x[k] = v` and `del x[k]` are in it, from 3.6
// on. Evidence, not proof: the same name may mean something else in another function, and what is
// stored into another container. The code of modules does not count: it runs once.
// Owns: the list of code objects. Borrows: heap. Cost: a look at each code object once; a question
// compares the names of the program's own.
#ifndef OURO_FINDING_CODE_H
#define OURO_FINDING_CODE_H

#include "base/text.h"
#include "finding/root_paths.h"

struct code {
    node *items; // code objects of functions in the program's own files
    size_t count, capacity;
};

struct code_users { // functions that name something
    uint32_t count, filling, emptying;
    node first, fills, empties;        // code objects; NODE_NONE: none
    bool fills_surely, empties_surely; // the word follows the name: `everyone`, `append`
};

bool code_list(struct code *code, const struct heap *heap, const struct root_paths *ways,
               struct err *err);
void code_free(struct code *code); // accepts a zeroed one

void code_find_users(const struct code *code, const struct heap *heap, const char *name,
                     struct code_users *users);

// Appends "charge() sessions.py:120".
void code_name(const struct heap *heap, node code, struct text *out);

// Appends the name of local variable i (arguments come first), or of free variable i.
void code_local_name(const struct heap *heap, node code, uint32_t i, struct text *out);
void code_free_name(const struct heap *heap, node code, uint32_t i, struct text *out);
uint32_t code_argument_count(const struct heap *heap, node code);

// Whether the file that it was compiled from is the program's own.
bool code_is_program(const struct heap *heap, const struct root_paths *ways, node code);

#endif
