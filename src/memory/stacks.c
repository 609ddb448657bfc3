// SPDX-License-Identifier: GPL-3.0-or-later
// The stacks of threads: see memory.h, memory_claim_stacks().
//
// pthread_create() maps a stack with a guard below and the thread's own block at its end, which
// says where the stack begins and how large it is: two words that agree with each other and with
// their own address, in any version. If they are not found, a stack is the mapping that contains
// the thread's stack pointer.
#include <string.h>

#include "base/vec.h"
#include "memory/memory.h"
#include "target/target.h"

#define THREAD_BLOCK 4096 // bytes searched for the two words
#define STACK_MAX ((uint64_t)1 << 40)
#define BEHIND_MAX ((uint64_t)1 << 20) // between the thread's block and the end of its stack
#define STACK_PAGE ((uint64_t)4096)

static bool stacks_of_thread(struct memory *m, const struct thread *t, addr *from, addr *to)
{
    size_t size = t->fs_base ? target_readable(m->target, t->fs_base, THREAD_BLOCK) : 0;
    const uint8_t *block = size ? target_view(m->target, t->fs_base, size) : NULL;
    for (size_t k = 16; block && k + 16 <= size; k += 8) {
        uint64_t pair[2];
        memcpy(pair, block + k, sizeof pair);
        addr start = pair[0], end = pair[0] + pair[1];
        bool fits = start && start % STACK_PAGE == 0 && pair[1] % STACK_PAGE == 0
                    && pair[1] < STACK_MAX && start < t->fs_base && end > t->fs_base
                    && end - t->fs_base < BEHIND_MAX && t->sp >= start && t->sp < end;
        if (!fits)
            continue;
        *from = start;
        *to = end;
        return true;
    }
    return false;
}

static bool stacks_of_pointer(struct memory *m, const struct thread *t, addr *from, addr *to)
{
    const struct resident *row = t->sp ? residence_of(&m->residence, t->sp) : NULL;
    if (!row || (row->mapping.path && *row->mapping.path == '/'))
        return false;
    *from = row->mapping.start;
    *to = row->mapping.end;
    return true;
}

bool memory_claim_stacks(struct memory *m, struct err *err)
{
    for (size_t i = 0; i < m->target->thread_count; i++) {
        const struct thread *t = &m->target->threads[i];
        addr from, to;
        bool pthread = stacks_of_thread(m, t, &from, &to);
        if (!pthread && !stacks_of_pointer(m, t, &from, &to))
            continue;
        bool is_main = t->tid == m->target->pid || (!pthread && i == 0);
        uint32_t row =
            memory_row(m, "stack", is_main ? "main thread" : "threads",
                       is_main ? "" : "with their guards; resident: as deep as they were");
        if (!memory_claim(m, row, from, to, 1, err)
            || !vec_grow(&m->stacks, &m->stack_room, m->stack_count + 1, sizeof *m->stacks, err))
            return false;
        m->stacks[m->stack_count++] = (struct memory_stack){ from, to, (uint32_t)i };
    }
    return true;
}
