// SPDX-License-Identifier: GPL-3.0-or-later
// The collector's counts of old objects: see old_count.h.
#include "cmd/session/old_count.h"

#include <stdlib.h>

static bool old_count_take(const struct python *py, struct gc_old_count *out, struct err *err)
{
    if (py->rules.free_threaded || !py->interpreter_count)
        return err_set(err, ERR_UNSUPPORTED, "its collector does not count old objects");
    return gc_find_old_count(py, &py->interpreters[0], out)
           || err_set(err, ERR_UNSUPPORTED, "it is not known where its collector counts");
}

bool old_count_find(const struct session_options *how, pid_t pid, struct gc_old_count *out,
                    struct err *err)
{
    struct session_options options = *how;
    options.core = NULL;
    options.pid = pid;
    options.hold = options.glance = options.no_gdb = true;
    options.still = options.bare = false;
    options.fetch = NULL;
    options.warn = NULL;
    options.progress = (struct progress){ 0 };
    struct session *session = calloc(1, sizeof *session);
    if (!session)
        return err_memory(err, "the process");
    bool ok = session_open(session, &options, err);
    if (ok) {
        ok = session_need(session, NEEDS_PYTHON, err) && old_count_take(&session->py, out, err);
        session_close(session);
    }
    free(session);
    return ok;
}
