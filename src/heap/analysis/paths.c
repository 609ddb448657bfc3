// SPDX-License-Identifier: GPL-3.0-or-later
// Paths from roots: see paths.h. Two successive searches of the same heap, with different marks.
#include "heap/analysis/paths.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"

static bool fits(const char *pattern, const char *name)
{
    return !fnmatch(pattern, name, 0) || (!strpbrk(pattern, "*?[") && strstr(name, pattern));
}

static bool is_kind(const char *word)
{
    for (int kind = 0; kind < ROOT_KINDS; kind++)
        if (!strcmp(word, root_kind_name((enum root_kind)kind)))
            return true;
    return false;
}

static void hide_types(struct paths *paths, const char *pattern)
{
    const struct heap *heap = paths->heap;
    uint32_t count = heap_type_count(heap);
    uint64_t *types = calloc(marks_words(count) + 1, sizeof *types);
    for (uint32_t t = 0; types && t < count; t++)
        if (!fnmatch(pattern, heap_type_name(heap, t), 0))
            marks_set(types, t);
    for (node n = 0; types && n < heap->node_count; n++)
        if (n != paths->target && marks_has(types, heap_type(heap, n)))
            marks_clear(paths->only, n);
    free(types);
}

// "0x7f.." hides one object, any other word all objects of matching types.
static void hide(struct paths *paths, const char *word)
{
    char *end;
    node n =
        !strncmp(word, "0x", 2) ? heap_node_of(paths->heap, strtoull(word, &end, 16)) : NODE_NONE;
    if (n != NODE_NONE && n != paths->target)
        marks_clear(paths->only, n);
    hide_types(paths, word);
}

static bool hides_root(const char *const *hidden, const struct root *root, const char *name)
{
    for (; hidden && *hidden; hidden++)
        if (!fnmatch(*hidden, name, 0) || !strcmp(*hidden, root_kind_name(root->kind)))
            return true;
    return false;
}

static bool wants_root(const struct paths *paths, const struct root *root,
                       const struct paths_options *options)
{
    struct text name = TEXT_INIT;
    if (!options->hide && !options->from)
        return true;
    root_name(paths->heap->py, root, &name);
    const char *text = text_string(&name);
    bool wanted = !options->from
                  || (is_kind(options->from) ? !strcmp(options->from, root_kind_name(root->kind))
                                             : fits(options->from, text));
    wanted = wanted && !hides_root(options->hide, root, text);
    text_fini(&name);
    return wanted;
}

static uint64_t mark_roots(struct paths *paths, const struct paths_options *options)
{
    uint64_t wanted = 0;
    for (size_t i = 0; i < paths->roots->count; i++) {
        const struct heap_root *item = &paths->roots->items[i];
        if (!wants_root(paths, &item->root, options))
            continue;
        wanted++;
        marks_set(paths->marks[!heap_root_is_named((enum root_kind)item->root.kind)], item->to);
    }
    if (options->from || options->hide)
        return wanted;
    for (uint64_t w = 0; w < marks_words(paths->heap->node_count);
         w++) // immortal and static objects have no root of their own
        paths->marks[1][w] |= paths->roots->all[w];
    for (uint64_t w = 0; w < marks_words(paths->heap->node_count); w++)
        paths->marks[1][w] &= ~paths->marks[0][w];
    return wanted;
}

// A frame's local is a root, and up to 3.10 the frame is an object that refers to it too; the same
// holds for modules and their dicts. One reference must not count as two paths.
static void mark_same(struct paths *paths)
{
    const struct heap *heap = paths->heap;
    const struct heap_roots *roots = paths->roots;
    for (size_t i = heap_roots_first(roots, paths->target);
         i < roots->count && roots->items[i].to == paths->target; i++) {
        const struct root *root = &roots->items[i].root;
        node holder = NODE_NONE;
        if (root->hold != ROOT_SEEN || !marks_has(paths->marks[0], paths->target))
            continue;
        if (root->kind == ROOT_LOCAL && root->detail)
            holder = heap_node_around(heap, root->detail);
        else if (root->kind == ROOT_MODULE && root->interpreter < heap->py->interpreter_count)
            holder = heap_node_of(heap, heap->py->interpreters[root->interpreter].modules);
        if (holder != NODE_NONE)
            marks_set(paths->same, holder);
        if (root->kind != ROOT_GLOBALS)
            continue;
        for (size_t k = 0; k < roots->count; k++) // the module has a root of the same name
            if (roots->items[k].root.kind == ROOT_MODULE
                && roots->items[k].root.detail == root->detail)
                marks_set(paths->same, roots->items[k].to);
    }
}

