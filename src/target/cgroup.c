// SPDX-License-Identifier: GPL-3.0-or-later
// Memory of control groups: see cgroup.h.
#include "target/cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/proc_file.h"

#define CGROUP_PATH 4096
#define CGROUP_ROOT "/sys/fs/cgroup"

const char *const cgroup_event_names[CGROUP_EVENTS] = { "high", "max", "oom", "oom_kill" };

// Where a hierarchy is mounted, and its files; a number is a file, or a word in one.
struct cgroup_kind {
    const char *controller; // null: version 2
    const char *folder, *limit, *now;
    struct {
        const char *file, *word;
    } events[CGROUP_EVENTS];
};

static const struct cgroup_kind cgroup_kinds[] = {
    { NULL,
      "",
      "memory.max",
      "memory.current",
      { { "memory.events", "high" },
        { "memory.events", "max" },
        { "memory.events", "oom" },
        { "memory.events", "oom_kill" } } },
    { "memory",
      "/memory",
      "memory.limit_in_bytes",
      "memory.usage_in_bytes",
      { [CGROUP_MAX] = { "memory.failcnt", NULL },
        [CGROUP_OOM_KILL] = { "memory.oom_control", "oom_kill" } } },
};

#define CGROUP_KINDS (sizeof cgroup_kinds / sizeof *cgroup_kinds)

static bool cgroup_number(const char *folder, const char *name, const char *word, uint64_t *number)
{
    char file[CGROUP_PATH + 64];
    snprintf(file, sizeof file, "%s/%s", folder, name);
    return file_number(file, word, number);
}

// Cuts the folder down to the nearest group that has a limit. Version 1 writes "none" as a number
// near the maximum. False: the folder is unchanged.
static bool cgroup_limited(const struct cgroup_kind *kind, char *folder, size_t top,
                           uint64_t *limit)
{
    char above[CGROUP_PATH];
    snprintf(above, sizeof above, "%s", folder);
    do {
        if (cgroup_number(above, kind->limit, NULL, limit) && *limit && *limit < 1ull << 62) {
            folder[strlen(above)] = '\0';
            return true;
        }
    } while (proc_cgroup_up(above, top));
    return false;
}

static bool cgroup_folder(const struct cgroup_sources *from, const struct cgroup_kind *kind,
                          char folder[CGROUP_PATH], size_t *top)
{
    char group[CGROUP_PATH];
    if (!proc_cgroup(from->cgroup, kind->controller, group, sizeof group))
        return false;
    *top = (size_t)snprintf(folder, CGROUP_PATH, "%s%s", from->root, kind->folder);
    size_t room = *top < CGROUP_PATH ? CGROUP_PATH - *top : 0;
    return (size_t)snprintf(folder + *top, room, "%s", strcmp(group, "/") ? group : "") < room;
}

// The first hierarchy with a limit; without one, the first that counts anything.
static void cgroup_read_kind(const struct cgroup_sources *from, const struct cgroup_kind *kind,
                             struct cgroup_memory *out)
{
    char folder[CGROUP_PATH];
    size_t top;
    if (out->has_limit || !cgroup_folder(from, kind, folder, &top))
        return;
    out->has_limit = cgroup_limited(kind, folder, top, &out->limit)
                     && cgroup_number(folder, kind->now, NULL, &out->now);
    for (int i = 0; i < CGROUP_EVENTS; i++)
        if (kind->events[i].file && (out->has_limit || !out->has_event[i]))
            out->has_event[i] =
                cgroup_number(folder, kind->events[i].file, kind->events[i].word, &out->events[i]);
}

// "some avg10=1.25 avg60=...".
static bool cgroup_pressure(const char *file, double *percent)
{
    static const char mark[] = "some avg10=";
    char text[256];
    if (strncmp(file_peek(file, text, sizeof text), mark, sizeof mark - 1))
        return false;
    *percent = strtod(text + sizeof mark - 1, NULL);
    return true;
}

// The version 2 hierarchy has these files even if version 1 controls memory.
static void cgroup_read_pressure(const struct cgroup_sources *from, struct cgroup_memory *out)
{
    static const char *const places[] = { "", "/unified" };
    char group[CGROUP_PATH], file[2 * CGROUP_PATH];
    bool found = proc_cgroup(from->cgroup, NULL, group, sizeof group);
    for (size_t i = 0; found && !out->has_pressure && i < sizeof places / sizeof *places; i++) {
        snprintf(file, sizeof file, "%s%s%s/memory.pressure", from->root, places[i], group);
        out->has_pressure = cgroup_pressure(file, &out->pressure);
    }
    if (!out->has_pressure)
        out->has_pressure = cgroup_pressure(from->pressure, &out->pressure);
}

void cgroup_memory_read_from(const struct cgroup_sources *sources, struct cgroup_memory *out)
{
    *out = (struct cgroup_memory){ 0 };
    for (size_t i = 0; i < CGROUP_KINDS; i++)
        cgroup_read_kind(sources, &cgroup_kinds[i], out);
    cgroup_read_pressure(sources, out);
}

void cgroup_memory_read(pid_t pid, struct cgroup_memory *out)
{
    char file[64];
    snprintf(file, sizeof file, "/proc/%d/cgroup", (int)pid);
    const struct cgroup_sources sources = { file, CGROUP_ROOT, "/proc/pressure/memory" };
    cgroup_memory_read_from(&sources, out);
}

bool cgroup_has(pid_t pid, const char *path)
{
    static const char *const places[] = { CGROUP_ROOT "/memory/", CGROUP_ROOT "/unified/",
                                          CGROUP_ROOT "/" };
    char file[64], group[CGROUP_PATH];
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!strncmp(path, places[i], strlen(places[i]))) {
            path += strlen(places[i]) - 1;
            break;
        }
    size_t size = strlen(path);
    while (size && path[size - 1] == '/')
        size--;
    snprintf(file, sizeof file, "/proc/%d/cgroup", (int)pid);
    for (size_t i = 0; i < CGROUP_KINDS; i++)
        if (proc_cgroup(file, cgroup_kinds[i].controller, group, sizeof group)
            && !strncmp(group, path, size) && (!group[size] || group[size] == '/'))
            return true;
    return false;
}
