// SPDX-License-Identifier: GPL-3.0-or-later
// Who makes a thing grow: see growth.h.
#include "finding/growth.h"

#include "finding/key_home.h"
#include "finding/quiet.h"

#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"
#include "py/objects/dict.h"
#include "heap/names/edge.h"
#include "py/objects/str.h"
#include "py/read.h"
#include "py/runtime/frames.h"

#define HOLDERS_MAX 8  // looked at
#define HAMT_WORDS 64  // of a node of a context's tree
#define OUTWARDS_MAX 6 // steps up to a name
#define CALLERS_MAX 6  // calls of calls
#define CALLED_MAX 64  // functions of one name
#define ITEMS_LOOKED 4
#define ITEMS_SAMPLE 64
#define ITEMS_LONG 16 // on an average, keys among them
#define PARTS_LOOKED 16
#define CALLS_MAX 2000 // looked at to see whether a function runs once

struct called { // what a thing is called by one of its holders
    enum deed_reach reach;
    uint32_t name;     // its number among the deeds' names
    uint8_t depth;     // items between the name and the thing
    bool is_namespace; // the thing is what the named one has its attributes in
    node owner; // GLOBAL: the module's dict. ATTRIBUTE: the instance or class. LOCAL: the code
    const struct type *self; // LOCAL: the thing is the first argument of this class's methods
};

struct asking {
    struct finder *f;
    const struct called *called;
    struct growth_answer *growth;
    bool is_list, is_default; // a defaultdict
    bool has_lists;           // as items
    int rank;                 // of the adder
    bool deep;                // something adds to its items
    bool taken;               // by what the program, or the library itself, may call
    bool built, passed;       // seen on the way
    bool is_empty;            // when it is made: who fills it was not seen
    bool is_pool;
    bool filled; // by its constructor
    bool others; // things are taken out otherwise than by pop()
};

// --- what it is called --------------------------------------------------------------------------

static bool growth_is_namespace(const struct finder *f, node n)
{
    return (finder_roles(f, n) & ROLE_DICT)
           && (root_paths_module(&f->ways, n) || finder_is_attributes(f, n));
}

// "['x']" or ".x" as the number of x; ".x" of a C struct that is no attribute has no number.
static uint32_t growth_edge_name(const struct finder *f, const char *edge)
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
static uint32_t growth_local_name(const struct finder *f, const char *edge)
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

static node growth_code_of(const struct finder *f, node frame)
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
static uint32_t growth_free_name(const struct finder *f, node cell)
{
    const struct layout *l = &f->py->layout;
    node tuple = f->ways.from[cell];
    node function = tuple == NODE_NONE ? NODE_NONE : f->ways.from[tuple];
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
static bool growth_is_of_thread(const struct finder *f, node dict)
{
    node at = dict;
    for (int i = 0; i < 4 && at != NODE_NONE && (finder_roles(f, dict) & ROLE_DICT); i++) {
        if (finder_is(f, at, TRAIT_THREAD_LOCAL))
            return true;
        at = f->ways.from[at] == at ? NODE_NONE : f->ways.from[at];
    }
    return false;
}

// What a holder calls the object. False: nothing by itself.
static bool growth_called_by(const struct finder *f, node from, node n, struct called *called)
{
    struct heap_edges edges = { 0 };
    bool found = false;
    if (!heap_edges_between(f->heap, from, n, &edges, NULL)) {
        heap_edges_fini(&edges);
        return false;
    }
    for (size_t i = 0; !found && i < edges.count && i < 4; i++) {
        const char *edge = heap_edge_name(&edges, i);
        bool is_space = growth_is_namespace(f, from);
        called->name = growth_edge_name(f, edge);
        if (root_paths_module(&f->ways, from) || finder_is_globals(f, from)) {
            called->reach = DEED_GLOBAL;
            called->owner = from;
        } else if (growth_is_of_thread(f, from)) { // a threading.local's, for one thread
            called->reach = DEED_ATTRIBUTE;
            called->owner = NODE_NONE;
        } else if (is_space || *edge == '.') {
            called->reach = DEED_ATTRIBUTE;
            called->owner = is_space ? f->ways.from[from] : from;
        } else if (!strncmp(edge, "local ", 6)) {
            called->reach = DEED_LOCAL;
            called->owner = growth_code_of(f, from);
            called->name = growth_local_name(f, edge);
        } else {
            called->name = DEEDS_NONE;
        }
        if (finder_is(f, from, TRAIT_CELL)) {
            called->reach = DEED_FREE;
            called->owner = NODE_NONE;
            called->name = growth_free_name(f, from);
        }
        found = called->name != DEEDS_NONE;
    }
    heap_edges_fini(&edges);
    return found;
}

// A local variable of a running function.
static bool growth_called_root(const struct finder *f, node n, struct called *called)
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

static bool growth_is_plain(const struct finder *f, node n)
{
    return finder_roles(f, n) & (ROLE_GROWS | ROLE_TUPLE);
}

// What a ContextVar has in a context: an item of the variable, whose name is looked for. The node of
// the context's tree has the variable before the value.
static bool growth_called_context(const struct finder *f, node from, node n, struct called *called)
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
        node holder = variable == NODE_NONE ? NODE_NONE : f->ways.from[variable];
        called->depth++;
        return holder != NODE_NONE && holder != variable
               && growth_called_by(f, holder, variable, called);
    }
    return false;
}

// From the holder outwards until somebody has a name for it.
static bool growth_climb(const struct finder *f, node from, node n, struct called *called)
{
    for (int i = 0; i < OUTWARDS_MAX && from != NODE_NONE; i++) {
        if (growth_called_context(f, from, n, called) || growth_called_by(f, from, n, called))
            return true;
        if (growth_is_plain(f, from) && !growth_is_namespace(f, from))
            called->depth++;
        if (growth_called_root(f, from, called))
            return true;
        n = from;
        from = f->ways.from[n] == n ? NODE_NONE : f->ways.from[n];
    }
    return false;
}

// --- whose function it is -----------------------------------------------------------------------

static addr growth_qualname(const struct finder *f, const struct deed_code *code)
{
    addr at = heap_addr(f->heap, code->code);
    addr name = READ(f->py, at, PyCodeObject_co_qualname);
    if (!name && code->function != NODE_NONE)
        name = READ(f->py, heap_addr(f->heap, code->function), PyFunctionObject_func_qualname);
    return name;
}

