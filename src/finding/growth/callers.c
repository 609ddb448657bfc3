// SPDX-License-Identifier: GPL-3.0-or-later
// Who calls a library's adders and takers: see callers.h.
#include "finding/growth/callers.h"

#include <string.h>

#include "finding/growth/method.h"

// What the owner of the thing is called, as deeds know it.
uint32_t callers_owner_name(struct finder *f, const struct called *called)
{
    node owner = called->owner;
    return owner == NODE_NONE ? DEEDS_NONE : deeds_name(&f->deeds, finder_own_name(f, owner));
}

// Where the program calls the library's method, by the name that the owner has.
const struct deed *callers_of(struct finder *f, const struct called *called,
                              const struct deed *adder)
{
    size_t count;
    uint32_t name = method_name(f, adder->code), own = callers_owner_name(f, called);
    const struct deed *deeds = name == MAP_NONE ? NULL : deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; deeds && own != DEEDS_NONE && i < count; i++)
        if (deeds[i].what == DEED_CALL && deeds[i].reach == DEED_ATTRIBUTE && deeds[i].word == own)
            return &deeds[i];
    return NULL;
}

// Whether it is a library's own business: _this() or __this__(), or what no code calls by its name.
bool callers_is_internal(const struct finder *f, const struct deed *adder)
{
    uint32_t name = method_name(f, adder->code);
    return !deeds_code(&f->deeds, adder->code)->is_program
           && (name == MAP_NONE || *f->deeds.texts[name] == '_');
}

// Where the program calls a method of the object that has the thing, when what adds is that object's
// own business. What only reads, or ends it, is not meant.
const struct deed *callers_driver(struct finder *f, const struct called *called)
{
    static const char *const others[] = { "get", "is_", "has", "read", "close", "items", "keys" };
    const struct deeds *deeds = &f->deeds;
    uint32_t own = callers_owner_name(f, called);
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

// Whether it is what a library offers, and the program never calls of what has that name.
bool callers_is_idle(struct finder *f, const struct called *called, const struct deed *deed)
{
    const struct deed_code *code = deeds_code(&f->deeds, deed->code);
    uint32_t name = method_name(f, deed->code), own = callers_owner_name(f, called);
    size_t count;
    if (code->is_program || name == MAP_NONE || *f->deeds.texts[name] == '_' || own == DEEDS_NONE)
        return false;
    const struct deed *deeds = deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; i < count; i++)
        if (deeds[i].what == DEED_CALL && (deeds[i].word == DEEDS_NONE || deeds[i].word == own))
            return false;
    return true;
}

// Whether each time that the one runs, the other does: d[k] = v; self.sweep()
bool callers_always(const struct finder *f, node code, node callee)
{
    size_t count;
    uint32_t name = method_name(f, callee);
    const struct deed *deeds = name == MAP_NONE ? NULL : deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; deeds && i < count; i++)
        if (deeds[i].what == DEED_CALL && deeds[i].code == code && deeds[i].is_certain)
            return true;
    return false;
}

// Where the program calls what has its name, or null.
static const struct deed *callers_call_of(const struct finder *f, const struct deed *deed)
{
    size_t count;
    uint32_t name = method_name(f, deed->code);
    const struct deed *deeds = name == MAP_NONE ? NULL : deeds_of(&f->deeds, name, &count);
    for (size_t i = 0; deeds && i < count; i++)
        if (deeds[i].what == DEED_CALL)
            return &deeds[i];
    return NULL;
}

static bool callers_begins(const struct finder *f, const struct deed *deed, const char *word)
{
    uint32_t name = method_name(f, deed->code);
    return name != MAP_NONE && !strncmp(f->deeds.texts[name], word, strlen(word));
}

void callers_find_opposites(const struct finder *f, struct growth_answer *growth)
{
    static const char *const pairs[][2] = {
        { "add", "remove" },      { "connect", "disconnect" },
        { "regist", "unregist" }, { "subscribe", "unsubscribe" },
        { "attach", "detach" },   { "listen", "unlisten" }
    };
    const struct deed *adder = growth->adder, *taker = growth->taker;
    if (!adder || !taker || deeds_code(&f->deeds, adder->code)->is_program
        || deeds_code(&f->deeds, taker->code)->is_program || callers_call_of(f, taker))
        return;
    const struct deed *call = callers_call_of(f, adder);
    for (size_t i = 0; call && i < sizeof pairs / sizeof *pairs; i++)
        if (callers_begins(f, adder, pairs[i][0]) && callers_begins(f, taker, pairs[i][1])) {
            growth->caller = call;
            growth->idle = taker;
            growth->taker = NULL;
            return;
        }
}
