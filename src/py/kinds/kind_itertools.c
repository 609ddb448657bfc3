// SPDX-License-Identifier: GPL-3.0-or-later
// functools, operator and itertools.
#include "base/unused.h"
#include "py/kinds/kind_row.h"

// Modules/_functoolsmodule.c: a ring of elements through `root`. Up to 3.6 elements are GC objects
// themselves; from 3.7 on the cache visits their key and result.
static void lru_refs(const struct python *py, UNUSED const struct type *type, addr at,
                     UNUSED const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    addr root = INSIDE(py, at, lru_cache_object_root);
    addr element = READ(py, root, lru_list_elem_next);
    bool own = l->sizeof_lru_cache_object > 0 && py->rules.lru_elements_own;
    struct links links = { 0 };
    for (uint64_t i = 0; element != root && links_go(&links, element); i++) {
        if (!refs_afford(refs, 2))
            break;
        const uint8_t *e = VIEW(py, element, lru_list_elem);
        if (!e) {
            target_fault(py->target);
            return;
        }
        addr key = LOAD(py, e, lru_list_elem_key);
        if (own) {
            refs_visit(refs, element, REF_NODE, i);
        } else {
            refs_visit(refs, refs_from(refs, SLOT(py, e, lru_list_elem_key), key), REF_KEY, key);
            refs_visit(refs, refs_load(refs, SLOT(py, e, lru_list_elem_result)), REF_KEYED, key);
            if (py->rules.lru_element_types)
                refs_member(refs, refs_load(refs, SLOT(py, e, PyObject_ob_type)), "element type");
            refs_hold(refs, element, REF_NODE, i);
        }
        element = LOAD(py, e, lru_list_elem_next);
    }
    refs->unfinished |= links.ring;
}

// Up to 3.6 an element is a GC object; from 3.7 on its wrapper visits what it owns.
static void lru_element_refs(const struct python *py, const struct type *type, UNUSED addr at,
                             const uint8_t *o, struct refs *refs)
{
    if (!type->is_gc)
        return;
    refs_member(refs, refs_load(refs, SLOT(py, o, lru_list_elem_key)), "key");
    refs_member(refs, refs_load(refs, SLOT(py, o, lru_list_elem_result)), "result");
}

// 57 values per block; blocks are chained through nextlink.
static void tee_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                     const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    refs_member(refs, refs_load(refs, SLOT(py, o, teedataobject_it)), "iterator");
    uint32_t count = LOAD(py, o, teedataobject_numread);
    uint32_t most = (uint32_t)((l->sizeof_teedataobject - l->teedataobject_values) / 8);
    for (uint32_t i = 0; i < count && i < most; i++)
        refs_visit(refs, refs_load(refs, SLOT(py, o, teedataobject_values) + i * 8), REF_INDEX, i);
    refs_member(refs, refs_load(refs, SLOT(py, o, teedataobject_nextlink)), "next");
}

static void methodcaller_member(const struct type *type, const uint8_t *o, int32_t offset,
                                bool visited, const char *name, struct refs *refs)
{
    if (offset < 0 || offset + 8 > type->basicsize)
        return;
    if (visited)
        refs_member(refs, refs_load(refs, o + offset), name);
    else
        refs_hold_member(refs, refs_load(refs, o + offset), name);
}

// 3.13 keeps vectorcall_args in a separate block, and sets the keyword names, which nobody visits,
// when it allocates that block: not before the first call. From 3.14 on both are tuples and
// visited.
static void methodcaller_refs(const struct python *py, const struct type *type, UNUSED addr at,
                              const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    int32_t args = l->methodcallerobject_vectorcall_args;
    int32_t names = l->methodcallerobject_vectorcall_kwnames;
    bool tuples = py->rules.methodcaller_tuples;
    methodcaller_member(type, o, l->methodcallerobject_name, py->rules.methodcaller_name, "name",
                        refs);
    methodcaller_member(type, o, l->methodcallerobject_xargs, true, "args", refs);
    methodcaller_member(type, o, l->methodcallerobject_args, true, "args", refs);
    methodcaller_member(type, o, l->methodcallerobject_kwds, true, "keywords", refs);
    if (tuples)
        methodcaller_member(type, o, args, true, "vectorcall args", refs);
    if (tuples || (args >= 0 && args + 8 <= type->basicsize && load64(o + args)))
        methodcaller_member(type, o, names, tuples, "keyword names", refs);
}

