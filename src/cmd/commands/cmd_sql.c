// SPDX-License-Identifier: GPL-3.0-or-later
// `sql`: a query of the user's own over the heap's tables.
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/session/queries.h"
#include "cmd/session/session.h"
#include "cmd/tables/sql_session.h"
#include "sql/sql.h"

#define COLUMNS_MAX 200

// Reads the query: -f FILE, a saved query by name, or the words.
static bool sql_read(const struct session *session, const struct args *args, struct text *query,
                     struct err *err)
{
    const char *path = args_text(args, "file"), *data = session->options.data;
    if (!path == !args->word_count)
        return err_set(err, ERR_USAGE,
                       path ? "sql: -f FILE or a query, not both"
                            : "sql: there is no query; try sql \"SELECT * FROM types\"");
    if (path)
        return queries_read_file(path, query, err);
    if (args->word_count == 1 && !strcmp(args->words[0], ".queries"))
        return queries_list(data, query, err);
    if (args->word_count == 1 && queries_is_name(args->words[0]))
        return queries_read(data, args->words[0], query, err);
    for (size_t i = 0; i < args->word_count; i++)
        text_add_format(query, "%s%s", i ? " " : "", args->words[i]);
    return text_ok(query, err);
}

// --- columns ------------------------------------------------------------------------------------

// The query's column names; a repeated one gets a number.
static const char *name_column(struct report *report, const struct sql *sql, size_t i)
{
    const char *name = sql_column_name(sql, i);
    size_t same = 1;
    for (size_t k = 0; k < i; k++)
        same += !strcmp(sql_column_name(sql, k), name);
    char text[120];
    snprintf(text, sizeof text, same > 1 ? "%.100s_%zu" : "%.100s", name, same);
    return report_foreign(report, text);
}

static bool set_columns(struct report *report, const struct sql *sql, bool row, struct err *err)
{
    size_t count = sql_column_count(sql);
    if (count > COLUMNS_MAX)
        return err_set(err, ERR_USAGE, "sql: more than %d columns", COLUMNS_MAX);
    struct column *columns = arena_alloc(&report->arena, (count + 1) * sizeof *columns);
    for (size_t i = 0; columns && i < count; i++) {
        enum sql_meaning meaning = sql_column_meaning(sql, i);
        enum sql_kind kind = row ? sql_value(sql, i).kind : SQL_NULL;
        bool number = meaning == SQL_BYTES
                      || (meaning == SQL_PLAIN && (kind == SQL_INTEGER || kind == SQL_REAL));
        const char *name = name_column(report, sql, i);
        columns[i] = (struct column){
            .id = name ? column_id_of(name) : COL_NONE,
            .name = name ? name : "?",
            .width = 4,
            .flags = (number ? COLUMN_RIGHT : 0) | (meaning == SQL_BYTES ? COLUMN_HUMAN : 0)
                     | (i + 1 == count ? COLUMN_WIDE : 0),
            .help = "",
        };
    }
    return columns ? report_columns(report, "sql", columns) : err_memory(err, "columns");
}

// --- rows ---------------------------------------------------------------------------------------

static struct cell cell_number(const struct session *session, enum sql_meaning meaning, int64_t i)
{
    if (meaning == SQL_ADDRESS) {
        node n = heap_node_of(&session->heap, (addr)i);
        return n == NODE_NONE ? cell_addr((addr)i) : cell_object(n);
    }
    return meaning == SQL_BYTES  ? cell_bytes((uint64_t)i)
           : meaning == SQL_BOOL ? cell_bool(i != 0)
                                 : cell_int(i);
}

static size_t sql_backslashes(const char *text, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += text[i] == '\\';
    return count;
}

// A name is already escaped, as every command shows it; any other value is escaped here.
static struct cell cell_escaped(struct report *report, const struct sql_value *value, bool name)
{
    struct text escaped = TEXT_INIT;
    const char *text = value->text ? value->text : "";
    size_t size = value->text ? value->size : 0;
    text_add_escaped(&escaped, text, size);
    bool as_it_is = name && escaped.size == size + sql_backslashes(text, size);
    struct cell cell =
        cell_text(as_it_is ? report_text(report, text, size)
                           : report_text(report, text_string(&escaped), escaped.size));
    text_fini(&escaped);
    return cell;
}

static struct cell cell_value(const struct session *session, struct report *report,
                              const struct sql *sql, size_t i)
{
    struct sql_value value = sql_value(sql, i);
    switch (value.kind) {
    case SQL_INTEGER:
        return cell_number(session, sql_column_meaning(sql, i), value.integer);
    case SQL_REAL:
        return cell_real(value.real);
    case SQL_TEXT:
    case SQL_BLOB:
        return cell_escaped(report, &value, sql_column_meaning(sql, i) == SQL_NAME);
    default:
        return cell_null();
    }
}

static bool cmd_sql_add_rows(struct session *session, struct sql *sql, struct report *report,
                             struct err *err)
{
    bool row;
    if (!sql_step(sql, &row, err) || !set_columns(report, sql, row, err))
        return false;
    size_t count = report->column_count;
    while (row && !report_is_full(report)) {
        struct cell cells[COLUMNS_MAX];
        for (size_t i = 0; i < count; i++)
            cells[i] = cell_value(session, report, sql, i);
        if (!report_row(report, cells, err) || !sql_step(sql, &row, err))
            return false;
    }
    report->truncated = row;
    return true;
}

