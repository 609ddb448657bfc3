// SPDX-License-Identifier: GPL-3.0-or-later
// What the kinds of findings share: the heap they look at, questions about types, names and sizes
// that are answered once for all of them, and finder_add().
//
// Does not know: any kind. To write one: a file with a `const struct finding_kind finding_NAME`,
// its line X(NAME) in finding_kinds.c, its line in Makefile.am,
// tests/findings/programs/leak_NAME.py.
//
//      bool find(struct finder *f, struct err *err)
//      {
//          ... for objects that look bad:
//              if (!finder_add(f, &(struct finding){
//                      .severity = finder_severity(f, bytes, home),
//                      .object = n, .objects = count, .bytes = finder_retained(f, n),
//                      .what = finder_text(f, "%s holds ...", finder_name(f, n)),
//                      .why = finder_text(f, "..."),
//                      .next = finder_text(f, "path %s", finder_word(f, n)) }, err))
//                  return false;
//          return true;
//      }
//
// Owns: everything but the sources, which it borrows (Borrows: struct finding_sources). Cost: types and
// roles take one pass over the objects; root paths one over the references and the tree one over the
// dominators, both on first need.
#ifndef OURO_FINDING_FINDER_H
#define OURO_FINDING_FINDER_H

#include "finding/code.h"
#include "finding/deeds/deeds.h"
#include "finding/finding.h"
#include "finding/tree.h"
#include "finding/root_paths.h"
#include "heap/memory/block_owners.h"
#include "heap/names/attribute.h"
#include "heap/names/edge.h"
#include "heap/analysis/rings.h"
#include "py/objects/type.h"

enum role { // what instances of a type are good for: bits
    ROLE_DICT = 1,
    ROLE_LIST = 2,
    ROLE_TUPLE = 4,
    ROLE_SET = 8, // frozenset too
    ROLE_DEQUE = 16,
    ROLE_TYPE = 32,      // classes
    ROLE_FUNCTION = 64,  // Python functions
    ROLE_METHOD = 128,   // bound methods
    ROLE_INSTANCE = 256, // of a class written in Python
    ROLE_EXCEPTION = 512,
    ROLE_STRING = 1024, // str, bytes, 2.7's unicode
    ROLE_NUMBER = 2048,
    ROLE_MODULE = 4096,
    ROLE_CODE = 8192, // code, and other things that come with importing: cells, descriptors, ...
    ROLE_WEAK = 16384,
};
#define ROLE_GROWS (ROLE_DICT | ROLE_LIST | ROLE_SET | ROLE_DEQUE) // containers that can grow

struct finder_type {
    uint64_t count, bytes;
    uint32_t roles;
    uint32_t alike; // the first type of that name: classes made in a loop are one to people
    uint64_t bit;   // see finder_skip()
};

// Objects come in stretches of so many, by number, and each stretch knows the bits of the types in it: whoever
// looks for few types skips most of the heap. The most frequent types have a bit each, the others share some.
#define FINDER_STRETCH_SHIFT 8
#define FINDER_BITS_OWN 48
#define FINDER_BITS_SHARED 16

struct finder {
    const struct heap *heap;
    const struct python *py;
    const struct collection *garbage;
    const struct heap_roots *roots;
    const struct dominate *dominate;
    struct memory *memory;       // of the process; null: not known
    struct block_owners *blocks; // use finder_need_blocks()
    const struct finding_before *before;
    const struct progress *progress;
    const struct finding_kind *kind; // the one that looks
    struct finder_type *types;       // per type
    uint64_t *stretches;             // bits of the types in each
    uint64_t role_bits[32],
        trait_bits[64];      // of the types that have a role, or a trait, by its number
    struct root_paths paths; // use finder_need_paths()
    struct tree tree;        // use finder_need_tree()
    struct code code;        // use finder_need_code()
    struct deeds deeds;      // use finder_need_deeds()
    struct rings rings;      // of garbage: use finder_need_rings()
    bool has_paths, has_tree, has_code, has_deeds, has_rings, has_changes;
    bool has_uncounted;
    uint64_t uncounted; // use finder_need_uncounted()
    uint64_t changes;   // to dicts, up to now: quiet.h
    uint32_t *dates;    // of objects, 0: not known; null until ages.h needs them
    uint32_t last_date;
    struct findings *out;
    size_t capacity, of_kind;
    uint64_t most;
    bool out_of_memory; // a text was lost
};

bool finder_init(struct finder *f, const struct finding_sources *sources, struct findings *out,
                 struct err *err);
void finder_fini(struct finder *f);

