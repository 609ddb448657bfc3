// SPDX-License-Identifier: GPL-3.0-or-later
// Roots among the objects, and the account of refcounts: see roots.h.
//
//   1. roots        what py/runtime/runtime_roots.h walks; those that lead to no object are dropped
//   2. found[n]     references from objects (but not borrowed ones, nor the interned strings'
//   dict's), and roots that count
//   3. surplus      refcount - found, object by object; native and immortal ones become roots
//   4. seen         words of running frames' stacks, machine stacks, variables, module states that
//   lead to an object with a surplus
#include "heap/analysis/roots.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "base/vec.h"
#include "graph/marks.h"
#include "py/objects/dict.h"
#include "py/objects/str.h"
#include "py/read.h"
#include "py/runtime/finalizer.h"
#include "py/objects/type.h"
#include "py/runtime/greenlet.h"

#define DEFERRED (INT64_C(1) << 40) // a larger refcount is not a count
#define PROGRESS_EVERY (1u << 20)

struct builder {
    const struct heap *heap;
    struct heap_roots *roots;
    uint32_t *found; // references found; later how many are still to be explained
    struct err *err;
    bool failed, has_interned;
};

bool heap_root_is_named(enum root_kind kind)
{
    return kind <= ROOT_TYPE;
}

bool heap_root_is_running(enum root_kind kind)
{
    return kind == ROOT_LOCAL || kind == ROOT_FRAME || kind == ROOT_THREAD || kind == ROOT_TEMPORARY
           || kind == ROOT_MACHINE;
}

static bool roots_add(struct builder *builder, const struct root *root, node to)
{
    struct heap_roots *roots = builder->roots;
    if (!vec_grow(&roots->items, &roots->capacity, roots->count + 1, sizeof *roots->items,
                  builder->err)) {
        builder->failed = true;
        return false;
    }
    roots->items[roots->count++] = (struct heap_root){ *root, to };
    return true;
}

static bool is_interned_dict(const struct root *root)
{
    return root->kind == ROOT_INTERPRETER && root->what && !strcmp(root->what, "interned strings");
}

static bool roots_take(void *context, const struct root *root)
{
    struct builder *builder = context;
    node to = address_map_node(&builder->heap->addresses, root->to);
    if (to == NODE_NONE)
        return true;
    if (is_interned_dict(root)) {
        marks_clear(builder->roots->only, to);
        builder->has_interned = true;
        return true;
    }
    return roots_add(builder, root, to);
}

// --- interned strings ---------------------------------------------------------------------------

#define INTERNED_LEAST 500 // an interpreter that has started has more

// How many keys the dict has, where each is interned and its own value; 0: it is another one, as
// pyexpat's of names is.
static uint64_t maps_to_itself(const struct heap *heap, node n)
{
    bool tells = heap->py->layout.PyASCIIObject_state >= 0; // what is interned
    const struct python *py = heap->py;
    const uint8_t *o = VIEW(py, heap_addr(heap, n), PyDictObject);
    struct dict_table table;
    if (!o || !dict_open(py, o, &table))
        return 0;
    uint64_t same = 0;
    for (uint64_t i = 0; i < table.count; i++) {
        addr key = dict_key(&table, i), value = key ? dict_value(&table, i) : 0;
        if (value && (value != key || (tells && !str_is_interned(py, key))))
            return 0;
        same += key != 0;
    }
    return same >= INTERNED_LEAST ? same : 0;
}

// Up to 3.11 a static variable points at the dict, and a stripped build does not tell which: known
// by its form. A program's own of that form has fewer.
static void hide_interned(struct builder *builder)
{
    const struct heap *heap = builder->heap;
    node best = NODE_NONE;
    uint64_t most = 0;
    if (builder->has_interned || heap->py->rules.interned_immortal)
        return;
    for (node n = 0; n < heap->node_count; n++) {
        if (heap->flags[n] & NODE_TRACKED
            || csr_end(&heap->forward, n) - csr_first(&heap->forward, n) < INTERNED_LEAST)
            continue;
        const struct type *type = type_row(heap->py->types, heap_type(heap, n));
        uint64_t same = type_is_exact(type, TRAIT_DICT) ? maps_to_itself(heap, n) : 0;
        if (same > most) {
            most = same;
            best = n;
        }
    }
    if (best != NODE_NONE)
        marks_clear(builder->roots->only, best);
}

