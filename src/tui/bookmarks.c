// SPDX-License-Identifier: GPL-3.0-or-later
// Marks in memory, and as JSON on disk.
#include "tui/bookmarks.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/user_files.h"

// --- which file ---------------------------------------------------------------------------------

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++) { // FNV-1a
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    }
    return hash;
}

// "core.42-0123456789abcdef": readable, and different for the next core of that name.
static bool target_name(const char *core, long pid, char *out, size_t size)
{
    char identity[PATH_MAX + 96], path[PATH_MAX];
    struct stat status;
    const char *base = "process";
    if (core) {
        if (stat(core, &status) || !realpath(core, path)) {
            return false;
        }
        base = strrchr(core, '/') ? strrchr(core, '/') + 1 : core;
    } else {
        snprintf(path, sizeof path, "/proc/%ld", pid);
        if (stat(path, &status)) {
            return false;
        }
        status.st_size = pid;
    }
    snprintf(identity, sizeof identity, "%s %lld %lld.%09ld", path, (long long)status.st_size,
             (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    snprintf(out, size, "%.80s-%016llx.json", base,
             (unsigned long long)hash_text(0xcbf29ce484222325u, identity));
    return true;
}

static void bookmarks_add(struct bookmarks *marks, char letter, addr object, const char *line,
                          const char *what, const char *note)
{
    if (marks->count < sizeof marks->items / sizeof *marks->items) {
        marks->items[marks->count++] = (struct bookmark){
            letter,
            object,
            strdup(line),
            strdup(what ? what : ""),
            note && *note ? strdup(note) : NULL,
        };
    }
}

static bool is_letter(const char *text)
{
    return text && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'))
           && !text[1];
}

static void read_file(struct bookmarks *marks)
{
    json_t *root = json_load_file(marks->path, 0, NULL);
    size_t index;
    json_t *item;
    json_array_foreach(json_object_get(root, "marks"), index, item)
    {
        const char *letter = NULL, *object = NULL, *line = NULL, *what = NULL, *note = NULL;
        json_unpack(item, "{s?s s?s s?s s?s s?s}", "mark", &letter, "object", &object, "line",
                    &line, "what", &what, "note", &note);
        if (is_letter(letter) && line) {
            bookmarks_add(marks, letter[0], object ? strtoull(object, NULL, 16) : 0, line, what,
                          note);
        }
    }
    json_decref(root);
}

void bookmarks_open(struct bookmarks *marks, const char *core, long pid)
{
    *marks = (struct bookmarks){ 0 };
    char name[160], file[200];
    if ((!core && !pid) || !target_name(core, pid, name, sizeof name)) {
        return;
    }
    snprintf(file, sizeof file, "marks/%s", name);
    if (paths_find("XDG_STATE_HOME", ".local/state", file, true, marks->path, sizeof marks->path)) {
        read_file(marks);
    }
}

static void free_mark(struct bookmark *mark)
{
    free(mark->line);
    free(mark->what);
    free(mark->note);
}

void bookmarks_fini(struct bookmarks *marks)
{
    for (size_t i = 0; i < marks->count; i++) {
        free_mark(&marks->items[i]);
    }
    marks->count = 0;
}

// --- changing -----------------------------------------------------------------------------------

static bool save(const struct bookmarks *marks, struct err *err)
{
    if (!marks->path[0]) {
        return true;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < marks->count; i++) {
        const struct bookmark *mark = &marks->items[i];
        char letter[2] = { mark->letter, 0 }, object[24];
        snprintf(object, sizeof object, "0x%llx", (unsigned long long)mark->object);
        json_array_append_new(list, json_pack("{ss ss ss ss ss}", "mark", letter, "object", object,
                                              "line", mark->line, "what", mark->what, "note",
                                              mark->note ? mark->note : ""));
    }
    json_t *root = json_pack("{so}", "marks", list);
    int failed = root ? json_dump_file(root, marks->path, JSON_INDENT(1)) : -1;
    json_decref(root);
    return failed ? err_errno(err, errno, marks->path) : true;
}

static bool bookmarks_drop(struct bookmarks *marks, char letter)
{
    for (size_t i = 0; i < marks->count; i++) {
        if (marks->items[i].letter == letter) {
            free_mark(&marks->items[i]);
            memmove(&marks->items[i], &marks->items[i + 1],
                    (--marks->count - i) * sizeof *marks->items);
            return true;
        }
    }
    return false;
}

bool bookmarks_set(struct bookmarks *marks, char letter, addr object, const char *line,
                   const char *what, const char *note, struct err *err)
{
    bookmarks_drop(marks, letter);
    bookmarks_add(marks, letter, object, line, what, note);
    const struct bookmark *mark = &marks->items[marks->count - 1];
    if (!mark->line || !mark->what) {
        bookmarks_drop(marks, letter);
        return err_memory(err, "a mark");
    }
    return save(marks, err);
}

bool bookmarks_remove(struct bookmarks *marks, char letter, struct err *err)
{
    if (!bookmarks_drop(marks, letter)) {
        return err_set(err, ERR_NOT_FOUND, "no mark %c", letter);
    }
    return save(marks, err);
}

const struct bookmark *bookmarks_find(const struct bookmarks *marks, char letter)
{
    for (size_t i = 0; i < marks->count; i++) {
        if (marks->items[i].letter == letter) {
            return &marks->items[i];
        }
    }
    return NULL;
}

char bookmarks_letter(const struct bookmarks *marks, addr object)
{
    for (size_t i = 0; i < marks->count; i++) {
        if (object && marks->items[i].object == object) {
            return marks->items[i].letter;
        }
    }
    return 0;
}
