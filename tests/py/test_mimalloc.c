// SPDX-License-Identifier: GPL-3.0-or-later
// Heaps, pages and chains of free blocks written down byte by byte, as a free-threaded CPython 3.13
// has them (mimalloc 2.1).
#include <stdlib.h>
#include <string.h>

#include "py/memory/mimalloc.h"
#include "py/objects/type.h"
#include "py/python.h"
#include "unit.h"

#define SEGMENT 0x40000000u // a multiple of 32 MiB
#define SEGMENT_BYTES (4u << 16)
#define THREAD 0x10000u
#define HEAPS (THREAD + 360) // _PyThreadStateImpl.mimalloc.heaps
#define HEAP_BYTES 3064u
#define INTERPRETER 0x20000u
#define PAGE 264u // slices[] of a segment
#define SLICE 96u

struct seen {
    enum mimalloc_heap heap;
    addr block;
    uint64_t size;
};

struct fixture {
    struct segment segments[3];
    struct target target;
    struct pythread thread;
    struct interpreter interpreter;
    struct python py;
    uint8_t state[16384], interp[16384], *segment;
    struct seen seen[16];
    size_t count, most;
};

static void put16(uint8_t *to, uint16_t v)
{
    memcpy(to, &v, sizeof v);
}

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
    l->_PyThreadStateImpl_mimalloc = 352;
    l->_mimalloc_thread_state_heaps = 8;
    l->sizeof_mi_heap_t = HEAP_BYTES;
    l->mi_heap_t_pages = 1040;
    l->mi_heap_t_thread_delayed_free = 2840;
    l->sizeof_mi_page_queue_t = 24;
    l->mi_page_queue_t_first = 0;
    l->mi_page_queue_t_block_size = 16;
    l->sizeof_mi_page_t = SLICE;
    l->mi_page_t_slice_count = 0;
    l->mi_page_t_tag = 8;
    l->bits_mi_page_t_tag = LAYOUT_BITS(3, 4);
    l->mi_page_t_capacity = 10;
    l->mi_page_t_reserved = 12;
    l->mi_page_t_free = 16;
    l->mi_page_t_used = 24;
    l->mi_page_t_xblock_size = 28;
    l->mi_page_t_local_free = 32;
    l->mi_page_t_xthread_free = 40;
    l->mi_page_t_xheap = 48;
    l->mi_page_t_next = 56;
    l->mi_segment_t_slices = PAGE;
    l->mi_segment_t_abandoned_next = 176;
    l->mi_segment_t_segment_info_slices = 232;
    l->mi_segment_t_slice_entries = 248;
    l->PyInterpreterState_mimalloc = 1024;
    l->_mimalloc_interp_state_abandoned_pool = 0;
    l->mi_abandoned_pool_t_abandoned = 64;
    l->mi_abandoned_pool_t_abandoned_visited = 0;
}

// The page in slice 1: blocks of 48 bytes, the first three left out; six carved out of eight.
static uint8_t *page_of(struct fixture *f)
{
    return f->segment + PAGE + SLICE;
}

static addr block(unsigned i)
{
    return SEGMENT + (1u << 16) + 3 * 48 + i * 48;
}

static uint8_t *bytes_of(struct fixture *f, addr at)
{
    return f->segment + (at - SEGMENT);
}

static void put_in_queue(struct fixture *f, enum mimalloc_heap heap, unsigned queue, addr page)
{
    put64(f->state + (HEAPS - THREAD) + heap * HEAP_BYTES + 1040 + queue * 24, page);
}

static void begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->segment = calloc(1, SEGMENT_BYTES);
    f->segments[0] = (struct segment){ THREAD, THREAD + sizeof f->state,     f->state,
                                       NULL,   SEGMENT_READ | SEGMENT_WRITE, -1,
                                       0 };
    f->segments[1] = (struct segment){ INTERPRETER,
                                       INTERPRETER + sizeof f->interp,
                                       f->interp,
                                       NULL,
                                       SEGMENT_READ | SEGMENT_WRITE,
                                       -1,
                                       0 };
    f->segments[2] = (struct segment){ SEGMENT, SEGMENT + SEGMENT_BYTES,      f->segment,
                                       NULL,    SEGMENT_READ | SEGMENT_WRITE, -1,
                                       0 };
    f->target.segments = f->segments;
    f->target.segment_count = 3;
    f->thread.at = THREAD;
    f->interpreter =
        (struct interpreter){ .at = INTERPRETER, .threads = &f->thread, .thread_count = 1 };
    f->py.target = &f->target;
    f->py.interpreters = &f->interpreter;
    f->py.interpreter_count = 1;
    f->py.rules.free_threaded = true;
    set_layout(&f->py.layout);
    f->most = 16;
    uint8_t *page = page_of(f);
    put32(page, 1);
    put16(page + 10, 6);
    put16(page + 12, 8);
    put32(page + 28, 48);
}

