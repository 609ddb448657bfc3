// SPDX-License-Identifier: GPL-3.0-or-later
// Arenas and growing arrays.
#include "unit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

static void test_pieces(void)
{
    struct arena arena = ARENA_INIT;
    char *first = arena_string(&arena, "first");
    uint64_t *number = arena_alloc(&arena, sizeof *number);
    CU_ASSERT_EQUAL((uintptr_t)number % _Alignof(max_align_t), 0);
    CU_ASSERT_EQUAL(*number, 0);
    char *big = arena_alloc(&arena, 5000000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    memset(big, 'x', 5000000);
    char *cut = arena_copy(&arena, "second word", 6);
    CU_ASSERT_STRING_EQUAL(first, "first");
    CU_ASSERT_STRING_EQUAL(cut, "second");
    CU_ASSERT_PTR_NOT_NULL(arena_copy(&arena, NULL, 0));
    CU_ASSERT_PTR_NULL(arena_alloc(&arena, SIZE_MAX));
    CU_ASSERT_PTR_NULL(arena_copy(&arena, "", SIZE_MAX));
    CU_ASSERT_STRING_EQUAL(first, "first");
    arena_fini(&arena);
    CU_ASSERT_EQUAL(arena.bytes, 0);
}

// Pieces of every size from 0 to 2999 stay apart and keep their bytes over many chunks.
static void test_many_pieces(void)
{
    enum { N = 3000 };
    struct arena arena = ARENA_INIT;
    static unsigned char *pieces[N];
    for (size_t i = 0; i < N; i++) {
        pieces[i] = arena_alloc(&arena, i);
        CU_ASSERT_PTR_NOT_NULL_FATAL(pieces[i]);
        memset(pieces[i], (int)(i % 251), i);
    }
    size_t wrong = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < i; k++)
            wrong += pieces[i][k] != i % 251;
    CU_ASSERT_EQUAL(wrong, 0);
    arena_reset(&arena);
    unsigned char *again = arena_alloc(&arena, 100);
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    CU_ASSERT_EQUAL(again[99], 0);
    arena_fini(&arena);
}

static void test_grow(void)
{
    struct err err = ERR_INIT;
    uint32_t *items = NULL;
    size_t capacity = 0, moves = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        size_t before = capacity;
        if (!vec_grow(&items, &capacity, i + 1, sizeof *items, &err))
            break;
        moves += capacity != before;
        items[i] = i;
    }
    CU_ASSERT_TRUE(moves < 20);
    CU_ASSERT_TRUE_FATAL(capacity >= 100000);
    CU_ASSERT_EQUAL(items[99999], 99999);
    uint32_t *before = items;
    CU_ASSERT_FALSE(vec_grow(&items, &capacity, SIZE_MAX / 2, sizeof *items, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_MEMORY);
    CU_ASSERT_PTR_EQUAL(items, before);
    free(items);
}

static void test_errors(void)
{
    struct err err = ERR_INIT;
    CU_ASSERT_FALSE(err_set(&err, ERR_FORMAT, "%s: not an ELF core", "a\x1b[2Jb"));
    CU_ASSERT_STRING_EQUAL(err.text, "a?[2Jb: not an ELF core");
    CU_ASSERT_FALSE(err_wrap(&err, "opening"));
    CU_ASSERT_STRING_EQUAL(err.text, "opening: a?[2Jb: not an ELF core");
    CU_ASSERT_EQUAL(err.kind, ERR_FORMAT);
    for (int i = 0; i < 200; i++)
        err_wrap(&err, "layer %d", i);
    CU_ASSERT_TRUE(strlen(err.text) < sizeof err.text);
    CU_ASSERT_EQUAL(strncmp(err.text, "layer 199: layer 198: ", 22), 0);
    CU_ASSERT_FALSE(err_set(NULL, ERR_IO, "nobody listens"));
    err_clear(&err);
    CU_ASSERT_EQUAL(err.kind, ERR_NONE);
}

UNIT_SUITE(memory, { "pieces of an arena", test_pieces }, { "many pieces", test_many_pieces },
           { "arrays grow", test_grow }, { "errors", test_errors })
