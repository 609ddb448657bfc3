// SPDX-License-Identifier: GPL-3.0-or-later
// What `info` says of a heap, kept in its file: so that a saved heap of any size answers at once,
// without a look at its objects or its memory.
//
// Does not know: what the rows say. They are the answer of the very version that wrote them; another
// version works them out anew. Not kept of a heap that is not whole, or is redacted: their answers
// depend on more than rows.
//
// Owns: nothing; texts are the report's. Borrows: the session.
#ifndef OURO_CMD_SESSION_SAVED_INFO_H
#define OURO_CMD_SESSION_SAVED_INFO_H

#include "cmd/session/session.h"

// Asks `info`, and writes its rows but those of `left_out`, sections that are about the opened file
// itself; ended by null.
bool saved_info_write(struct session *session, const char *const *left_out, struct store_out *out,
                      struct err *err);

bool saved_info_has(const struct session *session);
// Hands the rows on to a report with the same columns. A file by hand may hold anything: what is no
// row of `info` is refused.
bool saved_info_tell(struct session *session, struct report *report, struct err *err);

#endif
