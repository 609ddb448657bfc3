// SPDX-License-Identifier: GPL-3.0-or-later
// The objects by type in a saved heap, as they were counted when it was saved: see saved_heap.h.
#include <stdlib.h>

#include "base/record.h"
#include "heap/saved/saved_heap.h"
#include "py/objects/type.h"

#define SECTION "tallies"
#define SECTION_MAX ((size_t)1 << 28)
#define ROW_LEAST 11 // bytes of a type's row, at least

void tally_node(struct tally *tally, const struct heap *heap, const struct collection *garbage,
                node n)
{
    uint64_t size = heap_size(heap, n);
    unsigned gen = heap->gen[n];
    tally->bytes += heap_own(heap, n);
    tally->gen[gen < GEN_NONE ? gen : GEN_NONE]++;
    tally->garbage += collect_is_unreachable(garbage, n);
    if (!tally->count++ || size > tally->largest_size) {
        tally->largest_size = size;
        tally->largest_node = n;
    }
}

// --- writing ------------------------------------------------------------------------------------

static void tallies_put(struct text *to, const struct heap *heap, const struct tallies *tallies)
{
    record_put(to, tallies->count);
    for (size_t i = 0; i < tallies->count; i++) {
        const struct tally *row = &tallies->rows[i];
        record_put(to, row->count);
        record_put(to, row->bytes);
        record_put(to, row->garbage);
        for (int g = 0; g <= GEN_NONE; g++)
            record_put(to, row->gen[g]);
        record_put(to, row->largest_size);
        record_put(to, row->count ? heap_addr(heap, row->largest_node) : 0);
    }
}

void tallies_write(const struct heap *heap, const struct collection *garbage, struct store_out *out)
{
    struct tallies tallies = { .count = heap_type_count(heap) };
    struct text text = TEXT_INIT;
    // Tallies would hide that a heap is incomplete: answers take that from the heap itself.
    if (!heap_is_whole(heap) || !(tallies.rows = calloc(tallies.count + 1, sizeof *tallies.rows)))
        return;
    for (node n = 0; n < heap->node_count; n++)
        tally_node(&tallies.rows[heap_type(heap, n)], heap, garbage, n);
    tallies_put(&text, heap, &tallies);
    store_put_text(out, SECTION, &text);
    text_fini(&text);
    tallies_fini(&tallies);
}

// --- reading ------------------------------------------------------------------------------------

static void tallies_take_row(struct record *from, struct tally *row)
{
    uint64_t found = 0;
    row->count = record_number(from);
    row->bytes = record_number(from);
    row->garbage = record_number(from);
    for (int g = 0; g <= GEN_NONE; g++) {
        row->gen[g] = record_number(from);
        from->bad |= row->gen[g] > row->count - found;
        found += row->gen[g];
    }
    row->largest_size = record_number(from);
    row->largest = record_number(from);
    from->bad |= found != row->count || row->garbage > row->count || row->count > CSR_NODE_MAX;
}

bool tallies_restore(struct tallies *tallies, const struct python *py, struct store *store,
                     struct err *err)
{
    void *bytes;
    size_t size;
    *tallies = (struct tallies){ .garbage_known = true };
    if (!store_has(store, SECTION))
        return err_set(err, ERR_NOT_FOUND, "the heap was saved without its counts");
    if (!store_load(store, SECTION, SECTION_MAX, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    size_t count = record_count(&from, ROW_LEAST);
    tallies->rows = calloc(count + 1, sizeof *tallies->rows);
    for (; tallies->rows && tallies->count < count && !from.bad; tallies->count++)
        tallies_take_row(&from, &tallies->rows[tallies->count]);
    free(bytes);
    from.bad |= count > type_count(py->types);
    if (tallies->rows && !from.bad)
        return true;
    bool ok = tallies->rows ? store_strange(err, "its counts make no sense")
                            : err_memory(err, "the table of types");
    tallies_fini(tallies);
    return ok;
}
