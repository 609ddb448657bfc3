// SPDX-License-Identifier: GPL-3.0-or-later
// What the screen itself can be told, by `:` or by a key: moving, searching, sorting, marks,
// leaving. Commands of the engine are not here.
#ifndef OURO_TUI_ACTION_H
#define OURO_TUI_ACTION_H

#include "tui/action_run.h"

struct action {
    const char *name;
    const char *usage;
    const char *note;
    bool raw; // the rest of the line is one word: regular expressions, prompts
    action_run_function *run;
};

extern const struct action actions[];               // ended by a row without a name
const struct action *action_find(const char *name); // exact; null
bool action_is(const char *name);

#endif
