// SPDX-License-Identifier: GPL-3.0-or-later
// The sink that hands on chosen columns: see pick.h.
#include "cmd/report/pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/near.h"

static size_t pick_column(const struct column *columns, const char *name, size_t size)
{
    size_t i = 0;
    while (columns[i].name
           && (strlen(columns[i].name) != size || strncmp(columns[i].name, name, size)))
        i++;
    return i;
}

bool pick_no_column(const char *command, const struct column *columns, const char *name,
                    size_t size, struct err *err)
{
    struct near near = near_begin(name, size);
    for (size_t i = 0; columns[i].name; i++)
        near_look(&near, columns[i].name);
    if (near.best)
        return err_set(err, ERR_USAGE, "%s: no column %.*s; did you mean %s?", command, (int)size,
                       name, near.best);
    return err_set(err, ERR_USAGE, "%s: no column %.*s; `help %s` lists them", command, (int)size,
                   name, command);
}

bool pick_check(const char *names, const char *command, const struct column *columns,
                struct err *err)
{
    for (const char *name = names;;) {
        size_t size = strcspn(name, ",");
        if (!columns[pick_column(columns, name, size)].name)
            return pick_no_column(command, columns, name, size, err);
        if (!name[size])
            return true;
        name += size + 1;
    }
}

static bool pick_begin(struct report *report, struct err *err)
{
    struct pick *pick = report->out;
    size_t most = strlen(pick->names) / 2 + 2, count = 0;
    if (!report->column_count)
        return true;
    if (!pick_check(pick->names, report->command, report->columns, err))
        return false;
    pick->from = calloc(most, sizeof *pick->from);
    pick->cells = calloc(most, sizeof *pick->cells);
    struct column *columns = arena_alloc(&report->arena, most * sizeof *columns);
    if (!pick->from || !pick->cells || !columns)
        return err_memory(err, "an answer's columns");
    for (const char *name = pick->names;; count++) {
        size_t size = strcspn(name, ",");
        pick->from[count] = pick_column(report->columns, name, size);
        columns[count] = report->columns[pick->from[count]];
        columns[count].flags &= ~(COLUMN_JSON_ONLY | COLUMN_GOES_MASK); // it was asked for by name
        if (!name[size])
            break;
        name += size + 1;
    }
    return report_columns(pick->to, report->command, columns);
}

static bool pick_row(struct report *report, const struct cell *cells, struct err *err)
{
    struct pick *pick = report->out;
    for (size_t i = 0; i < pick->to->column_count; i++)
        pick->cells[i] = cells[pick->from[i]];
    bool ok = report_row(pick->to, pick->cells, err);
    report->stopped = pick->to->stopped;
    return ok;
}

const struct report_sink report_pick = { .begin = pick_begin, .row = pick_row };

void pick_fini(struct pick *pick)
{
    free(pick->from);
    free(pick->cells);
    *pick = (struct pick){ 0 };
}
