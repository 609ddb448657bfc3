// SPDX-License-Identifier: GPL-3.0-or-later
// Counting objects by type while they are being found: see tally.h.
#include "heap/build/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/kinds/kind.h"
#include "py/objects/type.h"

static struct tally *tally_row_of(struct tallies *tallies, uint32_t type)
{
    if (type < tallies->count)
        return &tallies->rows[type];
    size_t before = tallies->room;
    if (!vec_grow(&tallies->rows, &tallies->room, type + (size_t)1, sizeof *tallies->rows, NULL)) {
        tallies->failed = true;
        return NULL;
    }
    memset(tallies->rows + before, 0, (tallies->room - before) * sizeof *tallies->rows);
    tallies->count = tallies->room;
    return &tallies->rows[type];
}

void tally_add(struct tallies *tallies, const struct python *py, const struct type *type, addr at,
               bool tracked)
{
    struct tally *tally = tally_row_of(tallies, type->index);
    if (!tally)
        return;
    uint64_t size = type->size ? type->size : kind_size(py, type, at);
    tally->bytes += size;
    if (type->shares)
        tally->bytes -= kind_counted(py, type, at);
    tally->tracked += tracked;
    if (!tally->count++ || size > tally->largest_size
        || (size == tally->largest_size && at < tally->largest)) {
        tally->largest_size = size;
        tally->largest = at;
    }
}

static void count_list(struct tallies *tallies, const struct python *py, const struct lists *lists,
                       const struct list *list, int gen)
{
    for (uint32_t block = list->first; block; block = lists->blocks[block].next)
        for (uint32_t i = 0; i < lists->blocks[block].used; i++) {
            const struct type *type = type_of(py, list_objects(lists, block)[i]);
            if (type && type->index < tallies->count)
                tallies->rows[type->index].gen[gen]++;
        }
}

// The list that is not walked: what is on no other list is on this one.
static const struct list *longest_list(const struct python *py, const struct lists *lists, int *gen)
{
    const struct list *longest = NULL;
    size_t most = 0;
    for (size_t i = 0; i < py->interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++) {
            size_t count = list_count(lists, &lists->rows[i][g]);
            if (count > most) {
                most = count;
                longest = &lists->rows[i][g];
                *gen = g;
            }
        }
    return longest;
}

void tally_generations(struct tallies *tallies, const struct python *py, const struct lists *lists)
{
    int rest = GEN_0;
    const struct list *longest = longest_list(py, lists, &rest);
    for (size_t i = 0; i < py->interpreter_count; i++)
        for (int g = 0; g < GEN_COUNT; g++)
            if (&lists->rows[i][g] != longest)
                count_list(tallies, py, lists, &lists->rows[i][g], g);
    for (size_t i = 0; i < tallies->count; i++) {
        struct tally *tally = &tallies->rows[i];
        uint64_t elsewhere = 0;
        for (int g = 0; g < GEN_COUNT; g++)
            elsewhere += tally->gen[g];
        tally->gen[rest] += tally->tracked - elsewhere;
        tally->gen[GEN_NONE] = tally->count - tally->tracked;
    }
}

void tallies_fini(struct tallies *tallies)
{
    free(tallies->rows);
    *tallies = (struct tallies){ 0 };
}
