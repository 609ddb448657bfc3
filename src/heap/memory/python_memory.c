// SPDX-License-Identifier: GPL-3.0-or-later
// Claims of Python's allocators and objects: see python_memory.h.
#include "heap/memory/python_memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "base/text.h"
#include "base/unused.h"
#include "base/vec.h"
#include "py/runtime/gc.h"
#include "py/read.h"
#include "py/memory/mimalloc.h"
#include "py/memory/pymalloc.h"
#include "py/objects/type.h"

#define CHUNKS_MOST 65536
#define SEGMENT_BYTES ((addr)32 << 20) // of mimalloc

struct python_claims {
    struct memory *memory;
    const struct heap *heap;
    struct err *err;
    uint32_t objects, beside, blocks, pools, heads;
    struct python_range {
        addr from, to;
    } * arenas; // of pymalloc, by address
    size_t arena_count, arena_room;
};

// An object starts after up to 32 bytes of header, and what the debug hooks put before that.
static bool python_has_object(const struct heap *heap, addr block, uint32_t lead)
{
    const struct address_map_chunk *c = address_map_chunk(&heap->addresses, block);
    for (uint32_t head = lead; c && head <= lead + 32; head += 16)
        if (address_map_node(&heap->addresses, block + head) != NODE_NONE)
            return true;
    return false;
}

// --- pymalloc ------------------------------------------------------------------------------------

static bool python_pool(struct python_claims *c, const struct pymalloc *pm,
                        const struct pymalloc_pool *pool)
{
    struct memory *m = c->memory;
    addr first = pool->at + SIZE(c->heap->py, pool_header);
    addr end = pool->at + pm->pool_bytes;
    if (!memory_claim(m, c->heads, pool->at, first, 0, c->err))
        return false;
    for (uint32_t b = 0; b < pool->blocks; b++) {
        addr at = first + (addr)b * pool->size;
        bool is_free = pool->sound ? pool->free[b / 64] >> (b % 64) & 1 : b >= pool->used;
        uint32_t row = is_free                                    ? c->blocks
                       : python_has_object(c->heap, at, pm->lead) ? c->objects
                                                                  : c->beside;
        if (!memory_claim(m, row, at, at + pool->size, 1, c->err))
            return false;
    }
    addr carved = first + (addr)pool->blocks * pool->size;
    uint64_t left = (end - carved) / pool->size;
    return memory_claim(m, c->blocks, carved, carved + left * pool->size, left, c->err)
           && memory_claim(m, c->heads, carved + left * pool->size, end, 0, c->err);
}

static bool python_arena(struct python_claims *c, const struct pymalloc *pm,
                         const struct pymalloc_arena *arena)
{
    struct memory *m = c->memory;
    if (!memory_claim(m, c->heads, arena->base, arena->start, 0, c->err)
        || !vec_grow(&c->arenas, &c->arena_room, c->arena_count + 1, sizeof *c->arenas, c->err))
        return false;
    c->arenas[c->arena_count++] =
        (struct python_range){ arena->base, pymalloc_arena_end(pm, arena) };
    addr at = arena->start, end = pymalloc_arena_end(pm, arena);
    addr behind = arena->start + (addr)arena->total * pm->pool_bytes;
    for (uint32_t i = 0; i < arena->total; i++, at += pm->pool_bytes) {
        struct pymalloc_pool pool;
        bool used = i < arena->pools && pymalloc_pool(pm, c->heap->py, arena, i, &pool);
        if (!(used ? python_pool(c, pm, &pool)
                   : memory_claim(m, c->pools, at, at + pm->pool_bytes, 1, c->err)))
            return false;
    }
    return memory_claim(m, c->heads, behind, end, 1, c->err);
}

