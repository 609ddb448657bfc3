// SPDX-License-Identifier: GPL-3.0-or-later
// The screen: views on the rows of commands, kept between visits.
//
// Does not know: how a target is opened, nor any byte of it. It runs command lines in a session and
// draws what they answer.
//
// A struct tui is the whole state (views, history, marks, search): tui_resume shows it until the
// user leaves, and a later tui_resume is back at the very same place. The terminal is only touched
// inside tui_resume, which always restores it.
//
// Owns: its views. Borrows: the session, whose options.progress it takes over while it is shown.
#ifndef OURO_TUI_TUI_H
#define OURO_TUI_TUI_H

#include <stdbool.h>

#include "base/err.h"

struct session;
struct text;

enum tui_colors { TUI_COLORS_AUTO, TUI_COLORS_ALWAYS, TUI_COLORS_NEVER };

struct tui_options {
    const char *start;      // the first view's command line; null: the overview
    enum tui_colors colors; // auto: as NO_COLOR and the terminal say
    bool ascii;             // no line drawing beyond ASCII
    bool no_mouse;
    bool in_gdb;   // `!` and Ctrl-Z lead back to gdb's prompt
    bool no_files; // neither ourorc nor history nor marks: for tests
};

struct tui;

struct tui *tui_new(struct session *session, const struct tui_options *options, struct err *err);
// Shows the screen until the user leaves. *quit (may be null): true for `quit`, false when the user
// only went to gdb's prompt. False when the terminal cannot do it: the sentence says why.
bool tui_resume(struct tui *tui, bool *quit, struct err *err);
// The session is about to be closed and opened anew, in the same place: gives up what came out of
// it. History and marks stay, and the next tui_resume asks again.
void tui_retire(struct tui *tui);
void tui_free(struct tui *tui);

// All three, for callers that show the screen once.
bool tui_run(struct session *session, const struct tui_options *options, struct err *err);

// The key table as the manual shows it: a line "view<TAB>keys<TAB>command line<TAB>note" for every
// key.
void tui_list_keys(struct text *out);

#endif
