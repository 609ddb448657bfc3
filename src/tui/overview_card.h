// SPDX-License-Identifier: GPL-3.0-or-later
// The card of the first view: target, collector, generations as bars, garbage, findings, memory, warnings.
//
// Does not know: how what it shows is found out, step by step (view_overview.c). Owns: nothing. Borrows: the
// overview.
#ifndef OURO_TUI_OVERVIEW_CARD_H
#define OURO_TUI_OVERVIEW_CARD_H

#include "tui/table.h"

enum { FINDINGS_SHOWN = 3 };

enum view_overview_step {
    STEP_FOUND,
    STEP_HEAP,
    STEP_TYPES,
    STEP_COLLECT_2,
    STEP_COLLECT_1,
    STEP_COLLECT_0,
    STEP_FINDINGS,
    STEP_DONE
};

struct freed { // what a collection of a generation would find
    bool known;
    uint64_t objects, bytes, uncertain;
};

struct found { // a finding
    char what[240], next[240];
};

struct overview {
    struct table info, types;
    struct found findings[FINDINGS_SHOWN];
    size_t found;
    bool has_heap;
    struct freed freed[3];
    enum view_overview_step step;
    bool on_types; // the cursor is in the pane of types
};

// Adds the lines for what is known by now.
void overview_card_fill(const struct overview *overview, struct table *card);

// The value that `info` has under that section and name, or null.
const struct cell *overview_card_cell(const struct overview *overview, const char *section,
                                      const char *name);
// Adds the words before it, and the value.
void overview_card_add_info(const struct overview *overview, const char *section, const char *name,
                            const char *before, struct text *out);

#endif
