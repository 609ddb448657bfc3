// SPDX-License-Identifier: GPL-3.0-or-later
// The type table: every type object met, read once, with the decoder that its instances need.
//
// Does not know: which instances there are. A type is looked up by address for every object of a
// scan, hence a direct-mapped cache in front of the hash. Owns: the rows, names and slot lists,
// until types_free. Rows never move (blocks of 256).
#ifndef OURO_PY_OBJECTS_TYPE_H
#define OURO_PY_OBJECTS_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "py/kinds/kind.h"
#include "py/read.h"
#include "py/python.h"

enum type_flag_bits { // tp_flags, Include/object.h
    TPFLAGS_STATIC_BUILTIN = 1 << 1,
    TPFLAGS_INLINE_VALUES = 1 << 2,
    TPFLAGS_MANAGED_WEAKREF = 1 << 3,
    TPFLAGS_MANAGED_DICT = 1 << 4,
    TPFLAGS_HEAPTYPE = 1 << 9,
    TPFLAGS_HAVE_GC = 1 << 14,
    TPFLAGS_ITEMS_AT_END = 1 << 23,
    TPFLAGS_INT_SUBCLASS = 1 << 23, // 2.7
    TPFLAGS_LONG_SUBCLASS = 1 << 24,
    TPFLAGS_LIST_SUBCLASS = 1 << 25,
    TPFLAGS_TUPLE_SUBCLASS = 1 << 26,
    TPFLAGS_BYTES_SUBCLASS = 1 << 27,
    TPFLAGS_UNICODE_SUBCLASS = 1 << 28,
    TPFLAGS_DICT_SUBCLASS = 1 << 29,
    TPFLAGS_BASE_EXC_SUBCLASS = 1 << 30,
};
#define TPFLAGS_TYPE_SUBCLASS (1u << 31)

struct
    type_slot { // one of __slots__; of a type in C without a tp_traverse: an object in tp_members
    int32_t offset;
    addr name; // C string in the target
};

struct type {
    addr at;
    uint32_t index;
    const char *name;    // "module.Qualname", escaped
    const char *tp_name; // as CPython has it
    uint64_t flags;
    uint64_t shared_count; // keys that its instances' attributes share
    int64_t basicsize, itemsize, dictoffset, weaklistoffset;
    addr base, metatype, traverse, is_gc_too, finalize, del, cached_keys, dict;
    // is_gc_too: a tp_is_gc that says which instances are the collector's (greenlet); 0: all are,
    // or object_is_gc() knows
    const struct kind *kind; // decodes the body, after slots and attributes; null: unknown
    const int32_t
        *members; // kind->members as offsets of this layout, -1 for absent ones; null: none
    const struct kind *body; // of a base that is none of the collector's (ndarray, datetime): holds
                             // without being visited; null: none that refers to anything
    const int32_t *body_members; // as members
    const struct kind *value;    // previews and sizes: the nearest base that has them; never null
    const struct type_slot *slots;
    uint32_t slot_count;
    uint32_t size;   // of every instance, as sys.getsizeof counts; 0: they differ, ask kind_size
    uint8_t presize; // bytes before the object that belong to it
    uint8_t head;    // sizeof(PyGC_Head) where instances have one, else 0
    bool is_gc; // instances have a collector's header (for metatypes: the heap types among them)
    bool is_python_class; // tp_traverse is subtype_traverse
    bool visits_dict;     // subtype_traverse looks for attributes
    bool visits_type;     // the instance visits its type, first
    bool visits_type_last;
    bool is_metatype;
    bool is_exact;      // what the row in `value` serves by name, no subclass of it
    bool is_leaf;       // instances refer to nothing: no need to look
    bool has_finalizer; // tp_finalize, inherited or own
    bool shares;        // kind_counted may be something
};

struct types;

bool types_new(struct types **out, struct err *err);
void types_free(struct types *types);

