// SPDX-License-Identifier: GPL-3.0-or-later
// Frames, generators, coroutines, tracebacks: where locals live.
//
//      up to 3.10    a frame object holds its locals, cells, free variables and value stack
//      3.11 on       an interpreter frame does; it lies in a thread's data stack, inside a
//      generator, or at the end of
//                    a frame object that outlived its call. Only the latter two are visited through
//                    an object.
#include "base/unused.h"
#include "py/runtime/frames.h"
#include "py/runtime/greenlet.h"
#include "py/kinds/kind_row.h"

#define SLOTS_MAX 1000000 // locals and stack of one frame; more would be garbage

static uint64_t pack_local(uint64_t index, addr code)
{
    return index << 48 | (code & UINT64_C(0xffffffffffff));
}

// 3.14's stack references: tag 0 owned, 1 borrowed (or null if no other bit is set), 3 a tagged
// number.
static void visit_stackref(const uint8_t *slot, enum ref_kind kind, uint64_t value,
                           struct refs *refs)
{
    uint64_t word = refs_load(refs, slot);
    if ((word & 3) == 0)
        refs_visit(refs, word, kind, value);
    else if ((word & 3) == 1 && word > 7 && !((word - 1) & REF_FLAGS))
        refs_put(refs, (word - 1) | REF_BORROWED, kind, value);
}

static uint32_t locals_of(const struct python *py, addr code)
{
    uint32_t n = READ(py, code, PyCodeObject_co_nlocalsplus);
    return n < SLOTS_MAX ? n : 0;
}

static void visit_slots(const struct python *py, addr first, uint64_t count, addr code,
                        struct refs *refs)
{
    const uint8_t *words =
        count && count < SLOTS_MAX ? target_view(py->target, first, count * 8) : NULL;
    if (!words) {
        if (count)
            target_fault(py->target);
        return;
    }
    if (!refs_afford(refs, count))
        return;
    uint64_t locals = locals_of(py, code);
    for (uint64_t i = 0; i < count; i++) {
        enum ref_kind kind = i < locals ? REF_LOCAL : REF_STACK;
        uint64_t name = i < locals ? pack_local(i, code) : i - locals;
        if (py->rules.stackrefs)
            visit_stackref(words + i * 8, kind, name, refs);
        else
            refs_visit(refs, refs_load(refs, words + i * 8), kind, name);
    }
}

// One member that is a stack reference from 3.14 on.
static void visit_tagged_member(const struct python *py, const uint8_t *slot, const char *name,
                                struct refs *refs)
{
    if (py->rules.stackrefs)
        visit_stackref(slot, REF_MEMBER, (uint64_t)(uintptr_t)name, refs);
    else
        refs_member(refs, refs_load(refs, slot), name);
}

// The code object of the interpreter frame at an address.
static addr interpreter_frame_code(const struct python *py, addr frame)
{
    return frame_untagged(
        py, target_u64(py->target, frame + (uint64_t)frame_code_offset(&py->layout), NULL));
}

// Python/frame.c, _PyFrame_Traverse.
static void visit_interpreter_frame(const struct python *py, addr frame, struct refs *refs)
{
    const struct layout *l = &py->layout;
    const uint8_t *f = VIEW_BEFORE(py, frame, _PyInterpreterFrame_localsplus);
    if (!f) {
        target_fault(py->target);
        return;
    }
    int32_t func_at = l->_PyInterpreterFrame_f_funcobj >= 0 ? l->_PyInterpreterFrame_f_funcobj
                                                            : l->_PyInterpreterFrame_f_func;
    addr code = frame_untagged(py, load64(read_slot(f, frame_code_offset(l))));
    refs_member(refs, refs_load(refs, SLOT(py, f, _PyInterpreterFrame_frame_obj)), ".gi_frame");
    refs_member(refs, refs_load(refs, SLOT(py, f, _PyInterpreterFrame_f_locals)), ".f_locals");
    visit_tagged_member(py, read_slot(f, func_at), "function", refs);
    visit_tagged_member(py, read_slot(f, frame_code_offset(l)), ".f_code", refs);
    addr first = INSIDE(py, frame, _PyInterpreterFrame_localsplus);
    uint64_t count;
    if (l->_PyInterpreterFrame_stackpointer >= 0) {
        addr top = LOAD(py, f, _PyInterpreterFrame_stackpointer);
        count = top >= first && !((top - first) & 7) ? (top - first) / 8 : locals_of(py, code);
    } else {
        int32_t top = LOAD(py, f, _PyInterpreterFrame_stacktop);
        count = top > 0 ? (uint64_t)top : 0;
    }
    visit_slots(py, first, count, code, refs);
}

