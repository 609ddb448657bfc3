// SPDX-License-Identifier: GPL-3.0-or-later
// Starting a pager and waiting for it: see pager.h.
#include "cli/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool pager_is_here(const char *program)
{
    const char *path = getenv("PATH");
    for (const char *folder = path; folder && *folder; folder += strspn(folder, ":")) {
        size_t size = strcspn(folder, ":");
        struct text name = TEXT_INIT;
        text_add(&name, folder, size);
        text_add_format(&name, "/%s", program);
        bool found = !access(text_string(&name), X_OK);
        text_fini(&name);
        if (found)
            return true;
        folder += size;
    }
    return false;
}

bool pager_find(struct text *command)
{
    const char *asked = getenv("OURO_PAGER");
    if (!asked)
        asked = getenv("PAGER");
    if (!asked)
        asked = pager_is_here("less") ? "less" : pager_is_here("more") ? "more" : "";
    text_add_string(command, asked);
    return *asked && strcmp(asked, "cat") && !command->failed;
}

bool pager_start(struct pager *pager, const char *command, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return err_errno(err, errno, "a pipe");
    pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return err_errno(err, errno, command);
    }
    if (!child) {
        dup2(ends[0], STDIN_FILENO);
        signal(SIGINT, SIG_DFL);
        signal(SIGPIPE, SIG_DFL);
        setenv("LESS", "FRX", 0);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(ends[0]);
    *pager = (struct pager){ child, ends[1] };
    return true;
}

void pager_end(struct pager *pager)
{
    if (!pager->pid)
        return;
    close(pager->fd);
    // Ctrl-C belongs to the pager until the user leaves it.
    struct sigaction before;
    sigaction(SIGINT, &(struct sigaction){ .sa_handler = SIG_IGN }, &before);
    while (waitpid(pager->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    sigaction(SIGINT, &before, NULL);
    *pager = (struct pager){ 0 };
}
