// SPDX-License-Identifier: GPL-3.0-or-later
// Type objects and modules.
#include "base/unused.h"
#include "py/kinds/kind_row.h"

// Objects/typeobject.c, type_traverse: dict, cache, mro, bases, base, from 3.9 on the module. A
// static type has no GC flag: what it holds is reported, but not visited.
static void type_refs(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                      struct refs *refs)
{
    const struct layout *l = &py->layout;
    uint64_t flags = LOAD(py, o, PyTypeObject_tp_flags);
    bool heap = (flags & TPFLAGS_HEAPTYPE) != 0;
    const struct type *self = heap ? NULL : type_at(py, at);
    static const char *const names[] = { ".__dict__",  "cache",     ".__mro__",
                                         ".__bases__", ".__base__", ".__module__" };
    const uint8_t *slots[] = {
        SLOT(py, o, PyTypeObject_tp_dict),
        SLOT(py, o, PyTypeObject_tp_cache),
        SLOT(py, o, PyTypeObject_tp_mro),
        SLOT(py, o, PyTypeObject_tp_bases),
        SLOT(py, o, PyTypeObject_tp_base),
        heap && l->PyHeapTypeObject_ht_module >= 0
                && type->basicsize > l->PyHeapTypeObject_ht_module
            ? SLOT(py, o, PyHeapTypeObject_ht_module)
            : NULL,
    };
    bool visited = object_is_gc(py, type, o);
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
        addr to = slots[i] ? refs_load(refs, slots[i]) : 0;
        if (i == 0 && !heap) // the interpreter may keep it elsewhere
            to = self ? type_dict(py, self) : 0;
        if (visited)
            refs_member(refs, to, names[i]);
        else if (i == 4) // a static type names its base in its initialiser: no reference was taken
            refs_borrow_member(refs, to, names[i]);
        else
            refs_hold_member(refs, to, names[i]);
    }
    if (heap)
        refs_hold_member(refs, refs_load(refs, SLOT(py, o, PyTypeObject_tp_subclasses)),
                         "subclasses");
    if (!heap || type->basicsize < l->sizeof_PyHeapTypeObject)
        return;
    refs_hold_member(refs, refs_load(refs, SLOT(py, o, PyHeapTypeObject_ht_name)), ".__name__");
    if (l->PyHeapTypeObject_ht_qualname >= 0)
        refs_hold_member(refs, refs_load(refs, SLOT(py, o, PyHeapTypeObject_ht_qualname)),
                         ".__qualname__");
    refs_hold_member(refs, refs_load(refs, SLOT(py, o, PyHeapTypeObject_ht_slots)), ".__slots__");
    struct dict_table keys;
    if (l->PyHeapTypeObject_ht_cached_keys >= 0
        && dict_open_keys(py, LOAD(py, o, PyHeapTypeObject_ht_cached_keys), &keys)
        && refs_afford(refs, keys.count))
        for (uint64_t i = 0; i < keys.count; i++)
            refs_hold(refs, refs_load(refs, dict_key_slot(&keys, i)), REF_MEMBER,
                      (uint64_t)(uintptr_t) "shared key");
}

// type.__sizeof__: the heap type with its members, and the shared keys; sizeof(PyTypeObject) for
// static ones.
static uint64_t type_size(const struct python *py, const struct type *type, UNUSED addr at,
                          const uint8_t *o)
{
    const struct layout *l = &py->layout;
    if (py->rules.two) // object.__sizeof__
        return (uint64_t)type->basicsize
               + LOAD(py, o, PyVarObject_ob_size) * (uint64_t)type->itemsize;
    if (!(LOAD(py, o, PyTypeObject_tp_flags) & TPFLAGS_HEAPTYPE))
        return SIZE(py, PyTypeObject);
    uint64_t size = SIZE(py, PyHeapTypeObject);
    if (type->basicsize >= l->sizeof_PyHeapTypeObject) {
        struct dict_table keys;
        addr cached = LOAD(py, o, PyHeapTypeObject_ht_cached_keys);
        if (cached && dict_open_keys(py, cached, &keys))
            size += keys.keys_bytes;
    }
    return size;
}

// From 3.13 on ctypes keeps its description of a type after the type object (PyStgInfo_FromType),
// where its base ends, aligned as malloc would.
static addr ctype_info(const struct python *py, addr at)
{
    const struct layout *l = &py->layout;
    addr info = at + ((SIZE(py, PyHeapTypeObject) + 15) & ~UINT64_C(15));
    const uint8_t *i = l->sizeof_StgInfo > 0 ? VIEW(py, info, StgInfo) : NULL;
    return i && LOAD(py, i, StgInfo_initialized) == 1 ? info : 0;
}

static void ctype_refs(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                       struct refs *refs)
{
    const struct layout *l = &py->layout;
    addr info = ctype_info(py, at);
    const struct {
        int32_t place;
        const char *name;
    } members[] = {
        { l->StgInfo_proto, "proto" },
        { l->StgInfo_argtypes, "argtypes" },
        { l->StgInfo_converters, "converters" },
        { l->StgInfo_restype, "restype" },
        { l->StgInfo_checker, "checker" },
        { l->StgInfo_module, "module" },
        { l->StgInfo_pointer_type, "pointer type" },
    };
    for (size_t i = 0; info && i < sizeof members / sizeof *members; i++)
        if (members[i].place >= 0)
            refs_member(refs, refs_fetch(refs, py->target, info + (uint64_t)members[i].place),
                        members[i].name);
    type_refs(py, type, at, o, refs);
}

