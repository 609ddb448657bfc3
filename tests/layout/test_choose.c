// SPDX-License-Identifier: GPL-3.0-or-later
// The order in which a layout is looked for, with a folder of small tables and a stand-in for gdb.
#include "layout/choose.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "folder.h"
#include "layout/bounds.h"
#include "layout/cache.h"
#include "layout/dwarf.h"
#include "unit.h"

// A table that can be told by the offset of PyInterpreterState.next.
static void put_table(const char *name, unsigned version, int mark)
{
    char text[200];
    snprintf(text, sizeof text, "version 0x%08x\nPyObject.ob_type 8\nPyInterpreterState.next %d\n",
             version, mark);
    put(name, text, 0644);
}

static void open_dir(void)
{
    strcpy(dir, "/tmp/ouro-choose-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    put_table("cpython-3.12.1-x86_64.layout", 0x030c01f0, 1);
    put_table("cpython-3.12.7-x86_64.layout", 0x030c07f0, 7);
    put_table("cpython-3.12.7-x86_64-debug.layout", 0x030c07f0, 70);
    put_table("cpython-3.12.9rc1-x86_64.layout", 0x030c09c1, 91);
    put_table("cpython-3.13.5-x86_64.layout", 0x030d05f0, 135);
    put_table("cpython-3.13.5-x86_64-t.layout", 0x030d05f0, 1350);
    put_table("cpython-3.13.6-aarch64.layout", 0x030d06f0, 136);
    put("cpython-3.11.2-x86_64.layout", "version 0x030b02f0\nPyObject.ob_type eight\n", 0644);
    put("README", "not a table\n", 0644);
}

static void close_dir(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    CU_ASSERT_EQUAL(system(command), 0);
}

static struct layout_ask ask_for(uint32_t version)
{
    return (struct layout_ask){
        .version = version, .machine = "x86_64", .tables = dir, .cache = "", .no_gdb = true
    };
}

static struct layout layout;

static int mark_of(const struct layout_ask *ask, enum layout_origin origin)
{
    struct layout_choice choice;
    struct err err = ERR_INIT;
    UNIT_OK(layout_choose(&layout, ask, &choice, &err), &err);
    CU_ASSERT_EQUAL(choice.origin, origin);
    return layout.PyInterpreterState_next;
}

static void test_exact_table(void)
{
    open_dir();
    struct layout_ask ask = ask_for(0x030c07f0);
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_TABLE), 7);
    CU_ASSERT_STRING_EQUAL(layout.source, "table cpython-3.12.7-x86_64");
    ask.debug = true;
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_TABLE), 70);
    ask = ask_for(0x030d05f0);
    ask.free_threaded = true;
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_TABLE), 1350);
    ask = ask_for(0x030c09c1);
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_TABLE), 91);
    close_dir();
}

static void test_nearest_table(void)
{
    open_dir();
    struct layout_ask ask = ask_for(0x030c02f0);
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 1);
    CU_ASSERT_STRING_EQUAL(layout.source,
                           "table cpython-3.12.1-x86_64, the nearest to 3.12.2-x86_64");
    ask = ask_for(0x030c04f0); // as far from 3.12.1 as from 3.12.7
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 1);
    ask = ask_for(0x030c05f0);
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 7);
    ask = ask_for(0x030c09f0); // its candidate is the nearest there is
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 91);
    ask = ask_for(0x030d06f0); // the machine counts more than the patch release
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 135);
    ask = ask_for(0x030d05f0);
    ask.debug = true;
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 135);
    CU_ASSERT_STRING_EQUAL(layout.source,
                           "table cpython-3.13.5-x86_64, the nearest to 3.13.5-x86_64-debug");
    close_dir();
}

