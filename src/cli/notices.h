// SPDX-License-Identifier: GPL-3.0-or-later
// What goes to stderr beside an answer: warnings, progress, and the phases' times where OURO_TIMING
// asks for them.
//
// Does not know: what the work is. Progress is one line that is drawn over itself on a terminal, or
// with --progress one line per phase elsewhere; it is cleared before anything else is written.
//
// OURO_TIMING=1: a line "ouro: timing: PHASE CPU_SECONDS RSS_KIB OBJECTS" at the end of each phase:
// blanks in the phase are underscores; the seconds count from the start of the program; RSS is the
// greatest so far; the objects are what the phase counted last.
#ifndef OURO_CLI_NOTICES_H
#define OURO_CLI_NOTICES_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/progress.h"
#include "cli/options.h"

struct notices {
    bool quiet, progress, timing, terminal;
    bool shared;                              // stdout goes to the same terminal
    bool drawn;                               // a progress line stands on the terminal
    const char *phase;                        // that runs; null: none
    uint64_t done;                            // what it said last
    uint64_t next_draw;                       // in milliseconds
    const volatile sig_atomic_t *interrupted; // not 0: stop what runs; null: nobody says so
};

void notices_init(struct notices *notices, const struct options *options);
struct progress notices_progress(struct notices *notices);
void notices_warn(void *context, const char *sentence); // context: the notices
// Ends the running phase: its line of timing, no more progress on the terminal.
void notices_end(struct notices *notices);
// Takes the progress line off the terminal. context: the notices.
void notices_clear(void *context);
// "ouro: sentence", after the progress line is gone.
void notices_say(struct notices *notices, const char *sentence);

#endif
