// SPDX-License-Identifier: GPL-3.0-or-later
// Telling living objects in blocks from dead ones and from everything else: see alloc.h.
#include "heap/build/alloc.h"

#include "py/runtime/gc.h"
#include "py/load.h"

#define REFCOUNT_SMALL 65536 // a larger one may be an address of a program linked low
#define PRESIZES 3           // 0, 16, 32 bytes lie between a block's start and its object
#define CHAIN_MAX 65536      // free-listed objects of one list

// --- what looks alive ----------------------------------------------------------------------------

// Free-threaded: two counts, and before them the thread that owns the first and a lock.
static bool counts_are_sane(const struct python *py, const uint8_t *o)
{
    bool immortal;
    int64_t count = gc_stored_refcount(py, o, &immortal);
    bool header = (load64(o) & 7) == 0 && o[py->layout.PyObject_ob_mutex] <= 3;
    return header && (immortal || (count > 0 && count < INT32_MAX));
}

// A refcount as a living object has it. A pointer in its place (a table, 3.14's free lists) is
// none.
static bool refcount_is_sane(const struct python *py, const uint8_t *o)
{
    if (py->rules.free_threaded)
        return counts_are_sane(py, o);
    uint64_t word = load64(o + py->layout.PyObject_ob_refcnt);
    if (py->rules.refcount_low32
        && (uint16_t)(word >> 32)) // ob_overflow is used by free-threaded builds only
        return false;
    uint64_t count = py->rules.refcount_low32 ? (uint32_t)word : word;
    if (count == 0 || count > UINT32_MAX)
        return false;
    bool immortal = py->rules.immortal && (int32_t)(uint32_t)word < 0;
    return immortal || count < REFCOUNT_SMALL || !target_view(py->target, count & ~(addr)7, 8);
}

// Most words in a block are no type: those are kept away from the type table, which remembers what
// it was asked.
static const struct type *type_in_word(const struct python *py, addr word)
{
    if ((word & 7) || word < 4096 || word >> 47)
        return NULL;
    const uint8_t *t = target_view(py->target, word, (size_t)py->layout.sizeof_PyTypeObject);
    addr meta = t ? load64(t + py->layout.PyObject_ob_type) : 0;
    if (meta != py->type_type) {
        const uint8_t *m = meta && !(meta & 7) ? target_view(py->target, meta,
                                                             (size_t)py->layout.sizeof_PyTypeObject)
                                               : NULL;
        if (!m || !(load64(m + py->layout.PyTypeObject_tp_flags) & TPFLAGS_TYPE_SUBCLASS))
            return NULL;
    }
    uint64_t faults = py->target->faults;
    const struct type *type = type_at(py, word);
    if (!type) // the question was a guess: that it led nowhere is no fault of the target's
        py->target->faults = faults;
    return type;
}

// Whether an object of this type fills a block of that size, `room` bytes from the object on.
static bool type_fits(const struct python *py, const struct type *type, const uint8_t *o,
                      uint64_t room, uint32_t slack)
{
    uint64_t need = (uint64_t)type->basicsize;
    bool exact = type->itemsize == 0 && !(type->flags & TPFLAGS_INLINE_VALUES);
    // An int of 3.12 has no ob_size: its first word says how many digits, three bits up.
    if (type->itemsize && (type->flags & TPFLAGS_LONG_SUBCLASS)
        && py->layout.PyLongObject_lv_tag >= 0)
        return need <= room && (load64(o + py->layout.PyLongObject_lv_tag) >> 3) * 4 <= room;
    if (type->itemsize) {
        int64_t size = load_s64(o + py->layout.PyVarObject_ob_size);
        uint64_t items = size < 0 ? -(uint64_t)size : (uint64_t)size;
        if (items > room)
            return false;
        need += items * (uint64_t)type->itemsize;
    }
    if (type->value->size == NULL && (type->flags & TPFLAGS_UNICODE_SUBCLASS))
        exact = false;
    if (type->flags
        & (TPFLAGS_UNICODE_SUBCLASS
           | TPFLAGS_TYPE_SUBCLASS)) // compact strings are shorter or longer than the struct
        return room >= (uint64_t)py->layout.sizeof_PyObject + 24;
    return need <= room && (!exact || room - need < slack);
}

