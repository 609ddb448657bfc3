// SPDX-License-Identifier: GPL-3.0-or-later
// A hash table from 64-bit numbers to 32-bit ones: addresses to indices.
//
// Does not know: what the numbers stand for. Any key may be used, 0 as well. Nothing is ever removed.
//
// Owns: its two arrays. A zeroed map is an empty one, ready for use. Invariant: at least a quarter
// of the slots is free, so that a search ends. Cost: 12 bytes per slot, one or two probes per look-up;
// the slots double when three quarters are taken.
#ifndef OURO_BASE_MAP_H
#define OURO_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define MAP_NONE UINT32_MAX // what map_get() says of a key that is not there; never a value

struct map {
    uint64_t *keys;
    uint32_t *values; // MAP_NONE: the slot is free
    size_t count;
    size_t slots; // 0 or a power of two
};

#define MAP_INIT                                                                                   \
    {                                                                                              \
        NULL, NULL, 0, 0                                                                           \
    }

void map_init(struct map *map);
void map_fini(struct map *map);

// Makes room for `count` keys in all, so that putting them cannot fail.
bool map_reserve(struct map *map, size_t count, struct err *err);

// Sets the value of a key, replacing the one it had. The value must not be MAP_NONE.
bool map_put(struct map *map, uint64_t key, uint32_t value, struct err *err);

// The value of a key, or MAP_NONE.
uint32_t map_get(const struct map *map, uint64_t key);

#endif