static bool python_pymalloc(struct python_claims *c)
{
    struct pymalloc pm;
    struct memory *m = c->memory;
    if (!pymalloc_open(&pm, c->heap->py, c->err))
        return false;
    bool ok = true;
    if (pm.known) {
        c->objects = memory_row(m, "python objects", "small", "objects of up to 512 bytes");
        c->beside =
            memory_row(m, "python objects", "beside",
                       "small blocks that belong to objects: items, tables; and extensions'");
        c->blocks = memory_row(m, "pymalloc free", "blocks",
                               "free blocks of pools that have others in use");
        c->pools = memory_row(m, "pymalloc free", "pools",
                              "whole pools of arenas that have others in use");
        c->heads =
            memory_row(m, "pymalloc overhead", "arenas", "heads of pools, and rests at their ends");
    }
    for (size_t i = 0; ok && i < pm.count; i++)
        ok = python_arena(c, &pm, &pm.arenas[i]);
    pymalloc_close(&pm);
    return ok;
}

// --- mimalloc ------------------------------------------------------------------------------------

enum python_span {
    PYTHON_PAGE, // sorted before the blocks that begin where it does
    PYTHON_OBJECT,
    PYTHON_BESIDE,
};

// A block in use, or a page: `size` bytes that were carved into blocks of `unit`, out of `room`.
struct python_block {
    addr at;
    uint64_t size, room, unit;
    enum python_span span;
};

struct python_blocks {
    const struct heap *heap;
    struct python_block *rows;
    size_t count, room;
};

static bool python_note(void *context, enum mimalloc_heap kind, addr block,
                        UNUSED const uint8_t *bytes, uint64_t size)
{
    struct python_blocks *list = context;
    if (!vec_grow(&list->rows, &list->room, list->count + 1, sizeof *list->rows, NULL))
        return false;
    bool object =
        kind != MIMALLOC_MEMORY && python_has_object(list->heap, block, list->heap->py->guards);
    list->rows[list->count++] =
        (struct python_block){ block, size, size, size, object ? PYTHON_OBJECT : PYTHON_BESIDE };
    return true;
}

static bool python_note_page(void *context, addr start, uint64_t size, uint32_t carved,
                             uint32_t reserved)
{
    struct python_blocks *list = context;
    if (!vec_grow(&list->rows, &list->room, list->count + 1, sizeof *list->rows, NULL))
        return false;
    list->rows[list->count++] =
        (struct python_block){ start, size * carved, size * reserved, size, PYTHON_PAGE };
    return true;
}

static int python_by_address(const void *a, const void *b)
{
    const struct python_block *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->span < y->span ? -1 : x->span > y->span;
}

// The end of the segment that begins there: a huge block's has a size of its own.
static addr python_segment_end(const struct memory *m, addr segment, addr last)
{
    const struct resident *row = residence_of(&m->residence, segment);
    addr end = segment + SEGMENT_BYTES;
    while (end < last)
        end += SEGMENT_BYTES;
    return !row ? segment : row->mapping.end < end ? row->mapping.end : end;
}

struct python_segment {
    addr start, end;
    addr carved, reserved; // of the current page: where its blocks end, and its room
    uint64_t unit;         // bytes per block
};

// Claims what lies between two blocks: free blocks of the page, its uncarved rest, and what is no
// page.
static bool python_gap(struct python_claims *c, const struct python_segment *s, addr from, addr to)
{
    struct memory *m = c->memory;
    addr blocks = s->carved < to ? s->carved : to, page = s->reserved < to ? s->reserved : to;
    blocks = blocks > from ? blocks : from;
    page = page > blocks ? page : blocks;
    return memory_claim(m, c->blocks, from, blocks, s->unit ? (blocks - from) / s->unit : 0, c->err)
           && memory_claim(m, c->pools, blocks, page, 0, c->err)
           && memory_claim(m, c->heads, page, to, 0, c->err);
}

static bool python_segments(struct python_claims *c, const struct python_blocks *list)
{
    struct memory *m = c->memory;
    struct python_segment s = { 0 };
    addr at = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct python_block *b = &list->rows[i];
        if (!s.end || b->at >= s.end) {
            if (at < s.end && !python_gap(c, &s, at, s.end))
                return false;
            at = b->at & ~(SEGMENT_BYTES - 1);
            s = (struct python_segment){ at, python_segment_end(m, at, b->at + b->size), 0, 0, 0 };
        }
        if (b->at < at)
            continue;
        if (!python_gap(c, &s, at, b->at))
            return false;
        at = b->at;
        if (b->span == PYTHON_PAGE) {
            s.carved = b->at + b->size;
            s.reserved = b->at + b->room;
            s.unit = b->unit;
            continue;
        }
        uint32_t row = b->span == PYTHON_OBJECT ? c->objects : c->beside;
        if (!memory_claim(m, row, b->at, b->at + b->size, 1, c->err))
            return false;
        at = b->at + b->size;
    }
    return at >= s.end || python_gap(c, &s, at, s.end);
}

