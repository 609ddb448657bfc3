// SPDX-License-Identifier: GPL-3.0-or-later
// A child that has used malloc in all ways, looked at from outside: its own account, to the byte; and
// rows that add up.
#include <malloc.h>
#include <signal.h>
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

static pid_t child_new(struct facts **facts)
{
    *facts = mmap(NULL, sizeof **facts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (pid == 0)
        child_main(*facts);
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
    UNIT_OK(memory_claim_stacks(m, &err) && memory_claim_malloc(m, &err)
                && memory_settle(m, &err),
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
    pid_t pid = child_new(&facts);
    CU_ASSERT_TRUE_FATAL(facts->ready);
    check_child(pid, facts);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    munmap(facts, sizeof *facts);
}

// What this kernel may not have: swap, and pages of 2 MiB.
static void test_smaps(void)
{
    char text[] = "7f0000000000-7f0000400000 rw-p 00000000 00:00 0 \n"
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
    residence_read_smaps(&r, -1, text);
    CU_ASSERT_TRUE(r.known && r.has_swap);
    CU_ASSERT_EQUAL(rows[0].resident, 2560 << 10);
    CU_ASSERT_EQUAL(rows[0].own, 2560 << 10);
    CU_ASSERT_EQUAL(rows[0].swapped, 1024 << 10);
    CU_ASSERT_TRUE(rows[1].known);
    CU_ASSERT_EQUAL(rows[1].resident, 0);
    CU_ASSERT_EQUAL(rows[1].swapped, 4096);
    CU_ASSERT_FALSE(rows[2].known);
}

UNIT_SUITE(memory, { "swap and large pages", test_smaps },
           { "every block as malloc itself counts", test_malloc })
