// SPDX-License-Identifier: GPL-3.0-or-later
// _Py_DebugOffsets: the words of a real 3.13.0, and what becomes of a layout that they contradict.
#include "layout/offsets.h"

#include <string.h>

#include "unit.h"

// "xdebugpy", the version, free_threaded; then as _Py_DebugOffsets of CPython 3.13.0 on x86-64 has
// them.
// clang-format off
static const uint64_t words_3_13[] = {
    0x7970677562656478, 0x030d00f0, 0,
    283320, 608, 632,                              // runtime_state
    194968, 7272, 7264, 7344, 7400, 7656,          // interpreter_state
    7640, 7648, 16, 7752, 0, 7768, 7760,
    304, 0, 8, 16, 72, 152, 160, 232, 32,          // thread_state
    80, 8, 0, 56, 72, 70,                          // interpreter_frame
    208, 112, 120, 128, 136, 68, 52, 96, 104, 200, // code_object
    16, 8,                                         // pyobject
    416, 24, 88, 168,                              // type_object
    32, 24, 16, 40, 24, 16, 48, 32, 40,            // tuple, list, dict
    24, 16, 32, 16, 24, 40, 16, 32,                // float, long, bytes
    64, 32, 16, 40,                                // unicode
    240, 200,                                      // gc
};
// clang-format on

// The same of CPython 3.15.2.
// clang-format off
static const uint64_t words_3_15[] = {
    0x7970677562656478, 0x030f02f0, 0,
    346568, 912, 936,                                            // runtime_state
    226240, 7272, 7264, 7336, 7352, 7400, 7592, 7576, 7584,      // interpreter_state
    16, 7736, 0, 7752, 7744, 7944, 0,
    888, 0, 8, 16, 72, 80, 88, 96, 176, 184, 256, 32, 36, 40, 136, 288, // thread_state
    0,                                                           // err_stackitem
    88, 8, 0, 56, 80, 74, 64, 0,                                 // interpreter_frame
    216, 112, 120, 128, 136, 68, 52, 96, 104, 208, 0,            // code_object
    16, 8,                                                       // pyobject
    424, 24, 88, 168, 32, 288,                                   // type_object
    944, 888,                                                    // heap_type_object
    40, 32, 16, 40, 24, 16, 200, 24, 40, 32, 48, 32, 40,         // tuple, list, set, dict
    24, 16, 32, 16, 24, 40, 16, 32,                              // float, long, bytes
    64, 32, 16, 40, 56,                                          // unicode
    176, 112, 120, 1120, 104,                                    // gc
    160, 24, 72, 67,                                             // gen_object
    0, 8, 24,                                                    // llist_node
};
// clang-format on

// The same of a free-threaded CPython 3.14.7.
// clang-format off
static const uint64_t words_3_14t[] = {
    0x7970677562656478, 0x030e07f0, 1,
    362368, 784, 808,                                            // runtime_state
    246720, 7280, 7272, 7344, 7360, 7408, 7712, 7696, 7704,      // interpreter_state
    16, 7808, 0, 7832, 7824, 8024, 17628,
    832, 0, 8, 16, 72, 152, 160, 232, 32,                        // thread_state
    88, 8, 0, 56, 80, 78, 64, 72,                                // interpreter_frame
    240, 128, 136, 144, 152, 84, 68, 112, 120, 232, 224,         // code_object
    32, 24,                                                      // pyobject
    432, 40, 104, 184,                                           // type_object
    56, 48, 32, 56, 40, 32, 216, 40, 56, 48, 64, 48, 56,         // tuple, list, set, dict
    40, 32, 48, 32, 40, 56, 32, 48,                              // float, long, bytes
    80, 48, 32, 56,                                              // unicode
    288, 192,                                                    // gc
    176, 40, 88, 83,                                             // gen_object
    0, 8, 24,                                                    // llist_node
};
// clang-format on

static void test_version(void)
{
    uint32_t version = 0;
    bool free_threaded = true;
    CU_ASSERT_TRUE(offsets_version(words_3_13, sizeof words_3_13, &version, &free_threaded));
    CU_ASSERT_EQUAL(version, 0x030d00f0);
    CU_ASSERT_FALSE(free_threaded);
    CU_ASSERT_TRUE(offsets_version(words_3_13, 24, NULL, NULL));
    CU_ASSERT_FALSE(offsets_version(words_3_13, 23, NULL, NULL));
    uint64_t other[3] = { 1, 0x030d00f0, 0 };
    CU_ASSERT_FALSE(offsets_version(other, sizeof other, NULL, NULL));
}

