// SPDX-License-Identifier: GPL-3.0-or-later
// Answers for readers who must not see the data: without any value or name of the target, except the
// names of types and modules.
//
//      struct disclosed d;
//      disclosed_begin(&d, session, args_disclosure(args), err)      --redact: from here on every
//      session_run(...)                command answers so: previews are null, names forms: .? [?] local ?
//      disclosed_end(&d)               and now it answers everything again
//
// A reader of rows need not know: it gets no secret. The summary of every answer says "redacted"; code
// that has the session asks session_has_values() (cmd/session/session.h). A command that can say
// nothing without values sets `reads_values` in its row (cmd/command.h); one that only partly needs
// them asks session_need_values() there.
//
// Does not know: what a command says. Owns: nothing; see heap/saved/redaction.h. Borrows: the session,
// in between.
#ifndef OURO_CMD_SESSION_DISCLOSED_H
#define OURO_CMD_SESSION_DISCLOSED_H

#include "cmd/session/session.h"
#include "heap/saved/redaction.h"

struct disclosed {
    struct session *session;
    struct redaction redaction;
};

// A session that hides values already goes on doing so. Cost of hiding them: roots, dry runs, and
// every reference decoded once more.
bool disclosed_begin(struct disclosed *disclosed, struct session *session, enum disclosure how,
                     struct err *err);
void disclosed_end(struct disclosed *disclosed); // accepts a zeroed one

#endif
