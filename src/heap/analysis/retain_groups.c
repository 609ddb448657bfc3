// SPDX-License-Identifier: GPL-3.0-or-later
// Retained sizes by group: see retain.h.
//
//      type, owner    the dominator tree as it is; an object counts unless a dominator of it is in
//                     the same group
//      module         a tree of its own, without what only running code holds
//      thread         what that tree leaves over, by the thread whose frames lead to it
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/vec.h"
#include "heap/analysis/retain.h"
#include "graph/marks.h"
#include "graph/reach.h"
#include "py/runtime/runtime_roots.h"

struct grouping {
    const struct retain_sources *sources;
    const struct heap *heap;
    const struct dominate *dominate; // the sources', or one made for these groups
    const struct csr *children;      // the dominator tree, from parents to children
    struct retain_groups *groups;
    size_t capacity;
    struct names names;
    uint32_t *of; // per object: its group; NAMES_NONE: none
};

static bool group_named(struct grouping *grouping, const char *name, uint32_t *index,
                        struct err *err)
{
    struct retain_groups *groups = grouping->groups;
    const char *kept;
    if (!names_intern(&grouping->names, name, strlen(name), index, &kept, err))
        return false;
    if (*index < groups->count)
        return true;
    if (!vec_grow(&groups->items, &grouping->capacity, groups->count + 1, sizeof *groups->items,
                  err))
        return false;
    const char *copy = arena_string(&groups->arena, kept);
    groups->items[groups->count++] =
        (struct retain_group){ .name = copy ? copy : "?", .largest = NODE_NONE };
    return true;
}

static bool retain_groups_by_type(struct grouping *grouping, struct err *err)
{
    const struct heap *heap = grouping->heap;
    for (node n = 0; n < heap->node_count; n++)
        if (!group_named(grouping, heap_type_name(heap, heap_type(heap, n)), &grouping->of[n], err))
            return false;
    return true;
}

static bool retain_groups_by_owner(struct grouping *grouping, struct err *err)
{
    const struct heap *heap = grouping->heap;
    for (node n = 0; n < heap->node_count; n++) {
        node owner =
            retain_is_container(heap, n) ? retain_owner(heap, grouping->sources->dominate, n) : n;
        const char *name = owner == NODE_NONE ? "shared, or held by a root"
                                              : heap_type_name(heap, heap_type(heap, owner));
        if (!group_named(grouping, name, &grouping->of[n], err))
            return false;
    }
    return true;
}

// Groups what no module dominates, so that all rows add up to all living objects.
static bool group_rest(struct grouping *grouping, const struct dominate *resting, struct err *err)
{
    const struct heap *heap = grouping->heap;
    for (node n = 0; n < heap->node_count; n++) {
        if (grouping->of[n] != NAMES_NONE || resting->parent[n] != DOM_ROOT
            || marks_has(grouping->sources->dominate->dead, n))
            continue;
        const char *name = marks_has(resting->dead, n) ? "held only by running frames"
                                                       : "shared, or held by another root";
        if (!group_named(grouping, name, &grouping->of[n], err))
            return false;
    }
    return true;
}

// Computes what modules dominate as if every thread had ended: otherwise a module whose code is
// running would retain next to nothing, because frames hold what they work on, too.
static bool retain_groups_by_module(struct grouping *grouping, const struct dominate *resting,
                                    struct err *err)
{
    const struct heap_roots *roots = grouping->sources->roots;
    struct text name = TEXT_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < roots->count; i++) {
        const struct heap_root *item = &roots->items[i];
        if ((item->root.kind != ROOT_MODULE && item->root.kind != ROOT_GLOBALS)
            || grouping->of[item->to] != NAMES_NONE)
            continue;
        text_clear(&name);
        root_name_holder(grouping->heap->py, &item->root, &name);
        ok = group_named(grouping, text_string(&name), &grouping->of[item->to], err);
    }
    text_fini(&name);
    return ok && group_rest(grouping, resting, err);
}

// Finds the dominators of what would live if every thread had ended. Other living objects count as
// dead; garbage is in neither.
static bool find_resting(const struct retain_sources *sources, struct dominate *resting,
                         struct csr *children, struct err *err)
{
    const struct heap *heap = sources->heap;
    uint32_t count = heap->node_count;
    struct heap_roots roots = *sources->roots;
    size_t words = (size_t)marks_words(count);
    roots.only = malloc((words + 1) * sizeof *roots.only);
    bool ok = roots.only ? heap_roots_resting(sources->roots, heap, &roots.all, err)
                         : err_memory(err, "the roots");
    if (ok) {
        for (size_t i = 0; i < words; i++)
            roots.only[i] = sources->roots->only[i] & ~sources->dominate->dead[i];
        ok = dominate_find(resting, heap, NULL, &roots, sources->progress, err);
        free(roots.all);
    }
    free(roots.only);
    const struct dom dom = { .node_count = count, .parent = resting->parent };
    return ok && dom_children(&dom, children, err);
}

