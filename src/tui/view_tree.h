// SPDX-License-Identifier: GPL-3.0-or-later
// The tree's own verbs, for the actions toggle, unfold and fold.
#ifndef OURO_TUI_VIEW_TREE_H
#define OURO_TUI_VIEW_TREE_H

#include "tui/view.h"

// `tree dominators` with --past, or without it again: the line to open.
bool view_tree_past(const struct view *view, struct text *line, struct err *err);
bool view_tree_do(struct tui *tui, struct view *view, const char *verb, bool all, struct err *err);

#endif
