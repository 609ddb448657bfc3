// SPDX-License-Identifier: GPL-3.0-or-later
// A page of sentences instead of columns: each line has a label, a text, perhaps a bar, and a
// command line that Enter runs.
//
// The lines are a report like any other, so that the cursor, search and `write` work on them.
// Owns: nothing; the texts live in the table's report.
#ifndef OURO_TUI_CARD_H
#define OURO_TUI_CARD_H

#include "tui/table.h"
#include "tui/term.h"

// Empties the table and makes its rows card lines.
bool card_begin(struct table *table, struct session *session);
// label "": the line goes on with the one above. share < 0: no bar. next: null when Enter leads
// nowhere.
bool card_add(struct table *table, const char *label, enum style style, double share,
              const char *next, const char *text);
bool card_format(struct table *table, const char *label, enum style style, double share,
                 const char *next, const char *format, ...) __attribute__((format(printf, 6, 7)));
void card_end(struct table *table);

// The command line of the cursor's line; null: none.
const char *card_next(const struct table *table);

#endif
