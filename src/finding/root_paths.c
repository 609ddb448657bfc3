// SPDX-License-Identifier: GPL-3.0-or-later
// Ways from names: see root_paths.h. A breadth-first walk in three rounds over one queue.
#include "finding/root_paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "graph/marks.h"
#include "py/objects/dict.h"
#include "py/objects/str.h"

// --- modules ------------------------------------------------------------------------------------

bool root_paths_is_library(const char *file, const char *standard)
{
    if (!file || !*file || *file == '<')
        return true;
    size_t size = standard ? strlen(standard) : 0;
    if (size && !strncmp(file, standard, size) && file[size] == '/')
        return true;
    return strstr(file, "/site-packages/") || strstr(file, "/dist-packages/");
}

static bool module_file(const struct heap *heap, node dict, struct text *out)
{
    text_clear(out);
    addr file = dict_lookup(heap->py, heap_addr(heap, dict), "__file__");
    struct str_view view;
    if (!file || !str_view(heap->py, file, &view))
        return false;
    str_append(heap->py, file, 4096, out);
    return true;
}

// Where the standard library lies: the folder of os.py.
static void find_standard(const struct root_paths *ways, const struct heap *heap, struct text *out)
{
    for (size_t i = 0; i < ways->module_count; i++) {
        if (!str_equals(heap->py, ways->modules[i].name, "os")
            || !module_file(heap, ways->modules[i].dict, out))
            continue;
        char *slash = strrchr(out->data, '/');
        text_truncate(out, slash ? (size_t)(slash - out->data) : 0);
        return;
    }
    text_clear(out);
}

// __main__ without a file is what somebody typed.
static void tell_libraries(struct root_paths *ways, const struct heap *heap)
{
    struct text standard = TEXT_INIT, file = TEXT_INIT;
    find_standard(ways, heap, &standard);
    for (size_t i = 0; i < ways->module_count; i++) {
        struct root_paths_module *module = &ways->modules[i];
        bool has_file = module_file(heap, module->dict, &file);
        module->is_library =
            root_paths_is_library(has_file ? text_string(&file) : NULL, text_string(&standard))
            && (has_file || !str_equals(heap->py, module->name, "__main__"));
    }
    ways->standard = standard.size ? text_detach(&standard) : NULL;
    text_fini(&standard);
    text_fini(&file);
}

static int by_dict(const void *a, const void *b)
{
    const struct root_paths_module *x = a, *y = b;
    return (x->dict > y->dict) - (x->dict < y->dict);
}

static bool list_modules(struct root_paths *ways, const struct heap *heap,
                         const struct heap_roots *roots, struct err *err)
{
    for (size_t i = 0; i < roots->count; i++) {
        const struct heap_root *item = &roots->items[i];
        if (item->root.kind != ROOT_GLOBALS)
            continue;
        if (!vec_grow(&ways->modules, &ways->module_capacity, ways->module_count + 1,
                      sizeof *ways->modules, err))
            return false;
        ways->modules[ways->module_count++] =
            (struct root_paths_module){ .dict = item->to, .name = item->root.detail };
    }
    if (ways->module_count)
        qsort(ways->modules, ways->module_count, sizeof *ways->modules, by_dict);
    tell_libraries(ways, heap);
    return true;
}

const struct root_paths_module *root_paths_module(const struct root_paths *ways, node dict)
{
    const struct root_paths_module key = { .dict = dict };
    return ways->module_count
               ? bsearch(&key, ways->modules, ways->module_count, sizeof *ways->modules, by_dict)
               : NULL;
}

// --- walking ------------------------------------------------------------------------------------

struct walker {
    struct root_paths *ways;
    const struct heap *heap;
    const struct heap_roots *roots;
    node *queue;
    uint32_t head, tail;
};

static void begin_at(struct walker *walker, node n)
{
    if (walker->ways->from[n] != NODE_NONE || !marks_has(walker->roots->only, n))
        return;
    walker->ways->from[n] = n;
    walker->queue[walker->tail++] = n;
}

static void walk(struct walker *walker)
{
    const struct csr *forward = &walker->heap->forward;
    node *from = walker->ways->from;
    while (walker->head < walker->tail) {
        node n = walker->queue[walker->head++];
        for (uint64_t e = csr_first(forward, n); e < csr_end(forward, n); e++) {
            uint32_t word = forward->to[e];
            node to = word & EDGE_NODE;
            if ((word & EDGE_BORROWED) || from[to] != NODE_NONE
                || !marks_has(walker->roots->only, to))
                continue;
            from[to] = n;
            walker->queue[walker->tail++] = to;
        }
    }
}

static void root_paths_walk_all(struct walker *walker)
{
    const struct root_paths *ways = walker->ways;
    const struct heap_roots *roots = walker->roots;
    for (int own = 0; own < 2; own++)
        for (size_t i = 0; i < ways->module_count; i++)
            if (ways->modules[i].is_library == !own)
                begin_at(walker, ways->modules[i].dict);
    walk(walker);
    for (size_t i = 0; i < roots->count; i++)
        if (heap_root_is_named((enum root_kind)roots->items[i].root.kind))
            begin_at(walker, roots->items[i].to);
    walk(walker);
    for (node n = 0; n < walker->heap->node_count; n++)
        if (marks_has(roots->all, n))
            begin_at(walker, n);
    walk(walker);
}

bool root_paths_find(struct root_paths *ways, const struct heap *heap,
                     const struct heap_roots *roots, struct err *err)
{
    size_t count = heap->node_count;
    *ways = (struct root_paths){ .from = malloc((count + 1) * sizeof *ways->from) };
    struct walker walker = { ways, heap, roots, malloc((count + 1) * sizeof(node)), 0, 0 };
    bool ok = ways->from && walker.queue ? list_modules(ways, heap, roots, err)
                                         : err_memory(err, "the ways to objects");
    if (ok) {
        memset(ways->from, 0xff, (count + 1) * sizeof *ways->from);
        root_paths_walk_all(&walker);
    }
    free(walker.queue);
    if (!ok)
        root_paths_free(ways);
    return ok;
}

void root_paths_free(struct root_paths *ways)
{
    free(ways->from);
    free(ways->modules);
    free(ways->standard);
    *ways = (struct root_paths){ 0 };
}

node root_paths_root(const struct root_paths *ways, node n)
{
    while (n != NODE_NONE && ways->from[n] != n)
        n = ways->from[n];
    return n;
}

enum home root_paths_home(const struct root_paths *ways, node n)
{
    node root = root_paths_root(ways, n);
    const struct root_paths_module *module =
        root == NODE_NONE ? NULL : root_paths_module(ways, root);
    return !module ? HOME_NONE : module->is_library ? HOME_LIBRARY : HOME_PROGRAM;
}
