// SPDX-License-Identifier: GPL-3.0-or-later
// `sql`: a query of one's own over the heap's tables.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/session/session.h"
#include "sql/sql.h"

#define COLUMNS_MAX 200
#define QUERY_MAX ((size_t)1 << 20)
#define MEMORY_MAX (UINT64_C(2) << 30)

// --- what takes a while -------------------------------------------------------------------------

static const struct collection *garbage(void *context, struct err *err)
{
    struct session *session = context;
    return session_need(session, NEEDS_GARBAGE, err) ? &session->garbage : NULL;
}

static const struct dominate *dominate(void *context, struct err *err)
{
    struct session *session = context;
    return session_need(session, NEEDS_DOMINATORS, err) ? &session->dominate : NULL;
}

static bool reverse(void *context, struct err *err)
{
    return session_need(context, NEEDS_REVERSE, err);
}

static bool sql_object(void *context, const char *word, node *out, struct err *err)
{
    return session_object(context, word, out, err);
}

// The first path that `path` has, as its steps' names one after the other.
static bool sql_path(void *context, node n, struct text *out, struct err *err)
{
    struct session *session = context;
    struct report report;
    char word[24];
    snprintf(word, sizeof word, "0x%llx", (unsigned long long)heap_addr(&session->heap, n));
    const char *const words[] = { "path", word, "--limit", "1" };
    report_init(&report, session, &report_store, NULL);
    node selected = session->selected;
    bool ok = session_run(session, sizeof words / sizeof *words, words, &report, err);
    session->selected = selected;
    size_t path = report_column(&report, "path"), edge = report_column(&report, "edge");
    for (size_t i = 0; ok && edge < report.column_count && i < report.row_count; i++) {
        const struct cell *cells = report.cells + i * report.column_count;
        if (path < report.column_count && cells[path].u != report.cells[path].u)
            break;
        if (cells[edge].kind != CELL_NULL)
            report_cell_text(&report, &cells[edge], NULL, 0, out);
    }
    report_fini(&report);
    return ok && text_ok(out, err);
}

// -f FILE, or the words.
static bool sql_read(const struct args *args, struct text *query, struct err *err)
{
    const char *path = args_text(args, "file");
    if (!path == !args->word_count)
        return err_set(err, ERR_USAGE,
                       path ? "sql: -f FILE or a query, not both"
                            : "sql: there is no query; try sql \"SELECT * FROM types\"");
    for (size_t i = 0; i < args->word_count; i++)
        text_add_format(query, "%s%s", i ? " " : "", args->words[i]);
    FILE *file = path ? fopen(path, "re") : NULL;
    if (path && !file)
        return err_errno(err, errno, path);
    char *to = file ? text_reserve(query, QUERY_MAX + 1) : NULL;
    size_t size = to ? fread(to, 1, QUERY_MAX + 1, file) : 0;
    bool failed = file && (!to || ferror(file));
    if (file)
        fclose(file);
    if (failed || size > QUERY_MAX)
        return err_set(err, ERR_IO, "%s: it cannot be read, or is longer than a query may be",
                       path);
    query->size += size;
    if (size)
        query->data[query->size] = 0;
    return text_ok(query, err);
}

// --- columns ------------------------------------------------------------------------------------

// The query's names; where two are the same, the later one gets a number.
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

static struct cell cell_value(const struct session *session, struct report *report,
                              const struct sql *sql, size_t i)
{
    struct sql_value value = sql_value(sql, i);
    struct text escaped = TEXT_INIT;
    struct cell cell = cell_null();
    switch (value.kind) {
    case SQL_INTEGER:
        return cell_number(session, sql_column_meaning(sql, i), value.integer);
    case SQL_REAL:
        return (struct cell){ CELL_REAL, { .d = value.real } };
    case SQL_TEXT:
    case SQL_BLOB:
        text_add_escaped(&escaped, value.text ? value.text : "", value.text ? value.size : 0);
        cell = cell_text(report_text(report, text_string(&escaped), escaped.size));
        text_fini(&escaped);
        return cell;
    default:
        return cell;
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

static bool cmd_sql_run(struct session *session, const struct args *args, struct report *report,
                        struct err *err)
{
    struct text query = TEXT_INIT;
    const struct sql_source source = {
        .heap = &session->heap,
        .context = session,
        .garbage = garbage,
        .dominate = dominate,
        .reverse = reverse,
        .object = sql_object,
        .path = sql_path,
        .progress = &session->options.progress,
        .memory_most = MEMORY_MAX,
    };
    struct sql *sql = NULL;
    bool ok = sql_read(args, &query, err) && sql_open(&sql, &source, text_string(&query), err);
    ok = ok && cmd_sql_add_rows(session, sql, report, err);
    report->empty = "the query has no rows";
    sql_close(sql);
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
    .usage = "QUERY | -f FILE [-n N]",
    .summary = "a question of one's own, as a SELECT",
    .help =
        "One SELECT of SQLite's, over three tables that are the heap itself:\n"
        "\n"
        "objects(object, type, module, gen, refcount, bytes, tracked, finalized, immortal, "
        "evidence, interpreter, garbage, referents), and where the query names them referrers, "
        "retained, dominator, preview, which take longer\n"
        "\n"
        "refs(source, target, visited, borrowed), and edge, the reference's name, slot, its place\n"
        "\n"
        "types(type, module, count, bytes, garbage)\n"
        "\n"
        "Functions of an object: value(object), its value whole (numbers as numbers, null where it "
        "is none or beyond 64 bits); attr(object, 'name'), item(object, key or index), both an "
        "object again; len(object); path(object), what keeps it alive; obj('app.CACHE'), the "
        "object of that name. `text REGEXP 'pattern'` takes POSIX's extended ones. `preview` is "
        "shortened: group by value(object) instead. `.tables` and `.schema` say what there is.\n"
        "\n"
        "Addresses are numbers (`object = 0x7f...`); a column of them is shown as addresses, and "
        "address(X) makes text of one. Looking for `object =`, `source =`, `target =` is fast in "
        "joins, and `type =` is faster than LIKE. Nothing can be changed or opened. Put the query "
        "into quotes; words that are not are joined by blanks.",
    .example =
        "sql \"SELECT module, sum(bytes) FROM objects GROUP BY module ORDER BY 2 DESC\" -n 10",
    .options = options,
    .words_least = 0,
    .words_most = -1,
    .word_kind = COMPLETE_NOTHING,
    .needs = NEEDS_HEAP,
    .run = cmd_sql_run,
};
