// SPDX-License-Identifier: GPL-3.0-or-later
// One holder for each object: see holder.h.
#include "heap/analysis/holder.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/objects/type.h"

#define PROGRESS_EVERY 65536

struct holder_taking {
    struct holders *holders;
    const struct heap *heap;
    const struct progress *progress;
    struct err *err;
    node *queue; // containers whose own references are still to be followed, the nearest first
    size_t head, tail, capacity;
};

enum holder_role holder_role_of(const struct type *type)
{
    static const struct {
        traits any;
        enum holder_role role;
    } rows[] = {
        { TRAIT_ANY_DICT, HOLDER_DICT },
        { TRAIT_LIST | TRAIT_TUPLE | TRAIT_ANY_SET | TRAIT_DEQUE | TRAIT_CELL, HOLDER_CONTAINER },
        { TRAIT_FUNCTION | TRAIT_BUILTIN | TRAIT_METHOD | TRAIT_FRAME | TRAIT_ANY_GENERATOR
              | TRAIT_CODE | TRAIT_WEAK,
          HOLDER_LATE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (type_is_exact(type, rows[i].any))
            return rows[i].role;
    return HOLDER_OWNER;
}

static bool holder_begin(struct holders *holders, const struct heap *heap, struct err *err)
{
    size_t bytes = ((size_t)heap->node_count + 1) * sizeof *holders->of;
    holders->of = malloc(bytes);
    holders->roles = malloc((size_t)heap_type_count(heap) + 1);
    if (!holders->of || !holders->roles)
        return err_memory(err, "the holders of objects");
    memset(holders->of, 0xff, bytes);
    for (uint32_t t = 0; t < heap_type_count(heap); t++)
        holders->roles[t] = (uint8_t)holder_role_of(type_row(heap->py->types, t));
    return true;
}

static bool holder_push(struct holder_taking *taking, node n)
{
    if (!vec_grow(&taking->queue, &taking->capacity, taking->tail + 1, sizeof *taking->queue,
                  taking->err))
        return false;
    taking->queue[taking->tail++] = n;
    return true;
}

static bool note_order(struct holder_taking *taking, node from)
{
    struct holders *holders = taking->holders;
    if (!vec_grow(&holders->order, &holders->capacity, holders->count + 1, sizeof *holders->order,
                  taking->err))
        return false;
    holders->order[holders->count++] = from;
    return true;
}

static bool take_from(struct holder_taking *taking, node from)
{
    struct holders *holders = taking->holders;
    const struct heap *heap = taking->heap;
    node own_type = heap_node_of(heap, type_row(heap->py->types, heap_type(heap, from))->at);
    bool took = false;
    for (uint64_t e = csr_first(&heap->forward, from); e < csr_end(&heap->forward, from); e++) {
        node to = heap->forward.to[e] & EDGE_NODE;
        if (holders->of[to] != NODE_NONE || to == from || to == own_type)
            continue;
        holders->of[to] = from;
        took = true;
        if (holder_is_container(holders, heap, to) && !holder_push(taking, to))
            return false;
    }
    return !took || note_order(taking, from);
}

static bool take_on(struct holder_taking *taking)
{
    while (taking->head < taking->tail)
        if (!take_from(taking, taking->queue[taking->head++]))
            return false;
    taking->head = taking->tail = 0;
    return true;
}

static bool holder_step(struct holder_taking *taking, int round, node n)
{
    uint64_t count = taking->heap->node_count;
    return n % PROGRESS_EVERY
           || progress_step(taking->progress, "who holds what", (uint64_t)round * count + n,
                            3 * count)
           || err_set(taking->err, ERR_CANCELLED, "looking for holders was cancelled");
}

static bool holder_take_all(struct holder_taking *taking, enum holder_role role, int round)
{
    const struct heap *heap = taking->heap;
    for (node n = 0; n < heap->node_count; n++)
        if (!holder_step(taking, round, n)
            || (holder_role(taking->holders, heap, n) == role && !take_from(taking, n)))
            return false;
    return take_on(taking);
}

static bool take_rest(struct holder_taking *taking)
{
    struct holders *holders = taking->holders;
    for (node n = 0; n < taking->heap->node_count; n++) {
        if (!holder_step(taking, 2, n))
            return false;
        if (!holder_is_container(holders, taking->heap, n) || holders->of[n] != NODE_NONE)
            continue;
        holders->of[n] = n; // it is taken, so that holders form no rings
        if (!take_from(taking, n) || !take_on(taking))
            return false;
    }
    return true;
}

bool holders_find(struct holders *holders, const struct heap *heap, const struct progress *progress,
                  struct err *err)
{
    struct holder_taking taking = {
        .holders = holders, .heap = heap, .progress = progress, .err = err
    };
    *holders = (struct holders){ 0 };
    bool ok = holder_begin(holders, heap, err) && holder_take_all(&taking, HOLDER_OWNER, 0)
              && holder_take_all(&taking, HOLDER_LATE, 1) && take_rest(&taking);
    free(taking.queue);
    if (!ok)
        holders_fini(holders);
    return ok;
}

void holders_fini(struct holders *holders)
{
    free(holders->of);
    free(holders->order);
    free(holders->roles);
    *holders = (struct holders){ 0 };
}
