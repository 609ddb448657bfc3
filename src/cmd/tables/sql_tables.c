// SPDX-License-Identifier: GPL-3.0-or-later
// Reports as tables of `sql`: see sql_tables.h.
#include "cmd/tables/sql_tables.h"

#include <stdlib.h>
#include <string.h>

struct sql_table_report {
    const struct command *command;   // whose rows it has,
    const struct sql_own_table *own; // or the table that has its own
    const char *name;
    struct text schema;
    struct report report;
    bool done;
};

static const struct sql_view sql_tables_views[] = {
    { "frames", "SELECT DISTINCT thread, depth, function, file, line, owner, awaits, task "
                "FROM stacks WHERE function IS NOT NULL" },
    { "locals", "SELECT thread, depth, function, file, line, local AS name, object, type, "
                "retained, preview, owner, task FROM stacks WHERE local IS NOT NULL" },
    { NULL, NULL },
};

// Whether a command answers about the whole heap, with columns that are always the same.
static bool sql_tables_takes(const struct command *command)
{
    static const char *const others[] = { "help",   "sql",   "objects", "types", "watch",
                                          "report", "serve", "diff",    "path",  "dominated" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcmp(command->name, others[i]))
            return false;
    return command->columns && !command->words_least && !command->writes
           && command->needs >= NEEDS_PYTHON;
}

// The type that the table declares for the column, with a blank before it; "" is any type.
static const char *sql_column_decl(const struct column *column)
{
    return column->flags & COLUMN_OBJECT  ? " ADDRESS"
           : column->flags & COLUMN_HUMAN ? " BYTES"
           : column->flags & COLUMN_RIGHT ? " INTEGER"
                                          : "";
}

static void sql_tables_add_schema(struct sql_table_report *item)
{
    const struct column *columns = item->own ? item->own->columns : item->command->columns;
    text_add_format(&item->schema, "CREATE TABLE %s(", item->name);
    for (size_t i = 0; columns[i].name; i++)
        text_add_format(&item->schema, "%s\"%s\"%s", i ? ", " : "", columns[i].name,
                        sql_column_decl(&columns[i]));
    text_add_format(&item->schema, ")");
}

static bool sql_tables_add(struct sql_tables *tables, const struct command *command,
                           const struct sql_own_table *own, struct err *err)
{
    struct sql_table_report *item = &tables->items[tables->count++];
    item->command = command;
    item->own = own;
    item->name = own ? own->name : strcmp(command->name, "threads") ? command->name : "stacks";
    sql_tables_add_schema(item);
    return text_ok(&item->schema, err);
}

static bool sql_tables_get(void *context, size_t i, const char **name, const char **schema)
{
    const struct sql_tables *tables = context;
    if (i >= tables->count)
        return false;
    *name = tables->items[i].name;
    *schema = text_string(&tables->items[i].schema);
    return true;
}

static bool sql_tables_run(struct session *session, struct sql_table_report *item, struct err *err)
{
    const char *const words[] = { item->command ? item->command->name : item->name };
    report_init(&item->report, session, &report_store, NULL);
    item->done = true;
    if (item->command)
        return session_run(session, 1, words, &item->report, err);
    return session_need(session, item->own->needs, err)
           && report_columns(&item->report, item->name, item->own->columns)
           && item->own->run(session, &item->report, err) && report_end(&item->report, err);
}

static bool sql_tables_open(void *context, size_t i, uint64_t *count, struct err *err)
{
    struct sql_tables *tables = context;
    struct sql_table_report *item = &tables->items[i];
    node selected = tables->session->selected;
    bool ok = item->done || sql_tables_run(tables->session, item, err);
    tables->session->selected = selected; // a query selects no object
    *count = ok ? item->report.row_count : 0;
    return ok;
}

static struct sql_value sql_tables_number(const struct session *session, const struct cell *cell)
{
    uint64_t u = cell->kind == CELL_OBJECT ? heap_addr(&session->heap, cell->n) : cell->u;
    return (struct sql_value){ .kind = SQL_INTEGER, .integer = (int64_t)u };
}

static struct sql_value sql_tables_text(struct sql_tables *tables, const struct report *report,
                                        const struct cell *cell)
{
    text_clear(&tables->value);
    report_cell_text(report, cell, NULL, 0, &tables->value);
    return (struct sql_value){ .kind = SQL_TEXT,
                               .text = text_string(&tables->value),
                               .size = tables->value.size };
}

static struct sql_value sql_tables_value(void *context, size_t i, uint64_t row, size_t column)
{
    struct sql_tables *tables = context;
    const struct report *report = &tables->items[i].report;
    const struct cell *cell = &report->cells[row * report->column_count + column];
    switch (cell->kind) {
    case CELL_NULL:
    case CELL_LEAST: // unknown
        return (struct sql_value){ .kind = SQL_NULL };
    case CELL_REAL:
        return (struct sql_value){ .kind = SQL_REAL, .real = cell->d };
    case CELL_GEN:
        if (cell->u >= GEN_PERMANENT)
            return sql_tables_text(tables, report, cell);
        return sql_tables_number(tables->session, cell);
    case CELL_COUNT:
    case CELL_INT:
    case CELL_BYTES:
    case CELL_BOOL:
    case CELL_ADDR:
    case CELL_OBJECT:
        return sql_tables_number(tables->session, cell);
    default:
        return sql_tables_text(tables, report, cell);
    }
}

bool sql_tables_init(struct sql_tables *tables, struct session *session, struct err *err)
{
    size_t most = 0;
    while (commands[most])
        most++;
    for (size_t i = 0; sql_own_tables[i].name; i++)
        most++;
    *tables = (struct sql_tables){
        .session = session,
        .items = calloc(most, sizeof *tables->items),
        .rows = { sql_tables_get, sql_tables_open, sql_tables_value, tables, sql_tables_views },
    };
    bool ok = tables->items || err_memory(err, "a query's tables");
    for (size_t i = 0; ok && commands[i]; i++)
        ok = !sql_tables_takes(commands[i]) || sql_tables_add(tables, commands[i], NULL, err);
    for (size_t i = 0; ok && sql_own_tables[i].name; i++)
        ok = sql_tables_add(tables, NULL, &sql_own_tables[i], err);
    return ok;
}

void sql_tables_fini(struct sql_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++) {
        text_fini(&tables->items[i].schema);
        if (tables->items[i].done)
            report_fini(&tables->items[i].report);
    }
    free(tables->items);
    text_fini(&tables->value);
}
