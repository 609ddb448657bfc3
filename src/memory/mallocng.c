// SPDX-License-Identifier: GPL-3.0-or-later
// Finding musl's context, and its groups: see mallocng.h.
//
// A group of small slots lies in a slot of a larger one: that slot is not a block, but the
// allocator's own; what its slots leave of it is reported as such.
#include "memory/mallocng.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "base/vec.h"
#include "target/target.h"

#define PAGE ((uint64_t)4096)
#define UNIT 16
#define META 40 // bytes of struct meta
#define AREA_HEAD 24
#define AREA_SLOTS ((PAGE - AREA_HEAD) / META)
#define AREAS_MAX (1u << 20)
#define NESTED_MAX 16

// meta.h of mallocng: struct malloc_context, whose second member only some machines have.
static const uint32_t mallocng_heads[] = { 56, 64 };

// Sizes in units, from mallocng's malloc.c.
static const uint16_t mallocng_classes[] = {
    1,   2,   3,   4,    5,    6,    7,    8,    9,    10,   12,   15,   18,   20,   25,   31,
    36,  42,  50,  63,   72,   84,   102,  127,  146,  170,  204,  255,  292,  340,  409,  511,
    584, 682, 818, 1023, 1169, 1364, 1637, 2047, 2340, 2730, 3276, 4095, 4680, 5460, 6552, 8191,
};
#define CLASSES (sizeof mallocng_classes / sizeof *mallocng_classes)

static bool mallocng_words(const struct mallocng *g, addr at, uint64_t *words, size_t count)
{
    const void *view = target_view(g->target, at, count * 8);
    if (view)
        memcpy(words, view, count * 8);
    return view != NULL;
}

// --- groups --------------------------------------------------------------------------------------

// struct meta: prev, next, mem, two masks of what is free, and last_idx, freeable, sizeclass and
// maplen in one word.
static bool mallocng_group(struct mallocng *g, addr meta, const uint64_t words[5], struct err *err)
{
    uint64_t owner[1], bits = words[4], maplen = bits >> 12;
    uint32_t last = (uint32_t)bits & 31, class = (uint32_t)(bits >> 6) & 63;
    uint32_t unused = (uint32_t)words[3] | (uint32_t)(words[3] >> 32);
    addr at = words[2];
    bool mapped = !last && maplen;
    if (at % UNIT || !mallocng_words(g, at, owner, 1) || owner[0] != meta || maplen >> 40
        || (!mapped && class >= CLASSES)) {
        g->odd++;
        return true;
    }
    uint64_t stride = mapped ? maplen * PAGE - UNIT : (uint64_t)mallocng_classes[class] * UNIT;
    g->groups++;
    if (!pieces_add(&g->slots, at, at + UNIT, MALLOCNG_OWN, err))
        return false;
    addr end = at + UNIT + (last + 1) * stride;
    for (uint32_t i = 0; i <= last; i++)
        if (!pieces_add(&g->slots, at + UNIT + i * stride, at + UNIT + (i + 1) * stride,
                        unused >> i & 1 ? MALLOCNG_FREE : MALLOCNG_USED, err))
            return false;
    // What a mapping has after its last slot.
    return !maplen || pieces_add(&g->slots, end, at + maplen * PAGE, MALLOCNG_OWN, err);
}

static bool mallocng_area(struct mallocng *g, addr area, struct err *err)
{
    uint64_t head[3];
    if (!mallocng_words(g, area, head, 3))
        return true;
    uint64_t slots = (uint32_t)head[2];
    slots = slots < AREA_SLOTS ? slots : AREA_SLOTS;
    if (!pieces_add(&g->slots, area, area + PAGE, MALLOCNG_OWN, err))
        return false;
    for (uint64_t i = 0; i < slots; i++) {
        uint64_t words[5];
        addr meta = area + AREA_HEAD + i * META;
        if (!mallocng_words(g, meta, words, 5))
            return true;
        if (words[2] && !mallocng_group(g, meta, words, err))
            return false;
    }
    return true;
}

