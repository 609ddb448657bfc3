// SPDX-License-Identifier: GPL-3.0-or-later
// Parsing a filter line, and matching rows against it.
#include "tui/filter.h"

#include <ctype.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LONGEST_TEXT = 400 }; // columns of a cell's text that a filter reads

bool filter_number(const struct cell *cell, double *out)
{
    switch (cell->kind) {
    case CELL_COUNT:
    case CELL_BYTES:
    case CELL_LEAST:
    case CELL_BOOL:
    case CELL_GEN:
        *out = (double)cell->u;
        return true;
    case CELL_INT:
        *out = (double)cell->i;
        return true;
    case CELL_REAL:
        *out = cell->d;
        return true;
    default:
        return false;
    }
}

// --- parsing ------------------------------------------------------------------------------------

// Reads 12, -3, 0x1f, 1.5K, 2GiB and moves *at past it; *bytes: it had a unit.
static bool read_number(const char **at, double *out, bool *bytes)
{
    if (!isdigit((unsigned char)**at) && !(**at == '-' && isdigit((unsigned char)(*at)[1]))) {
        return false;
    }
    // strtod would read "10." from "10..20", and exponents ("1e3") are not how sizes are written.
    char digits[40];
    size_t size = 0;
    const char *p = *at;
    while (size < sizeof digits - 1
           && (isalnum((unsigned char)*p) || *p == '-'
               || (*p == '.' && isdigit((unsigned char)p[1])))) {
        if (isalpha((unsigned char)*p) && *p != 'x' && !(size > 1 && digits[1] == 'x')) {
            break;
        }
        digits[size++] = *p++;
    }
    digits[size] = 0;
    char *end;
    *out = strtod(digits, &end);
    if (end == digits || *end) {
        return false;
    }
    static const char units[] = "KMGTkmgt";
    const char *unit = *p ? strchr(units, *p) : NULL;
    if (unit) {
        for (size_t i = 0; i <= (size_t)(unit - units) % 4; i++) {
            *out *= 1024;
        }
        p++;
        p += *p == 'i';
        p += *p == 'B' || *p == 'b';
        *bytes = true;
    } else if (*p == 'B') {
        p++;
        *bytes = true;
    }
    *at = p;
    return !isalnum((unsigned char)*p);
}

static bool read_range(const char *at, struct filter_term *term, bool *bytes)
{
    double first;
    bool less = *at == '<', more = *at == '>';
    if (less || more) {
        at++;
        bool open = *at != '=';
        at += !open;
        at += strspn(at, " ");
        if (!read_number(&at, &first, bytes)) {
            return false;
        }
        term->low = more ? first : -DBL_MAX;
        term->high = more ? DBL_MAX : first;
        term->low_open = more && open;
        term->high_open = less && open;
        return !at[strspn(at, " ")];
    }
    if (!read_number(&at, &term->low, bytes) || strncmp(at, "..", 2)) {
        return false;
    }
    at += 2;
    return read_number(&at, &term->high, bytes) && !at[strspn(at, " ")];
}

// The column that a term begins with; *at moves past its name. -1: none.
static int read_column(const char **at, const struct column *columns, size_t count)
{
    size_t length = strcspn(*at, " <>=~.0123456789");
    while ((*at)[length] && strchr("0123456789", (*at)[length])) { // gen0
        length++;
    }
    for (size_t i = 0; i < count; i++) {
        size_t whole = strlen(columns[i].name);
        if (whole == length && !strncasecmp(columns[i].name, *at, length)) {
            const char *rest = *at + length + strspn(*at + length, " ");
            if (*rest && (strchr("<>=~", *rest) || isdigit((unsigned char)*rest))) {
                *at = rest;
                return (int)i;
            }
        }
    }
    return -1;
}

