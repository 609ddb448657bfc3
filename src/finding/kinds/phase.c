// SPDX-License-Identifier: GPL-3.0-or-later
// phase: the interpreter is starting up or shutting down, which may explain what is odd.
#include "finding/finder.h"

static bool phase_find(struct finder *f, struct err *err)
{
    static const char *const texts[] = {
        [PHASE_UNFINISHED] = "the interpreter is starting or ending: it has no sys.modules",
        [PHASE_STARTS] = "the interpreter is starting: it has no __main__ yet",
        [PHASE_FINALIZES] = "the interpreter is finalizing",
    };
    if (f->py->phase == PHASE_RUNS)
        return true;
    return finder_add(
        f,
        &(struct finding){
            .severity = SEVERITY_INFO,
            .object = NODE_NONE,
            .what = texts[f->py->phase],
            .why = "modules and objects are not there yet, or are being cleared: other findings "
                   "here may not be the program's fault; look at it while it runs",
            .next = "info",
            .is_first = true,
        },
        err);
}

const struct finding_kind finding_phase = {
    .name = "phase",
    .help = "the interpreter is starting or finalizing: modules and objects come and go",
    .needs = FINDING_NEEDS_HEAP,
    .find = phase_find,
};