// The same rows, with a cache of their own, for a thread that reads beside others (py/reader.h).
// A reader learns nothing: a type that its origin has not met is null there, and
// types_missed() says so. Null: out of memory. Borrows: the rows. types_free() ends either.
struct types *types_reader(const struct types *of);
bool types_missed(const struct types *reader);

// What was asked lately, null rows too. A `struct types` begins with it.
#define TYPE_CACHE 1024u // a power of two
struct type_cache {
    struct {
        addr at;
        const struct type *type;
    } slots[TYPE_CACHE];
};

// The row of the type object at `at`, read on first sight; null when there is no type there (not
// readable, or its own type is not a type). Cost: a compare when seen lately.
const struct type *type_at_slow(const struct python *py, addr at);

static inline const struct type *type_at(const struct python *py, addr at)
{
    const struct type_cache *cache = (const struct type_cache *)py->types;
    size_t slot = (at >> 4 ^ at >> 14) & (TYPE_CACHE - 1);
    return cache->slots[slot].at == at && at ? cache->slots[slot].type : type_at_slow(py, at);
}

// The type that it derives from (tp_base), or null. Bases of a damaged type may go in a ring: bound
// the walk.
static inline const struct type *type_base(const struct python *py, const struct type *type)
{
    return type->base ? type_at(py, type->base) : NULL;
}

// The i-th class in which attributes are looked for (tp_mro), itself at 0, or null: there are no more.
const struct type *type_resolution(const struct python *py, const struct type *type, uint32_t i);

// Whether instances have one of these traits: of the type's own row, or of the one it inherits. A
// null type has none.
static inline bool type_is(const struct type *type, traits any)
{
    return type && (type->value->traits & any) != 0;
}

// The same, of the types in C that the row names, and not of their subclasses.
static inline bool type_is_exact(const struct type *type, traits any)
{
    return type_is(type, any) && type->is_exact;
}

// Whether it, or a class that it derives from, is called so: "module.Qualname". For classes written in Python,
// which have no row. A null type is not.
bool type_is_called(const struct python *py, const struct type *type, const char *name);

// Row i, in the order of discovery.
const struct type *type_row(const struct types *types, uint32_t i);
uint32_t type_count(const struct types *types);
bool types_failed(const struct types *types); // out of memory: the scan must stop

// For a saved heap. Adds a row as it is given, under the next index: names and slots are copied,
// the decoders chosen by their tables' names.
enum type_kind {
    TYPE_KIND_NONE,
    TYPE_KIND_PLAIN,
    TYPE_KIND_STRUCTSEQ,
    TYPE_KIND_NAMED,
    TYPE_KINDS
};
enum type_kind type_kind_of(const struct kind *kind);
// kinds and names: of kind, value and body.
bool types_add(struct python *py, const struct type *row, const enum type_kind kinds[3],
               const char *const names[3], struct err *err);

// The type of the object at `at`, or null when there is no object there.
static inline const struct type *type_of(const struct python *py, addr at)
{
    const uint8_t *o = VIEW(py, at, PyObject);
    return o && !(at & 7) ? type_at(py, LOAD_TYPE(py, o)) : NULL;
}

// The dict of a type object (per interpreter for static builtin types), or 0.
addr type_dict(const struct python *py, const struct type *type);

// How many of the name's first bytes are the module that it is of; 0: a builtin, or not known.
size_t type_module_size(const struct python *py, const struct type *type);

// Whether this object has a collector's header (type.tp_is_gc asked for type objects).
bool object_is_gc(const struct python *py, const struct type *type, const uint8_t *o);
bool object_at_is_gc(const struct python *py, const struct type *type,
                     addr at); // the same, for an object not viewed yet

// Learns the address of subtype_traverse by the vote of heap types: see cpython-heap, "finding
// subtype_traverse". Called once, when the lists are known.
void types_learn(struct python *py);

// Up to 3.10 without debug information: learns which dk_lookup says that a dict may hold keys other
// than str, from a dict that does.
void types_learn_lookdict(struct python *py);

#endif
