// SPDX-License-Identifier: GPL-3.0-or-later
// Answers for readers who must not see the data: without any value or name of the target, except the
// names of types and modules.
//
//      struct redaction r;
//      session_redact(session, &r, err)      from here on every command answers redacted rows:
//      session_run(...)                      previews are null, names are forms: .? [?] local ?
//      session_unredact(session, &r)         and now it answers everything again
//
// A reader of rows need not know: it gets no secret. The summary of every answer says "redacted"; code
// that has the session asks session_is_redacted() (cmd/session/session.h). A command that can say
// nothing without values sets `reads_values` in its row (cmd/command.h); one that only partly needs
// them asks session_has_values() there.
//
// Does not know: what a command says. Owns: nothing; see heap/saved/redaction.h.
#ifndef OURO_CMD_SESSION_SESSION_REDACT_H
#define OURO_CMD_SESSION_SESSION_REDACT_H

#include "cmd/session/session.h"
#include "heap/saved/redaction.h"

// Redacts the session until session_unredact(). One that is redacted already stays so. Cost: roots,
// dry runs, and every reference decoded once more.
bool session_redact(struct session *session, struct redaction *redaction, struct err *err);
void session_unredact(struct session *session, struct redaction *redaction);

#endif
