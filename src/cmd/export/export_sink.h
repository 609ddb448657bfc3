// SPDX-License-Identifier: GPL-3.0-or-later
// Where the rows of an export go: one file, or several of so many rows each, packed on the way where
// the name ends in .zst. All of them are there in the end, or none.
//
//      heap.jsonl              all rows
//      heap.0001.jsonl ...     with `split`: so many rows each, from 1 on
//      heap.jsonl.zst          zstd
//
// Does not know: what a row is. Owns: the files until export_sink_keep or export_sink_drop.
#ifndef OURO_CMD_EXPORT_EXPORT_SINK_H
#define OURO_CMD_EXPORT_EXPORT_SINK_H

#include "base/outfile.h"

#define EXPORT_FILES_MAX 500 // all are open until the last one is whole

struct export_sink {
    const char *path;
    size_t ending; // where in it the ending begins: .jsonl, .csv.zst
    bool splits;
    struct outfile *files;
    size_t count, room;
    void *stream; // of zstd's; null: nothing is packed
    void *block;  // packed bytes on their way out
};

// `ending`: the length of the end of the path, which follows a file's number. Nothing of these
// names may be there. Borrows: the path.
bool export_sink_open(struct export_sink *sink, const char *path, size_t ending, bool splits,
                      bool packs, struct err *err);
bool export_sink_write(struct export_sink *sink, const void *bytes, size_t size, struct err *err);

// What comes goes into the next file.
bool export_sink_next(struct export_sink *sink, struct err *err);

// *bytes: their length together. False: none of them is there.
bool export_sink_keep(struct export_sink *sink, uint64_t *bytes, struct err *err);

// Accepts one that was kept, or failed to open.
void export_sink_drop(struct export_sink *sink);

#endif
