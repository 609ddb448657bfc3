// SPDX-License-Identifier: GPL-3.0-or-later
// Instances' attributes: see instance.h. Objects/dictobject.c (new_values, _PyInlineValuesSize) and
// Objects/object.c of each version are the source.
#include "py/objects/instance.h"

#include "py/objects/dict.h"
#include "py/read.h"

static uint64_t up_to_8(uint64_t bytes)
{
    return (bytes + 7) & ~UINT64_C(7);
}

bool instance_has_attributes(const struct type *type)
{
    return type->is_python_class && ((type->flags & TPFLAGS_MANAGED_DICT) || type->dictoffset > 0);
}

// A separate array, preceded by two bytes and the insertion order.
static void beside(const struct python *py, const struct type *type, addr values,
                   struct instance *instance)
{
    struct dict_table keys;
    if (!dict_open_keys(py, type->cached_keys, &keys))
        return;
    uint64_t room = keys.values_bytes / 8;
    instance->values = values + BEFORE(py, _dictvalues_values);
    instance->value_count = room < keys.count ? room : keys.count;
    instance->bytes = up_to_8(room + 2) + 8 * room;
}

// After the instance: four bytes, the values, the insertion order.
static void behind(const struct python *py, const struct type *type, addr at,
                   struct instance *instance)
{
    const struct layout *l = &py->layout;
    addr values = at + (uint64_t)type->basicsize;
    const uint8_t *v = type->flags & TPFLAGS_INLINE_VALUES && l->_dictvalues_values >= 0
                           ? VIEW_BEFORE(py, values, _dictvalues_values)
                           : NULL;
    if (!v)
        return;
    uint64_t room = LOAD(py, v, _dictvalues_capacity);
    instance->bytes = BEFORE(py, _dictvalues_values) + 8 * room + up_to_8(room);
    if (LOAD(py, v, _dictvalues_valid) != 1)
        return;
    instance->values = INSIDE(py, values, _dictvalues_values);
    instance->value_count = room;
}

void instance_read(const struct python *py, const struct type *type, addr at,
                   struct instance *instance)
{
    *instance = (struct instance){ 0 };
    addr word;
    if (!(type->flags & TPFLAGS_MANAGED_DICT)) {
        if (type->dictoffset > 0)
            instance->dict = target_u64(py->target, at + (uint64_t)type->dictoffset, NULL);
        return;
    }
    switch (py->rules.instance) {
    case INSTANCE_TWO:
        instance->dict = target_u64(py->target, at - 24, NULL);
        word = target_u64(py->target, at - 32, NULL);
        if (word)
            beside(py, type, word, instance);
        break;
    case INSTANCE_TAGGED:
        word = target_u64(py->target, at - 24, NULL);
        if (word & 1)
            beside(py, type, word + 1, instance);
        else
            instance->dict = word;
        break;
    case INSTANCE_INLINE:
        instance->dict = target_u64(py->target, at - (py->rules.free_threaded ? 8 : 24), NULL);
        behind(py, type, at, instance);
        break;
    case INSTANCE_DICT:
        break;
    }
}
