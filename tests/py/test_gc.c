// SPDX-License-Identifier: GPL-3.0-or-later
// The incremental collector of CPython 3.14.0 to 3.14.4, written down byte by byte: a young list, two old spaces of which one was
// visited, and the flags in the low bits of the links.
#include <string.h>

#include "py/runtime/gc.h"
#include "py/python.h"
#include "unit.h"

#define GC 0x10000u // struct _gc_runtime_state
#define YOUNG (GC + 24u)
#define OLD (GC + 48u)
#define PERMANENT (GC + 96u)
#define HEADS 0x11000u // the objects' headers, 64 bytes apart

struct fixture {
    struct segment segment;
    struct module module;
    struct target target;
    struct python py;
    struct interpreter interpreter;
    uint8_t data[8192];
};

static void put32(struct fixture *f, addr at, uint32_t v)
{
    memcpy(f->data + (at - GC), &v, sizeof v);
}

static void put64(struct fixture *f, addr at, uint64_t v)
{
    memcpy(f->data + (at - GC), &v, sizeof v);
}

static void set_layout(struct layout *l)
{
    layout_init(l);
    l->sizeof_PyGC_Head = 16;
    l->PyGC_Head__gc_next = 0;
    l->PyGC_Head__gc_prev = 8;
    l->sizeof_gc_generation = 24;
    l->gc_generation_threshold = 16;
    l->gc_generation_count = 20;
    l->_gc_runtime_state_enabled = 12;
    l->_gc_runtime_state_debug = 16;
    l->_gc_runtime_state_young = 24;
    l->_gc_runtime_state_old = 48;
    l->_gc_runtime_state_permanent_generation = 96;
    l->_gc_runtime_state_generation_stats = 120;
    l->_gc_runtime_state_collecting = 192;
    l->_gc_runtime_state_garbage = 200;
    l->_gc_runtime_state_callbacks = 208;
    l->_gc_runtime_state_heap_size = 216;
    l->_gc_runtime_state_work_to_do = 224;
    l->_gc_runtime_state_visited_space = 232;
    l->_gc_runtime_state_phase = 236;
}

// A closed list of the objects from number `first` on; every link forward carries `flags`, as members of an old space do.
static void put_list(struct fixture *f, addr head, unsigned first, unsigned count, unsigned flags)
{
    addr at = head;
    for (unsigned i = 0; i <= count; i++) {
        addr next = i < count ? HEADS + 64u * (first + i) : head;
        put64(f, at, next | (at == head ? 0 : flags));
        put64(f, next + 8, at | (next == head ? 0 : 1)); // finalized, for the sake of its bit
        at = next;
    }
}

static void begin(struct fixture *f, unsigned visited, unsigned phase)
{
    memset(f, 0, sizeof *f);
    f->segment = (struct segment){ GC,   GC + sizeof f->data,          f->data,
                                   NULL, SEGMENT_READ | SEGMENT_WRITE, 0,
                                   0 };
    f->target.segments = &f->segment;
    f->target.segment_count = 1;
    f->target.modules = &f->module;
    f->target.module_count = 1;
    f->py.target = &f->target;
    f->py.version = PYVER(3, 14, 2);
    f->py.interpreters = &f->interpreter;
    f->py.interpreter_count = 1;
    f->interpreter.gc = GC;
    set_layout(&f->py.layout);
    rules_set(&f->py.rules, f->py.version, &f->py.layout);
    put_list(f, YOUNG, 0, 3, visited ^ 1);
    put_list(f, OLD, 10, 2, 0);
    put_list(f, OLD + 24, 20, 4, 1);
    put_list(f, PERMANENT, 30, 0, 0);
    for (unsigned i = 0; i < 3; i++) {
        put32(f, YOUNG + 24 * i + 16, 2000 + i);
        put32(f, YOUNG + 24 * i + 20, 70 + i);
    }
    put32(f, GC + 232, visited);
    put32(f, GC + 236, phase);
    put64(f, GC + 224, (uint64_t)-5);
    gc_find_heads(&f->py, &f->interpreter);
}

static unsigned length(struct fixture *f, enum generation generation, addr *first)
{
    struct gc_walk walk;
    gc_walk_begin(&walk, &f->py, f->interpreter.heads[generation], false);
    unsigned count = 0;
    for (addr object; count < 100 && (object = gc_walk_next(&walk)); count++)
        if (count == 0)
            *first = object;
    CU_ASSERT_FALSE(walk.broken);
    return count;
}

// Stopped between the two stores that unlink an object: from both ends all others are found.
static void test_unlinking(void)
{
    struct fixture f;
    struct gc_walk walk;
    begin(&f, 0, 1);
    put64(&f, HEADS + 64 * 21, (HEADS + 64 * 23) | 1); // 22 goes out: 21 knows, 23 does not yet
    gc_walk_begin(&walk, &f.py, OLD + 24, false);
    CU_ASSERT_EQUAL(gc_walk_next(&walk), HEADS + 64 * 20 + 16);
    CU_ASSERT_EQUAL(gc_walk_next(&walk), HEADS + 64 * 21 + 16);
    CU_ASSERT_EQUAL(gc_walk_next(&walk), 0);
    CU_ASSERT_TRUE(walk.broken);
    CU_ASSERT_TRUE(gc_walk_turn(&walk));
    CU_ASSERT_EQUAL(gc_walk_next(&walk), HEADS + 64 * 23 + 16);
    CU_ASSERT_EQUAL(gc_walk_next(&walk), HEADS + 64 * 22 + 16);
    CU_ASSERT_EQUAL(gc_walk_next(&walk), 0);
    CU_ASSERT_TRUE(walk.broken);
    gc_walk_begin(&walk, &f.py, OLD + 24, true);
    CU_ASSERT_FALSE(gc_walk_turn(&walk));
}

