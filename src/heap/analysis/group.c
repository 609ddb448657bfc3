// SPDX-License-Identifier: GPL-3.0-or-later
// Objects put into groups: see group.h.
#include "heap/analysis/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "graph/marks.h"
#include "heap/names/edge.h"
#include "heap/analysis/forest.h"
#include "heap/analysis/holder.h"

#define PROGRESS_EVERY 65536
#define NOBODY "(no object)"

static const char *const words[GROUP_KINDS] = { NULL,         "type",  "module",   "package",
                                                "generation", "owner", "referrer", "edge",
                                                "path",       "line" };

const char *group_word(enum group_by by)
{
    return by > GROUP_NONE && by < GROUP_KINDS ? words[by] : NULL;
}

enum group_by group_called(const char *word)
{
    for (int i = GROUP_TYPE; i < GROUP_KINDS; i++)
        if (!strcmp(words[i], word))
            return (enum group_by)i;
    return GROUP_NONE;
}

bool groups_put(struct groups *groups, const char *name, uint32_t *index, struct err *err)
{
    const char *kept;
    if (!names_intern(&groups->index, name, strlen(name), index, &kept, err))
        return false;
    if (*index < groups->count)
        return true;
    if (!vec_grow(&groups->names, &groups->capacity, groups->count + 1, sizeof *groups->names, err))
        return false;
    groups->names[groups->count++] = kept;
    return true;
}

static bool group_going(const struct heap *heap, const struct progress *progress, node n,
                        struct err *err)
{
    return n % PROGRESS_EVERY || progress_step(progress, "grouping", n, heap->node_count)
           || err_set(err, ERR_CANCELLED, "grouping was cancelled");
}

// --- by what the object itself is ---------------------------------------------------------------

// "app.models.User" -> "app.models". The part before the last dot may be a class, or a function in
// which the class was made.
static void group_add_module(const char *type, const struct names *types, struct text *out)
{
    const char *local = strstr(type, ".<locals>");
    text_clear(out);
    text_add(out, type, local ? (size_t)(local - type) : strlen(type));
    do {
        const char *start = text_string(out), *dot = strrchr(start, '.');
        text_truncate(out, dot ? (size_t)(dot - start) : 0);
    } while (out->size && names_get(types, text_string(out), out->size) != NAMES_NONE);
    if (!out->size)
        text_add_string(out, "builtins");
}

// Per type: the group of its module.
static bool modules_of_types(struct groups *groups, const struct heap *heap, uint32_t *modules,
                             struct err *err)
{
    struct names types = NAMES_INIT;
    struct text module = TEXT_INIT;
    uint32_t count = heap_type_count(heap);
    bool ok = true;
    for (uint32_t t = 0; ok && t < count; t++)
        ok = names_put(&types, heap_type_name(heap, t), strlen(heap_type_name(heap, t)), t, err);
    for (uint32_t t = 0; ok && t < count; t++) {
        group_add_module(heap_type_name(heap, t), &types, &module);
        if (groups->by == GROUP_PACKAGE)
            text_truncate(&module, strcspn(text_string(&module), "."));
        ok = text_ok(&module, err) && groups_put(groups, text_string(&module), &modules[t], err);
    }
    text_fini(&module);
    names_fini(&types);
    return ok;
}

static bool group_by_module(struct groups *groups, const struct heap *heap, struct err *err)
{
    uint32_t *modules = malloc(((size_t)heap_type_count(heap) + 1) * sizeof *modules);
    bool ok = modules ? modules_of_types(groups, heap, modules, err) : err_memory(err, "modules");
    for (node n = 0; ok && n < heap->node_count; n++)
        groups->of[n] = modules[heap_type(heap, n)];
    free(modules);
    return ok;
}

static bool by_generation(struct groups *groups, const struct heap *heap, struct err *err)
{
    static const char *const names[] = { "0", "1", "2", "permanent", "untracked" };
    uint32_t index;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!groups_put(groups, names[i], &index, err))
            return false;
    for (node n = 0; n < heap->node_count; n++)
        groups->of[n] = heap->gen[n] < GEN_NONE ? heap->gen[n] : 4;
    return true;
}

// --- by the types of all referrers --------------------------------------------------------------

enum { SHOWN = 3 };

struct referring {         // the set of types that refer to an object
    uint32_t first[SHOWN]; // the first ranks, ascending
    uint32_t count;
};

