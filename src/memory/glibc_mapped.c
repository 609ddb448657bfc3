// SPDX-License-Identifier: GPL-3.0-or-later
// Blocks that glibc mapped by themselves: only their own headers lead to them.
//
//      page | 0 or the lead | size, "mapped" | what malloc() gave ...          | next mapping
//
// A block counts if its header names whole pages that exist. glibc's own count of them (struct
// malloc_par) is found beside the address where brk() began, and tells whether exactly all of them
// were found. Up to 2.42 the size is that of the mapping less the lead, later less the header as
// well: the variant that agrees with the count is taken.
#include <stdlib.h>

#include "base/search.h"
#include "memory/glibc_shape.h"

#define SCAN_MOST ((uint64_t)1 << 26) // in pages

struct mapped_set {
    struct glibc_block *blocks;
    size_t count, room;
    uint64_t bytes;
};

// --- glibc's own count ---------------------------------------------------------------------------

// Before sbrk_base: n_mmaps, n_mmaps_max, max_n_mmaps, no_dyn_threshold (ints), mmapped_mem,
// max_mmapped_mem. From 2.35 on there is one more int before them, and padding after.
static bool mapped_is_count(const uint8_t *at, uint32_t ints, addr start, addr top)
{
    int32_t numbers[4];
    uint64_t bytes[2], base;
    memcpy(&base, at, sizeof base);
    memcpy(numbers, at - ints, sizeof numbers);
    memcpy(bytes, at - 16, sizeof bytes);
    return base >= start && base <= top && base % 16 == 0 && numbers[0] >= 0
           && numbers[0] <= numbers[2] && numbers[2] <= numbers[1] && numbers[1] > 0
           && (numbers[3] == 0 || numbers[3] == 1) && bytes[0] <= bytes[1]
           && bytes[0] % GLIBC_PAGE == 0 && bytes[1] % GLIBC_PAGE == 0
           && (numbers[0] == 0) == (bytes[0] == 0);
}

static void mapped_find_count(struct glibc *g, const struct residence *residence)
{
    const struct glibc_arena *arena = g->arenas;
    const struct resident *data = residence_of(residence, arena->at);
    const struct resident *heap = residence_of(residence, arena->top);
    if (!data || !heap || data == heap)
        return;
    addr from = data->mapping.start;
    uint64_t size = target_readable(g->target, from, data->mapping.end - from);
    const uint8_t *bytes = size ? target_view(g->target, from, size) : NULL;
    addr first = heap->mapping.start;
    for (size_t i = 0; i < g->heap_count; i++) // the stretch may be several mappings
        if (g->heaps[i].arena == 0 && g->heaps[i].start < first)
            first = g->heaps[i].start;
    for (uint64_t k = 40; bytes && k + 8 <= size; k += 8) {
        uint32_t ints = mapped_is_count(bytes + k, 36, first, arena->top)   ? 36
                        : mapped_is_count(bytes + k, 32, first, arena->top) ? 32
                                                                            : 0;
        if (!ints)
            continue;
        int32_t count;
        memcpy(&count, bytes + k - ints, 4);
        memcpy(&g->mapped_bytes, bytes + k - 16, 8);
        g->mapped_count = (uint64_t)count;
        g->mapped_known = true;
        return;
    }
}

// --- the blocks ----------------------------------------------------------------------------------

static bool mapped_in_heap(const struct glibc *g, addr at, addr *end)
{
    size_t after = search_u64(g->heaps, g->heap_count, sizeof *g->heaps,
                              offsetof(struct glibc_heap, base), at + 1);
    const struct glibc_heap *heap = after ? &g->heaps[after - 1] : NULL;
    *end = heap ? (heap->end > heap->limit ? heap->end : heap->limit) : 0;
    return at < *end;
}

// A header at `at`, of a block that begins at `base`. Returns the size of its mapping, or 0.
static uint64_t mapped_total(const struct glibc *g, addr base, uint64_t lead, uint64_t behind,
                             uint64_t most)
{
    uint64_t words[2];
    const void *header = target_view(g->target, base + lead, sizeof words);
    if (!header)
        return 0;
    memcpy(words, header, sizeof words);
    uint64_t size = words[1] & ~(uint64_t)GLIBC_FLAGS, total = lead + size + behind;
    bool fits = words[0] == lead && (words[1] & GLIBC_FLAGS) == GLIBC_IS_MAPPED && size <= most
                && size >= GLIBC_LEAST;
    return fits && total % GLIBC_PAGE == 0 && total && total <= most ? total : 0;
}

// memalign() leaves a lead before the header. Alignments are powers of two.
static uint64_t mapped_aligned(const struct glibc *g, addr base, uint64_t behind, uint64_t most,
                               uint64_t *lead)
{
    for (uint32_t shift = 5; shift < 31; shift++) {
        uint64_t step = UINT64_C(1) << shift;
        addr given = (base + GLIBC_HEADER + step - 1) & ~(step - 1);
        *lead = given - GLIBC_HEADER - base;
        if (*lead + GLIBC_HEADER > most)
            break;
        uint64_t total = *lead ? mapped_total(g, base, *lead, behind, most) : 0;
        if (total)
            return total;
    }
    *lead = 0;
    return 0;
}

