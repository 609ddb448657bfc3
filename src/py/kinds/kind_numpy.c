// SPDX-License-Identifier: GPL-3.0-or-later
// numpy's arrays and dtypes: owners of objects of which the collector knows nothing. Everything
// here is held, nothing visited.
//
// numpy's packages carry no debug information, but extensions are compiled against its structs
// (numpy/ndarraytypes.h): their members have not moved since 1.7, except the dtype's in 2.0. If
// memory does not look like one of these structs, none of it is trusted, and the answer is
// labelled.
#include <stdlib.h>

#include "base/unused.h"
#include "py/kinds/kind_row.h"

#define DIMS_MAX 64
#define ELEMENT_MAX (UINT64_C(1) << 30) // bytes of one element
#define RUNS_MAX 256                    // runs of pointers in an element
#define DESCRS_MAX 256                  // for fields within fields

// Offsets from the end of PyObject.
enum {
    ARRAY_DATA = 0,
    ARRAY_ND = 8,
    ARRAY_DIMENSIONS = 16,
    ARRAY_STRIDES = 24,
    ARRAY_BASE = 32,
    ARRAY_DESCR = 40,
    ARRAY_FLAGS = 48,
    ARRAY_SIZE_LEAST = 64,
    ARRAY_MEM_HANDLER = 72, // 1.22 on
    VOID_DESCR = 16,        // in numpy.void, after ob_size and the address of its data
    VOID_BASE = 32,
    FLATITER_ARRAY = 1304, // after five arrays of 32
};

enum { // flags of arrays
    ARRAY_CONTIGUOUS = 1,
    ARRAY_FORTRAN = 2,
    ARRAY_OWNS = 4,
};

enum { NUMBER_OBJECT = 17, NUMBER_STRING = 2056, ITEM_REFCOUNT = 1 };

// --- dtypes --------------------------------------------------------------------------------------

struct descr {
    bool second; // of numpy 2
    char kind;
    int32_t number;
    uint64_t flags, size;
    addr scalar_type, subarray, fields, names, metadata, na;
};

static bool is_alignment(uint64_t a)
{
    return a && a <= 64 && !(a & (a - 1));
}

// An alignment is never 0: where numpy 1 has the alignment, numpy 2 has the upper half of flags of
// which 9 are in use.
static bool read_descr_at(const struct python *py, const uint8_t *o, int64_t basicsize,
                          struct descr *d)
{
    int64_t head = py->layout.sizeof_PyObject;
    const uint8_t *p = o + head;
    if (basicsize < head + 72)
        return false;
    *d = (struct descr){ .scalar_type = load64(p),
                         .kind = (char)p[8],
                         .number = (int32_t)load32(p + 12) };
    d->second = load32(p + 20) == 0;
    if (!d->second) {
        d->flags = p[11];
        d->size = load32(p + 16);
        d->subarray = load64(p + 24);
        d->fields = load64(p + 32);
        d->names = load64(p + 40);
        d->metadata = load64(p + 56);
    } else {
        d->flags = load64(p + 16);
        d->size = load64(p + 24);
        d->metadata = load64(p + 40);
        bool legacy = d->number >= 0 && d->number < NUMBER_STRING && basicsize >= head + 104;
        d->subarray = legacy ? load64(p + 72) : 0;
        d->fields = legacy ? load64(p + 80) : 0;
        d->names = legacy ? load64(p + 88) : 0;
        d->na = d->number == NUMBER_STRING && basicsize >= head + 80 ? load64(p + 72) : 0;
    }
    const struct type *scalar = type_at(py, d->scalar_type);
    return is_alignment(d->second ? load64(p + 32) : load32(p + 20)) && scalar
           && d->size <= ELEMENT_MAX && d->kind > ' ' && d->kind < 0x7f;
}

static bool read_descr(const struct python *py, addr at, struct descr *d)
{
    const struct type *type = at ? type_of(py, at) : NULL;
    const uint8_t *o = type_is(type, TRAIT_DTYPE) ? object_view(py, type, at) : NULL;
    return o && read_descr_at(py, o, type->basicsize, d);
}

// struct _arr_descr
static bool read_subarray(const struct python *py, const struct descr *d, addr *base, addr *shape)
{
    const uint8_t *s = d->subarray ? target_view(py->target, d->subarray, 16) : NULL;
    *base = s ? load64(s) : 0;
    *shape = s ? load64(s + 8) : 0;
    return s != NULL;
}

