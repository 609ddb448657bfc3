// SPDX-License-Identifier: GPL-3.0-or-later
// One row per command: its name, grammar, columns and help, and the function that answers in typed
// rows.
//
// Does not know: who asks (shell, gdb, screen, test), nor how rows are drawn. Commands never print.
// The table in commands.c is the only list of commands: --help, `help`, `?`, completion, the manual
// and gdb's commands read it.
#ifndef OURO_CMD_COMMAND_H
#define OURO_CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cmd/session/args.h"
#include "cmd/report/report.h"

struct session;

enum command_needs {  // what must be there before run() is called; the session sees to it
    NEEDS_NOTHING,    // help
    NEEDS_TARGET,     // memory only (dump)
    NEEDS_PYTHON,     // and Python in it, but no objects
    NEEDS_LISTS,      // how long the collector's lists are (heap_list_length), or the heap
    NEEDS_FOUND,      // how many objects of each type there are (heap_tallies), or the heap
    NEEDS_HEAP,       // objects, forward references
    NEEDS_REVERSE,    // and referrers
    NEEDS_GARBAGE,    // and the dry run of a full collection
    NEEDS_ROOTS,      // objects, referrers, and what holds them from outside
    NEEDS_DOMINATORS, // and what each retains
};

struct command {
    const char *name;
    const char *usage;   // "[-t TYPE] [-g GEN] [--garbage] [-n N]"; "" when there is none
    const char *summary; // one line, no full stop
    const char *help;    // paragraphs for the manual and `help NAME`
    const char *example; // a command line, for the manual

    // Ended by a row without a name; null: none.
    const struct option_row *options;
    // How many plain words it takes, -1: any; and what they are, for completion.
    int words_least, words_most;
    enum complete_kind word_kind;

    // Ended by a row without a name; null: the command sets them itself (sql).
    const struct column *columns;
    // The columns of this command line; null: always `columns`.
    const struct column *(*choose)(const struct args *args);
    // The column that rows are sorted by, descending, unless --sort names another. None, or not
    // among the columns: rows stay as they come.
    enum column_id sort;
    // A further table that help and the manual show: the row's name, or null after the last; and
    // what its rows are called: "kind".
    const char *(*topic)(size_t i, const char **help);
    const char *topics;

    enum command_needs needs;
    // A heap without values (cmd/session/disclosed.h) has nothing for it.
    bool reads_values;
    // The option with which it writes a file; "": it always does; null: it never does.
    const char *writes;
    bool (*run)(struct session *session, const struct args *args, struct report *report,
                struct err *err);
};

extern const struct command *const commands[];        // in the manual's order, ended by null
const struct command *command_find(const char *name); // exact, or a unique prefix; null
// "no command tyeps; did you mean types?". False.
bool command_unknown(const char *name, enum err_kind kind, struct err *err);

// What every command takes: session_run sees to it.
extern const struct option_row common_options[]; // ended by a row without a name

// Options that many commands have: rows for their tables. --limit, --sort and --interpreter are
// read by session_run and selection_read, so that a command with one of these rows need not look at
// it.
#define OPTION_ROW_LIMIT                                                                           \
    {                                                                                              \
        .letter = 'n', .name = "limit", .value = "N", .kind = OPTION_COUNT,                        \
        .help = "at most N rows"                                                                   \
    }
#define OPTION_ROW_SORT                                                                            \
    {                                                                                              \
        .name = "sort", .value = "COLUMN", .kind = OPTION_TEXT, .complete = COMPLETE_COLUMN,       \
        .help = "sort by this column: numbers descending, names ascending; -COLUMN reverses it"    \
    }
#define OPTION_ROW_INTERPRETER                                                                     \
    {                                                                                              \
        .name = "interpreter", .value = "ID", .kind = OPTION_COUNT,                                \
        .help = "only what belongs to this interpreter"                                            \
    }
// Asked with args_disclosure().
#define OPTION_ROW_REDACT(HELP)                                                                    \
    {                                                                                              \
        .name = "redact", .kind = OPTION_FLAG, .help = HELP                                        \
    }
#define OPTION_ROW_END                                                                             \
    {                                                                                              \
        .name = NULL                                                                               \
    }
#define COLUMN_ROW_END                                                                             \
    {                                                                                              \
        .name = NULL                                                                               \
    }

#endif
