// SPDX-License-Identifier: GPL-3.0-or-later
// The type table: see type.h.
#include "py/objects/type.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/unused.h"
#include "py/objects/dict.h"
#include "py/memory/mimalloc.h"
#include "py/runtime/gc.h"
#include "py/kinds/kind.h"
#include "py/read.h"
#include "py/objects/str.h"

#define BLOCK 256u // rows never move: they are handed out as pointers
#define BLOCKS_MAX 65536u
#define BASES_MAX 200 // a longer chain of bases is garbage
#define SLOTS_MAX 4096

#define HELD_MAX 64

enum { MEMBER_OBJECT = 6, MEMBER_OBJECT_EX = 16 }; // T_OBJECT, T_OBJECT_EX: structmember.h

struct types {
    struct type_cache cache; // first: type_at looks there
    struct type *blocks[BLOCKS_MAX];
    uint32_t count;
    struct map by_address; // address -> row, or NOT_A_TYPE
    struct arena arena;
    bool failed;      // out of memory
    bool is_reader;   // rows, map and arena are another one's
    bool missed;      // a reader was asked for a type that nobody had met
    struct text text; // scratch
};
#define NOT_A_TYPE (UINT32_MAX - 1)

static const struct kind plain_kind = { .names = "" };

bool types_new(struct types **out, struct err *err)
{
    *out = calloc(1, sizeof **out);
    return *out ? true : err_memory(err, "the types");
}

void types_free(struct types *types)
{
    if (!types || types->is_reader) {
        free(types);
        return;
    }
    for (uint32_t i = 0; i * BLOCK < types->count; i++)
        free(types->blocks[i]);
    map_fini(&types->by_address);
    arena_fini(&types->arena);
    text_fini(&types->text);
    free(types);
}

struct types *types_reader(const struct types *of)
{
    struct types *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    for (uint32_t i = 0; i * BLOCK < of->count; i++)
        reader->blocks[i] = of->blocks[i];
    reader->count = of->count;
    reader->by_address = of->by_address;
    reader->is_reader = true;
    return reader;
}

bool types_missed(const struct types *reader)
{
    return reader->missed;
}

const struct type *type_row(const struct types *types, uint32_t i)
{
    return &types->blocks[i / BLOCK][i % BLOCK];
}

uint32_t type_count(const struct types *types)
{
    return types->count;
}

bool types_failed(const struct types *types)
{
    return types->failed;
}

static struct type *new_row(struct types *types)
{
    uint32_t i = types->count;
    if (i / BLOCK >= BLOCKS_MAX)
        return NULL;
    if (i % BLOCK == 0 && !(types->blocks[i / BLOCK] = calloc(BLOCK, sizeof(struct type))))
        return NULL;
    struct type *row = &types->blocks[i / BLOCK][i % BLOCK];
    *row = (struct type){ .index = i };
    return row;
}

// The words of a type object; null: unreadable.
static const uint8_t *type_view(const struct python *py, addr at)
{
    return at && !(at & 7) ? VIEW(py, at, PyTypeObject) : NULL;
}

// Whether the bases of an object that claims to be a metatype lead to `type`.
static bool derives_from_type(const struct python *py, addr meta)
{
    const uint8_t *o;
    for (int i = 0; i < BASES_MAX && meta != py->type_type; i++) {
        if (!(o = type_view(py, meta)))
            return false;
        meta = LOAD(py, o, PyTypeObject_tp_base);
    }
    return meta && meta == py->type_type;
}

// Whether `at` looks like a type: following ob_type leads to `type` in a few steps. For a class
// whose __class__ was set to itself (h11's sentinels), or a ring of such classes, it never does:
// then the bases have to lead there. The word may be anything: if it leads nowhere that is not a
// fault.
static bool type_is_type(const struct python *py, addr at)
{
    for (int depth = 0; depth < 8; depth++) {
        const uint8_t *o = type_view(py, at), *m = NULL;
        addr meta = o ? LOAD_TYPE(py, o) : 0;
        if (meta && meta == py->type_type)
            return true;
        // A metatype has the type-subclass flag; anything else cannot make types.
        if (!(m = type_view(py, meta))
            || !(LOAD(py, m, PyTypeObject_tp_flags) & TPFLAGS_TYPE_SUBCLASS))
            return false;
        if (meta == at)
            break;
        at = meta;
    }
    return derives_from_type(py, at);
}

