// SPDX-License-Identifier: GPL-3.0-or-later
// How much answers show: see disclosed.h.
#include "cmd/session/disclosed.h"

// Drops what depends on it: files and lines, names of groups.
static void disclosed_forget(struct session *session)
{
    if (session->has_tracemalloc)
        tracemalloc_free(&session->tracemalloc);
    session->has_tracemalloc = false;
    groups_fini(&session->groups);
}

bool disclosed_begin(struct disclosed *disclosed, struct session *session, enum disclosure how,
                     struct err *err)
{
    *disclosed = (struct disclosed){ .session = session };
    if (discloses_values(how) || !session_has_values(session))
        return true;
    if (!session_need(session, NEEDS_ROOTS, err) || !session_need(session, NEEDS_GARBAGE, err)
        || !redact_begin(&disclosed->redaction, &session->heap, &session->roots,
                         &session->options.progress, err))
        return false;
    disclosed_forget(session);
    return true;
}

void disclosed_end(struct disclosed *disclosed)
{
    if (!disclosed->redaction.heap)
        return;
    redact_end(&disclosed->redaction);
    disclosed_forget(disclosed->session);
}
