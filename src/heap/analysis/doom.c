// SPDX-License-Identifier: GPL-3.0-or-later
// Objects that are about to be freed: see doom.h.
#include "heap/analysis/doom.h"

#include "py/objects/type.h"
#include "py/runtime/gc.h"
#include "target/saved_memory.h"

void dooms_open(struct dooms *dooms, const struct heap *heap)
{
    const struct python *py = heap->py;
    *dooms = (struct dooms){ .heap = heap };
    if (!python_has_values(py) || py->rules.free_threaded || target_origin(py->target))
        return;
    for (size_t i = 0; i < py->interpreter_count && i < 64; i++) {
        struct gc_state state;
        python_gc_state(py, i, &state);
        dooms->collecting |= (uint64_t)(state.known && state.collecting) << i;
    }
}

// An object of no known interpreter may belong to any of them.
static bool doom_is_collected(const struct dooms *dooms, node n)
{
    int owner = heap_interpreter(dooms->heap, n);
    return owner < 0 ? dooms->collecting != 0 : owner < 64 && dooms->collecting >> owner & 1;
}

enum doom doom_of(const struct dooms *dooms, node n)
{
    const struct heap *heap = dooms->heap;
    const struct python *py = heap->py;
    addr at = heap_addr(heap, n);
    if (heap->flags[n] & NODE_IMMORTAL)
        return DOOM_NONE;
    if (heap_refcount(heap, n) == 0 && !gc_is_deferred(py, at))
        return DOOM_DEALLOCATED;
    if (heap->gen[n] != GEN_NONE || !doom_is_collected(dooms, n))
        return DOOM_NONE;
    const struct type *type = type_row(py->types, heap_type(heap, n));
    if (!object_at_is_gc(py, type, at) || !gc_is_tracked(py, at))
        return DOOM_NONE;
    return py->rules.incremental ? DOOM_PENDING : DOOM_UNREACHABLE;
}

const char *doom_text(enum doom doom)
{
    switch (doom) {
    case DOOM_DEALLOCATED:
        return "being destroyed: its refcount is 0, its deallocator was running";
    case DOOM_UNREACHABLE:
        return "being destroyed: the collection that was running had found it unreachable; "
               "finalizers and weak references' callbacks may still bring it back";
    case DOOM_PENDING:
        return "part of the collection that was running: it had been found unreachable, or was "
               "still to be judged";
    case DOOM_NONE:
        break;
    }
    return NULL;
}