// --- names ---------------------------------------------------------------------------------------

static const char *type_keep(struct types *types, const struct text *text)
{
    char *kept = arena_copy(&types->arena, text_string(text), text->size);
    if (!kept)
        types->failed = true;
    return kept ? kept : "?";
}

static const char *read_tp_name(const struct python *py, const uint8_t *o)
{
    struct types *types = py->types;
    text_clear(&types->text);
    str_append_c(py, LOAD(py, o, PyTypeObject_tp_name), 200, &types->text);
    return type_keep(types, &types->text);
}

// "module.Qualname" as Python would say it; nothing before the names of builtins.
size_t type_module_size(const struct python *py, const struct type *type)
{
    const char *dot = strrchr(type->name, '.');
    if (!(type->flags & TPFLAGS_HEAPTYPE))
        return dot ? (size_t)(dot - type->name) : 0;
    addr module = type->dict ? dict_lookup(py, type->dict, "__module__") : 0;
    struct text text = TEXT_INIT;
    if (module)
        str_append(py, module, 200, &text);
    size_t size = text.size;
    bool fits = size && !strncmp(text_string(&text), type->name, size) && type->name[size] == '.';
    text_fini(&text);
    return fits ? size : 0;
}

static const char *read_name(const struct python *py, const struct type *type,
                             UNUSED const uint8_t *o)
{
    const struct layout *l = &py->layout;
    struct types *types = py->types;
    const char *tp_name = type->tp_name;
    bool heap = (type->flags & TPFLAGS_HEAPTYPE) != 0;
    if (!heap)
        return strncmp(tp_name, "builtins.", 9) == 0       ? tp_name + 9
               : strncmp(tp_name, "__builtin__.", 12) == 0 ? tp_name + 12
                                                           : tp_name;
    addr module = dict_lookup(py, type->dict, "__module__");
    struct str_view view;
    bool named = module && str_view(py, module, &view) && !str_equals(py, module, "builtins")
                 && !str_equals(py, module, "__builtin__");
    const struct type *module_type = named ? type_of(py, module) : NULL;
    text_clear(&types->text); // type_of may have used it
    if (module_type && (module_type->flags & (TPFLAGS_UNICODE_SUBCLASS | TPFLAGS_BYTES_SUBCLASS))) {
        str_append(py, module, 200, &types->text);
        text_add_char(&types->text, '.');
    }
    int32_t at = l->PyHeapTypeObject_ht_qualname >= 0 ? l->PyHeapTypeObject_ht_qualname
                                                      : l->PyHeapTypeObject_ht_name;
    addr qualname = target_u64(py->target, type->at + (uint64_t)at, NULL);
    if (qualname && str_view(py, qualname, &view))
        str_append(py, qualname, 200, &types->text);
    else
        text_add_string(&types->text, tp_name);
    return type_keep(types, &types->text);
}

// --- per-interpreter state of static builtin types, 3.12 on
// -----------------------------------------

static addr builtin_dict(const struct python *py, const struct type *type)
{
    const struct layout *l = &py->layout;
    if (!py->rules.builtin_state || !(type->flags & TPFLAGS_STATIC_BUILTIN)
        || py->interpreter_count == 0)
        return 0;
    uint64_t index = READ(py, type->at, PyTypeObject_tp_subclasses);
    // 3.12: an array; from 3.13 on a struct that begins with its count.
    int32_t first = l->types_state_builtins_initialized >= 0 ? l->types_state_builtins_initialized
                                                             : l->types_state_builtins;
    if (index == 0 || index > 4096 || l->PyInterpreterState_types < 0 || first < 0
        || l->sizeof_managed_static_type_state <= 0)
        return 0;
    addr row = INSIDE(py, py->interpreters[0].at, PyInterpreterState_types) + (uint64_t)first
               + (index - 1) * SIZE(py, managed_static_type_state);
    if (READ(py, row, managed_static_type_state_type) != type->at)
        return 0;
    return READ(py, row, managed_static_type_state_tp_dict);
}

addr type_dict(const struct python *py, const struct type *type)
{
    return type->dict ? type->dict : builtin_dict(py, type);
}

// --- the decoder ---------------------------------------------------------------------------------