static void test_fills_an_empty_layout(void)
{
    static struct layout layout;
    struct offsets offsets;
    struct err err = ERR_INIT;
    layout_init(&layout);
    UNIT_OK(offsets_apply(&layout, words_3_13, sizeof words_3_13, false, &offsets, &err), &err);
    CU_ASSERT_EQUAL(offsets.n_compared, 0);
    CU_ASSERT_EQUAL(offsets.n_clashes, 0);
    CU_ASSERT_EQUAL(offsets.n_filled, 65);
    CU_ASSERT_EQUAL(layout.sizeof__PyRuntimeState, 283320);
    CU_ASSERT_EQUAL(layout._PyRuntimeState_interpreters_head, 632);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_gc, 7400);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_modules, 7656);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_threads_main, LAYOUT_NONE); // 3.14
    CU_ASSERT_EQUAL(layout.PyThreadState_current_frame, 72);
    CU_ASSERT_EQUAL(layout._PyInterpreterFrame_owner, 70);
    CU_ASSERT_EQUAL(layout.PyCodeObject_co_code_adaptive, 200);
    CU_ASSERT_EQUAL(layout.PyTypeObject_tp_flags, 168);
    CU_ASSERT_EQUAL(layout.PyVarObject_ob_size, 16);
    CU_ASSERT_EQUAL(layout.sizeof_PyASCIIObject, 40);
    CU_ASSERT_EQUAL(layout._gc_runtime_state_collecting, 200);
}

static void test_agrees_with_itself(void)
{
    static struct layout layout;
    struct offsets offsets;
    struct err err = ERR_INIT;
    layout_init(&layout);
    offsets_apply(&layout, words_3_13, sizeof words_3_13, false, &offsets, &err);
    UNIT_OK(offsets_apply(&layout, words_3_13, sizeof words_3_13, false, &offsets, &err), &err);
    CU_ASSERT_EQUAL(offsets.n_compared, 65);
    CU_ASSERT_EQUAL(offsets.n_filled, 0);
    CU_ASSERT_EQUAL(offsets.n_clashes, 0);
}

// An interpreter in which PyInterpreterState has grown by 24 bytes between `gc` and `modules`.
static void grown(uint64_t words[static 73])
{
    memcpy(words, words_3_13, sizeof words_3_13);
    for (size_t i = 11; i <= 13; i++) // modules, sysdict, builtins
        words[i] += 24;
}

static void table(struct layout *layout)
{
    layout_init(layout);
    layout->PyInterpreterState_next = 7264;
    layout->PyInterpreterState_gc = 7400;
    layout->PyInterpreterState_modules = 7656;
    layout->PyInterpreterState_import_func = 7696; // behind modules
    layout->PyInterpreterState_dict = 7320;        // before gc
    layout->PyThreadState_dict = 128;
}

static void test_lists_clashes(void)
{
    static struct layout layout;
    struct offsets offsets;
    struct err err = ERR_INIT;
    uint64_t words[73];
    grown(words);
    table(&layout);
    UNIT_OK(offsets_apply(&layout, words, sizeof words, false, &offsets, &err), &err);
    CU_ASSERT_EQUAL(offsets.n_compared, 3);
    CU_ASSERT_EQUAL(offsets.n_clashes, 1);
    CU_ASSERT_STRING_EQUAL(offsets.clashes[0].row, "PyInterpreterState.modules");
    CU_ASSERT_EQUAL(offsets.clashes[0].ours, 7656);
    CU_ASSERT_EQUAL(offsets.clashes[0].theirs, 7680);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_modules, 7656);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_import_func, 7696);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_sysdict, 7664); // filled, not contradicted
}

static void test_believes_and_moves_the_neighbours(void)
{
    static struct layout layout;
    struct offsets offsets;
    struct err err = ERR_INIT;
    uint64_t words[73];
    grown(words);
    table(&layout);
    UNIT_OK(offsets_apply(&layout, words, sizeof words, true, &offsets, &err), &err);
    CU_ASSERT_EQUAL(offsets.n_clashes, 1);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_modules, 7680);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_import_func, 7720);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_dict, 7320);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_gc, 7400);
    CU_ASSERT_EQUAL(layout.PyThreadState_dict, 128);
}

static void refused(const uint64_t *words, size_t size, enum err_kind kind)
{
    static struct layout layout;
    struct offsets offsets;
    struct err err = ERR_INIT;
    table(&layout);
    CU_ASSERT_FALSE(offsets_apply(&layout, words, size, true, &offsets, &err));
    CU_ASSERT_EQUAL(err.kind, kind);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_modules, 7656);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_sysdict, LAYOUT_NONE);
}

