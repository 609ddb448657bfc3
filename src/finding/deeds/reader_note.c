// SPDX-License-Identifier: GPL-3.0-or-later
// Which name an expression stands for, and the note of what is done to it: see deed_reader.h.
#include "finding/deeds/deed_reader.h"

#include "base/vec.h"

void reader_add(struct deed_reader *reader, const struct deed *deed)
{
    struct deeds *deeds = reader->deeds;
    if (!vec_grow(&deeds->items, &deeds->capacity, deeds->count + 1, sizeof *deeds->items, NULL)) {
        deeds->out_of_memory = true;
        return;
    }
    deeds->items[deeds->count++] = *deed;
}

// The variable at the end of a chain.
const struct expression *reader_root(const struct deed_reader *reader, uint16_t expression)
{
    const struct expression *at = reader_at(reader, expression);
    for (int i = 0; i < CHAIN_MAX && at->before; i++)
        at = reader_at(reader, at->before);
    return at;
}

static bool reader_has_made(const struct deed_reader *reader, uint32_t name,
                            const struct expression *root)
{
    for (uint32_t i = 0; i < reader->made_count; i++)
        if (reader->made[i].name == name && reader->made[i].form == root->form
            && reader->made[i].slot == root->slot)
            return true;
    return false;
}

// What is done to what a key, or the result of a call, stands for is done under that name.
static void reader_do_by(struct deed_reader *reader, struct deed deed, enum deed_reach reach,
                         uint32_t name)
{
    if (!reader->code->is_program || name == DEEDS_NONE)
        return;
    deed.reach = (uint8_t)reach;
    deed.name = name;
    deed.is_building = reader->is_body;
    reader_add(reader, &deed);
}

// globals()[...] = x; super().append(x); cache()[key] = value. What goes on: the expression.
static const struct expression *reader_do_call(struct deed_reader *reader, struct deed deed,
                                               const struct expression *call)
{
    const struct expression *callee = reader_at(reader, call->before);
    bool is_global = callee->form == FORM_GLOBAL;
    if (is_global && reader_is(reader, callee->name, DEEDS_GLOBALS_CALL)) {
        bool adds = deed.what == DEED_ADD;
        deed.what = DEED_ADD_NAME;
        deed.name = reader->deeds->globals;
        deed.reach = DEED_GLOBAL;
        deed.is_building = reader->is_body;
        if (adds)
            reader_add(reader, &deed);
    } else if (is_global && reader_is(reader, callee->name, DEEDS_SUPER)) {
        return reader->argument_count ? reader_at(reader, reader_make_local(reader, 0)) : NULL;
    } else if (is_global || callee->form == FORM_ATTRIBUTE) {
        reader_do_by(reader, deed, DEED_RESULT, callee->name);
    }
    return NULL;
}

// The place that items lead to, and how many these are. x.__dict__['name'] is x.name.
static const struct expression *reader_unfold(struct deed_reader *reader, struct deed *deed,
                                              uint16_t expression)
{
    const struct expression *at = reader_at(reader, expression);
    bool by_key = false;
    for (int i = 0; i < CHAIN_MAX && at->form == FORM_ITEM; i++) {
        const struct expression *of = reader_at(reader, at->before);
        if (at->name != DEEDS_NONE && of->form == FORM_ATTRIBUTE
            && reader_is(reader, of->name, DEEDS_DICT)) {
            uint16_t name = reader_make(reader, FORM_ATTRIBUTE, at->name, of->before);
            return reader_at(reader, name);
        }
        if (at->name != DEEDS_NONE && !by_key)
            reader_do_by(reader, *deed, DEED_KEY, at->name);
        by_key |= at->name != DEEDS_NONE;
        deed->depth++;
        at = of;
    }
    return at;
}

// Something is done to what the expression stands for: a name, behind some items.
void reader_do(struct deed_reader *reader, enum deed_what what, uint16_t expression, uint32_t word)
{
    struct deed deed = { .code = reader->code->code,
                         .what = (uint8_t)what,
                         .word = word,
                         .offset = (uint32_t)reader->now.offset };
    const struct expression *at = reader_unfold(reader, &deed, expression);
    if (at->form == FORM_ATTRIBUTE && reader_is(reader, at->name, DEEDS_DICT) && what == DEED_ADD) {
        deed.what = DEED_ADD_NAME;
        at = reader_at(reader, at->before);
    }
    if (at->form == FORM_CALL && !(at = reader_do_call(reader, deed, at)))
        return;
    switch (at->form) {
    case FORM_GLOBAL:
        deed.reach = DEED_GLOBAL;
        break;
    case FORM_FREE:
        deed.reach = DEED_FREE;
        break;
    case FORM_ATTRIBUTE: {
        const struct expression *of = reader_at(reader, at->before);
        deed.reach = DEED_ATTRIBUTE;
        deed.is_outer = of->form == FORM_FREE && reader_is(reader, of->name, DEEDS_SELF);
        deed.is_self =
            (of->form == FORM_LOCAL && of->slot == 0 && reader->argument_count) || deed.is_outer;
        break;
    }
    case FORM_LOCAL:
        if (at->slot < LOCALS_MAX && reader->results[at->slot])
            reader_do_call(reader, deed, reader_at(reader, reader->results[at->slot]));
        deed.reach = DEED_LOCAL;
        deed.slot = at->slot;
        deed.is_argument = at->slot < reader->argument_count;
        break;
    default:
        return;
    }
    if (at->name == DEEDS_NONE)
        return;
    deed.name = at->name;
    const struct expression *root = reader_root(reader, expression);
    bool own =
        root->form == FORM_LOCAL && (root->slot == 0 || root->slot >= reader->argument_count);
    deed.is_building = reader->is_body || reader_has_made(reader, at->name, root);
    deed.in_constructor = reader->is_constructor && own;
    deed.is_certain = reader->now.offset >= reader->open_until;
    reader_add(reader, &deed);
}

// What was made of a named thing leaves: from now on others may have it.
void reader_escape(struct deed_reader *reader, uint32_t count)
{
    for (uint32_t i = 0; i < count && i < DEPTH_MAX; i++) {
        uint16_t expression = reader_peek(reader, i);
        enum deed_form form = (enum deed_form)reader_at(reader, expression)->form;
        if (form == FORM_ATTRIBUTE || form == FORM_GLOBAL || form == FORM_FREE)
            reader_do(reader, DEED_ESCAPE, expression, DEEDS_NONE);
    }
}

// What it returns is what calls of it stand for; items of what is named, too.
void reader_return(struct deed_reader *reader)
{
    uint16_t expression = reader_peek(reader, 0);
    enum deed_form form = (enum deed_form)reader_at(reader, expression)->form;
    if (form == FORM_ATTRIBUTE || form == FORM_GLOBAL || form == FORM_FREE || form == FORM_ITEM)
        reader_do(reader, DEED_ESCAPE, expression, DEEDS_RETURN);
    reader_drop(reader, 1);
}
