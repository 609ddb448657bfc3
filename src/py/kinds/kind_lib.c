// SPDX-License-Identifier: GPL-3.0-or-later
// Other modules in C: struct, csv, pickle, expat, ElementTree, re, typing, json, socket, datetime.
#include "base/unused.h"
#include "py/kinds/kind_row.h"

#define CODES_MOST 8192 // in a struct's format; more would be garbage

static uint64_t c_string_size(const struct python *py, addr text)
{
    char bytes[4096];
    return text && target_read_string(py->target, text, bytes, sizeof bytes) ? strlen(bytes) + 1
                                                                             : 0;
}

static uint64_t element_size(const struct python *py, const struct type *type, UNUSED addr at,
                             const uint8_t *o)
{
    uint64_t size = (uint64_t)type->basicsize;
    addr extra = LOAD(py, o, ElementObject_extra);
    const uint8_t *e = extra ? VIEW(py, extra, ElementObjectExtra) : NULL;
    if (!e)
        return size;
    size += SIZE(py, ElementObjectExtra);
    addr children = LOAD(py, e, ElementObjectExtra_children);
    if (children != INSIDE(py, extra, ElementObjectExtra__children))
        size += 8 * LOAD(py, e, ElementObjectExtra_allocated);
    return size;
}

static void element_blocks(const struct python *py, const struct type *type, addr at,
                           const uint8_t *o, struct blocks *blocks)
{
    addr extra = LOAD(py, o, ElementObject_extra);
    uint64_t beside = element_size(py, type, at, o) - (uint64_t)type->basicsize,
             bare = SIZE(py, ElementObjectExtra);
    if (beside < bare)
        return;
    blocks_add(blocks, extra, bare);
    blocks_add(blocks, READ(py, extra, ElementObjectExtra_children), beside - bare);
}

static void element_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                         const uint8_t *o, struct refs *refs)
{
    refs_member(refs, refs_load(refs, SLOT(py, o, ElementObject_tag)), ".tag");
    refs_member(refs, refs_load(refs, SLOT(py, o, ElementObject_text)) & ~UINT64_C(1),
                ".text"); // bit 0: a list to be joined
    refs_member(refs, refs_load(refs, SLOT(py, o, ElementObject_tail)) & ~UINT64_C(1), ".tail");
    addr extra = LOAD(py, o, ElementObject_extra);
    const uint8_t *e = extra ? VIEW(py, extra, ElementObjectExtra) : NULL;
    if (!e)
        return;
    refs_member(refs, refs_load(refs, SLOT(py, e, ElementObjectExtra_attrib)), ".attrib");
    visit_words(py, LOAD(py, e, ElementObjectExtra_children),
                LOAD(py, e, ElementObjectExtra_length), REF_INDEX, refs);
}

static uint64_t struct_size(const struct python *py, const struct type *type, UNUSED addr at,
                            const uint8_t *o)
{
    uint64_t record = py->rules.two ? 24 : 32;          // sizeof(formatcode)
    uint64_t size = (uint64_t)type->basicsize + record; // the closing record
    addr code = LOAD(py, o, PyStructObject_s_codes);
    for (int i = 0; i < CODES_MOST && code; i++, code += record, size += record)
        if (target_u64(py->target, code, NULL) == 0)
            break;
    return size;
}

static void struct_blocks(const struct python *py, const struct type *type, addr at,
                          const uint8_t *o, struct blocks *blocks)
{
    blocks_add(blocks, LOAD(py, o, PyStructObject_s_codes),
               struct_size(py, type, at, o) - (uint64_t)type->basicsize);
}

static uint64_t memo_size(const struct python *py, addr table)
{
    if (!table)
        return 0;
    uint64_t used = READ(py, table, PyMemoTable_mt_allocated);
    return SIZE(py, PyMemoTable) + used * SIZE(py, PyMemoEntry);
}

static void unpickler_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                           const uint8_t *o, struct refs *refs)
{
    addr memo = LOAD(py, o, UnpicklerObject_memo);
    uint64_t count = memo ? LOAD(py, o, UnpicklerObject_memo_size) : 0;
    if (py->rules.memo_visited)
        visit_words(py, memo, count, REF_NODE, refs);
    else
        hold_words(py, memo, count, REF_NODE, refs);
}

static uint64_t unpickler_size(const struct python *py, const struct type *type, UNUSED addr at,
                               const uint8_t *o)
{
    uint64_t size = (uint64_t)type->basicsize;
    if (LOAD(py, o, UnpicklerObject_memo))
        size += 8 * LOAD(py, o, UnpicklerObject_memo_size);
    if (LOAD(py, o, UnpicklerObject_marks))
        size += 8 * LOAD(py, o, UnpicklerObject_marks_size);
    size += c_string_size(py, LOAD(py, o, UnpicklerObject_input_line));
    size += c_string_size(py, LOAD(py, o, UnpicklerObject_encoding));
    return size + c_string_size(py, LOAD(py, o, UnpicklerObject_errors));
}

