// SPDX-License-Identifier: GPL-3.0-or-later
// Texts that are there many times: sharing one of each would do.
#include "finding/saving.h"

#define SAMPLE 64

static bool add(struct finder *f, const struct same *same, enum severity severity, struct err *err)
{
    node members[SAMPLE];
    const struct same_group *top = &same->groups[0];
    size_t count = same_members(top, f, members, SAMPLE);
    const char *place = saving_place(f, members, count);
    const struct finding finding = {
        .severity = severity,
        .bytes = same->bytes,
        .objects = same->others,
        .object = top->first,
        .what = finder_text(f, "%s of %s texts repeat others: %s (%s of the heap) for nothing",
                            finder_count(f, same->others), finder_count(f, same->looked),
                            finder_size(f, same->bytes), finder_percent(f, same->bytes)),
        .why = finder_text(
            f,
            "%s is there %s times%s%s; sys.intern() where such texts are made, or a dict of those "
            "seen, keeps one of each",
            finder_preview(f, top->first, 40), finder_count(f, top->others + UINT64_C(1)),
            *place ? ", mostly as " : "", place),
        .next = finder_text(f, "referrers %s", finder_word(f, top->first)),
    };
    return finder_add(f, &finding, err);
}

static bool find(struct finder *f, struct err *err)
{
    return saving_by_sharing(f, SAME_TEXTS, ROLE_STRING, add, err);
}

const struct finding_kind finding_duplicate_strings = {
    .name = "duplicate-strings",
    .help = "equal str and bytes objects, which sharing one of each would save",
    .needs = FINDING_NEEDS_ROOTS,
    .find = find,
};
