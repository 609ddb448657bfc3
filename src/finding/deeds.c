// SPDX-License-Identifier: GPL-3.0-or-later
// Reading what functions do: see deeds.h.
//
// Each word of the stack is an expression: a chain that ends at a variable.
//
//      self.todo.append     ATTRIBUTE append -> ATTRIBUTE todo -> LOCAL self
//      by_day[d]            ITEM -> GLOBAL by_day
#include "finding/deeds.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/objects/str.h"
#include "py/read.h"
#include "py/runtime/bytecode.h"
#include "heap/names/task.h"
#include "py/runtime/frames.h"

#define DEPTH_MAX 64         // of the stack that is looked at
#define EXPRESSIONS_MAX 4096 // of one function
#define LOCALS_MAX 256
#define MADE_MAX 32 // names that one function makes anew
#define CHAIN_MAX 16

enum deed_form {
    FORM_UNKNOWN,
    FORM_NULL,
    FORM_FRESH,
    FORM_GLOBAL,
    FORM_LOCAL,
    FORM_FREE,
    FORM_ATTRIBUTE,
    FORM_ITEM,
    FORM_CALL,
    FORM_IN_PLACE,
    FORM_SUM,
    FORM_TEXT // a constant: `name`
};

struct expression {
    uint8_t form;
    uint16_t slot;
    uint32_t name;   // ITEM: of the key, where that is a constant
    uint16_t before; // the expression that it is of
};

struct deed_reader {
    struct deeds *deeds;
    const struct heap *heap;
    const struct deed_code *code;
    struct bytecode bytecode;
    struct instruction now;
    struct expression expressions[EXPRESSIONS_MAX];
    uint16_t stack[DEPTH_MAX], locals[LOCALS_MAX];
    uint16_t results[LOCALS_MAX]; // the calls whose results the variables have
    struct made {                 // what was assigned anew
        uint32_t name;
        uint8_t form; // of the variable that it belongs to
        uint16_t slot;
    } made[MADE_MAX];
    uint32_t count, depth, made_count, argument_count;
    uint32_t self;                    // the number of the first argument's name
    size_t first;                     // of its deeds
    uint32_t statement;               // the first expression of it
    uint64_t open_until;              // what comes before this may have been jumped over
    uint16_t last_value, last_target; // of the last assignment: x = self.x = []
    bool is_body;                     // of a module or a class
    bool is_constructor;
};

static uint32_t deeds_flag(const struct heap *heap, node code, int32_t offset)
{
    return offset < 0
               ? 0
               : target_u32(heap->py->target, heap_addr(heap, code) + (uint64_t)offset, NULL);
}

#define CO_OPTIMIZED 1 // locals are in slots: not the body of a module or a class

// --- names --------------------------------------------------------------------------------------

static bool deeds_intern(struct deeds *deeds, const char *name, size_t size, uint32_t *number,
                         struct err *err)
{
    const char *kept;
    if (!names_intern(&deeds->names, name, size, number, &kept, err)
        || !vec_grow(&deeds->texts, &deeds->text_capacity, (size_t)*number + 1,
                     sizeof *deeds->texts, err))
        return false;
    deeds->texts[*number] = kept;
    return true;
}

static uint32_t deeds_number(struct deeds *deeds, const struct heap *heap, addr name)
{
    if (!name)
        return DEEDS_NONE;
    uint32_t number = map_get(&deeds->of_address, name);
    if (number != MAP_NONE)
        return number;
    struct text text = TEXT_INIT;
    struct str_view view;
    if (str_view(heap->py, name, &view))
        str_append(heap->py, name, 200, &text);
    if (!text.size || text.failed || !deeds_intern(deeds, text.data, text.size, &number, NULL)
        || !map_put(&deeds->of_address, name, number, NULL))
        number = DEEDS_NONE;
    text_fini(&text);
    return number;
}

uint32_t deeds_name(const struct deeds *deeds, const char *name)
{
    return names_get(&deeds->names, name, strlen(name));
}

// --- the stack ----------------------------------------------------------------------------------

static uint16_t reader_make(struct deed_reader *reader, enum deed_form form, uint32_t name,
                            uint16_t before)
{
    if (reader->count == EXPRESSIONS_MAX)
        return 0;
    reader->expressions[reader->count] =
        (struct expression){ .form = (uint8_t)form, .name = name, .before = before };
    return (uint16_t)reader->count++;
}

static void reader_push(struct deed_reader *reader, uint16_t expression)
{
    if (reader->depth == DEPTH_MAX) {
        memmove(reader->stack, reader->stack + 1, (DEPTH_MAX - 1) * sizeof *reader->stack);
        reader->depth--;
    }
    reader->stack[reader->depth++] = expression;
}

static uint16_t reader_pop(struct deed_reader *reader)
{
    return reader->depth ? reader->stack[--reader->depth] : 0;
}

static void reader_drop(struct deed_reader *reader, uint32_t count)
{
    reader->depth -= count < reader->depth ? count : reader->depth;
}

// The i-th from the top, from 0.
static uint16_t reader_peek(const struct deed_reader *reader, uint32_t i)
{
    return i < reader->depth ? reader->stack[reader->depth - 1 - i] : 0;
}

static const struct expression *reader_at(const struct deed_reader *reader, uint16_t expression)
{
    return &reader->expressions[expression];
}

static uint32_t reader_name(const struct deed_reader *reader, uint32_t number)
{
    return deeds_number(reader->deeds, reader->heap, bytecode_name(&reader->bytecode, number));
}

