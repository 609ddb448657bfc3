// SPDX-License-Identifier: GPL-3.0-or-later
// What the jail must not let out, and what the parent must live through.
//
// The target is made up: its only module is this very program, mapped a second time at TEXT, and
// its data is a memfd at DATA. So the functions below are what a core dump would have for a
// tp_traverse. They run without relocations: no calls of the C library, no variables.
#include <elf.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail/arch.h"
#include "py/python.h"
#include "py/extension/traverse.h"
#include "target/elf.h"
#include "target/target.h"
#include "unit.h"

#define TEXT UINT64_C(0x510000000000)
#define DATA UINT64_C(0x520000000000)
#define DATA_SIZE 0x10000

#define BARE __attribute__((noinline, no_sanitize("address", "undefined"), no_stack_protector))

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

// --- prisoners -----------------------------------------------------------------------------------

// Visits the three words after the first one.
BARE static int good(void *self, visit_fn *visit, void *list)
{
    uint64_t *words = self;
    for (int i = 1; i <= 3; i++)
        visit((void *)(uintptr_t)words[i], list);
    return 0;
}

// Visits once more when the call came back, whatever it said: that would be an answer. The filter
// looks at the number alone, so that the arguments are such that the call fails: a jail that does
// not hold must not hurt whoever tests it.
#define FORBIDDEN(name, number, a, b, c)                                                           \
    BARE static int name(void *self, visit_fn *visit, void *list)                                  \
    {                                                                                              \
        arch_syscall(number, (uint64_t)(a), (uint64_t)(b), (uint64_t)(c), 0, 0, 0);                \
        visit(self, list);                                                                         \
        return 0;                                                                                  \
    }

FORBIDDEN(calls_openat, SYS_openat, -1, (uintptr_t)self, 0)
FORBIDDEN(calls_socket, SYS_socket, -1, -1, -1)
FORBIDDEN(calls_clone, SYS_clone, 0x10000, 0, 0) // CLONE_THREAD needs others beside it
FORBIDDEN(calls_execve, SYS_execve, 0, 0, 0)
FORBIDDEN(calls_ptrace, SYS_ptrace, -1, -1, 0)
FORBIDDEN(calls_write, SYS_write, -1, (uintptr_t)self, 1)
FORBIDDEN(calls_read, SYS_read, -1, (uintptr_t)self, 1)
FORBIDDEN(calls_kill, SYS_kill, 0x7fffffff, 0, 0)
FORBIDDEN(calls_mmap, SYS_mmap, 1, 0, 0)
FORBIDDEN(calls_mprotect, SYS_mprotect, 1, 0, 0)
FORBIDDEN(calls_mprotect_to_run, SYS_mprotect, (uintptr_t)self & ~UINT64_C(0xfff), 4096, 5)
FORBIDDEN(calls_mprotect_to_all, SYS_mprotect, (uintptr_t)self & ~UINT64_C(0xfff), 4096, 7)
FORBIDDEN(calls_prctl, SYS_prctl, -1, 0, 0)
FORBIDDEN(calls_getpid, SYS_getpid, 0, 0, 0)
FORBIDDEN(calls_exit, SYS_exit, 0, 0, 0)
FORBIDDEN(calls_vm_writev, SYS_process_vm_writev, -1, (uintptr_t)self, 0)
FORBIDDEN(calls_futex_elsewhere, SYS_futex, (uintptr_t)self, FUTEX_WAKE, 1)
FORBIDDEN(ends_itself, SYS_exit_group, 0, 0, 0)

#if defined __x86_64__
BARE static int calls_as_32_bit(void *self, visit_fn *visit, void *list)
{
    int64_t answer;
    __asm__ volatile("int $0x80"
                     : "=a"(answer)
                     : "a"(1L), "b"(0L)
                     : "memory"); // exit, as i386 numbers it
    visit(self, list);
    return (int)answer;
}

FORBIDDEN(calls_as_x32, 0x40000000 | SYS_exit_group, 0, 0, 0)
#endif

#define WRITTEN UINT64_C(0x6e657474697277)

// A lock that stays taken; what another job wrote it must not see.
BARE static int writes_to_data(void *self, visit_fn *visit, void *list)
{
    if (*(volatile uint64_t *)self == WRITTEN)
        return *(volatile int *)*(volatile uintptr_t *)self; // no place
    *(volatile uint64_t *)self = WRITTEN;
    visit(self, list);
    return 0;
}