// 3.13.6 is nearer to 3.13.5 than to 3.13.18, but has the thread state of the latter.
static void test_the_interpreter_decides_between_tables(void)
{
    open_dir();
    const char *head = "PyObject.ob_type 8\nPyObject 16\nPyInterpreterState.next";
    char text[200];
    snprintf(text, sizeof text, "version 0x030d05f0\n%s 5\nPyTypeObject.tp_flags 168\n", head);
    put("cpython-3.13.5-x86_64.layout", text, 0644);
    snprintf(text, sizeof text, "version 0x030d12f0\n%s 18\nPyTypeObject.tp_flags 176\n", head);
    put("cpython-3.13.18-x86_64.layout", text, 0644);
    uint64_t words[128] = { 0x7970677562656478, 0x030d06f0 };
    words[44] = 16;            // pyobject.size
    words[45] = 8;             // pyobject.ob_type
    words[49] = 176;           // type_object.tp_flags
    words[51] = words[54] = 5; // tuple_object.ob_item, list_object.ob_item
    struct layout_ask ask = ask_for(0x030d06f0);
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 5);
    ask.offsets = words;
    ask.offsets_size = sizeof words;
    words[54] = 18;
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 18);
    words[49] = 168;
    words[54] = 5;
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 5);
    struct layout_choice
        choice; // memory may not agree with the best one: then the others, once each
    unsigned times[2] = { 0, 0 };
    for (ask.rank = 1; ask.rank < 20 && layout_choose(&layout, &ask, &choice, NULL); ask.rank++) {
        times[0] += layout.PyInterpreterState_next == 18;
        times[1] += layout.PyInterpreterState_next == 5;
    }
    CU_ASSERT(ask.rank < 20 && times[0] == 1 && times[1] == 0);
    ask.rank = 0;
    ask.version = 0x030d12f0; // an exact table needs no second opinion
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_TABLE), 18);
    close_dir();
}

// The tables of another minor version: the latest of them comes first.
static void test_tables_that_stand_in(void)
{
    open_dir();
    struct layout_ask ask = ask_for(0x030e00f0);
    ask.stand_in = 0x030d0000;
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 135);
    CU_ASSERT_STRING_EQUAL(layout.source,
                           "table cpython-3.13.5-x86_64, the nearest to 3.14.0-x86_64");
    put_table("cpython-3.13.9-x86_64.layout", 0x030d09f0, 139);
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 139);
    ask.free_threaded = true;
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_NEAR_TABLE), 1350);
    close_dir();
}

static void test_no_table(void)
{
    open_dir();
    struct layout_choice choice;
    struct err err = ERR_INIT;
    struct layout_ask ask = ask_for(0x030e00f0);
    CU_ASSERT_FALSE(layout_choose(&layout, &ask, &choice, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(err.text, "gdb was not asked: no layout table for CPython 3.14.0");
    ask.no_gdb = false;
    ask.no_debug = true; // no script either, but that is not the reason
    CU_ASSERT_FALSE(layout_choose(&layout, &ask, &choice, &err));
    CU_ASSERT_STRING_EQUAL(choice.passed, "it has no debug information here");
    ask = ask_for(0x030c07f0);
    ask.free_threaded = true;
    CU_ASSERT_FALSE(layout_choose(&layout, &ask, &choice, &err));
    ask = ask_for(0);
    CU_ASSERT_FALSE(layout_choose(&layout, &ask, &choice, &err));
    ask = ask_for(0x030b02f0); // its table is broken
    CU_ASSERT_FALSE(layout_choose(&layout, &ask, &choice, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_FORMAT);
    close_dir();
}

static void test_named_file_wins(void)
{
    open_dir();
    struct layout_choice choice;
    struct err err = ERR_INIT;
    struct layout_ask ask = ask_for(0x030c07f0);
    ask.file = in("cpython-3.13.5-x86_64.layout");
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_FILE), 135);
    ask.file = in("none.layout");
    CU_ASSERT_FALSE(layout_choose(&layout, &ask, &choice, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_IO);
    close_dir();
}

// Answers as locate.py does. It is locked up as gdb is: no other program can help.
static const char fake_gdb[] =
    "#!/bin/sh\n"
    "read -r first <&\"$OURO_LOCATE_WANT\" || exit 3\n"
    "case $OURO_LOCATE_FILES in *python*) ;; *) echo 'ouro: no python' >&2; exit 3;; esac\n"
    "{ echo version 0x030c07f0; echo PyObject.ob_type 8; echo PyInterpreterState.next 777; } "
    ">&\"$OURO_LOCATE_OUT\"\n";

static void test_gdb_answers_and_is_remembered(void)
{
    open_dir();
    put("gdb", fake_gdb, 0755);
    put("python", "debug information", 0644);
    char path[4096];
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    char changed[4200];
    snprintf(changed, sizeof changed, "%s:%s", dir, path);
    setenv("PATH", changed, 1);

    const struct regular_file files[] = { { in("python"), NULL } };
    char cache[100];
    snprintf(cache, sizeof cache, "%s/cache/deep", dir);
    struct layout_ask ask = ask_for(0x030c07f0);
    ask.no_gdb = false;
    ask.script = "/dev/null";
    ask.files = files;
    ask.n_files = 1;
    ask.cache = cache;
    ask.build_id = "0123456789abcdef";
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_DWARF), 777);

    unlink(in("gdb"));
    put("gdb", "#!/bin/sh\nexit 1\n", 0755);
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_CACHE), 777);
    ask.build_id = "0123456789abcdee"; // another build
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_TABLE), 7);
    ask.build_id = "../../etc/passwd"; // never becomes a path
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_TABLE), 7);

    // A cached file of a program with other rows is not believed.
    put("cache/deep/0123456789abcdef.layout",
        "version 0x030c07f0\nrows 0x1\nPyObject.ob_type 8\nPyInterpreterState.next 778\n", 0644);
    ask.build_id = "0123456789abcdef";
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_TABLE), 7);
    setenv("PATH", path, 1);
    close_dir();
}

