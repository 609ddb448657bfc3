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
#include "folder.h"

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
    CU_ASSERT_EQUAL(mkfifo(in("fifo"), 0600), 0);
    CU_ASSERT_EQUAL(symlink("fifo", in("link")), 0);
    put("file", "words", 0644);
    CU_ASSERT_EQUAL(symlink("file", in("good")), 0);
    CU_ASSERT_FALSE(opens(in("fifo"), NULL, &err)); // and does not hang
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "not a regular file"));
    CU_ASSERT_FALSE(opens(in("link"), NULL, &err));
    CU_ASSERT_FALSE(opens("/dev/null", NULL, &err));
    CU_ASSERT_FALSE(opens(dir, NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a folder"));
    CU_ASSERT_FALSE(opens(in("none"), NULL, &err));
    UNIT_OK(opens(in("file"), &which, &err), &err);
    CU_ASSERT_EQUAL(which.size, 5);
    UNIT_OK(opens(in("good"), &which, &err), &err);
}

static void test_the_same_one(void)
{
    struct err err = ERR_INIT;
    struct regular which;
    put("a", "words", 0644);
    UNIT_OK(opens(in("a"), &which, &err), &err);
    CU_ASSERT_TRUE(opens_again(in("a"), &which));
    put("b", "words", 0644);
    CU_ASSERT_EQUAL(rename(in("b"), in("a")), 0);
    CU_ASSERT_FALSE(opens_again(in("a"), &which));
    UNIT_OK(opens(in("a"), &which, &err), &err);
    put("a", "other words", 0644);
    CU_ASSERT_FALSE(opens_again(in("a"), &which));
    CU_ASSERT_EQUAL(unlink(in("a")), 0);
    CU_ASSERT_FALSE(opens_again(in("a"), &which));
}

static void test_regular(void)
{
    strcpy(dir, "/tmp/ouro-regular-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    test_only_files();
    test_the_same_one();
    char command[100];
    snprintf(command, sizeof command, "rm -r '%s'", dir);
    CU_ASSERT_EQUAL(system(command), 0);
}

UNIT_SUITE(regular, { "regular files, and no other", test_regular })
