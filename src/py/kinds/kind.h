// SPDX-License-Identifier: GPL-3.0-or-later
// One row per Python type written in C: which references its instances have, how they are
// previewed, how large they are.
//
// Does not know: who asks. heap/ turns the addresses into nodes.
// References come in the order in which tp_traverse visits them. A row that only lists members
// needs no code: `members` names each by its offset in struct layout, and a member that this
// version of CPython lacks is skipped. To add a type, add a row to one of the kinds_*[] tables of
// the kind_*.c files, with a function of its own where members are not enough (HACKING.md, "Adding").
#ifndef OURO_PY_KINDS_KIND_H
#define OURO_PY_KINDS_KIND_H

#include <stdint.h>

#include "base/text.h"
#include "py/python.h"
#include "py/kinds/refs.h"
#include "py/links.h"
#include "py/kinds/trait.h"

struct python;
struct type;

struct kind_member {
    uint16_t place;   // offsetof(struct layout, partialobject_fn)
    uint8_t mode;     // enum member_mode
    uint32_t since;   // visited from this version on, only held before; 0: always
    const char *name; // ".func"
};

enum member_mode {
    MEMBER_VISITED, // tp_traverse visits it
    MEMBER_HELD,    // owned, not visited
};

// Of blocks that are linked, so many are named one by one; where the rest lies is not checked.
#define BLOCKS_CHAIN_MOST (UINT64_C(1) << 20)

struct blocks {
    void (*add)(struct blocks *blocks, addr from, uint64_t bytes);
    void *context;
    uint64_t bytes; // of all
    uint64_t *left; // links that all objects together may still follow; null: any number
};

// One more; from 0: it is somewhere that no layout tells.
static inline void blocks_add(struct blocks *blocks, addr from, uint64_t bytes)
{
    blocks->bytes += bytes;
    if (from && bytes)
        blocks->add(blocks, from, bytes);
}

// Whether a chain of blocks goes on to the one at `at`. 20,000 objects may share one long chain in a
// damaged heap.
static inline bool blocks_go(struct blocks *blocks, struct links *links, addr at)
{
    if (!links_go(links, at) || links->steps > BLOCKS_CHAIN_MOST)
        return false;
    return !blocks->left || (*blocks->left && (*blocks->left)--);
}

struct kind {
    const char *names; // tp_names that the row serves, separated by spaces: "dict_keys dict_values
                       // dict_items"
    traits traits;     // what these types' instances are
    // `o` views tp_basicsize bytes at `at`. Null: members only.
    void (*refs)(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                 struct refs *refs);
    const struct kind_member *members; // ended by a null name
    uint32_t type_first; // instances visit their type before the members since this version
                         // (PYMINOR); 0: never
    uint32_t type_last;  // or after them
    bool core;           // the interpreter's own type: Cython has others of these names
    bool unsure;         // refs() may find that there is more than it knows (refs->partial)
    bool type_by_holder; // the reference to their type is visited by their holder, in their place
    // The value in a few columns; null: nothing but the type's name.
    void (*preview)(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                    size_t width, struct text *out);
    // What __sizeof__() answers; null: tp_basicsize + |ob_size| * tp_itemsize.
    uint64_t (*size)(const struct python *py, const struct type *type, addr at, const uint8_t *o);
    // How much `size` adds that is not there: sys.getsizeof takes datetime's short form for the
    // long one. Null: nothing.
    uint64_t (*excess)(const struct python *py, const struct type *type, const uint8_t *o);
    // The object whose sys.getsizeof `size` has added, or 0: BytesIO counts the bytes that it
    // writes to. Sums must not count these twice.
    addr (*counted)(const struct python *py, const struct type *type, addr at, const uint8_t *o);
    // The memory beside the object that `size` has added: a list's items, a dict's tables. Null:
    // all of `size` is the object itself.
    void (*blocks)(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                   struct blocks *blocks);
};

extern const struct kind
    *const kind_tables[]; // arrays of rows, each ended by a row without names; ended by null

// sys.version_info and its kin: recognised by their dict, not by name. kind_seq.c
extern const struct kind kind_structseq;

// The name of the kind of what greenlets hold besides; no type is called so.
#define GREENLET_KIND "greenlet's-frames"

// The row for a tp_name, or null. Cost: a walk over the tables, meant for once a type.
const struct kind *kind_find(const char *tp_name);

// Whether the row serves that tp_name itself.
bool kind_serves(const struct kind *kind, const char *tp_name);

// What refs->left begins with for a walk over all objects: four times the words that there are.
static inline uint64_t kind_words_most(const struct python *py)
{
    return target_bytes(py->target) / 2 + (UINT64_C(1) << 20);
}

// Hands every reference of the object to refs, in the order of tp_traverse; then those that only
// hold. Returns false when the type has no decoder and the word scan was used instead (evidence
// `guessed`).
bool kind_refs(const struct python *py, const struct type *type, addr at, struct refs *refs);

// The attributes of an instance of a type in C that no decoder knows: its dict, or what stands in
// for it (py/extension/structs.h knows about members). For their names: tp_traverse tells which are visited.
void kind_attributes(const struct python *py, const struct type *type, addr at, struct refs *refs);

// sys.getsizeof(object) in bytes.
uint64_t kind_size(const struct python *py, const struct type *type, addr at);

// How many of these are not its own: another object has them in its size as well, or they are not
// there at all.
uint64_t kind_counted(const struct python *py, const struct type *type, addr at);

// Where these bytes are: those beside the object go to blocks->add, its own, with the collector's
// header, are *bytes from *from on. Cost: as kind_size, and a walk along chained blocks.
void kind_blocks(const struct python *py, const struct type *type, addr at, struct blocks *blocks,
                 addr *from, uint64_t *bytes);

// A preview, at most `width` columns, escaped. Never follows more than one level.
void kind_preview(const struct python *py, const struct type *type, addr at, size_t width,
                  struct text *out);

// The same of an instance of a Python class that has no value of its own, with its first attributes:
// "<app.Order status='lost' total=12 ...>". False, and nothing was added: it is something else.
bool kind_preview_attributes(const struct python *py, const struct type *type, addr at,
                             size_t width, struct text *out);

// How many bytes an array of numpy shows. False: it cannot be read.
bool kind_numpy_array_shows(const struct python *py, const struct type *type, addr at,
                            uint64_t *bytes);

// Appends the name of a reference: ".func", "[3]", "['key']".
void kind_name(const struct python *py, const struct type *holder, addr at, struct ref_name name,
               struct text *out);

#endif
