// SPDX-License-Identifier: GPL-3.0-or-later
// Functions, methods, cells and code objects.
#include "base/unused.h"
#include "py/kinds/kind_row.h"

static void append_name(const struct python *py, addr qualname, size_t width, struct text *out)
{
    if (qualname)
        str_append(py, qualname, width, out);
    else
        text_add_string(out, "?");
}

static void function_preview(const struct python *py, UNUSED const struct type *type,
                             UNUSED addr at, const uint8_t *o, size_t width, struct text *out)
{
    text_add_string(out, "function ");
    append_name(py, LOAD_EITHER(py, o, PyFunctionObject_func_qualname, PyFunctionObject_func_name),
                width > 10 ? width - 10 : 0, out);
}

// heap/edge names the closure's cells after the code's free variables; here they are one tuple.
static const struct kind_member function_members[] = {
    VISITED(PyFunctionObject, func_code, ".__code__"),
    VISITED(PyFunctionObject, func_globals, ".__globals__"),
    VISITED(PyFunctionObject, func_builtins, ".__builtins__"),
    VISITED(PyFunctionObject, func_module, ".__module__"),
    VISITED(PyFunctionObject, func_defaults, ".__defaults__"),
    VISITED(PyFunctionObject, func_kwdefaults, ".__kwdefaults__"),
    VISITED(PyFunctionObject, func_doc, ".__doc__"),
    VISITED(PyFunctionObject, func_name, ".__name__"),
    VISITED(PyFunctionObject, func_dict, ".__dict__"),
    VISITED(PyFunctionObject, func_closure, ".__closure__"),
    VISITED(PyFunctionObject, func_annotations, ".__annotations__"),
    VISITED(PyFunctionObject, func_annotate, ".__annotate__"),
    VISITED(PyFunctionObject, func_typeparams, ".__type_params__"),
    VISITED(PyFunctionObject, func_qualname, ".__qualname__"),
    { 0 },
};

static void method_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                           const uint8_t *o, size_t width, struct text *out)
{
    text_add_string(out, "bound ");
    preview_brief(py, LOAD(py, o, PyMethodObject_im_func), width / 2, out);
    text_add_string(out, " of ");
    preview_brief(py, LOAD(py, o, PyMethodObject_im_self), width / 2, out);
}

// Objects/methodobject.c, meth_traverse: the defining class only for METH_METHOD, from 3.9 on.
static void builtin_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                         const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    addr definition = LOAD(py, o, PyCFunctionObject_m_ml);
    if (l->PyCMethodObject_mm_class >= 0) {
        uint32_t flags = READ(py, definition, PyMethodDef_ml_flags);
        if (flags & 0x0200) // METH_METHOD
            refs_member(refs,
                        refs_fetch(refs, py->target, INSIDE(py, at, PyCMethodObject_mm_class)),
                        "defining class");
    }
    refs_member(refs, refs_load(refs, SLOT(py, o, PyCFunctionObject_m_self)), ".__self__");
    refs_member(refs, refs_load(refs, SLOT(py, o, PyCFunctionObject_m_module)), ".__module__");
}

static void builtin_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                            const uint8_t *o, size_t width, struct text *out)
{
    addr definition = LOAD(py, o, PyCFunctionObject_m_ml);
    text_add_string(out, "built-in ");
    str_append_c(py, READ(py, definition, PyMethodDef_ml_name), width, out);
}

static void kind_func_cell_preview(const struct python *py, UNUSED const struct type *type,
                                   UNUSED addr at, const uint8_t *o, size_t width, struct text *out)
{
    addr held = LOAD(py, o, PyCellObject_ob_ref);
    text_add_string(out, "cell: ");
    if (held)
        preview_brief(py, held, width > 6 ? width - 6 : 0, out);
    else
        text_add_string(out, "empty");
}

static void code_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                         const uint8_t *o, size_t width, struct text *out)
{
    text_add_string(out, "code ");
    append_name(py, LOAD_EITHER(py, o, PyCodeObject_co_qualname, PyCodeObject_co_name), width / 2,
                out);
    text_add_char(out, ' ');
    append_name(py, LOAD(py, o, PyCodeObject_co_filename), width / 2, out);
    text_add_format(out, ":%" PRIu32, LOAD(py, o, PyCodeObject_co_firstlineno));
}

