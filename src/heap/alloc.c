// SPDX-License-Identifier: GPL-3.0-or-later
// Objects and blocks in the allocator: see alloc.h.
#include "heap/alloc.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/dict.h"
#include "py/gc.h"
#include "py/load.h"
#include "py/mimalloc.h"

#define CHAIN_MOST 65536     // free-listed objects of one list
#define REFCOUNT_SMALL 65536 // a larger one may be an address of a program linked low
#define STATE_COMPACT_ASCII 0x60u // both bits of a str's state
#define DEEP_MOST 65536 // a larger block beside an object is not looked into
#define PRESIZES 3           // 0, 16, 32 bytes lie between a block's start and its object

static uint64_t *word_of(struct alloc *a, const struct pymalloc_arena *arena, addr block, uint64_t *mask)
{
    size_t unit = (size_t)(block - arena->start) >> a->unit_shift;
    *mask = UINT64_C(1) << (unit & 63);
    return &a->left[(size_t)(arena - a->pm.arenas) * a->arena_words + (unit >> 6)];
}

static const struct pymalloc_arena *arena_of(struct alloc *a, addr at)
{
    if (at - a->low >= a->high - a->low)
        return NULL;
    const struct pymalloc_arena *arena = &a->pm.arenas[a->last];
    if (at - arena->start < (addr)arena->pools * a->pm.pool_bytes)
        return arena;
    arena = pymalloc_arena_of(&a->pm, at);
    if (arena)
        a->last = (size_t)(arena - a->pm.arenas);
    return arena;
}

// --- what looks alive ------------------------------------------------------------------------------------

// Free-threaded: two counts, and before them the thread that owns the first and a lock.
static bool counts_are_sane(const struct python *py, const uint8_t *o)
{
    bool immortal;
    int64_t count = gc_stored_refcount(py, o, &immortal);
    bool header = (load64(o) & 7) == 0 && o[py->layout.PyObject_ob_mutex] <= 3;
    return header && (immortal || (count > 0 && count < INT32_MAX));
}

// A refcount as a living object has it. A pointer in its place (a table, 3.14's free lists) is none.
static bool refcount_is_sane(const struct python *py, const uint8_t *o)
{
    if (py->rules.free_threaded)
        return counts_are_sane(py, o);
    uint64_t word = load64(o + py->layout.PyObject_ob_refcnt);
    if (py->rules.refcount_low32 && (uint16_t)(word >> 32)) // ob_overflow is used by free-threaded builds only
        return false;
    uint64_t count = py->rules.refcount_low32 ? (uint32_t)word : word;
    if (count == 0 || count > UINT32_MAX)
        return false;
    bool immortal = py->rules.immortal && (int32_t)(uint32_t)word < 0;
    return immortal || count < REFCOUNT_SMALL || !target_view(py->target, count & ~(addr)7, 8);
}

// Most words in a block are no type: those are kept away from the type table, which remembers what it was asked.
static const struct type *type_in_word(const struct python *py, addr word)
{
    if ((word & 7) || word < 4096 || word >> 47)
        return NULL;
    const uint8_t *t = target_view(py->target, word, (size_t)py->layout.sizeof_PyTypeObject);
    addr meta = t ? load64(t + py->layout.PyObject_ob_type) : 0;
    if (meta != py->type_type) {
        const uint8_t *m = meta && !(meta & 7) ? target_view(py->target, meta, (size_t)py->layout.sizeof_PyTypeObject) : NULL;
        if (!m || !(load64(m + py->layout.PyTypeObject_tp_flags) & TPFLAGS_TYPE_SUBCLASS))
            return NULL;
    }
    return type_at(py, word);
}

