// SPDX-License-Identifier: GPL-3.0-or-later
// New objects by the line that allocated them: see diff_lines.h.
#include "cmd/analysis/diff_lines.h"

#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"
#include "heap/analysis/group.h"

const struct column diff_line_columns[] = {
    { COL(line), 32, COLUMN_WIDE, "the line that allocated them; nothing: no trace of it" },
    { COL(new), 9, COLUMN_RIGHT, "objects that were not there" },
    { COL(new_bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR, "of them" },
    { COL(type), 20, 0, "the type of the largest" },
    { COL(object), 18, COLUMN_GOES(1), "the largest" },
    COLUMN_ROW_END,
};

struct diff_lines_line {
    const char *name;
    uint64_t fresh, bytes, largest_bytes;
    node largest;
};

static int diff_lines_compare(const void *left, const void *right)
{
    const struct diff_lines_line *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void count_lines(const struct heap *heap, const struct groups *groups, const uint64_t *fresh,
                        struct diff_lines_line *lines)
{
    for (node n = 0; n < heap->node_count; n++) {
        if (!marks_has(fresh, n))
            continue;
        struct diff_lines_line *line = &lines[groups->of[n]];
        uint64_t size = heap_own(heap, n);
        line->bytes += size;
        if (!line->fresh++ || size > line->largest_bytes) {
            line->largest = n;
            line->largest_bytes = size;
        }
    }
}

bool diff_add_lines(struct session *session, const uint64_t *fresh, struct report *report,
                    struct err *err)
{
    const struct groups *groups = session_groups(session, "line", err);
    if (!groups)
        return false;
    struct diff_lines_line *lines = calloc((size_t)groups->count + 1, sizeof *lines);
    if (!lines)
        return err_memory(err, "the lines");
    for (uint32_t i = 0; i < groups->count; i++)
        lines[i].name = groups->names[i];
    count_lines(&session->heap, groups, fresh, lines);
    qsort(lines, groups->count, sizeof *lines, diff_lines_compare);
    bool ok = true;
    for (uint32_t i = 0; ok && i < groups->count && lines[i].fresh; i++) {
        const struct cell cells[] = {
            cell_text(report_text(report, lines[i].name, strlen(lines[i].name))),
            cell_count(lines[i].fresh),
            cell_bytes(lines[i].bytes),
            cell_type_of(lines[i].largest),
            cell_object(lines[i].largest),
        };
        ok = report_row(report, cells, err);
    }
    free(lines);
    return ok;
}
