// SPDX-License-Identifier: GPL-3.0-or-later
// Setting up Unicorn, and calling in it: see emulator.h.
#include "jail/emulator.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// The guest's own page and stack are where the native worker's would be.
#define HOME_SIZE 0x10000
#define STACK_AT 0x100000
#define STACK_SIZE 0x100000

struct emulator_arch {
    uc_arch arch;
    uc_mode mode;
    int model;
    uint8_t loop[12];   // nothing; call *function; back to the beginning
    uint8_t visitor[8]; // return 0
    int object, visit, list, function, returned, sp, tls;
};

static const struct emulator_arch x86_64 = {
    .arch = UC_ARCH_X86,
    .mode = UC_MODE_64,
    .model = UC_CPU_X86_HASWELL,
    .loop = { 0x90, 0xff, 0xd0, 0xeb, 0xfb }, // 1: nop; call *%rax; jmp 1b
    .visitor = { 0x31, 0xc0, 0xc3 },          // xor %eax, %eax; ret
    .object = UC_X86_REG_RDI,
    .visit = UC_X86_REG_RSI,
    .list = UC_X86_REG_RDX,
    .function = UC_X86_REG_RAX,
    .returned = UC_X86_REG_RAX,
    .sp = UC_X86_REG_RSP,
    .tls = UC_X86_REG_FS_BASE,
};

static const struct emulator_arch aarch64 = {
    .arch = UC_ARCH_ARM64,
    .mode = UC_MODE_ARM,
    .model = UC_CPU_ARM64_MAX,
    .loop = { 0x1f, 0x20, 0x03, 0xd5, 0x00, 0x02, 0x3f, 0xd6, 0xfe, 0xff, 0xff,
              0x17 },                                              // 1: nop; blr x16; b 1b
    .visitor = { 0x00, 0x00, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6 }, // mov w0, #0; ret
    .object = UC_ARM64_REG_X0,
    .visit = UC_ARM64_REG_X1,
    .list = UC_ARM64_REG_X2,
    .function = UC_ARM64_REG_X16,
    .returned = UC_ARM64_REG_X0,
    .sp = UC_ARM64_REG_SP,
    .tls = UC_ARM64_REG_TPIDR_EL0,
};

