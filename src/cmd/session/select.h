// SPDX-License-Identifier: GPL-3.0-or-later
// Which objects a command is asked about: the options -t (or --class), -g, --garbage, --min-size, --group and
// --interpreter as one question per object.
//
// Does not know: what is done with them. Borrows: the session. Owns: the set of types.
// Cost: a few loads per object.
#ifndef OURO_CMD_SESSION_SELECT_H
#define OURO_CMD_SESSION_SELECT_H

#include "cmd/session/args.h"
#include "cmd/session/compare.h"
#include "cmd/session/session.h"
#include "heap/memory/memory_verdict.h"

struct selection {
    const struct heap *heap;
    const struct collection *garbage; // null: garbage or not
    uint64_t *types;                  // marks over type indexes; null: any
    int generation;                   // enum generation; -1: any
    int owner;                        // interpreter's index; -1: any
    uint64_t least;                   // bytes
    const struct groups *groups;      // null: any; borrowed from the session
    uint32_t group;
    struct comparison since; // --new BASE [LATER --kept]
};

// Reads whichever of the options the command has. Runs the dry run when --garbage asks for it.
bool selection_read(struct selection *selection, struct session *session, const struct args *args,
                    struct err *err);
bool selection_has(const struct selection *selection, node n);
void selection_fini(struct selection *selection);

// The generation of an object as a cell: 0, 1, 2, "permanent", or null when it is not tracked.
struct cell selection_gen_cell(const struct heap *heap, node n);
// Its refcount as stored; null when it is immortal, or cannot be read.
struct cell selection_refcount_cell(const struct heap *heap, node n);

// A str of the target's, at most `width` columns of it; null for address 0 or an empty one.
struct cell selection_str_cell(const struct session *session, struct report *report, addr str,
                               size_t width);

// Who refers to it, in one line; null: nobody. Needs NEEDS_REVERSE.
const char *selection_referrers(const struct session *session, struct report *report, node n);

// The process's memory in one sentence (heap/memory/memory_verdict.h); null: it is not known as a whole.
// The rest into `verdict`.
const char *selection_verdict(struct session *session, struct memory_verdict *verdict,
                              struct report *report);

// "decoded", "traversed", "guessed", "disputed".
const char *evidence_name(enum evidence evidence);

#define OPTION_ROW_TYPE                                                                            \
    {                                                                                              \
        .letter = 't', .name = "type", .value = "TYPE", .kind = OPTION_TEXT,                       \
        .complete = COMPLETE_TYPE,                                                                 \
        .help = "only objects of this type: its name, or a pattern with * and ?"                   \
    }
#define OPTION_ROW_CLASS                                                                           \
    {                                                                                              \
        .letter = 't', .name = "class", .value = "TYPE", .kind = OPTION_TEXT,                      \
        .complete = COMPLETE_TYPE,                                                                 \
        .help = "the paths to all objects of this type, merged: its name, or a pattern"            \
    }
#define OPTION_ROW_GENERATION                                                                      \
    {                                                                                              \
        .letter = 'g', .name = "generation", .value = "GEN", .kind = OPTION_GENERATION,            \
        .complete = COMPLETE_GENERATION, .help = "only generation 0, 1, 2 or permanent"            \
    }
#define OPTION_ROW_GARBAGE                                                                         \
    {                                                                                              \
        .name = "garbage", .kind = OPTION_FLAG,                                                    \
        .help = "only what a full collection would find unreachable"                               \
    }
#define OPTION_ROW_GROUP                                                                           \
    {                                                                                              \
        .name = "group", .value = "BY:NAME", .kind = OPTION_TEXT,                                  \
        .help = "only one group of `types --by BY`: owner:app.User, edge:app.User.name"            \
    }
#define OPTION_ROW_MIN_SIZE                                                                        \
    {                                                                                              \
        .name = "min-size", .value = "BYTES", .kind = OPTION_BYTES,                                \
        .help = "only objects of at least this size"                                               \
    }

// A bit a type: those whose name is the word or fits it as a pattern (* and ?), else the one that
// session_type() takes it for. Null with an error; to be freed by the caller.
uint64_t *selection_types(struct session *session, const char *word, struct err *err);

#endif
