// SPDX-License-Identifier: GPL-3.0-or-later
// Filling the arrays, once nodes are numbered: see fill.h.
//
// Objects are divided into parts of about equally many, which threads fill beside one another. A part
// has a heap of its own: the arrays by node are the whole's, of which it writes its nodes; counts and
// edges are its own, and are put together in the order of the parts.
#include "heap/build/fill.h"

#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "base/vec.h"
#include "heap/build/parts.h"
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
static const struct address_map_chunk *chunk_of(const struct address_map *addresses, uint64_t ref)
{
    const struct address_map_chunk *c = address_map_chunk(addresses, ref);
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
    const struct address_map *addresses = &fill->heap->addresses;
    const struct address_map_chunk *chunks[LOOK_AHEAD];
    uint32_t ended = 0;
    size_t count = refs->count;
    if (!csr_reserve(&fill->heap->forward, count, fill->err)) {
        fill->failed = true;
        count = 0;
    }
    for (size_t i = 0; i < count && i < LOOK_AHEAD; i++)
        chunks[i] = chunk_of(addresses, refs->to[i]);
    for (size_t i = 0; i < count; i++) {
        const struct address_map_chunk *c = chunks[i % LOOK_AHEAD];
        if (i + LOOK_AHEAD < count)
            chunks[i % LOOK_AHEAD] = chunk_of(addresses, refs->to[i + LOOK_AHEAD]);
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
        if (address_map_node(&heap->addresses, refs->to[i] & ~(addr)REF_FLAGS) != NODE_NONE)
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
    const struct address_map_chunk *c = walk->addresses->chunks[walk->chunk];
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

// --- in parts
// ----------------------------------------------------------------------------------------

struct fill_part {
    struct heap heap; // the whole's arrays by node; own counts, own edges
    struct python_reader reader;
    node first, end;
    uint64_t left; // words that its decoders may look at: as many as all parts together
    bool denied;   // ... which were too few once
    struct err err;
    bool good;
};

struct filling {
    struct heap *heap;
    const struct jail_queue *ask;
    struct fill_part *parts;
    uint64_t words; // that all decoders together may look at
    struct pool_progress shared;
};

static bool fill_goes_on(struct filling *filling, const struct fill_part *part, node done)
{
    return done % PROGRESS_EVERY
           || pool_goes_on(&filling->shared, (unsigned)(part - filling->parts), done);
}

static bool fill_each(struct filling *filling, struct fill_part *part, struct fill *fill,
                      struct refs *refs)
{
    struct address_map_walk walk;
    address_map_begin_at(&walk, &part->heap.addresses, part->first);
    while (walk.node + 1 != part->end && address_map_next(&walk))
        if (!fill_one(fill, &walk, refs)
            || !fill_goes_on(filling, part, walk.node - part->first + 1))
            return false;
    add_edges(refs);
    return !fill->failed;
}

static void fill_part_run(void *context, unsigned number, UNUSED unsigned count)
{
    struct filling *filling = context;
    struct fill_part *part = &filling->parts[number];
    uint64_t room[REFS_ROOM];
    struct fill fill = { .heap = &part->heap, .ask = filling->ask, .err = &part->err };
    struct refs refs = {
        .to = room, .capacity = REFS_ROOM, .left = &part->left, .full = add_edges, .context = &fill
    };
    part->good = fill_each(filling, part, &fill, &refs);
    part->denied = refs.denied;
}

static bool fill_part_begin(struct filling *filling, struct fill_part *part, node first, node end,
                            struct err *err)
{
    struct heap *heap = &part->heap;
    uint32_t count = end - first;
    bool shares = filling->shared.parts > 1;
    *part = (struct fill_part){ .first = first, .end = end, .left = filling->words };
    *heap = *filling->heap;
    heap->large = NULL;
    heap->large_count = heap->large_room = 0;
    heap->bytes = heap->dropped = heap->outside = 0;
    memset(heap->evidence, 0, sizeof heap->evidence);
    heap->forward = (struct csr){ 0 };
    if (shares && !python_reader_open(&part->reader, filling->heap->py))
        return err_memory(err, "the objects");
    heap->py = shares ? &part->reader.py : filling->heap->py;
    return csr_begin_piece(&filling->heap->forward, first, count, (uint64_t)count + count / 2,
                           &heap->forward, err);
}

static bool fill_begin(struct filling *filling, struct err *err)
{
    uint32_t nodes = filling->heap->node_count;
    uint32_t blocks = nodes / filling->shared.parts >> CSR_BLOCK_SHIFT;
    node first = 0;
    for (unsigned i = 0; i < filling->shared.parts; i++) {
        node end = i + 1 < filling->shared.parts ? first + (blocks << CSR_BLOCK_SHIFT) : nodes;
        if (!fill_part_begin(filling, &filling->parts[i], first, end, err))
            return false;
        first = end;
    }
    return true;
}

// Whether the parts did what one thread would have done: nobody met a type that was not known, and
// the words that decoders may look at were enough for all.
static bool fill_holds(const struct filling *filling)
{
    uint64_t looked = 0;
    bool holds = true;
    for (unsigned i = 0; i < filling->shared.parts; i++) {
        const struct fill_part *part = &filling->parts[i];
        holds = holds && !part->denied && !python_reader_missed(&part->reader);
        looked += filling->words - part->left;
    }
    return holds && looked <= filling->words;
}

static bool fill_add_part(struct heap *heap, struct fill_part *part, struct err *err)
{
    const struct heap *from = &part->heap;
    heap->bytes += from->bytes;
    heap->dropped += from->dropped;
    heap->outside += from->outside;
    for (size_t i = 0; i < sizeof heap->evidence / sizeof *heap->evidence; i++)
        heap->evidence[i] += from->evidence[i];
    if (!from->large_count)
        return true;
    if (!vec_grow(&heap->large, &heap->large_room, heap->large_count + from->large_count,
                  sizeof *heap->large, err))
        return false;
    memcpy(heap->large + heap->large_count, from->large, from->large_count * sizeof *from->large);
    heap->large_count += from->large_count;
    return true;
}

static bool fill_join(struct filling *filling, struct err *err)
{
    struct heap *heap = filling->heap;
    struct csr pieces[POOL_MOST];
    bool good = true;
    if (atomic_load(&filling->shared.stopped))
        return err_set(err, ERR_CANCELLED, "reading references was cancelled");
    for (unsigned i = 0; good && i < filling->shared.parts; i++) {
        struct fill_part *part = &filling->parts[i];
        if (!part->good)
            *err = part->err;
        good = part->good && fill_add_part(heap, part, err);
        if (good && filling->shared.parts > 1)
            python_reader_add(&part->reader, heap->py);
    }
    for (unsigned i = 0; good && i < filling->shared.parts; i++) {
        pieces[i] = filling->parts[i].heap.forward;
        filling->parts[i].heap.forward = (struct csr){ 0 };
    }
    return good && csr_join(&heap->forward, pieces, filling->shared.parts, err);
}

static void fill_end(struct filling *filling)
{
    for (unsigned i = 0; i < filling->shared.parts; i++) {
        struct fill_part *part = &filling->parts[i];
        csr_drop_piece(&part->heap.forward);
        free(part->heap.large);
        if (filling->shared.parts > 1)
            python_reader_close(&part->reader);
    }
}

// Fills in so many parts. *again: they were too many, do it alone.
static bool fill_in_parts(struct filling *filling, unsigned count, bool *again, struct err *err)
{
    filling->shared.parts = count;
    filling->parts = calloc(count, sizeof *filling->parts);
    if (!filling->parts)
        return err_memory(err, "the objects");
    bool good = fill_begin(filling, err);
    if (good)
        pool_run(count, fill_part_run, filling);
    *again = good && count > 1 && !atomic_load(&filling->shared.stopped) && !fill_holds(filling);
    good = good && !*again && fill_join(filling, err);
    fill_end(filling);
    free(filling->parts);
    return good;
}

bool fill_all(struct heap *heap, struct scan *scan, const struct progress *progress,
              struct err *err)
{
    struct filling filling = {
        .heap = heap,
        .ask = &scan->ask,
        .words = kind_words_most(heap->py),
        .shared = { .progress = progress, .phase = "reading references", .total = heap->node_count }
    };
    bool again = false;
    return csr_begin(&heap->forward, heap->node_count, 0, err)
           && (fill_in_parts(&filling, heap_parts(heap), &again, err)
               || (again && fill_in_parts(&filling, 1, &again, err)));
}
