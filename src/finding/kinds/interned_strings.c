// SPDX-License-Identifier: GPL-3.0-or-later
// interned-strings: strings that are immortal because they are interned, and that nobody uses any
// more.
//
// 3.12 makes every interned string immortal (Objects/unicodeobject.c, PyUnicode_InternInPlace), and
// so do free-threaded builds: sys.intern() interns, and so does setting an attribute, its name.
// Names that are made up at run time stay forever. Before 3.12, and from 3.13 on, they are freed
// when nothing refers to them.
//
// C extensions have some thousands that only their variables hold: a small part of a heap.
#include "finding/finder.h"
#include "graph/marks.h"

#define MANY 2000       // strings
#define PERCENT_LEAST 5 // of the heap
#define REFERRERS_MAX 8 // that are asked

struct interned {
    uint64_t count, bytes;
    node longest; // the one that is shown: the first of the longest
};

// Whether nothing but the table of interned strings holds it.
static bool interned_is_alone(const struct finder *f, node n)
{
    const struct csr *reverse = &f->heap->reverse;
    uint64_t first = csr_first(reverse, n), end = csr_end(reverse, n);
    if (first == end || end - first > REFERRERS_MAX)
        return false;
    for (uint64_t e = first; e < end; e++)
        if (marks_has(f->roots->only, reverse->to[e] & EDGE_NODE))
            return false;
    return true;
}

static struct interned interned_count(const struct finder *f)
{
    struct interned found = { .longest = NODE_NONE };
    for (node n = 0; n < f->heap->node_count; n++) {
        if (!(f->heap->flags[n] & NODE_IMMORTAL) || !(finder_roles(f, n) & ROLE_STRING)
            || target_module_of(f->py->target, heap_addr(f->heap, n)) >= 0
            || !interned_is_alone(f, n))
            continue;
        found.count++;
        found.bytes += heap_size(f->heap, n);
        if (found.longest == NODE_NONE || heap_size(f->heap, n) > heap_size(f->heap, found.longest))
            found.longest = n;
    }
    return found;
}

static bool interned_strings_find(struct finder *f, struct err *err)
{
    if (!f->py->rules.interned_immortal)
        return true;
    struct interned found = interned_count(f);
    if (found.count < MANY || found.bytes < f->heap->bytes / 100 * PERCENT_LEAST)
        return true;
    return finder_add(
        f,
        &(struct finding){
            .severity = finder_severity(f, found.bytes, HOME_PROGRAM),
            .object = found.longest,
            .objects = found.count,
            .bytes = found.bytes,
            .what = finder_text(f, "%s that nothing refers to any more: %s, %s of the heap",
                                finder_plural(f, found.count, "interned string"),
                                finder_size(f, found.bytes), finder_percent(f, found.bytes)),
            .why =
                finder_text(f,
                            "%s is one; this CPython makes a string immortal when it is interned, "
                            "by sys.intern() or as the name of an attribute that is set: such "
                            "strings are never freed; keep names that are made up at run time in a "
                            "dict instead of attributes, and intern only known names",
                            finder_preview(f, found.longest, 40)),
            .next = finder_text(f, "object 0x%llx",
                                (unsigned long long)heap_addr(f->heap, found.longest)),
        },
        err);
}

const struct finding_kind finding_interned_strings = {
    .name = "interned-strings",
    .help = "interned, and therefore immortal, strings that nothing refers to",
    .needs = FINDING_NEEDS_ROOTS,
    .needs_whole = true,
    .find = interned_strings_find,
};
