// SPDX-License-Identifier: GPL-3.0-or-later
// closure: functions that keep big objects alive through their free variables.
//
// A cell counts for the first function that has it; if a running frame has it, too, the frame keeps
// it. All variables of one function are one finding, and so are a function and those inside of what
// it keeps.
#include <stdlib.h>
#include <string.h>

#include "finding/buckets.h"
#include "finding/finder.h"
#include "finding/growth/growth.h"
#include "graph/marks.h"

#define CELLS_MAX 1000   // of one function
#define BYTES_LEAST 1024 // of one cell's content: less is an ordinary variable
#define GROUPS_MAX 20    // reported
#define UP_MAX 4         // steps to the container that has it as an item

struct closure_search {
    struct finder *f;
    uint64_t *seen;        // cells already counted
    struct buckets groups; // by code object and variable
    node told[GROUPS_MAX]; // what the reported groups keep
    size_t told_count;
};

static bool closure_add_cell(struct closure_search *search, node function, node code, node cell,
                             uint32_t i, struct err *err)
{
    const struct finder *f = search->f;
    node value = heap_member(f->heap, cell, f->py->layout.PyCellObject_ob_ref);
    uint64_t bytes = finder_retained(f, cell);
    struct bucket *group;
    if (marks_has(search->seen, cell) || marks_has(f->roots->all, cell) || value == NODE_NONE
        || bytes < BYTES_LEAST || !tree_dominates(&f->tree, cell, value)
        || (finder_roles(f, value) & (ROLE_TYPE | ROLE_FUNCTION | ROLE_MODULE | ROLE_CODE)))
        return true;
    marks_set(search->seen, cell);
    if (!buckets_add(&search->groups, heap_addr(f->heap, code) << 10 | i, function, bytes, &group,
                     err))
        return false;
    if (group->largest == function)
        group->other = value;
    return true;
}

static bool closure_look_at(struct closure_search *search, node function, struct err *err)
{
    const struct finder *f = search->f;
    const struct layout *l = &f->py->layout;
    node closure = heap_member(f->heap, function, l->PyFunctionObject_func_closure);
    node code = heap_member(f->heap, function, l->PyFunctionObject_func_code);
    if (closure == NODE_NONE || code == NODE_NONE || !(finder_roles(f, closure) & ROLE_TUPLE))
        return true;
    uint64_t count = finder_length(f, closure);
    for (uint32_t i = 0; i < count && i < CELLS_MAX; i++) {
        node cell = heap_member(f->heap, closure, l->PyTupleObject_ob_item + 8 * (int32_t)i);
        if (cell != NODE_NONE && finder_is(f, cell, TRAIT_CELL)
            && !closure_add_cell(search, function, code, cell, i, err))
            return false;
    }
    return true;
}

// An object that a factory made for its function is often what the closure is for; data seldom is.
static enum severity closure_judge(const struct finder *f, const struct bucket *group,
                                   bool is_program)
{
    bool is_data = !(finder_roles(f, group->other) & ROLE_INSTANCE);
    return finder_severity(f, group->bytes,
                           !is_program ? HOME_LIBRARY
                           : is_data   ? HOME_PROGRAM
                                       : HOME_NONE);
}

// Whether this group's content is inside of what a larger group that was reported keeps.
static bool closure_is_inside(const struct closure_search *search, const struct bucket *group)
{
    for (size_t i = 0; i < search->told_count; i++)
        if (tree_dominates(&search->f->tree, search->told[i], group->largest))
            return true;
    return false;
}

// Lists all variables of the function that keep something, the one with most bytes first. Moves the
// other variables' bytes to this group.
static void closure_gather(struct closure_search *search, size_t index, node code,
                           struct text *variables)
{
    struct buckets *groups = &search->groups;
    struct bucket *group = &groups->items[index];
    uint64_t number = group->key >> 10;
    for (size_t i = index; i < groups->count; i++) {
        struct bucket *item = &groups->items[i];
        if (!item->count || item->key >> 10 != number)
            continue;
        text_add_string(variables, i == index ? "`" : ", `");
        code_free_name(search->f->heap, code, (uint32_t)item->key & 1023, variables);
        text_add_char(variables, '`');
        if (i == index)
            continue;
        group->bytes += item->bytes;
        item->count = 0;
    }
}

// --- what to do about it ------------------------------------------------------------------------

// Finds the variable by which a function holds another of the same code: it is wrapped again and
// again. False: none.
static bool closure_wraps(const struct finder *f, node function, node code, struct text *variable)
{
    const struct layout *l = &f->py->layout;
    node closure = heap_member(f->heap, function, l->PyFunctionObject_func_closure);
    uint64_t count = closure == NODE_NONE ? 0 : finder_length(f, closure);
    for (uint32_t i = 0; i < count && i < CELLS_MAX; i++) {
        node cell = heap_member(f->heap, closure, l->PyTupleObject_ob_item + 8 * (int32_t)i);
        node value =
            cell == NODE_NONE ? NODE_NONE : heap_member(f->heap, cell, l->PyCellObject_ob_ref);
        if (value == NODE_NONE || value == function || !(finder_roles(f, value) & ROLE_FUNCTION)
            || heap_member(f->heap, value, l->PyFunctionObject_func_code) != code)
            continue;
        code_free_name(f->heap, code, i, variable);
        return true;
    }
    return false;
}