// The output buffer, which is allocated in advance.
static addr pickler_counted(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                            const uint8_t *o)
{
    return py->layout.PicklerObject_output_buffer >= 0 ? LOAD(py, o, PicklerObject_output_buffer)
                                                       : 0;
}

static uint64_t pickler_size(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o)
{
    addr output = pickler_counted(py, type, at, o);
    return (uint64_t)type->basicsize + memo_size(py, LOAD(py, o, PicklerObject_memo))
           + (output ? bytes_size(py, output) : 0);
}

static void pickler_blocks(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                           const uint8_t *o, struct blocks *blocks)
{
    addr memo = LOAD(py, o, PicklerObject_memo);
    uint64_t size = memo_size(py, memo), bare = SIZE(py, PyMemoTable);
    if (size < bare)
        return;
    blocks_add(blocks, memo, bare);
    blocks_add(blocks, READ(py, memo, PyMemoTable_mt_table), size - bare);
}

static void unpickler_blocks(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o, struct blocks *blocks)
{
    addr memo = LOAD(py, o, UnpicklerObject_memo);
    if (memo)
        blocks_add(blocks, memo, 8 * LOAD(py, o, UnpicklerObject_memo_size));
    blocks_add(blocks, 0,
               unpickler_size(py, type, at, o) - blocks->bytes - (uint64_t)type->basicsize);
}

// The memo's keys are counted references (memo->mt_table[i].me_key).
static void pickler_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                         const uint8_t *o, struct refs *refs)
{
    addr memo = LOAD(py, o, PicklerObject_memo);
    if (!memo)
        return;
    uint64_t allocated = READ(py, memo, PyMemoTable_mt_allocated);
    addr table = READ(py, memo, PyMemoTable_mt_table);
    uint64_t stride = SIZE(py, PyMemoEntry);
    const uint8_t *entries = allocated && allocated < WORDS_MOST
                                 ? target_view(py->target, table, allocated * stride)
                                 : NULL;
    bool visited = py->rules.memo_visited;
    if (entries && !refs_afford(refs, allocated))
        return;
    for (uint64_t i = 0; entries && i < allocated; i++) {
        addr key = refs_load(refs, SLOT(py, entries + i * stride, PyMemoEntry_me_key));
        if (visited)
            refs_visit(refs, key, REF_NODE, i);
        else
            refs_hold(refs, key, REF_NODE, i);
    }
}

static void unpackiter_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                            const uint8_t *o, struct refs *refs)
{
    refs_member(refs, refs_load(refs, SLOT(py, SLOT(py, o, unpackiterobject_buf), Py_buffer_obj)),
                "buffer");
}

// Modules/pyexpat.c: an array of handlers, as many as handler_info names.
static void xmlparser_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                           const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    if (l->xmlparseobject_handlers < 0 || l->_DummyDecl <= 0 || l->_DummyDecl > 64)
        refs->partial = true;
    else
        visit_words(py, LOAD(py, o, xmlparseobject_handlers), l->_DummyDecl, REF_NODE, refs);
}

// `strict` was an object until 3.6; an int since.
static void scanner_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                         const uint8_t *o, struct refs *refs)
{
    if (py->rules.scanner_has_strict)
        refs_member(refs, refs_load(refs, SLOT(py, o, PyScannerObject_strict)), "strict");
    if (py->layout.PyScannerObject_encoding >= 0)
        refs_member(refs, refs_load(refs, SLOT(py, o, PyScannerObject_encoding)), "encoding");
}

// There is room for a time zone only if hastzinfo says so: the type's basic size is that of the
// longer form.
static void hold_tzinfo(const struct python *py, addr at, int32_t has, int32_t place,
                        struct refs *refs)
{
    const uint8_t *o = has >= 0 && place >= 0 ? target_view(py->target, at, (size_t)place) : NULL;
    if (o && o[has] == 1)
        refs_hold_member(refs, target_u64(py->target, at + (uint64_t)place, NULL), ".tzinfo");
}

static void datetime_refs(const struct python *py, UNUSED const struct type *type, addr at,
                          UNUSED const uint8_t *o, struct refs *refs)
{
    hold_tzinfo(py, at, py->layout.PyDateTime_DateTime_hastzinfo,
                py->layout.PyDateTime_DateTime_tzinfo, refs);
}

static void time_refs(const struct python *py, UNUSED const struct type *type, addr at,
                      UNUSED const uint8_t *o, struct refs *refs)
{
    hold_tzinfo(py, at, py->layout.PyDateTime_Time_hastzinfo, py->layout.PyDateTime_Time_tzinfo,
                refs);
}

