// SPDX-License-Identifier: GPL-3.0-or-later
// collecting: a collection was running; what it found unreachable is about to be freed.
#include "finding/finder.h"
#include "heap/analysis/doom.h"

struct collecting_found {
    uint64_t objects, bytes;
    node largest;
};

static struct collecting_found collecting_count(const struct finder *f, const struct dooms *dooms)
{
    struct collecting_found found = { .largest = NODE_NONE };
    for (node n = 0; n < f->heap->node_count; n++) {
        if (f->heap->gen[n] != GEN_NONE || doom_of(dooms, n) < DOOM_UNREACHABLE)
            continue;
        found.objects++;
        found.bytes += heap_own(f->heap, n);
        if (found.largest == NODE_NONE || heap_size(f->heap, n) > heap_size(f->heap, found.largest))
            found.largest = n;
    }
    return found;
}

static bool collecting_find(struct finder *f, struct err *err)
{
    struct dooms dooms;
    dooms_open(&dooms, f->heap);
    if (!dooms.collecting)
        return true;
    struct collecting_found found = collecting_count(f, &dooms);
    if (!found.objects)
        return true;
    bool sure = !f->py->rules.incremental;
    const struct finding finding = {
        .severity = SEVERITY_INFO,
        .bytes = found.bytes,
        .objects = found.objects,
        .object = found.largest,
        .what = finder_text(f, "a collection was running: %s (%s) %s on a list of its own",
                            finder_plural(f, found.objects, "object"), finder_size(f, found.bytes),
                            text_plural(found.objects, "is", "are")),
        .why = finder_text(f,
                           "%s; finalizers and weak references' callbacks run before they are "
                           "cleared: `threads` shows where",
                           sure ? "they had been found unreachable, and are being destroyed"
                                : "some of them had been found unreachable"),
        .next = "threads",
    };
    return finder_add(f, &finding, err);
}

const struct finding_kind finding_collecting = {
    .name = "collecting",
    .help = "a collection that was running, and what it was about to destroy",
    .find = collecting_find,
};