BARE static int writes_to_text(void *self, visit_fn *visit, void *list)
{
    *(volatile uint8_t *)(uintptr_t)good = 0;
    visit(self, list);
    return 0;
}

BARE static int executes_data(void *self, visit_fn *visit, void *list)
{
    ((void (*)(void))(uintptr_t)self)();
    visit(self, list);
    return 0;
}

// self is DATA, and the word there says so: DATA - DATA + 8.
BARE static int follows_null(void *self, visit_fn *visit, void *list)
{
    void *volatile *nowhere = (void *)((uintptr_t)self - *(uintptr_t *)self + 8);
    visit(*nowhere, list);
    return 0;
}

BARE static int traps(void *self, visit_fn *visit, void *list)
{
    __builtin_trap();
    visit(self, list);
}

BARE static int recurses(void *self, visit_fn *visit, void *list)
{
    volatile char room[512];
    room[0] = self ? (char)recurses(self, visit, list) : 0;
    return room[0] + 1;
}

BARE static int runs_on(void *self, visit_fn *visit, void *list)
{
    (void)self;
    (void)visit;
    (void)list;
    for (volatile uint64_t on = 1; on;)
        ;
    return 0;
}

BARE static int visits_without_end(void *self, visit_fn *visit, void *list)
{
    while (self)
        visit(self, list);
    return 0;
}

// The visitor lies in the worker's own program.
#define SHARED_OF(visit)                                                                           \
    (struct jail_shared *)(((uintptr_t)(visit) & ~(JAIL_SHARED - 1)) + JAIL_SHARED)

// Waits for ever and burns no CPU time, so that the worker's own clock stands still.
BARE static int sleeps(void *self, visit_fn *visit, void *list)
{
    struct jail_shared *shared = SHARED_OF(visit);
    (void)list;
    while (self)
        arch_syscall(SYS_futex, (uintptr_t)&shared->request, FUTEX_WAIT, shared->request, 0, 0, 0);
    return 0;
}

// Says that all is answered, with ends that go backwards and beyond the room.
BARE static int lies(void *self, visit_fn *visit, void *list)
{
    struct jail_shared *shared = SHARED_OF(visit);
    struct jail_end *ends = (void *)((char *)shared + shared->ends);
    (void)self;
    (void)list;
    for (uint32_t i = 0; i < 100; i++) {
        ends[i].end = UINT32_MAX - i * 7;
        ends[i].answer = JAIL_ANSWERED;
    }
    shared->done = shared->count;
    shared->current = UINT32_MAX;
    __atomic_store_n(&shared->finished, shared->request, __ATOMIC_SEQ_CST);
    for (volatile uint64_t on = 1; on;)
        ;
    return 0;
}

// All of the shared memory becomes ones.
BARE static int scribbles(void *self, visit_fn *visit, void *list)
{
    volatile uint64_t *word = (void *)SHARED_OF(visit);
    (void)self;
    (void)list;
    for (uint64_t i = 0; i < (1 << 20) / 8; i++)
        word[i] = UINT64_MAX;
    for (volatile uint64_t on = 1; on;)
        ;
    return 0;
}

// --- the made-up target --------------------------------------------------------------------------

struct prison {
    struct target target;
    struct segment segments[ELF_LOADS + 1];
    struct module module;
    struct python py;
    struct traverse traverse;
    int fd;
    uint64_t *data;
};

static addr at(const void *function)
{
    return TEXT + ((uintptr_t)function - (uintptr_t)&__ehdr_start);
}
#define AT(function) at((const void *)(uintptr_t)(function))

static void add_loads(struct prison *p)
{
    const struct elf_shape *shape = elf_shape_of(p->module.elf);
    size_t size;
    const uint8_t *bytes = elf_bytes(p->module.elf, &size);
    for (size_t i = 0; i < shape->load_count; i++) {
        const struct elf_load *load = &shape->loads[i];
        if (load->flags & SEGMENT_WRITE)
            continue;
        uint64_t start = load->start & ~(uint64_t)4095, offset = load->offset & ~(uint64_t)4095;
        p->segments[p->target.segment_count++] = (struct segment){
            .start = TEXT + start,
            .end = TEXT + load->start + load->size,
            .host = bytes + offset,
            .flags = load->flags | SEGMENT_FILE,
            .module = 0,
            .offset = offset,
        };
    }
}

