// SPDX-License-Identifier: GPL-3.0-or-later
// The buffers of objects: see alloc.h.
#include "heap/build/alloc.h"

#include <string.h>

#include "base/vec.h"
#include "py/read.h"
#include "py/memory/mimalloc.h"
#include "py/objects/str.h"

#define DEEP_MAX 65536 // larger buffers are not searched

// --- blocks beside objects -----------------------------------------------------------------------

enum alloc_buffers_plan { // which buffers an object of a type may have
    PLAN_UNKNOWN,
    PLAN_NONE,
    PLAN_LIST,
    PLAN_DICT,
    PLAN_SET,
    PLAN_STR,
    PLAN_WORDS,      // any of its words may point to a block
    PLAN_VALUES = 8, // flag: 3.11 and 3.12, a pointer to values in front
};

static enum alloc_buffers_plan choose_plan(const struct python *py, const struct type *type)
{
    static const struct {
        traits any;
        enum alloc_buffers_plan plan;
    } rows[] = {
        { TRAIT_LIST, PLAN_LIST },
        { TRAIT_DICT | TRAIT_DEFAULT_DICT, PLAN_DICT },
        { TRAIT_ANY_SET, PLAN_SET },
        { TRAIT_TEXT, PLAN_STR },
        { TRAIT_TUPLE | TRAIT_INT | TRAIT_BOOL | TRAIT_FLOAT | TRAIT_COMPLEX | TRAIT_BYTES
              | TRAIT_FUNCTION | TRAIT_CELL | TRAIT_METHOD,
          PLAN_NONE },
    };
    enum alloc_buffers_plan plan = PLAN_UNKNOWN;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && plan == PLAN_UNKNOWN; i++)
        if (type_is(type, rows[i].any))
            plan = rows[i].plan;
    if (plan == PLAN_UNKNOWN)
        plan = type->is_python_class && type_is(type, TRAIT_OBJECT) ? PLAN_NONE : PLAN_WORDS;
    bool values = (type->flags & TPFLAGS_MANAGED_DICT)
                  && (py->rules.instance == INSTANCE_TWO || py->rules.instance == INSTANCE_TAGGED);
    return plan | (values ? PLAN_VALUES : 0);
}

static enum alloc_buffers_plan plan_of(struct alloc *a, const struct type *type)
{
    if (type->index >= a->plan_count) {
        size_t before = a->plan_count, need = (size_t)type->index + 256;
        if (!vec_grow(&a->plans, &a->plan_capacity, need, 1, NULL))
            return PLAN_NONE;
        memset(a->plans + before, PLAN_UNKNOWN, need - before);
        a->plan_count = need;
    }
    if (a->plans[type->index] == PLAN_UNKNOWN)
        a->plans[type->index] = (uint8_t)choose_plan(a->heap->py, type);
    return (enum alloc_buffers_plan)a->plans[type->index];
}

// The request at `at` belongs to a known object. True if its block was unexplained until now.
static bool alloc_buffers_explain(struct alloc *a, addr at)
{
    addr block = at - a->pm.lead;
    if (a->threaded) {
        struct address_map_chunk *c = (block & 7) ? NULL : address_map_chunk(&a->others, block);
        bool left = c && chunk_has(c->bits, address_map_bit(block));
        if (left)
            chunk_clear(c->bits, address_map_bit(block));
        return left;
    }
    const struct pymalloc_arena *arena =
        (block & (a->pm.unit - 1)) ? NULL : alloc_arena_of(a, block);
    if (!arena || !alloc_take(a, arena, block))
        return false;
    a->heap->census.blocks_buffers++;
    a->heap->census.bytes_buffers += pymalloc_block_size(&a->pm, a->heap->py, arena, block);
    return true;
}

static uint64_t size_around(struct alloc *a, addr block)
{
    if (a->threaded)
        return mimalloc_block_size(a->heap->py, block);
    const struct pymalloc_arena *arena = alloc_arena_of(a, block);
    return arena ? pymalloc_block_size(&a->pm, a->heap->py, arena, block) : 0;
}