// --- what was found -----------------------------------------------------------------------------

static void count_edges(struct builder *builder)
{
    const struct csr *forward = &builder->heap->forward;
    for (node n = 0; n < forward->node_count; n++) {
        if (!marks_has(builder->roots->only, n))
            continue;
        uint64_t end = csr_end(forward, n);
        for (uint64_t e = csr_first(forward, n); e < end; e++)
            builder->found[forward->to[e] & EDGE_NODE] += !(forward->to[e] & EDGE_BORROWED);
    }
}

static void count_roots(struct builder *builder)
{
    const struct heap_roots *roots = builder->roots;
    for (size_t i = 0; i < roots->count; i++)
        builder->found[roots->items[i].to] += roots->items[i].root.hold == ROOT_COUNTED;
}

// --- what is left -------------------------------------------------------------------------------

struct ground { // a range of addresses that are all in one module, or all in none
    addr from, to;
    bool is_static;
};

static bool lies_in_program(const struct heap *heap, struct ground *ground, addr at)
{
    const struct target *target = heap->py->target;
    if (at >= ground->from && at < ground->to)
        return ground->is_static;
    *ground = (struct ground){ .to = UINT64_MAX };
    for (size_t i = 0; i < target->module_count; i++) {
        const struct module *module = &target->modules[i];
        if (at >= module->start && at < module->end)
            *ground = (struct ground){ module->start, module->end, true };
        else if (at >= module->end && module->end > ground->from && !ground->is_static)
            ground->from = module->end;
        else if (at < module->start && module->start < ground->to && !ground->is_static)
            ground->to = module->start;
    }
    return ground->is_static;
}

static bool note_surplus(struct builder *builder, node n, int64_t surplus)
{
    struct heap_roots *roots = builder->roots;
    if (!vec_grow(&roots->surplus, &roots->surplus_capacity, roots->surplus_count + 1,
                  sizeof *roots->surplus, builder->err))
        return false;
    uint32_t count = surplus < UINT32_MAX ? (uint32_t)surplus : UINT32_MAX;
    roots->surplus[roots->surplus_count++] = (struct heap_surplus){ .object = n, .surplus = count };
    builder->found[n] = count;
    return true;
}

// Balances an object's refcount. An object whose references are not counted, or are not all
// explained, is a root.
static bool roots_settle(struct builder *builder, const struct address_map_walk *at,
                         struct ground *ground)
{
    const struct heap *heap = builder->heap;
    uint32_t found = builder->found[at->node];
    builder->found[at->node] = 0;
    bool immortal = false;
    int64_t refcount = gc_refcount(heap->py, at->at, &immortal) + heap_counted_apart(heap, at->at);
    if (lies_in_program(heap, ground, at->at) || immortal || refcount >= DEFERRED
        || refcount > STATIC_REFCOUNT) {
        marks_set(builder->roots->all, at->node); // a root by nature
        return true;
    }
    builder->roots->accounted++;
    if (refcount > (int64_t)found)
        return note_surplus(builder, at->node, refcount - (int64_t)found);
    builder->roots->deficits += refcount < (int64_t)found;
    return true;
}

static bool settle_all(struct builder *builder, const struct progress *progress)
{
    struct address_map_walk walk;
    struct ground ground = { 0 };
    for (address_map_begin(&walk, &builder->heap->addresses); address_map_next(&walk);) {
        if (!roots_settle(builder, &walk, &ground))
            return false;
        if (walk.node % PROGRESS_EVERY == 0
            && !progress_step(progress, "comparing refcounts", walk.node,
                              builder->heap->node_count))
            return err_set(builder->err, ERR_CANCELLED, "comparing refcounts was cancelled");
    }
    return true;
}

// --- words that may be references ---------------------------------------------------------------

