// SPDX-License-Identifier: GPL-3.0-or-later
// Classes of references, and what removing them would free: see rings_cut.h.
#include "heap/analysis/rings_cut.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "heap/analysis/fall.h"
#include "heap/names/edge.h"
#include "py/objects/dict.h"
#include "py/read.h"
#include "py/objects/type.h"

#define BUDGET 4000000    // edges followed in search of a smallest set
#define CLASSES_MAX 512   // more are not distinguished: then there is no answer
#define COPIES_MAX 64     // copies of a component that are simulated
#define EDGES_MAX 1000000 // followed per simulation
#define BASES_MAX 64

enum { // costs; 0: a program cannot remove it
    COST_FIXED = 0,
    COST_ATTRIBUTE = 10, // of an object that refers back, reduced if its name says so
    COST_HOLDER = 14,    // an attribute whose value is a container
    COST_ITEM = 20,
    COST_CELL = 30,
    COST_LOCAL = 32,
    COST_ODD = 40, // possible, but nobody does it
};

static const struct type *cuts_type(const struct heap *heap, node n)
{
    return type_row(heap->py->types, heap_type(heap, n));
}

// --- what a program can take out ----------------------------------------------------------------

enum { READONLY = 1, MEMBER_FLAGS_AT = 24, GETSET_SET_AT = 16 }; // structmember.h, descrobject.h

// Whether a descriptor allows assignment. In every version PyMemberDef is {name, type, offset,
// flags}, and PyGetSetDef {name, get, set, ...}.
static bool cuts_is_assignable(const struct python *py, addr descriptor)
{
    const struct layout *l = &py->layout;
    const struct type *type = type_of(py, descriptor);
    bool ok = true;
    if (type_is(type, TRAIT_MEMBER_DESCRIPTOR) && l->PyMemberDescrObject_d_member >= 0) {
        addr def = READ_OK(py, descriptor, PyMemberDescrObject_d_member, &ok);
        return ok && !(target_u32(py->target, def + MEMBER_FLAGS_AT, &ok) & READONLY) && ok;
    }
    if (type_is(type, TRAIT_GETSET_DESCRIPTOR) && l->PyGetSetDescrObject_d_getset >= 0) {
        addr def = READ_OK(py, descriptor, PyGetSetDescrObject_d_getset, &ok);
        return ok && target_u64(py->target, def + GETSET_SET_AT, &ok) && ok;
    }
    return true; // the class's own attribute
}

static bool cuts_is_word(const char *name, const char *const *words)
{
    for (; *words; words++)
        if (!strcmp(name, *words))
            return true;
    return false;
}

// Asks the attribute's descriptor; without one it is in the instance's own attributes, or a member
// that C keeps to itself.
static bool cuts_attribute_is_assignable(const struct heap *heap, node from, const char *name)
{
    static const char *const never[] = { "__dict__",    "__class__",  "__code__", "__bases__",
                                         "__globals__", "__module__", "__mro__",  "__base__",
                                         "__weakref__", NULL };
    static const char *const known[] = { "__traceback__", "__context__",  "__cause__",
                                         "cell_contents", "__defaults__", NULL };
    const struct python *py = heap->py;
    const struct type *type = cuts_type(heap, from);
    if (cuts_is_word(name, never))
        return false;
    const struct type *at = type;
    for (int i = 0; at && i < BASES_MAX; i++, at = type_base(py, at)) {
        addr found = dict_lookup(py, type_dict(py, at), name);
        if (found)
            return cuts_is_assignable(py, found);
    }
    return type->is_python_class
           || cuts_is_word(name, known); // the latter where there are no values
}

static bool cuts_is_container(const struct heap *heap, node n)
{
    const struct type *type = cuts_type(heap, n);
    return type->flags & (TPFLAGS_LIST_SUBCLASS | TPFLAGS_DICT_SUBCLASS | TPFLAGS_TUPLE_SUBCLASS)
           || type_is(type, TRAIT_SET | TRAIT_DEQUE);
}

// Names of references that point back: the ones that people make weak.
static bool cuts_is_back_word(const char *name)
{
    static const char *const words[] = { "parent", "owner", "prev",  "previous",  "back", "up",
                                         "master", "root",  "outer", "container", NULL };
    while (*name == '_')
        name++;
    return cuts_is_word(name, words);
}

static uint32_t cuts_attribute_cost(const struct heap *heap, const char *name, node to)
{
    if (cuts_is_container(heap, to))
        return COST_HOLDER;
    return COST_ATTRIBUTE - cuts_is_back_word(name);
}

