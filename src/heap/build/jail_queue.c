// SPDX-License-Identifier: GPL-3.0-or-later
// Asking the types' own tp_traverse: see jail_queue.h.
#include "heap/build/jail_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "base/vec.h"
#include "py/kinds/kind.h"
#include "py/read.h"

#define FIRST_INSTANCES 3
#define SAMPLE_EVERY 4096
#define COMPARE_MAX                                                                                \
    4096 // references compared per object; objects with more are left out of the sample

void jail_queue_init(struct jail_queue *ask, struct traverse *jail)
{
    *ask = (struct jail_queue){ .jail = jail };
    map_init(&ask->by_object);
    map_init(&ask->outside);
}

void jail_queue_fini(struct jail_queue *ask)
{
    free(ask->items);
    free(ask->answers);
    free(ask->refs);
    free(ask->samples);
    free(ask->seen);
    free(ask->disputed);
    map_fini(&ask->by_object);
    map_fini(&ask->outside);
    *ask = (struct jail_queue){ 0 };
}

static void jail_queue_add_item(struct jail_queue *ask, struct traverse_item **items, size_t *count,
                                size_t *capacity, const struct type *type, addr object)
{
    if (!vec_grow(items, capacity, *count + 1, sizeof **items, NULL)) {
        ask->failed = true;
        return;
    }
    (*items)[(*count)++] = (struct traverse_item){ object, type->traverse };
}

void jail_queue_later(struct jail_queue *ask, const struct type *type, addr object)
{
    if (map_get(&ask->by_object, object) == MAP_NONE)
        jail_queue_add_item(ask, &ask->items, &ask->item_count, &ask->item_capacity, type, object);
}

static bool room_for_type(struct jail_queue *ask, uint32_t index)
{
    if (index < ask->type_room)
        return true;
    size_t room = (size_t)index * 2 + 256;
    uint32_t *seen = realloc(ask->seen, room * sizeof *seen);
    if (seen)
        ask->seen = seen;
    uint8_t *disputed = realloc(ask->disputed, room);
    if (disputed)
        ask->disputed = disputed;
    if (!seen || !disputed) {
        ask->failed = true;
        return false;
    }
    memset(seen + ask->type_room, 0, (room - ask->type_room) * sizeof *seen);
    memset(disputed + ask->type_room, 0, room - ask->type_room);
    ask->type_room = room;
    return true;
}

void jail_queue_sample(struct jail_queue *ask, const struct type *type, addr object)
{
    if (!ask->jail || !type->is_gc || !type->traverse || !room_for_type(ask, type->index))
        return;
    uint32_t n = ask->seen[type->index]++;
    if (n < FIRST_INSTANCES || n % SAMPLE_EVERY == 0)
        jail_queue_add_item(ask, &ask->samples, &ask->sample_count, &ask->sample_capacity, type,
                            object);
}

// --- asking
// ------------------------------------------------------------------------------------------

static bool keep_answer(void *context, size_t i, bool ok, const addr *referents, size_t count)
{
    struct jail_queue *ask = context;
    bool fits = ok && count < UINT32_MAX;
    if (!vec_grow(&ask->answers, &ask->answer_capacity, ask->answer_count + 1, sizeof *ask->answers,
                  NULL)
        || (fits
            && !vec_grow(&ask->refs, &ask->ref_capacity, ask->ref_count + count, sizeof *ask->refs,
                         NULL)))
        return false;
    struct jail_queue_answer *a = &ask->answers[ask->answer_count];
    addr object = ask->items[i].object;
    *a = (struct jail_queue_answer){ object, ask->ref_count, fits ? (uint32_t)count : 0, fits,
                                     map_get(&ask->outside, object) != MAP_NONE };
    for (size_t k = 0; fits && k < count; k++)
        if (referents[k] && !(referents[k] & REF_FLAGS))
            ask->refs[ask->ref_count++] = referents[k];
    a->count = (uint32_t)(ask->ref_count - a->first);
    return map_put(&ask->by_object, a->object, (uint32_t)ask->answer_count++, NULL);
}

// --- which are the collector's at all

struct gate {
    struct jail_queue *ask;
    const struct traverse_item *questions;
};

static bool keep_gate(void *context, size_t i, bool ok, UNUSED const addr *referents,
                      UNUSED size_t count)
{
    struct gate *gate = context;
    if (!ok || gate->ask->jail->returned)
        return true;
    return map_put(&gate->ask->outside, gate->questions[i].object, 1, NULL);
}

