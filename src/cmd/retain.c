// SPDX-License-Identifier: GPL-3.0-or-later
// Retained sizes, asked for: see retain.h.
#include "cmd/retain.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/vec.h"
#include "graph/marks.h"
#include "py/roots.h"
#include "py/type.h"

#define CHAIN_MOST 100000 // dominators looked at above one object

bool retain_is_container(const struct session *session, node n)
{
    static const char *const names[] = {
        "dict", "list", "tuple", "set", "frozenset", "cell", "collections.deque"
    };
    const char *name = type_row(session->py.types, heap_type(&session->heap, n))->name;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

node retain_parent(const struct session *session, node n)
{
    uint32_t parent = session->dominate.parent[n];
    return parent == DOM_ROOT || parent == DOM_NONE ? NODE_NONE : parent;
}

node retain_owner(const struct session *session, node n)
{
    node at = retain_parent(session, n);
    for (int i = 0; at != NODE_NONE && i < CHAIN_MOST && retain_is_container(session, at); i++)
        at = retain_parent(session, at);
    return at;
}

node retain_greatest_child(const struct session *session, const struct csr *children, node n)
{
    const uint64_t *retained = session->dominate.retained;
    node greatest = NODE_NONE;
    for (uint64_t e = csr_first(children, n); e < csr_end(children, n); e++)
        if (greatest == NODE_NONE || retained[children->to[e]] > retained[greatest])
            greatest = children->to[e];
    return greatest;
}

node retain_accumulates(const struct session *session, const struct csr *children, node n)
{
    const uint64_t *retained = session->dominate.retained;
    node at = n, greatest;
    while ((greatest = retain_greatest_child(session, children, at)) != NODE_NONE
           && retained[greatest] > retained[at] / 2)
        at = greatest;
    return at;
}

bool retain_drops_at(const struct session *session, const struct csr *children, node n)
{
    const uint64_t *retained = session->dominate.retained;
    return csr_end(children, n) - csr_first(children, n) > 1
           && retained[retain_greatest_child(session, children, n)] <= retained[n] / 2;
}

// --- the greatest -------------------------------------------------------------------------------

bool retain_top_init(struct retain_top *top, size_t most, struct err *err)
{
    if (most > CSR_NODE_MAX)
        most = CSR_NODE_MAX;
    *top = (struct retain_top){ .most = most, .items = malloc((most + 1) * sizeof *top->items) };
    return top->items || err_memory(err, "the greatest objects");
}

// A heap with the least on top; ties go by address, so that answers are always the same.
static bool less(const struct session *session, node a, node b)
{
    uint64_t x = session->dominate.retained[a], y = session->dominate.retained[b];
    return x != y ? x < y : a > b;
}

static void sift_down(const struct retain_top *top, const struct session *session, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < top->count; at = child) {
        if (child + 1 < top->count && less(session, top->items[child + 1], top->items[child]))
            child++;
        if (!less(session, top->items[child], top->items[at]))
            return;
        node swap = top->items[at];
        top->items[at] = top->items[child];
        top->items[child] = swap;
    }
}

static void sift_up(const struct retain_top *top, const struct session *session, size_t at)
{
    while (at && less(session, top->items[at], top->items[(at - 1) / 2])) {
        node swap = top->items[at];
        top->items[at] = top->items[(at - 1) / 2];
        top->items[(at - 1) / 2] = swap;
        at = (at - 1) / 2;
    }
}

void retain_top_add(struct retain_top *top, const struct session *session, node n)
{
    top->met++;
    if (top->count < top->most) {
        top->items[top->count] = n;
        sift_up(top, session, top->count++);
    } else if (top->count && less(session, top->items[0], n)) {
        top->items[0] = n;
        sift_down(top, session, 0);
    }
}

// Takes the least off again and again: they fill the array from its end.
void retain_top_sort(struct retain_top *top, const struct session *session)
{
    size_t count = top->count;
    while (top->count > 1) {
        node least = top->items[0];
        top->items[0] = top->items[--top->count];
        top->items[top->count] = least;
        sift_down(top, session, 0);
    }
    top->count = count;
}

void retain_top_fini(struct retain_top *top)
{
    free(top->items);
    *top = (struct retain_top){ 0 };
}

// --- groups -------------------------------------------------------------------------------------

struct grouping {
    const struct session *session;
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

static bool by_type(struct grouping *grouping, struct err *err)
{
    const struct heap *heap = &grouping->session->heap;
    for (node n = 0; n < heap->node_count; n++)
        if (!group_named(grouping, heap_type_name(heap, heap_type(heap, n)), &grouping->of[n], err))
            return false;
    return true;
}

static bool by_owner(struct grouping *grouping, struct err *err)
{
    const struct session *session = grouping->session;
    for (node n = 0; n < session->heap.node_count; n++) {
        node owner = retain_is_container(session, n) ? retain_owner(session, n) : n;
        const char *name = owner == NODE_NONE
                               ? "shared, or held by a root"
                               : heap_type_name(&session->heap, heap_type(&session->heap, owner));
        if (!group_named(grouping, name, &grouping->of[n], err))
            return false;
    }
    return true;
}

static bool name_root(const struct session *session, const struct root *root, bool modules,
                      struct text *name)
{
    text_clear(name);
    if (modules && (root->kind == ROOT_MODULE || root->kind == ROOT_GLOBALS)) {
        struct root module = *root;
        module.kind = ROOT_MODULE;
        root_name(&session->py, &module, name);
    } else if (!modules
               && (root->kind == ROOT_LOCAL || root->kind == ROOT_THREAD || root->kind == ROOT_FRAME
                   || root->kind == ROOT_TEMPORARY)) {
        struct root thread = *root;
        thread.kind = ROOT_THREAD;
        thread.what = "";
        root_name(&session->py, &thread, name);
    }
    return name->size > 0;
}

// What modules' globals, or threads' frames, dominate.
static bool by_root(struct grouping *grouping, bool modules, struct err *err)
{
    const struct session *session = grouping->session;
    struct text name = TEXT_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < session->roots.count; i++) {
        const struct heap_root *item = &session->roots.items[i];
        if (grouping->of[item->to] == NAMES_NONE && name_root(session, &item->root, modules, &name))
            ok = group_named(grouping, text_string(&name), &grouping->of[item->to], err);
    }
    text_fini(&name);
    return ok;
}

