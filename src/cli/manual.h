// SPDX-License-Identifier: GPL-3.0-or-later
// --help and the manual page, written from the tables of options, commands and keys: nothing is
// said twice.
#ifndef OURO_CLI_MANUAL_H
#define OURO_CLI_MANUAL_H

#include "base/text.h"

void manual_help(struct text *out); // what --help says
void manual_page(struct text *out); // doc/ouro.1, in mdoc

#endif