static uint32_t reader_local_name(const struct deed_reader *reader, uint32_t slot)
{
    const struct frame frame = { .code = reader->bytecode.code };
    return deeds_number(reader->deeds, reader->heap,
                        frame_local_name(reader->heap->py, &frame, slot));
}

static uint16_t reader_make_local(struct deed_reader *reader, uint32_t slot)
{
    uint16_t made = reader_make(reader, FORM_LOCAL, reader_local_name(reader, slot), 0);
    reader->expressions[made].slot = (uint16_t)slot;
    return made;
}

// A constant; of the program's code, texts that may be names.
static void reader_load_constant(struct deed_reader *reader, uint32_t number)
{
    const struct heap *heap = reader->heap;
    addr constant = reader->code->is_program ? bytecode_constant(&reader->bytecode, number) : 0;
    node n = constant ? heap_node_of(heap, constant) : NODE_NONE;
    bool is_text =
        n != NODE_NONE && type_is(type_row(heap->py->types, heap_type(heap, n)), TRAIT_TEXT);
    uint32_t name = is_text ? deeds_number(reader->deeds, heap, constant) : DEEDS_NONE;
    reader_push(reader, name == DEEDS_NONE ? 0 : reader_make(reader, FORM_TEXT, name, 0));
}

static void reader_load_local(struct deed_reader *reader, uint32_t slot)
{
    if (slot < LOCALS_MAX && reader->locals[slot]) { // what it was made of
        reader_push(reader, reader->locals[slot]);
        return;
    }
    reader_push(reader, reader_make_local(reader, slot));
}

// --- deeds --------------------------------------------------------------------------------------

static bool reader_is(const struct deed_reader *reader, uint32_t name, enum deeds_word word)
{
    return reader->deeds->words[word] == name;
}

// Words have small numbers: they were given before any other name.
static const char *const fills[] = { "append",
                                     "add",
                                     "appendleft",
                                     "extend",
                                     "extendleft",
                                     "insert",
                                     "setdefault",
                                     "update",
                                     "put",
                                     "put_nowait",
                                     "push",
                                     "write",
                                     "writelines",
                                     "dump",
                                     "send",
                                     "feed",
                                     "frombytes",
                                     "fromlist",
                                     "heappush",
                                     "insort",
                                     "insort_right",
                                     "insort_left",
                                     "__setitem__",
                                     "register",
                                     "connect",
                                     "subscribe",
                                     "attach",
                                     "listen",
                                     "call_later",
                                     "call_at",
                                     "callLater",
                                     "submit",
                                     "addHandler",
                                     "add_done_callback",
                                     NULL };
static const char *const takes[] = { "pop",
                                     "popitem",
                                     "popleft",
                                     "remove",
                                     "discard",
                                     "clear",
                                     "expire",
                                     "evict",
                                     "prune",
                                     "truncate",
                                     "unregister",
                                     "difference_update",
                                     "intersection_update",
                                     "heappop",
                                     "get_nowait",
                                     "__delitem__",
                                     "disconnect",
                                     "unsubscribe",
                                     "detach",
                                     "removeHandler",
                                     NULL };
static const char *const mores[] = { "concatenate", "concat",    "vstack", "hstack",
                                     "union",       "new_child", NULL };
// dict.__setitem__(x, key, value)
static const char *const classes[] = { "dict",        "list",        "set", "deque",
                                       "OrderedDict", "defaultdict", NULL };
static const char *const words[] = { [DEEDS_LEN] = "len",
                                     [DEEDS_SETATTR] = "setattr",
                                     [DEEDS_GLOBALS_CALL] = "globals",
                                     [DEEDS_DICT] = "__dict__",
                                     [DEEDS_HEAPPUSH] = "heappush",
                                     [DEEDS_INSORT] = "insort",
                                     [DEEDS_HEAPPOP] = "heappop",
                                     [DEEDS_SETDEFAULT] = "setdefault",
                                     [DEEDS_GET] = "get",
                                     [DEEDS_VALUES] = "values",
                                     [DEEDS_ITEMS] = "items",
                                     [DEEDS_POP] = "pop",
                                     [DEEDS_APPEND] = "append",
                                     [DEEDS_SELF] = "self",
                                     [DEEDS_GETATTR] = "getattr",
                                     [DEEDS_VARS] = "vars",
                                     [DEEDS_SUPER] = "super",
                                     [DEEDS_SET_ITEM] = "__setitem__",
                                     [DEEDS_WORDS] = NULL };

static bool deeds_name_all(struct deeds *deeds, const char *const *list, uint32_t *numbers,
                           struct err *err)
{
    uint32_t number;
    for (size_t i = 0; list[i]; i++) {
        if (!deeds_intern(deeds, list[i], strlen(list[i]), &number, err))
            return false;
        if (numbers)
            numbers[i] = number;
    }
    return true;
}

static bool deeds_name_words(struct deeds *deeds, struct err *err)
{
    static const char *const last[] = { DEEDS_GLOBALS, NULL };
    if (!deeds_name_all(deeds, fills, NULL, err))
        return false;
    deeds->take_first = (uint32_t)deeds->names.count;
    if (!deeds_name_all(deeds, takes, NULL, err))
        return false;
    deeds->take_end = (uint32_t)deeds->names.count;
    deeds->more_first = (uint32_t)deeds->names.count;
    if (!deeds_name_all(deeds, mores, NULL, err))
        return false;
    deeds->more_end = (uint32_t)deeds->names.count;
    deeds->class_first = (uint32_t)deeds->names.count;
    if (!deeds_name_all(deeds, classes, NULL, err))
        return false;
    deeds->class_end = (uint32_t)deeds->names.count;
    return deeds_name_all(deeds, words, deeds->words, err)
           && deeds_name_all(deeds, last, &deeds->globals, err);
}

