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
// expressions are about all columns. A regular expression (POSIX extended) without capitals ignores
// case.
//
// Does not know: the screen. Owns: compiled expressions. Borrows: the columns.
// Cost: per row and term a comparison, or the text of its cells and a regexec.
#ifndef OURO_TUI_FILTER_H
#define OURO_TUI_FILTER_H

#include <regex.h>

#include "cmd/report/report.h"

enum filter_op { FILTER_RANGE, FILTER_IS, FILTER_LIKE };

struct filter_term {
    enum filter_op op;
    bool negated;
    int column;       // -1: any
    double low, high; // FILTER_RANGE, both within unless open
    bool low_open, high_open;
    char *text;    // FILTER_IS
    regex_t regex; // FILTER_LIKE
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

// A regular expression as a person types it. ERR_USAGE with the reason.
bool filter_regex(regex_t *regex, const char *pattern, struct err *err);
// False for a cell that is no number.
bool filter_number(const struct cell *cell, double *out);

#endif
