// SPDX-License-Identifier: GPL-3.0-or-later
// Asking gdb for members, and keeping its answers: see members.h.
#include "layout/members.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "layout/cache.h"
#include "layout/gdb_run.h"

#define FORMAT "ouro-members 7"      // changes whenever members.py changes its answers
#define BYTES_MAX ((size_t)32 << 20) // of a file of answers
#define ROWS_MOST ((size_t)1 << 14)  // per struct
#define OFFSET_MAX (1 << 24)
#define LINE_MAX 1200

uint64_t members_key(const char *question)
{
    uint64_t sum = UINT64_C(14695981039346656037); // FNV-1a
    for (const char *c = question; *c; c++)
        sum = (sum ^ (uint8_t)*c) * UINT64_C(1099511628211);
    return sum;
}

const struct members_struct *members_find(const struct members *members, uint64_t key)
{
    for (size_t i = 0; i < members->count; i++)
        if (members->items[i].key == key)
            return &members->items[i];
    return NULL;
}

static void members_forget_from(struct members *members, size_t from)
{
    while (members->count > from) {
        struct members_struct *s = &members->items[--members->count];
        free(s->rows);
        free(s->bodies);
        free(s->links);
    }
}

void members_fini(struct members *members)
{
    members_forget_from(members, 0);
    free(members->items);
    arena_fini(&members->arena);
    *members = (struct members){ 0 };
}

// --- answers ------------------------------------------------------------------------------------

static bool members_add_struct(struct members *members, uint64_t key, const char *name,
                               struct err *err)
{
    const char *kept = name ? arena_string(&members->arena, name) : NULL;
    if ((name && !kept)
        || !vec_grow(&members->items, &members->room, members->count + 1, sizeof *members->items,
                     err))
        return err_memory(err, "members");
    members->items[members->count++] = (struct members_struct){ .key = key, .name = kept };
    return true;
}

static bool members_add_row(struct members *members, struct members_row row, struct err *err)
{
    struct members_struct *s = members->count ? &members->items[members->count - 1] : NULL;
    if (!s || !s->name || s->row_count >= ROWS_MOST || row.at < 0 || row.at > OFFSET_MAX
        || row.inner < MEMBERS_DIRECT || row.inner > OFFSET_MAX || row.count < MEMBERS_ONE
        || row.count > OFFSET_MAX)
        return err_set(err, ERR_FORMAT, "an answer about members that makes no sense");
    row.name = arena_string(&members->arena, row.name);
    if (!row.name || !vec_grow(&s->rows, &s->row_room, s->row_count + 1, sizeof *s->rows, err))
        return err_memory(err, "members");
    s->rows[s->row_count++] = row;
    return true;
}

static bool members_add_body(struct members *members, int32_t size, const char *name,
                             struct err *err)
{
    struct members_struct *s = members->count ? &members->items[members->count - 1] : NULL;
    if (!s || !s->name || s->body_count >= ROWS_MOST || size <= 0)
        return err_set(err, ERR_FORMAT, "an answer about members that makes no sense");
    const char *kept = arena_string(&members->arena, name);
    if (!kept || !vec_grow(&s->bodies, &s->body_room, s->body_count + 1, sizeof *s->bodies, err))
        return err_memory(err, "members");
    s->bodies[s->body_count++] = (struct members_body){ size, kept };
    return true;
}

// Bodies come first.
static bool members_add_link(struct members *members, struct members_link link, struct err *err)
{
    struct members_struct *s = members->count ? &members->items[members->count - 1] : NULL;
    if (!s || s->link_count >= ROWS_MOST || link.from < MEMBERS_INSTANCE
        || link.from >= (int32_t)s->body_count || link.to < 0 || link.to >= (int32_t)s->body_count
        || link.at < 0 || link.at > OFFSET_MAX)
        return err_set(err, ERR_FORMAT, "an answer about members that makes no sense");
    link.name = arena_string(&members->arena, link.name);
    if (!link.name || !vec_grow(&s->links, &s->link_room, s->link_count + 1, sizeof *s->links, err))
        return err_memory(err, "members");
    s->links[s->link_count++] = link;
    return true;
}

