// SPDX-License-Identifier: GPL-3.0-or-later
// Dicts and the like: what the collector visits, and the keys that they hold besides.
#include "base/unused.h"
#include "py/kinds/kind_row.h"

// Visits the values, and the keys as well in tables that may hold keys other than str; str keys are
// held without being visited.
static void visit_dict(const struct python *py, const uint8_t *o, struct refs *refs)
{
    struct dict_table t;
    if (refs_spare(py, refs, LOAD(py, o, PyDictObject_ma_used)) || !dict_open(py, o, &t))
        return;
    if (!refs_afford(refs, t.count))
        return;
    bool hidden = t.embedded && py->rules.values_hide_dict;
    uint64_t live = 0;
    for (uint64_t i = 0; i < t.count; i++) {
        addr value = dict_value(&t, i);
        if (!value)
            continue;
        live++;
        addr key = dict_key(&t, i);
        const uint8_t *key_slot = dict_key_slot(&t, i);
        if (t.key_first)
            refs_visit(refs, refs_from(refs, key_slot, key), REF_KEY, key);
        refs_from(refs, dict_value_slot(&t, i), value);
        if (hidden)
            refs_borrow(refs, value, REF_KEYED, key);
        else
            refs_visit(refs, value, REF_KEYED, key);
        if (t.keys_visited && !t.key_first)
            refs_visit(refs, refs_from(refs, key_slot, key), REF_KEY, key);
    }
    refs->unfinished |= live != LOAD(py, o, PyDictObject_ma_used);
    if (t.keys_visited || t.values) // the key strings of a split table belong to the shared keys,
                                    // hence to the type
        return;
    for (uint64_t i = 0; i < t.count; i++)
        if (dict_value(&t, i))
            refs_hold(refs, refs_load(refs, dict_key_slot(&t, i)), REF_KEY, dict_key(&t, i));
}

static void dict_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                      const uint8_t *o, struct refs *refs)
{
    visit_dict(py, o, refs);
}

static uint64_t dict_size(const struct python *py, const struct type *type, UNUSED addr at,
                          const uint8_t *o)
{
    struct dict_table t;
    if (!dict_open(py, o, &t))
        return (uint64_t)type->basicsize;
    return (uint64_t)type->basicsize + t.values_bytes
           + (t.keys_refcount == 1 || t.key_first ? t.keys_bytes : 0);
}

static void dict_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                         const uint8_t *o, size_t width, struct text *out)
{
    struct dict_table t;
    if (!dict_open(py, o, &t)) {
        text_add_string(out, "<damaged dict>");
        return;
    }
    size_t start = out->size, shown = 0;
    uint64_t used = LOAD(py, o, PyDictObject_ma_used);
    text_add_char(out, '{');
    for (uint64_t i = 0; i < t.count && out->size - start + 24 < width; i++) {
        if (!dict_value(&t, i))
            continue;
        if (shown++)
            text_add_string(out, ", ");
        preview_brief(py, dict_key(&t, i), 24, out);
        text_add_string(out, ": ");
        preview_brief(py, dict_value(&t, i), 24, out);
    }
    text_add_string(out, shown < used ? ", ...}" : "}");
    if (shown < used)
        text_add_format(out, " (%" PRIu64 " %s)", used, text_plural(used, "item", "items"));
}

static void defaultdict_refs(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o, struct refs *refs)
{
    refs_member(refs, refs_load(refs, SLOT(py, o, defdictobject_default_factory)),
                ".default_factory");
    dict_refs(py, type, at, o, refs);
}

// Objects/odictobject.c: the attribute dict, every node's key, then the dict.
static void odict_refs(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                       struct refs *refs)
{
    refs_member(refs, refs_load(refs, SLOT(py, o, PyODictObject_od_inst_dict)), ".__dict__");
    addr nodes = LOAD(py, o, PyODictObject_od_first);
    struct links links = { 0 };
    while (links_go(&links, nodes) && refs_afford(refs, 1)) {
        const uint8_t *n = VIEW(py, nodes, _odictnode);
        if (!n) {
            target_fault(py->target);
            break;
        }
        addr key = LOAD(py, n, _odictnode_key);
        refs_visit(refs, refs_from(refs, SLOT(py, n, _odictnode_key), key), REF_KEY, key);
        nodes = LOAD(py, n, _odictnode_next);
    }
    dict_refs(py, type, at, o, refs);
    refs->unfinished |= links.ring;
}

static void dict_blocks(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                        const uint8_t *o, struct blocks *blocks)
{
    struct dict_table t;
    if (!dict_open(py, o, &t))
        return;
    addr values = py->layout.PyDictObject_ma_values >= 0 ? LOAD(py, o, PyDictObject_ma_values) : 0;
    if (values && py->layout._dictvalues_values > 0)
        values += BEFORE(py, _dictvalues_values);
    blocks_add(blocks, values, t.values_bytes);
    if (t.keys_refcount == 1 || t.key_first)
        blocks_add(blocks, t.keys_at, t.keys_bytes);
}