static bool prison_open(struct prison *p, const struct traverse_options *options, struct err *err)
{
    *p = (struct prison){ .fd = memfd_create("data", MFD_CLOEXEC) };
    if (p->fd < 0 || ftruncate(p->fd, DATA_SIZE))
        return err_set(err, ERR_IO, "no memfd");
    p->data = mmap(NULL, DATA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd, 0);
    for (size_t i = 0; i < DATA_SIZE / 8; i++)
        p->data[i] = DATA + i * 8;
    p->module = (struct module){
        .path = (char *)(uintptr_t) "/proc/self/exe",
        .file = (char *)(uintptr_t) "/proc/self/exe",
        .elf = elf_open("/proc/self/exe", err),
        .bias = TEXT,
        .start = TEXT,
        .end = TEXT + (UINT64_C(1) << 32),
    };
    if (!p->module.elf)
        return false;
    p->target = (struct target)
    {
        .kind = "core", .fd = p->fd, .segments = p->segments, .modules = &p->module,
        .module_count = 1,
#if defined __aarch64__
        .machine = MACHINE_AARCH64,
#endif
    };
    add_loads(p);
    p->segments[p->target.segment_count++] = (struct segment){
        .start = DATA,
        .end = DATA + DATA_SIZE,
        .host = (const uint8_t *)p->data,
        .flags = SEGMENT_READ | SEGMENT_WRITE,
        .module = -1,
    };
    p->py.target = &p->target;
    return traverse_open(&p->traverse, &p->py, options, err);
}

static void prison_close(struct prison *p)
{
    traverse_close(&p->traverse);
    elf_free(p->module.elf);
    munmap(p->data, DATA_SIZE);
    close(p->fd);
}

static const char *jail_program(void)
{
    const char *path = getenv("OURO_TRAVERSE");
    return path ? path : "./ouro-traverse";
}

// One prisoner between two that behave: what became of the three, and whether the two got their
// words.
struct verdict {
    bool ok[3];
    size_t told, visits;
    bool others_right;
};

static bool hear(void *context, size_t i, bool ok, const addr *referents, size_t count)
{
    struct verdict *v = context;
    v->told++;
    if (i > 2)
        return true;
    v->ok[i] = ok;
    if (i == 1)
        v->visits = count;
    else if (!ok || count != 3 || referents[0] != DATA + 8 || referents[2] != DATA + 24)
        v->others_right = false;
    return true;
}

static struct verdict try(struct prison *p, addr function)
{
    struct verdict v = { .others_right = true };
    struct traverse_item items[3] = { { DATA, AT(good) }, { DATA, function }, { DATA, AT(good) } };
    struct err err = ERR_INIT;
    UNIT_OK(traverse_batch(&p->traverse, items, 3, hear, &v, &err), &err);
    CU_ASSERT_EQUAL(v.told, 3);
    CU_ASSERT(v.others_right);
    return v;
}

static void open_or_die(struct prison *p, uint32_t strikes_most)
{
    struct err err = ERR_INIT;
    struct traverse_options options = {
        .native = jail_program(),
        .stall_ms = 600,
        .strikes_most = strikes_most,
    };
    bool ok = prison_open(p, &options, &err);
    UNIT_OK(ok, &err);
    CU_ASSERT_FATAL(ok);
}

// --- tests ---------------------------------------------------------------------------------------

static void test_visits(void)
{
    struct prison p;
    open_or_die(&p, 0);
    struct verdict v = try(&p, AT(good));
    CU_ASSERT(v.ok[1]);
    CU_ASSERT_EQUAL(v.visits, 3);
    CU_ASSERT_EQUAL(p.traverse.answered, 3);
    CU_ASSERT_EQUAL(p.traverse.restarts, 0);
    CU_ASSERT_EQUAL(p.traverse.worker.unmapped, 0);
    prison_close(&p);
}

static bool hear_second(void *context, size_t i, bool ok, const addr *referents, size_t count)
{
    (void)i;
    if (ok && count == 3 && referents[0] == DATA + 8)
        *(addr *)context = referents[1];
    return true;
}

