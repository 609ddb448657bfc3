// SPDX-License-Identifier: GPL-3.0-or-later
// suspect: whatever keeps much of the heap, of any shape. If another kind has reported the same
// thing, its finding is the reason: the two become one row.
#include <stdlib.h>
#include <string.h>

#include "finding/cause.h"
#include "finding/registries.h"

#define TOLD_MAX 12
#define MEMBERS_MAX 64
#define ABOVE_MAX 4 // steps up the tree of dominators

// "app.CACHE, a dict of 12,000"
static const char *suspect_name(struct finder *f, node n, const char *name)
{
    const char *type = finder_type_name(f, n);
    uint64_t length = finder_length(f, n);
    if (finder_roles(f, n) & ROLE_MODULE)
        return name;
    bool counts = (finder_roles(f, n) & (ROLE_GROWS | ROLE_TUPLE)) && length;
    return finder_text(f, "%s, %s %s%s%s", name, text_article(type), type, counts ? " of " : "",
                       counts ? finder_count(f, length) : "");
}

static const char *suspect_what(struct finder *f, const struct suspect *s,
                                const struct contents *contents, const char *name)
{
    const char *size = finder_size(f, s->bytes), *share = finder_share(f, s->bytes);
    const char *in_it = contents_text(f, contents);
    const char *colon = *in_it ? ": " : "";
    const char *type = type_row(f->py->types, s->type)->name;
    switch (s->form) {
    case SUSPECT_CHAIN:
        return finder_text(f, "%s is the first of a chain of %s %s: %s, %s%s%s", name,
                           finder_count(f, s->count), type, size, share, colon, in_it);
    case SUSPECT_CLASS:
        return finder_text(f, "%s %s, held by %s, keep %s, %s%s%s", finder_count(f, s->count), type,
                           *name ? name : "various things", size, share, colon, in_it);
    case SUSPECT_ALONE:
    case SUSPECT_SHARED:
        break;
    }
    return finder_text(f, "%s, keeps %s, %s%s%s", suspect_name(f, s->object, name), size, share,
                       colon, in_it);
}

// --- reasons ------------------------------------------------------------------------------------

static bool suspect_is_near(uint64_t a, uint64_t b)
{
    return a <= 3 * b && b <= 3 * a;
}

// Whether the object refers to a dominator of the suspect: an exception to a traceback that
// something else refers to as well.
static bool suspect_hangs_under(const struct finder *f, node above, node n)
{
    const struct csr *forward = &f->heap->forward;
    for (int i = 0; i < ABOVE_MAX && n < f->heap->node_count; i++) {
        for (uint64_t e = csr_first(forward, above); e < csr_end(forward, above); e++)
            if ((forward->to[e] & EDGE_NODE) == n
                && !(finder_roles(f, n) & (ROLE_TYPE | ROLE_MODULE)))
                return true;
        n = f->dominate->parent[n];
    }
    return false;
}

// Whether the finding is about what the suspect keeps: about the same object, or about one above or
// below it that keeps a similar amount.
static bool suspect_is_told(const struct finder *f, const struct suspect *s,
                            const struct finding *finding)
{
    const struct finding_kind *kind = finding_kind_find(finding->kind);
    node n = finding->object;
    if (!kind->is_reason || n == NODE_NONE || finding->is_suspect || finding->is_said)
        return false;
    if (n == s->object)
        return true;
    return suspect_is_near(finding->bytes, s->bytes)
           && (tree_dominates(&f->tree, s->object, n) || tree_dominates(&f->tree, n, s->object)
               || (s->form == SUSPECT_SHARED && f->paths.from[n] == s->object)
               || suspect_hangs_under(f, n, s->object));
}

