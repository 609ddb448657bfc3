// SPDX-License-Identifier: GPL-3.0-or-later
// Command lines made from what is under the cursor.
#include <string.h>

#include "tui/state.h"
#include "tui/view.h"

static bool line_is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || (c && strchr("_.:/+=@,-#$~^%<>", c));
}

void line_add_word(struct text *line, const char *word)
{
    if (line->size) {
        text_add_char(line, ' ');
    }
    const char *p = word;
    while (line_is_plain(*p)) {
        p++;
    }
    if (*word && !*p) {
        text_add_string(line, word);
        return;
    }
    text_add_char(line, '\'');
    for (p = word; *p; p++) {
        if (*p == '\'') {
            text_add_string(line, "'\\''");
        } else {
            text_add_char(line, *p);
        }
    }
    text_add_char(line, '\'');
}

void line_add_selection(struct text *line, const struct words *words)
{
    for (size_t i = 1; i < words->count; i++) {
        const char *word = words->items[i];
        static const char *const options[] = { "--generation", "--interpreter", "--type", "--group",
                                               "--min-size" };
        bool with_value = !strcmp(word, "-g") || !strcmp(word, "-t"),
             alone = !strcmp(word, "--garbage")
                     || ((!strncmp(word, "-g", 2) || !strncmp(word, "-t", 2)) && word[2]);
        for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
            size_t size = strlen(options[k]);
            bool begins = !strncmp(word, options[k], size);
            with_value = with_value || (begins && !word[size]);
            alone = alone || (begins && word[size] == '=');
        }
        if (with_value || alone) {
            line_add_word(line, word);
        }
        if (with_value && i + 1 < words->count) {
            line_add_word(line, words->items[++i]);
        }
    }
}

void line_add_address(const struct tui *tui, struct text *line, node n)
{
    text_add_address(line, heap_addr(&tui->session->heap, n));
}

static void line_add_cell(const struct table *table, const struct cell *row, size_t column,
                          struct text *out)
{
    report_cell_text(&table->report, &row[column], &table->report.columns[column], 0, out);
}

static int type_column(const struct table *table, const struct cell *row)
{
    for (size_t i = 0; i < table->report.column_count; i++) {
        if (row[i].kind == CELL_TYPE || row[i].kind == CELL_TYPE_OF) {
            return (int)i;
        }
    }
    return -1;
}

static bool line_add_object(struct tui *tui, struct view *view, struct text *out, struct err *err)
{
    node n;
    if (!table_object(view_table(view), &n)) {
        n = view->subject;
    }
    if (n == NODE_NONE) {
        return err_set(err, ERR_USAGE, "no object on this line");
    }
    line_add_address(tui, out, n);
    return true;
}

static bool add_column(struct view *view, int column, const char *name, bool quoted,
                       struct text *out, struct err *err)
{
    const struct cell *row = table_row(view_table(view));
    if (!row || column < 0 || row[column].kind == CELL_NULL) {
        return err_set(err, ERR_USAGE, "no %s on this line", name);
    }
    struct text text = TEXT_INIT;
    line_add_cell(view_table(view), row, (size_t)column, &text);
    if (quoted) { // line_add_word puts a blank before; the template has its own
        struct text word = TEXT_INIT;
        line_add_word(&word, text_string(&text));
        text_add_string(out, text_string(&word));
        text_fini(&word);
    } else {
        text_add_string(out, text_string(&text));
    }
    text_fini(&text);
    return true;
}

static bool add_named(struct view *view, const char **at, struct text *out, struct err *err)
{
    char close = **at == '{' ? '}' : ']', name[48];
    const char *end = strchr(*at, close);
    size_t size = end ? (size_t)(end - *at - 1) : sizeof name;
    if (size >= sizeof name) {
        return err_set(err, ERR_USAGE, "%s: a column's name must stand between the brackets", *at);
    }
    memcpy(name, *at + 1, size);
    name[size] = 0;
    *at = end + 1;
    return add_column(view, table_column_named(view_table(view), name), name, close == ']', out,
                      err);
}

bool line_expand(struct tui *tui, const char *line, struct text *out, struct err *err)
{
    struct view *view = tui_view(tui);
    for (const char *at = line; *at;) {
        if (*at != '%' || !at[1] || !strchr("otgsbw{[", at[1]) || !view) {
            text_add_char(out, *at++);
            continue;
        }
        const struct table *table = view_table(view);
        const struct cell *row = table_row(table);
        at++;
        char kind = *at++;
        bool ok = true;
        switch (kind) {
        case 'o':
            ok = line_add_object(tui, view, out, err);
            break;
        case 't':
            ok = add_column(view, row ? type_column(table, row) : -1, "type", true, out, err);
            break;
        case 'g':
            ok = add_column(view, table_column(table, COL_gen), "generation", true, out, err);
            break;
        case 's':
            line_add_selection(out, &view->words);
            break;
        case 'b':
            text_add_string(out, view_grouped_by(view) ? view_grouped_by(view) : "type");
            break;
        case 'w':
            for (size_t i = 1; i < view->words.count; i++) {
                line_add_word(out, view->words.items[i]);
            }
            break;
        default:
            at--;
            ok = add_named(view, &at, out, err);
        }
        if (!ok) {
            return false;
        }
    }
    return text_ok(out, err);
}
