// SPDX-License-Identifier: GPL-3.0-or-later
// Following finalizers: see finalizing.h.
#include "heap/analysis/finalizing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "heap/names/edge.h"
#include "py/objects/dict.h"
#include "py/objects/str.h"
#include "py/objects/type.h"
#include "py/read.h"
#include "py/runtime/bytecode.h"
#include "py/runtime/finalizer.h"

#define FINALIZING_MRO 64
#define FINALIZING_STACK 8
#define FINALIZING_CALLS 4 // methods that call methods
#define FINALIZING_MOST (UINT64_C(1) << 26)
#define FINALIZING_ODD (0x4 | 0x8 | 0x20 | 0x80 | 0x200) // *args, **kwargs, generators of any kind

// Methods in C that run no Python code and make nothing reachable. What `empties` lets go of all that the
// object holds. What is for one `alone` raises while somebody has a view of the object (Py_buffer); a view
// is a reference, and only the attribute may be one.
static const struct finalizing_method {
    const char *name;
    traits of;          // these types, no subclass
    const char *called; // or one in C that has no row in py/kinds/
    bool empties, alone;
} finalizing_methods[] = {
    { "clear", TRAIT_LIST | TRAIT_DICT | TRAIT_SET | TRAIT_DEQUE, .empties = true },
    { "clear", TRAIT_BYTEARRAY, .alone = true },
    { "close", TRAIT_TEXT_STREAM, .empties = true },
    { "close", TRAIT_BYTES_STREAM, .alone = true },
    { "close", .called = "mmap.mmap", .alone = true },
    { 0 },
};

static const struct type *finalizing_type_of(const struct heap *heap, node n)
{
    return type_row(heap->py->types, heap_type(heap, n));
}

static bool finalizing_is_watched(const struct python *py)
{
    const struct layout *l = &py->layout;
    if (l->PyThreadState_c_traceobj < 0 || l->PyThreadState_c_profileobj < 0)
        return true; // for all that is known
    for (size_t i = 0; i < py->interpreter_count; i++)
        for (size_t k = 0; k < py->interpreters[i].thread_count; k++) {
            addr at = py->interpreters[i].threads[k].at;
            if (READ(py, at, PyThreadState_c_traceobj) || READ(py, at, PyThreadState_c_profileobj))
                return true;
        }
    return false;
}

void finalizing_init(struct finalizing *finalizing, const struct heap *heap)
{
    *finalizing = (struct finalizing){ .heap = heap, .fall = { .heap = heap } };
    finalizing->watched =
        !heap_has_values(heap) || heap->py->rules.free_threaded || finalizing_is_watched(heap->py);
}

void finalizing_fini(struct finalizing *finalizing)
{
    map_fini(&finalizing->index);
    free(finalizing->types);
    fall_fini(&finalizing->fall);
    *finalizing = (struct finalizing){ 0 };
}

// --- what a class says --------------------------------------------------------------------------

struct finalizing_hit {
    addr value;
    bool last; // in the last of the bases: object
};

// Along tp_mro. False: it cannot be read.
static bool finalizing_lookup(const struct python *py, const struct type *type, const char *name,
                              struct finalizing_hit *hit)
{
    addr mro = READ(py, type->at, PyTypeObject_tp_mro);
    uint64_t count = mro ? READ(py, mro, PyVarObject_ob_size) : 0;
    *hit = (struct finalizing_hit){ 0 };
    if (!count || count > FINALIZING_MRO)
        return false;
    for (uint64_t i = 0; i < count && !hit->value; i++) {
        addr at = target_u64(py->target, INSIDE(py, mro, PyTupleObject_ob_item) + 8 * i, NULL);
        const struct type *base = type_at(py, at);
        addr dict = base ? type_dict(py, base) : 0;
        if (!dict)
            return false;
        hit->value = dict_lookup(py, dict, name);
        hit->last = i + 1 == count;
    }
    return true;
}

// Whether attributes are set, deleted and looked up as object does it.
static bool finalizing_is_plain(const struct python *py, const struct type *type)
{
    static const char *const names[] = { "__setattr__", "__delattr__", "__getattribute__" };
    struct finalizing_hit hit;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!finalizing_lookup(py, type, names[i], &hit) || !hit.value || !hit.last)
            return false;
    return true;
}

