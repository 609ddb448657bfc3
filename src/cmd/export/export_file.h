// SPDX-License-Identifier: GPL-3.0-or-later
// A file that is there whole or not at all: written beside its place as FILE.part, and moved there at
// the end. It must not be there yet, and only its owner may read it.
//
// Owns: the descriptor and the name of the part, until export_file_keep() or export_file_drop().
#ifndef OURO_CMD_EXPORT_EXPORT_FILE_H
#define OURO_CMD_EXPORT_EXPORT_FILE_H

#include <stdint.h>

#include "base/err.h"
#include "base/text.h"

struct export_file {
    int fd;
    const char *path; // borrowed
    struct text part;
};

bool export_file_create(struct export_file *file, const char *path, struct err *err);
// Moves it to its place; *bytes its length. When that fails nothing is left.
bool export_file_keep(struct export_file *file, uint64_t *bytes, struct err *err);
void export_file_drop(struct export_file *file);

#endif
