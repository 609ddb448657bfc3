// SPDX-License-Identifier: GPL-3.0-or-later
// A view: a command line, and its rows on screen. One row of operations per kind of view.
//
// Most commands need no view of their own: view_rows shows whatever they answer. A kind that draws
// more (overview, object page, tree, ring) has a file view_*.c and a row in view.c; one whose name is
// no command has a row in action.c, too.
//
// Owns: line, words, table, state. Borrows: tui.
#ifndef OURO_TUI_VIEW_H
#define OURO_TUI_VIEW_H

#include "base/addr.h"
#include "cmd/session/words.h"
#include "tui/table.h"

struct tui;
struct view;

struct view_ops {
    const char *name;  // the first word of lines that open it; null: any command
    const char *title; // what the help calls it
    bool plain;        // the keys of "rows" hold here
    size_t state_size;
    bool (*open)(struct tui *tui, struct view *view, struct err *err);
    // Works out a little more, when nobody presses a key. False: nothing left to do.
    bool (*later)(struct tui *tui, struct view *view);
    void (*draw)(struct tui *tui, struct view *view, struct area area);
    struct table *(*focus)(struct view *view); // the table that has the keys; null: view->table
    void (*pane)(struct view *view, int step); // null: one pane
    bool (*pick)(struct view *view, int row,
                 int column); // the mouse went to another pane; null: one pane
    // `follow` on the cursor's line: the command line to run. False: with a sentence.
    bool (*follow)(struct tui *tui, struct view *view, struct text *line, struct err *err);
    void (*close)(struct view *view);
};

struct view {
    const struct view_ops *ops;
    const char *name; // in the key table: the command's, or the kind's
    char *line;
    struct words words;
    struct table table;
    node subject; // the object that the view is about, or NODE_NONE: what %o means where no row has
                  // one
    void *state;
    bool partial; // only the first rows are there: view_complete() asks for all
    bool stale;   // its rows were given up to save memory: asked again when one comes back
};

extern const struct view_ops view_rows, view_overview, view_object, view_tree, view_ring, view_help,
    view_marks, view_row, view_retained, view_threads, view_value, view_trend;

// A table with the pane below it: what most kinds of view draw; and the table alone.
void view_draw_rows(struct tui *tui, struct view *view, struct area area);
void view_draw_table(struct tui *tui, struct view *view, struct area area);
// The numbers that belong to no row, as the message.
void view_tell_summary(struct tui *tui, const struct report *report);

// The line that opens a step of the path from a root to the page's object: 0 is the first, -1 what
// holds the object itself.
bool view_object_step(struct tui *tui, struct view *view, long step, struct text *line,
                      struct err *err);

// What `types --by` groups its rows by; null: by type, or no groups at all.
const char *view_grouped_by(const struct view *view);

// All that `object` said, while the card of an object page has the keys; otherwise null.
const struct table *view_object_facts(struct view *view);

// Null with a sentence: nothing was opened, and what was there stays.
struct view *view_open(struct tui *tui, const char *line, struct err *err);
void view_free(struct view *view);
// Gives the rows up, keeping line, order, filter and cursor; and asks for them again.
void view_forget(struct view *view);
bool view_recall(struct tui *tui, struct view *view, struct err *err);
// Asks for all rows where only the first are there. Code that sorts, filters, searches or writes them
// calls it first.
bool view_complete(struct tui *tui, struct view *view, struct err *err);
// Gives up all that came out of the session, which is about to be opened anew. view_recall asks
// again.
void view_retire(struct view *view);
struct table *view_table(struct view *view);
bool view_is(const struct view *view, const struct view_ops *ops);
const struct view_ops *view_kind(const char *word); // null: no view is called so

// Runs a command line and puts its rows into the table; what was there before stays when it fails.
// Cancelled, or out of memory halfway, the rows that came are kept where there are any, and the tui
// says which; not when the work gave way to a key.
bool view_fill(struct tui *tui, struct table *table, const char *line, struct err *err);

// --- lines --------------------------------------------------------------------------------------
// Replaces %o %t %g %{column} %[column] %s %b %w by what is under the cursor.
bool line_expand(struct tui *tui, const char *line, struct text *out, struct err *err);
// Appends a word so that words_split reads it back as it is.
void line_add_word(struct text *line, const char *word);
// Appends " -g X", " --garbage" ... as they are in the words.
void line_add_selection(struct text *line, const struct words *words);
void line_add_address(const struct tui *tui, struct text *line, node n);

#endif
