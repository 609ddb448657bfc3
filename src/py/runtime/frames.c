// SPDX-License-Identifier: GPL-3.0-or-later
// Walking frames: see frames.h.
#include "py/runtime/frames.h"

#include <inttypes.h>
#include <string.h>

#include "py/runtime/lines.h"
#include "py/read.h"
#include "py/objects/str.h"

#define SLOTS_MAX 1000000
#define PATH_WIDTH 4096

static bool frames_is_code(const struct python *py, addr at)
{
    return at && type_is_exact(type_of(py, at), TRAIT_CODE);
}

static uint32_t tuple_size(const struct python *py, addr tuple)
{
    uint64_t size = READ(py, tuple, PyVarObject_ob_size);
    return size < SLOTS_MAX ? (uint32_t)size : 0;
}

static addr tuple_item(const struct python *py, addr tuple, uint32_t i)
{
    if (i >= tuple_size(py, tuple))
        return 0;
    return python_word(py, tuple, py->layout.PyTupleObject_ob_item + (int32_t)i * 8);
}

static uint32_t stack_size(const struct python *py, addr code)
{
    uint32_t size = READ(py, code, PyCodeObject_co_stacksize);
    return size < SLOTS_MAX ? size : 0;
}

// --- one frame ----------------------------------------------------------------------------------

// Up to 3.10. A yield stores the stack's depth when it leaves the frame.
static bool read_old(const struct python *py, addr at, struct frame *frame)
{
    const struct layout *l = &py->layout;
    const uint8_t *o = VIEW_BEFORE(py, at, PyFrameObject_f_localsplus);
    if (!o)
        return false;
    addr code = LOAD(py, o, PyFrameObject_f_code);
    if (!frames_is_code(py, code))
        return false;
    *frame = (struct frame){
        .at = at, .object = at, .code = code, .slots = INSIDE(py, at, PyFrameObject_f_localsplus)
    };
    frame->local_count = READ(py, code, PyCodeObject_co_nlocals)
                         + tuple_size(py, READ(py, code, PyCodeObject_co_cellvars))
                         + tuple_size(py, READ(py, code, PyCodeObject_co_freevars));
    uint32_t depth = 0, size = stack_size(py, code);
    if (l->PyFrameObject_f_stackdepth >= 0) {
        int32_t d = LOAD(py, o, PyFrameObject_f_stackdepth);
        depth = d > 0 ? (uint32_t)d : 0;
    } else if (LOAD(py, o, PyFrameObject_f_stacktop)) {
        depth = (uint32_t)((LOAD(py, o, PyFrameObject_f_stacktop)
                            - LOAD(py, o, PyFrameObject_f_valuestack))
                           / 8);
    }
    frame->stack_depth = depth <= size ? depth : 0;
    frame->stack_room = size - frame->stack_depth;
    if (l->PyFrameObject_f_gen >= 0 && LOAD(py, o, PyFrameObject_f_gen))
        frame->owner = FRAME_OF_GENERATOR;
    return frame->local_count < SLOTS_MAX;
}

static int32_t instruction_offset(const struct layout *l)
{
    return l->_PyInterpreterFrame_instr_ptr >= 0 ? l->_PyInterpreterFrame_instr_ptr
                                                 : l->_PyInterpreterFrame_prev_instr;
}

static void read_depth(const struct python *py, const uint8_t *f, struct frame *frame)
{
    const struct layout *l = &py->layout;
    uint64_t top = 0;
    if (l->_PyInterpreterFrame_stackpointer >= 0) {
        addr pointer = LOAD(py, f, _PyInterpreterFrame_stackpointer);
        top = pointer >= frame->slots ? (pointer - frame->slots) / 8 : 0;
    } else {
        int32_t words = LOAD(py, f, _PyInterpreterFrame_stacktop);
        top = words > 0 ? (uint64_t)words : 0;
    }
    uint32_t size = stack_size(py, frame->code);
    if (top >= frame->local_count && top <= frame->local_count + size)
        frame->stack_depth = (uint32_t)top - frame->local_count;
    else
        frame->stack_room = size;
}

addr frame_bytecode(const struct python *py, addr code, const uint8_t *f)
{
    const struct layout *l = &py->layout;
    if (!py->rules.thread_bytecode)
        return INSIDE(py, code, PyCodeObject_co_code_adaptive);
    if (l->PyCodeObject_co_tlbc < 0 || l->_PyInterpreterFrame_tlbc_index < 0
        || l->_PyCodeArray_entries < 0)
        return 0;
    addr copies = READ(py, code, PyCodeObject_co_tlbc);
    uint32_t i = LOAD(py, f, _PyInterpreterFrame_tlbc_index);
    if (!copies || i >= READ(py, copies, _PyCodeArray_size))
        return 0;
    return READ(py, copies + 8 * (uint64_t)i, _PyCodeArray_entries);
}

