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
// objects, or no addresses at all. Nor are dead objects on free lists, whose words are stale.
#include "heap/memory/block_owners.h"

#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "base/vec.h"
#include "heap/build/dead.h"
#include "heap/memory/blank_words.h"
#include "memory/mapping_names.h"
#include "py/read.h"
#include "py/memory/mimalloc.h"
#include "py/memory/pymalloc.h"
#include "py/objects/type.h"

#define STEPS_BETWEEN 65536          // blocks or objects between two checks of progress
#define SCAN_MAX ((uint64_t)1 << 30) // per block
#define BODY_MAX 65536               // per object
#define DEAD_LOOK 96                 // bytes of a block in which a dead object is looked for
#define NEAR 256                     // a pointer to a block points at one of its first bytes
#define RED_ZONE 128                 // bytes below the stack pointer that may be in use
#define TLS_MAX ((addr)64 << 10)     // thread-local variables before a thread's block
#define TLS_BLOCK ((addr)4096)       // and the block itself
#define GLANCE_LEAST 512             // smaller objects, and tables, are in Python's own allocator
#define SLACK 64                     // a buffer may be rounded up by this and a quarter

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

static bool list_malloc(struct block_list *list, const struct memory *m, struct err *err)
{
    for (size_t i = 0; i < memory_block_count(m); i++) {
        struct memory_block b = memory_block(m, i);
        if (b.used && !list_add(list, b.at, b.size, (uint32_t)i, err))
            return false;
    }
    return true;
}

static bool list_has_object(const struct heap *heap, addr block, uint32_t lead)
{
    for (uint32_t head = lead; head <= lead + 32; head += 16)
        if (address_map_node(&heap->addresses, block + head) != NODE_NONE)
            return true;
    return false;
}

static bool list_pool(struct block_list *list, const struct pymalloc *pm,
                      const struct pymalloc_pool *pool, struct err *err)
{
    addr first = pool->at + SIZE(list->heap->py, pool_header);
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
                                UNUSED const uint8_t *bytes, uint64_t size)
{
    struct block_list *list = context;
    if (kind != MIMALLOC_MEMORY && list_has_object(list->heap, block, list->heap->py->guards))
        return true;
    return list_add(list, block, size, BLOCK_NONE, NULL);
}

static int list_by_address(const void *a, const void *b)
{
    const struct owned_block *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

static void list_sort(struct block_list *list)
{
    bool sorted = true;
    for (size_t i = 1; i < list->count && sorted; i++)
        sorted = list->rows[i - 1].at < list->rows[i].at;
    if (!sorted)
        qsort(list->rows, list->count, sizeof *list->rows, list_by_address);
}

static bool list_fill(struct block_list *list, const struct memory *m, struct err *err)
{
    if (!list_malloc(list, m, err) || !list_pymalloc(list, err))
        return false;
    for (size_t i = 0; i < list->heap->py->interpreter_count; i++)
        if (!mimalloc_each(list->heap->py, i, list_mimalloc_block, list))
            return err_memory(err, "the blocks of memory");
    list_sort(list);
    return true;
}

// Overlaps would be damage: the first block keeps what two share.
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
    o->marks = calloc(count + 1, 1);
    o->from = malloc((count + 1) * sizeof *o->from);
    o->word = calloc(count + 1, sizeof *o->word);
    o->owner = malloc((count + 1) * sizeof *o->owner);
    if (o->rows && o->bytes_in && o->how && o->marks && o->from && o->word && o->owner)
        return true;
    return err_memory(err, "the blocks of memory");
}

// Marks objects that are blocks of malloc themselves.
static void owners_mark_object(struct block_owners *o, node n, addr at)
{
    uint32_t block = block_index_find(&o->index, at);
    if (block == BLOCK_NONE || at - o->rows[block].at > 64)
        return;
    o->how[block] = BLOCK_OBJECT;
    o->owner[block] = n;
}

static void owners_mark_objects(struct block_owners *o)
{
    struct address_map_walk walk;
    for (address_map_begin(&walk, &o->heap->addresses); address_map_next(&walk);)
        owners_mark_object(o, walk.node, walk.at);
}