// The class that a method is of, as far as its qualified name says: "Order" of "Order.add", and of
// the comprehension inside. False: a function, or nobody knows.
static bool growth_class_name(const struct finder *f, const struct deed_code *code,
                              struct text *text)
{
    addr qualname = growth_qualname(f, code);
    if (qualname)
        str_append(f->py, qualname, 400, text);
    char *inner = NULL; // of a function in it
    for (char *at = text->size ? strstr(text->data, ".<locals>.") : NULL; at;
         at = strstr(at + 1, ".<locals>."))
        inner = at;
    if (inner && !strchr(inner + 10, '.'))
        text_truncate(text, (size_t)(inner - text->data));
    const char *dot = text->size ? strrchr(text_string(text), '.') : NULL;
    text_truncate(text, dot ? (size_t)(dot - text_string(text)) : 0);
    return text->size;
}

// Whether it is a function inside of another one, no comprehension and no method.
static bool growth_is_inner(const struct finder *f, const struct deed_code *code)
{
    struct text name = TEXT_INIT;
    addr qualname = growth_qualname(f, code);
    const char *last = NULL;
    if (qualname)
        str_append(f->py, qualname, 400, &name);
    for (const char *at = name.size ? strstr(text_string(&name), ".<locals>.") : NULL; at;
         at = strstr(at + 1, ".<locals>."))
        last = at;
    bool is = last && last[10] != '<' && !strchr(last + 10, '.');
    text_fini(&name);
    return is;
}

static bool growth_is_method(const struct finder *f, const struct deed_code *code)
{
    struct text name = TEXT_INIT;
    bool is = growth_class_name(f, code, &name) || !growth_qualname(f, code);
    text_fini(&name);
    return is;
}

// "Order" is the end of "shop.orders.Order".
static bool growth_ends(const char *name, const char *end)
{
    size_t length = strlen(name), size = strlen(end);
    return length >= size && !strcmp(name + length - size, end)
           && (length == size || name[length - size - 1] == '.');
}

// Whether a method of that class is what the code is of, or of one of its bases; or, where the
// class itself has what is asked about, of one that derives from it.
static bool growth_is_method_of(const struct finder *f, const struct deed_code *code,
                                const struct type *type, bool of_class)
{
    struct text name = TEXT_INIT;
    if (!growth_class_name(f, code, &name)) {
        bool known = growth_qualname(f, code) != 0;
        text_fini(&name);
        return !known && code->is_program;
    }
    bool is = false;
    const struct type *base;
    for (uint32_t i = 0; !is && (base = type_resolution(f->py, type, i)); i++)
        is = growth_ends(base->name, text_string(&name));
    for (uint32_t t = 0; of_class && !is && t < heap_type_count(f->heap); t++)
        is = growth_ends(type_row(f->py->types, t)->name, text_string(&name))
             && finder_derives(f, type_row(f->py->types, t), type->name);
    text_fini(&name);
    return is;
}

static const struct type *growth_class_of(const struct finder *f, node owner)
{
    if (owner == NODE_NONE)
        return NULL;
    if (finder_roles(f, owner) & ROLE_TYPE)
        return type_at(f->py, heap_addr(f->heap, owner));
    return finder_type(f, owner);
}

// --- functions that run once --------------------------------------------------------------------

static uint32_t growth_name_of_code(const struct finder *f, node code)
{
    return map_get(&f->deeds.of_address,
                   READ(f->py, heap_addr(f->heap, code), PyCodeObject_co_name));
}

// What calls of it name: of a constructor, the class.
static uint32_t growth_called_name(const struct finder *f, node code)
{
    static const char *const constructors[] = { ".__init__", ".__new__", ".__post_init__" };
    const struct deed_code *row = deeds_code(&f->deeds, code);
    addr qualname = row ? growth_qualname(f, row) : 0;
    struct text text = TEXT_INIT;
    uint32_t name = DEEDS_NONE;
    if (qualname)
        str_append(f->py, qualname, 400, &text);
    for (size_t i = 0; i < sizeof constructors / sizeof *constructors && text.size; i++) {
        size_t size = strlen(constructors[i]);
        if (text.size <= size || strcmp(text.data + text.size - size, constructors[i]))
            continue;
        text_truncate(&text, text.size - size);
        const char *dot = strrchr(text_string(&text), '.');
        name = deeds_name(&f->deeds, dot ? dot + 1 : text_string(&text));
        text_fini(&text);
        return name;
    }
    text_fini(&text);
    return growth_name_of_code(f, code);
}

static bool growth_has_word(const struct finder *f, node code, const char *const *words,
                            size_t count)
{
    struct text text = TEXT_INIT;
    addr name = READ(f->py, heap_addr(f->heap, code), PyCodeObject_co_name);
    bool is = false;
    if (name)
        str_append(f->py, name, 200, &text);
    for (size_t i = 0; i < count && text.size && !is; i++)
        is = strstr(text_string(&text), words[i]) != NULL;
    text_fini(&text);
    return is;
}

// Names of functions that build what is meant to stay.
static bool growth_is_builder(const struct finder *f, node code)
{
    static const char *const words[] = { "load",    "read",   "init", "setup",  "build",    "parse",
                                         "import",  "config", "fill", "popul",  "prepar",   "boot",
                                         "install", "warm",   "seed", "start",  "generate", "index",
                                         "regist",  "create", "make", "define", "compile" };
    return growth_has_word(f, code, words, sizeof words / sizeof *words);
}

static bool growth_is_running(const struct finder *f, node code)
{
    const struct deed_code *row = deeds_code(&f->deeds, code);
    return row && row->is_active;
}

// Whether all calls of it that can be seen are made once: from bodies of modules, from
// constructors, or from functions that run once themselves, and not in loops. What nobody is seen
// to call may be anybody's callback, but not where it calls what is called like a loader.
static bool growth_is_once(const struct finder *f, node code, int depth)
{
    size_t count, calls = 0;
    uint32_t name = growth_called_name(f, code);
    if (name == MAP_NONE || depth == CALLERS_MAX)
        return false;
    const struct deed *deeds = deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; i < count; i++) {
        const struct deed *deed = &deeds[i];
        if (deed->what != DEED_CALL || deed->code == code)
            continue;
        calls++;
        if (deed->in_loop)
            return false;
        if (!deed->is_building && !deed->in_constructor
            && !growth_is_once(f, deed->code, depth + 1))
            return false;
    }
    return calls > 0 || depth > 0;
}

