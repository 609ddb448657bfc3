// SPDX-License-Identifier: GPL-3.0-or-later
// What people read about growth: see growth.h.
#include "finding/growth/growth.h"

#include <string.h>

#include "finding/growth/callers.h"
#include "finding/growth/method.h"
#include "py/objects/str.h"

// "Pipeline.put() app.py:12": up to 3.10 code objects do not know their class, functions do.
static const char *growth_text_place(struct finder *f, const struct deed *deed)
{
    const struct deed_code *code = deeds_code(&f->deeds, deed->code);
    struct text place = TEXT_INIT, name = TEXT_INIT;
    addr qualname = code ? method_qualname(f, code) : 0;
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

static const char *growth_text_called(struct finder *f, const struct growth_answer *growth)
{
    return growth->caller ? finder_text(f, ", called in %s", growth_text_place(f, growth->caller))
                          : "";
}

// Who adds: the words before "adds to it". What is a library's own business is not named, but its
// class: "the code of ChainMap, whose new_child() is called in enter() app.py:12,"
static const char *growth_text_adder(struct finder *f, const struct growth_answer *growth)
{
    const char *place = growth_text_place(f, growth->adder), *dot = NULL,
               *end = strstr(place, "()");
    for (const char *at = place; end && at < end; at++)
        dot = *at == '.' ? at : dot;
    if (!dot || growth->caller || (!growth->driver && !callers_is_internal(f, growth->adder)))
        return place;
    int length = (int)(dot - place);
    if (!growth->driver)
        return finder_text(f, "the code of %.*s", length, place);
    return finder_text(f, "the code of %.*s, whose %s() is called in %s,", length, place,
                       f->deeds.texts[growth->driver->name], growth_text_place(f, growth->driver));
}

static const char *growth_text_ages(struct finder *f, const struct growth_answer *growth)
{
    const struct ages *ages = &growth->ages;
    const char *place = growth_text_adder(f, growth);
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
                           place, growth_text_place(f, growth->taker), finder_count(f, ages->of),
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
                               growth_text_adder(f, growth), finder_count(f, growth->most));
        if (growth->is_pool)
            return finder_text(f, "; %s gives things back to it, %s takes them again",
                               growth_text_adder(f, growth), growth_text_place(f, growth->taker));
        if (growth->keyed_by != NODE_NONE)
            return finder_text(
                f,
                "; %s fills it by key, and its keys are those of %s, which does not seem to grow",
                growth_text_adder(f, growth), finder_name(f, growth->keyed_by));
        if (growth->ages.say)
            return growth_text_ages(f, growth);
        if (growth->taker && growth->taker->code == growth->adder->code)
            return finder_text(f, "; %s adds to it, and takes things out again%s",
                               growth_text_adder(f, growth),
                               growth->is_measured ? ", after looking at its size" : "");
        if (growth->quiet)
            return finder_text(
                f,
                "; %s adds to it, but it has not changed lately: other dicts have %s times since",
                growth_text_adder(f, growth), finder_count(f, growth->quiet));
        if (growth->is_renewed)
            return finder_text(f, "; %s puts rows into it, and replaces those of the same name",
                               growth_text_adder(f, growth));
        if (growth->taker)
            return finder_text(f, "; %s adds to it%s, %s takes things out again%s",
                               growth_text_adder(f, growth),
                               growth->surely ? growth_text_called(f, growth) : " as it seems",
                               growth_text_place(f, growth->taker),
                               growth->is_measured ? " after looking at its size" : "");
        if (growth->idle)
            return finder_text(
                f, "; %s adds to it%s; %s would take things out, but the program never calls it",
                growth_text_adder(f, growth), growth_text_called(f, growth),
                growth_text_place(f, growth->idle));
        return finder_text(
            f, "; %s %s it%s, and no function that names it seems to remove anything",
            growth_text_adder(f, growth), growth->surely ? "adds to" : "seems to add to",
            growth_text_called(f, growth));
    case GROWTH_NONE:
        return "; no function seems to add to it";
    case GROWTH_BUILT:
    case GROWTH_UNKNOWN:
        return "";
    }
    return "";
}
