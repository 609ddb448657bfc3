// SPDX-License-Identifier: GPL-3.0-or-later
// Many instances of a class without __slots__, all with the same few attributes.
//
//   now      the object, its values or its dict        every instance is read
//   then     the collector's header, the object's, a word for each attribute that any has
// Reported is what sys.getsizeof() counts, and inline values, which it leaves out; the allocator
// also rounds each block up to 16 bytes. A class gains nothing if a base that is not the program's
// has a dict.
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "finding/saving.h"
#include "py/objects/dict.h"
#include "py/objects/instance.h"
#include "py/objects/str.h"
#include "py/read.h"

#define INSTANCES_LEAST 1000
#define ATTRIBUTES_MAX 30
#define SAMPLES 1000
#define NAMES_SHOWN 8
#define BASES_MAX 64

struct slots_tally {
    uint64_t bytes; // now
    struct names attributes;
    struct text list; // their names, for a person
    bool too_many;
    node first;
};

// Whether the class and all its bases, down to object, are the program's own.
static bool can_gain(struct finder *f, const struct type *type)
{
    for (int i = 0; type && i < BASES_MAX; i++) {
        if (type->at == f->py->object_type)
            return i > 0;
        node n = heap_node_of(f->heap, type->at);
        if (!type->is_python_class || n == NODE_NONE || finder_home(f, n) == HOME_LIBRARY)
            return false;
        type = type_base(f->py, type);
    }
    return false;
}

static bool take_name(const struct finder *f, addr key, struct slots_tally *tally, struct err *err)
{
    struct str_view view;
    uint32_t index;
    const char *kept;
    if (!key || !str_view(f->py, key, &view) || view.width != 1)
        return true;
    uint32_t before = (uint32_t)tally->attributes.count;
    if (!names_intern(&tally->attributes, (const char *)view.data, view.length, &index, &kept, err))
        return false;
    if (index == before && index < NAMES_SHOWN) {
        text_add_string(&tally->list, index ? ", '" : "'");
        text_add_escaped(&tally->list, kept, view.length);
        text_add_char(&tally->list, '\'');
    } else if (index == before && index == NAMES_SHOWN) {
        text_add_string(&tally->list, ", ...");
    }
    tally->too_many |= tally->attributes.count > ATTRIBUTES_MAX;
    return true;
}

static bool slots_take_names(const struct finder *f, const struct type *type,
                             const struct instance *instance, struct slots_tally *tally,
                             struct err *err)
{
    struct dict_table table;
    bool ok = true;
    if (instance->values && dict_open_keys(f->py, type->cached_keys, &table)) {
        for (uint64_t i = 0; ok && i < instance->value_count && i < table.count; i++)
            if (target_u64(f->py->target, instance->values + 8 * i, NULL))
                ok = take_name(f, dict_key(&table, i), tally, err);
        return ok;
    }
    size_t size = SIZE(f->py, PyDictObject);
    const uint8_t *o = instance->dict ? target_view(f->py->target, instance->dict, size) : NULL;
    if (o && dict_open(f->py, o, &table))
        for (uint64_t i = 0; ok && i < table.count; i++)
            if (dict_value(&table, i))
                ok = take_name(f, dict_key(&table, i), tally, err);
    return ok;
}

// The dict's bytes, if only the instance refers to it.
static uint64_t dict_bytes(const struct finder *f, addr dict)
{
    node n = dict ? heap_node_of(f->heap, dict) : NODE_NONE;
    if (n == NODE_NONE || csr_end(&f->heap->reverse, n) - csr_first(&f->heap->reverse, n) != 1)
        return 0;
    return heap_own(f->heap, n);
}

static bool count_all(struct finder *f, uint32_t index, struct slots_tally *tally, struct err *err)
{
    const struct type *type = type_row(f->py->types, index);
    uint64_t met = 0, step = f->types[index].count / SAMPLES + 1;
    tally->first = NODE_NONE;
    uint64_t bit = f->types[index].bit;
    for (node n = 0; !tally->too_many && (n = finder_skip(f, bit, n)) < f->heap->node_count; n++) {
        struct instance instance;
        if (heap_type(f->heap, n) != index)
            continue;
        instance_read(f->py, type, heap_addr(f->heap, n), &instance);
        tally->bytes += heap_own(f->heap, n) + instance.bytes + dict_bytes(f, instance.dict);
        if (met++ % step == 0 && !slots_take_names(f, type, &instance, tally, err))
            return false;
        if (tally->first == NODE_NONE)
            tally->first = n;
    }
    return true;
}

// The size with slots: the present one without the pointers to a dict and to weak references, plus
// the attributes.
static uint64_t slotted(const struct type *type, uint64_t attributes)
{
    uint64_t size = type->head + (uint64_t)type->basicsize + 8 * attributes;
    if (!(type->flags & TPFLAGS_MANAGED_DICT))
        size -= 8;
    if (type->weaklistoffset > 0)
        size -= 8;
    return size;
}

static bool slots_add(struct finder *f, uint32_t index, const struct slots_tally *tally,
                      struct err *err)
{
    const struct type *type = type_row(f->py->types, index);
    uint64_t count = f->types[index].count;
    uint64_t then = count * slotted(type, tally->attributes.count);
    enum severity severity;
    if (tally->too_many || tally->bytes <= then
        || !saving_matters(f, tally->bytes - then, &severity))
        return true;
    uint64_t saved = tally->bytes - then;
    bool sampled = count > SAMPLES;
    const struct finding finding = {
        .severity = severity,
        .bytes = saved,
        .objects = count,
        .object = heap_node_of(f->heap, type->at),
        .what = finder_text(f, "__slots__ in %s would save %s (%s of the heap)", type->name,
                            finder_size(f, saved), finder_percent(f, saved)),
        .why = finder_text(f,
                           "its %s instances take %u bytes each with their attributes, %u with "
                           "__slots__ = (%s)%s; its base classes need __slots__, too, and weak "
                           "references a slot '__weakref__'",
                           finder_count(f, count), (unsigned)(tally->bytes / count),
                           (unsigned)(then / count), text_string(&tally->list),
                           sampled ? finder_text(f, " (attributes of %u of them checked)", SAMPLES)
                                   : ""),
        .next = finder_text(f, "objects -t %s -n 10", finder_quote(f, type->name)),
    };
    return finder_add(f, &finding, err);
}

static bool slots_look_at(struct finder *f, uint32_t index, struct err *err)
{
    struct slots_tally tally = { .attributes = NAMES_INIT, .list = TEXT_INIT };
    bool ok = count_all(f, index, &tally, err) && slots_add(f, index, &tally, err);
    names_fini(&tally.attributes);
    text_fini(&tally.list);
    return ok;
}

static bool slots_find(struct finder *f, struct err *err)
{
    bool ok = finder_need_paths(f, err);
    for (uint32_t t = 0; ok && t < heap_type_count(f->heap); t++) {
        const struct type *type = type_row(f->py->types, t);
        if (f->types[t].count >= INSTANCES_LEAST && f->types[t].roles & ROLE_INSTANCE
            && !(f->types[t].roles & ROLE_TYPE) && !type->itemsize && instance_has_attributes(type)
            && can_gain(f, type))
            ok = slots_look_at(f, t, err);
    }
    return ok;
}

const struct finding_kind finding_slots = {
    .name = "slots",
    .help = "classes with many instances, each with its own __dict__, which __slots__ would save",
    .needs = FINDING_NEEDS_ROOTS,
    .find = slots_find,
};