// --- blocks whose words lead nowhere -------------------------------------------------------------

// Notes blocks that hold a dead object on a free list: their words are stale.
static bool owners_note_dead(void *context, addr item)
{
    struct block_owners *o = context;
    uint32_t block = block_index_find(&o->index, item);
    bool fits = block != BLOCK_NONE && item - o->rows[block].at <= 64;
    if (fits && o->how[block] != BLOCK_OBJECT)
        o->marks[block] |= BLOCK_BLANK;
    return fits;
}

static void owners_note_blank(void *context, UNUSED addr word, addr to)
{
    struct block_owners *o = context;
    uint32_t block = block_index_find(&o->index, to);
    if (block != BLOCK_NONE && to - o->rows[block].at <= NEAR && o->how[block] != BLOCK_OBJECT)
        o->marks[block] |= BLOCK_BLANK;
}

static bool owners_mark_blank(struct block_owners *o, struct err *err)
{
    const struct python *py = o->heap->py;
    for (uint32_t i = 0; i < o->count; i++) {
        uint64_t size = o->rows[i].size < DEAD_LOOK ? o->rows[i].size : DEAD_LOOK;
        const uint8_t *bytes =
            o->how[i] == BLOCK_LOST ? target_view(py->target, o->rows[i].at, size) : NULL;
        if (bytes && dead_object(py, py->guards, bytes, size))
            o->marks[i] |= BLOCK_BLANK;
    }
    dead_listed(py, owners_note_dead, o);
    return blank_words(o->heap, owners_note_blank, o, err);
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
        from = bytes ? from + size : target_next(o->heap->py->target, from);
    }
}

// Which of an object's own words may be addresses of blocks: [from, hole) and [hole + 8, to). Left
// out are numbers as large as addresses of a low heap: versions of dicts and flags of types; for
// code objects the bytecode at their end, and an id that nobody sets in builds with a GIL.
static struct block_body owners_body(const struct python *py, const struct type *type)
{
    const struct layout *l = &py->layout;
    uint64_t size = (uint64_t)type->basicsize < BODY_MAX ? (uint64_t)type->basicsize : BODY_MAX;
    struct block_body body = { SIZE(py, PyObject), 0, (uint32_t)size };
    if (type->flags & (TPFLAGS_LONG_SUBCLASS | TPFLAGS_BYTES_SUBCLASS | TPFLAGS_TUPLE_SUBCLASS)
        && type->itemsize && type->base == py->object_type)
        body.to = body.from; // numbers, text, objects
    else if (type->flags & TPFLAGS_DICT_SUBCLASS && l->PyDictObject_ma_keys > 0)
        body.from = BEFORE(py, PyDictObject_ma_keys);
    else if (type->flags & TPFLAGS_TYPE_SUBCLASS && l->PyTypeObject_tp_flags > 0)
        body.hole = BEFORE(py, PyTypeObject_tp_flags);
    else if (type_is(type, TRAIT_CODE) && l->PyCodeObject_co_code_adaptive > 0) {
        body.to = BEFORE(py, PyCodeObject_co_code_adaptive);
        if (py->rules.code_unique_id && l->PyCodeObject__co_firsttraceable >= 8)
            body.hole = BEFORE(py, PyCodeObject__co_firsttraceable) - 8;
    }
    body.hole = body.hole < body.from || body.hole + 8 > body.to ? 0 : body.hole;
    body.to = body.to < size ? body.to : (uint32_t)size;
    return body;
}

static bool owners_bodies(struct block_owners *o, struct err *err)
{
    uint32_t count = heap_type_count(o->heap);
    o->bodies = malloc(((size_t)count + 1) * sizeof *o->bodies);
    if (!o->bodies)
        return err_memory(err, "the types");
    for (uint32_t t = 0; t < count; t++)
        o->bodies[t] = owners_body(o->heap->py, type_row(o->heap->py->types, t));
    return true;
}