// Whether somebody has the function in hand, and may call it unseen: as a callback, a bound method,
// under a decorator.
static bool growth_is_handed_on(const struct finder *f, node function)
{
    const struct csr *reverse = &f->heap->reverse;
    if (function == NODE_NONE)
        return false;
    for (uint64_t e = csr_first(reverse, function); e < csr_end(reverse, function); e++) {
        node holder = reverse->to[e] & EDGE_NODE;
        bool is_home =
            root_paths_module(&f->ways, holder)
            || finder_is(f, holder, TRAIT_CELL | TRAIT_FRAME | TRAIT_WRAPPER)
            || (finder_roles(f, holder) & ROLE_TYPE)
            || ((finder_roles(f, holder) & ROLE_DICT) && f->ways.from[holder] != NODE_NONE
                && (finder_roles(f, f->ways.from[holder]) & ROLE_TYPE));
        if (!is_home && marks_has(f->roots->only, holder))
            return true;
    }
    return false;
}

// What an object is called by all that hold it; nothing where somebody has no name for it.
struct owner_names {
    uint32_t items[HOLDERS_MAX];
    size_t count;
    const struct type *type; // null: not known
};

static void growth_name_owner(const struct finder *f, node owner, struct owner_names *names)
{
    const struct csr *reverse = &f->heap->reverse;
    uint64_t first = csr_first(reverse, owner), end = csr_end(reverse, owner);
    struct called called = { .owner = NODE_NONE };
    bool known = end - first < HOLDERS_MAX;
    for (uint64_t e = first; known && e < end; e++) {
        known = growth_called_by(f, reverse->to[e] & EDGE_NODE, owner, &called);
        if (known)
            names->items[names->count++] = called.name;
    }
    if (known && growth_called_root(f, owner, &called))
        names->items[names->count++] = called.name;
    names->count = known ? names->count : 0;
    names->type = growth_class_of(f, owner);
}

// Whether a call is seen to be of another object's method: by what that is called, or because it is
// a module's function, json.load().
static bool growth_is_of_another(const struct finder *f, const struct deed *call,
                                 const struct owner_names *of)
{
    const struct deed_code *caller = deeds_code(&f->deeds, call->code);
    if (call->reach == DEED_ATTRIBUTE && call->is_self && of && of->type && caller
        && growth_is_method(f, caller) && !growth_is_inner(f, caller))
        return !growth_is_method_of(f, caller, of->type, false);
    if (call->reach != DEED_ATTRIBUTE || call->word == DEEDS_NONE)
        return false;
    bool is_named = !of || !of->count;
    for (size_t i = 0; of && i < of->count; i++)
        is_named |= of->items[i] == call->word;
    if (!is_named)
        return true;
    if (!caller || caller->globals == NODE_NONE || call->depth)
        return false;
    node module = heap_node_of(f->heap, dict_lookup(f->py, heap_addr(f->heap, caller->globals),
                                                    f->deeds.texts[call->word]));
    if (module == NODE_NONE || !(finder_roles(f, module) & ROLE_MODULE))
        return false;
    const struct root_paths_module *row = root_paths_module(
        &f->ways, heap_member(f->heap, module, f->py->layout.PyModuleObject_md_dict));
    return row && row->is_library;
}

// Whether it is no function of a module, but a method, or inside of another one.
static bool growth_is_nested(const struct finder *f, const struct deed_code *code)
{
    struct text name = TEXT_INIT;
    addr qualname = growth_qualname(f, code);
    if (qualname)
        str_append(f->py, qualname, 400, &name);
    bool is = !name.size || strchr(text_string(&name), '.');
    text_fini(&name);
    return is;
}

// Whether what called a function is gone, by all that can be seen: a function of a module whose body
// is no more, that no code names.
static bool growth_is_of_gone(const struct finder *f, const struct deed_code *code, size_t named)
{
    if (!code->is_program || named || growth_is_nested(f, code))
        return false;
    for (size_t i = 0; i < f->deeds.code_count; i++)
        if (f->deeds.codes[i].is_body && f->deeds.codes[i].globals == code->globals)
            return false;
    return true;
}

// Whether it is done in a loop that goes on, or has been the last one.
static bool growth_is_in_loop(const struct finder *f, const struct deed_code *code,
                              const struct deed *deed)
{
    return code->is_active && deed->in_loop && !deeds_loop_is_over(&f->deeds, deed);
}

// Whether it is seen to run once: each of its calls is made by a body, or by a function that runs
// once itself; loops count while what they stand in runs. What no call is seen of may be called by
// anybody, but for what the body of a module is seen to have called and wait for, and for a function
// of a module that no code names and nobody has in hand: code that is gone called it, the body of
// its module, or a line at a prompt.
//
// of: the object whose method it is, where that is known, by the names that it has.
static bool growth_runs_once(const struct finder *f, node code, const struct owner_names *of,
                             int depth, int *budget)
{
    const struct deed_code *row = deeds_code(&f->deeds, code);
    uint32_t name = row ? growth_called_name(f, code) : MAP_NONE;
    size_t count, calls = 0, named = 0;
    if (name == MAP_NONE || depth == CALLERS_MAX || growth_is_handed_on(f, row->function))
        return false;
    bool is_method = growth_is_method(f, row);
    const struct deed *deeds = deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; i < count; i++) {
        const struct deed *deed = &deeds[i];
        named += deed->what != DEED_RENEW || !deed->is_building; // its own `def`
        if (deed->what != DEED_CALL || deed->code == code
            || (deed->reach == DEED_ATTRIBUTE && deed->depth && !is_method)
            || growth_is_of_another(f, deed, of))
            continue;
        const struct deed_code *caller = deeds_code(&f->deeds, deed->code);
        calls++;
        if (--*budget < 0 || !caller || growth_is_in_loop(f, caller, deed))
            return false;
        if (!deed->is_building
            && !growth_runs_once(f, deed->code, deed->is_self ? of : NULL, depth + 1, budget))
            return false;
    }
    if (calls)
        return true;
    return row->is_active ? row->is_first : growth_is_of_gone(f, row, named);
}

// Adding itself may be a loop that goes on.
static bool growth_is_over(const struct finder *f, const struct deed *deed,
                           const struct called *called)
{
    const struct deed_code *row = deeds_code(&f->deeds, deed->code);
    int budget = CALLS_MAX;
    struct owner_names names = { 0 };
    if (called->reach == DEED_ATTRIBUTE && deed->is_self && called->owner != NODE_NONE)
        growth_name_owner(f, called->owner, &names);
    return row && !growth_is_in_loop(f, row, deed)
           && growth_runs_once(f, deed->code, &names, 0, &budget);
}

static bool growth_same_class(const struct finder *f, const struct deed_code *a,
                              const struct deed_code *b)
{
    struct text x = TEXT_INIT, y = TEXT_INIT;
    bool same = a && b && growth_class_name(f, a, &x) && growth_class_name(f, b, &y)
                && !strcmp(text_string(&x), text_string(&y));
    text_fini(&x);
    text_fini(&y);
    return same;
}

