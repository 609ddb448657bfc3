// SPDX-License-Identifier: GPL-3.0-or-later
// The key table: names of keys, what each one does, and that `?` leaves none out.
#include "tui/keys.h"

#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "tui/action.h"
#include "tui/term.h"
#include "tui/view.h"
#include "unit.h"

static void test_names(void)
{
    char name[24];
    for (const struct key_row *row = key_rows; row->key; row++) {
        int code = key_parse(row->key);
        key_name(code, name);
        if (code == TERM_NONE || strcmp(name, row->key)) {
            fprintf(stderr, "  key %s is read as %d, called %s\n", row->key, code, name);
            CU_FAIL("a key's name");
        }
    }
    CU_ASSERT_EQUAL(key_parse("C-d"), 4);
    CU_ASSERT_EQUAL(key_parse("M-Left"), TERM_LEFT | TERM_META);
    CU_ASSERT_EQUAL(key_parse("F12"), TERM_F12);
    CU_ASSERT_EQUAL(key_parse("é"), 0xe9);
    CU_ASSERT_EQUAL(key_parse("F13"), TERM_NONE);
    CU_ASSERT_EQUAL(key_parse("Nokey"), TERM_NONE);
    CU_ASSERT_EQUAL(key_parse(""), TERM_NONE);
    CU_ASSERT_EQUAL(key_parse("\033"), TERM_NONE);
}

static void test_rows(void)
{
    for (const struct key_row *row = key_rows; row->key; row++) {
        bool place = !strcmp(row->view, "*") || !strcmp(row->view, "rows") || view_kind(row->view)
                     || !strcmp(row->view, "command")
                     || strspn(row->view, "abcdefghijklmnopqrstuvwxyz") == strlen(row->view);
        CU_ASSERT_TRUE(place);
        if (!row->note) { // another key for the row above
            CU_ASSERT_TRUE(row > key_rows && !strcmp(row[-1].line, row->line)
                           && !strcmp(row[-1].view, row->view));
        }
        for (const struct key_row *other = key_rows; other < row; other++) {
            CU_ASSERT_FALSE(!strcmp(other->view, row->view) && !strcmp(other->key, row->key));
        }
    }
}

// What stands in a line as %{name} or %[name] is a column that some table has.
static void test_columns(void)
{
    for (const struct key_row *row = key_rows; row->key; row++) {
        for (const char *at = row->line; (at = strchr(at, '%')); at++) {
            char name[48] = "";
            if ((at[1] == '{' || at[1] == '[') && sscanf(at + 2, "%47[^]}]", name) == 1) {
                CU_ASSERT_NOT_EQUAL(column_id_of(name), COL_NONE);
            }
        }
    }
}

static bool is_listed(const struct key_row *const *rows, size_t count, const struct key_row *row)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i] == row) {
            return true;
        }
    }
    return false;
}

// Every key that does something in a view is in that view's `?`, and the other way round.
static void test_help(void)
{
    struct keys keys = { .is_word = action_is };
    const struct key_row *rows[256];
    for (size_t i = 0; i < 200; i++) {
        const char *view = commands[i] ? commands[i]->name : NULL;
        if (!view) {
            break;
        }
        size_t count = keys_of(&keys, view, true, rows, 256);
        CU_ASSERT_TRUE(count > 40);
        for (const struct key_row *row = key_rows; row->key; row++) {
            const struct key_row *found = keys_find(&keys, view, true, key_parse(row->key));
            CU_ASSERT_TRUE(!found || is_listed(rows, count, found));
        }
        for (size_t k = 0; k < count; k++) {
            CU_ASSERT_PTR_EQUAL(keys_find(&keys, view, true, key_parse(rows[k]->key)), rows[k]);
        }
    }
}

static void test_views(void)
{
    CU_ASSERT_TRUE(key_has_view("*") && key_has_view("rows") && key_has_view("growth"));
    CU_ASSERT_FALSE(key_has_view("nowhere") || key_has_view("gro") || key_has_view(""));
}

static void test_hidden(void)
{
    const struct keys keys = { .is_word = action_is };
    CU_ASSERT_TRUE(key_row_works(&keys, &(const struct key_row){ "*", "t", "types", "", NULL }));
    CU_ASSERT_TRUE(key_row_works(
        &keys, &(const struct key_row){ "*", "t", "types --garbage -g 1", "", NULL }));
    CU_ASSERT_TRUE(
        key_row_works(&keys, &(const struct key_row){ "*", "t", "tree referrers %o", "", NULL }));
    CU_ASSERT_TRUE(
        key_row_works(&keys, &(const struct key_row){ "*", "t", "prompt object ", "", NULL }));
    CU_ASSERT_FALSE(key_row_works(&keys, &(const struct key_row){ "*", "t", "typ", "", NULL }));
    CU_ASSERT_FALSE(key_row_works(
        &keys, &(const struct key_row){ "*", "t", "types --no-such-option", "", NULL }));
    CU_ASSERT_FALSE(
        key_row_works(&keys, &(const struct key_row){ "*", "t", "no-such-command %o", "", NULL }));
    CU_ASSERT_FALSE(key_row_works(
        &keys, &(const struct key_row){ "*", "t", "prompt no-such-command ", "", NULL }));
}

static void test_bind(void)
{
    struct keys keys = { .is_word = action_is };
    struct err err = ERR_INIT;
    UNIT_OK(keys_bind(&keys, "types", "t", "cycles", &err), &err);
    CU_ASSERT_STRING_EQUAL(keys_find(&keys, "types", true, 't')->line, "cycles");
    CU_ASSERT_STRING_EQUAL(keys_find(&keys, "objects", true, 't')->line, "types");
    UNIT_OK(keys_bind(&keys, "types", "t", "objects", &err), &err);
    CU_ASSERT_STRING_EQUAL(keys_find(&keys, "types", true, 't')->line, "objects");
    CU_ASSERT_EQUAL(keys.count, 1);
    UNIT_OK(keys_bind(&keys, "*", "q", "", &err), &err);
    CU_ASSERT_PTR_NULL(keys_find(&keys, "types", true, 'q'));
    CU_ASSERT_FALSE(keys_bind(&keys, "*", "nokey", "types", &err));
    keys_fini(&keys);
    CU_ASSERT_PTR_NOT_NULL(keys_find(&keys, "types", true, 'q'));
}

UNIT_SUITE(keys, { "names of keys, both ways", test_names },
           { "each row once, with a note", test_rows },
           { "a line names columns that there are", test_columns },
           { "no key without its line in ?", test_help },
           { "views that the table knows", test_views },
           { "rows without their command are hidden", test_hidden },
           { "the user's own", test_bind })
