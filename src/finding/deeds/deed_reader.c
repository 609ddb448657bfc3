// SPDX-License-Identifier: GPL-3.0-or-later
// What each instruction does to the stack: see deed_reader.h.
#include "finding/deeds/deed_reader.h"

#include "finding/deeds/deed_code.h"
#include "finding/deeds/deed_name.h"
#include "py/objects/str.h"
#include "py/read.h"
#include "py/runtime/frames.h"

uint32_t reader_name(const struct deed_reader *reader, uint32_t number)
{
    return deed_name_of(reader->deeds, reader->heap, bytecode_name(&reader->bytecode, number));
}

uint32_t reader_local_name(const struct deed_reader *reader, uint32_t slot)
{
    const struct frame frame = { .code = reader->bytecode.code };
    return deed_name_of(reader->deeds, reader->heap,
                        frame_local_name(reader->heap->py, &frame, slot));
}

uint16_t reader_make_local(struct deed_reader *reader, uint32_t slot)
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
    uint32_t name = is_text ? deed_name_of(reader->deeds, heap, constant) : DEEDS_NONE;
    reader_push(reader, name == DEEDS_NONE ? 0 : reader_make(reader, FORM_TEXT, name, 0));
}

void reader_load_local(struct deed_reader *reader, uint32_t slot)
{
    if (slot < LOCALS_MAX && reader->locals[slot]) { // what it was made of
        reader_push(reader, reader->locals[slot]);
        return;
    }
    reader_push(reader, reader_make_local(reader, slot));
}

