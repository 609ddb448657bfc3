// SPDX-License-Identifier: GPL-3.0-or-later
// New objects by the line that allocated them: see diff_lines.h.
#include "cmd/commands/diff_lines.h"

#include <stdlib.h>
#include <string.h>

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
    struct group_sum sum;
};

static int diff_lines_compare(const void *left, const void *right)
{
    const struct diff_lines_line *a = left, *b = right;
    if (a->sum.bytes != b->sum.bytes)
        return a->sum.bytes > b->sum.bytes ? -1 : 1;
    return strcmp(a->name, b->name);
}

bool diff_add_lines(struct session *session, const uint64_t *fresh, struct report *report,
                    struct err *err)
{
    const struct groups *groups = session_groups(session, "line", err);
    if (!groups)
        return false;
    struct diff_lines_line *lines = calloc((size_t)groups->count + 1, sizeof *lines);
    struct group_sum *sums = groups_sum(groups, &session->heap, fresh, err);
    bool ok = sums && (lines || err_memory(err, "the lines"));
    for (uint32_t i = 0; ok && i < groups->count; i++)
        lines[i] = (struct diff_lines_line){ groups->names[i], sums[i] };
    if (ok)
        qsort(lines, groups->count, sizeof *lines, diff_lines_compare);
    for (uint32_t i = 0; ok && i < groups->count && lines[i].sum.objects; i++) {
        const struct cell cells[] = {
            cell_text(report_text(report, lines[i].name, strlen(lines[i].name))),
            cell_count(lines[i].sum.objects),
            cell_bytes(lines[i].sum.bytes),
            cell_type_of(lines[i].sum.largest),
            cell_object(lines[i].sum.largest),
        };
        ok = report_row(report, cells, err);
    }
    free(lines);
    free(sums);
    return ok;
}
