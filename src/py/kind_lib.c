// SPDX-License-Identifier: GPL-3.0-or-later
// The C types of the standard library whose references are more than a list of members.
#include "py/kind_row.h"

// Modules/_functoolsmodule.c: a ring of elements through `root`; up to 3.6 elements are the
// collector's own objects, from 3.7 on their key and result are visited as the cache's.
static void lru_refs(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                     struct refs *refs)
{
    (void)type, (void)o;
    const struct layout *l = &py->layout;
    addr root = at + (uint64_t)l->lru_cache_object_root;
    addr element = target_u64(py->target, root + (uint64_t)l->lru_list_elem_next, NULL);
    bool own = l->sizeof_lru_cache_object > 0 && py->version < PYMINOR(3, 7);
    uint64_t cached = UINT64_C(1) << 32;
    for (uint64_t i = 0; element && element != root && i < cached; i++) {
        const uint8_t *e = target_view(py->target, element, (size_t)l->sizeof_lru_list_elem);
        if (!e) {
            target_fault(py->target);
            return;
        }
        addr key = load64(e + l->lru_list_elem_key);
        if (own) {
            refs_visit(refs, element, REF_NODE, i);
        } else {
            refs_visit(refs, key, REF_KEY, key);
            refs_visit(refs, load64(e + l->lru_list_elem_result), REF_KEYED, key);
            if (py->rules.types_visited && py->version >= PYMINOR(3, 10))
                refs_member(refs, load64(e + l->PyObject_ob_type), "element type");
            refs_hold(refs, element, REF_NODE, i);
        }
        addr next = load64(e + l->lru_list_elem_next);
        if (next == element)
            return;
        element = next;
    }
}

// Up to 3.6 an element is the collector's; from 3.7 on what it owns its wrapper visits in its
// place.
static void lru_element_refs(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o, struct refs *refs)
{
    (void)at;
    if (!type->is_gc)
        return;
    refs_member(refs, load64(o + py->layout.lru_list_elem_key), "key");
    refs_member(refs, load64(o + py->layout.lru_list_elem_result), "result");
}

// 57 values a block; blocks are chained through nextlink.
static void tee_refs(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                     struct refs *refs)
{
    (void)type, (void)at;
    const struct layout *l = &py->layout;
    refs_member(refs, load64(o + l->teedataobject_it), "iterator");
    uint32_t count = load32(o + l->teedataobject_numread);
    uint32_t most = (uint32_t)((l->sizeof_teedataobject - l->teedataobject_values) / 8);
    for (uint32_t i = 0; i < count && i < most; i++)
        refs_visit(refs, load64(o + l->teedataobject_values + i * 8), REF_INDEX, i);
    refs_member(refs, load64(o + l->teedataobject_nextlink), "next");
}

// Python/hamt.c: a bitmap node holds key/value pairs; a null key says that the value is a child
// node.
static void hamt_bitmap_refs(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o, struct refs *refs)
{
    (void)type;
    const struct layout *l = &py->layout;
    uint64_t count = load64(o + l->PyVarObject_ob_size);
    const uint8_t *words =
        count < 4096
            ? target_view(py->target, at + (uint64_t)l->PyHamtNode_Bitmap_b_array, count * 8)
            : NULL;
    while (words && count-- > 0)
        refs_visit(refs, load64(words + count * 8), REF_NODE, count);
}

static void hamt_array_refs(const struct python *py, const struct type *type, addr at,
                            const uint8_t *o, struct refs *refs)
{
    (void)type, (void)o;
    visit_words(py, at + (uint64_t)py->layout.PyHamtNode_Array_a_array, 32, REF_NODE, refs);
}

static void hamt_collision_refs(const struct python *py, const struct type *type, addr at,
                                const uint8_t *o, struct refs *refs)
{
    (void)type;
    uint64_t count = load64(o + py->layout.PyVarObject_ob_size);
    visit_words(py, at + (uint64_t)py->layout.PyHamtNode_Collision_c_array,
                count < 100000 ? count : 0, REF_NODE, refs);
}

// The ring buffer of 3.13 on; before, a list.
static void simplequeue_refs(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o, struct refs *refs)
{
    (void)type, (void)at;
    const struct layout *l = &py->layout;
    if (l->simplequeueobject_buf_items < 0) {
        refs_member(refs, load64(o + l->simplequeueobject_lst), "items");
        return;
    }
    uint64_t capacity = load64(o + l->simplequeueobject_buf_items_cap);
    uint64_t first = load64(o + l->simplequeueobject_buf_get_idx),
             count = load64(o + l->simplequeueobject_buf_num_items);
    const uint8_t *words =
        capacity && capacity < WORDS_MOST
            ? target_view(py->target, load64(o + l->simplequeueobject_buf_items), capacity * 8)
            : NULL;
    for (uint64_t i = 0; words && i < count && i < capacity; i++)
        refs_visit(refs, load64(words + (first + i) % capacity * 8), REF_INDEX, i);
}

static uint64_t simplequeue_size(const struct python *py, const struct type *type, addr at,
                                 const uint8_t *o)
{
    (void)at;
    uint64_t size = (uint64_t)type->basicsize;
    bool counted = py->version >= PYMINOR(3, 15) && py->layout.simplequeueobject_buf_items_cap >= 0;
    return counted ? size + 8 * load64(o + py->layout.simplequeueobject_buf_items_cap) : size;
}

