// SPDX-License-Identifier: GPL-3.0-or-later
// A child of the test program with known memory and several threads, to be looked at from outside.
//
// It is made by fork, so its variables have our addresses: what the tests expect is &variable.
#ifndef OURO_TESTS_TARGET_CHILD_H
#define OURO_TESTS_TARGET_CHILD_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHILD_PAGES 4096 // 16 MiB, of which every 16th page is touched

struct child_shared { // seen by both, at the same address
    volatile uint64_t ticks[3];
    volatile int signals;
    volatile int ready;
};

struct child {
    pid_t pid;
    struct child_shared *shared;
    uint8_t *sparse;
};

extern uint64_t child_marker; // 1 with us, 0x1122334455667788 in the child
extern struct child_shared *child_shared_now;

static inline void child_nap(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
}

static inline void *child_tick(void *number)
{
    for (;;) {
        child_shared_now->ticks[(uintptr_t)number]++;
        nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
    }
    return NULL;
}

static inline void child_on_signal(int number)
{
    (void)number;
    child_shared_now->signals++;
}

static inline void child_main(struct child *c)
{
    alarm(60); // should the tests die
    child_marker = 0x1122334455667788;
    for (size_t i = 0; i < CHILD_PAGES; i += 16)
        memset(c->sparse + i * 4096, (int)(i / 16) | 1, 4096);
    signal(SIGUSR1, child_on_signal);
    for (uintptr_t i = 1; i < 3; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, child_tick, (void *)i);
    }
    c->shared->ready = 1;
    child_tick((void *)0);
}

static inline bool child_start(struct child *c)
{
    c->shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    c->sparse =
        mmap(NULL, CHILD_PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    child_shared_now = c->shared;
    c->pid = fork();
    if (c->pid == 0)
        child_main(c);
    for (int i = 0; i < 2000 && c->pid > 0 && !(c->shared->ready && c->shared->ticks[2]); i++)
        child_nap();
    return c->pid > 0 && c->shared->ready;
}

// Whether all of its threads still run.
static inline bool child_goes_on(const struct child *c)
{
    uint64_t before[3];
    memcpy(before, (const void *)c->shared->ticks, sizeof before);
    for (int i = 0; i < 1000; i++) {
        child_nap();
        bool all = true;
        for (int k = 0; k < 3; k++)
            all = all && c->shared->ticks[k] != before[k];
        if (all)
            return true;
    }
    return false;
}

static inline void child_end(struct child *c)
{
    if (c->pid > 0) { // to -1 would be to everybody
        kill(c->pid, SIGKILL);
        waitpid(c->pid, NULL, 0);
    }
    munmap(c->shared, 4096);
    munmap(c->sparse, CHILD_PAGES * 4096);
}

#endif
