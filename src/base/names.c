// SPDX-License-Identifier: GPL-3.0-or-later
// From a string to a 32-bit number: see names.h. Open addressing, linear probing, FNV-1a.
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { SLOTS_FIRST = 16 };

void names_init(struct names *names)
{
    *names = (struct names)NAMES_INIT;
}

void names_fini(struct names *names)
{
    free(names->table);
    arena_fini(&names->arena);
    names_init(names);
}

static uint64_t names_hash_of(const char *key, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)key[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29; // the low bits choose the slot
}

// The slot that holds the key, or the free one where it belongs.
static struct names_slot *names_slot_of(const struct names *names, const char *key, size_t size,
                                        uint64_t hash)
{
    size_t i = hash & (names->slots - 1);
    for (;; i = (i + 1) & (names->slots - 1)) {
        struct names_slot *slot = &names->table[i];
        if (!slot->key)
            return slot;
        if (slot->hash == hash && slot->size == size && memcmp(slot->key, key, size) == 0)
            return slot;
    }
}

uint32_t names_get(const struct names *names, const char *key, size_t size)
{
    if (!names->slots)
        return NAMES_NONE;
    const struct names_slot *slot = names_slot_of(names, key, size, names_hash_of(key, size));
    return slot->key ? slot->value : NAMES_NONE;
}

// Keeps a quarter of the slots free, so that a search ends.
static bool names_make_room(struct names *names, struct err *err)
{
    if (names->count + 1 <= names->slots / 4 * 3)
        return true;
    struct names grown = { .slots = names->slots ? names->slots * 2 : SLOTS_FIRST };
    grown.table = calloc(grown.slots, sizeof *grown.table);
    if (!grown.table)
        return err_memory(err, "a table of names");
    for (size_t i = 0; i < names->slots; i++) {
        const struct names_slot *slot = &names->table[i];
        if (slot->key)
            *names_slot_of(&grown, slot->key, slot->size, slot->hash) = *slot;
    }
    free(names->table);
    names->table = grown.table;
    names->slots = grown.slots;
    return true;
}

// The key's slot, made if it is new; *is_new says whether it is. Null: out of memory.
static struct names_slot *slot_make(struct names *names, const char *key, size_t size, bool *is_new,
                                    struct err *err)
{
    *is_new = false;
    if (!names_make_room(names, err))
        return NULL;
    uint64_t hash = names_hash_of(key, size);
    struct names_slot *slot = names_slot_of(names, key, size, hash);
    if (slot->key)
        return slot;
    const char *kept = arena_copy(&names->arena, key, size);
    if (!kept) {
        err_memory(err, "a name");
        return NULL;
    }
    *slot = (struct names_slot){ .key = kept, .size = size, .hash = hash };
    *is_new = true;
    names->count++;
    return slot;
}

bool names_put(struct names *names, const char *key, size_t size, uint32_t value, struct err *err)
{
    bool is_new;
    struct names_slot *slot = slot_make(names, key, size, &is_new, err);
    if (!slot)
        return false;
    slot->value = value;
    return true;
}

bool names_intern(struct names *names, const char *key, size_t size, uint32_t *value,
                  const char **kept, struct err *err)
{
    bool is_new;
    struct names_slot *slot = slot_make(names, key, size, &is_new, err);
    if (!slot)
        return false;
    if (is_new)
        slot->value = (uint32_t)(names->count - 1);
    *value = slot->value;
    if (kept)
        *kept = slot->key;
    return true;
}
