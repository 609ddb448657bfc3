// SPDX-License-Identifier: GPL-3.0-or-later
// Deleting the oldest files, keeping the newest: see keep.h.
#include "cli/keep.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MOST 200
#define TRIES_MOST 10000

static bool keep_is_ours(const char *name, const char *prefix)
{
    const char *dot = strrchr(name, '.');
    return !strncmp(name, prefix, strlen(prefix)) && dot && strlen(name) < NAME_MOST
           && (!strcmp(dot, ".heap") || !strcmp(dot, ".core") || !strcmp(dot, ".html"));
}

// Finds the oldest of our files, and counts them.
static uint64_t keep_oldest(int folder, const char *prefix, char *oldest, size_t room)
{
    int again = dup(folder);
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    struct timespec when = { 0 };
    uint64_t count = 0;
    if (dir)
        rewinddir(dir);
    else if (again >= 0)
        close(again);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct stat about;
        if (!keep_is_ours(entry->d_name, prefix)
            || fstatat(folder, entry->d_name, &about, AT_SYMLINK_NOFOLLOW)
            || !S_ISREG(about.st_mode) || about.st_uid != geteuid())
            continue;
        bool older =
            about.st_mtim.tv_sec < when.tv_sec
            || (about.st_mtim.tv_sec == when.tv_sec && about.st_mtim.tv_nsec < when.tv_nsec);
        if (!count++ || older) {
            when = about.st_mtim;
            snprintf(oldest, room, "%s", entry->d_name);
        }
    }
    if (dir)
        closedir(dir);
    return count;
}

void keep_make_room(const char *folder, const char *prefix, uint64_t keep)
{
    char oldest[NAME_MOST + 1];
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int tries = 0;
         fd >= 0 && tries < TRIES_MOST && keep_oldest(fd, prefix, oldest, sizeof oldest) >= keep;
         tries++)
        if (unlinkat(fd, oldest, 0))
            break;
    if (fd >= 0)
        close(fd);
}
