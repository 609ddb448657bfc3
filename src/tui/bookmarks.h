// SPDX-License-Identifier: GPL-3.0-or-later
// Bookmarks: a letter on an object (a .. z) or on a whole view (A .. Z), with a note; kept for this
// very target.
//
// The file is $XDG_STATE_HOME/ouro/marks/NAME.json; NAME comes from the target's path, size and
// time (a process: its number and start time), because addresses mean something only there.
//
// Owns: its texts. Does not know: views. An object is its address, a view its command line.
#ifndef OURO_TUI_BOOKMARKS_H
#define OURO_TUI_BOOKMARKS_H

#include <stddef.h>

#include "base/addr.h"
#include "base/err.h"

struct bookmark {
    char letter; // 0: none
    addr object; // 0: a view
    char *line;  // the command line that goes there
    char *what;  // type and preview when it was set
    char *note;  // may be null
};

struct bookmarks {
    char path[512]; // "": kept in memory only
    struct bookmark items[52];
    size_t count;
};

// core null: a process. Reads what is there; a damaged file counts as none.
void bookmarks_open(struct bookmarks *marks, const char *core, long pid);
void bookmarks_fini(struct bookmarks *marks);
// Replaces the letter's mark, and saves.
bool bookmarks_set(struct bookmarks *marks, char letter, addr object, const char *line,
                   const char *what, const char *note, struct err *err);
bool bookmarks_remove(struct bookmarks *marks, char letter, struct err *err);
const struct bookmark *bookmarks_find(const struct bookmarks *marks, char letter); // null: not set
char bookmarks_letter(const struct bookmarks *marks, addr object);                 // 0: not marked

#endif
