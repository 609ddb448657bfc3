// SPDX-License-Identifier: GPL-3.0-or-later
// The thread that the jail's calls seem to come from: see current.h.
#include "py/runtime/current.h"

#include <stdlib.h>

#define NUMBERED 1024 // words of TLS

// --- choosing ------------------------------------------------------------------------------------

static const struct thread *thread_of(const struct target *target, const struct pythread *p)
{
    for (size_t i = 0; i < target->thread_count; i++) {
        const struct thread *t = &target->threads[i];
        // On x86-64 pthread_self() is the TLS base; before 3.11 nothing better identifies a thread.
        if (t->fs_base
            && ((p->tid && (uint64_t)t->tid == p->tid) || (!p->tid && p->ident == t->fs_base)))
            return t;
    }
    return NULL;
}

static int current_rank(const struct current *c, bool crashed)
{
    return !c->tls ? 0 : c->runs ? 4 : crashed ? 3 : c->state ? 2 : 1;
}

static void consider(struct current *best, int *best_rank, struct current c, bool crashed)
{
    if (current_rank(&c, crashed) <= *best_rank)
        return;
    *best_rank = current_rank(&c, crashed);
    if (!c.state)
        c.state = best->state;
    *best = c;
}

struct current current_choose(const struct python *py)
{
    const struct target *target = py->target;
    struct current best = { 0 };
    int best_rank = 0;
    for (size_t i = 0; i < py->interpreter_count; i++)
        for (size_t k = 0; k < py->interpreters[i].thread_count; k++) {
            const struct pythread *p = &py->interpreters[i].threads[k];
            const struct thread *t = thread_of(target, p);
            if (!best.state)
                best.state = p->at;
            consider(&best, &best_rank, (struct current){ t ? t->fs_base : 0, p->at, p->holds_gil },
                     t && t->crashed);
        }
    for (size_t i = 0; i < target->thread_count; i++)
        consider(&best, &best_rank, (struct current){ target->threads[i].fs_base, 0, false },
                 target->threads[i].crashed);
    return best;
}

// --- giving --------------------------------------------------------------------------------------

// Static TLS lies below the thread's pointer on x86-64, above it and its two words on aarch64.
static addr current_word_at(const struct worker *worker, addr tls, uint32_t i)
{
    return worker->machine == MACHINE_AARCH64 ? tls + 16 + i * UINT64_C(8)
                                              : tls - (i + 1) * UINT64_C(8);
}

static addr getter(const struct python *py)
{
    static const char *const names[] = { "_PyThreadState_UncheckedGet",
                                         "PyThreadState_GetUnchecked" };
    addr at = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names && !at; i++)
        at = target_symbol(py->target, py->module, names[i]);
    return at;
}

// What the function returns (the lower half) if called in a fresh worker; 0: it did not return.
static uint32_t call(struct worker *worker, addr function, addr object)
{
    uint32_t done;
    struct jail_job job = { object, function };
    struct err err = ERR_INIT;
    bool ok = worker_launch(worker, &err) && worker_run(worker, &job, 1, &done) == WORKER_DONE
              && done == 1 && worker->ends[0].answer == JAIL_ANSWERED;
    uint32_t returned = ok ? (uint32_t)worker->ends[0].returned : 0;
    worker_stop(worker);
    return returned;
}

void current_give(struct worker *worker, const struct python *py, const struct current *current)
{
    addr function = current->runs || !current->tls || !current->state || !py->rules.state_in_tls
                        ? 0
                        : getter(py);
    if (!function || !worker_maps_has_text(&worker->maps, function))
        return;
    struct jail_word *words = malloc(NUMBERED * sizeof *words);
    if (!words)
        return;
    for (uint32_t i = 0; i < NUMBERED; i++)
        words[i] = (struct jail_word){ current_word_at(worker, current->tls, i), i + 1 };
    worker->words = words;
    worker->word_count = NUMBERED;
    uint32_t found = call(worker, function, current->state);
    if (found && found <= NUMBERED) {
        words[0] = (struct jail_word){ words[found - 1].at, current->state };
        worker->word_count = 1;
        found = call(worker, function, current->state) == (uint32_t)current->state;
    }
    if (found)
        return;
    free(words);
    worker->words = NULL;
    worker->word_count = 0;
}
