// SPDX-License-Identifier: GPL-3.0-or-later
// C memory by type: see types_native.h.
#include "cmd/commands/types_native.h"

#include <stdlib.h>

#include "heap/memory/native_types.h"

const struct column native_types_columns[] = {
    { COL(type), 24, COLUMN_WIDE, "the type's name" },
    { COL(count), 9, COLUMN_RIGHT, "its objects" },
    { COL(owners), 9, COLUMN_RIGHT, "with --native: how many of them lead to C memory" },
    { COL(native), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR,
      "bytes of malloc's blocks that these lead to, beyond what objects count; guessed from "
      "words" },
    { COL(blocks), 9, COLUMN_RIGHT, "how many blocks" },
    { COL(object), 18, COLUMN_GOES(1), "one of them: the first" },
    COLUMN_ROW_END,
};

bool native_types_report(struct session *session, struct report *report, struct err *err)
{
    if (!session_blocks(session, err))
        return false;
    uint32_t count = heap_type_count(&session->heap);
    struct native_type_sum *rows = native_types_find(&session->blocks, &session->heap, err);
    bool ok = rows != NULL;
    for (uint32_t t = 0; ok && t < count; t++) {
        const struct cell cells[] = {
            cell_type(t),
            cell_count(rows[t].objects),
            cell_count(rows[t].owners),
            cell_bytes(rows[t].bytes),
            cell_count(rows[t].blocks),
            cell_object(rows[t].first),
        };
        ok = !rows[t].blocks || report_row(report, cells, err);
    }
    report_summary(report, "native_bytes", cell_bytes(session->blocks.bytes[BLOCK_REACHED]));
    report->empty = "no object leads to C memory beyond what it counts itself";
    free(rows);
    return ok;
}