static void dtype_refs(const struct python *py, const struct type *type, UNUSED addr at,
                       const uint8_t *o, struct refs *refs)
{
    struct descr d;
    if (!read_descr_at(py, o, type->basicsize, &d)) {
        refs->partial = true;
        return;
    }
    addr base, shape;
    refs_hold_member(refs, d.scalar_type, ".type");
    refs_hold_member(refs, d.fields, "fields");
    refs_hold_member(refs, d.names, ".names");
    refs_hold_member(refs, d.metadata, "metadata");
    refs_hold_member(refs, d.na, ".na_object");
    if (read_subarray(py, &d, &base, &shape)) {
        refs_hold_member(refs, base, ".base");
        refs_hold_member(refs, shape, ".shape");
    }
}

static void append_dtype(const struct descr *d, struct text *out)
{
    if (d->kind == 'O')
        text_add_string(out, "objects");
    else
        text_add_format(out, "%c%" PRIu64, d->kind, d->kind == 'U' ? d->size / 4 : d->size);
}

static void dtype_preview(const struct python *py, const struct type *type, UNUSED addr at,
                          const uint8_t *o, UNUSED size_t width, struct text *out)
{
    struct descr d;
    text_add_string(out, "dtype ");
    if (read_descr_at(py, o, type->basicsize, &d))
        append_dtype(&d, out);
    else
        text_add_string(out, "<damaged>");
}

// --- where an element has its pointers -----------------------------------------------------------

struct kind_numpy_field { // in a structured dtype
    addr name, descr;
    uint64_t offset;
};

// A field's entry in dtype.fields: a tuple of its dtype, its offset, perhaps its title.
static bool read_field(const struct python *py, const struct dict_table *table, uint64_t i,
                       struct kind_numpy_field *f)
{
    addr row = dict_value(table, i);
    uint64_t items = INSIDE(py, row, PyTupleObject_ob_item);
    if (!row || READ(py, row, PyVarObject_ob_size) < 2)
        return false;
    *f = (struct kind_numpy_field){ dict_key(table, i), target_u64(py->target, items, NULL),
                                    int_value(py, target_u64(py->target, items + 8, NULL)) };
    return f->descr && f->offset < ELEMENT_MAX;
}

static bool open_fields(const struct python *py, addr fields, struct dict_table *table)
{
    const struct type *type = fields ? type_of(py, fields) : NULL;
    const uint8_t *o =
        type && (type->flags & TPFLAGS_DICT_SUBCLASS) ? VIEW(py, fields, PyDictObject) : NULL;
    return o && dict_open(py, o, table) && table->count < 65536;
}

struct kind_numpy_run { // consecutive pointers
    uint64_t offset, count;
};

struct kind_numpy_plan {
    struct kind_numpy_run runs[RUNS_MAX];
    size_t count;
    bool whole; // false: an element has more than is listed here
};

struct kind_numpy_part { // a part of an element that is still to be examined
    addr descr;
    uint64_t offset;
};

static void add_run(struct kind_numpy_plan *plan, uint64_t offset, uint64_t count)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->runs[i].offset == offset) // a field is listed under its name and its title
            return;
    if (plan->count == RUNS_MAX)
        plan->whole = false;
    else
        plan->runs[plan->count++] = (struct kind_numpy_run){ offset, count };
}

struct kind_numpy_parts {
    struct kind_numpy_part rows[DESCRS_MAX];
    size_t depth;
    struct kind_numpy_plan *plan;
};

static void add_part(struct kind_numpy_parts *parts, addr descr, uint64_t offset)
{
    if (parts->depth == DESCRS_MAX)
        parts->plan->whole = false;
    else
        parts->rows[parts->depth++] = (struct kind_numpy_part){ descr, offset };
}

static void add_subarray(const struct python *py, struct kind_numpy_parts *parts,
                         const struct descr *d, uint64_t offset)
{
    struct descr item;
    addr base, shape;
    if (!read_subarray(py, d, &base, &shape) || !read_descr(py, base, &item) || !item.size)
        parts->plan->whole = false;
    else if (item.number == NUMBER_OBJECT)
        add_run(parts->plan, offset, d->size / item.size);
    else
        for (uint64_t at = 0; at + item.size <= d->size && parts->plan->whole; at += item.size)
            add_part(parts, base, offset + at);
}

