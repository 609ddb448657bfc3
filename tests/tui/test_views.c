// SPDX-License-Identifier: GPL-3.0-or-later
// Views without a terminal: the way back and forward, lines out of rows, the tree on a heap of six
// objects.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/state.h"
#include "tui/view.h"
#include "tui/view_tree.h"
#include "unit.h"

// --- a heap of six objects: 0 -> 1 -> 2 -> { 3, 4 }, 3 -> 0, 4 -> 5, 5 -> many
// ---------------------

static const struct column edge_columns[] = {
    { COL(edge), 0, 0, NULL },
    { COL(object), 0, 0, NULL },
    { .name = NULL },
};

static void add_edge(struct report *report, const char *name, node to, struct err *err)
{
    report_row(report, (const struct cell[]){ cell_text(name), cell_object(to) }, err);
}

static int asked;

static bool answer(struct session *session, const char *line, struct report *report,
                   struct err *err)
{
    (void)session;
    unsigned from = 0;
    asked++;
    if (sscanf(line, "referents #%u -n 200", &from) != 1) {
        return err_set(err, ERR_USAGE, "%s: not expected", line);
    }
    report_columns(report, "referents", edge_columns);
    switch (from) {
    case 0:
        add_edge(report, ".a", 1, err);
        break;
    case 1:
        add_edge(report, "[0]", 2, err);
        break;
    case 2:
        add_edge(report, ".left", 3, err);
        add_edge(report, ".right", 4, err);
        break;
    case 3:
        add_edge(report, ".back", 0, err);
        break;
    case 4:
        add_edge(report, ".x", 5, err);
        break;
    case 5:
        add_edge(report, "[0]", 6, err);
        report->rows = 301;
        report->truncated = true;
        break;
    default:
        break;
    }
    return true;
}

static void prepare(struct tui *tui, struct session *session)
{
    *session = (struct session){
        .has_target = true, .has_python = true, .has_heap = true, .has_reverse = true
    };
    session->heap.node_count = 10;
    session->heap.py = &session->py;
    session->py.target = &session->target;
    *tui = (struct tui){ .session = session, .ask = answer };
}

// The tree as text: a line each, its first column.
static const char *drawn(const struct view *view)
{
    static char lines[1024];
    lines[0] = 0;
    for (size_t i = 0; i < view->table.shown; i++) {
        const struct cell *cell = &view->table.report.cells[i * view->table.report.column_count];
        snprintf(lines + strlen(lines), sizeof lines - strlen(lines), "%s\n", cell->s);
    }
    return lines;
}

