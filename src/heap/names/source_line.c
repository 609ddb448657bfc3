// SPDX-License-Identifier: GPL-3.0-or-later
// Files and lines of code: see source_line.h.
#include "heap/names/source_line.h"

#include <string.h>

#include "py/read.h"
#include "py/objects/str.h"
#include "py/objects/type.h"

enum { LOOKED_AT_MAX = 2000, FILE_WIDTH = 400 };

static const struct type *type_row_of(const struct heap *heap, node n)
{
    return type_row(heap->py->types, heap_type(heap, n));
}

static bool is_a(const struct heap *heap, node n, traits any)
{
    return type_is(type_row_of(heap, n), any);
}

// The first referent of that type, or NODE_NONE.
static node referent(const struct heap *heap, node n, traits any)
{
    uint64_t first = csr_first(&heap->forward, n), end = csr_end(&heap->forward, n);
    for (uint64_t e = first; e < end && e < first + LOOKED_AT_MAX; e++)
        if (type_is_exact(type_row_of(heap, heap->forward.to[e] & EDGE_NODE), any))
            return heap->forward.to[e] & EDGE_NODE;
    return NODE_NONE;
}

// The code of an object: a code object is its own; a function, a frame and a generator refer to
// theirs; a method refers to a function.
static node code_of(const struct heap *heap, node n)
{
    if (is_a(heap, n, TRAIT_CODE))
        return n;
    if (is_a(heap, n, TRAIT_METHOD | TRAIT_WRAPPER))
        n = referent(heap, n, TRAIT_FUNCTION);
    return n != NODE_NONE && is_a(heap, n, TRAIT_FUNCTION | TRAIT_FRAME | TRAIT_ANY_GENERATOR)
               ? referent(heap, n, TRAIT_CODE)
               : NODE_NONE;
}

static uint32_t first_line(const struct heap *heap, node code)
{
    const struct python *py = heap->py;
    return READ(py, heap_addr(heap, code), PyCodeObject_co_firstlineno);
}

static addr file_of(const struct heap *heap, node code)
{
    const struct python *py = heap->py;
    return READ(py, heap_addr(heap, code), PyCodeObject_co_filename);
}

// The class's method that comes first in its file. Only one file counts: methods added to the class
// from elsewhere are in others, and the first method found decides.
static node first_method(const struct heap *heap, node type)
{
    node dict = referent(heap, type, TRAIT_DICT), best = NODE_NONE;
    if (dict == NODE_NONE)
        return NODE_NONE;
    uint64_t first = csr_first(&heap->forward, dict), end = csr_end(&heap->forward, dict);
    for (uint64_t e = first; e < end && e < first + LOOKED_AT_MAX; e++) {
        node code = code_of(heap, heap->forward.to[e] & EDGE_NODE);
        if (code == NODE_NONE)
            continue;
        bool same = best == NODE_NONE || file_of(heap, code) == file_of(heap, best);
        if (same && (best == NODE_NONE || first_line(heap, code) < first_line(heap, best)))
            best = code;
    }
    return best;
}

bool source_of(const struct heap *heap, node n, struct text *out)
{
    const struct python *py = heap->py;
    node code = code_of(heap, n);
    if (code == NODE_NONE && type_row_of(heap, n)->is_metatype)
        code = first_method(heap, n);
    else if (code == NODE_NONE && type_row_of(heap, n)->is_python_class) {
        node type = heap_node_of(heap, type_row_of(heap, n)->at);
        code = type == NODE_NONE ? NODE_NONE : first_method(heap, type);
    }
    uint32_t line = code == NODE_NONE ? 0 : first_line(heap, code);
    if (!line) // also if memory is missing
        return false;
    size_t before = out->size;
    str_append(py, file_of(heap, code), FILE_WIDTH, out);
    if (out->size == before)
        return false;
    text_add_format(out, ":%lu", (unsigned long)line);
    return true;
}