static struct heap_surplus *find_surplus(const struct heap_roots *roots, node object)
{
    size_t i = search_u32(roots->surplus, roots->surplus_count, sizeof *roots->surplus,
                          offsetof(struct heap_surplus, object), object);
    bool found = i < roots->surplus_count && roots->surplus[i].object == object;
    return found ? &roots->surplus[i] : NULL;
}

// Explains one of the remaining references, if any remain.
static bool roots_explain(struct builder *builder, node to)
{
    if (!builder->found[to])
        return false;
    struct heap_surplus *surplus = find_surplus(builder->roots, to);
    if (!surplus)
        return false;
    builder->found[to]--;
    surplus->seen++;
    return true;
}

// Words of running frames' stacks are among the first `count` roots: they came before the others
// were explained.
static void sift_temporaries(struct builder *builder, size_t count)
{
    struct heap_roots *roots = builder->roots;
    size_t kept = 0;
    for (size_t i = 0; i < roots->count; i++)
        if (i >= count || roots->items[i].root.hold != ROOT_MAYBE
            || roots_explain(builder, roots->items[i].to))
            roots->items[kept++] = roots->items[i];
    roots->count = kept;
}

static bool roots_take_word(void *context, const struct root *root)
{
    struct builder *builder = context;
    node to = address_map_node(&builder->heap->addresses, root->to);
    return to == NODE_NONE || !roots_explain(builder, to) || roots_add(builder, root, to);
}

static void walk_greenlets(struct builder *builder)
{
    const struct heap *heap = builder->heap;
    for (node n = 0; n < heap->node_count && !builder->failed; n++) {
        const struct type *type = type_row(heap->py->types, heap_type(heap, n));
        if (greenlet_is(type))
            roots_walk_greenlet(heap->py, type, heap_addr(heap, n), roots_take_word, builder);
    }
}

static bool add_native(struct builder *builder)
{
    struct heap_roots *roots = builder->roots;
    for (size_t i = 0; i < roots->surplus_count; i++) {
        const struct heap_surplus *s = &roots->surplus[i];
        if (s->seen == s->surplus)
            continue;
        const struct root root = { .to = heap_addr(builder->heap, s->object),
                                   .kind = ROOT_NATIVE,
                                   .hold = ROOT_SEEN,
                                   .index = s->surplus - s->seen };
        if (!roots_add(builder, &root, s->object))
            return false;
        roots->unexplained++;
    }
    return true;
}

// --- order --------------------------------------------------------------------------------------

static int roots_compare(const void *left, const void *right)
{
    const struct heap_root *a = left, *b = right;
    if (a->to != b->to)
        return a->to < b->to ? -1 : 1;
    if (a->root.kind != b->root.kind)
        return (int)a->root.kind - (int)b->root.kind;
    if (a->root.thread != b->root.thread)
        return a->root.thread < b->root.thread ? -1 : 1;
    return a->root.index < b->root.index ? -1 : a->root.index > b->root.index;
}

static void mark_all(struct heap_roots *roots)
{
    for (size_t i = 0; i < roots->count; i++) {
        if (roots->items[i].root.kind != ROOT_GLOBALS) // the module holds its globals
            marks_set(roots->all, roots->items[i].to);
        if (heap_root_is_named((enum root_kind)roots->items[i].root.kind))
            marks_set(roots->named, roots->items[i].to);
    }
}

static bool roots_find(struct builder *builder, const struct progress *progress)
{
    const struct heap *heap = builder->heap;
    roots_walk(heap->py, roots_take, builder);
    if (builder->failed)
        return false;
    hide_interned(builder);
    count_edges(builder);
    count_roots(builder);
    if (!settle_all(builder, progress))
        return false;
    size_t count = builder->roots->count;
    roots_walk_memory(heap->py, roots_take_word, builder);
    if (builder->failed)
        return false;
    sift_temporaries(builder, count);
    roots_walk_stacks(heap->py, roots_take_word, builder);
    walk_greenlets(builder);
    if (builder->failed || !add_native(builder))
        return false;
    qsort(builder->roots->items, builder->roots->count, sizeof *builder->roots->items,
          roots_compare);
    mark_all(builder->roots);
    return true;
}