// What the class has under an attribute's name must have no say in it.
static bool finalizing_may_drop(const struct python *py, const struct type *type,
                                struct finalizing_deed *deed)
{
    struct finalizing_hit hit;
    if (!finalizing_lookup(py, type, deed->name, &hit))
        return false;
    if (!hit.value)
        return true;
    const struct type *kind = type_of(py, hit.value);
    if (type_is_exact(kind, TRAIT_MEMBER_DESCRIPTOR)) {
        const struct type *owner = type_at(py, READ(py, hit.value, PyDescrObject_d_type));
        deed->is_slot = true;
        return owner && owner->is_python_class;
    }
    return type_is_exact(kind, TRAIT_SINGLETON | TRAIT_BOOL | TRAIT_INT | TRAIT_FLOAT | TRAIT_TEXT
                                   | TRAIT_BYTES | TRAIT_TUPLE | TRAIT_LIST | TRAIT_DICT
                                   | TRAIT_SET);
}

// --- its instructions ---------------------------------------------------------------------------

struct finalizing_value {
    enum {
        FINALIZING_NONE,
        FINALIZING_CONST,
        FINALIZING_SELF,
        FINALIZING_ATTR,
        FINALIZING_METHOD
    } form;
    addr name, of; // METHOD: of which attribute; 0: of the object itself
};

struct finalizing_reader {
    const struct python *py;
    const struct type *type;
    struct finalizing_type *out;
    struct finalizing_value stack[FINALIZING_STACK];
    size_t depth;
};

static bool finalizing_push(struct finalizing_reader *r, struct finalizing_value value)
{
    if (r->depth == FINALIZING_STACK)
        return false;
    r->stack[r->depth++] = value;
    return true;
}

static bool finalizing_pop(struct finalizing_reader *r, int form)
{
    return r->depth && (int)r->stack[--r->depth].form == form;
}

static bool finalizing_take_name(const struct python *py, addr name, char *out, size_t room)
{
    struct str_view view;
    if (!name || !str_view(py, name, &view) || view.cut || view.width != 1 || !view.length
        || view.length >= room)
        return false;
    for (uint64_t i = 0; i < view.length; i++)
        if (view.data[i] & 0x80 || view.data[i] <= ' ' || view.data[i] == '\'')
            return false;
    memcpy(out, view.data, view.length);
    out[view.length] = '\0';
    return true;
}

static struct finalizing_deed *finalizing_add(struct finalizing_reader *r, int kind, addr name)
{
    if (r->out->count == FINALIZING_DEEDS)
        return NULL;
    struct finalizing_deed *deed = &r->out->deeds[r->out->count];
    memset(deed, 0, sizeof *deed);
    deed->kind = kind;
    if (!finalizing_take_name(r->py, name, deed->name, sizeof deed->name))
        return NULL;
    r->out->count++;
    return deed;
}

static bool finalizing_drop(struct finalizing_reader *r, addr name)
{
    struct finalizing_deed *deed = finalizing_add(r, FINALIZING_DROP, name);
    return deed && finalizing_may_drop(r->py, r->type, deed);
}

static bool finalizing_load(struct finalizing_reader *r, addr name)
{
    if (!r->depth)
        return false;
    struct finalizing_value of = r->stack[--r->depth];
    if (of.form == FINALIZING_SELF)
        return finalizing_push(r, (struct finalizing_value){ FINALIZING_ATTR, name, 0 });
    return of.form == FINALIZING_ATTR
           && finalizing_push(r, (struct finalizing_value){ FINALIZING_METHOD, name, of.name });
}

// The method of an attribute's value is one of the table's, if the value has one of its types.
static bool finalizing_ask(struct finalizing_reader *r, const struct finalizing_value *callee)
{
    const struct finalizing_method *method = finalizing_methods;
    while (method->name && !str_equals(r->py, callee->name, method->name))
        method++;
    struct finalizing_deed *deed =
        method->name ? finalizing_add(r, FINALIZING_ASK, callee->of) : NULL;
    if (!deed)
        return false;
    deed->method = method->name;
    return finalizing_may_drop(r->py, r->type, deed)
           && finalizing_push(r, (struct finalizing_value){ FINALIZING_CONST, 0, 0 });
}