static bool ask_gates(struct jail_queue *ask, const struct python *py, struct err *err)
{
    struct traverse_item *questions = NULL;
    size_t count = 0, room = 0;
    bool ok = true;
    for (size_t i = 0; i < ask->item_count && ok; i++) {
        const struct type *type = type_of(py, ask->items[i].object);
        if (!type || !type->is_gc_too)
            continue;
        ok = vec_grow(&questions, &room, count + 1, sizeof *questions, err);
        if (ok)
            questions[count++] = (struct traverse_item){ ask->items[i].object, type->is_gc_too };
    }
    struct gate gate = { ask, questions };
    ok = ok && (!count || traverse_batch(ask->jail, questions, count, keep_gate, &gate, err));
    free(questions);
    return ok;
}

bool jail_queue_all(struct jail_queue *ask, const struct python *py,
                    void (*found)(void *context, addr to, bool held),
                    void (*unanswered)(void *context, addr object), void *context, struct err *err)
{
    size_t before = ask->answer_count;
    size_t count = ask->item_count;
    if (count == 0)
        return true;
    if (!ask_gates(ask, py, err)
        || !traverse_batch(ask->jail, ask->items, count, keep_answer, ask, err))
        return false;
    ask->item_count = 0;
    for (size_t i = before; i < ask->answer_count; i++) {
        const struct jail_queue_answer a = ask->answers[i];
        if (!a.answered)
            unanswered(context, a.object);
        for (uint32_t k = 0; k < a.count; k++)
            found(context, ask->refs[a.first + k], a.outside);
    }
    return true;
}

const struct jail_queue_answer *jail_queue_answer(const struct jail_queue *ask, addr object)
{
    uint32_t i = ask->jail ? map_get(&ask->by_object, object) : MAP_NONE;
    return i == MAP_NONE || !ask->answers[i].answered ? NULL : &ask->answers[i];
}

// --- checking
// ----------------------------------------------------------------------------------------

struct check {
    struct jail_queue *ask;
    const struct python *py;
    bool found_wrong;
};

static void too_many(struct refs *refs)
{
    refs->count = 0;
    *(bool *)refs->context = true;
}

static int jail_queue_by_address(const void *a, const void *b)
{
    addr x = *(const addr *)a, y = *(const addr *)b;
    return x < y ? -1 : x > y;
}

// The decoder's visited references, sorted; false if there are too many to compare.
static bool decoded_refs(const struct python *py, const struct type *type, addr object, addr *out,
                         size_t *count)
{
    uint64_t room[COMPARE_MAX];
    bool overflow = false;
    struct refs refs = {
        .to = room, .capacity = COMPARE_MAX, .full = too_many, .context = &overflow
    };
    if (!kind_refs(py, type, object, &refs) || overflow)
        return false;
    *count = 0;
    for (size_t i = 0; i < refs.count; i++)
        if (!(room[i] & REF_HOLDS))
            out[(*count)++] = room[i] & ~(addr)REF_FLAGS;
    qsort(out, *count, sizeof *out, jail_queue_by_address);
    return true;
}

static bool jail_queue_compare(void *context, size_t i, bool ok, const addr *referents,
                               size_t count)
{
    struct check *check = context;
    struct jail_queue *ask = check->ask;
    addr object = ask->samples[i].object, ours[COMPARE_MAX], theirs[COMPARE_MAX];
    size_t ours_count, theirs_count = 0;
    const struct type *type = type_of(check->py, object);
    const uint8_t *o = type ? VIEW(check->py, object, PyObject) : NULL;
    if (!ok || !o || count > COMPARE_MAX
        || !decoded_refs(check->py, type, object, ours, &ours_count))
        return true;
    for (size_t k = 0; k < count; k++)
        if (referents[k] && !(referents[k] & REF_FLAGS))
            theirs[theirs_count++] = referents[k];
    qsort(theirs, theirs_count, sizeof *theirs, jail_queue_by_address);
    ask->checked++;
    if (ours_count == theirs_count && memcmp(ours, theirs, ours_count * sizeof *ours) == 0)
        return true;
    ask->differing++;
    if (room_for_type(ask, type->index)) { // memory that keeps changing may give it another type
        ask->disputed[type->index] = 1;
        check->found_wrong = true;
    }
    return true;
}

bool jail_queue_check(struct jail_queue *ask, const struct python *py, struct err *err)
{
    struct check check = { ask, py, false };
    if (ask->sample_count
        && !traverse_batch(ask->jail, ask->samples, ask->sample_count, jail_queue_compare, &check,
                           err))
        ask->failed = true;
    ask->sample_count = 0;
    return check.found_wrong;
}