// Callbacks, results and the rest; the attribute dict is managed from 3.13 on. 3.9 and 3.10 keep a
// cancellation's exception as an _PyErr_StackItem.
static void future_refs(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                        struct refs *refs)
{
    const struct layout *l = &py->layout;
    if (l->FutureObj_fut_cancelled_exc_state >= 0) {
        const uint8_t *state = o + l->FutureObj_fut_cancelled_exc_state;
        refs_member(refs, load64(state + l->_err_stackitem_exc_type), "cancelled type");
        refs_member(refs, load64(state + l->_err_stackitem_exc_value), "cancelled exception");
        refs_member(refs, load64(state + l->_err_stackitem_exc_traceback), "cancelled traceback");
    }
    if (type->flags & TPFLAGS_MANAGED_DICT)
        visit_managed_dict(py, type, at, refs);
}

static uint64_t c_string_size(const struct python *py, addr text)
{
    char bytes[4096];
    return text && target_read_string(py->target, text, bytes, sizeof bytes) ? strlen(bytes) + 1
                                                                             : 0;
}

static uint64_t element_size(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o)
{
    (void)at;
    const struct layout *l = &py->layout;
    uint64_t size = (uint64_t)type->basicsize;
    addr extra = load64(o + l->ElementObject_extra);
    const uint8_t *e =
        extra ? target_view(py->target, extra, (size_t)l->sizeof_ElementObjectExtra) : NULL;
    if (!e)
        return size;
    size += (uint64_t)l->sizeof_ElementObjectExtra;
    addr children = load64(e + l->ElementObjectExtra_children);
    if (children != extra + (uint64_t)l->ElementObjectExtra__children)
        size += 8 * load64(e + l->ElementObjectExtra_allocated);
    return size;
}

static void element_refs(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o, struct refs *refs)
{
    (void)type, (void)at;
    const struct layout *l = &py->layout;
    refs_member(refs, load64(o + l->ElementObject_tag), ".tag");
    refs_member(refs, load64(o + l->ElementObject_text) & ~UINT64_C(1),
                ".text"); // bit 0: a list to be joined
    refs_member(refs, load64(o + l->ElementObject_tail) & ~UINT64_C(1), ".tail");
    addr extra = load64(o + l->ElementObject_extra);
    const uint8_t *e =
        extra ? target_view(py->target, extra, (size_t)l->sizeof_ElementObjectExtra) : NULL;
    if (!e)
        return;
    refs_member(refs, load64(e + l->ElementObjectExtra_attrib), ".attrib");
    visit_words(py, load64(e + l->ElementObjectExtra_children),
                load64(e + l->ElementObjectExtra_length), REF_INDEX, refs);
}

static uint64_t bytesio_size(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o)
{
    (void)at;
    const struct layout *l = &py->layout;
    uint64_t size = (uint64_t)type->basicsize;
    addr buf = load64(o + l->bytesio_buf);
    if (l->bytesio_buf_size >= 0) // 2.7: bare bytes
        return buf ? size + load64(o + l->bytesio_buf_size) : size;
    if (buf && target_u64(py->target, buf + (uint64_t)l->PyObject_ob_refcnt, NULL) == 1)
        size += (uint64_t)l->PyBytesObject_ob_sval + 1
                + target_u64(py->target, buf + (uint64_t)l->PyVarObject_ob_size, NULL);
    return size;
}

static uint64_t buffered_size(const struct python *py, const struct type *type, addr at,
                              const uint8_t *o)
{
    (void)at;
    const struct layout *l = &py->layout;
    uint64_t size = (uint64_t)type->basicsize;
    return load64(o + l->buffered_buffer) ? size + load64(o + l->buffered_buffer_size) : size;
}

static uint64_t struct_size(const struct python *py, const struct type *type, addr at,
                            const uint8_t *o)
{
    (void)at;
    const struct layout *l = &py->layout;
    uint64_t record = py->version < PYMINOR(3, 0) ? 24 : 32; // sizeof(formatcode)
    uint64_t size = (uint64_t)type->basicsize + record;      // the closing one
    addr code = load64(o + l->PyStructObject_s_codes);
    for (int i = 0; i < 100000 && code; i++, code += record, size += record)
        if (target_u64(py->target, code, NULL) == 0)
            break;
    return size;
}

static uint64_t combinations_size(const struct python *py, const struct type *type, addr at,
                                  const uint8_t *o)
{
    (void)at;
    if (py->version < PYMINOR(3, 0)) // these have no __sizeof__ of their own
        return (uint64_t)type->basicsize;
    return (uint64_t)type->basicsize + 8 * load64(o + py->layout.combinationsobject_r);
}

static uint64_t permutations_size(const struct python *py, const struct type *type, addr at,
                                  const uint8_t *o)
{
    (void)at;
    const struct layout *l = &py->layout;
    if (py->version < PYMINOR(3, 0))
        return (uint64_t)type->basicsize;
    addr pool = load64(o + l->permutationsobject_pool);
    uint64_t n = target_u64(py->target, pool + (uint64_t)l->PyVarObject_ob_size, NULL);
    return (uint64_t)type->basicsize + 8 * n + 8 * load64(o + l->permutationsobject_r);
}

static uint64_t product_size(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o)
{
    (void)at;
    const struct layout *l = &py->layout;
    if (py->version < PYMINOR(3, 0))
        return (uint64_t)type->basicsize;
    addr pools = load64(o + l->productobject_pools);
    return (uint64_t)type->basicsize
           + 8 * target_u64(py->target, pools + (uint64_t)l->PyVarObject_ob_size, NULL);
}