// Errors in the query are reported before a heap is read for it.
static bool sql_check(struct session *session, const struct sql_source *source, const char *query,
                      struct err *err)
{
    struct heap empty = { .py = &session->py };
    struct sql_source nothing = *source;
    struct sql *sql = NULL;
    nothing.heap = &empty;
    bool ok = session->has_heap || sql_open(&sql, &nothing, query, err);
    sql_close(sql);
    return ok;
}

// Retained sizes overlap where one object retains another: a sum counts the same bytes twice.
static void cmd_sql_warn(const struct session *session, const char *query)
{
    regex_t sums;
    if (!session->options.warn
        || regcomp(&sums,
                   "(sum|total)[[:space:]]*\\([[:space:]]*([a-z_0-9]+\\.)?retained[[:space:]]*\\)",
                   REG_EXTENDED | REG_ICASE | REG_NOSUB))
        return;
    if (!regexec(&sums, query, 0, NULL, 0))
        session->options.warn(session->options.warn_context,
                              "sql: sum(retained) counts what nested objects share once for each "
                              "of them: retained_set(object) counts each byte once");
    regfree(&sums);
}

static bool cmd_sql_run(struct session *session, const struct args *args, struct report *report,
                        struct err *err)
{
    struct text query = TEXT_INIT;
    struct sql_session tables;
    if (!sql_session_open(&tables, session, err))
        return false;
    struct sql *sql = NULL;
    bool ok = sql_read(session, args, &query, err)
              && sql_check(session, &tables.source, text_string(&query), err)
              && session_need(session, NEEDS_HEAP, err)
              && sql_open(&sql, &tables.source, text_string(&query), err);
    if (ok)
        cmd_sql_warn(session, text_string(&query));
    ok = ok && cmd_sql_add_rows(session, sql, report, err);
    report->empty = "the query has no rows";
    sql_close(sql);
    sql_session_close(&tables);
    text_fini(&query);
    return ok;
}

static const struct option_row options[] = {
    { .letter = 'f',
      .name = "file",
      .value = "FILE",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_FILE,
      .help = "read the query from FILE" },
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_sql = {
    .name = "sql",
    .usage = "QUERY | NAME | -f FILE [-n N]",
    .summary = "a question of your own, as a SELECT",
    .help =
        "One SELECT of SQLite's, over tables that are the heap itself:\n"
        "\n"
        "objects(object, type, module, gen, refcount, bytes, own, tracked, finalized, immortal, "
        "evidence, interpreter, garbage, referents), and where the query names them referrers, "
        "retained, dominator, preview, which take longer\n"
        "\n"
        "refs(source, target, visited, borrowed), and edge, the reference's name, slot, its place\n"
        "\n"
        "types(type, module, count, bytes, garbage)\n"
        "\n"
        "list_items(list, idx, item), of lists and tuples; dict_items(dict, key, value); "
        "attributes(object, name, value): fast with their first column given\n"
        "\n"
        "threads, frames, locals, tasks, roots, generations, interpreters; and what the commands "
        "answer, under their names: findings, cycles, traces, memory, blocks, pins, verify ... "
        "(the rows of `threads` are called stacks). These are worked out whole when a query "
        "comes to them.\n"
        "\n"
        "`.tables` and `.schema` say what there is.\n"
        "\n"
        "Functions of an object: value(object), its value whole (numbers as numbers, null where it "
        "is none or beyond 64 bits); repr(object), a short one; attr(object, 'name'), item(object, "
        "key or index), both an object again; len(object); path(object), what keeps it alive; "
        "line(object), where tracemalloc says that it was allocated; obj('app.CACHE'), the "
        "object of that name. hash(value) is equal for equal values, in every heap. "
        "`text REGEXP 'pattern'` takes POSIX's extended ones. `preview` is "
        "shortened; where a query groups, texts are whole, and what is not shown whole has its "
        "address "
        "behind it and is equal to nothing. `retained` counts what nested objects share "
        "several times over: retained_set(object), an aggregate, counts each byte once.\n"
        "\n"
        "Addresses are numbers (`object = 0x7f...`); a column of them is shown as addresses, and "
        "address(X) makes text of one. Looking for `object =`, `source =`, `target =` is fast in "
        "joins, and `type =` is faster than LIKE. Nothing can be changed or opened. In a shell, "
        "put "
        "the query into quotes; at a prompt it may stand as it is (`sql select ... where type = "
        "'list' -n 5`).\n"
        "\n"
        "A single word is the name of a saved query: NAME.sql in $XDG_CONFIG_HOME/ouro/queries, or "
        "one of ouro's own; `sql .queries` lists them, and `ouro CORE NAME` runs it, too.",
    .example = "sql \"SELECT module, sum(own) FROM objects GROUP BY module ORDER BY 2 DESC\" -n 10",
    .options = options,
    .words_least = 0,
    .words_most = -1,
    .word_kind = COMPLETE_NOTHING,
    .needs = NEEDS_PYTHON,
    .run = cmd_sql_run,
};
