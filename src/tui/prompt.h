// SPDX-License-Identifier: GPL-3.0-or-later
// Asking for a line, or for a key, on the last line of the screen.
//
// The editing is GNU readline's, through its callback interface: its keys, its history (one for
// commands, which is kept on disk, one for searches, one for filters), completion by
// session_complete. readline has one state per process; all of it is put back after every line,
// because inside gdb it is gdb's too.
#ifndef OURO_TUI_PROMPT_H
#define OURO_TUI_PROMPT_H

struct tui;

enum prompt_kind { PROMPT_COMMAND, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_NOTE, PROMPT_KINDS };

// The line as typed, for free(). Null: given up with Esc, Ctrl-C, or by deleting what is not there.
char *prompt_read(struct tui *tui, enum prompt_kind kind, const char *lead, const char *initial);
// One key after a question; 27 for Esc.
int prompt_key(struct tui *tui, const char *question);

#endif