static uint64_t memo_size(const struct python *py, addr table)
{
    if (!table)
        return 0;
    uint64_t used =
        target_u64(py->target, table + (uint64_t)py->layout.PyMemoTable_mt_allocated, NULL);
    return (uint64_t)py->layout.sizeof_PyMemoTable + used * (uint64_t)py->layout.sizeof_PyMemoEntry;
}

// bpo-41422, fixed in 3.11.7 and 3.12.1: what the memo holds is visited.
static bool memo_is_visited(const struct python *py)
{
    return (py->version >= PYVER(3, 11, 7) && py->version < PYMINOR(3, 12))
           || py->version >= PYVER(3, 12, 1);
}

static void unpickler_refs(const struct python *py, const struct type *type, addr at,
                           const uint8_t *o, struct refs *refs)
{
    (void)type, (void)at;
    addr memo = load64(o + py->layout.UnpicklerObject_memo);
    uint64_t count = memo ? load64(o + py->layout.UnpicklerObject_memo_size) : 0;
    if (memo_is_visited(py))
        visit_words(py, memo, count, REF_NODE, refs);
    else
        hold_words(py, memo, count, REF_NODE, refs);
}

static uint64_t unpickler_size(const struct python *py, const struct type *type, addr at,
                               const uint8_t *o)
{
    (void)at;
    const struct layout *l = &py->layout;
    uint64_t size = (uint64_t)type->basicsize;
    if (load64(o + l->UnpicklerObject_memo))
        size += 8 * load64(o + l->UnpicklerObject_memo_size);
    if (load64(o + l->UnpicklerObject_marks))
        size += 8 * load64(o + l->UnpicklerObject_marks_size);
    size += c_string_size(py, load64(o + l->UnpicklerObject_input_line));
    size += c_string_size(py, load64(o + l->UnpicklerObject_encoding));
    return size + c_string_size(py, load64(o + l->UnpicklerObject_errors));
}

static uint64_t pickler_size(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o)
{
    (void)at;
    return (uint64_t)type->basicsize + memo_size(py, load64(o + py->layout.PicklerObject_memo));
}

// The memo's keys are counted references (memo->mt_table[i].me_key).
static void pickler_refs(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o, struct refs *refs)
{
    (void)type, (void)at;
    const struct layout *l = &py->layout;
    addr memo = load64(o + l->PicklerObject_memo);
    if (!memo)
        return;
    uint64_t allocated = target_u64(py->target, memo + (uint64_t)l->PyMemoTable_mt_allocated, NULL);
    addr table = target_u64(py->target, memo + (uint64_t)l->PyMemoTable_mt_table, NULL);
    uint64_t stride = (uint64_t)l->sizeof_PyMemoEntry;
    const uint8_t *entries = allocated && allocated < WORDS_MOST
                                 ? target_view(py->target, table, allocated * stride)
                                 : NULL;
    bool visited = memo_is_visited(py);
    for (uint64_t i = 0; entries && i < allocated; i++) {
        addr key = load64(entries + i * stride + (uint64_t)l->PyMemoEntry_me_key);
        if (visited)
            refs_visit(refs, key, REF_NODE, i);
        else
            refs_hold(refs, key, REF_NODE, i);
    }
}

static void unpackiter_refs(const struct python *py, const struct type *type, addr at,
                            const uint8_t *o, struct refs *refs)
{
    (void)type, (void)at;
    refs_member(refs, load64(o + py->layout.unpackiterobject_buf + py->layout.Py_buffer_obj),
                "buffer");
}

// 2.7 has no managed buffer: a view visits the view it came from and the owner of the bytes.
static void memoryview_refs(const struct python *py, const struct type *type, addr at,
                            const uint8_t *o, struct refs *refs)
{
    (void)type, (void)at;
    const struct layout *l = &py->layout;
    if (l->PyMemoryViewObject_base >= 0)
        refs_member(refs, load64(o + l->PyMemoryViewObject_view + l->Py_buffer_obj), ".obj");
}

// Modules/pyexpat.c: a row of handlers, as many as handler_info names.
static void xmlparser_refs(const struct python *py, const struct type *type, addr at,
                           const uint8_t *o, struct refs *refs)
{
    (void)type, (void)at;
    const struct layout *l = &py->layout;
    if (l->xmlparseobject_handlers < 0 || l->_DummyDecl <= 0 || l->_DummyDecl > 64)
        refs->partial = true;
    else
        visit_words(py, load64(o + l->xmlparseobject_handlers), (uint64_t)l->_DummyDecl, REF_NODE,
                    refs);
}

// What a capsule visits is its maker's function's business.
static void capsule_refs(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o, struct refs *refs)
{
    (void)type, (void)at;
    if (py->layout.PyCapsule_traverse_func >= 0 && load64(o + py->layout.PyCapsule_traverse_func))
        refs->partial = true;
}

// `strict` was an object until 3.6; an int since.
static void scanner_refs(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o, struct refs *refs)
{
    (void)type, (void)at;
    if (py->version < PYMINOR(3, 7))
        refs_member(refs, load64(o + py->layout.PyScannerObject_strict), "strict");
    if (py->layout.PyScannerObject_encoding >= 0)
        refs_member(refs, load64(o + py->layout.PyScannerObject_encoding), "encoding");
}

static void methodcaller_member(const struct type *type, const uint8_t *o, int32_t offset,
                                bool visited, const char *name, struct refs *refs)
{
    if (offset < 0 || offset + 8 > type->basicsize)
        return;
    if (visited)
        refs_member(refs, load64(o + offset), name);
    else
        refs_hold_member(refs, load64(o + offset), name);
}

