// SPDX-License-Identifier: GPL-3.0-or-later
// Unbounded queues that fill faster than they are emptied.
//
// A backlog may be intended for the moment; without a bound it becomes a leak when the consumer is
// slower, or stuck.
#include <string.h>

#include "finding/finder.h"

#define ITEMS_LEAST 1000

static const struct queue {
    const char *type, *items, *bound;
} queues[] = {
    { "queue.Queue", "queue", "maxsize" },
    { "Queue.Queue", "queue", "maxsize" }, // 2.7
    { "asyncio.queues.Queue", "_queue", "_maxsize" },
    { "multiprocessing.queues.Queue", "_buffer", "_maxsize" },
};
#define QUEUE_COUNT (sizeof queues / sizeof *queues)

// multiprocessing stands for "unbounded" by the greatest semaphore value.
static bool queues_is_bounded(struct finder *f, const struct queue *queue, node n)
{
    node bound = heap_attribute(f->heap, n, queue->bound);
    const char *text = bound == NODE_NONE ? "0" : finder_preview(f, bound, 24);
    return strcmp(text, "0") && *text != '-' && strcmp(text, "2147483647");
}

static bool queues_look_at(struct finder *f, const struct queue *queue, node n, struct err *err)
{
    node items = heap_attribute(f->heap, n, queue->items);
    uint64_t length = items == NODE_NONE ? 0 : finder_length(f, items);
    if (length < ITEMS_LEAST || queues_is_bounded(f, queue, n))
        return true;
    uint64_t bytes = finder_retained(f, items);
    const struct finding finding = {
        .severity = finder_severity(f, bytes, HOME_NONE),
        .bytes = bytes,
        .objects = length,
        .object = items,
        .what = finder_text(f, "%s, an unbounded %s, has %s waiting: %s", finder_name(f, n),
                            finder_type_name(f, n), finder_plural(f, length, "item"),
                            finder_size(f, bytes)),
        .why = "the producer is faster than the consumer, or the consumer is stuck (`threads` "
               "shows where); with a maxsize the producer waits",
        .next = finder_text(f, "referents %s -n 10", finder_word(f, items)),
    };
    return finder_add(f, &finding, err);
}

static bool queues_find(struct finder *f, struct err *err)
{
    bool ok = finder_need_paths(f, err);
    for (uint32_t t = 0; ok && t < heap_type_count(f->heap); t++)
        for (size_t i = 0; ok && i < QUEUE_COUNT && !(f->types[t].roles & ROLE_TYPE); i++) {
            if (!f->types[t].count || !finder_derives(f, type_row(f->py->types, t), queues[i].type))
                continue;
            uint64_t bit = f->types[t].bit;
            for (node n = 0; ok && (n = finder_skip(f, bit, n)) < f->heap->node_count; n++)
                if (heap_type(f->heap, n) == t && !finder_is_dead(f, n))
                    ok = queues_look_at(f, &queues[i], n, err);
        }
    return ok;
}

const struct finding_kind finding_queues = {
    .name = "queues",
    .help = "unbounded queues with very many items waiting",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .is_evidence = true,
    .find = queues_find,
};
