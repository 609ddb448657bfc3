// SPDX-License-Identifier: GPL-3.0-or-later
// Redacted answers: see redact.h.
#include "cmd/redact.h"

bool session_redact(struct session *session, struct redaction *redaction, struct err *err)
{
    *redaction = (struct redaction){ 0 };
    if (session_is_redacted(session))
        return true;
    return session_need(session, NEEDS_ROOTS, err) && session_need(session, NEEDS_GARBAGE, err)
           && redact_begin(redaction, &session->heap, &session->roots, &session->options.progress,
                           err);
}
