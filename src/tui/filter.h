// SPDX-License-Identifier: GPL-3.0-or-later
// Which rows of a report to show, as a line: `>1M`, `type=dict`, `gen0 10..20`, `!preview~^None`.
//
//      filter := term { '&' term }      every term must hold
//      term   := ['!'] [column] what    with '!' it must not
//      what   := '>' number | '>=' number | '<' number | '<=' number | number '..' number
//              | '=' text | '~' regexp | regexp
//      number := 12, 0x1f, 1.5K, 3M, 2GiB
//
// Without a column a number is about the column that the table is sorted by where that holds
// numbers, otherwise about the first one that fits (bytes, for one with a unit); text and regular
// expressions (pattern.h) are about all columns.
//
// Does not know: the screen. Owns: compiled expressions. Borrows: the columns.
// Cost: per row and term a comparison, or the text of those cells that may have the pattern.
#ifndef OURO_TUI_FILTER_H
#define OURO_TUI_FILTER_H

#include "cmd/report/report.h"
#include "tui/pattern.h"

enum filter_op { FILTER_RANGE, FILTER_IS, FILTER_LIKE };

struct filter_term {
    enum filter_op op;
    bool negated;
    int column;       // -1: any
    double low, high; // FILTER_RANGE, both within unless open
    bool low_open, high_open;
    char *text;             // FILTER_IS
    struct pattern pattern; // FILTER_LIKE
};

#define FILTER_TERMS_MAX 8

struct filter {
    char *line; // null: no filter
    struct filter_term terms[FILTER_TERMS_MAX];
    size_t count;
};

// current: the column that a number without a name is about, or -1.
bool filter_parse(struct filter *filter, const char *line, const struct column *columns,
                  size_t count, int current, struct err *err);
// The kinds of cells decide which columns hold numbers; a report with rows is asked, one without is
// taken by its flags.
bool filter_holds(const struct filter *filter, const struct report *report, const struct cell *row,
                  struct text *scratch);
void filter_fini(struct filter *filter);
// Whether a term names the column.
bool filter_names(const struct filter *filter, int column);

// False for a cell that is no number.
bool filter_number(const struct cell *cell, double *out);

#endif
