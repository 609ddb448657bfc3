// SPDX-License-Identifier: GPL-3.0-or-later
// XDG_CONFIG_HOME, XDG_STATE_HOME and what stands in for them.
#include "base/user_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void user_files_make_folders(char *path)
{
    for (char *p = path + 1; *p; p++) {
        if (*p == '/') {
            *p = 0;
            mkdir(path, 0700);
            *p = '/';
        }
    }
}

bool paths_find(const char *variable, const char *otherwise, const char *name, bool make, char *out,
                size_t size)
{
    const char *base = getenv(variable), *home = getenv("HOME");
    int length = -1;
    if (base && *base == '/') {
        length = snprintf(out, size, "%s/ouro/%s", base, name);
    } else if (home && *home) {
        length = snprintf(out, size, "%s/%s/ouro/%s", home, otherwise, name);
    }
    if (length < 0 || (size_t)length >= size) {
        out[0] = 0;
        return false;
    }
    if (make) {
        user_files_make_folders(out);
    }
    return true;
}
