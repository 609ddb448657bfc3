// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the number of our files in a folder down: the oldest ones go.
//
// A file of ours is a regular one of this user's that begins with the prefix and ends in .heap, .core or
// .html; links and what others own are left alone. Does not know: who writes the next one. Owns: nothing.
#ifndef OURO_CLI_KEEP_H
#define OURO_CLI_KEEP_H

#include <stdint.h>

// So that one more makes `keep`, which is 1 or more.
void keep_make_room(const char *folder, const char *prefix, uint64_t keep);

#endif