// 3.13 has its vectorcall_args in a block of memory, and sets the names of keywords, which nobody
// visits, when it makes that block: until the first call there is anything. From 3.14 on both are
// tuples and visited.
static void methodcaller_refs(const struct python *py, const struct type *type, addr at,
                              const uint8_t *o, struct refs *refs)
{
    (void)at;
    const struct layout *l = &py->layout;
    int32_t args = l->methodcallerobject_vectorcall_args;
    int32_t names = l->methodcallerobject_vectorcall_kwnames;
    bool tuples = py->version >= PYMINOR(3, 14);
    methodcaller_member(type, o, l->methodcallerobject_name, py->version >= PYMINOR(3, 10), "name",
                        refs);
    methodcaller_member(type, o, l->methodcallerobject_xargs, true, "args", refs);
    methodcaller_member(type, o, l->methodcallerobject_args, true, "args", refs);
    methodcaller_member(type, o, l->methodcallerobject_kwds, true, "keywords", refs);
    if (tuples)
        methodcaller_member(type, o, args, true, "vectorcall args", refs);
    if (tuples || (args >= 0 && args + 8 <= type->basicsize && load64(o + args)))
        methodcaller_member(type, o, names, tuples, "keyword names", refs);
}

// A time zone has room only where hastzinfo says so: the type's basic size is the longer form's.
static void hold_tzinfo(const struct python *py, addr at, int32_t has, int32_t place,
                        struct refs *refs)
{
    const uint8_t *o = has >= 0 && place >= 0 ? target_view(py->target, at, (size_t)place) : NULL;
    if (o && o[has] == 1)
        refs_hold_member(refs, target_u64(py->target, at + (uint64_t)place, NULL), ".tzinfo");
}

static void datetime_refs(const struct python *py, const struct type *type, addr at,
                          const uint8_t *o, struct refs *refs)
{
    (void)type, (void)o;
    hold_tzinfo(py, at, py->layout.PyDateTime_DateTime_hastzinfo,
                py->layout.PyDateTime_DateTime_tzinfo, refs);
}

static void time_refs(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                      struct refs *refs)
{
    (void)type, (void)o;
    hold_tzinfo(py, at, py->layout.PyDateTime_Time_hastzinfo, py->layout.PyDateTime_Time_tzinfo,
                refs);
}

static void weakref_preview(const struct python *py, const struct type *type, addr at,
                            const uint8_t *o, size_t width, struct text *out)
{
    (void)type, (void)at;
    addr object = load64(o + py->layout.PyWeakReference_wr_object);
    text_add_string(out, "weak: ");
    if (!object || object == py->none)
        text_add_string(out, "dead");
    else
        preview_brief(py, object, width > 8 ? width - 8 : 0, out);
}

static void exception_preview(const struct python *py, const struct type *type, addr at,
                              const uint8_t *o, size_t width, struct text *out)
{
    (void)at;
    addr args = load64(o + py->layout.PyBaseExceptionObject_args);
    text_add_string(out, type->name);
    uint64_t count = target_u64(py->target, args + (uint64_t)py->layout.PyVarObject_ob_size, NULL);
    preview_items(py, args + (uint64_t)py->layout.PyTupleObject_ob_item, count, "()", width, out);
}

static void partial_preview(const struct python *py, const struct type *type, addr at,
                            const uint8_t *o, size_t width, struct text *out)
{
    (void)type, (void)at;
    text_add_string(out, "partial of ");
    preview_brief(py, load64(o + py->layout.partialobject_fn), width, out);
}

static void slice_preview(const struct python *py, const struct type *type, addr at,
                          const uint8_t *o, size_t width, struct text *out)
{
    (void)type, (void)at, (void)width;
    text_add_string(out, "slice(");
    preview_brief(py, load64(o + py->layout.PySliceObject_start), 16, out);
    text_add_string(out, ", ");
    preview_brief(py, load64(o + py->layout.PySliceObject_stop), 16, out);
    text_add_char(out, ')');
}

static void descr_preview(const struct python *py, const struct type *type, addr at,
                          const uint8_t *o, size_t width, struct text *out)
{
    (void)at;
    text_add_format(out, "%s ", type->tp_name);
    preview_brief(py, load64(o + py->layout.PyDescrObject_d_type), width / 2, out);
    text_add_char(out, '.');
    str_append(py, load64(o + py->layout.PyDescrObject_d_name), width / 2, out);
}

static void contextvar_preview(const struct python *py, const struct type *type, addr at,
                               const uint8_t *o, size_t width, struct text *out)
{
    (void)type, (void)at;
    text_add_string(out, "ContextVar ");
    preview_brief(py, load64(o + py->layout.PyContextVar_var_name), width, out);
}

// What every exception ends with.
#define BASE_EXCEPTION_MEMBERS                                                                     \
    VISITED(PyBaseExceptionObject, dict, ".__dict__"),                                             \
        VISITED(PyBaseExceptionObject, args, ".args"),                                             \
        VISITED(PyBaseExceptionObject, notes, ".__notes__"),                                       \
        VISITED(PyBaseExceptionObject, message, ".message"),                                       \
        VISITED(PyBaseExceptionObject, traceback, ".__traceback__"),                               \
        VISITED(PyBaseExceptionObject, cause, ".__cause__"),                                       \
        VISITED(PyBaseExceptionObject, context, ".__context__")

