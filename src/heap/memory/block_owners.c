// SPDX-License-Identifier: GPL-3.0-or-later
// Looking for the owners of blocks: see block_owners.h.
//
//   1. all blocks in use, by address; those that have an object in them are the object's
//   2. from each object's own body (not its items: they are objects), then on through the blocks
//      that are reached, breadth first
//   3. from variables of libraries, then from stacks, then from other memory, each on through the
//      blocks that nothing before has reached
//
// The tables of lists, dicts and sets, texts and numbers are not looked through: what they have are
// objects, or no addresses at all.
#include "heap/memory/block_owners.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/load.h"
#include "py/memory/mimalloc.h"
#include "py/memory/pymalloc.h"
#include "py/objects/type.h"

#define SCAN_MAX ((uint64_t)1 << 30) // of one block
#define BODY_MAX 65536               // of one object
#define NEAR 256                     // a pointer to a block points at one of its first bytes
#define SLACK 64                     // a buffer may be rounded up by as much and a quarter

const char *block_how_name(enum block_how how)
{
    static const char *const names[] = { "lost",   "object", "buffer", "reached",
                                         "global", "stack",  "other" };
    return names[how];
}

// --- the blocks ----------------------------------------------------------------------------------

struct block_list {
    const struct heap *heap;
    struct owned_block {
        addr at;
        uint64_t size;
        uint32_t in; // as bytes_in
    } * rows;
    size_t count, room;
};

static bool list_add(struct block_list *list, addr at, uint64_t size, uint32_t in, struct err *err)
{
    if (!vec_grow(&list->rows, &list->room, list->count + 1, sizeof *list->rows, err))
        return false;
    list->rows[list->count++] = (struct owned_block){ at, size, in };
    return true;
}

static bool list_malloc(struct block_list *list, const struct glibc *g, struct err *err)
{
    for (size_t i = 0; i < g->block_count; i++) {
        const struct glibc_block *b = &g->blocks[i];
        enum glibc_state state = glibc_state(b);
        // The last word of a chunk is its neighbour's; a mapped one has none.
        uint64_t size = glibc_size(b) - (state == GLIBC_MAPPED ? 16 : 8);
        if ((state == GLIBC_USED || state == GLIBC_MAPPED)
            && !list_add(list, b->at + GLIBC_HEADER, size, (uint32_t)i, err))
            return false;
    }
    return true;
}

static bool list_has_object(const struct heap *heap, addr block, uint32_t lead)
{
    for (uint32_t head = lead; head <= lead + 32; head += 16)
        if (address_map_node(&heap->place, block + head) != NODE_NONE)
            return true;
    return false;
}

static bool list_pool(struct block_list *list, const struct pymalloc *pm,
                      const struct pymalloc_pool *pool, struct err *err)
{
    addr first = pool->at + (addr)list->heap->py->layout.sizeof_pool_header;
    for (uint32_t b = 0; pool->sound && b < pool->blocks; b++) {
        addr at = first + (addr)b * pool->size;
        if (!(pool->free[b / 64] >> (b % 64) & 1) && !list_has_object(list->heap, at, pm->lead)
            && !list_add(list, at, pool->size, BLOCK_NONE, err))
            return false;
    }
    return true;
}

static bool list_pymalloc(struct block_list *list, struct err *err)
{
    struct pymalloc pm;
    if (!pymalloc_open(&pm, list->heap->py, err))
        return false;
    bool ok = true;
    for (size_t k = 0; ok && pm.known && k < pm.count; k++)
        for (uint32_t i = 0; ok && i < pm.arenas[k].pools; i++) {
            struct pymalloc_pool pool;
            if (pymalloc_pool(&pm, list->heap->py, &pm.arenas[k], i, &pool))
                ok = list_pool(list, &pm, &pool, err);
        }
    pymalloc_close(&pm);
    return ok;
}

static bool list_mimalloc_block(void *context, enum mimalloc_heap kind, addr block,
                                const uint8_t *bytes, uint64_t size)
{
    struct block_list *list = context;
    (void)bytes;
    if (kind != MIMALLOC_MEMORY && list_has_object(list->heap, block, list->heap->py->guards))
        return true;
    return list_add(list, block, size, BLOCK_NONE, NULL);
}

