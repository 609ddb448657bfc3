// SPDX-License-Identifier: GPL-3.0-or-later
// A child that has used malloc in all ways, looked at from outside: its own account, to the byte; and
// rows that add up.
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory/memory.h"
#include "target/target.h"
#include "unit.h"

struct facts {
    volatile int ready;
    struct mallinfo2 account;
    void *used, *freed, *cached, *mapped;
};

static void child_main(struct facts *facts)
{
    void *small[4000];
    alarm(60);
    for (size_t i = 0; i < 4000; i++)
        small[i] = malloc(40 + i % 3000);
    for (size_t i = 0; i < 4000; i += 3)
        free(small[i]);
    facts->used = small[1];
    facts->freed = small[2997]; // too large for a thread's cache
    facts->cached = malloc(200);
    facts->mapped = malloc(4 << 20);
    memset(facts->mapped, 1, 4 << 20);
    free(facts->cached);
    facts->account = mallinfo2();
    facts->ready = 1;
    for (;;)
        pause();
}

static pid_t child_new(struct facts **facts, void (*run)(struct facts *facts))
{
    *facts = mmap(NULL, sizeof **facts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (pid == 0)
        run(*facts);
    for (int i = 0; i < 5000 && !(*facts)->ready; i++)
        usleep(1000);
    return pid;
}

static enum glibc_state state_of(const struct glibc *g, const void *at)
{
    const struct glibc_block *block = glibc_block_of(g, (addr)(uintptr_t)at + 5);
    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    CU_ASSERT_EQUAL(block->at + GLIBC_HEADER, (addr)(uintptr_t)at);
    return glibc_state(block);
}

static void check_account(const struct glibc *g, const struct mallinfo2 *account)
{
    uint64_t unused = g->bytes[GLIBC_FREE] + g->bytes[GLIBC_FAST] + g->bytes[GLIBC_TOP];
    CU_ASSERT_EQUAL(unused, account->fordblks);
    CU_ASSERT_EQUAL(g->bytes[GLIBC_USED] + g->bytes[GLIBC_CACHED], account->uordblks);
    CU_ASSERT_EQUAL(g->counts[GLIBC_FREE] + g->counts[GLIBC_TOP], account->ordblks);
    CU_ASSERT_EQUAL(g->counts[GLIBC_MAPPED], account->hblks);
    CU_ASSERT_EQUAL(g->bytes[GLIBC_MAPPED], account->hblkhd);
    CU_ASSERT_TRUE(g->mapped_known);
    CU_ASSERT_EQUAL(g->mapped_count, account->hblks);
}

static void check_sums(struct memory *m)
{
    struct err err = ERR_INIT;
    UNIT_OK(memory_claim_stacks(m, &err) && memory_claim_malloc(m, &err) && memory_settle(m, &err),
            &err);
    uint64_t mapped = 0, resident = 0;
    for (size_t i = 0; i < m->residence.count; i++) {
        mapped += m->residence.rows[i].mapping.end - m->residence.rows[i].mapping.start;
        resident += m->residence.rows[i].resident;
    }
    CU_ASSERT_EQUAL(m->total.bytes, mapped);
    CU_ASSERT_EQUAL(m->total.resident, resident);
    CU_ASSERT_TRUE(resident > 4 << 20);
    CU_ASSERT_TRUE(m->trim <= m->trim_reserved);
}

static void check_child(pid_t pid, const struct facts *facts)
{
    struct target t = { 0 };
    struct memory m = { 0 };
    struct err err = ERR_INIT;
    UNIT_OK(target_open_pid(&t, pid, NULL, &err), &err);
    UNIT_OK(memory_open(&m, &t, &err), &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m.glibc.shape);
    check_account(&m.glibc, &facts->account);
    CU_ASSERT_EQUAL(state_of(&m.glibc, facts->used), GLIBC_USED);
    CU_ASSERT_EQUAL(state_of(&m.glibc, facts->cached), GLIBC_CACHED);
    CU_ASSERT_EQUAL(state_of(&m.glibc, facts->mapped), GLIBC_MAPPED);
    CU_ASSERT_EQUAL(state_of(&m.glibc, facts->freed), GLIBC_FREE);
    check_sums(&m);
    memory_close(&m);
    target_close(&t);
}

static void test_malloc(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return; // its malloc is another one
#endif
    struct facts *facts;
    pid_t pid = child_new(&facts, child_main);
    CU_ASSERT_TRUE_FATAL(facts->ready);
    check_child(pid, facts);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    munmap(facts, sizeof *facts);
}

// --- musl ----------------------------------------------------------------------------------------

static uint64_t musl_context[116]; // a variable of a module: this program

// A meta: its group, free slots by two masks, its last slot, size class and pages.
static void musl_meta(uint64_t *meta, void *group, uint32_t avail, uint32_t freed, uint64_t last,
                      uint64_t class, uint64_t pages)
{
    meta[2] = (uint64_t)(uintptr_t)group;
    meta[3] = avail | (uint64_t)freed << 32;
    meta[4] = last | class << 6 | pages << 12;
    *(uint64_t **)group = meta;
}

// Four slots of 2032 bytes; in the second one lies a group of ten slots of 64 bytes.
static void musl_main(struct facts *facts)
{
    uint64_t *area =
        mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *large = (uint8_t *)area + 4096, *small = large + 16 + 2032;
    alarm(60);
    area[0] = musl_context[0] = UINT64_C(0x1122334455667788);
    area[2] = 2;
    musl_meta(area + 3, large, 8, 0, 3, 23, 2);
    musl_meta(area + 8, small, 0x300, 1, 9, 3, 0);
    musl_context[7] = musl_context[8] = (uint64_t)(uintptr_t)area;
    facts->used = small + 16 + 64 + 8;
    facts->freed = small + 16;
    facts->ready = 1;
    for (;;)
        pause();
}

static void check_musl(pid_t pid, const struct facts *facts)
{
    struct target t = { 0 };
    struct memory m = { 0 };
    struct err err = ERR_INIT;
    UNIT_OK(target_open_pid(&t, pid, NULL, &err), &err);
    UNIT_OK(memory_open(&m, &t, &err), &err);
    const struct mallocng *g = &m.mallocng;
    CU_ASSERT_EQUAL(g->context, (addr)(uintptr_t)musl_context);
    CU_ASSERT_EQUAL(g->groups, 2);
    CU_ASSERT_EQUAL(g->odd, 0);
    CU_ASSERT_EQUAL(g->slots.counts[MALLOCNG_USED], 7 + 2);
    CU_ASSERT_EQUAL(g->slots.bytes[MALLOCNG_USED], 7 * 64 + 2 * 2032);
    CU_ASSERT_EQUAL(g->slots.bytes[MALLOCNG_FREE], 3 * 64 + 2032);
    CU_ASSERT_EQUAL(g->slots.bytes[MALLOCNG_OWN], 4096 + 16 + 16 + (2032 - 656) + 48);
    CU_ASSERT_STRING_EQUAL(memory_malloc(&m), "musl");
    size_t used = memory_block_of(&m, (addr)(uintptr_t)facts->used);
    CU_ASSERT_TRUE_FATAL(used != SIZE_MAX);
    CU_ASSERT_TRUE(memory_block(&m, used).used);
    CU_ASSERT_EQUAL(memory_block(&m, used).at, (addr)(uintptr_t)facts->used - 8);
    CU_ASSERT_EQUAL(memory_block(&m, used).size, 64);
    size_t freed = memory_block_of(&m, (addr)(uintptr_t)facts->freed);
    CU_ASSERT_TRUE_FATAL(freed != SIZE_MAX);
    CU_ASSERT_FALSE(memory_block(&m, freed).used);
    memory_close(&m);
    target_close(&t);
}

static void test_musl(void)
{
    struct facts *facts;
    pid_t pid = child_new(&facts, musl_main);
    CU_ASSERT_TRUE_FATAL(facts->ready);
    check_musl(pid, facts);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    munmap(facts, sizeof *facts);
}

// What this kernel may not have: swap, and pages of 2 MiB. Empty lines ahead of it put it across the
// end of the buffer that it is read into: so many bytes of it are still inside. False: it is shorter.
static bool smaps(size_t inside)
{
    static const char text[] =
        "7f0000000000-7f0000400000 rw-p 00000000 00:00 0 \n"
        "Size:               4096 kB\nRss:                2560 kB\n"
        "Private_Clean:         0 kB\nPrivate_Dirty:      2560 kB\n"
        "AnonHugePages:      2048 kB\nSwap:               1024 kB\nSwapPss: 1024 kB\n"
        "VmFlags: rd wr mr mw me ac \n"
        "7f0000400000-7f0000401000 rw-p 00000000 00:00 0 \n"
        "Size:                  4 kB\nRss:                   0 kB\nSwap:  4 kB\n"
        "7f0000500000-7f0000501000 rw-p 00000000 00:00 0 \n"
        "Rss:                   4 kB\n";
    struct resident rows[3] = {
        { .mapping = { .start = 0x7f0000000000, .end = 0x7f0000400000 } },
        { .mapping = { .start = 0x7f0000400000, .end = 0x7f0000401000 } },
        { .mapping = { .start = 0x7f0000500000, .end = 0x7f0000502000 } }, // has grown since
    };
    struct residence r = { .rows = rows, .count = 3 };
    static char ahead[64 << 10];
    int fd = memfd_create("smaps", MFD_CLOEXEC);
    memset(ahead, '\n', sizeof ahead);
    CU_ASSERT_EQUAL_FATAL(write(fd, ahead, sizeof ahead - inside),
                          (ssize_t)(sizeof ahead - inside));
    CU_ASSERT_EQUAL_FATAL(write(fd, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    lseek(fd, 0, SEEK_SET);
    residence_read_smaps(&r, -1, fd);
    close(fd);
    CU_ASSERT_TRUE(r.known && r.has_swap);
    CU_ASSERT_EQUAL(rows[0].resident, 2560 << 10);
    CU_ASSERT_EQUAL(rows[0].own, 2560 << 10);
    CU_ASSERT_EQUAL(rows[0].swapped, 1024 << 10);
    CU_ASSERT_TRUE(rows[1].known);
    CU_ASSERT_EQUAL(rows[1].resident, 0);
    CU_ASSERT_EQUAL(rows[1].swapped, 4096);
    CU_ASSERT_FALSE(rows[2].known);
    return inside < sizeof text - 1;
}

static void test_smaps(void)
{
    for (size_t inside = 0; smaps(inside); inside++)
        continue;
}

UNIT_SUITE(memory, { "swap and large pages", test_smaps },
           { "every block as malloc itself counts", test_malloc },
           { "musl's groups of slots", test_musl })
