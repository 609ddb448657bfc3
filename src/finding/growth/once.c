// SPDX-License-Identifier: GPL-3.0-or-later
// Functions that run once: see once.h.
#include "finding/growth/once.h"

#include <string.h>

#include "finding/growth/method.h"
#include "graph/marks.h"
#include "py/objects/dict.h"
#include "py/objects/str.h"

#define CALLERS_MAX 6  // calls of calls
#define CALLS_MAX 2000 // looked at to see whether a function runs once

// What calls of it name: of a constructor, the class.
static uint32_t once_called_name(const struct finder *f, node code)
{
    static const char *const constructors[] = { ".__init__", ".__new__", ".__post_init__" };
    const struct deed_code *row = deeds_code(&f->deeds, code);
    addr qualname = row ? method_qualname(f, row) : 0;
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
    return method_name(f, code);
}

// Names of functions that build what is meant to stay.
static bool once_is_called_builder(const struct finder *f, node code)
{
    static const char *const words[] = { "load",    "read",   "init", "setup",  "build",    "parse",
                                         "import",  "config", "fill", "popul",  "prepar",   "boot",
                                         "install", "warm",   "seed", "start",  "generate", "index",
                                         "regist",  "create", "make", "define", "compile" };
    return method_has_word(f, code, words, sizeof words / sizeof *words);
}

static bool once_is_running(const struct finder *f, node code)
{
    const struct deed_code *row = deeds_code(&f->deeds, code);
    return row && row->is_active;
}

// Whether all calls of it that can be seen are made once: from bodies of modules, from
// constructors, or from functions that run once themselves, and not in loops. What nobody is seen
// to call may be anybody's callback, but not where it calls what is called like a loader.
static bool once_by_calls(const struct finder *f, node code, int depth)
{
    size_t count, calls = 0;
    uint32_t name = once_called_name(f, code);
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
        if (!deed->is_building && !deed->in_constructor && !once_by_calls(f, deed->code, depth + 1))
            return false;
    }
    return calls > 0 || depth > 0;
}

bool once_is_builder(const struct finder *f, node code)
{
    return !once_is_running(f, code) && once_is_called_builder(f, code)
           && once_by_calls(f, code, 0);
}

// Whether somebody has the function in hand, and may call it unseen: as a callback, a bound method,
// under a decorator.
static bool once_is_handed_on(const struct finder *f, node function)
{
    const struct csr *reverse = &f->heap->reverse;
    if (function == NODE_NONE)
        return false;
    for (uint64_t e = csr_first(reverse, function); e < csr_end(reverse, function); e++) {
        node holder = reverse->to[e] & EDGE_NODE;
        bool is_home =
            root_paths_module(&f->paths, holder)
            || finder_is(f, holder, TRAIT_CELL | TRAIT_FRAME | TRAIT_WRAPPER)
            || (finder_roles(f, holder) & ROLE_TYPE)
            || ((finder_roles(f, holder) & ROLE_DICT) && f->paths.from[holder] != NODE_NONE
                && (finder_roles(f, f->paths.from[holder]) & ROLE_TYPE));
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

static void once_name_owner(const struct finder *f, node owner, struct owner_names *names)
{
    const struct csr *reverse = &f->heap->reverse;
    uint64_t first = csr_first(reverse, owner), end = csr_end(reverse, owner);
    struct called called = { .owner = NODE_NONE };
    bool known = end - first < HOLDERS_MAX;
    for (uint64_t e = first; known && e < end; e++) {
        known = called_by(f, reverse->to[e] & EDGE_NODE, owner, &called);
        if (known)
            names->items[names->count++] = called.name;
    }
    if (known && called_by_frame(f, owner, &called))
        names->items[names->count++] = called.name;
    names->count = known ? names->count : 0;
    names->type = method_owner_class(f, owner);
}

// Whether a call is seen to be of another object's method: by what that is called, or because it is
// a module's function, json.load().
static bool once_is_of_another(const struct finder *f, const struct deed *call,
                               const struct owner_names *of)
{
    const struct deed_code *caller = deeds_code(&f->deeds, call->code);
    if (call->reach == DEED_ATTRIBUTE && call->is_self && of && of->type && caller
        && method_is(f, caller) && !method_is_inner(f, caller))
        return !method_is_of(f, caller, of->type, false);
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
        &f->paths, heap_member(f->heap, module, f->py->layout.PyModuleObject_md_dict));
    return row && row->is_library;
}

// Whether what called a function is gone, by all that can be seen: a function of a module whose body
// is no more, that no code names.
static bool once_is_of_gone(const struct finder *f, const struct deed_code *code, size_t named)
{
    if (!code->is_program || named || method_is_nested(f, code))
        return false;
    for (size_t i = 0; i < f->deeds.code_count; i++)
        if (f->deeds.codes[i].is_body && f->deeds.codes[i].globals == code->globals)
            return false;
    return true;
}

// Whether it is done in a loop that goes on, or has been the last one.
static bool once_is_in_loop(const struct finder *f, const struct deed_code *code,
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
static bool once_runs(const struct finder *f, node code, const struct owner_names *of, int depth,
                      int *budget)
{
    const struct deed_code *row = deeds_code(&f->deeds, code);
    uint32_t name = row ? once_called_name(f, code) : MAP_NONE;
    size_t count, calls = 0, named = 0;
    if (name == MAP_NONE || depth == CALLERS_MAX || once_is_handed_on(f, row->function))
        return false;
    bool is_method = method_is(f, row);
    const struct deed *deeds = deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; i < count; i++) {
        const struct deed *deed = &deeds[i];
        named += deed->what != DEED_RENEW || !deed->is_building; // its own `def`
        if (deed->what != DEED_CALL || deed->code == code
            || (deed->reach == DEED_ATTRIBUTE && deed->depth && !is_method)
            || once_is_of_another(f, deed, of))
            continue;
        const struct deed_code *caller = deeds_code(&f->deeds, deed->code);
        calls++;
        if (--*budget < 0 || !caller || once_is_in_loop(f, caller, deed))
            return false;
        if (!deed->is_building
            && !once_runs(f, deed->code, deed->is_self ? of : NULL, depth + 1, budget))
            return false;
    }
    if (calls)
        return true;
    return row->is_active ? row->is_first : once_is_of_gone(f, row, named);
}

// Adding itself may be a loop that goes on.
bool once_is_over(const struct finder *f, const struct deed *deed, const struct called *called)
{
    const struct deed_code *row = deeds_code(&f->deeds, deed->code);
    int budget = CALLS_MAX;
    struct owner_names names = { 0 };
    if (called->reach == DEED_ATTRIBUTE && deed->is_self && called->owner != NODE_NONE)
        once_name_owner(f, called->owner, &names);
    return row && !once_is_in_loop(f, row, deed) && once_runs(f, deed->code, &names, 0, &budget);
}

// Whether the constructor of its class alone is seen to call it, be it in loops.
bool once_is_of_constructors(const struct finder *f, node code)
{
    size_t count, calls = 0;
    uint32_t name = once_called_name(f, code);
    const struct deed *deeds = name == MAP_NONE ? NULL : deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; deeds && i < count; i++) {
        if (deeds[i].what != DEED_CALL || deeds[i].code == code)
            continue;
        calls++;
        if (!deeds[i].in_constructor || !deeds[i].is_self
            || !method_same_class(f, deeds_code(&f->deeds, deeds[i].code),
                                  deeds_code(&f->deeds, code)))
            return false;
    }
    return calls > 0;
}
