// SPDX-License-Identifier: GPL-3.0-or-later
// Which of very many things a question holds for, a part at a time: whoever asked shows the first that
// were found while the rest is looked at, and is free to stop.
//
//      parts:    0 1 2 3 4 5 6 ...      of SWEEP_PART things each
//                ✓ ✓ ✓ · ✓ · ·          taken in order, by this process and its helpers
//                      ^ known           all before it are done: in order, none is left out
//
// Helpers are forked copies of this process, one a processor: they see what it saw, share nothing but
// the board, and end with it. They are worth their start only for a long sweep, and the question must
// be one that a copy can answer (no gdb, no process that is held). One that dies leaves its part to us.
//
// Does not know: rows, filters. Owns: the board, the helpers. Cost: the question's, over the processors.
#ifndef OURO_TUI_SWEEP_H
#define OURO_TUI_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum { SWEEP_PART = 4096, SWEEP_HELPERS = 7 };

struct sweep_board;

struct sweep {
    size_t count, parts;
    size_t known; // parts, from the first on
    bool (*holds)(void *context, size_t i);
    void *context;
    struct sweep_board *board; // null: nothing is swept
    size_t board_size;
    pid_t helpers[SWEEP_HELPERS];
    size_t helper_count;
};

bool sweep_init(struct sweep *sweep, size_t count, bool (*holds)(void *context, size_t i),
                void *context, struct err *err);
// Accepts a zeroed one. Ends the helpers.
void sweep_fini(struct sweep *sweep);
// From now on others help: so many processes with this one, and no more than there are processors.
void sweep_help(struct sweep *sweep, unsigned most);
// Looks at one part, or waits a moment for one that a helper has.
void sweep_step(struct sweep *sweep);
// So many things, from the first on, are known.
size_t sweep_known(const struct sweep *sweep);
static inline bool sweep_is_done(const struct sweep *sweep)
{
    return sweep->known == sweep->parts;
}
// Whether it holds for one that is known.
bool sweep_has(const struct sweep *sweep, size_t i);

#endif