// Claims the unclaimed rest of the arenas, mappings from which segments are taken.
static bool python_arenas(struct python_claims *c)
{
    struct memory *m = c->memory;
    uint32_t row = memory_row(m, "mimalloc reserved", "arenas",
                              "what segments are taken from, and nobody else claims (guessed)");
    for (size_t i = 0; i < m->claim_count; i++)
        if (!memory_rest(m, m->claims[i].from, row, c->err))
            return false;
    return true;
}

static bool python_mimalloc(struct python_claims *c)
{
    struct python_blocks list = { .heap = c->heap };
    struct memory *m = c->memory;
    bool ok = true;
    for (size_t i = 0; ok && i < c->heap->py->interpreter_count; i++)
        ok = mimalloc_each_page(c->heap->py, i, python_note, python_note_page, &list)
             || err_memory(c->err, "blocks");
    if (list.count)
        qsort(list.rows, list.count, sizeof *list.rows, python_by_address);
    c->objects = memory_row(m, "python objects", "mimalloc", "objects");
    c->beside = memory_row(m, "python objects", "beside", "blocks that belong to objects");
    c->blocks =
        memory_row(m, "mimalloc free", "blocks", "free blocks of pages that have others in use");
    c->pools = memory_row(m, "mimalloc free", "pages", "of such pages, what is no block yet");
    c->heads = memory_row(m, "mimalloc free", "segments",
                          "what segments have besides such pages: free ones, and their heads");
    ok = ok && python_segments(c, &list) && python_arenas(c);
    free(list.rows);
    return ok;
}

// --- stacks of frames ----------------------------------------------------------------------------

// struct _PyStackChunk: the previous one, its size, ...
static bool python_chunks(struct python_claims *c, addr chunk)
{
    struct target *t = c->heap->py->target;
    uint32_t row = memory_row(c->memory, "python frames", "data stacks",
                              "frames of Python functions that run");
    for (uint32_t n = 0; chunk && n < CHUNKS_MOST; n++) {
        uint64_t size = target_u64(t, chunk + 8, NULL);
        const struct resident *r = residence_of(&c->memory->residence, chunk);
        if (!r || size > r->mapping.end - chunk)
            return true;
        if (!memory_claim(c->memory, row, chunk, chunk + size, 1, c->err))
            return false;
        chunk = target_u64(t, chunk, NULL);
    }
    return true;
}

static bool python_frames(struct python_claims *c)
{
    const struct python *py = c->heap->py;
    for (size_t i = 0; i < py->interpreter_count; i++)
        for (size_t t = 0; t < py->interpreters[i].thread_count; t++) {
            addr at = py->interpreters[i].threads[t].at;
            if (!python_chunks(c, READ(py, at, PyThreadState_datastack_chunk))
                || !python_chunks(c, READ(py, at, PyThreadState_datastack_cached_chunk)))
                return false;
        }
    return true;
}

// --- objects that map memory ---------------------------------------------------------------------

// Where such an object keeps the address and the length: offsets of words after its header.
static const struct python_mapper {
    const char *type;
    uint32_t data, size;
} python_mappers[] = {
    { "mmap.mmap", 0, 8 }, // Modules/mmapmodule.c, in all versions
};