// 2.7's object.__sizeof__ treats a static type as a heap type.
static uint64_t type_excess(const struct python *py, const struct type *type, const uint8_t *o)
{
    const struct layout *l = &py->layout;
    bool long_form = py->rules.two && type->basicsize >= l->sizeof_PyHeapTypeObject
                     && !(LOAD(py, o, PyTypeObject_tp_flags) & TPFLAGS_HEAPTYPE);
    return long_form ? (uint64_t)(type->basicsize - l->sizeof_PyTypeObject) : 0;
}

static void type_blocks(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                        struct blocks *blocks)
{
    uint64_t size = type_size(py, type, at, o), bare = SIZE(py, PyHeapTypeObject);
    if (!py->rules.two && size > bare) // keys that instances share
        blocks_add(blocks, LOAD(py, o, PyHeapTypeObject_ht_cached_keys), size - bare);
}

static uint64_t ctype_size(const struct python *py, const struct type *type, addr at,
                           UNUSED const uint8_t *o)
{
    uint64_t size = (uint64_t)type->basicsize;
    addr info = ctype_info(py, at);
    if (!info)
        return size;
    char format[4096];
    addr text = READ(py, info, StgInfo_format);
    if (text && target_read_string(py->target, text, format, sizeof format))
        size += strlen(format) + 1;
    size += 8 * (uint64_t)READ(py, info, StgInfo_ndim);
    if (target_u64(py->target, INSIDE(py, info, StgInfo_ffi_type_pointer) + 16,
                   NULL)) // ffi_type.elements
        size += 8 * (READ(py, info, StgInfo_length) + 1);
    return size;
}

static void ctype_blocks(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o, struct blocks *blocks)
{
    blocks_add(blocks, 0, ctype_size(py, type, at, o) - (uint64_t)type->basicsize);
}

static void type_preview(const struct python *py, UNUSED const struct type *type, addr at,
                         UNUSED const uint8_t *o, UNUSED size_t width, struct text *out)
{
    const struct type *self = type_at(py, at);
    text_add_format(out, "class %s", self ? self->name : "?");
}

// The module's own m_traverse comes first, over state that only its C code knows: we guess at its
// words, or ask the jail.
static void module_state(const struct python *py, const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    if (l->PyModuleObject_md_state < 0) // 2.7
        return;
    addr state = LOAD(py, o, PyModuleObject_md_state), traverse, definition = 0;
    uint64_t size;
    if (l->PyModuleObject_md_state_traverse >= 0) {
        traverse = LOAD(py, o, PyModuleObject_md_state_traverse);
        size = LOAD(py, o, PyModuleObject_md_state_size);
    } else {
        definition = LOAD(py, o, PyModuleObject_md_def);
        traverse = definition ? READ(py, definition, PyModuleDef_m_traverse) : 0;
        size = definition ? READ(py, definition, PyModuleDef_m_size) : 0;
    }
    if (!traverse || ((int64_t)size > 0 && !state))
        return;
    refs->partial = true;
    const uint8_t *words = state && size < 1 << 20 ? target_view(py->target, state, size) : NULL;
    if (words && !refs_afford(refs, size / 8))
        return;
    for (uint64_t i = 0; words && i + 8 <= size; i += 8)
        refs_visit(refs, refs_load(refs, words + i), REF_STATE, i);
}

static void module_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                        const uint8_t *o, struct refs *refs)
{
    module_state(py, o, refs);
    refs_member(refs, refs_load(refs, SLOT(py, o, PyModuleObject_md_dict)), ".__dict__");
    if (py->layout.PyModuleObject_md_name >= 0) // 2.7 has it in the dict alone
        refs_hold_member(refs, refs_load(refs, SLOT(py, o, PyModuleObject_md_name)), "name");
}

static void module_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                           const uint8_t *o, size_t width, struct text *out)
{
    int32_t offset = py->layout.PyModuleObject_md_name;
    addr name = offset >= 0 ? load64(o + offset) : 0;
    if (!name)
        name = dict_lookup(py, LOAD(py, o, PyModuleObject_md_dict), "__name__");
    text_add_string(out, "module ");
    if (name)
        str_append(py, name, width > 8 ? width - 8 : 0, out);
}

const struct kind kinds_type[] = {
    { .names = "type",
      .traits = TRAIT_TYPE,
      .refs = type_refs,
      .size = type_size,
      .excess = type_excess,
      .blocks = type_blocks,
      .preview = type_preview },
    { .names = "_ctypes.CType_Type",
      .traits = TRAIT_TYPE,
      .refs = ctype_refs,
      .type_first = PYMINOR(3, 13),
      .size = ctype_size,
      .blocks = ctype_blocks,
      .preview = type_preview },
    { .names = "module",
      .traits = TRAIT_MODULE,
      .unsure = true,
      .refs = module_refs,
      .preview = module_preview },
    { 0 },
};