// Whether the constructor of its class alone is seen to call it, be it in loops.
static bool growth_is_of_constructors(const struct finder *f, node code)
{
    size_t count, calls = 0;
    uint32_t name = growth_called_name(f, code);
    const struct deed *deeds = name == MAP_NONE ? NULL : deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; deeds && i < count; i++) {
        if (deeds[i].what != DEED_CALL || deeds[i].code == code)
            continue;
        calls++;
        if (!deeds[i].in_constructor || !deeds[i].is_self
            || !growth_same_class(f, deeds_code(&f->deeds, deeds[i].code),
                                  deeds_code(&f->deeds, code)))
            return false;
    }
    return calls > 0;
}

// --- deeds --------------------------------------------------------------------------------------

// Whether the named thing is a class's own, not its instances'.
static bool growth_is_of_class(const struct asking *asking)
{
    node owner = asking->called->owner;
    return owner != NODE_NONE && (finder_roles(asking->f, owner) & ROLE_TYPE);
}

// Whether it is done to an attribute of what a method is called `self`.
static bool growth_is_own(const struct finder *f, const struct deed *deed,
                          const struct deed_code *code)
{
    return deed->is_self && growth_is_method(f, code)
           && (deed->is_outer || !growth_is_inner(f, code));
}

// Whether a method of the program's class does it to `self`: def __missing__(self, key). What
// overrides a container's own way to add is told by who uses that.
static bool growth_is_to_self(const struct finder *f, const struct deed *deed,
                              const struct deed_code *code, const struct type *self)
{
    uint32_t name = growth_name_of_code(f, deed->code);
    bool overrides = name < f->deeds.take_first || name == f->deeds.words[DEEDS_SET_ITEM];
    return deed->reach == DEED_LOCAL && !deed->slot && deed->is_argument && code->is_program
           && !overrides && growth_is_method_of(f, code, self, false);
}

// 0: another's. 1: by its name. 2: class or module fit, too.
static int growth_fits(const struct asking *asking, const struct deed *deed)
{
    const struct finder *f = asking->f;
    const struct called *called = asking->called;
    const struct deed_code *code = deeds_code(&f->deeds, deed->code);
    if (!code || deed->depth < called->depth)
        return 0;
    switch (called->reach) {
    case DEED_GLOBAL:
        if (deed->reach == DEED_GLOBAL)
            return code->globals == called->owner ? 2 : 0;
        return deed->reach == DEED_ATTRIBUTE && code->is_program && !growth_is_own(f, deed, code)
                   ? 1
                   : 0;
    case DEED_ATTRIBUTE: {
        const struct type *type = growth_class_of(f, called->owner);
        if (deed->reach != DEED_ATTRIBUTE)
            return 0;
        if (growth_is_own(f, deed, code))
            return type && growth_is_method_of(f, code, type, growth_is_of_class(asking)) ? 2 : 0;
        return code->is_program ? 1 : 0;
    }
    case DEED_LOCAL:
        if (called->self)
            return growth_is_to_self(f, deed, code, called->self) ? 2 : 0;
        if (deed->reach == DEED_LOCAL)
            return deed->code == called->owner ? 2 : 0;
        return deed->reach == DEED_FREE && code->is_program ? 1 : 0;
    case DEED_FREE:
        return deed->reach == DEED_FREE ? (code->is_program ? 2 : 1) : 0;
    case DEED_KEY:
    case DEED_RESULT:
        return deed->reach == called->reach;
    }
    return 0;
}

// x[i] = y makes no list longer, nor does x[key][i] = y a list in x.
static bool growth_lengthens(const struct asking *asking, const struct deed *deed)
{
    if (deed->word != DEEDS_ITEM)
        return true;
    return !(asking->is_list && deed->depth == asking->called->depth)
           && !(asking->has_lists && deed->depth == asking->called->depth + 1);
}

// What the owner of the thing is called, as deeds know it.
static uint32_t growth_own_name(const struct asking *asking)
{
    node owner = asking->called->owner;
    return owner == NODE_NONE ? DEEDS_NONE
                              : deeds_name(&asking->f->deeds, finder_own_name(asking->f, owner));
}

// Where the program calls the library's method, by the name that the owner has.
static const struct deed *growth_caller(const struct asking *asking, const struct deed *adder)
{
    const struct finder *f = asking->f;
    size_t count;
    uint32_t name = growth_name_of_code(f, adder->code), own = growth_own_name(asking);
    const struct deed *deeds = name == MAP_NONE ? NULL : deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; deeds && own != DEEDS_NONE && i < count; i++)
        if (deeds[i].what == DEED_CALL && deeds[i].reach == DEED_ATTRIBUTE && deeds[i].word == own)
            return &deeds[i];
    return NULL;
}

// Whether it is a library's own business: _this() or __this__(), or what no code calls by its name.
static bool growth_is_internal(const struct finder *f, const struct deed *adder)
{
    uint32_t name = growth_name_of_code(f, adder->code);
    return !deeds_code(&f->deeds, adder->code)->is_program
           && (name == MAP_NONE || *f->deeds.texts[name] == '_');
}

// Where the program calls a method of the object that has the thing, when what adds is that object's
// own business. What only reads, or ends it, is not meant.
static const struct deed *growth_driver(const struct asking *asking)
{
    static const char *const others[] = { "get", "is_", "has", "read", "close", "items", "keys" };
    const struct deeds *deeds = &asking->f->deeds;
    uint32_t own = growth_own_name(asking);
    for (size_t i = 0; own != DEEDS_NONE && i < deeds->count; i++) {
        const struct deed *deed = &deeds->items[i];
        if (deed->what != DEED_CALL || deed->reach != DEED_ATTRIBUTE || deed->word != own
            || deed->is_building
            || (deed->name >= deeds->take_first && deed->name < deeds->take_end))
            continue;
        const char *name = deeds->texts[deed->name];
        bool is_other = *name == '_';
        for (size_t k = 0; k < sizeof others / sizeof *others; k++)
            is_other |= !strncmp(name, others[k], strlen(others[k]));
        if (!is_other)
            return deed;
    }
    return NULL;
}

// A library's add_this() and remove_this(): where the program calls the one and never the other, what
// takes out does nothing, whatever the object is called. The call of the one, or null.
static const struct deed *growth_call_of(const struct finder *f, const struct deed *deed)
{
    size_t count;
    uint32_t name = growth_name_of_code(f, deed->code);
    const struct deed *deeds = name == MAP_NONE ? NULL : deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; deeds && i < count; i++)
        if (deeds[i].what == DEED_CALL)
            return &deeds[i];
    return NULL;
}