bool heap_roots_find(struct heap_roots *roots, const struct heap *heap,
                     const struct progress *progress, struct err *err)
{
    size_t words = (size_t)marks_words(heap->node_count) + 1;
    *roots = (struct heap_roots){ 0 };
    roots->named = calloc(words, sizeof *roots->named);
    roots->all = calloc(words, sizeof *roots->all);
    roots->only = malloc(words * sizeof *roots->only);
    struct builder builder = { .heap = heap, .roots = roots, .err = err };
    builder.found = calloc((size_t)heap->node_count + 1, sizeof *builder.found);
    bool good = roots->named && roots->all && roots->only && builder.found;
    if (good) {
        memset(roots->only, 0xff, words * sizeof *roots->only);
        good = roots_find(&builder, progress);
    } else {
        err_memory(err, "the roots");
    }
    free(builder.found);
    if (!good)
        heap_roots_free(roots);
    return good;
}

void heap_roots_free(struct heap_roots *roots)
{
    free(roots->items);
    free(roots->named);
    free(roots->all);
    free(roots->only);
    free(roots->surplus);
    arena_fini(&roots->texts);
    *roots = (struct heap_roots){ 0 };
}

// --- asking -------------------------------------------------------------------------------------

size_t heap_roots_first(const struct heap_roots *roots, node object)
{
    size_t i = search_u32(roots->items, roots->count, sizeof *roots->items,
                          offsetof(struct heap_root, to), object);
    return i < roots->count && roots->items[i].to == object ? i : roots->count;
}

const struct heap_surplus *heap_roots_surplus(const struct heap_roots *roots, node object)
{
    return find_surplus(roots, object);
}

uint32_t heap_roots_counted(const struct heap_roots *roots, node object)
{
    uint32_t count = 0;
    for (size_t i = heap_roots_first(roots, object);
         i < roots->count && roots->items[i].to == object; i++)
        count += roots->items[i].root.hold == ROOT_COUNTED;
    return count;
}

struct roots_account {
    const struct heap_roots *roots;
    uint64_t referrers, explained;
};

static void roots_account_for(void *context, node from, uint32_t word)
{
    struct roots_account *account = context;
    account->referrers++;
    account->explained += !(word & EDGE_BORROWED) && marks_has(account->roots->only, from);
}

uint64_t heap_roots_explained(const struct heap *heap, const struct heap_roots *roots, node object,
                              uint64_t *referrers)
{
    const struct csr *reverse = &heap->reverse;
    struct roots_account account = { .roots = roots };
    if (!reverse->offset)
        csr_each_to(&heap->forward, object, roots_account_for, &account);
    else
        for (uint64_t e = csr_first(reverse, object); e < csr_end(reverse, object); e++)
            roots_account_for(&account, reverse->to[e] & EDGE_NODE, reverse->to[e]);
    *referrers = account.referrers;
    return account.explained + heap_roots_counted(roots, object);
}

// Objects whose references are not counted stay roots, whoever else holds them: see roots_settle().
static bool is_root_by_nature(const struct heap *heap, node n)
{
    int64_t refcount = heap_refcount(heap, n);
    return heap->flags[n] & NODE_IMMORTAL || refcount >= DEFERRED || refcount > STATIC_REFCOUNT
           || target_module_of(heap->py->target, heap_addr(heap, n)) >= 0;
}

bool heap_roots_resting(const struct heap_roots *roots, const struct heap *heap, uint64_t **marks,
                        struct err *err)
{
    size_t words = (size_t)marks_words(heap->node_count) + 1;
    *marks = malloc(words * sizeof **marks);
    if (!*marks)
        return err_memory(err, "the roots");
    memcpy(*marks, roots->all, marks_words(heap->node_count) * sizeof **marks);
    for (size_t i = 0, next; i < roots->count; i = next) {
        node to = roots->items[i].to;
        bool rests = false;
        for (next = i; next < roots->count && roots->items[next].to == to; next++) {
            enum root_kind kind = (enum root_kind)roots->items[next].root.kind;
            rests = rests || (kind != ROOT_GLOBALS && !heap_root_is_running(kind));
        }
        if (!rests && !is_root_by_nature(heap, to))
            marks_clear(*marks, to);
    }
    return true;
}
