// SPDX-License-Identifier: GPL-3.0-or-later
// What a thing is called by its holders: see called.h.
#include "finding/growth/called.h"

#include <string.h>

#include "heap/names/edge.h"
#include "py/objects/str.h"
#include "py/read.h"
#include "py/runtime/frames.h"

#define HAMT_WORDS 64  // of a node of a context's tree
#define OUTWARDS_MAX 6 // steps up to a name

bool called_is_namespace(const struct finder *f, node n)
{
    return (finder_roles(f, n) & ROLE_DICT)
           && (root_paths_module(&f->paths, n) || finder_is_attributes(f, n));
}

// "['x']" or ".x" as the number of x; ".x" of a C struct that is no attribute has no number.
uint32_t called_edge_name(const struct finder *f, const char *edge)
{
    char name[256];
    size_t size = strlen(edge);
    if (*edge == '.' && size > 1 && size < sizeof name)
        return deeds_name(&f->deeds, edge + 1);
    if (size > 4 && size < sizeof name && !strncmp(edge, "['", 2)) {
        memcpy(name, edge + 2, size - 4);
        name[size - 4] = 0;
        return deeds_name(&f->deeds, name);
    }
    return DEEDS_NONE;
}

// "local rows in compute() app.py:2", "local rows"
static uint32_t called_local_name(const struct finder *f, const char *edge)
{
    char name[256];
    if (strncmp(edge, "local ", 6))
        return DEEDS_NONE;
    size_t size = strcspn(edge + 6, " ");
    if (!size || size >= sizeof name)
        return DEEDS_NONE;
    memcpy(name, edge + 6, size);
    name[size] = 0;
    return deeds_name(&f->deeds, name);
}

static node called_frame_code(const struct finder *f, node frame)
{
    static const char *const names[] = { ".f_code", "code", ".gi_code", ".cr_code", ".ag_code" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        node code = heap_referent(f->heap, frame, names[i]);
        if (code != NODE_NONE)
            return code;
    }
    return NODE_NONE;
}

// The name of a cell's variable, by a function whose closure has it.
static uint32_t called_free_name(const struct finder *f, node cell)
{
    const struct layout *l = &f->py->layout;
    node tuple = f->paths.from[cell];
    node function = tuple == NODE_NONE ? NODE_NONE : f->paths.from[tuple];
    if (function == NODE_NONE || !(finder_roles(f, function) & ROLE_FUNCTION))
        return DEEDS_NONE;
    node code = heap_member(f->heap, function, l->PyFunctionObject_func_code);
    uint64_t count = finder_length(f, tuple);
    for (uint32_t i = 0; code != NODE_NONE && i < count && i < 1000; i++) {
        if (heap_member(f->heap, tuple, l->PyTupleObject_ob_item + 8 * (int32_t)i) != cell)
            continue;
        struct text text = TEXT_INIT;
        code_free_name(f->heap, code, i, &text);
        uint32_t name = text.size ? deeds_name(&f->deeds, text_string(&text)) : DEEDS_NONE;
        text_fini(&text);
        return name;
    }
    return DEEDS_NONE;
}

// Whether a dict is what a threading.local has for one thread.
static bool called_is_of_thread(const struct finder *f, node dict)
{
    node at = dict;
    for (int i = 0; i < 4 && at != NODE_NONE && (finder_roles(f, dict) & ROLE_DICT); i++) {
        if (finder_is(f, at, TRAIT_THREAD_LOCAL))
            return true;
        at = f->paths.from[at] == at ? NODE_NONE : f->paths.from[at];
    }
    return false;
}