static uint64_t odict_size(const struct python *py, const struct type *type, addr at,
                           const uint8_t *o)
{
    uint64_t size = dict_size(py, type, at, o);
    size += 8 * LOAD(py, o, PyODictObject_od_fast_nodes_size); // the index of nodes
    if (LOAD(py, o, PyDictObject_ma_used) > 0)
        size += SIZE(py, _odictnode) * LOAD(py, o, PyDictObject_ma_used);
    return size;
}

// The description of a ctypes type, up to 3.12 (Modules/_ctypes/stgdict.c): a dict followed by more
// members.
static void stgdict_refs(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o, struct refs *refs)
{
    refs_hold_member(refs, refs_load(refs, SLOT(py, o, StgDictObject_proto)), "proto");
    refs_hold_member(refs, refs_load(refs, SLOT(py, o, StgDictObject_argtypes)), "argtypes");
    refs_hold_member(refs, refs_load(refs, SLOT(py, o, StgDictObject_converters)), "converters");
    refs_hold_member(refs, refs_load(refs, SLOT(py, o, StgDictObject_restype)), "restype");
    refs_hold_member(refs, refs_load(refs, SLOT(py, o, StgDictObject_checker)), "checker");
    dict_refs(py, type, at, o, refs);
}

static uint64_t stgdict_size(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o)
{
    const struct layout *l = &py->layout;
    uint64_t size = dict_size(py, type, at, o);
    if (!py->rules.stgdict_has_sizeof) // dict's own __sizeof__
        return size;
    size += (uint64_t)(l->sizeof_StgDictObject - l->sizeof_PyDictObject);
    char format[4096];
    addr text = LOAD(py, o, StgDictObject_format);
    if (text && target_read_string(py->target, text, format, sizeof format))
        size += strlen(format) + 1;
    size += 8 * (uint64_t)LOAD(py, o, StgDictObject_ndim);
    addr elements = target_u64(py->target, INSIDE(py, at, StgDictObject_ffi_type_pointer) + 16,
                               NULL); // ffi_type.elements
    if (elements)
        size += 8 * (LOAD(py, o, StgDictObject_length) + 1);
    return size;
}

static void view_preview(const struct python *py, const struct type *type, UNUSED addr at,
                         const uint8_t *o, size_t width, struct text *out)
{
    text_add_format(out, "%s of ", type->tp_name);
    preview_brief(py, LOAD(py, o, _PyDictViewObject_dv_dict), width, out);
}

// The dummy of a removed key. 2.7's is a static str that is recognised only by its text and its
// hash: an element's own hash would be in the entry.
static bool is_removed(const struct python *py, addr key, int64_t hash)
{
    const struct layout *l = &py->layout;
    if (!key || py->set_dummy)
        return key && key == py->set_dummy;
    if (l->PyStringObject_ob_shash < 0)
        return hash == -1;
    static const char text[] = "<dummy key>";
    uint64_t length = sizeof text - 1;
    const uint8_t *o = target_view(py->target, key, BEFORE(py, PyStringObject_ob_sval) + length);
    return o && LOAD(py, o, PyVarObject_ob_size) == length
           && LOAD(py, o, PyStringObject_ob_shash) != hash
           && memcmp(SLOT(py, o, PyStringObject_ob_sval), text, length) == 0;
}

// Sets: an open-addressing table of {key, hash}; the dummy marks a removed key.
static void set_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                     const uint8_t *o, struct refs *refs)
{
    uint64_t slots = LOAD(py, o, PySetObject_mask) + 1;
    if (slots > WORDS_MOST || (slots & (slots - 1)))
        slots = 0;
    if (refs_spare(py, refs, slots))
        return;
    const uint8_t *t =
        slots ? target_view(py->target, LOAD(py, o, PySetObject_table), slots * 16) : NULL;
    if (!t) {
        target_fault(py->target);
        return;
    }
    if (!refs_afford(refs, slots))
        return;
    uint64_t live = 0;
    for (uint64_t i = 0; i < slots; i++) {
        addr key = LOAD(py, t + i * 16, setentry_key);
        if (!key || is_removed(py, key, LOAD(py, t + i * 16, setentry_hash)))
            continue;
        live++;
        refs_visit(refs, refs_from(refs, SLOT(py, t + i * 16, setentry_key), key), REF_ELEMENT, i);
    }
    refs->unfinished |= live != LOAD(py, o, PySetObject_used);
}

// Its list of nodes, and their index.
static void odict_blocks(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o, struct blocks *blocks)
{
    uint64_t used = LOAD(py, o, PyDictObject_ma_used);
    addr link = LOAD(py, o, PyODictObject_od_first);
    dict_blocks(py, type, at, o, blocks);
    blocks_add(blocks, LOAD(py, o, PyODictObject_od_fast_nodes),
               8 * LOAD(py, o, PyODictObject_od_fast_nodes_size));
    struct links links = { 0 };
    for (uint64_t i = 0; i < used && used < WORDS_MOST; i++) {
        if (!blocks_go(blocks, &links, link)) { // fewer than its count, a ring, or very many
            blocks_add(blocks, 0, (used - i) * SIZE(py, _odictnode));
            return;
        }
        blocks_add(blocks, link, SIZE(py, _odictnode));
        link = READ(py, link, _odictnode_next);
    }
}

