// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of watch: see watch_row.h.
#include "cli/watch_row.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"

#define WATCH_LOG_MOST (16 << 20)

static bool watch_row_write(int fd, const struct text *text)
{
    size_t done = 0;
    while (!text->failed && done < text->size) {
        ssize_t wrote = write(fd, text->data + done, text->size - done);
        if (wrote < 0 && errno != EINTR)
            return false;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

// Appends a line to the log. No link is followed: others may be able to write to the folder.
static bool watch_row_log(const char *file, const struct text *text)
{
    char aside[4100];
    struct stat about;
    if (!lstat(file, &about) && about.st_size >= WATCH_LOG_MOST
        && (size_t)snprintf(aside, sizeof aside, "%s.1", file) < sizeof aside)
        rename(file, aside);
    int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    bool ok = fd >= 0 && watch_row_write(fd, text);
    if (fd >= 0)
        close(fd);
    return ok;
}

static void watch_row_time(char *out, size_t room)
{
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t size = strftime(out, room, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + size, room - size, ".%03ldZ", now.tv_nsec / 1000000);
}

static void watch_row_word(struct text *out, const char *key, const char *word)
{
    json_add_key(out, key);
    json_add_string(out, word);
}

static void watch_row_number(struct text *out, const char *key, bool known, uint64_t number)
{
    json_add_key(out, key);
    known ? json_add_number(out, number) : json_add_null(out);
}

static void watch_row_json(const struct watch_row *row, const char *time, struct text *out)
{
    static const struct watch_values nothing = { 0 };
    const struct watch_values *v = row->values ? row->values : &nothing;
    const struct cgroup_memory *group = &v->group;
    bool is = row->values != NULL;
    json_add_open(out, '{');
    watch_row_word(out, "time", time);
    watch_row_word(out, "event", row->event);
    watch_row_number(out, "pid", is, (uint64_t)v->pid);
    watch_row_number(out, "rss", is, v->rss);
    watch_row_number(out, "growth", v->has_growth, v->growth);
    watch_row_number(out, "gen2", v->has_gen2, v->gen2);
    watch_row_number(out, "cgroup", group->has_limit, group->now);
    watch_row_number(out, "limit", group->has_limit, group->limit);
    for (int i = 0; i < CGROUP_EVENTS; i++)
        watch_row_number(out, cgroup_event_names[i], group->has_event[i], group->events[i]);
    json_add_key(out, "pressure");
    group->has_pressure ? json_add_real(out, group->pressure) : json_add_null(out);
    watch_row_word(out, "rule", row->rule);
    watch_row_word(out, "file", row->file);
    watch_row_number(out, "bytes", row->file != NULL, row->bytes);
    watch_row_word(out, "what", row->what);
    json_add_close(out, '}');
}

static void watch_row_add_values(const struct watch_values *v, struct text *out)
{
    text_add_format(out, "  %ld  ", (long)v->pid);
    text_add_size(out, v->rss);
    if (v->has_growth) {
        text_add_string(out, ", ");
        text_add_size(out, v->growth);
        text_add_string(out, "/min");
    }
    if (v->has_gen2)
        text_add_format(out, ", %" PRIu64 " old", v->gen2);
    if (v->group.has_limit)
        text_add_format(out, ", group %.0f%%", 100 * (double)v->group.now / (double)v->group.limit);
    if (v->group.has_pressure && v->group.pressure > 0)
        text_add_format(out, ", pressure %.1f%%", v->group.pressure);
}

static void watch_row_text(const struct watch_row *row, const char *time, struct text *out)
{
    text_add_format(out, "%s  %-7s", time, row->event);
    if (row->values)
        watch_row_add_values(row->values, out);
    if (row->rule)
        text_add_format(out, "  --%s", row->rule);
    if (row->file) {
        text_add_string(out, "  ");
        text_add_escaped(out, row->file, strlen(row->file));
        text_add_string(out, ", ");
        text_add_size(out, row->bytes);
    }
    if (row->what)
        text_add_format(out, "  %s", row->what);
}

void watch_rows_tell(struct watch_rows *rows, const struct watch_row *row)
{
    char time[40];
    struct text line = TEXT_INIT;
    watch_row_time(time, sizeof time);
    (rows->json ? watch_row_json : watch_row_text)(row, time, &line);
    text_add_char(&line, '\n');
    rows->gone = rows->gone || !watch_row_write(STDOUT_FILENO, &line);
    rows->count++;
    if (rows->log) {
        text_clear(&line);
        watch_row_json(row, time, &line);
        text_add_char(&line, '\n');
        rows->deaf = !watch_row_log(rows->log, &line);
    }
    text_fini(&line);
}

void watch_rows_end(struct watch_rows *rows)
{
    struct text line = TEXT_INIT;
    json_add_open(&line, '{');
    json_add_key(&line, "summary");
    json_add_open(&line, '{');
    watch_row_word(&line, "command", "watch");
    watch_row_number(&line, "rows", true, rows->count);
    json_add_key(&line, "truncated");
    json_add_bool(&line, false);
    watch_row_number(&line, "faults", true, 0);
    watch_row_number(&line, "strikes", true, rows->strikes);
    json_add_close(&line, '}');
    json_add_close(&line, '}');
    text_add_char(&line, '\n');
    if (rows->json && !rows->gone)
        watch_row_write(STDOUT_FILENO, &line);
    text_fini(&line);
}
