// SPDX-License-Identifier: GPL-3.0-or-later
// Where every struct member that ouro reads lies, for one build of CPython: a version is data.
//
// Does not know: what the members mean (py/ does), nor where the objects are.
//
// fields.def lists the structs and members, named as CPython's. Each becomes an int32_t of this
// struct:
//      layout->sizeof_PyListObject            the struct's size in bytes
//      layout->PyListObject_ob_item           the member's offset in bytes
// LAYOUT_NONE (-1) says that this build has no such struct or member: the difference between two
// versions is mostly the presence of a member, so that the decoders ask the layout rather than the
// version. Enumerators whose number varies (FRAME_COMPLETED) and array lengths that CPython has as
// macros are CONSTANT rows; some enumerators are negative, so that an unknown one is CONSTANT_NONE.
// SYMBOL rows are the link-time addresses of variables, relative to the module that holds the
// interpreter (a file's virtual address); 0 is unknown. They belong to one build: only DWARF and
// the cache by build-id have them, shipped tables do not.
//
// Sources, in the order they are tried (choose.h): a file that the user names, the cache by
// build-id, DWARF through gdb, the shipped tables for the same or the nearest patch release. Always
// checked against memory by py/.
//
// Owns: nothing but its own bytes; a struct copy is a copy.
#ifndef OURO_LAYOUT_LAYOUT_H
#define OURO_LAYOUT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define LAYOUT_NONE (-1)
// Where in its byte a bit-field begins, and how many bits it has: a BITS row's second number. A
// member that is no bit-field in this build has all bits of its bytes.
#define LAYOUT_BITS(shift, width) ((int32_t)((shift) | (width) << 8))
#define CONSTANT_NONE INT32_MIN

struct layout {
    uint32_t version;   // PY_VERSION_HEX, 0x030b02f0
    bool free_threaded; // Py_GIL_DISABLED
    bool debug;         // Py_DEBUG
    char machine[16];   // "x86_64", "aarch64"
    uint32_t rows;      // layout_rows() of the program that wrote the file; 0 for a shipped table
    char source[200];   // where it came from, for `info`: "DWARF of /usr/bin/python3.11"
    char made_of[160];  // in the cache: which file, see cache.h; else ""
#define STRUCT(type) int32_t sizeof_##type;
#define FIELD(type, member) int32_t type##_##member;
#define BITS(type, member) int32_t type##_##member, bits_##type##_##member;
#define CONSTANT(name) int32_t name;
#define SYMBOL(name) uint64_t sym_##name;
#include "layout/fields.def"
};

// All members LAYOUT_NONE, all constants CONSTANT_NONE, the rest zero.
void layout_init(struct layout *layout);

// Reads / writes the text form (doc/layout-format.md): "key value" lines for the head, then "struct
// size", "struct.member offset [size]", "bits struct.member shift width", "constant NAME value" and
// "symbol NAME address" lines; # comments. Unknown names are skipped (a newer table); names that the file lacks stay unknown.
// Every offset must lie in 0 .. 1 MiB, within its struct where the size of that is known, and behind the members that
// it is subtracted from. A failing read leaves *layout initialised and empty. Writing
// is atomic: a neighbour of `path` is written and renamed.
bool layout_read(struct layout *layout, const char *path, struct err *err);
bool layout_parse(struct layout *layout, const char *text, size_t size, const char *name,
                  struct err *err);
// Whether every member lies within its struct, and in the order that decoders rely on: for those who have changed rows.
bool layout_check(const struct layout *layout, const char *name, struct err *err);
bool layout_write(const struct layout *layout, const char *path, struct err *err);
// The text form in memory, for free().
bool layout_text(const struct layout *layout, char **text, size_t *size, struct err *err);

// For listing and tests: row i of fields.def as "PyListObject.ob_item", and its value; false past
// the end. The bits of a bit-field are a row of their own, "bits PyASCIIObject.state_kind"; symbols
// are not among these rows.
bool layout_row(const struct layout *layout, size_t i, const char **name, int32_t *value);
bool layout_symbol(const struct layout *layout, size_t i, const char **name, uint64_t *address);

// Where row i is kept, NULL past the end: for those who correct a layout row by row (offsets.h).
int32_t *layout_row_at(struct layout *layout, size_t i);

// A number that changes whenever fields.def does: a cached file with another one may lack rows.
uint32_t layout_rows(void);

// Writes fields.def itself, as gdb/ouro/locate.py wants it.
void layout_wanted(FILE *file);

#endif
