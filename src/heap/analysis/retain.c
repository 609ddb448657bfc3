// SPDX-License-Identifier: GPL-3.0-or-later
// Computing retained sizes on request: see retain.h.
#include "heap/analysis/retain.h"

#include <stdlib.h>

#include "heap/analysis/holder.h"
#include "heap/names/attribute.h"
#include "py/objects/type.h"

#define CHAIN_MAX 100000 // dominators checked above one object

bool retain_is_container(const struct heap *heap, node n)
{
    const struct type *type = type_row(heap->py->types, heap_type(heap, n));
    return holder_role_is_container(holder_role_of(type));
}

node retain_parent(const struct dominate *dominate, node n)
{
    uint32_t parent = dominate->parent[n];
    return parent == DOM_ROOT || parent == DOM_NONE ? NODE_NONE : parent;
}

node retain_owner(const struct heap *heap, const struct dominate *dominate, node n)
{
    node at = retain_parent(dominate, n);
    for (int i = 0; at != NODE_NONE && i < CHAIN_MAX && retain_is_container(heap, at); i++)
        at = retain_parent(dominate, at);
    return at;
}

static bool retain_is(const struct heap *heap, node n, traits any)
{
    return type_is(type_row(heap->py->types, heap_type(heap, n)), any);
}

static node retain_namespace(const struct heap *heap, node module)
{
    return heap_member(heap, module, heap->py->layout.PyModuleObject_md_dict);
}

// Whether a dict is the namespace of a module that refers to it.
static bool retain_is_namespace(const struct heap *heap, node n)
{
    const struct csr *reverse = &heap->reverse;
    for (uint64_t e = csr_first(reverse, n); e < csr_end(reverse, n); e++) {
        node from = reverse->to[e] & EDGE_NODE;
        if (retain_is(heap, from, TRAIT_MODULE) && retain_namespace(heap, from) == n)
            return true;
    }
    return false;
}

node retain_module_name(const struct heap *heap, node n)
{
    if (!heap_has_values(heap))
        return NODE_NONE;
    node space = retain_is(heap, n, TRAIT_MODULE) ? retain_namespace(heap, n)
                 : retain_is(heap, n, TRAIT_DICT) && retain_is_namespace(heap, n) ? n
                                                                                  : NODE_NONE;
    node name = space == NODE_NONE ? NODE_NONE : heap_item(heap, space, "__name__");
    return name != NODE_NONE && retain_is(heap, name, TRAIT_TEXT) ? name : NODE_NONE;
}

node retain_greatest_child(const struct dominate *dominate, const struct csr *children, node n)
{
    const uint64_t *retained = dominate->retained;
    node greatest = NODE_NONE;
    for (uint64_t e = csr_first(children, n); e < csr_end(children, n); e++)
        if (greatest == NODE_NONE || retained[children->to[e]] > retained[greatest])
            greatest = children->to[e];
    return greatest;
}

node retain_accumulates(const struct dominate *dominate, const struct csr *children, node n)
{
    const uint64_t *retained = dominate->retained;
    node at = n, greatest;
    while ((greatest = retain_greatest_child(dominate, children, at)) != NODE_NONE
           && retained[greatest] > retained[at] / 2)
        at = greatest;
    return at;
}

bool retain_drops_at(const struct dominate *dominate, const struct csr *children, node n)
{
    const uint64_t *retained = dominate->retained;
    return csr_end(children, n) - csr_first(children, n) > 1
           && retained[retain_greatest_child(dominate, children, n)] <= retained[n] / 2;
}

// --- the greatest -------------------------------------------------------------------------------

bool retain_top_init(struct retain_top *top, const struct dominate *dominate, size_t most,
                     struct err *err)
{
    if (most > CSR_NODE_MAX)
        most = CSR_NODE_MAX;
    *top = (struct retain_top){ .retained = dominate->retained,
                                .most = most,
                                .items = malloc((most + 1) * sizeof *top->items) };
    return top->items || err_memory(err, "the greatest objects");
}

// A min-heap by retained size; ties are broken by address, so that answers are deterministic.
static bool retain_less(const struct retain_top *top, node a, node b)
{
    uint64_t x = top->retained[a], y = top->retained[b];
    return x != y ? x < y : a > b;
}

static void retain_sift_down(const struct retain_top *top, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < top->count; at = child) {
        if (child + 1 < top->count && retain_less(top, top->items[child + 1], top->items[child]))
            child++;
        if (!retain_less(top, top->items[child], top->items[at]))
            return;
        node swap = top->items[at];
        top->items[at] = top->items[child];
        top->items[child] = swap;
    }
}

static void retain_sift_up(const struct retain_top *top, size_t at)
{
    while (at && retain_less(top, top->items[at], top->items[(at - 1) / 2])) {
        node swap = top->items[at];
        top->items[at] = top->items[(at - 1) / 2];
        top->items[(at - 1) / 2] = swap;
        at = (at - 1) / 2;
    }
}

void retain_top_add(struct retain_top *top, node n)
{
    top->met++;
    if (top->count < top->most) {
        top->items[top->count] = n;
        retain_sift_up(top, top->count++);
    } else if (top->count && retain_less(top, top->items[0], n)) {
        top->items[0] = n;
        retain_sift_down(top, 0);
    }
}

// Removes the least again and again, filling the array from its end.
void retain_top_sort(struct retain_top *top)
{
    size_t count = top->count;
    while (top->count > 1) {
        node least = top->items[0];
        top->items[0] = top->items[--top->count];
        top->items[top->count] = least;
        retain_sift_down(top, 0);
    }
    top->count = count;
}

void retain_top_fini(struct retain_top *top)
{
    free(top->items);
    *top = (struct retain_top){ 0 };
}
