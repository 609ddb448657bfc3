// SPDX-License-Identifier: GPL-3.0-or-later
// What a file of unit tests needs: CUnit's assertions, and one row for each test.
//
//     #include "unit.h"
//
//     static void test_grows(void)
//     {
//         CU_ASSERT_EQUAL(1 + 1, 2);
//     }
//
//     UNIT_SUITE(vec, { "grows when full", test_grows })
//
// A suite makes itself known before main() runs, so that adding a file of tests is one line in
// Makefile.am. All suites of one floor make one program, tests/test-FLOOR, linked with that floor and
// the ones below it and nothing else. `tests/test-FLOOR NAME` runs the suite of that name alone.
#ifndef OURO_TESTS_UNIT_H
#define OURO_TESTS_UNIT_H

#include <CUnit/CUnit.h>
#include <stddef.h>
#include <stdio.h>

struct unit_case {
    const char *name;
    void (*run)(void);
};

struct unit_suite {
    const char *name;
    const struct unit_case *cases;
    size_t n_cases;
    struct unit_suite *next;
};

// Adds a suite to the ones that main() in unit.c runs.
void unit_register(struct unit_suite *suite);

// One suite: its name (a word of C), then a row { "what holds", function } for each test.
#define UNIT_SUITE(word, ...)                                                                      \
    static const struct unit_case word##_unit_cases[] = { __VA_ARGS__ };                           \
    static struct unit_suite word##_unit_suite = {                                                 \
        .name = #word,                                                                             \
        .cases = word##_unit_cases,                                                                \
        .n_cases = sizeof word##_unit_cases / sizeof *word##_unit_cases,                           \
    };                                                                                             \
    __attribute__((constructor)) static void word##_unit_register(void)                            \
    {                                                                                              \
        unit_register(&word##_unit_suite);                                                         \
    }

// Fails with the error's own sentence when a fallible verb says no.
#define UNIT_OK(call, err_p)                                                                       \
    do {                                                                                           \
        if (!(call)) {                                                                             \
            fprintf(stderr, "  %s:%d: %s\n", __FILE__, __LINE__, (err_p)->text);                   \
            CU_FAIL(#call);                                                                        \
        }                                                                                          \
    } while (0)

#endif