static bool growth_begins(const struct finder *f, const struct deed *deed, const char *word)
{
    uint32_t name = growth_name_of_code(f, deed->code);
    return name != MAP_NONE && !strncmp(f->deeds.texts[name], word, strlen(word));
}

static void growth_find_opposites(const struct finder *f, struct growth_answer *growth)
{
    static const char *const pairs[][2] = {
        { "add", "remove" },      { "connect", "disconnect" },
        { "regist", "unregist" }, { "subscribe", "unsubscribe" },
        { "attach", "detach" },   { "listen", "unlisten" }
    };
    const struct deed *adder = growth->adder, *taker = growth->taker;
    if (!adder || !taker || deeds_code(&f->deeds, adder->code)->is_program
        || deeds_code(&f->deeds, taker->code)->is_program || growth_call_of(f, taker))
        return;
    const struct deed *call = growth_call_of(f, adder);
    for (size_t i = 0; call && i < sizeof pairs / sizeof *pairs; i++)
        if (growth_begins(f, adder, pairs[i][0]) && growth_begins(f, taker, pairs[i][1])) {
            growth->caller = call;
            growth->idle = taker;
            growth->taker = NULL;
            return;
        }
}

static void growth_note_add(struct asking *asking, const struct deed *deed, int fit)
{
    struct growth_answer *growth = asking->growth;
    const struct finder *f = asking->f;
    bool goes_on = deed->is_endless && asking->called->reach != DEED_ATTRIBUTE;
    if (!goes_on
        && (deed->is_building || (deed->in_constructor && !growth_is_of_class(asking))
            || (deed->is_self && !growth_is_of_class(asking)
                && growth_is_of_constructors(f, deed->code))
            || (!growth_is_running(f, deed->code) && growth_is_builder(f, deed->code)
                && growth_is_once(f, deed->code, 0))
            || growth_is_over(f, deed, asking->called))) {
        asking->built = true;
        return;
    }
    const struct deed_code *code = deeds_code(&f->deeds, deed->code);
    const struct deed *caller = code->is_program ? NULL : growth_caller(asking, deed);
    int rank = code->is_program ? (fit == 2 ? 4 : 2) : caller ? 3 : fit == 2;
    if (!growth->adder || rank > asking->rank) {
        growth->adder = deed;
        growth->caller = caller;
        growth->driver = !caller && !code->is_program ? growth_driver(asking) : NULL;
        growth->surely = fit == 2;
        asking->rank = rank;
    }
    asking->deep |= deed->depth > asking->called->depth;
    growth->state = GROWTH_ADDS;
}

// Whether the function that takes out, or one that adds, asks how much there is.
static bool growth_is_measured(const struct asking *asking, const struct deed *deeds, size_t count,
                               node code)
{
    for (size_t i = 0; i < count; i++)
        if (deeds[i].what == DEED_MEASURE && deeds[i].code == code
            && growth_fits(asking, &deeds[i]))
            return true;
    return false;
}

// What is made anew where it is filled is no emptying.
static bool growth_adds_in(const struct deed *deeds, size_t count, node code)
{
    for (size_t i = 0; i < count; i++)
        if (deeds[i].what == DEED_ADD && deeds[i].code == code)
            return true;
    return false;
}

// What empties it as well makes it anew.
static bool growth_clears_in(const struct finder *f, const struct deed *deeds, size_t count,
                             node code)
{
    uint32_t clear = deeds_name(&f->deeds, "clear");
    for (size_t i = 0; i < count; i++)
        if (deeds[i].what == DEED_TAKE && deeds[i].code == code && deeds[i].word == clear)
            return true;
    return false;
}

// Whether each time that the one runs, the other does: d[k] = v; self.sweep()
static bool growth_always_calls(const struct finder *f, node code, node callee)
{
    size_t count;
    uint32_t name = growth_name_of_code(f, callee);
    const struct deed *deeds = name == MAP_NONE ? NULL : deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; deeds && i < count; i++)
        if (deeds[i].what == DEED_CALL && deeds[i].code == code && deeds[i].is_certain)
            return true;
    return false;
}

// Names of what lies ready to be used again.
static bool growth_is_called_pool(struct finder *f, node n, const struct called *called)
{
    static const char *const words[] = { "pool",  "free",   "idle",  "avail",
                                         "spare", "recycl", "unused" };
    const struct type *type = growth_class_of(f, called->owner);
    const char *names[] = { finder_own_name(f, n), type ? type->name : "" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t k = 0; k < 2; k++)
            if (strcasestr(names[k], words[i]))
                return true;
    return false;
}

// Whether it is what a library offers, and the program never calls of what has that name.
static bool growth_is_idle(const struct asking *asking, const struct deed *deed)
{
    const struct finder *f = asking->f;
    const struct deed_code *code = deeds_code(&f->deeds, deed->code);
    uint32_t name = growth_name_of_code(f, deed->code), own = growth_own_name(asking);
    size_t count;
    if (code->is_program || name == MAP_NONE || *f->deeds.texts[name] == '_' || own == DEEDS_NONE)
        return false;
    const struct deed *deeds = deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; i < count; i++)
        if (deeds[i].what == DEED_CALL && (deeds[i].word == DEEDS_NONE || deeds[i].word == own))
            return false;
    return true;
}

// deeds: all of the same name.
static void growth_note_take(struct asking *asking, const struct deed *deeds, size_t count,
                             const struct deed *deed)
{
    struct growth_answer *growth = asking->growth;
    if (deed->is_building || deed->in_constructor || deed->depth > asking->called->depth)
        return;
    if (!growth->taker)
        growth->taker = deed;
    asking->taken |= !growth_is_idle(asking, deed);
    growth->is_measured |= growth_is_measured(asking, deeds, count, deed->code);
}

// A new thing in its place takes out what was in the old one, but not where things are made.
static void growth_note_renewal(struct asking *asking, const struct deed *deeds, size_t count,
                                const struct deed *deed)
{
    asking->built |= deed->is_filled;
    asking->is_empty |= !deed->is_filled;
    asking->filled |= deed->is_filled && deed->in_constructor;
    if (deed->reach != DEED_FREE && !growth_adds_in(deeds, count, deed->code)
        && !(deed->is_self && growth_is_of_constructors(asking->f, deed->code)))
        growth_note_take(asking, deeds, count, deed);
}

static void growth_ask_arguments(struct asking *asking, const struct deed *pass);
static void growth_ask_results(struct asking *asking, const struct deed *given);