static void add_fields(const struct python *py, struct kind_numpy_parts *parts,
                       const struct descr *d, uint64_t offset)
{
    struct dict_table table;
    struct kind_numpy_field f;
    if (!open_fields(py, d->fields, &table)) {
        parts->plan->whole = false;
        return;
    }
    for (uint64_t i = 0; i < table.count && parts->plan->whole; i++)
        if (read_field(py, &table, i, &f))
            add_part(parts, f.descr, offset + f.offset);
}

// Fields may hold fields: what is left is on a stack, which is bounded, because a damaged dtype may
// be a field of itself.
static void plan_element(const struct python *py, addr descr, struct kind_numpy_plan *plan)
{
    struct kind_numpy_parts parts = { .plan = plan };
    *plan = (struct kind_numpy_plan){ .whole = true };
    add_part(&parts, descr, 0);
    for (int looked = 0; parts.depth && plan->whole; looked++) {
        struct kind_numpy_part part = parts.rows[--parts.depth];
        struct descr d;
        if (looked > 4 * DESCRS_MAX || !read_descr(py, part.descr, &d))
            plan->whole = false;
        else if (!(d.flags & ITEM_REFCOUNT))
            continue;
        else if (d.number == NUMBER_OBJECT)
            add_run(plan, part.offset, 1);
        else if (d.subarray)
            add_subarray(py, &parts, &d, part.offset);
        else if (d.fields)
            add_fields(py, &parts, &d, part.offset);
    }
}

// --- arrays --------------------------------------------------------------------------------------

struct array {
    addr data, base, descr;
    uint32_t flags, nd;
    uint64_t count; // elements
    uint64_t dims[DIMS_MAX];
    int64_t strides[DIMS_MAX];
    struct descr dtype;
};

static bool read_dims(const struct python *py, addr dims, addr strides, struct array *a)
{
    size_t bytes = a->nd * 8;
    const uint8_t *d = bytes ? target_view(py->target, dims, bytes) : NULL;
    const uint8_t *s = bytes ? target_view(py->target, strides, bytes) : NULL;
    if (bytes && (!d || !s))
        return false;
    a->count = 1;
    for (uint32_t i = 0; i < a->nd; i++) {
        a->dims[i] = load64(d + i * 8);
        a->strides[i] = load_s64(s + i * 8);
        if (a->dims[i] > WORDS_MOST || (a->dims[i] && a->count > WORDS_MOST / a->dims[i]))
            return false;
        a->count *= a->dims[i];
    }
    return true;
}

static bool read_array(const struct python *py, const struct type *type, const uint8_t *o,
                       struct array *a)
{
    int64_t head = py->layout.sizeof_PyObject;
    const uint8_t *p = o + head;
    if (type->basicsize < head + ARRAY_SIZE_LEAST)
        return false;
    a->data = load64(p + ARRAY_DATA);
    a->nd = load32(p + ARRAY_ND);
    a->base = load64(p + ARRAY_BASE);
    a->descr = load64(p + ARRAY_DESCR);
    a->flags = load32(p + ARRAY_FLAGS);
    return a->nd <= DIMS_MAX && (!a->base || type_of(py, a->base))
           && read_descr(py, a->descr, &a->dtype)
           && read_dims(py, load64(p + ARRAY_DIMENSIONS), load64(p + ARRAY_STRIDES), a);
}

struct holding {
    const struct python *py;
    const struct array *array;
    const struct kind_numpy_plan *plan;
    struct refs *refs;
};

static void hold_element(const struct holding *h, const uint8_t *element, uint64_t offset)
{
    for (size_t r = 0; r < h->plan->count; r++) {
        struct kind_numpy_run run = h->plan->runs[r];
        for (uint64_t i = 0, inside = run.offset; i < run.count; i++, inside += 8) {
            if (inside + 8 > h->array->dtype.size)
                break;
            refs_hold(h->refs, refs_load(h->refs, element + inside), REF_ITEM, offset + inside);
        }
    }
}

