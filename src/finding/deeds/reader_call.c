// SPDX-License-Identifier: GPL-3.0-or-later
// Calls: of methods that add or take out, of functions that get a thing as an argument: see deed_reader.h.
#include "finding/deeds/deed_reader.h"

static void reader_pass(struct deed_reader *reader, const struct expression *callee,
                        uint32_t arguments)
{
    for (uint32_t i = 0; i < arguments && i < 16; i++) {
        uint16_t argument = reader_peek(reader, arguments - 1 - i);
        enum deed_form form = (enum deed_form)reader_at(reader, argument)->form;
        if (form != FORM_GLOBAL && form != FORM_ATTRIBUTE && form != FORM_LOCAL)
            continue;
        size_t before = reader->deeds->count;
        reader_do(reader, DEED_PASS, argument, callee->name);
        if (reader->deeds->count > before) {
            reader->deeds->items[before].is_dotted = callee->form == FORM_ATTRIBUTE;
            reader->deeds->items[before].slot =
                (uint16_t)(i + (callee->form == FORM_ATTRIBUTE ? 1 : 0));
        }
    }
}

static uint8_t reader_reach(const struct expression *callee)
{
    return callee->form == FORM_ATTRIBUTE ? DEED_ATTRIBUTE
           : callee->form == FORM_GLOBAL  ? DEED_GLOBAL
           : callee->form == FORM_FREE    ? DEED_FREE
                                          : DEED_LOCAL;
}

// The name of the global, the attribute or the key whose method is called.
static uint32_t reader_receiver(const struct deed_reader *reader, const struct expression *callee)
{
    const struct expression *of = reader_at(reader, callee->before);
    return callee->form == FORM_ATTRIBUTE
                   && (of->form == FORM_GLOBAL || of->form == FORM_ATTRIBUTE
                       || of->form == FORM_ITEM)
               ? of->name
               : DEEDS_NONE;
}

static void reader_note_call(struct deed_reader *reader, const struct expression *callee)
{
    if (!reader->code->is_program || callee->name == DEEDS_NONE
        || (callee->form != FORM_GLOBAL && callee->form != FORM_ATTRIBUTE
            && callee->form != FORM_FREE && callee->form != FORM_LOCAL))
        return;
    reader_add(reader,
               &(struct deed){ .code = reader->code->code,
                               .what = DEED_CALL,
                               .name = callee->name,
                               .word = reader_receiver(reader, callee),
                               .offset = (uint32_t)reader->now.offset,
                               .is_self = callee->form == FORM_ATTRIBUTE && reader->argument_count
                                          && reader_at(reader, callee->before)->form == FORM_LOCAL
                                          && reader_at(reader, callee->before)->slot == 0,
                               .reach = reader_reach(callee),
                               .depth = callee->form == FORM_ATTRIBUTE
                                        && reader_at(reader, callee->before)->form != FORM_GLOBAL,
                               .is_building = reader->is_body,
                               .is_certain = reader->now.offset >= reader->open_until,
                               .in_constructor = reader->is_constructor });
}

// What a method is called of. heapq.heappush(x, y), dict.pop(x, key): what comes first.
static uint16_t reader_object(const struct deed_reader *reader, const struct expression *called,
                              uint32_t arguments)
{
    const struct expression *of = reader_at(reader, called->before);
    bool is_function = reader_is(reader, called->name, DEEDS_HEAPPUSH)
                       || reader_is(reader, called->name, DEEDS_INSORT)
                       || reader_is(reader, called->name, DEEDS_HEAPPOP);
    bool is_of_class = of->form == FORM_GLOBAL && of->name >= reader->deeds->class_first
                       && of->name < reader->deeds->class_end;
    return (is_function || is_of_class) && arguments ? reader_peek(reader, arguments - 1)
                                                     : called->before;
}

static void reader_take(struct deed_reader *reader, const struct expression *called,
                        uint32_t arguments)
{
    size_t before = reader->deeds->count;
    reader_do(reader, DEED_TAKE, reader_object(reader, called, arguments), called->name);
    if (reader->deeds->count > before)
        reader->deeds->items[before].has_arguments = arguments > 0;
}

