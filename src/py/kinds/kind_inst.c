// SPDX-License-Identifier: GPL-3.0-or-later
// Instances of Python classes: slots, attributes in all their forms, then the body of the C type
// underneath.
//
// Objects/typeobject.c, subtype_traverse: every level's __slots__, most derived first; the
// attributes when this class added them; the type itself; then the tp_traverse of the first base
// that has another one.
#include "py/kinds/kind_row.h"

#define TORN_WORDS_MAX 65536

// How many words of an array to read. An array that extends beyond readable memory was cut off, or
// lies about its length: then the rest of memory is not mistaken for its items.
static uint64_t honest_words(const struct python *py, addr at, uint64_t count, struct refs *refs)
{
    uint64_t done = 0;
    for (uint64_t words = 1; done < count && words && refs_afford(refs, 1); done += words)
        words = target_readable(py->target, at + done * 8, (count - done) * 8) / 8;
    if (done < count)
        target_fault(py->target);
    return done < count && done > TORN_WORDS_MAX ? TORN_WORDS_MAX : done;
}

bool refs_spare(const struct python *py, struct refs *refs, uint64_t words)
{
    return py->target->is_slow && refs->left && words > *refs->left && !refs_afford(refs, words);
}

void visit_words(const struct python *py, addr at, uint64_t count, enum ref_kind kind,
                 struct refs *refs)
{
    count = count < WORDS_MOST ? honest_words(py, at, count, refs) : 0;
    if (!refs_afford(refs, count))
        return;
    for (uint64_t done = 0; done < count;) {
        uint64_t bytes =
            target_readable(py->target, at + done * 8, (count - done) * 8) & ~UINT64_C(7);
        const uint8_t *words = bytes ? target_view(py->target, at + done * 8, bytes) : NULL;
        if (!words)
            return;
        for (uint64_t i = 0; i < bytes / 8; i++)
            refs_visit(refs, refs_load(refs, words + i * 8), kind, done + i);
        done += bytes / 8;
    }
}

void hold_words(const struct python *py, addr at, uint64_t count, enum ref_kind kind,
                struct refs *refs)
{
    const uint8_t *words =
        count && count < WORDS_MOST ? target_view(py->target, at, count * 8) : NULL;
    if (!words || !refs_afford(refs, count))
        return;
    for (uint64_t i = 0; i < count; i++)
        refs_hold(refs, refs_load(refs, words + i * 8), kind, i);
}

// Values are named by the keys that the instances of a type share.
static void visit_values(const struct python *py, const struct type *type, addr values,
                         uint64_t most, struct refs *refs)
{
    struct dict_table keys;
    if (!refs->names || !dict_open_keys(py, type->cached_keys, &keys))
        keys.count = 0; // nobody wants the names, or they are unknown
    uint64_t count = most;
    const uint8_t *words = count ? target_view(py->target, values, count * 8) : NULL;
    if (count && !words) {
        target_fault(py->target);
        return;
    }
    if (!refs_afford(refs, count))
        return;
    for (uint64_t i = 0; i < count; i++)
        if (i < keys.count)
            refs_visit(refs, refs_load(refs, words + i * 8), REF_ATTR, dict_key(&keys, i));
        else
            refs_visit(refs, refs_load(refs, words + i * 8), REF_INDEX, i);
}

// 3.11: a values pointer four words before the object, a dict pointer three before; never both.
static void visit_two(const struct python *py, const struct type *type, addr at, struct refs *refs)
{
    addr values = target_u64(py->target, at - 32, NULL);
    if (values)
        visit_values(py, type, INSIDE(py, values, _dictvalues_values), type->shared_count, refs);
    refs_member(refs, refs_fetch(refs, py->target, at - 24), ".__dict__");
}

// 3.12: one word three before the object; bit 0 tells values from a dict.
static void visit_tagged(const struct python *py, const struct type *type, addr at,
                         struct refs *refs)
{
    addr word = target_u64(py->target, at - 24, NULL);
    if (word & 1)
        visit_values(py, type, word + 1 + BEFORE(py, _dictvalues_values), type->shared_count, refs);
    else
        refs_member(refs, refs_fetch(refs, py->target, at - 24), ".__dict__");
}

// 3.13: values follow the object. Which of values and dict is visited changed in 3.13.13 and
// 3.14.4.
static void visit_inline(const struct python *py, const struct type *type, addr at,
                         struct refs *refs)
{
    addr slot = at - (py->rules.free_threaded ? 8 : 24), dict = target_u64(py->target, slot, NULL);
    const uint8_t *v = NULL;
    addr values = at + (uint64_t)type->basicsize;
    if (type->flags & TPFLAGS_INLINE_VALUES)
        v = VIEW_BEFORE(py, values, _dictvalues_values);
    bool valid = v && LOAD(py, v, _dictvalues_valid) == 1;
    if (valid && (py->rules.values_hide_dict || !dict)) {
        visit_values(py, type, INSIDE(py, values, _dictvalues_values),
                     LOAD(py, v, _dictvalues_capacity), refs);
        if (dict)
            refs_hold_member(refs, refs_fetch(refs, py->target, slot), ".__dict__");
        return;
    }
    if (dict)
        refs_member(refs, refs_fetch(refs, py->target, slot), ".__dict__");
}

