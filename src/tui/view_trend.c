// SPDX-License-Identifier: GPL-3.0-or-later
// `diff A B C --trend`: above the rows, the memory of the whole process, and when it reaches its
// limit. Enter compares a row's objects with the first moment.
#include <stdio.h>
#include <string.h>

#include "tui/state.h"
#include "tui/view.h"

enum { HEAD_ROWS = 3 }; // with a line between

struct trend_page {
    char memory[400], verdicts[400];
};

// "▁▃█  1.2 GiB at the last of 3 moments, +10.0 MiB/h; 2.0 GiB are reached in 3.2 hours".
static void view_trend_tell_memory(const struct report *report, struct text *out)
{
    const struct cell *memory = report_summary_cell(report, "memory"),
                      *resident = report_summary_cell(report, "resident"),
                      *rate = report_summary_cell(report, "rate"),
                      *moments = report_summary_cell(report, "moments");
    if (memory) {
        text_add_format(out, "%s  ", memory->s);
    }
    if (resident) {
        text_add_size(out, resident->u);
        text_add_string(out, " at the last of ");
    }
    text_add_format(out, "%llu moments", moments ? (unsigned long long)moments->u : 0);
    if (rate) {
        text_add_string(out, rate->i < 0 ? ", -" : ", +");
        text_add_size(out, rate->i < 0 ? 0 - (uint64_t)rate->i : (uint64_t)rate->i);
        text_add_string(out, "/h");
    } else {
        text_add_string(out, ", no rate is known");
    }
    if (report->sentence) {
        text_add_format(out, "; %s", report->sentence);
    }
}

// "2 grow at every step, 5 saw-tooth ...": in the order in which they come.
static void view_trend_tell_verdicts(const struct report *report, struct text *out)
{
    struct {
        const char *words;
        size_t rows;
    } seen[16];
    size_t count = 0, column = report_column(report, COL_verdict);
    for (size_t row = 0; row < report->row_count && column < report->column_count; row++) {
        const char *words = report->cells[row * report->column_count + column].s;
        size_t i = 0;
        while (i < count && strcmp(seen[i].words, words)) {
            i++;
        }
        if (i == count && count < sizeof seen / sizeof *seen) {
            seen[count].words = words;
            seen[count++].rows = 0;
        }
        if (i < count) {
            seen[i].rows++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        text_add_format(out, "%s%zu %s", i ? ", " : "", seen[i].rows, seen[i].words);
    }
}

static bool open_trend(struct tui *tui, struct view *view, struct err *err)
{
    struct trend_page *page = view->state;
    struct text text = TEXT_INIT;
    if (!view_fill(tui, &view->table, view->line, err)) {
        return false;
    }
    view_trend_tell_memory(&view->table.report, &text);
    snprintf(page->memory, sizeof page->memory, "%s", text_string(&text));
    text_clear(&text);
    view_trend_tell_verdicts(&view->table.report, &text);
    snprintf(page->verdicts, sizeof page->verdicts, "%s", text_string(&text));
    text_fini(&text);
    return true;
}

static void view_trend_put(struct area area, int row, const char *label, const char *text)
{
    if (row < area.rows) {
        int at = area.column + 2;
        term_put(area.row + row, at, 10, STYLE_DIM, label);
        term_put(area.row + row, at + 11, area.columns - 13, STYLE_PLAIN, text);
    }
}

static void draw_trend(struct tui *tui, struct view *view, struct area area)
{
    const struct trend_page *page = view->state;
    view_trend_put(area, 0, "process", page->memory);
    view_trend_put(area, 1, "rows", page->verdicts);
    if (area.rows > HEAD_ROWS) {
        term_line(area.row + 2, area.column, area.columns, GLYPH_ACROSS, STYLE_DIM);
    }
    area.row += HEAD_ROWS;
    area.rows = area.rows > HEAD_ROWS ? area.rows - HEAD_ROWS : 0;
    view_draw_rows(tui, view, area);
}

// Follows a row by the column that names it.
static bool follow_trend(struct tui *tui, struct view *view, struct text *line, struct err *err)
{
    static const struct {
        enum column_id column;
        const char *before, *after; // around the first moment's file
    } forms[] = {
        { COL_type, "diff", " --by path -t %[type]" },
        { COL_module, "objects --group module:%[module] --new", "" },
        { COL_path, "objects --group path:%[path] --new", "" },
        { COL_line, "objects --group line:%[line] --new", "" },
        { COL_row, "diff", " --by memory" },
        { COL_suspect, "diff", " --suspects" },
    };
    struct args args;
    size_t i = 0, count = sizeof forms / sizeof *forms;
    while (i < count && table_column(&view->table, forms[i].column)) {
        i++;
    }
    if (!args_parse(&args, command_find("diff"), view->words.count - 1, view->words.items + 1,
                    err)) {
        return false;
    }
    if (i == count || !args.word_count) {
        return err_set(err, ERR_USAGE, "there is no row");
    }
    struct text form = TEXT_INIT;
    text_add_string(&form, forms[i].before);
    line_add_word(&form, args.words[0]);
    text_add_string(&form, forms[i].after);
    bool ok = text_ok(&form, err) && line_expand(tui, text_string(&form), line, err);
    text_fini(&form);
    return ok;
}

const struct view_ops view_trend = {
    .title = "trends",
    .plain = true,
    .state_size = sizeof(struct trend_page),
    .open = open_trend,
    .draw = draw_trend,
    .follow = follow_trend,
};
