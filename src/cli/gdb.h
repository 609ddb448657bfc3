// SPDX-License-Identifier: GPL-3.0-or-later
// `ouro --gdb TARGET`: gdb on the target, with ouro's commands in it.
#ifndef OURO_CLI_GDB_H
#define OURO_CLI_GDB_H

#include "cli/options.h"

// Becomes gdb; returns only when that fails.
bool gdb_become(const struct options *options, struct err *err);

#endif
