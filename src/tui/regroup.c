// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of `types` in other groups, and with what each group keeps alive: the view's line
// written anew, in the view's own place in the history.
#include <string.h>

#include "heap/analysis/group.h"
#include "tui/state.h"
#include "tui/view.h"

// The value of `--by X` or `--by=X`; *at: where it stands, *taken: how many words it is.
static const char *find_by(const struct words *words, size_t *at, size_t *taken)
{
    for (size_t i = 1; i < words->count; i++) {
        *at = i;
        *taken = 1;
        if (!strncmp(words->items[i], "--by=", 5)) {
            return words->items[i] + 5;
        }
        if (!strcmp(words->items[i], "--by") && i + 1 < words->count) {
            *taken = 2;
            return words->items[i + 1];
        }
    }
    *at = words->count;
    *taken = 0;
    return NULL;
}

const char *view_grouped_by(const struct view *view)
{
    size_t at, taken;
    const char *by = find_by(&view->words, &at, &taken);
    return by && strcmp(by, "type") ? by : NULL;
}

static bool regroup_has_word(const struct words *words, const char *word)
{
    for (size_t i = 1; i < words->count; i++) {
        if (!strcmp(words->items[i], word)) {
            return true;
        }
    }
    return false;
}

// By line only where tracemalloc was on.
static const char *next_grouping(struct session *session, const char *by)
{
    enum group_by kind = by ? group_called(by) : GROUP_TYPE;
    bool traced = session_tracemalloc(session)->state == TRACEMALLOC_ON;
    if (kind + 1 == GROUP_LINE && !traced)
        kind = GROUP_LINE;
    kind = kind + 1 < GROUP_KINDS ? (enum group_by)(kind + 1) : GROUP_TYPE;
    return group_word(kind);
}

static void write_line(struct session *session, const struct words *words, bool retained,
                       struct text *line)
{
    size_t at, taken;
    const char *by = find_by(words, &at, &taken);
    text_add_string(line, "types");
    by = retained ? by : next_grouping(session, by);
    if (by && strcmp(by, "type")) {
        text_add_string(line, " --by ");
        line_add_word(line, by);
    }
    for (size_t i = 1; i < words->count; i++) {
        if (i < at || i >= at + taken) {
            line_add_word(line, words->items[i]);
        }
    }
    if (retained && !regroup_has_word(words, "--retained")) {
        text_add_string(line, " --retained");
    }
}

bool tui_regroup(struct tui *tui, bool retained, struct err *err)
{
    struct view *view = tui_view(tui);
    if (!view || (strcmp(view->name, "types") && strcmp(view->name, "groups"))) {
        return err_set(err, ERR_USAGE, "regroup: the rows of `types` can be; t shows them");
    }
    struct text line = TEXT_INIT;
    write_line(tui->session, &view->words, retained, &line);
    struct view *fresh = text_ok(&line, err) ? view_open(tui, text_string(&line), err) : NULL;
    text_fini(&line);
    if (fresh) {
        tui_replace(tui, fresh);
    }
    return fresh != NULL;
}
