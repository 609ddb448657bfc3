// SPDX-License-Identifier: GPL-3.0-or-later
// What functions do to what they name: put something in, take something out, make it anew, measure
// it.
//
//      self.todo.append(x)          adds to the attribute todo of self
//      CACHE[key] = value           adds to the global CACHE
//      by_day[d].setdefault(k, [])  adds to an item of by_day
//      q = self.todo; q.put(x)      adds to the attribute todo
//      note(LOG, x)                 passes the global LOG to note()
//      app["peers"].add(x)          adds to what has the key 'peers' somewhere
//      cache()[key] = value         adds to what cache() returns
//      x.__dict__["rows"].append(y) adds to the attribute rows
//
// Bytecode is read once, straight through, with a stack of what each value stands for. Every
// function of the heap is read, the libraries' too. Jumps are not followed: where two ways meet,
// the stack may be wrong, and a deed is missed, or has lost its name.
//
// Does not know: which object a name stands for; growth.h asks that. Owns: everything, until
// deeds_free(). Borrows: heap. Cost: a look at each instruction: some 50 ns.
#ifndef OURO_FINDING_DEEDS_H
#define OURO_FINDING_DEEDS_H

#include "base/map.h"
#include "base/names.h"
#include "finding/code.h"

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

bool deeds_find(struct deeds *deeds, const struct heap *heap, const struct root_paths *ways,
                struct err *err);
void deeds_free(struct deeds *deeds); // accepts a zeroed one

// The number of a name, or DEEDS_NONE.
uint32_t deeds_name(const struct deeds *deeds, const char *name);
// The deeds to a name: the first, and how many follow.
const struct deed *deeds_of(const struct deeds *deeds, uint32_t name, size_t *count);
// What is known of a code object, or null.
const struct deed_code *deeds_code(const struct deeds *deeds, node code);

// Whether the loop that a deed stands in is over, in all that run the function, and the function has
// gone on to another one that calls functions of the program: it did a piece of work, and does the
// next.
bool deeds_loop_is_over(const struct deeds *deeds, const struct deed *deed);

// The name of globals()[...] = x.
#define DEEDS_GLOBALS "globals()"

#endif
