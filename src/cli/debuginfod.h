// SPDX-License-Identifier: GPL-3.0-or-later
// Fetching debug information from the servers of DEBUGINFOD_URLS, when the user asked for that.
//
// Does not know: what it is for. A process of its own asks: elfutils' libdebuginfod, where that is
// installed, else its program debuginfod-find. What they fetch stays in their own cache, where
// target/debug_file.h looks. Only a build-id goes out; nothing else of a target does.
//
// Owns: nothing. Cost: a fork, and what the network takes; the progress may stop it.
#ifndef OURO_CLI_DEBUGINFOD_H
#define OURO_CLI_DEBUGINFOD_H

#include <stdbool.h>

#include "base/err.h"

// False: no server is named, or what is asked for may not be.
bool debuginfod_allowed(struct err *err);

// context: the notices. False: it was not to be had; err says why.
bool debuginfod_fetch(void *context, const char *build_id, struct err *err);

#endif