// Whether an object of this type fills a block of that size, `room` bytes from the object on.
static bool type_fits(const struct python *py, const struct type *type, const uint8_t *o, uint64_t room, uint32_t slack)
{
    uint64_t need = (uint64_t)type->basicsize;
    bool exact = type->itemsize == 0 && !(type->flags & TPFLAGS_INLINE_VALUES);
    // An int of 3.12 has no ob_size: its first word says how many digits, three bits up.
    if (type->itemsize && (type->flags & TPFLAGS_LONG_SUBCLASS) && py->layout.PyLongObject_lv_tag >= 0)
        return need <= room && (load64(o + py->layout.PyLongObject_lv_tag) >> 3) * 4 <= room;
    if (type->itemsize) {
        int64_t items = load_s64(o + py->layout.PyVarObject_ob_size);
        items = items < 0 ? -items : items;
        if (items < 0 || (uint64_t)items > room)
            return false;
        need += (uint64_t)items * (uint64_t)type->itemsize;
    }
    if (type->value->size == NULL && (type->flags & TPFLAGS_UNICODE_SUBCLASS))
        exact = false;
    if (type->flags & (TPFLAGS_UNICODE_SUBCLASS | TPFLAGS_TYPE_SUBCLASS)) // compact strings are shorter or longer than the struct
        return room >= (uint64_t)py->layout.sizeof_PyObject + 24;
    return need <= room && (!exact || room - need < slack);
}

// The object in a block, or 0.
static addr living(const struct alloc *a, addr block, const uint8_t *bytes, uint64_t size)
{
    const struct python *py = a->heap->py;
    // Room that is left behind the object: the rounding of sizes (a quarter at most in mimalloc), and the guards of the debug hooks.
    uint32_t slack = a->threaded ? (uint32_t)(size / 4) + 16 : a->pm.unit + a->pm.lead;
    for (uint32_t i = 0; i < PRESIZES; i++) {
        uint32_t offset = a->pm.lead + i * 16;
        if (offset + (uint32_t)py->layout.sizeof_PyObject > size)
            return 0;
        const uint8_t *o = bytes + offset;
        if (!refcount_is_sane(py, o))
            continue;
        const struct type *type = type_in_word(py, load64(o + py->layout.PyObject_ob_type));
        if (!type || type->presize != i * 16)
            continue;
        return type_fits(py, type, o, size - offset, slack) ? block + offset : 0;
    }
    return 0;
}

// A dead object that a free list of 3.13 or before keeps: its refcount is 0, its type still there.
static bool is_dead_object(const struct alloc *a, const uint8_t *bytes, uint64_t size)
{
    const struct python *py = a->heap->py;
    for (uint32_t i = 0; i < PRESIZES; i++) {
        uint32_t offset = a->pm.lead + i * 16;
        if (offset + (uint32_t)py->layout.sizeof_PyObject > size)
            return false;
        const uint8_t *o = bytes + offset;
        bool immortal;
        if (gc_stored_refcount(py, o, &immortal) == 0 && type_in_word(py, load64(o + py->layout.PyObject_ob_type)))
            return true;
    }
    return false;
}

// --- free lists ------------------------------------------------------------------------------------------

static bool take_bit(struct alloc *a, const struct pymalloc_arena *arena, addr block)
{
    uint64_t mask, *word = word_of(a, arena, block, &mask);
    if (!(*word & mask))
        return false;
    *word &= ~mask;
    return true;
}

// The item lies in a block, behind up to 32 bytes of header.
static void set_dead(struct alloc *a, addr item)
{
    struct allocator_census *census = &a->heap->census;
    const struct pymalloc_arena *arena = arena_of(a, item);
    for (uint32_t i = 0; arena && i < PRESIZES; i++) {
        addr block = item - a->pm.lead - i * 16;
        if (block < arena->start || (block & (a->pm.unit - 1)) || !take_bit(a, arena, block))
            continue;
        census->blocks_dead++;
        census->bytes_dead += pymalloc_block_size(&a->pm, a->heap->py, arena, block);
        return;
    }
}

// 3.14 on: heads of chains linked through the first word of each item, side by side with their lengths.
static void set_chains_dead(struct alloc *a, addr lists)
{
    const struct python *py = a->heap->py;
    uint64_t size = (uint64_t)py->layout.sizeof__Py_freelists;
    const uint8_t *heads = target_view(py->target, lists, size);
    for (uint64_t k = 0; heads && k + 16 <= size; k += 16) {
        addr item = load64(heads + k);
        for (uint32_t n = 0; n < CHAIN_MOST && item && arena_of(a, item); n++) {
            set_dead(a, item);
            item = target_u64(py->target, item, NULL);
        }
    }
}

