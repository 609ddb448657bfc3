// SPDX-License-Identifier: GPL-3.0-or-later
// The core's small types: descriptors, weak references, context variables, iterators, ...
#include "base/unused.h"
#include "py/kinds/kind_row.h"

// Python/hamt.c: a bitmap node holds key/value pairs; a null key means that the value is a child
// node.
static void hamt_bitmap_refs(const struct python *py, UNUSED const struct type *type, addr at,
                             const uint8_t *o, struct refs *refs)
{
    uint64_t count = LOAD(py, o, PyVarObject_ob_size);
    const uint8_t *words =
        count < 4096 ? target_view(py->target, INSIDE(py, at, PyHamtNode_Bitmap_b_array), count * 8)
                     : NULL;
    if (words && !refs_afford(refs, count))
        return;
    while (words && count-- > 0) {
        addr key = count % 2 ? load64(words + (count - 1) * 8) : 0;
        addr to = refs_load(refs, words + count * 8);
        refs_visit(refs, to, key ? REF_KEYED : REF_NODE, key ? key : count);
    }
}

static void hamt_array_refs(const struct python *py, UNUSED const struct type *type, addr at,
                            UNUSED const uint8_t *o, struct refs *refs)
{
    visit_words(py, INSIDE(py, at, PyHamtNode_Array_a_array), 32, REF_NODE, refs);
}

static void hamt_collision_refs(const struct python *py, UNUSED const struct type *type, addr at,
                                const uint8_t *o, struct refs *refs)
{
    uint64_t count = LOAD(py, o, PyVarObject_ob_size);
    visit_words(py, INSIDE(py, at, PyHamtNode_Collision_c_array), count < 100000 ? count : 0,
                REF_NODE, refs);
}

// 2.7 has no managed buffer: a view visits the view it came from and the owner of the bytes.
static void memoryview_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                            const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    if (l->PyMemoryViewObject_base >= 0)
        refs_member(refs,
                    refs_load(refs, SLOT(py, SLOT(py, o, PyMemoryViewObject_view), Py_buffer_obj)),
                    ".obj");
}

static void picklebuffer_refs(const struct python *py, UNUSED const struct type *type,
                              UNUSED addr at, const uint8_t *o, struct refs *refs)
{
    refs_member(refs,
                refs_load(refs, SLOT(py, SLOT(py, o, PyPickleBufferObject_view), Py_buffer_obj)),
                ".obj");
}

// What a capsule visits is up to the function that its maker supplied.
static void capsule_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                         const uint8_t *o, struct refs *refs)
{
    if (py->layout.PyCapsule_traverse_func >= 0 && LOAD(py, o, PyCapsule_traverse_func))
        refs->partial = true;
}

static void weakref_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                            const uint8_t *o, size_t width, struct text *out)
{
    addr object = LOAD(py, o, PyWeakReference_wr_object);
    text_add_string(out, "weak: ");
    if (!object || object == py->none)
        text_add_string(out, "dead");
    else
        preview_brief(py, object, width > 8 ? width - 8 : 0, out);
}

static void slice_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                          const uint8_t *o, UNUSED size_t width, struct text *out)
{
    text_add_string(out, "slice(");
    preview_brief(py, LOAD(py, o, PySliceObject_start), 16, out);
    text_add_string(out, ", ");
    preview_brief(py, LOAD(py, o, PySliceObject_stop), 16, out);
    text_add_char(out, ')');
}

static void descr_preview(const struct python *py, const struct type *type, UNUSED addr at,
                          const uint8_t *o, size_t width, struct text *out)
{
    text_add_format(out, "%s ", type->tp_name);
    preview_brief(py, LOAD(py, o, PyDescrObject_d_type), width / 2, out);
    text_add_char(out, '.');
    str_append(py, LOAD(py, o, PyDescrObject_d_name), width / 2, out);
}

static void contextvar_preview(const struct python *py, UNUSED const struct type *type,
                               UNUSED addr at, const uint8_t *o, size_t width, struct text *out)
{
    text_add_string(out, "ContextVar ");
    preview_brief(py, LOAD(py, o, PyContextVar_var_name), width, out);
}

#define DESCRIPTOR_MEMBERS                                                                         \
    VISITED(PyDescrObject, d_type, ".__objclass__"), HELD(PyDescrObject, d_name, ".__name__"),     \
        HELD(PyDescrObject, d_qualname, ".__qualname__")