static bool note(void *context, enum mimalloc_heap heap, addr at, const uint8_t *bytes,
                 uint64_t size)
{
    struct fixture *f = context;
    CU_ASSERT_PTR_EQUAL(bytes, bytes_of(f, at));
    if (f->count < 16)
        f->seen[f->count] = (struct seen){ heap, at, size };
    return ++f->count < f->most;
}

// Free: block 1 and 4 of the page itself, 2 by its thread, 3 by another one.
static void free_four(struct fixture *f)
{
    uint8_t *page = page_of(f);
    put64(page + 16, block(4));
    put64(bytes_of(f, block(4)), block(1));
    put64(page + 32, block(2));
    put64(page + 40, block(3) | 1);
}

static void test_chains(void)
{
    struct fixture f;
    begin(&f);
    free_four(&f);
    put_in_queue(&f, MIMALLOC_GC_PRE, 7, SEGMENT + PAGE + SLICE);
    CU_ASSERT_TRUE(mimalloc_each(&f.py, 0, note, &f));
    CU_ASSERT_EQUAL_FATAL(f.count, 2);
    CU_ASSERT_EQUAL(f.seen[0].heap, MIMALLOC_GC_PRE);
    CU_ASSERT_EQUAL(f.seen[0].block, block(0));
    CU_ASSERT_EQUAL(f.seen[0].size, 48);
    CU_ASSERT_EQUAL(f.seen[1].block, block(5));
    CU_ASSERT_EQUAL(mimalloc_block_size(&f.py, block(5)), 48);
    CU_ASSERT_EQUAL(f.target.faults, 0);
    free(f.segment);
}

// Full pages get what other threads free through the heap.
static void test_delayed(void)
{
    struct fixture f;
    begin(&f);
    put_in_queue(&f, MIMALLOC_GC, 74, SEGMENT + PAGE + SLICE);
    put64(f.state + (HEAPS - THREAD) + MIMALLOC_GC * HEAP_BYTES + 2840, block(2));
    put64(bytes_of(&f, block(2)), block(0));
    CU_ASSERT_TRUE(mimalloc_each(&f.py, 0, note, &f));
    CU_ASSERT_EQUAL_FATAL(f.count, 4);
    CU_ASSERT_EQUAL(f.seen[0].block, block(1));
    CU_ASSERT_EQUAL(f.seen[1].block, block(3));
    free(f.segment);
}

// A thread that has ended leaves its segment to the interpreter; the page says of which heap it was
// (bits 3 to 6).
static void test_abandoned(void)
{
    struct fixture f;
    begin(&f);
    free_four(&f);
    put64(f.interp + 1024 + 64, SEGMENT | 5); // the low bits count changes
    put64(f.segment + 232, 1);
    put64(f.segment + 248, 4);
    page_of(&f)[8] = MIMALLOC_OBJECT << 3;
    CU_ASSERT_TRUE(mimalloc_each(&f.py, 0, note, &f));
    CU_ASSERT_EQUAL_FATAL(f.count, 2);
    CU_ASSERT_EQUAL(f.seen[1].heap, MIMALLOC_OBJECT);
    CU_ASSERT_EQUAL(f.seen[1].block, block(5));
    free(f.segment);
}

static void test_damaged(void)
{
    static const struct {
        bool page;
        uint32_t at;
        uint64_t value;
    } rows[] = {
        { true, 16, SEGMENT + (1u << 16) + 3 * 48 + 8 }, // a free block between two blocks
        { true, 16, SEGMENT + (1u << 16) },              // before the first
        { true, 8,
          (uint64_t)9 << 16 | (uint64_t)8 << 32 },        // more carved out than there is room for
        { false, 4 * 48, SEGMENT + (1u << 16) + 7 * 48 }, // a ring: 4, 1, 4
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        begin(&f);
        free_four(&f);
        put64(rows[i].page ? page_of(&f) + rows[i].at : bytes_of(&f, block(1)), rows[i].value);
        put_in_queue(&f, MIMALLOC_GC, 7, SEGMENT + PAGE + SLICE);
        CU_ASSERT_TRUE(mimalloc_each(&f.py, 0, note, &f));
        CU_ASSERT_EQUAL(f.count, 0);
        CU_ASSERT_TRUE(f.target.faults > 0);
        free(f.segment);
    }
}

