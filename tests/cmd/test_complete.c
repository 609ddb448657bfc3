// SPDX-License-Identifier: GPL-3.0-or-later
// Completion of what the tables say; names out of a target are tested where there is one.
#include <string.h>

#include "cmd/session/session.h"
#include "unit.h"

static char found[512];

static void add(void *context, const char *word)
{
    CU_ASSERT_PTR_EQUAL(context, found);
    strcat(found, found[0] ? "|" : "");
    strcat(found, word);
}

// The completions at the end of the line, joined.
static const char *complete(const char *line)
{
    struct session session = { .selected = NODE_NONE };
    found[0] = 0;
    session_complete(&session, line, strlen(line), add, found);
    return found;
}

static void test_commands(void)
{
    CU_ASSERT_STRING_EQUAL(complete("ty"), "types");
    CU_ASSERT_STRING_EQUAL(complete("  ref"), "referents|referrers");
    CU_ASSERT_STRING_EQUAL(complete("help cyc"), "cycles");
    CU_ASSERT_STRING_EQUAL(complete("nothing"), "");
    CU_ASSERT_PTR_NOT_NULL(strstr(complete(""), "info|findings|"));
}

static void test_options(void)
{
    CU_ASSERT_STRING_EQUAL(complete("collect --"),
                           "--generation|--explain|--stages|--stage|--interpreter|--sort|--limit|--"
                           "columns|--wide|--json");
    CU_ASSERT_STRING_EQUAL(complete("types --ga"), "--garbage");
    CU_ASSERT_STRING_EQUAL(complete("nothing --ga"), "");
    CU_ASSERT_STRING_EQUAL(complete("help --"), "--columns|--wide|--json");
    CU_ASSERT_STRING_EQUAL(complete("types --columns type,gar"), "type,garbage");
}

static void test_values(void)
{
    CU_ASSERT_STRING_EQUAL(complete("types -g "), "0|1|2|permanent");
    CU_ASSERT_STRING_EQUAL(complete("types -t x --generation p"), "permanent");
    CU_ASSERT_STRING_EQUAL(complete("types -n "), "");
    CU_ASSERT_STRING_EQUAL(complete("types --by o"), "owner");
    CU_ASSERT_STRING_EQUAL(complete("blocks --by "), "size|owner|library|content|struct");
    CU_ASSERT_STRING_EQUAL(complete("types --by=mod"), "--by=module");
    CU_ASSERT_STRING_EQUAL(complete("types --nothing=mod"), "");
    CU_ASSERT_STRING_EQUAL(complete("types --sort gar"), "garbage");
    CU_ASSERT_STRING_EQUAL(complete("types --sort -gar"), "-garbage");
    CU_ASSERT_STRING_EQUAL(complete("types --by owner --sort gr"), "group");
    CU_ASSERT_STRING_EQUAL(complete("findings --severity m"), "medium");
    CU_ASSERT_STRING_EQUAL(complete("findings --kind garb"), "garbage-rings");
    CU_ASSERT_STRING_EQUAL(complete("types -t "), ""); // no heap, no types
    CU_ASSERT_STRING_EQUAL(complete("object sys.mod"), "");
}

static void test_files(void)
{
    CU_ASSERT(session_completes_files("diff ", 5));
    CU_ASSERT(session_completes_files("save x", 6));
    CU_ASSERT_FALSE(session_completes_files("types ", 6));
    CU_ASSERT_FALSE(session_completes_files("save --", 7));
    CU_ASSERT_FALSE(session_completes_files("", 0));
}

static void test_cursor(void)
{
    struct session session = { .selected = NODE_NONE };
    found[0] = 0;
    session_complete(&session, "ty -n 5", 2, add, found);
    CU_ASSERT_STRING_EQUAL(found, "types");
    found[0] = 0;
    session_complete(&session, "ty", 99, add, found);
    CU_ASSERT_STRING_EQUAL(found, "types");
    CU_ASSERT_STRING_EQUAL(complete("object 'a b"), "");
}

UNIT_SUITE(complete, { "commands", test_commands }, { "options", test_options },
           { "values of options", test_values }, { "files", test_files },
           { "only what stands before the cursor counts", test_cursor })