static void group_add_type(struct referring *set, uint32_t type)
{
    size_t at = set->count < SHOWN ? set->count : SHOWN;
    set->count++;
    if (at == SHOWN && set->first[SHOWN - 1] < type)
        return;
    at -= at == SHOWN;
    for (; at > 0 && set->first[at - 1] > type; at--)
        set->first[at] = set->first[at - 1];
    set->first[at] = type;
}

// Types in the order of their names, which does not depend on their addresses.
struct group_rank {
    const char *name;
    uint32_t type, rank; // rank: that of the type with this row's index
};

static int group_by_name(const void *left, const void *right)
{
    const struct group_rank *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order ? order : a->type < b->type ? -1 : a->type > b->type;
}

static struct group_rank *group_rank_types(const struct heap *heap, struct err *err)
{
    uint32_t count = heap_type_count(heap);
    struct group_rank *ranks = calloc((size_t)count + 1, sizeof *ranks);
    if (!ranks) {
        err_memory(err, "the types that refer");
        return NULL;
    }
    for (uint32_t t = 0; t < count; t++)
        ranks[t] = (struct group_rank){ .name = heap_type_name(heap, t), .type = t };
    qsort(ranks, count, sizeof *ranks, group_by_name);
    for (uint32_t i = 0; i < count; i++)
        ranks[ranks[i].type].rank = i;
    return ranks;
}

static bool name_set(struct groups *groups, const struct group_rank *ranks,
                     const struct referring *set, uint32_t *index, struct err *err)
{
    struct text name = TEXT_INIT;
    for (uint32_t i = 0; i < set->count && i < SHOWN; i++)
        text_add_format(&name, "%s%s", i ? ", " : "", ranks[set->first[i]].name);
    if (set->count > SHOWN)
        text_add_format(&name, " and %lu more %s", (unsigned long)(set->count - SHOWN),
                        text_plural(set->count - SHOWN, "type", "types"));
    bool ok = text_ok(&name, err)
              && groups_put(groups, set->count ? text_string(&name) : NOBODY, index, err);
    text_fini(&name);
    return ok;
}

static bool by_referrer(struct groups *groups, const struct heap *heap,
                        const struct progress *progress, struct err *err)
{
    struct names sets = NAMES_INIT; // from the ranks of a set to its group: names are costly
    node *seen = malloc(((size_t)heap_type_count(heap) + 1) * sizeof *seen);
    struct group_rank *ranks = group_rank_types(heap, err);
    bool ok = ranks && (seen || err_memory(err, "the types that refer"));
    if (ok)
        memset(seen, 0xff, ((size_t)heap_type_count(heap) + 1) * sizeof *seen);
    for (node n = 0; ok && (ok = group_going(heap, progress, n, err)) && n < heap->node_count;
         n++) {
        struct referring set;
        memset(&set, 0xff, sizeof set);
        set.count = 0;
        for (uint64_t e = csr_first(&heap->reverse, n); e < csr_end(&heap->reverse, n); e++) {
            uint32_t type = heap_type(heap, heap->reverse.to[e] & EDGE_NODE);
            if (seen[type] != n)
                group_add_type(&set, ranks[type].rank);
            seen[type] = n;
        }
        uint32_t index = names_get(&sets, (const char *)&set, sizeof set);
        if (index == NAMES_NONE)
            ok = name_set(groups, ranks, &set, &index, err)
                 && names_put(&sets, (const char *)&set, sizeof set, index, err);
        groups->of[n] = index;
    }
    free(seen);
    free(ranks);
    names_fini(&sets);
    return ok;
}

// --- by the holder ------------------------------------------------------------------------------

static bool all_to_nobody(struct groups *groups, const struct heap *heap, struct err *err)
{
    uint32_t nobody;
    if (!groups_put(groups, NOBODY, &nobody, err))
        return false;
    for (node n = 0; n < heap->node_count; n++)
        groups->of[n] = nobody;
    return true;
}

// Holders come before what they hold: a container passes its own group on to its items.
static bool group_by_owner(struct groups *groups, const struct heap *heap,
                           const struct holders *holders, struct err *err)
{
    uint32_t index = 0, type = UINT32_MAX;
    if (!all_to_nobody(groups, heap, err))
        return false;
    for (size_t i = 0; i < holders->count; i++) {
        node from = holders->order[i];
        bool passes_on = holder_is_container(holders, heap, from);
        if (!passes_on && heap_type(heap, from) != type) {
            type = heap_type(heap, from);
            if (!groups_put(groups, heap_type_name(heap, type), &index, err))
                return false;
        }
        for (uint64_t e = csr_first(&heap->forward, from); e < csr_end(&heap->forward, from); e++) {
            node to = heap->forward.to[e] & EDGE_NODE;
            if (holders->of[to] == from && to != from)
                groups->of[to] = passes_on ? groups->of[from] : index;
        }
    }
    return true;
}