const struct kind kinds_core[] = {
    { .names = "property",
      .traits = TRAIT_PROPERTY,
      MEMBERS(
          VISITED(propertyobject, prop_get, ".fget"), VISITED(propertyobject, prop_set, ".fset"),
          VISITED(propertyobject, prop_del, ".fdel"), VISITED(propertyobject, prop_doc, ".__doc__"),
          VISITED(propertyobject, prop_name, ".__name__")) },
    { .names = "classmethod",
      .traits = TRAIT_WRAPPER,
      MEMBERS(VISITED(classmethod, cm_callable, ".__func__"),
              VISITED(classmethod, cm_dict, ".__dict__")) },
    { .names = "staticmethod",
      .traits = TRAIT_WRAPPER,
      MEMBERS(VISITED(staticmethod, sm_callable, ".__func__"),
              VISITED(staticmethod, sm_dict, ".__dict__")) },
    { .names = "method_descriptor classmethod_descriptor wrapper_descriptor",
      .traits = TRAIT_METHOD_DESCRIPTOR,
      .preview = descr_preview,
      MEMBERS(DESCRIPTOR_MEMBERS) },
    { .names = "member_descriptor",
      .traits = TRAIT_MEMBER_DESCRIPTOR,
      .preview = descr_preview,
      MEMBERS(DESCRIPTOR_MEMBERS) },
    { .names = "getset_descriptor",
      .traits = TRAIT_GETSET_DESCRIPTOR,
      .preview = descr_preview,
      MEMBERS(DESCRIPTOR_MEMBERS) },
    { .names = "method-wrapper",
      MEMBERS(VISITED(wrapperobject, descr, "descriptor"),
              VISITED(wrapperobject, self, ".__self__")) },
    { .names = "mappingproxy dictproxy dict_proxy",
      MEMBERS(VISITED(mappingproxyobject, mapping, "mapping")) },
    { .names = "super",
      MEMBERS(VISITED(superobject, obj, ".__self__"), VISITED(superobject, type, ".__thisclass__"),
              VISITED(superobject, obj_type, ".__self_class__")) },
    { .names = "weakref weakref.ReferenceType weakref.ProxyType weakref.CallableProxyType "
               "weakproxy weakcallableproxy",
      .traits = TRAIT_WEAK,
      .preview = weakref_preview,
      MEMBERS(VISITED(PyWeakReference, wr_callback, ".__callback__")) },
    { .names = "slice",
      .preview = slice_preview,
      MEMBERS(VISITED(PySliceObject, start, ".start"), VISITED(PySliceObject, stop, ".stop"),
              VISITED(PySliceObject, step, ".step")) },
    { .names = "types.SimpleNamespace",
      MEMBERS(VISITED(_PyNamespaceObject, ns_dict, ".__dict__")) },
    { .names = "PyCapsule", .unsure = true, .refs = capsule_refs },
    { .names = "memoryview",
      .traits = TRAIT_VIEW,
      .refs = memoryview_refs,
      MEMBERS(VISITED(PyMemoryViewObject, base, "base"),
              VISITED(PyMemoryViewObject, mbuf, "managed buffer")) },
    { .names = "managedbuffer", MEMBERS(VISITED(_PyManagedBufferObject, master_obj, ".obj")) },
    { .names = "memory_iterator", MEMBERS(VISITED(memoryiterobject, it_seq, "memoryview")) },
    { .names = "pickle.PickleBuffer", .refs = picklebuffer_refs },
    { .names = "types.GenericAlias",
      MEMBERS(VISITED(gaobject, origin, ".__origin__"), VISITED(gaobject, args, ".__args__"),
              VISITED(gaobject, parameters, ".__parameters__")) },
    { .names = "generic_alias_iterator", MEMBERS(VISITED(gaiterobject, obj, "alias")) },
    { .names = "types.UnionType typing.Union",
      MEMBERS(VISITED(unionobject, args, ".__args__"),
              SINCE(PYMINOR(3, 14), unionobject, hashable_args, "hashable args"),
              SINCE(PYMINOR(3, 14), unionobject, unhashable_args, "unhashable args"),
              SINCE(PYMINOR(3, 12), unionobject, parameters, ".__parameters__")) },
    { .names = "string.templatelib.Template",
      MEMBERS(VISITED(templateobject, strings, ".strings"),
              VISITED(templateobject, interpolations, ".interpolations")) },
    { .names = "string.templatelib.TemplateIter",
      MEMBERS(VISITED(templateiterobject, stringsiter, "strings"),
              VISITED(templateiterobject, interpolationsiter, "interpolations")) },
    { .names = "string.templatelib.Interpolation",
      MEMBERS(VISITED(interpolationobject, value, ".value"),
              VISITED(interpolationobject, expression, ".expression"),
              VISITED(interpolationobject, conversion, ".conversion"),
              VISITED(interpolationobject, format_spec, ".format_spec")) },
    { .names = "sentinel",
      MEMBERS(VISITED(sentinelobject, name, ".__name__"),
              VISITED(sentinelobject, module, ".__module__"),
              VISITED(sentinelobject, repr, "repr")) },
    { .names = "lazy_import",
      .traits = TRAIT_LAZY,
      MEMBERS(VISITED(PyLazyImportObject, lz_builtins, "builtins"),
              VISITED(PyLazyImportObject, lz_from, "from"),
              VISITED(PyLazyImportObject, lz_attr, "attribute"),
              VISITED(PyLazyImportObject, lz_code, "code")) },
    { .names = "Context",
      .preview = NULL,
      MEMBERS(VISITED(PyContext, ctx_prev, "previous"), VISITED(PyContext, ctx_vars, "vars")) },
    { .names = "_contextvars.Context contextvars.Context",
      MEMBERS(VISITED(PyContext, ctx_prev, "previous"), VISITED(PyContext, ctx_vars, "vars")) },
    { .names = "ContextVar _contextvars.ContextVar contextvars.ContextVar",
      .preview = contextvar_preview,
      .traits = TRAIT_CONTEXT_VAR,
      MEMBERS(VISITED(PyContextVar, var_name, ".name"),
              VISITED(PyContextVar, var_default, "default")) },
    { .names = "Token _contextvars.Token contextvars.Token",
      MEMBERS(VISITED(PyContextToken, tok_ctx, "context"), VISITED(PyContextToken, tok_var, ".var"),
              VISITED(PyContextToken, tok_oldval, ".old_value")) },
    { .names = "hamt", MEMBERS(VISITED(PyHamtObject, h_root, "root")) },
    { .names = "hamt_bitmap_node", .refs = hamt_bitmap_refs, .traits = TRAIT_CONTEXT_NODE },
    { .names = "hamt_array_node", .refs = hamt_array_refs },
    { .names = "hamt_collision_node", .refs = hamt_collision_refs },
    { .names = "keys values items", MEMBERS(VISITED(PyHamtIterator, hi_obj, "hamt")) },

    // --- iterators
    { .names = "iterator", MEMBERS(VISITED(seqiterobject, it_seq, "sequence")) },
    { .names = "callable_iterator callable-iterator",
      MEMBERS(VISITED(calliterobject, it_callable, "callable"),
              VISITED(calliterobject, it_sentinel, "sentinel")) },
    { .names = "list_iterator listiterator", MEMBERS(VISITED(listiterobject, it_seq, "list")) },
    { .names = "list_reverseiterator listreverseiterator",
      MEMBERS(VISITED(listreviterobject, it_seq, "list")) },
    { .names = "tuple_iterator tupleiterator", MEMBERS(VISITED(tupleiterobject, it_seq, "tuple")) },
    { .names = "str_iterator str_ascii_iterator",
      MEMBERS(VISITED(unicodeiterobject, it_seq, "str")) },
    { .names = "bytes_iterator", MEMBERS(VISITED(striterobject, it_seq, "bytes")) },
    { .names = "bytearray_iterator", MEMBERS(VISITED(bytearrayiterobject, it_seq, "bytearray")) },
    { .names = "range_iterator longrange_iterator" },
    { .names = "enumerate",
      MEMBERS(VISITED(enumobject, en_sit, "iterator"), VISITED(enumobject, en_result, "result"),
              VISITED(enumobject, en_longindex, "index"), HELD(enumobject, one, "one")) },
    { .names = "reversed", MEMBERS(VISITED(reversedobject, seq, "sequence")) },
    { .names = "zip",
      MEMBERS(VISITED(zipobject, ittuple, "iterators"), VISITED(zipobject, result, "result")) },
    { .names = "map",
      MEMBERS(VISITED(mapobject, iters, "iterators"), VISITED(mapobject, func, "function")) },
    { .names = "filter",
      MEMBERS(VISITED(filterobject, it, "iterator"), VISITED(filterobject, func, "function")) },
    { .names = "_collections._deque_iterator _collections._deque_reverse_iterator",
      FIRST(3, 12),
      MEMBERS(VISITED(dequeiterobject, deque, "deque")) },
    { .names = "arrayiterator array.arrayiterator",
      FIRST(3, 10),
      MEMBERS(VISITED(arrayiterobject, ao, "array")) },
    { 0 },
};