static void reader_add(struct deed_reader *reader, const struct deed *deed)
{
    struct deeds *deeds = reader->deeds;
    if (!vec_grow(&deeds->items, &deeds->capacity, deeds->count + 1, sizeof *deeds->items, NULL)) {
        deeds->out_of_memory = true;
        return;
    }
    deeds->items[deeds->count++] = *deed;
}

// The variable at the end of a chain.
static const struct expression *reader_root(const struct deed_reader *reader, uint16_t expression)
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
static void reader_do(struct deed_reader *reader, enum deed_what what, uint16_t expression,
                      uint32_t word)
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

// --- instructions -------------------------------------------------------------------------------

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

// What was made of a named thing leaves: from now on others may have it.
static void reader_escape(struct deed_reader *reader, uint32_t count)
{
    for (uint32_t i = 0; i < count && i < DEPTH_MAX; i++) {
        uint16_t expression = reader_peek(reader, i);
        enum deed_form form = (enum deed_form)reader_at(reader, expression)->form;
        if (form == FORM_ATTRIBUTE || form == FORM_GLOBAL || form == FORM_FREE)
            reader_do(reader, DEED_ESCAPE, expression, DEEDS_NONE);
    }
}

// What it returns is what calls of it stand for; items of what is named, too.
static void reader_return(struct deed_reader *reader)
{
    uint16_t expression = reader_peek(reader, 0);
    enum deed_form form = (enum deed_form)reader_at(reader, expression)->form;
    if (form == FORM_ATTRIBUTE || form == FORM_GLOBAL || form == FORM_FREE || form == FORM_ITEM)
        reader_do(reader, DEED_ESCAPE, expression, DEEDS_RETURN);
    reader_drop(reader, 1);
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
static uint32_t reader_key(const struct deed_reader *reader, uint32_t arguments)
{
    const struct expression *key =
        reader_at(reader, arguments ? reader_peek(reader, arguments - 1) : 0);
    return key->form == FORM_TEXT ? key->name : DEEDS_NONE;
}

static void reader_call(struct deed_reader *reader, uint32_t arguments, uint32_t below, bool pair)
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
static void reader_call_spread(struct deed_reader *reader, uint32_t size)
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

static bool is_new(const struct expression *value)
{
    return value->form == FORM_FRESH || value->form == FORM_CALL || value->form == FORM_UNKNOWN
           || value->form == FORM_TEXT;
}

// np.append(x, more), np.concatenate([x, more]), pd.concat(...), x.union(more), x.new_child(): x and
// more, where the name was looked at in the same statement.
static bool reader_is_more(const struct deed_reader *reader, const struct expression *value,
                           uint32_t name)
{
    const struct expression *callee =
        value->form == FORM_CALL ? reader_at(reader, value->before) : NULL;
    if (!callee
        || ((callee->name < reader->deeds->more_first || callee->name >= reader->deeds->more_end)
            && !reader_is(reader, callee->name, DEEDS_APPEND)))
        return false;
    for (uint32_t i = reader->statement; i < reader->count; i++)
        if (reader->expressions[i].name == name && reader->expressions[i].form == FORM_ATTRIBUTE)
            return true;
    for (uint32_t i = reader->statement; i < reader->count; i++)
        if (reader->expressions[i].name == name && reader->expressions[i].form == FORM_GLOBAL)
            return true;
    return false;
}

// x = self.x = []: what one name does to it, it does to the other.
static void reader_note_second_name(struct deed_reader *reader, uint16_t target, uint16_t value)
{
    enum deed_form form = (enum deed_form)reader_at(reader, value)->form;
    if (value && value == reader->last_value) {
        reader_do(reader, DEED_ESCAPE, target, DEEDS_NONE);
        reader_do(reader, DEED_ESCAPE, reader->last_target, DEEDS_NONE);
    } else if (form == FORM_ATTRIBUTE || form == FORM_GLOBAL || form == FORM_FREE) {
        reader_do(reader, DEED_ESCAPE, value, DEEDS_NONE);
    }
    reader->last_value = value;
    reader->last_target = target;
}

// A name gets another value.
static void reader_assign(struct deed_reader *reader, uint16_t target, uint16_t value)
{
    const struct expression *at = reader_at(reader, value), *to = reader_at(reader, target);
    reader_note_second_name(reader, target, value);
    if (at->form == FORM_IN_PLACE || at->form == FORM_SUM) {
        const struct expression *of = reader_at(reader, at->before);
        if (of->name == to->name && of->form == to->form)
            reader_do(reader, DEED_ADD, target, DEEDS_NONE);
    } else if (reader_is_more(reader, at, to->name)) {
        reader_do(reader, DEED_ADD, target, DEEDS_NONE);
    } else if (is_new(at)) {
        size_t before = reader->deeds->count;
        reader_do(reader, DEED_RENEW, target, DEEDS_NONE);
        if (reader->deeds->count > before)
            reader->deeds->items[before].is_filled = at->form != FORM_FRESH || at->slot;
        if (reader->made_count < MADE_MAX && reader->now.offset >= reader->open_until) {
            const struct expression *root = reader_root(reader, target);
            reader->made[reader->made_count++] = (struct made){ to->name, root->form, root->slot };
        }
    }
}

static void reader_store_local(struct deed_reader *reader, uint32_t slot, uint16_t value)
{
    const struct expression *at = reader_at(reader, value);
    uint16_t own = reader_make_local(reader, slot);
    if (at->form == FORM_IN_PLACE)
        reader_assign(reader, own, value);
    else if (value && value == reader->last_value)
        reader_note_second_name(reader, own, value);
    reader->last_value = value;
    reader->last_target = own;
    if (slot >= LOCALS_MAX || at->form == FORM_IN_PLACE)
        return;
    bool is_known = at->form == FORM_GLOBAL || at->form == FORM_ATTRIBUTE || at->form == FORM_ITEM
                    || at->form == FORM_FREE;
    if (at->form == FORM_FRESH && reader->now.offset < reader->open_until && reader->locals[slot])
        return; // kept = CACHE.get(key); if kept is None: kept = CACHE[key] = []
    reader->locals[slot] = is_known ? value : 0;
    reader->results[slot] = at->form == FORM_CALL ? value : 0;
}

static void reader_store(struct deed_reader *reader, const struct instruction *now)
{
    uint16_t value, key, container, target;
    switch (now->what) {
    case BYTECODE_STORE_ATTR:
        container = reader_pop(reader);
        value = reader_pop(reader);
        target = reader_make(reader, FORM_ATTRIBUTE, reader_name(reader, now->number), container);
        reader_assign(reader, target, value);
        break;
    case BYTECODE_STORE_NAME:
        value = reader_pop(reader);
        target = reader_make(reader, FORM_GLOBAL, reader_name(reader, now->number), 0);
        reader_assign(reader, target, value);
        break;
    case BYTECODE_STORE_FREE:
        value = reader_pop(reader);
        target = reader_make(reader, FORM_FREE, reader_local_name(reader, now->number), 0);
        reader_assign(reader, target, value);
        break;
    case BYTECODE_STORE_ITEM:
    case BYTECODE_DELETE_ITEM:
        key = reader_pop(reader);
        container = reader_pop(reader);
        (void)key;
        if (now->what == BYTECODE_STORE_ITEM) {
            reader_escape(reader, 1);
            reader_drop(reader, 1);
        }
        reader_do(reader, now->what == BYTECODE_STORE_ITEM ? DEED_ADD : DEED_TAKE, container,
                  DEEDS_ITEM);
        break;
    case BYTECODE_STORE_LOCAL:
        reader_store_local(reader, now->number, reader_pop(reader));
        break;
    case BYTECODE_STORE_LOAD:
        reader_store_local(reader, now->number, reader_pop(reader));
        reader_load_local(reader, now->second);
        break;
    case BYTECODE_STORE_STORE:
        reader_store_local(reader, now->number, reader_pop(reader));
        reader_store_local(reader, now->second, reader_pop(reader));
        break;
    default:
        break;
    }
}

static void reader_load(struct deed_reader *reader, const struct instruction *now)
{
    uint16_t of, made, null = reader_make(reader, FORM_NULL, DEEDS_NONE, 0);
    bool null_first = !reader->heap->py->rules.null_above;
    switch (now->what) {
    case BYTECODE_LOAD_LOCALS:
        reader_load_local(reader, now->number);
        reader_load_local(reader, now->second);
        break;
    case BYTECODE_LOAD_LOCAL:
        reader_load_local(reader, now->number);
        break;
    case BYTECODE_LOAD_FREE:
        reader_push(reader,
                    reader_make(reader, FORM_FREE, reader_local_name(reader, now->number), 0));
        break;
    case BYTECODE_LOAD_GLOBAL:
    case BYTECODE_LOAD_NAME:
        made = reader_make(reader, FORM_GLOBAL, reader_name(reader, now->number), 0);
        if (now->flag && null_first)
            reader_push(reader, null);
        reader_push(reader, made);
        if (now->flag && !null_first)
            reader_push(reader, null);
        break;
    case BYTECODE_LOAD_SUPER:
        reader_drop(reader, 3);
        of = reader->argument_count ? reader_make_local(reader, 0) : 0;
        reader_push(reader,
                    reader_make(reader, FORM_ATTRIBUTE, reader_name(reader, now->number), of));
        if (now->flag)
            reader_push(reader, of);
        break;
    default: // an attribute
        of = reader_pop(reader);
        reader_push(reader,
                    reader_make(reader, FORM_ATTRIBUTE, reader_name(reader, now->number), of));
        if (now->flag || now->what == BYTECODE_LOAD_METHOD)
            reader_push(reader, of);
        break;
    }
}

static void reader_one_of(struct deed_reader *reader, uint32_t count, enum deed_form form,
                          uint16_t before)
{
    reader_drop(reader, count);
    reader_push(reader, reader_make(reader, form, DEEDS_NONE, before));
}

// A display: what it has in it has left; an empty one has slot 0.
static void reader_build(struct deed_reader *reader, uint32_t count)
{
    reader_escape(reader, count);
    reader_drop(reader, count);
    uint16_t made = reader_make(reader, FORM_FRESH, DEEDS_NONE, 0);
    reader->expressions[made].slot = (uint16_t)(count > 0);
    reader_push(reader, made);
}

// MAKE_FUNCTION: up to 3.5 another way; up to 3.10 a name on top; then code alone. The bits: what
// lies under it.
static uint32_t reader_function_size(const struct deed_reader *reader, uint32_t bits)
{
    const struct rules *rules = &reader->heap->py->rules;
    uint32_t count = rules->call_in_pairs ? 1 : 2;
    if (rules->two)
        return 1 + bits;
    if (rules->function_bare)
        return 1;
    for (uint32_t bit = 1; bit <= 8; bit <<= 1)
        count += (bits & bit) != 0;
    return count;
}

static void reader_swap(struct deed_reader *reader, uint32_t with)
{
    if (!with || with > reader->depth)
        return;
    uint16_t *a = &reader->stack[reader->depth - 1], *b = &reader->stack[reader->depth - with];
    uint16_t kept = *a;
    *a = *b;
    *b = kept;
}

// Whether functions of the program are called from there on.
static bool reader_calls_since(const struct deed_reader *reader, uint64_t target)
{
    const struct deeds *deeds = reader->deeds;
    for (size_t i = deeds->count; i-- > reader->first && deeds->items[i].offset >= target;)
        if (deeds->items[i].what == DEED_CALL
            && map_get(&deeds->functions, deeds->items[i].name) != MAP_NONE)
            return true;
    return false;
}

static void reader_note_loop(struct deed_reader *reader, uint64_t target, uint64_t offset)
{
    struct deeds *deeds = reader->deeds;
    struct deed_code *code = (struct deed_code *)reader->code;
    if (!code->is_active) // nobody asks
        return;
    if (!vec_grow(&deeds->loops, &deeds->loop_capacity, deeds->loop_count + 1, sizeof *deeds->loops,
                  NULL)) {
        deeds->out_of_memory = true;
        return;
    }
    if (!code->loop_count++)
        code->first_loop = (uint32_t)deeds->loop_count;
    deeds->loops[deeds->loop_count++] =
        (struct deed_loop){ .begin = (uint32_t)target,
                            .end = (uint32_t)offset,
                            .calls = reader_calls_since(reader, target) };
}

// `while True:` without a way out but an error. stored: bits, the first variables that get another
// value in it.
static bool reader_is_endless(const struct deed_reader *reader, uint64_t begin, uint64_t end,
                              uint64_t *stored)
{
    struct bytecode bytecode = reader->bytecode;
    struct instruction now;
    *stored = 0;
    for (bytecode.at = begin; bytecode_next(&bytecode, &now) && now.offset <= end;) {
        bool jumps = now.what == BYTECODE_JUMP || now.what == BYTECODE_JUMP_IF;
        if ((jumps && now.number > end) || now.what == BYTECODE_RETURN
            || now.what == BYTECODE_RETURN_CONST
            || (now.what == BYTECODE_ITERATE && now.offset == begin))
            return false;
        bool stores = now.what == BYTECODE_STORE_LOCAL || now.what == BYTECODE_STORE_LOAD
                      || now.what == BYTECODE_STORE_STORE;
        if (stores && now.number < 64)
            *stored |= UINT64_C(1) << now.number;
        if (now.what == BYTECODE_STORE_STORE && now.second < 64)
            *stored |= UINT64_C(1) << now.second;
    }
    return true;
}

// Whether a variable's thing is another one in each round, as far as names tell.
static bool reader_is_anew(const struct deed_reader *reader, const struct deed *deed,
                           uint64_t target, uint64_t stored)
{
    if (deed->reach == DEED_LOCAL)
        return deed->slot >= 64 || (stored >> deed->slot & 1);
    for (size_t i = reader->deeds->count; i-- > reader->first;) {
        const struct deed *other = &reader->deeds->items[i];
        if (other->offset < target)
            break;
        if (other->what == DEED_RENEW && other->name == deed->name)
            return true;
    }
    return false;
}

// What was done since the loop's first instruction is done in a loop.
static void reader_close_loop(struct deed_reader *reader, uint64_t target, uint64_t offset,
                              bool is_always)
{
    uint64_t stored = 0;
    if (target >= offset)
        return;
    reader_note_loop(reader, target, offset);
    bool endless =
        is_always && reader->code->is_active && reader_is_endless(reader, target, offset, &stored);
    for (size_t i = reader->deeds->count; i-- > reader->first;) {
        struct deed *deed = &reader->deeds->items[i];
        if (deed->offset < target)
            break;
        deed->in_loop = true;
        deed->is_endless |= endless && (deed->reach == DEED_LOCAL || deed->reach == DEED_GLOBAL)
                            && !reader_is_anew(reader, deed, target, stored);
    }
}

static void reader_shuffle(struct deed_reader *reader, const struct instruction *now)
{
    uint16_t a, b, c;
    switch (now->what) {
    case BYTECODE_COPY:
        reader_push(reader, now->number ? reader_peek(reader, now->number - 1) : 0);
        break;
    case BYTECODE_SWAP:
        reader_swap(reader, now->number);
        break;
    case BYTECODE_DUP:
        reader_push(reader, reader_peek(reader, 0));
        break;
    case BYTECODE_DUP_TWO:
        a = reader_peek(reader, 1);
        b = reader_peek(reader, 0);
        reader_push(reader, a);
        reader_push(reader, b);
        break;
    case BYTECODE_ROT_TWO:
        reader_swap(reader, 2);
        break;
    case BYTECODE_ROT_THREE: // the topmost goes under the two below it
        a = reader_pop(reader);
        b = reader_pop(reader);
        c = reader_pop(reader);
        reader_push(reader, a);
        reader_push(reader, c);
        reader_push(reader, b);
        break;
    default:
        break;
    }
}

static void reader_step(struct deed_reader *reader)
{
    const struct instruction *now = &reader->now;
    const struct rules *rules = &reader->heap->py->rules;
    uint16_t made;
    switch (now->what) {
    case BYTECODE_SAME:
    case BYTECODE_NOTHING:
    case BYTECODE_EXTEND:
    case BYTECODE_ITERATOR:
        break;
    case BYTECODE_DELETE_ATTR:
        reader_drop(reader, 1);
        break;
    case BYTECODE_VALUE:
        reader_push(reader, 0);
        break;
    case BYTECODE_CONST:
        reader_load_constant(reader, now->number);
        break;
    case BYTECODE_POP1:
    case BYTECODE_POP2:
    case BYTECODE_POP3:
    case BYTECODE_POP4:
        reader_drop(reader, now->what - BYTECODE_POP1 + 1);
        break;
    case BYTECODE_PUSH1:
    case BYTECODE_PUSH2:
    case BYTECODE_PUSH3:
    case BYTECODE_PUSH4:
        for (int i = 0; i <= (int)(now->what - BYTECODE_PUSH1); i++)
            reader_push(reader, 0);
        break;
    case BYTECODE_YIELD:
        reader_escape(reader, 1);
        reader_one_of(reader, 1, FORM_UNKNOWN, 0);
        break;
    case BYTECODE_CHANGE:
        reader_one_of(reader, 1, FORM_UNKNOWN, 0);
        break;
    case BYTECODE_OPERATE:
        reader_one_of(reader, 2, FORM_SUM, reader_peek(reader, 1));
        break;
    case BYTECODE_BINARY:
    case BYTECODE_COMPARE:
        reader_one_of(reader, 2, FORM_UNKNOWN, 0);
        break;
    case BYTECODE_IN_PLACE:
        reader_one_of(reader, 2, FORM_IN_PLACE, reader_peek(reader, 1));
        break;
    case BYTECODE_GET_ITEM:
        if (reader->deeds->has_defaults)
            reader_do(reader, DEED_LOOK, reader_peek(reader, 1), DEEDS_ITEM);
        made = reader_make(reader, FORM_ITEM, reader_key(reader, 1), reader_peek(reader, 1));
        reader_drop(reader, 2);
        reader_push(reader, made);
        break;
    case BYTECODE_LOAD_LOCAL:
    case BYTECODE_LOAD_LOCALS:
    case BYTECODE_LOAD_FREE:
    case BYTECODE_LOAD_GLOBAL:
    case BYTECODE_LOAD_NAME:
    case BYTECODE_LOAD_ATTR:
    case BYTECODE_LOAD_METHOD:
    case BYTECODE_LOAD_SUPER:
        reader_load(reader, now);
        break;
    case BYTECODE_STORE_LOCAL:
    case BYTECODE_STORE_LOAD:
    case BYTECODE_STORE_STORE:
    case BYTECODE_STORE_FREE:
    case BYTECODE_STORE_NAME:
    case BYTECODE_STORE_ATTR:
    case BYTECODE_STORE_ITEM:
    case BYTECODE_DELETE_ITEM:
        reader_store(reader, now);
        break;
    case BYTECODE_CALL:
        reader_call(reader, now->number, now->second, now->flag);
        break;
    case BYTECODE_CALL_NAMED:
        reader_drop(reader, 1); // the names
        reader_call(reader, now->number, now->second, now->flag);
        break;
    case BYTECODE_CALL_SPREAD:
        reader_call_spread(
            reader, rules->spread_keywords ? 4 : 2 + (now->number & 1) + rules->call_in_pairs);
        break;
    case BYTECODE_BUILD:
        reader_build(reader, now->number);
        break;
    case BYTECODE_BUILD_KEYED:
        reader_build(reader, now->number + 1);
        break;
    case BYTECODE_BUILD_MAP:
        reader_build(reader, rules->two ? 0 : 2 * now->number);
        break;
    case BYTECODE_FORMAT:
        reader_one_of(reader, now->number & 4 ? 2 : 1, FORM_UNKNOWN, 0);
        break;
    case BYTECODE_FUNCTION:
        reader_one_of(reader, reader_function_size(reader, now->number), FORM_UNKNOWN, 0);
        break;
    case BYTECODE_UNPACK: {
        uint16_t of = reader_pop(reader);
        for (uint32_t i = 0; i < now->number && i < DEPTH_MAX; i++)
            reader_push(reader, reader_at(reader, of)->form == FORM_ITEM ? of : 0);
        break;
    }
    case BYTECODE_RETURN:
        reader_return(reader);
        break;
    case BYTECODE_POP:
        reader_drop(reader, 1);
        break;
    case BYTECODE_ITERATE: // above a display that is being made: a comprehension
        if (reader_at(reader, reader_peek(reader, 1))->form == FORM_FRESH)
            reader->expressions[reader_peek(reader, 1)].slot = 1;
        reader_push(reader, reader_make(reader, FORM_ITEM, DEEDS_NONE, reader_peek(reader, 0)));
        break;
    case BYTECODE_NULL:
        reader_push(reader, reader_make(reader, FORM_NULL, DEEDS_NONE, 0));
        break;
    case BYTECODE_JUMP_BACK_IF:
    case BYTECODE_JUMP_IF:
        reader_drop(reader, 1);
        if (now->number > now->offset && now->number > reader->open_until)
            reader->open_until = now->number;
        reader_close_loop(reader, now->number, now->offset, false);
        break;
    case BYTECODE_JUMP_BACK:
    case BYTECODE_JUMP:
        reader_close_loop(reader, now->number, now->offset, true);
        break;
    default:
        reader_shuffle(reader, now);
        break;
    }
}

// --- functions ----------------------------------------------------------------------------------

static void reader_begin(struct deed_reader *reader, const struct deed_code *code)
{
    static const char *const constructors[] = {
        "__init__", "__new__", "__post_init__", "__setstate__", "__attrs_post_init__", NULL
    };
    const struct heap *heap = reader->heap;
    const struct layout *l = &heap->py->layout;
    addr name = READ(heap->py, heap_addr(heap, code->code), PyCodeObject_co_name);
    reader->code = code;
    reader->count = 1; // 0 is unknown
    reader->expressions[0] = (struct expression){ .form = FORM_UNKNOWN, .name = DEEDS_NONE };
    reader->depth = reader->made_count = 0;
    reader->first = reader->deeds->count;
    reader->open_until = 0;
    reader->last_value = reader->last_target = 0;
    reader->statement = 1;
    memset(reader->locals, 0, sizeof reader->locals);
    memset(reader->results, 0, sizeof reader->results);
    reader->argument_count = deeds_flag(heap, code->code, l->PyCodeObject_co_argcount)
                             + deeds_flag(heap, code->code, l->PyCodeObject_co_kwonlyargcount);
    reader->is_body = code->is_body;
    reader->is_constructor = false;
    for (const char *const *word = constructors; *word; word++)
        reader->is_constructor |= name && str_equals(heap->py, name, *word);
}

static void reader_read(struct deed_reader *reader, const struct deed_code *code)
{
    if (!bytecode_open(&reader->bytecode, reader->heap->py, heap_addr(reader->heap, code->code))) {
        reader->deeds->unread++;
        return;
    }
    reader_begin(reader, code);
    while (bytecode_next(&reader->bytecode, &reader->now)) {
        reader_step(reader);
        if (!reader->depth)
            reader->statement = reader->count;
    }
}

// --- all of them --------------------------------------------------------------------------------

static int deeds_by_code(const void *left, const void *right)
{
    const struct deed_code *a = left, *b = right;
    return (a->code > b->code) - (a->code < b->code);
}

const struct deed_code *deeds_code(const struct deeds *deeds, node code)
{
    const struct deed_code key = { .code = code };
    return deeds->code_count
               ? bsearch(&key, deeds->codes, deeds->code_count, sizeof *deeds->codes, deeds_by_code)
               : NULL;
}

static bool deeds_list_codes(struct deeds *deeds, const struct heap *heap,
                             const struct root_paths *ways, struct err *err)
{
    addr last = 0;
    bool is_program = false;
    for (node n = 0; n < heap->node_count; n++) {
        if (!type_is(type_row(heap->py->types, heap_type(heap, n)), TRAIT_CODE))
            continue;
        addr file = READ(heap->py, heap_addr(heap, n), PyCodeObject_co_filename);
        if (file != last)
            is_program = code_is_program(heap, ways, n);
        last = file;
        if (!vec_grow(&deeds->codes, &deeds->code_capacity, deeds->code_count + 1,
                      sizeof *deeds->codes, err))
            return false;
        deeds->codes[deeds->code_count++] = (struct deed_code){
            .code = n,
            .function = NODE_NONE,
            .globals = NODE_NONE,
            .is_program = is_program,
            .is_body =
                !(deeds_flag(heap, n, heap->py->layout.PyCodeObject_co_flags) & CO_OPTIMIZED),
        };
    }
    return true;
}

// Whose code it is, and in which globals it runs; what has no function yet, or none any more, is
// taken to run where others of its file do.
static bool deeds_find_functions(struct deeds *deeds, const struct heap *heap, struct err *err)
{
    struct map of_file = MAP_INIT;
    bool ok = true;
    for (node n = 0; n < heap->node_count; n++) {
        if (!type_is(type_row(heap->py->types, heap_type(heap, n)), TRAIT_FUNCTION))
            continue;
        node code =
            heap_node_of(heap, READ(heap->py, heap_addr(heap, n), PyFunctionObject_func_code));
        struct deed_code *row = (struct deed_code *)deeds_code(deeds, code);
        if (!row)
            continue;
        row->function = n;
        row->globals =
            heap_node_of(heap, READ(heap->py, heap_addr(heap, n), PyFunctionObject_func_globals));
        addr file = READ(heap->py, heap_addr(heap, code), PyCodeObject_co_filename);
        if (row->globals != NODE_NONE)
            ok = ok && map_put(&of_file, file, row->globals, err);
    }
    for (size_t i = 0; i < deeds->code_count; i++) {
        struct deed_code *row = &deeds->codes[i];
        if (row->globals == NODE_NONE)
            row->globals = map_get(
                &of_file, READ(heap->py, heap_addr(heap, row->code), PyCodeObject_co_filename));
    }
    map_fini(&of_file);
    return ok;
}

// What the program's functions are called.
static bool deeds_name_functions(struct deeds *deeds, const struct heap *heap, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < deeds->code_count; i++) {
        const struct deed_code *row = &deeds->codes[i];
        if (!row->is_program || row->is_body)
            continue;
        uint32_t name = deeds_number(
            deeds, heap, READ(heap->py, heap_addr(heap, row->code), PyCodeObject_co_name));
        ok = name == DEEDS_NONE || map_put(&deeds->functions, name, 1, err);
    }
    return ok;
}