static void reader_load(struct deed_reader *reader)
{
    const struct instruction *now = &reader->now;
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

static void reader_shuffle(struct deed_reader *reader)
{
    const struct instruction *now = &reader->now;
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

// --- instructions -------------------------------------------------------------------------------

static void step_const(struct deed_reader *reader)
{
    reader_load_constant(reader, reader->now.number);
}

static void step_yield(struct deed_reader *reader)
{
    reader_escape(reader, 1);
    reader_one_of(reader, 1, FORM_UNKNOWN, 0);
}

static void step_operate(struct deed_reader *reader)
{
    reader_one_of(reader, 2, FORM_SUM, reader_peek(reader, 1));
}

static void step_in_place(struct deed_reader *reader)
{
    reader_one_of(reader, 2, FORM_IN_PLACE, reader_peek(reader, 1));
}

static void step_get_item(struct deed_reader *reader)
{
    if (reader->deeds->has_defaults)
        reader_do(reader, DEED_LOOK, reader_peek(reader, 1), DEEDS_ITEM);
    uint16_t made = reader_make(reader, FORM_ITEM, reader_key(reader, 1), reader_peek(reader, 1));
    reader_drop(reader, 2);
    reader_push(reader, made);
}

static void step_call(struct deed_reader *reader)
{
    const struct instruction *now = &reader->now;
    if (now->what == BYTECODE_CALL_NAMED)
        reader_drop(reader, 1); // the names
    reader_call(reader, now->number, now->second, now->flag);
}

static void step_call_spread(struct deed_reader *reader)
{
    const struct rules *rules = &reader->heap->py->rules;
    bool has_keywords = reader->now.number & 1;
    reader_call_spread(reader,
                       rules->spread_keywords ? 4 : 2u + has_keywords + rules->call_in_pairs);
}

static void step_build(struct deed_reader *reader)
{
    reader_build(reader, reader->now.number);
}

static void step_build_keyed(struct deed_reader *reader)
{
    reader_build(reader, reader->now.number + 1);
}

static void step_build_map(struct deed_reader *reader)
{
    reader_build(reader, reader->heap->py->rules.two ? 0 : 2 * reader->now.number);
}

static void step_format(struct deed_reader *reader)
{
    reader_one_of(reader, reader->now.number & 4 ? 2 : 1, FORM_UNKNOWN, 0);
}

static void step_function(struct deed_reader *reader)
{
    reader_one_of(reader, reader_function_size(reader, reader->now.number), FORM_UNKNOWN, 0);
}

static void step_unpack(struct deed_reader *reader)
{
    uint16_t of = reader_pop(reader);
    for (uint32_t i = 0; i < reader->now.number && i < DEPTH_MAX; i++)
        reader_push(reader, reader_at(reader, of)->form == FORM_ITEM ? of : 0);
}

static void step_iterate(struct deed_reader *reader)
{
    struct expression *display = &reader->expressions[reader_peek(reader, 1)];
    if (display->form == FORM_FRESH) // one that is being made: a comprehension
        display->slot = 1;
    reader_push(reader, reader_make(reader, FORM_ITEM, DEEDS_NONE, reader_peek(reader, 0)));
}

static void step_null(struct deed_reader *reader)
{
    reader_push(reader, reader_make(reader, FORM_NULL, DEEDS_NONE, 0));
}

static void step_jump(struct deed_reader *reader)
{
    reader_close_loop(reader, reader->now.number, reader->now.offset, true);
}

static void step_jump_if(struct deed_reader *reader)
{
    const struct instruction *now = &reader->now;
    reader_drop(reader, 1);
    if (now->number > now->offset && now->number > reader->open_until)
        reader->open_until = now->number;
    reader_close_loop(reader, now->number, now->offset, false);
}

// What has no row leaves the stack as it is.
static const struct step {
    uint8_t drops;                           // so many come off it,
    uint8_t pushes;                          // then so many go on it of which nothing is known,
    bool makes;                              // or one that is something new;
    void (*run)(struct deed_reader *reader); // or all that is done here
} steps[] = {
    [BYTECODE_POP] = { .drops = 1 },
    [BYTECODE_POP1] = { .drops = 1 },
    [BYTECODE_POP2] = { .drops = 2 },
    [BYTECODE_POP3] = { .drops = 3 },
    [BYTECODE_POP4] = { .drops = 4 },
    [BYTECODE_PUSH1] = { .pushes = 1 },
    [BYTECODE_PUSH2] = { .pushes = 2 },
    [BYTECODE_PUSH3] = { .pushes = 3 },
    [BYTECODE_PUSH4] = { .pushes = 4 },
    [BYTECODE_CHANGE] = { .drops = 1, .makes = true },
    [BYTECODE_BINARY] = { .drops = 2, .makes = true },
    [BYTECODE_COMPARE] = { .drops = 2, .makes = true },
    [BYTECODE_OPERATE] = { .run = step_operate },
    [BYTECODE_IN_PLACE] = { .run = step_in_place },
    [BYTECODE_VALUE] = { .pushes = 1 },
    [BYTECODE_CONST] = { .run = step_const },
    [BYTECODE_NULL] = { .run = step_null },
    [BYTECODE_LOAD_LOCAL] = { .run = reader_load },
    [BYTECODE_LOAD_LOCALS] = { .run = reader_load },
    [BYTECODE_LOAD_FREE] = { .run = reader_load },
    [BYTECODE_LOAD_GLOBAL] = { .run = reader_load },
    [BYTECODE_LOAD_NAME] = { .run = reader_load },
    [BYTECODE_LOAD_ATTR] = { .run = reader_load },
    [BYTECODE_LOAD_METHOD] = { .run = reader_load },
    [BYTECODE_LOAD_SUPER] = { .run = reader_load },
    [BYTECODE_STORE_LOCAL] = { .run = reader_store },
    [BYTECODE_STORE_LOAD] = { .run = reader_store },
    [BYTECODE_STORE_STORE] = { .run = reader_store },
    [BYTECODE_STORE_FREE] = { .run = reader_store },
    [BYTECODE_STORE_NAME] = { .run = reader_store },
    [BYTECODE_STORE_ATTR] = { .run = reader_store },
    [BYTECODE_STORE_ITEM] = { .run = reader_store },
    [BYTECODE_DELETE_ATTR] = { .drops = 1 },
    [BYTECODE_DELETE_ITEM] = { .run = reader_store },
    [BYTECODE_GET_ITEM] = { .run = step_get_item },
    [BYTECODE_CALL] = { .run = step_call },
    [BYTECODE_CALL_NAMED] = { .run = step_call },
    [BYTECODE_CALL_SPREAD] = { .run = step_call_spread },
    [BYTECODE_BUILD] = { .run = step_build },
    [BYTECODE_BUILD_KEYED] = { .run = step_build_keyed },
    [BYTECODE_BUILD_MAP] = { .run = step_build_map },
    [BYTECODE_FORMAT] = { .run = step_format },
    [BYTECODE_FUNCTION] = { .run = step_function },
    [BYTECODE_UNPACK] = { .run = step_unpack },
    [BYTECODE_ITERATE] = { .run = step_iterate },
    [BYTECODE_COPY] = { .run = reader_shuffle },
    [BYTECODE_SWAP] = { .run = reader_shuffle },
    [BYTECODE_DUP] = { .run = reader_shuffle },
    [BYTECODE_DUP_TWO] = { .run = reader_shuffle },
    [BYTECODE_ROT_TWO] = { .run = reader_shuffle },
    [BYTECODE_ROT_THREE] = { .run = reader_shuffle },
    [BYTECODE_RETURN] = { .run = reader_return },
    [BYTECODE_YIELD] = { .run = step_yield },
    [BYTECODE_JUMP] = { .run = step_jump },
    [BYTECODE_JUMP_BACK] = { .run = step_jump },
    [BYTECODE_JUMP_IF] = { .run = step_jump_if },
    [BYTECODE_JUMP_BACK_IF] = { .run = step_jump_if },
};

static void reader_step(struct deed_reader *reader)
{
    static const struct step none = { 0 };
    enum bytecode_what what = reader->now.what;
    const struct step *step = what < sizeof steps / sizeof *steps ? &steps[what] : &none;
    if (step->run) {
        step->run(reader);
        return;
    }
    reader_drop(reader, step->drops);
    for (int i = 0; i < step->pushes; i++)
        reader_push(reader, 0);
    if (step->makes)
        reader_push(reader, reader_make(reader, FORM_UNKNOWN, DEEDS_NONE, 0));
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
    reader->argument_count = deed_code_int(heap, code->code, l->PyCodeObject_co_argcount)
                             + deed_code_int(heap, code->code, l->PyCodeObject_co_kwonlyargcount);
    reader->is_body = code->is_body;
    reader->is_constructor = false;
    for (const char *const *word = constructors; *word; word++)
        reader->is_constructor |= name && str_equals(heap->py, name, *word);
}

void reader_read(struct deed_reader *reader, const struct deed_code *code)
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
