// SPDX-License-Identifier: GPL-3.0-or-later
// Filling the arrays, once nodes are numbered: see fill.h.
#include "heap/build/fill.h"

#include "py/runtime/gc.h"
#include "py/kinds/kind.h"
#include "py/read.h"
#include "py/objects/type.h"

#define REFS_ROOM 4096
#define PROGRESS_EVERY 65536
#define ADD_AT 1024   // so many references, or objects, are gathered before edges are made of them,
#define LOOK_AHEAD 16 // how many references ahead a node's number is prefetched

struct fill {
    struct heap *heap;
    const struct jail_queue *ask;
    uint32_t ends[ADD_AT]; // where the references of each gathered object end
    uint32_t end_count;
    const struct jail_queue_answer *answer; // the jail's, for the current object: the decoder's
                                            // references only count where they hold
    bool outside;                           // ... which is none of the collector's
    addr type_at;                           // of the current object
    struct err *err;
    bool failed;
};

static bool visits(const struct fill *fill, const struct jail_queue_answer *answer, addr to)
{
    for (uint32_t i = 0; i < answer->count; i++)
        if (fill->ask->refs[answer->first + i] == to)
            return true;
    return false;
}

// The reference to the type is held once, whether it is visited or not.
static bool is_told(const struct fill *fill, uint64_t ref)
{
    addr to = ref & ~(addr)REF_FLAGS;
    return !(ref & REF_HOLDS) || (to == fill->type_at && visits(fill, fill->answer, to));
}

static uint32_t edge_flags(uint64_t ref)
{
    return (ref & REF_HOLDS ? EDGE_HOLDS : 0) | (ref & REF_BORROWED ? EDGE_BORROWED : 0);
}

// The chunk of a reference: its part of the map may be anywhere in memory, and is prefetched.
static const struct address_map_chunk *chunk_of(const struct address_map *place, uint64_t ref)
{
    const struct address_map_chunk *c = address_map_chunk(place, ref);
    if (c)
        address_map_prefetch(c, address_map_bit(ref));
    return c;
}

static void fill_add_edge(struct fill *fill, const struct address_map_chunk *c, uint64_t ref)
{
    struct heap *heap = fill->heap;
    if (fill->answer && is_told(fill, ref))
        return;
    node to = c ? address_map_number_of(c, address_map_bit(ref)) : NODE_NONE;
    if (to == NODE_NONE)
        heap->dropped++;
    else
        heap->forward.to[heap->forward.edge_count++] = to | edge_flags(ref);
}

static void end_nodes(struct fill *fill, uint32_t *ended, size_t at)
{
    for (; *ended < fill->end_count && fill->ends[*ended] == at; ++*ended)
        fill->failed = !csr_end_node(&fill->heap->forward, fill->err) || fill->failed;
}

// refs->full: turns addresses into edges, for the gathered objects and the current one.
static void add_edges(struct refs *refs)
{
    struct fill *fill = refs->context;
    const struct address_map *place = &fill->heap->place;
    const struct address_map_chunk *chunks[LOOK_AHEAD];
    uint32_t ended = 0;
    size_t count = refs->count;
    if (!csr_reserve(&fill->heap->forward, count, fill->err)) {
        fill->failed = true;
        count = 0;
    }
    for (size_t i = 0; i < count && i < LOOK_AHEAD; i++)
        chunks[i] = chunk_of(place, refs->to[i]);
    for (size_t i = 0; i < count; i++) {
        const struct address_map_chunk *c = chunks[i % LOOK_AHEAD];
        if (i + LOOK_AHEAD < count)
            chunks[i % LOOK_AHEAD] = chunk_of(place, refs->to[i + LOOK_AHEAD]);
        end_nodes(fill, &ended, i);
        fill_add_edge(fill, c, refs->to[i]);
    }
    end_nodes(fill, &ended, count);
    refs->count = fill->end_count = 0;
}

static void drop_dead_guesses(const struct heap *heap, struct refs *refs)
{
    size_t kept = 0;
    for (size_t i = 0; i < refs->count; i++)
        if (address_map_node(&heap->place, refs->to[i] & ~(addr)REF_FLAGS) != NODE_NONE)
            refs->to[kept++] = refs->to[i];
    refs->count = kept;
}

// The jail's answer, in the function's own order.
static void add_answer(struct fill *fill, const struct jail_queue_answer *answer, struct refs *refs)
{
    for (uint32_t i = 0; i < answer->count; i++)
        refs_put(refs, fill->ask->refs[answer->first + i] | (answer->outside ? REF_HOLDS : 0),
                 REF_OFFSET, 0);
    add_edges(refs);
}

