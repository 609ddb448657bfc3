// SPDX-License-Identifier: GPL-3.0-or-later
// Processes that run: copied, held, let go, and none the worse for it.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "child.h"
#include "base/clock.h"
#include "base/guard.h"
#include "target/dump.h"
#include "target/hold.h"
#include "target/proc.h"
#include "target/proc_file.h"
#include "unit.h"

uint64_t child_marker = 1;
struct child_shared *child_shared_now;

static bool start(struct child *c)
{
    if (!child_start(c)) {
        CU_FAIL("no child");
        return false;
    }
    return true;
}

static uint64_t read_u64(struct target *t, const void *at)
{
    bool ok = true;
    uint64_t value = target_u64(t, (addr)(uintptr_t)at, &ok);
    CU_ASSERT_TRUE(ok);
    return value;
}

static void check_memory(struct target *t, const struct child *c)
{
    CU_ASSERT_EQUAL(read_u64(t, &child_marker), 0x1122334455667788);
    const uint8_t *view = target_view(t, (addr)(uintptr_t)c->sparse, CHILD_PAGES * 4096);
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
    size_t wrong = 0;
    for (size_t i = 0; i < CHILD_PAGES; i++)
        wrong += view[i * 4096 + 17] != (i % 16 ? 0 : ((i / 16) | 1) & 0xff);
    CU_ASSERT_EQUAL(wrong, 0);
}

static void check_symbols(struct target *t)
{
    CU_ASSERT_EQUAL(target_symbol(t, -1, "child_marker"), (addr)(uintptr_t)&child_marker);
    CU_ASSERT_EQUAL(target_symbol(t, -1, "getpid"), (addr)(uintptr_t)dlsym(RTLD_NEXT, "getpid"));
    char text[64];
    CU_ASSERT_TRUE(target_symbolize(t, (addr)(uintptr_t)&child_marker + 3, text, sizeof text));
    CU_ASSERT_STRING_EQUAL(text, "child_marker+0x3");
    int program = target_module_of(t, (addr)(uintptr_t)&child_marker);
    CU_ASSERT_TRUE_FATAL(program >= 0);
    CU_ASSERT_TRUE(t->modules[program].is_program);
    addr start;
    uint64_t size;
    CU_ASSERT_TRUE(target_section(t, program, ".text", &start, &size));
    CU_ASSERT_TRUE((addr)(uintptr_t)check_symbols - start < size);
}

static void test_copy(void)
{
    struct child c;
    if (!start(&c))
        return;
    struct target t;
    struct err err = ERR_INIT;
    bool ok = target_open_snapshot(&t, c.pid, NULL, &err);
    UNIT_OK(ok, &err);
    CU_ASSERT_TRUE(child_goes_on(&c));
    if (ok) {
        CU_ASSERT_STRING_EQUAL(t.kind, "copy");
        CU_ASSERT_EQUAL(t.thread_count, 3);
        CU_ASSERT_TRUE(t.stopped_us > 0 && t.stopped_us < 2000000);
        check_memory(&t, &c);
        check_symbols(&t);
        target_close(&t);
    }
    child_end(&c);
}

#define RESERVED_SIZE ((size_t)1 << 30)

