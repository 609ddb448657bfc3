// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting for a child: see child.h.
#include "cli/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"

#define CHILD_LOOK_MS 10

// Whether it has ended by then. A child that is not ours, or no longer, counts as ended.
static bool child_ends(pid_t child, int64_t until, const struct notices *notices, int *status)
{
    for (;;) {
        pid_t ended = waitpid(child, status, WNOHANG);
        if (ended == child || (ended < 0 && errno != EINTR))
            return true;
        bool stop = notices && notices->interrupted && *notices->interrupted;
        if (stop || clock_ms() >= until)
            return false;
        poll(NULL, 0, CHILD_LOOK_MS);
    }
}

int child_wait(pid_t child, int64_t most_ms, int64_t grace_ms, const struct notices *notices)
{
    int status = SIGKILL; // waitpid() leaves this alone if there is no such child
    if (child_ends(child, clock_ms() + most_ms, notices, &status))
        return WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_KILLED;
    if (grace_ms > 0)
        kill(-child, SIGTERM);
    bool gone = grace_ms > 0 && child_ends(child, clock_ms() + grace_ms, NULL, &status);
    kill(-child, SIGKILL); // with whatever it has started
    while (!gone && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return CHILD_LATE;
}
