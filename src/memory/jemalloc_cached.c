// SPDX-License-Identifier: GPL-3.0-or-later
// Threads' caches: a table of bins in a thread's own variables, one per size class, each with the
// stack of blocks of that size (cache_bin.h).
//
//      5.3      top of the stack, requests, 16 bits each: low water, where it would be full, empty
//      to 5.2   low water, count, requests, where the stack ends
//
// No symbol tells where the table is: what looks like the bins of all small classes, and leads to
// blocks of just these classes, is one.
#include "base/vec.h"
#include "memory/jemalloc_shape.h"

#define CACHE_WINDOW ((addr)64 << 10) // bytes of TLS before a thread's block
#define CACHE_BIN 24
#define CACHE_BINS_MAX 80 // of small and large classes
#define CACHE_BIN_MOST 8192

struct jemalloc_bin {
    addr first; // of the blocks' addresses
    uint32_t count;
};

static bool cache_bin(const struct jemalloc *j, const uint8_t *bytes, struct jemalloc_bin *bin)
{
    uint64_t words[3];
    memcpy(words, bytes, sizeof words);
    if (j->shape->count_first) {
        int32_t low = (int32_t)(uint32_t)words[0], count = (int32_t)(words[0] >> 32);
        *bin = (struct jemalloc_bin){ words[2] - (addr)(uint32_t)count * 8, (uint32_t)count };
        return words[2] && words[2] % 8 == 0 && low >= -1 && count >= low && count >= 0
               && count <= CACHE_BIN_MOST;
    }
    uint16_t full = (uint16_t)(words[2] >> 16), empty = (uint16_t)(words[2] >> 32);
    uint16_t used = (uint16_t)(empty - (uint16_t)words[0]), most = (uint16_t)(empty - full);
    *bin = (struct jemalloc_bin){ words[0], used / 8u };
    return words[0] >> 12 && words[0] % 8 == 0 && words[0] >> 47 == 0 && used % 8 == 0
           && used <= most && most;
}

static struct malloc_piece *cache_block(struct jemalloc *j, addr at, uint64_t size)
{
    const struct malloc_piece *piece = pieces_find(&j->pieces, at);
    return piece && piece->at == at && piece_size(piece) == size
                   && piece_state(piece) <= JEMALLOC_CACHED
               ? &j->pieces.rows[piece - j->pieces.rows]
               : NULL;
}

// Whether the bin holds blocks of its class and nothing else; marks them.
static bool cache_blocks(struct jemalloc *j, const struct jemalloc_bin *bin, uint32_t szind,
                         bool mark)
{
    const uint8_t *stack =
        bin->count ? target_view(j->target, bin->first, (size_t)bin->count * 8) : NULL;
    for (uint32_t i = 0; i < bin->count; i++) {
        addr at;
        if (!stack)
            return false;
        memcpy(&at, stack + (size_t)i * 8, 8);
        struct malloc_piece *piece = cache_block(j, at, jemalloc_class(szind));
        if (!piece)
            return false;
        if (mark)
            piece->word = piece_size(piece) | JEMALLOC_CACHED;
    }
    return true;
}

// How many bins there are: fewer than the small classes is not a cache.
static uint32_t cache_bins(struct jemalloc *j, const uint8_t *bytes, size_t size)
{
    struct jemalloc_bin bin;
    uint32_t n = 0, most = (uint32_t)(size / CACHE_BIN);
    while (n < most && n < JEMALLOC_SMALLS && cache_bin(j, bytes + (size_t)n * CACHE_BIN, &bin))
        n++;
    if (n < JEMALLOC_SMALLS)
        return 0;
    uint32_t full = 0;
    for (n = 0; n < most && n<CACHE_BINS_MAX; n++, full += bin.count> 0)
        if (!cache_bin(j, bytes + (size_t)n * CACHE_BIN, &bin) || !cache_blocks(j, &bin, n, false))
            break;
    return n >= JEMALLOC_SMALLS && full ? n : 0;
}

// The blocks that contain the stacks are in use by jemalloc itself.
static bool cache_note_own(struct jemalloc *j, addr at, struct err *err)
{
    const struct malloc_piece *piece = pieces_find(&j->pieces, at);
    size_t i = piece ? (size_t)(piece - j->pieces.rows) : 0;
    if (!piece || piece_state(piece) != JEMALLOC_USED || jemalloc_is_own(j, i))
        return true;
    if (!vec_grow(&j->own, &j->own_room, j->own_count + 1, sizeof *j->own, err))
        return false;
    size_t k = j->own_count++;
    for (; k && j->own[k - 1] > i; k--)
        j->own[k] = j->own[k - 1];
    j->own[k] = i;
    return true;
}

static bool cache_of_thread(struct jemalloc *j, addr end, struct err *err)
{
    addr from = (end > CACHE_WINDOW ? end - CACHE_WINDOW : 8) & ~(addr)7;
    while (from < end && !target_view(j->target, from, end - from)) // the mapping may begin later
        from = (from / JEMALLOC_PAGE + 1) * JEMALLOC_PAGE;
    const uint8_t *bytes = from < end ? target_view(j->target, from, end - from) : NULL;
    size_t size = (size_t)(end - from);
    for (size_t k = 0; bytes && k + JEMALLOC_SMALLS * CACHE_BIN <= size; k += 8) {
        uint32_t bins = cache_bins(j, bytes + k, size - k);
        struct jemalloc_bin bin;
        for (uint32_t n = 0; n < bins; n++)
            if (cache_bin(j, bytes + k + (size_t)n * CACHE_BIN, &bin)) {
                cache_blocks(j, &bin, n, true);
                if (!cache_note_own(j, bin.first, err))
                    return false;
            }
        if (!bins)
            continue;
        j->caches++;
        return true;
    }
    return true;
}

bool jemalloc_mark_cached(struct jemalloc *j, struct err *err)
{
    for (size_t i = 0; i < j->target->thread_count; i++)
        if (j->target->threads[i].fs_base
            && !cache_of_thread(j, j->target->threads[i].fs_base & ~(addr)7, err))
            return false;
    return true;
}
