// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the suites that were linked in: see unit.h.
#include "unit.h"

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct unit_suite *suites; // sorted by name

void unit_register(struct unit_suite *suite)
{
    struct unit_suite **at = &suites;
    while (*at && strcmp((*at)->name, suite->name) < 0)
        at = &(*at)->next;
    suite->next = *at;
    *at = suite;
}

static bool suite_add(const struct unit_suite *suite)
{
    CU_pSuite added = CU_add_suite(suite->name, NULL, NULL);
    if (!added)
        return false;
    for (size_t i = 0; i < suite->n_cases; i++)
        if (!CU_add_test(added, suite->cases[i].name, suite->cases[i].run))
            return false;
    return true;
}

static unsigned suites_add(const char *only)
{
    unsigned n = 0;
    for (const struct unit_suite *suite = suites; suite; suite = suite->next) {
        if (only && strcmp(only, suite->name) != 0)
            continue;
        if (!suite_add(suite)) {
            fprintf(stderr, "%s: %s\n", suite->name, CU_get_error_msg());
            exit(2);
        }
        n++;
    }
    return n;
}

int main(int argc, char **argv)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        fprintf(stderr, "%s\n", CU_get_error_msg());
        return 2;
    }
    if (!suites_add(argc > 1 ? argv[1] : NULL)) {
        fprintf(stderr, "%s: there is no such suite\n", argc > 1 ? argv[1] : argv[0]);
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_ErrorCode ran = CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
    CU_cleanup_registry();
    return ran == CUE_SUCCESS && failed == 0 ? 0 : 1;
}
