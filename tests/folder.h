// SPDX-License-Identifier: GPL-3.0-or-later
// A temporary folder for the tests of a file: `dir` is where mkdtemp() has made it.
#ifndef OURO_TESTS_FOLDER_H
#define OURO_TESTS_FOLDER_H

#include <stdio.h>
#include <sys/stat.h>

#include "unit.h"

static char dir[64];

static inline const char *in(const char *name)
{
    static char paths[4][200];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

static inline void put(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(in(name), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
    chmod(in(name), mode);
}

#endif
