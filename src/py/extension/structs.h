// SPDX-License-Identifier: GPL-3.0-or-later
// What the members of extension types are called by debug information, where no tp_members tells:
// Cython's classes, pybind11's, any struct in C or C++.
//
// Does not know: which instances there are. A type's struct is looked for in the debug information
// of the file that its tp_traverse (tp_clear, tp_dealloc) is in (layout/members.h says how), when
// its build-id is the target's. What a type has from its base is called as the base's struct calls
// it.
//
// The first name asked of a file's types asks for all of them; a file without debug information is
// never read. A struct in which a visited reference lies where it has no pointer is another one:
// structs_doubt() has it forgotten.
//
// Owns: answers, until structs_free. Borrows: the python, the progress. Cost: a look-up; the first
// time for a file, a cached answer is read or gdb is run (a third of a second and more). When all
// runs together took SECONDS_MAX, no more are made.
#ifndef OURO_PY_EXTENSION_STRUCTS_H
#define OURO_PY_EXTENSION_STRUCTS_H

#include "layout/members.h"
#include "py/objects/type.h"

struct structs_options {
    const char *script; // gdb/ouro/members.py; null: gdb is never run
    const char *gdb;    // null: "gdb" of $PATH
    const char *cache;  // a folder instead of the usual one, or null; "": none
    // As in struct python_options.
    bool (*fetch)(void *context, const char *build_id, struct err *err);
    void *fetch_context;
    const struct progress *progress; // null, or outlives the structs
};

// Makes py->structs; without it every answer is STRUCTS_UNKNOWN.
bool structs_new(struct python *py, const struct structs_options *options, struct err *err);
void structs_free(struct structs *structs); // accepts null

enum structs_answer {
    STRUCTS_UNKNOWN,   // there is no struct for the type
    STRUCTS_NO_MEMBER, // there is, and no pointer to an object begins at that offset
    STRUCTS_NAMED,
};

// The name of the pointer at an offset of the type's instances, appended without a dot; escaped.
enum structs_answer structs_name(const struct python *py, const struct type *type, int64_t offset,
                                 struct text *out);

// The same for the pointer at `inner` in the struct that the word at an offset points to.
enum structs_answer structs_name_behind(const struct python *py, const struct type *type,
                                        int64_t offset, int64_t inner, struct text *out);

// A pointer in a struct that an instance only points to.
struct structs_place {
    const struct members_row *row; // lives as long as the structs
    int32_t index;                 // in an array
    addr at;                       // of the pointer
};

// Takes all of these pointers of an instance, one after the other; null ones are left out.
typedef void structs_take(void *context, addr to, struct structs_place place);
void structs_behind(const struct python *py, const struct type *type, addr at, structs_take *take,
                    void *context);

// Appends ".more->hidden", escaped.
void structs_place_name(struct structs_place place, struct text *out);

// What the struct of the type's instances is called, and the file that says so; false: not known.
bool structs_of(const struct python *py, const struct type *type, struct text *name,
                struct text *file);

// Whether a member of the type or its bases has that name.
bool structs_has(const struct python *py, const struct type *type, const char *name);

// Whether anything is known of the type's instances, or of those of a base.
bool structs_knows(const struct python *py, const struct type *type);

// Where one is on the way from an instance through pointers that lead to no objects.
struct structs_position {
    const struct members_struct *of; // null: not known
    int32_t body;
};

// From the pointer at an offset of the type's instances; appends its name, escaped. False: not known.
bool structs_begin(const struct python *py, const struct type *type, int64_t offset,
                   struct structs_position *position, struct text *name);
// On through the pointer at an offset of what the way has led to.
bool structs_go_on(struct structs_position *position, uint64_t offset, struct text *name);
// What it has led to: "xmlDoc"; escaped.
void structs_position_name(const struct structs_position *position, struct text *name);

void structs_doubt(const struct python *py, const struct type *type, int64_t offset);

#endif