// What runs, or waits in the middle.
static void deeds_note_active(struct deeds *deeds, const struct heap *heap,
                              const struct frame *frame, addr called_by)
{
    struct deed_code *row = (struct deed_code *)deeds_code(deeds, heap_node_of(heap, frame->code));
    const struct deed_code *caller =
        called_by ? deeds_code(deeds, heap_node_of(heap, called_by)) : NULL;
    if (!row)
        return;
    int64_t at = frame_offset(heap->py, frame);
    uint32_t offset = at < 0 || at > UINT32_MAX ? 0 : (uint32_t)at;
    row->least = row->is_active && row->least < offset ? row->least : offset;
    row->most = row->is_active && row->most > offset ? row->most : offset;
    row->is_active = true;
    row->is_first |= caller && caller->is_body;
}

static void deeds_find_active(struct deeds *deeds, const struct heap *heap)
{
    const struct python *py = heap->py;
    for (size_t i = 0; i < py->interpreter_count; i++)
        for (size_t t = 0; t < py->interpreters[i].thread_count; t++) {
            struct frame_walk walk;
            struct frame frame, inner = { 0 };
            frame_walk_begin(&walk, py, &py->interpreters[i].threads[t]);
            for (; frame_walk_next(&walk, &frame); inner = frame)
                if (inner.code)
                    deeds_note_active(deeds, heap, &inner, frame.code);
            if (inner.code)
                deeds_note_active(deeds, heap, &inner, 0);
        }
    uint32_t type = UINT32_MAX; // of the one before: most are alike
    bool is_generator = false;
    for (node n = 0; n < heap->node_count; n++) {
        struct frame frame;
        if (heap_type(heap, n) != type)
            is_generator = task_is_generator(heap, n);
        type = heap_type(heap, n);
        if (is_generator
            && frame_of_generator(py, type_row(py->types, heap_type(heap, n)), heap_addr(heap, n),
                                  &frame))
            deeds_note_active(deeds, heap, &frame, 0);
    }
}

