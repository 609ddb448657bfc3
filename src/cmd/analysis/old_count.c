// SPDX-License-Identifier: GPL-3.0-or-later
// The collector's counts of old objects: see old_count.h.
#include "cmd/analysis/old_count.h"

#include <stdlib.h>

static bool old_count_take(const struct python *py, struct old_count *out, struct err *err)
{
    const struct layout *l = &py->layout;
    if (py->rules.free_threaded || py->rules.incremental || !py->interpreter_count)
        return err_set(err, ERR_UNSUPPORTED, "its collector does not count what is old");
    addr gc = py->interpreters[0].gc;
    if (gc && l->_gc_runtime_state_long_lived_total >= 0
        && l->_gc_runtime_state_long_lived_pending >= 0) {
        out->total = gc + (uint64_t)l->_gc_runtime_state_long_lived_total;
        out->pending = gc + (uint64_t)l->_gc_runtime_state_long_lived_pending;
        return true;
    }
    if (gc || !l->sym_long_lived_total || !l->sym_long_lived_pending)
        return err_set(err, ERR_UNSUPPORTED, "it is not known where its collector counts");
    out->total = python_static(py, l->sym_long_lived_total);
    out->pending = python_static(py, l->sym_long_lived_pending);
    return true;
}

bool old_count_find(const struct session_options *how, pid_t pid, struct old_count *out,
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