// What the process reserved and never touched costs nothing in the copy, not even when it is read.
static void test_reserved(void)
{
    uint8_t *reserved = mmap(NULL, RESERVED_SIZE, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CU_ASSERT_TRUE_FATAL(reserved != MAP_FAILED);
    struct child c;
    if (!start(&c))
        return;
    struct target t;
    struct err err = ERR_INIT;
    bool ok = target_open_snapshot(&t, c.pid, NULL, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        struct stat before = { 0 }, after = { 0 };
        fstat(t.fd, &before);
        const uint8_t *view = target_view(&t, (addr)(uintptr_t)reserved, RESERVED_SIZE);
        CU_ASSERT_PTR_NOT_NULL_FATAL(view);
        size_t sum = 0;
        for (size_t i = 0; i < RESERVED_SIZE; i += 4096)
            sum += view[i];
        CU_ASSERT_EQUAL(sum, 0);
        check_memory(&t, &c);
        fstat(t.fd, &after);
        CU_ASSERT_TRUE(before.st_blocks > 0);
        CU_ASSERT_TRUE((after.st_blocks - before.st_blocks) * 512 <= (long)CHILD_PAGES * 4096);
        target_close(&t);
    }
    child_end(&c);
    munmap(reserved, RESERVED_SIZE);
}

#define SHARED_PAGES ((size_t)64)

// Pages that the process has for itself alone: bit 56 of an entry.
static size_t own_pages(pid_t pid, const uint8_t *block)
{
    char path[64];
    uint64_t entries[SHARED_PAGES] = { 0 };
    size_t own = 0;
    snprintf(path, sizeof path, "/proc/%d/pagemap", (int)pid);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fseek(file, (long)((uintptr_t)block / 4096 * 8), SEEK_SET), 0);
    CU_ASSERT_EQUAL(fread(entries, 8, SHARED_PAGES, file), SHARED_PAGES);
    fclose(file);
    for (size_t i = 0; i < SHARED_PAGES; i++)
        own += entries[i] >> 56 & 1;
    return own;
}

// What a fork left shared stays so when it is read.
static void read_shared(bool hold)
{
    uint8_t *block =
        mmap(NULL, SHARED_PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CU_ASSERT_TRUE_FATAL(block != MAP_FAILED);
    memset(block, 7, SHARED_PAGES * 4096);
    struct child c;
    if (!start(&c))
        return;
    struct target t;
    struct err err = ERR_INIT;
    CU_ASSERT_EQUAL(own_pages(c.pid, block), 0);
    bool ok =
        hold ? target_open_pid(&t, c.pid, NULL, &err) : target_open_snapshot(&t, c.pid, NULL, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        const uint8_t *view = target_view(&t, (addr)(uintptr_t)block, SHARED_PAGES * 4096);
        CU_ASSERT_PTR_NOT_NULL_FATAL(view);
        CU_ASSERT_EQUAL(memcmp(view, block, SHARED_PAGES * 4096), 0);
        CU_ASSERT_EQUAL(own_pages(c.pid, block), 0);
        target_close(&t);
    }
    child_end(&c);
    munmap(block, SHARED_PAGES * 4096);
}

#define MAPPED_SIZE ((size_t)1 << 30)
#define CHANGED (7 * 4096) // a page of the data file that the process changed for itself

struct mapped { // a data file, copied on write, and shared memory with two pages in it
    int file, memory;
    uint8_t *data, *shared;
};

static bool map_both(struct mapped *m)
{
    m->file = memfd_create("data", 0);
    m->memory = memfd_create("memory", 0);
    bool ok = m->file >= 0 && m->memory >= 0 && !ftruncate(m->file, (off_t)MAPPED_SIZE)
              && !ftruncate(m->memory, (off_t)MAPPED_SIZE)
              && pwrite(m->file, "from the file", 14, 3 * 4096) == 14;
    m->data = mmap(NULL, MAPPED_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, m->file, 0);
    m->shared = mmap(NULL, MAPPED_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, m->memory, 0);
    if (!ok || m->data == MAP_FAILED || m->shared == MAP_FAILED)
        return false;
    memcpy(m->data + CHANGED, "changed", 8);
    memcpy(m->shared + (700 << 20), "shared", 7);
    m->shared[0] = 1;
    return true;
}

static void check_text(struct target *t, const uint8_t *at, const char *expected)
{
    char text[32] = "";
    CU_ASSERT_TRUE(target_read_string(t, (addr)(uintptr_t)at, text, sizeof text));
    CU_ASSERT_STRING_EQUAL(text, expected);
}

static long blocks_of(int fd)
{
    struct stat st = { 0 };
    fstat(fd, &st);
    return (long)st.st_blocks;
}

// The core has what the process changed for itself, and not the rest.
static void check_dump(struct target *live, const struct mapped *m)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/ouro-test-late-%d", (int)getpid());
    uint64_t bytes = 0;
    struct err err = ERR_INIT;
    unlink(path);
    UNIT_OK(target_dump(live, path, false, NULL, &bytes, &err), &err);
    CU_ASSERT_TRUE(bytes < MAPPED_SIZE);
    struct target t;
    bool ok = target_open_core(&t, path, NULL, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        check_text(&t, m->data + CHANGED, "changed");
        CU_ASSERT_PTR_NULL(target_view(&t, (addr)(uintptr_t)m->data + 3 * 4096, 1));
        CU_ASSERT_PTR_NULL(target_view(&t, (addr)(uintptr_t)m->shared, 1));
        target_close(&t);
    }
    unlink(path);
}