void visit_managed_dict(const struct python *py, const struct type *type, addr at,
                        struct refs *refs)
{
    if (!(type->flags & TPFLAGS_MANAGED_DICT))
        return;
    switch (py->rules.instance) {
    case INSTANCE_TWO:
        visit_two(py, type, at, refs);
        break;
    case INSTANCE_TAGGED:
        visit_tagged(py, type, at, refs);
        break;
    case INSTANCE_INLINE:
        visit_inline(py, type, at, refs);
        break;
    case INSTANCE_DICT:
        break;
    }
}

// The address of the pointer to a classic instance dict: _PyObject_GetDictPtr. A negative offset
// counts from the end of a variable-sized object.
static addr dict_slot(const struct python *py, const struct type *type, addr at, const uint8_t *o)
{
    int64_t offset = type->dictoffset;
    if (offset >= 0)
        return at + (uint64_t)offset;
    uint64_t count = magnitude(LOAD(py, o, PyVarObject_ob_size));
    if (count > UINT64_C(1) << 40)
        return 0;
    uint64_t items = count * (uint64_t)type->itemsize;
    uint64_t size = ((uint64_t)type->basicsize + items + 7) & ~UINT64_C(7);
    return at + (uint64_t)offset + size;
}

static void visit_attributes(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o, struct refs *refs)
{
    if (type->flags & TPFLAGS_MANAGED_DICT) {
        visit_managed_dict(py, type, at, refs);
        return;
    }
    addr slot = type->dictoffset ? dict_slot(py, type, at, o) : 0;
    if (slot)
        refs_member(refs, refs_fetch(refs, py->target, slot), ".__dict__");
}

void kind_attributes(const struct python *py, const struct type *type, addr at, struct refs *refs)
{
    const uint8_t *o = object_view(py, type, at);
    if (o)
        visit_attributes(py, type, at, o, refs);
}

// References of a type without the GC flag are held, not visited: nobody ever calls its
// tp_traverse.
static void visit_members(const struct python *py, const struct type *type, const uint8_t *o,
                          const struct kind_member *m, const int32_t *offset, struct refs *refs)
{
    for (; m->name; m++, offset++) {
        if (*offset < 0)
            continue;
        if (m->mode == MEMBER_VISITED && type->is_gc && py->version >= m->since)
            refs_member(refs, refs_load(refs, o + *offset), m->name);
        else
            refs_hold_member(refs, refs_load(refs, o + *offset), m->name);
    }
}

static void visit_body(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                       struct refs *refs)
{
    const struct kind *kind = type->kind;
    if (kind->refs)
        kind->refs(py, type, at, o, refs);
    if (type->members)
        visit_members(py, type, o, kind->members, type->members, refs);
}

static void hold_body(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                      struct refs *refs)
{
    bool partial = refs->partial; // what is visited is known nevertheless
    refs->partial = false;
    refs->all = REF_HOLDS;
    if (type->body->refs)
        type->body->refs(py, type, at, o, refs);
    if (type->body_members)
        visit_members(py, type, o, type->body->members, type->body_members, refs);
    refs->all = 0;
    if (refs->partial)
        target_fault(py->target);
    refs->partial = partial;
}

// Every aligned word of the object that may point to an object: heap/ keeps the ones that do.
static void guess_words(const struct python *py, const struct type *type, addr at,
                        struct refs *refs)
{
    uint64_t size = (uint64_t)type->basicsize;
    uint64_t have = target_readable(py->target, at, size) & ~UINT64_C(7);
    const uint8_t *o = have ? target_view(py->target, at, have) : NULL;
    uint64_t header = SIZE(py, PyObject);
    if (!o || !refs_afford(refs, have / 8))
        return;
    for (uint64_t i = header; i < have; i += 8)
        refs_visit(refs, refs_load(refs, o + i), REF_OFFSET, i);
}

const uint8_t *object_view(const struct python *py, const struct type *type, addr at)
{
    const uint8_t *o = target_view(py->target, at, (size_t)type->basicsize);
    if (o || !type->is_metatype)
        return o;
    o = VIEW(py, at, PyTypeObject);
    return o && !(LOAD(py, o, PyTypeObject_tp_flags) & TPFLAGS_HEAPTYPE) ? o : NULL;
}

