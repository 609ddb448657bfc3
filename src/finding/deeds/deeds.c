// SPDX-License-Identifier: GPL-3.0-or-later
// The list of what functions do: see deeds.h.
#include "finding/deeds/deeds.h"

#include <stdlib.h>

#include "finding/deeds/deed_reader.h"
#include "py/objects/type.h"

static int deeds_order(const void *left, const void *right)
{
    const struct deed *a = left, *b = right;
    if (a->name != b->name)
        return a->name < b->name ? -1 : 1;
    if (a->code != b->code)
        return a->code < b->code ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

bool deeds_find(struct deeds *deeds, const struct heap *heap, const struct root_paths *paths,
                struct err *err)
{
    *deeds = (struct deeds){ .of_address = MAP_INIT, .functions = MAP_INIT };
    struct deed_reader *reader = calloc(1, sizeof *reader);
    bool ok = reader ? deed_name_words(deeds, err) && deed_code_list(deeds, heap, paths, err)
                     : err_memory(err, "what functions do");
    if (ok) {
        reader->deeds = deeds;
        reader->heap = heap;
        for (uint32_t t = 0; t < heap_type_count(heap); t++)
            deeds->has_defaults |= type_is(type_row(heap->py->types, t), TRAIT_DEFAULT_DICT);
    }
    for (size_t i = 0; ok && i < deeds->code_count; i++)
        reader_read(reader, &deeds->codes[i]);
    free(reader);
    if (ok && deeds->out_of_memory)
        ok = err_memory(err, "what functions do");
    if (ok && deeds->count)
        qsort(deeds->items, deeds->count, sizeof *deeds->items, deeds_order);
    if (!ok)
        deeds_free(deeds);
    return ok;
}

const struct deed *deeds_of(const struct deeds *deeds, uint32_t name, size_t *count)
{
    size_t low = 0, high = deeds->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (deeds->items[middle].name < name)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < deeds->count && deeds->items[end].name == name)
        end++;
    *count = end - low;
    return deeds->items + low;
}

// Where the outermost loop ends that the offset lies in; 0: in none.
static uint32_t deeds_loop_end(const struct deeds *deeds, const struct deed_code *code,
                               uint32_t offset)
{
    uint32_t end = 0; // inner loops end before outer ones: one pass
    for (uint32_t i = 0; i < code->loop_count; i++) {
        const struct deed_loop *loop = &deeds->loops[code->first_loop + i];
        if (loop->begin <= offset && loop->end >= offset)
            end = loop->end > end ? loop->end : end;
    }
    return end;
}

bool deeds_loop_is_over(const struct deeds *deeds, const struct deed *deed)
{
    const struct deed_code *code = deeds_code(deeds, deed->code);
    uint32_t end = code ? deeds_loop_end(deeds, code, deed->offset) : 0;
    if (!end)
        return false;
    for (uint32_t i = 0; i < code->loop_count; i++) {
        const struct deed_loop *loop = &deeds->loops[code->first_loop + i];
        if (loop->calls && loop->begin > end && loop->begin <= code->least)
            return true;
    }
    return false;
}

void deeds_free(struct deeds *deeds)
{
    free(deeds->items);
    free(deeds->codes);
    free(deeds->loops);
    free(deeds->texts);
    map_fini(&deeds->functions);
    names_fini(&deeds->names);
    map_fini(&deeds->of_address);
    *deeds = (struct deeds){ 0 };
}
