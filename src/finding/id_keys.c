// SPDX-License-Identifier: GPL-3.0-or-later
// id-keys: dicts whose keys are ids of objects: an entry stays when its object goes, and another
// object may get the same id.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"
#include "graph/marks.h"
#include "heap/edge.h"

#define ENTRIES_LEAST 100
#define SAMPLE 32

struct ids {
    size_t looked_at, ids, gone; // of the sample
};

// An int's value as far as an address may be; 0: something else.
static addr int_of(const struct finder *f, addr key)
{
    node n = heap_node_of(f->heap, key);
    if (n == NODE_NONE || !(finder_roles(f, n) & ROLE_NUMBER))
        return 0;
    struct text text = TEXT_INIT;
    heap_preview(f->heap, n, 32, &text);
    char *end = NULL;
    addr value = strtoull(text_string(&text), &end, 10);
    bool whole = end && (!*end || !strcmp(end, "L")); // 2.7
    text_fini(&text);
    return whole ? value : 0;
}

static struct ids look_at(const struct finder *f, node dict)
{
    addr keys[SAMPLE], low = heap_addr(f->heap, 0);
    addr high = heap_addr(f->heap, f->heap->node_count - 1);
    struct ids ids = { .looked_at = finder_sample_keys(f, dict, keys, SAMPLE) };
    for (size_t i = 0; i < ids.looked_at; i++) {
        addr value = int_of(f, keys[i]);
        if (value < low || value > high || (value & 7) || value < UINT64_C(1) << 20)
            continue;
        ids.ids++;
        ids.gone += heap_node_of(f->heap, value) == NODE_NONE;
    }
    return ids;
}

static bool tell(struct finder *f, node dict, const struct ids *ids, struct err *err)
{
    enum home home = finder_home(f, dict);
    uint64_t bytes = finder_retained(f, dict), length = finder_length(f, dict);
    enum severity severity = finder_severity(f, bytes, home);
    if (home == HOME_PROGRAM && ids->gone && severity > SEVERITY_LOW)
        severity = SEVERITY_LOW;
    if (!ids->gone && severity == SEVERITY_INFO)
        return true;
    return finder_add(
        f,
        &(struct finding){
            .severity = severity,
            .object = dict,
            .objects = length,
            .bytes = bytes,
            .what = finder_text(f, "%s has %s entries whose keys are ids of objects: %s",
                                finder_name(f, dict), finder_count(f, length),
                                finder_size(f, bytes)),
            .why = finder_text(f, "of %zu keys looked at, %zu are addresses, and at %zu of these "
                                  "there is no object any more: an id does not keep its object, "
                                  "and its entry stays; a weakref.WeakKeyDictionary forgets",
                               ids->looked_at, ids->ids, ids->gone),
            .next = finder_text(f, "referents %s -n 20", finder_word(f, dict)),
        },
        err);
}

static bool find(struct finder *f, struct err *err)
{
    if (!finder_need_ways(f, err))
        return false;
    for (node n = 0; (n = finder_next(f, ROLE_DICT, n)) != NODE_NONE; n++) {
        if (csr_end(&f->heap->forward, n) - csr_first(&f->heap->forward, n) < ENTRIES_LEAST
            || !marks_has(f->roots->only, n) || ways_module(&f->ways, n)
            || finder_length(f, n) < ENTRIES_LEAST)
            continue;
        struct ids ids = look_at(f, n);
        if (ids.looked_at && ids.ids * 10 >= ids.looked_at * 9 && !tell(f, n, &ids, err))
            return false;
    }
    return true;
}

const struct finding_kind finding_id_keys = {
    .name = "id-keys",
    .help = "dicts keyed by id(): entries outlive their objects",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_of_one = true,
    .find = find,
};
