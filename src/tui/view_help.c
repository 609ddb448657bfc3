// SPDX-License-Identifier: GPL-3.0-or-later
// Small views over what the screen itself knows: the keys of a view, the marks, one row in full.
#include <string.h>

#include "tui/state.h"
#include "tui/view.h"

// --- help: the key table for the view that it was opened from -----------------------------------

static const struct column help_columns[] = {
    { COL(key), 0, 0, "the key" },
    { COL(note), 0, COLUMN_WIDE, "what it does" },
    { COL(line), 0, 0, "the command line that it runs" },
    { .name = NULL },
};

static bool add_section(struct report *report, const char *title, struct err *err)
{
    return report_row(report,
                      (const struct cell[]){ cell_text(""), cell_text(title), cell_text("") }, err);
}

static const char *section_of(const struct key_row *row)
{
    return !strcmp(row->view, "*") ? "everywhere" : "in this view";
}

static bool view_help_add_keys(struct tui *tui, const struct view *from, struct report *report,
                               struct err *err)
{
    const struct key_row *rows[256];
    size_t count =
        keys_of(&tui->keys, from->name, from->ops->plain, rows, sizeof rows / sizeof *rows);
    const char *section = "";
    for (size_t i = 0; i < count;) {
        if (strcmp(section, section_of(rows[i]))) {
            section = section_of(rows[i]);
            if (!add_section(report,
                             report_format(report, "--- %s%s%s ---", section,
                                           *section == 'i' ? ": " : "",
                                           *section == 'i' ? from->name : ""),
                             err)) {
                return false;
            }
        }
        struct text keys = TEXT_INIT;
        size_t first = i;
        do { // a row without a note is another key for the row above
            text_add_format(&keys, "%s%s", keys.size ? " " : "", rows[i]->key);
            i++;
        } while (i < count && !rows[i]->note && !strcmp(rows[i]->line, rows[first]->line));
        const char *note = rows[first]->note ? rows[first]->note : "the same by another key";
        bool ok = report_row(
            report,
            (const struct cell[]){
                cell_text(report_text(report, text_string(&keys), keys.size)), cell_text(note),
                cell_text(report_text(report, rows[first]->line, strlen(rows[first]->line))) },
            err);
        text_fini(&keys);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool open_help(struct tui *tui, struct view *view, struct err *err)
{
    if (view->words.count > 1) { // `help types`: a command's help
        view->name = "command";
        return view_fill(tui, &view->table, view->line, err);
    }
    struct view *from = tui_view(tui);
    struct report *report = &view->table.report;
    report_columns(report, "help", help_columns);
    bool ok = view_help_add_keys(tui, from ? from : view, report, err)
              && add_section(report, "--- commands, after : ---", err);
    for (size_t i = 0; ok && commands[i]; i++) {
        const char *line = report_format(report, "help %s", commands[i]->name);
        ok = report_row(
            report,
            (const struct cell[]){ cell_text(commands[i]->name),
                                   cell_text(report_format(report, "%s  %s", commands[i]->summary,
                                                           commands[i]->usage)),
                                   cell_text(line) },
            err);
    }
    table_filled(&view->table);
    return ok;
}

const struct view_ops view_help = {
    .name = "help",
    .title = "keys",
    .open = open_help,
    .draw = view_draw_table,
};

// --- marks --------------------------------------------------------------------------------------

static const struct column mark_columns[] = {
    { COL(mark), 0, 0, "its letter" },
    { COL(note), 0, 0, "the note" },
    { COL(line), 0, 0, "the command line that goes there" },
    { COL(what), 0, COLUMN_WIDE, "what it was when it was marked" },
    { .name = NULL },
};

static bool open_marks(struct tui *tui, struct view *view, struct err *err)
{
    struct report *report = &view->table.report;
    report_columns(report, "marks", mark_columns);
    report->empty = "no marks yet: m and a small letter marks the object under the cursor, m and a "
                    "capital letter the whole view; marks are kept for this core";
    bool ok = true;
    for (size_t i = 0; ok && i < tui->marks.count; i++) {
        const struct bookmark *mark = &tui->marks.items[i];
        const struct cell cells[] = {
            cell_text(report_format(report, "%c", mark->letter)),
            mark->note ? cell_text(report_foreign(report, mark->note)) : cell_null(),
            cell_text(report_foreign(report, mark->line)),
            cell_text(report_foreign(report, mark->what)),
        };
        ok = report_row(report, cells, err);
    }
    table_filled(&view->table);
    return ok;
}

const struct view_ops view_marks = {
    .name = "marks",
    .title = "marks",
    .open = open_marks,
    .draw = view_draw_table,
};

// --- row: the line under the cursor, column by column -------------------------------------------

static const struct column row_columns[] = {
    { COL(name), 0, 0, "the column" },
    { COL(value), 0, COLUMN_WIDE, "its text in full" },
    { .name = NULL },
};

// How much of a value fits next to the names.
static size_t value_width(void)
{
    enum { NAMES = 16, LEAST = 40, WITHOUT_SCREEN = 160 };
    int columns = term_is_open() ? term_columns() - NAMES : WITHOUT_SCREEN;
    return columns > LEAST ? (size_t)columns : LEAST;
}

// Where a line of the text from `at` on ends: after a blank if there is one, never inside of a
// character.
static size_t line_end(const char *text, size_t size, size_t at, size_t width)
{
    if (size - at <= width) {
        return size;
    }
    size_t end = at + width;
    for (size_t i = end; i > at + width / 2; i--) {
        if (text[i - 1] == ' ') {
            return i;
        }
    }
    while (end > at + 1 && ((unsigned char)text[end] & 0xc0) == 0x80) {
        end--;
    }
    return end;
}

// A long value takes several lines.
static bool add_value(struct report *report, const char *name, const struct cell *lazy,
                      const char *text, struct err *err)
{
    size_t size = strlen(text), width = value_width();
    if (size <= width && lazy->kind != CELL_TEXT) {
        return report_row(report, (const struct cell[]){ cell_text(name), *lazy }, err);
    }
    size_t at = 0;
    do {
        size_t end = line_end(text, size, at, width);
        const struct cell cells[] = { cell_text(at ? "" : name),
                                      cell_text(report_text(report, text + at, end - at)) };
        if (!report_row(report, cells, err)) {
            return false;
        }
        at = end;
    } while (at < size);
    return true;
}

static bool open_row(struct tui *tui, struct view *view, struct err *err)
{
    struct view *from = tui_view(tui);
    const struct table *table = from ? view_table(from) : NULL;
    const struct cell *row = table ? table_row(table) : NULL;
    if (!row) {
        return err_set(err, ERR_NOT_FOUND, "there is no line to show in full");
    }
    struct report *report = &view->table.report;
    report_columns(report, "row", row_columns);
    view->subject = table_object_of(&table->report, row);
    const struct table *facts = view_is(from, &view_object) ? view_object_facts(from) : NULL;
    bool ok = true;
    struct text text = TEXT_INIT;
    size_t count = facts ? facts->report.row_count : table->report.column_count;
    for (size_t i = 0; ok && i < count; i++) {
        const struct report *source = facts ? &facts->report : &table->report;
        const struct cell *cell = facts ? &source->cells[i * source->column_count + 1] : &row[i];
        const char *name =
            facts ? source->cells[i * source->column_count].s : source->columns[i].name;
        text_clear(&text);
        report_cell_text(source, cell, NULL, 0, &text);
        ok = add_value(report, facts ? report_format(report, "%s", name) : name, cell,
                       text_string(&text), err);
    }
    text_fini(&text);
    if (facts) {
        view->subject = from->subject;
    }
    table_filled(&view->table);
    return ok;
}

const struct view_ops view_row = {
    .name = "row",
    .title = "one line in full",
    .open = open_row,
    .draw = view_draw_table,
};