static bool open_round(struct paths *paths, struct err *err)
{
    const struct walk walk = { .skip_mask = EDGE_BORROWED, .only = paths->only };
    paths->is_open = path_open(&paths->search, &paths->heap->forward, &paths->heap->reverse, walk,
                               paths->marks[paths->round], paths->target, err);
    paths->search.same = paths->same;
    return paths->is_open;
}

bool paths_open(struct paths *paths, const struct heap *heap, const struct heap_roots *roots,
                node target, const struct paths_options *options, struct err *err)
{
    size_t words = (size_t)marks_words(heap->node_count) + 1;
    *paths = (struct paths){ .heap = heap,
                             .roots = roots,
                             .target = target,
                             .budget = options->budget ? options->budget : UINT64_MAX };
    paths->marks[0] = calloc(words, sizeof **paths->marks);
    paths->marks[1] = calloc(words, sizeof **paths->marks);
    paths->only = malloc(words * sizeof *paths->only);
    paths->same = calloc(words, sizeof *paths->same);
    if (!paths->marks[0] || !paths->marks[1] || !paths->only || !paths->same) {
        paths_close(paths);
        return err_memory(err, "finding paths");
    }
    memcpy(paths->only, roots->only, words * sizeof *paths->only);
    for (const char *const *word = options->hide; word && *word; word++)
        hide(paths, *word);
    if (!mark_roots(paths, options) && options->from) {
        paths_close(paths);
        return err_set(err, ERR_NOT_FOUND, "no root has the name or kind %s", options->from);
    }
    mark_same(paths);
    if (open_round(paths, err))
        return true;
    paths_close(paths);
    return false;
}

void paths_close(struct paths *paths)
{
    if (paths->is_open)
        path_close(&paths->search);
    free(paths->marks[0]);
    free(paths->marks[1]);
    free(paths->only);
    free(paths->same);
    *paths = (struct paths){ 0 };
}

// The second round continues the first: named roots and the inner objects of paths that were
// returned are excluded.
static bool next_round(struct paths *paths, struct err *err)
{
    for (uint64_t w = 0; w < marks_words(paths->heap->node_count); w++)
        paths->only[w] &= ~(paths->marks[0][w] | paths->search.used[w]);
    path_close(&paths->search);
    paths->round++;
    return open_round(paths, err);
}

static bool paths_keep(struct paths *paths, const struct path *from, struct heap_path *path,
                       struct err *err)
{
    path->steps = calloc(from->count, sizeof *path->steps);
    if (!path->steps)
        return err_memory(err, "a path");
    path->count = from->count;
    for (uint32_t i = 0; i < from->count; i++)
        path->steps[i].object = from->node[i];
    return heap_path_name(path, paths->heap, paths->roots, err);
}

bool paths_next(struct paths *paths, struct heap_path *path, enum path_end *end,
                const struct progress *progress, struct err *err)
{
    *path = (struct heap_path){ 0 };
    for (;;) {
        struct path found;
        uint64_t before = paths->search.looked;
        uint64_t budget = paths->budget == UINT64_MAX ? 0 : paths->budget;
        if (paths->budget == 0) {
            *end = PATH_STOPPED;
            return true;
        }
        if (!path_next(&paths->search, budget, &found, end, progress, err))
            return false;
        uint64_t looked = paths->search.looked - before;
        if (paths->budget != UINT64_MAX)
            paths->budget -= looked < paths->budget ? looked : paths->budget;
        if (*end == PATH_FOUND) {
            bool ok = paths_keep(paths, &found, path, err);
            path_free(&found);
            return ok;
        }
        path_free(&found);
        if (*end == PATH_STOPPED || paths->round == 1)
            return true;
        if (!next_round(paths, err))
            return false;
    }
}

bool paths_count(struct paths *paths, uint32_t most, struct path_tally *tally,
                 const struct progress *progress, struct err *err)
{
    uint64_t budget = paths->heap->forward.edge_count * 2 + 1000000;
    return path_count(&paths->search, most, budget, tally, progress, err);
}

void heap_path_fini(struct heap_path *path)
{
    free(path->steps);
    arena_fini(&path->arena);
    *path = (struct heap_path){ 0 };
}