// What it calls without arguments: a method that is to be read next, or 0.
static bool finalizing_call(struct finalizing_reader *r, addr *method)
{
    *method = 0;
    if (!r->depth)
        return false;
    struct finalizing_value callee = r->stack[--r->depth];
    struct finalizing_hit hit;
    if (callee.form == FINALIZING_METHOD)
        return finalizing_ask(r, &callee);
    if (callee.form != FINALIZING_ATTR)
        return false;
    struct finalizing_deed *deed = finalizing_add(r, FINALIZING_CALL, callee.name);
    if (!deed || !finalizing_lookup(r->py, r->type, deed->name, &hit) || !hit.value)
        return false;
    *method = hit.value;
    return true;
}

static bool finalizing_step(struct finalizing_reader *r, const struct bytecode *code,
                            const struct instruction *now, addr *method)
{
    const struct finalizing_value constant = { FINALIZING_CONST, 0, 0 };
    if (now->watched)
        return false;
    switch (now->what) {
    case BYTECODE_NOTHING:
        return true;
    case BYTECODE_CONST:
    case BYTECODE_VALUE:
        return finalizing_push(r, constant);
    case BYTECODE_LOAD_LOCAL:
        return now->number == 0
               && finalizing_push(r, (struct finalizing_value){ FINALIZING_SELF, 0, 0 });
    case BYTECODE_DUP:
        return r->depth && finalizing_push(r, r->stack[r->depth - 1]);
    case BYTECODE_COPY:
        return r->depth && now->number == 1 && finalizing_push(r, r->stack[r->depth - 1]);
    case BYTECODE_STORE_ATTR:
        return finalizing_pop(r, FINALIZING_SELF) && finalizing_pop(r, FINALIZING_CONST)
               && finalizing_drop(r, bytecode_name(code, now->number));
    case BYTECODE_DELETE_ATTR:
        return finalizing_pop(r, FINALIZING_SELF)
               && finalizing_drop(r, bytecode_name(code, now->number));
    case BYTECODE_LOAD_ATTR:
    case BYTECODE_LOAD_METHOD:
        return finalizing_load(r, bytecode_name(code, now->number));
    case BYTECODE_CALL:
        return now->number == 0 && finalizing_call(r, method);
    case BYTECODE_POP:
        return finalizing_pop(r, FINALIZING_CONST);
    default:
        return false;
    }
}

// Whether a function is there that takes the object and nothing else.
static addr finalizing_code(const struct python *py, addr function)
{
    const struct layout *l = &py->layout;
    if (!type_is_exact(type_of(py, function), TRAIT_FUNCTION) || l->PyCodeObject_co_flags < 0
        || l->PyCodeObject_co_argcount < 0 || l->PyCodeObject_co_kwonlyargcount < 0)
        return 0;
    addr code = READ(py, function, PyFunctionObject_func_code);
    bool ok = code != 0;
    uint32_t arguments = READ_OK(py, code, PyCodeObject_co_argcount, &ok);
    uint32_t named = READ_OK(py, code, PyCodeObject_co_kwonlyargcount, &ok);
    uint32_t flags = READ_OK(py, code, PyCodeObject_co_flags, &ok);
    return ok && arguments == 1 && !named && !(flags & FINALIZING_ODD) ? code : 0;
}

// A function, and the methods that it calls: each to its end, with a stack of its own.
static bool finalizing_read(struct finalizing_reader *r, addr function)
{
    struct {
        struct bytecode code;
        size_t floor; // of the stack
    } calls[FINALIZING_CALLS];
    size_t depth = 0;
    addr method = function;
    for (;;) {
        if (method) {
            addr code = depth < FINALIZING_CALLS ? finalizing_code(r->py, method) : 0;
            if (!code || !bytecode_open(&calls[depth].code, r->py, code))
                return false;
            calls[depth++].floor = r->depth;
            method = 0;
        }
        struct instruction now;
        struct bytecode *code = &calls[depth - 1].code;
        if (!bytecode_next(code, &now) || now.watched)
            return false;
        bool ends = now.what == BYTECODE_RETURN || now.what == BYTECODE_RETURN_CONST;
        if (!ends && !finalizing_step(r, code, &now, &method))
            return false;
        if (!ends)
            continue;
        if (now.what == BYTECODE_RETURN && !finalizing_pop(r, FINALIZING_CONST))
            return false;
        if (r->depth != calls[--depth].floor)
            return false;
        if (!depth)
            return true;
        if (!finalizing_push(r, (struct finalizing_value){ FINALIZING_CONST, 0, 0 }))
            return false;
    }
}