// The finding that explains most; `container` says least, and gives way to any other.
static struct finding *suspect_reason(const struct finder *f, const struct suspect *s)
{
    struct finding *best = NULL;
    for (size_t i = 0; i < f->out->count; i++) {
        struct finding *finding = &f->out->items[i];
        if (!suspect_is_told(f, s, finding))
            continue;
        bool dull = best && !strcmp(best->kind, "container");
        if (!best || (dull && strcmp(finding->kind, "container"))
            || (!dull && finding->severity < best->severity))
            best = finding;
    }
    return best;
}

// Whether the finding is about a container that is a part of the suspect.
static bool suspect_has(const struct finder *f, const struct suspect *s,
                        const struct finding *finding)
{
    node n = finding->object;
    if (strcmp(finding->kind, "container") || finding->is_suspect || n == NODE_NONE)
        return false;
    for (int i = 0; i < ABOVE_MAX && n != NODE_NONE && f->paths.from[n] != n; i++) {
        n = f->paths.from[n];
        if (n == s->object)
            return true;
    }
    return false;
}

// Marks the other findings about the suspect as said with it.
static void suspect_leave_others(struct finder *f, const struct suspect *s,
                                 const struct finding *kept)
{
    for (size_t i = 0; i < f->out->count; i++) {
        struct finding *finding = &f->out->items[i];
        finding->is_said |=
            finding != kept && (suspect_is_told(f, s, finding) || suspect_has(f, s, finding));
    }
}

// --- telling ------------------------------------------------------------------------------------

// "; do this", if something can be done.
static const char *suspect_why(struct finder *f, const struct cause *cause)
{
    return *cause->cure ? finder_text(f, "%s; cure: %s", cause->why, cause->cure) : cause->why;
}

static bool suspect_add(struct finder *f, const struct suspect *s, const struct contents *contents,
                        const char *name, struct err *err)
{
    struct cause cause;
    cause_find(f, s, contents, name, &cause);
    return finder_add(
        f,
        &(struct finding){
            .severity = cause.severity,
            .object = s->object,
            .bytes = s->bytes,
            .objects = contents->objects,
            .what = suspect_what(f, s, contents, name),
            .why = suspect_why(f, &cause),
            .next = finder_text(f, s->form == SUSPECT_CLASS ? "path %s" : "retained %s -n 10",
                                finder_word(f, s->object)),
            .sample = contents_example(f, contents),
            .grew = cause.grew,
            .is_suspect = true,
        },
        err);
}

// C memory is no part of the heap: its row keeps its own numbers, and gets the reason.
static bool suspect_is_native(const struct finding *finding)
{
    return !strcmp(finding->kind, "native-memory");
}

static void suspect_merge_native(struct finder *f, const struct suspect *s,
                                 const struct contents *contents, const char *name,
                                 struct finding *finding)
{
    struct cause cause;
    cause_find(f, s, contents, name, &cause);
    if (cause.severity < SEVERITY_INFO) {
        finding->why = finder_text(f, "%s; %s", suspect_why(f, &cause), finding->why);
        finding->severity = finding->severity < cause.severity ? finding->severity : cause.severity;
    }
    finding->sample = contents_example(f, contents);
    finding->is_suspect = true;
}

