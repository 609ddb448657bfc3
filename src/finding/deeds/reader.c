// SPDX-License-Identifier: GPL-3.0-or-later
// What each instruction does to the stack: see reader.h.
#include "finding/deeds/reader.h"

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
