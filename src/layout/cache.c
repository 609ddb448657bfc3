// SPDX-License-Identifier: GPL-3.0-or-later
// Paths in the user's cache: see cache.h.
#include "layout/cache.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_build_id(const char *id)
{
    size_t length = id ? strlen(id) : 0;
    return length >= 8 && length <= 128 && strspn(id, "0123456789abcdefABCDEF") == length;
}

// Without the last slash.
char *cache_folder(const char *kind)
{
    char *path = NULL;
    const char *xdg = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int n = -1;
    if (xdg && xdg[0] == '/')
        n = asprintf(&path, "%s/ouro/%s", xdg, kind);
    else if (home && home[0] == '/')
        n = asprintf(&path, "%s/.cache/ouro/%s", home, kind);
    return n >= 0 ? path : NULL;
}

char *cache_path(const char *folder, const char *kind, const char *build_id, const char *suffix)
{
    if (!is_build_id(build_id) || (folder && !folder[0]))
        return NULL;
    char *usual = folder ? NULL : cache_folder(kind);
    char *path = NULL;
    if ((folder || usual)
        && asprintf(&path, "%s/%s.%s", folder ? folder : usual, build_id, suffix) < 0)
        path = NULL;
    free(usual);
    return path;
}

void cache_make_folders(const char *path)
{
    char *copy = strdup(path);
    for (char *slash = copy ? strchr(copy + 1, '/') : NULL; slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0700);
        *slash = '/';
    }
    free(copy);
}

// ---- Where from

static bool cache_is_ours(const struct stat *st)
{
    return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

// Whether nobody but root and the caller can have put the file there.
static bool cache_is_trusted(const char *file, const struct stat *st)
{
    struct stat here;
    char *real = realpath(file, NULL);
    bool ours = real && !stat(real, &here) && here.st_dev == st->st_dev && here.st_ino == st->st_ino
                && cache_is_ours(&here);
    for (char *slash; ours && (slash = strrchr(real, '/'));) {
        slash[slash == real] = '\0';
        ours = !stat(real, &here) && cache_is_ours(&here);
        if (slash == real)
            break;
    }
    free(real);
    return ours;
}

bool cache_made_of(const char *file, char *text, size_t size)
{
    struct stat st;
    if (stat(file, &st))
        return false;
    snprintf(text, size, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 ".%09ld %s",
             (uint64_t)st.st_dev, (uint64_t)st.st_ino, (uint64_t)st.st_size,
             (int64_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec,
             cache_is_trusted(file, &st) ? "own" : "foreign");
    return true;
}

bool cache_believes(const char *made_of, const char *file)
{
    char now[120];
    size_t size = strlen(made_of);
    if (file && cache_made_of(file, now, sizeof now))
        return !strcmp(made_of, now);
    return size > 4 && !strcmp(made_of + size - 4, " own");
}

bool cache_is_own(const char *path)
{
    struct stat st;
    return !lstat(path, &st) && S_ISREG(st.st_mode) && st.st_uid == geteuid();
}
