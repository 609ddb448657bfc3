// SPDX-License-Identifier: GPL-3.0-or-later
// Finding arenas, reading pools: see pymalloc.h.
#include "py/memory/pymalloc.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "base/vec.h"
#include "py/read.h"
#include "py/python.h"

#define ARENAS_MAX (1u << 22) // 4 TiB of them
#define EMPTY_MAX 65536u      // consecutive unused rows of the table, if its length is unknown
#define CLASSES_MAX 64u       // 512 / 8
#define PAGE 4096u
#define SAMPLE 256u // blocks examined for debug hooks

// --- the table -----------------------------------------------------------------------------------

enum pymalloc_row { ROW_EMPTY, ROW_ARENA, ROW_ABSURD };

static uint32_t header_arena(const struct python *py, const uint8_t *pool)
{
    return LOAD(py, pool, pool_header_arenaindex);
}

// Row i of a table of struct arena_object. ROW_ARENA only if its first pool refers back to the row.
static enum pymalloc_row read_row(const struct pymalloc *pm, const struct python *py,
                                  const uint8_t *row, uint32_t i, struct pymalloc_arena *arena)
{
    addr address = LOAD(py, row, arena_object_address);
    if (address == 0)
        return ROW_EMPTY;
    uint32_t total = LOAD(py, row, arena_object_ntotalpools),
             left = LOAD(py, row, arena_object_nfreepools);
    addr next = LOAD(py, row, arena_object_pool_address);
    addr first = (address + pm->pool_bytes - 1) & ~(addr)(pm->pool_bytes - 1);
    bool sane = address % PAGE == 0 && first >= address && total > 0 && total <= pm->pools_most
                && left <= total && next >= first && next <= first + (addr)total * pm->pool_bytes
                && next % pm->pool_bytes == 0;
    if (!sane)
        return ROW_ABSURD;
    uint32_t carved = (uint32_t)((next - first) / pm->pool_bytes);
    if (carved == 0)
        return ROW_EMPTY;
    const uint8_t *bytes = target_view(py->target, first, (size_t)carved * pm->pool_bytes);
    if (!bytes || header_arena(py, bytes) != i)
        return ROW_ABSURD;
    *arena = (struct pymalloc_arena){ first, bytes, carved, total, address };
    return ROW_ARENA;
}

static bool add_arena(struct pymalloc *pm, struct pymalloc_arena arena, struct err *err)
{
    if (!vec_grow(&pm->arenas, &pm->capacity, pm->count + 1, sizeof *pm->arenas, err))
        return false;
    pm->arenas[pm->count++] = arena;
    return true;
}

// length 0: unknown; the table then ends at the first row that is neither empty nor an arena.
static bool read_table(struct pymalloc *pm, const struct python *py, addr table, uint32_t length,
                       struct err *err)
{
    uint64_t stride = SIZE(py, arena_object);
    uint32_t most = length ? length : ARENAS_MAX, empty = 0;
    for (uint32_t i = 0; i < most && (length || empty < EMPTY_MAX); i++) {
        const uint8_t *row = target_view(py->target, table + i * stride, stride);
        struct pymalloc_arena arena;
        enum pymalloc_row kind = row ? read_row(pm, py, row, i, &arena) : ROW_ABSURD;
        if (kind == ROW_ABSURD && (!length || !row))
            break;
        if (kind == ROW_ARENA && !add_arena(pm, arena, err))
            return false;
        empty = kind == ROW_ARENA ? 0 : empty + 1;
    }
    return true;
}

// --- where the table is --------------------------------------------------------------------------

// From 3.12 on there is a state per interpreter; interpreters that share one have the same pointer
// (or, in 3.12, an empty one of their own).
static bool read_states(struct pymalloc *pm, const struct python *py, struct err *err)
{
    const struct layout *l = &py->layout;
    addr seen = 0;
    for (size_t i = 0; i < py->interpreter_count; i++) {
        addr at = INSIDE(py, py->interpreters[i].at, PyInterpreterState_obmalloc);
        if (l->obmalloc_is_pointer == 1)
            at = target_u64(py->target, at, NULL);
        if (!at || at == seen)
            continue;
        seen = i == 0 ? at : seen; // the shared one is the main interpreter's
        addr table = READ(py, at, _obmalloc_state_mgmt_arenas);
        uint32_t length = READ(py, at, _obmalloc_state_mgmt_maxarenas);
        if (l->_obmalloc_state_mgmt_raw_allocated_blocks >= 0)
            pm->raw_blocks += READ(py, at, _obmalloc_state_mgmt_raw_allocated_blocks);
        if (table && length && length <= ARENAS_MAX && !read_table(pm, py, table, length, err))
            return false;
    }
    return true;
}

static bool read_statics(struct pymalloc *pm, const struct python *py, struct err *err)
{
    const struct layout *l = &py->layout;
    addr table = target_u64(py->target, python_static(py, l->sym_arenas), NULL);
    uint32_t length = target_u32(py->target, python_static(py, l->sym_maxarenas), NULL);
    if (l->sym_raw_allocated_blocks)
        pm->raw_blocks =
            target_u64(py->target, python_static(py, l->sym_raw_allocated_blocks), NULL);
    return !table || !length || length > ARENAS_MAX || read_table(pm, py, table, length, err);
}