// Data files and shared memory are read where somebody looks; their holes stay holes.
static void read_mapped(bool hold)
{
    struct mapped m;
    struct child c;
    CU_ASSERT_TRUE_FATAL(map_both(&m));
    long data = blocks_of(m.file), shared = blocks_of(m.memory);
    if (!start(&c))
        return;
    struct target t;
    struct err err = ERR_INIT;
    bool ok =
        hold ? target_open_pid(&t, c.pid, NULL, &err) : target_open_snapshot(&t, c.pid, NULL, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        check_text(&t, m.data + 3 * 4096, "from the file");
        check_text(&t, m.data + CHANGED, "changed");
        CU_ASSERT_EQUAL(read_u64(&t, m.data + (500 << 20)), 0);
        check_text(&t, m.shared + (700 << 20), "shared");
        CU_ASSERT_EQUAL(read_u64(&t, m.shared), 1);
        CU_ASSERT_EQUAL(read_u64(&t, m.shared + (300 << 20)), 0);
        UNIT_OK(target_settle(&t, &err), &err);
        check_dump(&t, &m);
        target_close(&t);
    }
    child_end(&c);
    CU_ASSERT_EQUAL(blocks_of(m.file), data);
    CU_ASSERT_EQUAL(blocks_of(m.memory), shared);
    munmap(m.data, MAPPED_SIZE);
    munmap(m.shared, MAPPED_SIZE);
    close(m.file);
    close(m.memory);
}

