// SPDX-License-Identifier: GPL-3.0-or-later
// Asking debuginfod: see debuginfod.h.
#include "cli/debuginfod.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/notices.h"

#define SECONDS_MOST 600
#define POLL_MS 20
#define BUILD_ID_MOST 64 // bytes

enum { FETCHED, NOT_THERE, NO_CLIENT };

bool debuginfod_allowed(struct err *err)
{
    const char *urls = getenv("DEBUGINFOD_URLS");
    if (urls && urls[strspn(urls, " ")])
        return true;
    return err_set(err, ERR_USAGE,
                   "--debuginfod: DEBUGINFOD_URLS is not set; it names the servers to ask");
}

// Runs in a child. The declarations are those of elfutils/debuginfod.h; a length of 0 means that
// the build-id is text.
static int debuginfod_by_library(const char *build_id)
{
    if (!getauxval(AT_BASE)) // statically linked, as in the bundle: it can load no libraries
        return NO_CLIENT;
    void *library = dlopen("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL);
    void *(*begin)(void) = NULL;
    int (*find)(void *, const unsigned char *, int, char **) = NULL;
    if (library) {
        *(void **)&begin = dlsym(library, "debuginfod_begin");
        *(void **)&find = dlsym(library, "debuginfod_find_debuginfo");
    }
    void *client = begin && find ? begin() : NULL;
    if (!client)
        return NO_CLIENT;
    return find(client, (const unsigned char *)build_id, 0, NULL) >= 0 ? FETCHED : NOT_THERE;
}

static int debuginfod_by_program(const char *build_id)
{
    const char *const words[] = { "debuginfod-find", "debuginfo", build_id, NULL };
    execvp(words[0], (char *const *)words);
    return NO_CLIENT;
}

// In the child: prints nothing to our terminal, and ends when we do.
static void debuginfod_ask(const char *build_id)
{
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd <= 2; fd++)
        dup2(null, fd);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    int answer = debuginfod_by_library(build_id);
    _exit(answer == NO_CLIENT ? debuginfod_by_program(build_id) : answer);
}

// Waits for the child's answer; -1: it was stopped, or died.
static int debuginfod_wait(pid_t child, const struct progress *progress)
{
    const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
    for (int waited = 0;; waited += POLL_MS) {
        int status;
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (ended < 0 && errno != EINTR)
            return -1;
        if (waited >= SECONDS_MOST * 1000
            || !progress_step(progress, "fetching debug information", 0, 0))
            kill(child, SIGKILL);
        nanosleep(&pause, NULL);
    }
}

bool debuginfod_fetch(void *context, const char *build_id, struct err *err)
{
    size_t length = strlen(build_id);
    if (!length || length > 2 * BUILD_ID_MOST || strspn(build_id, "0123456789abcdef") != length)
        return err_set(err, ERR_NOT_FOUND, "refused: not a build-id");
    pid_t child = fork();
    if (child == 0)
        debuginfod_ask(build_id);
    if (child < 0)
        return err_errno(err, errno, "debuginfod");
    const struct progress progress = notices_progress(context);
    switch (debuginfod_wait(child, &progress)) {
    case FETCHED:
        return true;
    case NO_CLIENT:
        return err_set(err, ERR_NOT_FOUND,
                       "--debuginfod: neither libdebuginfod.so.1 nor debuginfod-find is installed "
                       "here (elfutils)");
    default:
        return err_set(err, ERR_NOT_FOUND, "debuginfod has no debug information for build-id %s",
                       build_id);
    }
}