struct base_walk { // one step along a type's bases, as far as it matters here
    addr at, traverse, base;
    uint64_t flags;
    int64_t dictoffset;
};

// Whether a tp_traverse is subtype_traverse, as far as that is known.
static bool type_is_subtype(const struct python *py, addr traverse)
{
    return traverse && traverse == py->subtype_traverse;
}

static bool read_base(const struct python *py, addr at, struct base_walk *b)
{
    const uint8_t *o = at ? VIEW(py, at, PyTypeObject) : NULL;
    if (!o)
        return false;
    *b = (struct base_walk){ at, LOAD(py, o, PyTypeObject_tp_traverse),
                             LOAD(py, o, PyTypeObject_tp_base), LOAD(py, o, PyTypeObject_tp_flags),
                             LOAD(py, o, PyTypeObject_tp_dictoffset) };
    return true;
}

// Whether a type object lies in an extension module. (The program may have copies of the
// interpreter's.)
static bool is_of_extension(const struct python *py, addr at)
{
    int module = target_module_of(py->target, at);
    return module >= 0 && module != py->module && !py->target->modules[module].is_program;
}

static const struct kind *kind_of_type_at(const struct python *py, addr at)
{
    char name[128];
    addr name_at = READ(py, at, PyTypeObject_tp_name);
    if (!name_at || !target_read_string(py->target, name_at, name, sizeof name))
        return NULL;
    const struct kind *kind = kind_find(name);
    return kind && kind->core && is_of_extension(py, at) ? NULL : kind;
}

// A structseq is recognised by n_sequence_fields in its dict. Its tp_traverse is tuple's up to 3.7,
// and one of its own after that.
static bool is_structseq(const struct python *py, const struct type *type)
{
    if (!(type->flags & TPFLAGS_TUPLE_SUBCLASS) || type->is_python_class)
        return false;
    addr tuple = target_symbol(py->target, py->module, "PyTuple_Type");
    if (type->at == tuple || READ(py, type->at, PyTypeObject_tp_base) != tuple)
        return false;
    return dict_lookup(py, type_dict(py, type), "n_sequence_fields") != 0;
}

// The first base whose tp_traverse is not subtype_traverse, and of the bases that share that
// function the one that introduced it.
static void choose_kind(const struct python *py, struct type *type, struct base_walk *other)
{
    struct base_walk b = { type->at, type->traverse, type->base, type->flags, type->dictoffset };
    for (int i = 0; i < BASES_MAX && type_is_subtype(py, b.traverse); i++)
        if (!read_base(py, b.base, &b))
            break;
    *other = b;
    if (type->flags & TPFLAGS_HAVE_GC && b.traverse) {
        struct base_walk owner = b, up;
        for (int i = 0;
             i < BASES_MAX && read_base(py, owner.base, &up) && up.traverse == owner.traverse; i++)
            owner = up;
        type->kind = kind_of_type_at(py, owner.at);
        if (!type->kind && owner.at != b.at)
            type->kind = kind_of_type_at(py, b.at);
    } else {
        type->kind = &plain_kind;
    }
}

// Previews and sizes come from the nearest base that has a kind, whether or not the collector
// tracks it.
static void choose_value(const struct python *py, struct type *type)
{
    struct base_walk b = { type->at, 0, type->base, type->flags, 0 };
    type->value = &plain_kind;
    for (int i = 0; i < BASES_MAX; i++) {
        const struct kind *kind =
            i == 0 && type->is_python_class ? NULL : kind_of_type_at(py, b.at);
        // A Python class may have the name of a type in C: only a type without subtype_traverse is
        // what its name says.
        struct base_walk self;
        if (kind && read_base(py, b.at, &self) && !type_is_subtype(py, self.traverse)) {
            type->value = kind;
            break;
        }
        if (!read_base(py, b.base, &b))
            break;
    }
    if (!(type->flags & TPFLAGS_HAVE_GC))
        type->kind = type->value;
}

