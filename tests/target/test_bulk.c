// SPDX-License-Identifier: GPL-3.0-or-later
// A process's memory, copied by several readers: our own, which has pages that nobody can read.
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target/bulk.h"
#include "target/proc.h"
#include "unit.h"

#define PAGE ((size_t)4096)
#define SIZE ((size_t)70 << 20) // enough for four readers
#define SINGLE ((size_t)600)    // pages that are pieces of their own: more than one call takes

static const size_t blind[] = { 0, 1, 700, 5000, 5001, SIZE / PAGE - 50 };
#define BLIND (sizeof blind / sizeof *blind)

static uint8_t *areas_new(void)
{
    uint8_t *area = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CU_ASSERT_NOT_EQUAL_FATAL(area, MAP_FAILED);
    return area;
}

static bool is_blind(size_t page)
{
    for (size_t i = 0; i < BLIND; i++)
        if (blind[i] == page)
            return true;
    return false;
}

// Every page begins with its number; it is read as a whole, or page by page, or gently.
static bool bulk_list(struct bulk *bulk, uint8_t *from, uint8_t *to, struct err *err)
{
    size_t last = SIZE / PAGE - 100;
    bool ok = true;
    for (size_t i = 0; ok && i < SINGLE; i++)
        ok = bulk_add(bulk,
                      (struct bulk_piece){ (uintptr_t)(from + i * PAGE), to + i * PAGE, 0, false },
                      PAGE, err);
    size_t done = SINGLE * PAGE;
    return ok
           && bulk_add(bulk, (struct bulk_piece){ (uintptr_t)(from + done), to + done, 0, false },
                       last * PAGE - done, err)
           && bulk_add(
               bulk,
               (struct bulk_piece){ (uintptr_t)(from + last * PAGE), to + last * PAGE, 0, true },
               SIZE - last * PAGE, err);
}

static void check_copy(const uint8_t *to, const struct segments *lost)
{
    size_t wrong = 0;
    for (size_t i = 0; i < SIZE / PAGE; i++) {
        size_t number;
        memcpy(&number, to + i * PAGE, sizeof number);
        wrong += number != (is_blind(i) ? 0 : i + 1) || to[i * PAGE + PAGE - 1];
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(lost->count, BLIND);
}

static void copy_by(unsigned threads, uint8_t *from)
{
    struct err err = ERR_INIT;
    struct segments lost = { 0 };
    struct bulk bulk = { .pid = getpid(), .reader = getpid(), .mem = proc_memory(getpid()) };
    uint8_t *to = areas_new();
    CU_ASSERT_TRUE_FATAL(bulk_list(&bulk, from, to, &err));
    CU_ASSERT_EQUAL(bulk.size, SIZE);
    CU_ASSERT_TRUE(bulk_read(&bulk, threads, &lost, &err));
    check_copy(to, &lost);
    segments_settle(&lost);
    for (size_t i = 0; i < lost.count && i < BLIND; i++)
        CU_ASSERT_EQUAL(lost.rows[i].start, (uintptr_t)(from + blind[i] * PAGE));
    segments_fini(&lost);
    if (bulk.mem >= 0)
        close(bulk.mem);
    bulk_free(&bulk);
    munmap(to, SIZE);
}

static void test_readers(void)
{
    uint8_t *from = areas_new();
    for (size_t i = 0; i < SIZE / PAGE; i++) {
        size_t number = i + 1;
        memcpy(from + i * PAGE, &number, sizeof number);
    }
    // /proc/PID/mem reads what is protected: the last page, which is read gently, must not exist.
    for (size_t i = 0; i + 1 < BLIND; i++)
        mprotect(from + blind[i] * PAGE, PAGE, PROT_NONE);
    munmap(from + blind[BLIND - 1] * PAGE, PAGE);
    for (unsigned threads = 0; threads <= 4; threads++)
        copy_by(threads, from);
    munmap(from, SIZE);
}

// A process that has ended is no process with pages that cannot be read.
static void test_ended(void)
{
    struct err err = ERR_INIT;
    struct segments lost = { 0 };
    uint8_t page[PAGE];
    struct bulk bulk = { .pid = 0x7ffffff0, .reader = 0x7ffffff0, .mem = -1 };
    CU_ASSERT_TRUE(bulk_add(&bulk, (struct bulk_piece){ PAGE, page, 0, false }, PAGE, &err));
    CU_ASSERT_FALSE(bulk_read(&bulk, 2, &lost, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_IO);
    CU_ASSERT_EQUAL(lost.count, 0);
    bulk_free(&bulk);
}

UNIT_SUITE(bulk, { "the same copy by any number of readers", test_readers },
           { "a process that ended", test_ended })
