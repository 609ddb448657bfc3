// SPDX-License-Identifier: GPL-3.0-or-later
// Decides which functions may still be called, and which is to blame: see traverse.h.
#include "py/extension/traverse.h"

#include <stdlib.h>

#include "base/vec.h"
#include "py/runtime/current.h"
#include "py/python.h"

#define LIMIT_MS 5000 // and
#define BYTES_A_SECOND (UINT64_C(64) << 20)
#define EMULATED_TIMES 8 // times as long
#define SHARE 8          // one slow function may use limit / SHARE
#define SLOW_US 20       // per answer, natively
#define VISITS_SPARE (UINT64_C(1) << 16)
#define STRIKES_EACH 3 // per function,
#define ANSWERS_A_STRIKE                                                                           \
    1000 // and one more per so many answers: a damaged object is not its type's fault
#define STRIKES_MAX 200    // for all functions
#define REFUSED UINT32_MAX // in of_item: this item must not be asked about

// --- opening -------------------------------------------------------------------------------------

static bool is_our_machine(enum machine machine)
{
#if defined __x86_64__
    return machine == MACHINE_X86_64;
#elif defined __aarch64__
    return machine == MACHINE_AARCH64;
#else
    return false;
#endif
}

static void traverse_set_limits(struct traverse *t, const struct python *py,
                                const struct traverse_options *options)
{
    uint64_t bytes = target_bytes(py->target);
    t->limit_ms = (LIMIT_MS + 1000 * (bytes / BYTES_A_SECOND)) * (t->emulated ? EMULATED_TIMES : 1);
    if (options->limit_ms)
        t->limit_ms = options->limit_ms;
    t->left_ms = t->limit_ms;
    t->visits_left = bytes / 4 + VISITS_SPARE;
}

bool traverse_open(struct traverse *t, const struct python *py,
                   const struct traverse_options *options, struct err *err)
{
    *t = (struct traverse){ .strikes_most =
                                options->strikes_most ? options->strikes_most : STRIKES_MAX };
    if (options->mode == TRAVERSE_OFF)
        return err_set(err, ERR_UNSUPPORTED, "tp_traverse is switched off");
    t->emulated = options->mode == TRAVERSE_EMULATE || !is_our_machine(py->target->machine);
    const char *program = t->emulated ? options->emulator : options->native;
    if (!program)
        return err_set(err, ERR_UNSUPPORTED, "there is no %s",
                       t->emulated ? "ouro-emulate" : "ouro-traverse");
    traverse_set_limits(t, py, options);
    struct current current = current_choose(py);
    struct worker_options worker = {
        .program = program,
        .tls = current.tls,
        .stall_ms = options->stall_ms,
        .visit_most = t->visits_left < WORKER_VISITS ? (uint32_t)t->visits_left : WORKER_VISITS,
        .emulated = t->emulated,
        .progress = options->progress,
    };
    if (!worker_open(&t->worker, py->target, &worker, err))
        return false;
    t->jobs = malloc(WORKER_JOBS * sizeof *t->jobs);
    t->of_item = malloc(WORKER_JOBS * sizeof *t->of_item);
    bool ok = (t->jobs && t->of_item) || err_memory(err, "the jail's jobs");
    if (ok)
        current_give(&t->worker, py, &current);
    ok = ok && worker_launch(&t->worker, err);
    if (!ok)
        traverse_close(t);
    return ok;
}

void traverse_close(struct traverse *t)
{
    worker_close(&t->worker);
    map_fini(&t->index);
    free(t->functions);
    free(t->of_item);
    free(t->jobs);
    *t = (struct traverse){ .spent = true };
}

// --- functions -----------------------------------------------------------------------------------

// False: out of memory. *row: REFUSED if the function must not be called.
static bool function_of(struct traverse *t, addr at, uint32_t *row, struct err *err)
{
    *row = map_get(&t->index, at);
    if (*row == MAP_NONE) {
        if (t->function_count >= REFUSED - 1)
            return err_memory(err, "functions");
        if (!vec_grow(&t->functions, &t->function_room, t->function_count + 1, sizeof *t->functions,
                      err)
            || !map_put(&t->index, at, (uint32_t)t->function_count, err))
            return false;
        *row = (uint32_t)t->function_count;
        t->functions[t->function_count++] = (struct traverse_function){
            .at = at,
            .bad = !worker_maps_has_text(&t->worker.maps, at),
        };
    }
    if (t->functions[*row].bad)
        *row = REFUSED;
    return true;
}

static void note_fault(struct traverse_function *f)
{
    f->faults++;
    if (f->faults >= STRIKES_EACH && !f->answered)
        f->bad = true;
}

static void give_up(struct traverse *t, struct traverse_function *f)
{
    t->given_up += !f->bad;
    f->bad = true;
}

static void traverse_note_time(struct traverse *t, struct traverse_function *f, uint32_t ms)
{
    uint64_t slow_us = SLOW_US * (t->emulated ? 8 * EMULATED_TIMES : 1);
    f->used_ms += ms;
    if (ms && f->used_ms > t->limit_ms / SHARE && f->used_ms * 1000 > f->answered * slow_us)
        give_up(t, f);
}

static void note_strike(struct traverse *t, struct traverse_function *f)
{
    if (++f->strikes >= STRIKES_EACH + f->answered / ANSWERS_A_STRIKE)
        give_up(t, f);
    if (++t->strikes > t->strikes_most)
        t->spent = true;
}

// --- batches -------------------------------------------------------------------------------------

