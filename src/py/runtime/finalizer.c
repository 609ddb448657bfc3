// SPDX-License-Identifier: GPL-3.0-or-later
// Finalizers and weak references: see finalizer.h.
#include "py/runtime/finalizer.h"

#include "py/objects/dict.h"
#include "py/runtime/gc.h"
#include "py/read.h"

// gen_close() runs code only in a suspended frame; a frame that never started, or has ended, has
// nothing to unwind. An async generator with a finalizer hook, and a coroutine that was never
// awaited, run code as well.
static bool generator_runs_code(const struct python *py, const struct type *type, addr at)
{
    const struct layout *l = &py->layout;
    if (l->PyGenObject_gi_frame_state >= 0) {
        int8_t state =
            (int8_t)(target_u32(py->target,
                                at + (BEFORE(py, PyGenObject_gi_frame_state) & ~UINT64_C(3)), NULL)
                     >> 8 * (l->PyGenObject_gi_frame_state & 3));
        if (state == l->FRAME_CLEARED || (l->FRAME_COMPLETED >= 0 && state == l->FRAME_COMPLETED))
            return false;
        return state != l->FRAME_CREATED || !type_is(type, TRAIT_GENERATOR);
    }
    return l->PyGenObject_gi_frame >= 0 && READ(py, at, PyGenObject_gi_frame) != 0;
}

bool object_may_resurrect(const struct python *py, const struct type *type, addr at, bool finalized)
{
    if (!type->has_finalizer || finalized)
        return false;
    return !type_is(type, TRAIT_ANY_GENERATOR) || generator_runs_code(py, type, at);
}

// 2.7: an old-style instance whose class, or a base of it, has __del__. (Generators with a try or
// with block to leave have tp_del too.)
static bool old_instance_has_del(const struct python *py, addr at)
{
    addr class_at = READ(py, at, PyInstanceObject_in_class);
    for (int depth = 0; class_at && depth < 50; depth++) {
        const uint8_t *c = VIEW(py, class_at, PyClassObject);
        if (!c)
            return false;
        if (dict_lookup(py, LOAD(py, c, PyClassObject_cl_dict), "__del__"))
            return true;
        addr bases = LOAD(py, c, PyClassObject_cl_bases);
        bool any = READ(py, bases, PyVarObject_ob_size) > 0;
        class_at = any ? READ(py, bases, PyTupleObject_ob_item) : 0;
    }
    return false;
}

// PyGen_NeedsFinalizing: a block on the frame's stack other than a loop.
static bool old_generator_needs_finalizing(const struct python *py, addr at)
{
    addr frame = READ(py, at, PyGenObject_gi_frame);
    if (!frame || !READ(py, frame, PyFrameObject_f_stacktop))
        return false;
    return READ(py, frame, PyFrameObject_f_iblock) > 0;
}

bool object_has_legacy_finalizer(const struct python *py, const struct type *type, addr at)
{
    if (py->rules.two && py->layout.PyInstanceObject_in_class >= 0) {
        if (type_is(type, TRAIT_OLD_INSTANCE))
            return old_instance_has_del(py, at);
        if (type_is(type, TRAIT_ANY_GENERATOR))
            return old_generator_needs_finalizing(py, at);
    }
    return type->del != 0;
}

static addr weakref_referent(const struct python *py, const struct type *type, addr at,
                             bool with_callback)
{
    if (!type_is(type, TRAIT_WEAK))
        return 0;
    const uint8_t *o = VIEW(py, at, PyWeakReference);
    if (!o || (LOAD(py, o, PyWeakReference_wr_callback) != 0) != with_callback)
        return 0;
    addr referent = LOAD(py, o, PyWeakReference_wr_object);
    return referent == py->none ? 0 : referent;
}

addr weakref_with_callback(const struct python *py, const struct type *type, addr at)
{
    return weakref_referent(py, type, at, true);
}

addr weakref_plain(const struct python *py, const struct type *type, addr at)
{
    return weakref_referent(py, type, at, false);
}

int64_t gc_refcount(const struct python *py, addr at, bool *immortal)
{
    const uint8_t *o = VIEW(py, at, PyObject);
    *immortal = false;
    if (!o)
        return 1;
    return gc_stored_refcount(py, o, immortal);
}
