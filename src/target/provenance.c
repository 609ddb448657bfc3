// SPDX-License-Identifier: GPL-3.0-or-later
// Where and when a process ran: see provenance.h.
#include "target/provenance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "target/proc_file.h"

#define TEXT_MOST 256
#define ID_LENGTH 64

static void provenance_keep(char **to, const char *text, size_t length)
{
    if (*to || !length)
        return;
    *to = strndup(text, length); // out of memory: unknown
}

// --- a process ------------------------------------------------------------------------------------

// The length of the name after `mark`, up to `end` or the end of the path component. 0: none.
static size_t provenance_named(const char *line, const char *mark, const char *end,
                               const char **name)
{
    const char *found = strstr(line, mark);
    if (!found)
        return 0;
    *name = found + strlen(mark);
    const char *stop = *end ? strstr(*name, end) : NULL;
    return stop ? (size_t)(stop - *name) : strcspn(*name, "/\n");
}

static const char *provenance_last_id(const char *text)
{
    const char *last = NULL;
    for (const char *at = text; *at;) {
        size_t digits = strspn(at, "0123456789abcdef");
        if (digits == ID_LENGTH)
            last = at;
        at += digits + !digits;
    }
    return last;
}

bool provenance_container(const char *cgroup, char *text, size_t size)
{
    static const struct {
        const char *mark, *end;
    } marks[] = { { "/lxc.payload.", "" }, { "/lxc/", "" }, { "/machine-", ".scope" } };
    const char *name = provenance_last_id(cgroup);
    size_t length = name ? ID_LENGTH : 0;
    for (size_t i = 0; !length && i < sizeof marks / sizeof *marks; i++)
        length = provenance_named(cgroup, marks[i].mark, marks[i].end, &name);
    snprintf(text, size, "%.*s", length < size ? (int)length : 0, length ? name : "");
    return *text != '\0';
}

// Seconds since 1970, 0: unknown. The kernel reports it in ticks since boot.
static int64_t provenance_start(pid_t pid)
{
    uint64_t machine, began;
    long ticks = sysconf(_SC_CLK_TCK);
    if (ticks <= 0 || !file_number("/proc/stat", "btime", &machine)
        || !proc_stat(pid, PROC_STAT_START, &began))
        return 0;
    return (int64_t)(machine + began / (uint64_t)ticks);
}

void provenance_of_process(struct provenance *p, pid_t pid)
{
    struct utsname names;
    char id[TEXT_MOST], cgroup[8192];
    proc_peek_file(pid, "cgroup", cgroup, sizeof cgroup);
    p->taken = (int64_t)time(NULL);
    p->started = provenance_start(pid);
    if (!uname(&names))
        provenance_keep(&p->host, names.nodename, strlen(names.nodename));
    if (provenance_container(cgroup, id, sizeof id))
        provenance_keep(&p->container, id, strlen(id));
}

// --- a file ---------------------------------------------------------------------------------------

static size_t provenance_attribute(const char *path, const char *name, char *text, size_t size)
{
    ssize_t got = getxattr(path, name, text, size - 1);
    text[got > 0 ? got : 0] = '\0';
    return strlen(text);
}

void provenance_of_file(struct provenance *p, const char *path)
{
    char text[TEXT_MOST];
    struct stat st;
    size_t length = provenance_attribute(path, "user.coredump.hostname", text, sizeof text);
    provenance_keep(&p->host, text, length);
    if (!p->taken && provenance_attribute(path, "user.coredump.timestamp", text, sizeof text))
        p->taken = strtoll(text, NULL, 10) / 1000000; // microseconds
    if (p->taken <= 0)
        p->taken = stat(path, &st) ? 0 : (int64_t)st.st_mtime;
}

// --- as bytes -------------------------------------------------------------------------------------

void provenance_put(const struct provenance *p, enum disclosure how, struct text *to)
{
    record_put_text(to, disclose_text(how, p->host));
    record_put_text(to, disclose_text(how, p->container));
    record_put_text(to, p->release);
    record_put_signed(to, p->started);
    record_put_signed(to, p->taken);
}

bool provenance_take(struct provenance *p, struct record *from)
{
    struct arena arena = ARENA_INIT;
    char **const texts[] = { &p->host, &p->container, &p->release };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *text = record_text(from, &arena);
        provenance_keep(texts[i], text ? text : "", text ? strlen(text) : 0);
    }
    p->started = record_signed(from);
    p->taken = record_signed(from);
    arena_fini(&arena);
    return !from->bad && from->at == from->end;
}

bool provenance_known(const struct provenance *p)
{
    return p->host || p->container || p->release || p->started || p->taken;
}

void provenance_fini(struct provenance *p)
{
    free(p->host);
    free(p->container);
    free(p->release);
    *p = (struct provenance){ 0 };
}