const struct kind kinds_exception[] = {
    { .names = "BaseException exceptions.BaseException",
      .preview = exception_preview,
      MEMBERS(BASE_EXCEPTION_MEMBERS) },
    { .names = "OSError",
      .preview = exception_preview,
      MEMBERS(VISITED(PyOSErrorObject, myerrno, ".errno"),
              VISITED(PyOSErrorObject, strerror, ".strerror"),
              VISITED(PyOSErrorObject, filename, ".filename"),
              VISITED(PyOSErrorObject, filename2, ".filename2"), BASE_EXCEPTION_MEMBERS) },
    { .names = "EnvironmentError exceptions.EnvironmentError",
      .preview = exception_preview,
      MEMBERS(VISITED(PyEnvironmentErrorObject, myerrno, ".errno"),
              VISITED(PyEnvironmentErrorObject, strerror, ".strerror"),
              VISITED(PyEnvironmentErrorObject, filename, ".filename"), BASE_EXCEPTION_MEMBERS) },
    { .names = "SystemExit exceptions.SystemExit",
      .preview = exception_preview,
      MEMBERS(VISITED(PySystemExitObject, code, ".code"), BASE_EXCEPTION_MEMBERS) },
    { .names = "StopIteration",
      .preview = exception_preview,
      MEMBERS(VISITED(PyStopIterationObject, value, ".value"), BASE_EXCEPTION_MEMBERS) },
    { .names = "ImportError",
      .preview = exception_preview,
      MEMBERS(VISITED(PyImportErrorObject, msg, ".msg"),
              VISITED(PyImportErrorObject, name, ".name"),
              VISITED(PyImportErrorObject, path, ".path"),
              VISITED(PyImportErrorObject, name_from, ".name_from"), BASE_EXCEPTION_MEMBERS) },
    { .names = "SyntaxError exceptions.SyntaxError",
      .preview = exception_preview,
      MEMBERS(VISITED(PySyntaxErrorObject, msg, ".msg"),
              VISITED(PySyntaxErrorObject, filename, ".filename"),
              VISITED(PySyntaxErrorObject, lineno, ".lineno"),
              VISITED(PySyntaxErrorObject, offset, ".offset"),
              VISITED(PySyntaxErrorObject, end_lineno, ".end_lineno"),
              VISITED(PySyntaxErrorObject, end_offset, ".end_offset"),
              VISITED(PySyntaxErrorObject, text, ".text"),
              VISITED(PySyntaxErrorObject, print_file_and_line, ".print_file_and_line"),
              VISITED(PySyntaxErrorObject, metadata, "metadata"), BASE_EXCEPTION_MEMBERS) },
    { .names = "UnicodeError UnicodeDecodeError UnicodeEncodeError UnicodeTranslateError "
               "exceptions.UnicodeDecodeError "
               "exceptions.UnicodeEncodeError exceptions.UnicodeTranslateError",
      .preview = exception_preview,
      MEMBERS(VISITED(PyUnicodeErrorObject, encoding, ".encoding"),
              VISITED(PyUnicodeErrorObject, object, ".object"),
              VISITED(PyUnicodeErrorObject, reason, ".reason"), BASE_EXCEPTION_MEMBERS) },
    { .names = "AttributeError",
      .preview = exception_preview,
      MEMBERS(VISITED(PyAttributeErrorObject, obj, ".obj"),
              VISITED(PyAttributeErrorObject, name, ".name"), BASE_EXCEPTION_MEMBERS) },
    { .names = "NameError",
      .preview = exception_preview,
      MEMBERS(VISITED(PyNameErrorObject, name, ".name"), BASE_EXCEPTION_MEMBERS) },
    { .names = "BaseExceptionGroup",
      .preview = exception_preview,
      MEMBERS(VISITED(PyBaseExceptionGroupObject, msg, ".message"),
              VISITED(PyBaseExceptionGroupObject, excs, ".exceptions"),
              VISITED(PyBaseExceptionGroupObject, excs_str, "exceptions' text"),
              BASE_EXCEPTION_MEMBERS) },
    { 0 },
};

#define FIRST(major, minor) .type_first = PYMINOR(major, minor)
#define LAST(major, minor) .type_last = PYMINOR(major, minor)