static bool read_interpreter_frame(const struct python *py, addr at, struct frame *frame)
{
    const struct layout *l = &py->layout;
    const uint8_t *f = VIEW_BEFORE(py, at, _PyInterpreterFrame_localsplus);
    if (!f)
        return false;
    addr code = frame_untagged(py, load64(read_slot(f, frame_code_offset(l))));
    if (LOAD(py, f, _PyInterpreterFrame_owner) > FRAME_OF_OBJECT || !frames_is_code(py, code))
        return false;
    *frame = (struct frame){ .at = at,
                             .code = code,
                             .slots = INSIDE(py, at, _PyInterpreterFrame_localsplus),
                             .owner = LOAD(py, f, _PyInterpreterFrame_owner) };
    frame->object = LOAD(py, f, _PyInterpreterFrame_frame_obj);
    frame->local_count = READ(py, code, PyCodeObject_co_nlocalsplus);
    if (frame->local_count >= SLOTS_MAX)
        return false;
    read_depth(py, f, frame);
    uint32_t first = READ(py, code, PyCodeObject__co_firsttraceable);
    frame->bytecode = frame_bytecode(py, code, f);
    frame->incomplete =
        frame->owner == FRAME_OF_THREAD
        && load64(read_slot(f, instruction_offset(l))) < frame->bytecode + (uint64_t)first * 2;
    return true;
}

static bool is_old(const struct python *py)
{
    return py->layout.PyFrameObject_f_frame < 0;
}

bool frame_at(const struct python *py, addr at, struct frame *frame)
{
    return is_old(py) ? read_old(py, at, frame) : read_interpreter_frame(py, at, frame);
}

bool frame_of_generator(const struct python *py, const struct type *type, addr at,
                        struct frame *frame)
{
    const struct layout *l = &py->layout;
    if (!type_is(type, TRAIT_ANY_GENERATOR))
        return false;
    if (l->PyGenObject_gi_frame >= 0) {
        addr old = READ(py, at, PyGenObject_gi_frame);
        return old && read_old(py, old, frame);
    }
    const uint8_t *o = VIEW_BEFORE(py, at, PyGenObject_gi_iframe);
    if (!o || LOAD(py, o, PyGenObject_gi_frame_state) == l->FRAME_CLEARED)
        return false;
    return read_interpreter_frame(py, INSIDE(py, at, PyGenObject_gi_iframe), frame);
}

bool frame_of_object(const struct python *py, addr object, struct frame *frame)
{
    addr at = is_old(py) ? object : READ(py, object, PyFrameObject_f_frame);
    return at && frame_at(py, at, frame);
}

// --- a thread's ---------------------------------------------------------------------------------

void frame_walk_begin(struct frame_walk *walk, const struct python *py,
                      const struct pythread *thread)
{
    const struct layout *l = &py->layout;
    *walk = (struct frame_walk){ .py = py };
    if (is_old(py))
        walk->at = READ(py, thread->at, PyThreadState_frame);
    else if (l->PyThreadState_current_frame >= 0)
        walk->at = READ(py, thread->at, PyThreadState_current_frame);
    else
        walk->at = READ(py, READ(py, thread->at, PyThreadState_cframe), _PyCFrame_current_frame);
}

bool frame_walk_next(struct frame_walk *walk, struct frame *frame)
{
    const struct python *py = walk->py;
    while (walk->at && !(walk->at & 7) && walk->steps++ < FRAMES_MAX && walk->at != walk->mark) {
        addr at = walk->at;
        if ((walk->steps & (walk->steps - 1)) == 0)
            walk->mark = at; // Brent: a ring comes back to the mark once that lies in it and the
                             // ring is shorter than the steps
        bool old = is_old(py);
        walk->at = python_word(py, at,
                               old ? py->layout.PyFrameObject_f_back
                                   : py->layout._PyInterpreterFrame_previous);
        if (frame_at(py, at, frame))
            return true;
    }
    return false;
}

bool frames_running(const struct python *py, struct map *running, struct err *err)
{
    struct frame_walk walk;
    struct frame frame;
    for (size_t i = 0; i < py->interpreter_count; i++)
        for (size_t k = 0; k < py->interpreters[i].thread_count; k++)
            for (frame_walk_begin(&walk, py, &py->interpreters[i].threads[k]);
                 frame_walk_next(&walk, &frame);)
                if (!map_put(running, frame.at, 1, err))
                    return false;
    return true;
}

