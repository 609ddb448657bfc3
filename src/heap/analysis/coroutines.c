// SPDX-License-Identifier: GPL-3.0-or-later
// Finding what is suspended: see coroutines.h.
#include "heap/analysis/coroutines.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/search.h"
#include "base/vec.h"
#include "heap/names/task.h"
#include "py/objects/type.h"
#include "py/runtime/greenlet.h"

enum coroutines_role {
    ROLE_NONE,
    ROLE_GENERATOR,
    ROLE_COROUTINE,
    ROLE_ASYNC_GENERATOR,
    ROLE_STEP, // an awaitable between a coroutine and what it waits for
    ROLE_TASK, // from here on one role per kind of task; the first is this one
};

static enum coroutines_role coroutines_role_of(const struct heap *heap, uint32_t index)
{
    static const struct {
        traits any;
        enum coroutines_role role;
    } rows[] = {
        { TRAIT_GENERATOR, ROLE_GENERATOR },
        { TRAIT_COROUTINE, ROLE_COROUTINE },
        { TRAIT_ASYNC_GENERATOR, ROLE_ASYNC_GENERATOR },
        { TRAIT_STEP, ROLE_STEP },
    };
    const struct type *type = type_row(heap->py->types, index);
    enum task_kind task = task_kind_of(heap->py, type);
    if (task != TASK_NONE)
        return (enum coroutines_role)(ROLE_TASK + task);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (type_is(type, rows[i].any))
            return rows[i].role;
    return ROLE_NONE;
}

struct coroutines_search {
    const struct heap *heap;
    struct coroutine_list *list;
    uint8_t *roles;     // by type
    struct map running; // frames that threads run
};

static enum coroutines_role role_at(const struct coroutines_search *search, node n)
{
    return (enum coroutines_role)search->roles[heap_type(search->heap, n)];
}

static bool learn_roles(struct coroutines_search *search, struct err *err)
{
    uint32_t count = heap_type_count(search->heap);
    search->roles = malloc((size_t)count + 1);
    if (!search->roles)
        return err_memory(err, "a table of types");
    for (uint32_t t = 0; t < count; t++)
        search->roles[t] = (uint8_t)coroutines_role_of(search->heap, t);
    return true;
}

static bool find_frames(const struct coroutines_search *search, struct err *err)
{
    const struct heap *heap = search->heap;
    struct coroutine_list *list = search->list;
    for (node n = 0; n < heap->node_count; n++) {
        enum coroutines_role role = role_at(search, n);
        if (role != ROLE_GENERATOR && role != ROLE_COROUTINE && role != ROLE_ASYNC_GENERATOR)
            continue;
        const struct type *type = type_row(heap->py->types, heap_type(heap, n));
        struct coroutine item = {
            .n = n, .inner = COROUTINES_NONE, .awaits = NODE_NONE, .task = NODE_NONE
        };
        if (!frame_of_generator(heap->py, type, heap_addr(heap, n), &item.frame)
            || map_get(&search->running, item.frame.at) != MAP_NONE)
            continue;
        if (!vec_grow(&list->items, &list->capacity, list->count + 1, sizeof *list->items, err))
            return false;
        list->items[list->count++] = item;
    }
    return true;
}

static size_t index_of(const struct coroutine_list *list, node n)
{
    size_t i =
        search_u32(list->items, list->count, sizeof *list->items, offsetof(struct coroutine, n), n);
    return i < list->count && list->items[i].n == n ? i : COROUTINES_NONE;
}

// The only referent of n that is not a type.
static node step_from(const struct heap *heap, node n)
{
    for (uint64_t e = csr_first(&heap->forward, n); e < csr_end(&heap->forward, n); e++) {
        node to = heap->forward.to[e] & EDGE_NODE;
        if (!type_row(heap->py->types, heap_type(heap, to))->is_metatype)
            return to;
    }
    return NODE_NONE;
}

// The object that is awaited, past the awaitables in between.
static node awaited_by(const struct coroutines_search *search, const struct coroutine *item)
{
    const struct heap *heap = search->heap;
    addr top = frame_awaited(search->heap->py, &item->frame);
    node n = top ? heap_node_of(heap, top) : NODE_NONE;
    return n != NODE_NONE && role_at(search, n) == ROLE_STEP ? step_from(heap, n) : n;
}

// Follows one coroutine's chain to its end, or to a coroutine that was already followed.
static void coroutines_follow(const struct coroutines_search *search, size_t index)
{
    struct coroutine_list *list = search->list;
    for (size_t steps = 0; index != COROUTINES_NONE && steps < list->count; steps++) {
        struct coroutine *item = &list->items[index];
        enum coroutines_role role = role_at(search, item->n);
        bool waits = role == ROLE_COROUTINE || (role == ROLE_ASYNC_GENERATOR && item->awaited);
        if (!waits || item->inner != COROUTINES_NONE || item->awaits != NODE_NONE)
            return;
        node to = awaited_by(search, item);
        size_t inner = to == NODE_NONE ? COROUTINES_NONE : index_of(list, to);
        if (inner == COROUTINES_NONE || list->items[inner].awaited) {
            item->awaits = to;
            return;
        }
        item->inner = inner;
        list->items[inner].awaited = true;
        index = inner;
    }
}

static void find_tasks(const struct coroutines_search *search)
{
    const struct heap *heap = search->heap;
    for (node n = 0; n < heap->node_count; n++) {
        struct task task;
        enum coroutines_role role = role_at(search, n);
        if (role < ROLE_TASK || !task_read(heap, n, (enum task_kind)(role - ROLE_TASK), &task)
            || task.coroutine == NODE_NONE)
            continue;
        size_t index = index_of(search->list, task.coroutine);
        if (index != COROUTINES_NONE)
            search->list->items[index].task = n;
    }
}

static bool coroutines_find_running(struct coroutines_search *search, struct err *err)
{
    const struct heap *heap = search->heap;
    const struct python *py = search->heap->py;
    bool ok = frames_running(py, &search->running, err);
    for (node n = 0; ok && n < heap->node_count; n++) {
        const struct type *type = type_row(py->types, heap_type(heap, n));
        ok = !greenlet_is(type)
             || greenlet_frames(py, type, heap_addr(heap, n), &search->running, err);
    }
    return ok;
}

bool coroutines_find(struct coroutine_list *list, const struct heap *heap, struct err *err)
{
    struct coroutines_search search = { heap, list, NULL, MAP_INIT };
    bool ok = learn_roles(&search, err) && coroutines_find_running(&search, err)
              && find_frames(&search, err);
    if (ok) {
        for (size_t i = 0; i < list->count; i++)
            coroutines_follow(&search, i);
        find_tasks(&search);
    }
    free(search.roles);
    map_fini(&search.running);
    return ok;
}

void coroutines_fini(struct coroutine_list *list)
{
    free(list->items);
    *list = (struct coroutine_list){ 0 };
}