// An object's retained bytes count for its group unless a dominator of it is of the same group:
// that one's hold them already.
static void add_object(struct grouping *grouping, node n, const uint32_t *inside)
{
    const struct session *session = grouping->session;
    uint32_t index = grouping->of[n];
    if (index == NAMES_NONE)
        return;
    struct retain_group *group = &grouping->groups->items[index];
    uint64_t retained = session->dominate.retained[n];
    group->objects++;
    group->bytes += heap_size(&session->heap, n);
    group->retained += inside[index] ? 0 : retained;
    if (group->largest == NODE_NONE || retained > group->largest_retained) {
        group->largest = n;
        group->largest_retained = retained;
    }
}

struct level { // of the way down the dominator tree
    node at;
    uint64_t next; // edge to its next child
};

// The dominator tree from the top; inside[group] counts its objects on the way down.
static bool add_objects(struct grouping *grouping, const struct csr *children, uint32_t *inside,
                        struct err *err)
{
    struct level *way = NULL;
    size_t depth = 0, capacity = 0;
    if (!vec_grow(&way, &capacity, 1, sizeof *way, err))
        return false;
    node top = grouping->session->heap.node_count;
    way[depth++] = (struct level){ top, csr_first(children, top) };
    while (depth) {
        struct level *level = &way[depth - 1];
        uint32_t index = level->at == top ? NAMES_NONE : grouping->of[level->at];
        if (level->next == csr_end(children, level->at)) {
            if (index != NAMES_NONE)
                inside[index]--;
            depth--;
            continue;
        }
        node child = children->to[level->next++];
        add_object(grouping, child, inside);
        if (grouping->of[child] != NAMES_NONE)
            inside[grouping->of[child]]++;
        if (!vec_grow(&way, &capacity, depth + 1, sizeof *way, err)) {
            free(way);
            return false;
        }
        way[depth++] = (struct level){ child, csr_first(children, child) };
    }
    free(way);
    return true;
}

static bool add_all(struct grouping *grouping, const struct csr *children, struct err *err)
{
    uint32_t *inside = calloc(grouping->groups->count + 1, sizeof *inside);
    if (!inside)
        return err_memory(err, "groups");
    bool ok = add_objects(grouping, children, inside, err);
    free(inside);
    return ok;
}

static int compare(const void *left, const void *right)
{
    const struct retain_group *a = left, *b = right;
    if (a->retained != b->retained)
        return a->retained > b->retained ? -1 : 1;
    return strcmp(a->name, b->name);
}

static bool fill(struct grouping *grouping, const char *by, struct err *err)
{
    if (!strcmp(by, "type"))
        return by_type(grouping, err);
    if (!strcmp(by, "owner"))
        return by_owner(grouping, err);
    if (!strcmp(by, "module") || !strcmp(by, "thread"))
        return by_root(grouping, *by == 'm', err);
    return err_set(err, ERR_USAGE, "--by %s: it may be type, owner, module or thread", by);
}

bool retain_group_by(struct retain_groups *groups, const struct session *session,
                     const struct csr *children, const char *by, struct err *err)
{
    size_t count = session->heap.node_count;
    struct grouping grouping = { .session = session, .groups = groups };
    grouping.of = malloc((count + 1) * sizeof *grouping.of);
    if (!grouping.of)
        return err_memory(err, "groups");
    memset(grouping.of, 0xff, (count + 1) * sizeof *grouping.of);
    bool ok = fill(&grouping, by, err) && add_all(&grouping, children, err);
    free(grouping.of);
    names_fini(&grouping.names);
    if (ok)
        qsort(groups->items, groups->count, sizeof *groups->items, compare);
    return ok;
}

bool retain_sum(const struct session *session, const struct csr *children, uint32_t *of,
                uint32_t count, uint64_t *retained, struct err *err)
{
    struct retain_groups groups = { .count = count };
    struct grouping grouping = { .session = session, .groups = &groups, .of = of };
    groups.items = calloc((size_t)count + 1, sizeof *groups.items);
    if (!groups.items)
        return err_memory(err, "groups");
    bool ok = add_all(&grouping, children, err);
    for (uint32_t i = 0; ok && i < count; i++)
        retained[i] = groups.items[i].retained;
    for (node n = 0; ok && n < session->heap.node_count; n++) // in no tree: its own bytes
        if (session->dominate.parent[n] == DOM_NONE && of[n] != UINT32_MAX)
            retained[of[n]] += heap_size(&session->heap, n);
    free(groups.items);
    return ok;
}

void retain_groups_fini(struct retain_groups *groups)
{
    free(groups->items);
    arena_fini(&groups->arena);
    *groups = (struct retain_groups){ 0 };
}