// False: the line is not ours. *end: it was the last one.
static bool members_take_line(struct members *members, const char *line, bool *end, struct err *err)
{
    char name[LINE_MAX];
    uint64_t key;
    struct members_row row = { 0, MEMBERS_DIRECT, 0, name };
    if (sscanf(line, "struct %" SCNx64 " %1199s", &key, name) == 2)
        return members_add_struct(members, key, name, err);
    if (sscanf(line, "none %" SCNx64, &key) == 1)
        return members_add_struct(members, key, NULL, err);
    if (sscanf(line, "at %" SCNd32 " %" SCNd32 " %1199s", &row.at, &row.count, name) == 3)
        return members_add_row(members, row, err);
    if (sscanf(line, "by %" SCNd32 " %" SCNd32 " %" SCNd32 " %1199s", &row.at, &row.inner,
               &row.count, name)
        == 4)
        return members_add_row(members, row, err);
    if (sscanf(line, "body %" SCNd32 " %1199s", &row.at, name) == 2)
        return members_add_body(members, row.at, name, err);
    struct members_link link = { .name = name };
    if (sscanf(line, "to %" SCNd32 " %" SCNd32 " %" SCNd32 " %1199s", &link.from, &link.at,
               &link.to, name)
        == 4)
        return members_add_link(members, link, err);
    *end = !strcmp(line, "end");
    return *end || err_set(err, ERR_FORMAT, "an answer about members that makes no sense");
}

bool members_parse(struct members *members, const char *text, size_t size, struct err *err)
{
    size_t before = members->count;
    bool end = false;
    while (size && !end) {
        char line[LINE_MAX];
        const char *stop = memchr(text, '\n', size);
        size_t length = stop ? (size_t)(stop - text) : size;
        if (!stop || length >= sizeof line)
            break;
        memcpy(line, text, length);
        line[length] = 0;
        if (!members_take_line(members, line, &end, err)) {
            members_forget_from(members, before);
            return false;
        }
        text += length + 1;
        size -= length + 1;
    }
    if (!end)
        members_forget_from(members, before);
    return end || err_set(err, ERR_FORMAT, "answers about members that break off");
}

static bool members_read_whole(const char *path, char **text, size_t *size, struct err *err)
{
    FILE *file = fopen(path, "re");
    struct stat st;
    if (!file)
        return err_errno(err, errno, path);
    bool ok = !fstat(fileno(file), &st) && S_ISREG(st.st_mode) && st.st_size >= 0
              && (size_t)st.st_size < BYTES_MAX;
    *text = ok ? malloc((size_t)st.st_size + 1) : NULL;
    *size = *text ? fread(*text, 1, (size_t)st.st_size, file) : 0;
    fclose(file);
    if (*text)
        (*text)[*size] = 0;
    return *text || err_set(err, ERR_IO, "%s: cannot be read", path);
}

// --- the cache ----------------------------------------------------------------------------------

// Identifies the file whose answers were kept: another file with the same build-id may tell more,
// and so may another folder of debug information.
static bool head_of(const struct members_ask *ask, char *text, size_t size)
{
    char made_of[CACHE_MADE_OF];
    struct stat st = { 0 };
    if (!cache_made_of(&ask->file, NULL, made_of, sizeof made_of)
        || (ask->debug_dir && stat(ask->debug_dir, &st)))
        return false;
    snprintf(text, size, FORMAT " %s %" PRIu64 " %" PRIu64 "\n", made_of, (uint64_t)st.st_dev,
             (uint64_t)st.st_ino);
    return true;
}

static void members_from_cache(struct members *members, const struct members_ask *ask)
{
    char *path = cache_path(ask->cache, "members", ask->build_id, "members");
    char head[CACHE_MADE_OF + 80], *text = NULL;
    size_t size = 0;
    members->has_cache = true;
    if (path && cache_is_own(path) && head_of(ask, head, sizeof head)
        && members_read_whole(path, &text, &size, NULL) && !strncmp(text, head, strlen(head)))
        members_parse(members, text + strlen(head), size - strlen(head), NULL);
    free(text);
    free(path);
}