// --- by thread: what only a thread's frames lead to ---

struct flood {
    struct grouping *grouping;
    const uint64_t *rest; // objects that live without frames
    uint32_t several;     // the group of objects that frames of several threads lead to
    node *stack;
    size_t count, room;
};

// An object that several threads lead to belongs to none of them.
static bool flood_at(struct flood *flood, node n, uint32_t group, struct err *err)
{
    uint32_t *of = &flood->grouping->of[n];
    if (*of == group || *of == flood->several || marks_has(flood->rest, n)
        || marks_has(flood->grouping->sources->dominate->dead, n))
        return true;
    *of = *of == NAMES_NONE ? group : flood->several;
    if (!vec_grow(&flood->stack, &flood->room, flood->count + 1, sizeof *flood->stack, err))
        return false;
    flood->stack[flood->count++] = n;
    return true;
}

static bool flood_from(struct flood *flood, node n, uint32_t group, struct err *err)
{
    const struct csr *forward = &flood->grouping->heap->forward;
    const uint64_t *only = flood->grouping->sources->roots->only;
    bool ok = flood_at(flood, n, group, err);
    while (ok && flood->count) {
        node at = flood->stack[--flood->count];
        uint64_t end = csr_end(forward, at);
        for (uint64_t e = csr_first(forward, at); ok && e < end; e++) {
            node to = forward->to[e] & EDGE_NODE;
            if (!(forward->to[e] & EDGE_BORROWED) && marks_has(only, to))
                ok = flood_at(flood, to, flood->grouping->of[at], err);
        }
    }
    return ok;
}

static bool flood_roots(struct flood *flood, struct err *err)
{
    const struct heap_roots *roots = flood->grouping->sources->roots;
    struct text name = TEXT_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < roots->count; i++) {
        const struct heap_root *item = &roots->items[i];
        enum root_kind kind = (enum root_kind)item->root.kind;
        if (!heap_root_is_running(kind) || kind == ROOT_MACHINE || marks_has(flood->rest, item->to))
            continue;
        uint32_t group;
        text_clear(&name);
        root_name_holder(flood->grouping->heap->py, &item->root, &name);
        if (!name.size) // its thread state is not among the interpreter's
            text_add_string(&name, "a thread");
        ok = group_named(flood->grouping, text_string(&name), &group, err)
             && flood_from(flood, item->to, group, err);
    }
    text_fini(&name);
    return ok;
}

static bool by_thread(struct grouping *grouping, struct err *err)
{
    const struct heap *heap = grouping->heap;
    const struct heap_roots *held = grouping->sources->roots;
    const struct walk walk = { .skip_mask = EDGE_BORROWED, .only = held->only };
    uint64_t *roots, *rest = calloc(marks_words(heap->node_count) + 1, sizeof *rest);
    struct flood flood = { .grouping = grouping, .rest = rest };
    if (!rest)
        return err_memory(err, "what lives without frames");
    bool ok = heap_roots_resting(held, heap, &roots, err);
    if (ok) {
        ok = reach_from_marked(&heap->forward, walk, roots, rest, grouping->sources->progress, err)
             && group_named(grouping, "several threads", &flood.several, err)
             && flood_roots(&flood, err);
        free(roots);
    }
    free(flood.stack);
    free(rest);
    return ok;
}

// An object's retained bytes count for its group unless a dominator of it is in the same group,
// whose retained bytes already include them.
static void retain_groups_add_object(struct grouping *grouping, node n, const uint32_t *inside)
{
    const struct heap *heap = grouping->heap;
    uint32_t index = grouping->of[n];
    if (index == NAMES_NONE)
        return;
    struct retain_group *group = &grouping->groups->items[index];
    uint64_t retained = grouping->dominate->retained[n];
    group->objects++;
    group->bytes += heap_own(heap, n);
    group->retained += inside[index] ? 0 : retained;
    if (group->largest == NODE_NONE || retained > group->largest_retained) {
        group->largest = n;
        group->largest_retained = retained;
    }
}

struct retain_groups_level { // of the descent through the dominator tree
    node at;
    uint64_t next; // edge to its next child
};

// Walks the dominator tree from the top; inside[group] counts the group's objects above the current
// one.
static bool retain_groups_add_objects(struct grouping *grouping, uint32_t *inside, struct err *err)
{
    const struct csr *children = grouping->children;
    struct retain_groups_level *path = NULL;
    size_t depth = 0, capacity = 0;
    if (!vec_grow(&path, &capacity, 1, sizeof *path, err))
        return false;
    node top = grouping->heap->node_count;
    path[depth++] = (struct retain_groups_level){ top, csr_first(children, top) };
    while (depth) {
        struct retain_groups_level *level = &path[depth - 1];
        uint32_t index = level->at == top ? NAMES_NONE : grouping->of[level->at];
        if (level->next == csr_end(children, level->at)) {
            if (index != NAMES_NONE)
                inside[index]--;
            depth--;
            continue;
        }
        node child = children->to[level->next++];
        retain_groups_add_object(grouping, child, inside);
        if (grouping->of[child] != NAMES_NONE)
            inside[grouping->of[child]]++;
        if (!vec_grow(&path, &capacity, depth + 1, sizeof *path, err)) {
            free(path);
            return false;
        }
        path[depth++] = (struct retain_groups_level){ child, csr_first(children, child) };
    }
    free(path);
    return true;
}

