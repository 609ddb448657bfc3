// SPDX-License-Identifier: GPL-3.0-or-later
// Segments in the making: see ops.h.
#include <stdlib.h>
#include <string.h>

#include "base/guard.h"
#include "target/ops.h"

bool segments_add(struct segments *list, struct segment row, struct err *err)
{
    if (row.end > ADDRESS_END)
        row.end = ADDRESS_END;
    if (row.start >= row.end)
        return true;
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 128;
        struct segment *rows = realloc(list->rows, room * sizeof *rows);
        if (!rows)
            return err_memory(err, "the list of segments");
        list->rows = rows;
        list->room = room;
    }
    list->rows[list->count++] = row;
    return true;
}

static int segments_compare_start(const void *a, const void *b)
{
    const struct segment *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return x->end > y->end ? -1 : x->end < y->end;
}

// Lets the segment begin at `start`, which lies within it.
static void trim(struct segment *row, addr start)
{
    uint64_t by = start - row->start;
    row->start = start;
    row->offset += by;
    if (row->host)
        row->host += by;
}

void segments_settle(struct segments *list)
{
    if (!list->count)
        return;
    qsort(list->rows, list->count, sizeof *list->rows, segments_compare_start);
    size_t kept = 0;
    addr reached = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct segment row = list->rows[i];
        if (row.end <= reached)
            continue;
        if (row.start < reached)
            trim(&row, reached);
        reached = row.end;
        list->rows[kept++] = row;
    }
    list->count = kept;
}

bool segments_underlay(struct segments *base, struct segments *under, struct err *err)
{
    struct segments out = { 0 };
    size_t b = 0;
    for (size_t u = 0; u < under->count; u++) {
        struct segment row = under->rows[u];
        // Each round takes what lies before the next base segment, then skips over that one.
        while (row.start < row.end) {
            while (b < base->count && base->rows[b].end <= row.start)
                if (!segments_add(&out, base->rows[b++], err))
                    goto failed;
            bool meets = b < base->count && base->rows[b].start < row.end;
            struct segment part = row;
            if (meets)
                part.end = base->rows[b].start;
            if (part.start < part.end && !segments_add(&out, part, err))
                goto failed;
            if (!meets)
                break;
            if (base->rows[b].end >= row.end)
                break;
            trim(&row, base->rows[b].end);
        }
    }
    for (; b < base->count; b++)
        if (!segments_add(&out, base->rows[b], err))
            goto failed;
    segments_settle(&out);
    free(base->rows);
    *base = out;
    segments_fini(under);
    return true;
failed:
    free(out.rows);
    return false;
}

void segments_fini(struct segments *list)
{
    free(list->rows);
    *list = (struct segments){ 0 };
}

static uint64_t segments_block_count(const struct segment *s)
{
    return (s->end - s->start + BLOCK_PAGE - 1) / BLOCK_PAGE; // of the smallest; see target->dear
}

bool segments_add_lazy(struct segments *list, struct segment row, struct err *err)
{
    if (row.start >= row.end)
        return true;
    row.flags |= SEGMENT_MISSING;
    uint64_t size = row.end - row.start;
    if (size > (uint64_t)1 << 46)
        return segments_add(list, row, err);
    uint64_t *filled = calloc((size_t)(segments_block_count(&row) / 64 + 1), sizeof *filled);
    if (!filled)
        return err_memory(err, "the map of fetched blocks");
    void *host = guard_room((size_t)size);
    if (!host) {
        free(filled);
        return segments_add(list, row, err);
    }
    row.flags &= ~(uint32_t)SEGMENT_MISSING;
    row.host = host;
    row.filled = filled;
    if (segments_add(list, row, err))
        return true;
    guard_unmap(host, (size_t)size);
    free(filled);
    return false;
}

// Neighbours that lie side by side with us too become one, so that an object across both can be
// viewed.
static void segments_join(struct segments *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct segment *last = kept ? &list->rows[kept - 1] : NULL;
        const struct segment *row = &list->rows[i];
        if (last && last->end == row->start && last->flags == row->flags && last->host && row->host
            && last->host + (last->end - last->start) == row->host && !last->filled && !row->filled
            && last->module == row->module
            && last->offset + (last->end - last->start) == row->offset)
            last->end = row->end;
        else
            list->rows[kept++] = *row;
    }
    list->count = kept;
}

void target_take_segments(struct target *target, struct segments *list)
{
    segments_join(list);
    free(target->segments);
    target->segments = list->rows;
    target->segment_count = list->count;
    target->last = NULL;
    *list = (struct segments){ 0 };
}