// A class may have the name of a type in C: only a type without subtype_traverse is what its name
// says.
static bool type_is_or_derives_in_c(const struct python *py, const struct type *type,
                                    const char *tp_name)
{
    char name[64];
    struct base_walk b = { type->at, type->traverse, type->base, type->flags, 0 };
    if (!(type->flags & TPFLAGS_HAVE_GC))
        return false;
    for (int i = 0; i < BASES_MAX; i++) {
        addr name_at = READ(py, b.at, PyTypeObject_tp_name);
        if (!type_is_subtype(py, b.traverse) && name_at
            && target_read_string(py->target, name_at, name, sizeof name) && !strcmp(name, tp_name))
            return true;
        if (!read_base(py, b.base, &b))
            return false;
    }
    return false;
}

// Nobody visits what the first base without the GC flag refers to: the tp_traverse of derived types
// stops above it.
static void choose_body(const struct python *py, struct type *type)
{
    if (type_is_or_derives_in_c(py, type, "greenlet.greenlet")) {
        type->body = kind_find(GREENLET_KIND);
        return;
    }
    struct base_walk b = { type->at, 0, type->base, type->flags, 0 };
    for (int i = 0; i < BASES_MAX && (b.flags & TPFLAGS_HAVE_GC); i++)
        if (!read_base(py, b.base, &b))
            return;
    const struct kind *kind = b.at == type->at ? NULL : kind_of_type_at(py, b.at);
    for (int i = 0; i < BASES_MAX && !kind && b.at != type->at && read_base(py, b.base, &b); i++)
        kind = kind_of_type_at(py, b.at);
    if (kind && (kind->refs || kind->members))
        type->body = kind;
}

static const int32_t *compile_members(const struct python *py, const struct type *type,
                                      const struct kind *kind)
{
    const struct kind_member *m = kind ? kind->members : NULL;
    if (!m)
        return NULL;
    size_t count = 0;
    while (m[count].name)
        count++;
    int32_t *offsets = arena_alloc(&py->types->arena, count * sizeof *offsets);
    if (!offsets) {
        py->types->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(&offsets[i], (const char *)&py->layout + m[i].place, sizeof offsets[i]);
        if (offsets[i] < 0 || offsets[i] + 8 > type->basicsize)
            offsets[i] = -1;
    }
    return offsets;
}

// Reads __slots__ of every level that shares subtype_traverse, most derived first. The records
// follow the type object, where its metatype's basic size ends.
static void read_slots(const struct python *py, struct type *type)
{
    struct type_slot *slots = NULL;
    size_t count = 0;
    struct base_walk b = { type->at, type->traverse, type->base, type->flags, 0 };
    for (int level = 0; level < BASES_MAX && type_is_subtype(py, b.traverse); level++) {
        uint64_t n = READ(py, b.at, PyVarObject_ob_size);
        addr meta = READ(py, b.at, PyObject_ob_type);
        uint64_t skip = READ(py, meta, PyTypeObject_tp_basicsize);
        uint64_t stride = SIZE(py, PyMemberDef);
        const uint8_t *members = n && n < SLOTS_MAX && skip < 1 << 20
                                     ? target_view(py->target, b.at + skip, n * stride)
                                     : NULL;
        struct type_slot *more =
            members ? arena_alloc(&py->types->arena, (count + n) * sizeof *more) : NULL;
        if (members && !more)
            py->types->failed = true;
        if (more && count)
            memcpy(more, slots, count * sizeof *more);
        for (uint64_t i = 0; more && i < n; i++) {
            const uint8_t *m = members + i * stride;
            int64_t offset = LOAD(py, m, PyMemberDef_offset);
            if (LOAD(py, m, PyMemberDef_type) == MEMBER_OBJECT_EX && offset > 0 && offset < 1 << 20)
                more[count++] =
                    (struct type_slot){ (int32_t)offset, LOAD(py, m, PyMemberDef_name) };
        }
        if (more)
            slots = more;
        if (!read_base(py, b.base, &b))
            break;
    }
    type->slots = slots;
    type->slot_count = (uint32_t)count;
}

static bool is_object_member(const struct python *py, const uint8_t *m, const struct type *type)
{
    uint32_t kind = LOAD(py, m, PyMemberDef_type);
    int64_t offset = LOAD(py, m, PyMemberDef_offset);
    return (kind == MEMBER_OBJECT || kind == MEMBER_OBJECT_EX)
           && offset >= py->layout.sizeof_PyObject && offset + 8 <= type->basicsize
           && offset != type->weaklistoffset && offset != type->dictoffset && !(offset & 7);
}