bool kind_refs(const struct python *py, const struct type *type, addr at, struct refs *refs)
{
    refs->partial = refs->unfinished = false;
    refs->looked = 0;
    if (!type->kind && !type->is_gc)
        return true;
    const uint8_t *o = object_view(py, type, at);
    if (!o) {
        target_fault(py->target);
        return true;
    }
    if (type->is_python_class) {
        uint32_t slots = refs_afford(refs, type->slot_count) ? type->slot_count : 0;
        for (uint32_t i = 0; i < slots; i++)
            if (type->slots[i].offset + 8 <= type->basicsize)
                refs_visit(refs, refs_load(refs, o + type->slots[i].offset), REF_SLOT,
                           type->slots[i].name);
        if (type->visits_dict)
            visit_attributes(py, type, at, o, refs);
    }
    if (type->visits_type)
        refs_member(refs, refs_from(refs, SLOT(py, o, PyObject_ob_type), type->at), ".__class__");
    if (!type->kind && type->is_metatype
        && !object_is_gc(py, type, o)) { // static: its metatype's tp_traverse is never called
        kind_find("type")->refs(py, type, at, o, refs);
        return true;
    }
    if (!type->kind) {
        guess_words(py, type, at, refs);
        if (!type->visits_type && (type->flags & TPFLAGS_HEAPTYPE))
            refs_hold_member(refs, refs_from(refs, SLOT(py, o, PyObject_ob_type), type->at),
                             ".__class__");
        if (type->body)
            hold_body(py, type, at, o, refs);
        return false;
    }
    visit_body(py, type, at, o, refs);
    uint32_t held = type->is_gc || !refs_afford(refs, type->slot_count) ? 0 : type->slot_count;
    for (uint32_t i = 0; i < held; i++)
        if (type->slots[i].offset + 8 <= type->basicsize)
            refs_hold(refs, refs_load(refs, o + type->slots[i].offset), REF_SLOT,
                      type->slots[i].name);
    if (type->body)
        hold_body(py, type, at, o, refs);
    if (type->visits_type_last)
        refs_member(refs, refs_from(refs, SLOT(py, o, PyObject_ob_type), type->at), ".__class__");
    else if (!type->visits_type && (type->flags & TPFLAGS_HEAPTYPE) && type->kind->type_by_holder)
        refs_borrow_member(refs, refs_from(refs, SLOT(py, o, PyObject_ob_type), type->at),
                           ".__class__");
    else if (!type->visits_type && (type->flags & TPFLAGS_HEAPTYPE))
        refs_hold_member(refs, refs_from(refs, SLOT(py, o, PyObject_ob_type), type->at),
                         ".__class__");
    return !refs->partial;
}

// Bytes in front of the object; a static type has none.
static uint64_t presize_of(const struct python *py, const struct type *type, const uint8_t *o)
{
    return type->is_metatype && !object_is_gc(py, type, o) ? 0 : type->presize;
}

uint64_t kind_counted(const struct python *py, const struct type *type, addr at)
{
    const struct kind *value = type->value;
    const uint8_t *o = type->shares ? object_view(py, type, at) : NULL;
    if (!o)
        return 0;
    addr part = value->counted ? value->counted(py, type, at, o) : 0;
    const struct type *of_part = part ? type_of(py, part) : NULL;
    uint64_t counted = of_part && !of_part->value->counted ? kind_size(py, of_part, part) : 0;
    if (py->rules.presize_by_flag) // 3.11 on: sys.getsizeof asks the metatype only
        counted += type->presize - presize_of(py, type, o);
    return counted + (value->excess ? value->excess(py, type, o) : 0);
}

void kind_blocks(const struct python *py, const struct type *type, addr at, struct blocks *blocks,
                 addr *from, uint64_t *bytes)
{
    const uint8_t *o = object_view(py, type, at);
    uint64_t size = kind_size(py, type, at), counted = kind_counted(py, type, at);
    blocks->bytes = 0;
    if (o && type->value->blocks)
        type->value->blocks(py, type, at, o, blocks);
    *from = at - (o ? presize_of(py, type, o) : 0);
    *bytes = size > counted + blocks->bytes ? size - counted - blocks->bytes : 0;
}

uint64_t kind_size(const struct python *py, const struct type *type, addr at)
{
    const uint8_t *o = object_view(py, type, at);
    if (!o)
        return (uint64_t)type->basicsize;
    uint64_t presize = py->rules.presize_by_flag ? type->presize : presize_of(py, type, o);
    if (type->value->size)
        return presize + type->value->size(py, type, at, o);
    uint64_t items = 0;
    if (type->itemsize) {
        items = magnitude(LOAD(py, o, PyVarObject_ob_size));
        if (items > WORDS_MOST)
            items = 0;
    }
    return presize + (uint64_t)type->basicsize + items * (uint64_t)type->itemsize;
}
