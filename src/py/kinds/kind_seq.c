// SPDX-License-Identifier: GPL-3.0-or-later
// Lists, tuples, structseqs and deques: arrays of pointers.
#include <stdlib.h>

#include "base/unused.h"
#include "py/kinds/kind_row.h"

// CPython visits lists and tuples from the last item to the first.
static void visit_backwards(const struct python *py, addr at, uint64_t count, struct refs *refs)
{
    if (count == 0 || refs_spare(py, refs, count))
        return;
    const uint8_t *items = count < WORDS_MOST ? target_view(py->target, at, count * 8) : NULL;
    if (!items) {
        visit_words(py, at, count, REF_INDEX, refs);
        return;
    }
    if (!refs_afford(refs, count))
        return;
    while (count-- > 0)
        refs_visit(refs, refs_load(refs, items + count * 8), REF_INDEX, count);
}

static void list_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                      const uint8_t *o, struct refs *refs)
{
    uint64_t size = LOAD(py, o, PyVarObject_ob_size);
    visit_backwards(py, LOAD(py, o, PyListObject_ob_item), size, refs);
    // While list.sort() runs it holds the items itself, and sets the list's allocated to -1.
    refs->unfinished |= LOAD(py, o, PyListObject_allocated) < (int64_t)size;
}

// How many items there is room for, as __sizeof__ computes it: free-threaded builds keep the
// capacity before the items, and there is none while list.sort() has taken them.
static uint64_t list_capacity(const struct python *py, const uint8_t *o)
{
    addr items = LOAD(py, o, PyListObject_ob_item);
    if (!py->rules.list_array)
        return LOAD(py, o, PyListObject_allocated);
    return items ? target_u64(py->target, items - 8, NULL) : 0;
}

static void list_blocks(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                        const uint8_t *o, struct blocks *blocks)
{
    addr items = LOAD(py, o, PyListObject_ob_item);
    blocks_add(blocks, items, 8 * list_capacity(py, o));
}

static uint64_t list_size(const struct python *py, const struct type *type, UNUSED addr at,
                          const uint8_t *o)
{
    return (uint64_t)type->basicsize + 8 * list_capacity(py, o);
}

static void list_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                         const uint8_t *o, size_t width, struct text *out)
{
    preview_items(py, LOAD(py, o, PyListObject_ob_item), LOAD(py, o, PyVarObject_ob_size), "[]",
                  width, out);
}

// A static tuple: its items are static too, except the singletons, whose references nobody has
// counted, and strings that existed already when the tuple was interned.
static void frozen_refs(const struct python *py, addr at, uint64_t count, struct refs *refs)
{
    const uint8_t *items = count < WORDS_MOST ? target_view(py->target, at, count * 8) : NULL;
    if (!items || !refs_afford(refs, count))
        return;
    while (count-- > 0) {
        addr item = refs_load(refs, items + count * 8);
        const struct type *type = item && !(item & REF_FLAGS) ? type_of(py, item) : NULL;
        if (type && type_is(type, TRAIT_SINGLETON | TRAIT_BOOL))
            refs_put(refs, item | REF_BORROWED, REF_INDEX, count);
        else
            refs_visit(refs, item, REF_INDEX, count);
    }
}

static void tuple_refs(const struct python *py, UNUSED const struct type *type, addr at,
                       const uint8_t *o, struct refs *refs)
{
    addr items = INSIDE(py, at, PyTupleObject_ob_item);
    uint64_t count = LOAD(py, o, PyVarObject_ob_size);
    if (py->rules.frozen_uncounted && LOAD(py, o, PyObject_ob_refcnt) > STATIC_REFCOUNT)
        frozen_refs(py, items, count, refs);
    else
        visit_backwards(py, items, count, refs);
}

static void tuple_preview(const struct python *py, UNUSED const struct type *type, addr at,
                          const uint8_t *o, size_t width, struct text *out)
{
    preview_items(py, INSIDE(py, at, PyTupleObject_ob_item), LOAD(py, o, PyVarObject_ob_size), "()",
                  width, out);
}

// sys.version_info, os.stat_result, time.struct_time: a tuple with hidden fields after the ob_size
// visible ones. Their number is not in the object but in the type's dict, as n_fields; for the
// layouts in use the rest of the block tells the same.
static uint64_t structseq_fields(const struct python *py, const struct type *type, const uint8_t *o)
{
    uint64_t visible = LOAD(py, o, PyVarObject_ob_size);
    uint64_t fields = visible;
    if (!py->rules.structseq_visits_hidden) // tuple's own traverse: the hidden ones are not visited
        return visible;
    const struct type *t = type;
    for (int level = 0; t && level < BASES_MAX; level++, t = type_at(py, t->base)) {
        addr number = dict_lookup(py, type_dict(py, t), "n_fields");
        if (number) {
            fields = int_value(py, number);
            break;
        }
        if (t->value != type->value)
            break;
    }
    return fields >= visible && fields < visible + 256 ? fields : visible;
}

static void structseq_refs(const struct python *py, const struct type *type, addr at,
                           const uint8_t *o, struct refs *refs)
{
    visit_words(py, INSIDE(py, at, PyTupleObject_ob_item), structseq_fields(py, type, o), REF_INDEX,
                refs);
}

