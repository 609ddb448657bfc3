// SPDX-License-Identifier: GPL-3.0-or-later
// Dominators over the heap: see dominate.h.
#include "heap/analysis/dominate.h"

#include <stdlib.h>

#include "graph/marks.h"
#include "graph/scc.h"
#include "py/kinds/kind.h"
#include "py/objects/type.h"

static bool list_marked(const uint64_t *marks, uint32_t count, uint32_t **list, uint32_t *size,
                        struct err *err)
{
    uint32_t n = 0;
    for (uint64_t w = 0; w < marks_words(count); w++)
        n += (uint32_t)__builtin_popcountll(marks[w]);
    *list = malloc(((size_t)n + 1) * sizeof **list);
    if (!*list)
        return err_memory(err, "the roots");
    *size = 0;
    for (uint64_t w = 0; w < marks_words(count); w++)
        for (uint64_t left = marks[w]; left; left &= left - 1)
            (*list)[(*size)++] = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
    return true;
}

// Not before the dominators are found: that is when most memory is in use.
static bool set_sizes(struct dominate *dominate, const struct heap *heap, struct err *err)
{
    dominate->retained = malloc(((size_t)heap->node_count + 1) * sizeof *dominate->retained);
    if (!dominate->retained)
        return err_memory(err, "retained sizes");
    for (node n = 0; n < heap->node_count; n++)
        dominate->retained[n] = heap_own(heap, n);
    return true;
}

// Marks every object that the first round did not reach and that is not hidden.
static void mark_dead(struct dominate *dominate, const struct heap_roots *roots, uint32_t count)
{
    for (node n = 0; n < count; n++)
        if (dominate->parent[n] == DOM_NONE && marks_has(roots->only, n)) {
            marks_set(dominate->dead, n);
            dominate->dead_count++;
        }
}

static bool of_living(struct dominate *dominate, const struct heap *heap, struct csr *missing,
                      const struct heap_roots *roots, const struct progress *progress,
                      struct err *err)
{
    const struct walk walk = { .skip_mask = EDGE_BORROWED, .only = roots->only };
    uint32_t *list, count = 0;
    struct dom dom;
    if (!list_marked(roots->all, heap->node_count, &list, &count, err))
        return false;
    bool good =
        missing ? dom_find_turning(&heap->forward, missing, heap->threads, walk, list, count, &dom,
                                   progress, err)
                : dom_find(&heap->forward, &heap->reverse, walk, list, count, &dom, progress, err);
    free(list);
    if (!good)
        return false;
    good = set_sizes(dominate, heap, err);
    if (good) {
        dominate->living_bytes = dom_sum(&dom, dominate->retained);
        dominate->parent = dom.parent;
        dom.parent = NULL;
    }
    dom_free(&dom);
    return good;
}

static bool of_dead(struct dominate *dominate, const struct heap *heap,
                    const struct progress *progress, struct err *err)
{
    const struct walk walk = { .skip_mask = EDGE_BORROWED, .only = dominate->dead };
    struct scc scc;
    uint32_t *tops, count;
    if (!scc_find(&heap->forward, walk, &scc, progress, err))
        return false;
    bool good = scc_tops(&heap->forward, walk, &scc, &tops, &count, err);
    scc_free(&scc);
    if (!good)
        return false;
    struct dom dom;
    good = dom_find(&heap->forward, &heap->reverse, walk, tops, count, &dom, progress, err);
    free(tops);
    if (!good)
        return false;
    dominate->dead_bytes = dom_sum(&dom, dominate->retained);
    for (node n = 0; n < heap->node_count; n++)
        if (dom.parent[n] != DOM_NONE)
            dominate->parent[n] = dom.parent[n];
    dom_free(&dom);
    return true;
}

bool dominate_find(struct dominate *dominate, const struct heap *heap, struct csr *missing,
                   const struct heap_roots *roots, const struct progress *progress, struct err *err)
{
    *dominate = (struct dominate){ 0 };
    dominate->dead = calloc((size_t)marks_words(heap->node_count) + 1, sizeof *dominate->dead);
    bool good = dominate->dead || err_memory(err, "retained sizes");
    good = good && of_living(dominate, heap, missing, roots, progress, err);
    if (good) {
        mark_dead(dominate, roots, heap->node_count);
        good = !dominate->dead_count || of_dead(dominate, heap, progress, err);
    }
    if (!good)
        dominate_free(dominate);
    return good;
}

void dominate_free(struct dominate *dominate)
{
    free(dominate->parent);
    free(dominate->retained);
    free(dominate->dead);
    *dominate = (struct dominate){ 0 };
}
