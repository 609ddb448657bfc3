// SPDX-License-Identifier: GPL-3.0-or-later
// What SQL's tables are read from: see sql_session.h.
#include "cmd/tables/sql_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"
#include "graph/reach.h"
#include "heap/names/allocated.h"

#define MEMORY_MAX (UINT64_C(2) << 30)

static const struct collection *sql_session_garbage(void *context, struct err *err)
{
    struct session *session = context;
    return session_need(session, NEEDS_GARBAGE, err) ? &session->garbage : NULL;
}

static const struct dominate *sql_session_dominate(void *context, struct err *err)
{
    struct session *session = context;
    return session_need(session, NEEDS_DOMINATORS, err) ? &session->dominate : NULL;
}

static bool sql_session_reverse(void *context, struct err *err)
{
    return session_need(context, NEEDS_REVERSE, err);
}

static bool sql_session_object(void *context, const char *word, node *out, struct err *err)
{
    return session_object(context, word, out, err);
}

// The first path that `path` would show: the names of its steps, joined.
bool sql_session_path(void *context, node n, struct text *out, struct err *err)
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
    size_t path = report_column(&report, COL_path), edge = report_column(&report, COL_edge);
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

static bool sql_session_line(void *context, node n, struct text *out, struct err *err)
{
    struct session *session = context;
    if (!session_traces(session, err))
        return false;
    const struct trace *trace = allocated_trace(&session->heap, &session->tracemalloc, n);
    if (trace)
        allocated_line(&session->tracemalloc, trace, out);
    return text_ok(out, err);
}

// What would be unreachable without these objects.
static bool sql_session_retained(void *context, const uint64_t *marks, uint64_t *bytes,
                                 struct err *err)
{
    struct session *session = context;
    const struct heap *heap = &session->heap;
    size_t size = marks_words(heap->node_count) * sizeof *marks;
    uint64_t *seen = session_need(session, NEEDS_DOMINATORS, err) ? malloc(size) : NULL;
    if (!seen)
        return session->has_dominators ? err_memory(err, "retained_set") : false;
    memcpy(seen, marks, size);
    const struct walk walk = { .skip_mask = EDGE_BORROWED, .only = session->roots.only };
    bool ok = reach_from_marked(&heap->forward, walk, session->roots.all, seen,
                                &session->options.progress, err);
    *bytes = 0;
    for (node n = 0; ok && n < heap->node_count; n++)
        if (marks_has(marks, n)
            || (!marks_has(seen, n) && session->dominate.parent[n] != DOM_NONE
                && !marks_has(session->dominate.dead, n)))
            *bytes += heap_own(heap, n);
    free(seen);
    return ok;
}

bool sql_session_open(struct sql_session *sql, struct session *session, struct err *err)
{
    if (!sql_tables_init(&sql->tables, session, err)) {
        sql_tables_fini(&sql->tables);
        return false;
    }
    sql->source = (struct sql_source){
        .heap = &session->heap,
        .context = session,
        .garbage = sql_session_garbage,
        .dominate = sql_session_dominate,
        .reverse = sql_session_reverse,
        .object = sql_session_object,
        .path = sql_session_path,
        .line = sql_session_line,
        .retained = sql_session_retained,
        .rows = &sql->tables.rows,
        .progress = &session->options.progress,
        .memory_most = MEMORY_MAX,
    };
    return true;
}

void sql_session_close(struct sql_session *sql)
{
    sql_tables_fini(&sql->tables);
}