// 3.10 to 3.13: the tables of dead dicts, an array with its length. (Dead objects show by their refcount.)
static void set_array_dead(struct alloc *a, addr items, addr length)
{
    const struct python *py = a->heap->py;
    uint32_t count = target_u32(py->target, length, NULL);
    const uint8_t *words = count <= 80 ? target_view(py->target, items, (size_t)count * 8) : NULL;
    for (uint32_t i = 0; words && i < count; i++)
        set_dead(a, load64(words + i * 8));
}

static void find_dead(struct alloc *a)
{
    const struct python *py = a->heap->py;
    const struct layout *l = &py->layout;
    for (size_t i = 0; i < py->interpreter_count; i++) {
        addr in = py->interpreters[i].at;
        if (l->sizeof__Py_freelists > 0 && l->PyInterpreterState_object_state >= 0)
            set_chains_dead(a, in + (uint64_t)l->PyInterpreterState_object_state);
        if (l->_Py_dict_state_keys_free_list >= 0 && l->PyInterpreterState_dict_state >= 0) {
            addr state = in + (uint64_t)l->PyInterpreterState_dict_state;
            set_array_dead(a, state + (uint64_t)l->_Py_dict_state_keys_free_list,
                           state + (uint64_t)l->_Py_dict_state_keys_numfree);
        }
        if (l->_Py_object_freelists_dictkeys >= 0 && l->PyInterpreterState_object_state >= 0 && l->_Py_dict_freelist_items >= 0) {
            addr state = in + (uint64_t)l->PyInterpreterState_object_state + (uint64_t)l->_Py_object_freelists_dictkeys;
            set_array_dead(a, state + (uint64_t)l->_Py_dict_freelist_items, state + (uint64_t)l->_Py_dict_freelist_numfree);
        }
    }
}

// --- the walk --------------------------------------------------------------------------------------------

// Whether an object starts in the first words of the block.
static bool has_object(const struct place_chunk *c, addr at)
{
    unsigned bit = place_bit(at), word = bit >> 6, shift = bit & 63;
    uint64_t window = c->bits[word] >> shift;
    if (shift > 59 && word + 1 < CHUNK_WORDS)
        window |= c->bits[word + 1] << (64 - shift);
    return (window & 0x15) != 0;
}

static void walk_pool(struct alloc *a, const struct pymalloc_arena *arena, const struct pymalloc_pool *pool)
{
    struct allocator_census *census = &a->heap->census;
    const struct place_chunk *c = place_chunk(&a->heap->place, pool->at);
    uint32_t offset = (uint32_t)a->heap->py->layout.sizeof_pool_header, known = 0;
    for (uint32_t b = 0; b < pool->blocks; b++, offset += pool->size) {
        if (pool->free[b / 64] >> (b % 64) & 1)
            continue;
        addr block = pool->at + offset;
        if (c && has_object(c, block + a->pm.lead)) {
            known++;
        } else {
            uint64_t mask, *word = word_of(a, arena, block, &mask);
            *word |= mask;
        }
    }
    census->blocks_objects += known;
    census->bytes_objects += (uint64_t)known * pool->size;
}

static void walk_arenas(struct alloc *a)
{
    struct allocator_census *census = &a->heap->census;
    const struct python *py = a->heap->py;
    census->arenas = a->pm.count;
    for (size_t k = 0; k < a->pm.count; k++) {
        const struct pymalloc_arena *arena = &a->pm.arenas[k];
        for (uint32_t i = 0; i < arena->pools; i++) {
            struct pymalloc_pool pool;
            if (!pymalloc_pool(&a->pm, py, arena, i, &pool)) {
                census->bytes_free += a->pm.pool_bytes;
                continue;
            }
            census->pools++;
            census->blocks_used += pool.used;
            census->bytes_used += (uint64_t)pool.used * pool.size;
            uint32_t most = (a->pm.pool_bytes - (uint32_t)py->layout.sizeof_pool_header) / pool.size;
            census->blocks_free += most - pool.used;
            census->bytes_free += (uint64_t)(most - pool.used) * pool.size;
            if (pool.sound)
                walk_pool(a, arena, &pool);
        }
    }
}