static void add_held(const struct python *py, struct type *type, struct type_slot slot)
{
    for (uint32_t i = 0; i < type->slot_count; i++)
        if (type->slots[i].offset == slot.offset) // known under another name, or from a base
            return;
    struct type_slot *more = arena_alloc(&py->types->arena, (type->slot_count + 1) * sizeof *more);
    if (!more) {
        py->types->failed = true;
        return;
    }
    if (type->slot_count)
        memcpy(more, type->slots, type->slot_count * sizeof *more);
    more[type->slot_count++] = slot;
    type->slots = more;
}

static bool counts_others(const struct python *py, const struct type *type)
{
    return type->value->counted || type->value->excess
           || (type->is_metatype && py->rules.presize_by_flag);
}

// tp_members is all that a type in C tells of what its instances hold, if it has no tp_traverse.
static void read_held(const struct python *py, struct type *type)
{
    struct base_walk b = { type->at, 0, type->base, type->flags, 0 };
    for (int level = 0; level < BASES_MAX; level++) {
        addr at = READ(py, b.at, PyTypeObject_tp_members);
        for (uint32_t i = 0; at && i < HELD_MAX; i++, at += SIZE(py, PyMemberDef)) {
            const uint8_t *m = VIEW(py, at, PyMemberDef);
            if (!m || !LOAD(py, m, PyMemberDef_name))
                break;
            if (is_object_member(py, m, type))
                add_held(py, type,
                         (struct type_slot){ (int32_t)LOAD(py, m, PyMemberDef_offset),
                                             LOAD(py, m, PyMemberDef_name) });
        }
        if (!read_base(py, b.base, &b))
            return;
    }
}

static void choose_type_visit(const struct python *py, struct type *type,
                              const struct base_walk *other)
{
    const struct kind *kind = type->kind;
    if (type->is_python_class && (type->flags & TPFLAGS_HEAPTYPE)) {
        bool base_does =
            other->traverse && other->at != type->at && (other->flags & TPFLAGS_HEAPTYPE);
        type->visits_type = py->rules.subtype_visits_type || !base_does;
        if (type->visits_type)
            return;
    }
    if (!kind || !(type->flags & TPFLAGS_HAVE_GC))
        return;
    bool heap = type->flags & TPFLAGS_HEAPTYPE;
    bool first = kind->type_first && py->version >= kind->type_first;
    bool last = !first && kind->type_last && py->version >= kind->type_last;
    if (is_structseq(py, type) || (type->flags & TPFLAGS_HEAPTYPE) || !(first || last)) {
        type->visits_type = first && heap;
        type->visits_type_last = last && heap;
        return;
    }
    type->visits_type = first; // Py_VISIT(Py_TYPE(op)) does not ask whether the type is on the heap
    type->visits_type_last = last;
}

static void type_read_places(const struct python *py, struct type *type)
{
    const struct rules *r = &py->rules;
    bool gc = (type->flags & TPFLAGS_HAVE_GC) != 0;
    type->is_gc = gc;
    type->head = gc && !r->free_threaded ? (uint8_t)SIZE(py, PyGC_Head) : 0;
    uint64_t managed = r->instance == INSTANCE_TWO ? TPFLAGS_MANAGED_DICT
                       : r->instance == INSTANCE_DICT
                           ? 0
                           : TPFLAGS_MANAGED_DICT | TPFLAGS_MANAGED_WEAKREF;
    type->presize = (uint8_t)(type->head + (type->flags & managed ? 16 : 0));
}

