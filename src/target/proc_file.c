// SPDX-License-Identifier: GPL-3.0-or-later
// Files of the kernel: see proc_file.h.
#include "target/proc_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROC_FILE_MOST ((size_t)1 << 20)

char *file_slurp(const char *path, size_t most, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return NULL;
    size_t room = 4096, used = 0;
    char *text = malloc(room);
    while (text) {
        ssize_t got = read(fd, text + used, room - used - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || used >= most) {
            if (got < 0) {
                int why = errno;
                free(text);
                close(fd);
                errno = why;
                return NULL;
            }
            break;
        }
        used += (size_t)got;
        if (room - used < 2) {
            char *more = realloc(text, room * 2);
            if (!more)
                free(text);
            text = more;
            room *= 2;
        }
    }
    close(fd);
    if (!text) {
        errno = ENOMEM;
        return NULL;
    }
    text[used] = 0;
    *size = used;
    return text;
}

const char *file_peek(const char *path, char *text, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t used = 0;
    ssize_t got = 0;
    while (fd >= 0 && used < room - 1 && (got = read(fd, text + used, room - 1 - used)) > 0)
        used += (size_t)got;
    if (fd >= 0)
        close(fd);
    text[used] = '\0';
    return text;
}

// The text after `word`, a whole word at the beginning of a line.
static const char *file_behind(const char *text, const char *word)
{
    size_t size = strlen(word);
    for (const char *at = text; at; at = (at = strchr(at, '\n')) ? at + 1 : NULL)
        if (!strncmp(at, word, size) && isspace((unsigned char)at[size]))
            return at + size;
    return NULL;
}

bool file_number(const char *path, const char *word, uint64_t *number)
{
    size_t size;
    char *text = file_slurp(path, PROC_FILE_MOST, &size);
    const char *at = text && word ? file_behind(text, word) : text;
    if (at)
        at += strspn(at, " \t");
    bool found = at && isdigit((unsigned char)*at);
    if (found)
        *number = strtoull(at, NULL, 10);
    free(text);
    return found;
}

static const char *proc_path(char path[64], pid_t pid, const char *name)
{
    snprintf(path, 64, "/proc/%d/%s", (int)pid, name);
    return path;
}

char *proc_slurp(pid_t pid, const char *name, size_t most, size_t *size)
{
    char path[64];
    return file_slurp(proc_path(path, pid, name), most, size);
}

const char *proc_peek_file(pid_t pid, const char *name, char *text, size_t room)
{
    char path[64];
    return file_peek(proc_path(path, pid, name), text, room);
}

bool proc_number(pid_t pid, const char *name, const char *word, uint64_t *number)
{
    char path[64];
    return file_number(proc_path(path, pid, name), word, number);
}

// From the third field on: after the name, which may contain anything, parentheses included.
static const char *proc_stat_tail(const char *text)
{
    const char *end = strrchr(text, ')');
    return end && end[1] == ' ' ? end + 2 : "";
}

char proc_state(pid_t pid, pid_t tid)
{
    char name[32], text[1024];
    snprintf(name, sizeof name, "task/%d/stat", (int)tid);
    return *proc_stat_tail(proc_peek_file(pid, name, text, sizeof text));
}

bool proc_stat(pid_t pid, enum proc_stat_field field, uint64_t *number)
{
    char text[1024];
    const char *at = proc_stat_tail(proc_peek_file(pid, "stat", text, sizeof text));
    for (int i = 3; at && i < (int)field; i++)
        at = (at = strchr(at, ' ')) ? at + 1 : NULL;
    if (!at || !isdigit((unsigned char)*at))
        return false;
    *number = strtoull(at, NULL, 10);
    return true;
}

// "4:cpu,memory:/path", "0::/path".
static const char *proc_cgroup_path(char *line, const char *controller)
{
    char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL, *end;
    if (!path)
        return NULL;
    *path++ = '\0';
    names++;
    if (!controller)
        return *names ? NULL : path;
    for (char *name = strtok_r(names, ",", &end); name; name = strtok_r(NULL, ",", &end))
        if (!strcmp(name, controller))
            return path;
    return NULL;
}

bool proc_cgroup(const char *file, const char *controller, char *path, size_t room)
{
    size_t size;
    char *text = file_slurp(file, PROC_FILE_MOST, &size), *end;
    const char *found = NULL;
    for (char *line = text ? strtok_r(text, "\n", &end) : NULL; line && !found;
         line = strtok_r(NULL, "\n", &end))
        found = proc_cgroup_path(line, controller);
    bool fits = found && (size_t)snprintf(path, room, "%s", found) < room;
    free(text);
    return fits;
}

bool proc_cgroup_up(char *folder, size_t top)
{
    char *slash = strrchr(folder, '/');
    if (!slash || (size_t)(slash - folder) < top)
        return false;
    *slash = '\0';
    return true;
}
