// SPDX-License-Identifier: GPL-3.0-or-later
// The references that a decoder finds in one object: their addresses and, on request, their names.
//
// One decoder serves both uses. While the heap is built `names` is null and only addresses are
// kept; when an object is looked at, every reference also gets a ref_name, which heap/names/edge.c
// turns into text. Objects are aligned to 8 bytes, so the low bits of an address carry REF_* flags.
// Owns: nothing; the arrays are the caller's.
// Invariant: `full` makes room before it returns.
#ifndef OURO_PY_KINDS_REFS_H
#define OURO_PY_KINDS_REFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "py/load.h"

enum {
    REF_HOLDS = 1,    // owned, but not visited by tp_traverse
    REF_BORROWED = 2, // visited, but not counted in the referent's refcount
    REF_FLAGS = 7,
};

enum ref_kind {
    REF_MEMBER,  // value: a static C string, ".func"
    REF_INDEX,   // value: an index: [3]
    REF_KEYED,   // value: address of the key object: ['k'], or .k in a namespace
    REF_KEY,     // value: address of the key object: key 'k'
    REF_ATTR,    // value: address of a str: .k
    REF_SLOT,    // value: address of a C string in the target: .k
    REF_ELEMENT, // of a set: {...}
    REF_LOCAL,   // value: index << 48 | address of the code object: local x
    REF_STACK,   // value: depth: value stack [2]
    REF_NODE,    // of an inner tree: value index
    REF_STATE,   // value: byte offset within a module's state: state +0x20
    REF_OFFSET,  // value: byte offset within the object: +0x20
    REF_ITEM,    // of a numpy array, value: byte offset within its data: [1, 2]['b']
};

struct ref_name {
    enum ref_kind kind;
    uint64_t value;
    const uint8_t *slot; // the word that it was read from, in our memory; null: it was worked out
};

struct refs {
    uint64_t *to;           // address | flags
    struct ref_name *names; // as many as to; null: bulk
    size_t count, capacity;
    uint64_t all;    // flags that every reference gets: REF_HOLDS for a body that nobody visits
    bool partial;    // a decoder knows that there may be more, which only C code can tell
    bool unfinished; // what the object says of its size is not what it holds: it was being changed,
                     // or more than the words that are left
    uint64_t *left;  // words that all objects together may still look at; null: any number
    uint64_t looked; // words that this object has looked at
    bool denied;     // a decoder was refused words at least once
    const uint8_t *slot; // of the next reference
    void (*full)(struct refs *refs);
    void *context;
};

// A word that is, or tells, the next reference: where it lies is remembered for the reference's name.
static inline uint64_t refs_from(struct refs *r, const uint8_t *slot, uint64_t word)
{
    r->slot = slot;
    return word;
}

static inline uint64_t refs_load(struct refs *r, const uint8_t *slot)
{
    return refs_from(r, slot, load64(slot));
}

#define REFS_FEW 64 // words that an object may look at in any case

// Whether a decoder may look at so many words more. Each word of a sound heap belongs to one object;
// in a damaged one, a million lists may claim to have all of the memory.
static inline bool refs_afford(struct refs *r, uint64_t words)
{
    r->looked = words > UINT64_MAX - r->looked ? UINT64_MAX : r->looked + words;
    bool enough = !r->left || words <= *r->left;
    if (r->left && enough)
        *r->left -= words;
    enough |= r->looked <= REFS_FEW;
    r->unfinished |= !enough;
    r->denied |= !enough;
    return enough;
}

static inline void refs_put(struct refs *r, uint64_t to, enum ref_kind kind, uint64_t value)
{
    if (r->count == r->capacity)
        r->full(r);
    r->to[r->count] = to | r->all;
    if (r->names) {
        r->names[r->count] = (struct ref_name){ kind, value, r->slot };
        r->slot = NULL;
    }
    r->count++;
}

// A reference that tp_traverse visits. Null pointers are skipped, unaligned ones (garbage) too.
static inline void refs_visit(struct refs *r, addr to, enum ref_kind kind, uint64_t value)
{
    if (to && !(to & REF_FLAGS))
        refs_put(r, to, kind, value);
}

static inline void refs_member(struct refs *r, addr to, const char *name)
{
    refs_visit(r, to, REF_MEMBER, (uint64_t)(uintptr_t)name);
}

// One that holds its target without being visited.
static inline void refs_hold(struct refs *r, addr to, enum ref_kind kind, uint64_t value)
{
    if (to && !(to & REF_FLAGS))
        refs_put(r, to | REF_HOLDS, kind, value);
}

static inline void refs_hold_member(struct refs *r, addr to, const char *name)
{
    refs_hold(r, to, REF_MEMBER, (uint64_t)(uintptr_t)name);
}

// One that points at its target without owning or visiting it.
static inline void refs_borrow(struct refs *r, addr to, enum ref_kind kind, uint64_t value)
{
    if (to && !(to & REF_FLAGS))
        refs_put(r, to | REF_HOLDS | REF_BORROWED, kind, value);
}

static inline void refs_borrow_member(struct refs *r, addr to, const char *name)
{
    refs_borrow(r, to, REF_MEMBER, (uint64_t)(uintptr_t)name);
}

#endif