static uint64_t structseq_size(const struct python *py, const struct type *type, UNUSED addr at,
                               const uint8_t *o)
{
    uint64_t visible = LOAD(py, o, PyVarObject_ob_size);
    return (uint64_t)type->basicsize + 8 * visible;
}

// 2.7 has a member of its own for a deque's length.
static uint64_t deque_length(const struct python *py, const uint8_t *o)
{
    return LOAD_EITHER(py, o, dequeobject_len, PyVarObject_ob_size);
}

// How many items a block has; 0 where the layout does not tell.
static uint64_t deque_block_items(const struct python *py)
{
    const struct layout *l = &py->layout;
    bool known = l->BLOCK_data >= 0 && l->BLOCK_rightlink > l->BLOCK_data;
    return known ? (uint64_t)(l->BLOCK_rightlink - l->BLOCK_data) / 8 : 0;
}

// 64 items per block, doubly linked; the ends are indices into the first and the last block.
static void deque_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                       const uint8_t *o, struct refs *refs)
{
    uint64_t left = deque_length(py, o);
    uint64_t index = LOAD(py, o, dequeobject_leftindex);
    addr block = LOAD(py, o, dequeobject_leftblock);
    uint64_t per_block = deque_block_items(py);
    struct links links = { 0 };
    for (uint64_t n = 0; left > 0 && index < per_block; index = 0) {
        if (!links_go(&links, block) || !refs_afford(refs, per_block))
            break;
        const uint8_t *b = VIEW(py, block, BLOCK);
        if (!b) {
            target_fault(py->target);
            return;
        }
        for (; index < per_block && left > 0; index++, left--)
            refs_visit(refs, refs_load(refs, SLOT(py, b, BLOCK_data) + index * 8), REF_INDEX, n++);
        block = LOAD(py, b, BLOCK_rightlink);
    }
    refs->unfinished |= left > 0;
}

static uint64_t deque_size(const struct python *py, const struct type *type, UNUSED addr at,
                           const uint8_t *o)
{
    uint64_t per_block = deque_block_items(py);
    if (!per_block)
        return (uint64_t)type->basicsize;
    uint64_t blocks =
        (LOAD(py, o, dequeobject_leftindex) + deque_length(py, o) + per_block - 1) / per_block;
    if (blocks == 0)
        blocks = 1;
    return (uint64_t)type->basicsize + blocks * SIZE(py, BLOCK);
}

static void deque_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                          const uint8_t *o, UNUSED size_t width, struct text *out)
{
    text_add_format(out, "deque of %" PRIu64, deque_length(py, o));
}

static void kind_seq_array_preview(const struct python *py, UNUSED const struct type *type,
                                   UNUSED addr at, const uint8_t *o, UNUSED size_t width,
                                   struct text *out)
{
    text_add_format(out, "array of %" PRIu64, LOAD(py, o, PyVarObject_ob_size));
}

// Blocks from the left one on; there may be more than the deque's size requires.
static void deque_blocks(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o, struct blocks *blocks)
{
    uint64_t left = deque_size(py, type, at, o) - (uint64_t)type->basicsize;
    struct links links = { 0 };
    for (addr block = LOAD(py, o, dequeobject_leftblock);
         left >= SIZE(py, BLOCK) && blocks_go(blocks, &links, block); left -= SIZE(py, BLOCK)) {
        blocks_add(blocks, block, SIZE(py, BLOCK));
        block = READ(py, block, BLOCK_rightlink);
    }
    blocks_add(blocks, 0, left);
}

static uint64_t kind_seq_array_size(const struct python *py, const struct type *type,
                                    UNUSED addr at, const uint8_t *o)
{
    addr descr = LOAD(py, o, arrayobject_ob_descr);
    uint64_t itemsize =
        target_u32(py->target, descr + 4, NULL); // struct arraydescr: char typecode; int itemsize
    if (itemsize > 64)
        itemsize = 0;
    return (uint64_t)type->basicsize + itemsize * LOAD(py, o, arrayobject_allocated);
}

static void array_blocks(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o, struct blocks *blocks)
{
    blocks_add(blocks, LOAD(py, o, arrayobject_ob_item),
               kind_seq_array_size(py, type, at, o) - (uint64_t)type->basicsize);
}

const struct kind kinds_seq[] = {
    { .names = "list",
      .traits = TRAIT_LIST,
      .refs = list_refs,
      .size = list_size,
      .blocks = list_blocks,
      .preview = list_preview },
    { .names = "tuple", .traits = TRAIT_TUPLE, .refs = tuple_refs, .preview = tuple_preview },
    { .names = "collections.deque",
      .traits = TRAIT_DEQUE,
      .refs = deque_refs,
      .size = deque_size,
      .blocks = deque_blocks,
      .preview = deque_preview,
      .type_first = PYMINOR(3, 12) },
    { .names = "array.array",
      .size = kind_seq_array_size,
      .blocks = array_blocks,
      .preview = kind_seq_array_preview,
      .type_first = PYMINOR(3, 10) },
    { 0 },
};

const struct kind kind_structseq = {
    .names = "",
    .traits = TRAIT_TUPLE,
    .refs = structseq_refs,
    .size = structseq_size,
    .preview = tuple_preview,
    .type_first = PYMINOR(3, 9),
};
