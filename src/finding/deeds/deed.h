// SPDX-License-Identifier: GPL-3.0-or-later
// A deed: something that a function does to a name. And the list of all deeds, with the code they are in.
//
// Does not know: how bytecode is read (deed_reader.h), nor who asks (deeds.h). Owns: nothing by itself;
// deeds_free() gives the list back.
#ifndef OURO_FINDING_DEED_H
#define OURO_FINDING_DEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/names.h"
#include "heap/heap.h"

enum deed_what {
    DEED_ADD,
    DEED_ADD_NAME, // a name to its namespace: setattr(x, ...), x.__dict__[...] = , globals()[...] =
    DEED_TAKE,
    DEED_RENEW,   // assigned anew, outside of constructors and modules
    DEED_MEASURE, // len(x)
    DEED_LOOK,    // x[key]: a defaultdict makes what is missing
    DEED_PASS,    // to a function: `word` is its name, `slot` the argument's number
    DEED_CALL,    // of a function of that name, by the program's own code
    DEED_ESCAPE,  // returned, put into something, given a second name: its new holder may add to it
};

enum deed_reach {
    DEED_GLOBAL,
    DEED_ATTRIBUTE,
    DEED_LOCAL,
    DEED_FREE,
    DEED_KEY,    // a constant text; by the program's code alone
    DEED_RESULT, // of a call of the function that is called so; likewise
};

struct deed {
    node code;
    uint32_t name;   // deeds_name() gives its number
    uint32_t word;   // the method, or the callee; DEEDS_ITEM; DEEDS_NONE: += and its kin.
                     // CALL: whose method it is, a global or an attribute. ESCAPE: DEEDS_RETURN
    uint32_t offset; // of the instruction
    uint16_t slot;   // LOCAL: the variable's number. PASS: the argument's
    uint8_t what, reach;
    uint8_t depth;    // items between: 1 in by_day[d].append(x). CALL: of what a name is not itself
    bool is_self;     // an attribute of the function's first argument
    bool is_outer;    // of the first argument of the function around it: of `self` there
    bool is_argument; // LOCAL: of the function's arguments
    bool is_building; // in a module's or class's body, or made just before in the same function
    bool in_constructor; // and to what the new instance has
    bool in_loop;
    bool is_endless; // in a `while True:` that nothing leads out of, in which the name, a local or
                     // a global one, stays: of what runs alone
    bool is_certain; // no jump before it in the function leads past it
    bool has_arguments; // TAKE: the call has some, as in pop(0)
    bool is_dotted;     // PASS: to x.f(): where that is no method, `slot` is one too much
    bool is_filled;     // RENEW: by what is not seen to be empty
};

#define DEEDS_NONE UINT32_MAX
#define DEEDS_ITEM (UINT32_MAX - 1) // as `word`: x[key] = value
#define DEEDS_RETURN (UINT32_MAX - 2)

struct deed_code {
    node code, function; // NODE_NONE: a function inside of one that does not run
    node globals;        // its dict, or NODE_NONE
    bool is_program;
    bool is_body;   // of a module or a class: it runs once
    bool is_active; // a thread, a generator or a coroutine is in it
    bool is_first;  // a thread has come into it from the body of a module
    uint32_t least; // where it is, if active: the first and the last of its frames' instructions
    uint32_t most;
    uint32_t first_loop, loop_count; // of deeds.loops
};

struct deed_loop {
    uint32_t begin, end; // offsets; the jump back is at `end`
    bool calls;          // functions of the program
};

enum deeds_word { // that mean something to the reader
    DEEDS_LEN,
    DEEDS_SETATTR,
    DEEDS_GLOBALS_CALL,
    DEEDS_DICT,
    DEEDS_HEAPPUSH,
    DEEDS_INSORT,
    DEEDS_HEAPPOP,
    DEEDS_SETDEFAULT,
    DEEDS_GET,
    DEEDS_VALUES,
    DEEDS_ITEMS,
    DEEDS_POP,
    DEEDS_APPEND,
    DEEDS_SELF,
    DEEDS_GETATTR,
    DEEDS_VARS,
    DEEDS_SUPER,
    DEEDS_SET_ITEM,
    DEEDS_WORDS
};

struct deeds {
    struct deed *items; // by name, then in the order of code and offsets
    size_t count, capacity;
    struct deed_code *codes; // by node
    size_t code_count, code_capacity, unread;
    struct deed_loop *loops; // of each function together, in the order of their ends
    size_t loop_count, loop_capacity;
    struct names names;
    const char **texts; // by number
    size_t text_capacity;
    uint32_t words[DEEDS_WORDS], take_first, take_end, more_first, more_end, class_first,
        class_end;         // numbers of names; fills come before takes
    uint32_t globals;      // of DEEDS_GLOBALS
    struct map of_address; // of a str: its number
    struct map functions;  // numbers of what the program's functions are called
    bool has_defaults;     // there is a defaultdict
    bool out_of_memory;
};

// The name of globals()[...] = x.
#define DEEDS_GLOBALS "globals()"

#endif