// The short form ends where the time zone would begin; a subclass always allocates the long one.
static uint64_t tzinfo_excess(const struct type *type, const uint8_t *o, int32_t has, int32_t place)
{
    bool short_form = has >= 0 && place >= 0 && place < type->basicsize && !o[has]
                      && !(type->flags & TPFLAGS_HEAPTYPE) && type->is_exact;
    return short_form ? (uint64_t)(type->basicsize - place) : 0;
}

static uint64_t datetime_excess(const struct python *py, const struct type *type, const uint8_t *o)
{
    return tzinfo_excess(type, o, py->layout.PyDateTime_DateTime_hastzinfo,
                         py->layout.PyDateTime_DateTime_tzinfo);
}

static uint64_t time_excess(const struct python *py, const struct type *type, const uint8_t *o)
{
    return tzinfo_excess(type, o, py->layout.PyDateTime_Time_hastzinfo,
                         py->layout.PyDateTime_Time_tzinfo);
}

// Members, and then the managed attribute dict.
static void typing_refs(const struct python *py, const struct type *type, addr at,
                        UNUSED const uint8_t *o, struct refs *refs)
{
    if (type->flags & TPFLAGS_MANAGED_DICT)
        visit_managed_dict(py, type, at, refs);
}

const struct kind kinds_lib[] = {
    { .names = "Struct _struct.Struct",
      FIRST(3, 10),
      .size = struct_size,
      .blocks = struct_blocks,
      MEMBERS(SINCE(PYMINOR(3, 10), PyStructObject, s_format, ".format")) },
    { .names = "unpack_iterator _struct.unpack_iterator",
      FIRST(3, 9),
      .refs = unpackiter_refs,
      MEMBERS(VISITED(unpackiterobject, so, "struct")) },
    { .names = "_csv.Dialect",
      LAST(3, 10),
      MEMBERS(SINCE(PYMINOR(3, 10), DialectObj, lineterminator, ".lineterminator")) },
    { .names = "_csv.reader",
      LAST(3, 10),
      MEMBERS(VISITED(ReaderObj, dialect, ".dialect"), VISITED(ReaderObj, input_iter, "iterator"),
              VISITED(ReaderObj, fields, "fields")) },
    { .names = "_csv.writer",
      LAST(3, 10),
      MEMBERS(VISITED(WriterObj, dialect, ".dialect"), VISITED(WriterObj, write, "write"),
              VISITED(WriterObj, writeline, "writeline"), VISITED(WriterObj, error_obj, "error")) },
    { .names = "_pickle.Pickler",
      FIRST(3, 12),
      .refs = pickler_refs,
      .size = pickler_size,
      .blocks = pickler_blocks,
      .counted = pickler_counted,
      MEMBERS(VISITED(PicklerObject, write, "write"),
              VISITED(PicklerObject, pers_func, ".persistent_id"),
              VISITED(PicklerObject, persistent_id, ".persistent_id"),
              VISITED(PicklerObject, dispatch_table, ".dispatch_table"),
              VISITED(PicklerObject, fast_memo, "fast memo"),
              VISITED(PicklerObject, reducer_override, ".reducer_override"),
              VISITED(PicklerObject, buffer_callback, "buffer callback"),
              HELD(PicklerObject, output_buffer, "output")) },
    { .names = "_pickle.Unpickler",
      FIRST(3, 12),
      .refs = unpickler_refs,
      .size = unpickler_size,
      .blocks = unpickler_blocks,
      MEMBERS(VISITED(UnpicklerObject, readline, "readline"),
              VISITED(UnpicklerObject, readinto, "readinto"),
              VISITED(UnpicklerObject, read, "read"), VISITED(UnpicklerObject, peek, "peek"),
              VISITED(UnpicklerObject, stack, "stack"),
              VISITED(UnpicklerObject, pers_func, ".persistent_load"),
              VISITED(UnpicklerObject, persistent_load, ".persistent_load"),
              VISITED(UnpicklerObject, buffers, "buffers")) },
    { .names = "pyexpat.xmlparser",
      .unsure = true,
      LAST(3, 10),
      .refs = xmlparser_refs,
      MEMBERS(HELD(xmlparseobject, intern, "intern")) },
    { .names = "xml.etree.ElementTree.Element",
      FIRST(3, 12),
      .refs = element_refs,
      .size = element_size,
      .blocks = element_blocks },
    { .names = "re.Pattern _sre.SRE_Pattern",
      FIRST(3, 10),
      MEMBERS(SINCE(PYMINOR(3, 10), PatternObject, groupindex, ".groupindex"),
              SINCE(PYMINOR(3, 10), PatternObject, indexgroup, "index group"),
              SINCE(PYMINOR(3, 10), PatternObject, pattern, ".pattern")) },
    { .names = "re.Match _sre.SRE_Match",
      FIRST(3, 10),
      MEMBERS(SINCE(PYMINOR(3, 10), MatchObject, string, ".string"),
              SINCE(PYMINOR(3, 10), MatchObject, regs, ".regs"),
              SINCE(PYMINOR(3, 10), MatchObject, pattern, ".re")) },
    { .names = "_sre.SRE_Scanner",
      FIRST(3, 10),
      MEMBERS(SINCE(PYMINOR(3, 10), ScannerObject, pattern, ".pattern")) },
    { .names = "typing.TypeVar",
      FIRST(3, 12),
      .refs = typing_refs,
      MEMBERS(SINCE(PYVER(3, 13, 6), typevarobject, name, ".__name__"),
              VISITED(typevarobject, bound, ".__bound__"),
              VISITED(typevarobject, evaluate_bound, "evaluate bound"),
              VISITED(typevarobject, constraints, ".__constraints__"),
              VISITED(typevarobject, evaluate_constraints, "evaluate constraints"),
              VISITED(typevarobject, default_value, ".__default__"),
              VISITED(typevarobject, evaluate_default, "evaluate default")) },
    { .names = "typing.ParamSpec",
      FIRST(3, 12),
      .refs = typing_refs,
      MEMBERS(SINCE(PYVER(3, 13, 6), paramspecobject, name, ".__name__"),
              VISITED(paramspecobject, bound, ".__bound__"),
              VISITED(paramspecobject, default_value, ".__default__"),
              VISITED(paramspecobject, evaluate_default, "evaluate default")) },
    { .names = "typing.TypeVarTuple",
      FIRST(3, 12),
      .refs = typing_refs,
      MEMBERS(SINCE(PYVER(3, 13, 6), typevartupleobject, name, ".__name__"),
              VISITED(typevartupleobject, bound, ".__bound__"),
              VISITED(typevartupleobject, default_value, ".__default__"),
              VISITED(typevartupleobject, evaluate_default, "evaluate default")) },
    { .names = "typing.ParamSpecArgs typing.ParamSpecKwargs",
      MEMBERS(VISITED(paramspecattrobject, __origin__, ".__origin__")) },
    { .names = "typing.TypeAliasType",
      MEMBERS(SINCE(PYVER(3, 13, 6), typealiasobject, name, ".__name__"),
              SINCE(PYMINOR(3, 15), typealiasobject, qualname, ".__qualname__"),
              VISITED(typealiasobject, type_params, ".__type_params__"),
              VISITED(typealiasobject, compute_value, "compute value"),
              VISITED(typealiasobject, value, ".__value__"),
              VISITED(typealiasobject, module, ".__module__")) },
    { .names = "_typing._ConstEvaluator",
      MEMBERS(VISITED(constevaluatorobject, value, "value")),
      FIRST(3, 13) },
    { .names = "_json.Scanner",
      FIRST(3, 9),
      .refs = scanner_refs,
      MEMBERS(VISITED(PyScannerObject, object_hook, "object_hook"),
              VISITED(PyScannerObject, object_pairs_hook, "object_pairs_hook"),
              VISITED(PyScannerObject, pairs_hook, "object_pairs_hook"),
              VISITED(PyScannerObject, array_hook, "array_hook"),
              VISITED(PyScannerObject, parse_float, "parse_float"),
              VISITED(PyScannerObject, parse_int, "parse_int"),
              VISITED(PyScannerObject, parse_constant, "parse_constant"),
              SINCE(PYMINOR(3, 9), PyScannerObject, memo, "memo")) },
    { .names = "_json.Encoder",
      FIRST(3, 9),
      MEMBERS(VISITED(PyEncoderObject, markers, "markers"),
              VISITED(PyEncoderObject, defaultfn, "default"),
              VISITED(PyEncoderObject, encoder, "encoder"),
              VISITED(PyEncoderObject, indent, "indent"),
              VISITED(PyEncoderObject, key_separator, "key_separator"),
              VISITED(PyEncoderObject, item_separator, "item_separator")) },
    { .names = "_socket.socket", FIRST(3, 12) },
    // datetime's types have no GC flag: what they own is held only.
    { .names = "datetime.datetime", .refs = datetime_refs, .excess = datetime_excess },
    { .names = "datetime.time", .refs = time_refs, .excess = time_excess },
    { .names = "datetime.timezone",
      MEMBERS(HELD(PyDateTime_TimeZone, offset, "offset"),
              HELD(PyDateTime_TimeZone, name, "name")) },
    { 0 },
};