static void growth_ask_deeds(struct asking *asking, bool follow)
{
    const struct finder *f = asking->f;
    size_t count;
    const struct deed *deeds = deeds_of(&f->deeds, asking->called->name, &count);
    for (size_t i = 0; i < count; i++) {
        const struct deed *deed = &deeds[i];
        int fit = deed->what == DEED_CALL ? 0 : growth_fits(asking, deed);
        if (!fit) { // who knows whose it is
            asking->passed |= (deed->what == DEED_ADD || deed->what == DEED_ADD_NAME)
                              && deed->reach != DEED_LOCAL && deed->reach != DEED_GLOBAL;
            continue;
        }
        switch ((enum deed_what)deed->what) {
        case DEED_ADD_NAME:
            if (asking->called->is_namespace)
                growth_note_add(asking, deed, fit);
            break;
        case DEED_ADD:
            if (asking->called->is_namespace || !growth_lengthens(asking, deed))
                break;
            if (growth_clears_in(f, deeds, count, deed->code))
                asking->built = true;
            else
                growth_note_add(asking, deed, fit);
            break;
        case DEED_TAKE:
            asking->others |= deed->word != f->deeds.words[DEEDS_POP] || deed->has_arguments;
            growth_note_take(asking, deeds, count, deed);
            break;
        case DEED_RENEW:
            if (fit == 2)
                growth_note_renewal(asking, deeds, count, deed);
            break;
        case DEED_PASS:
            if (follow)
                growth_ask_arguments(asking, deed);
            else
                asking->passed = true;
            break;
        case DEED_ESCAPE:
            if (deed->word == DEEDS_RETURN && follow)
                growth_ask_results(asking, deed);
            asking->passed |= deed->depth <= asking->called->depth;
            break;
        case DEED_LOOK:
            if (asking->is_default && deed->depth == asking->called->depth)
                growth_note_add(asking, deed, fit);
            break;
        case DEED_MEASURE:
        case DEED_CALL:
            break;
        }
    }
}

// What the function does to the argument that it gets. Of a class: its constructor.
static void growth_ask_arguments(struct asking *asking, const struct deed *pass)
{
    const struct finder *f = asking->f;
    const struct called *kept = asking->called;
    size_t found = 0;
    for (size_t i = 0; i < f->deeds.code_count && found < CALLED_MAX; i++) {
        const struct deed_code *code = &f->deeds.codes[i];
        if (growth_name_of_code(f, code->code) != pass->word)
            continue;
        found++;
        const struct frame frame = { .code = heap_addr(f->heap, code->code) };
        uint32_t slot = pass->slot - (pass->is_dotted && !growth_is_method(f, code) ? 1u : 0u);
        addr name = frame_local_name(f->py, &frame, slot);
        const struct called argument = { .reach = DEED_LOCAL,
                                         .name =
                                             name ? map_get(&f->deeds.of_address, name) : MAP_NONE,
                                         .owner = code->code };
        if (argument.name == MAP_NONE)
            continue;
        asking->called = &argument;
        growth_ask_deeds(asking, false);
    }
    asking->called = kept;
    asking->passed |= !found;
}

// What is done to the results of a function that returns the thing, or an item of it: cache()[k] = v.
static void growth_ask_results(struct asking *asking, const struct deed *given)
{
    const struct deeds *deeds = &asking->f->deeds;
    const struct called *kept = asking->called;
    uint32_t name = growth_name_of_code(asking->f, given->code);
    if (name == MAP_NONE || name == deeds->words[DEEDS_GET] || name == deeds->words[DEEDS_ITEMS]
        || name == deeds->words[DEEDS_VALUES] || name == deeds->words[DEEDS_POP])
        return;
    bool is_item = given->depth > kept->depth;
    const struct called result = { .reach = DEED_RESULT,
                                   .name = name,
                                   .depth = (uint8_t)(is_item ? 0 : kept->depth - given->depth),
                                   .owner = NODE_NONE };
    bool added = asking->growth->state == GROWTH_ADDS;
    asking->called = &result;
    growth_ask_deeds(asking, false);
    asking->called = kept;
    asking->deep |= is_item && !added && asking->growth->state == GROWTH_ADDS;
}

// The key that a dict has it under, where that is a text: app["peers"].
static void growth_ask_key(struct asking *asking, node from, node n)
{
    const struct finder *f = asking->f;
    struct heap_edges edges = { 0 };
    if ((finder_roles(f, from) & ROLE_DICT) && !growth_is_namespace(f, from)
        && !finder_is_globals(f, from) && heap_edges_between(f->heap, from, n, &edges, NULL)
        && edges.count) {
        const struct called called = { .reach = DEED_KEY,
                                       .name = growth_edge_name(f, heap_edge_name(&edges, 0)),
                                       .owner = NODE_NONE };
        asking->called = &called;
        if (called.name != DEEDS_NONE)
            growth_ask_deeds(asking, false);
        asking->called = NULL;
    }
    heap_edges_fini(&edges);
}

// What methods of its class do to `self`, where that is the program's: class Cache(dict).
static void growth_ask_self(struct asking *asking, node n)
{
    const struct finder *f = asking->f;
    const struct called called = { .reach = DEED_LOCAL,
                                   .name = f->deeds.words[DEEDS_SELF],
                                   .owner = NODE_NONE,
                                   .self = finder_type(f, n) };
    if (!(finder_roles(f, n) & ROLE_INSTANCE) || !growth_is_plain(f, n))
        return;
    asking->called = &called;
    growth_ask_deeds(asking, false);
    asking->called = NULL;
}

// The class of one of its items without its module, as deeds know it.
static uint32_t growth_item_class(const struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n);
    for (uint64_t e = first; e < end && e < first + ITEMS_LOOKED; e++) {
        node item = forward->to[e] & EDGE_NODE;
        const char *name = finder_type_name(f, item), *dot = strrchr(name, '.');
        if ((finder_roles(f, item) & ROLE_INSTANCE) && dot)
            return deeds_name(&f->deeds, dot + 1);
    }
    return DEEDS_NONE;
}

// What makes such items of the thing's owner, where both are a library's: Table(name, METADATA). Their
// constructor tells the owner.
static void growth_ask_makers(struct asking *asking, node n)
{
    struct finder *f = asking->f;
    uint32_t class = growth_item_class(f, n), own = growth_own_name(asking);
    size_t count;
    if (class == DEEDS_NONE || own == DEEDS_NONE)
        return;
    const struct deed *deeds = deeds_of(&f->deeds, own, &count);
    for (size_t i = 0; i < count; i++) {
        const struct deed_code *code = deeds_code(&f->deeds, deeds[i].code);
        if (deeds[i].what == DEED_PASS && deeds[i].word == class && code && code->is_program
            && !code->is_body)
            growth_note_add(asking, &deeds[i], 1);
    }
}