// Calls visit for every bit that is left.
static bool each_left(struct alloc *a, bool (*visit)(struct alloc *a, void *context, addr block, const uint8_t *bytes, uint32_t size),
                      void *context)
{
    for (size_t k = 0; k < a->pm.count; k++) {
        const struct pymalloc_arena *arena = &a->pm.arenas[k];
        const uint64_t *words = a->left + k * a->arena_words;
        for (size_t w = 0; w < a->arena_words; w++)
            for (uint64_t bits = words[w]; bits; bits &= bits - 1) {
                uint64_t offset = (uint64_t)(w * 64 + (unsigned)__builtin_ctzll(bits)) << a->unit_shift;
                uint32_t size = pymalloc_block_size(&a->pm, a->heap->py, arena, arena->start + offset);
                if (!visit(a, context, arena->start + offset, arena->bytes + offset, size))
                    return false;
            }
    }
    return true;
}

static bool add_object(struct alloc_blocks *blocks, addr object)
{
    if (!vec_grow(&blocks->objects, &blocks->capacity, blocks->count + 1, sizeof *blocks->objects, NULL))
        return false;
    blocks->objects[blocks->count++] = object;
    return true;
}

static bool add_living(struct alloc *a, void *context, addr block, const uint8_t *bytes, uint32_t size)
{
    addr object = living(a, block, bytes, size);
    return !object || add_object(context, object);
}

// --- mimalloc --------------------------------------------------------------------------------------------

struct threaded {
    struct alloc *alloc;
    struct alloc_blocks *blocks;
};

static bool block_has_object(const struct alloc *a, addr at)
{
    const struct place_chunk *c = place_chunk(&a->heap->place, at);
    return c && chunk_has(c->bits, place_bit(at));
}

// First walk: living objects that nothing led to, and a bit for every block that is none.
static bool find_in_block(void *context, enum mimalloc_heap heap, addr block, const uint8_t *bytes, uint64_t size)
{
    struct threaded *threaded = context;
    struct alloc *a = threaded->alloc;
    addr object = block + gc_block_offset(a->heap->py, (int)heap);
    if (heap != MIMALLOC_MEMORY && block_has_object(a, object))
        return true;
    if (heap != MIMALLOC_MEMORY && living(a, block, bytes, size) == object)
        return add_object(threaded->blocks, object);
    struct place_chunk *c = place_make(&a->others, block);
    if (!c)
        return false;
    chunk_set(c->bits, place_bit(block));
    a->low = block < a->low ? block : a->low;
    a->high = block > a->high ? block : a->high;
    return true;
}

// Last walk: what became of each block.
static bool count_block(void *context, enum mimalloc_heap heap, addr block, const uint8_t *bytes, uint64_t size)
{
    struct alloc *a = context;
    struct allocator_census *census = &a->heap->census;
    const struct place_chunk *left = place_chunk(&a->others, block);
    bool unexplained = left && chunk_has(left->bits, place_bit(block));
    bool object = heap != MIMALLOC_MEMORY && block_has_object(a, block + gc_block_offset(a->heap->py, (int)heap));
    bool dead = !object && unexplained && heap != MIMALLOC_MEMORY && is_dead_object(a, bytes, size);
    census->blocks_used++;
    census->bytes_used += size;
    census->blocks_objects += object;
    census->bytes_objects += object ? size : 0;
    census->blocks_buffers += !object && !unexplained;
    census->bytes_buffers += !object && !unexplained ? size : 0;
    census->blocks_dead += dead;
    census->bytes_dead += dead ? size : 0;
    return true;
}

static bool find_threaded(struct alloc *a, struct alloc_blocks *blocks, struct err *err)
{
    const struct python *py = a->heap->py;
    struct threaded threaded = { a, blocks };
    a->pm.unit = 8;
    a->pm.lead = py->layout.debug ? 16 : 0;
    a->low = ~(addr)0;
    for (size_t i = 0; i < py->interpreter_count; i++)
        if (!mimalloc_each(py, i, find_in_block, &threaded))
            return err_memory(err, "the allocator's blocks");
    a->heap->census.known = a->others.count > 0;
    return true;
}