static void type_fill_row(const struct python *py, struct type *type, addr at, const uint8_t *o)
{
    const struct layout *l = &py->layout;
    type->at = at;
    type->flags = LOAD(py, o, PyTypeObject_tp_flags);
    if (py->rules.instance == INSTANCE_DICT) // before 3.11 the low bits meant other things
        type->flags &= ~(uint64_t)(TPFLAGS_HEAPTYPE - 1);
    type->basicsize = LOAD(py, o, PyTypeObject_tp_basicsize);
    type->itemsize = LOAD(py, o, PyTypeObject_tp_itemsize);
    type->dictoffset = LOAD(py, o, PyTypeObject_tp_dictoffset);
    type->weaklistoffset = LOAD(py, o, PyTypeObject_tp_weaklistoffset);
    type->base = LOAD(py, o, PyTypeObject_tp_base);
    type->metatype = LOAD_TYPE(py, o);
    type->traverse = LOAD(py, o, PyTypeObject_tp_traverse);
    type->del = LOAD(py, o, PyTypeObject_tp_del);
    type->dict = LOAD(py, o, PyTypeObject_tp_dict);
    type->finalize = l->PyTypeObject_tp_finalize >= 0 ? LOAD(py, o, PyTypeObject_tp_finalize) : 0;
    type->has_finalizer = type->finalize != 0;
    type->is_metatype = (type->flags & TPFLAGS_TYPE_SUBCLASS) != 0;
    if ((type->flags & TPFLAGS_HEAPTYPE) && l->PyHeapTypeObject_ht_cached_keys >= 0)
        type->cached_keys = READ(py, at, PyHeapTypeObject_ht_cached_keys);
    struct dict_table keys;
    if (type->cached_keys && dict_open_keys(py, type->cached_keys, &keys))
        type->shared_count = keys.count;
    if (type->basicsize < l->sizeof_PyObject || type->basicsize > 1 << 24 || type->itemsize < 0
        || type->itemsize > 1 << 20)
        type->basicsize = l->sizeof_PyObject, type->itemsize = 0;
    type->tp_name = read_tp_name(py, o);
    type->is_python_class = (type->flags & TPFLAGS_HAVE_GC) && type_is_subtype(py, type->traverse);
    type_read_places(py, type);
    if (type->is_gc && !type->is_metatype
        && !py->rules.free_threaded) // whose collector does not call tp_is_gc
        type->is_gc_too = LOAD(py, o, PyTypeObject_tp_is_gc);
    struct base_walk other;
    choose_kind(py, type, &other);
    choose_value(py, type);
    if (is_structseq(py, type))
        type->kind = type->value = &kind_structseq;
    type->visits_dict = type->is_python_class && type->dictoffset != other.dictoffset;
    if (type->is_python_class)
        read_slots(py, type);
    choose_type_visit(py, type, &other);
    choose_body(py, type);
    if (!type->is_gc && !type->is_metatype && !type->kind->refs && !type->kind->members
        && !type->kind->preview)
        read_held(py, type);
    type->members = compile_members(py, type, type->kind);
    type->body_members = compile_members(py, type, type->body);
    if (!type->value->size && !type->itemsize && !type->is_metatype)
        type->size = type->presize + (uint32_t)type->basicsize;
    type->shares = counts_others(py, type);
    type->is_exact = !type->is_python_class && kind_serves(type->value, type->tp_name);
    type->is_leaf = !type->is_gc && !(type->flags & TPFLAGS_HEAPTYPE) && !type->kind->refs
                    && !type->kind->members && !type->slot_count;
}

static const struct type *learn(const struct python *py, addr at)
{
    struct types *types = py->types;
    uint32_t known = map_get(&types->by_address, at);
    if (known == NOT_A_TYPE)
        return NULL;
    if (known != MAP_NONE)
        return type_row(types, known);
    if (types->is_reader) {
        types->missed = true;
        return NULL;
    }
    bool good = type_is_type(py, at);
    struct type *row = good ? new_row(types) : NULL;
    if (good && !row)
        types->failed = true;
    if (!map_put(&types->by_address, at, row ? row->index : NOT_A_TYPE, NULL))
        types->failed = true;
    if (!row)
        return NULL;
    types->count++;
    row->name = row->tp_name = "?";
    row->value = row->kind = &plain_kind;
    const uint8_t *o = VIEW(py, at, PyTypeObject);
    type_fill_row(py, row, at, o);
    row->name = read_name(
        py, row, o); // last: it looks at the types of strings, and through them at this table
    return row;
}

// --- out of a saved heap
// -------------------------------------------------------------------------

enum type_kind type_kind_of(const struct kind *kind)
{
    return !kind                     ? TYPE_KIND_NONE
           : kind == &plain_kind     ? TYPE_KIND_PLAIN
           : kind == &kind_structseq ? TYPE_KIND_STRUCTSEQ
                                     : TYPE_KIND_NAMED;
}