// Without a name left, the files are to be had through /proc/PID/map_files only.
static bool may_open_mapped(void)
{
    char link[96];
    snprintf(link, sizeof link, "/proc/self/map_files/%lx-%lx", (unsigned long)child_shared_now,
             (unsigned long)child_shared_now + 4096);
    int fd = open(link, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void test_mapped(void)
{
    child_shared_now = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool may = may_open_mapped();
    munmap(child_shared_now, 4096);
    if (!may) {
        fprintf(stderr, "SKIPPED: mapped files may not be opened here\n");
        return;
    }
    read_mapped(false);
    read_mapped(true);
}

static void test_shared(void)
{
    read_shared(false);
    read_shared(true);
}

static void test_hold(void)
{
    struct child c;
    if (!start(&c))
        return;
    struct target t;
    struct err err = ERR_INIT;
    bool ok = target_open_pid(&t, c.pid, NULL, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        uint64_t ticks[3];
        memcpy(ticks, (const void *)c.shared->ticks, sizeof ticks);
        for (int i = 0; i < 10; i++)
            child_nap();
        CU_ASSERT_EQUAL(memcmp(ticks, (const void *)c.shared->ticks, sizeof ticks), 0);
        check_memory(&t, &c);
        check_symbols(&t);
        kill(c.pid, SIGUSR1); // arrives while it is held
        target_close(&t);
    }
    CU_ASSERT_TRUE(child_goes_on(&c));
    CU_ASSERT_EQUAL(c.shared->signals, 1);
    child_end(&c);
}

static void test_stays_stopped(void)
{
    struct child c;
    if (!start(&c))
        return;
    int status;
    kill(c.pid, SIGSTOP);
    waitpid(c.pid, &status, WUNTRACED);
    struct err err = ERR_INIT;
    struct target t;
    bool ok = target_open_snapshot(&t, c.pid, NULL, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        check_memory(&t, &c);
        target_close(&t);
    }
    for (int i = 0; i < 5; i++)
        child_nap();
    CU_ASSERT_EQUAL(proc_state(c.pid, c.pid), 'T');
    kill(c.pid, SIGCONT);
    CU_ASSERT_TRUE(child_goes_on(&c));
    child_end(&c);
}

static void test_ends_meanwhile(void)
{
    struct child c;
    if (!start(&c))
        return;
    struct err err = ERR_INIT;
    struct target t;
    bool ok = target_open_pid(&t, c.pid, NULL, &err);
    UNIT_OK(ok, &err);
    kill(c.pid, SIGKILL);
    for (int i = 0; i < 10; i++)
        child_nap();
    if (ok) {
        uint8_t byte;
        CU_ASSERT_FALSE(target_read(&t, (addr)(uintptr_t)c.sparse, &byte, 1));
        CU_ASSERT_EQUAL(t.faults, 1);
        CU_ASSERT_PTR_NOT_NULL(strstr(t.pending.text, "ended while it was being read"));
        CU_ASSERT_FALSE(target_check(&t, &err));
        target_close(&t);
    }
    child_end(&c);
    CU_ASSERT_FALSE(target_open_snapshot(&t, c.pid, NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no process"));
}

// A process whose only thread waits for its vfork child, which sleeps and dies with it.
static pid_t start_vfork(void)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    alarm(60);
    if (vfork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    _exit(0);
}

// It cannot be stopped, and runs no code: it is not waited for. The best of five tries, for the machine may be busy.
static void test_vfork(void)
{
    pid_t pid = start_vfork();
    for (int i = 0; i < 500 && proc_state(pid, pid) != 'D'; i++)
        child_nap();
    CU_ASSERT_EQUAL(proc_state(pid, pid), 'D');
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 5; i++) {
        struct target t;
        struct err err = ERR_INIT;
        uint64_t since = clock_us();
        bool ok = target_open_pid(&t, pid, NULL, &err);
        uint64_t took = clock_us() - since;
        best = took < best ? took : best;
        UNIT_OK(ok, &err);
        if (ok)
            target_close(&t);
    }
    CU_ASSERT_TRUE(best < 100000);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

// The one that holds is killed without a chance to clean up.
static void test_holder_is_killed(void)
{
    struct child c;
    if (!start(&c))
        return;
    volatile int *held = &c.shared->ready;
    *held = 1;
    pid_t holder = fork();
    if (holder == 0) {
        struct target t;
        *held = target_open_pid(&t, c.pid, NULL, NULL) ? 2 : 3;
        for (;;)
            pause();
    }
    for (int i = 0; i < 2000 && *held == 1; i++)
        child_nap();
    CU_ASSERT_EQUAL(*held, 2);
    struct err err = ERR_INIT;
    struct target t;
    CU_ASSERT_FALSE(target_open_snapshot(&t, c.pid, NULL, &err));
    char expected[32];
    snprintf(expected, sizeof expected, "traced by process %d", (int)holder);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, expected));
    if (holder > 0) {
        kill(holder, SIGKILL);
        waitpid(holder, NULL, 0);
    }
    CU_ASSERT_TRUE(child_goes_on(&c));
    child_end(&c);
}

static void test_nobody(void)
{
    struct err err = ERR_INIT;
    struct target t;
    CU_ASSERT_FALSE(target_open_pid(&t, getpid(), NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "ouro itself"));
    CU_ASSERT_FALSE(target_open_pid(&t, 0, NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no process 0"));
    CU_ASSERT_FALSE(target_open_snapshot(&t, 0x7ffffff0, NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no process"));
}

static void test_again_and_again(void)
{
    struct child c;
    if (!start(&c))
        return;
    struct err err = ERR_INIT;
    int failed = 0;
    for (int i = 0; i < 100; i++) {
        struct hold *hold = hold_open(c.pid, &err);
        failed += !hold;
        hold_close(hold);
    }
    CU_ASSERT_EQUAL(failed, 0);
    CU_ASSERT_TRUE(child_goes_on(&c));
    child_end(&c);
}

// --- through somebody else ---------------------------------------------------------------------

#define FAR_BASE ((addr)0x700000000000)

struct far_memory {
    uint8_t bytes[3 * 4096];
    int calls;
};

// The second page cannot be read.
static size_t far_read(void *context, addr from, void *to, size_t size)
{
    struct far_memory *m = context;
    m->calls++;
    size_t at = (size_t)(from - FAR_BASE);
    size_t end = at < 4096 ? 4096 : at < 8192 ? 0 : sizeof m->bytes;
    if (at >= end)
        return 0;
    size_t part = end - at < size ? end - at : size;
    memcpy(to, m->bytes + at, part);
    return part;
}

static void test_callback(void)
{
    static struct far_memory memory;
    memset(memory.bytes, 5, sizeof memory.bytes);
    const struct segment maps[] = {
        { .start = FAR_BASE + 4096, .end = FAR_BASE + sizeof memory.bytes, .flags = SEGMENT_READ },
        { .start = FAR_BASE, .end = FAR_BASE + 8192, .flags = SEGMENT_READ }, // overlaps
        { .start = FAR_BASE + 0x100000, .end = FAR_BASE + 0x101000, .flags = 0 },
    };
    struct target_callback callback = {
        .read = far_read, .context = &memory, .maps = maps, .map_count = 3
    };
    struct target t;
    struct err err = ERR_INIT;
    UNIT_OK(target_open_callback(&t, &callback, NULL, &err), &err);
    CU_ASSERT_EQUAL(target_readable(&t, FAR_BASE, 3 * 4096), 4096);
    CU_ASSERT_PTR_NOT_NULL(target_view(&t, FAR_BASE + 8192, 4096));
    CU_ASSERT_PTR_NULL(target_view(&t, FAR_BASE + 4095, 2));
    CU_ASSERT_PTR_NULL(target_view(&t, FAR_BASE + 8191, 2));
    CU_ASSERT_PTR_NULL(target_view(&t, FAR_BASE + 0x100000, 1));
    int calls = memory.calls;
    CU_ASSERT_EQUAL(*(const uint8_t *)target_view(&t, FAR_BASE + 9000, 1), 5);
    CU_ASSERT_EQUAL(memory.calls, calls); // brought once
    target_close(&t);
}

static void test_native_callback(void)
{
    struct child c;
    if (!start(&c))
        return;
    struct target_callback callback = { .pid = c.pid };
    struct target t;
    struct err err = ERR_INIT;
    bool ok = target_open_callback(&t, &callback, NULL, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        check_memory(&t, &c);
        check_symbols(&t);
        target_close(&t);
    }
    CU_ASSERT_TRUE(child_goes_on(&c));
    child_end(&c);
}

// A decoder may look as far beyond what it views as an offset can be: nothing of ours lies there.
static void test_guards(void)
{
    struct child c;
    if (!start(&c))
        return;
    for (int hold = 0; hold < 2; hold++) {
        struct target t;
        struct err err = ERR_INIT;
        bool ok = hold ? target_open_pid(&t, c.pid, NULL, &err)
                       : target_open_snapshot(&t, c.pid, NULL, &err);
        UNIT_OK(ok, &err);
        size_t seen = 0;
        for (size_t i = 0; ok && i < t.segment_count; i++) {
            const struct segment *s = &t.segments[i];
            if (!s->host || (!hold && !(s->flags & SEGMENT_WRITE)))
                continue;
            const volatile uint8_t *last = s->host + (s->end - s->start) - 1;
            bool alone = i + 1 == t.segment_count || t.segments[i + 1].start > s->end + GUARD_BYTES;
            uint8_t there = last[GUARD_BYTES];
            CU_ASSERT(!alone || there == 0);
            seen++;
        }
        CU_ASSERT(!ok || seen > 0);
        if (ok && hold) // and there still are, when it has settled
            CU_ASSERT_TRUE(target_settle(&t, &err));
        for (size_t i = 0; ok && hold && i < t.segment_count; i++)
            if (t.segments[i].host && !(t.segments[i].flags & SEGMENT_FILE)) {
                const struct segment *s = &t.segments[i];
                const volatile uint8_t *behind = s->host + (s->end - s->start);
                bool alone =
                    i + 1 == t.segment_count || t.segments[i + 1].start > s->end + GUARD_BYTES;
                uint8_t there = behind[GUARD_BYTES - 1];
                CU_ASSERT(!alone || there == 0);
            }
        if (ok)
            target_close(&t);
    }
    child_end(&c);
}

static void test_container(void)
{
#define ID "4f1c0de0aa55aa55aa55aa55aa55aa554f1c0de0aa55aa55aa55aa55aa55aa55"
    static const struct {
        const char *cgroup, *name;
    } rows[] = {
        { "0::/system.slice/docker-" ID ".scope\n", ID },
        { "12:cpu:/kubepods/burstable/pod9f/" ID "\n0::/\n", ID },
        { "0::/machine.slice/libpod-" ID ".scope/container\n", ID },
        { "4:memory:/process/b48ddba9abd19cd5643a923db0649ae7\n0::/\n", "" },
        { "0::/lxc.payload.web1/system.slice\n", "web1" },
        { "7:cpu:/lxc/web2\n0::/\n", "web2" },
        { "0::/machine.slice/machine-web3.scope/payload\n", "web3" },
        { "0::/user.slice/user-1000.slice/session-2.scope\n", "" },
        { "0::/a" ID "0\n", "" }, // 66 of them
        { "", "" },
    };
    char text[80];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(provenance_container(rows[i].cgroup, text, sizeof text),
                        *rows[i].name != 0);
        CU_ASSERT_STRING_EQUAL(text, rows[i].name);
    }
    provenance_container(rows[0].cgroup, text, 10); // no room: nothing, and not half of it
    CU_ASSERT_STRING_EQUAL(text, "");
}

static void test_provenance(void)
{
    struct provenance p = { 0 }, again = { 0 };
    struct utsname names;
    struct text bytes = TEXT_INIT;
    int64_t before = (int64_t)time(NULL);
    struct child c;
    CU_ASSERT_TRUE_FATAL(child_start(&c));
    uname(&names);
    provenance_of_process(&p, c.pid);
    child_end(&c);
    CU_ASSERT_STRING_EQUAL(p.host, names.nodename);
    CU_ASSERT(p.taken >= before && p.taken <= (int64_t)time(NULL));
    CU_ASSERT(p.started >= before - 2 && p.started <= p.taken + 2); // btime is of whole seconds
    p.release = strdup("1.4.2");
    provenance_put(&p, true, &bytes);
    struct record from = { .at = (const uint8_t *)text_string(&bytes),
                           .end = (const uint8_t *)text_string(&bytes) + bytes.size };
    CU_ASSERT_TRUE(provenance_take(&again, &from));
    CU_ASSERT_PTR_NULL(again.host);
    CU_ASSERT_STRING_EQUAL(again.release, "1.4.2");
    CU_ASSERT(again.started == p.started && again.taken == p.taken);
    provenance_fini(&again);
    from.at = (const uint8_t *)text_string(&bytes);
    from.end = from.at + bytes.size - 1;
    CU_ASSERT_FALSE(provenance_take(&again, &from));
    provenance_fini(&again);
    provenance_fini(&p);
    text_fini(&bytes);
}

UNIT_SUITE(live, { "the container that a cgroup names", test_container },
           { "where and when a process ran", test_provenance },
           { "behind what was copied lies nothing of ours", test_guards },
           { "a copy has the memory, and the process goes on", test_copy },
           { "reserved memory costs nothing", test_reserved },
           { "what a fork left shared stays shared", test_shared },
           { "a held process stands still until it is let go", test_hold },
           { "a stopped process stays stopped", test_stays_stopped },
           { "a process may end while it is held", test_ends_meanwhile },
           { "so may the one that holds it", test_holder_is_killed },
           { "a thread that waits for its vfork child is not waited for", test_vfork },
           { "nobody there", test_nobody }, { "held a hundred times", test_again_and_again },
           { "somebody else reads", test_callback },
           { "data files and shared memory", test_mapped },
           { "somebody else holds, we read", test_native_callback })
