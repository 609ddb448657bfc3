// SPDX-License-Identifier: GPL-3.0-or-later
// incomplete: a part of the target is missing, so that the other findings' counts are lower bounds.
#include "finding/finder.h"

static bool incomplete_tell(struct finder *f, const char *what, uint64_t bytes, struct err *err)
{
    return finder_add(f,
                      &(struct finding){
                          .severity = SEVERITY_INFO,
                          .bytes = bytes,
                          .object = NODE_NONE,
                          .what = what,
                          .why = "counts and sizes are lower bounds, and the missing part may hold "
                                 "what nothing else seems to hold: findings that depend on it are "
                                 "left out; take a whole core, or look at the process",
                          .next = "verify",
                          .is_first = true,
                      },
                      err);
}

static bool incomplete_find(struct finder *f, struct err *err)
{
    char text[240];
    uint32_t broken = heap_broken_lists(f->heap);
    if (target_incomplete_text(f->py->target, text, sizeof text)
        && !incomplete_tell(f, finder_text(f, "%s", text), target_incomplete(f->py->target), err))
        return false;
    return !broken
           || incomplete_tell(f,
                              finder_text(f, "%s of the collector %s not close",
                                          finder_plural(f, broken, "list"),
                                          text_plural(broken, "does", "do")),
                              0, err);
}

const struct finding_kind finding_incomplete = {
    .name = "incomplete",
    .help = "the target is truncated, has holes or a broken list: counts are lower bounds",
    .needs = FINDING_NEEDS_HEAP,
    .find = incomplete_find,
};
