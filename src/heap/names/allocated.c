// SPDX-License-Identifier: GPL-3.0-or-later
// Where objects were allocated: see allocated.h.
#include "heap/names/allocated.h"

#include <stdlib.h>

#include "base/map.h"
#include "py/objects/type.h"

// tracemalloc.get_object_traceback() looks the block up in the same way: by the object's address
// less what the type says precedes it.
static addr block_of(const struct heap *heap, node n)
{
    return heap_addr(heap, n) - type_row(heap->py->types, heap_type(heap, n))->presize;
}

const struct trace *allocated_trace(const struct heap *heap, const struct tracemalloc *tm, node n)
{
    return tracemalloc_at(tm, block_of(heap, n));
}

const struct trace *allocated_next(const struct heap *heap, const struct tracemalloc *tm, node n,
                                   size_t *cursor)
{
    addr block = block_of(heap, n);
    while (*cursor < tm->count && tm->traces[*cursor].at < block)
        ++*cursor;
    bool hit = *cursor < tm->count && tm->traces[*cursor].at == block;
    return hit && !tm->traces[*cursor].domain ? &tm->traces[*cursor] : NULL;
}

static const struct trace_frame *first_frame(const struct tracemalloc *tm,
                                             const struct trace *trace)
{
    return &tm->frames[tm->tracebacks[trace->traceback].first];
}

void allocated_line(const struct tracemalloc *tm, const struct trace *trace, struct text *out)
{
    const struct trace_frame *frame = first_frame(tm, trace);
    text_add_format(out, "%s:%lu", tracemalloc_file(tm, frame->file), (unsigned long)frame->line);
}

// --- groups -------------------------------------------------------------------------------------

static bool allocated_group_of(struct groups *groups, const struct tracemalloc *tm,
                               const struct trace *trace, struct map *known, uint32_t *group,
                               struct err *err)
{
    const struct trace_frame *frame = first_frame(tm, trace);
    uint64_t key = (uint64_t)frame->file << 32 | frame->line;
    *group = map_get(known, key);
    if (*group != MAP_NONE)
        return true;
    struct text name = TEXT_INIT;
    allocated_line(tm, trace, &name);
    bool ok = text_ok(&name, err) && groups_put(groups, text_string(&name), group, err)
              && map_put(known, key, *group, err);
    text_fini(&name);
    return ok;
}

bool allocated_groups(struct groups *groups, const struct heap *heap, const struct tracemalloc *tm,
                      struct err *err)
{
    struct map known = MAP_INIT;
    uint32_t unknown = 0;
    size_t cursor = 0;
    *groups = (struct groups){ .by = GROUP_LINE };
    groups->of = malloc(((size_t)heap->node_count + 1) * sizeof *groups->of);
    bool ok = groups->of ? groups_put(groups, "(not traced)", &unknown, err)
                         : err_memory(err, "groups of objects");
    for (node n = 0; ok && n < heap->node_count; n++) {
        const struct trace *trace = allocated_next(heap, tm, n, &cursor);
        groups->of[n] = unknown;
        ok = !trace || allocated_group_of(groups, tm, trace, &known, &groups->of[n], err);
    }
    map_fini(&known);
    if (!ok)
        groups_fini(groups);
    return ok;
}
