// SPDX-License-Identifier: GPL-3.0-or-later
// Limits of memory: see room.h.
#include "target/room.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/maps.h"

#define FILE_MAX ((size_t)1 << 20)
#define PATH_SIZE 4096
#define MARGIN_LEAST ((uint64_t)16 << 20)
#define MARGIN_SHARE 20 // of a limit: a twentieth is left free

// The number behind a word, or of a file that is one; "max" and what is not there are unlimited.
static uint64_t room_number(const char *text, const char *word)
{
    const char *at = text;
    if (word) {
        size_t size = strlen(word);
        while (at && (strncmp(at, word, size) || !isspace((unsigned char)at[size])))
            at = (at = strchr(at, '\n')) ? at + 1 : NULL;
        at = at ? at + size : NULL;
    }
    while (at && (*at == ' ' || *at == '\t'))
        at++;
    return at && isdigit((unsigned char)*at) ? strtoull(at, NULL, 10) : ROOM_UNLIMITED;
}

static uint64_t room_file(const char *folder, const char *name, const char *word)
{
    char path[PATH_SIZE + 64];
    size_t size;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = file_slurp(path, FILE_MAX, &size);
    uint64_t number = text ? room_number(text, word) : ROOM_UNLIMITED;
    free(text);
    return number;
}

static uint64_t less_margin(uint64_t room, uint64_t limit)
{
    uint64_t margin = limit / MARGIN_SHARE > MARGIN_LEAST ? limit / MARGIN_SHARE : MARGIN_LEAST;
    return room > margin ? room - margin : 0;
}

// What one cgroup still allows. Pages of files that nobody has used lately are given back on demand.
static uint64_t room_of_group(const char *folder, bool second)
{
    uint64_t limit = room_file(folder, second ? "memory.max" : "memory.limit_in_bytes", NULL);
    uint64_t high = second ? room_file(folder, "memory.high", NULL) : ROOM_UNLIMITED;
    uint64_t used = room_file(folder, second ? "memory.current" : "memory.usage_in_bytes", NULL);
    uint64_t idle =
        room_file(folder, "memory.stat", second ? "inactive_file" : "total_inactive_file");
    limit = high < limit ? high : limit;
    if (limit == ROOM_UNLIMITED || used == ROOM_UNLIMITED)
        return ROOM_UNLIMITED;
    if (idle != ROOM_UNLIMITED)
        used -= idle < used ? idle : used;
    return less_margin(limit > used ? limit - used : 0, limit);
}

// Our own group of a hierarchy, and those above it up to where it is mounted.
static uint64_t room_of_groups(const char *mount, const char *root, const char *group, bool second)
{
    char folder[PATH_SIZE];
    size_t skip = strlen(root), top = strlen(mount);
    bool below = !strncmp(group, root, skip) && strcmp(root, "/");
    const char *rest = !strncmp(group, "/..", 3) ? "" : below ? group + skip : group;
    if ((size_t)snprintf(folder, sizeof folder, "%s%s", mount, rest) >= sizeof folder)
        return ROOM_UNLIMITED;
    uint64_t least = ROOM_UNLIMITED;
    for (size_t length = strlen(folder); length >= top; length--) {
        if (folder[length] && folder[length] != '/')
            continue;
        folder[length] = 0;
        uint64_t room = room_of_group(folder, second);
        least = room < least ? room : least;
    }
    return least;
}

// Our path in the hierarchy, out of /proc/self/cgroup ("4:memory:/path", "0::/path"). False: none.
static bool find_group(char *text, bool second, char *group, size_t size)
{
    char *line_end;
    for (char *line = strtok_r(text, "\n", &line_end); line;
         line = strtok_r(NULL, "\n", &line_end)) {
        char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;
        if (!path)
            continue;
        *path++ = 0;
        names++;
        bool is = second ? !*names : strstr(names, "memory") != NULL;
        if (is && (size_t)snprintf(group, size, "%s", path) < size)
            return true;
    }
    return false;
}

static uint64_t room_of_mount(char *line, const char *cgroup_file)
{
    char root[PATH_SIZE], mount[PATH_SIZE], group[PATH_SIZE];
    char *kind = strstr(line, " - cgroup");
    if (!kind || sscanf(line, "%*s %*s %*s %4095s %4095s", root, mount) != 2)
        return ROOM_UNLIMITED;
    bool second = kind[9] == '2';
    if (!second && !strstr(kind, "memory"))
        return ROOM_UNLIMITED;
    size_t size;
    char *groups = file_slurp(cgroup_file, FILE_MAX, &size);
    bool found = groups && find_group(groups, second, group, sizeof group);
    free(groups);
    return found ? room_of_groups(mount, root, group, second) : ROOM_UNLIMITED;
}

uint64_t room_bytes(const struct room_sources *sources)
{
    static const struct room_sources own = { "/proc/meminfo", "/proc/self/cgroup",
                                             "/proc/self/mountinfo" };
    const struct room_sources *from = sources ? sources : &own;
    size_t size;
    char *text = file_slurp(from->meminfo, FILE_MAX, &size), *end;
    uint64_t kib = text ? room_number(text, "MemAvailable:") : ROOM_UNLIMITED;
    free(text);
    uint64_t least = kib > UINT64_MAX >> 10 ? ROOM_UNLIMITED : less_margin(kib << 10, MARGIN_LEAST);
    text = file_slurp(from->mountinfo, FILE_MAX, &size);
    for (char *line = text ? strtok_r(text, "\n", &end) : NULL; line;
         line = strtok_r(NULL, "\n", &end)) {
        uint64_t room = room_of_mount(line, from->cgroup);
        least = room < least ? room : least;
    }
    free(text);
    return least;
}

void room_offer(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "1000", 4);
    (void)written; // where it cannot be had, things are as they were
    close(fd);
}