struct group_naming {
    struct groups *groups;
    const struct heap *heap;
    const struct holders *holders;
    struct heap_edges edges;
    struct text label;
    struct err *err;
};

static bool group_ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), length = strlen(end);
    return size >= length && !strcmp(text + size - length, end);
}

// The name of a container's items: one for all of them.
static void add_items(const char *container, struct text *out)
{
    text_add_string(out, container);
    if (!group_ends_with(container, "[][]"))
        text_add_string(out, "[]");
}

// "['name']" in an object's __dict__ becomes ".name"; other keys are items.
static void add_attribute(const char *dict, const char *key, struct text *out)
{
    size_t size = strlen(key);
    bool text = size > 4 && !strncmp(key, "['", 2) && group_ends_with(key, "']");
    if (!text && key[0] != '.') {
        add_items(dict, out);
        return;
    }
    text_add(out, dict, strlen(dict) - strlen(".__dict__"));
    text_add_char(out, '.');
    text_add(out, key + (text ? 2 : 1), text ? size - 4 : size - 1);
}

static void add_own(const char *type, const char *edge, struct text *out)
{
    if (*edge == '.') {
        text_add_format(out, "%s%s", type, edge);
    } else if (*edge == '[' || *edge == '{' || *edge == '+' || !strncmp(edge, "key ", 4)) {
        text_add_format(out, "%s[]", type);
    } else if (!strncmp(edge, "local ", 6) || !strncmp(edge, "closure ", 8)) {
        text_add_string(out, edge); // "local x in f() app.py:12"
    } else {
        const char *number = strstr(edge, " ["); // "value stack [3]"
        text_add_format(out, "%s %.*s%s", type,
                        (int)(number ? (size_t)(number - edge) : strlen(edge)), edge,
                        number ? "[]" : "");
    }
}

static bool put_label(struct group_naming *naming, node to, struct err *err)
{
    return text_ok(&naming->label, err)
           && groups_put(naming->groups, text_string(&naming->label), &naming->groups->of[to], err);
}

// All items of a container are one group: no name has to be read.
static bool name_items(struct group_naming *naming, node from, const char *container)
{
    const struct heap *heap = naming->heap;
    uint32_t index;
    text_clear(&naming->label);
    add_items(container, &naming->label);
    if (!text_ok(&naming->label, naming->err)
        || !groups_put(naming->groups, text_string(&naming->label), &index, naming->err))
        return false;
    for (uint64_t e = csr_first(&heap->forward, from); e < csr_end(&heap->forward, from); e++) {
        node to = heap->forward.to[e] & EDGE_NODE;
        if (naming->holders->of[to] == from && to != from)
            naming->groups->of[to] = index;
    }
    return true;
}

static bool name_each(struct group_naming *naming, node from, const char *dict)
{
    const struct heap *heap = naming->heap;
    naming->edges.count = 0;
    text_clear(&naming->edges.names);
    if (!heap_referents(heap, from, SIZE_MAX, &naming->edges, naming->err))
        return false;
    for (size_t i = naming->edges.count; i-- > 0;) { // the first name wins
        node to = naming->edges.items[i].to;
        if (naming->holders->of[to] != from || to == from)
            continue;
        const char *edge = heap_edge_name(&naming->edges, i);
        text_clear(&naming->label);
        if (dict)
            add_attribute(dict, edge, &naming->label);
        else
            add_own(heap_type_name(heap, heap_type(heap, from)), edge, &naming->label);
        if (!put_label(naming, to, naming->err))
            return false;
    }
    return true;
}

static bool group_name_holder(struct group_naming *naming, node from)
{
    const struct heap *heap = naming->heap;
    if (!holder_is_container(naming->holders, heap, from))
        return name_each(naming, from, NULL);
    bool unheld = naming->holders->of[from] == from;
    const char *label = unheld ? heap_type_name(heap, heap_type(heap, from))
                               : naming->groups->names[naming->groups->of[from]];
    bool names = !unheld && holder_role(naming->holders, heap, from) == HOLDER_DICT
                 && group_ends_with(label, ".__dict__");
    return names ? name_each(naming, from, label) : name_items(naming, from, label);
}