// A function that is called with the container first: len(), setattr(), heapq.heappush().
static void reader_call_function(struct deed_reader *reader, const struct expression *callee,
                                 uint32_t arguments)
{
    uint16_t first = arguments ? reader_peek(reader, arguments - 1) : 0;
    uint32_t name = callee->name;
    if (reader_is(reader, name, DEEDS_LEN))
        reader_do(reader, DEED_MEASURE, first, name);
    else if (reader_is(reader, name, DEEDS_SETATTR))
        reader_do(reader, DEED_ADD_NAME, first, name);
    else if (reader_is(reader, name, DEEDS_HEAPPUSH) || reader_is(reader, name, DEEDS_INSORT))
        reader_do(reader, DEED_ADD, first, name);
    else if (reader_is(reader, name, DEEDS_HEAPPOP))
        reader_do(reader, DEED_TAKE, first, name);
    else
        reader_pass(reader, callee, arguments);
}

// Of the first of the topmost arguments, where that is a constant text.
uint32_t reader_key(const struct deed_reader *reader, uint32_t arguments)
{
    const struct expression *key =
        reader_at(reader, arguments ? reader_peek(reader, arguments - 1) : 0);
    return key->form == FORM_TEXT ? key->name : DEEDS_NONE;
}

void reader_call(struct deed_reader *reader, uint32_t arguments, uint32_t below, bool pair)
{
    uint16_t callee = reader_peek(reader, arguments + below - 1);
    if (pair && reader_at(reader, callee)->form == FORM_NULL)
        callee = reader_peek(reader, arguments);
    const struct expression *called = reader_at(reader, callee);
    uint16_t result = reader_make(reader, FORM_CALL, DEEDS_NONE, callee);
    reader_note_call(reader, called);
    if (called->form == FORM_ATTRIBUTE && called->name < reader->deeds->take_first) {
        reader_do(reader, DEED_ADD, reader_object(reader, called, arguments), called->name);
        reader_pass(reader, called, arguments);
    } else if (called->form == FORM_ATTRIBUTE && called->name < reader->deeds->take_end) {
        reader_take(reader, called, arguments);
    } else if (called->form == FORM_ATTRIBUTE || called->form == FORM_GLOBAL
               || called->form == FORM_FREE) {
        reader_call_function(reader, called, arguments);
    }
    if (called->form == FORM_ATTRIBUTE
        && (reader_is(reader, called->name, DEEDS_SETDEFAULT)
            || reader_is(reader, called->name, DEEDS_GET)
            || reader_is(reader, called->name, DEEDS_VALUES)
            || reader_is(reader, called->name, DEEDS_ITEMS)))
        result = reader_make(reader, FORM_ITEM, reader_key(reader, arguments), called->before);
    else if (called->form == FORM_GLOBAL && reader_is(reader, called->name, DEEDS_GETATTR)
             && arguments > 1 && reader_key(reader, arguments - 1) != DEEDS_NONE)
        result = reader_make(reader, FORM_ATTRIBUTE, reader_key(reader, arguments - 1),
                             reader_peek(reader, arguments - 1));
    else if (called->form == FORM_GLOBAL && reader_is(reader, called->name, DEEDS_VARS)
             && arguments)
        result = reader_make(reader, FORM_ATTRIBUTE, reader->deeds->words[DEEDS_DICT],
                             reader_peek(reader, arguments - 1));
    reader_drop(reader, arguments + below);
    reader_push(reader, result);
}

// f(*a, **k): what it is called with is not known one by one.
void reader_call_spread(struct deed_reader *reader, uint32_t size)
{
    uint16_t callee = reader_peek(reader, size - 1);
    if (reader_at(reader, callee)->form == FORM_NULL)
        callee = reader_peek(reader, size - 2);
    const struct expression *called = reader_at(reader, callee);
    uint16_t result = reader_make(reader, FORM_CALL, DEEDS_NONE, callee);
    reader_note_call(reader, called);
    if (called->form == FORM_ATTRIBUTE && called->name < reader->deeds->take_first)
        reader_do(reader, DEED_ADD, called->before, called->name);
    else if (called->form == FORM_ATTRIBUTE && called->name < reader->deeds->take_end)
        reader_take(reader, called, 1);
    reader_drop(reader, size);
    reader_push(reader, result);
}
