// SPDX-License-Identifier: GPL-3.0-or-later
// Setting up Unicorn, and calling in it: see engine.h.
#include "jail/engine.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// The guest's own page and stack lie where the native worker would.
#define HOME_SIZE 0x10000
#define STACK_AT 0x100000
#define STACK_SIZE 0x100000

struct engine_arch {
    uc_arch arch;
    uc_mode mode;
    int model;
    uint8_t visitor[8]; // return 0
    int object, visit, list, sp, pc, tls;
    int home; // the register that says where to return to; 0: the stack does
};

static const struct engine_arch x86_64 = {
    .arch = UC_ARCH_X86,
    .mode = UC_MODE_64,
    .model = UC_CPU_X86_HASWELL,
    .visitor = { 0x31, 0xc0, 0xc3 }, // xor %eax, %eax; ret
    .object = UC_X86_REG_RDI,
    .visit = UC_X86_REG_RSI,
    .list = UC_X86_REG_RDX,
    .sp = UC_X86_REG_RSP,
    .pc = UC_X86_REG_RIP,
    .tls = UC_X86_REG_FS_BASE,
};

static const struct engine_arch aarch64 = {
    .arch = UC_ARCH_ARM64,
    .mode = UC_MODE_ARM,
    .model = UC_CPU_ARM64_MAX,
    .visitor = { 0x00, 0x00, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6 }, // mov w0, #0; ret
    .object = UC_ARM64_REG_X0,
    .visit = UC_ARM64_REG_X1,
    .list = UC_ARM64_REG_X2,
    .sp = UC_ARM64_REG_SP,
    .pc = UC_ARM64_REG_PC,
    .tls = UC_ARM64_REG_TPIDR_EL0,
    .home = UC_ARM64_REG_X30,
};

static int find_library(struct engine_api *api)
{
    static const char *const names[] = { "libunicorn.so.2", "libunicorn.so.3", "libunicorn.so" };
    void *library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return ENOENT;
    // POSIX has dlsym's pointers be functions; ISO C wants them copied as bytes.
    void *found;
#define ENGINE_CALL(name)                                                                          \
    found = dlsym(library, "uc_" #name);                                                           \
    if (!found)                                                                                    \
        return ENOSYS;                                                                             \
    memcpy(&api->name, &found, sizeof found);
#include "jail/engine_calls.def"
#undef ENGINE_CALL
    return 0;
}

// --- hooks -------------------------------------------------------------------------------------------

static void on_visit(uc_engine *core, uint64_t address, uint32_t size, void *context)
{
    struct engine *e = context;
    (void)address;
    (void)size;
    uint64_t object = 0;
    if (e->visit_count >= e->visit_most) {
        e->full = true;
        e->uc.emu_stop(core);
        return;
    }
    e->uc.reg_read(core, e->arch->object, &object);
    e->visits[e->visit_count++] = object;
}

static bool on_unmapped(uc_engine *core, uc_mem_type type, uint64_t address, int size, int64_t value, void *context)
{
    struct engine *e = context;
    (void)core;
    (void)size;
    (void)value;
    if (type != UC_MEM_WRITE_UNMAPPED)
        e->wanted = address;
    return false;
}

static bool add_hooks(struct engine *e)
{
    // The library takes functions as void *.
    void (*visit)(uc_engine *, uint64_t, uint32_t, void *) = on_visit;
    bool (*unmapped)(uc_engine *, uc_mem_type, uint64_t, int, int64_t, void *) = on_unmapped;
    void *visit_bytes, *unmapped_bytes;
    memcpy(&visit_bytes, &visit, sizeof visit);
    memcpy(&unmapped_bytes, &unmapped, sizeof unmapped);
    uc_hook hook;
    return !e->uc.hook_add(e->core, &hook, UC_HOOK_CODE, visit_bytes, e, e->visitor, e->visitor) &&
           !e->uc.hook_add(e->core, &hook, UC_HOOK_MEM_UNMAPPED, unmapped_bytes, e, (uint64_t)1, (uint64_t)0);
}

// --- the guest ---------------------------------------------------------------------------------------

static bool set(struct engine *e, int reg, uint64_t value)
{
    return !e->uc.reg_write(e->core, reg, &value);
}

static bool make_home(struct engine *e, const struct jail_shared *orders)
{
    const struct engine_arch *a = e->arch;
    e->visitor = orders->place;
    e->home = orders->place + 0x1000;
    e->stack = orders->place + STACK_AT + STACK_SIZE / 2;
    bool ok = !e->uc.mem_map(e->core, orders->place, HOME_SIZE, UC_PROT_READ | UC_PROT_EXEC) &&
              !e->uc.mem_map(e->core, orders->place + STACK_AT, STACK_SIZE, UC_PROT_READ | UC_PROT_WRITE) &&
              !e->uc.mem_write(e->core, e->visitor, a->visitor, sizeof a->visitor) &&
              !e->uc.mem_write(e->core, e->home, a->visitor, sizeof a->visitor) && set(e, a->tls, orders->tls);
    if (ok && a == &aarch64)
        ok = set(e, UC_ARM64_REG_CPACR_EL1, UINT64_C(3) << 20); // floating point may be used
    return ok;
}

int engine_open(struct engine *e, struct jail_shared *orders)
{
    *e = (struct engine){
        .arch = orders->machine == 0 ? &x86_64 : &aarch64,
        .visits = (uint64_t *)((char *)orders + orders->visits),
        .visit_most = (uint32_t)orders->visit_most,
    };
    int failed = find_library(&e->uc);
    if (failed)
        return failed;
    if (e->uc.open(e->arch->arch, e->arch->mode, &e->core))
        return ENOMEM;
    // Older libraries do not know every model; their own default serves, too.
    e->uc.ctl(e->core, UC_CTL_WRITE(UC_CTL_CPU_MODEL, 1), e->arch->model);
    failed = engine_maps_open(&e->maps, orders);
    if (failed)
        return failed;
    if (!make_home(e, orders) || !add_hooks(e) || e->uc.context_alloc(e->core, &e->fresh) ||
        e->uc.context_save(e->core, e->fresh))
        return EIO;
    return 0;
}

void engine_interrupt(struct engine *e)
{
    e->uc.emu_stop(e->core);
}

static struct engine_run *run_at(struct engine *e, uint64_t at)
{
    size_t low = 0, high = e->maps.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct engine_run *run = &e->maps.runs[middle];
        if (at < run->start)
            high = middle;
        else if (at - run->start >= run->size)
            low = middle + 1;
        else
            return run;
    }
    return NULL;
}