// Makes one row of both: what keeps how much of what, and why, as the other kind knows.
static void suspect_merge(struct finder *f, const struct suspect *s,
                          const struct contents *contents, const char *name,
                          struct finding *finding)
{
    const char *in_it = contents_text(f, contents);
    enum severity by_share = cause_severity(f, s->bytes);
    if (suspect_is_native(finding)) {
        suspect_merge_native(f, s, contents, name, finding);
        return;
    }
    struct cause cause;
    cause_find(f, s, contents, name, &cause);
    // A variable that the main thread fills without end is more than what it works with.
    bool is_filled = !strcmp(finding->kind, "thread-locals") && s->object == finding->object
                     && cause.is_endless && cause.severity < finding->severity;
    if (!strcmp(finding->kind, "container") || is_filled) {
        finding->what = suspect_what(f, s, contents, name);
        finding->object = s->object;
        finding->severity = by_share = cause.severity;
        finding->why = suspect_why(f, &cause);
        finding->grew = cause.grew;
    } else {
        const char *changed;
        enum change change = cause_change(f, s, contents, &finding->grew, &changed);
        finding->why = finder_text(f, "%s%s", finding->why, changed);
        if (change == CHANGE_NONE)
            finding->severity = by_share = SEVERITY_INFO;
        if (change == CHANGE_GREW)
            finding->severity = by_share;
        if (change == CHANGE_UNKNOWN && finding->severity == SEVERITY_INFO
            && (finding_kind_find(finding->kind)->is_of_one || !strcmp(finding->kind, "suspended")))
            finding->severity = cause.severity;
        finding->what = strstr(finding->what, "% of the heap")
                            ? finding->what
                            : finder_text(f, "%s, %s", finding->what, finder_share(f, s->bytes));
        if (!strstr(finding->what, name))
            finding->what = finder_text(f, "%s: %s", name, finding->what);
        const struct registry *registry =
            registry_find(f, name, s->object, contents_example(f, contents));
        if (*in_it)
            finding->why = finder_text(f, "%s; objects in it, by type: %s", finding->why, in_it);
        if (registry && registry->grows)
            finding->why = finder_text(f, "%s; cure: %s", finding->why, registry->cure);
    }
    bool is_bad =
        finding->severity != SEVERITY_INFO || finding_kind_find(finding->kind)->is_evidence;
    finding->sample = contents_example(f, contents);
    if (is_bad && by_share < finding->severity)
        finding->severity = by_share;
    finding->bytes = finding->bytes > s->bytes ? finding->bytes : s->bytes;
    finding->is_suspect = true;
}

// Collects some members of a group, or objects of a class.
static size_t suspect_members(const struct finder *f, uint32_t type, node *nodes, size_t most)
{
    size_t count = 0;
    for (node n = 0; n < f->heap->node_count && count < most; n++)
        if (finder_alike(f, n) == type && !finder_is_dead(f, n))
            nodes[count++] = n;
    return count;
}

static const char *suspect_called(struct finder *f, const struct suspect *s)
{
    node members[MEMBERS_MAX];
    if (s->form != SUSPECT_CLASS && (finder_roles(f, s->object) & ROLE_MODULE))
        return finder_text(f, "the %s", finder_preview(f, s->object, 80)); // "the module atexit"
    if (s->form != SUSPECT_CLASS)
        return finder_name(f, s->object);
    return cause_held_by(f, members, suspect_members(f, s->type, members, MEMBERS_MAX));
}

static bool suspect_tell(struct finder *f, const struct suspect *s, struct err *err)
{
    struct contents contents;
    if (!contents_find(&contents, f, s, err))
        return false;
    struct finding *reason = suspect_reason(f, s);
    const char *name = suspect_called(f, s);
    bool ok = true;
    if (reason) {
        suspect_merge(f, s, &contents, name, reason);
        suspect_leave_others(f, s, reason);
    } else {
        suspect_leave_others(f, s, NULL);
        ok = suspect_add(f, s, &contents, name, err);
    }
    contents_free(&contents);
    return ok;
}

// --- what is heavy elsewhere --------------------------------------------------------------------

// The finding that reported the holder of such objects, or null.
static struct finding *suspect_of_holder(struct finder *f, const char *holder)
{
    for (size_t i = 0; *holder && i < f->out->count; i++) {
        struct finding *finding = &f->out->items[i];
        if (!finding->is_said && finding->object != NODE_NONE
            && (finding->is_suspect || suspect_is_native(finding))
            && !strcmp(finder_name(f, finding->object), holder))
            return finding;
    }
    return NULL;
}

