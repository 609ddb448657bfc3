// SPDX-License-Identifier: GPL-3.0-or-later
// For programs/churn.py: malloc() and free() in a random but fixed order, and a moment at which
// malloc's own account and its blocks are exactly the same. Calls nothing whose version an older C
// library may lack: what is newer comes as pointers.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/wait.h>

#define HELD 2000

struct account {
    size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};
struct small_account {
    int arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};

struct facts {
    struct account account;
    uint64_t resident, trimmed; // of a forked child, before and after malloc_trim(0)
};

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t choose(uint64_t *state)
{
    static const size_t sizes[] = { 8, 24, 40, 100, 200, 600, 1500, 5000, 20000, 90000 };
    uint64_t r = next(state);
    return r % 1000 == 0 ? 300000 + r % 70000 : sizes[r % (sizeof sizes / sizeof *sizes)] + r % 7;
}

// Leaves what it has at the end: nobody frees it.
void churn(uint64_t seed, unsigned rounds)
{
    void **held = calloc(HELD, sizeof *held);
    uint64_t state = seed * 2654435761u + 1;
    for (unsigned i = 0; i < rounds; i++) {
        void **slot = &held[next(&state) % HELD];
        if (*slot && next(&state) % 3) {
            free(*slot);
            *slot = NULL;
        } else if (!*slot) {
            size_t size = choose(&state);
            *slot = next(&state) % 16 ? malloc(size) : aligned_alloc(4096, 8192);
            if (*slot)
                memset(*slot, (int)i | 1, 8);
            if (*slot && size >= 4096)
                memset(*slot, (int)i | 1, 4096);
        }
    }
    for (unsigned i = 0; i < HELD; i += 2) // and much of it goes at once
        free(held[i]), held[i] = NULL;
}

static uint64_t resident(void)
{
    static char text[4096];
    int fd = open("/proc/self/smaps_rollup", O_RDONLY);
    ssize_t size = read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = 0;
    // Not Rss: pages of files come along as code is run.
    const char *own = strstr(text, "Anonymous:");
    return own ? strtoull(own + 10, NULL, 10) * 1024 : 0;
}

// Writes the facts and stands still. account_is_wide: mallinfo2() and not mallinfo().
void freeze(int fd, void *account, int account_is_wide, void *malloc_info, void *file, void *flush,
            int (*trim)(size_t), int (*fork_now)(void))
{
    static struct facts facts;
    ((int (*)(int, void *))malloc_info)(0, file);
    ((int (*)(void *))flush)(file);
    if (account_is_wide) {
        facts.account = ((struct account(*)(void))account)();
    } else {
        struct small_account small = ((struct small_account(*)(void))account)();
        const int *from = &small.arena;
        size_t *to = &facts.account.arena;
        for (size_t i = 0; i < sizeof small / sizeof *from; i++)
            to[i] = (size_t)(unsigned)from[i];
    }
    int ends[2];
    if (pipe(ends))
        return;
    int child = fork_now();
    if (!child) {
        facts.resident = resident();
        trim(0);
        facts.trimmed = resident();
        if (write(ends[1], &facts, sizeof facts) < 0)
            _exit(1);
        _exit(0);
    }
    if (read(ends[0], &facts, sizeof facts) < 0)
        return;
    waitpid(child, NULL, 0);
    if (write(fd, &facts, sizeof facts) < 0)
        return;
    for (;;)
        pause();
}