static int find_library(struct emulator_api *api)
{
    static const char *const names[] = { "libunicorn.so.2", "libunicorn.so.3", "libunicorn.so" };
    void *library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return ENOENT;
    // POSIX lets dlsym's pointers be functions; ISO C requires copying them as bytes.
    void *found;
#define EMULATOR_CALL(name)                                                                        \
    found = dlsym(library, "uc_" #name);                                                           \
    if (!found)                                                                                    \
        return ENOSYS;                                                                             \
    memcpy(&api->name, &found, sizeof found);
#include "base/unused.h"
#include "jail/engine_calls.def"
#undef EMULATOR_CALL
    return 0;
}

// --- hooks ---------------------------------------------------------------------------------------

static bool emulator_set(struct emulator *e, int reg, uint64_t value)
{
    return !e->uc.reg_write(e->core, reg, &value);
}

// At the head of the loop: the job that ran has returned, or none has started.
static void on_turn(uc_engine *core, UNUSED uint64_t address, UNUSED uint32_t size, void *context)
{
    struct emulator *e = context;
    const struct emulator_arch *a = e->arch;
    uint64_t returned = 0;
    if (e->running) {
        e->uc.reg_read(core, a->returned, &returned);
        e->ends[e->next++] = (struct jail_end){ e->visit_count, JAIL_ANSWERED, (int32_t)returned };
    }
    e->running = e->next < e->count;
    if (!e->running) {
        e->uc.emu_stop(core);
        return;
    }
    e->before = e->visit_count;
    __atomic_store_n(&e->shared->current, e->next, __ATOMIC_RELEASE);
    emulator_set(e, a->sp, e->stack);
    emulator_set(e, a->object, e->jobs[e->next].object);
    emulator_set(e, a->visit, e->visitor);
    emulator_set(e, a->list, 0);
    emulator_set(e, a->function, e->jobs[e->next].function);
}

static void on_visit(uc_engine *core, UNUSED uint64_t address, UNUSED uint32_t size, void *context)
{
    struct emulator *e = context;
    uint64_t object = 0;
    if (e->visit_count >= e->shared->visit_most || e->visit_count >= UINT32_MAX) {
        e->full = true;
        e->uc.emu_stop(core);
        return;
    }
    e->uc.reg_read(core, e->arch->object, &object);
    e->visits[e->visit_count++] = object;
}

static bool on_unmapped(UNUSED uc_engine *core, uc_mem_type type, uint64_t address, UNUSED int size,
                        UNUSED int64_t value, void *context)
{
    struct emulator *e = context;
    if (type != UC_MEM_WRITE_UNMAPPED)
        e->wanted = address;
    return false;
}

static bool add_hooks(struct emulator *e)
{
    // The library takes functions as void *.
    uc_cb_hookcode_t turn = on_turn, visit = on_visit;
    uc_cb_eventmem_t unmapped = on_unmapped;
    void *turn_bytes, *visit_bytes, *unmapped_bytes;
    memcpy(&turn_bytes, &turn, sizeof turn);
    memcpy(&visit_bytes, &visit, sizeof visit);
    memcpy(&unmapped_bytes, &unmapped, sizeof unmapped);
    uc_hook hook;
    return !e->uc.hook_add(e->core, &hook, UC_HOOK_CODE, turn_bytes, e, e->home, e->home)
           && !e->uc.hook_add(e->core, &hook, UC_HOOK_CODE, visit_bytes, e, e->visitor, e->visitor)
           && !e->uc.hook_add(e->core, &hook, UC_HOOK_MEM_UNMAPPED, unmapped_bytes, e, (uint64_t)1,
                              (uint64_t)0);
}

// --- the guest -----------------------------------------------------------------------------------

static bool make_home(struct emulator *e, const struct jail_shared *orders)
{
    const struct emulator_arch *a = e->arch;
    e->home = orders->place;
    e->visitor = orders->place + 0x1000;
    e->stack = orders->place + STACK_AT + STACK_SIZE / 2;
    bool ok = !e->uc.mem_map(e->core, orders->place, HOME_SIZE, UC_PROT_READ | UC_PROT_EXEC)
              && !e->uc.mem_map(e->core, orders->place + STACK_AT, STACK_SIZE,
                                UC_PROT_READ | UC_PROT_WRITE)
              && !e->uc.mem_write(e->core, e->visitor, a->visitor, sizeof a->visitor)
              && !e->uc.mem_write(e->core, e->home, a->loop, sizeof a->loop)
              && emulator_set(e, a->tls, orders->tls);
    if (ok && a == &aarch64)
        ok = emulator_set(e, UC_ARM64_REG_CPACR_EL1,
                          UINT64_C(3) << 20); // floating point may be used
    return ok;
}

int emulator_open(struct emulator *e, struct jail_shared *shared)
{
    *e = (struct emulator){
        .arch = shared->machine == 0 ? &x86_64 : &aarch64,
        .shared = shared,
        .jobs = (const void *)((char *)shared + shared->jobs),
        .ends = (void *)((char *)shared + shared->ends),
        .visits = (void *)((char *)shared + shared->visits),
    };
    int failed = find_library(&e->uc);
    if (failed)
        return failed;
    if (e->uc.open(e->arch->arch, e->arch->mode, &e->core))
        return ENOMEM;
    // Older libraries do not know every model; their default will do, too.
    e->uc.ctl(e->core, UC_CTL_WRITE(UC_CTL_CPU_MODEL, 1), e->arch->model);
    failed = emulator_maps_open(&e->maps, shared);
    if (failed)
        return failed;
    if (e->arch == &x86_64)
        emulator_maps_patch(&e->maps, shared);
    if (!make_home(e, shared) || !add_hooks(e) || e->uc.context_alloc(e->core, &e->fresh)
        || e->uc.context_save(e->core, e->fresh))
        return EIO;
    return 0;
}

void emulator_interrupt(struct emulator *e)
{
    e->uc.emu_stop(e->core);
}

// Whether the job may start again because what it missed is mapped now.
static bool map_wanted(struct emulator *e)
{
    struct emulator_run *run = e->wanted ? emulator_maps_at(&e->maps, e->wanted) : NULL;
    // An access may begin in one run and end in the next.
    if (run && run->mapped)
        run = emulator_maps_at(&e->maps, e->wanted + 15);
    if (!run || run->mapped)
        return false;
    run->mapped = true;
    uint32_t rights = UC_PROT_READ | (run->exec ? UC_PROT_EXEC : 0);
    return !e->uc.mem_map_ptr(e->core, run->start, run->size, rights, run->host);
}

// The outcome of the job that stopped the loop; false: it can start again.
static bool emulator_judge(struct emulator *e, uc_err failed, enum jail_answer *answer)
{
    if (e->full)
        *answer = JAIL_FULL;
    else if (!failed)
        *answer = JAIL_RUNAWAY; // interrupted
    else if (map_wanted(e))
        return false;
    else
        *answer = JAIL_FAULT;
    return true;
}

uint32_t emulator_batch(struct emulator *e, uint32_t count)
{
    e->count = count;
    e->next = e->visit_count = e->before = 0;
    while (e->next < count) {
        e->wanted = 0;
        e->full = e->running = false;
        // `until` is the visitor's third instruction: nothing ever reaches it.
        uc_err failed =
            e->uc.emu_start(e->core, e->home, e->visitor + sizeof e->arch->visitor, 0, 0);
        if (e->next >= count)
            break;
        e->uc.context_restore(e->core, e->fresh);
        enum jail_answer answer;
        e->visit_count = e->before;
        if (!emulator_judge(e, failed, &answer))
            continue;
        if (answer == JAIL_FULL && e->before)
            return e->next;
        e->ends[e->next++] = (struct jail_end){ e->before, answer, 0 };
    }
    return count;
}
