// SPDX-License-Identifier: GPL-3.0-or-later
// Objects with their references, or the references themselves, as JSON Lines, CSV or TSV.
//
//      object,type,gen,refcount,bytes,tracked,collectable,evidence,refs[,holds]
//      source,target,visited,borrowed,edge,slot            with `edges`: one row per reference
//
// refs are the addresses that tp_traverse visits, in its order; holds (with `all`) those that are
// kept alive without being visited. In JSON they are arrays; else separated by blanks.
//
// Does not know: how the files are called. Borrows: the source.
// Cost: about 0.5 us per object with its references, shared by the threads; several with their names,
// which are read by one alone. Nothing is formatted by printf.
#ifndef OURO_CMD_EXPORT_EXPORT_TEXT_H
#define OURO_CMD_EXPORT_EXPORT_TEXT_H

#include "cmd/export/export_sink.h"
#include "sql/heap_file.h"

enum export_format { EXPORT_JSONL, EXPORT_CSV, EXPORT_TSV, EXPORT_SQLITE };

// split: so many rows go into a file; 0: all. threads: the bytes do not depend on it. *objects and
// *refs: how many were written.
bool export_text(struct export_sink *sink, enum export_format format, uint64_t split,
                 const struct heap_file_source *source, unsigned threads, uint64_t *objects,
                 uint64_t *refs, struct err *err);

#endif
