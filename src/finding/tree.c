// SPDX-License-Identifier: GPL-3.0-or-later
// Laying out the dominator tree: see tree.h.
#include "finding/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

#define PROGRESS_EVERY (1u << 18)

struct tree_level {
    uint32_t number; // its position in the order; NODE_NONE: the root above the roots
    uint64_t next, end;
};

static bool tree_push(struct tree_level **levels, size_t *depth, size_t *capacity,
                      const struct csr *children, uint32_t at, uint32_t number, struct err *err)
{
    if (!vec_grow(levels, capacity, *depth + 1, sizeof **levels, err))
        return false;
    (*levels)[(*depth)++] =
        (struct tree_level){ number, csr_first(children, at), csr_end(children, at) };
    return true;
}

static bool lay(struct tree *tree, const struct csr *children, uint32_t top,
                const struct progress *progress, struct err *err)
{
    struct tree_level *levels = NULL;
    size_t depth = 0, capacity = 0;
    bool ok = tree_push(&levels, &depth, &capacity, children, top, NODE_NONE, err);
    while (ok && depth) {
        struct tree_level *level = &levels[depth - 1];
        if (level->next == level->end) {
            if (level->number != NODE_NONE)
                tree->end[level->number] = tree->count;
            depth--;
            continue;
        }
        node child = children->to[level->next++] & CSR_NODE;
        uint32_t number = tree->count++;
        if (number % PROGRESS_EVERY == 0
            && !progress_step(progress, "laying out the tree", number, children->node_count))
            ok = err_set(err, ERR_CANCELLED, "laying out the tree of dominators was cancelled");
        tree->order[number] = child;
        tree->number[child] = number;
        if (csr_first(children, child) == csr_end(children, child))
            tree->end[number] = tree->count;
        else if (ok)
            ok = tree_push(&levels, &depth, &capacity, children, child, number, err);
    }
    free(levels);
    return ok;
}

bool tree_build(struct tree *tree, const struct heap *heap, const struct dominate *dominate,
                const struct progress *progress, struct err *err)
{
    size_t count = heap->node_count;
    *tree = (struct tree){ .order = malloc((count + 1) * sizeof *tree->order),
                           .number = malloc((count + 1) * sizeof *tree->number),
                           .end = malloc((count + 1) * sizeof *tree->end) };
    if (!tree->order || !tree->number || !tree->end) {
        tree_free(tree);
        return err_memory(err, "the tree of dominators");
    }
    memset(tree->number, 0xff, (count + 1) * sizeof *tree->number);
    struct csr children = { 0 };
    const struct dom dom = { .node_count = heap->node_count, .parent = dominate->parent };
    bool ok =
        dom_children(&dom, &children, err) && lay(tree, &children, heap->node_count, progress, err);
    csr_free(&children);
    if (!ok)
        tree_free(tree);
    return ok;
}

void tree_free(struct tree *tree)
{
    free(tree->order);
    free(tree->number);
    free(tree->end);
    *tree = (struct tree){ 0 };
}
