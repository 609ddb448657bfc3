// SPDX-License-Identifier: GPL-3.0-or-later
// Arenas and pools written down byte by byte, as CPython 3.9 has them; and blocks of glibc's.
#include <stdlib.h>
#include <string.h>

#include "py/memory/block.h"
#include "py/memory/pymalloc.h"
#include "py/python.h"
#include "unit.h"

#define DATA 0x10000u   // the interpreter's variables
#define TABLE 0x20000u  // 16 rows of struct arena_object
#define ARENA 0x100000u // 256 KiB
#define POOL 4096u
#define ARENA_BYTES (64 * POOL)

struct fixture {
    struct segment segments[3];
    struct module module;
    struct target target;
    struct python py;
    uint8_t data[4096], table[4096], *arena;
    struct pymalloc pm;
    struct err err;
};

static void put32(uint8_t *to, uint32_t v)
{
    memcpy(to, &v, sizeof v);
}

static void put64(uint8_t *to, uint64_t v)
{
    memcpy(to, &v, sizeof v);
}

static void set_layout(struct layout *l)
{
    layout_init(l);
    l->sizeof_arena_object = 48;
    l->arena_object_address = 0;
    l->arena_object_pool_address = 8;
    l->arena_object_nfreepools = 16;
    l->arena_object_ntotalpools = 20;
    l->sizeof_pool_header = 48;
    l->pool_header_count = 0;
    l->pool_header_freeblock = 8;
    l->pool_header_arenaindex = 32;
    l->pool_header_szidx = 36;
    l->pool_header_nextoffset = 40;
    l->usedpools_count = 64;
    l->sym_arenas = DATA + 64;
    l->sym_maxarenas = DATA + 72;
}

// Pool 0: blocks of 32 bytes; five carved out, the second and the fourth free. Pool 1: nothing in
// use. Pool 2: a block of 512.
static void fill(struct fixture *f)
{
    put64(f->data + 64, TABLE);
    put32(f->data + 72, 16);
    uint8_t *row = f->table + 3 * 48; // rows 0 to 2 are unused
    put64(row, ARENA);
    put64(row + 8, ARENA + 3 * POOL);
    put32(row + 16, 62);
    put32(row + 20, 64);
    uint8_t *pool = f->arena;
    put32(pool, 3);
    put64(pool + 8, ARENA + 48 + 32);
    put32(pool + 32, 3);
    put32(pool + 36, 1);
    put32(pool + 40, 48 + 5 * 32);
    put64(pool + 48 + 32, ARENA + 48 + 3 * 32);
    pool += 2 * POOL;
    put32(pool, 1);
    put32(pool + 32, 3);
    put32(pool + 36, 31);
    put32(pool + 40, 48 + 512);
}

static void begin(struct fixture *f)
{
    *f = (struct fixture){ .arena = calloc(1, ARENA_BYTES) };
    f->segments[0] =
        (struct segment){ DATA, DATA + 4096, f->data, NULL, SEGMENT_READ | SEGMENT_WRITE, 0, 0 };
    f->segments[1] = (struct segment){
        TABLE, TABLE + 4096, f->table, NULL, SEGMENT_READ | SEGMENT_WRITE, -1, 0
    };
    f->segments[2] = (struct segment){ ARENA, ARENA + ARENA_BYTES,          f->arena,
                                       NULL,  SEGMENT_READ | SEGMENT_WRITE, -1,
                                       0 };
    f->target.segments = f->segments;
    f->target.segment_count = 3;
    f->target.modules = &f->module;
    f->target.module_count = 1;
    f->py.target = &f->target;
    f->py.rules.pool_bytes = POOL;
    f->py.rules.arena_bytes = ARENA_BYTES;
    set_layout(&f->py.layout);
    fill(f);
}

static void end(struct fixture *f)
{
    pymalloc_close(&f->pm);
    free(f->arena);
}

static void opens(struct fixture *f)
{
    UNIT_OK(pymalloc_open(&f->pm, &f->py, &f->err), &f->err);
}