static uint64_t combinations_size(const struct python *py, const struct type *type, UNUSED addr at,
                                  const uint8_t *o)
{
    if (py->rules.two) // these have no __sizeof__ of their own
        return (uint64_t)type->basicsize;
    return (uint64_t)type->basicsize + 8 * LOAD(py, o, combinationsobject_r);
}

static uint64_t permutations_size(const struct python *py, const struct type *type, UNUSED addr at,
                                  const uint8_t *o)
{
    if (py->rules.two)
        return (uint64_t)type->basicsize;
    addr pool = LOAD(py, o, permutationsobject_pool);
    uint64_t n = READ(py, pool, PyVarObject_ob_size);
    return (uint64_t)type->basicsize + 8 * n + 8 * LOAD(py, o, permutationsobject_r);
}

static uint64_t product_size(const struct python *py, const struct type *type, UNUSED addr at,
                             const uint8_t *o)
{
    if (py->rules.two)
        return (uint64_t)type->basicsize;
    addr pools = LOAD(py, o, productobject_pools);
    return (uint64_t)type->basicsize + 8 * READ(py, pools, PyVarObject_ob_size);
}

static void combinations_blocks(const struct python *py, const struct type *type, addr at,
                                const uint8_t *o, struct blocks *blocks)
{
    blocks_add(blocks, LOAD(py, o, combinationsobject_indices),
               combinations_size(py, type, at, o) - (uint64_t)type->basicsize);
}

static void permutations_blocks(const struct python *py, const struct type *type, addr at,
                                const uint8_t *o, struct blocks *blocks)
{
    blocks_add(blocks, 0, permutations_size(py, type, at, o) - (uint64_t)type->basicsize);
}

static void product_blocks(const struct python *py, const struct type *type, addr at,
                           const uint8_t *o, struct blocks *blocks)
{
    blocks_add(blocks, LOAD(py, o, productobject_indices),
               product_size(py, type, at, o) - (uint64_t)type->basicsize);
}

static void partial_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                            const uint8_t *o, size_t width, struct text *out)
{
    text_add_string(out, "partial of ");
    preview_brief(py, LOAD(py, o, partialobject_fn), width, out);
}

const struct kind kinds_itertools[] = {
    // --- functools, operator
    { .names = "functools.partial",
      .traits = TRAIT_PARTIAL,
      FIRST(3, 10),
      .preview = partial_preview,
      MEMBERS(VISITED(partialobject, fn, ".func"), VISITED(partialobject, args, ".args"),
              VISITED(partialobject, kw, ".keywords"),
              VISITED(partialobject, dict, ".__dict__")) }, // 3.14's placeholder is borrowed
    { .names = "functools._lru_cache_wrapper",
      .traits = TRAIT_CACHE,
      FIRST(3, 10),
      .refs = lru_refs,
      MEMBERS(VISITED(lru_cache_object, maxsize_O, "maxsize"),
              VISITED(lru_cache_object, cache, "cache"),
              VISITED(lru_cache_object, func, ".__wrapped__"),
              VISITED(lru_cache_object, kwd_mark, "keyword mark"),
              VISITED(lru_cache_object, lru_list_elem_type, "element type"),
              VISITED(lru_cache_object, cache_info_type, "cache_info type"),
              VISITED(lru_cache_object, dict, ".__dict__")) },
    { .names = "functools._lru_list_elem",
      .traits = TRAIT_CACHE_ELEMENT,
      .refs = lru_element_refs,
      .type_by_holder = true },
    { .names = "functools.KeyWrapper",
      FIRST(3, 10),
      MEMBERS(VISITED(keyobject, cmp, "cmp"), VISITED(keyobject, object, ".obj")) },
    { .names = "operator.itemgetter",
      FIRST(3, 10),
      MEMBERS(VISITED(itemgetterobject, item, "item")) },
    { .names = "operator.attrgetter",
      LAST(3, 10),
      MEMBERS(VISITED(attrgetterobject, attr, "attributes")) },
    { .names = "operator.methodcaller", LAST(3, 10), .refs = methodcaller_refs },
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
      .blocks = combinations_blocks,
      MEMBERS(VISITED(combinationsobject, pool, "pool"),
              VISITED(combinationsobject, result, "result")) },
    { .names = "itertools.combinations_with_replacement",
      FIRST(3, 12),
      .size = combinations_size,
      .blocks = combinations_blocks,
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
      .blocks = permutations_blocks,
      MEMBERS(VISITED(permutationsobject, pool, "pool"),
              VISITED(permutationsobject, result, "result")) },
    { .names = "itertools.product",
      FIRST(3, 12),
      .size = product_size,
      .blocks = product_blocks,
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
    { 0 },
};
