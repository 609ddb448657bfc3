// SPDX-License-Identifier: GPL-3.0-or-later
// default-argument: a default value, made only once, that has grown: `def visit(x, seen=[])`.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"

#define ARGUMENTS_MAX 255
#define LENGTH_MANY 50 // items of a mutable default: too many to have been written down

struct argument {
    node function, code, value;
    const char *name;
};

static const char *argument_name(struct finder *f, node code, uint64_t defaults, uint64_t i)
{
    struct text text = TEXT_INIT;
    uint64_t arguments = code_argument_count(f->heap, code);
    if (arguments >= defaults)
        code_local_name(f->heap, code, (uint32_t)(arguments - defaults + i), &text);
    const char *name = finder_text(f, "%s", text.size ? text_string(&text) : "?");
    text_fini(&text);
    return name;
}

// Whether the function does anything to the argument that may make it longer.
static bool default_argument_is_filled(const struct finder *f, const struct argument *argument)
{
    size_t count;
    uint32_t name = deeds_name(&f->deeds, argument->name);
    const struct deed *deeds = name == DEEDS_NONE ? NULL : deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; deeds && i < count; i++)
        if (deeds[i].code == argument->code
            && (deeds[i].what == DEED_ADD || deeds[i].what == DEED_PASS
                || deeds[i].what == DEED_ESCAPE))
            return true;
    return false;
}

static bool default_argument_tell(struct finder *f, const struct argument *argument,
                                  struct err *err)
{
    uint64_t bytes = finder_retained(f, argument->value);
    uint64_t length = finder_length(f, argument->value);
    bool is_program = code_is_program(f->heap, &f->paths, argument->code);
    bool grew = (finder_roles(f, argument->value) & ROLE_GROWS) && length >= LENGTH_MANY
                && default_argument_is_filled(f, argument);
    enum severity severity = finder_severity(f, bytes, is_program ? HOME_PROGRAM : HOME_LIBRARY);
    if (is_program && grew && severity > SEVERITY_LOW)
        severity = SEVERITY_LOW;
    if (severity == SEVERITY_INFO)
        return true;
    return finder_add(
        f,
        &(struct finding){
            .severity = severity,
            .object = argument->value,
            .objects = length,
            .bytes = bytes,
            .what = finder_text(f, "the default of %s(%s=) is %s %s of %s: %s",
                                finder_function_name(f, argument->function), argument->name,
                                text_article(finder_type_name(f, argument->value)),
                                finder_type_name(f, argument->value), finder_count(f, length),
                                finder_size(f, bytes)),
            .why = grew ? "a default is created once, with the function, and shared by all calls "
                          "that omit the argument: whatever they put into it stays; use None, and "
                          "create a new one inside"
                        : "a default lives as long as the function",
            .next = finder_text(f, "referents %s -n 20", finder_word(f, argument->value)),
        },
        err);
}

static bool is_worth_it(const struct finder *f, node value)
{
    return (finder_roles(f, value) & (ROLE_GROWS | ROLE_TUPLE | ROLE_STRING))
           && !finder_is_dead(f, value)
           && (finder_length(f, value) >= LENGTH_MANY || finder_retained(f, value) >= 65536);
}

static bool look_at_tuple(struct finder *f, struct argument *argument, node tuple, struct err *err)
{
    uint64_t count = finder_roles(f, tuple) & ROLE_TUPLE ? finder_length(f, tuple) : 0;
    for (uint64_t i = 0; i < count && i < ARGUMENTS_MAX; i++) {
        argument->value =
            heap_member(f->heap, tuple, f->py->layout.PyTupleObject_ob_item + 8 * (int32_t)i);
        if (argument->value == NODE_NONE || !is_worth_it(f, argument->value))
            continue;
        argument->name = argument_name(f, argument->code, count, i);
        if (!default_argument_tell(f, argument, err))
            return false;
    }
    return true;
}

// The defaults of keyword-only arguments are in a dict, by name.
static bool look_at_dict(struct finder *f, struct argument *argument, node dict, struct err *err)
{
    uint64_t first = csr_first(&f->heap->forward, dict), end = csr_end(&f->heap->forward, dict);
    for (uint64_t e = first; e < end && e < first + ARGUMENTS_MAX; e++) {
        argument->value = f->heap->forward.to[e] & EDGE_NODE;
        if (!is_worth_it(f, argument->value))
            continue;
        argument->name = finder_key_of(f, dict, argument->value);
        if (!default_argument_tell(f, argument, err))
            return false;
    }
    return true;
}

static bool default_argument_find(struct finder *f, struct err *err)
{
    const struct layout *l = &f->py->layout;
    if (!finder_need_deeds(f, err))
        return false;
    for (node n = 0; (n = finder_next(f, ROLE_FUNCTION, n)) != NODE_NONE; n++) {
        struct argument argument = { .function = n };
        node defaults = heap_member(f->heap, n, l->PyFunctionObject_func_defaults);
        node keywords = heap_member(f->heap, n, l->PyFunctionObject_func_kwdefaults);
        argument.code = heap_member(f->heap, n, l->PyFunctionObject_func_code);
        if (argument.code == NODE_NONE)
            continue;
        if ((defaults != NODE_NONE && !look_at_tuple(f, &argument, defaults, err))
            || (keywords != NODE_NONE && !look_at_dict(f, &argument, keywords, err)))
            return false;
    }
    return true;
}

const struct finding_kind finding_default_argument = {
    .name = "default-argument",
    .help = "mutable default arguments that have grown, and large ones",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .find = default_argument_find,
};
