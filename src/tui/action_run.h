// SPDX-License-Identifier: GPL-3.0-or-later
// What stands behind the rows of action.c, file by file, and what these files share.
//
// Does not know: which key or word runs it. Owns: nothing.
#ifndef OURO_TUI_ACTION_RUN_H
#define OURO_TUI_ACTION_RUN_H

#include "base/err.h"
#include "cmd/session/words.h"

struct table;
struct tui;

typedef bool action_run_function(struct tui *tui, const char *line, const struct words *words,
                                 struct err *err);

// action.c
action_run_function action_run_reload;
struct table *action_table(struct tui *tui); // of the view; null without one

// action_move.c
action_run_function action_run_move;
action_run_function action_run_top;
action_run_function action_run_bottom;
action_run_function action_run_left;
action_run_function action_run_right;
action_run_function action_run_pane;
action_run_function action_run_goto;
// Gets the rows that are still to come, where not all are there yet.
bool action_complete(struct tui *tui, struct err *err);

// action_find.c
action_run_function action_run_search;
action_run_function action_run_search_back;
action_run_function action_run_next;
action_run_function action_run_previous;
action_run_function action_run_filter;
action_run_function action_run_clear;
action_run_function action_run_sort;

// action_mark.c
action_run_function action_run_mark;
action_run_function action_run_unmark;
action_run_function action_run_jump;
action_run_function action_run_without;

#endif
