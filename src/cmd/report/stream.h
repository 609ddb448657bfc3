// SPDX-License-Identifier: GPL-3.0-or-later
// What the sinks that write to a descriptor share: blocks of 64 KiB, and a reader that may go away.
#ifndef OURO_CMD_REPORT_STREAM_H
#define OURO_CMD_REPORT_STREAM_H

#include "cmd/report/report.h"

// Writes the buffer when a block is full. False: the reader went away, or the user said stop
// (report->stopped is set), or the write failed.
bool stream_block(struct report *report, struct err *err);
bool stream_flush(struct report *report, struct err *err);

// Whether the answer is paragraphs: it has a column of sentences, and the lines have a width.
bool report_is_prose(const struct report *report);
// Appends one row: what identifies it, its sentences wrapped, the rest with its columns' names. A
// blank line comes before all but the first where a row has more than one sentence.
void report_add_prose(const struct report *report, const struct cell *cells, bool first,
                      struct text *out);

#endif
