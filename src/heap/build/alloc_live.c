// SPDX-License-Identifier: GPL-3.0-or-later
// Telling living objects in blocks from dead ones and from everything else: see alloc.h.
#include "heap/build/alloc.h"

#include "heap/build/dead.h"
#include "py/runtime/gc.h"
#include "py/read.h"

#define REFCOUNT_SMALL 65536 // a larger one may be an address in a program linked low

// --- what looks alive ----------------------------------------------------------------------------

// Free-threaded: two counts, and before them the thread that owns the first and a lock.
static bool counts_are_sane(const struct python *py, const uint8_t *o)
{
    bool immortal;
    int64_t count = gc_stored_refcount(py, o, &immortal);
    bool header = (load64(o) & 7) == 0 && LOAD(py, o, PyObject_ob_mutex) <= 3;
    return header && (immortal || (count > 0 && count < INT32_MAX));
}

// Whether the refcount is one that a living object can have. A pointer in its place (a table,
// 3.14's free lists) is not.
static bool refcount_is_sane(const struct python *py, const uint8_t *o)
{
    if (py->rules.free_threaded)
        return counts_are_sane(py, o);
    uint64_t word = LOAD(py, o, PyObject_ob_refcnt);
    if (py->rules.refcount_low32
        && (uint16_t)(word >> 32)) // ob_overflow is used by free-threaded builds only
        return false;
    uint64_t count = py->rules.refcount_low32 ? (uint32_t)word : word;
    if (count == 0 || count > UINT32_MAX)
        return false;
    bool immortal = py->rules.immortal && (int32_t)(uint32_t)word < 0;
    return immortal || count < REFCOUNT_SMALL || !target_view(py->target, count & ~(addr)7, 8);
}

// Whether an object of this type fills a block of that size, `room` bytes from the object on.
static bool type_fits(const struct python *py, const struct type *type, const uint8_t *o,
                      uint64_t room, uint32_t slack)
{
    uint64_t need = (uint64_t)type->basicsize;
    bool exact = type->itemsize == 0 && !(type->flags & TPFLAGS_INLINE_VALUES);
    // An int of 3.12 has no ob_size: its first word has the number of digits, shifted by three
    // bits.
    if (type->itemsize && (type->flags & TPFLAGS_LONG_SUBCLASS)
        && py->layout.PyLongObject_lv_tag >= 0)
        return need <= room && (LOAD(py, o, PyLongObject_lv_tag) >> 3) * 4 <= room;
    if (type->itemsize) {
        int64_t size = (int64_t)LOAD(py, o, PyVarObject_ob_size);
        uint64_t items = size < 0 ? -(uint64_t)size : (uint64_t)size;
        if (items > room)
            return false;
        need += items * (uint64_t)type->itemsize;
    }
    if (type->value->size == NULL && (type->flags & TPFLAGS_UNICODE_SUBCLASS))
        exact = false;
    if (type->flags
        & (TPFLAGS_UNICODE_SUBCLASS
           | TPFLAGS_TYPE_SUBCLASS)) // compact strings may be shorter or longer than the struct
        return room >= SIZE(py, PyObject) + 24;
    return need <= room && (!exact || room - need < slack);
}

// Instances of Python classes are tracked from allocation to deallocation: if complete lists lack
// one, it is the remains of a dead object in memory that was reused and not yet written to.
static bool is_leftover(const struct alloc *a, const struct type *type)
{
    return a->lists_are_whole && type->is_python_class && type->head;
}

// The object in a block, or 0.
addr alloc_living_in(const struct alloc *a, addr block, const uint8_t *bytes, uint64_t size)
{
    const struct python *py = a->heap->py;
    // Room left after the object: from rounding of sizes (a quarter at most in mimalloc), and the
    // debug hooks' guard bytes.
    uint32_t slack = a->threaded ? (uint32_t)(size / 4) + 16 : a->pm.unit + a->pm.lead;
    for (uint32_t i = 0; i < DEAD_PRESIZES; i++) {
        uint32_t offset = a->pm.lead + i * 16;
        if (offset + SIZE(py, PyObject) > size)
            return 0;
        const uint8_t *o = bytes + offset;
        if (!refcount_is_sane(py, o))
            continue;
        const struct type *type = dead_type_in_word(py, LOAD_TYPE(py, o));
        if (!type || type->presize != i * 16)
            continue;
        return type_fits(py, type, o, size - offset, slack) && !is_leftover(a, type)
                   ? block + offset
                   : 0;
    }
    return 0;
}

// --- free lists ----------------------------------------------------------------------------------

bool alloc_is_dead(const struct alloc *a, const uint8_t *bytes, uint64_t size)
{
    return dead_object(a->heap->py, a->pm.lead, bytes, size);
}

// The item lies in a block, behind up to 32 bytes of header.
static bool set_dead(void *context, addr item)
{
    struct alloc *a = context;
    struct allocator_census *census = &a->heap->census;
    const struct pymalloc_arena *arena = alloc_arena_of(a, item);
    for (uint32_t i = 0; arena && i < DEAD_PRESIZES; i++) {
        addr block = item - a->pm.lead - i * 16;
        if (block < arena->start || (block & (a->pm.unit - 1)) || !alloc_take(a, arena, block))
            continue;
        census->blocks_dead++;
        census->bytes_dead += pymalloc_block_size(&a->pm, a->heap->py, arena, block);
        break;
    }
    return arena != NULL;
}

void alloc_find_dead(struct alloc *a)
{
    dead_listed(a->heap->py, set_dead, a);
}
