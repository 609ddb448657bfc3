// SPDX-License-Identifier: GPL-3.0-or-later
// The deeds to one name as witnesses: see witness.h.
#include "finding/growth/witness.h"

#include "finding/growth/callers.h"
#include "finding/growth/method.h"
#include "finding/growth/once.h"
#include "py/runtime/frames.h"

#define CALLED_MAX 64 // functions of one name

// Whether the named thing is a class's own, not its instances'.
static bool witness_is_of_class(const struct asking *asking)
{
    node owner = asking->called->owner;
    return owner != NODE_NONE && (finder_roles(asking->f, owner) & ROLE_TYPE);
}

// Whether it is done to an attribute of what a method is called `self`.
static bool witness_is_own(const struct finder *f, const struct deed *deed,
                           const struct deed_code *code)
{
    return deed->is_self && method_is(f, code) && (deed->is_outer || !method_is_inner(f, code));
}

// Whether a method of the program's class does it to `self`: def __missing__(self, key). What
// overrides a container's own way to add is told by who uses that.
static bool witness_is_to_self(const struct finder *f, const struct deed *deed,
                               const struct deed_code *code, const struct type *self)
{
    uint32_t name = method_name(f, deed->code);
    bool overrides = name < f->deeds.take_first || name == f->deeds.words[DEEDS_SET_ITEM];
    return deed->reach == DEED_LOCAL && !deed->slot && deed->is_argument && code->is_program
           && !overrides && method_is_of(f, code, self, false);
}

// 0: another's. 1: by its name. 2: class or module fit, too.
static int witness_fits(const struct asking *asking, const struct deed *deed)
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
        return deed->reach == DEED_ATTRIBUTE && code->is_program && !witness_is_own(f, deed, code)
                   ? 1
                   : 0;
    case DEED_ATTRIBUTE: {
        const struct type *type = method_owner_class(f, called->owner);
        if (deed->reach != DEED_ATTRIBUTE)
            return 0;
        if (witness_is_own(f, deed, code))
            return type && method_is_of(f, code, type, witness_is_of_class(asking)) ? 2 : 0;
        return code->is_program ? 1 : 0;
    }
    case DEED_LOCAL:
        if (called->self)
            return witness_is_to_self(f, deed, code, called->self) ? 2 : 0;
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
static bool witness_lengthens(const struct asking *asking, const struct deed *deed)
{
    if (deed->word != DEEDS_ITEM)
        return true;
    return !(asking->is_list && deed->depth == asking->called->depth)
           && !(asking->has_lists && deed->depth == asking->called->depth + 1);
}

void witness_note_add(struct asking *asking, const struct deed *deed, int fit)
{
    struct growth_answer *growth = asking->growth;
    const struct finder *f = asking->f;
    bool goes_on = deed->is_endless && asking->called->reach != DEED_ATTRIBUTE;
    if (!goes_on
        && (deed->is_building || (deed->in_constructor && !witness_is_of_class(asking))
            || (deed->is_self && !witness_is_of_class(asking)
                && once_is_of_constructors(f, deed->code))
            || once_is_builder(f, deed->code) || once_is_over(f, deed, asking->called))) {
        asking->built = true;
        return;
    }
    const struct deed_code *code = deeds_code(&f->deeds, deed->code);
    const struct deed *caller =
        code->is_program ? NULL : callers_of(asking->f, asking->called, deed);
    int rank = code->is_program ? (fit == 2 ? 4 : 2) : caller ? 3 : fit == 2;
    if (!growth->adder || rank > asking->rank) {
        growth->adder = deed;
        growth->caller = caller;
        growth->driver =
            !caller && !code->is_program ? callers_driver(asking->f, asking->called) : NULL;
        growth->surely = fit == 2;
        asking->rank = rank;
    }
    asking->deep |= deed->depth > asking->called->depth;
    growth->state = GROWTH_ADDS;
}

// Whether the function that takes out, or one that adds, asks how much there is.
static bool witness_is_measured(const struct asking *asking, const struct deed *deeds, size_t count,
                                node code)
{
    for (size_t i = 0; i < count; i++)
        if (deeds[i].what == DEED_MEASURE && deeds[i].code == code
            && witness_fits(asking, &deeds[i]))
            return true;
    return false;
}

// What is made anew where it is filled is no emptying.
static bool witness_adds_in(const struct deed *deeds, size_t count, node code)
{
    for (size_t i = 0; i < count; i++)
        if (deeds[i].what == DEED_ADD && deeds[i].code == code)
            return true;
    return false;
}

// What empties it as well makes it anew.
static bool witness_clears_in(const struct finder *f, const struct deed *deeds, size_t count,
                              node code)
{
    uint32_t clear = deeds_name(&f->deeds, "clear");
    for (size_t i = 0; i < count; i++)
        if (deeds[i].what == DEED_TAKE && deeds[i].code == code && deeds[i].word == clear)
            return true;
    return false;
}