// Up to 3.10: locals, cells and free variables, then the value stack where its depth is known.
static void visit_old_frame(const struct python *py, addr at, const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    addr code = LOAD(py, o, PyFrameObject_f_code);
    const uint8_t *c = VIEW(py, code, PyCodeObject);
    if (!c)
        return;
    addr cells = LOAD(py, c, PyCodeObject_co_cellvars),
         frees = LOAD(py, c, PyCodeObject_co_freevars);
    uint64_t locals = LOAD(py, c, PyCodeObject_co_nlocals);
    locals += READ(py, cells, PyVarObject_ob_size);
    locals += READ(py, frees, PyVarObject_ob_size);
    if (locals > SLOTS_MAX)
        return;
    addr first = INSIDE(py, at, PyFrameObject_f_localsplus);
    const uint8_t *words =
        refs_afford(refs, locals) ? target_view(py->target, first, locals * 8) : NULL;
    for (uint64_t i = 0; words && i < locals; i++)
        refs_visit(refs, refs_load(refs, words + i * 8), REF_LOCAL, pack_local(i, code));
    addr stack = LOAD(py, o, PyFrameObject_f_valuestack);
    uint64_t depth = 0;
    if (l->PyFrameObject_f_stackdepth >= 0) {
        int32_t d = LOAD(py, o, PyFrameObject_f_stackdepth);
        depth = d > 0 ? (uint64_t)d : 0;
    } else {
        addr top = LOAD(py, o, PyFrameObject_f_stacktop);
        depth = top > stack ? (top - stack) / 8 : 0;
    }
    if (depth < SLOTS_MAX)
        visit_words(py, stack, depth, REF_STACK, refs);
}

static void frame_refs(const struct python *py, UNUSED const struct type *type, addr at,
                       const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_back)), ".f_back");
    if (l->PyFrameObject_f_frame < 0) {
        refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_code)), ".f_code");
        refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_builtins)), ".f_builtins");
        refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_globals)), ".f_globals");
        refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_locals)), ".f_locals");
        refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_trace)), ".f_trace");
        if (l->PyFrameObject_f_exc_type >= 0) {
            refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_exc_type)), "exc_type");
            refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_exc_value)), "exc_value");
            refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_exc_traceback)),
                        "exc_traceback");
        }
        visit_old_frame(py, at, o, refs);
        return;
    }
    refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_trace)), ".f_trace");
    if (l->PyFrameObject_f_extra_locals >= 0)
        refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_extra_locals)),
                    "extra locals");
    if (l->PyFrameObject_f_locals_cache >= 0)
        refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_locals_cache)),
                    "locals cache");
    if (l->PyFrameObject_f_overwritten_fast_locals >= 0)
        refs_member(refs, refs_load(refs, SLOT(py, o, PyFrameObject_f_overwritten_fast_locals)),
                    "overwritten locals");
    addr frame = LOAD(py, o, PyFrameObject_f_frame);
    const uint8_t *f = VIEW(py, frame, _PyInterpreterFrame);
    if (f && LOAD(py, f, _PyInterpreterFrame_owner) == l->FRAME_OWNED_BY_FRAME_OBJECT)
        visit_interpreter_frame(py, frame, refs);
}