// The debug information of the interpreter, without that of its extension modules.
static void test_completed_by_the_table(void)
{
    static const char name[] = "cpython-3.12.1-x86_64.layout";
    struct layout_choice choice;
    struct err err = ERR_INIT;
    char path[4096], changed[4200];
    open_dir();
    put(name,
        "version 0x030c01f0\nmachine x86_64\nPyObject 16\nPyObject.ob_type 8\narrayobject 64\n"
        "arrayobject.ob_item 24\n_PyCFrame 24\n_PyCFrame.previous 16\n",
        0644);
    put("gdb",
        "#!/bin/sh\n{ echo version 0x030c01f0; echo machine x86_64; echo PyObject 16; "
        "echo PyObject.ob_type 8; echo PyInterpreterState.next 777; } >&\"$OURO_LOCATE_OUT\"\n",
        0755);
    put("python", "debug information", 0644);
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    snprintf(changed, sizeof changed, "%s:%s", dir, path);
    setenv("PATH", changed, 1);
    const struct regular_file files[] = { { in("python"), NULL } };
    struct layout_ask ask = ask_for(0x030c01f0);
    ask.files = files;
    ask.n_files = 1;
    ask.script = "/dev/null";
    ask.no_gdb = false;
    UNIT_OK(layout_choose(&layout, &ask, &choice, &err), &err);
    CU_ASSERT_EQUAL(choice.origin, LAYOUT_FROM_DWARF);
    CU_ASSERT_EQUAL(layout.PyInterpreterState_next, 777);
    CU_ASSERT_EQUAL(layout.sizeof_arrayobject, 64);
    CU_ASSERT_EQUAL(layout.arrayobject_ob_item, 24);
    CU_ASSERT_EQUAL(layout.sizeof__PyCFrame, -1); // of the interpreter: this build has none
    CU_ASSERT_PTR_NOT_NULL(strstr(layout.source, "; extension modules: table cpython-3.12.1"));
    setenv("PATH", path, 1);
    close_dir();
}

static bool say_stop(void *context, const char *phase, uint64_t done, uint64_t total)
{
    (void)context, (void)done, (void)total;
    return strcmp(phase, "reading debug information") != 0;
}

