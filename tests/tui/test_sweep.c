// SPDX-License-Identifier: GPL-3.0-or-later
// Sweeps, alone and with helpers; and what is looked for.
#include "tui/pattern.h"
#include "tui/sweep.h"

#include <signal.h>
#include <string.h>

#include "unit.h"

enum { COUNT = 100000, EVERY = 4099 };

static bool holds(void *context, size_t i)
{
    ++*(size_t *)context;
    return i % EVERY == 0;
}

static size_t found(const struct sweep *sweep)
{
    size_t count = 0;
    for (size_t i = 0; i < sweep_known(sweep); i++)
        count += sweep_has(sweep, i);
    return count;
}

static void test_alone(void)
{
    size_t asked = 0;
    struct sweep sweep;
    CU_ASSERT(sweep_init(&sweep, COUNT, holds, &asked, NULL));
    sweep_step(&sweep);
    CU_ASSERT_EQUAL(sweep_known(&sweep), SWEEP_PART);
    CU_ASSERT_EQUAL(found(&sweep), 1);
    while (!sweep_is_done(&sweep))
        sweep_step(&sweep);
    CU_ASSERT_EQUAL(sweep_known(&sweep), COUNT);
    CU_ASSERT_EQUAL(asked, COUNT);
    CU_ASSERT_EQUAL(found(&sweep), (COUNT - 1) / EVERY + 1);
    sweep_fini(&sweep);
    CU_ASSERT(sweep_init(&sweep, 0, holds, &asked, NULL));
    CU_ASSERT(sweep_is_done(&sweep));
    sweep_fini(&sweep);
    sweep_fini(&sweep);
}

// One that is killed leaves nothing out.
static void test_helped(void)
{
    for (int kill_it = 0; kill_it < 2; kill_it++) {
        size_t asked = 0;
        struct sweep sweep;
        CU_ASSERT(sweep_init(&sweep, COUNT, holds, &asked, NULL));
        sweep_help(&sweep, SWEEP_HELPERS);
        if (kill_it && sweep.helper_count)
            kill(sweep.helpers[0], SIGKILL);
        while (!sweep_is_done(&sweep))
            sweep_step(&sweep);
        CU_ASSERT_EQUAL(found(&sweep), (COUNT - 1) / EVERY + 1);
        sweep_fini(&sweep);
    }
}

static bool is_in(const char *what, const char *text)
{
    struct pattern pattern;
    CU_ASSERT(pattern_init(&pattern, what, NULL));
    bool is = pattern_is_in(&pattern, text, strlen(text));
    pattern_fini(&pattern);
    return is;
}

static bool may_be_in(const char *what, const char *characters)
{
    struct pattern pattern;
    CU_ASSERT(pattern_init(&pattern, what, NULL));
    bool may = pattern_may_be_in(&pattern, characters);
    pattern_fini(&pattern);
    return may;
}

static void test_patterns(void)
{
    CU_ASSERT(is_in("shop", "app.SHOP.x"));
    CU_ASSERT(is_in("Shop", "a Shop"));
    CU_ASSERT(!is_in("Shop", "a shop"));
    CU_ASSERT(is_in("aab", "aaab"));
    CU_ASSERT(!is_in("longer", "long"));
    CU_ASSERT(is_in("a.c", "xABCx"));
    CU_ASSERT(is_in("^$", ""));
    CU_ASSERT(is_in("gr\u00fcn", "ein gr\u00fcnes"));
    CU_ASSERT(may_be_in("7f", "0123456789abcdefx"));
    CU_ASSERT(!may_be_in("shop", "0123456789abcdefx"));
    CU_ASSERT(may_be_in("mib", "KMGTPEiB"));
    CU_ASSERT(!may_be_in("mIb", "KMGTPEiB"));
    CU_ASSERT(may_be_in("s.op", "0123456789"));
    struct pattern pattern;
    struct err err = ERR_INIT;
    CU_ASSERT(!pattern_init(&pattern, "(", &err));
    CU_ASSERT_EQUAL(err.kind, ERR_USAGE);
}

UNIT_SUITE(sweep, { "a part at a time", test_alone }, { "with helpers, and without", test_helped },
           { "patterns, plain and not", test_patterns })
