// SPDX-License-Identifier: GPL-3.0-or-later
// Reading instructions: see bytecode.h. The forms of arguments: Doc/library/dis.rst of each
// version, Python/bytecodes.c from 3.12 on.
#include "py/runtime/bytecode.h"

#include "py/read.h"

#define CODE_MAX (UINT64_C(1) << 20) // per function
#define NAMES_MAX 65536

static const struct bytecode_table *bytecode_find_table(uint32_t version)
{
    for (const struct bytecode_table *table = bytecode_tables; table->version; table++)
        if (table->version >> 16 == version >> 16)
            return table;
    return NULL;
}

static uint64_t bytecode_length(const struct python *py, addr object)
{
    return READ(py, object, PyVarObject_ob_size);
}

static struct bytecode_tuple bytecode_tuple(const struct python *py, addr tuple)
{
    uint64_t count = tuple ? bytecode_length(py, tuple) : 0;
    return (struct bytecode_tuple){ INSIDE(py, tuple, PyTupleObject_ob_item),
                                    count < NAMES_MAX ? (uint32_t)count : 0 };
}

static addr bytecode_item(const struct bytecode *bytecode, const struct bytecode_tuple *tuple,
                          uint32_t number)
{
    return number < tuple->count
               ? target_u64(bytecode->py->target, tuple->items + 8 * (uint64_t)number, NULL)
               : 0;
}

bool bytecode_open(struct bytecode *bytecode, const struct python *py, addr code)
{
    const struct layout *l = &py->layout;
    *bytecode =
        (struct bytecode){ .py = py, .code = code, .table = bytecode_find_table(py->version) };
    if (!bytecode->table || l->PyTupleObject_ob_item < 0)
        return false;
    addr at;
    if (l->PyCodeObject_co_code_adaptive >= 0) {
        at = INSIDE(py, code, PyCodeObject_co_code_adaptive);
        bytecode->size = 2 * bytecode_length(py, code);
    } else {
        addr bytes = READ(py, code, PyCodeObject_co_code);
        if (!bytes || l->PyBytesObject_ob_sval < 0)
            return false;
        at = INSIDE(py, bytes, PyBytesObject_ob_sval);
        bytecode->size = bytecode_length(py, bytes);
        bytecode->local_count =
            (uint32_t)bytecode_length(py, READ(py, code, PyCodeObject_co_varnames));
    }
    bytecode->names = bytecode_tuple(py, READ(py, code, PyCodeObject_co_names));
    bytecode->constants = bytecode_tuple(py, READ(py, code, PyCodeObject_co_consts));
    if (!bytecode->size || bytecode->size > CODE_MAX)
        return false;
    bytecode->bytes = target_view(py->target, at, bytecode->size);
    return bytecode->bytes != NULL;
}

// x += y is one of the many operators of BINARY_OP (NB_INPLACE_ADD is the first in-place one); so
// is x[y] from 3.14 on.
static void bytecode_binary(struct instruction *instruction)
{
    instruction->what = instruction->number == 26   ? BYTECODE_GET_ITEM
                        : instruction->number >= 13 ? BYTECODE_IN_PLACE
                                                    : BYTECODE_OPERATE;
}

// What lies under a call's arguments: the callee; for methods from 3.7 on and for all calls from
// 3.11 on a pair, one half of which may be null.
static void bytecode_call(const struct bytecode *bytecode, uint8_t opcode,
                          struct instruction *instruction)
{
    const struct rules *rules = &bytecode->py->rules;
    instruction->flag = rules->call_in_pairs;
    instruction->second = instruction->flag ? 2 : 1;
    if (rules->two) // positional ones, and pairs of names and values
        instruction->number = (instruction->number & 255) + 2 * (instruction->number >> 8 & 255);
    else if (!rules->call_in_pairs && opcode == 161) // CALL_METHOD
        instruction->flag = true, instruction->second = 2;
}

static void bytecode_split(struct instruction *instruction, int bits)
{
    instruction->second = instruction->number & ((1u << bits) - 1);
    instruction->number >>= bits;
}