// What a holder calls the object. False: nothing by itself.
bool called_by(const struct finder *f, node from, node n, struct called *called)
{
    struct heap_edges edges = { 0 };
    bool found = false;
    if (!heap_edges_between(f->heap, from, n, &edges, NULL)) {
        heap_edges_fini(&edges);
        return false;
    }
    for (size_t i = 0; !found && i < edges.count && i < 4; i++) {
        const char *edge = heap_edge_name(&edges, i);
        bool is_space = called_is_namespace(f, from);
        called->name = called_edge_name(f, edge);
        if (root_paths_module(&f->paths, from) || finder_is_globals(f, from)) {
            called->reach = DEED_GLOBAL;
            called->owner = from;
        } else if (called_is_of_thread(f, from)) { // a threading.local's, for one thread
            called->reach = DEED_ATTRIBUTE;
            called->owner = NODE_NONE;
        } else if (is_space || *edge == '.') {
            called->reach = DEED_ATTRIBUTE;
            called->owner = is_space ? f->paths.from[from] : from;
        } else if (!strncmp(edge, "local ", 6)) {
            called->reach = DEED_LOCAL;
            called->owner = called_frame_code(f, from);
            called->name = called_local_name(f, edge);
        } else {
            called->name = DEEDS_NONE;
        }
        if (finder_is(f, from, TRAIT_CELL)) {
            called->reach = DEED_FREE;
            called->owner = NODE_NONE;
            called->name = called_free_name(f, from);
        }
        found = called->name != DEEDS_NONE;
    }
    heap_edges_fini(&edges);
    return found;
}

// A local variable of a running function.
bool called_by_frame(const struct finder *f, node n, struct called *called)
{
    for (size_t i = heap_roots_first(f->roots, n);
         i < f->roots->count && f->roots->items[i].to == n; i++) {
        const struct root *root = &f->roots->items[i].root;
        struct frame frame;
        if (root->kind != ROOT_LOCAL || !frame_at(f->py, root->detail, &frame))
            continue;
        struct text text = TEXT_INIT;
        addr name = frame_local_name(f->py, &frame, root->index);
        if (name)
            str_append(f->py, name, 200, &text);
        called->reach = DEED_LOCAL;
        called->owner = heap_node_of(f->heap, frame.code);
        called->name = text.size ? deeds_name(&f->deeds, text_string(&text)) : DEEDS_NONE;
        text_fini(&text);
        if (called->name != DEEDS_NONE)
            return true;
    }
    return false;
}

bool called_is_plain(const struct finder *f, node n)
{
    return finder_roles(f, n) & (ROLE_GROWS | ROLE_TUPLE);
}

// What a ContextVar has in a context: an item of the variable, whose name is looked for. The node of
// the context's tree has the variable before the value.
static bool called_by_context(const struct finder *f, node from, node n, struct called *called)
{
    const struct layout *l = &f->py->layout;
    addr at = heap_addr(f->heap, from);
    if (!finder_is(f, from, TRAIT_CONTEXT_NODE) || l->PyHamtNode_Bitmap_b_array < 0)
        return false;
    uint64_t count = READ(f->py, at, PyVarObject_ob_size);
    for (uint64_t i = 1; i < count && i < HAMT_WORDS; i += 2) {
        int32_t word = l->PyHamtNode_Bitmap_b_array + 8 * (int32_t)i;
        if (python_word(f->py, at, word) != heap_addr(f->heap, n))
            continue;
        node variable = heap_node_of(f->heap, python_word(f->py, at, word - 8));
        node holder = variable == NODE_NONE ? NODE_NONE : f->paths.from[variable];
        called->depth++;
        return holder != NODE_NONE && holder != variable && called_by(f, holder, variable, called);
    }
    return false;
}

// From the holder outwards until somebody has a name for it.
bool called_outwards(const struct finder *f, node from, node n, struct called *called)
{
    for (int i = 0; i < OUTWARDS_MAX && from != NODE_NONE; i++) {
        if (called_by_context(f, from, n, called) || called_by(f, from, n, called))
            return true;
        if (called_is_plain(f, from) && !called_is_namespace(f, from))
            called->depth++;
        if (called_by_frame(f, from, called))
            return true;
        n = from;
        from = f->paths.from[n] == n ? NODE_NONE : f->paths.from[n];
    }
    return false;
}