// frame.__sizeof__: slots count up to 3.10; from 3.11 on so does the data that the frame object
// owns.
static uint64_t frame_size(const struct python *py, const struct type *type, UNUSED addr at,
                           const uint8_t *o)
{
    const struct layout *l = &py->layout;
    bool modern = l->PyFrameObject_f_frame >= 0;
    addr code;
    if (modern) {
        code = interpreter_frame_code(py, LOAD(py, o, PyFrameObject_f_frame));
        uint64_t slots = locals_of(py, code) + READ(py, code, PyCodeObject_co_stacksize);
        return BEFORE(py, PyFrameObject__f_frame_data) + BEFORE(py, _PyInterpreterFrame_localsplus)
               + 8 * slots;
    }
    code = LOAD(py, o, PyFrameObject_f_code);
    const uint8_t *c = VIEW(py, code, PyCodeObject);
    if (!c)
        return (uint64_t)type->basicsize;
    uint64_t slots = LOAD(py, c, PyCodeObject_co_stacksize) + LOAD(py, c, PyCodeObject_co_nlocals);
    slots += READ(py, LOAD(py, c, PyCodeObject_co_cellvars), PyVarObject_ob_size);
    slots += READ(py, LOAD(py, c, PyCodeObject_co_freevars), PyVarObject_ob_size);
    if (slots > SLOTS_MAX)
        slots = 0;
    if (py->rules.frame_has_slot) // f_localsplus[1] is part of the basic size
        return BEFORE(py, PyFrameObject_f_localsplus) + 8 + (slots ? slots - 1 : 0) * 8;
    return BEFORE(py, PyFrameObject_f_localsplus) + slots * 8;
}

// The line that is executing, not the function's first.
static void frame_preview(const struct python *py, UNUSED const struct type *type, addr at,
                          UNUSED const uint8_t *o, size_t width, struct text *out)
{
    struct frame frame;
    text_add_string(out, "frame of ");
    if (frame_of_object(py, at, &frame))
        frame_place(py, &frame, frame_line(py, &frame), width / 2, out);
    else
        text_add_char(out, '?');
}

static bool frame_cleared(const struct python *py, int8_t state)
{
    return state == py->layout.FRAME_CLEARED;
}

// Objects/genobject.c, gen_traverse, version by version.
static void generator_refs(const struct python *py, UNUSED const struct type *type, addr at,
                           const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    bool is_async = type_is(type, TRAIT_ASYNC_GENERATOR);
    bool is_coroutine = type_is(type, TRAIT_COROUTINE);
    if (is_async && l->PyAsyncGenObject_ag_finalizer >= 0)
        refs_member(refs, refs_load(refs, SLOT(py, o, PyAsyncGenObject_ag_finalizer)), "finalizer");
    else if (is_async && l->PyGenObject_gi_origin_or_finalizer >= 0)
        refs_member(refs, refs_load(refs, SLOT(py, o, PyGenObject_gi_origin_or_finalizer)),
                    "finalizer");
    else if (is_coroutine && l->PyGenObject_gi_origin_or_finalizer >= 0) // a generator's word is
        refs_hold_member(
            refs, refs_load(refs, SLOT(py, o, PyGenObject_gi_origin_or_finalizer)), // never set
            ".cr_origin");
    if (l->PyGenObject_gi_frame >= 0)
        refs_member(refs, refs_load(refs, SLOT(py, o, PyGenObject_gi_frame)), ".gi_frame");
    if (l->PyGenObject_gi_code >= 0)
        refs_member(refs, refs_load(refs, SLOT(py, o, PyGenObject_gi_code)), ".gi_code");
    if (!py->rules.two) {
        refs_member(refs, refs_load(refs, SLOT(py, o, PyGenObject_gi_name)), ".__name__");
        refs_member(refs, refs_load(refs, SLOT(py, o, PyGenObject_gi_qualname)), ".__qualname__");
    }
    if (l->PyGenObject_gi_iframe >= 0) {
        addr frame = INSIDE(py, at, PyGenObject_gi_iframe);
        if (!frame_cleared(py, LOAD(py, o, PyGenObject_gi_frame_state)))
            visit_interpreter_frame(py, frame, refs);
        else if (py->rules.generator_code_kept) {
            const uint8_t *code =
                target_view(py->target, INSIDE(py, frame, _PyInterpreterFrame_f_executable), 8);
            if (code)
                visit_tagged_member(py, code, ".gi_code", refs);
            else
                target_fault(py->target);
        }
    }
    if (l->PyGenObject_gi_exc_state < 0)
        return;
    const uint8_t *exc = SLOT(py, o, PyGenObject_gi_exc_state);
    if (l->_err_stackitem_exc_type >= 0)
        refs_member(refs, refs_load(refs, SLOT(py, exc, _err_stackitem_exc_type)), "exc_type");
    refs_member(refs, refs_load(refs, SLOT(py, exc, _err_stackitem_exc_value)), "exc_value");
    if (l->_err_stackitem_exc_traceback >= 0)
        refs_member(refs, refs_load(refs, SLOT(py, exc, _err_stackitem_exc_traceback)),
                    "exc_traceback");
}