static uint32_t cuts_cost_of(const struct heap *heap, node from, const char *edge, node to)
{
    const struct type *type = cuts_type(heap, from);
    if (type->flags & TPFLAGS_TUPLE_SUBCLASS && *edge == '[')
        return COST_FIXED;
    if (type_is_exact(type, TRAIT_FROZENSET))
        return COST_FIXED;
    if (*edge == '[' || *edge == '{' || !strncmp(edge, "key ", 4))
        return COST_ITEM;
    if (!strncmp(edge, "local ", 6))
        return COST_LOCAL;
    if (*edge != '.' || !cuts_attribute_is_assignable(heap, from, edge + 1))
        return COST_FIXED;
    if (!strcmp(edge, ".cell_contents"))
        return COST_CELL;
    if (!strcmp(edge, ".tb_next") || type->is_metatype)
        return COST_ODD;
    return cuts_attribute_cost(heap, edge + 1, to);
}

// --- classes ------------------------------------------------------------------------------------

// ['name'] in the dict of an object's attributes.
static bool cuts_is_attribute_key(const char *edge, size_t size)
{
    return size > 4 && !strncmp(edge, "['", 2) && !strcmp(edge + size - 2, "']");
}

// A step as the user sees it. `owner`: the object whose attributes the dict holds, or NODE_NONE.
static void cuts_add_step(const char *edge, node owner, struct text *out)
{
    size_t size = strlen(edge);
    if (owner != NODE_NONE && cuts_is_attribute_key(edge, size)) {
        text_add_char(out, '.');
        text_add(out, edge + 2, size - 4);
        return;
    }
    if (!*edge || !strchr(".[", *edge))
        text_add_char(out, ' ');
    text_add_string(out, edge);
}

// Equal for all references of a class: neither the item's index nor the line matters.
static void cuts_add_key(const char *edge, node owner, struct text *out)
{
    const char *colon = strrchr(edge, ':');
    if (owner == NODE_NONE && *edge == '[')
        text_add_string(out, "[...]");
    else if (!strncmp(edge, "key ", 4))
        text_add_string(out, " keys");
    else if (!strncmp(edge, "local ", 6) && colon)
        text_add_format(out, " %.*s", (int)(colon - edge), edge);
    else
        cuts_add_step(edge, owner, out);
}

struct cuts_labeller {
    struct cuts *cuts;
    const struct heap *heap;
    const struct part *part;
    uint32_t *class_of;
    uint32_t *owner;   // per member: the member that has it as __dict__, + 1
    uint32_t *entered; // per member; null: classes are only looked up
    struct heap_edges edges;
    struct text key, step;
};

static bool cuts_add_class(struct cuts_labeller *l, uint32_t cost, uint32_t to, node from,
                           uint64_t edge, struct err *err)
{
    struct cuts *cuts = l->cuts;
    uint32_t number;
    const char *kept;
    if (!text_ok(&l->key, err) || !text_ok(&l->step, err))
        return false;
    if (!l->entered) {
        number = names_get(&cuts->names, l->key.data, l->key.size);
        l->class_of[edge] = number == NAMES_NONE ? 0 : number + 1;
        return true;
    }
    if (!names_intern(&cuts->names, l->key.data, l->key.size, &number, &kept, err)
        || !vec_grow(&cuts->classes, &cuts->capacity, (size_t)number + 2, sizeof *cuts->classes,
                     err))
        return false;
    struct cuts_class *class = &cuts->classes[number + 1];
    const char *step = text_string(&l->step);
    if (number + 1 >= cuts->count) {
        *class = (struct cuts_class){ .key = kept, .from = from };
        cuts->count = (size_t)number + 2;
    }
    if (!class->example || strcmp(step, class->example) < 0)
        class->example = arena_string(&cuts->arena, step);
    class->cost = cost > class->cost ? cost : class->cost;
    class->entered = l->entered[to] > class->entered ? l->entered[to] : class->entered;
    class->edges++;
    l->class_of[edge] = number + 1;
    return class->example || err_memory(err, "references to cut");
}

static bool cuts_label_edge(struct cuts_labeller *l, uint32_t i, uint64_t edge, const char *name,
                            struct err *err)
{
    uint32_t to = l->part->graph.to[edge] & CSR_NODE;
    node from = l->part->members[i], target = l->part->members[to];
    if (!strcmp(name, ".__dict__"))
        l->owner[to] = i + 1;
    node owner = l->owner[i] ? l->part->members[l->owner[i] - 1] : NODE_NONE;
    uint32_t cost = cuts_cost_of(l->heap, from, name, target);
    bool is_attribute = owner != NODE_NONE && cuts_is_attribute_key(name, strlen(name));
    text_clear(&l->step);
    cuts_add_step(name, owner, &l->step);
    if (is_attribute)
        cost = cuts_attribute_cost(l->heap, text_string(&l->step) + 1, target);
    l->class_of[edge] = 0;
    if (cost == COST_FIXED)
        return true;
    text_clear(&l->key);
    text_add_format(&l->key, "%s\n",
                    heap_type_name(l->heap, heap_type(l->heap, is_attribute ? owner : from)));
    cuts_add_key(name, owner, &l->key);
    return cuts_add_class(l, cost, to, is_attribute ? owner : from, edge, err);
}