static void test_pools(void)
{
    struct fixture f;
    struct pymalloc_pool pool;
    begin(&f);
    opens(&f);
    CU_ASSERT_TRUE(f.pm.known);
    CU_ASSERT_FALSE(f.pm.by_shape);
    CU_ASSERT_EQUAL_FATAL(f.pm.count, 1);
    CU_ASSERT_EQUAL(f.pm.arenas[0].start, ARENA);
    CU_ASSERT_EQUAL(f.pm.arenas[0].pools, 3);
    CU_ASSERT_TRUE_FATAL(pymalloc_pool(&f.pm, &f.py, f.pm.arenas, 0, &pool));
    CU_ASSERT_EQUAL(pool.size, 32);
    CU_ASSERT_EQUAL(pool.blocks, 5);
    CU_ASSERT_EQUAL(pool.used, 3);
    CU_ASSERT_TRUE(pool.sound);
    CU_ASSERT_EQUAL(pool.free[0], 1 << 1 | 1 << 3);
    CU_ASSERT_FALSE(pymalloc_pool(&f.pm, &f.py, f.pm.arenas, 1, &pool));
    CU_ASSERT_TRUE_FATAL(pymalloc_pool(&f.pm, &f.py, f.pm.arenas, 2, &pool));
    CU_ASSERT_EQUAL(pool.size, 512);
    CU_ASSERT_EQUAL(pool.free[0], 0);
    CU_ASSERT_EQUAL(pymalloc_block_size(&f.pm, &f.py, f.pm.arenas, ARENA + 2 * POOL + 48), 512);
    end(&f);
}

static void test_arena_of(void)
{
    struct fixture f;
    begin(&f);
    opens(&f);
    CU_ASSERT_PTR_NULL(pymalloc_arena_of(&f.pm, ARENA - 1));
    CU_ASSERT_PTR_EQUAL(pymalloc_arena_of(&f.pm, ARENA), f.pm.arenas);
    CU_ASSERT_PTR_EQUAL(pymalloc_arena_of(&f.pm, ARENA + 3 * POOL - 1), f.pm.arenas);
    CU_ASSERT_PTR_NULL(pymalloc_arena_of(&f.pm, ARENA + 3 * POOL)); // not carved out yet
    end(&f);
}

static void test_block_size(void)
{
    struct fixture f;
    begin(&f);
    opens(&f);
    CU_ASSERT_EQUAL(block_size(&f.py, &f.pm, ARENA + 48), 32);
    CU_ASSERT_EQUAL(block_size(&f.py, &f.pm, ARENA + 48 + 64), 32);
    CU_ASSERT_EQUAL(block_size(&f.py, &f.pm, ARENA + 48 + 8), 0); // within one
    CU_ASSERT_EQUAL(block_size(&f.py, &f.pm, ARENA + 16), 0);     // in the pool's header
    put64(f.table + 2048 - 8, 0x41); // glibc's: 64 bytes with the head, the one before is in use
    put64(f.table + 2048 + 56, 0x131);
    CU_ASSERT_EQUAL(block_size(&f.py, &f.pm, TABLE + 2048), 56);
    put64(f.table + 2048 + 56, 0x130); // the next one says that it is free
    CU_ASSERT_EQUAL(block_size(&f.py, &f.pm, TABLE + 2048), 0);
    put64(f.table + 2048 + 56, 0x131);
    put64(f.table + 2048 - 8, 0x49); // no size
    CU_ASSERT_EQUAL(block_size(&f.py, &f.pm, TABLE + 2048), 0);
    put64(f.table + 2048 - 8, 0x10001); // ends where no memory is
    CU_ASSERT_EQUAL(block_size(&f.py, &f.pm, TABLE + 2048), 0);
    CU_ASSERT_EQUAL(block_size(&f.py, &f.pm, 0x7fff00000000), 0);
    end(&f);
}