// Ctrl-C goes to us alone, and gdb may have seconds to read: it is not waited for, nor is a table
// taken instead.
static void test_gdb_that_is_stopped(void)
{
    open_dir();
    put("gdb", "#!/bin/sh\nexec sleep 60\n", 0755);
    put("python", "debug information", 0644);
    char path[4096], changed[4200];
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    snprintf(changed, sizeof changed, "%s:%s", dir, path);
    setenv("PATH", changed, 1);
    const struct regular_file files[] = { { in("python"), NULL } };
    const struct progress progress = { .call = say_stop };
    struct layout_ask ask = ask_for(0x030c07f0);
    struct layout_choice choice;
    struct err err = ERR_INIT;
    ask.files = files;
    ask.n_files = 1;
    ask.script = "/dev/null";
    ask.no_gdb = false;
    ask.progress = &progress;
    time_t before = time(NULL);
    CU_ASSERT_FALSE(layout_choose(&layout, &ask, &choice, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_CANCELLED);
    CU_ASSERT(time(NULL) - before < 20);
    setenv("PATH", path, 1);
    close_dir();
}

static void test_gdb_that_fails(void)
{
    open_dir();
    put("gdb", fake_gdb, 0755);
    put("slow", "#!/bin/sh\nexec sleep 30\n", 0755);
    put("mute", "#!/bin/sh\nexit 0\n", 0755);
    put("ruby", "debug information", 0644);
    const struct regular_file files[] = { { in("ruby"), NULL } };
    struct err err = ERR_INIT;
    struct dwarf_ask ask = {
        .gdb = in("gdb"), .script = "/dev/null", .files = files, .n_files = 1
    };
    CU_ASSERT_FALSE(dwarf_layout(&layout, &ask, &err));
    CU_ASSERT_STRING_EQUAL(err.text, "gdb: no python");
    ask.gdb = in("mute");
    CU_ASSERT_FALSE(dwarf_layout(&layout, &ask, &err));
    ask.gdb = "/nonexistent/gdb";
    CU_ASSERT_FALSE(dwarf_layout(&layout, &ask, &err));
    ask.gdb = in("slow");
    ask.seconds = 1;
    time_t before = time(NULL);
    CU_ASSERT_FALSE(dwarf_layout(&layout, &ask, &err));
    CU_ASSERT(time(NULL) - before < 10);
    CU_ASSERT_STRING_EQUAL(err.text, "gdb did not read the debug information in time");
    close_dir();
}

// A build-id is what anyone may write: what was made of one file is not believed for another, and
// without a file only what was made of the machine's own.
static void test_cache_knows_its_file(void)
{
    open_dir();
    put("gdb", fake_gdb, 0755);
    put("python", "debug information", 0644);
    char path[4096], changed[4200], cache[100];
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    snprintf(changed, sizeof changed, "%s:%s", dir, path);
    snprintf(cache, sizeof cache, "%s/cache", dir);
    setenv("PATH", changed, 1);
    const struct regular_file files[] = { { in("python"), NULL } };
    struct layout_ask ask = ask_for(0x030c07f0);
    ask.no_gdb = false;
    ask.script = "/dev/null";
    ask.files = files;
    ask.n_files = 1;
    ask.cache = cache;
    ask.build_id = "0123456789abcdef";
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_DWARF), 777);
    CU_ASSERT_STRING_EQUAL(layout.made_of, "");
    ask.no_gdb = true;
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_CACHE), 777);
    ask.n_files = 0; // /tmp is everybody's
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_TABLE), 7);
    ask.n_files = 1;
    put("python", "other debug information", 0600);
    CU_ASSERT_EQUAL(mark_of(&ask, LAYOUT_FROM_TABLE), 7);
    setenv("PATH", path, 1);
    close_dir();
}

