// SPDX-License-Identifier: GPL-3.0-or-later
// Savings: see saving.h.
#include "finding/saving.h"

#include <ctype.h>
#include <string.h>

#include "base/names.h"
#include "heap/names/edge.h"

#define PLACES_MAX 64
#define LARGE 4096 // a holder with more references is not read again for a name
#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)

static const struct {
    unsigned percent;
    uint64_t bytes;
} least[] = {
    [SEVERITY_HIGH] = { 60, 64 * MIB }, // no leak, but most of the memory is wasted
    [SEVERITY_MEDIUM] = { 30, 4 * MIB },
    [SEVERITY_LOW] = { 12, 2 * MIB },
    [SEVERITY_INFO] = { 3, 256 * KIB },
};

bool saving_matters(const struct finder *f, uint64_t bytes, enum severity *severity)
{
    for (int i = 0; i < SEVERITY_COUNT; i++)
        if (bytes >= least[i].bytes && bytes >= f->heap->bytes / 100 * least[i].percent) {
            *severity = (enum severity)i;
            return true;
        }
    return false;
}

uint64_t saving_least(const struct finder *f)
{
    uint64_t share = f->heap->bytes / 100 * least[SEVERITY_INFO].percent;
    return share > least[SEVERITY_INFO].bytes ? share : least[SEVERITY_INFO].bytes;
}

// --- where they are held ------------------------------------------------------------------------

// The object whose attributes the dict is, or NODE_NONE.
static node saving_owner_of(const struct finder *f, node dict)
{
    const struct csr *reverse = &f->heap->reverse;
    if (!(finder_roles(f, dict) & ROLE_DICT) || csr_first(reverse, dict) == csr_end(reverse, dict))
        return NODE_NONE;
    node from = reverse->to[csr_first(reverse, dict)] & EDGE_NODE;
    return heap_referent(f->heap, from, ".__dict__") == dict ? from : NODE_NONE;
}

// In an instance's dict "['status']" becomes ".status"; the index of an item is left out.
static void saving_add_edge(const char *edge, bool is_attribute, struct text *out)
{
    size_t size = strlen(edge);
    if (is_attribute && size > 4 && !strncmp(edge, "['", 2)) {
        text_add_char(out, '.');
        text_add(out, edge + 2, size - 4);
    } else if (*edge == '[' && (isdigit((unsigned char)edge[1]) || edge[1] == '<')) {
        text_add_string(out, "[...]");
    } else {
        text_add_string(out, *edge == '.' || *edge == '[' ? "" : " ");
        text_add_string(out, strncmp(edge, "key ", 4) ? edge : "keys");
    }
}

static void saving_add_place(struct finder *f, node n, struct text *out)
{
    const struct csr *reverse = &f->heap->reverse, *forward = &f->heap->forward;
    if (csr_first(reverse, n) == csr_end(reverse, n))
        return;
    node from = reverse->to[csr_first(reverse, n)] & EDGE_NODE;
    node owner = saving_owner_of(f, from);
    text_add_string(out, finder_type_name(f, owner == NODE_NONE ? from : owner));
    struct heap_edges edges = { 0 };
    if (csr_end(forward, from) - csr_first(forward, from) > LARGE)
        text_add_string(out, "[...]");
    else if (finder_edges(f, from, n, &edges))
        saving_add_edge(heap_edge_name(&edges, 0), owner != NODE_NONE, out);
    heap_edges_fini(&edges);
}

const char *saving_place(struct finder *f, const node *nodes, size_t count)
{
    struct names names = NAMES_INIT;
    struct text text = TEXT_INIT;
    uint32_t votes[PLACES_MAX] = { 0 }, index;
    const char *kept, *best = "";
    for (size_t i = 0; i < count; i++) {
        text_clear(&text);
        saving_add_place(f, nodes[i], &text);
        if (!text.size || !names_intern(&names, text.data, text.size, &index, &kept, NULL)
            || index >= PLACES_MAX)
            continue;
        if (2 * ++votes[index] >= count && !*best)
            best = finder_text(f, "%s", kept);
    }
    names_fini(&names);
    text_fini(&text);
    return best;
}

static uint64_t bytes_of(const struct finder *f, uint32_t roles)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < heap_type_count(f->heap); i++)
        if (f->types[i].roles & roles)
            bytes += f->types[i].bytes;
    return bytes;
}

bool saving_by_sharing(struct finder *f, enum duplicates_what what, uint32_t roles,
                       bool (*add)(struct finder *f, const struct duplicates *same,
                                   enum severity severity, struct err *err),
                       struct err *err)
{
    struct duplicates same;
    enum severity severity;
    if (bytes_of(f, roles) < saving_least(f))
        return true;
    if (!finder_need_paths(f, err) || !duplicates_find(&same, f, what, err))
        return false;
    bool ok = !saving_matters(f, same.bytes, &severity) || add(f, &same, severity, err);
    duplicates_free(&same);
    return ok;
}