// Objects in no tree count with their own size: the dict of interned strings, whose references hold
// nothing.
static void retain_groups_add_apart(struct grouping *grouping)
{
    const struct heap *heap = grouping->heap;
    for (node n = 0; n < heap->node_count; n++) {
        if (grouping->dominate->parent[n] != DOM_NONE || grouping->of[n] == NAMES_NONE)
            continue;
        struct retain_group *group = &grouping->groups->items[grouping->of[n]];
        group->objects++;
        group->bytes += heap_own(heap, n);
        group->retained += heap_own(heap, n);
    }
}

static bool retain_groups_add_all(struct grouping *grouping, struct err *err)
{
    uint32_t *inside = calloc(grouping->groups->count + 1, sizeof *inside);
    if (!inside)
        return err_memory(err, "groups");
    bool ok = retain_groups_add_objects(grouping, inside, err);
    free(inside);
    if (ok)
        retain_groups_add_apart(grouping);
    return ok;
}

static int retain_groups_compare(const void *left, const void *right)
{
    const struct retain_group *a = left, *b = right;
    if (a->retained != b->retained)
        return a->retained > b->retained ? -1 : 1;
    return strcmp(a->name, b->name);
}

static bool retain_groups_fill(struct grouping *grouping, const char *by,
                               const struct dominate *resting, struct err *err)
{
    if (!strcmp(by, "type"))
        return retain_groups_by_type(grouping, err);
    if (!strcmp(by, "owner"))
        return retain_groups_by_owner(grouping, err);
    if (!strcmp(by, "thread"))
        return by_thread(grouping, err);
    return retain_groups_by_module(grouping, resting, err);
}

static bool is_known(const char *by, struct err *err)
{
    static const char *const known[] = { "type", "owner", "module", "thread" };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(by, known[i]))
            return true;
    return err_set(err, ERR_USAGE, "--by %s: it may be type, owner, module or thread", by);
}

static void drop_empty(struct retain_groups *groups)
{
    size_t kept = 0;
    for (size_t i = 0; i < groups->count; i++)
        if (groups->items[i].objects)
            groups->items[kept++] = groups->items[i];
    groups->count = kept;
}

bool retain_group_by(struct retain_groups *groups, const struct retain_sources *sources,
                     const char *by, struct err *err)
{
    struct dominate resting = { 0 };
    struct csr children = { 0 };
    struct grouping grouping = { .sources = sources,
                                 .heap = sources->heap,
                                 .dominate = sources->dominate,
                                 .children = sources->children,
                                 .groups = groups };
    size_t bytes = ((size_t)sources->heap->node_count + 1) * sizeof *grouping.of;
    if (!is_known(by, err))
        return false;
    bool ok = true;
    if (!strcmp(by, "module")) {
        grouping.dominate = &resting;
        grouping.children = &children;
        ok = find_resting(sources, &resting, &children, err);
    }
    ok = ok && ((grouping.of = malloc(bytes)) || err_memory(err, "groups"));
    if (ok) {
        memset(grouping.of, 0xff, bytes);
        ok = retain_groups_fill(&grouping, by, &resting, err)
             && retain_groups_add_all(&grouping, err);
    }
    free(grouping.of);
    names_fini(&grouping.names);
    csr_free(&children);
    dominate_free(&resting);
    drop_empty(groups);
    if (ok && groups->count)
        qsort(groups->items, groups->count, sizeof *groups->items, retain_groups_compare);
    return ok;
}

bool retain_sum(const struct retain_sources *sources, uint32_t *of, uint32_t count,
                uint64_t *retained, struct err *err)
{
    struct retain_groups groups = { .count = count };
    struct grouping grouping = { .sources = sources,
                                 .heap = sources->heap,
                                 .dominate = sources->dominate,
                                 .children = sources->children,
                                 .groups = &groups,
                                 .of = of };
    groups.items = calloc((size_t)count + 1, sizeof *groups.items);
    if (!groups.items)
        return err_memory(err, "groups");
    bool ok = retain_groups_add_all(&grouping, err);
    for (uint32_t i = 0; ok && i < count; i++)
        retained[i] = groups.items[i].retained;
    free(groups.items);
    return ok;
}

void retain_groups_fini(struct retain_groups *groups)
{
    free(groups->items);
    arena_fini(&groups->arena);
    *groups = (struct retain_groups){ 0 };
}
