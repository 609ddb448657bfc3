// SPDX-License-Identifier: GPL-3.0-or-later
// A heap without some of its references: see without.h.
#include "heap/analysis/without.h"

#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"
#include "heap/analysis/collect.h"

#define PROGRESS_EVERY (1u << 18)

bool without_open(struct without *without, const struct heap *heap, const struct heap_roots *roots,
                  struct err *err)
{
    size_t words = (size_t)marks_words(heap->node_count) + 1;
    *without = (struct without){ .heap = heap, .roots = roots, .fall = { .heap = heap } };
    without->held = malloc(words * sizeof *without->held);
    without->targets = calloc(words, sizeof *without->targets);
    if (!without->held || !without->targets) {
        without_free(without);
        return err_memory(err, "what would be freed");
    }
    memcpy(without->held, roots->all, marks_words(heap->node_count) * sizeof *without->held);
    return true;
}

bool without_edge(struct without *without, uint64_t edge, struct err *err)
{
    uint32_t word = without->heap->forward.to[edge];
    if ((word & EDGE_BORROWED) || fall_is_gone(&without->fall, edge))
        return true;
    without->references++;
    marks_set(without->targets, word & EDGE_NODE);
    return fall_take_out(&without->fall, edge, err);
}

bool without_object(struct without *without, node n, struct err *err)
{
    const struct heap *heap = without->heap;
    const struct csr *reverse = &heap->reverse, *forward = &heap->forward;
    for (uint64_t e = csr_first(reverse, n); e < csr_end(reverse, n); e++) {
        node from = reverse->to[e] & EDGE_NODE;
        for (uint64_t k = csr_first(forward, from); k < csr_end(forward, from); k++)
            if ((forward->to[k] & EDGE_NODE) == n && !without_edge(without, k, err))
                return false;
    }
    marks_set(without->targets, n);
    marks_clear(without->held, n);
    while (!(heap->flags[n] & NODE_IMMORTAL) && !fall_has_fallen(&without->fall, n)) {
        size_t before = without->fall.queued;
        uint32_t at = map_get(&without->fall.index, n);
        if (at != MAP_NONE)
            without->fall.counts[at].left = 1; // unknown references to it are dropped, too
        if (!fall_drop(&without->fall, n, err))
            return false;
        if (before != without->fall.queued)
            break;
    }
    return true;
}

static bool without_reach(const struct without *without, node *queue,
                          const struct progress *progress, struct err *err)
{
    const struct heap *heap = without->heap;
    uint32_t count = 0;
    for (node n = 0; n < heap->node_count; n++) {
        if (!marks_has(without->held, n) || !marks_has(without->roots->only, n))
            continue;
        without->fate[n] = WITHOUT_LIVES;
        queue[count++] = n;
    }
    for (uint32_t i = 0; i < count; i++) {
        node n = queue[i];
        if (i % PROGRESS_EVERY == 0
            && !progress_step(progress, "what still lives", i, heap->node_count))
            return err_set(err, ERR_CANCELLED, "stopped while looking what still lives");
        for (uint64_t e = csr_first(&heap->forward, n); e < csr_end(&heap->forward, n); e++) {
            uint32_t word = heap->forward.to[e];
            node to = word & EDGE_NODE;
            if ((word & EDGE_BORROWED) || without->fate[to] == WITHOUT_LIVES
                || !marks_has(without->roots->only, to) || fall_is_gone(&without->fall, e))
                continue;
            without->fate[to] = WITHOUT_LIVES;
            queue[count++] = to;
        }
    }
    return true;
}

static void without_judge(struct without *without, const uint64_t *dead)
{
    for (node n = 0; n < without->heap->node_count; n++) {
        if (without->fate[n] == WITHOUT_LIVES || marks_has(dead, n)
            || !marks_has(without->roots->only, n))
            continue;
        bool fell = fall_has_fallen(&without->fall, n);
        without->fate[n] = fell ? WITHOUT_COUNTS : WITHOUT_COLLECTOR;
        without->finalizers += collect_has_finalizer(without->heap, n);
    }
}

bool without_find(struct without *without, const uint64_t *dead, const struct progress *progress,
                  struct err *err)
{
    size_t room = (size_t)without->heap->node_count + 1;
    node *queue = malloc(room * sizeof *queue);
    without->fate = calloc(room, sizeof *without->fate);
    bool ok = (queue && without->fate) || err_memory(err, "what would be freed");
    ok = ok && fall_go(&without->fall, UINT64_MAX, err)
         && without_reach(without, queue, progress, err);
    if (ok)
        without_judge(without, dead);
    free(queue);
    return ok;
}

static bool without_is_freed(const struct without *without, node n)
{
    return without->fate[n] >= WITHOUT_COUNTS;
}

bool without_is_rest(const struct without *without, node n)
{
    const struct csr *reverse = &without->heap->reverse;
    if (without->fate[n] != WITHOUT_LIVES)
        return false;
    if (marks_has(without->targets, n))
        return true;
    for (uint64_t e = csr_first(reverse, n); e < csr_end(reverse, n); e++)
        if (without_is_freed(without, reverse->to[e] & EDGE_NODE))
            return true;
    return false;
}

void without_free(struct without *without)
{
    fall_fini(&without->fall);
    free(without->held);
    free(without->targets);
    free(without->fate);
    *without = (struct without){ 0 };
}

static void without_count(struct without_sum *sum, const struct heap *heap, node n)
{
    if (!sum->objects++ || heap_size(heap, n) > heap_size(heap, sum->largest))
        sum->largest = n;
    sum->bytes += heap_own(heap, n);
}

static int without_compare(const void *a, const void *b)
{
    const struct without_sum *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return (x->largest > y->largest) - (x->largest < y->largest);
}

struct without_sum *without_by_type(const struct without *without, enum without_fate fate,
                                    uint32_t *count, struct without_sum *all, struct err *err)
{
    const struct heap *heap = without->heap;
    uint32_t types = heap_type_count(heap);
    struct without_sum *sums = calloc((size_t)types + 1, sizeof *sums);
    *count = 0;
    if (!sums) {
        err_memory(err, "what would be freed");
        return NULL;
    }
    for (node n = 0; n < heap->node_count; n++) {
        if (without->fate[n] != fate)
            continue;
        without_count(&sums[heap_type(heap, n)], heap, n);
        without_count(all, heap, n);
    }
    for (uint32_t i = 0; i < types; i++)
        if (sums[i].objects)
            sums[(*count)++] = sums[i];
    qsort(sums, *count, sizeof *sums, without_compare);
    return sums;
}
