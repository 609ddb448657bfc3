// SPDX-License-Identifier: GPL-3.0-or-later
// A child that has used malloc in all ways, looked at from outside: its own account, to the byte; and
// rows that add up.
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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

// --- very many mappings --------------------------------------------------------------------------

#define MANY 6000

// Mappings of a page each: written, only read (the kernel's page of zeros), never touched; behind them a
// file's pages, and what the fork left shared.
static void many_main(struct facts *facts)
{
    alarm(60);
    if (!fork()) { // shares what is not written again, whatever the tests' process writes
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    uint8_t *pages = mmap(NULL, (size_t)MANY * MAPPING_PAGE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int program = open("/proc/self/exe", O_RDONLY);
    volatile uint8_t *file = mmap(NULL, MAPPING_PAGE * 2, PROT_READ, MAP_PRIVATE, program, 0);
    uint8_t sum = program >= 0 ? file[0] : 0;
    for (size_t i = 0; i < MANY; i++) {
        volatile uint8_t *page = pages + i * MAPPING_PAGE;
        if (i % 3 == 0)
            *page = 1;
        else if (i % 3 == 1)
            sum += *page;
        if (i % 2)
            mprotect(pages + i * MAPPING_PAGE, MAPPING_PAGE, PROT_READ);
    }
    facts->used = pages;
    facts->ready = 1 + sum % 2;
    for (;;)
        pause();
}

static char *many_rollup(pid_t pid)
{
    static char text[4096];
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[size] = '\0';
    if (file)
        fclose(file);
    return text;
}

static int many_open(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return open(path, O_RDONLY);
}

static void many_same(const struct residence *a, const struct residence *b)
{
    size_t differing = 0;
    for (size_t i = 0; i < a->count; i++) {
        const struct resident *x = &a->rows[i], *y = &b->rows[i];
        uint64_t resident[2], own[2];
        residence_count(x, x->mapping.start, x->mapping.end, &resident[0], &own[0]);
        residence_count(y, y->mapping.start, y->mapping.end, &resident[1], &own[1]);
        differing += x->resident != y->resident || x->own != y->own || x->swapped != y->swapped
                     || resident[0] != resident[1] || own[0] != own[1] || !y->known;
    }
    CU_ASSERT_EQUAL(differing, 0);
}

// Rows without numbers, read anew: out of smaps, or out of the list of pages.
static bool many_read(struct residence *residence, struct target *target, const char *way)
{
    struct err err = ERR_INIT;
    UNIT_OK(residence_open(residence, target, &err), &err);
    for (size_t i = 0; i < residence->count; i++) {
        struct resident *row = &residence->rows[i];
        free(row->present);
        free(row->exclusive);
        *row = (struct resident){ .mapping = row->mapping };
    }
    int pagemap = many_open(target->pid, "pagemap"), smaps = many_open(target->pid, "smaps");
    bool ok = true;
    if (!strcmp(way, "smaps"))
        residence_read_smaps(residence, pagemap, smaps);
    else
        ok = residence_read_pages(residence, pagemap,
                                  !strcmp(way, "pages") ? many_rollup(target->pid)
                                                        : strcpy(many_rollup(target->pid), way),
                                  0);
    close(pagemap);
    close(smaps);
    return ok;
}

static void many_child(pid_t pid, addr pages)
{
    struct target t = { 0 };
    struct residence by_smaps = { 0 }, by_pages = { 0 }, wrong = { 0 };
    struct err err = ERR_INIT;
    UNIT_OK(target_open_pid(&t, pid, NULL, &err), &err);
    many_read(&by_smaps, &t, "smaps");
    CU_ASSERT_TRUE(by_smaps.count > MANY);
    CU_ASSERT_EQUAL(residence_of(&by_smaps, pages)->resident, MAPPING_PAGE);
    if (many_read(&by_pages, &t, "pages"))
        many_same(&by_smaps, &by_pages);
    else
        puts("SKIPPED: this kernel does not list pages, or counts large pages of files apart");
    char text[] = "0-1 ---p 00000000 00:00 0 [rollup]\nRss: 4 kB\nPrivate_Dirty: 4 kB\n";
    CU_ASSERT_FALSE(many_read(&wrong, &t, text));
    CU_ASSERT_FALSE(wrong.known || wrong.rows[0].known || wrong.rows[0].present);
    residence_close(&by_smaps);
    residence_close(&by_pages);
    residence_close(&wrong);
    target_close(&t);
}

static void test_many(void)
{
    struct facts *facts;
    pid_t pid = child_new(&facts, many_main);
    CU_ASSERT_TRUE_FATAL(facts->ready);
    many_child(pid, (addr)(uintptr_t)facts->used);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    munmap(facts, sizeof *facts);
}

UNIT_SUITE(memory, { "swap and large pages", test_smaps },
           { "every block as malloc itself counts", test_malloc },
           { "musl's groups of slots", test_musl },
           { "pages of very many mappings as smaps counts them", test_many })
