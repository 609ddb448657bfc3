// SPDX-License-Identifier: GPL-3.0-or-later
// Work that several threads share: see pool.h.
#include "base/pool.h"

#include <pthread.h>
#include <signal.h>

struct pool_part {
    pool_call *call;
    void *context;
    unsigned part, parts;
    pthread_t thread;
    bool runs;
};

static void *pool_begin(void *argument)
{
    const struct pool_part *part = argument;
    part->call(part->context, part->part, part->parts);
    return NULL;
}

// All signals but those that a thread causes itself: one of these kills the process if it is
// blocked, and a mapped file that shrinks meanwhile is to be reported in a sentence.
static void pool_asynchronous(sigset_t *set)
{
    static const int caused[] = { SIGBUS, SIGSEGV, SIGFPE, SIGILL };
    sigfillset(set);
    for (size_t i = 0; i < sizeof caused / sizeof *caused; i++)
        sigdelset(set, caused[i]);
}

void pool_run(unsigned threads, pool_call *call, void *context)
{
    struct pool_part parts[POOL_MOST];
    sigset_t asynchronous, before;
    unsigned count = threads < 1 ? 1 : threads > POOL_MOST ? POOL_MOST : threads;
    if (count > 1) {
        pool_asynchronous(&asynchronous);
        pthread_sigmask(SIG_SETMASK, &asynchronous, &before);
    }
    for (unsigned i = 1; i < count; i++) {
        parts[i] = (struct pool_part){ call, context, i, count, 0, false };
        parts[i].runs = !pthread_create(&parts[i].thread, NULL, pool_begin, &parts[i]);
    }
    if (count > 1)
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    call(context, 0, count);
    for (unsigned i = 1; i < count; i++)
        if (parts[i].runs)
            pthread_join(parts[i].thread, NULL);
        else
            call(context, i, count);
}