// The references that a frame on no thread's stack holds in its slots, and beside them from 3.11
// on.
static void hold_frame(const struct python *py, const struct frame *frame, struct refs *refs)
{
    const struct layout *l = &py->layout;
    int32_t func_at = l->_PyInterpreterFrame_f_funcobj >= 0 ? l->_PyInterpreterFrame_f_funcobj
                                                            : l->_PyInterpreterFrame_f_func;
    const uint8_t *f = VIEW_BEFORE(py, frame->at, _PyInterpreterFrame_localsplus);
    uint64_t count = (uint64_t)frame->local_count + frame->stack_depth;
    const uint8_t *words = f && count && count < SLOTS_MAX && refs_afford(refs, count)
                               ? target_view(py->target, frame->slots, count * 8)
                               : NULL;
    if (!f)
        return;
    refs_member(refs, frame->object, ".gr_frame");
    refs_member(refs, refs_load(refs, SLOT(py, f, _PyInterpreterFrame_f_locals)), ".f_locals");
    visit_tagged_member(py, read_slot(f, func_at), "function", refs);
    visit_tagged_member(py, read_slot(f, frame_code_offset(l)), ".f_code", refs);
    for (uint64_t i = 0; words && i < count; i++) {
        bool local = i < frame->local_count;
        uint64_t name = local ? pack_local(i, frame->code) : i - frame->local_count;
        if (py->rules.stackrefs)
            visit_stackref(words + i * 8, local ? REF_LOCAL : REF_STACK, name, refs);
        else
            refs_visit(refs, refs_load(refs, words + i * 8), local ? REF_LOCAL : REF_STACK, name);
    }
}

// The frames of a suspended greenlet, which its tp_traverse does not visit. Up to 3.10 they are
// objects, each with a reference that the C stack holds; a generator's frame belongs to the
// generator.
static void greenlet_refs(const struct python *py, const struct type *type, addr at,
                          UNUSED const uint8_t *o, struct refs *refs)
{
    struct frame_walk walk;
    struct frame frame;
    if (!greenlet_walk_begin(&walk, py, type, at))
        return;
    while (frame_walk_next(&walk, &frame))
        if (py->layout.PyFrameObject_f_frame < 0)
            refs_member(refs, frame.at, ".gr_frame");
        else if (frame.owner == FRAME_OF_THREAD)
            hold_frame(py, &frame, refs);
}

static addr generator_code(const struct python *py, addr at, const uint8_t *o)
{
    const struct layout *l = &py->layout;
    if (l->PyGenObject_gi_code >= 0)
        return LOAD(py, o, PyGenObject_gi_code);
    return interpreter_frame_code(py, INSIDE(py, at, PyGenObject_gi_iframe));
}

// 3.11 on: the frame is the object's tail; up to 3.10 the default rule serves.
static uint64_t generator_size(const struct python *py, const struct type *type, addr at,
                               const uint8_t *o)
{
    const struct layout *l = &py->layout;
    if (l->PyGenObject_gi_iframe < 0)
        return (uint64_t)type->basicsize;
    addr code = generator_code(py, at, o);
    uint64_t slots = locals_of(py, code) + READ(py, code, PyCodeObject_co_stacksize);
    return BEFORE(py, PyGenObject_gi_iframe) + BEFORE(py, _PyInterpreterFrame_localsplus)
           + (slots < SLOTS_MAX ? 8 * slots : 0);
}