static void growth_ask(struct asking *asking, node from, node n)
{
    struct called called = { .owner = NODE_NONE };
    bool is_space = growth_is_namespace(asking->f, n);
    if (from != NODE_NONE ? !growth_climb(asking->f, from, n, &called)
                          : !growth_called_root(asking->f, n, &called))
        return;
    called.is_namespace = is_space;
    asking->called = &called;
    asking->growth->state =
        asking->growth->state == GROWTH_UNKNOWN ? GROWTH_NONE : asking->growth->state;
    growth_ask_deeds(asking, true);
    if (called.reach == DEED_ATTRIBUTE && asking->growth->state != GROWTH_ADDS)
        growth_ask_makers(asking, n);
    asking->is_pool |= asking->is_list && asking->growth->taker && !asking->others
                       && (asking->filled || growth_is_called_pool(asking->f, n, &called));
}

// The names of a module that functions give to it themselves.
static void growth_ask_globals(struct asking *asking, node dict)
{
    const struct called called = {
        .reach = DEED_GLOBAL, .name = asking->f->deeds.globals, .owner = dict, .is_namespace = true
    };
    asking->called = &called;
    growth_ask_deeds(asking, false);
}

// x[key] = value in what is called a refresh: the keys are the same each time.
static bool growth_renews(const struct finder *f, const struct deed *adder)
{
    static const char *const words[] = { "refresh", "reload", "resync", "renew", "recalc" };
    return adder->word == DEEDS_ITEM && growth_has_word(f, adder->code, words, 5);
}

// deque(maxlen=N)
static uint64_t growth_most(const struct finder *f, node n)
{
    int64_t most = -1;
    if ((finder_roles(f, n) & ROLE_DEQUE) && f->py->layout.dequeobject_maxlen >= 0)
        most = (int64_t)READ(f->py, heap_addr(f->heap, n), dequeobject_maxlen);
    return most > 0 ? (uint64_t)most : 0;
}

// Whether one of its first items is a list.
static bool growth_has_lists(const struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n);
    for (uint64_t e = first; e < end && e < first + ITEMS_LOOKED; e++)
        if (finder_roles(f, forward->to[e] & EDGE_NODE) & ROLE_LIST)
            return true;
    return false;
}

// How long the longest container is that an item is, or has under a name of its own; what cannot grow
// without end does not count.
static uint64_t growth_item_length(const struct finder *f, node item)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, item), end = csr_end(forward, item);
    uint64_t longest = (finder_roles(f, item) & ROLE_GROWS) ? finder_length(f, item) : 0;
    for (uint64_t e = first; e < end && e < first + PARTS_LOOKED; e++) {
        node part = forward->to[e] & EDGE_NODE;
        uint64_t length = (finder_roles(f, part) & ROLE_GROWS) && !growth_most(f, part)
                                  && f->dominate->parent[part] == item
                              ? finder_length(f, part)
                              : 0;
        longest = length > longest ? length : longest;
    }
    return longest;
}

// Whether its items are so long that it may be these that grow.
static bool growth_has_long_items(const struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n), sum = 0, looked = 0;
    uint64_t stride = (end - first) / ITEMS_SAMPLE + 1;
    for (uint64_t e = first; e < end; e += stride, looked++)
        sum += growth_item_length(f, forward->to[e] & EDGE_NODE);
    return looked && sum / looked >= ITEMS_LONG;
}

static void growth_find_at(struct finder *f, node n, struct growth_answer *growth, bool by_keys);

// What has its keys, where that does not grow. It is not asked for its own keys' sake.
static node growth_find_keys(struct finder *f, node n)
{
    struct growth_answer growth;
    node home = key_home_find(f, n);
    if (home == NODE_NONE || (finder_roles(f, home) & ROLE_TUPLE))
        return home;
    growth_find_at(f, home, &growth, false);
    return growth.state == GROWTH_NONE || growth.state == GROWTH_BUILT || growth.quiet ? home
                                                                                       : NODE_NONE;
}

// What says that its keys are the same again and again. Holes are evidence where something takes out.
static void growth_ask_ages(struct finder *f, node n, struct growth_answer *growth, bool by_keys)
{
    growth->quiet = quiet_since(f, n);
    if (!(finder_roles(f, n) & ROLE_DICT) || growth->quiet || !by_keys)
        return;
    growth->keyed_by = growth_find_keys(f, n);
    if (growth->keyed_by != NODE_NONE)
        return;
    // Where one function puts in and takes out, it moves things in one go, perhaps.
    if (!growth->taker || growth->taker->code != growth->adder->code)
        ages_find(f, n, growth->taker != NULL, &growth->ages);
}

void growth_find(struct finder *f, node n, struct growth_answer *growth)
{
    growth_find_at(f, n, growth, true);
}

static void growth_find_at(struct finder *f, node n, struct growth_answer *growth, bool by_keys)
{
    *growth = (struct growth_answer){ .state = GROWTH_UNKNOWN, .keyed_by = NODE_NONE };
    struct asking asking = { .f = f,
                             .growth = growth,
                             .is_list = finder_roles(f, n) & ROLE_LIST,
                             .is_default = finder_is(f, n, TRAIT_DEFAULT_DICT),
                             .has_lists = growth_has_lists(f, n) };
    const struct csr *reverse = &f->heap->reverse;
    if (root_paths_module(&f->ways, n)) {
        growth_ask_globals(&asking, n);
        return;
    }
    node first = f->ways.from[n];
    if (growth_is_namespace(f, n)) { // what is asked is what its owner is called
        node owner = first;
        growth_ask(&asking, f->ways.from[owner] == owner ? NODE_NONE : f->ways.from[owner], owner);
        if (asking.called && growth->state != GROWTH_ADDS) {
            struct called called = { .is_namespace = true, .owner = NODE_NONE };
            if (growth_climb(f, f->ways.from[owner], owner, &called)) {
                called.is_namespace = true;
                asking.called = &called;
                growth_ask_deeds(&asking, true);
            }
        }
        return;
    }
    growth_ask_self(&asking, n);
    growth_ask(&asking, NODE_NONE, n);
    if (first != NODE_NONE && first != n) {
        growth_ask(&asking, first, n);
        growth_ask_key(&asking, first, n);
    }
    uint64_t from = csr_first(reverse, n), end = csr_end(reverse, n);
    for (uint64_t e = from; e < end && e < from + HOLDERS_MAX; e++) {
        node holder = reverse->to[e] & EDGE_NODE;
        if (holder != first && holder != n && !(reverse->to[e] & EDGE_BORROWED)
            && f->ways.from[holder] != NODE_NONE)
            growth_ask(&asking, holder, n);
    }
    if (growth->state == GROWTH_NONE && asking.built && !asking.passed)
        growth->state = GROWTH_BUILT;
    if (growth->caller && growth->taker && !asking.taken) {
        growth->idle = growth->taker;
        growth->taker = NULL;
    }
    growth_find_opposites(f, growth);
    if (growth->state == GROWTH_ADDS && (!asking.deep || !growth_has_long_items(f, n)))
        growth_ask_ages(f, n, growth, by_keys);
    if (growth->state == GROWTH_ADDS)
        growth->is_renewed = growth_renews(f, growth->adder);
    growth->is_pool = asking.is_pool;
    growth->most = growth_most(f, n);
    if (growth->state == GROWTH_ADDS && growth->taker)
        growth->is_bounded |= growth_always_calls(f, growth->adder->code, growth->taker->code);
    growth->is_bounded |= growth->is_measured || growth->is_pool || growth->most;
    bool is_one =
        growth_is_plain(f, n) || finder_is(f, n, TRAIT_TEXT | TRAIT_BYTES | TRAIT_BYTEARRAY);
    if (growth->state == GROWTH_NONE && (asking.passed || asking.is_empty || f->deeds.unread))
        growth->state = GROWTH_UNKNOWN;
    if (!is_one && growth->state != GROWTH_ADDS) // what it has in it was not asked about
        growth->state = GROWTH_UNKNOWN;
}

