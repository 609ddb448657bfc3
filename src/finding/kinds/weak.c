// SPDX-License-Identifier: GPL-3.0-or-later
// Weak containers that never shrink.
//
//   WeakKeyDictionary  { weak key: value }    a value that leads to its key keeps it as long as the
//                                             dictionary lives, which then dominates the key
//   any of them                               one other container holds nearly all of its objects
//
// Those of libraries are left out: asyncio's WeakSet of all tasks is meant to have what others
// hold.
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "finding/finder.h"

#define MEMBERS_LEAST 100
#define SURE_LEAST 1000 // fewer members may all be in use
#define LEVELS 6        // of dominators above a member: do they hold the others, too?
#define VOTED_MAX 4096  // members examined

struct weak {
    struct finder *f;
    node container, data; // the dict or set inside
    node *members;        // the living ones
    size_t count, capacity;
};

static bool is_weak_container(const struct finder *f, const struct type *type)
{
    return finder_derives(f, type, "weakref.WeakValueDictionary")
           || finder_derives(f, type, "weakref.WeakKeyDictionary")
           || finder_derives(f, type, "_weakrefset.WeakSet")
           || finder_derives(f, type, "weakref.WeakSet");
}

// Lists the living targets of the weak references in the container's data.
static bool list_members(struct weak *w, struct err *err)
{
    const struct heap *heap = w->f->heap;
    const struct csr *forward = &heap->forward;
    int32_t offset = w->f->py->layout.PyWeakReference_wr_object;
    w->count = 0;
    for (uint64_t e = csr_first(forward, w->data); offset >= 0 && e < csr_end(forward, w->data);
         e++) {
        node reference = forward->to[e] & EDGE_NODE;
        if (!(finder_roles(w->f, reference) & ROLE_WEAK))
            continue;
        addr to = target_u64(heap->py->target, heap_addr(heap, reference) + (uint64_t)offset, NULL);
        node n = to && to != heap->py->none ? heap_node_of(heap, to) : NODE_NONE;
        if (n == NODE_NONE)
            continue;
        if (!vec_grow(&w->members, &w->capacity, w->count + 1, sizeof *w->members, err))
            return false;
        w->members[w->count++] = n;
    }
    return true;
}

// --- kept alive by the container itself ---------------------------------------------------------

static bool look_for_own(struct weak *w, bool *found, struct err *err)
{
    struct finder *f = w->f;
    uint64_t own = 0, bytes = 0;
    node example = NODE_NONE;
    for (size_t i = 0; i < w->count; i++) {
        if (!tree_dominates(&f->tree, w->data, w->members[i]))
            continue;
        own++;
        bytes += heap_own(f->heap, w->members[i]);
        example = w->members[i];
    }
    if (own < MEMBERS_LEAST || 2 * own < w->count)
        return true;
    *found = true;
    uint64_t retained = finder_retained(f, w->data);
    enum severity severity = finder_severity(f, retained, finder_home(f, w->container));
    const struct finding finding = {
        .severity = severity == SEVERITY_INFO ? SEVERITY_LOW : severity,
        .bytes = retained > bytes ? retained : bytes,
        .objects = own,
        .object = w->container,
        .what = finder_text(f, "%s keeps %s of its %s weakly held %s alive by itself",
                            finder_name(f, w->container), finder_count(f, own),
                            finder_count(f, w->count), finder_type_name(f, example)),
        .why = finder_text(f,
                           "each stored value refers back to its key by strong references, so that "
                           "no entry dies while the %s lives; cure: store a value that does not "
                           "refer to the key, or make it an attribute of the key",
                           finder_type_name(f, w->container)),
        .next = finder_text(f, "path %s", finder_word(f, example)),
    };
    return finder_add(f, &finding, err);
}

// --- held by another container ------------------------------------------------------------------

struct votes {
    struct map of; // per container: members below it
    node best;     // the first that has four fifths of them
    uint32_t most;
};

