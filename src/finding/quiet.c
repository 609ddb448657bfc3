// SPDX-License-Identifier: GPL-3.0-or-later
// When containers were last changed: see quiet.h.
#include "finding/quiet.h"

#include "finding/ages.h"
#include "py/objects/dict.h"

#define SINCE_LEAST 10000
#define SINCE_PART 3  // of the changes before: a quarter of all
#define SINCE_TIMES 2 // changes per item
#define ITEMS_MAX 100000

static uint64_t quiet_changed(const struct finder *f, node n)
{
    return dict_last_change(f->py, heap_addr(f->heap, n));
}

static uint64_t quiet_now(struct finder *f)
{
    if (f->has_changes)
        return f->changes;
    f->has_changes = true;
    for (node n = finder_next(f, ROLE_DICT, 0); n != NODE_NONE;
         n = finder_next(f, ROLE_DICT, n + 1)) {
        uint64_t at = quiet_changed(f, n);
        f->changes = at > f->changes ? at : f->changes;
    }
    return f->changes;
}

// When one of a list's dicts was last changed, which cannot be before the last one was added.
static uint64_t quiet_items_changed(const struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    uint64_t last = 0, first = csr_first(forward, n), end = csr_end(forward, n);
    for (uint64_t e = first; e < end && e < first + ITEMS_MAX; e++) {
        node to = forward->to[e] & EDGE_NODE;
        uint64_t at = finder_roles(f, to) & ROLE_DICT ? quiet_changed(f, to) : 0;
        if (!at)
            return 0;
        last = at > last ? at : last;
    }
    return end - first <= ITEMS_MAX ? last : 0;
}

// Whether most changes since then filled dicts that are new, a batch of rows that is being processed:
// that is one step of the program, however many changes it takes.
static bool quiet_is_batch(struct finder *f, node n, uint64_t last, uint64_t since)
{
    uint32_t newest = finder_roles(f, n) & ROLE_DICT ? ages_newest(f, n) : 0;
    uint64_t filled = 0;
    if (!newest)
        return false;
    for (node d = finder_next(f, ROLE_DICT, 0); d != NODE_NONE && filled * 2 < since;
         d = finder_next(f, ROLE_DICT, d + 1))
        if (quiet_changed(f, d) > last && ages_is_newer(f, d, newest))
            filled += finder_length(f, d);
    return filled * 2 >= since;
}

uint64_t quiet_since(struct finder *f, node n)
{
    uint32_t roles = finder_roles(f, n);
    uint64_t last = !f->py->rules.dict_version_step    ? 0
                    : roles & ROLE_DICT                ? quiet_changed(f, n)
                    : roles & (ROLE_LIST | ROLE_DEQUE) ? quiet_items_changed(f, n)
                                                       : 0;
    if (!last)
        return 0;
    uint64_t now = quiet_now(f), since = now > last ? now - last : 0;
    bool is_long = since >= SINCE_LEAST && since >= last / SINCE_PART
                   && since / SINCE_TIMES >= finder_length(f, n);
    return is_long && !quiet_is_batch(f, n, last, since) ? since : 0;
}
