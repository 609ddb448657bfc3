// SPDX-License-Identifier: GPL-3.0-or-later
// A hash table from strings to 32-bit numbers: names to indices.
//
// Does not know: what the names mean. A name is any run of bytes, of any length. Nothing is ever
// removed.
//
// Owns: copies of its keys, which stay where they are until names_fini(), and its slots. A zeroed
// one is empty and ready for use. Cost: a hash of the bytes and one or two probes per look-up.
#ifndef OURO_BASE_NAMES_H
#define OURO_BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct err;

#define NAMES_NONE UINT32_MAX // a name that is not there; never a value

struct names_slot {
    const char *key; // null: the slot is free
    size_t size;
    uint64_t hash;
    uint32_t value;
};

struct names {
    struct names_slot *table;
    size_t count;
    size_t slots; // 0 or a power of two
    struct arena arena;
};

#define NAMES_INIT                                                                                 \
    {                                                                                              \
        NULL, 0, 0, ARENA_INIT                                                                     \
    }

void names_init(struct names *names);
void names_fini(struct names *names);

// The value of a name, or NAMES_NONE.
uint32_t names_get(const struct names *names, const char *key, size_t size);

// Sets the value of a name, replacing the one it had.
bool names_put(struct names *names, const char *key, size_t size, uint32_t value, struct err *err);

// Gives a new name the number of names so far (0, 1, 2, ...); a known one keeps its own. The number
// is written to *value, and the kept copy of the name (NUL-terminated) to *kept unless that is null.
bool names_intern(struct names *names, const char *key, size_t size, uint32_t *value,
                  const char **kept, struct err *err);

#endif
