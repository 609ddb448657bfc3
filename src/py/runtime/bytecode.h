// SPDX-License-Identifier: GPL-3.0-or-later
// The instructions of a code object, one after the other, in words that are the same for all
// versions, with the names that they are about.
//
//      2.7            1 byte, or 3 with an argument
//      3.6 to 3.10    2 bytes
//      3.11 on        2 bytes, some followed by words of their own (caches) that the running
//                     interpreter fills, and forms of its own that it puts in an instruction's place:
//                     both are told by the tables in opcodes.c
//
// Does not know: control flow, what the names mean. Owns: nothing. Borrows: python. Cost: a view of the bytes, then
// a table look-up per instruction; a name is a read.
#ifndef OURO_PY_BYTECODE_H
#define OURO_PY_BYTECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "py/python.h"

enum bytecode_what {
    BYTECODE_SAME,    // nothing that anybody asks about; the stack is as deep as before
    BYTECODE_NOTHING, // nothing at all
    BYTECODE_POP1,
    BYTECODE_POP2,
    BYTECODE_POP3,
    BYTECODE_POP4,
    BYTECODE_PUSH1,
    BYTECODE_PUSH2,
    BYTECODE_PUSH3,
    BYTECODE_PUSH4,
    BYTECODE_CHANGE,      // the topmost is something else now
    BYTECODE_OPERATE,     // the two topmost become one
    BYTECODE_CONST,       // a constant comes on top: `number`
    BYTECODE_VALUE,       // one that is none of co_consts: a small int
    BYTECODE_LOAD_LOCAL,  // `number`, `name`
    BYTECODE_LOAD_LOCALS, // two: `number` and `second`
    BYTECODE_LOAD_FREE,   // of an outer function, or for an inner one
    BYTECODE_LOAD_GLOBAL, // `flag`: a null beside it
    BYTECODE_LOAD_NAME,
    BYTECODE_LOAD_ATTR,   // `flag`: for a call, the object stays below it
    BYTECODE_LOAD_METHOD, // always so
    BYTECODE_LOAD_SUPER,
    BYTECODE_STORE_LOCAL,
    BYTECODE_STORE_LOAD,  // `number`, then `second`
    BYTECODE_STORE_STORE, // likewise
    BYTECODE_STORE_FREE,
    BYTECODE_STORE_NAME, // a global, or a name of a module's or a class's body
    BYTECODE_STORE_ATTR,
    BYTECODE_DELETE_ATTR,
    BYTECODE_STORE_ITEM,
    BYTECODE_DELETE_ITEM,
    BYTECODE_GET_ITEM,
    BYTECODE_BINARY,   // made one of IN_PLACE, GET_ITEM and OPERATE
    BYTECODE_IN_PLACE, // x += y
    BYTECODE_CALL,     // `number`: arguments; `below`: what is under them
    BYTECODE_CALL_NAMED,
    BYTECODE_CALL_SPREAD,
    BYTECODE_BUILD,       // `number` objects become one
    BYTECODE_BUILD_KEYED, // ... and a tuple of keys above them
    BYTECODE_BUILD_MAP,
    BYTECODE_FORMAT,
    BYTECODE_FUNCTION,
    BYTECODE_UNPACK,
    BYTECODE_COPY,
    BYTECODE_SWAP,
    BYTECODE_DUP,
    BYTECODE_DUP_TWO,
    BYTECODE_ROT_TWO,
    BYTECODE_ROT_THREE,
    BYTECODE_POP,
    BYTECODE_ITERATE,  // an item of the topmost comes above it
    BYTECODE_ITERATOR, // of the topmost
    BYTECODE_NULL,
    BYTECODE_RETURN,
    BYTECODE_RETURN_CONST,
    BYTECODE_YIELD,
    BYTECODE_EXTEND, // not told
    BYTECODE_COMPARE,
    BYTECODE_JUMP_BACK, // jumps: `number` is where to, in bytes
    BYTECODE_JUMP_BACK_IF,
    BYTECODE_JUMP,
    BYTECODE_JUMP_IF,
};

struct bytecode_table {
    uint32_t version; // PYMINOR; 0 ends the tables
    uint8_t what[256], caches[256];
    bool watched[256]; // what sys.monitoring puts in an instruction's place
};
extern const struct bytecode_table bytecode_tables[]; // opcodes.c

struct instruction {
    enum bytecode_what what;
    uint64_t offset; // in bytes
    uint32_t number; // its argument, without flags
    uint32_t second; // of those with two; CALL: words below the arguments, the callee among them
    bool watched;    // sys.monitoring calls somebody
    bool flag;       // see above; CALL: from 3.11 on, two of them may be the callee
};

struct bytecode_tuple {
    addr items;
    uint32_t count;
};

struct bytecode {
    const struct python *py;
    const struct bytecode_table *table;
    addr code;
    const uint8_t *bytes;
    uint64_t size, at;
    struct bytecode_tuple names, constants; // co_names, co_consts
    uint32_t local_count;                   // up to 3.10: the number of the first free variable
};

// False: a version without a table, or bytes that cannot be read.
bool bytecode_open(struct bytecode *bytecode, const struct python *py, addr code);
// False: the end.
bool bytecode_next(struct bytecode *bytecode, struct instruction *instruction);

// The str that a LOAD_GLOBAL, _NAME, _ATTR, _METHOD, _SUPER, STORE_NAME or STORE_ATTR is about, or
// 0.
addr bytecode_name(const struct bytecode *bytecode, uint32_t number);
// The constant of a CONST: any object, or 0.
addr bytecode_constant(const struct bytecode *bytecode, uint32_t number);

#endif