static bool cuts_label_member(struct cuts_labeller *l, uint32_t i, struct err *err)
{
    const struct csr *graph = &l->part->graph;
    uint64_t e = csr_first(graph, i), end = csr_end(graph, i);
    if (e == end)
        return true;
    uint64_t base = csr_first(&l->heap->forward, l->part->members[i]);
    l->edges.count = 0;
    text_clear(&l->edges.names);
    if (!heap_referents(l->heap, l->part->members[i], (size_t)(l->part->edge[end - 1] - base + 1),
                        &l->edges, err))
        return false;
    for (; e < end; e++) {
        size_t k = (size_t)(l->part->edge[e] - base);
        const char *name = k < l->edges.count ? heap_edge_name(&l->edges, k) : "";
        if (!cuts_label_edge(l, i, e, name, err))
            return false;
    }
    return true;
}

// A dict comes after the member that may own it.
static bool cuts_label_part(struct cuts_labeller *l, struct err *err)
{
    bool ok = true;
    l->owner = calloc((size_t)l->part->graph.node_count + 1, sizeof *l->owner);
    if (!l->owner)
        return err_memory(err, "references to cut");
    for (int dicts = 0; dicts < 2; dicts++)
        for (uint32_t i = 0; ok && i < l->part->graph.node_count; i++) {
            const struct type *type = cuts_type(l->heap, l->part->members[i]);
            if (!(type->flags & TPFLAGS_DICT_SUBCLASS) == !dicts)
                ok = cuts_label_member(l, i, err);
        }
    free(l->owner);
    heap_edges_fini(&l->edges);
    text_fini(&l->key);
    text_fini(&l->step);
    return ok;
}

static int cuts_compare_classes(const void *a, const void *b)
{
    const struct cuts_class *const *x = a, *const *y = b;
    if ((*x)->cost != (*y)->cost)
        return (*x)->cost < (*y)->cost ? -1 : 1;
    if ((*x)->entered != (*y)->entered)
        return (*x)->entered > (*y)->entered ? -1 : 1;
    return strcmp((*x)->key, (*y)->key);
}

// --- the set ------------------------------------------------------------------------------------

// Solves with the classes sorted by how good they are to cut, and returns the set in our own
// numbers, best first.
static bool cuts_solve(struct cuts *cuts, const struct part *part, struct err *err)
{
    uint32_t count = (uint32_t)cuts->count;
    const struct cuts_class **order = malloc((count + (size_t)1) * sizeof *order);
    uint32_t *place = calloc(count + (size_t)1, sizeof *place);
    uint32_t *cost = calloc(count + (size_t)1, sizeof *cost);
    uint32_t *class_of = malloc((part->graph.edge_count + 1) * sizeof *class_of);
    bool ok = (order && place && cost && class_of) || err_memory(err, "references to cut");
    for (uint32_t i = 1; ok && i < count; i++)
        order[i] = &cuts->classes[i];
    if (ok && count > 1)
        qsort(order + 1, count - 1, sizeof *order, cuts_compare_classes);
    for (uint32_t i = 1; ok && i < count; i++) {
        place[order[i] - cuts->classes] = i;
        cost[i] = order[i]->cost;
    }
    for (uint64_t e = 0; ok && e < part->graph.edge_count; e++)
        class_of[e] = place[cuts->class_of[e]];
    const struct feedback_edges edges = { class_of, cost, count };
    ok = ok && feedback_find(&part->graph, &edges, BUDGET, &cuts->set, err);
    for (uint32_t i = 0; ok && i < cuts->set.count; i++)
        cuts->set.classes[i] = (uint32_t)(order[cuts->set.classes[i]] - cuts->classes);
    free(order);
    free(place);
    free(cost);
    free(class_of);
    return ok;
}

static bool cuts_count_entering(const struct part *part, uint32_t **entered, struct err *err)
{
    *entered = calloc((size_t)part->graph.node_count + 1, sizeof **entered);
    if (!*entered)
        return err_memory(err, "references to cut");
    for (uint64_t e = 0; e < part->graph.edge_count; e++)
        (*entered)[part->graph.to[e] & CSR_NODE]++;
    return true;
}