static bool mallocng_areas(struct mallocng *g, addr area, uint64_t secret, struct err *err)
{
    uint64_t most = target_bytes(g->target) / PAGE + 1; // each once
    for (uint32_t n = 0; area && n < AREAS_MAX && n < most; n++) {
        uint64_t head[2];
        if (area % PAGE || !mallocng_words(g, area, head, 2) || head[0] != secret)
            return true;
        if (!mallocng_area(g, area, err))
            return false;
        area = head[1];
    }
    return true;
}

// --- order ---------------------------------------------------------------------------------------

// Slots that contain others are reduced to what those leave of them.
static bool mallocng_order(struct mallocng *g, struct err *err)
{
    struct malloc_pieces flat = { 0 }, *slots = &g->slots;
    addr ends[NESTED_MAX], reached = 0;
    size_t depth = 0;
    bool ok = true;
    if (!slots->count)
        return true;
    pieces_sort(slots);
    for (size_t i = 0; ok && i <= slots->count; i++) {
        const struct malloc_piece *slot = &slots->rows[i];
        addr at = i < slots->count ? slot->at : UINT64_MAX, end;
        for (; ok && depth && ends[depth - 1] <= at; depth--) {
            ok = pieces_add(&flat, reached, ends[depth - 1], MALLOCNG_OWN, err);
            reached = ends[depth - 1] > reached ? ends[depth - 1] : reached;
        }
        if (i == slots->count || !ok)
            break;
        end = at + piece_size(slot);
        if (depth)
            ok = pieces_add(&flat, reached, at, MALLOCNG_OWN, err);
        bool nests = i + 1 < slots->count && slots->rows[i + 1].at < end;
        if (at < reached || (depth && end > ends[depth - 1]) || (nests && depth == NESTED_MAX)) {
            g->odd++;
            continue;
        }
        reached = at;
        if (nests) {
            ends[depth++] = end;
            continue;
        }
        ok = ok && pieces_add(&flat, at, end, piece_state(slot), err);
        reached = end;
    }
    pieces_fini(slots);
    *slots = flat;
    return ok;
}

// --- the context ---------------------------------------------------------------------------------

// Searches variables for a secret, followed by a pointer to a page that begins with it.
static addr mallocng_context(struct mallocng *g, addr from, uint64_t size, addr *area,
                             uint64_t *secret)
{
    const uint8_t *bytes = target_view(g->target, from, size);
    for (uint64_t k = 0; bytes && k + 88 <= size; k += 8)
        for (size_t h = 0; h < sizeof mallocng_heads / sizeof *mallocng_heads; h++) {
            uint64_t head[3];
            memcpy(secret, bytes + k, 8);
            memcpy(area, bytes + k + mallocng_heads[h], 8);
            if (*secret && *area && *area % PAGE == 0 && mallocng_words(g, *area, head, 3)
                && head[0] == *secret && (uint32_t)head[2] - 1u < AREA_SLOTS && head[1] % PAGE == 0)
                return from + k;
        }
    return 0;
}

static bool mallocng_find(struct mallocng *g, const struct residence *residence, struct err *err)
{
    for (size_t i = 0; !g->context && i < residence->count; i++) {
        const struct mapping *m = &residence->rows[i].mapping;
        int module =
            (m->flags & SEGMENT_WRITE) && !m->shared ? target_module_of(g->target, m->start) : -1;
        addr end = module >= 0 ? g->target->modules[module].end : 0, area;
        uint64_t secret;
        end = end > m->start && end < m->end ? end : m->end;
        uint64_t size = module >= 0 ? target_readable(g->target, m->start, end - m->start) : 0;
        g->context = size ? mallocng_context(g, m->start, size, &area, &secret) : 0;
        if (g->context && !mallocng_areas(g, area, secret, err))
            return false;
        if (g->context && !g->groups) { // it only looked like a context
            g->context = 0;
            g->slots.count = 0;
        }
    }
    return true;
}

bool mallocng_open(struct mallocng *g, struct target *target, const struct residence *residence,
                   struct err *err)
{
    *g = (struct mallocng){ .target = target };
    if (!mallocng_find(g, residence, err) || !mallocng_order(g, err)) {
        mallocng_close(g);
        return false;
    }
    pieces_tally(&g->slots);
    return true;
}

void mallocng_close(struct mallocng *g)
{
    pieces_fini(&g->slots);
    *g = (struct mallocng){ 0 };
}
