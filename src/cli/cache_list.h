// SPDX-License-Identifier: GPL-3.0-or-later
// `ouro cache list` and `ouro cache clear`: what was learned about builds, and kept.
#ifndef OURO_CLI_CACHE_LIST_H
#define OURO_CLI_CACHE_LIST_H

#include "base/err.h"

// what: "list", one line per file with its size and its first sentence, or "clear", which removes them.
bool cache_show(const char *what, struct err *err);

#endif