// code.__sizeof__ (Objects/codeobject.c): up to 3.10 the opcache's map of bytes and, in all
// versions, co_extra; from 3.11 on the bytecode is the object's own tail.
static uint64_t code_size(const struct python *py, const struct type *type, UNUSED addr at,
                          const uint8_t *o)
{
    const struct layout *l = &py->layout;
    uint64_t size = (uint64_t)type->basicsize;
    if (l->PyCodeObject_co_code_adaptive >= 0) {
        uint64_t units = LOAD(py, o, PyVarObject_ob_size);
        return units < WORDS_MOST ? (size + units * (uint64_t)type->itemsize + 7) & ~UINT64_C(7)
                                  : size;
    }
    if (l->PyCodeObject_co_cell2arg >= 0 && LOAD(py, o, PyCodeObject_co_cell2arg)) {
        addr cells = LOAD(py, o, PyCodeObject_co_cellvars);
        size += READ(py, cells, PyVarObject_ob_size) * 8;
    }
    if (l->PyCodeObject_co_opcache_map >= 0 && LOAD(py, o, PyCodeObject_co_opcache_map)) {
        addr code = LOAD(py, o, PyCodeObject_co_code);
        size += READ(py, code, PyVarObject_ob_size) / 2;
        size += (uint64_t)LOAD(py, o, PyCodeObject_co_opcache_size) * 32;
    }
    return size;
}

// Up to 3.10 a code object has separate tables; later everything is in the object.
static void code_blocks(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                        struct blocks *blocks)
{
    if (py->layout.PyCodeObject_co_code_adaptive < 0)
        blocks_add(blocks, 0, code_size(py, type, at, o) - (uint64_t)type->basicsize);
}

// Code objects have no GC flag (except in free-threaded builds, where co_consts is visited): all
// references are held only.
static void code_refs(const struct python *py, const struct type *type, UNUSED addr at,
                      const uint8_t *o, struct refs *refs)
{
    if (type->is_gc)
        refs_member(refs, refs_load(refs, SLOT(py, o, PyCodeObject_co_consts)), ".co_consts");
    else
        refs_hold_member(refs, refs_load(refs, SLOT(py, o, PyCodeObject_co_consts)), ".co_consts");
}

const struct kind kinds_func[] = {
    { .names = "function",
      .traits = TRAIT_FUNCTION,
      .members = function_members,
      .preview = function_preview },
    { .names = "method instancemethod",
      .traits = TRAIT_METHOD,
      .preview = method_preview,
      MEMBERS(VISITED(PyMethodObject, im_func, ".__func__"),
              VISITED(PyMethodObject, im_self, ".__self__"),
              VISITED(PyMethodObject, im_class, ".im_class")) },
    { .names = "instance",
      .traits = TRAIT_OLD_INSTANCE, // of an old-style class (2.7)
      MEMBERS(VISITED(PyInstanceObject, in_class, ".__class__"),
              VISITED(PyInstanceObject, in_dict, ".__dict__")) },
    { .names = "classobj", // an old-style class (2.7)
      MEMBERS(VISITED(PyClassObject, cl_bases, ".__bases__"),
              VISITED(PyClassObject, cl_dict, ".__dict__"),
              VISITED(PyClassObject, cl_name, ".__name__"),
              VISITED(PyClassObject, cl_getattr, "cl_getattr"),
              VISITED(PyClassObject, cl_setattr, "cl_setattr"),
              VISITED(PyClassObject, cl_delattr, "cl_delattr")) },
    { .names = "builtin_function_or_method builtin_method",
      .traits = TRAIT_BUILTIN,
      .refs = builtin_refs,
      .preview = builtin_preview },
    { .names = "cell",
      .traits = TRAIT_CELL,
      .preview = kind_func_cell_preview,
      MEMBERS(VISITED(PyCellObject, ob_ref, ".cell_contents")) },
    { .names = "code",
      .traits = TRAIT_CODE,
      .refs = code_refs,
      .preview = code_preview,
      .size = code_size,
      .blocks = code_blocks,
      MEMBERS(HELD(PyCodeObject, co_names, ".co_names"), HELD(PyCodeObject, co_code, ".co_code"),
              HELD(PyCodeObject, co_varnames, ".co_varnames"),
              HELD(PyCodeObject, co_freevars, ".co_freevars"),
              HELD(PyCodeObject, co_cellvars, ".co_cellvars"),
              HELD(PyCodeObject, co_localsplusnames, "co_localsplusnames"),
              HELD(PyCodeObject, co_localspluskinds, "co_localspluskinds"),
              HELD(PyCodeObject, co_filename, ".co_filename"),
              HELD(PyCodeObject, co_name, ".co_name"),
              HELD(PyCodeObject, co_qualname, ".co_qualname"),
              HELD(PyCodeObject, co_lnotab, ".co_lnotab"),
              HELD(PyCodeObject, co_linetable, ".co_linetable"),
              HELD(PyCodeObject, co_exceptiontable, ".co_exceptiontable"),
              HELD(PyCodeObject, _co_code, "_co_code")) },
    { 0 },
};
