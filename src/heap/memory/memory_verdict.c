// SPDX-License-Identifier: GPL-3.0-or-later
// Saying what memory is: see memory_verdict.h.
#include "heap/memory/memory_verdict.h"

#include <string.h>

#include "base/text.h"
#include "heap/memory/pinned_arenas.h"

#define KINDS_MOST 32
#define KINDS_SHOWN 3
#define WORTH 20 // a kind is named if it has at least one part in 20 of the total
#define LEAST (UINT64_C(1) << 20)

struct verdict_kind {
    const char *kind;
    uint64_t bytes, count;
};

struct verdict_kinds {
    struct verdict_kind rows[KINDS_MOST];
    size_t count;
    uint64_t total;
};

static void verdict_count(struct verdict_kinds *kinds, const struct memory *m, bool known)
{
    kinds->total = known ? m->total.resident : m->total.bytes;
    for (size_t i = 0; i < m->row_count; i++) {
        const struct memory_row *row = &m->rows[i];
        size_t k = 0;
        while (k < kinds->count && strcmp(kinds->rows[k].kind, row->kind))
            k++;
        if (k == KINDS_MOST)
            continue;
        if (k == kinds->count)
            kinds->rows[kinds->count++] = (struct verdict_kind){ row->kind, 0, 0 };
        kinds->rows[k].bytes += known ? row->resident : row->bytes;
        kinds->rows[k].count += row->count;
    }
}

static struct verdict_kind verdict_kind(const struct verdict_kinds *kinds, const char *name)
{
    for (size_t k = 0; k < kinds->count; k++)
        if (!strcmp(kinds->rows[k].kind, name))
            return kinds->rows[k];
    return (struct verdict_kind){ name, 0, 0 };
}

// "malloc in use 31.9 MiB, python objects 27.8 MiB", the largest first.
static void verdict_add_largest(const struct verdict_kinds *kinds, struct text *out)
{
    bool shown[KINDS_MOST] = { false };
    for (size_t n = 0; n < KINDS_SHOWN; n++) {
        size_t best = KINDS_MOST;
        for (size_t k = 0; k < kinds->count; k++)
            if (!shown[k] && (best == KINDS_MOST || kinds->rows[k].bytes > kinds->rows[best].bytes))
                best = k;
        if (best == KINDS_MOST || kinds->rows[best].bytes * WORTH < kinds->total)
            return;
        shown[best] = true;
        text_add_string(out, n ? ", " : ": ");
        text_add_string(out, kinds->rows[best].kind);
        text_add_char(out, ' ');
        text_add_size(out, kinds->rows[best].bytes);
    }
}

static bool verdict_is_worth(const struct verdict_kinds *kinds, uint64_t bytes)
{
    return bytes >= LEAST && bytes * WORTH >= kinds->total;
}

bool memory_verdict_find(struct memory_verdict *verdict, const struct memory *m,
                         const struct heap *heap, const struct block_owners *blocks,
                         struct text *sentence)
{
    struct err none = ERR_INIT;
    struct verdict_kinds kinds = { 0 };
    struct pinned_arenas pins;
    *verdict = (struct memory_verdict){ .known = m->residence.known };
    verdict_count(&kinds, m, verdict->known);
    verdict->objects = verdict_kind(&kinds, "python objects").bytes;
    verdict->python_free =
        verdict_kind(&kinds, "pymalloc free").bytes + verdict_kind(&kinds, "mimalloc free").bytes;
    verdict->malloc_used = verdict_kind(&kinds, "malloc in use").bytes;
    verdict->malloc_free = verdict_kind(&kinds, "malloc free").bytes;
    verdict->stacks = verdict_kind(&kinds, "stack").bytes;
    verdict->stack_count = verdict_kind(&kinds, "stack").count;
    if (pinned_arenas_find(&pins, heap, NULL, &none)) {
        verdict->pinned = pins.sparse_bytes - pins.sparse_used;
        pinned_arenas_free(&pins);
    }
    text_add_size(sentence, kinds.total);
    text_add_string(sentence, verdict->known ? " in memory" : " mapped");
    verdict_add_largest(&kinds, sentence);
    if (m->glibc.shape && verdict->known && verdict_is_worth(&kinds, m->trim)) {
        text_add_string(sentence, "; malloc_trim(0) would give back ");
        text_add_size(sentence, m->trim);
    }
    if (verdict_is_worth(&kinds, verdict->pinned)) {
        text_add_string(sentence, "; nearly empty arenas of Python's keep ");
        text_add_size(sentence, verdict->pinned);
    }
    if (blocks && verdict_is_worth(&kinds, blocks->bytes[BLOCK_LOST])) {
        text_add_string(sentence, "; nothing points at ");
        text_add_size(sentence, blocks->bytes[BLOCK_LOST]);
        text_add_string(sentence, " of malloc's blocks");
    }
    return !sentence->failed;
}
