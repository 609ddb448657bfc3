// SPDX-License-Identifier: GPL-3.0-or-later
// Marks, and the references that are ignored: see action_run.h.
#include "tui/action_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unused.h"
#include "tui/prompt.h"
#include "tui/state.h"
#include "tui/view.h"

#define WITHOUT " --without "

static void action_describe(struct tui *tui, struct text *out)
{
    const struct table *table = action_table(tui);
    const struct cell *row = table_row(table);
    for (size_t i = 0; row && i < table->report.column_count; i++) {
        if (row[i].kind == CELL_TYPE_OF || row[i].kind == CELL_TYPE
            || row[i].kind == CELL_PREVIEW) {
            text_add_string(out, out->size ? " " : "");
            report_cell_text(&table->report, &row[i], &table->report.columns[i], 60, out);
        }
    }
}

static bool action_mark_object(struct tui *tui, char letter, const char *note, struct err *err)
{
    node n = NODE_NONE;
    struct view *view = tui_view(tui);
    if (!table_object(view_table(view), &n)) {
        n = view->subject;
    }
    if (n == NODE_NONE) {
        return err_set(err, ERR_USAGE,
                       "no object on this line; a capital letter marks the whole view");
    }
    addr at = heap_addr(&tui->session->heap, n);
    struct text line = TEXT_INIT, what = TEXT_INIT;
    text_add_string(&line, "object ");
    text_add_address(&line, at);
    action_describe(tui, &what);
    bool ok =
        bookmarks_set(&tui->marks, letter, at, text_string(&line), text_string(&what), note, err);
    text_fini(&line);
    text_fini(&what);
    return ok;
}

bool action_run_mark(struct tui *tui, const char *line, UNUSED const struct words *words,
                     struct err *err)
{
    int letter = *line;
    char *note = NULL;
    if (!letter) {
        letter = prompt_key(tui, "mark with (a-z: the object, A-Z: the whole view): ");
        if (letter == 27 || letter == 3) {
            return true;
        }
    } else if (line[1]) {
        note = strdup(line + 1 + strspn(line + 1, " "));
    }
    bool small = letter >= 'a' && letter <= 'z', capital = letter >= 'A' && letter <= 'Z';
    if (!small && !capital) {
        free(note);
        return err_set(err, ERR_USAGE, "a mark is a letter");
    }
    if (!*line) {
        note = prompt_read(tui, PROMPT_NOTE, "note (Enter: none): ", NULL);
        if (!note) {
            return true;
        }
    }
    const char *here = tui_view(tui)->line;
    bool ok = small ? action_mark_object(tui, (char)letter, note, err)
                    : bookmarks_set(&tui->marks, (char)letter, 0, here, "", note, err);
    free(note);
    if (ok) {
        tui_say(tui, STYLE_GOOD, "marked %c; '%c comes back", letter, letter);
    }
    return ok;
}

bool action_run_unmark(struct tui *tui, UNUSED const char *line, const struct words *words,
                       struct err *err)
{
    if (words->count != 2 || words->items[1][1]) {
        return err_set(err, ERR_USAGE, "unmark: which letter?");
    }
    return bookmarks_remove(&tui->marks, words->items[1][0], err)
           && (!view_is(tui_view(tui), &view_marks) || action_run_reload(tui, line, words, err));
}

bool action_run_jump(struct tui *tui, UNUSED const char *line, const struct words *words,
                     struct err *err)
{
    int letter = words->count > 1 ? words->items[1][0] : prompt_key(tui, "jump to mark: ");
    if (letter == 27 || letter == 3) {
        return true;
    }
    const struct bookmark *mark =
        letter > 0 && letter < 128 ? bookmarks_find(&tui->marks, (char)letter) : NULL;
    if (!mark) {
        return err_set(err, ERR_NOT_FOUND, "no such mark; M lists them");
    }
    return tui_line(tui, mark->line, err);
}

// Where the reference is among the options, or null.
static char *action_without_find(struct tui *tui, const char *reference)
{
    size_t size = strlen(reference);
    for (char *at = tui->without; (at = strstr(at, WITHOUT)); at++) {
        const char *word = at + strlen(WITHOUT);
        if (!strncmp(word, reference, size)
            && (!word[size] || !strncmp(word + size, WITHOUT, strlen(WITHOUT))))
            return at;
    }
    return NULL;
}

static bool action_without_toggle(struct tui *tui, const char *reference, struct err *err)
{
    size_t used = strlen(tui->without), size = strlen(WITHOUT) + strlen(reference);
    char *at = action_without_find(tui, reference);
    if (at) {
        memmove(at, at + size, strlen(at + size) + 1);
        return true;
    }
    if (used + size >= sizeof tui->without)
        return err_set(err, ERR_USAGE, "too many references; `without none` clears them");
    snprintf(tui->without + used, sizeof tui->without - used, WITHOUT "%s", reference);
    return true;
}

bool action_run_without(struct tui *tui, UNUSED const char *line, const struct words *words,
                        struct err *err)
{
    char before[sizeof tui->without], command[sizeof tui->without + 16], word[512] = "";
    const char *reference = words->count > 1 ? words->items[1] : "";
    const char *quote = strchr(reference, '\'') ? "\"" : strpbrk(reference, " []\"") ? "'" : "";
    snprintf(word, sizeof word, "%s%s%s", quote, reference, quote);
    snprintf(before, sizeof before, "%s", tui->without);
    if (!strcmp(reference, "none"))
        *tui->without = 0;
    else if (*reference && !action_without_toggle(tui, word, err))
        return false;
    bool is_there = !strncmp(tui_view(tui)->line, "retained" WITHOUT, strlen("retained" WITHOUT));
    if (!*tui->without) {
        if (is_there)
            tui_back(tui);
        snprintf(tui->message, sizeof tui->message, "no reference is ignored");
        return true;
    }
    snprintf(command, sizeof command, "retained%s", tui->without);
    struct view *view = view_open(tui, command, err);
    if (!view) {
        snprintf(tui->without, sizeof tui->without, "%s", before);
        return false;
    }
    if (is_there)
        tui_replace(tui, view);
    else
        tui_push(tui, view);
    return true;
}
