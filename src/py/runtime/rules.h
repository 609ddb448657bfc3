// SPDX-License-Identifier: GPL-3.0-or-later
// What changed between CPython versions and cannot be read off the layout: semantics, not places.
//
// Does not know: memory. With the tables of opcodes and the rows of types (FIRST, LAST, SINCE), the
// only place where a version number decides (tools/check-types). Everywhere else the presence of
// a member does, or a rule. A comment names the first version that a rule holds for, or the last.
#ifndef OURO_PY_RUNTIME_RULES_H
#define OURO_PY_RUNTIME_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "layout/layout.h"

// Py_VERSION_HEX of a release: PYVER(3, 11, 2). Betas sort below, as in CPython's own macro.
#define PYVER(major, minor, micro)                                                                 \
    (((uint32_t)(major) << 24) | ((minor) << 16) | ((micro) << 8) | 0xf0)
// Any pre-release or release of a minor version lies in [PYMINOR(3,11), PYMINOR(3,12)).
#define PYMINOR(major, minor) (((uint32_t)(major) << 24) | ((minor) << 16))

// The newest minor version of 3 that the rules are written for; what is newer is read by them, and
// said to be.
#define RULES_NEWEST 15

// 3.11: the refcounts of objects in the program's own data begin at 999,999,999.
#define STATIC_REFCOUNT 900000000

enum instance_rule { // where instance attributes lie (Objects/object.c, Objects/dictobject.c)
    INSTANCE_DICT,   // up to 3.10: a dict at tp_dictoffset
    INSTANCE_TWO,    // 3.11: a values pointer at -32, a dict pointer at -24, before the collector's
                     // header
    INSTANCE_TAGGED, // 3.12: one word at -24, values + 1 or a dict
    INSTANCE_INLINE, // 3.13: values after the object, the dict pointer at -24 (free-threaded: -8)
};

enum lines_rule {    // how lines are told of instructions (Objects/codeobject.c)
    LINES_DELTAS,    // up to 3.9: co_lnotab
    LINES_RANGES,    // 3.10: PEP 626
    LINES_LOCATIONS, // 3.11: with columns
};

struct rules {
    bool two; // 2.7
    // --- where things are, and who owns them
    enum instance_rule instance;
    bool values_hide_dict; // 3.13.0-12, 3.14.0-3: valid inline values are visited even when there
                           // is a dict, and such a dict visits nothing
    bool old_gc_head;      // up to 3.7: next, prev, refs; 3.8: two packed words
    bool gc_refs_shifted;  // 3.6, 3.7: gc_refs = value << 1 | finalized
    bool incremental;      // 3.14.0-3.14.4
    bool free_threaded;
    bool code_unique_id; // 3.14: _co_unique_id before _co_firsttraceable, code.h
    bool
        thread_bytecode; // free-threaded 3.14: threads run copies of the bytecode (co_tlbc), code.h
    bool list_array;     // a list's capacity is in front of its items (_PyListArray), listobject.c
    bool immortal;       // 3.12: objects whose refcount never changes
    bool refcount_low32; // 3.14: the refcount is the low half of the word
    bool stackrefs;      // 3.14: frame slots carry tags
    bool subtype_visits_type; // up to 3.8: subtype_traverse visits the type of every heap type's
                              // instance
    bool types_visited;       // 3.9: instances of heap types visit their type
    bool presize_by_flag;     // 3.11, 3.12: sys.getsizeof adds the header for static types too
    bool generator_code_kept; // 3.14: a finished generator keeps and visits its code
    bool weakrefs_late; // 3.15: weak references without a callback are cleared after callbacks and
                        // finalizers have run (Python/gc.c, clear_weakrefs)
    bool awaited_below_top; // 3.15: SEND keeps a word above what it awaits (_PyGen_yf)
    bool builtin_state;     // 3.12: static builtin types keep dict and subclasses per interpreter
    bool counts_before;     // 2.7, 3.6: gc.collect() counts before finalizers run
    bool dict_general_by_lookup; // up to 3.10: dk_lookup says whether keys are visited
    bool small_ints_pointed;     // 3.8: the table of small ints holds pointers, not the ints
    bool interned_immortal;      // 3.12: interned strings are immortal, and of an interpreter
    bool
        frozen_uncounted; // 3.11: constants of frozen modules refer to None, True and False without
                          // counting (Tools/scripts/deepfreeze.py); later these are immortal
    bool state_in_tls;    // 3.12: a thread knows its state by a thread-local variable
    bool finalizing_apart;            // up to 3.6: _Py_Finalizing is a variable of its own
    uint32_t pool_bytes, arena_bytes; // of pymalloc
    int64_t deferred_bias; // free-threaded: what deferred counting adds to an object's shared count
    bool untracks_tuples;  // free-threaded, and the incremental collector in its young list: a
                           // collection untracks exact tuples without anything tracked before it
                           // looks for candidates
    bool untracks_dicts;   // ... and 3.13 exact dicts
    bool
        resurrected_keep_all; // up to 3.8: one object brought back to life keeps all of the garbage
    bool has_freeze;          // 3.7: gc.freeze()
    // --- what single types visit
    bool structseq_visits_hidden; // 3.8: structseq has a tp_traverse of its own
    bool memo_visited;            // 3.11.7, 3.12.1: Unpickler's memo (bpo-41422)
    bool scanner_has_strict;      // up to 3.6: `strict` of _json's scanner is an object
    bool lru_elements_own;        // up to 3.6: elements of lru_cache are the collector's
    bool lru_element_types;       // 3.10: ... later their wrapper visits their type
    bool methodcaller_name;       // 3.10: operator.methodcaller visits its name
    bool methodcaller_tuples;     // 3.14: and what it keeps for calls, which are tuples
    // --- dicts
    uint32_t
        dict_version_step; // up to 3.13: what a dict's version grows by, with each change; or 0
    // --- what sys.getsizeof counts
    bool zero_has_digit;         // 3.11: int.__sizeof__ counts a digit of 0
    bool frame_has_slot;         // up to 3.9: a frame's basic size has one slot of f_localsplus
    bool stgdict_has_sizeof;     // 3.7
    bool simplequeue_has_sizeof; // 3.15
    // --- code
    enum lines_rule lines;
    bool wordcode;           // 3.6: two bytes per instruction
    bool jump_in_words;      // 3.10: jumps and f_lasti count instructions
    bool jump_relative;      // 3.11: forward from the next instruction
    bool call_in_pairs;      // 3.11: two slots under a call's arguments; LOAD_GLOBAL's flag, too
    bool attribute_has_flag; // 3.12: LOAD_ATTR loads methods as well
    bool null_above;         // 3.13: the null of such a pair stands above the callee
    bool function_bare;      // 3.13: MAKE_FUNCTION takes the code alone
    bool spread_keywords;    // 3.14: CALL_FUNCTION_EX always has a slot for keywords
};

void rules_set(struct rules *rules, uint32_t version, const struct layout *layout);

// True for the versions that ouro knows: 2.7, 3.6 .. 3.RULES_NEWEST.
bool rules_know(uint32_t version);
// For the three after them, which only their members tell apart.
bool rules_are_newer(uint32_t version);

#endif
