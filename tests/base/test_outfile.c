// SPDX-License-Identifier: GPL-3.0-or-later
// Files that answers go into: whole or not at all, nobody else's, behind no link.
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/outfile.h"
#include "folder.h"

static void outfile_begin(void)
{
    strcpy(dir, "/tmp/ouro-output-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
}

static void outfile_end(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -r '%s'", dir);
    CU_ASSERT_EQUAL(system(command), 0);
}

static bool holds(const char *name, const char *expected)
{
    char text[100] = "";
    FILE *file = fopen(in(name), "r");
    if (!file)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return !strcmp(text, expected);
}

static bool put_words(const char *name, const char *words, struct err *err)
{
    struct outfile output;
    return outfile_open(&output, in(name), err) && outfile_write(&output, words, strlen(words), err)
           && outfile_keep(&output, NULL, err);
}

static void test_whole_or_not(void)
{
    struct err err = ERR_INIT;
    struct outfile output;
    struct stat st;
    outfile_begin();
    umask(0);
    UNIT_OK(put_words("a", "first", &err), &err);
    CU_ASSERT(holds("a", "first") && !stat(in("a"), &st) && (st.st_mode & 0777) == 0600);
    UNIT_OK(outfile_open(&output, in("a"), &err), &err);
    UNIT_OK(outfile_write(&output, "half", 4, &err), &err);
    CU_ASSERT(holds("a", "first"));
    outfile_drop(&output);
    outfile_drop(&output);
    CU_ASSERT(holds("a", "first"));
    UNIT_OK(put_words("a", "second", &err), &err);
    CU_ASSERT(holds("a", "second"));
    umask(022);
    CU_ASSERT_EQUAL(unlink(in("a")), 0);
    CU_ASSERT_EQUAL(rmdir(dir), 0); // nothing else was left
    CU_ASSERT_EQUAL(mkdir(dir, 0700), 0);
    outfile_end();
}

static void test_links(void)
{
    struct err err = ERR_INIT;
    outfile_begin();
    UNIT_OK(put_words("precious", "precious", &err), &err);
    CU_ASSERT_EQUAL(symlink("precious", in("link")), 0);
    CU_ASSERT_EQUAL(symlink("made", in("dangling")), 0);
    CU_ASSERT_FALSE(put_words("link", "gone", &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "symbolic link"));
    CU_ASSERT_FALSE(put_words("dangling", "gone", &err));
    CU_ASSERT(holds("precious", "precious") && access(in("made"), F_OK));
    CU_ASSERT_FALSE(put_words("none/x", "gone", &err));
    CU_ASSERT_FALSE(put_words(".", "gone", &err));
    // What is shared by hard links stays as it is: the name alone is replaced.
    CU_ASSERT_EQUAL(link(in("precious"), in("hard")), 0);
    UNIT_OK(put_words("hard", "new", &err), &err);
    CU_ASSERT(holds("precious", "precious") && holds("hard", "new"));
    outfile_end();
}

static void test_streams(void)
{
    struct err err = ERR_INIT;
    struct outfile output;
    UNIT_OK(outfile_open(&output, "/dev/null", &err), &err);
    UNIT_OK(outfile_write(&output, "x", 1, &err), &err);
    UNIT_OK(outfile_keep(&output, NULL, &err), &err);
    CU_ASSERT_EQUAL(access("/dev/null", F_OK), 0);
}

static void test_nothing_is_replaced(void)
{
    struct err err = ERR_INIT;
    struct outfile output;
    outfile_begin();
    UNIT_OK(put_words("old", "old", &err), &err);
    CU_ASSERT_FALSE(outfile_create(&output, in("old"), &err));
    outfile_drop(&output);
    UNIT_OK(outfile_create(&output, in("new"), &err), &err);
    UNIT_OK(outfile_write(&output, "mine", 4, &err), &err);
    UNIT_OK(put_words("new", "theirs", &err), &err); // meanwhile
    CU_ASSERT_FALSE(outfile_keep(&output, NULL, &err));
    CU_ASSERT(holds("old", "old") && holds("new", "theirs"));
    CU_ASSERT_EQUAL(unlink(in("new")), 0);
    UNIT_OK(outfile_create(&output, in("new"), &err), &err);
    UNIT_OK(outfile_write(&output, "mine", 4, &err), &err);
    UNIT_OK(outfile_keep(&output, NULL, &err), &err);
    CU_ASSERT(holds("new", "mine"));
    CU_ASSERT_EQUAL(unlink(in("new")) | unlink(in("old")), 0);
    CU_ASSERT_EQUAL(rmdir(dir), 0);
    CU_ASSERT_EQUAL(mkdir(dir, 0700), 0);
    outfile_end();
}

UNIT_SUITE(outfile, { "nothing is replaced", test_nothing_is_replaced },
           { "whole or not at all", test_whole_or_not }, { "links", test_links },
           { "devices", test_streams })