// Finds a row of the tables by all of its names; if these have changed since, by the type's own if
// it is among them, else by the first.
static const struct kind *kind_named(const char *names, const char *tp_name)
{
    char first[100] = "";
    for (size_t t = 0; kind_tables[t]; t++)
        for (const struct kind *k = kind_tables[t]; k->names; k++)
            if (!strcmp(k->names, names))
                return k;
    size_t size = strcspn(names, " ");
    if (size < sizeof first)
        memcpy(first, names, size);
    const struct kind *kind = kind_serves(&(struct kind){ .names = names }, tp_name)
                                  ? kind_find(tp_name)
                                  : kind_find(first);
    return kind ? kind : &plain_kind;
}

static const struct kind *kind_of_row(enum type_kind kind, const char *names, const char *tp_name)
{
    switch (kind) {
    case TYPE_KIND_NAMED:
        return kind_named(names ? names : "", tp_name);
    case TYPE_KIND_STRUCTSEQ:
        return &kind_structseq;
    case TYPE_KIND_PLAIN:
        return &plain_kind;
    default:
        return NULL;
    }
}

bool types_add(struct python *py, const struct type *row, const enum type_kind kinds[3],
               const char *const names[3], struct err *err)
{
    struct types *types = py->types;
    struct type *to = new_row(types);
    if (!to || !map_put(&types->by_address, row->at, to->index, err))
        return err_memory(err, "the types");
    uint32_t index = to->index;
    *to = *row;
    to->index = index;
    to->name = arena_string(&types->arena, row->name);
    to->tp_name = arena_string(&types->arena, row->tp_name);
    to->kind = kind_of_row(kinds[0], names[0], row->tp_name);
    to->value = kind_of_row(kinds[1], names[1], row->tp_name);
    if (!to->value)
        to->value = &plain_kind;
    to->is_exact = !to->is_python_class && to->tp_name && kind_serves(to->value, to->tp_name);
    to->slots = NULL;
    if (row->slot_count) {
        size_t size = row->slot_count * sizeof *row->slots;
        struct type_slot *slots = arena_alloc(&types->arena, size);
        to->slots = slots;
        if (slots)
            memcpy(slots, row->slots, size);
    }
    to->body = kind_of_row(kinds[2], names[2], row->tp_name);
    to->shares = counts_others(py, to);
    to->members = compile_members(py, to, to->kind);
    to->body_members = compile_members(py, to, to->body);
    types->count++;
    return (to->name && to->tp_name && (to->slots || !row->slot_count) && !types->failed)
           || err_memory(err, "the types");
}

const struct type *type_resolution(const struct python *py, const struct type *type, uint32_t i)
{
    const struct layout *l = &py->layout;
    if (!type || !i || i >= BASES_MAX)
        return i ? NULL : type;
    addr order = l->PyTypeObject_tp_mro < 0 ? 0 : READ(py, type->at, PyTypeObject_tp_mro);
    if (order)
        return i < READ(py, order, PyVarObject_ob_size)
                   ? type_at(py, python_word(py, order, l->PyTupleObject_ob_item + 8 * (int32_t)i))
                   : NULL;
    for (; type && i; i--)
        type = type_base(py, type);
    return type;
}

bool type_is_called(const struct python *py, const struct type *type, const char *name)
{
    const struct type *at;
    for (uint32_t i = 0; (at = type_resolution(py, type, i)); i++)
        if (at->name && !strcmp(at->name, name))
            return true;
    return false;
}

const struct type *type_at_slow(const struct python *py, addr at)
{
    struct types *types = py->types;
    const struct type *type = at && !(at & 7) ? learn(py, at) : NULL;
    size_t slot = (at >> 4 ^ at >> 14) & (TYPE_CACHE - 1);
    types->cache.slots[slot].at = at;
    types->cache.slots[slot].type = type;
    return type;
}

bool object_is_gc(const struct python *py, const struct type *type, const uint8_t *o)
{
    if (!type->is_gc)
        return false;
    return !type->is_metatype || (LOAD(py, o, PyTypeObject_tp_flags) & TPFLAGS_HEAPTYPE) != 0;
}

bool object_at_is_gc(const struct python *py, const struct type *type, addr at)
{
    if (!type->is_metatype)
        return type->is_gc;
    const uint8_t *o = VIEW(py, at, PyTypeObject);
    return o && object_is_gc(py, type, o);
}