// --- finding ---------------------------------------------------------------------------------------------

bool alloc_find(struct alloc *a, struct heap *heap, struct alloc_blocks *blocks, struct err *err)
{
    *a = (struct alloc){ .heap = heap, .threaded = heap->py->rules.free_threaded };
    heap->census = (struct allocator_census){ 0 };
    if (a->threaded)
        return find_threaded(a, blocks, err);
    if (!pymalloc_open(&a->pm, heap->py, err))
        return false;
    if (!a->pm.known)
        return true;
    a->unit_shift = a->pm.unit == 8 ? 3 : 4;
    a->arena_words = ((size_t)a->pm.pools_most * a->pm.pool_bytes >> a->unit_shift) / 64;
    a->low = a->pm.arenas[0].start;
    a->high = a->pm.arenas[a->pm.count - 1].start + (addr)a->pm.arenas[a->pm.count - 1].pools * a->pm.pool_bytes;
    a->left = calloc(a->pm.count * a->arena_words, sizeof *a->left);
    if (!a->left)
        return err_memory(err, "the allocator's blocks");
    heap->census.known = true;
    heap->census.by_shape = a->pm.by_shape;
    heap->census.blocks_raw = a->pm.raw_blocks;
    walk_arenas(a);
    find_dead(a);
    return each_left(a, add_living, blocks) || err_memory(err, "the allocator's objects");
}

// --- blocks beside objects ---------------------------------------------------------------------------------

enum plan { // what an object of a type may have beside it
    PLAN_UNKNOWN,
    PLAN_NONE,
    PLAN_LIST,
    PLAN_DICT,
    PLAN_SET,
    PLAN_STR,
    PLAN_WORDS,      // any of its words may point to a block
    PLAN_VALUES = 8, // flag: 3.11 and 3.12, a pointer to values in front
};

static enum plan choose_plan(const struct python *py, const struct type *type)
{
    static const struct { const char *names; enum plan plan; } rows[] = {
        { "list", PLAN_LIST }, { "dict frozendict", PLAN_DICT }, { "collections.defaultdict", PLAN_DICT },
        { "set frozenset", PLAN_SET }, { "str unicode", PLAN_STR }, { "tuple", PLAN_NONE }, { "int bool long", PLAN_NONE },
        { "float", PLAN_NONE }, { "complex", PLAN_NONE }, { "bytes", PLAN_NONE }, { "function", PLAN_NONE },
        { "cell", PLAN_NONE }, { "method instancemethod", PLAN_NONE },
    };
    const char *names = type->value->names;
    enum plan plan = PLAN_WORDS;
    if (type->is_python_class && (!*names || strcmp(names, "object") == 0))
        plan = PLAN_NONE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(names, rows[i].names) == 0)
            plan = rows[i].plan;
    bool values = (type->flags & TPFLAGS_MANAGED_DICT) &&
                  (py->rules.instance == INSTANCE_TWO || py->rules.instance == INSTANCE_TAGGED);
    return plan | (values ? PLAN_VALUES : 0);
}

static enum plan plan_of(struct alloc *a, const struct type *type)
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
    return (enum plan)a->plans[type->index];
}

// The request at `at` belongs to a known object. True when it was in a block that nothing explained before.
static bool explain(struct alloc *a, addr at)
{
    addr block = at - a->pm.lead;
    if (a->threaded) {
        struct place_chunk *c = (block & 7) ? NULL : place_chunk(&a->others, block);
        bool left = c && chunk_has(c->bits, place_bit(block));
        if (left)
            chunk_clear(c->bits, place_bit(block));
        return left;
    }
    const struct pymalloc_arena *arena = (block & (a->pm.unit - 1)) ? NULL : arena_of(a, block);
    if (!arena || !take_bit(a, arena, block))
        return false;
    a->heap->census.blocks_buffers++;
    a->heap->census.bytes_buffers += pymalloc_block_size(&a->pm, a->heap->py, arena, block);
    return true;
}

static uint64_t size_around(struct alloc *a, addr block)
{
    if (a->threaded)
        return mimalloc_block_size(a->heap->py, block);
    const struct pymalloc_arena *arena = arena_of(a, block);
    return arena ? pymalloc_block_size(&a->pm, a->heap->py, arena, block) : 0;
}

