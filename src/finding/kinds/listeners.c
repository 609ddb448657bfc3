// SPDX-License-Identifier: GPL-3.0-or-later
// listeners: objects that live only because somebody's container holds one of their bound methods.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"
#include "finding/growth/growth.h"
#include "finding/buckets.h"
#include "graph/marks.h"

#define MANY_ANYWHERE 1000 // methods of the program, in anybody's containers
#define MANY 50            // objects held so by the program's own containers: a leak by its shape
#define TOLD_LEAST 10
#define GROUPS_MAX 20
#define HOLDERS_MAX 8 // looked at
#define LEVELS 4      // of containers in containers

// The container that holds it, perhaps inside of a functools.partial. A namespace does not count: a
// method bound at import lives as long as its module anyway.
static node container_of(const struct finder *f, node n, bool again)
{
    uint64_t first = csr_first(&f->heap->reverse, n), end = csr_end(&f->heap->reverse, n);
    for (uint64_t e = first; e < end && e < first + HOLDERS_MAX; e++) {
        node from = f->heap->reverse.to[e] & EDGE_NODE;
        if (!marks_has(f->roots->only, from))
            continue;
        if ((finder_roles(f, from) & (ROLE_GROWS | ROLE_TUPLE))
            && !root_paths_module(&f->paths, from))
            return from;
        if (again && finder_is(f, from, TRAIT_PARTIAL))
            return container_of(f, from, false);
    }
    return NODE_NONE;
}

// The nearest growing container on the path that alone keeps the object: tuples are entries of a
// list, and a listener for two events is in two sets of one dict.
static node keeper_of(const struct finder *f, node container, node self)
{
    for (int i = 0; container != NODE_NONE && i < LEVELS; i++) {
        if ((finder_roles(f, container) & ROLE_GROWS) && tree_dominates(&f->tree, container, self))
            return container;
        container = container_of(f, container, false);
    }
    return NODE_NONE;
}

static bool listeners_look_at(struct finder *f, node method, struct buckets *groups,
                              struct err *err)
{
    const struct layout *l = &f->py->layout;
    node self = heap_member(f->heap, method, l->PyMethodObject_im_self);
    node function = heap_member(f->heap, method, l->PyMethodObject_im_func);
    if (self == NODE_NONE || function == NODE_NONE
        || (finder_roles(f, self) & (ROLE_TYPE | ROLE_MODULE)))
        return true;
    node container = keeper_of(f, container_of(f, method, true), self);
    struct bucket *group;
    if (container == NODE_NONE)
        return true;
    uint64_t key = (uint64_t)container << 32 | function;
    if (!buckets_add(groups, key, self, finder_retained(f, self), &group, err))
        return false;
    if (group->largest == self)
        group->other = method;
    return true;
}

static bool listeners_tell(struct finder *f, const struct bucket *group, struct err *err)
{
    node container = (node)(group->key >> 32), function = (node)group->key;
    enum home home = finder_home(f, container);
    enum severity severity = finder_severity(f, group->bytes, home);
    if (home == HOME_PROGRAM && group->count >= MANY && severity > SEVERITY_LOW)
        severity = SEVERITY_LOW;
    struct growth_answer growth;
    growth_find(f, container, &growth);
    bool may_grow = growth.state == GROWTH_UNKNOWN || (growth_goes_on(&growth) && !growth.taker);
    if (group->count >= MANY_ANYWHERE && may_grow && finder_is_program(f, function))
        severity = finder_severity(f, group->bytes, HOME_PROGRAM);
    return finder_add(
        f,
        &(struct finding){
            .severity = severity,
            .object = container,
            .objects = group->count,
            .bytes = group->bytes,
            .what = finder_text(f,
                                "%s holds %s bound methods %s, and only they keep their %s "
                                "alive: %s",
                                finder_name(f, container), finder_count(f, group->count),
                                (finder_roles(f, function) & ROLE_FUNCTION)
                                    ? finder_function_name(f, function)
                                    : finder_name(f, function),
                                finder_type_name(f, group->largest), finder_size(f, group->bytes)),
            .why = finder_text(
                f,
                "a bound method holds its object: a subscriber that never unsubscribes lives as "
                "long as the %s; remove it when done, or hold a weakref.WeakMethod%s",
                finder_type_name(f, container), growth_text(f, &growth)),
            .next = finder_text(f, "path %s", finder_word(f, group->largest)),
        },
        err);
}

static bool listeners_find(struct finder *f, struct err *err)
{
    struct buckets groups = { 0 };
    if (!finder_need_deeds(f, err) || !finder_need_tree(f, err))
        return false;
    bool ok = true;
    for (node n = 0; ok && (n = finder_next(f, ROLE_METHOD, n)) != NODE_NONE; n++)
        ok = listeners_look_at(f, n, &groups, err);
    buckets_sort(&groups);
    for (size_t i = 0; ok && i < groups.count && i < GROUPS_MAX; i++)
        if (groups.items[i].count >= TOLD_LEAST)
            ok = listeners_tell(f, &groups.items[i], err);
    buckets_free(&groups);
    return ok;
}

const struct finding_kind finding_listeners = {
    .name = "listeners",
    .help =
        "objects that are alive only because a list of callbacks holds one of their bound methods",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .is_of_one = true,
    .needs_whole = true,
    .find = listeners_find,
};