static void test_tree(void)
{
    struct tui tui;
    static struct session session;
    struct err err = ERR_INIT;
    prepare(&tui, &session);
    struct view *view = view_open(&tui, "tree referents '#0'", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
    // One reference each: unfolded at once, down to where it branches.
    CU_ASSERT_STRING_EQUAL(
        drawn(view), "- what it refers to\n`-- .a\n  `-- [0]\n    |-+ .left\n    `-+ .right\n");
    tui_push(&tui, view);
    table_to(&view->table, 3);
    UNIT_OK(view_tree_do(&tui, view, "unfold", false, &err), &err);
    // 0 is the root already.
    CU_ASSERT_STRING_EQUAL(
        drawn(view),
        "- what it refers to\n`-- .a\n  `-- [0]\n    |-- .left\n    | `-^ .back\n    `-+ .right\n");
    table_to(&view->table, 4);
    UNIT_OK(view_tree_do(&tui, view, "toggle", false, &err), &err);
    CU_ASSERT_EQUAL(view->table.cursor, 0); // where it was first
    table_to(&view->table, 5);
    UNIT_OK(view_tree_do(&tui, view, "unfold", false, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(drawn(view), "      `-- .x\n        |-+ [0]\n        `-~ 300 more: "));
    table_to(&view->table, 2);
    int before = asked;
    UNIT_OK(view_tree_do(&tui, view, "fold", false, &err), &err);
    CU_ASSERT_STRING_EQUAL(drawn(view), "- what it refers to\n`-- .a\n  `-+ [0]\n");
    UNIT_OK(view_tree_do(&tui, view, "fold", false, &err), &err);
    CU_ASSERT_EQUAL(view->table.cursor, 1); // folded already: to the line above that holds it
    CU_ASSERT_EQUAL(asked, before);
    tui_drop_views(&tui);
}

static void test_tree_refuses(void)
{
    struct tui tui;
    static struct session session;
    struct err err = ERR_INIT;
    prepare(&tui, &session);
    CU_ASSERT_PTR_NULL(view_open(&tui, "tree", &err));
    CU_ASSERT_PTR_NULL(view_open(&tui, "tree types '#0'", &err));
    CU_ASSERT_PTR_NULL(view_open(&tui, "tree referents '#99'", &err));
    CU_ASSERT_EQUAL(tui.view_count, 0);
}

// --- the overview: what comes while nobody presses a key ---

static bool cancels; // the next answer is cancelled, as if a key had come
static struct tui *asking;

static bool answer_overview(struct session *session, const char *line, struct report *report,
                            struct err *err)
{
    static const struct column info[] = { { COL(section), 0, 0, NULL },
                                          { COL(name), 0, 0, NULL },
                                          { COL(value), 0, 0, NULL },
                                          { .name = NULL } };
    (void)session;
    asked++;
    if (cancels) {
        asking->typed[asking->typed_count++] = 't';
        return err_set(err, ERR_CANCELLED, "cancelled");
    }
    report_columns(report, "info", info);
    report_row(
        report,
        (const struct cell[]){ cell_text("generation 0"), cell_text("objects"), cell_count(70) },
        err);
    if (strcmp(line, "info --quick")) {
        report_row(report,
                   (const struct cell[]){ cell_text("heap"), cell_text("objects"), cell_count(99) },
                   err);
    }
    return true;
}

static void test_overview(void)
{
    struct tui tui;
    static struct session session;
    struct err err = ERR_INIT;
    prepare(&tui, &session);
    tui.ask = answer_overview;
    asking = &tui;
    asked = 0;
    cancels = false;
    struct view *view = view_open(&tui, "overview", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
    CU_ASSERT_EQUAL(asked, 1); // the generations only
    tui.yields = cancels = true;
    CU_ASSERT_FALSE(view->ops->later(&tui, view)); // finding objects does not give way: it stops
    CU_ASSERT_FALSE(tui.yields);
    CU_ASSERT_PTR_NOT_NULL(strstr(tui.message, "C-r continues"));
    view_free(view);
    tui.typed_count = 0;
    cancels = false;
    view = view_open(&tui, "overview", &err);
    CU_ASSERT_TRUE(view->ops->later(&tui, view)); // the objects are found
    CU_ASSERT_TRUE(view->ops->later(&tui, view)); // and read
    tui.yields = cancels = true;
    tui.message[0] = 0;
    for (int i = 0; i < 3; i++) { // the rest gives way, and is asked for again
        asked = 0;
        CU_ASSERT_TRUE(view->ops->later(&tui, view));
        CU_ASSERT_EQUAL(asked, 1);
        CU_ASSERT_STRING_EQUAL(tui.message, "");
        tui.typed_count = 0;
    }
    cancels = false;
    int steps = 0;
    while (view->ops->later(&tui, view) && steps < 20) {
        steps++;
    }
    CU_ASSERT_EQUAL(steps, 4); // types, three collections; findings are the last
    view_free(view);
}

// --- answers that end early ---

static enum err_kind ends;

static bool answer_halfway(struct session *session, const char *line, struct report *report,
                           struct err *err)
{
    (void)session, (void)line;
    report_columns(report, "referents", edge_columns);
    for (int i = 0; i < (ends == ERR_NONE ? 3 : 2); i++) {
        add_edge(report, ".a", 1, err);
    }
    return ends == ERR_NONE
           || (ends == ERR_MEMORY ? err_memory(err, "rows") : err_set(err, ends, "cancelled"));
}

// What came is kept, and which of the two it was is said; what failed otherwise leaves what was there.
static void test_halfway(void)
{
    struct tui tui;
    static struct session session;
    struct err err = ERR_INIT;
    struct table table;
    prepare(&tui, &session);
    tui.ask = answer_halfway;
    table_init(&table, &session);
    ends = ERR_CANCELLED;
    UNIT_OK(view_fill(&tui, &table, "x", &err), &err);
    CU_ASSERT_EQUAL(table.shown, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(tui.message, "cancelled: these are the rows"));
    ends = ERR_NONE;
    UNIT_OK(view_fill(&tui, &table, "x", &err), &err);
    ends = ERR_READ;
    CU_ASSERT_FALSE(view_fill(&tui, &table, "x", &err));
    CU_ASSERT_EQUAL(table.shown, 3);
    ends = ERR_MEMORY;
    UNIT_OK(view_fill(&tui, &table, "x", &err), &err);
    CU_ASSERT_EQUAL(table.shown, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(tui.message, "out of memory"));
    CU_ASSERT_PTR_NOT_NULL(strstr(tui.message, "these are the rows"));
    table_fini(&table);
}

// --- outlines ---

static const char *lines_of(const struct table *table)
{
    static char text[32];
    size_t i = 0;
    for (; i < table->shown && i < sizeof text - 1; i++) {
        text[i] = (char)('0' + table_at(table, i));
    }
    text[i] = 0;
    return text;
}

static void test_outline(void)
{
    static const unsigned depths[] = { 0, 1, 2, 1, 0, 1 };
    struct table table;
    struct err err = ERR_INIT;
    bool wrapped;
    table_init(&table, NULL);
    report_columns(&table.report, "x", edge_columns);
    for (unsigned i = 0; i < 6; i++) {
        char name[] = { (char)('a' + i), 0 };
        report_row(
            &table.report,
            (const struct cell[]){ cell_text(report_text(&table.report, name, 1)), cell_null() },
            &err);
        outline_add(&table.outline, i, depths[i], &err);
    }
    table_filled(&table);
    table_drop_order(&table);
    CU_ASSERT_STRING_EQUAL(lines_of(&table), "04");
    UNIT_OK(table_fold(&table, "toggle", false, &err), &err);
    CU_ASSERT_STRING_EQUAL(lines_of(&table), "0134");
    UNIT_OK(table_fold(&table, "toggle", false, &err), &err);
    UNIT_OK(table_fold(&table, "unfold", true, &err), &err);
    CU_ASSERT_STRING_EQUAL(lines_of(&table), "01234");
    table_to(&table, 2);
    UNIT_OK(table_fold(&table, "fold", false, &err), &err); // to the line above
    CU_ASSERT_EQUAL(table.cursor, 1);
    table_to(&table, 0);
    UNIT_OK(table_fold(&table, "fold", false, &err), &err);
    CU_ASSERT_STRING_EQUAL(lines_of(&table), "04");
    UNIT_OK(table_search(&table, "^f$", false, &wrapped, NULL, &err),
            &err); // what is folded is found
    CU_ASSERT_STRING_EQUAL(lines_of(&table), "045");
    CU_ASSERT_EQUAL(table.cursor, 2);
    UNIT_OK(table_sort(&table, 0, true, NULL, &err), &err); // sorted, they stand alone
    CU_ASSERT_STRING_EQUAL(lines_of(&table), "543210");
    CU_ASSERT_FALSE(table_fold(&table, "toggle", false, &err));
    UNIT_OK(table_sort(&table, -1, false, NULL, &err), &err);
    CU_ASSERT_STRING_EQUAL(lines_of(&table), "045");
    table_fini(&table);
}

// --- history ------------------------------------------------------------------------------------

static struct view *some_view(const char *line)
{
    struct view *view = calloc(1, sizeof *view);
    table_init(&view->table, NULL);
    view->ops = &view_rows;
    view->name = "types";
    view->line = strdup(line);
    return view;
}

static void test_history(void)
{
    struct tui tui = { 0 };
    CU_ASSERT_FALSE(tui_back(&tui));
    CU_ASSERT_FALSE(tui_forward(&tui));
    tui_push(&tui, some_view("a"));
    tui_push(&tui, some_view("b"));
    tui_push(&tui, some_view("c"));
    CU_ASSERT_TRUE(tui_back(&tui));
    CU_ASSERT_TRUE(tui_back(&tui));
    CU_ASSERT_FALSE(tui_back(&tui));
    CU_ASSERT_STRING_EQUAL(tui_view(&tui)->line, "a");
    CU_ASSERT_TRUE(tui_forward(&tui));
    CU_ASSERT_STRING_EQUAL(tui_view(&tui)->line, "b");
    tui_push(&tui, some_view("d")); // c is gone
    CU_ASSERT_EQUAL(tui.view_count, 3);
    CU_ASSERT_FALSE(tui_forward(&tui));
    for (int i = 0; i < 2 * HISTORY_MAX; i++) {
        tui_push(&tui, some_view(i % 2 ? "e" : "f"));
    }
    tui_push(&tui, some_view("e")); // where one is already: no second place
    CU_ASSERT_EQUAL(tui.view_count, HISTORY_MAX);
    CU_ASSERT_STRING_EQUAL(tui.views[0]->line, "a"); // where q ends
    CU_ASSERT_STRING_EQUAL(tui_view(&tui)->line, "e");
    tui_drop_views(&tui);
}

// --- lines --------------------------------------------------------------------------------------

static void test_words(void)
{
    static const char *const all[] = { "dict",  "a b",  "it's",     "",  "f.<locals>.g",
                                       "\"x\"", "a\\b", "<lambda>", "é", "%o" };
    struct text line = TEXT_INIT;
    struct words words;
    struct err err = ERR_INIT;
    size_t count = sizeof all / sizeof *all;
    for (size_t i = 0; i < count; i++) {
        line_add_word(&line, all[i]);
    }
    UNIT_OK(words_split(&words, text_string(&line), &err), &err);
    CU_ASSERT_EQUAL_FATAL(words.count, count);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_STRING_EQUAL(words.items[i], all[i]);
    }
    words_fini(&words);
    text_clear(&line);
    UNIT_OK(words_split(&words, "types -t dict -g 1 --garbage -n 5", &err), &err);
    line_add_selection(&line, &words);
    CU_ASSERT_STRING_EQUAL(text_string(&line), "-t dict -g 1 --garbage");
    words_fini(&words);
    text_fini(&line);
}

static void test_expand(void)
{
    static const struct column columns[] = { { COL(type), 0, 0, NULL },
                                             { COL(count), 0, COLUMN_RIGHT, NULL },
                                             { COL(next), 0, 0, NULL },
                                             { .name = NULL } };
    struct tui tui = { 0 };
    struct err err = ERR_INIT;
    struct text out = TEXT_INIT;
    struct view *view = some_view("types -g 2");
    UNIT_OK(words_split(&view->words, "types -g 2", &err), &err);
    view->subject = NODE_NONE;
    report_columns(&view->table.report, "types", columns);
    report_row(&view->table.report,
               (const struct cell[]){ cell_text("my type"), cell_count(5),
                                      cell_text("objects -t 'my type'") },
               &err);
    table_filled(&view->table);
    tui_push(&tui, view);
    UNIT_OK(line_expand(&tui, "objects -t %[type] %s 100%", &out, &err), &err);
    CU_ASSERT_STRING_EQUAL(text_string(&out), "objects -t 'my type'  -g 2 100%");
    text_clear(&out);
    UNIT_OK(line_expand(&tui, "%{next}", &out, &err), &err);
    CU_ASSERT_STRING_EQUAL(text_string(&out), "objects -t 'my type'");
    text_clear(&out);
    UNIT_OK(line_expand(&tui, "ring %{count} %w", &out, &err), &err);
    CU_ASSERT_STRING_EQUAL(text_string(&out), "ring 5  -g 2");
    CU_ASSERT_FALSE(line_expand(&tui, "object %o", &out, &err));
    CU_ASSERT_STRING_EQUAL(err.text, "no object on this line");
    CU_ASSERT_FALSE(line_expand(&tui, "%{nothing}", &out, &err));
    CU_ASSERT_FALSE(line_expand(&tui, "%{nothing", &out, &err));
    text_fini(&out);
    tui_drop_views(&tui);
}

// --- bookmarks ----------------------------------------------------------------------------------

static void test_bookmarks(void)
{
    char folder[] = "/tmp/ouro-marks-XXXXXX", core[64];
    struct bookmarks marks;
    struct err err = ERR_INIT;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(core, sizeof core, "%s/core.1", folder);
    FILE *file = fopen(core, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fclose(file);
    setenv("XDG_STATE_HOME", folder, 1);
    bookmarks_open(&marks, core, 0);
    CU_ASSERT_EQUAL(marks.count, 0);
    UNIT_OK(bookmarks_set(&marks, 'a', 0x7f10, "object 0x7f10", "dict {}", "die \"Ursache\"", &err),
            &err);
    UNIT_OK(bookmarks_set(&marks, 'B', 0, "types -g 2", "", NULL, &err), &err);
    UNIT_OK(bookmarks_set(&marks, 'a', 0x7f20, "object 0x7f20", "list []", "again", &err), &err);
    bookmarks_fini(&marks);
    bookmarks_open(&marks, core, 0);
    CU_ASSERT_EQUAL(marks.count, 2);
    CU_ASSERT_STRING_EQUAL(bookmarks_find(&marks, 'a')->note, "again");
    CU_ASSERT_EQUAL(bookmarks_letter(&marks, 0x7f20), 'a');
    CU_ASSERT_EQUAL(bookmarks_letter(&marks, 0x7f10), 0);
    CU_ASSERT_STRING_EQUAL(bookmarks_find(&marks, 'B')->line, "types -g 2");
    UNIT_OK(bookmarks_remove(&marks, 'a', &err), &err);
    CU_ASSERT_FALSE(bookmarks_remove(&marks, 'a', &err));
    char path[sizeof marks.path];
    snprintf(path, sizeof path, "%s", marks.path);
    bookmarks_fini(&marks);
    file = fopen(path, "w"); // a damaged file counts as none
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs("{ \"marks\": [ { \"mark\": 7 }, ", file);
    fclose(file);
    bookmarks_open(&marks, core, 0);
    CU_ASSERT_EQUAL(marks.count, 0);
    bookmarks_fini(&marks);
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    CU_ASSERT_EQUAL(system(command), 0);
    unsetenv("XDG_STATE_HOME");
}

UNIT_SUITE(views, { "a tree unfolds, marks what it has, says where it stops", test_tree },
           { "a tree of nothing", test_tree_refuses },
           { "the overview comes in steps", test_overview },
           { "answers that end early", test_halfway }, { "lines below lines", test_outline },
           { "back and forward", test_history }, { "words survive quoting", test_words },
           { "lines out of rows", test_expand }, { "marks are kept", test_bookmarks })