static void generator_preview(const struct python *py, const struct type *type, addr at,
                              const uint8_t *o, size_t width, struct text *out)
{
    const struct layout *l = &py->layout;
    struct frame frame;
    bool alive = frame_of_generator(py, type, at, &frame);
    text_add_format(out, "%s", type->tp_name);
    if (!py->rules.two) {
        text_add_char(out, ' ');
        str_append(py, LOAD(py, o, PyGenObject_gi_qualname), width / 2, out);
    }
    if (alive) {
        text_add_char(out, ' ');
        frame_file_line(py, &frame, frame_line(py, &frame), out);
    }
    if (l->PyGenObject_gi_frame_state >= 0) {
        int8_t state = LOAD(py, o, PyGenObject_gi_frame_state);
        text_add_string(out, frame_cleared(py, state)      ? ", finished"
                             : state == l->FRAME_EXECUTING ? ", running"
                             : state == l->FRAME_CREATED   ? ", not started"
                                                           : ", suspended");
    } else if (!alive) {
        text_add_string(out, ", finished");
    }
}

static void traceback_preview(const struct python *py, UNUSED const struct type *type, addr at,
                              const uint8_t *o, size_t width, struct text *out)
{
    struct frame frame;
    int32_t line = frame_traceback_line(py, at);
    if (line > 0)
        text_add_format(out, "line %" PRId32 " in ", line);
    else
        text_add_string(out, "a line that is not known in ");
    if (frame_of_object(py, LOAD(py, o, PyTracebackObject_tb_frame), &frame))
        frame_place(py, &frame, line, width / 2, out);
    else
        text_add_char(out, '?');
}

const struct kind kinds_frame[] = {
    { .names = "frame",
      .traits = TRAIT_FRAME,
      .refs = frame_refs,
      .size = frame_size,
      .preview = frame_preview },
    { .names = "generator",
      .traits = TRAIT_GENERATOR,
      .core = true,
      .refs = generator_refs,
      .size = generator_size,
      .preview = generator_preview },
    { .names = "coroutine",
      .traits = TRAIT_COROUTINE,
      .core = true,
      .refs = generator_refs,
      .size = generator_size,
      .preview = generator_preview },
    { .names = "async_generator",
      .traits = TRAIT_ASYNC_GENERATOR,
      .core = true,
      .refs = generator_refs,
      .size = generator_size,
      .preview = generator_preview },
    { .names = GREENLET_KIND, .traits = TRAIT_GREENLET, .refs = greenlet_refs },
    { .names = "traceback",
      .traits = TRAIT_TRACEBACK,
      .preview = traceback_preview,
      MEMBERS(VISITED(PyTracebackObject, tb_next, ".tb_next"),
              VISITED(PyTracebackObject, tb_frame, ".tb_frame")) },
    { .names = "async_generator_asend",
      .traits = TRAIT_STEP,
      .core = true,
      MEMBERS(VISITED(PyAsyncGenASend, ags_gen, "generator"),
              VISITED(PyAsyncGenASend, ags_sendval, "value")) },
    { .names = "async_generator_athrow",
      .traits = TRAIT_STEP,
      .core = true,
      MEMBERS(VISITED(PyAsyncGenAThrow, agt_gen, "generator"),
              VISITED(PyAsyncGenAThrow, agt_args, "args"),
              VISITED(PyAsyncGenAThrow, agt_typ, "type"),
              VISITED(PyAsyncGenAThrow, agt_tb, "traceback"),
              VISITED(PyAsyncGenAThrow, agt_val, "value")) },
    { .names = "async_generator_wrapped_value",
      .core = true,
      MEMBERS(VISITED(_PyAsyncGenWrappedValue, agw_val, "value")) },
    { .names = "coroutine_wrapper",
      .traits = TRAIT_STEP,
      .core = true,
      MEMBERS(VISITED(PyCoroWrapper, cw_coroutine, "coroutine")) },
    { .names = "anext_awaitable",
      MEMBERS(VISITED(anextawaitableobject, wrapped, "wrapped"),
              VISITED(anextawaitableobject, default_value, "default")) },
    { 0 },
};
