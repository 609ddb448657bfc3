// SPDX-License-Identifier: GPL-3.0-or-later
// The program's functions and the names in them: see code.h.
#include "finding/code.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/read.h"
#include "py/runtime/frames.h"
#include "py/runtime/lines.h"
#include "py/objects/str.h"
#include "py/objects/type.h"

#define NAMES_MAX 4096 // of one function

static addr code_member(const struct heap *heap, node code, int32_t offset)
{
    bool ok = offset >= 0;
    addr at = ok ? target_u64(heap->py->target, heap_addr(heap, code) + (uint64_t)offset, &ok) : 0;
    return ok ? at : 0;
}

static bool is_module(const struct heap *heap, node code)
{
    addr name = code_member(heap, code, heap->py->layout.PyCodeObject_co_name);
    return name && str_equals(heap->py, name, "<module>");
}

static bool file_is_program(const struct heap *heap, const struct root_paths *paths, addr file)
{
    struct text text = TEXT_INIT;
    str_append(heap->py, file, 4096, &text);
    bool is = text.size && !root_paths_is_library(text_string(&text), paths->standard);
    text_fini(&text);
    return is;
}

bool code_is_program(const struct heap *heap, const struct root_paths *paths, node code)
{
    addr file = code_member(heap, code, heap->py->layout.PyCodeObject_co_filename);
    return file && file_is_program(heap, paths, file);
}

bool code_list(struct code *code, const struct heap *heap, const struct root_paths *paths,
               struct err *err)
{
    addr last = 0; // code of one file lies close together, and shares the file's name
    bool is_program = false;
    *code = (struct code){ 0 };
    for (node n = 0; n < heap->node_count; n++) {
        if (!type_is(type_row(heap->py->types, heap_type(heap, n)), TRAIT_CODE))
            continue;
        addr file = code_member(heap, n, heap->py->layout.PyCodeObject_co_filename);
        if (file != last) {
            is_program = file && file_is_program(heap, paths, file);
            last = file;
        }
        if (!is_program || is_module(heap, n))
            continue;
        if (!vec_grow(&code->items, &code->capacity, code->count + 1, sizeof *code->items, err))
            return false;
        code->items[code->count++] = n;
    }
    return true;
}

void code_free(struct code *code)
{
    free(code->items);
    *code = (struct code){ 0 };
}

// --- names --------------------------------------------------------------------------------------

void code_local_name(const struct heap *heap, node code, uint32_t i, struct text *out)
{
    const struct frame frame = { .code = heap_addr(heap, code) };
    addr name = frame_local_name(heap->py, &frame, i);
    if (name)
        str_append(heap->py, name, 100, out);
}

void code_free_name(const struct heap *heap, node code, uint32_t i, struct text *out)
{
    const struct python *py = heap->py;
    const struct layout *l = &py->layout;
    uint64_t at = heap_addr(heap, code), first = 0;
    if (l->PyCodeObject_co_nlocalsplus >= 0) {
        first = READ(py, at, PyCodeObject_co_nlocalsplus) - READ(py, at, PyCodeObject_co_nfreevars);
    } else {
        const int32_t before[] = { l->PyCodeObject_co_varnames, l->PyCodeObject_co_cellvars };
        for (int k = 0; k < 2; k++) {
            addr names = code_member(heap, code, before[k]);
            first += names ? READ(py, names, PyVarObject_ob_size) : 0;
        }
    }
    code_local_name(heap, code, (uint32_t)first + i, out);
}

uint32_t code_argument_count(const struct heap *heap, node code)
{
    int32_t offset = heap->py->layout.PyCodeObject_co_argcount;
    return offset < 0
               ? 0
               : target_u32(heap->py->target, heap_addr(heap, code) + (uint64_t)offset, NULL);
}

void code_name(const struct heap *heap, node code, struct text *out)
{
    const struct layout *l = &heap->py->layout;
    addr name = code_member(heap, code,
                            l->PyCodeObject_co_qualname >= 0 ? l->PyCodeObject_co_qualname
                                                             : l->PyCodeObject_co_name);
    addr file = code_member(heap, code, l->PyCodeObject_co_filename);
    str_append(heap->py, name, 100, out);
    text_add_string(out, "() ");
    struct text path = TEXT_INIT;
    str_append(heap->py, file, 4096, &path);
    const char *slash = strrchr(text_string(&path), '/');
    text_add_string(out, slash ? slash + 1 : text_string(&path));
    text_fini(&path);
    int32_t line = code_line(heap->py, heap_addr(heap, code), -1);
    if (line)
        text_add_format(out, ":%d", (int)line);
}
