// SPDX-License-Identifier: GPL-3.0-or-later
// Words that lead to blocks in which there are no addresses of blocks: see blank_words.h.
#include "heap/memory/blank_words.h"

#include <stdlib.h>
#include <string.h>

#include "py/read.h"
#include "py/objects/type.h"

#define WORDS_MOST 4

struct blank_type {
    int32_t at[WORDS_MOST]; // in the object; -1: none
    bool all;               // each of its words
};

static void blank_choose(const struct python *py, const struct type *type, struct blank_type *to)
{
    const struct layout *l = &py->layout;
    int32_t sets = type_is(type, TRAIT_SET | TRAIT_FROZENSET) ? l->PySetObject_table : -1;
    struct blank_type none = { { -1, -1, -1, -1 }, type_is(type, TRAIT_STREAM) };
    *to = type->flags & TPFLAGS_LIST_SUBCLASS
              ? (struct blank_type){ { l->PyListObject_ob_item, -1, -1, -1 }, false }
          : type->flags & TPFLAGS_DICT_SUBCLASS
              ? (struct blank_type){ { l->PyDictObject_ma_keys, l->PyDictObject_ma_values,
                                       l->PyDictObject_ma_table, -1 },
                                     false }
          : type->flags & TPFLAGS_TYPE_SUBCLASS
              ? (struct blank_type){ { l->PyTypeObject_tp_name, l->PyTypeObject_tp_doc,
                                       l->PyHeapTypeObject_ht_cached_keys, -1 },
                                     false }
          : sets >= 0 ? (struct blank_type){ { sets, -1, -1, -1 }, false }
                      : none;
}

static void blank_object(const struct python *py, const struct blank_type *blank, addr at,
                         int64_t size, blank_visit *visit, void *context)
{
    uint64_t head = SIZE(py, PyObject);
    const uint8_t *body =
        blank->all && (uint64_t)size > head ? target_view(py->target, at, (size_t)size) : NULL;
    for (uint64_t i = head; body && i + 8 <= (uint64_t)size; i += 8)
        visit(context, at + i, load64(body + i));
    for (size_t i = 0; i < WORDS_MOST; i++) {
        int32_t offset = blank->at[i];
        const void *word = offset >= 0 && offset + 8 <= size
                               ? target_view(py->target, at + (uint64_t)offset, 8)
                               : NULL;
        if (word)
            visit(context, at + (uint64_t)offset, load64(word));
    }
}

bool blank_words(const struct heap *heap, blank_visit *visit, void *context, struct err *err)
{
    const struct python *py = heap->py;
    uint32_t count = heap_type_count(heap);
    struct blank_type *types = malloc(((size_t)count + 1) * sizeof *types);
    if (!types)
        return err_memory(err, "the types");
    for (uint32_t t = 0; t < count; t++)
        blank_choose(py, type_row(py->types, t), &types[t]);
    struct address_map_walk walk;
    for (address_map_begin(&walk, &heap->addresses); address_map_next(&walk);) {
        uint32_t t = heap_type(heap, walk.node);
        if (types[t].at[0] >= 0 || types[t].at[2] >= 0 || types[t].all)
            blank_object(py, &types[t], walk.at, type_row(py->types, t)->basicsize, visit, context);
    }
    free(types);
    return true;
}
