// SPDX-License-Identifier: GPL-3.0-or-later
// From a 64-bit number to a 32-bit one: see map.h. Open addressing, linear probing.
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { SLOTS_FIRST = 16 };

void map_init(struct map *map)
{
    *map = (struct map)MAP_INIT;
}

void map_fini(struct map *map)
{
    free(map->keys);
    free(map->values);
    map_init(map);
}

// Addresses differ in their middle bits; the multiplication carries those to the top, and the shift
// brings them down to where the mask looks.
static size_t slot_first(const struct map *map, uint64_t key)
{
    uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);
    return (hash ^ hash >> 32) & (map->slots - 1);
}

// The slot that holds the key, or the free one where it belongs.
static size_t map_slot_of(const struct map *map, uint64_t key)
{
    size_t i = slot_first(map, key);
    while (map->values[i] != MAP_NONE && map->keys[i] != key)
        i = (i + 1) & (map->slots - 1);
    return i;
}

static bool map_resize(struct map *map, size_t slots, struct err *err)
{
    if (slots > SIZE_MAX / 2 / sizeof *map->keys)
        return err_memory(err, "a map");
    struct map grown = { .slots = slots, .count = map->count };
    grown.keys = malloc(slots * sizeof *grown.keys);
    grown.values = malloc(slots * sizeof *grown.values);
    if (!grown.keys || !grown.values) {
        map_fini(&grown);
        return err_memory(err, "a map");
    }
    memset(grown.values, 0xff, slots * sizeof *grown.values);
    for (size_t i = 0; i < map->slots; i++) {
        if (map->values[i] == MAP_NONE)
            continue;
        size_t at = map_slot_of(&grown, map->keys[i]);
        grown.keys[at] = map->keys[i];
        grown.values[at] = map->values[i];
    }
    free(map->keys);
    free(map->values);
    *map = grown;
    return true;
}

bool map_reserve(struct map *map, size_t count, struct err *err)
{
    if (count > SIZE_MAX / 4)
        return err_memory(err, "a map");
    size_t slots = map->slots ? map->slots : SLOTS_FIRST;
    while (slots / 4 * 3 < count)
        slots *= 2;
    return slots == map->slots || map_resize(map, slots, err);
}

bool map_put(struct map *map, uint64_t key, uint32_t value, struct err *err)
{
    if (!map_reserve(map, map->count + 1, err))
        return false;
    size_t i = map_slot_of(map, key);
    if (map->values[i] == MAP_NONE)
        map->count++;
    map->keys[i] = key;
    map->values[i] = value;
    return true;
}

uint32_t map_get(const struct map *map, uint64_t key)
{
    return map->slots ? map->values[map_slot_of(map, key)] : MAP_NONE;
}