// Words that the parent has written into the copy: in data only, again at each launch, never in the
// target.
static void test_words(void)
{
    struct prison p;
    open_or_die(&p, 0);
    worker_stop(&p.traverse.worker);
    const struct jail_word words[] = {
        { DATA + 16, 0x1230 }, { AT(good), 0 }, { DATA + 4, 0 }, { UINT64_C(0x530000000000), 0 }
    };
    p.traverse.worker.words = malloc(sizeof words);
    memcpy(p.traverse.worker.words, words, sizeof words);
    p.traverse.worker.word_count = 4;
    struct traverse_item item = { DATA, AT(good) };
    for (int launch = 0; launch < 2; launch++) {
        addr second = 0;
        struct err err = ERR_INIT;
        UNIT_OK(traverse_batch(&p.traverse, &item, 1, hear_second, &second, &err), &err);
        CU_ASSERT_EQUAL(second, 0x1230);
        worker_stop(&p.traverse.worker);
    }
    CU_ASSERT_EQUAL(p.data[2], DATA + 16);
    prison_close(&p);
}

static void test_forbidden(void)
{
    static const struct {
        const char *name;
        int (*function)(void *, visit_fn *, void *);
    } calls[] = {
        { "openat", calls_openat },
        { "socket", calls_socket },
        { "clone (fork)", calls_clone },
        { "execve", calls_execve },
        { "ptrace", calls_ptrace },
        { "write", calls_write },
        { "read", calls_read },
        { "kill", calls_kill },
        { "mmap", calls_mmap },
        { "mprotect", calls_mprotect },
        { "mprotect to run", calls_mprotect_to_run },
        { "mprotect to all", calls_mprotect_to_all },
        { "prctl", calls_prctl },
        { "getpid", calls_getpid },
        { "exit of one thread", calls_exit },
        { "process_vm_writev", calls_vm_writev },
        { "futex on another word", calls_futex_elsewhere },
#if defined __x86_64__
        { "exit by int 0x80", calls_as_32_bit },
        { "exit_group of x32", calls_as_x32 },
#endif
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct prison p;
        open_or_die(&p, 0);
        struct verdict v = try(&p, AT(calls[i].function));
        bool killed = !v.ok[1] && p.traverse.restarts == 1 && p.traverse.worker.ended_by == SIGSYS;
        if (!killed)
            fprintf(stderr, "  %s: answered %d, restarts %u, signal %d\n", calls[i].name, v.ok[1],
                    p.traverse.restarts, p.traverse.worker.ended_by);
        CU_ASSERT(killed);
        prison_close(&p);
    }
}

// Caught inside: the same process goes on.
static void test_faults(void)
{
    static int (*const functions[])(void *, visit_fn *, void *) = {
        writes_to_text, executes_data, follows_null, traps, recurses, runs_on, visits_without_end,
    };
    struct prison p;
    open_or_die(&p, 0);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        struct verdict v = try(&p, AT(functions[i]));
        if (v.ok[1])
            fprintf(stderr, "  function %zu was answered\n", i);
        CU_ASSERT(!v.ok[1]);
    }
    CU_ASSERT_EQUAL(p.traverse.restarts, 0);
    prison_close(&p);
}

// A page of the copy that a job writes to is as it was when the next one begins.
static void test_writes(void)
{
    struct prison p;
    open_or_die(&p, 0);
    for (int i = 0; i < 3; i++) {
        struct verdict v = try(&p, AT(writes_to_data));
        CU_ASSERT(v.ok[1]);
        CU_ASSERT(v.others_right);
    }
    struct verdict v = try(&p, AT(executes_data));
    CU_ASSERT(!v.ok[1]);
    CU_ASSERT_EQUAL(p.traverse.restarts, 0);
    prison_close(&p);
}

static void test_hostile(void)
{
    static int (*const functions[])(void *, visit_fn *, void *) = { ends_itself, sleeps, lies,
                                                                    scribbles };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        struct prison p;
        open_or_die(&p, 0);
        struct verdict v = { .others_right = true };
        // The prisoner comes last: what it makes of the answers before it is believed or not, but
        // nobody is hurt.
        struct traverse_item items[3] = { { DATA, AT(good) },
                                          { DATA, AT(good) },
                                          { DATA, AT(functions[i]) } };
        struct err err = ERR_INIT;
        UNIT_OK(traverse_batch(&p.traverse, items, 3, hear, &v, &err), &err);
        CU_ASSERT_EQUAL(v.told, 3);
        CU_ASSERT(!v.ok[2]);
        v = try(&p, AT(good));
        CU_ASSERT(v.ok[1]);
        CU_ASSERT(p.traverse.restarts >= 1);
        prison_close(&p);
    }
}