// A word that may point to a block; that block's words may point to further ones.
static void explain_deep(struct alloc *a, addr at)
{
    if (!alloc_buffers_explain(a, at))
        return;
    a->chain_count = 0;
    for (;;) {
        uint64_t size = size_around(a, at - a->pm.lead);
        const uint8_t *words = size && size <= DEEP_MAX
                                   ? target_view(a->heap->py->target, at, size - a->pm.lead)
                                   : NULL;
        for (uint64_t i = 0; words && i + 8 + a->pm.lead <= size; i += 8) {
            addr next = load64(words + i);
            if (next - a->low > a->high - a->low || !alloc_buffers_explain(a, next))
                continue;
            if (vec_grow(&a->chain, &a->chain_capacity, a->chain_count + 1, sizeof *a->chain, NULL))
                a->chain[a->chain_count++] = next;
        }
        if (a->chain_count == 0)
            return;
        at = a->chain[--a->chain_count];
    }
}

static void explain_words(struct alloc *a, const uint8_t *o, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i + 8 <= to; i += 8)
        if (load64(o + i) - a->low <= a->high - a->low)
            explain_deep(a, load64(o + i));
}

// Values of 3.11 and 3.12 follow a prefix, whose length is in the byte before them.
static void explain_values(struct alloc *a, addr values)
{
    const struct python *py = a->heap->py;
    if (py->rules.instance == INSTANCE_TWO || py->rules.instance == INSTANCE_TAGGED) {
        const uint8_t *length =
            alloc_arena_of(a, values) ? target_view(py->target, values - 1, 1) : NULL;
        values -= length ? *length : 0;
    }
    alloc_buffers_explain(a, values);
}

static void explain_instance(struct alloc *a, addr at)
{
    const struct python *py = a->heap->py;
    if (py->rules.instance == INSTANCE_TWO) {
        explain_values(a, target_u64(py->target, at - 32, NULL));
        return;
    }
    addr word = target_u64(py->target, at - 24, NULL);
    if (word & 1)
        explain_values(a, word + 1);
}

// Copies in other encodings, and the text of strings that are not compact. A compact ASCII string
// has its text where others have pointers.
static void explain_str(struct alloc *a, const struct type *type, const uint8_t *o)
{
    const struct layout *l = &a->heap->py->layout;
    uint64_t from = SIZE(a->heap->py, PyObject), to = (uint64_t)type->basicsize;
    if (l->PyASCIIObject_state >= 0) {
        from = BEFORE(a->heap->py, PyASCIIObject_state) + 8;
        struct str_state state = str_state(a->heap->py, o);
        if (state.compact && state.ascii)
            to = SIZE(a->heap->py, PyASCIIObject);
    }
    explain_words(a, o, from, to);
}

void alloc_explain(struct alloc *a, const struct type *type, addr at)
{
    const struct layout *l = &a->heap->py->layout;
    enum alloc_buffers_plan plan = a->heap && a->heap->census.known ? plan_of(a, type) : PLAN_NONE;
    if (plan == PLAN_NONE)
        return;
    if (plan & PLAN_VALUES)
        explain_instance(a, at);
    const uint8_t *o = target_view(a->heap->py->target, at, (size_t)type->basicsize);
    if (!o)
        return;
    switch ((unsigned)plan & 7) {
    case PLAN_LIST:
        // Free-threaded builds keep the length of the array before its items.
        alloc_buffers_explain(a,
                              LOAD(a->heap->py, o, PyListObject_ob_item) - (a->threaded ? 8 : 0));
        break;
    case PLAN_DICT:
        if (l->PyDictObject_ma_keys >= 0) {
            alloc_buffers_explain(a, LOAD(a->heap->py, o, PyDictObject_ma_keys));
            explain_values(a, LOAD(a->heap->py, o, PyDictObject_ma_values));
        }
        break;
    case PLAN_SET:
        alloc_buffers_explain(a, LOAD(a->heap->py, o, PySetObject_table));
        break;
    case PLAN_STR:
        explain_str(a, type, o);
        break;
    case PLAN_WORDS:
        explain_words(a, o, SIZE(a->heap->py, PyObject), (uint64_t)type->basicsize);
        break;
    default:
        break;
    }
}