// Whether some io.BytesIO has a view: closing that one would raise.
static bool finalizing_has_exports(const struct heap *heap)
{
    for (node n = 0; n < heap->node_count; n++)
        if (type_is(finalizing_type_of(heap, n), TRAIT_BYTES_EXPORT))
            return true;
    return false;
}

static void finalizing_learn(const struct finalizing *finalizing, const struct type *type,
                             struct finalizing_type *out)
{
    const struct python *py = finalizing->heap->py;
    struct finalizing_hit hit;
    struct finalizing_reader reader = { .py = py, .type = type, .out = out };
    *out = (struct finalizing_type){ .followed = false };
    if (type_is_exact(type, TRAIT_TEXT_STREAM | TRAIT_BYTES_STREAM)) {
        out->closes = true;
        out->followed =
            type_is(type, TRAIT_TEXT_STREAM) || !finalizing_has_exports(finalizing->heap);
        return;
    }
    if (!type->is_python_class || py->layout.PyTypeObject_tp_mro < 0
        || py->layout.PyTupleObject_ob_item < 0 || !finalizing_lookup(py, type, "__del__", &hit)
        || !hit.value || !finalizing_read(&reader, hit.value))
        return;
    out->followed = !out->count || finalizing_is_plain(py, type);
}

static const struct finalizing_type *finalizing_of(struct finalizing *finalizing, node n)
{
    const struct type *type = finalizing_type_of(finalizing->heap, n);
    uint32_t at = map_get(&finalizing->index, type->index);
    if (at == MAP_NONE) {
        at = (uint32_t)finalizing->count;
        if (!vec_grow(&finalizing->types, &finalizing->capacity, finalizing->count + 1,
                      sizeof *finalizing->types, NULL)
            || !map_put(&finalizing->index, type->index, at, NULL))
            return NULL;
        finalizing_learn(finalizing, type, &finalizing->types[finalizing->count++]);
    }
    return &finalizing->types[at];
}

// --- an object ----------------------------------------------------------------------------------

// The edge of that name out of n: its number, or UINT64_MAX.
static uint64_t finalizing_edge(const struct heap *heap, node n, const char *name)
{
    struct heap_edges edges = { 0 };
    uint64_t first = csr_first(&heap->forward, n), found = UINT64_MAX;
    bool ok = heap_referents(heap, n, SIZE_MAX, &edges, NULL)
              && edges.count == csr_end(&heap->forward, n) - first;
    for (size_t i = 0; ok && found == UINT64_MAX && i < edges.count; i++)
        if (!strcmp(heap_edge_name(&edges, i), name)
            && (heap->forward.to[first + i] & EDGE_NODE) == edges.items[i].to)
            found = first + i;
    heap_edges_fini(&edges);
    return found;
}

static uint64_t finalizing_attribute(const struct heap *heap, node n, const char *name,
                                     bool is_slot)
{
    char edge[96];
    snprintf(edge, sizeof edge, ".%s", name);
    uint64_t found = finalizing_edge(heap, n, edge);
    uint64_t dict =
        found == UINT64_MAX && !is_slot ? finalizing_edge(heap, n, ".__dict__") : UINT64_MAX;
    if (dict == UINT64_MAX)
        return found;
    snprintf(edge, sizeof edge, "['%s']", name);
    return finalizing_edge(heap, heap->forward.to[dict] & EDGE_NODE, edge);
}

// All but its type.
static bool finalizing_empty(struct finalizing *finalizing, node n)
{
    const struct heap *heap = finalizing->heap;
    node type = heap_node_of(heap, finalizing_type_of(heap, n)->at);
    for (uint64_t e = csr_first(&heap->forward, n); e < csr_end(&heap->forward, n); e++)
        if (!(heap->forward.to[e] & EDGE_BORROWED) && (heap->forward.to[e] & EDGE_NODE) != type
            && !fall_take_out(&finalizing->fall, e, NULL))
            return false;
    return true;
}