static void print_struct(const struct members_struct *s, FILE *file)
{
    if (!s->name)
        fprintf(file, "none %016" PRIx64 "\n", s->key);
    else
        fprintf(file, "struct %016" PRIx64 " %s\n", s->key, s->name);
    for (size_t i = 0; i < s->row_count; i++) {
        const struct members_row *row = &s->rows[i];
        if (row->inner == MEMBERS_DIRECT)
            fprintf(file, "at %" PRId32 " %" PRId32 " %s\n", row->at, row->count, row->name);
        else
            fprintf(file, "by %" PRId32 " %" PRId32 " %" PRId32 " %s\n", row->at, row->inner,
                    row->count, row->name);
    }
    for (size_t i = 0; i < s->body_count; i++)
        fprintf(file, "body %" PRId32 " %s\n", s->bodies[i].size, s->bodies[i].name);
    for (size_t i = 0; i < s->link_count; i++)
        fprintf(file, "to %" PRId32 " %" PRId32 " %" PRId32 " %s\n", s->links[i].from,
                s->links[i].at, s->links[i].to, s->links[i].name);
}

static bool print_all(const struct members *members, const char *head, const char *partial)
{
    int fd = open(partial, O_WRONLY | O_CLOEXEC | O_TRUNC);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    fputs(head, file);
    for (size_t i = 0; i < members->count; i++)
        print_struct(&members->items[i], file);
    fputs("end\n", file);
    bool ok = !ferror(file);
    return fclose(file) == 0 && ok;
}

// A cache that cannot be written costs the next session a run of gdb, nothing more.
static void members_to_cache(const struct members *members, const struct members_ask *ask)
{
    char *path = cache_path(ask->cache, "members", ask->build_id, "members");
    char head[CACHE_MADE_OF + 80], *partial = NULL;
    if (path && head_of(ask, head, sizeof head) && asprintf(&partial, "%s.XXXXXX", path) >= 0) {
        cache_make_folders(path);
        int fd = mkostemp(partial, O_CLOEXEC);
        if (fd >= 0) {
            close(fd);
            if (!print_all(members, head, partial) || rename(partial, path))
                unlink(partial);
        }
        free(partial);
    }
    free(path);
}

// --- asking -------------------------------------------------------------------------------------

struct members_asking {
    struct members *members;
    const char *const *questions;
    size_t count;
};

static void members_want(void *context, FILE *file)
{
    const struct members_asking *asking = context;
    for (size_t i = 0; i < asking->count; i++) {
        uint64_t key = members_key(asking->questions[i]);
        if (!members_find(asking->members, key))
            fprintf(file, "type %016" PRIx64 " %s", key, asking->questions[i]);
    }
}

static bool read_answers(void *context, const char *text, size_t size, struct err *err)
{
    struct members_asking *asking = context;
    return members_parse(asking->members, text, size, err);
}

static bool all_known(const struct members_asking *asking)
{
    for (size_t i = 0; i < asking->count; i++)
        if (!members_find(asking->members, members_key(asking->questions[i])))
            return false;
    return true;
}

bool members_get(struct members *members, const struct members_ask *ask,
                 const char *const *questions, size_t count, struct err *err)
{
    struct members_asking asking = { members, questions, count };
    if (!members->has_cache)
        members_from_cache(members, ask);
    if (all_known(&asking))
        return true;
    if (!ask->script)
        return err_set(err, ERR_NOT_FOUND, "gdb was not asked");
    const struct gdb_ask run = { .gdb = ask->gdb,
                                 .script = ask->script,
                                 .debug_dir = ask->debug_dir,
                                 .seconds = ask->seconds,
                                 .progress = ask->progress,
                                 .name = "MEMBERS",
                                 .files = &ask->file,
                                 .n_files = 1,
                                 .context = &asking,
                                 .want = members_want,
                                 .read = read_answers };
    if (!gdb_run(&run, err))
        return false;
    members_to_cache(members, ask);
    return true;
}
