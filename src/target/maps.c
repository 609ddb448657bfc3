// SPDX-License-Identifier: GPL-3.0-or-later
// Mapped files and ranges: see maps.h.
#include "target/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/proc_file.h"
#include "target/target.h"

#define MAPS_MAX ((size_t)256 << 20) // a bound on the text of /proc/PID/maps

bool maps_add(struct maps *maps, struct mapping row, struct err *err)
{
    if (row.start >= ADDRESS_END) {
        free(row.path);
        return true;
    }
    if (row.end > ADDRESS_END)
        row.end = ADDRESS_END;
    if (maps->count == maps->room) {
        size_t room = maps->room ? maps->room * 2 : 64;
        struct mapping *rows = realloc(maps->rows, room * sizeof *rows);
        if (!rows) {
            free(row.path);
            return err_memory(err, "the list of mapped files");
        }
        maps->rows = rows;
        maps->room = room;
    }
    maps->rows[maps->count++] = row;
    return true;
}

bool maps_copy(struct maps *maps, const struct maps *from, struct err *err)
{
    for (size_t i = 0; i < from->count; i++) {
        struct mapping row = from->rows[i];
        row.path = row.path ? strdup(row.path) : NULL;
        if (from->rows[i].path && !row.path)
            return err_memory(err, "the list of mapped files");
        if (!maps_add(maps, row, err))
            return false;
    }
    return true;
}

static int maps_compare_start(const void *a, const void *b)
{
    const struct mapping *x = a, *y = b;
    return x->start < y->start ? -1 : x->start > y->start;
}

void maps_sort(struct maps *maps)
{
    size_t sorted = 1; // already sorted, as the kernel's rows are
    while (sorted < maps->count && maps->rows[sorted - 1].start <= maps->rows[sorted].start)
        sorted++;
    if (sorted < maps->count)
        qsort(maps->rows, maps->count, sizeof *maps->rows, maps_compare_start);
}

const struct mapping *maps_at(const struct maps *maps, addr at)
{
    size_t low = 0, high = maps->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (at < maps->rows[middle].start)
            high = middle;
        else if (at >= maps->rows[middle].end)
            low = middle + 1;
        else
            return &maps->rows[middle];
    }
    return NULL;
}

void maps_fini(struct maps *maps)
{
    for (size_t i = 0; i < maps->count; i++)
        free(maps->rows[i].path);
    free(maps->rows);
    *maps = (struct maps){ 0 };
}

// The kernel writes a newline in a name as \012 and leaves everything else as it is.
static void unescape_newlines(char *path)
{
    char *to = path;
    for (const char *from = path; *from; to++) {
        bool newline = !strncmp(from, "\\012", 4);
        *to = newline ? '\n' : *from;
        from += newline ? 4 : 1;
    }
    *to = 0;
}

// A number, and the character that must follow it. A process may have 60,000 mappings and is
// stopped meanwhile: sscanf would take three times as long.
static bool maps_parse_number(const char **from, unsigned base, char then, uint64_t *number)
{
    const char *c = *from;
    uint64_t value = 0;
    for (;; c++) {
        unsigned digit = *c >= '0' && *c <= '9'   ? (unsigned)(*c - '0')
                         : *c >= 'a' && *c <= 'f' ? (unsigned)(*c - 'a') + 10
                                                  : 16;
        if (digit >= base)
            break;
        value = value * base + digit;
    }
    bool ok = c > *from && c - *from <= 20 && (*c == then || (!*c && then == ' '));
    *number = value;
    *from = c + (ok && *c);
    return ok;
}

static bool maps_parse_line(const char *line, struct mapping *row)
{
    uint64_t major, minor;
    if (!maps_parse_number(&line, 16, '-', &row->start)
        || !maps_parse_number(&line, 16, ' ', &row->end) || row->start >= row->end
        || strnlen(line, 5) < 5 || line[4] != ' ')
        return false;
    row->flags = (line[0] == 'r' ? SEGMENT_READ : 0) | (line[1] == 'w' ? SEGMENT_WRITE : 0)
                 | (line[2] == 'x' ? SEGMENT_EXEC : 0);
    row->shared = line[3] == 's';
    line += 5;
    if (!maps_parse_number(&line, 16, ' ', &row->offset)
        || !maps_parse_number(&line, 16, ':', &major) || !maps_parse_number(&line, 16, ' ', &minor)
        || !maps_parse_number(&line, 10, ' ', &row->inode))
        return false;
    line += strspn(line, " ");
    if (*line) {
        row->path = strdup(line);
        if (row->path)
            unescape_newlines(row->path);
    }
    return true;
}

// Parses the text of /proc/PID/maps; lines that make no sense are skipped.
static bool maps_parse(struct maps *maps, char *text, struct err *err)
{
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        struct mapping row = { 0 };
        if (maps_parse_line(line, &row) && !maps_add(maps, row, err))
            return false;
    }
    maps_sort(maps);
    return true;
}

bool maps_read(struct maps *maps, pid_t pid, pid_t tid, struct err *err)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/maps", (int)pid, (int)tid);
    size_t size;
    char *text = file_slurp(path, MAPS_MAX, &size);
    if (!text)
        return err_errno(err, errno, path);
    bool ok = maps_parse(maps, text, err);
    free(text);
    return ok;
}

// A core may name any path: a device or a fifo must not even be opened, so stat comes first.
static bool maps_is_regular(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

char *maps_resolve(const char *root, const char *path)
{
    static const char deleted[] = " (deleted)";
    char *full = NULL;
    if (asprintf(&full, "%s%s", root ? root : "", path) < 0)
        return NULL;
    if (maps_is_regular(full))
        return full;
    size_t length = strlen(full), tail = sizeof deleted - 1;
    if (length > tail && !strcmp(full + length - tail, deleted)) {
        full[length - tail] = 0;
        if (maps_is_regular(full))
            return full;
    }
    free(full);
    return NULL;
}

char *maps_resolve_inside(const char *root, const char *path)
{
    char *file = root && *root ? maps_resolve(root, path) : NULL;
    char *real = file ? realpath(file, NULL) : NULL, *top = real ? realpath(root, NULL) : NULL;
    size_t size = top ? strlen(top) : 0;
    bool inside = top && !strncmp(real, top, size) && (real[size] == '/' || size == 1);
    free(file);
    free(top);
    if (inside)
        return real;
    free(real);
    return NULL;
}