// Chains that run in a ring, leave the pool, point between two blocks, or are shorter than the
// header says.
static void test_unsound_chains(void)
{
    static const uint64_t seconds[] = { ARENA + 48 + 32, ARENA + POOL, ARENA + 48 + 3 * 32 + 8, 0,
                                        8 };
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        struct fixture f;
        struct pymalloc_pool pool;
        begin(&f);
        put64(f.arena + 48 + 32, seconds[i]);
        opens(&f);
        CU_ASSERT_TRUE_FATAL(pymalloc_pool(&f.pm, &f.py, f.pm.arenas, 0, &pool));
        CU_ASSERT_FALSE(pool.sound);
        CU_ASSERT_EQUAL(pool.used, 3);
        end(&f);
    }
}

static void test_damaged_headers(void)
{
    static const struct {
        uint32_t at, value;
    } rows[] = {
        { 0, 6 },        // more in use than carved out
        { 36, 64 },      // no such class
        { 40, 48 },      // nothing carved out
        { 40, 1 << 20 }, // beyond the pool
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        struct pymalloc_pool pool;
        begin(&f);
        put32(f.arena + rows[i].at, rows[i].value);
        opens(&f);
        CU_ASSERT_FALSE(pymalloc_pool(&f.pm, &f.py, f.pm.arenas, 0, &pool));
        end(&f);
    }
}

// An arena must be named by its first pool, have room for its pools, and be there.
static void test_no_arena(void)
{
    static const struct {
        bool in_table;
        uint32_t at;
        uint64_t value;
    } rows[] = {
        { false, 32, 2 },                               // the pool belongs to another row
        { true, 3 * 48, ARENA + 8 },                    // not at a page
        { true, 3 * 48, 0x7fff00000000 },               // not there
        { true, 3 * 48 + 8, ARENA + 65 * POOL },        // more pools than it has
        { true, 3 * 48 + 16, (uint64_t)64 << 32 | 65 }, // more free ones than there are
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        begin(&f);
        put64((rows[i].in_table ? f.table : f.arena) + rows[i].at, rows[i].value);
        opens(&f);
        CU_ASSERT_FALSE(f.pm.known);
        CU_ASSERT_EQUAL(f.pm.count, 0);
        end(&f);
    }
}

// Without debug information the table is found by what it is, behind words that are none.
static void test_by_shape(void)
{
    struct fixture f;
    begin(&f);
    f.py.layout.sym_arenas = 0;
    put64(f.data + 8, TABLE + 48);
    put64(f.data + 16, ARENA);
    put64(f.data + 24, 0x7fff00000000);
    opens(&f);
    CU_ASSERT_TRUE(f.pm.known);
    CU_ASSERT_TRUE(f.pm.by_shape);
    CU_ASSERT_EQUAL(f.pm.count, 1);
    end(&f);
    begin(&f);
    f.py.layout.sym_arenas = 0;
    put64(f.data + 64, TABLE + 48); // the rows are there, but each is called by another's number
    opens(&f);
    CU_ASSERT_FALSE(f.pm.known);
    end(&f);
}

static void test_debug_hooks(void)
{
    struct fixture f;
    begin(&f);
    static const unsigned used[] = { 0, 2, 4 };
    for (size_t i = 0; i < 3; i++) {
        uint8_t *block = f.arena + 48 + used[i] * 32;
        block[8] = 'o';
        memset(block + 9, 0xfd, 7);
    }
    opens(&f);
    CU_ASSERT_EQUAL(f.pm.lead, 16);
    end(&f);
    begin(&f);
    opens(&f);
    CU_ASSERT_EQUAL(f.pm.lead, 0);
    end(&f);
}

UNIT_SUITE(pymalloc, { "blocks in use and free", test_pools },
           { "which arena has an address", test_arena_of },
           { "how large a block is", test_block_size },
           { "broken chains of free blocks", test_unsound_chains },
           { "damaged pools", test_damaged_headers }, { "rows that are no arenas", test_no_arena },
           { "the table is found by its shape", test_by_shape },
           { "debug hooks are noticed", test_debug_hooks })