// --- what is in it ------------------------------------------------------------------------------

int64_t frame_offset(const struct python *py, const struct frame *frame)
{
    const struct layout *l = &py->layout;
    if (is_old(py)) {
        int32_t last = (int32_t)READ(py, frame->at, PyFrameObject_f_lasti);
        bool in_words = py->rules.jump_in_words; // f_lasti as jumps
        return last < 0 ? -1 : (int64_t)last * (in_words ? 2 : 1);
    }
    addr instruction = python_word(py, frame->at, instruction_offset(l));
    return !frame->bytecode || instruction < frame->bytecode
               ? -1
               : (int64_t)(instruction - frame->bytecode);
}

int32_t frame_line(const struct python *py, const struct frame *frame)
{
    if (!is_old(py) && !frame->bytecode)
        return 0;
    return code_line(py, frame->code, frame_offset(py, frame));
}

int32_t frame_traceback_line(const struct python *py, addr traceback)
{
    const uint8_t *o = VIEW(py, traceback, PyTracebackObject);
    struct frame frame;
    if (!o)
        return 0;
    int32_t line = LOAD(py, o, PyTracebackObject_tb_lineno);
    if (line >= 0)
        return line;
    int32_t last = LOAD(py, o, PyTracebackObject_tb_lasti); // a byte's offset, always
    if (!frame_of_object(py, LOAD(py, o, PyTracebackObject_tb_frame), &frame))
        return 0;
    return code_line(py, frame.code, last);
}

void frame_file_line(const struct python *py, const struct frame *frame, int32_t line,
                     struct text *out)
{
    struct text path = TEXT_INIT;
    addr file = frame_file(py, frame);
    if (file)
        str_append(py, file, PATH_WIDTH, &path);
    const char *slash = strrchr(text_string(&path), '/');
    text_add_string(out, slash ? slash + 1 : path.size ? text_string(&path) : "?");
    if (line > 0)
        text_add_format(out, ":%" PRId32, line);
    text_fini(&path);
}

void frame_place(const struct python *py, const struct frame *frame, int32_t line, size_t width,
                 struct text *out)
{
    addr function = frame_function(py, frame);
    if (function)
        str_append(py, function, width, out);
    else
        text_add_char(out, '?');
    text_add_char(out, ' ');
    frame_file_line(py, frame, line, out);
}

addr frame_function(const struct python *py, const struct frame *frame)
{
    return READ_EITHER(py, frame->code, PyCodeObject_co_qualname, PyCodeObject_co_name);
}

addr frame_file(const struct python *py, const struct frame *frame)
{
    return READ(py, frame->code, PyCodeObject_co_filename);
}

addr frame_local_name(const struct python *py, const struct frame *frame, uint32_t i)
{
    const struct layout *l = &py->layout;
    if (l->PyCodeObject_co_localsplusnames >= 0)
        return tuple_item(py, READ(py, frame->code, PyCodeObject_co_localsplusnames), i);
    const int32_t parts[] = { l->PyCodeObject_co_varnames, l->PyCodeObject_co_cellvars,
                              l->PyCodeObject_co_freevars };
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        addr names = python_word(py, frame->code, parts[part]);
        uint32_t count = tuple_size(py, names);
        if (i < count)
            return tuple_item(py, names, i);
        i -= count;
    }
    return 0;
}

addr frame_slot(const struct python *py, const struct frame *frame, uint32_t i, bool *counted)
{
    uint64_t word = target_u64(py->target, frame->slots + (uint64_t)i * 8, NULL);
    *counted = true;
    if (!py->rules.stackrefs)
        return word & 7 ? 0 : word;
    *counted = (word & 3) == 0;
    if ((word & 3) > 1 || (word & 4)) // a tagged number
        return 0;
    return word & ~UINT64_C(3);
}

addr frame_awaited(const struct python *py, const struct frame *frame)
{
    bool counted;
    uint32_t below = py->rules.awaited_below_top ? 2 : 1;
    return frame->stack_depth >= below
               ? frame_slot(py, frame, frame->local_count + frame->stack_depth - below, &counted)
               : 0;
}

addr frame_local(const struct python *py, const struct frame *frame, uint32_t i)
{
    bool counted;
    addr value = frame_slot(py, frame, i, &counted);
    if (!value || !type_is(type_of(py, value), TRAIT_CELL))
        return value;
    return READ(py, value, PyCellObject_ob_ref);
}