static void test_refuses_garbage(void)
{
    uint64_t words[73];
    memcpy(words, words_3_13, sizeof words);
    refused(words, sizeof words - 8, ERR_FORMAT);
    words[72] = 1 << 21;
    refused(words, sizeof words, ERR_FORMAT);
    memcpy(words, words_3_13, sizeof words);
    words[0]++;
    refused(words, sizeof words, ERR_FORMAT);
    memcpy(words, words_3_13, sizeof words);
    words[1] = 0x034000f0; // has more of them, whatever it is
    refused(words, sizeof words, ERR_FORMAT);
    words[1] = 0x030c00f0;
    refused(words, sizeof words, ERR_UNSUPPORTED);
    words[1] = 0x030e00f0; // 3.14 has more of them
    refused(words, sizeof words, ERR_FORMAT);
}

// Threads of a free-threaded 3.14 run copies of the bytecode; other builds have no words for that.
static void test_thread_bytecode(void)
{
    static struct layout layout;
    struct offsets offsets;
    struct err err = ERR_INIT;
    uint64_t words[sizeof words_3_14t / 8];
    layout_init(&layout);
    UNIT_OK(offsets_apply(&layout, words_3_14t, sizeof words, false, &offsets, &err), &err);
    CU_ASSERT_TRUE(offsets.free_threaded);
    CU_ASSERT_EQUAL(layout.PyCodeObject_co_tlbc, 224);
    CU_ASSERT_EQUAL(layout._PyInterpreterFrame_tlbc_index, 72);
    CU_ASSERT_EQUAL(layout.PyObject_ob_type, 24);
    CU_ASSERT_EQUAL(layout.PyGenObject_gi_frame_state, 83);
    for (int none = -1; none <= 0; none++) { // what others say instead
        memcpy(words, words_3_14t, sizeof words);
        words[2] = 0;
        CU_ASSERT_EQUAL(words[38], 72);
        CU_ASSERT_EQUAL(words[49], 224);
        words[38] = 0;
        words[49] = (uint64_t)none;
        layout_init(&layout);
        UNIT_OK(offsets_apply(&layout, words, sizeof words, false, &offsets, &err), &err);
        CU_ASSERT_EQUAL(layout.PyCodeObject_co_tlbc, LAYOUT_NONE);
        CU_ASSERT_EQUAL(layout._PyInterpreterFrame_tlbc_index, LAYOUT_NONE);
        CU_ASSERT_EQUAL(layout.PyObject_ob_type, 24);
    }
}

static bool newer_applies(const struct layout *layout, const uint64_t *words, size_t size,
                          struct layout *applied)
{
    struct offsets offsets;
    *applied = *layout;
    return offsets_apply(applied, words, size, true, &offsets, NULL);
}

// 3.16 is read by the order of 3.15's words while nothing says that it is another one.
static void test_a_newer_version(void)
{
    static struct layout known, layout;
    struct offsets offsets;
    struct err err = ERR_INIT;
    uint64_t words[sizeof words_3_15 / 8 + 1];
    size_t size = sizeof words_3_15;
    layout_init(&known);
    UNIT_OK(offsets_apply(&known, words_3_15, size, true, &offsets, &err), &err);
    CU_ASSERT_EQUAL(known.PyGenObject_gi_iframe, 72);
    memcpy(words, words_3_15, size);
    words[1] = 0x031000f0;
    CU_ASSERT_TRUE(newer_applies(&known, words, size, &layout));
    words[6] += 64; // PyInterpreterState has grown, between next and gc
    words[11] += 64;
    CU_ASSERT_TRUE(newer_applies(&known, words, size, &layout));
    CU_ASSERT_EQUAL(layout.PyInterpreterState_gc, 7464);
    // An object has grown: not known by how much its other members have moved.
    size_t gen = size / 8 - 7;
    CU_ASSERT_EQUAL(words[gen], 160);
    words[gen] += 8;
    CU_ASSERT_FALSE(newer_applies(&known, words, size, &layout));
    words[gen] -= 8;
    // A word that was inserted, anywhere.
    for (size_t at = 3; at < gen; at++) {
        memcpy(words, words_3_15, size);
        words[1] = 0x031000f0;
        memmove(words + at + 1, words + at, size - at * 8);
        CU_ASSERT_FALSE(newer_applies(&known, words, size + 8, &layout));
    }
    // An empty layout says nothing of the order.
    memcpy(words, words_3_15, size);
    words[1] = 0x031000f0;
    layout_init(&known);
    CU_ASSERT_FALSE(newer_applies(&known, words, size, &layout));
}

UNIT_SUITE(offsets, { "the cookie and the version", test_version },
           { "fills what a layout does not know", test_fills_an_empty_layout },
           { "agrees with itself", test_agrees_with_itself },
           { "lists what they contradict", test_lists_clashes },
           { "believes, and moves the neighbours", test_believes_and_moves_the_neighbours },
           { "refuses garbage", test_refuses_garbage },
           { "where threads have copies of the bytecode", test_thread_bytecode },
           { "a version newer than all that are known", test_a_newer_version })