static void test_stops(void)
{
    struct fixture f;
    begin(&f);
    f.most = 3;
    put_in_queue(&f, MIMALLOC_MEMORY, 7, SEGMENT + PAGE + SLICE);
    CU_ASSERT_FALSE(mimalloc_each(&f.py, 0, note, &f));
    CU_ASSERT_EQUAL(f.count, 3);
    f.py.rules.free_threaded = false;
    CU_ASSERT_TRUE(mimalloc_each(&f.py, 0, note, &f));
    CU_ASSERT_EQUAL(f.count, 3);
    free(f.segment);
}

// A page is believed when its heap, its queue and its chains agree: a table of another release finds
// none such.
static void test_audit(void)
{
    struct fixture f;
    begin(&f);
    free_four(&f);
    addr heap = HEAPS + MIMALLOC_GC * HEAP_BYTES;
    put_in_queue(&f, MIMALLOC_GC, 7, SEGMENT + PAGE + SLICE);
    put64(f.state + (HEAPS - THREAD) + MIMALLOC_GC * HEAP_BYTES + 1040 + 7 * 24 + 16, 48);
    put64(page_of(&f) + 48, heap);
    struct mimalloc_account account = { .wanted = block(5) };
    mimalloc_audit(&f.py, 0, &account);
    CU_ASSERT(account.sound == 1 && account.odd == 0 && account.found);
    account = (struct mimalloc_account){ .wanted = block(5) + 8 };
    mimalloc_audit(&f.py, 0, &account);
    CU_ASSERT(account.sound == 1 && !account.found);
    put64(page_of(&f) + 48, heap + 8); // of another heap
    account = (struct mimalloc_account){ .wanted = block(5) };
    mimalloc_audit(&f.py, 0, &account);
    CU_ASSERT(account.sound == 0 && account.odd == 1 && !account.found);
    put64(page_of(&f) + 48, heap);
    put32(page_of(&f) + 28, 64); // not the queue's size
    account = (struct mimalloc_account){ .wanted = block(5) };
    mimalloc_audit(&f.py, 0, &account);
    CU_ASSERT(account.sound == 0 && account.odd == 1);
    put32(page_of(&f) + 28, 48);
    put64(page_of(&f) + 16, block(5) + 8); // a free block that is none
    account = (struct mimalloc_account){ .wanted = block(5) };
    mimalloc_audit(&f.py, 0, &account);
    CU_ASSERT(account.sound == 0 && account.odd == 1);
    f.py.layout.sizeof_mi_page_t = 0; // a layout without them
    account = (struct mimalloc_account){ .wanted = block(5) };
    mimalloc_audit(&f.py, 0, &account);
    CU_ASSERT(account.sound == 0 && account.odd == 0);
    free(f.segment);
}

static void put_class(struct fixture *f, unsigned i, addr base, addr traverse)
{
    uint8_t *at = bytes_of(f, block(i));
    put64(at, f->py.type_type);
    put64(at + 8, 1 << 9); // Py_TPFLAGS_HEAPTYPE
    put64(at + 16, base);
    put64(at + 24, 1);
    put64(at + 32, traverse);
}

// A stripped build does not say where subtype_traverse is: the classes among the blocks do.
static void test_election(void)
{
    struct fixture f;
    begin(&f);
    struct layout *l = &f.py.layout;
    l->PyObject_ob_type = 0;
    l->sizeof_PyTypeObject = 48;
    l->PyTypeObject_tp_flags = 8;
    l->PyTypeObject_tp_base = 16;
    l->PyTypeObject_tp_dictoffset = 24;
    l->PyTypeObject_tp_traverse = 32;
    l->sizeof_PyDictObject = 48;
    f.py.type_type = 0x1000;
    f.py.object_type = 0x2000;
    put_class(&f, 0, 0x2000, 0x777);
    put_class(&f, 1, 0x2000, 0x555);
    put_class(&f, 2, 0x3000, 0x777); // of another base
    put_class(&f, 3, 0x3000, 0x777);
    put_class(&f, 4, 0x2000, 0x555);
    put_in_queue(&f, MIMALLOC_GC, 7, SEGMENT + PAGE + SLICE);
    types_learn(&f.py);
    CU_ASSERT_EQUAL(f.py.subtype_traverse, 0x555);
    put_in_queue(&f, MIMALLOC_GC, 7, 0);
    put_in_queue(&f, MIMALLOC_GC_PRE, 7, SEGMENT + PAGE + SLICE); // where no type object lies
    types_learn(&f.py);
    CU_ASSERT_EQUAL(f.py.subtype_traverse, 0);
    free(f.segment);
}

UNIT_SUITE(mimalloc, { "three chains of free blocks", test_chains },
           { "freed by others in full pages", test_delayed },
           { "segments of threads that ended", test_abandoned },
           { "damaged pages are left out", test_damaged }, { "the visitor stops it", test_stops },
           { "pages that agree with their heaps", test_audit },
           { "the classes among the blocks elect a function", test_election })
