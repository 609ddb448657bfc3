// SPDX-License-Identifier: GPL-3.0-or-later
// C memory by type: see native_types.h.
#include "cmd/analysis/native_types.h"

#include <stdlib.h>

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

struct native_types_row {
    uint64_t bytes, blocks, owners, objects;
    node first;
};

static void native_types_count(const struct session *session, struct native_types_row *rows,
                               uint8_t *seen)
{
    const struct heap *heap = &session->heap;
    const struct block_owners *o = &session->blocks;
    for (node n = 0; n < heap->node_count; n++)
        rows[heap_type(heap, n)].objects++;
    for (uint32_t i = 0; i < o->count; i++) {
        node owner = o->owner[i];
        if (o->how[i] != BLOCK_REACHED || o->bytes_in[i] == BLOCK_NONE || owner == NODE_NONE)
            continue;
        struct native_types_row *row = &rows[heap_type(heap, owner)];
        row->bytes += block_owners_bytes(o, i);
        row->blocks++;
        row->owners += !seen[owner];
        row->first = row->owners == 1 && !seen[owner] ? owner : row->first;
        seen[owner] = 1;
    }
}

bool native_types_report(struct session *session, struct report *report, struct err *err)
{
    if (!session_blocks(session, err))
        return false;
    uint32_t count = heap_type_count(&session->heap);
    struct native_types_row *rows = calloc((size_t)count + 1, sizeof *rows);
    uint8_t *seen = calloc((size_t)session->heap.node_count + 1, 1);
    bool ok = (rows && seen) || err_memory(err, "the types");
    if (ok)
        native_types_count(session, rows, seen);
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
    free(seen);
    return ok;
}