static int number_column(const struct column *columns, size_t count, int current, bool bytes)
{
    if (current >= 0 && columns[current].flags & COLUMN_RIGHT
        && (!bytes || columns[current].flags & COLUMN_HUMAN)) {
        return current;
    }
    for (size_t i = 0; i < count; i++) {
        unsigned flags = columns[i].flags;
        if (bytes ? flags & COLUMN_HUMAN : flags & COLUMN_RIGHT && !(flags & COLUMN_HUMAN)) {
            return (int)i;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (columns[i].flags & COLUMN_RIGHT) {
            return (int)i;
        }
    }
    return -1;
}

static bool read_term(struct filter_term *term, const char *at, const struct column *columns,
                      size_t count, int current, struct err *err)
{
    *term = (struct filter_term){ .column = -1 };
    at += strspn(at, " ");
    term->negated = *at == '!';
    at += term->negated;
    at += strspn(at, " ");
    const char *rest = at;
    term->column = read_column(&rest, columns, count);
    bool bytes = false;
    if (read_range(rest, term, &bytes)) {
        term->op = FILTER_RANGE;
        if (term->column < 0) {
            term->column = number_column(columns, count, current, bytes);
        }
        return term->column >= 0
               || err_set(err, ERR_USAGE, "filter: there is no column of numbers here");
    }
    if (*rest == '=') {
        term->op = FILTER_IS;
        rest++;
        rest += *rest == '=';
        rest += strspn(rest, " ");
        term->text = strdup(rest);
        return term->text ? true : err_memory(err, "the filter");
    }
    if (*rest == '<' || *rest == '>') {
        return err_set(err, ERR_USAGE, "filter: a number must follow < and > (12, 1.5K, 3M)");
    }
    if (*rest == '~') {
        rest++;
        rest += strspn(rest, " ");
    }
    term->op = FILTER_LIKE;
    if (!*rest) {
        return err_set(err, ERR_USAGE, "filter: nothing to look for");
    }
    return pattern_init(&term->pattern, rest, err);
}

static void term_free(struct filter_term *term)
{
    free(term->text);
    if (term->op == FILTER_LIKE) {
        pattern_fini(&term->pattern);
    }
}

void filter_fini(struct filter *filter)
{
    for (size_t i = 0; i < filter->count; i++) {
        term_free(&filter->terms[i]);
    }
    free(filter->line);
    *filter = (struct filter){ 0 };
}

bool filter_parse(struct filter *filter, const char *line, const struct column *columns,
                  size_t count, int current, struct err *err)
{
    *filter = (struct filter){ .line = strdup(line) };
    char *copy = strdup(line), *next = copy;
    if (!filter->line || !copy) {
        free(copy);
        filter_fini(filter);
        return err_memory(err, "the filter");
    }
    bool ok = true;
    while (ok && next) {
        char *part = next;
        next = strstr(part, " & ");
        if (next) {
            *next = 0;
            next += 3;
        }
        for (size_t end = strlen(part); end && part[end - 1] == ' ';) {
            part[--end] = 0;
        }
        if (filter->count == FILTER_TERMS_MAX) {
            ok = err_set(err, ERR_USAGE, "filter: at most %d terms", FILTER_TERMS_MAX);
        } else if ((ok = read_term(&filter->terms[filter->count], part, columns, count, current,
                                   err))) {
            filter->count++;
        }
    }
    free(copy);
    if (!ok) {
        filter_fini(filter);
    }
    return ok;
}

bool filter_names(const struct filter *filter, int column)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->terms[i].column == column) {
            return true;
        }
    }
    return false;
}

// --- matching -----------------------------------------------------------------------------------

// All characters that the text of such a cell can have; null: any.
static const char *filter_characters(const struct cell *cell)
{
    switch ((enum cell_kind)cell->kind) {
    case CELL_NULL:
        return "-";
    case CELL_OBJECT:
    case CELL_ADDR:
        return "0123456789abcdefx";
    case CELL_COUNT:
    case CELL_INT:
    case CELL_BYTES:
    case CELL_LEAST:
        return "0123456789,.->= KMGTPEiB";
    case CELL_BOOL:
        return "yesno";
    case CELL_GEN:
        return "0123456789permanent";
    default:
        return NULL;
    }
}

static bool cell_fits(const struct filter_term *term, const struct report *report,
                      const struct cell *cell, const struct column *column, struct text *scratch)
{
    double number;
    if (term->op == FILTER_RANGE) {
        return filter_number(cell, &number)
               && (term->low_open ? number > term->low : number >= term->low)
               && (term->high_open ? number < term->high : number <= term->high);
    }
    const char *characters = filter_characters(cell);
    if (term->op == FILTER_LIKE && characters && !pattern_may_be_in(&term->pattern, characters)) {
        return false;
    }
    text_clear(scratch);
    report_cell_text(report, cell, column, LONGEST_TEXT, scratch);
    const char *text = text_string(scratch);
    return term->op == FILTER_IS ? !strcmp(text, term->text)
                                 : pattern_is_in(&term->pattern, text, scratch->size);
}

static bool term_holds(const struct filter_term *term, const struct report *report,
                       const struct cell *row, struct text *scratch)
{
    if (term->column >= 0) {
        return cell_fits(term, report, &row[term->column], &report->columns[term->column], scratch);
    }
    for (size_t i = 0; i < report->column_count; i++) {
        if (!(report->columns[i].flags & COLUMN_JSON_ONLY)
            && cell_fits(term, report, &row[i], &report->columns[i], scratch)) {
            return true;
        }
    }
    return false;
}

bool filter_holds(const struct filter *filter, const struct report *report, const struct cell *row,
                  struct text *scratch)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (term_holds(&filter->terms[i], report, row, scratch) == filter->terms[i].negated) {
            return false;
        }
    }
    return true;
}