struct traverse_asking {
    struct traverse *t;
    const struct traverse_item *items;
    size_t count;
    traverse_answer *answer;
    void *context;
    struct err *err;
    size_t told;           // items reported so far
    size_t first, planned; // the items that the worker is asked about now
    size_t most;           // how many to ask about at once
    uint32_t job_count;
};

static bool traverse_tell(struct traverse_asking *a, bool ok, const addr *referents, size_t count)
{
    a->t->answered += ok;
    a->t->failed += !ok;
    return a->answer(a->context, a->told++, ok, referents, count)
           || err_set(a->err, ERR_CANCELLED, "stopped while asking tp_traverse");
}

// Turns the next items into jobs, except those that must not be asked about.
static bool traverse_plan(struct traverse_asking *a)
{
    struct traverse *t = a->t;
    a->first = a->told;
    a->planned = a->count - a->first < a->most ? a->count - a->first : a->most;
    a->job_count = 0;
    for (size_t i = 0; i < a->planned; i++) {
        struct traverse_item item = a->items[a->first + i];
        if (!function_of(t, item.function, &t->of_item[i], a->err))
            return false;
        if (t->of_item[i] != REFUSED)
            t->jobs[a->job_count++] = (struct jail_job){ item.object, item.function };
    }
    return true;
}

// Reports the items before the next job as unanswered, or all that are left of the plan. *row: that
// job's function.
static bool tell_refused(struct traverse_asking *a, bool all, uint32_t *row)
{
    while (a->told < a->first + a->planned) {
        *row = a->t->of_item[a->told - a->first];
        if (!all && *row != REFUSED)
            return true;
        if (!traverse_tell(a, false, NULL, 0))
            return false;
    }
    return true;
}

static void traverse_note(struct traverse *t, struct traverse_function *f, uint32_t answer)
{
    if (answer == JAIL_ANSWERED)
        f->answered++;
    else if (answer == JAIL_FAULT)
        note_fault(f);
    else
        note_strike(t, f);
}

// Whether the visits so far are no more than there can be.
static bool traverse_afford(struct traverse *t, struct traverse_function *f, uint64_t visits)
{
    if (visits <= t->visits_left) {
        t->visits_left -= visits;
        return true;
    }
    give_up(t, f);
    return false;
}

static bool tell_answers(struct traverse_asking *a, uint32_t done)
{
    struct traverse *t = a->t;
    uint32_t from = 0, row = 0;
    for (uint32_t i = 0; i < done; i++) {
        struct jail_end end = t->worker.ends[i];
        bool ok = end.answer == JAIL_ANSWERED;
        if (!tell_refused(a, false, &row))
            return false;
        traverse_note(t, &t->functions[row], end.answer);
        traverse_note_time(t, &t->functions[row], t->worker.job_ms[i]);
        ok = ok && traverse_afford(t, &t->functions[row], end.end - from);
        t->returned = end.returned;
        if (!traverse_tell(a, ok, t->worker.visits + from, ok ? end.end - from : 0))
            return false;
        from = end.end;
    }
    return true;
}

// Starts a worker if there is none. If that fails nothing is asked any more.
static bool have_worker(struct traverse *t)
{
    struct err why = ERR_INIT;
    if (!t->spent && !t->worker.pid && ++t->restarts)
        t->spent = !worker_launch(&t->worker, &why);
    return !t->spent;
}

static bool traverse_ask(struct traverse_asking *a)
{
    struct traverse *t = a->t;
    uint32_t done = 0, row = 0;
    bool ready = a->job_count && have_worker(t);
    if (a->job_count && !ready && t->worker.cancelled) // cancelled while it started
        return err_set(a->err, ERR_CANCELLED, "stopped while asking tp_traverse");
    if (!ready) {
        t->late += t->left_ms ? 0 : a->job_count;
        return tell_refused(a, true, &row);
    }
    t->worker.run_most_ms =
        t->left_ms < t->limit_ms / SHARE ? t->left_ms + 1 : t->limit_ms / SHARE + 1;
    enum worker_outcome outcome = worker_run(&t->worker, t->jobs, a->job_count, &done);
    if (t->worker.cancelled)
        return err_set(a->err, ERR_CANCELLED, "stopped while asking tp_traverse");
    if (outcome == WORKER_MEMORY)
        return err_memory(a->err, "the jail's answers");
    t->left_ms -= t->worker.run_ms < t->left_ms ? t->worker.run_ms : t->left_ms;
    t->spent = t->spent || !t->left_ms;
    if (!tell_answers(a, done))
        return false;
    a->most = a->most < WORKER_JOBS / 2 ? a->most * 2 : WORKER_JOBS;
    if (done == a->job_count)
        return tell_refused(a, true, &row);
    if (outcome == WORKER_DONE)
        return true; // the rest did not fit: it is planned again
    if (outcome == WORKER_LIED && a->planned > 1) {
        a->most = a->planned
                  / 2; // one of them spoilt the answers of all: in ever smaller lots, we find it
        return true;
    }
    // The current job is to blame.
    if (!tell_refused(a, false, &row))
        return false;
    note_strike(t, &t->functions[row]);
    traverse_note_time(t, &t->functions[row], t->worker.job_ms[done]);
    return traverse_tell(a, false, NULL, 0);
}

bool traverse_batch(struct traverse *t, const struct traverse_item *items, size_t count,
                    traverse_answer *answer, void *context, struct err *err)
{
    struct traverse_asking a = {
        .t = t,
        .items = items,
        .count = count,
        .answer = answer,
        .context = context,
        .err = err,
        .most = WORKER_JOBS,
    };
    t->asked += count;
    while (a.told < count)
        if (!traverse_plan(&a) || !traverse_ask(&a))
            return false;
    return true;
}
