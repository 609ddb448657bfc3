// SPDX-License-Identifier: GPL-3.0-or-later
// Finding a greenlet's frames: see greenlet.h.
#include "py/runtime/greenlet.h"

#include <string.h>

#include "py/kinds/kind.h"
#include "py/read.h"

// Words of a PyGreenlet; and of a greenlet::Greenlet: itself, exceptions, arguments, stack, context
// and frame. It is larger, and another one may follow it.
#define WORDS_MAX 40
#define STATE_WORDS 16
#define STACK_MAX (UINT64_C(64) << 20)
#define BASES_MAX 64

bool greenlet_is(const struct type *type)
{
    return type->body && type->body->traits & TRAIT_GREENLET;
}

static addr greenlet_top_frame(const struct python *py, addr from, uint64_t words)
{
    const uint8_t *o = target_view(py->target, from, words * 8);
    for (uint64_t i = 0; o && i < words; i++) {
        addr word = load64(o + 8 * i);
        if (!word || word & 7 || !target_readable(py->target, word, 16))
            continue;
        if (type_is(type_of(py, word), TRAIT_FRAME))
            return word;
    }
    return 0;
}

// The words that hold a greenlet's state: its own, or those that it points at. 0: none.
static uint64_t greenlet_state(const struct python *py, const struct type *type, addr at,
                               addr *from)
{
    const struct type *base = NULL, *next = type; // the last greenlet: greenlet.greenlet
    for (int i = 0; next && greenlet_is(next) && i < BASES_MAX; i++) {
        base = next;
        next = type_base(py, base);
    }
    if (!base)
        return 0;
    uint64_t header = SIZE(py, PyObject);
    *from = at + header;
    if (base->basicsize > (int64_t)header + 24) {
        uint64_t words = ((uint64_t)base->basicsize - header) / 8;
        return words < WORDS_MAX ? words : WORDS_MAX;
    }
    *from = python_word(py, at, (int32_t)header + 16);
    return *from && !(*from & 7) ? target_readable(py->target, *from, STATE_WORDS * 8) / 8 : 0;
}

bool greenlet_walk_begin(struct frame_walk *walk, const struct python *py, const struct type *type,
                         addr at)
{
    addr from;
    struct frame frame;
    uint64_t words = greenlet_state(py, type, at, &from);
    addr top = words ? greenlet_top_frame(py, from, words) : 0;
    if (!top || !frame_of_object(py, top, &frame))
        return false;
    *walk = (struct frame_walk){ .py = py, .at = frame.at };
    return true;
}

bool greenlet_frames(const struct python *py, const struct type *type, addr at, struct map *frames,
                     struct err *err)
{
    struct frame_walk walk;
    struct frame frame;
    if (!greenlet_is(type) || !greenlet_walk_begin(&walk, py, type, at))
        return true;
    while (frame_walk_next(&walk, &frame))
        if (!map_put(frames, frame.at, 1, err))
            return false;
    return true;
}

// stack_start, stack_stop, stack_copy and stack_saved are adjacent in every version.
bool greenlet_saved_stack(const struct python *py, const struct type *type, addr at, addr *from,
                          uint64_t *bytes)
{
    addr state;
    uint64_t words = greenlet_state(py, type, at, &state);
    const uint8_t *o = words ? target_view(py->target, state, words * 8) : NULL;
    for (uint64_t i = 0; o && i + 4 <= words; i++) {
        addr start = load64(o + 8 * i), stop = load64(o + 8 * i + 8);
        addr copy = load64(o + 8 * i + 16);
        uint64_t saved = load64(o + 8 * i + 24);
        if (!start || stop <= start || !saved || saved > stop - start || saved > STACK_MAX || !copy
            || target_readable(py->target, copy, saved) != saved)
            continue;
        *from = copy;
        *bytes = saved;
        return true;
    }
    return false;
}