// Adjacent elements, as many as can be read.
static void hold_dense(const struct holding *h)
{
    uint64_t size = h->array->dtype.size, total = h->array->count * size;
    for (uint64_t done = 0; done < total;) {
        size_t have = target_readable(h->py->target, h->array->data + done, total - done);
        uint64_t whole = have / size;
        const uint8_t *e =
            whole ? target_view(h->py->target, h->array->data + done, whole * size) : NULL;
        if (!e) {
            target_fault(h->py->target);
            return;
        }
        for (uint64_t i = 0; i < whole; i++)
            hold_element(h, e + i * size, done + i * size);
        done += whole * size;
    }
}

// An owner whose axes were reordered: every index in turn.
static void hold_strided(const struct holding *h)
{
    const struct array *a = h->array;
    uint64_t index[DIMS_MAX] = { 0 };
    for (uint64_t i = 0; i < a->count; i++) {
        int64_t offset = 0;
        for (uint32_t d = 0; d < a->nd; d++)
            offset += (int64_t)(index[d] * (uint64_t)a->strides[d]);
        const uint8_t *e =
            target_view(h->py->target, a->data + (uint64_t)offset, (size_t)a->dtype.size);
        if (!e) {
            target_fault(h->py->target);
            return;
        }
        hold_element(h, e, (uint64_t)offset);
        for (uint32_t d = a->nd; d-- > 0 && ++index[d] == a->dims[d];)
            index[d] = 0;
    }
}

static void array_refs(const struct python *py, const struct type *type, UNUSED addr at,
                       const uint8_t *o, struct refs *refs)
{
    struct array a;
    if (!read_array(py, type, o, &a)) {
        refs->partial = true;
        return;
    }
    int64_t head = py->layout.sizeof_PyObject;
    refs_hold_member(refs, a.base, ".base");
    refs_hold_member(refs, a.descr, ".dtype");
    if (type->basicsize >= head + ARRAY_MEM_HANDLER + 8)
        refs_hold_member(refs, refs_load(refs, o + head + ARRAY_MEM_HANDLER), "memory handler");
    bool owns = (a.flags & ARRAY_OWNS) && (a.dtype.flags & ITEM_REFCOUNT) && a.data && a.count;
    if (!owns || !a.dtype.size) // a view's elements belong to its base
        return;
    // With strides of 0, one element could stand for any number.
    bool sound = a.count <= target_bytes(py->target) / a.dtype.size;
    refs->unfinished |= !sound;
    if (!sound || !refs_afford(refs, a.count * (a.dtype.size / 8 + 1)))
        return;
    struct kind_numpy_plan plan;
    plan_element(py, a.descr, &plan);
    refs->partial = refs->partial || !plan.whole;
    struct holding h = { py, &a, &plan, refs };
    if (a.flags & (ARRAY_CONTIGUOUS | ARRAY_FORTRAN))
        hold_dense(&h);
    else
        hold_strided(&h);
}

static uint64_t kind_numpy_array_size(const struct python *py, const struct type *type,
                                      UNUSED addr at, const uint8_t *o)
{
    struct array a;
    if (!read_array(py, type, o, &a))
        return (uint64_t)type->basicsize;
    uint64_t owned = a.flags & ARRAY_OWNS ? a.count * a.dtype.size : 0;
    return (uint64_t)type->basicsize + a.nd * UINT64_C(16) + owned;
}

bool kind_numpy_array_shows(const struct python *py, const struct type *type, addr at,
                            uint64_t *bytes)
{
    struct array a;
    const uint8_t *o = object_view(py, type, at);
    if (!o || !read_array(py, type, o, &a))
        return false;
    *bytes = a.count * a.dtype.size;
    return true;
}

static void numpy_blocks(const struct python *py, const struct type *type, UNUSED addr at,
                         const uint8_t *o, struct blocks *blocks)
{
    struct array a;
    if (!read_array(py, type, o, &a))
        return;
    blocks_add(blocks, 0, a.nd * UINT64_C(16));
    if (a.flags & ARRAY_OWNS)
        blocks_add(blocks, a.data, a.count * a.dtype.size);
}

static void kind_numpy_array_preview(const struct python *py, const struct type *type,
                                     UNUSED addr at, const uint8_t *o, UNUSED size_t width,
                                     struct text *out)
{
    struct array a;
    text_add_string(out, "array (");
    if (!read_array(py, type, o, &a)) {
        text_add_string(out, "<damaged>)");
        return;
    }
    for (uint32_t i = 0; i < a.nd; i++)
        text_add_format(out, "%s%" PRIu64, i ? ", " : "", a.dims[i]);
    text_add_string(out, a.nd == 1 ? ",) of " : ") of ");
    append_dtype(&a.dtype, out);
}