static bool by_edge(struct groups *groups, const struct heap *heap, const struct holders *holders,
                    const struct progress *progress, struct err *err)
{
    struct group_naming naming = { .groups = groups, .heap = heap, .holders = holders, .err = err };
    bool ok = all_to_nobody(groups, heap, err);
    for (size_t i = 0; ok && i < holders->count; i++) {
        if (i % PROGRESS_EVERY == 0
            && !progress_step(progress, "naming references", i, holders->count))
            ok = err_set(err, ERR_CANCELLED, "naming references was cancelled");
        ok = ok && group_name_holder(&naming, holders->order[i]);
    }
    heap_edges_fini(&naming.edges);
    text_fini(&naming.label);
    return ok;
}

static bool by_holder(struct groups *groups, const struct heap *heap,
                      const struct progress *progress, struct err *err)
{
    struct holders holders;
    if (!holders_find(&holders, heap, progress, err))
        return false;
    bool ok = groups->by == GROUP_OWNER ? group_by_owner(groups, heap, &holders, err)
                                        : by_edge(groups, heap, &holders, progress, err);
    holders_fini(&holders);
    return ok;
}

// --- the face -----------------------------------------------------------------------------------

static bool group_find(struct groups *groups, const struct heap *heap,
                       const struct progress *progress, struct err *err)
{
    switch (groups->by) {
    case GROUP_MODULE:
    case GROUP_PACKAGE:
        return group_by_module(groups, heap, err);
    case GROUP_GENERATION:
        return by_generation(groups, heap, err);
    case GROUP_REFERRER:
        return by_referrer(groups, heap, progress, err);
    case GROUP_OWNER:
    case GROUP_EDGE:
        return by_holder(groups, heap, progress, err);
    case GROUP_NONE:
    case GROUP_TYPE:
    case GROUP_PATH:
    case GROUP_LINE:
    case GROUP_KINDS:
        break;
    }
    return err_set(err, ERR_USAGE, "no such grouping");
}

bool groups_find(struct groups *groups, const struct heap *heap, enum group_by by,
                 const struct progress *progress, struct err *err)
{
    *groups = (struct groups){ .by = by };
    groups->of = malloc(((size_t)heap->node_count + 1) * sizeof *groups->of);
    bool ok = groups->of ? group_find(groups, heap, progress, err) : err_memory(err, "the groups");
    if (!ok)
        groups_fini(groups);
    return ok;
}

bool groups_find_paths(struct groups *groups, const struct heap *heap, const struct forest *places,
                       struct err *err)
{
    *groups = (struct groups){ .by = GROUP_PATH };
    groups->of = malloc(((size_t)heap->node_count + 1) * sizeof *groups->of);
    bool ok = groups->of || err_memory(err, "the groups");
    uint32_t index;
    for (uint32_t i = 0; ok && i < places->count; i++)
        ok = groups_put(groups, places->items[i].name, &index, err);
    ok = ok && groups_put(groups, NOBODY, &index, err); // hidden objects are on no path
    for (node n = 0; ok && n < heap->node_count; n++)
        groups->of[n] = places->of[n] == NAMES_NONE ? index : places->of[n];
    if (!ok)
        groups_fini(groups);
    return ok;
}

struct group_sum *groups_sum(const struct groups *groups, const struct heap *heap,
                             const uint64_t *only, struct err *err)
{
    struct group_sum *sums = calloc((size_t)groups->count + 1, sizeof *sums);
    if (!sums)
        err_memory(err, "the sums of groups");
    for (uint32_t i = 0; sums && i < groups->count; i++)
        sums[i].largest = NODE_NONE;
    for (node n = 0; sums && n < heap->node_count; n++) {
        if (groups->of[n] >= groups->count || (only && !marks_has(only, n)))
            continue;
        struct group_sum *sum = &sums[groups->of[n]];
        uint64_t bytes = heap_own(heap, n);
        if (sum->largest == NODE_NONE || bytes > heap_own(heap, sum->largest))
            sum->largest = n;
        sum->bytes += bytes;
        sum->objects++;
    }
    return sums;
}

uint32_t groups_named(const struct groups *groups, const char *name)
{
    return names_get(&groups->index, name, strlen(name));
}

void groups_fini(struct groups *groups)
{
    free(groups->of);
    free(groups->names);
    names_fini(&groups->index);
    *groups = (struct groups){ 0 };
}