static void stgdict_blocks(const struct python *py, const struct type *type, addr at,
                           const uint8_t *o, struct blocks *blocks)
{
    dict_blocks(py, type, at, o, blocks);
    if (py->rules.stgdict_has_sizeof)
        blocks_add(blocks, 0,
                   stgdict_size(py, type, at, o) - blocks->bytes - (uint64_t)type->basicsize);
}

static uint64_t set_size(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o)
{
    uint64_t size = (uint64_t)type->basicsize;
    if (LOAD(py, o, PySetObject_table) != INSIDE(py, at, PySetObject_smalltable))
        size += (LOAD(py, o, PySetObject_mask) + 1) * 16;
    return size;
}

static void set_blocks(const struct python *py, UNUSED const struct type *type, addr at,
                       const uint8_t *o, struct blocks *blocks)
{
    addr table = LOAD(py, o, PySetObject_table);
    if (table != INSIDE(py, at, PySetObject_smalltable))
        blocks_add(blocks, table, (LOAD(py, o, PySetObject_mask) + 1) * 16);
}

static void set_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                        const uint8_t *o, size_t width, struct text *out)
{
    uint64_t used = LOAD(py, o, PySetObject_used), shown = 0;
    uint64_t slots = LOAD(py, o, PySetObject_mask) + 1;
    const uint8_t *t = slots && slots <= WORDS_MOST
                           ? target_view(py->target, LOAD(py, o, PySetObject_table), slots * 16)
                           : NULL;
    size_t start = out->size;
    text_add_char(out, '{');
    for (uint64_t i = 0; t && i < slots && out->size - start + 16 < width; i++) {
        addr key = LOAD(py, t + i * 16, setentry_key);
        if (!key || is_removed(py, key, LOAD(py, t + i * 16, setentry_hash)))
            continue;
        if (shown++)
            text_add_string(out, ", ");
        preview_brief(py, key, 24, out);
    }
    text_add_string(out, shown < used ? ", ...}" : "}");
    if (shown < used)
        text_add_format(out, " (%" PRIu64 " %s)", used, text_plural(used, "item", "items"));
}

const struct kind kinds_dict[] = {
    { .names = "dict frozendict",
      .traits = TRAIT_DICT,
      .refs = dict_refs,
      .size = dict_size,
      .blocks = dict_blocks,
      .preview = dict_preview },
    { .names = "collections.defaultdict",
      .traits = TRAIT_DEFAULT_DICT,
      .refs = defaultdict_refs,
      .size = dict_size,
      .blocks = dict_blocks,
      .preview = dict_preview,
      .type_first = PYMINOR(3, 12) },
    { .names = "collections.OrderedDict",
      .traits = TRAIT_ORDERED_DICT,
      .refs = odict_refs,
      .size = odict_size,
      .blocks = odict_blocks,
      .preview = dict_preview },
    { .names = "StgDict",
      .traits = TRAIT_STG_DICT,
      .refs = stgdict_refs,
      .size = stgdict_size,
      .blocks = stgdict_blocks,
      .preview = dict_preview },
    { .names = "dict_keys dict_values dict_items",
      .preview = view_preview,
      MEMBERS(VISITED(_PyDictViewObject, dv_dict, ".mapping")) },
    { .names = "odict_keys odict_values odict_items",
      .preview = view_preview,
      MEMBERS(VISITED(_PyDictViewObject, dv_dict, ".mapping")) },
    { .names = "dict_keyiterator dict_valueiterator dict_itemiterator dict_reversekeyiterator "
               "dict_reversevalueiterator "
               "dict_reverseitemiterator dictionary-keyiterator dictionary-valueiterator "
               "dictionary-itemiterator",
      MEMBERS(VISITED(dictiterobject, di_dict, ".dict"),
              VISITED(dictiterobject, di_result, ".result")) },
    { .names = "odict_iterator",
      MEMBERS(VISITED(odictiterobject, di_odict, ".odict"),
              VISITED(odictiterobject, di_current, ".current"),
              VISITED(odictiterobject, di_result, ".result")) },
    { .names = "set",
      .traits = TRAIT_SET,
      .refs = set_refs,
      .size = set_size,
      .blocks = set_blocks,
      .preview = set_preview },
    { .names = "frozenset",
      .traits = TRAIT_FROZENSET,
      .refs = set_refs,
      .size = set_size,
      .blocks = set_blocks,
      .preview = set_preview },
    { .names = "set_iterator setiterator", MEMBERS(VISITED(setiterobject, si_set, ".set")) },
    { 0 },
};
