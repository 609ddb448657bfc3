// SPDX-License-Identifier: GPL-3.0-or-later
// What a screen consists of: the session, the views that were opened, keys, marks, and the messages.
// Owns: the views, keys and marks. Borrows: the session.
#ifndef OURO_TUI_STATE_H
#define OURO_TUI_STATE_H

#include "cmd/session/session.h"
#include "tui/keys.h"
#include "tui/bookmarks.h"
#include "tui/table.h"
#include "tui/term.h"
#include "tui/tui.h"

struct view;

#define HISTORY_MAX 64

enum tui_end { TUI_STAYS, TUI_QUITS, TUI_TO_GDB };

// Long work and its bar on the last line.
struct busy {
    const char *phase;
    uint64_t started, phase_started, looked; // milliseconds
    bool cancelled, drawn;
    bool impatient; // any key ends it
    int depth;
};

struct tui {
    struct session *session;
    // Answers a command line with rows: session_run_line, or a test's own.
    bool (*ask)(struct session *session, const char *line, struct report *report, struct err *err);
    struct tui_options options;
    struct progress before; // the session's own, given back in the end
    struct keys keys;
    struct bookmarks marks;
    struct view *views[HISTORY_MAX]; // the way here, and what Backspace left ahead
    size_t view_count, at;           // at: the current one; view_count 0: none yet
    char target[256], python[64];    // for the title, from `info`
    char message[512];
    enum style message_style;
    char search[256];
    char without[1024]; // references that are thought away, as options: " --without app.CACHE"
    bool search_backward;
    struct busy busy;
    bool interrupted; // the last key was Ctrl-C
    struct hint {     // what stands on the bottom line, for the mouse
        int from, to, key;
    } hints[32];
    size_t hint_count;
    bool no_detail; // the pane under tables is off
    bool yields;    // the work under way gives way to any key: nobody asked for it
    int typed[64];  // keys that came while something was worked out
    size_t typed_count;
    enum tui_end end;
    bool started;
    int silent;    // reads in a row that gave no key
    int click_row; // a second click on the same row opens it
};

// --- history.c ---
struct view *tui_view(const struct tui *tui); // null before the first
void tui_push(struct tui *tui, struct view *view);
void tui_replace(struct tui *tui, struct view *view); // in the current one's place
bool tui_back(struct tui *tui);
bool tui_forward(struct tui *tui);
void tui_drop_views(struct tui *tui);
void tui_arrive(struct tui *tui); // the current view's rows are there, asked for again if need be

// --- action.c ---
const char *tui_word(size_t i); // the screen's own words; null after the last

// --- loop.c ---
bool tui_line(struct tui *tui, const char *line, struct err *err);
void tui_key(struct tui *tui, int key);
int tui_read_key(struct tui *tui, int milliseconds);
void tui_say(struct tui *tui, enum style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// --- screen.c ---
void screen_draw(struct tui *tui);
struct table_look tui_look(struct tui *tui, bool focused);

// --- detail.c ---
// How many of a view's lines the pane under its table takes; 0: there is none.
int detail_rows(const struct tui *tui, const struct table *table, int rows);
void detail_draw(const struct table *table, struct area area);

// --- busy.c ---
void busy_begin(struct tui *tui);
void busy_end(struct tui *tui);
struct progress busy_progress(struct tui *tui);
// The work that failed gave way to a key: it is to be tried again.
bool busy_yielded(const struct tui *tui, const struct err *err);

// --- regroup.c ---
// `types` by the next grouping, or with what each group retains.
bool tui_regroup(struct tui *tui, bool retained, struct err *err);

// --- rc.c ---
void rc_read(struct tui *tui);
bool rc_set(struct tui *tui, const char *what, const char *value, struct err *err);

// --- write.c ---
bool write_table(const struct table *table, const char *path, struct err *err);

#endif