// --- giving findings ----------------------------------------------------------------------------
// `kind` is filled in. Texts: static, or from finder_text().
bool finder_add(struct finder *f, const struct finding *finding, struct err *err);
// Whether a finding about the object was given already, by whatever kind.
bool finder_is_told(const struct finder *f, node n);
// Never null.
const char *finder_text(struct finder *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// What a text says, which ends with it: one that memory ran out for refuses the findings.
const char *finder_keep(struct finder *f, struct text *text);
const char *finder_ring(struct finder *f,
                        const struct ring_steps *steps);    // "Node.next -> Node.next"
const char *finder_size(struct finder *f, uint64_t bytes);  // "12.3 MiB"
const char *finder_count(struct finder *f, uint64_t count); // "1,234"
const char *finder_plural(struct finder *f, uint64_t count, const char *word); // "2 objects"
const char *finder_percent(struct finder *f, uint64_t part); // of the heap's bytes: "12 %"
// "12 % of the heap, 7 % of the process's memory": the second where that is known.
const char *finder_share(struct finder *f, uint64_t part);

// How bad it is that so many bytes are kept: by their share of the heap, and absolutely. Whose
// names lead there matters: what libraries keep has to be far more before it is suspicious.
enum severity finder_severity(const struct finder *f, uint64_t bytes, enum home home);

// Whose the blocks of C memory are. Needs f->memory.
bool finder_need_blocks(struct finder *f, struct err *err);
// How many bytes of C memory no object counts, at most: whether it is worth asking whose they are.
bool finder_need_uncounted(struct finder *f, struct err *err);
// What counts when memory is judged: resident bytes, where they are not known all that is mapped.
uint64_t finder_memory(const struct finder *f);

// --- types --------------------------------------------------------------------------------------
static inline const struct type *finder_type(const struct finder *f, node n)
{
    return type_row(f->py->types, heap_type(f->heap, n));
}
static inline const char *finder_type_name(const struct finder *f, node n)
{
    return finder_type(f, n)->name;
}
static inline uint32_t finder_roles(const struct finder *f, node n)
{
    return f->types[heap_type(f->heap, n)].roles;
}
static inline uint32_t finder_alike(const struct finder *f, node n)
{
    return f->types[heap_type(f->heap, n)].alike;
}
static inline bool finder_is(const struct finder *f, node n, traits any)
{
    return type_is(finder_type(f, n), any);
}
// Whether there is a type whose instances have one of these traits.
bool finder_has(const struct finder *f, traits any);
// Whether the type is, or is derived from, one that is called so: for classes written in Python.
bool finder_derives(const struct finder *f, const struct type *type, const char *name);

// --- objects ------------------------------------------------------------------------------------
static inline uint64_t finder_retained(const struct finder *f, node n)
{
    return f->dominate->retained[n];
}
static inline bool finder_is_dead(const struct finder *f, node n) // no root reaches it
{
    return f->dominate->dead[n >> 6] >> (n & 63) & 1;
}
// The first object from `from` on whose type may be one of those with these bits; node_count: none is.
static inline node finder_skip(const struct finder *f, uint64_t bits, node from)
{
    node count = f->heap->node_count, n = from;
    while (n < count && !(f->stretches[n >> FINDER_STRETCH_SHIFT] & bits))
        n = ((n >> FINDER_STRETCH_SHIFT) + 1) << FINDER_STRETCH_SHIFT;
    return n < count ? n : count;
}
// len(), or 0 for what has none.
uint64_t finder_length(const struct finder *f, node n);
// The first object from `from` on that lives and has one of these roles, or NODE_NONE.
node finder_next(const struct finder *f, uint32_t roles, node from);
// The same by traits: ask finder_has() before, for where there is none.
node finder_next_of(const struct finder *f, traits any, node from);
// Up to `most` of a dict's keys, evenly spread; returns how many.
size_t finder_sample_keys(const struct finder *f, node dict, addr *keys, size_t most);
// The references from one object to another, to be freed by the caller; false: there are none, or
// memory ran out, which the finder remembers.
bool finder_edges(struct finder *f, node from, node to, struct heap_edges *edges);
// The key under which a dict has the value, as text; "?" where it has not.
const char *finder_key_of(struct finder *f, node dict, node value);
// A preview, at most `width` columns.
const char *finder_preview(struct finder *f, node n, size_t width);

// Whether a dict is what an object's attributes, or a class's, are in. Needs finder_need_paths().
bool finder_is_attributes(const struct finder *f, node dict);
// Whether an object is a function of the program's own.
bool finder_is_program(const struct finder *f, node n);
// Whether a dict is the globals of a function of the program's own, though no module's: code that
// exec() ran, as twistd does with a .tac file.
bool finder_is_globals(const struct finder *f, node dict);

// Rings of garbage by shape, as `cycles` shows them.
bool finder_need_rings(struct finder *f, struct err *err);
// The member of a component with a __del__ of its class that has not run, the first by its class's
// name; or NODE_NONE.
node finder_finalizer(const struct finder *f, uint32_t component);
// Why the collector does not free such garbage: a clause, or null when it will.
const char *finder_obstacle(const struct finder *f, node n);

// --- names: need finder_need_paths() -------------------------------------------------------------
bool finder_need_paths(struct finder *f, struct err *err);
// A function's "module.qualname".
const char *finder_function_name(struct finder *f, node function);
// "charge() sessions.py:120"
const char *finder_code_name(struct finder *f, node code);
// "shop.sessions.Session.everyone", "thread 12 main() at app.py:3 local x", "a list" where no name
// leads there.
const char *finder_name(struct finder *f, node n);
// How its holder on that path calls it: "everyone", "PAGE_CACHE"; for an item of a container, how
// the container is called; "" where nobody says.
const char *finder_own_name(struct finder *f, node n);
// The object as a word of a command line: its name where that resolves, else 0x...
const char *finder_word(struct finder *f, node n);
// A name of the target as one word of a command line, in quotes where it has to be: a type may be
// called anything.
const char *finder_quote(struct finder *f, const char *name);
// Whose names lead there.
enum home finder_home(const struct finder *f, node n);

bool finder_need_code(struct finder *f, struct err *err);
// What all functions do to what they name: growth.h asks.
bool finder_need_deeds(struct finder *f, struct err *err);

// --- the dominator tree: needs finder_need_tree() -----------------------------------------------
bool finder_need_tree(struct finder *f, struct err *err);

#endif