static int list_by_address(const void *a, const void *b)
{
    const struct owned_block *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

static bool list_fill(struct block_list *list, const struct glibc *g, struct err *err)
{
    if (!list_malloc(list, g, err) || !list_pymalloc(list, err))
        return false;
    for (size_t i = 0; i < list->heap->py->interpreter_count; i++)
        if (!mimalloc_each(list->heap->py, i, list_mimalloc_block, list))
            return err_memory(err, "the blocks of memory");
    bool sorted = true;
    for (size_t i = 1; i < list->count && sorted; i++)
        sorted = list->rows[i - 1].at < list->rows[i].at;
    if (!sorted)
        qsort(list->rows, list->count, sizeof *list->rows, list_by_address);
    return true;
}

// Overlaps would be damage: the first one has what two share.
static void owners_take_list(struct block_owners *o, const struct block_list *list)
{
    addr reached = 0;
    for (size_t i = 0; i < list->count && o->count < o->room; i++) {
        const struct owned_block *b = &list->rows[i];
        if (b->at < reached || !b->size || b->at + b->size < b->at)
            continue;
        uint32_t k = o->count++;
        o->rows[k] = (struct block_row){ b->at, b->size };
        o->bytes_in[k] = b->in;
        o->from[k] = BLOCK_NONE;
        o->owner[k] = NODE_NONE;
        reached = b->at + b->size;
    }
}

static bool owners_room(struct block_owners *o, size_t count, struct err *err)
{
    if (count >= BLOCK_NONE)
        return err_set(err, ERR_UNSUPPORTED, "more blocks of memory than ouro can number");
    o->room = (uint32_t)count;
    o->rows = malloc((count + 1) * sizeof *o->rows);
    o->bytes_in = malloc((count + 1) * sizeof *o->bytes_in);
    o->how = calloc(count + 1, 1);
    o->shared = calloc(count + 1, 1);
    o->from = malloc((count + 1) * sizeof *o->from);
    o->word = calloc(count + 1, sizeof *o->word);
    o->owner = malloc((count + 1) * sizeof *o->owner);
    if (o->rows && o->bytes_in && o->how && o->shared && o->from && o->word && o->owner)
        return true;
    return err_memory(err, "the blocks of memory");
}

// Objects that are blocks of malloc themselves.
static void owners_mark_objects(struct block_owners *o)
{
    struct address_map_walk walk;
    for (address_map_begin(&walk, &o->heap->place); address_map_next(&walk);) {
        uint32_t block = block_index_find(&o->index, walk.at);
        if (block == BLOCK_NONE || walk.at - o->rows[block].at > 64)
            continue;
        o->how[block] = BLOCK_OBJECT;
        o->owner[block] = walk.node;
    }
}

// --- words ---------------------------------------------------------------------------------------

static void owners_words(struct block_owners *o, const uint8_t *bytes, addr at, uint64_t size,
                         block_visit *visit, void *context)
{
    for (uint64_t k = (8 - at % 8) % 8; k + 8 <= size; k += 8) {
        uint64_t word = load64(bytes + k);
        uint32_t block = block_index_find(&o->index, word);
        if (block != BLOCK_NONE)
            visit(context, block, at + k, word);
    }
}

static void owners_memory(struct block_owners *o, addr from, addr to, block_visit *visit,
                          void *context)
{
    while (from < to) {
        uint64_t size = target_readable(o->heap->py->target, from, to - from);
        const uint8_t *bytes = size ? target_view(o->heap->py->target, from, size) : NULL;
        if (bytes)
            owners_words(o, bytes, from, size, visit, context);
        from += bytes ? size : MAPPING_PAGE - from % MAPPING_PAGE;
    }
}

void block_owners_of_object(struct block_owners *o, node n, addr at, block_visit *visit,
                            void *context)
{
    const struct python *py = o->heap->py;
    const struct type *type = type_row(py->types, heap_type(o->heap, n));
    uint64_t head = (uint64_t)py->layout.sizeof_PyObject, size = (uint64_t)type->basicsize;
    if (type->flags & (TPFLAGS_LONG_SUBCLASS | TPFLAGS_BYTES_SUBCLASS | TPFLAGS_TUPLE_SUBCLASS)
        && type->itemsize && type->base == py->object_type)
        return;
    size = size < BODY_MAX ? size : BODY_MAX;
    const uint8_t *body = size > head ? target_view(py->target, at, size) : NULL;
    // Of a compact ASCII string what follows its state is text.
    if (type->flags & TPFLAGS_UNICODE_SUBCLASS && py->layout.PyASCIIObject_state >= 0 && body
        && (load32(body + py->layout.PyASCIIObject_state) & 0x60) == 0x60)
        return;
    if (body)
        owners_words(o, body + head, at + head, size - head, visit, context);
    // What lies before it: the dict or values of an instance, and its weak references.
    uint64_t before = type->presize > type->head ? (uint64_t)type->presize - type->head : 0;
    const uint8_t *words = before ? target_view(py->target, at - type->presize, before) : NULL;
    if (words)
        owners_words(o, words, at - type->presize, before, visit, context);
}

void block_owners_of_block(struct block_owners *o, uint32_t block, block_visit *visit,
                           void *context)
{
    const struct block_row *row = &o->rows[block];
    if (o->how[block] == BLOCK_OBJECT || o->how[block] == BLOCK_BUFFER || row->size > SCAN_MAX)
        return;
    owners_memory(o, row->at, row->at + row->size, visit, context);
}

// --- reaching ------------------------------------------------------------------------------------

struct reaching {
    struct block_owners *owners;
    uint32_t *queue;
    uint32_t head, tail;
    enum block_how how;
    node owner;
    uint32_t from;
    uint64_t beside; // bytes that the object counts beside its own body
    bool inside;     // words that point anywhere in a block count, too
};

static bool reaching_is_buffer(const struct reaching *r, uint32_t block, addr to)
{
    const struct block_owners *o = r->owners;
    uint64_t size = o->rows[block].size, least = r->beside > SLACK ? r->beside - SLACK : 1;
    return to - o->rows[block].at <= SLACK && size >= least
           && size <= r->beside + r->beside / 4 + SLACK;
}

static void reaching_visit(void *context, uint32_t block, addr word, addr to)
{
    struct reaching *r = context;
    struct block_owners *o = r->owners;
    // A block's last word is where the next one's head begins: the allocator points there.
    addr offset = to - o->rows[block].at;
    bool near = offset <= NEAR && offset + 8 < o->rows[block].size;
    if ((offset && !near && (!r->inside || to % 8))
        || (r->how == BLOCK_GLOBAL && glibc_is_own(&o->memory->glibc, word)))
        return;
    if (o->how[block] != BLOCK_LOST) {
        bool mine = o->owner[block] == r->owner || block == r->from;
        if (o->how[block] == BLOCK_REACHED && r->how == BLOCK_REACHED && !mine)
            o->shared[block] = 1;
        return;
    }
    o->how[block] = (uint8_t)r->how;
    o->owner[block] = r->owner;
    o->from[block] = r->from;
    o->word[block] = word;
    if (r->how == BLOCK_REACHED && r->from == BLOCK_NONE && r->beside
        && reaching_is_buffer(r, block, to)) {
        o->how[block] = BLOCK_BUFFER;
        return;
    }
    r->queue[r->tail++] = block;
}

// On through what has been reached.
static void reaching_go_on(struct reaching *r)
{
    struct block_owners *o = r->owners;
    while (r->head < r->tail) {
        uint32_t block = r->queue[r->head++];
        r->from = block;
        r->owner = o->owner[block];
        r->how = (enum block_how)o->how[block];
        block_owners_of_block(o, block, reaching_visit, r);
    }
    r->from = BLOCK_NONE;
    r->owner = NODE_NONE;
}

static uint64_t owners_beside(const struct heap *heap, node n)
{
    const struct type *type = type_row(heap->py->types, heap_type(heap, n));
    uint64_t body = (uint64_t)type->basicsize + type->head, size = heap_size(heap, n);
    return size > body + 8 ? size - body : 0;
}

// The interpreter's and the threads' own states are nobody's: what they point at is the process's.
static void reach_states(struct reaching *r)
{
    const struct python *py = r->owners->heap->py;
    r->how = BLOCK_GLOBAL;
    for (size_t i = 0; i < py->interpreter_count; i++) {
        const struct interpreter *in = &py->interpreters[i];
        uint32_t block = block_index_find(&r->owners->index, in->at);
        if (block != BLOCK_NONE && r->owners->how[block] == BLOCK_LOST)
            r->owners->how[block] = BLOCK_GLOBAL;
        for (size_t t = 0; t < in->thread_count; t++) {
            block = block_index_find(&r->owners->index, in->threads[t].at);
            if (block != BLOCK_NONE && r->owners->how[block] == BLOCK_LOST)
                r->owners->how[block] = BLOCK_GLOBAL;
        }
    }
}

static void reach_from_states(struct reaching *r)
{
    const struct python *py = r->owners->heap->py;
    for (size_t i = 0; i < py->interpreter_count; i++) {
        const struct interpreter *in = &py->interpreters[i];
        for (size_t t = 0; t <= in->thread_count; t++) {
            addr at = t < in->thread_count ? in->threads[t].at : in->at;
            uint32_t block = block_index_find(&r->owners->index, at);
            if (block == BLOCK_NONE)
                continue;
            r->from = block;
            block_owners_of_block(r->owners, block, reaching_visit, r);
        }
    }
    reaching_go_on(r);
}

static void reach_from_objects(struct reaching *r)
{
    struct block_owners *o = r->owners;
    struct address_map_walk walk;
    r->how = BLOCK_REACHED;
    for (address_map_begin(&walk, &o->heap->place); address_map_next(&walk);) {
        r->owner = walk.node;
        r->from = BLOCK_NONE;
        r->beside = owners_beside(o->heap, walk.node);
        block_owners_of_object(o, walk.node, walk.at, reaching_visit, r);
    }
    r->beside = 0;
    reaching_go_on(r);
}

static bool mapping_is_data(const struct block_owners *o, size_t i)
{
    const struct residence *residence = &o->memory->residence;
    const struct mapping *m = &residence->rows[i].mapping;
    if (!(m->flags & SEGMENT_WRITE) || m->shared)
        return false;
    if (target_module_of(o->heap->py->target, m->start) >= 0)
        return true;
    const struct mapping *before = i ? &residence->rows[i - 1].mapping : NULL;
    return before && before->end == m->start && !m->path && (before->flags & SEGMENT_WRITE)
           && target_module_of(o->heap->py->target, before->start) >= 0;
}

// What no block and no heap of malloc has of a mapping.
static void reach_gaps(struct reaching *r, const struct resident *row)
{
    struct block_owners *o = r->owners;
    const struct memory *m = o->memory;
    addr at = row->mapping.start, end = row->mapping.end;
    size_t k = 0, count = m->claim_count;
    while (k < count) { // the first claim that reaches into the mapping
        size_t middle = k + (count - k) / 2;
        if (m->claims[middle].to <= at)
            k = middle + 1;
        else
            count = middle;
    }
    for (; k < m->claim_count && m->claims[k].from < end; k++) {
        if (m->claims[k].from > at)
            owners_memory(o, at, m->claims[k].from, reaching_visit, r);
        at = m->claims[k].to > at ? m->claims[k].to : at;
    }
    if (at < end)
        owners_memory(o, at, end, reaching_visit, r);
}

static bool mapping_is_stack(const struct block_owners *o, const struct mapping *m)
{
    const struct target *t = o->heap->py->target;
    for (size_t i = 0; i < t->thread_count; i++)
        if (t->threads[i].sp - m->start < m->end - m->start
            || t->threads[i].fs_base - m->start < m->end - m->start)
            return true;
    return m->path && !strcmp(m->path, "[stack]");
}

static void reach_from_stack(struct reaching *r, const struct mapping *m)
{
    const struct target *t = r->owners->heap->py->target;
    addr from = m->end;
    for (size_t i = 0; i < t->thread_count; i++)
        if (t->threads[i].sp - m->start < m->end - m->start && t->threads[i].sp < from)
            from = t->threads[i].sp;
    if (from == m->end) // only its thread's block
        from = m->start;
    // Below the stack pointer 128 bytes may be in use, too.
    from = from - m->start > 128 ? (from - 128) & ~(addr)7 : m->start;
    owners_memory(r->owners, from, m->end, reaching_visit, r);
}

static void reach_from_memory(struct reaching *r, enum block_how how)
{
    struct block_owners *o = r->owners;
    const struct residence *residence = &o->memory->residence;
    r->how = how;
    for (size_t i = 0; i < residence->count; i++) {
        const struct resident *row = &residence->rows[i];
        const struct mapping *m = &row->mapping;
        bool data = mapping_is_data(o, i), stack = !data && mapping_is_stack(o, m);
        bool absent = row->known && !row->resident && !row->swapped;
        if (!(m->flags & SEGMENT_READ) || !(m->flags & SEGMENT_WRITE) || absent)
            continue;
        if (how == BLOCK_GLOBAL && data)
            owners_memory(o, m->start, m->end, reaching_visit, r);
        else if (how == BLOCK_STACK && stack)
            reach_from_stack(r, m);
        else if (how == BLOCK_OTHER && !data && !stack)
            reach_gaps(r, row);
    }
    reaching_go_on(r);
}

// Blocks to which only words lead that point further inside: what was reached so far is looked
// through once more.
static void reach_inside(struct reaching *r)
{
    struct block_owners *o = r->owners;
    uint32_t reached = r->tail;
    r->inside = true;
    reach_from_objects(r);
    for (uint32_t i = 0; i < reached; i++) {
        r->from = r->queue[i];
        r->owner = o->owner[r->from];
        r->how = (enum block_how)o->how[r->from];
        block_owners_of_block(o, r->from, reaching_visit, r);
    }
    reaching_go_on(r);
    reach_from_memory(r, BLOCK_STACK);
}

// --- the whole -----------------------------------------------------------------------------------

static void owners_sum(struct block_owners *o)
{
    for (uint32_t i = 0; i < o->count; i++) {
        if (o->bytes_in[i] == BLOCK_NONE)
            continue;
        o->counts[o->how[i]]++;
        o->bytes[o->how[i]] += block_owners_bytes(o, i);
    }
}

bool block_owners_find(struct block_owners *o, const struct heap *heap, struct memory *memory,
                       struct err *err)
{
    *o = (struct block_owners){ .heap = heap, .memory = memory };
    struct block_list list = { .heap = heap };
    bool ok = list_fill(&list, &memory->glibc, err) && owners_room(o, list.count, err);
    if (ok)
        owners_take_list(o, &list);
    free(list.rows);
    struct reaching r = { .owners = o, .owner = NODE_NONE, .from = BLOCK_NONE };
    r.queue = ok ? malloc(((size_t)o->count + 1) * sizeof *r.queue) : NULL;
    ok = ok && (r.queue || err_memory(err, "the blocks of memory"))
         && block_index_open(&o->index, o->rows, o->count, err);
    if (ok) {
        owners_mark_objects(o);
        reach_states(&r);
        reach_from_objects(&r);
        r.how = BLOCK_GLOBAL;
        reach_from_states(&r);
        reach_from_memory(&r, BLOCK_GLOBAL);
        reach_from_memory(&r, BLOCK_STACK);
        reach_from_memory(&r, BLOCK_OTHER);
        reach_inside(&r);
        owners_sum(o);
    }
    free(r.queue);
    if (!ok)
        block_owners_free(o);
    return ok;
}

void block_owners_free(struct block_owners *o)
{
    block_index_close(&o->index);
    free(o->rows);
    free(o->bytes_in);
    free(o->how);
    free(o->shared);
    free(o->from);
    free(o->word);
    free(o->owner);
    *o = (struct block_owners){ 0 };
}

uint64_t block_owners_bytes(const struct block_owners *o, uint32_t block)
{
    uint32_t in = o->bytes_in[block];
    return in == BLOCK_NONE ? o->rows[block].size : glibc_size(&o->memory->glibc.blocks[in]);
}

uint32_t block_owners_chain(const struct block_owners *o, uint32_t block, uint32_t *via,
                            uint32_t most)
{
    uint32_t count = 0;
    for (uint32_t b = block; b != BLOCK_NONE && count < most; b = o->from[b])
        via[count++] = b;
    for (uint32_t i = 0; i < count / 2; i++) {
        uint32_t swap = via[i];
        via[i] = via[count - 1 - i];
        via[count - 1 - i] = swap;
    }
    return count;
}