const struct kind kinds_lib[] = {
    // --- the core's small types
    { .names = "property",
      MEMBERS(
          VISITED(propertyobject, prop_get, ".fget"), VISITED(propertyobject, prop_set, ".fset"),
          VISITED(propertyobject, prop_del, ".fdel"), VISITED(propertyobject, prop_doc, ".__doc__"),
          VISITED(propertyobject, prop_name, ".__name__")) },
    { .names = "classmethod",
      MEMBERS(VISITED(classmethod, cm_callable, ".__func__"),
              VISITED(classmethod, cm_dict, ".__dict__")) },
    { .names = "staticmethod",
      MEMBERS(VISITED(staticmethod, sm_callable, ".__func__"),
              VISITED(staticmethod, sm_dict, ".__dict__")) },
    { .names = "method_descriptor classmethod_descriptor member_descriptor getset_descriptor "
               "wrapper_descriptor",
      .preview = descr_preview,
      MEMBERS(VISITED(PyDescrObject, d_type, ".__objclass__"),
              HELD(PyDescrObject, d_name, ".__name__"),
              HELD(PyDescrObject, d_qualname, ".__qualname__")) },
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
      .refs = memoryview_refs,
      MEMBERS(VISITED(PyMemoryViewObject, base, "base"),
              VISITED(PyMemoryViewObject, mbuf, "managed buffer")) },
    { .names = "managedbuffer", MEMBERS(VISITED(_PyManagedBufferObject, master_obj, ".obj")) },
    { .names = "memory_iterator", MEMBERS(VISITED(memoryiterobject, it_seq, "memoryview")) },
    { .names = "pickle.PickleBuffer", MEMBERS(VISITED(PyPickleBufferObject, view, ".obj")) },
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
      MEMBERS(VISITED(PyContextVar, var_name, ".name"),
              VISITED(PyContextVar, var_default, "default")) },
    { .names = "Token _contextvars.Token contextvars.Token",
      MEMBERS(VISITED(PyContextToken, tok_ctx, "context"), VISITED(PyContextToken, tok_var, ".var"),
              VISITED(PyContextToken, tok_oldval, ".old_value")) },
    { .names = "hamt", MEMBERS(VISITED(PyHamtObject, h_root, "root")) },
    { .names = "hamt_bitmap_node", .refs = hamt_bitmap_refs },
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

    // --- functools, operator
    { .names = "functools.partial",
      FIRST(3, 10),
      .preview = partial_preview,
      MEMBERS(VISITED(partialobject, fn, ".func"), VISITED(partialobject, args, ".args"),
              VISITED(partialobject, kw, ".keywords"), VISITED(partialobject, dict, ".__dict__"),
              HELD(partialobject, placeholder, "placeholder")) },
    { .names = "functools._lru_cache_wrapper",
      FIRST(3, 10),
      .refs = lru_refs,
      MEMBERS(VISITED(lru_cache_object, maxsize_O, "maxsize"),
              VISITED(lru_cache_object, cache, "cache"),
              VISITED(lru_cache_object, func, ".__wrapped__"),
              VISITED(lru_cache_object, kwd_mark, "keyword mark"),
              VISITED(lru_cache_object, lru_list_elem_type, "element type"),
              VISITED(lru_cache_object, cache_info_type, "cache_info type"),
              VISITED(lru_cache_object, dict, ".__dict__")) },
    { .names = "functools._lru_list_elem", .refs = lru_element_refs, .type_by_holder = true },
    { .names = "functools.KeyWrapper",
      FIRST(3, 10),
      MEMBERS(VISITED(keyobject, cmp, "cmp"), VISITED(keyobject, object, ".obj")) },
    { .names = "operator.itemgetter",
      FIRST(3, 10),
      MEMBERS(VISITED(itemgetterobject, item, "item")) },
    { .names = "operator.attrgetter",
      LAST(3, 10),
      MEMBERS(VISITED(attrgetterobject, attr, "attributes")) },
    { .names = "operator.methodcaller",
      LAST(3, 10),
      .refs = methodcaller_refs },
    { .names = "collections._tuplegetter _collections._tuplegetter",
      FIRST(3, 12),
      MEMBERS(VISITED(_tuplegetterobject, doc, ".__doc__")) },

    // --- itertools
    { .names = "itertools.accumulate",
      FIRST(3, 12),
      MEMBERS(VISITED(accumulateobject, binop, "function"),
              VISITED(accumulateobject, it, "iterator"), VISITED(accumulateobject, total, "total"),
              VISITED(accumulateobject, initial, "initial")) },
    { .names = "itertools.batched", FIRST(3, 12), MEMBERS(VISITED(batchedobject, it, "iterator")) },
    { .names = "itertools.chain",
      FIRST(3, 12),
      MEMBERS(VISITED(chainobject, active, "active"), VISITED(chainobject, source, "source")) },
    { .names = "itertools.combinations",
      FIRST(3, 12),
      .size = combinations_size,
      MEMBERS(VISITED(combinationsobject, pool, "pool"),
              VISITED(combinationsobject, result, "result")) },
    { .names = "itertools.combinations_with_replacement",
      FIRST(3, 12),
      .size = combinations_size,
      MEMBERS(VISITED(cwrobject, pool, "pool"), VISITED(cwrobject, result, "result")) },
    { .names = "itertools.compress",
      FIRST(3, 12),
      MEMBERS(VISITED(compressobject, data, "data"),
              VISITED(compressobject, selectors, "selectors")) },
    { .names = "itertools.count",
      FIRST(3, 12),
      MEMBERS(VISITED(countobject, long_cnt, "count"), VISITED(countobject, long_step, "step")) },
    { .names = "itertools.cycle",
      FIRST(3, 12),
      MEMBERS(VISITED(cycleobject, it, "iterator"), VISITED(cycleobject, saved, "saved")) },
    { .names = "itertools.dropwhile",
      FIRST(3, 12),
      MEMBERS(VISITED(dropwhileobject, it, "iterator"),
              VISITED(dropwhileobject, func, "function")) },
    { .names = "itertools.filterfalse",
      FIRST(3, 12),
      MEMBERS(VISITED(filterfalseobject, it, "iterator"),
              VISITED(filterfalseobject, func, "function")) },
    { .names = "itertools.groupby",
      FIRST(3, 12),
      MEMBERS(VISITED(groupbyobject, it, "iterator"),
              VISITED(groupbyobject, keyfunc, "key function"),
              VISITED(groupbyobject, tgtkey, "target key"),
              VISITED(groupbyobject, currkey, "current key"),
              VISITED(groupbyobject, currvalue, "current value")) },
    { .names = "itertools._grouper",
      FIRST(3, 12),
      MEMBERS(VISITED(_grouperobject, parent, "parent"),
              VISITED(_grouperobject, tgtkey, "target key")) },
    { .names = "itertools.islice", FIRST(3, 12), MEMBERS(VISITED(isliceobject, it, "iterator")) },
    { .names = "itertools.pairwise",
      FIRST(3, 12),
      MEMBERS(VISITED(pairwiseobject, it, "iterator"), VISITED(pairwiseobject, old, "old"),
              VISITED(pairwiseobject, result, "result")) },
    { .names = "itertools.permutations",
      FIRST(3, 12),
      .size = permutations_size,
      MEMBERS(VISITED(permutationsobject, pool, "pool"),
              VISITED(permutationsobject, result, "result")) },
    { .names = "itertools.product",
      FIRST(3, 12),
      .size = product_size,
      MEMBERS(VISITED(productobject, pools, "pools"), VISITED(productobject, result, "result")) },
    { .names = "itertools.repeat",
      FIRST(3, 12),
      MEMBERS(VISITED(repeatobject, element, "element")) },
    { .names = "itertools.starmap",
      FIRST(3, 12),
      MEMBERS(VISITED(starmapobject, it, "iterator"), VISITED(starmapobject, func, "function")) },
    { .names = "itertools.takewhile",
      FIRST(3, 12),
      MEMBERS(VISITED(takewhileobject, it, "iterator"),
              VISITED(takewhileobject, func, "function")) },
    { .names = "itertools._tee itertools.tee",
      FIRST(3, 12),
      MEMBERS(VISITED(teeobject, dataobj, "data")) },
    { .names = "itertools._tee_dataobject itertools.tee_dataobject",
      FIRST(3, 12),
      .refs = tee_refs },
    { .names = "itertools.zip_longest",
      FIRST(3, 12),
      MEMBERS(VISITED(ziplongestobject, ittuple, "iterators"),
              VISITED(ziplongestobject, result, "result"),
              VISITED(ziplongestobject, fillvalue, "fill value")) },
    { .names = "itertools.imap",
      MEMBERS(VISITED(imapobject, iters, "iterators"), VISITED(imapobject, func, "function")) },
    { .names = "itertools.ifilter",
      MEMBERS(VISITED(ifilterobject, it, "iterator"), VISITED(ifilterobject, func, "function")) },
    { .names = "itertools.izip_longest",
      MEMBERS(VISITED(iziplongestobject, ittuple, "iterators"),
              VISITED(iziplongestobject, result, "result"),
              VISITED(iziplongestobject, fillvalue, "fill value")) },

    // --- threading, queues
    { .names = "_thread.lock thread.lock", FIRST(3, 10) },
    { .names = "_thread.RLock", FIRST(3, 10) },
    { .names = "_thread._ThreadHandle", FIRST(3, 13) },
    { .names = "_thread._local thread._local",
      FIRST(3, 10),
      MEMBERS(VISITED(localobject, args, "args"), VISITED(localobject, kw, "keywords"),
              VISITED(localobject, dummies, "dummies"),
              VISITED(localobject, localdicts, "local dicts"),
              VISITED(localobject, thread_watchdogs, "watchdogs"), HELD(localobject, key, "key"),
              HELD(localobject, wr_callback, "callback")) },
    { .names = "_queue.SimpleQueue",
      .refs = simplequeue_refs,
      .size = simplequeue_size,
      FIRST(3, 13),
      LAST(3, 10) },

    // --- io
    { .names = "_io._IOBase", FIRST(3, 12), MEMBERS(VISITED(iobase, dict, ".__dict__")) },
    { .names = "_io.BytesIO",
      FIRST(3, 12),
      .size = bytesio_size,
      MEMBERS(VISITED(bytesio, dict, ".__dict__"), SINCE(PYMINOR(3, 12), bytesio, buf, "buffer")) },
    { .names = "_io._BytesIOBuffer", FIRST(3, 12), MEMBERS(VISITED(bytesiobuf, source, "source")) },
    { .names = "_io.StringIO",
      FIRST(3, 12),
      MEMBERS(SINCE(PYMINOR(3, 12), stringio, readnl, "readnl"),
              SINCE(PYMINOR(3, 12), stringio, writenl, "writenl"),
              SINCE(PYMINOR(3, 12), stringio, decoder, "decoder"),
              VISITED(stringio, dict, ".__dict__")) },
    { .names = "_io.BufferedReader _io.BufferedWriter _io.BufferedRandom",
      FIRST(3, 12),
      .size = buffered_size,
      MEMBERS(VISITED(buffered, raw, ".raw"), VISITED(buffered, dict, ".__dict__")) },
    { .names = "_io.BufferedRWPair",
      FIRST(3, 12),
      MEMBERS(VISITED(rwpair, dict, ".__dict__"), SINCE(PYMINOR(3, 12), rwpair, reader, "reader"),
              SINCE(PYMINOR(3, 12), rwpair, writer, "writer")) },
    { .names = "_io.TextIOWrapper",
      FIRST(3, 12),
      MEMBERS(VISITED(textio, buffer, ".buffer"), VISITED(textio, encoding, ".encoding"),
              VISITED(textio, encoder, "encoder"), VISITED(textio, decoder, "decoder"),
              VISITED(textio, readnl, "readnl"),
              VISITED(textio, decoded_chars, "decoded characters"),
              VISITED(textio, pending_bytes, "pending bytes"),
              VISITED(textio, snapshot, "snapshot"), VISITED(textio, errors, ".errors"),
              VISITED(textio, raw, "raw"), VISITED(textio, dict, ".__dict__")) },
    { .names = "_io.FileIO", FIRST(3, 12), MEMBERS(VISITED(fileio, dict, ".__dict__")) },
    { .names = "_io.IncrementalNewlineDecoder",
      FIRST(3, 12),
      MEMBERS(SINCE(PYMINOR(3, 12), nldecoder, decoder, "decoder"),
              SINCE(PYMINOR(3, 12), nldecoder, errors, ".errors")) },

    // --- asyncio
    { .names = "_asyncio.Future",
      FIRST(3, 12),
      .refs = future_refs,
      MEMBERS(VISITED(FutureObj, fut_loop, "loop"), VISITED(FutureObj, fut_callback0, "callback"),
              VISITED(FutureObj, fut_context0, "context"),
              VISITED(FutureObj, fut_callbacks, "callbacks"),
              VISITED(FutureObj, fut_result, "result"),
              VISITED(FutureObj, fut_exception, "exception"),
              VISITED(FutureObj, fut_exception_tb, "exception traceback"),
              VISITED(FutureObj, fut_source_tb, "source traceback"),
              VISITED(FutureObj, fut_cancel_msg, "cancel message"),
              VISITED(FutureObj, fut_cancelled_exc, "cancelled exception"),
              VISITED(FutureObj, fut_awaited_by, "awaited by"),
              VISITED(FutureObj, dict, ".__dict__")) },
    { .names = "_asyncio.Task",
      FIRST(3, 12),
      .refs = future_refs,
      MEMBERS(
          VISITED(TaskObj, task_context, "task context"), VISITED(TaskObj, task_coro, "coroutine"),
          VISITED(TaskObj, task_name, "name"), VISITED(TaskObj, task_fut_waiter, "waits for"),
          VISITED(FutureObj, fut_loop, "loop"), VISITED(FutureObj, fut_callback0, "callback"),
          VISITED(FutureObj, fut_context0, "context"),
          VISITED(FutureObj, fut_callbacks, "callbacks"), VISITED(FutureObj, fut_result, "result"),
          VISITED(FutureObj, fut_exception, "exception"),
          VISITED(FutureObj, fut_exception_tb, "exception traceback"),
          VISITED(FutureObj, fut_source_tb, "source traceback"),
          VISITED(FutureObj, fut_cancel_msg, "cancel message"),
          VISITED(FutureObj, fut_cancelled_exc, "cancelled exception"),
          VISITED(FutureObj, fut_awaited_by, "awaited by"),
          VISITED(FutureObj, dict, ".__dict__")) },
    { .names = "_asyncio.FutureIter",
      FIRST(3, 12),
      MEMBERS(VISITED(futureiterobject, future, "future")) },
    { .names = "TaskStepMethWrapper _asyncio.TaskStepMethWrapper",
      FIRST(3, 12),
      MEMBERS(VISITED(TaskStepMethWrapper, sw_task, "task"),
              VISITED(TaskStepMethWrapper, sw_arg, "argument")) },
    { .names = "TaskWakeupMethWrapper", MEMBERS(VISITED(TaskWakeupMethWrapper, ww_task, "task")) },
    { .names = "_RunningLoopHolder", MEMBERS(HELD(PyRunningLoopHolder, rl_loop, "loop")) },

    // --- other modules in C
    { .names = "Struct _struct.Struct",
      FIRST(3, 10),
      .size = struct_size,
      MEMBERS(SINCE(PYMINOR(3, 10), PyStructObject, s_format, ".format")) },
    { .names = "unpack_iterator _struct.unpack_iterator",
      FIRST(3, 9),
      .refs = unpackiter_refs,
      MEMBERS(VISITED(unpackiterobject, so, "struct")) },
    { .names = "_csv.Dialect",
      LAST(3, 10),
      MEMBERS(SINCE(PYMINOR(3, 10), DialectObj, delimiter, "delimiter"),
              SINCE(PYMINOR(3, 10), DialectObj, escapechar, "escapechar"),
              SINCE(PYMINOR(3, 10), DialectObj, lineterminator, ".lineterminator"),
              SINCE(PYMINOR(3, 10), DialectObj, quotechar, "quotechar")) },
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
      .size = element_size },
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
      .refs = future_refs,
      MEMBERS(SINCE(PYVER(3, 13, 6), typevarobject, name, ".__name__"),
              VISITED(typevarobject, bound, ".__bound__"),
              VISITED(typevarobject, evaluate_bound, "evaluate bound"),
              VISITED(typevarobject, constraints, ".__constraints__"),
              VISITED(typevarobject, evaluate_constraints, "evaluate constraints"),
              VISITED(typevarobject, default_value, ".__default__"),
              VISITED(typevarobject, evaluate_default, "evaluate default")) },
    { .names = "typing.ParamSpec",
      FIRST(3, 12),
      .refs = future_refs,
      MEMBERS(SINCE(PYVER(3, 13, 6), paramspecobject, name, ".__name__"),
              VISITED(paramspecobject, bound, ".__bound__"),
              VISITED(paramspecobject, default_value, ".__default__"),
              VISITED(paramspecobject, evaluate_default, "evaluate default")) },
    { .names = "typing.TypeVarTuple",
      FIRST(3, 12),
      .refs = future_refs,
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
    // datetime's types are no collector's objects: what they own is held only.
    { .names = "datetime.datetime", .refs = datetime_refs },
    { .names = "datetime.time", .refs = time_refs },
    { .names = "datetime.timezone",
      MEMBERS(HELD(PyDateTime_TimeZone, offset, "offset"),
              HELD(PyDateTime_TimeZone, name, "name")) },
    { 0 },
};
