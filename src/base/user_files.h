// SPDX-License-Identifier: GPL-3.0-or-later
// Where the user's own files are, by the XDG base directory specification.
#ifndef OURO_BASE_USER_FILES_H
#define OURO_BASE_USER_FILES_H

#include <stdbool.h>
#include <stddef.h>

// $VARIABLE/ouro/NAME, or $HOME/OTHERWISE/ouro/NAME; a variable that is not an absolute path does
// not count. With `make` the folders above the file are made. False: there is no home.
bool paths_find(const char *variable, const char *otherwise, const char *name, bool make, char *out,
                size_t size);

#endif
