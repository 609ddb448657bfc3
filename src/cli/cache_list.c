// SPDX-License-Identifier: GPL-3.0-or-later
// The files of the cache: see cache_list.h.
#include "cli/cache_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "layout/cache.h"

static const char *const kinds[][2] = { { "layouts", ".layout" }, { "members", ".members" } };

// Reads what a layout says of its source, and of the file that it was made from; escaped.
static void cache_show_words(int folder, const char *name, struct text *out)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    char line[400];
    for (int i = 0; file && i < 12 && fgets(line, sizeof line, file); i++) {
        line[strcspn(line, "\n")] = '\0';
        const char *words = !strncmp(line, "source ", 7)          ? line + 7
                            : !strncmp(line, "made_of ", 8)       ? line + 8
                            : !strncmp(line, "ouro-members ", 13) ? line + 13
                                                                  : NULL;
        if (words) {
            text_add_string(out, "  ");
            text_add_escaped(out, words, strlen(words));
        }
    }
    if (file)
        fclose(file);
    else if (fd >= 0)
        close(fd);
}

static bool cache_show_file(int folder, const char *name, bool clear)
{
    struct stat st;
    struct text line = TEXT_INIT;
    if (clear)
        return unlinkat(folder, name, 0) == 0;
    text_add_escaped(&line, name, strlen(name));
    if (!fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW))
        text_add_format(&line, "  %lld %s", (long long)st.st_size,
                        text_plural((uint64_t)st.st_size, "byte", "bytes"));
    cache_show_words(folder, name, &line);
    puts(text_string(&line));
    text_fini(&line);
    return true;
}

static bool cache_show_kind(const char *kind, const char *ending, bool clear, size_t *count)
{
    char *path = cache_folder(kind);
    DIR *dir = path ? opendir(path) : NULL;
    bool ok = true;
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        const char *end = strstr(entry->d_name, ending);
        if (!end) // not ours; also "." and ".."
            continue;
        *count += 1;
        ok = cache_show_file(dirfd(dir), entry->d_name, clear) && ok;
    }
    if (dir)
        closedir(dir);
    free(path);
    return ok;
}

bool cache_show(const char *what, struct err *err)
{
    bool clear = !strcmp(what, "clear"), ok = true;
    size_t count = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        ok = cache_show_kind(kinds[i][0], kinds[i][1], clear, &count) && ok;
    if (!ok)
        return err_errno(err, errno, "the cache");
    if (clear || !count)
        printf("%zu %s %s\n", count, text_plural(count, "file", "files"),
               clear ? "removed" : "kept");
    return true;
}