// A word that may point to a block; that block's words may point to further ones.
static void explain_deep(struct alloc *a, addr at)
{
    if (!explain(a, at))
        return;
    a->chain_count = 0;
    for (;;) {
        uint64_t size = size_around(a, at - a->pm.lead);
        const uint8_t *words = size && size <= DEEP_MOST ? target_view(a->heap->py->target, at, size - a->pm.lead) : NULL;
        for (uint64_t i = 0; words && i + 8 + a->pm.lead <= size; i += 8) {
            addr next = load64(words + i);
            if (next - a->low > a->high - a->low || !explain(a, next))
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

// Values of 3.11 and 3.12 lie behind a prefix, whose length is in the byte before them.
static void explain_values(struct alloc *a, addr values)
{
    const struct python *py = a->heap->py;
    if (py->rules.instance == INSTANCE_TWO || py->rules.instance == INSTANCE_TAGGED) {
        const uint8_t *length = arena_of(a, values) ? target_view(py->target, values - 1, 1) : NULL;
        values -= length ? *length : 0;
    }
    explain(a, values);
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

// Copies in other encodings, and the text of strings that are not compact. A compact ASCII string has its text where others have pointers.
static void explain_str(struct alloc *a, const struct type *type, const uint8_t *o)
{
    const struct layout *l = &a->heap->py->layout;
    uint64_t from = (uint64_t)l->sizeof_PyObject, to = (uint64_t)type->basicsize;
    if (l->PyASCIIObject_state >= 0) {
        from = (uint64_t)l->PyASCIIObject_state + 8;
        if ((load32(o + l->PyASCIIObject_state) & STATE_COMPACT_ASCII) == STATE_COMPACT_ASCII)
            to = (uint64_t)l->sizeof_PyASCIIObject;
    }
    explain_words(a, o, from, to);
}

void alloc_explain(struct alloc *a, const struct type *type, addr at)
{
    const struct layout *l = &a->heap->py->layout;
    enum plan plan = a->heap && a->heap->census.known ? plan_of(a, type) : PLAN_NONE;
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
        explain(a, load64(o + l->PyListObject_ob_item) - (a->threaded ? 8 : 0));
        break;
    case PLAN_DICT:
        if (l->PyDictObject_ma_keys >= 0) {
            explain(a, load64(o + l->PyDictObject_ma_keys));
            explain_values(a, load64(o + l->PyDictObject_ma_values));
        }
        break;
    case PLAN_SET:
        explain(a, load64(o + l->PySetObject_table));
        break;
    case PLAN_STR:
        explain_str(a, type, o);
        break;
    case PLAN_WORDS:
        explain_words(a, o, (uint64_t)l->sizeof_PyObject, (uint64_t)type->basicsize);
        break;
    default:
        break;
    }
}

// --- the end -----------------------------------------------------------------------------------------------

static bool count_left(struct alloc *a, void *context, addr block, const uint8_t *bytes, uint32_t size)
{
    struct allocator_census *census = &a->heap->census;
    const struct place_chunk *c = place_chunk(&a->heap->place, block);
    (void)context;
    if (c && has_object(c, block + a->pm.lead)) {
        census->blocks_objects++;
        census->bytes_objects += size;
    } else if (is_dead_object(a, bytes, size)) {
        census->blocks_dead++;
        census->bytes_dead += size;
    }
    return true;
}

void alloc_finish(struct alloc *a)
{
    if (!a->heap || !a->heap->census.known)
        return;
    struct allocator_census *census = &a->heap->census;
    if (a->threaded)
        for (size_t i = 0; i < a->heap->py->interpreter_count; i++)
            mimalloc_each(a->heap->py, i, count_block, a);
    else
        each_left(a, count_left, NULL);
    census->blocks_known = census->blocks_objects + census->blocks_buffers;
    census->bytes_known = census->bytes_objects + census->bytes_buffers;
}

void alloc_close(struct alloc *a)
{
    pymalloc_close(&a->pm);
    place_free(&a->others);
    free(a->left);
    free(a->plans);
    free(a->chain);
    *a = (struct alloc){ 0 };
}