bool cuts_find(struct cuts *cuts, const struct rings *rings, const struct part *part,
               struct err *err)
{
    *cuts = (struct cuts){ .names = NAMES_INIT, .arena = ARENA_INIT, .count = 1 };
    struct cuts_labeller l = { .cuts = cuts, .heap = rings->heap, .part = part };
    l.class_of = cuts->class_of = calloc(part->graph.edge_count + 1, sizeof *cuts->class_of);
    bool ok = cuts->class_of
              && vec_grow(&cuts->classes, &cuts->capacity, 1, sizeof *cuts->classes, err)
              && cuts_count_entering(part, &l.entered, err);
    if (!cuts->class_of)
        err_memory(err, "references to cut");
    if (ok)
        cuts->classes[0] = (struct cuts_class){ .key = "", .example = "" };
    ok = ok && cuts_label_part(&l, err);
    free(l.entered);
    if (ok && cuts->count <= CLASSES_MAX)
        ok = cuts_solve(cuts, part, err);
    if (!ok)
        cuts_free(cuts);
    return ok;
}

void cuts_free(struct cuts *cuts)
{
    names_fini(&cuts->names);
    arena_fini(&cuts->arena);
    feedback_free(&cuts->set);
    free(cuts->classes);
    free(cuts->class_of);
    *cuts = (struct cuts){ 0 };
}

static bool cuts_set_has(const struct cuts *cuts, uint32_t class)
{
    for (uint32_t i = 0; class && i < cuts->set.count; i++)
        if (cuts->set.classes[i] == class)
            return true;
    return false;
}

bool cuts_has(const struct cuts *cuts, uint64_t part_edge)
{
    return cuts_set_has(cuts, cuts->class_of[part_edge]);
}

void cuts_text(const struct cuts *cuts, struct text *out)
{
    const char *holder = "";
    size_t size = 0;
    for (uint32_t i = 0; i < cuts->set.count; i++) {
        const struct cuts_class *class = &cuts->classes[cuts->set.classes[i]];
        const char *line = strchr(class->key, '\n');
        size_t length = (size_t)(line - class->key), start = length;
        bool again = i && length == size && !memcmp(holder, class->key, size);
        while (start && class->key[start - 1] != '.')
            start--;
        text_add_string(out, i ? ", " : "");
        if (!again)
            text_add(out, class->key + start, length - start);
        text_add_string(out, class->edges > 1 ? line + 1 : class->example);
        holder = class->key;
        size = length;
    }
}

// --- what it would free -------------------------------------------------------------------------

static bool cuts_take_out(const struct cuts *cuts, struct fall *fall, const struct part *part,
                          const uint32_t *class_of, struct err *err)
{
    for (uint64_t e = 0; e < part->graph.edge_count; e++)
        if (cuts_set_has(cuts, class_of[e]) && !fall_take_out(fall, part->edge[e], err))
            return false;
    return true;
}

static bool cuts_take_out_of_copy(const struct cuts *cuts, struct fall *fall, struct rings *rings,
                                  uint32_t component, struct err *err)
{
    struct part part = { 0 };
    if (!part_cut(&rings->heap->forward, rings_walk(rings), rings_members(rings, component),
                  rings_size(rings, component), &rings->desk, &part, err))
        return false;
    struct cuts_labeller l = { .cuts = (struct cuts *)cuts, .heap = rings->heap, .part = &part };
    l.class_of = calloc(part.graph.edge_count + 1, sizeof *l.class_of);
    bool ok = l.class_of ? cuts_label_part(&l, err) : err_memory(err, "references to cut");
    fall->followed += part.graph.edge_count;
    ok = ok && cuts_take_out(cuts, fall, &part, l.class_of, err);
    free(l.class_of);
    part_free(&part);
    return ok;
}

static uint64_t cuts_count_freed(const struct fall *fall, const struct rings *rings,
                                 uint32_t component)
{
    uint64_t freed = 0;
    for (uint32_t i = 0; i < rings_size(rings, component); i++)
        freed += fall_has_fallen(fall, rings_members(rings, component)[i]);
    return freed;
}

// Whether component i is a copy of the other one.
static bool cuts_is_copy(const struct rings *rings, uint32_t i, uint32_t component)
{
    return rings->group_of[i] == rings->group_of[component];
}

bool cuts_simulate(const struct cuts *cuts, struct rings *rings, uint32_t component,
                   uint64_t *freed, uint64_t *objects, struct err *err)
{
    struct fall fall = { .heap = rings->heap };
    uint32_t copies = 0, i = 0;
    bool ok = true;
    *freed = *objects = 0;
    if (!cuts->set.count)
        return true;
    for (; ok && i < rings->found.count && copies < COPIES_MAX && fall.followed < EDGES_MAX; i++)
        if (cuts_is_copy(rings, i, component)) {
            ok = cuts_take_out_of_copy(cuts, &fall, rings, i, err);
            copies++;
        }
    ok = ok && fall_go(&fall, EDGES_MAX, err);
    for (uint32_t k = 0; ok && k < i; k++)
        if (cuts_is_copy(rings, k, component)) {
            *objects += rings_size(rings, k);
            *freed += cuts_count_freed(&fall, rings, k);
        }
    fall_fini(&fall);
    return ok;
}