// The container that has a function as an item, perhaps inside of tuples, partials and the like.
static node closure_container(const struct finder *f, node function)
{
    node n = f->paths.from[function];
    for (int i = 0; i < UP_MAX && n != NODE_NONE; i++) {
        if (root_paths_module(&f->paths, n) || finder_is_attributes(f, n)
            || (finder_roles(f, n) & (ROLE_TYPE | ROLE_FUNCTION)))
            return NODE_NONE;
        if (finder_roles(f, n) & ROLE_GROWS)
            return n;
        n = f->paths.from[n] == n ? NODE_NONE : f->paths.from[n];
    }
    return NODE_NONE;
}

// "a list of 5,000" of what may grow, whose first items say little; else the value.
static const char *closure_value(struct finder *f, node n)
{
    if (!(finder_roles(f, n) & ROLE_GROWS) || !finder_length(f, n))
        return finder_preview(f, n, 40);
    const char *type = finder_type_name(f, n);
    return finder_text(f, "%s %s of %s", text_article(type), type,
                       finder_count(f, finder_length(f, n)));
}

static const char *closure_why(struct finder *f, const struct bucket *group, node code,
                               const char *variable)
{
    const char *holds = "a closure keeps the variables of the enclosing function that it uses, for "
                        "as long as it lives";
    struct growth_answer growth = { .state = GROWTH_UNKNOWN };
    struct text inner = TEXT_INIT;
    const char *why = NULL;
    node container = group->count > 1 ? closure_container(f, group->largest) : NODE_NONE;
    if (group->count > 1 && closure_wraps(f, group->largest, code, &inner)) {
        why = finder_text(f,
                          "each holds the one before it as `%s`: it is wrapped again each time; "
                          "cure: wrap it once, and keep the original for use inside",
                          text_string(&inner));
    } else if (container != NODE_NONE) {
        growth_find(f, container, &growth);
        why = finder_text(f,
                          "%s; they are in %s%s; cure: remove each when it is done, or let `%s` "
                          "hold only what is needed of %s",
                          holds, finder_name(f, container), growth_text(f, &growth), variable,
                          closure_value(f, group->other));
    } else if (group->count == 1 && (finder_roles(f, group->other) & ROLE_GROWS)) {
        growth_find(f, group->other, &growth);
        if (growth.state == GROWTH_ADDS)
            why = finder_text(f,
                              "%s%s; cure: remove from `%s` what is no longer needed, or bound it: "
                              "functools.lru_cache(maxsize=N) for a cache",
                              holds, growth_text(f, &growth), variable);
    }
    text_fini(&inner);
    return why ? why
               : finder_text(f, "%s; it is held as %s; let `%s` hold only what is needed of %s",
                             holds, finder_name(f, group->largest), variable,
                             closure_value(f, group->other));
}

static bool closure_tell(struct closure_search *search, size_t index, struct err *err)
{
    struct finder *f = search->f;
    struct bucket *group = &search->groups.items[index];
    node code = heap_node_of(f->heap, group->key >> 10);
    struct text variable = TEXT_INIT, first = TEXT_INIT;
    if (!group->count || closure_is_inside(search, group))
        return true;
    bool is_program = code_is_program(f->heap, &f->paths, code);
    closure_gather(search, index, code, &variable);
    enum severity severity = closure_judge(f, group, is_program);
    if (severity == SEVERITY_INFO && (!is_program || group->bytes < f->heap->bytes / 200)) {
        text_fini(&variable);
        return true;
    }
    search->told[search->told_count++] = group->other;
    code_free_name(f->heap, code, (uint32_t)group->key & 1023, &first);
    bool many = strchr(text_string(&variable), ',') != NULL;
    bool one = group->count == 1;
    bool ok = finder_add(
        f,
        &(struct finding){
            .severity = severity,
            .object = group->largest,
            .objects = group->count,
            .bytes = group->bytes,
            .what = finder_text(f, "%s %s keep%s %s alive through %s, %s of the function around %s",
                                one ? "the closure" : finder_plural(f, group->count, "closure"),
                                finder_function_name(f, group->largest), one ? "s" : "",
                                finder_size(f, group->bytes), text_string(&variable),
                                many ? "variables" : "a variable", one ? "it" : "them"),
            .why = closure_why(f, group, code, text_string(&first)),
            .next = finder_text(f, "path %s", finder_word(f, group->other)),
        },
        err);
    text_fini(&variable);
    text_fini(&first);
    return ok;
}

static bool closure_find(struct finder *f, struct err *err)
{
    struct closure_search search = { .f = f };
    if (!finder_need_deeds(f, err) || !finder_need_tree(f, err))
        return false;
    search.seen = calloc((size_t)marks_words(f->heap->node_count) + 1, sizeof *search.seen);
    bool ok = search.seen || err_memory(err, "closures");
    for (node n = 0; ok && (n = finder_next(f, ROLE_FUNCTION, n)) != NODE_NONE; n++)
        ok = closure_look_at(&search, n, err);
    buckets_sort(&search.groups);
    for (size_t i = 0; ok && i < search.groups.count && i < GROUPS_MAX; i++)
        ok = closure_tell(&search, i, err);
    buckets_free(&search.groups);
    free(search.seen);
    return ok;
}

const struct finding_kind finding_closure = {
    .name = "closure",
    .help = "closures that keep large objects alive through variables of the enclosing function",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .needs_whole = true,
    .find = closure_find,
};
