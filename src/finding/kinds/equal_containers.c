// SPDX-License-Identifier: GPL-3.0-or-later
// Very many containers with equal content.
#include "finding/saving.h"

#define SAMPLE 64

static bool equal_containers_add(struct finder *f, const struct duplicates *same,
                                 enum severity severity, struct err *err)
{
    node members[SAMPLE];
    const struct duplicates_group *top = &same->groups[0];
    size_t count = duplicates_members(top, f, members, SAMPLE);
    const char *place = saving_place(f, members, count);
    const struct finding finding = {
        .severity = severity,
        .bytes = same->bytes,
        .objects = same->others,
        .object = top->first,
        .what = finder_text(
            f, "%s %s exactly what another one holds: %s (%s of the heap) or more wasted",
            finder_count(f, same->others),
            text_plural(same->others, "container holds", "containers hold"),
            finder_size(f, same->bytes), finder_percent(f, same->bytes)),
        .why = finder_text(f,
                           "%s %s is there %s times%s%s; those that never change can share one. "
                           "Only equal items in the same order were compared, one level deep",
                           finder_type_name(f, top->first), finder_preview(f, top->first, 60),
                           finder_count(f, top->others + UINT64_C(1)), *place ? ", mostly as " : "",
                           place),
        .next = finder_text(f, "referrers %s", finder_word(f, top->first)),
    };
    return finder_add(f, &finding, err);
}

static bool equal_containers_find(struct finder *f, struct err *err)
{
    return saving_by_sharing(f, DUPLICATES_CONTAINERS,
                             ROLE_DICT | ROLE_LIST | ROLE_TUPLE | ROLE_SET, equal_containers_add,
                             err);
}

const struct finding_kind finding_equal_containers = {
    .name = "equal-containers",
    .help = "tuples, lists, dicts and sets with the same content as others",
    .needs = FINDING_NEEDS_ROOTS,
    .find = equal_containers_find,
};