// deeds: all of the same name.
static void witness_note_take(struct asking *asking, const struct deed *deeds, size_t count,
                              const struct deed *deed)
{
    struct growth_answer *growth = asking->growth;
    if (deed->is_building || deed->in_constructor || deed->depth > asking->called->depth)
        return;
    if (!growth->taker)
        growth->taker = deed;
    asking->taken |= !callers_is_idle(asking->f, asking->called, deed);
    growth->is_measured |= witness_is_measured(asking, deeds, count, deed->code);
}

// A new thing in its place takes out what was in the old one, but not where things are made.
static void witness_note_renewal(struct asking *asking, const struct deed *deeds, size_t count,
                                 const struct deed *deed)
{
    asking->built |= deed->is_filled;
    asking->is_empty |= !deed->is_filled;
    asking->filled |= deed->is_filled && deed->in_constructor;
    if (deed->reach != DEED_FREE && !witness_adds_in(deeds, count, deed->code)
        && !(deed->is_self && once_is_of_constructors(asking->f, deed->code)))
        witness_note_take(asking, deeds, count, deed);
}

static void witness_ask_arguments(struct asking *asking, const struct deed *pass);
static void witness_ask_results(struct asking *asking, const struct deed *given);

void witness_ask(struct asking *asking, bool follow)
{
    const struct finder *f = asking->f;
    size_t count;
    const struct deed *deeds = deeds_of(&f->deeds, asking->called->name, &count);
    for (size_t i = 0; i < count; i++) {
        const struct deed *deed = &deeds[i];
        int fit = deed->what == DEED_CALL ? 0 : witness_fits(asking, deed);
        if (!fit) { // who knows whose it is
            asking->passed |= (deed->what == DEED_ADD || deed->what == DEED_ADD_NAME)
                              && deed->reach != DEED_LOCAL && deed->reach != DEED_GLOBAL;
            continue;
        }
        switch ((enum deed_what)deed->what) {
        case DEED_ADD_NAME:
            if (asking->called->is_namespace)
                witness_note_add(asking, deed, fit);
            break;
        case DEED_ADD:
            if (asking->called->is_namespace || !witness_lengthens(asking, deed))
                break;
            if (witness_clears_in(f, deeds, count, deed->code))
                asking->built = true;
            else
                witness_note_add(asking, deed, fit);
            break;
        case DEED_TAKE:
            asking->others |= deed->word != f->deeds.words[DEEDS_POP] || deed->has_arguments;
            witness_note_take(asking, deeds, count, deed);
            break;
        case DEED_RENEW:
            if (fit == 2)
                witness_note_renewal(asking, deeds, count, deed);
            break;
        case DEED_PASS:
            if (follow)
                witness_ask_arguments(asking, deed);
            else
                asking->passed = true;
            break;
        case DEED_ESCAPE:
            if (deed->word == DEEDS_RETURN && follow)
                witness_ask_results(asking, deed);
            asking->passed |= deed->depth <= asking->called->depth;
            break;
        case DEED_LOOK:
            if (asking->is_default && deed->depth == asking->called->depth)
                witness_note_add(asking, deed, fit);
            break;
        case DEED_MEASURE:
        case DEED_CALL:
            break;
        }
    }
}

// What the function does to the argument that it gets. Of a class: its constructor.
static void witness_ask_arguments(struct asking *asking, const struct deed *pass)
{
    const struct finder *f = asking->f;
    const struct called *kept = asking->called;
    size_t found = 0;
    for (size_t i = 0; i < f->deeds.code_count && found < CALLED_MAX; i++) {
        const struct deed_code *code = &f->deeds.codes[i];
        if (method_name(f, code->code) != pass->word)
            continue;
        found++;
        const struct frame frame = { .code = heap_addr(f->heap, code->code) };
        uint32_t slot = pass->slot - (pass->is_dotted && !method_is(f, code) ? 1u : 0u);
        addr name = frame_local_name(f->py, &frame, slot);
        const struct called argument = { .reach = DEED_LOCAL,
                                         .name =
                                             name ? map_get(&f->deeds.of_address, name) : MAP_NONE,
                                         .owner = code->code };
        if (argument.name == MAP_NONE)
            continue;
        asking->called = &argument;
        witness_ask(asking, false);
    }
    asking->called = kept;
    asking->passed |= !found;
}

// What is done to the results of a function that returns the thing, or an item of it: cache()[k] = v.
static void witness_ask_results(struct asking *asking, const struct deed *given)
{
    const struct deeds *deeds = &asking->f->deeds;
    const struct called *kept = asking->called;
    uint32_t name = method_name(asking->f, given->code);
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
    witness_ask(asking, false);
    asking->called = kept;
    asking->deep |= is_item && !added && asking->growth->state == GROWTH_ADDS;
}
