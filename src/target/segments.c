// SPDX-License-Identifier: GPL-3.0-or-later
// Segments in the making: see ops.h.
#include <stdlib.h>
#include <string.h>

#include "base/guard.h"
#include "target/ops.h"

#define SHARE_MOST ((uint64_t)64 << 20) // a larger segment gets addresses of its own

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

// Moves the beginning of the segment to `start`, which lies within it.
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
        // Each round takes what lies before the next base segment, then skips that segment.
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
    return (s->end - s->start + BLOCK_PAGE - 1)
           / BLOCK_PAGE; // of the smallest; see target->is_slow
}

// `within`: its position in an expanse; null: it gets an expanse of its own.
static bool segments_add_lazy_at(struct segments *list, struct segment row, uint8_t *within,
                                 struct err *err)
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
    uint8_t *host = within ? within : guard_room((size_t)size);
    if (!host) {
        free(filled);
        return segments_add(list, row, err);
    }
    row.flags &= ~(uint32_t)SEGMENT_MISSING;
    row.host = host;
    row.filled = filled;
    if (segments_add(list, row, err))
        return true;
    if (!within)
        guard_unmap(host, (size_t)size);
    free(filled);
    return false;
}

bool segments_add_lazy(struct segments *list, struct segment row, struct err *err)
{
    return segments_add_lazy_at(list, row, NULL, err);
}

static bool segments_may_share(const struct segment *row)
{
    return !(row->flags & (SEGMENT_MISSING | SEGMENT_LATE)) && row->end - row->start <= SHARE_MOST;
}

// The end of the rows that share an expanse with the i-th. A gap costs no more than the zeros that
// would follow each row.
static size_t segments_sharing(const struct segments *rows, size_t i)
{
    size_t end = i + 1;
    if (!segments_may_share(&rows->rows[i]))
        return end;
    for (size_t k = end; k < rows->count; k++) {
        const struct segment *row = &rows->rows[k];
        if (row->start - rows->rows[end - 1].end > GUARD_BYTES || row->flags & SEGMENT_LATE)
            break;
        if (segments_may_share(row))
            end = k + 1;
        else if (!(row->flags & SEGMENT_MISSING))
            break;
    }
    return end;
}

static uint8_t *segments_add_expanse(struct segments *list, addr start, addr end)
{
    struct expanse *rows = realloc(list->expanses, (list->expanse_count + 1) * sizeof *rows);
    if (!rows)
        return NULL;
    list->expanses = rows;
    uint8_t *host = guard_room((size_t)(end - start));
    if (host)
        rows[list->expanse_count++] = (struct expanse){ start, end, host };
    return host;
}

bool segments_add_lazily(struct segments *list, const struct segments *rows, struct err *err)
{
    for (size_t i = 0, end; i < rows->count; i = end) {
        end = segments_sharing(rows, i);
        addr start = rows->rows[i].start;
        uint8_t *host =
            end - i > 1 ? segments_add_expanse(list, start, rows->rows[end - 1].end) : NULL;
        for (size_t k = i; k < end; k++) {
            struct segment row = rows->rows[k];
            bool ok = row.flags & SEGMENT_MISSING
                          ? segments_add(list, row, err)
                          : segments_add_lazy_at(list, row,
                                                 host ? host + (row.start - start) : NULL, err);
            if (!ok)
                return false;
        }
    }
    return true;
}

// Joins neighbours that are adjacent in our memory too, so that an object across both can be
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
    target->expanses = list->expanses;
    target->expanse_count = list->expanse_count;
    target->last = NULL;
    *list = (struct segments){ 0 };
}
