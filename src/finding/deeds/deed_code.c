// SPDX-License-Identifier: GPL-3.0-or-later
// The code objects of a heap: see deed_code.h.
#include "finding/deeds/deed_code.h"

#include <stdlib.h>

#include "base/vec.h"
#include "finding/deeds/deed_name.h"
#include "heap/names/task.h"
#include "py/read.h"
#include "py/runtime/frames.h"

#define CO_OPTIMIZED 1 // locals are in slots: not the body of a module or a class

uint32_t deed_code_int(const struct heap *heap, node code, int32_t offset)
{
    return offset < 0
               ? 0
               : target_u32(heap->py->target, heap_addr(heap, code) + (uint64_t)offset, NULL);
}

static int deed_code_order(const void *left, const void *right)
{
    const struct deed_code *a = left, *b = right;
    return (a->code > b->code) - (a->code < b->code);
}

const struct deed_code *deeds_code(const struct deeds *deeds, node code)
{
    const struct deed_code key = { .code = code };
    return deeds->code_count ? bsearch(&key, deeds->codes, deeds->code_count, sizeof *deeds->codes,
                                       deed_code_order)
                             : NULL;
}

static bool deed_code_find_all(struct deeds *deeds, const struct heap *heap,
                               const struct root_paths *paths, struct err *err)
{
    addr last = 0;
    bool is_program = false;
    for (node n = 0; n < heap->node_count; n++) {
        if (!type_is(type_row(heap->py->types, heap_type(heap, n)), TRAIT_CODE))
            continue;
        addr file = READ(heap->py, heap_addr(heap, n), PyCodeObject_co_filename);
        if (file != last)
            is_program = code_is_program(heap, paths, n);
        last = file;
        if (!vec_grow(&deeds->codes, &deeds->code_capacity, deeds->code_count + 1,
                      sizeof *deeds->codes, err))
            return false;
        deeds->codes[deeds->code_count++] = (struct deed_code){
            .code = n,
            .function = NODE_NONE,
            .globals = NODE_NONE,
            .is_program = is_program,
            .is_body =
                !(deed_code_int(heap, n, heap->py->layout.PyCodeObject_co_flags) & CO_OPTIMIZED),
        };
    }
    return true;
}

// Whose code it is, and in which globals it runs; what has no function yet, or none any more, is
// taken to run where others of its file do.
static bool deed_code_find_functions(struct deeds *deeds, const struct heap *heap, struct err *err)
{
    struct map of_file = MAP_INIT;
    bool ok = true;
    for (node n = 0; n < heap->node_count; n++) {
        if (!type_is(type_row(heap->py->types, heap_type(heap, n)), TRAIT_FUNCTION))
            continue;
        node code =
            heap_node_of(heap, READ(heap->py, heap_addr(heap, n), PyFunctionObject_func_code));
        struct deed_code *row = (struct deed_code *)deeds_code(deeds, code);
        if (!row)
            continue;
        row->function = n;
        row->globals =
            heap_node_of(heap, READ(heap->py, heap_addr(heap, n), PyFunctionObject_func_globals));
        addr file = READ(heap->py, heap_addr(heap, code), PyCodeObject_co_filename);
        if (row->globals != NODE_NONE)
            ok = ok && map_put(&of_file, file, row->globals, err);
    }
    for (size_t i = 0; i < deeds->code_count; i++) {
        struct deed_code *row = &deeds->codes[i];
        if (row->globals == NODE_NONE)
            row->globals = map_get(
                &of_file, READ(heap->py, heap_addr(heap, row->code), PyCodeObject_co_filename));
    }
    map_fini(&of_file);
    return ok;
}

// What the program's functions are called.
static bool deed_code_name_functions(struct deeds *deeds, const struct heap *heap, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < deeds->code_count; i++) {
        const struct deed_code *row = &deeds->codes[i];
        if (!row->is_program || row->is_body)
            continue;
        uint32_t name = deed_name_of(
            deeds, heap, READ(heap->py, heap_addr(heap, row->code), PyCodeObject_co_name));
        ok = name == DEEDS_NONE || map_put(&deeds->functions, name, 1, err);
    }
    return ok;
}

// What runs, or waits in the middle.
static void deed_code_note_active(struct deeds *deeds, const struct heap *heap,
                                  const struct frame *frame, addr called_by)
{
    struct deed_code *row = (struct deed_code *)deeds_code(deeds, heap_node_of(heap, frame->code));
    const struct deed_code *caller =
        called_by ? deeds_code(deeds, heap_node_of(heap, called_by)) : NULL;
    if (!row)
        return;
    int64_t at = frame_offset(heap->py, frame);
    uint32_t offset = at < 0 || at > UINT32_MAX ? 0 : (uint32_t)at;
    row->least = row->is_active && row->least < offset ? row->least : offset;
    row->most = row->is_active && row->most > offset ? row->most : offset;
    row->is_active = true;
    row->is_first |= caller && caller->is_body;
}

static void deed_code_find_active(struct deeds *deeds, const struct heap *heap)
{
    const struct python *py = heap->py;
    for (size_t i = 0; i < py->interpreter_count; i++)
        for (size_t t = 0; t < py->interpreters[i].thread_count; t++) {
            struct frame_walk walk;
            struct frame frame, inner = { 0 };
            frame_walk_begin(&walk, py, &py->interpreters[i].threads[t]);
            for (; frame_walk_next(&walk, &frame); inner = frame)
                if (inner.code)
                    deed_code_note_active(deeds, heap, &inner, frame.code);
            if (inner.code)
                deed_code_note_active(deeds, heap, &inner, 0);
        }
    uint32_t type = UINT32_MAX; // of the one before: most are alike
    bool is_generator = false;
    for (node n = 0; n < heap->node_count; n++) {
        struct frame frame;
        if (heap_type(heap, n) != type)
            is_generator = task_is_generator(heap, n);
        type = heap_type(heap, n);
        if (is_generator
            && frame_of_generator(py, type_row(py->types, heap_type(heap, n)), heap_addr(heap, n),
                                  &frame))
            deed_code_note_active(deeds, heap, &frame, 0);
    }
}

bool deed_code_list(struct deeds *deeds, const struct heap *heap, const struct root_paths *paths,
                    struct err *err)
{
    if (!deed_code_find_all(deeds, heap, paths, err) || !deed_code_find_functions(deeds, heap, err)
        || !deed_code_name_functions(deeds, heap, err))
        return false;
    deed_code_find_active(deeds, heap);
    return true;
}