static int deeds_by_name(const void *left, const void *right)
{
    const struct deed *a = left, *b = right;
    if (a->name != b->name)
        return a->name < b->name ? -1 : 1;
    if (a->code != b->code)
        return a->code < b->code ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

bool deeds_find(struct deeds *deeds, const struct heap *heap, const struct root_paths *ways,
                struct err *err)
{
    *deeds = (struct deeds){ .of_address = MAP_INIT, .functions = MAP_INIT };
    struct deed_reader *reader = calloc(1, sizeof *reader);
    bool ok = reader ? deeds_name_words(deeds, err) && deeds_list_codes(deeds, heap, ways, err)
                           && deeds_find_functions(deeds, heap, err)
                           && deeds_name_functions(deeds, heap, err)
                     : err_memory(err, "what functions do");
    if (ok) {
        reader->deeds = deeds;
        reader->heap = heap;
        for (uint32_t t = 0; t < heap_type_count(heap); t++)
            deeds->has_defaults |= type_is(type_row(heap->py->types, t), TRAIT_DEFAULT_DICT);
    }
    if (ok)
        deeds_find_active(deeds, heap);
    for (size_t i = 0; ok && i < deeds->code_count; i++)
        reader_read(reader, &deeds->codes[i]);
    free(reader);
    if (ok && deeds->out_of_memory)
        ok = err_memory(err, "what functions do");
    if (ok && deeds->count)
        qsort(deeds->items, deeds->count, sizeof *deeds->items, deeds_by_name);
    if (!ok)
        deeds_free(deeds);
    return ok;
}

const struct deed *deeds_of(const struct deeds *deeds, uint32_t name, size_t *count)
{
    size_t low = 0, high = deeds->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (deeds->items[middle].name < name)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < deeds->count && deeds->items[end].name == name)
        end++;
    *count = end - low;
    return deeds->items + low;
}

