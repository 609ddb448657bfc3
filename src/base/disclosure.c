// SPDX-License-Identifier: GPL-3.0-or-later
// Texts that may be shown: see disclosure.h.
#include "base/disclosure.h"

#include <string.h>

const char *disclose_text(enum disclosure how, const char *text)
{
    return discloses_values(how) ? text : NULL;
}

const char *disclose_path(enum disclosure how, const char *path)
{
    const char *slash = path && !discloses_values(how) ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path;
}

void disclose_path_within(enum disclosure how, char *text)
{
    char *first = discloses_values(how) ? NULL : strchr(text, '/'), *last = strrchr(text, '/');
    if (first)
        memmove(first, last + 1, strlen(last + 1) + 1);
}