// Instances of Python classes are tracked from their allocation to their end: one that whole lists
// do not have is what is left of a dead one in memory that was used again and not written to yet.
static bool is_leftover(const struct alloc *a, const struct type *type)
{
    return a->lists_are_whole && type->is_python_class && type->head;
}

// The object in a block, or 0.
addr alloc_living_in(const struct alloc *a, addr block, const uint8_t *bytes, uint64_t size)
{
    const struct python *py = a->heap->py;
    // Room that is left behind the object: the rounding of sizes (a quarter at most in mimalloc),
    // and the guards of the debug hooks.
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
        return type_fits(py, type, o, size - offset, slack) && !is_leftover(a, type)
                   ? block + offset
                   : 0;
    }
    return 0;
}

// A dead object that a free list of 3.13 or before keeps: its refcount is 0, its type still there.
bool alloc_is_dead(const struct alloc *a, const uint8_t *bytes, uint64_t size)
{
    const struct python *py = a->heap->py;
    for (uint32_t i = 0; i < PRESIZES; i++) {
        uint32_t offset = a->pm.lead + i * 16;
        if (offset + (uint32_t)py->layout.sizeof_PyObject > size)
            return false;
        const uint8_t *o = bytes + offset;
        bool immortal;
        if (gc_stored_refcount(py, o, &immortal) == 0
            && type_in_word(py, load64(o + py->layout.PyObject_ob_type)))
            return true;
    }
    return false;
}
// --- free lists ----------------------------------------------------------------------------------

// The item lies in a block, behind up to 32 bytes of header.
static void set_dead(struct alloc *a, addr item)
{
    struct allocator_census *census = &a->heap->census;
    const struct pymalloc_arena *arena = alloc_arena_of(a, item);
    for (uint32_t i = 0; arena && i < PRESIZES; i++) {
        addr block = item - a->pm.lead - i * 16;
        if (block < arena->start || (block & (a->pm.unit - 1)) || !alloc_take(a, arena, block))
            continue;
        census->blocks_dead++;
        census->bytes_dead += pymalloc_block_size(&a->pm, a->heap->py, arena, block);
        return;
    }
}

// 3.14 on: heads of chains linked through the first word of each item, side by side with their
// lengths.
static void set_chains_dead(struct alloc *a, addr lists)
{
    const struct python *py = a->heap->py;
    uint64_t size = (uint64_t)py->layout.sizeof__Py_freelists;
    const uint8_t *heads = target_view(py->target, lists, size);
    for (uint64_t k = 0; heads && k + 16 <= size; k += 16) {
        addr item = load64(heads + k);
        for (uint32_t n = 0; n < CHAIN_MAX && item && alloc_arena_of(a, item); n++) {
            set_dead(a, item);
            item = target_u64(py->target, item, NULL);
        }
    }
}

// 3.10 to 3.13: the tables of dead dicts, an array with its length. (Dead objects show by their
// refcount.)
static void set_array_dead(struct alloc *a, addr items, addr length)
{
    const struct python *py = a->heap->py;
    uint32_t count = target_u32(py->target, length, NULL);
    const uint8_t *words = count <= 80 ? target_view(py->target, items, (size_t)count * 8) : NULL;
    for (uint32_t i = 0; words && i < count; i++)
        set_dead(a, load64(words + i * 8));
}

void alloc_find_dead(struct alloc *a)
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
        if (l->_Py_object_freelists_dictkeys >= 0 && l->PyInterpreterState_object_state >= 0
            && l->_Py_dict_freelist_items >= 0) {
            addr state = in + (uint64_t)l->PyInterpreterState_object_state
                         + (uint64_t)l->_Py_object_freelists_dictkeys;
            set_array_dead(a, state + (uint64_t)l->_Py_dict_freelist_items,
                           state + (uint64_t)l->_Py_dict_freelist_numfree);
        }
    }
}
