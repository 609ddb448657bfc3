// SPDX-License-Identifier: GPL-3.0-or-later
// Files of queries: see queries.h.
#include "cmd/session/queries.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/user_files.h"

#define FOLDER_MAX 4096
#define QUERIES_MAX 1000 // that are listed

bool queries_is_name(const char *word)
{
    size_t size = 0;
    while (isalnum((unsigned char)word[size]) || (size && strchr("-_", word[size]) && word[size]))
        size++;
    return size && !word[size];
}

// Folder number i, the user's first. False: there are no more.
static bool queries_folder(const char *data, int i, char *folder)
{
    if (i == 0)
        return paths_find("XDG_CONFIG_HOME", ".config", "queries", false, folder, FOLDER_MAX);
    int size = data ? snprintf(folder, FOLDER_MAX, "%s/queries", data) : -1;
    return size > 0 && size < FOLDER_MAX;
}

bool queries_read_file(const char *path, struct text *query, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return err_errno(err, errno, path);
    char *to = text_reserve(query, QUERY_MAX + 1);
    size_t size = to ? fread(to, 1, QUERY_MAX + 1, file) : 0;
    bool failed = !to || ferror(file);
    fclose(file);
    if (failed || size > QUERY_MAX)
        return err_set(err, ERR_IO, "%s: it cannot be read, or is longer than a query may be",
                       path);
    query->size += size;
    query->data[query->size] = 0;
    return text_ok(query, err);
}

bool queries_has(const char *data, const char *name)
{
    struct text query = TEXT_INIT;
    bool has = queries_is_name(name) && queries_read(data, name, &query, NULL);
    text_fini(&query);
    return has;
}

bool queries_read(const char *data, const char *name, struct text *query, struct err *err)
{
    char folder[FOLDER_MAX], path[FOLDER_MAX + 300];
    for (int i = 0; i < 2; i++) {
        if (!queries_folder(data, i, folder) || strlen(name) > 200)
            continue;
        snprintf(path, sizeof path, "%s/%s.sql", folder, name);
        struct err tried = ERR_INIT;
        if (queries_read_file(path, query, &tried))
            return true;
        text_clear(query);
    }
    return err_set(err, ERR_USAGE,
                   "sql: %.60s is neither a SELECT nor a saved query; `sql .queries` lists those",
                   name);
}

// --- listing ------------------------------------------------------------------------------------

static void queries_quote(struct text *query, const char *word, size_t size)
{
    text_add_char(query, '\'');
    for (size_t i = 0; i < size; i++) {
        if (word[i] == '\'')
            text_add_char(query, '\'');
        text_add_char(query, word[i]);
    }
    text_add_char(query, '\'');
}

// Adds the query's first line without its dashes.
static void queries_add_row(struct text *query, const char *folder, const char *name, int i)
{
    char path[FOLDER_MAX + 300];
    struct text contents = TEXT_INIT;
    struct err err = ERR_INIT;
    snprintf(path, sizeof path, "%s/%.200s.sql", folder, name);
    if (queries_read_file(path, &contents, &err)) {
        const char *line = text_string(&contents);
        line += !strncmp(line, "--", 2) ? 2 + strspn(line + 2, " ") : strlen(line);
        text_add_format(query, "%s SELECT ", query->size ? " UNION ALL" : "");
        queries_quote(query, name, strlen(name));
        text_add_string(query, " AS query, ");
        queries_quote(query, line, strcspn(line, "\n"));
        text_add_format(query, " AS answers, '%s' AS whose", i ? "ouro" : "yours");
    }
    text_fini(&contents);
}

static int queries_is_file(const struct dirent *entry)
{
    char name[256];
    size_t size = strlen(entry->d_name);
    if (size < 5 || size > 200 || strcmp(entry->d_name + size - 4, ".sql"))
        return 0;
    snprintf(name, sizeof name, "%.*s", (int)(size - 4), entry->d_name);
    return queries_is_name(name);
}

bool queries_list(const char *data, struct text *query, struct err *err)
{
    char folder[FOLDER_MAX];
    for (int i = 0; i < 2; i++) {
        struct dirent **entries = NULL;
        int count = queries_folder(data, i, folder)
                        ? scandir(folder, &entries, queries_is_file, alphasort)
                        : -1;
        for (int k = 0; k < count; k++) {
            entries[k]->d_name[strlen(entries[k]->d_name) - 4] = 0;
            if (k < QUERIES_MAX)
                queries_add_row(query, folder, entries[k]->d_name, i);
            free(entries[k]);
        }
        free(entries);
    }
    if (!query->size)
        text_add_string(query, "SELECT '' AS query, '' AS answers WHERE 0");
    return text_ok(query, err);
}
