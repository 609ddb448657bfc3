// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of `types`, `retained` and `diff` by other groups, and types with what each retains: the
// view's line is rewritten, in the same place of the history.
#include <string.h>

#include "heap/analysis/group.h"
#include "tui/state.h"
#include "tui/view.h"

// The value of `--by X` or `--by=X`; *at: where it is, *taken: how many words it takes.
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

// What `b` cycles through, as values of --by; "": no --by; a word with dashes: an option.
struct regroup_ring {
    const char *command;
    const char *const *words;
};

static const char *const by_retained[] = {
    "", "type", "owner", "module", "thread", "--drops", NULL
};
static const char *const by_diff[] = { "", "module", "path", "line", "memory", NULL };
static const struct regroup_ring rings[] = { { "retained", by_retained }, { "diff", by_diff } };

// Whether a grouping is possible: by line only with tracemalloc.
static bool regroup_is_there(struct session *session, const char *word)
{
    return strcmp(word, "line") != 0 || session_tracemalloc(session)->state == TRACEMALLOC_ON;
}

static const char *regroup_next_type(struct session *session, const char *by)
{
    enum group_by kind = by ? group_called(by) : GROUP_TYPE;
    do {
        kind = kind + 1 < GROUP_KINDS ? (enum group_by)(kind + 1) : GROUP_TYPE;
    } while (!regroup_is_there(session, group_word(kind)));
    return kind == GROUP_TYPE ? "" : group_word(kind);
}

static const char *const *regroup_ring_of(const char *command)
{
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
        if (!strcmp(rings[i].command, command)) {
            return rings[i].words;
        }
    }
    return NULL;
}

// The value after the one that the words have.
static const char *regroup_next(struct session *session, const char *const *ring,
                                const struct words *words, const char *by)
{
    size_t at = 0;
    for (size_t i = 1; ring[i]; i++) {
        bool here = by ? !strcmp(ring[i], by) : words_has(words, ring[i]);
        at = here ? i : at;
    }
    do {
        at = ring[at + 1] ? at + 1 : 0;
    } while (!regroup_is_there(session, ring[at]));
    return ring[at];
}

static void write_line(struct session *session, const struct view *view, bool retained,
                       struct text *line)
{
    size_t at, taken;
    const struct words *words = &view->words;
    const char *by = find_by(words, &at, &taken), *next = by ? by : "";
    text_add(line, view->line, strcspn(view->line, " "));
    const char *const *ring = regroup_ring_of(text_string(line));
    if (!retained) {
        next = ring ? regroup_next(session, ring, words, by) : regroup_next_type(session, by);
    }
    if (*next) {
        text_add_format(line, strncmp(next, "--", 2) ? " --by %s" : " %s", next);
    }
    for (size_t i = 1; i < words->count; i++) {
        if ((i < at || i >= at + taken) && strcmp(words->items[i], "--drops") != 0) {
            line_add_word(line, words->items[i]);
        }
    }
    if (retained && !words_has(words, "--retained")) {
        text_add_string(line, " --retained");
    }
}

bool tui_regroup(struct tui *tui, bool retained, struct err *err)
{
    static const char *const views[] = { "types", "groups", "retained", "diff", "growth" };
    struct view *view = tui_view(tui);
    bool can = false;
    for (size_t i = 0; view && i < sizeof views / sizeof *views; i++) {
        can |= !strcmp(view->name, views[i]) && (!retained || i < 2);
    }
    if (!can) {
        return err_set(err, ERR_USAGE,
                       "regroup: only the rows of `types` can be regrouped; t shows them");
    }
    struct text line = TEXT_INIT;
    write_line(tui->session, view, retained, &line);
    struct view *fresh = text_ok(&line, err) ? view_open(tui, text_string(&line), err) : NULL;
    text_fini(&line);
    if (fresh) {
        tui_replace(tui, fresh);
    }
    return fresh != NULL;
}
