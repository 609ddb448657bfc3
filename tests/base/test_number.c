// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and sizes as people type them.
#include "unit.h"

#include "base/number.h"

enum { BAD = 77 };

static const struct row {
    const char *typed;
    uint64_t number, size; // BAD: must be refused
} rows[] = {
    { "0", 0, 0 },
    { "42", 42, 42 },
    { "0x7f00", 0x7f00, 0x7f00 },
    { "0XfF", 255, 255 },
    { "18446744073709551615", UINT64_MAX, UINT64_MAX },
    { "18446744073709551616", BAD, BAD },
    { "0x10000000000000000", BAD, BAD },
    { "", BAD, BAD },
    { "0x", BAD, BAD },
    { "-1", BAD, BAD },
    { "+1", BAD, BAD },
    { " 1", BAD, BAD },
    { "1 ", BAD, BAD },
    { "12a", BAD, BAD },
    { "10K", BAD, 10240 },
    { "10k", BAD, 10240 },
    { "1M", BAD, 1048576 },
    { "2GiB", BAD, UINT64_C(2) << 30 },
    { "64kb", BAD, 65536 },
    { "512B", BAD, 512 },
    { "1.5K", BAD, 1536 },
    { "0.25MiB", BAD, 262144 },
    { "1.5", BAD, BAD },
    { "1.K", BAD, BAD },
    { ".5K", BAD, BAD },
    { "16777216T", BAD, BAD },
    { "1KK", BAD, BAD },
    { "1iB", BAD, BAD },
    { "K", BAD, BAD },
};

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t number = BAD, size = BAD;
        bool is_number = number_parse(rows[i].typed, &number);
        bool is_size = number_parse_size(rows[i].typed, &size);
        if (number != rows[i].number || size != rows[i].size)
            fprintf(stderr, "  \"%s\": number %llu, size %llu\n", rows[i].typed,
                    (unsigned long long)number, (unsigned long long)size);
        CU_ASSERT_EQUAL(number, rows[i].number);
        CU_ASSERT_EQUAL(size, rows[i].size);
        CU_ASSERT_EQUAL(is_number, rows[i].number != BAD);
        CU_ASSERT_EQUAL(is_size, rows[i].size != BAD);
    }
}

static void test_pids(void)
{
    pid_t pid = 7;
    CU_ASSERT(!number_parse_pid("0", &pid));
    CU_ASSERT(!number_parse_pid("2147483648", &pid));
    CU_ASSERT(!number_parse_pid("-1", &pid));
    CU_ASSERT_EQUAL(pid, 7);
    CU_ASSERT(number_parse_pid("2147483647", &pid));
    CU_ASSERT_EQUAL(pid, 2147483647);
}

UNIT_SUITE(number, { "good and bad ones", test_rows }, { "of processes", test_pids })