static bool python_mapped(struct python_claims *c, node n, const struct python_mapper *mapper)
{
    const struct python *py = c->heap->py;
    addr body = heap_addr(c->heap, n) + SIZE(py, PyObject);
    addr data = target_u64(py->target, body + mapper->data, NULL);
    uint64_t size = target_u64(py->target, body + mapper->size, NULL);
    const struct resident *row = data ? residence_of(&c->memory->residence, data) : NULL;
    if (!row || data % MAPPING_PAGE || !size || size > row->mapping.end - data)
        return true;
    const char *path = row->mapping.path && *row->mapping.path
                           ? arena_string(&c->memory->texts, row->mapping.path)
                           : "anonymous";
    uint32_t to =
        memory_row(c->memory, "mmap objects", path ? path : "?", "memory of mmap.mmap objects");
    addr end = (data + size + MAPPING_PAGE - 1) & ~(MAPPING_PAGE - 1);
    return memory_claim(c->memory, to, data, end, 1, c->err);
}

static bool python_mappings(struct python_claims *c)
{
    const struct heap *heap = c->heap;
    for (size_t k = 0; k < sizeof python_mappers / sizeof *python_mappers; k++) {
        uint32_t type = 0, count = heap_type_count(heap);
        while (type < count && strcmp(heap_type_name(heap, type), python_mappers[k].type))
            type++;
        for (node n = 0; type < count && n < heap->node_count; n++)
            if (heap_type(heap, n) == type && !python_mapped(c, n, &python_mappers[k]))
                return false;
    }
    return true;
}

// --- objects in a malloc whose blocks are not known ----------------------------------------------

static int python_by_from(const void *a, const void *b)
{
    const struct python_range *x = a, *y = b;
    return x->from < y->from ? -1 : x->from > y->from;
}

static bool python_is_in_arena(const struct python_claims *c, addr at)
{
    size_t after = search_u64(c->arenas, c->arena_count, sizeof *c->arenas,
                              offsetof(struct python_range, from), at + 1);
    return after && at < c->arenas[after - 1].to;
}

// Claims the object itself, with its header and those items that are inside it.
static bool python_claim_object(struct python_claims *c, uint32_t row, node n, addr at)
{
    const struct python *py = c->heap->py;
    const struct type *type = type_row(py->types, heap_type(c->heap, n));
    uint64_t items = 0;
    if (type->itemsize)
        items = magnitude(READ(py, at, PyVarObject_ob_size));
    uint64_t extent = (uint64_t)type->basicsize
                      + (items < UINT64_C(1) << 40 ? items * (uint64_t)type->itemsize : 0);
    // Text follows the header: only the object's size says how long it is.
    if (type->flags & TPFLAGS_UNICODE_SUBCLASS && heap_size(c->heap, n) > extent)
        extent = heap_size(c->heap, n);
    const struct resident *r = residence_of(&c->memory->residence, at);
    bool other =
        r && extent <= r->mapping.end - at && (!r->mapping.path || *r->mapping.path == '[');
    return !other || memory_claim(c->memory, row, at - type->presize, at + extent, 1, c->err);
}

static bool python_in_malloc(struct python_claims *c)
{
    const struct memory *m = c->memory;
    struct target *t = c->heap->py->target;
    if (!m->allocator || m->jemalloc.shape || m->mallocng.context)
        return true;
    struct text name = TEXT_INIT;
    text_add_string(&name, "in ");
    text_add_string(&name, m->allocator);
    const char *copy = arena_string(&c->memory->texts, text_string(&name));
    text_fini(&name);
    uint32_t row = memory_row(c->memory, "python objects", copy ? copy : "?",
                              "objects of more than 512 bytes; what lies beside them is not told "
                              "apart");
    if (c->arena_count)
        qsort(c->arenas, c->arena_count, sizeof *c->arenas, python_by_from);
    struct address_map_walk walk;
    for (address_map_begin(&walk, &c->heap->addresses); address_map_next(&walk);)
        if (!python_is_in_arena(c, walk.at) && target_module_of(t, walk.at) < 0
            && !python_claim_object(c, row, walk.node, walk.at))
            return false;
    return true;
}

bool heap_claim(struct memory *memory, const struct heap *heap, struct err *err)
{
    struct python_claims c = { .memory = memory, .heap = heap, .err = err };
    bool threaded = heap->py->rules.free_threaded;
    bool ok = (threaded ? python_mimalloc(&c) : python_pymalloc(&c)) && python_frames(&c)
              && python_mappings(&c) && (threaded || python_in_malloc(&c));
    free(c.arenas);
    return ok;
}