// The member votes for its dominator at that level, if that is a growing container.
static bool vote(const struct weak *w, struct votes *votes, node member, int level, size_t asked,
                 struct err *err)
{
    const struct finder *f = w->f;
    node at = member;
    for (int up = 0; up <= level && at < f->heap->node_count; up++)
        at = f->dominate->parent[at];
    if (at >= f->heap->node_count || !(finder_roles(f, at) & ROLE_GROWS))
        return true;
    uint32_t before = map_get(&votes->of, at), count = before == MAP_NONE ? 1 : before + 1;
    if (count > votes->most && 2 * finder_length(f, at) >= w->count) {
        votes->most = count;
        votes->best = 5 * (uint64_t)count >= 4 * asked ? at : votes->best;
    }
    return map_put(&votes->of, at, count, err);
}

// The nearest growing container that dominates most members; NODE_NONE: none does.
static bool find_holder(const struct weak *w, node *holder, uint64_t *held, struct err *err)
{
    struct votes votes = { .of = MAP_INIT, .best = NODE_NONE };
    size_t asked = w->count < VOTED_MAX ? w->count : VOTED_MAX;
    bool ok = true;
    for (int level = 0; ok && level < LEVELS && votes.best == NODE_NONE; level++)
        for (size_t i = 0; ok && i < asked; i++)
            ok = vote(w, &votes, w->members[i], level, asked, err);
    map_fini(&votes.of);
    *holder = votes.best;
    *held = asked ? (uint64_t)votes.most * w->count / asked : 0;
    return ok;
}

static bool look_elsewhere(struct weak *w, struct err *err)
{
    struct finder *f = w->f;
    uint64_t held, bytes = 0;
    node holder;
    if (!find_holder(w, &holder, &held, err))
        return false;
    if (holder == NODE_NONE || holder == w->data || root_paths_module(&f->paths, holder))
        return true;
    for (size_t i = 0; i < w->count; i++)
        bytes += finder_retained(f, w->members[i]);
    const struct finding finding = {
        .severity = w->count < SURE_LEAST ? SEVERITY_INFO : finder_severity(f, bytes, HOME_NONE),
        .bytes = bytes,
        .objects = held,
        .object = holder,
        .what =
            finder_text(f, "%s is weak, but %s holds %s of its %s %s", finder_name(f, w->container),
                        finder_name(f, holder), finder_count(f, held), finder_count(f, w->count),
                        finder_type_name(f, w->members[0])),
        .why = finder_text(
            f, "they stay as long as the %s holds them: %s, even though the %s is weak",
            finder_type_name(f, holder), finder_size(f, bytes), finder_type_name(f, w->container)),
        .next = finder_text(f, "path %s", finder_word(f, holder)),
    };
    return finder_add(f, &finding, err);
}

static bool weak_look_at(struct weak *w, node n, struct err *err)
{
    bool own = false;
    w->container = n;
    w->data = heap_attribute(w->f->heap, n, "data");
    if (w->data == NODE_NONE || finder_home(w->f, n) == HOME_LIBRARY)
        return true;
    if (!list_members(w, err))
        return false;
    if (w->count < MEMBERS_LEAST)
        return true;
    return look_for_own(w, &own, err) && (own || look_elsewhere(w, err));
}

static bool weak_find(struct finder *f, struct err *err)
{
    struct weak w = { .f = f };
    uint32_t types = heap_type_count(f->heap);
    uint8_t *looks = calloc((size_t)types + 1, 1);
    if (!looks)
        return err_memory(err, "the table of types");
    bool ok = true;
    uint64_t bits = 0;
    for (uint32_t t = 0; t < types; t++) {
        looks[t] =
            !(f->types[t].roles & ROLE_TYPE) && is_weak_container(f, type_row(f->py->types, t));
        bits |= looks[t] ? f->types[t].bit : 0;
    }
    if (bits)
        ok = finder_need_paths(f, err) && finder_need_tree(f, err);
    for (node n = 0; ok && (n = finder_skip(f, bits, n)) < f->heap->node_count; n++)
        if (looks[heap_type(f->heap, n)])
            ok = weak_look_at(&w, n, err);
    free(looks);
    free(w.members);
    return ok;
}

const struct finding_kind finding_weak = {
    .name = "weak",
    .help = "weak containers whose objects never die, because something else holds them",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .is_evidence = true,
    .find = weak_find,
};
