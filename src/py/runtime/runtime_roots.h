// SPDX-License-Identifier: GPL-3.0-or-later
// Who holds objects without being one: the interpreters' own fields, threads, frames, static types,
// caches.
//
// Does not know: which objects were found. What the roots lead to may be garbage: the caller looks.
// A root tells how it holds: COUNTED, it accounts for one of the refcount; SEEN, the holder is an
// object's reference as well and was counted there, or the pointer is borrowed; MAYBE, a word that may be a
// leftover and counts only where a refcount has something left to explain. Owns: nothing. Cost:
// some thousand reads, and as many as the frames have slots.
#ifndef OURO_PY_RUNTIME_RUNTIME_ROOTS_H
#define OURO_PY_RUNTIME_RUNTIME_ROOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "py/python.h"

enum root_kind {      // in the order in which a name is preferred
    ROOT_MODULE,      // detail: its name in sys.modules
    ROOT_GLOBALS,     // a module's dict; detail likewise
    ROOT_LOCAL,       // a frame's local; detail: the frame, index: the slot
    ROOT_FRAME,       // what a frame holds beside its slots; detail: the frame
    ROOT_THREAD,      // a field of a thread's state
    ROOT_INTERPRETER, // a field of the interpreter's state
    ROOT_STATIC,      // lies in a program's or library's own data; it was never allocated
    ROOT_TYPE,        // what a static type holds beside its members; detail: the type
    ROOT_CACHE,       // one entry of a cache of the interpreter's
    ROOT_TEMPORARY,   // a word of a running frame's value stack; detail: the frame, index: the slot
    ROOT_MACHINE,     // a word of a thread's machine stack; index: which of the target's threads.
                      // detail: the greenlet whose part of it was saved, or 0
    ROOT_VARIABLE,    // a word of a program's or library's variables; detail: its address
    ROOT_STATE,       // a word of a module's state in C; detail: the module's name
    ROOT_NATIVE,      // nothing known holds it, but its refcount says that somebody does
    ROOT_IMMORTAL,    // its refcount never changes: it is not held, it stays
    ROOT_KINDS
};

struct type;

enum root_hold { ROOT_COUNTED, ROOT_SEEN, ROOT_MAYBE };

struct root {
    addr to;
    const char
        *what; // static: the field's name, for kinds that have one; without values: all of the name
    addr detail;
    uint32_t index;
    uint16_t interpreter;
    uint8_t kind;    // enum root_kind
    uint8_t hold;    // enum root_hold
    uint32_t thread; // index among the interpreter's
};

// False stops the walk.
typedef bool root_take(void *context, const struct root *root);

// Every root that is not MAYBE, but temporaries. False: stopped.
bool roots_walk(const struct python *py, root_take *take, void *context);

// The MAYBE ones: each aligned word, that is no null, of variables and module states, which are
// what they seem far more often than those of machine stacks, where leftovers lie about.
bool roots_walk_memory(const struct python *py, root_take *take, void *context);
bool roots_walk_stacks(const struct python *py, root_take *take, void *context);
// Those of the machine stack that a suspended greenlet has saved.
bool roots_walk_greenlet(const struct python *py, const struct type *type, addr greenlet,
                         root_take *take, void *context);

// "sys.modules['app']", "thread 12 main() at app.py:3 local x", ... A name that is Python source
// begins with "sys.".
void root_name(const struct python *py, const struct root *root, struct text *out);

// The word of a frame or a variable that the root is; 0: it is another kind of root, or is worked out.
addr root_slot(const struct python *py, const struct root *root);

// Only whose it is: "sys.modules['app']" for a module and its globals, "thread 12" for what one has;
// nothing for other kinds. Redacted, too.
void root_name_holder(const struct python *py, const struct root *root, struct text *out);

// The same without any name but those of modules and types.
void root_name_public(const struct python *py, const struct root *root, struct text *out);

// "module", "local", "native", ...: for --from and for columns.
const char *root_kind_name(enum root_kind kind);

#endif