static void test_strikes(void)
{
    struct prison p;
    open_or_die(&p, 0);
    for (int i = 0; i < 6; i++)
        CU_ASSERT(!try(&p, AT(ends_itself)).ok[1]);
    CU_ASSERT_EQUAL(p.traverse.restarts, 3);
    prison_close(&p);
}

static void test_gives_up(void)
{
    struct prison p;
    open_or_die(&p, 1);
    try(&p, AT(ends_itself));
    struct verdict v = { .others_right = true };
    struct traverse_item items[2] = { { DATA, AT(calls_getpid) }, { DATA, AT(good) } };
    struct err err = ERR_INIT;
    UNIT_OK(traverse_batch(&p.traverse, items, 2, hear, &v, &err), &err);
    CU_ASSERT(!v.ok[0]);
    CU_ASSERT(!v.ok[1]);
    CU_ASSERT(p.traverse.spent);
    prison_close(&p);
}

// Only text of a file is called.
static void test_refuses(void)
{
    struct prison p;
    open_or_die(&p, 0);
    CU_ASSERT(!try(&p, DATA).ok[1]);
    CU_ASSERT(!try(&p, 0).ok[1]);
    CU_ASSERT(!try(&p, UINT64_MAX).ok[1]);
    CU_ASSERT_EQUAL(p.traverse.worker.batch, 3);
    prison_close(&p);
}

// More than one batch, refused ones among them, all told in order.
static bool count_in_order(void *context, size_t i, bool ok, const addr *referents, size_t count)
{
    size_t *next = context;
    bool refused = i % 5 == 0;
    (void)referents;
    if (i == *next && ok != refused && count == (refused ? 0 : 3))
        (*next)++;
    return true;
}

static void test_many(void)
{
    enum { MANY = 50000 };
    struct prison p;
    open_or_die(&p, 0);
    struct traverse_item *items = malloc(MANY * sizeof *items);
    for (size_t i = 0; i < MANY; i++)
        items[i] = (struct traverse_item){ DATA + i % 1000 * 8, i % 5 ? AT(good) : DATA };
    size_t next = 0;
    struct err err = ERR_INIT;
    UNIT_OK(traverse_batch(&p.traverse, items, MANY, count_in_order, &next, &err), &err);
    CU_ASSERT_EQUAL(next, MANY);
    free(items);
    prison_close(&p);
}

// It maps its own file a second time and runs there: an address in its data would be the old one.
static void test_no_relocations(void)
{
    struct err err = ERR_INIT;
    struct elf *elf = elf_open(jail_program(), &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(elf);
    uint64_t start, size = 0;
    bool some = (elf_section(elf, ".rela.dyn", &start, &size)
                 || elf_section(elf, ".relr.dyn", &start, &size))
                && size;
    CU_ASSERT(!some);
    elf_free(elf);
}

static void test_program_missing(void)
{
    struct prison p;
    struct err err = ERR_INIT;
    struct traverse_options options = { .native = "/nonexistent/ouro-traverse" };
    CU_ASSERT(!prison_open(&p, &options, &err));
    CU_ASSERT_STRING_EQUAL(err.text, "/nonexistent/ouro-traverse: No such file or directory");
    prison_close(&p);
    err_clear(&err);
    options.native = "/bin/true";
    CU_ASSERT(!prison_open(&p, &options, &err));
    CU_ASSERT(strstr(err.text, "/bin/true: failed") == err.text);
    prison_close(&p);
    err_clear(&err);
    options.mode = TRAVERSE_OFF;
    CU_ASSERT(!prison_open(&p, &options, &err));
    prison_close(&p);
}

UNIT_SUITE(jail, { "visits what tp_traverse visits", test_visits },
           { "words written into the copy", test_words },
           { "every other system call ends the process, not us", test_forbidden },
           { "faults and runaways cost one answer", test_faults },
           { "what a job writes is taken back", test_writes },
           { "a process that dies, sleeps, lies or scribbles", test_hostile },
           { "a function that kills three times is not asked again", test_strikes },
           { "too many deaths end it all", test_gives_up },
           { "nothing but a file's text is called", test_refuses },
           { "many objects, in order", test_many },
           { "ouro-traverse has no relocations", test_no_relocations },
           { "a program that is not there or does not answer", test_program_missing })