// A table starts with 16 rows: all of them must be rows, and at least one an arena.
static bool is_table(const struct pymalloc *pm, const struct python *py, addr table)
{
    uint64_t stride = SIZE(py, arena_object);
    const uint8_t *rows =
        table >= PAGE && (table & 7) == 0 ? target_view(py->target, table, 16 * stride) : NULL;
    bool any = false;
    for (uint32_t i = 0; rows && i < 16; i++) {
        struct pymalloc_arena arena;
        enum pymalloc_row kind = read_row(pm, py, rows + i * stride, i, &arena);
        if (kind == ROW_ABSURD)
            return false;
        any = any || kind == ROW_ARENA;
    }
    return any;
}

// Up to 3.11 without debug information: searches the interpreter's own data for the word that
// points at a table of arenas.
static bool search_data(struct pymalloc *pm, const struct python *py, struct err *err)
{
    struct target *t = py->target;
    addr behind = 0; // .bss follows the file's own mapping, and belongs to no file
    pm->by_shape = true;
    for (size_t i = 0; i < t->segment_count && pm->count == 0; i++) {
        const struct segment s = t->segments[i];
        bool ours = s.module == py->module || (s.module < 0 && behind && s.start == behind);
        behind = ours ? s.end : 0;
        if (!ours || !(s.flags & SEGMENT_WRITE) || (s.flags & SEGMENT_MISSING))
            continue;
        const uint8_t *words = target_view(t, s.start, s.end - s.start);
        for (uint64_t k = 0; words && k + 8 <= s.end - s.start && pm->count == 0; k += 8) {
            addr table = load64(words + k);
            if (is_table(pm, py, table) && !read_table(pm, py, table, 0, err))
                return false;
        }
    }
    return true;
}

// --- debug hooks ---------------------------------------------------------------------------------

// The debug hooks put the size, the allocator's letter and seven guard bytes before every request.
bool pymalloc_has_guards(const uint8_t *block)
{
    uint8_t guard = block[9];
    if (guard != 0xfd && guard != 0xfb)
        return false;
    for (int i = 10; i < 16; i++)
        if (block[i] != guard)
            return false;
    return block[8] == 'o' || block[8] == 'm' || block[8] == 'r';
}

static void look_for_guards(struct pymalloc *pm, const struct python *py)
{
    uint32_t asked = 0, guarded = 0;
    struct pymalloc_pool pool;
    for (size_t a = 0; a < pm->count && asked < SAMPLE; a++)
        for (uint32_t i = 0; i < pm->arenas[a].pools && asked < SAMPLE; i++) {
            if (!pymalloc_pool(pm, py, &pm->arenas[a], i, &pool) || pool.size < 32 || !pool.sound)
                continue;
            for (uint32_t b = 0; b < pool.blocks && asked < SAMPLE; b++)
                if (!(pool.free[b / 64] >> (b % 64) & 1)) {
                    asked++;
                    guarded +=
                        pymalloc_has_guards(pool.bytes + SIZE(py, pool_header) + b * pool.size);
                }
        }
    pm->lead = guarded > asked / 2 ? 16 : 0;
}

// --- opening -------------------------------------------------------------------------------------