void block_owners_of_object(struct block_owners *o, node n, addr at, block_visit *visit,
                            void *context)
{
    const struct python *py = o->heap->py;
    const struct type *type = type_row(py->types, heap_type(o->heap, n));
    struct block_body body = o->bodies[heap_type(o->heap, n)];
    const uint8_t *bytes = body.to > body.from ? target_view(py->target, at, body.to) : NULL;
    // In a compact ASCII string what follows the state is text.
    if (type->flags & TPFLAGS_UNICODE_SUBCLASS && py->layout.PyASCIIObject_state >= 0 && bytes
        && (LOAD(py, bytes, PyASCIIObject_state) & 0x60) == 0x60)
        return;
    if (bytes && body.hole) {
        owners_words(o, bytes + body.from, at + body.from, body.hole - body.from, visit, context);
        body.from = body.hole + 8;
    }
    if (bytes)
        owners_words(o, bytes + body.from, at + body.from, body.to - body.from, visit, context);
    // What precedes it: the dict or values of an instance, and its weak references.
    uint64_t before = type->presize > type->head ? (uint64_t)type->presize - type->head : 0;
    const uint8_t *words = before ? target_view(py->target, at - type->presize, before) : NULL;
    if (words)
        owners_words(o, words, at - type->presize, before, visit, context);
}

void block_owners_of_block(struct block_owners *o, uint32_t block, block_visit *visit,
                           void *context)
{
    const struct block_row *row = &o->rows[block];
    if (o->how[block] == BLOCK_OBJECT || o->how[block] == BLOCK_BUFFER
        || (o->marks[block] & BLOCK_BLANK) || row->size > SCAN_MAX)
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
    uint64_t beside; // bytes that the object counts besides its own body
    uint32_t list;   // the next block of a list; BLOCK_NONE: none
    bool inside;     // words that point anywhere into a block count, too
    const struct progress *progress;
    uint64_t steps;
    bool stopped;
};

// One step of a loop over blocks or objects. False: somebody cancelled.
static bool reaching_step(struct reaching *r)
{
    if (r->steps++ % STEPS_BETWEEN == 0)
        r->stopped = r->stopped || !progress_step(r->progress, "whose the blocks are", r->steps, 0);
    return !r->stopped;
}

static bool reaching_is_buffer(const struct reaching *r, uint32_t block, addr to)
{
    const struct block_owners *o = r->owners;
    uint64_t size = o->rows[block].size, least = r->beside > SLACK ? r->beside - SLACK : 1;
    return to - o->rows[block].at <= SLACK && size >= least
           && size <= r->beside + r->beside / 4 + SLACK;
}

// Whether the block is the next one of a list: it has the size of the one before, and a word at the
// same offset leads to it.
static bool owners_is_next(const struct block_owners *o, uint32_t block)
{
    uint32_t from = o->from[block], before = from == BLOCK_NONE ? BLOCK_NONE : o->from[from];
    return before != BLOCK_NONE && o->rows[block].size == o->rows[from].size
           && o->word[block] - o->rows[from].at == o->word[from] - o->rows[before].at;
}