static bool finalizing_is_for(const struct python *py, const struct finalizing_method *method,
                              const struct type *type)
{
    if (!method->called)
        return type_is_exact(type, method->of);
    const struct type *base = type_base(py, type);
    return base && !base->base && !type->is_python_class && !strcmp(type->name, method->called);
}

// Calls a method of the table on an object without attributes of its own: one may hide the method.
static bool finalizing_use(struct finalizing *finalizing, node n, const char *name, bool is_alone)
{
    const struct heap *heap = finalizing->heap;
    const struct type *type = finalizing_type_of(heap, n);
    const struct finalizing_method *method = finalizing_methods;
    while (method->name
           && (strcmp(method->name, name) || !finalizing_is_for(heap->py, method, type)))
        method++;
    if (!method->name || type->dictoffset < 0
        || (type->dictoffset
            && python_word(heap->py, heap_addr(heap, n), (int32_t)type->dictoffset)))
        return false;
    return (!method->alone || is_alone) && (!method->empties || finalizing_empty(finalizing, n));
}

static bool finalizing_ask_value(struct finalizing *finalizing, uint64_t edge, const char *method)
{
    const struct heap *heap = finalizing->heap;
    node of = heap->forward.to[edge] & EDGE_NODE;
    return finalizing_use(finalizing, of, method, heap_refcount(heap, of) == 1);
}

static bool finalizing_do(struct finalizing *finalizing, node n, const struct finalizing_deed *deed)
{
    uint64_t edge = finalizing_attribute(finalizing->heap, n, deed->name, deed->is_slot);
    if (deed->kind == FINALIZING_CALL)
        return edge == UINT64_MAX;
    if (edge == UINT64_MAX)
        return false;
    return deed->kind == FINALIZING_ASK ? finalizing_ask_value(finalizing, edge, deed->method)
                                        : fall_take_out(&finalizing->fall, edge, NULL);
}

// What an earlier line gave up is not there for a later one.
static bool finalizing_repeats(const struct finalizing_type *type)
{
    for (uint32_t i = 0; i < type->count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (type->deeds[k].kind == FINALIZING_DROP
                && !strcmp(type->deeds[i].name, type->deeds[k].name))
                return true;
    return false;
}

bool finalizing_follow(struct finalizing *finalizing, node n)
{
    if (finalizing->watched || heap_evidence(finalizing->heap, n) == EVIDENCE_GUESSED)
        return false;
    const struct finalizing_type *type = finalizing_of(finalizing, n);
    if (!type || !type->followed || finalizing_repeats(type))
        return false;
    if (type->closes)
        return finalizing_use(finalizing, n, "close", true); // it has no view: finalizing_learn
    for (uint32_t i = 0; i < type->count; i++)
        if (!finalizing_do(finalizing, n, &type->deeds[i]))
            return false;
    return true;
}

// --- what falls ---------------------------------------------------------------------------------

// Weak references to what the collector found are cleared before. All others may have callbacks.
static bool finalizing_is_quiet(struct finalizing *finalizing, node n, bool is_found)
{
    const struct heap *heap = finalizing->heap;
    const struct type *type = finalizing_type_of(heap, n);
    if (heap_evidence(heap, n) == EVIDENCE_GUESSED)
        return false;
    bool finalized = heap->flags[n] & NODE_FINALIZED;
    if (object_may_resurrect(heap->py, type, heap_addr(heap, n),
                             finalized)) { // the found ones were asked
        const struct finalizing_type *known = is_found ? finalizing_of(finalizing, n) : NULL;
        return known && known->followed;
    }
    return is_found || type->weaklistoffset <= 0
           || !python_word(heap->py, heap_addr(heap, n), (int32_t)type->weaklistoffset);
}

bool finalizing_go(struct finalizing *finalizing, bool (*is_found)(const void *context, node n),
                   const void *context)
{
    struct fall *fall = &finalizing->fall;
    if (!fall_go(fall, FINALIZING_MOST, NULL) || fall->done < fall->queued)
        return false;
    for (size_t i = 0; i < fall->queued; i++)
        if (!finalizing_is_quiet(finalizing, fall->queue[i], is_found(context, fall->queue[i])))
            return false;
    return true;
}