// For an object that the jail was asked about: its answer, then what the decoder knows to be held
// besides.
static enum evidence add_answered(struct fill *fill, const struct type *type, addr at,
                                  struct refs *refs)
{
    const struct jail_queue_answer *answer =
        jail_queue_teller(fill->ask, type, type->kind && !type->kind->unsure) == TELLER_JAIL
            ? jail_queue_answer(fill->ask, at)
            : NULL;
    add_edges(refs);
    if (answer)
        add_answer(fill, answer, refs);
    fill->outside = answer && answer->outside;
    fill->type_at = type->at;
    fill->answer = answer;
    bool decoded = kind_refs(fill->heap->py, type, at, refs);
    if (!decoded && !answer)
        drop_dead_guesses(fill->heap, refs);
    add_edges(refs);
    fill->answer = NULL;
    if (answer)
        return decoded ? EVIDENCE_DISPUTED : EVIDENCE_TRAVERSED;
    return decoded ? EVIDENCE_DECODED : EVIDENCE_GUESSED;
}

static enum evidence fill_edges(struct fill *fill, const struct type *type, addr at,
                                struct refs *refs)
{
    fill->outside = false;
    if (jail_queue_teller(fill->ask, type, type->kind && !type->kind->unsure) != TELLER_DECODER)
        return add_answered(fill, type, at, refs);
    return kind_refs(fill->heap->py, type, at, refs) ? EVIDENCE_DECODED : EVIDENCE_GUESSED;
}

static void end_object(struct fill *fill, struct refs *refs)
{
    fill->ends[fill->end_count++] = (uint32_t)refs->count;
    if (fill->end_count == ADD_AT || refs->count >= ADD_AT)
        add_edges(refs);
}

static uint8_t header_flags(const struct python *py, const struct type *type, addr at,
                            const uint8_t *o)
{
    uint8_t flags = 0;
    if (type->is_gc && object_is_gc(py, type, o)) {
        flags |= NODE_GC;
        if (gc_is_finalized(py, at))
            flags |= NODE_FINALIZED;
    }
    bool immortal = false;
    if (py->rules.immortal || py->rules.free_threaded)
        gc_stored_refcount(py, o, &immortal);
    return immortal ? flags | NODE_IMMORTAL : flags;
}

static bool fill_node(struct heap *heap, node n, const struct type *type, addr at, uint8_t flags,
                      struct err *err)
{
    if (heap->type16 && type->index > UINT16_MAX) // the type was found after the arrays were sized
        return err_set(err, ERR_READ, "memory changed while the heap was being read");
    uint64_t size = type->size ? type->size : kind_size(heap->py, type, at);
    uint64_t counted = type->shares ? kind_counted(heap->py, type, at) : 0;
    if (heap->type16)
        heap->type16[n] = (uint16_t)type->index;
    else
        heap->type32[n] = type->index;
    heap->gen[n] = GEN_NONE;
    heap->flags[n] = flags;
    return heap_set_size(heap, n, size, counted < size ? size - counted : size, err);
}

static bool fill_one(struct fill *fill, const struct address_map_walk *walk, struct refs *refs)
{
    struct heap *heap = fill->heap;
    const struct python *py = heap->py;
    const uint8_t *o = VIEW(py, walk->at, PyObject);
    const struct type *type = o ? type_at(py, LOAD_TYPE(py, o)) : NULL;
    if (!type) // it was readable a moment ago: a live target has changed
        return err_set(fill->err, ERR_READ, "memory changed while the heap was being read");
    const struct address_map_chunk *c = walk->place->chunks[walk->chunk];
    uint8_t flags = header_flags(py, type, walk->at, o);
    if (chunk_has(c->visited, address_map_bit(walk->at)))
        flags |= NODE_VISITED;
    if (!type->is_leaf) {
        flags |= (uint8_t)fill_edges(fill, type, walk->at, refs);
        if (fill->outside) {
            flags &= (uint8_t)~NODE_GC;
            heap->outside++;
        }
        if (flags & NODE_GC)
            heap->evidence[flags & NODE_EVIDENCE]++;
    }
    end_object(fill, refs);
    return !fill->failed && fill_node(heap, walk->node, type, walk->at, flags, fill->err);
}

static bool fill_each(struct fill *fill, struct refs *refs, const struct progress *progress)
{
    struct heap *heap = fill->heap;
    struct address_map_walk walk;
    for (address_map_begin(&walk, &heap->place); address_map_next(&walk);) {
        if (!fill_one(fill, &walk, refs))
            return false;
        if (walk.node % PROGRESS_EVERY == 0
            && !progress_step(progress, "reading references", walk.node, heap->node_count))
            return err_set(fill->err, ERR_CANCELLED, "reading references was cancelled");
    }
    add_edges(refs);
    return !fill->failed;
}

bool fill_all(struct heap *heap, struct scan *scan, const struct progress *progress,
              struct err *err)
{
    uint64_t room[REFS_ROOM];
    struct fill fill = { .heap = heap, .ask = &scan->ask, .err = err };
    uint64_t left = kind_words_most(heap->py);
    struct refs refs = {
        .to = room, .capacity = REFS_ROOM, .left = &left, .full = add_edges, .context = &fill
    };
    return csr_begin(&heap->forward, heap->node_count,
                     (uint64_t)heap->node_count + heap->node_count / 2, err)
           && fill_each(&fill, &refs, progress) && csr_finish(&heap->forward, err);
}
