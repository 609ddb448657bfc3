// SPDX-License-Identifier: GPL-3.0-or-later
// Paths in the user's cache: see cache.h.
#include "layout/cache.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_build_id(const char *id)
{
    size_t length = id ? strlen(id) : 0;
    return length >= 8 && length <= 128 && strspn(id, "0123456789abcdefABCDEF") == length;
}

// Without the last slash.
static char *usual_folder(const char *kind)
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
    char *usual = folder ? NULL : usual_folder(kind);
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
