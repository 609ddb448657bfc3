// SPDX-License-Identifier: GPL-3.0-or-later
// Threads that share work: every part is done once, by as many as asked for.
#include "base/pool.h"
#include "unit.h"

#define PIECES 1000

struct work {
    struct pool_pieces pieces;
    atomic_uint done[PIECES];
    atomic_uint parts[POOL_MOST + 1], most;
};

static void do_some(void *context, unsigned part, unsigned parts)
{
    struct work *work = context;
    atomic_fetch_add(&work->parts[part], 1);
    atomic_store(&work->most, parts);
    for (size_t i; pool_take(&work->pieces, &i);)
        atomic_fetch_add(&work->done[i], 1);
}

static void test_pool(void)
{
    static const unsigned asked[] = { 0, 1, 2, 5, POOL_MOST, 1000 };
    for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
        struct work work = { .pieces = { .count = PIECES } };
        pool_run(asked[k], do_some, &work);
        unsigned parts = atomic_load(&work.most);
        CU_ASSERT_EQUAL(parts, asked[k] < 1 ? 1 : asked[k] > POOL_MOST ? POOL_MOST : asked[k]);
        for (unsigned i = 0; i <= POOL_MOST; i++)
            CU_ASSERT_EQUAL(atomic_load(&work.parts[i]), i < parts);
        for (size_t i = 0; i < PIECES; i++)
            CU_ASSERT_EQUAL(atomic_load(&work.done[i]), 1);
    }
}

UNIT_SUITE(pool, { "every part once", test_pool })
