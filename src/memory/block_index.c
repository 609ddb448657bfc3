// SPDX-License-Identifier: GPL-3.0-or-later
// Looking blocks up: see block_index.h.
#include "memory/block_index.h"

#include <stdlib.h>

#include "base/search.h"
#include "base/vec.h"

#define PAGE_SHIFT 12
#define APART ((addr)1 << 20)

static bool block_index_stretch(struct block_index *index, uint32_t from, uint32_t to,
                                struct err *err)
{
    const struct block_row *rows = index->rows;
    struct block_stretch s = { rows[from].at & ~(addr)((1 << PAGE_SHIFT) - 1),
                               rows[to - 1].at + rows[to - 1].size, index->page_count };
    size_t pages = (size_t)((s.end - s.start) >> PAGE_SHIFT) + 1;
    if (!vec_grow(&index->stretches, &index->stretch_room, index->stretch_count + 1,
                  sizeof *index->stretches, err)
        || !vec_grow(&index->pages, &index->page_room, index->page_count + pages,
                     sizeof *index->pages, err))
        return false;
    index->stretches[index->stretch_count++] = s;
    uint32_t block = from;
    for (size_t p = 0; p < pages; p++) {
        addr page = s.start + ((addr)p << PAGE_SHIFT);
        while (block < to && rows[block].at + rows[block].size <= page)
            block++;
        index->pages[index->page_count++] = block;
    }
    return true;
}

bool block_index_open(struct block_index *index, const struct block_row *rows, uint32_t count,
                      struct err *err)
{
    *index = (struct block_index){ .rows = rows, .count = count };
    uint32_t from = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool last = i + 1 == count || rows[i + 1].at - (rows[i].at + rows[i].size) > APART;
        if (!last)
            continue;
        if (!block_index_stretch(index, from, i + 1, err)) {
            block_index_close(index);
            return false;
        }
        from = i + 1;
    }
    if (count) {
        index->low = rows[0].at;
        index->high = rows[count - 1].at + rows[count - 1].size;
    }
    return true;
}

void block_index_close(struct block_index *index)
{
    free(index->stretches);
    free(index->pages);
    *index = (struct block_index){ 0 };
}

uint32_t block_index_look(struct block_index *index, addr at)
{
    const struct block_stretch *s = &index->stretches[index->last];
    if (at - s->start >= s->end - s->start) {
        size_t after = search_u64(index->stretches, index->stretch_count, sizeof *s,
                                  offsetof(struct block_stretch, start), at + 1);
        if (!after)
            return BLOCK_NONE;
        s = &index->stretches[after - 1];
        if (at >= s->end)
            return BLOCK_NONE;
        index->last = after - 1;
    }
    size_t page = s->first + (size_t)((at - s->start) >> PAGE_SHIFT);
    const struct block_row *rows = index->rows;
    for (uint32_t i = index->pages[page]; i < index->count && rows[i].at <= at; i++)
        if (at - rows[i].at < rows[i].size)
            return i;
    return BLOCK_NONE;
}