static void reaching_visit(void *context, uint32_t block, addr word, addr to)
{
    struct reaching *r = context;
    struct block_owners *o = r->owners;
    // A block's last word is where the next one's header begins: the allocator points there.
    addr offset = to - o->rows[block].at;
    bool near = offset <= NEAR && offset + 8 < o->rows[block].size;
    if ((offset && !near && (!r->inside || to % 8))
        || (r->how == BLOCK_GLOBAL && glibc_is_own(&o->memory->glibc, word)))
        return;
    if (o->how[block] != BLOCK_LOST) {
        bool mine = o->owner[block] == r->owner || block == r->from;
        if (o->how[block] == BLOCK_REACHED && r->how == BLOCK_REACHED && !mine)
            o->marks[block] |= BLOCK_SHARED;
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
    if (owners_is_next(o, block))
        r->list = block;
}

// Continues from what has been reached. All of a list is as near as its first block: else whatever
// hangs far down a long list would be attributed to anything with a shorter path to it, through the
// tables of a library.
static void reaching_go_on(struct reaching *r)
{
    struct block_owners *o = r->owners;
    r->list = BLOCK_NONE;
    while (r->head < r->tail && reaching_step(r)) {
        uint32_t block = r->list != BLOCK_NONE ? r->list : r->queue[r->head++];
        r->list = BLOCK_NONE;
        if (o->marks[block] & BLOCK_DONE)
            continue;
        o->marks[block] |= BLOCK_DONE;
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
    uint64_t before = type->presize > type->head ? type->presize : type->head;
    uint64_t body = (uint64_t)type->basicsize + before, size = heap_size(heap, n);
    return size > body ? size - body : 0;
}

// The interpreter's and the threads' own states belong to nobody: what they point at is the
// process's.
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
    for (address_map_begin(&walk, &o->heap->addresses);
         address_map_next(&walk) && reaching_step(r);) {
        r->owner = walk.node;
        r->from = BLOCK_NONE;
        r->beside = owners_beside(o->heap, walk.node);
        block_owners_of_object(o, walk.node, walk.at, reaching_visit, r);
    }
    r->beside = 0;
    reaching_go_on(r);
}

// Follows the words of a mapping that belong to no block and no heap of malloc.
static void reach_gaps(struct reaching *r, addr at, addr end)
{
    struct block_owners *o = r->owners;
    const struct memory *m = o->memory;
    size_t k = 0, count = m->claim_count;
    while (k < count) { // the first claim that extends into the mapping
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

// Follows what is in use of a stack, and the thread's registers. A main thread's own block is in
// the loader's memory, another thread's at the end of its stack.
static void reach_from_stacks(struct reaching *r)
{
    struct block_owners *o = r->owners;
    const struct target *t = o->heap->py->target;
    for (size_t i = 0; i < o->memory->stack_count; i++) {
        const struct memory_stack *stack = &o->memory->stacks[i];
        addr sp = t->threads[stack->thread].sp, from = stack->from;
        if (sp - stack->from < stack->to - stack->from && sp - stack->from > RED_ZONE)
            from = (sp - RED_ZONE) & ~(addr)7;
        owners_memory(o, from, stack->to, reaching_visit, r);
    }
    for (size_t i = 0; i < t->thread_count; i++) {
        const struct thread *thread = &t->threads[i];
        const struct resident *row = residence_of(&o->memory->residence, thread->fs_base);
        owners_words(o, (const uint8_t *)thread->registers, 0, sizeof thread->registers,
                     reaching_visit, r);
        if (!thread->fs_base || !row)
            continue;
        addr low = thread->fs_base - row->mapping.start > TLS_MAX ? thread->fs_base - TLS_MAX
                                                                  : row->mapping.start;
        addr high = row->mapping.end - thread->fs_base > TLS_BLOCK ? thread->fs_base + TLS_BLOCK
                                                                   : row->mapping.end;
        reach_gaps(r, low & ~(addr)7, high);
    }
    reaching_go_on(r);
}

static void reach_from_mapping(struct reaching *r, size_t i)
{
    struct block_owners *o = r->owners;
    const struct mapping *m = &o->memory->residence.rows[i].mapping;
    int module;
    addr data = mapping_variables(o->memory, i, &module);
    if (r->how == BLOCK_GLOBAL)
        owners_memory(o, m->start, data, reaching_visit, r);
    else
        reach_gaps(r, data, m->end);
}

static void reach_from_memory(struct reaching *r, enum block_how how)
{
    const struct residence *residence = &r->owners->memory->residence;
    for (size_t i = 0; i < residence->count; i++) {
        const struct resident *row = &residence->rows[i];
        bool absent = row->known && !row->resident && !row->swapped;
        r->how = how;
        if ((row->mapping.flags & SEGMENT_READ) && (row->mapping.flags & SEGMENT_WRITE) && !absent)
            reach_from_mapping(r, i);
    }
    reaching_go_on(r);
}

// For blocks to which only words lead that point further inside: goes through everything reached so
// far once more.
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
    r->how = BLOCK_STACK;
    reach_from_stacks(r);
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
                       const struct progress *progress, struct err *err)
{
    *o = (struct block_owners){ .heap = heap, .memory = memory };
    struct block_list list = { .heap = heap };
    bool ok = list_fill(&list, memory, err) && owners_room(o, list.count, err);
    if (ok)
        owners_take_list(o, &list);
    free(list.rows);
    struct reaching r = { .owners = o,
                          .owner = NODE_NONE,
                          .from = BLOCK_NONE,
                          .list = BLOCK_NONE,
                          .progress = progress };
    r.queue = ok ? malloc(((size_t)o->count + 1) * sizeof *r.queue) : NULL;
    ok = ok && (r.queue || err_memory(err, "the blocks of memory"))
         && block_index_open(&o->index, o->rows, o->count, err);
    if (ok)
        owners_mark_objects(o);
    ok = ok && owners_mark_blank(o, err) && owners_bodies(o, err);
    if (ok) {
        reach_states(&r);
        reach_from_objects(&r);
        r.how = BLOCK_GLOBAL;
        reach_from_states(&r);
        reach_from_memory(&r, BLOCK_GLOBAL);
        r.how = BLOCK_STACK;
        reach_from_stacks(&r);
        reach_from_memory(&r, BLOCK_OTHER);
        reach_inside(&r);
        owners_sum(o);
        ok =
            !r.stopped || err_set(err, ERR_CANCELLED, "stopped while looking whose the blocks are");
    }
    free(r.queue);
    if (!ok)
        block_owners_free(o);
    return ok;
}

// --- at a glance ---------------------------------------------------------------------------------

static void owners_glance_visit(void *context, uint32_t block, UNUSED addr word, addr to)
{
    struct reaching *r = context;
    if (r->owners->how[block] == BLOCK_LOST && reaching_is_buffer(r, block, to))
        r->owners->how[block] = BLOCK_BUFFER;
}

static void owners_glance_all(struct reaching *r)
{
    struct block_owners *o = r->owners;
    for (node n = 0; n < o->heap->node_count && reaching_step(r); n++) {
        if (heap_size(o->heap, n) < GLANCE_LEAST)
            continue;
        addr at = heap_addr(o->heap, n);
        owners_mark_object(o, n, at);
        r->beside = owners_beside(o->heap, n);
        if (r->beside)
            block_owners_of_object(o, n, at, owners_glance_visit, r);
    }
}

bool block_owners_glance(const struct heap *heap, struct memory *memory, uint64_t *uncounted,
                         const struct progress *progress, struct err *err)
{
    struct block_owners o = { .heap = heap, .memory = memory };
    struct block_list list = { .heap = heap };
    struct reaching r = { .owners = &o, .progress = progress };
    bool ok = list_malloc(&list, memory, err) && owners_room(&o, list.count, err);
    if (ok) {
        list_sort(&list);
        owners_take_list(&o, &list);
    }
    free(list.rows);
    ok = ok && block_index_open(&o.index, o.rows, o.count, err) && owners_bodies(&o, err);
    if (ok) {
        owners_glance_all(&r);
        owners_sum(&o);
        *uncounted = o.bytes[BLOCK_LOST];
        ok =
            !r.stopped || err_set(err, ERR_CANCELLED, "stopped while looking whose the blocks are");
    }
    block_owners_free(&o);
    return ok;
}

void block_owners_free(struct block_owners *o)
{
    block_index_close(&o->index);
    free(o->rows);
    free(o->bytes_in);
    free(o->bodies);
    free(o->heads);
    free(o->how);
    free(o->marks);
    free(o->from);
    free(o->word);
    free(o->owner);
    *o = (struct block_owners){ 0 };
}

uint64_t block_owners_bytes(const struct block_owners *o, uint32_t block)
{
    uint32_t in = o->bytes_in[block];
    return in == BLOCK_NONE ? o->rows[block].size : memory_block(o->memory, in).bytes;
}

uint32_t block_owners_head(struct block_owners *o, uint32_t block)
{
    if (!o->heads) {
        o->heads = malloc(((size_t)o->count + 1) * sizeof *o->heads);
        for (uint32_t i = 0; o->heads && i < o->count; i++)
            o->heads[i] = BLOCK_NONE;
    }
    if (!o->heads)
        return block;
    uint32_t head = block;
    while (o->heads[head] == BLOCK_NONE && owners_is_next(o, head))
        head = o->from[head];
    head = o->heads[head] != BLOCK_NONE ? o->heads[head] : head;
    for (uint32_t b = block; b != head && o->heads[b] != head; b = o->from[b])
        o->heads[b] = head;
    return head;
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
