// SPDX-License-Identifier: GPL-3.0-or-later
// Parts, the board that records them, and helper processes: see sweep.h.
#include "tui/sweep.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORDS = SWEEP_PART / 64, PAUSE = 1000000 }; // nanoseconds

struct sweep_board {
    _Atomic size_t next; // the first part that nobody has taken
    struct sweep_part {
        _Atomic bool done;
        uint64_t bits[WORDS];
    } parts[];
};

bool sweep_init(struct sweep *sweep, size_t count, bool (*holds)(void *context, size_t i),
                void *context, struct err *err)
{
    *sweep = (struct sweep){ .count = count, .holds = holds, .context = context };
    sweep->parts = (count + SWEEP_PART - 1) / SWEEP_PART;
    sweep->board_size = sizeof *sweep->board + sweep->parts * sizeof *sweep->board->parts;
    void *board =
        mmap(NULL, sweep->board_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED) {
        *sweep = (struct sweep){ 0 };
        return err_memory(err, "the rows that were found");
    }
    sweep->board = board;
    return true;
}

void sweep_fini(struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->helper_count; i++) {
        kill(sweep->helpers[i], SIGKILL);
        waitpid(sweep->helpers[i], NULL, 0);
    }
    if (sweep->board)
        munmap(sweep->board, sweep->board_size);
    *sweep = (struct sweep){ 0 };
}

static void sweep_look(struct sweep *sweep, size_t index)
{
    struct sweep_part *part = &sweep->board->parts[index];
    size_t first = index * SWEEP_PART, end = first + SWEEP_PART;
    for (size_t i = first; i < end && i < sweep->count; i++)
        if (sweep->holds(sweep->context, i))
            part->bits[(i - first) / 64] |= UINT64_C(1) << (i - first) % 64;
    atomic_store_explicit(&part->done, true, memory_order_release);
}

// Takes the next part. False: all are taken.
static bool sweep_take(struct sweep *sweep)
{
    size_t index = atomic_fetch_add(&sweep->board->next, 1);
    if (index >= sweep->parts)
        return false;
    sweep_look(sweep, index);
    return true;
}

static bool sweep_part_is_done(const struct sweep *sweep, size_t index)
{
    return atomic_load_explicit(&sweep->board->parts[index].done, memory_order_acquire);
}

// --- helpers ------------------------------------------------------------------------------------

static void sweep_helper_run(struct sweep *sweep, pid_t parent)
{
    static const int ours[] = { SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        signal(ours[i], i < 3 ? SIG_DFL : SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == parent && sweep_take(sweep))
        ;
    _exit(0);
}

void sweep_help(struct sweep *sweep, unsigned most)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    processors = processors < (long)most ? processors : (long)most;
    pid_t self = getpid();
    while (sweep->helper_count < SWEEP_HELPERS && (long)sweep->helper_count + 1 < processors) {
        pid_t helper = fork();
        if (helper < 0)
            return; // it takes longer
        if (!helper)
            sweep_helper_run(sweep, self);
        sweep->helpers[sweep->helper_count++] = helper;
    }
}

static bool sweep_has_helpers(struct sweep *sweep)
{
    for (size_t i = sweep->helper_count; i-- > 0;)
        if (waitpid(sweep->helpers[i], NULL, WNOHANG) != 0)
            sweep->helpers[i] = sweep->helpers[--sweep->helper_count];
    return sweep->helper_count > 0;
}

// --- results ------------------------------------------------------------------------------------

void sweep_step(struct sweep *sweep)
{
    if (!sweep_take(sweep) && !sweep_is_done(sweep)) {
        // This is asked first: a helper that has just exited may have recorded its part before.
        bool helped = sweep_has_helpers(sweep);
        if (!sweep_part_is_done(sweep, sweep->known) && helped)
            nanosleep(&(struct timespec){ 0, PAUSE }, NULL);
        else if (!sweep_part_is_done(sweep, sweep->known))
            sweep_look(sweep, sweep->known);
    }
    while (!sweep_is_done(sweep) && sweep_part_is_done(sweep, sweep->known))
        sweep->known++;
}

size_t sweep_known(const struct sweep *sweep)
{
    size_t known = sweep->known * SWEEP_PART;
    return known < sweep->count ? known : sweep->count;
}

bool sweep_has(const struct sweep *sweep, size_t i)
{
    const struct sweep_part *part = &sweep->board->parts[i / SWEEP_PART];
    return part->bits[i % SWEEP_PART / 64] >> i % 64 & 1;
}
