// SPDX-License-Identifier: GPL-3.0-or-later
// How much time has gone by: the one clock that waits, deadlines and durations are measured with.
// It only goes forwards, even when the machine's time is set; its start means nothing.
//
// Does not know: what time of day it is. Owns: nothing. Cost: no system call.
#ifndef OURO_BASE_CLOCK_H
#define OURO_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_us(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline int64_t clock_ms(void)
{
    return clock_us() / 1000;
}

#endif