// --- what an element is called -------------------------------------------------------------------

static void append_index(const struct array *a, uint64_t *offset, struct text *out)
{
    uint64_t index[DIMS_MAX] = { 0 };
    bool done[DIMS_MAX] = { false };
    for (uint32_t step = 0; step < a->nd; step++) { // the longest stride first
        uint32_t best = DIMS_MAX;
        for (uint32_t d = 0; d < a->nd; d++)
            if (!done[d] && (best == DIMS_MAX || a->strides[d] > a->strides[best]))
                best = d;
        uint64_t stride = a->strides[best] > 0 ? (uint64_t)a->strides[best] : 0;
        index[best] = stride && a->dims[best] > 1 ? *offset / stride : 0;
        *offset -= index[best] * stride;
        done[best] = true;
    }
    text_add_char(out, '[');
    for (uint32_t d = 0; d < a->nd; d++)
        text_add_format(out, "%s%" PRIu64, d ? ", " : "", index[d]);
    text_add_char(out, ']');
}

// The field that the offset lies in becomes ['name'], the offset one within that field.
static bool append_field(const struct python *py, addr *descr, uint64_t *offset, struct text *out)
{
    struct descr d, inner;
    struct dict_table table;
    struct kind_numpy_field f;
    if (!read_descr(py, *descr, &d) || !d.fields || !open_fields(py, d.fields, &table))
        return false;
    for (uint64_t i = 0; i < table.count; i++) {
        if (!read_field(py, &table, i, &f) || !read_descr(py, f.descr, &inner) || *offset < f.offset
            || *offset - f.offset >= inner.size)
            continue;
        text_add_char(out, '[');
        preview_brief(py, f.name, 40, out);
        text_add_char(out, ']');
        *descr = f.descr;
        *offset -= f.offset;
        return true;
    }
    return false;
}

void array_item_name(const struct python *py, const struct type *type, addr at, uint64_t offset,
                     struct text *out)
{
    struct array a;
    const uint8_t *o = object_view(py, type, at);
    if (!o || !read_array(py, type, o, &a)) {
        text_add_format(out, "data +0x%" PRIx64, offset);
        return;
    }
    append_index(&a, &offset, out);
    addr descr = a.descr;
    for (int depth = 0; depth < 8 && append_field(py, &descr, &offset, out);)
        depth++;
    if (offset)
        text_add_format(out, "+0x%" PRIx64, offset);
}

// --- scalars and iterators -----------------------------------------------------------------------

static void hold_if(const struct python *py, addr to, traits any, const char *name,
                    struct refs *refs)
{
    if (to && type_is(type_of(py, to), any))
        refs_hold_member(refs, to, name);
}

// A row of a structured array is a view of it.
static void void_refs(const struct python *py, const struct type *type, UNUSED addr at,
                      const uint8_t *o, struct refs *refs)
{
    int64_t head = py->layout.sizeof_PyObject;
    if (type->basicsize < head + VOID_BASE + 8)
        return;
    addr descr = load64(o + head + VOID_DESCR), base = load64(o + head + VOID_BASE);
    hold_if(py, descr, TRAIT_DTYPE, ".dtype", refs);
    if (base && type_of(py, base))
        refs_hold_member(refs, base, "base");
}

static void flatiter_refs(const struct python *py, const struct type *type, UNUSED addr at,
                          const uint8_t *o, struct refs *refs)
{
    int64_t place = py->layout.sizeof_PyObject + FLATITER_ARRAY;
    if (type->basicsize >= place + 8)
        hold_if(py, load64(o + place), TRAIT_ARRAY, ".base", refs);
}

const struct kind kinds_numpy[] = {
    { .names = "numpy.ndarray",
      .traits = TRAIT_ARRAY,
      .refs = array_refs,
      .size = kind_numpy_array_size,
      .blocks = numpy_blocks,
      .preview = kind_numpy_array_preview },
    { .names = "numpy.dtype", .traits = TRAIT_DTYPE, .refs = dtype_refs, .preview = dtype_preview },
    { .names = "numpy.void", .traits = TRAIT_RECORD, .refs = void_refs },
    { .names = "numpy.flatiter", .refs = flatiter_refs },
    { 0 },
};