static bool mapped_keep(struct mapped_set *set, addr at, uint64_t size, uint64_t total)
{
    if (set->count == set->room) {
        size_t room = set->room ? set->room * 2 : 64;
        struct glibc_block *rows = realloc(set->blocks, room * sizeof *rows);
        if (!rows)
            return false;
        set->blocks = rows;
        set->room = room;
    }
    set->blocks[set->count++] = (struct glibc_block){ at, size | GLIBC_MAPPED };
    set->bytes += total;
    return true;
}

static bool mapped_is_blank(const struct glibc *g, addr at)
{
    uint64_t words[2] = { 1 };
    const void *view = target_view(g->target, at, sizeof words);
    if (view)
        memcpy(words, view, sizeof words);
    return !words[0] && !words[1];
}

// The size of the mapping of a block that begins on this page, or 0. `first`: something ends here,
// so that a lead which was never touched may begin here.
static uint64_t mapped_at(const struct glibc *g, addr at, uint64_t behind, uint64_t most,
                          bool present, bool first, uint64_t *lead)
{
    uint64_t total = present ? mapped_total(g, at, 0, behind, most) : 0, inner = 0;
    *lead = 0;
    if (total)
        inner = mapped_aligned(g, at, behind, total, lead);
    else if (behind && (present || first) && mapped_is_blank(g, at))
        return mapped_aligned(g, at, behind, most, lead);
    if (inner != total)
        *lead = 0;
    return total;
}

// `end`: of the stretch that contains the mapping; *reached: where the last block ended.
static bool mapped_scan(const struct glibc *g, const struct resident *row, addr end,
                        uint64_t behind, addr *reached, struct mapped_set *set)
{
    bool first = true;
    addr at = row->mapping.start > *reached ? row->mapping.start : *reached;
    while (at < row->mapping.end) {
        addr skip;
        if (mapped_in_heap(g, at, &skip)) {
            at = skip;
            first = true;
            continue;
        }
        uint64_t page = (at - row->mapping.start) / GLIBC_PAGE, lead;
        bool present = !row->present || (row->present[page / 64] >> (page % 64) & 1);
        uint64_t total =
            present || first ? mapped_at(g, at, behind, end - at, present, first, &lead) : 0;
        if (total && !mapped_keep(set, at + lead, total - lead, total))
            return false;
        first = total != 0;
        at += total ? total : GLIBC_PAGE;
        *reached = at;
    }
    return true;
}

static bool mapped_is_candidate(const struct resident *row)
{
    const struct mapping *m = &row->mapping;
    uint32_t rights = SEGMENT_READ | SEGMENT_WRITE;
    return !m->shared && (!m->path || *m->path == '[') && m->inode == 0
           && (m->flags & rights) == rights && (!m->path || strncmp(m->path, "[stack", 6))
           && (m->end - m->start) / GLIBC_PAGE <= SCAN_MOST;
}

// A block may span several mappings: madvise() on a part of it splits it.
static addr mapped_stretch_end(const struct residence *residence, size_t i)
{
    addr end = residence->rows[i].mapping.end;
    while (++i < residence->count && residence->rows[i].mapping.start == end
           && mapped_is_candidate(&residence->rows[i]))
        end = residence->rows[i].mapping.end;
    return end;
}

static bool mapped_find(const struct glibc *g, const struct residence *residence, uint64_t behind,
                        struct mapped_set *set)
{
    addr reached = 0, end = 0;
    for (size_t i = 0; i < residence->count; i++) {
        const struct resident *row = &residence->rows[i];
        bool absent = (row->known && !row->resident && !row->swapped)
                      || (residence->by_pages && !row->present);
        if (!mapped_is_candidate(row) || absent)
            continue;
        if (end <= row->mapping.start)
            end = mapped_stretch_end(residence, i);
        if (!mapped_scan(g, row, end, behind, &reached, set))
            return false;
    }
    return true;
}

static bool mapped_agrees(const struct glibc *g, const struct mapped_set *set)
{
    return g->mapped_known && set->count == g->mapped_count && set->bytes == g->mapped_bytes;
}

bool glibc_find_mapped(struct glibc *g, const struct residence *residence, struct err *err)
{
    struct mapped_set sets[2] = { 0 };
    mapped_find_count(g, residence);
    bool ok = mapped_find(g, residence, 0, &sets[0])
              && (mapped_agrees(g, &sets[0]) || mapped_find(g, residence, GLIBC_HEADER, &sets[1]));
    if (!ok)
        err_memory(err, "the blocks that malloc mapped");
    bool second = !mapped_agrees(g, &sets[0])
                  && (mapped_agrees(g, &sets[1]) || sets[1].count > sets[0].count);
    struct mapped_set *set = &sets[second];
    for (size_t i = 0; ok && i < set->count; i++)
        ok = glibc_add_block(g, set->blocks[i].at, glibc_size(&set->blocks[i]), GLIBC_MAPPED, err);
    free(sets[0].blocks);
    free(sets[1].blocks);
    return ok;
}
