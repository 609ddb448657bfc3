// SPDX-License-Identifier: GPL-3.0-or-later
// Limits of memory: see room.h.
#include "target/room.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/unused.h"
#include "target/proc_file.h"

#define FILE_MAX ((size_t)1 << 20)
#define PATH_SIZE 4096
#define MARGIN_LEAST ((uint64_t)16 << 20)
#define MARGIN_SHARE 20 // the share of a limit that is left free: a twentieth

static uint64_t room_file(const char *folder, const char *name, const char *word)
{
    char path[PATH_SIZE + 64];
    uint64_t number;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return file_number(path, word, &number) ? number : ROOM_UNLIMITED;
}

static uint64_t less_margin(uint64_t room, uint64_t limit)
{
    uint64_t margin = limit / MARGIN_SHARE > MARGIN_LEAST ? limit / MARGIN_SHARE : MARGIN_LEAST;
    return room > margin ? room - margin : 0;
}

// How much one cgroup still allows. The kernel frees file pages that nobody has used lately on
// demand.
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

// Our own group in a hierarchy, and its ancestors up to the mount point.
static uint64_t room_of_groups(const char *mount, const char *root, const char *group, bool second)
{
    char folder[PATH_SIZE];
    size_t skip = strlen(root), top = strlen(mount);
    bool below = !strncmp(group, root, skip) && strcmp(root, "/");
    const char *rest = !strncmp(group, "/..", 3) ? "" : below ? group + skip : group;
    if ((size_t)snprintf(folder, sizeof folder, "%s%s", mount, rest) >= sizeof folder)
        return ROOM_UNLIMITED;
    uint64_t least = ROOM_UNLIMITED;
    do {
        uint64_t room = room_of_group(folder, second);
        least = room < least ? room : least;
    } while (proc_cgroup_up(folder, top));
    return least;
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
    return proc_cgroup(cgroup_file, second ? NULL : "memory", group, sizeof group)
               ? room_of_groups(mount, root, group, second)
               : ROOM_UNLIMITED;
}

uint64_t room_bytes(const struct room_sources *sources)
{
    static const struct room_sources own = { "/proc/meminfo", "/proc/self/cgroup",
                                             "/proc/self/mountinfo" };
    const struct room_sources *from = sources ? sources : &own;
    uint64_t kib, least = ROOM_UNLIMITED;
    if (file_number(from->meminfo, "MemAvailable:", &kib) && kib <= UINT64_MAX >> 10)
        least = less_margin(kib << 10, MARGIN_LEAST);
    size_t size;
    char *text = file_slurp(from->mountinfo, FILE_MAX, &size), *end;
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
    UNUSED ssize_t written = write(fd, "1000", 4); // if it fails, nothing has changed
    close(fd);
}