// Debug information that says of a release's objects what no release of that minor version has is
// not believed, nor kept.
static void test_version_has_bounds(void)
{
    struct layout wrong, table;
    struct err err = ERR_INIT;
    layout_init(&wrong);
    wrong.version = 0x030c04f0;
    strcpy(wrong.machine, "x86_64");
    wrong.sizeof_PyObject = 16;
    wrong.PyObject_ob_type = 8;
    wrong.PyListObject_ob_item = 24;
    wrong.PyInterpreterState_next = 5;
    table = wrong;
    table.version = 0x030c01f0;
    table.PyInterpreterState_next = 8; // such may change
    table.PyListObject_allocated = 32; // what one of them lacks says nothing
    CU_ASSERT_TRUE(bounds_allow(&wrong, &table, &err));
    wrong.PyListObject_ob_item = 32;
    CU_ASSERT_FALSE(bounds_allow(&wrong, &table, &err));
    CU_ASSERT_STRING_EQUAL(err.text,
                           "it has PyListObject.ob_item at 32, where CPython 3.12 has 24");
    err_clear(&err);
    table.version = 0x030b01f0;
    CU_ASSERT_TRUE(bounds_allow(&wrong, &table, &err));
    table.version = 0x030c01c1; // a candidate
    CU_ASSERT_TRUE(bounds_allow(&wrong, &table, &err));
    table.version = 0x030c01f0;
    table.debug = true;
    CU_ASSERT_TRUE(bounds_allow(&wrong, &table, &err));
    table.debug = false;
    wrong.PyObject_ob_type = 24; // Py_TRACE_REFS
    CU_ASSERT_TRUE(bounds_allow(&wrong, &table, &err));
}

static void test_what_is_trusted(void)
{
    char made_of[CACHE_MADE_OF], path[100];
    const struct regular_file env = { "/usr/bin/env", NULL }, none = { "/none", NULL };
    struct regular_file python = { path, NULL };
    CU_ASSERT_TRUE(cache_believes("1 2 3 4.5 own", NULL));
    CU_ASSERT_FALSE(cache_believes("1 2 3 4.5 foreign", NULL));
    CU_ASSERT_FALSE(cache_believes("", NULL));
    CU_ASSERT_FALSE(cache_believes("1 2 3 4.5 own", &env));
    open_dir();
    put("python", "debug information", 0644);
    snprintf(path, sizeof path, "%s/python", dir);
    CU_ASSERT_TRUE(cache_made_of(&python, NULL, made_of, sizeof made_of));
    CU_ASSERT_TRUE(cache_believes(made_of, &python));
    CU_ASSERT_FALSE(cache_believes(made_of, NULL));
    char *hash = strrchr(made_of, ' ') - 1; // with every date alike, what is in it is looked at
    *hash = *hash == '0' ? '1' : '0';
    CU_ASSERT_FALSE(cache_believes(made_of, &python));
    CU_ASSERT_FALSE(cache_made_of(&none, NULL, made_of, sizeof made_of));
    struct stat st;
    bool plain = !stat("/usr/bin/env", &st) && st.st_uid == 0 && !(st.st_mode & 022);
    if (plain && cache_made_of(&env, NULL, made_of, sizeof made_of))
        CU_ASSERT_TRUE(cache_believes(made_of, NULL));
    // Beside it was looked in another folder than the one it lies in: what came out may be anything.
    const struct cache_folder elsewhere = { 1, 1 };
    if (plain && cache_made_of(&env, &elsewhere, made_of, sizeof made_of))
        CU_ASSERT_FALSE(cache_believes(made_of, NULL));
    // The same file through somebody's root.
    const struct regular_file inside = { "/proc/self/root/usr/bin/env", NULL };
    if (plain && cache_made_of(&inside, NULL, made_of, sizeof made_of))
        CU_ASSERT_FALSE(cache_believes(made_of, NULL));
    // An extension module of the target's own has no word about the machine's interpreter.
    CU_ASSERT_TRUE(!plain || cache_may_speak(&env, &env));
    CU_ASSERT_TRUE(!plain || !cache_may_speak(&env, &python));
    CU_ASSERT_TRUE(cache_may_speak(&python, &python));
    put("python", "debug information", 0666);
    CU_ASSERT_FALSE(cache_may_speak(&env, &python));
    close_dir();
}