static int by_start(const void *a, const void *b)
{
    const struct pymalloc_arena *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

// Two tables must not name the same memory: the second one is dropped.
static void sort_arenas(struct pymalloc *pm)
{
    if (pm->count)
        qsort(pm->arenas, pm->count, sizeof *pm->arenas, by_start);
    size_t kept = 0;
    for (size_t i = 0; i < pm->count; i++) {
        const struct pymalloc_arena *last = kept ? &pm->arenas[kept - 1] : NULL;
        if (!last || pm->arenas[i].start >= last->start + (addr)last->pools * pm->pool_bytes)
            pm->arenas[kept++] = pm->arenas[i];
    }
    pm->count = kept;
}

static bool pymalloc_inside(int32_t offset, int32_t size)
{
    return offset >= 0 && offset + 8 <= size;
}

static bool pymalloc_layout_fits(const struct layout *l)
{
    int32_t row = l->sizeof_arena_object, pool = l->sizeof_pool_header;
    bool sizes = row > 0 && row <= 256 && pool > 0 && pool <= 256;
    return sizes && pymalloc_inside(l->arena_object_address, row)
           && pymalloc_inside(l->arena_object_pool_address, row)
           && pymalloc_inside(l->arena_object_nfreepools, row)
           && pymalloc_inside(l->arena_object_ntotalpools, row)
           && pymalloc_inside(l->pool_header_count, pool)
           && pymalloc_inside(l->pool_header_freeblock, pool)
           && pymalloc_inside(l->pool_header_arenaindex, pool)
           && pymalloc_inside(l->pool_header_szidx, pool)
           && pymalloc_inside(l->pool_header_nextoffset, pool);
}

bool pymalloc_open(struct pymalloc *pm, const struct python *py, struct err *err)
{
    const struct layout *l = &py->layout;
    *pm = (struct pymalloc){ .pool_bytes = py->rules.pool_bytes, .unit = 16 };
    if (py->rules.free_threaded || !pm->pool_bytes || !pymalloc_layout_fits(l))
        return true;
    pm->pools_most =
        2 * py->rules.arena_bytes / pm->pool_bytes; // 3.15 doubles its arenas for huge pages
    if (l->usedpools_count == 128)
        pm->unit = 8;
    bool good;
    if (l->PyInterpreterState_obmalloc >= 0 && l->_obmalloc_state_mgmt_arenas >= 0)
        good = read_states(pm, py, err);
    else
        good = l->sym_arenas && l->sym_maxarenas ? read_statics(pm, py, err)
                                                 : search_data(pm, py, err);
    if (!good) {
        pymalloc_close(pm);
        return false;
    }
    sort_arenas(pm);
    pm->known = pm->count > 0;
    if (pm->known)
        look_for_guards(pm, py);
    return true;
}

void pymalloc_close(struct pymalloc *pm)
{
    free(pm->arenas);
    *pm = (struct pymalloc){ 0 };
}

addr pymalloc_arena_end(const struct pymalloc *pm, const struct pymalloc_arena *arena)
{
    uint32_t cut =
        arena->start != arena->base; // a pool is lost to alignment, partly before, partly after
    return arena->base + (addr)(arena->total + cut) * pm->pool_bytes;
}

// --- pools ---------------------------------------------------------------------------------------

static uint32_t size_in_header(const struct pymalloc *pm, const struct python *py,
                               const uint8_t *header)
{
    uint32_t class = LOAD(py, header, pool_header_szidx);
    uint32_t size = (class + 1) * pm->unit;
    return class < CLASSES_MAX && size <= 512 ? size : 0;
}

// Sets the bits of the blocks on the chain; true when as many are left as the header says.
static bool follow_free(const struct pymalloc *pm, const struct python *py,
                        struct pymalloc_pool *pool)
{
    uint32_t first = SIZE(py, pool_header), count = 0;
    addr at = LOAD(py, pool->bytes, pool_header_freeblock);
    // Sizes differ from pool to pool: a reciprocal keeps a division out of the loop (exact below
    // 2^14 for sizes up to 512).
    uint32_t reciprocal = ((1u << 24) + pool->size - 1) / pool->size;
    while (at) {
        uint64_t offset = at - pool->at;
        if (offset < first || offset + pool->size > pm->pool_bytes)
            return false;
        uint32_t block = (uint32_t)((uint64_t)((uint32_t)offset - first) * reciprocal >> 24);
        if (block >= pool->blocks || first + block * pool->size != offset
            || pool->free[block / 64] >> (block % 64) & 1)
            return false;
        pool->free[block / 64] |= UINT64_C(1) << (block % 64);
        count++;
        at = load64(pool->bytes + offset);
    }
    return pool->blocks - count == pool->used;
}

bool pymalloc_pool(const struct pymalloc *pm, const struct python *py,
                   const struct pymalloc_arena *arena, uint32_t i, struct pymalloc_pool *pool)
{
    uint32_t first = SIZE(py, pool_header);
    pool->at = arena->start + (addr)i * pm->pool_bytes;
    pool->bytes = arena->bytes + (size_t)i * pm->pool_bytes;
    pool->used = LOAD(py, pool->bytes, pool_header_count);
    pool->size = size_in_header(pm, py, pool->bytes);
    uint32_t next = LOAD(py, pool->bytes, pool_header_nextoffset);
    if (pool->used == 0 || pool->size == 0 || next < first + pool->size
        || next > pm->pool_bytes + pool->size)
        return false;
    pool->blocks = (next - first) / pool->size;
    uint32_t most = (pm->pool_bytes - first) / pool->size;
    pool->blocks = pool->blocks < most ? pool->blocks : most;
    if (pool->used > pool->blocks)
        return false;
    memset(pool->free, 0, sizeof pool->free);
    pool->sound = follow_free(pm, py, pool);
    return true;
}

const struct pymalloc_arena *pymalloc_arena_of(const struct pymalloc *pm, addr at)
{
    size_t after = search_u64(pm->arenas, pm->count, sizeof *pm->arenas,
                              offsetof(struct pymalloc_arena, start), at + 1);
    const struct pymalloc_arena *arena = after ? &pm->arenas[after - 1] : NULL;
    return arena && at - arena->start < (addr)arena->pools * pm->pool_bytes ? arena : NULL;
}

uint32_t pymalloc_block_size(const struct pymalloc *pm, const struct python *py,
                             const struct pymalloc_arena *arena, addr at)
{
    uint64_t offset = (at - arena->start) & ~(uint64_t)(pm->pool_bytes - 1);
    return size_in_header(pm, py, arena->bytes + offset);
}
