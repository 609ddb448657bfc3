// SPDX-License-Identifier: GPL-3.0-or-later
// Damaged objects: see damage.h.
#include "heap/analysis/damage.h"

#include <inttypes.h>

#include "heap/build/address_map.h"
#include "py/kinds/kind.h"
#include "py/read.h"
#include "py/objects/type.h"

#define ROOM 1024
#define TOLD_MOST 100 // per object

#define WORDS_LOOKED_AT 65536 // per object, to see whether all are null

struct damage_walk {
    const struct heap *heap;
    const struct type *type;
    node n;
    addr at;
    damage_take *take;
    void *context;
    uint64_t met;   // references that lead to objects
    uint64_t *left; // words that may be read for all objects together; null: any number
    unsigned told;
    bool quick; // only whether anything is damaged
    bool found, stopped;
};

// Appends why an address is no object, and what sound object lies before it.
static void damage_no_object(const struct heap *heap, addr at, struct text *out)
{
    const uint8_t *o = at & 7 ? NULL : VIEW(heap->py, at, PyObject);
    text_add_string(out, "not an object: ");
    if (at & 7) {
        text_add_string(out, "an odd address");
    } else if (!o) {
        text_add_string(out, "that memory is not there");
    } else {
        uint64_t word = LOAD_TYPE(heap->py, o);
        text_add_format(out, "the type word 0x%" PRIx64 "%s", word,
                        type_at(heap->py, word) ? " is a type, but nothing else is as it should be"
                                                : " is not a type");
    }
    node before = o ? address_map_before(&heap->addresses, at) : NODE_NONE;
    if (before != NODE_NONE)
        text_add_format(out, "; the last sound object before it is %s 0x%" PRIx64,
                        heap_type_name(heap, heap_type(heap, before)), heap_addr(heap, before));
}

static void damage_tell(struct damage_walk *walk, const char *edge, addr at, const char *text)
{
    const struct damage damage = { edge, at, text };
    walk->found = true;
    if (!walk->quick && !walk->stopped && walk->told++ < TOLD_MOST)
        walk->stopped = !walk->take(walk->context, walk->n, &damage);
}

static void damage_lost(struct damage_walk *walk, addr to, struct ref_name name)
{
    struct text edge = TEXT_INIT, why = TEXT_INIT;
    if (!walk->quick && walk->told < TOLD_MOST) {
        kind_name(walk->heap->py, walk->type, walk->at, name, &edge);
        damage_no_object(walk->heap, to, &why);
    }
    damage_tell(walk, text_string(&edge), to, text_string(&why));
    text_fini(&edge);
    text_fini(&why);
}

static void damage_refs(struct refs *refs)
{
    struct damage_walk *walk = refs->context;
    for (size_t i = 0; i < refs->count && !walk->stopped; i++) {
        addr to = refs->to[i] & ~(addr)REF_FLAGS;
        if (!to)
            continue;
        if (address_map_node(&walk->heap->addresses, to) != NODE_NONE)
            walk->met++;
        else
            damage_lost(walk, to, walk->quick ? (struct ref_name){ 0 } : refs->names[i]);
    }
    refs->count = 0;
}

static void damage_block(struct blocks *blocks, addr from, uint64_t bytes)
{
    struct damage_walk *walk = blocks->context;
    struct target *target = walk->heap->py->target;
    bool ends = bytes > UINT64_MAX - from;
    if (!ends && target_view(target, from, 1) && target_view(target, from + bytes - 1, 1))
        return;
    struct text why = TEXT_INIT;
    text_add_format(&why, "%" PRIu64 " %s beside it, at 0x%" PRIx64 ", cannot be read", bytes,
                    text_plural(bytes, "byte", "bytes"), from);
    damage_tell(walk, "", from, text_string(&why));
    text_fini(&why);
}

// Whether a list's or tuple's items can be read and are all null: C code allocates such objects
// (PyList_New) and fills them later.
static bool damage_is_empty_room(const struct damage_walk *walk, uint64_t length)
{
    const struct python *py = walk->heap->py;
    bool is_list = walk->type->flags & TPFLAGS_LIST_SUBCLASS;
    int32_t offset = is_list ? py->layout.PyListObject_ob_item : py->layout.PyTupleObject_ob_item;
    if (offset < 0 || walk->type->flags & TPFLAGS_DICT_SUBCLASS || length > WORDS_LOOKED_AT)
        return false;
    bool ok = true;
    addr items = walk->at + (uint64_t)offset;
    if (is_list)
        items = target_u64(py->target, items, &ok);
    for (uint64_t i = 0; ok && i < length; i++)
        if (target_u64(py->target, items + 8 * i, &ok))
            return false;
    return ok;
}

// A list, dict or tuple that has items but refers to nothing.
static void damage_length(struct damage_walk *walk)
{
    uint64_t length;
    const uint64_t containers =
        TPFLAGS_LIST_SUBCLASS | TPFLAGS_DICT_SUBCLASS | TPFLAGS_TUPLE_SUBCLASS;
    if (!(walk->type->flags & containers) || walk->met || !heap_length(walk->heap, walk->n, &length)
        || !length || damage_is_empty_room(walk, length))
        return;
    struct text why = TEXT_INIT;
    text_add_format(&why, "it says %" PRIu64 " %s, none readable", length,
                    text_plural(length, "item", "items"));
    damage_tell(walk, "", walk->at, text_string(&why));
    text_fini(&why);
}

static void damage_look(struct damage_walk *walk)
{
    const struct python *py = walk->heap->py;
    uint64_t to[ROOM];
    struct ref_name names[ROOM];
    struct refs refs = { .to = to,
                         .names = walk->quick ? NULL : names,
                         .capacity = ROOM,
                         .left = walk->left,
                         .full = damage_refs,
                         .context = walk };
    struct blocks blocks = { .add = damage_block, .context = walk, .left = walk->left };
    enum evidence evidence = heap_evidence(walk->heap, walk->n);
    addr from;
    uint64_t bytes, faults = py->target->faults;
    if (evidence == EVIDENCE_DECODED) { // a word that a scan found need not be a reference
        kind_refs(py, walk->type, walk->at, &refs);
        damage_refs(&refs);
        walk->found |= walk->left && refs.unfinished;
    } else {
        walk->met = 1;
    }
    kind_blocks(py, walk->type, walk->at, &blocks, &from, &bytes);
    damage_length(walk);
    py->target->faults = faults; // these faults were counted when the heap was read
}

bool heap_damage(const struct heap *heap, node n, uint64_t *left, damage_take *take, void *context,
                 struct err *err)
{
    struct damage_walk walk = { .heap = heap,
                                .type = type_row(heap->py->types, heap_type(heap, n)),
                                .n = n,
                                .at = heap_addr(heap, n),
                                .left = left,
                                .take = take,
                                .context = context };
    if (heap_has_values(heap))
        damage_look(&walk);
    return !walk.stopped && err->kind == ERR_NONE;
}

bool heap_is_damaged(const struct heap *heap, node n, addr at, uint64_t *left)
{
    struct damage_walk walk = { .heap = heap,
                                .type = type_row(heap->py->types, heap_type(heap, n)),
                                .n = n,
                                .at = at,
                                .left = left,
                                .quick = true };
    if (heap_has_values(heap))
        damage_look(&walk);
    return walk.found;
}
