// SPDX-License-Identifier: GPL-3.0-or-later
// A long answer goes through a pager, where stdin and stdout are terminals.
//
// Does not know: what is shown. Which one: $OURO_PAGER, else $PAGER, else less or more, whichever is
// here; empty, or cat, means none. LESS is FRX where nobody set it: a short answer stays on the screen.
#ifndef OURO_CLI_PAGER_H
#define OURO_CLI_PAGER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/text.h"

struct pager {
    pid_t pid; // 0: none runs
    int fd;    // what it reads from
};

// The shell's line that starts it, in `command`. False: there is none.
bool pager_find(struct text *command);
// Runs a line of the shell that reads what is written to pager->fd.
bool pager_start(struct pager *pager, const char *command, struct err *err);
// No more comes: waits until it was left.
void pager_end(struct pager *pager);

#endif
