// SPDX-License-Identifier: GPL-3.0-or-later
// Preloaded by tests/fuzz/faults: allocation $OURO_FAIL_AT fails, and so many after it as
// $OURO_FAIL_COUNT says. At the end, with $OURO_FAIL_TELL, tells how many there were.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static long at = -1, count, number;

static int fails(void)
{
    if (at < 0) {
        const char *first = getenv("OURO_FAIL_AT"), *many = getenv("OURO_FAIL_COUNT");
        at = first ? atol(first) : 0;
        count = many ? atol(many) : 1;
    }
    long here = __atomic_add_fetch(&number, 1, __ATOMIC_RELAXED);
    if (!at || here < at || here >= at + count)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t members, size_t size)
{
    return fails() ? NULL : __libc_calloc(members, size);
}

void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}

__attribute__((destructor)) static void tell(void)
{
    char text[64];
    int size = snprintf(text, sizeof text, "allocations: %ld\n", number);
    if (getenv("OURO_FAIL_TELL") && write(STDERR_FILENO, text, (size_t)size) < 0)
        return;
}