// Tells what it can do that it should not be able to; the last line is what is heard.
static const char prying_gdb[] =
    "#!/bin/sh\n"
    "could=\n"
    "read -r line 2>/dev/null <\"${0%/*}/secret\" && could=\"$could read\"\n"
    "{ echo >\"${0%/*}/made\"; } 2>/dev/null && could=\"$could write\"\n"
    "kill -0 $PPID 2>/dev/null && could=\"$could kill\"\n"
    "read -r line </proc/self/oom_score_adj && test \"$line\" = 1000 || could=\"$could live\"\n"
    "echo \"ouro: could:$could\" >&2\n"
    "exit 3\n";

static void test_gdb_is_locked_up(void)
{
    open_dir();
    put("gdb", prying_gdb, 0755);
    put("python", "debug information", 0644);
    put("secret", "of the analyst\n", 0644);
    const struct regular_file files[] = { { in("python"), NULL } };
    struct err err = ERR_INIT;
    struct dwarf_ask ask = {
        .gdb = in("gdb"), .script = "/dev/null", .files = files, .n_files = 1
    };
    CU_ASSERT_FALSE(dwarf_layout(&layout, &ask, &err));
    // Landlock came with Linux 5.13, and not every kernel has it switched on.
    if (syscall(444, NULL, 0, 1) < 1)
        printf("SKIPPED: this kernel has no Landlock ");
    else
        CU_ASSERT_STRING_EQUAL(err.text, "gdb: could:");
    CU_ASSERT_NOT_EQUAL(access(in("made"), F_OK), 0);
    close_dir();
}

// gdb executes every line of a command: no name of a target is ever part of one, and a name with
// lines is not even told.
static void test_names_with_lines(void)
{
    open_dir();
    put("gdb", fake_gdb, 0755);
    put("python\nshell id\n#", "debug information", 0644);
    put("python", "debug information", 0644);
    CU_ASSERT_EQUAL(mkfifo(in("python.fifo"), 0600), 0);
    char gdb[100];
    snprintf(gdb, sizeof gdb, "%s/gdb", dir);
    const char *python = in("python");
    struct regular other = { .inode = 1 };
    const struct regular_file files[] = { { in("python\nshell id\n#"), NULL },
                                          { in("python.fifo"), NULL },
                                          { in("python.none"), NULL },
                                          { python, &other },
                                          { python, NULL } };
    struct err err = ERR_INIT;
    struct dwarf_ask ask = { .gdb = gdb, .script = "/dev/null", .files = files, .n_files = 1 };
    CU_ASSERT_FALSE(dwarf_layout(&layout, &ask, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a name with control characters"));
    ask.n_files = 5;
    UNIT_OK(dwarf_layout(&layout, &ask, &err), &err);
    ask.files += 1;
    ask.n_files = 3; // neither hangs
    CU_ASSERT_FALSE(dwarf_layout(&layout, &ask, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "replaced meanwhile"));
    close_dir();
}

UNIT_SUITE(choose, { "the exact table", test_exact_table },
           { "the nearest patch release, and it says so", test_nearest_table },
           { "tables that stand in for a newer version", test_tables_that_stand_in },
           { "the interpreter decides between tables",
             test_the_interpreter_decides_between_tables },
           { "no table is an error that tells what was tried", test_no_table },
           { "the file that the user names is all that counts", test_named_file_wins },
           { "what gdb finds is kept under the build-id", test_gdb_answers_and_is_remembered },
           { "a gdb that fails, says nothing or takes too long", test_gdb_that_fails },
           { "a gdb that is not waited for", test_gdb_that_is_stopped },
           { "the structs of extension modules are the table's", test_completed_by_the_table },
           { "the cache knows which file it is of", test_cache_knows_its_file },
           { "a version has bounds", test_version_has_bounds },
           { "which files nobody can have fed us", test_what_is_trusted },
           { "gdb is locked up", test_gdb_is_locked_up },
           { "names with control characters", test_names_with_lines })
