// SPDX-License-Identifier: GPL-3.0-or-later
// Cutting a part out of a graph.
#include "graph/part.h"

#include <stdlib.h>

bool part_desk_init(struct part_desk *desk, uint32_t node_count, struct err *err)
{
    desk->local = calloc((size_t)node_count + 1, sizeof *desk->local);
    return desk->local ? true : err_memory(err, "cutting a graph");
}

void part_desk_fini(struct part_desk *desk)
{
    free(desk->local);
    desk->local = NULL;
}

static uint64_t count_inner(const struct csr *csr, struct walk walk, const uint32_t *members,
                            uint32_t member_count, const struct part_desk *desk)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < member_count; i++) {
        uint64_t end = csr_end(csr, members[i]);
        for (uint64_t e = csr_first(csr, members[i]); e < end; e++)
            count += !(csr->to[e] & walk.skip_mask) && desk->local[csr->to[e] & CSR_NODE];
    }
    return count;
}

static bool copy_inner(const struct csr *csr, struct walk walk, uint32_t member,
                       const struct part_desk *desk, struct part *part, struct err *err)
{
    uint64_t end = csr_end(csr, member);
    for (uint64_t e = csr_first(csr, member); e < end; e++) {
        uint32_t local = desk->local[csr->to[e] & CSR_NODE];
        if (!local || csr->to[e] & walk.skip_mask)
            continue;
        part->edge[part->graph.edge_count] = e;
        if (!csr_add(&part->graph, local - 1, err))
            return false;
    }
    return csr_end_node(&part->graph, err);
}

bool part_cut(const struct csr *csr, struct walk walk, const uint32_t *members,
              uint32_t member_count, struct part_desk *desk, struct part *part, struct err *err)
{
    *part = (struct part){ .members = members };
    for (uint32_t i = 0; i < member_count; i++)
        desk->local[members[i]] = i + 1;
    uint64_t inner = count_inner(csr, walk, members, member_count, desk);
    part->edge = malloc((inner + 1) * sizeof *part->edge);
    bool ok = part->edge ? csr_begin(&part->graph, member_count, inner, err)
                         : err_memory(err, "cutting a graph");
    for (uint32_t i = 0; ok && i < member_count; i++)
        ok = copy_inner(csr, walk, members[i], desk, part, err);
    ok = ok && csr_finish(&part->graph, err);
    for (uint32_t i = 0; i < member_count; i++)
        desk->local[members[i]] = 0;
    if (!ok)
        part_free(part);
    return ok;
}

void part_free(struct part *part)
{
    csr_free(&part->graph);
    free(part->edge);
    *part = (struct part){ 0 };
}
