// SPDX-License-Identifier: GPL-3.0-or-later
// Answers about members: good ones, hostile ones, the cache, and a stand-in for gdb.
#include "layout/members.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "unit.h"

#define KEY UINT64_C(0x1122334455667788)

static const char good[] = "struct 1122334455667788 node\n"
                           "at 16 -1 first\n"
                           "at 24 3 pair.row\n"
                           "by 48 8 -1 more->hidden\n"
                           "body 24 branch\n"
                           "body 1 char\n"
                           "to -1 32 0 root\n"
                           "to 0 8 0 left\n"
                           "to 0 16 1 label\n"
                           "none 0000000000000002\n"
                           "end\n";

static void test_answers(void)
{
    struct members members = { 0 };
    struct err err = ERR_INIT;
    UNIT_OK(members_parse(&members, good, strlen(good), &err), &err);
    const struct members_struct *s = members_find(&members, KEY);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_STRING_EQUAL(s->name, "node");
    CU_ASSERT_EQUAL_FATAL(s->row_count, 3);
    CU_ASSERT_EQUAL(s->rows[0].at, 16);
    CU_ASSERT_EQUAL(s->rows[0].count, MEMBERS_ONE);
    CU_ASSERT_EQUAL(s->rows[1].count, 3);
    CU_ASSERT_EQUAL(s->rows[1].inner, MEMBERS_DIRECT);
    CU_ASSERT_EQUAL(s->rows[2].inner, 8);
    CU_ASSERT_STRING_EQUAL(s->rows[2].name, "more->hidden");
    CU_ASSERT_EQUAL_FATAL(s->body_count, 2);
    CU_ASSERT_EQUAL(s->bodies[0].size, 24);
    CU_ASSERT_STRING_EQUAL(s->bodies[1].name, "char");
    CU_ASSERT_EQUAL_FATAL(s->link_count, 3);
    CU_ASSERT_EQUAL(s->links[0].from, MEMBERS_INSTANCE);
    CU_ASSERT_EQUAL(s->links[2].to, 1);
    CU_ASSERT_STRING_EQUAL(s->links[2].name, "label");
    s = members_find(&members, 2);
    CU_ASSERT(s && !s->name);
    CU_ASSERT_PTR_NULL(members_find(&members, 3));
    members_fini(&members);
}

static void test_hostile_answers(void)
{
    static const char *const bad[] = {
        "",
        "end",
        "struct 1 node\n",
        "at 16 -1 first\nend\n",
        "none 1\nat 16 -1 first\nend\n",
        "struct 1 node\nat -8 -1 first\nend\n",
        "struct 1 node\nat 99999999999 -1 first\nend\n",
        "struct 1 node\nat 16 -2 first\nend\n",
        "struct 1 node\nat 16 999999999 first\nend\n",
        "struct 1 node\nby 16 -2 -1 first\nend\n",
        "struct 1 node\nat 16 first\nend\n",
        "struct xyz node\nend\n",
        "struct 1 node\nbody 0 branch\nend\n",
        "struct 1 node\nto -1 8 0 root\nend\n",
        "struct 1 node\nbody 8 branch\nto 1 8 0 root\nend\n",
        "struct 1 node\nbody 8 branch\nto -2 8 0 root\nend\n",
        "struct 1 node\nbody 8 branch\nto 0 -8 0 root\nend\n",
        "what\nend\n",
    };
    struct members members = { 0 };
    struct err err = ERR_INIT;
    UNIT_OK(members_parse(&members, good, strlen(good), &err), &err);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (members_parse(&members, bad[i], strlen(bad[i]), &err))
            printf("  taken: %s\n", bad[i]);
        CU_ASSERT_EQUAL(members.count, 2);
    }
    for (size_t size = 0; size + 1 < sizeof good; size++)
        CU_ASSERT_FALSE(members_parse(&members, good, size, &err));
    char *line = malloc(100000);
    memset(line, 'a', 100000);
    CU_ASSERT_FALSE(members_parse(&members, line, 100000, &err));
    free(line);
    CU_ASSERT_PTR_NOT_NULL(members_find(&members, KEY));
    members_fini(&members);
}

// Answers every question with a struct that has one member. It is locked up as gdb is: no other
// program can help.
#define ANSWER                                                                                     \
    "#!/bin/sh\n"                                                                                  \
    "while read -r word key rest; do\n"                                                            \
    "    case \"$word $key\" in\n"                                                                 \
    "    \"type \"*) echo \"struct $key node\"; echo 'at 16 -1 first' ;;\n"
#define ANSWER_END                                                                                 \
    "    esac\ndone <&\"$OURO_MEMBERS_WANT\" >&\"$OURO_MEMBERS_OUT\"\n"                            \
    "echo end >&\"$OURO_MEMBERS_OUT\"\n"

static const char fake_gdb[] = ANSWER ANSWER_END;
static const char gdb_for_leaves[] = ANSWER "    'name Node') exit 3 ;;\n" ANSWER_END;

static const char *const questions[] = { "112 0 8 1 1\nname Node\nown traverse 1160\n",
                                         "48 0 8 1 1\nname Leaf\nown traverse 1220\n" };

static bool get(const struct members_ask *ask, size_t count, struct err *err)
{
    struct members members = { 0 };
    bool ok = members_get(&members, ask, questions, count, err);
    for (size_t i = 0; ok && i < count; i++) {
        const struct members_struct *s = members_find(&members, members_key(questions[i]));
        ok = s && s->name && !strcmp(s->name, "node") && s->row_count == 1;
    }
    members_fini(&members);
    return ok;
}

static void test_gdb_is_asked_once(void)
{
    strcpy(dir, "/tmp/ouro-members-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    put("gdb", fake_gdb, 0755);
    put("leaves", gdb_for_leaves, 0755);
    put("bad", "#!/bin/sh\nexit 1\n", 0755);
    put("file", "debug information", 0644);
    struct err err = ERR_INIT;
    struct members_ask ask = { .gdb = in("gdb"),
                               .script = "/dev/null",
                               .file = { in("file"), NULL },
                               .build_id = "0123456789abcdef",
                               .cache = in("cache") };
    UNIT_OK(get(&ask, 1, &err), &err);
    ask.gdb = in("bad"); // the cache answers
    UNIT_OK(get(&ask, 1, &err), &err);
    CU_ASSERT_FALSE(get(&ask, 2, &err));
    ask.gdb = in("leaves"); // only what it does not know is asked
    UNIT_OK(get(&ask, 2, &err), &err);
    put("file", "another one", 0644); // with the same build-id: what it says may be more
    ask.gdb = in("bad");
    CU_ASSERT_FALSE(get(&ask, 1, &err));
    ask.script = NULL;
    CU_ASSERT_FALSE(get(&ask, 1, &err));
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    CU_ASSERT_EQUAL(system(command), 0);
}

UNIT_SUITE(members, { "answers", test_answers }, { "hostile answers", test_hostile_answers },
           { "gdb is asked once", test_gdb_is_asked_once })