static void test_lists(void)
{
    struct fixture f;
    for (unsigned visited = 0; visited < 2; visited++) {
        addr first = 0;
        begin(&f, visited, 1);
        CU_ASSERT_EQUAL(length(&f, GEN_0, &first), 3);
        CU_ASSERT_EQUAL(first, HEADS + 16);
        CU_ASSERT_EQUAL(length(&f, GEN_1, &first), visited ? 4 : 2);
        CU_ASSERT_EQUAL(first, HEADS + 64 * (visited ? 20 : 10) + 16);
        CU_ASSERT_EQUAL(length(&f, GEN_2, &first), visited ? 2 : 4);
        CU_ASSERT_EQUAL(length(&f, GEN_PERMANENT, &first), 0);
        CU_ASSERT_TRUE(gc_is_tracked(&f.py, HEADS + 16));
        CU_ASSERT_FALSE(gc_is_tracked(&f.py, HEADS + 64 * 5 + 16));
        CU_ASSERT_TRUE(gc_is_finalized(&f.py, HEADS + 16));
    }
}

static void test_state(void)
{
    struct fixture f;
    struct gc_state state;
    begin(&f, 1, 0);
    python_gc_state(&f.py, 0, &state);
    CU_ASSERT_TRUE(state.marks_next);
    CU_ASSERT_EQUAL(state.threshold[0], 2000);
    CU_ASSERT_EQUAL(state.threshold[1], 2001); // the first old space's, visited or not
    CU_ASSERT_EQUAL(state.threshold[2], 0);
    CU_ASSERT_EQUAL(state.count[0], 70);
    CU_ASSERT_EQUAL(state.count[1], 72);
    CU_ASSERT_EQUAL(state.count[2], 71);
    CU_ASSERT_TRUE(state.spaces);
    CU_ASSERT_EQUAL(state.visited_space, 1);
    CU_ASSERT_EQUAL(state.work_to_do, -5);
    CU_ASSERT_EQUAL(gc_space_of(&f.py, HEADS + 64 * 20 + 16), 1);
    CU_ASSERT_EQUAL(gc_space_of(&f.py, HEADS + 64 * 10 + 16), 0);
    begin(&f, 0, 1);
    python_gc_state(&f.py, 0, &state);
    CU_ASSERT_FALSE(state.marks_next);
    CU_ASSERT_EQUAL(state.count[1], 71);
}

// What no increment has seen is not old: heap_size less young.count, which may be off by what died.
static void test_old_count(void)
{
    struct fixture f;
    struct gc_old_count old;
    begin(&f, 0, 1);
    CU_ASSERT_TRUE(gc_find_old_count(&f.py, &f.interpreter, &old));
    CU_ASSERT_EQUAL(old.all, GC + 216);
    CU_ASSERT_EQUAL(old.other, YOUNG + 20);
    CU_ASSERT_EQUAL(gc_old_count_of(&old, 1000, 70), 930);
    CU_ASSERT_EQUAL(gc_old_count_of(&old, 1000, 0xffffffff00000046),
                    930);                                           // an int beside something
    CU_ASSERT_EQUAL(gc_old_count_of(&old, 1000, 0xfffffffb), 1000); // -5
    CU_ASSERT_EQUAL(gc_old_count_of(&old, 10, 70), 0);
    f.py.layout._gc_runtime_state_heap_size = LAYOUT_NONE;
    CU_ASSERT_FALSE(gc_find_old_count(&f.py, &f.interpreter, &old));
    f.py.rules.free_threaded = true;
    CU_ASSERT_FALSE(gc_find_old_count(&f.py, &f.interpreter, &old));
}

// The collector's struct tells, not the version: vendors have changed it in their 3.14.
static void test_versions(void)
{
    static struct layout layout;
    struct rules rules;
    set_layout(&layout);
    rules_set(&rules, PYVER(3, 14, 4), &layout);
    CU_ASSERT_TRUE(rules.incremental);
    CU_ASSERT_TRUE(rules.untracks_tuples);
    layout._gc_runtime_state_generations = 24;
    layout._gc_runtime_state_young = layout._gc_runtime_state_old = LAYOUT_NONE;
    rules_set(&rules, PYVER(3, 14, 4), &layout);
    CU_ASSERT_FALSE(rules.incremental);
    CU_ASSERT_FALSE(rules.untracks_tuples);
    set_layout(&layout);
    layout.free_threaded = true; // has young and old, and no lists
    rules_set(&rules, PYVER(3, 14, 0), &layout);
    CU_ASSERT_FALSE(rules.incremental);
    CU_ASSERT_TRUE(rules.untracks_tuples);
}

UNIT_SUITE(gc, { "young and old spaces", test_lists },
           { "stopped while unlinking", test_unlinking },
           { "thresholds, counts, the phase", test_state }, { "how many are old", test_old_count },
           { "which versions collect by increments", test_versions })