// Whether the job may start again because what it missed is there now.
static bool map_wanted(struct engine *e)
{
    struct engine_run *run = e->wanted ? run_at(e, e->wanted) : NULL;
    // An access may begin in one run and end in the next.
    if (run && run->mapped)
        run = run_at(e, e->wanted + 15);
    if (!run || run->mapped)
        return false;
    run->mapped = true;
    uint32_t rights = UC_PROT_READ | (run->exec ? UC_PROT_EXEC : 0);
    return !e->uc.mem_map_ptr(e->core, run->start, run->size, rights, run->host);
}

static bool prepare(struct engine *e, struct jail_job job)
{
    const struct engine_arch *a = e->arch;
    uint64_t sp = e->stack;
    if (!a->home) {
        sp -= 8;
        if (e->uc.mem_write(e->core, sp, &e->home, sizeof e->home))
            return false;
    } else if (!set(e, a->home, e->home)) {
        return false;
    }
    return set(e, a->sp, sp) && set(e, a->object, job.object) && set(e, a->visit, e->visitor) && set(e, a->list, 0);
}

enum jail_answer engine_call(struct engine *e, struct jail_job job)
{
    uint32_t before = e->visit_count;
    for (;;) {
        e->wanted = 0;
        e->full = false;
        if (!prepare(e, job))
            return JAIL_FAULT;
        uc_err failed = e->uc.emu_start(e->core, job.function, e->home, 0, 0);
        uint64_t pc = 0;
        e->uc.reg_read(e->core, e->arch->pc, &pc);
        if (!failed && pc == e->home)
            return JAIL_ANSWERED;
        e->uc.context_restore(e->core, e->fresh);
        if (e->full)
            return JAIL_FULL;
        e->visit_count = before;
        if (!failed)
            return JAIL_RUNAWAY; // interrupted
        if (!map_wanted(e))
            return JAIL_FAULT;
    }
}
