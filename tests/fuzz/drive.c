// SPDX-License-Identifier: GPL-3.0-or-later
// drive SECONDS [SEED [FILE...]]: calls a fuzz target without libFuzzer: with the files, then with
// inputs that it makes of them and of nothing, for so long. An input that leads to code that none
// before led to is kept and changed further, where the compiler tells (-fsanitize-coverage=trace-pc).
// The input under way lies in fuzz-input when the process dies. The last lines tell what was reached.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define SIZE_MAX_INPUT 4096
#define KEPT_MAX 4096
#define MAP_SIZE (1u << 20)
#define CPU_SECONDS_MOST 20
#define KIB_MOST (768 << 10) // 256 MiB, and what sanitizers keep

void __sanitizer_cov_trace_pc(void);

static uint8_t met[MAP_SIZE];
static unsigned long edges, fresh;

#if defined __clang__
#define NOT_INSTRUMENTED __attribute__((no_sanitize("coverage")))
#else
#define NOT_INSTRUMENTED __attribute__((no_sanitize_coverage))
#endif

NOT_INSTRUMENTED void __sanitizer_cov_trace_pc(void)
{
    uintptr_t at = (uintptr_t)__builtin_return_address(0);
    size_t slot = (at ^ at >> 20) % MAP_SIZE;
    if (!met[slot]) {
        met[slot] = 1;
        edges++;
        fresh++;
    }
}

struct input {
    uint8_t bytes[SIZE_MAX_INPUT];
    size_t size;
};

static struct input *kept[KEPT_MAX];
static size_t kept_count;

static uint64_t next_random(uint64_t *state) // xorshift64*
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static void keep(const struct input *input)
{
    struct input *copy = kept_count < KEPT_MAX ? malloc(sizeof *copy) : NULL;
    if (!copy)
        return;
    *copy = *input;
    kept[kept_count++] = copy;
}

static void make(struct input *input, uint64_t *state)
{
    if (kept_count && next_random(state) % 4)
        *input = *kept[next_random(state) % kept_count];
    else
        input->size = 0;
    for (uint64_t n = 1 + next_random(state) % 6; n--;) {
        size_t at = next_random(state) % (input->size + 1);
        uint64_t more = next_random(state), second = next_random(state);
        switch (next_random(state) % 4) {
        case 0: // one change more
        case 1:
            if (input->size + 16 <= SIZE_MAX_INPUT) {
                memcpy(input->bytes + input->size, &more, 8);
                memcpy(input->bytes + input->size + 8, &second, 8);
                input->size += 16;
            }
            break;
        case 2:
            if (at < input->size)
                input->bytes[at] = (uint8_t)more;
            break;
        default:
            if (input->size >= 16 && more % 4 == 0)
                input->size -= 16;
            break;
        }
    }
}

// Where it can be found when the target does not come back.
static void write_down(const struct input *input)
{
    static int fd = -1;
    if (fd < 0)
        fd = open("fuzz-input", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, input->bytes, input->size, 0) < 0)
        return;
}

static void too_slow(int number)
{
    static const char said[] = "fuzz: a run took more than 20 s of CPU\n";
    (void)number;
    (void)!write(STDERR_FILENO, said, sizeof said - 1);
    abort();
}

// The most that a run may take, and what all may hold: a heap of a thousand objects.
static void bound(bool begins)
{
    const struct itimerval most = { .it_value.tv_sec = begins ? CPU_SECONDS_MOST : 0 };
    struct rusage usage;
    signal(SIGPROF, too_slow);
    setitimer(ITIMER_PROF, &most, NULL);
    if (getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_maxrss > KIB_MOST) {
        fprintf(stderr, "fuzz: a run took %ld MiB\n", usage.ru_maxrss >> 10);
        abort();
    }
}

static void run(const struct input *input)
{
    fresh = 0;
    write_down(input);
    bound(true);
    LLVMFuzzerTestOneInput(input->bytes, input->size);
    bound(false);
    if (fresh)
        keep(input);
}

int main(int argc, char **argv)
{
    long seconds = argc > 1 ? atol(argv[1]) : 10;
    uint64_t state =
        (argc > 2 ? strtoull(argv[2], NULL, 10) : 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
    struct input input = { .size = 0 };
    unsigned long runs = 0;
    run(&input);
    for (int i = 3; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        input.size = file ? fread(input.bytes, 1, sizeof input.bytes, file) : 0;
        if (file)
            fclose(file);
        run(&input);
    }
    for (time_t end = time(NULL) + seconds; time(NULL) < end; runs++) {
        make(&input, &state);
        run(&input);
    }
    unlink("fuzz-input");
    fprintf(stderr, "fuzz: %lu runs, %zu inputs kept, %lu places of the code\n", runs, kept_count,
            edges);
    return 0;
}
