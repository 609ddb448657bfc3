// SPDX-License-Identifier: GPL-3.0-or-later
// Where the program's own files are.
#ifndef OURO_CLI_INSTALL_DIRS_H
#define OURO_CLI_INSTALL_DIRS_H

#include <stdbool.h>
#include <stddef.h>

// The folder that holds layouts/ and ouro/locate.py: $OURO_DATA, else the tree that the program was
// built in, else what stands beside it where it is installed, else where it was configured to be.
// Into `path`; false when none of them is there.
bool install_data(char *path, size_t size);

// The folder that holds ouro-traverse: the program's own, else libexec beside it, else where it was configured to be. False: there is none.
bool install_programs(char *path, size_t size);

// What the bundle has for containers without it: descriptions of terminals, and the characters of UTF-8 where the
// user's locale is of UTF-8 and not installed.
void install_terminals(void);

// The file of the prompt's history, its folders made; false: there is no place for one.
bool install_history(char *path, size_t size);

#endif
