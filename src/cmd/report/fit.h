// SPDX-License-Identifier: GPL-3.0-or-later
// Which columns of a table fit into a line, and how wide each is: one rule for the shell and the screen.
//
// Does not know: cells, terminals. Numbers are never cut; text gives way, the column marked COLUMN_WIDE
// last and least; those marked COLUMN_GOES go, in that order, before anything becomes unreadable.
// Owns: nothing. Cost: columns times those that go.
#ifndef OURO_CMD_REPORT_FIT_H
#define OURO_CMD_REPORT_FIT_H

#include "cmd/report/report.h"

struct fit_column {
    const struct column *what;
    int natural; // columns of the terminal that its heading and its content take
    int beside;  // what comes with it: a bar
    int width;   // the answer
    bool shown;  // whether it may be shown; then, whether it is
};

struct fit {
    struct fit_column *columns;
    size_t count;
    int line, margin;            // columns of the terminal; what stands before the first column
    const enum column_id *spare; // these go instead, in that order, up to COL_NONE; null: as marked
    bool keeps_all;              // none goes
};

// Sets widths and takes columns away. Returns how many blanks stand between columns. The line may
// still be too short: what is right of its end is then out of sight.
int fit_columns(struct fit *fit);
// Takes columns away from the right, never the first, until the line holds the rest.
void fit_drop(struct fit *fit, int gap);

#endif
