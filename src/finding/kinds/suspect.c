// SPDX-License-Identifier: GPL-3.0-or-later
// suspect: what keeps much of the heap, whatever its shape. What another kind has said of the same
// thing is the reason: the two become one row.
#include <stdlib.h>
#include <string.h>

#include "finding/contents.h"
#include "finding/finder.h"
#include "finding/suspects.h"

#define TOLD_MAX 12
#define PREVIEW 48

static const char *suspect_article(const char *word)
{
    return strchr("aeiou", *word) && *word ? "an" : "a";
}

// "app.CACHE, a dict of 12,000"
static const char *suspect_name(struct finder *f, node n)
{
    const char *type = finder_type_name(f, n);
    uint64_t length = finder_length(f, n);
    bool counts = (finder_roles(f, n) & (ROLE_GROWS | ROLE_TUPLE)) && length;
    return finder_text(f, "%s, %s %s%s%s", finder_name(f, n), suspect_article(type), type,
                       counts ? " of " : "", counts ? finder_count(f, length) : "");
}

static const char *suspect_what(struct finder *f, const struct suspect *s,
                                const struct contents *contents)
{
    const char *size = finder_size(f, s->bytes), *share = finder_percent(f, s->bytes);
    const char *in_it = contents_text(f, contents);
    const char *colon = *in_it ? ": " : "";
    const char *type = type_row(f->py->types, s->type)->name;
    switch (s->form) {
    case SUSPECT_CHAIN:
        return finder_text(f, "%s is the first of a chain of %s %s: %s, %s of the heap%s%s",
                           finder_name(f, s->object), finder_count(f, s->count), type, size, share,
                           colon, in_it);
    case SUSPECT_CLASS:
        return finder_text(f, "%s %s keep %s, %s of the heap%s%s", finder_count(f, s->count), type,
                           size, share, colon, in_it);
    case SUSPECT_ALONE:
    case SUSPECT_SHARED:
        break;
    }
    return finder_text(f, "%s, keeps %s, %s of the heap%s%s", suspect_name(f, s->object), size,
                       share, colon, in_it);
}

// --- reasons ------------------------------------------------------------------------------------

static bool suspect_is_near(uint64_t a, uint64_t b)
{
    return a <= 2 * b && b <= 2 * a;
}

// Whether the finding is about what the suspect keeps: the same, or one above or below the other,
// and about as much.
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
               || (s->form == SUSPECT_SHARED && f->ways.from[n] == s->object));
}

// The finding that says most of it; a container is only what it is anyway.
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

// The others are said with it.
static void suspect_leave_others(struct finder *f, const struct suspect *s,
                                 const struct finding *kept)
{
    for (size_t i = 0; i < f->out->count; i++) {
        struct finding *finding = &f->out->items[i];
        finding->is_said |= finding != kept && suspect_is_told(f, s, finding);
    }
}

// --- telling ------------------------------------------------------------------------------------

struct suspect_cause {
    enum severity severity;
    const char *why; // begins with "; ", or ""
};

static bool suspect_is_queue(const struct finder *f, node n)
{
    static const char *const names[] = { "collections.deque", "_queue.SimpleQueue" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (finder_derives(f, finder_type(f, n), names[i]))
            return true;
    return false;
}

static struct suspect_cause suspect_find_cause(struct finder *f, const struct suspect *s)
{
    struct code_users users;
    const char *filled = finder_who_fills(f, finder_own_name(f, s->object), &users);
    bool grows = users.filling || s->form == SUSPECT_CHAIN;
    enum home home = users.emptying && !suspect_is_queue(f, s->object) ? HOME_NONE : HOME_PROGRAM;
    return (struct suspect_cause){ grows ? finder_severity(f, s->bytes, home) : SEVERITY_INFO,
                                   grows ? filled : "" };
}

static bool suspect_add(struct finder *f, const struct suspect *s, const struct contents *contents,
                        struct err *err)
{
    struct suspect_cause evidence = suspect_find_cause(f, s);
    const char *why = evidence.severity == SEVERITY_INFO
                          ? "it is large; whether it grows cannot be told from one heap: "
                            "`findings BASE` compares two"
                          : "what is in it lives as long as it does";
    return finder_add(f,
                      &(struct finding){
                          .severity = evidence.severity,
                          .object = s->object,
                          .bytes = s->bytes,
                          .objects = contents->objects,
                          .what = suspect_what(f, s, contents),
                          .why = finder_text(f, "%s%s", why, evidence.why),
                          .next = finder_text(f, "retained %s -n 10", finder_word(f, s->object)),
                          .is_suspect = true,
                      },
                      err);
}

// One row of both: what keeps how much of what; and why, as the other kind knows it.
static void suspect_merge(struct finder *f, const struct suspect *s,
                          const struct contents *contents, struct finding *finding)
{
    const char *in_it = contents_text(f, contents);
    enum severity by_share = finder_severity(f, s->bytes, HOME_PROGRAM);
    if (!strcmp(finding->kind, "container")) {
        finding->what = suspect_what(f, s, contents);
        finding->object = s->object;
    } else {
        finding->what =
            finder_text(f, "%s, %s of the heap", finding->what, finder_percent(f, s->bytes));
        if (*in_it)
            finding->why = finder_text(f, "%s; in it are %s", finding->why, in_it);
    }
    if (finding->severity != SEVERITY_INFO && by_share < finding->severity)
        finding->severity = by_share;
    finding->bytes = finding->bytes > s->bytes ? finding->bytes : s->bytes;
    finding->is_suspect = true;
}

static bool suspect_tell(struct finder *f, const struct suspect *s, struct err *err)
{
    struct contents contents;
    if (!contents_find(&contents, f, s, err))
        return false;
    struct finding *reason = suspect_reason(f, s);
    bool ok = true;
    if (reason) {
        suspect_merge(f, s, &contents, reason);
        suspect_leave_others(f, s, reason);
    } else {
        ok = suspect_add(f, s, &contents, err);
    }
    contents_free(&contents);
    return ok;
}

static bool suspect_find(struct finder *f, struct err *err)
{
    struct suspects suspects;
    if (!finder_need_code(f, err) || !suspects_find(&suspects, f, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < suspects.count && i < TOLD_MAX; i++)
        ok = suspect_tell(f, &suspects.items[i], err);
    suspects_free(&suspects);
    return ok;
}

const struct finding_kind finding_suspect = {
    .name = "suspect",
    .help = "what keeps much of the heap, whatever it is",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_of_one = true,
    .find = suspect_find,
};
