// SPDX-License-Identifier: GPL-3.0-or-later
// Files by a name that somebody else has a hand in: only regular ones, nothing waits, and the one
// that was opened before or none.
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/regular.h"

static char regular_folder[64];

static const char *regular_in(const char *name)
{
    static char paths[2][128];
    static unsigned next;
    char *path = paths[next++ % 2];
    snprintf(path, sizeof paths[0], "%s/%s", regular_folder, name);
    return path;
}

static void regular_put(const char *name, const char *words)
{
    FILE *file = fopen(regular_in(name), "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(words, file);
    fclose(file);
}

static bool opens(const char *path, struct regular *which, struct err *err)
{
    int fd = regular_open(path, which, err);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool opens_again(const char *path, const struct regular *which)
{
    int fd = regular_open_again(path, which);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void test_only_files(void)
{
    struct err err = ERR_INIT;
    struct regular which;
    CU_ASSERT_EQUAL(mkfifo(regular_in("fifo"), 0600), 0);
    CU_ASSERT_EQUAL(symlink("fifo", regular_in("link")), 0);
    regular_put("file", "words");
    CU_ASSERT_EQUAL(symlink("file", regular_in("good")), 0);
    CU_ASSERT_FALSE(opens(regular_in("fifo"), NULL, &err)); // and does not hang
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "not a regular file"));
    CU_ASSERT_FALSE(opens(regular_in("link"), NULL, &err));
    CU_ASSERT_FALSE(opens("/dev/null", NULL, &err));
    CU_ASSERT_FALSE(opens(regular_folder, NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a folder"));
    CU_ASSERT_FALSE(opens(regular_in("none"), NULL, &err));
    UNIT_OK(opens(regular_in("file"), &which, &err), &err);
    CU_ASSERT_EQUAL(which.size, 5);
    UNIT_OK(opens(regular_in("good"), &which, &err), &err);
}

static void test_the_same_one(void)
{
    struct err err = ERR_INIT;
    struct regular which;
    regular_put("a", "words");
    UNIT_OK(opens(regular_in("a"), &which, &err), &err);
    CU_ASSERT_TRUE(opens_again(regular_in("a"), &which));
    regular_put("b", "words");
    CU_ASSERT_EQUAL(rename(regular_in("b"), regular_in("a")), 0);
    CU_ASSERT_FALSE(opens_again(regular_in("a"), &which));
    UNIT_OK(opens(regular_in("a"), &which, &err), &err);
    regular_put("a", "other words");
    CU_ASSERT_FALSE(opens_again(regular_in("a"), &which));
    CU_ASSERT_EQUAL(unlink(regular_in("a")), 0);
    CU_ASSERT_FALSE(opens_again(regular_in("a"), &which));
}

static void test_regular(void)
{
    strcpy(regular_folder, "/tmp/ouro-regular-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(regular_folder));
    test_only_files();
    test_the_same_one();
    char command[100];
    snprintf(command, sizeof command, "rm -r '%s'", regular_folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

UNIT_SUITE(regular, { "regular files, and no other", test_regular })
