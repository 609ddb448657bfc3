// SPDX-License-Identifier: GPL-3.0-or-later
// Threads that share work: every part is done once, by as many as asked for.
#include "base/pool.h"

#include <pthread.h>
#include <signal.h>

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

struct masks {
    sigset_t of[2];
};

static void keep_mask(void *context, unsigned part, unsigned parts)
{
    struct masks *masks = context;
    CU_ASSERT_EQUAL(parts, 2);
    pthread_sigmask(SIG_BLOCK, NULL, &masks->of[part]);
}

// A blocked fault ends the process without the sentence that its handler has.
static void test_signals(void)
{
    struct masks masks;
    pool_run(2, keep_mask, &masks);
    CU_ASSERT_FALSE(sigismember(&masks.of[0], SIGINT));
    CU_ASSERT_TRUE(sigismember(&masks.of[1], SIGINT));
    CU_ASSERT_TRUE(sigismember(&masks.of[1], SIGCHLD));
    CU_ASSERT_FALSE(sigismember(&masks.of[1], SIGBUS));
    CU_ASSERT_FALSE(sigismember(&masks.of[1], SIGSEGV));
}

UNIT_SUITE(pool, { "threads take no signals but their own faults", test_signals },
           { "every part once", test_pool })
