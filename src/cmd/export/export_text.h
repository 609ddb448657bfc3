// SPDX-License-Identifier: GPL-3.0-or-later
// Objects with their references as JSON Lines, CSV or TSV in a file.
//
//      object,type,gen,refcount,bytes,tracked,collectable,evidence,refs[,holds]
//
// refs are the addresses that tp_traverse visits, in its order; holds (with `all`) those that are
// kept alive without being visited. In JSON they are arrays; else separated by blanks.
//
// Does not know: where the file is to go in the end. Borrows: the source.
// Cost: about 1 us an object with its references; nothing is formatted by printf.
#ifndef OURO_CMD_EXPORT_EXPORT_TEXT_H
#define OURO_CMD_EXPORT_EXPORT_TEXT_H

#include "sql/heap_file.h"

enum export_format { EXPORT_JSONL, EXPORT_CSV, EXPORT_TSV, EXPORT_SQLITE };

bool export_text(int fd, enum export_format format, const struct heap_file_source *source,
                 uint64_t *objects, uint64_t *refs, struct err *err);

#endif
