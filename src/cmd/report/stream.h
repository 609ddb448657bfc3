// SPDX-License-Identifier: GPL-3.0-or-later
// What the sinks that write to a descriptor share: blocks of 64 KiB, and a reader that may go away.
#ifndef OURO_CMD_REPORT_STREAM_H
#define OURO_CMD_REPORT_STREAM_H

#include "cmd/report/report.h"

// Writes the buffer when a block is full. False: the reader went away, or the user said stop
// (report->stopped is set), or the write failed.
bool stream_block(struct report *report, struct err *err);
bool stream_flush(struct report *report, struct err *err);

#endif
