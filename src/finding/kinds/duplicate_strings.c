// SPDX-License-Identifier: GPL-3.0-or-later
// Equal strings, many times each: sharing one would do.
#include <string.h>

#include "finding/saving.h"

#define SAMPLE 64
#define ARRAYS_MOST 4 // an array, and what it is a view of
#define TEXTS_PERCENT 15
#define COLUMN_PERCENT 40 // of the heap: less is normal for a table of strings
#define HOLDERS_MAX 8     // referrers that are asked

static bool duplicate_strings_is_of_pandas(const struct finder *f, node n)
{
    return !strncmp(finder_type_name(f, n), "pandas.", 7);
}

// Whether it is a value in a column of a pandas table: in an array of objects, or a view of one,
// that belongs to a block of a DataFrame, an Index or the like.
static bool duplicate_strings_is_in_column(const struct finder *f, node n)
{
    const struct csr *reverse = &f->heap->reverse;
    for (int step = 0; step < ARRAYS_MOST; step++) {
        uint64_t first = csr_first(reverse, n), end = csr_end(reverse, n);
        node array = NODE_NONE;
        for (uint64_t e = first; e < end && e < first + HOLDERS_MAX; e++) {
            node holder = reverse->to[e] & EDGE_NODE;
            if (step && duplicate_strings_is_of_pandas(f, holder))
                return true;
            if (type_is_exact(finder_type(f, holder), TRAIT_ARRAY))
                array = holder;
        }
        if (array == NODE_NONE || array == n)
            return false;
        n = array;
    }
    return false;
}

// sys.intern() takes only str, and no subclass of it; before 3.0 a str holds bytes.
static const char *duplicate_strings_cure(const struct finder *f, node n)
{
    if (duplicate_strings_is_in_column(f, n))
        return "they are in a column of pandas objects: astype(\"category\") keeps one of each";
    const struct type *type = finder_type(f, n);
    bool two = f->py->rules.two;
    if (type_is_exact(type, TRAIT_TEXT) && (!two || type->flags & TPFLAGS_BYTES_SUBCLASS))
        return two ? "intern() where these texts are made, or a dict of those already seen, keeps "
                     "one of each"
                   : "sys.intern() where these texts are made, or a dict of those already seen, "
                     "keeps one of each";
    return "a dict of those already seen, where they are made, keeps one of each";
}

static bool duplicate_strings_add(struct finder *f, const struct duplicates *same,
                                  enum severity severity, struct err *err)
{
    node members[SAMPLE];
    const struct duplicates_group *top = &same->groups[0];
    size_t count = duplicates_members(top, f, members, SAMPLE);
    const char *place = saving_place(f, members, count);
    bool in_column = duplicate_strings_is_in_column(f, top->first); // tables repeat values
    if (in_column && same->bytes / COLUMN_PERCENT < f->heap->bytes / 100)
        severity = SEVERITY_INFO;
    if (severity == SEVERITY_LOW && same->bytes / TEXTS_PERCENT < f->heap->bytes / 100)
        severity = SEVERITY_INFO; // imported modules repeat strings
    const struct finding finding = {
        .severity = severity,
        .bytes = same->bytes,
        .objects = same->others,
        .object = top->first,
        .what = finder_text(f, "%s of %s %s: %s (%s of the heap) wasted",
                            finder_count(f, same->others), finder_plural(f, same->looked, "text"),
                            text_plural(same->others, "duplicates another", "duplicate others"),
                            finder_size(f, same->bytes), finder_percent(f, same->bytes)),
        .why = finder_text(f, "%s is there %s times%s%s; %s", finder_preview(f, top->first, 40),
                           finder_count(f, top->others + UINT64_C(1)), *place ? ", mostly as " : "",
                           place, duplicate_strings_cure(f, top->first)),
        .next = finder_text(f, "referrers %s", finder_word(f, top->first)),
    };
    return finder_add(f, &finding, err);
}

static bool duplicate_strings_find(struct finder *f, struct err *err)
{
    return saving_by_sharing(f, DUPLICATES_TEXTS, ROLE_STRING, duplicate_strings_add, err);
}

const struct finding_kind finding_duplicate_strings = {
    .name = "duplicate-strings",
    .help = "duplicate strings and bytes, where keeping one of each would save memory",
    .needs = FINDING_NEEDS_ROOTS,
    .find = duplicate_strings_find,
};