// Counted backwards from the next instruction, in words.
static uint32_t bytecode_back(const struct bytecode *bytecode, uint32_t words)
{
    return bytecode->at >= 2 * (uint64_t)words ? (uint32_t)(bytecode->at - 2 * (uint64_t)words) : 0;
}

// From 3.11 on counted forwards from the next instruction; before that from the start, in words
// from 3.10 on.
static uint32_t bytecode_target(const struct bytecode *bytecode, uint32_t number)
{
    const struct rules *rules = &bytecode->py->rules;
    return rules->jump_relative   ? (uint32_t)bytecode->at + 2 * number
           : rules->jump_in_words ? 2 * number
                                  : number;
}

static void bytecode_read(const struct bytecode *bytecode, uint8_t opcode,
                          struct instruction *instruction)
{
    const struct rules *rules = &bytecode->py->rules;
    switch (instruction->what) {
    case BYTECODE_BINARY:
        bytecode_binary(instruction);
        break;
    case BYTECODE_CALL:
        bytecode_call(bytecode, opcode, instruction);
        break;
    case BYTECODE_CALL_NAMED:
        instruction->flag = rules->call_in_pairs;
        instruction->second = instruction->flag ? 2 : 1;
        break;
    case BYTECODE_LOAD_GLOBAL:
        instruction->flag = rules->call_in_pairs && instruction->number & 1;
        instruction->number >>= rules->call_in_pairs;
        break;
    case BYTECODE_LOAD_ATTR:
        instruction->flag = rules->attribute_has_flag && instruction->number & 1;
        instruction->number >>= rules->attribute_has_flag;
        break;
    case BYTECODE_LOAD_SUPER:
        instruction->flag = instruction->number & 1;
        instruction->number >>= 2;
        break;
    case BYTECODE_LOAD_LOCALS:
    case BYTECODE_STORE_LOAD:
    case BYTECODE_STORE_STORE:
        bytecode_split(instruction, 4);
        break;
    case BYTECODE_JUMP_BACK:
    case BYTECODE_JUMP_BACK_IF:
        instruction->number = bytecode_back(bytecode, instruction->number);
        break;
    case BYTECODE_JUMP:
    case BYTECODE_JUMP_IF:
        instruction->number = bytecode_target(bytecode, instruction->number);
        break;
    case BYTECODE_LOAD_FREE:
    case BYTECODE_STORE_FREE:
        instruction->number += bytecode->local_count;
        break;
    default:
        break;
    }
}

bool bytecode_next(struct bytecode *bytecode, struct instruction *instruction)
{
    bool words = bytecode->py->rules.wordcode;
    uint32_t extended = 0;
    while (bytecode->at < bytecode->size) {
        uint8_t opcode = bytecode->bytes[bytecode->at];
        uint64_t length = words ? 2 : opcode < 90 ? 1 : 3; // HAVE_ARGUMENT
        if (length > bytecode->size - bytecode->at)
            return false;
        const uint8_t *argument = bytecode->bytes + bytecode->at + 1;
        uint32_t number = length == 2   ? extended << 8 | argument[0]
                          : length == 3 ? extended << 16 | argument[0] | (uint32_t)argument[1] << 8
                                        : 0;
        *instruction = (struct instruction){
            .what = (enum bytecode_what)bytecode->table->what[opcode],
            .offset = bytecode->at,
            .number = number,
            .watched = bytecode->table->watched[opcode],
        };
        bytecode->at += length + 2 * (uint64_t)bytecode->table->caches[opcode];
        if (instruction->what == BYTECODE_EXTEND) {
            extended = number;
            continue;
        }
        bytecode_read(bytecode, opcode, instruction);
        return true;
    }
    return false;
}

addr bytecode_name(const struct bytecode *bytecode, uint32_t number)
{
    return bytecode_item(bytecode, &bytecode->names, number);
}

addr bytecode_constant(const struct bytecode *bytecode, uint32_t number)
{
    return bytecode_item(bytecode, &bytecode->constants, number);
}
