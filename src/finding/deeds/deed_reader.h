// SPDX-License-Identifier: GPL-3.0-or-later
// Reading the deeds of one function after the other: the reader, its stack, and what its files offer each other.
//
// Each word of the stack is an expression: a chain that ends at a variable.
//
//      self.todo.append     ATTRIBUTE append -> ATTRIBUTE todo -> LOCAL self
//      by_day[d]            ITEM -> GLOBAL by_day
//
// Does not know: control flow. Owns: nothing. Borrows: the list, and the heap. Cost: some 50 ns per instruction.
#ifndef OURO_FINDING_DEEDS_DEED_READER_H
#define OURO_FINDING_DEEDS_DEED_READER_H

#include <string.h>

#include "finding/deeds/deed.h"
#include "py/runtime/bytecode.h"

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
    size_t first;                     // of its deeds
    uint32_t statement;               // the first expression of it
    uint64_t open_until;              // what comes before this may have been jumped over
    uint16_t last_value, last_target; // of the last assignment: x = self.x = []
    bool is_body;                     // of a module or a class
    bool is_constructor;
};

// --- the stack --------------------------------------------------------------------------------

static inline uint16_t reader_make(struct deed_reader *reader, enum deed_form form, uint32_t name,
                                   uint16_t before)
{
    if (reader->count == EXPRESSIONS_MAX)
        return 0;
    reader->expressions[reader->count] =
        (struct expression){ .form = (uint8_t)form, .name = name, .before = before };
    return (uint16_t)reader->count++;
}

static inline void reader_push(struct deed_reader *reader, uint16_t expression)
{
    if (reader->depth == DEPTH_MAX) {
        memmove(reader->stack, reader->stack + 1, (DEPTH_MAX - 1) * sizeof *reader->stack);
        reader->depth--;
    }
    reader->stack[reader->depth++] = expression;
}

static inline uint16_t reader_pop(struct deed_reader *reader)
{
    return reader->depth ? reader->stack[--reader->depth] : 0;
}

static inline void reader_drop(struct deed_reader *reader, uint32_t count)
{
    reader->depth -= count < reader->depth ? count : reader->depth;
}

// The i-th from the top, from 0.
static inline uint16_t reader_peek(const struct deed_reader *reader, uint32_t i)
{
    return i < reader->depth ? reader->stack[reader->depth - 1 - i] : 0;
}

static inline const struct expression *reader_at(const struct deed_reader *reader,
                                                 uint16_t expression)
{
    return &reader->expressions[expression];
}

static inline bool reader_is(const struct deed_reader *reader, uint32_t name, enum deeds_word word)
{
    return reader->deeds->words[word] == name;
}

// --- its files ----------------------------------------------------------------------------------

// reader.c: reads a function, and adds its deeds to the list.
void reader_read(struct deed_reader *reader, const struct deed_code *code);
// The numbers of names: of an instruction's, of a variable's; and what stands for a variable.
uint32_t reader_name(const struct deed_reader *reader, uint32_t number);
uint32_t reader_local_name(const struct deed_reader *reader, uint32_t slot);
uint16_t reader_make_local(struct deed_reader *reader, uint32_t slot);
void reader_load_local(struct deed_reader *reader, uint32_t slot);

// reader_note.c
void reader_add(struct deed_reader *reader, const struct deed *deed);
// The variable at the end of a chain.
const struct expression *reader_root(const struct deed_reader *reader, uint16_t expression);
// Something is done to what the expression stands for: a name, behind some items.
void reader_do(struct deed_reader *reader, enum deed_what what, uint16_t expression, uint32_t word);
// What was made of a named thing leaves: from now on others may have it.
void reader_escape(struct deed_reader *reader, uint32_t count);
// What it returns is what calls of it stand for; items of what is named, too.
void reader_return(struct deed_reader *reader);

// reader_call.c
void reader_call(struct deed_reader *reader, uint32_t arguments, uint32_t below, bool pair);
void reader_call_spread(struct deed_reader *reader, uint32_t size);
// Of the first of the topmost arguments, where that is a constant text.
uint32_t reader_key(const struct deed_reader *reader, uint32_t arguments);

// reader_store.c
void reader_store(struct deed_reader *reader);

// reader_loop.c: what was done since the loop's first instruction is done in a loop.
void reader_close_loop(struct deed_reader *reader, uint64_t target, uint64_t offset,
                       bool is_always);

#endif