// Adds what is known of the class to an existing row.
static void suspect_explain_heavy(struct finder *f, const struct registry_heavy *row,
                                  struct finding *finding, enum severity severity)
{
    bool has_cure = strstr(finding->why, "; cure: ") != NULL;
    finding->why = has_cure
                       ? finder_text(f, "%s; %s", row->says, finding->why)
                       : finder_text(f, "%s; %s; cure: %s", row->says, finding->why, row->cure);
    finding->severity = finding->severity < severity ? finding->severity : severity;
    finding->is_suspect = true;
}

static bool suspect_tell_heavy(struct finder *f, const struct registry_heavy *row, struct err *err)
{
    node members[MEMBERS_MAX];
    uint64_t count = 0, bytes = 0;
    size_t found = 0;
    const char *type = row->type;
    for (uint32_t t = 0; t < heap_type_count(f->heap); t++) {
        if (!f->types[t].count || (f->types[t].roles & ROLE_TYPE)
            || !finder_derives(f, type_row(f->py->types, t), row->type))
            continue;
        type = f->types[t].count > count ? type_row(f->py->types, t)->name : type;
        count += f->types[t].count;
        bytes += f->types[t].bytes;
        found += suspect_members(f, t, members + found, MEMBERS_MAX - found);
    }
    if (count < row->least || !found)
        return true;
    const char *holder = cause_held_by(f, members, found);
    enum severity severity = count >= 2 * row->least ? SEVERITY_MEDIUM : SEVERITY_LOW;
    struct finding *finding = suspect_of_holder(f, holder);
    if (finding) {
        suspect_explain_heavy(f, row, finding, severity);
        return true;
    }
    return finder_add(
        f,
        &(struct finding){
            .severity = severity,
            .object = members[found / 2],
            .bytes = bytes,
            .objects = count,
            .what = finder_text(f, "%s%s%s %s %s alive", holder, *holder ? ": " : "",
                                finder_count(f, count), type, text_plural(count, "is", "are")),
            .why = finder_text(f, "%s; cure: %s", row->says, row->cure),
            .next = finder_text(f, "path %s", finder_word(f, members[found / 2])),
            .sample = NODE_NONE,
            .is_suspect = true,
        },
        err);
}

// Explains C memory held by something that keeps little of the heap: what still adds to it.
static bool suspect_explain_native(struct finder *f, size_t i, struct err *err)
{
    struct finding *finding = &f->out->items[i];
    struct contents contents;
    if (!suspect_is_native(finding) || finding->is_suspect || finding->severity == SEVERITY_INFO
        || finding->object == NODE_NONE || strstr(finding->why, "; cure: "))
        return true;
    const struct suspect s = { .form = SUSPECT_ALONE,
                               .object = finding->object,
                               .bytes = finding->bytes,
                               .type = heap_type(f->heap, finding->object) };
    if (!contents_find(&contents, f, &s, err))
        return false;
    suspect_merge_native(f, &s, &contents, finder_name(f, s.object), finding);
    contents_free(&contents);
    return true;
}

static bool suspect_find(struct finder *f, struct err *err)
{
    struct suspects suspects;
    if (!finder_need_deeds(f, err) || !suspects_find(&suspects, f, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < suspects.count && i < TOLD_MAX; i++)
        ok = suspect_tell(f, &suspects.items[i], err);
    for (size_t i = 0; ok && registry_heavy_rows[i].type; i++)
        ok = suspect_tell_heavy(f, &registry_heavy_rows[i], err);
    for (size_t i = 0; ok && i < f->out->count; i++)
        ok = suspect_explain_native(f, i, err);
    for (size_t i = 0; i < f->out->count; i++) {
        struct finding *finding = &f->out->items[i];
        finding->is_suspect |= suspect_is_native(finding) && finding->severity < SEVERITY_LOW;
    }
    suspects_free(&suspects);
    return ok;
}

const struct finding_kind finding_suspect = {
    .name = "suspect",
    .help = "what keeps much of the heap, whatever it is",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_of_one = true,
    .needs_whole = true,
    .find = suspect_find,
};