// "Pipeline.put() app.py:12": up to 3.10 code objects do not know their class, functions do.
static const char *growth_place(struct finder *f, const struct deed *deed)
{
    const struct deed_code *code = deeds_code(&f->deeds, deed->code);
    struct text place = TEXT_INIT, name = TEXT_INIT;
    addr qualname = code ? growth_qualname(f, code) : 0;
    code_name(f->heap, deed->code, &place);
    const char *file = strstr(text_string(&place), "() ");
    if (qualname)
        str_append(f->py, qualname, 100, &name);
    const char *said = name.size && file ? finder_text(f, "%s%s", text_string(&name), file)
                                         : finder_text(f, "%s", text_string(&place));
    text_fini(&place);
    text_fini(&name);
    return said;
}

static const char *growth_called(struct finder *f, const struct growth_answer *growth)
{
    return growth->caller ? finder_text(f, ", called in %s", growth_place(f, growth->caller)) : "";
}

// Who adds: the words before "adds to it". What is a library's own business is not named, but its
// class: "the code of ChainMap, whose new_child() is called in enter() app.py:12,"
static const char *growth_adder(struct finder *f, const struct growth_answer *growth)
{
    const char *place = growth_place(f, growth->adder), *dot = NULL, *end = strstr(place, "()");
    for (const char *at = place; end && at < end; at++)
        dot = *at == '.' ? at : dot;
    if (!dot || growth->caller || (!growth->driver && !growth_is_internal(f, growth->adder)))
        return place;
    int length = (int)(dot - place);
    if (!growth->driver)
        return finder_text(f, "the code of %.*s", length, place);
    return finder_text(f, "the code of %.*s, whose %s() is called in %s,", length, place,
                       f->deeds.texts[growth->driver->name], growth_place(f, growth->driver));
}

static const char *growth_ages_text(struct finder *f, const struct growth_answer *growth)
{
    const struct ages *ages = &growth->ages;
    const char *place = growth_adder(f, growth);
    switch (ages->say) {
    case AGES_REPLACED:
        return finder_text(f,
                           "; %s fills it by key, and the keys come again: of %s values looked at, "
                           "%s are newer than those of the last keys",
                           place, finder_count(f, ages->of), finder_count(f, ages->count));
    case AGES_SETTLED:
        return finder_text(f,
                           "; %s adds to it, but has not lately: %s objects of the heap are newer "
                           "than its newest value",
                           place, finder_count(f, ages->count));
    case AGES_CHURNED:
        return finder_text(f,
                           "; %s adds to it, %s takes things out again: of %s places in its table "
                           "%s are empty again, so entries come and go",
                           place, growth_place(f, growth->taker), finder_count(f, ages->of),
                           finder_count(f, ages->count));
    case AGES_EVEN:
        return finder_text(f,
                           "; %s adds to it: %s objects in it are young, though only %s more were "
                           "made than freed since the collector ran last, so as many went as came",
                           place, finder_count(f, ages->count), finder_count(f, ages->of));
    case AGES_NOTHING:
        break;
    }
    return "";
}

const char *growth_text(struct finder *f, const struct growth_answer *growth)
{
    switch (growth->state) {
    case GROWTH_ADDS:
        if (growth->most)
            return finder_text(f, "; %s adds to it, and it holds at most %s",
                               growth_adder(f, growth), finder_count(f, growth->most));
        if (growth->is_pool)
            return finder_text(f, "; %s gives things back to it, %s takes them again",
                               growth_adder(f, growth), growth_place(f, growth->taker));
        if (growth->keyed_by != NODE_NONE)
            return finder_text(
                f,
                "; %s fills it by key, and its keys are those of %s, which does not seem to grow",
                growth_adder(f, growth), finder_name(f, growth->keyed_by));
        if (growth->ages.say)
            return growth_ages_text(f, growth);
        if (growth->taker && growth->taker->code == growth->adder->code)
            return finder_text(f, "; %s adds to it, and takes things out again%s",
                               growth_adder(f, growth),
                               growth->is_measured ? ", after looking at its size" : "");
        if (growth->quiet)
            return finder_text(
                f,
                "; %s adds to it, but it has not changed lately: other dicts have %s times since",
                growth_adder(f, growth), finder_count(f, growth->quiet));
        if (growth->is_renewed)
            return finder_text(f, "; %s puts rows into it, and replaces those of the same name",
                               growth_adder(f, growth));
        if (growth->taker)
            return finder_text(f, "; %s adds to it%s, %s takes things out again%s",
                               growth_adder(f, growth),
                               growth->surely ? growth_called(f, growth) : " as it seems",
                               growth_place(f, growth->taker),
                               growth->is_measured ? " after looking at its size" : "");
        if (growth->idle)
            return finder_text(
                f, "; %s adds to it%s; %s would take things out, but the program never calls it",
                growth_adder(f, growth), growth_called(f, growth), growth_place(f, growth->idle));
        return finder_text(f,
                           "; %s %s it%s, and no function that names it seems to remove anything",
                           growth_adder(f, growth), growth->surely ? "adds to" : "seems to add to",
                           growth_called(f, growth));
    case GROWTH_NONE:
        return "; no function seems to add to it";
    case GROWTH_BUILT:
    case GROWTH_UNKNOWN:
        return "";
    }
    return "";
}
