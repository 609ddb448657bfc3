// SPDX-License-Identifier: GPL-3.0-or-later
// Which offset of an extension type's instances holds which pointer to an object, by name, out of
// the debug information of the file that the type comes from: gdb reads it, gdb/ouro/members.py
// decides which struct it is.
//
// Does not know: types, targets. A question is a text that describes one type (members.py tells its
// form) and is known by its key, which is a sum over that text.
//
//      answers kept under the build-id   $XDG_CACHE_HOME/ouro/members/BUILD-ID.members, or
//      ~/.cache;
//                                        believed as long as the file is the one that was read
//      gdb                               one run for all the questions that have none
//
// Owns: what it has read, until members_fini. Nothing in it is believed but within bounds: names
// may hold any bytes and are not escaped yet. Cost: a file read; a third of a second and more when
// gdb is asked.
#ifndef OURO_LAYOUT_MEMBERS_H
#define OURO_LAYOUT_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/progress.h"
#include "base/regular.h"

#define MEMBERS_ONE (-1)    // count: a single pointer
#define MEMBERS_TO_END 0    // count: an array up to the end of the object
#define MEMBERS_DIRECT (-1) // inner: the pointer lies in the object itself

struct members_row {
    int32_t at;       // offset in the object
    int32_t inner;    // offset in the struct that the pointer there leads to, or MEMBERS_DIRECT
    int32_t count;    // elements of an array of pointers, or one of the above
    const char *name; // "pair.left", "row" (of an array), "more->hidden"
};

struct members_body { // what a pointer leads to that is no object
    int32_t size;     // of one; there may be several in a row
    const char *name; // "xmlDoc", "char"
};

#define MEMBERS_INSTANCE (-1) // a link's `from`: the instance itself

struct members_link {
    int32_t from, at, to; // body, offset of the pointer in it, body that it leads to
    const char *name;     // of the pointer
};

struct members_struct {
    uint64_t key;     // of the question
    const char *name; // of the struct; null: it is not known which it is
    struct members_row *rows;
    size_t row_count, row_room;
    struct members_body *bodies;
    size_t body_count, body_room;
    struct members_link *links; // each to a body that is there
    size_t link_count, link_room;
};

struct members {
    struct arena arena; // names
    struct members_struct *items;
    size_t count, room;
    bool has_cache; // was looked at
};

struct members_ask {
    const char *gdb;                 // null: "gdb" of $PATH
    const char *script;              // gdb/ouro/members.py
    struct regular_file file;        // with debug information, of that build
    const char *build_id;            // in hex; the caller has compared it
    const char *debug_dir;           // gdb's debug-file-directory, or null
    const char *cache;               // a folder instead of the usual one, or null; "": none
    unsigned seconds;                // 0: 30
    const struct progress *progress; // or null: see gdb_run.h
};

uint64_t members_key(const char *question);

// Finds the answers to all questions, as far as there are any. False: gdb could not be asked, or
// did not answer; what the cache has is there all the same.
bool members_get(struct members *members, const struct members_ask *ask,
                 const char *const *questions, size_t count, struct err *err);

// Null: was not asked, or not answered.
const struct members_struct *members_find(const struct members *members, uint64_t key);

// Reads answers as members.py writes them. False: they are not whole, and nothing is added.
bool members_parse(struct members *members, const char *text, size_t size, struct err *err);

void members_fini(struct members *members); // accepts a zeroed one

#endif
