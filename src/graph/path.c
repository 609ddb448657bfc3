// SPDX-License-Identifier: GPL-3.0-or-later
// Shortest paths from a root to a node, found backwards, breadth first.
#include "graph/path.h"

#include <stdlib.h>

#define PROGRESS_NODES (1u << 16)

bool path_open(struct path_search *search, const struct csr *csr, const struct csr *reverse,
               struct walk walk, const uint64_t *roots, uint32_t target, struct err *err)
{
    *search = (struct path_search){
        .csr = csr, .reverse = reverse, .walk = walk, .roots = roots, .target = target
    };
    size_t room = (size_t)csr->node_count + 1;
    search->next = calloc(room, sizeof *search->next);
    search->queue = malloc(room * sizeof *search->queue);
    search->used = calloc(marks_words(csr->node_count) + 1, sizeof *search->used);
    search->direct = calloc(marks_words(csr->node_count) + 1, sizeof *search->direct);
    if (search->next && search->queue && search->used && search->direct)
        return true;
    path_close(search);
    return err_memory(err, "finding paths");
}

struct hunt {
    uint32_t head;
    uint32_t tail;
    uint32_t root; // where it ended
    uint64_t budget;
    const struct progress *progress;
};

// Examines the node's referrers; true if one is a root.
static bool hunt_step(struct path_search *search, struct hunt *hunt, uint32_t node)
{
    uint64_t first = csr_first(search->reverse, node);
    uint64_t end = csr_end(search->reverse, node);
    for (uint64_t e = first; e < end; e++) {
        uint32_t from = search->reverse->to[e] & CSR_NODE;
        if (search->next[from] || !walk_takes(&search->walk, search->reverse->to[e])
            || marks_has(search->used, from)
            || (search->same && node == search->target && marks_has(search->same, from)))
            continue;
        bool is_root = marks_has(search->roots, from);
        if (is_root && node == search->target && marks_has(search->direct, from))
            continue;
        search->next[from] = node + 1;
        search->queue[hunt->tail++] = from;
        if (is_root) {
            hunt->root = from;
            search->looked += e - first + 1;
            return true;
        }
    }
    search->looked += end - first;
    return false;
}

static enum path_end hunt_run(struct path_search *search, struct hunt *hunt)
{
    uint64_t start = search->looked;
    search->next[search->target] = search->target + 1;
    search->queue[hunt->tail++] = search->target;
    while (hunt->head < hunt->tail) {
        if (hunt_step(search, hunt, search->queue[hunt->head++]))
            return PATH_FOUND;
        if (hunt->budget && search->looked - start >= hunt->budget && hunt->head < hunt->tail)
            return PATH_STOPPED;
        if (hunt->head % PROGRESS_NODES == 0
            && !progress_step(hunt->progress, "finding paths", hunt->head, search->csr->node_count))
            return PATH_STOPPED;
    }
    return PATH_NO_MORE;
}

static bool path_init(struct path *path, uint32_t count, struct err *err)
{
    path->node = malloc((size_t)count * sizeof *path->node);
    path->edge = malloc((size_t)count * sizeof *path->edge);
    if (!path->node || !path->edge) {
        path_free(path);
        return err_memory(err, "a path");
    }
    path->count = count;
    return true;
}

// Reads the path off the trail, root first, and bars its inner nodes to later paths.
static bool path_keep(struct path_search *search, uint32_t root, struct path *path, struct err *err)
{
    uint32_t count = 1;
    for (uint32_t n = root; n != search->target; n = search->next[n] - 1)
        count++;
    if (!path_init(path, count, err))
        return false;
    uint32_t node = root;
    for (uint32_t i = 0; i < count; i++, node = search->next[node] - 1) {
        path->node[i] = node;
        if (i)
            path->edge[i - 1] =
                csr_find_edge(search->csr, search->walk.skip_mask, path->node[i - 1], node);
        if (i && i + 1 < count)
            marks_set(search->used, node);
    }
    if (count == 2)
        marks_set(search->direct, root);
    return true;
}

bool path_next(struct path_search *search, uint64_t budget, struct path *path, enum path_end *end,
               const struct progress *progress, struct err *err)
{
    *path = (struct path){ 0 };
    *end = PATH_FOUND;
    if (marks_has(search->roots, search->target) && !search->is_root_given) {
        search->is_root_given = true;
        return path_keep(search, search->target, path, err);
    }
    struct hunt hunt = { .budget = budget, .progress = progress };
    *end = hunt_run(search, &hunt);
    bool ok = *end != PATH_FOUND || path_keep(search, hunt.root, path, err);
    for (uint32_t i = 0; i < hunt.tail; i++)
        search->next[search->queue[i]] = 0;
    return ok;
}

void path_close(struct path_search *search)
{
    free(search->next);
    free(search->queue);
    free(search->used);
    free(search->direct);
    *search = (struct path_search){ 0 };
}

void path_free(struct path *path)
{
    free(path->node);
    free(path->edge);
    *path = (struct path){ 0 };
}