// Where the outermost loop ends that the offset lies in; 0: in none.
static uint32_t deeds_loop_end(const struct deeds *deeds, const struct deed_code *code,
                               uint32_t offset)
{
    uint32_t end = 0; // inner loops end before outer ones: one pass
    for (uint32_t i = 0; i < code->loop_count; i++) {
        const struct deed_loop *loop = &deeds->loops[code->first_loop + i];
        if (loop->begin <= offset && loop->end >= offset)
            end = loop->end > end ? loop->end : end;
    }
    return end;
}

bool deeds_loop_is_over(const struct deeds *deeds, const struct deed *deed)
{
    const struct deed_code *code = deeds_code(deeds, deed->code);
    uint32_t end = code ? deeds_loop_end(deeds, code, deed->offset) : 0;
    if (!end)
        return false;
    for (uint32_t i = 0; i < code->loop_count; i++) {
        const struct deed_loop *loop = &deeds->loops[code->first_loop + i];
        if (loop->calls && loop->begin > end && loop->begin <= code->least)
            return true;
    }
    return false;
}

void deeds_free(struct deeds *deeds)
{
    free(deeds->items);
    free(deeds->codes);
    free(deeds->loops);
    free(deeds->texts);
    map_fini(&deeds->functions);
    names_fini(&deeds->names);
    map_fini(&deeds->of_address);
    *deeds = (struct deeds){ 0 };
}
