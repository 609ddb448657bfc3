// SPDX-License-Identifier: GPL-3.0-or-later
// The one table of keys: view x key -> a command line and what `?` says about it; and the user's
// own bindings before it.
//
// Does not know: what a line does. A key is a command string: everything a key can do, `:` can do,
// and the other way round. In a line, these stand for what is under the cursor:
//
//      %o        the row's object, as an address
//      %t  %g    the row's type, its generation
//      %{name}   the text of a column, as it is
//      %[name]   the same, quoted as one word
//      %s        the options that selected this view's rows (-g 0, --garbage), to keep them
//      %b        what the rows are grouped by (types --by)
//      %w        the words after this view's command
//
// Owns: user rows (struct keys). Borrows: nothing.
#ifndef OURO_TUI_KEYS_H
#define OURO_TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct key_row {
    const char *view; // a view's name, "rows" for every table, "*" for all
    const char *key;  // "j", "Down", "C-d", "M-Left", "F1"
    const char *line;
    const char *note; // null: the same as the row above, by another key
    const char *hint; // one word for the bottom line; null: none
};

extern const struct key_row key_rows[]; // ended by a row without a key

struct keys {
    struct key_row *items; // the user's; strings are owned
    size_t count, capacity;
    bool (*is_word)(
        const char *word); // whether the screen itself knows a word, besides the engine's commands
};

void keys_fini(struct keys *keys);
// A line "" unbinds. Replaces what the user bound before.
bool keys_bind(struct keys *keys, const char *view, const char *key, const char *line,
               struct err *err);
// The row for a key code in a view: the user's first, then the view's, then "rows" (where `table`),
// then "*". Null: none.
const struct key_row *keys_find(const struct keys *keys, const char *view, bool table, int code);
// What can be pressed in a view, in order, hidden rows left out; rows[] has room for `most`.
// Returns how many.
size_t keys_of(const struct keys *keys, const char *view, bool table, const struct key_row **rows,
               size_t most);
// Whether the table has rows for a view of that name: `growth` is neither a command nor a kind of view.
bool key_has_view(const char *view);
// False for a row whose command, or whose option, this program does not have (yet).
bool key_row_works(const struct keys *keys, const struct key_row *row);

// "C-d" -> 4. TERM_NONE: no such key.
int key_parse(const char *name);
// 4 -> "C-d".
void key_name(int code, char out[24]);

#endif
