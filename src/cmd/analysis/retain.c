// SPDX-License-Identifier: GPL-3.0-or-later
// Computing retained sizes on request: see retain.h.
#include "cmd/analysis/retain.h"

#include <stdlib.h>

#include "heap/analysis/holder.h"
#include "heap/names/attribute.h"
#include "py/objects/type.h"

#define CHAIN_MAX 100000 // dominators checked above one object

bool retain_is_container(const struct session *session, node n)
{
    const struct type *type = type_row(session->py.types, heap_type(&session->heap, n));
    return holder_role_is_container(holder_role_of(type));
}

node retain_parent(const struct session *session, node n)
{
    uint32_t parent = session->dominate.parent[n];
    return parent == DOM_ROOT || parent == DOM_NONE ? NODE_NONE : parent;
}

node retain_owner(const struct session *session, node n)
{
    node at = retain_parent(session, n);
    for (int i = 0; at != NODE_NONE && i < CHAIN_MAX && retain_is_container(session, at); i++)
        at = retain_parent(session, at);
    return at;
}

static bool retain_is(const struct session *session, node n, traits any)
{
    return type_is(type_row(session->py.types, heap_type(&session->heap, n)), any);
}

static node retain_namespace(const struct session *session, node module)
{
    return heap_member(&session->heap, module, session->py.layout.PyModuleObject_md_dict);
}

// Whether a dict is the namespace of a module that refers to it.
static bool retain_is_namespace(const struct session *session, node n)
{
    const struct csr *reverse = &session->heap.reverse;
    for (uint64_t e = csr_first(reverse, n); e < csr_end(reverse, n); e++) {
        node from = reverse->to[e] & EDGE_NODE;
        if (retain_is(session, from, TRAIT_MODULE) && retain_namespace(session, from) == n)
            return true;
    }
    return false;
}

const char *retain_module(const struct session *session, node n, struct report *report)
{
    const struct heap *heap = &session->heap;
    if (!session_has_values(session))
        return NULL;
    node space = retain_is(session, n, TRAIT_MODULE) ? retain_namespace(session, n)
                 : retain_is(session, n, TRAIT_DICT) && retain_is_namespace(session, n) ? n
                                                                                        : NODE_NONE;
    node name = space == NODE_NONE ? NODE_NONE : heap_item(heap, space, "__name__");
    struct cell cell = name == NODE_NONE || !retain_is(session, name, TRAIT_TEXT)
                           ? cell_null()
                           : selection_str_cell(session, report, heap_addr(heap, name), 100);
    return cell.kind == CELL_TEXT ? cell.s : NULL;
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

// A min-heap by retained size; ties are broken by address, so that answers are deterministic.
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

// Removes the least again and again, filling the array from its end.
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
