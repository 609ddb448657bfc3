// SPDX-License-Identifier: GPL-3.0-or-later
// Redacted answers: see session_redact.h.
#include "cmd/session/session_redact.h"

// Drops what depends on redaction: files and lines, names of groups.
static void session_redact_forget(struct session *session)
{
    if (session->has_tracemalloc)
        tracemalloc_free(&session->tracemalloc);
    session->has_tracemalloc = false;
    groups_fini(&session->groups);
}

bool session_redact(struct session *session, struct redaction *redaction, struct err *err)
{
    *redaction = (struct redaction){ 0 };
    if (session_is_redacted(session))
        return true;
    if (!session_need(session, NEEDS_ROOTS, err) || !session_need(session, NEEDS_GARBAGE, err)
        || !redact_begin(redaction, &session->heap, &session->roots, &session->options.progress,
                         err))
        return false;
    session_redact_forget(session);
    return true;
}

void session_unredact(struct session *session, struct redaction *redaction)
{
    if (!redaction->heap)
        return;
    redact_end(redaction);
    session_redact_forget(session);
}
