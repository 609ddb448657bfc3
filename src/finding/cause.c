// SPDX-License-Identifier: GPL-3.0-or-later
// Judging suspects: see cause.h.
#include "finding/cause.h"

#include <stdlib.h>
#include <string.h>

#include "finding/growth.h"
#include "finding/living_keys.h"
#include "finding/registries.h"
#include "py/runtime/runtime_roots.h"

#define HIGH_PERCENT 25
#define HIGH_LEAST (UINT64_C(4) << 20)
#define TAKEN_LOW 10 // percent: of what is taken out again, less is what is in use
#define TAKEN_HIGH 40
#define SECONDS_LEAST 10 // files tell whole seconds
#define SAME_PERCENT 2   // of its size: less is no growth
#define LOOKED_MAX 1000  // items that are asked whether they are dead
#define DEAD_LEAST 50
#define LEVELS 8 // steps up the ways
#define MANY_LEAST 20
#define MEMBERS_MAX 64
#define PREVIEW 48

enum severity cause_severity(const struct finder *f, uint64_t bytes)
{
    return bytes >= HIGH_LEAST && bytes / HIGH_PERCENT >= f->heap->bytes / 100
               ? SEVERITY_HIGH
               : finder_severity(f, bytes, HOME_PROGRAM);
}

// --- who holds a group --------------------------------------------------------------------------

// The nearest object that four fifths of the ways go through.
static node cause_common(const struct finder *f, const node *nodes, size_t count)
{
    struct map of = MAP_INIT;
    node best = NODE_NONE;
    for (int level = 1; level <= LEVELS && best == NODE_NONE; level++)
        for (size_t i = 0; i < count && best == NODE_NONE; i++) {
            node at = nodes[i];
            for (int up = 0; up < level && at != NODE_NONE; up++)
                at = f->ways.from[at] == at ? NODE_NONE : f->ways.from[at];
            if (at == NODE_NONE)
                continue;
            uint32_t before = map_get(&of, at), now = before == MAP_NONE ? 1 : before + 1;
            if (!map_put(&of, at, now, NULL))
                break;
            if (5 * (size_t)now >= 4 * count)
                best = at;
        }
    map_fini(&of);
    return best;
}

// What their roots are called, without what tells one from the other.
static const char *cause_roots(struct finder *f, const node *nodes, size_t count)
{
    struct text text = TEXT_INIT;
    uint32_t votes[ROOT_KINDS] = { 0 };
    node example[ROOT_KINDS];
    const char *name = "";
    for (size_t i = 0; i < count; i++) {
        size_t index = heap_roots_first(f->roots, nodes[i]);
        uint8_t kind = index < f->roots->count ? f->roots->items[index].root.kind : ROOT_IMMORTAL;
        votes[kind]++;
        example[kind] = nodes[i];
    }
    for (int kind = 0; kind < ROOT_KINDS; kind++) {
        if (5 * (size_t)votes[kind] < 4 * count)
            continue;
        size_t index = heap_roots_first(f->roots, example[kind]);
        if (kind == ROOT_LOCAL || kind == ROOT_FRAME || index >= f->roots->count)
            name = kind == ROOT_IMMORTAL ? "nothing but their immortality"
                                         : "local variables of running functions";
        else if (kind == ROOT_NATIVE)
            name = "C code";
        else {
            root_name(f->py, &f->roots->items[index].root, &text);
            name = finder_text(f, "%ss", text_string(&text));
        }
    }
    text_fini(&text);
    return name;
}

const char *cause_held_by(struct finder *f, const node *nodes, size_t count)
{
    size_t most = count < MEMBERS_MAX ? count : MEMBERS_MAX;
    if (!most)
        return "";
    node common = cause_common(f, nodes, most);
    if (common != NODE_NONE && !(finder_roles(f, common) & (ROLE_MODULE | ROLE_CODE)))
        return finder_name(f, common);
    return cause_roots(f, nodes, most);
}

// --- what is dead -------------------------------------------------------------------------------

struct dead {
    uint64_t looked_at, dead;
    const char *word;
};

static void cause_count_dead(struct finder *f, const struct contents *contents, struct dead *dead)
{
    const struct csr *forward = &f->heap->forward;
    node n = contents->container;
    *dead = (struct dead){ .word = NULL };
    if (n == NODE_NONE)
        return;
    for (uint64_t e = csr_first(forward, n);
         e < csr_end(forward, n) && dead->looked_at < LOOKED_MAX; e++) {
        node to = forward->to[e] & EDGE_NODE;
        if (finder_alike(f, to) != contents->items)
            continue;
        const char *word = registry_death(f, to);
        dead->looked_at++;
        dead->dead += word != NULL;
        dead->word = word ? word : dead->word;
        if (dead->looked_at == DEAD_LEAST && !dead->dead)
            return;
    }
}

static const char *cause_dead_text(struct finder *f, const struct dead *dead)
{
    if (!dead->dead)
        return "";
    return finder_text(f, "; of %s looked at %s %s %s", finder_count(f, dead->looked_at),
                       finder_count(f, dead->dead), text_plural(dead->dead, "is", "are"),
                       dead->word);
}

// --- before and now -----------------------------------------------------------------------------

// The variable that it hangs under, as it was before. False: not told, or not there.
static bool cause_place(const struct finder *f, node n, uint64_t *was, uint64_t *is)
{
    const struct forest *now = f->before->now, *then = f->before->then;
    uint32_t place = now && then ? now->of[n] : NAMES_NONE;
    if (place == NAMES_NONE)
        return false;
    const char *name = now->items[place].name;
    uint32_t before = names_get(&then->names, name, strlen(name));
    *is = now->items[place].bytes;
    *was = before == NAMES_NONE ? 0 : then->items[before].bytes;
    return true;
}

static const char *cause_rate(struct finder *f, uint64_t grew)
{
    double minutes = f->before->seconds / 60;
    if (f->before->seconds < SECONDS_LEAST)
        return "";
    return finder_text(f, ", %s a minute by the files' times",
                       finder_size(f, (uint64_t)((double)grew / minutes)));
}

enum change cause_change(struct finder *f, const struct suspect *s, const struct contents *contents,
                         uint64_t *grew, const char **text)
{
    uint64_t was = 0, is = 0;
    *grew = 0;
    *text = "";
    if (!f->before)
        return CHANGE_UNKNOWN;
    bool known = s->form != SUSPECT_CLASS && cause_place(f, s->object, &was, &is);
    if (!known && !f->before->fresh)
        return CHANGE_UNKNOWN;
    *grew = !known ? contents->fresh : is > was ? is - was : 0;
    if (f->before->fresh && contents->fresh < *grew)
        *grew = contents->fresh;
    *grew = *grew < s->bytes ? *grew : s->bytes;
    if (*grew < s->bytes / 100 * SAME_PERCENT) {
        *grew = 0;
        *text = "; it is as large as it was before: it does not grow";
        return CHANGE_NONE;
    }
    *text = finder_text(f, "; it grew by %s since the heap before%s", finder_size(f, *grew),
                        cause_rate(f, *grew));
    return CHANGE_GREW;
}

// --- all of it ----------------------------------------------------------------------------------

static bool cause_is_queue(const struct finder *f, node n)
{
    return finder_is(f, n, TRAIT_DEQUE | TRAIT_QUEUE);
}

// What is taken out again, and stays in so large a part of the heap all the same, is a backlog;
// what is measured when something is taken out has a bound.
static enum severity cause_judge(const struct finder *f, const struct suspect *s,
                                 const struct growth_answer *growth)
{
    if (s->form == SUSPECT_CHAIN)
        return cause_severity(f, s->bytes);
    if (growth->state != GROWTH_ADDS || growth->is_bounded)
        return SEVERITY_INFO;
    if (!growth->taker || cause_is_queue(f, s->object))
        return cause_severity(f, s->bytes);
    if (s->form == SUSPECT_SHARED || s->bytes / TAKEN_LOW < f->heap->bytes / 100)
        return SEVERITY_INFO;
    enum severity severity = cause_severity(f, s->bytes);
    return severity < SEVERITY_MEDIUM && s->bytes / TAKEN_HIGH < f->heap->bytes / 100
               ? SEVERITY_MEDIUM
               : severity;
}

static const char *cause_usual_cure(const struct finder *f, const struct suspect *s)
{
    uint32_t roles = finder_roles(f, s->object);
    if (s->form == SUSPECT_CHAIN)
        return "cut the link behind what is still needed";
    if (s->form == SUSPECT_CLASS)
        return "";
    if ((roles & ROLE_DICT) && finder_is_attributes(f, s->object))
        return "keep such things in a dict of their own, and take out what is done with";
    if (roles & ROLE_DICT)
        return "take entries out when they are done with, or bound it: drop the oldest, or use "
               "functools.lru_cache(maxsize=N)";
    if (roles & ROLE_DEQUE)
        return "deque(maxlen=N) drops the oldest; queue.Queue(maxsize=N) makes who puts wait";
    if (roles & ROLE_LIST)
        return "take out what is done with, or keep the last ones alone: "
               "collections.deque(maxlen=N)";
    if (roles & ROLE_SET)
        return "take out what is done with, or forget the oldest";
    return "drop it, or empty it, when its content was used";
}

static const char *cause_plain_why(struct finder *f, const struct growth_answer *growth, bool bad)
{
    if (bad)
        return finder_text(f, "what is in it lives as long as it does%s", growth_text(f, growth));
    switch (growth->state) {
    case GROWTH_BUILT:
        return "it is large, and was built once: only what made it adds to it";
    case GROWTH_NONE:
        return "it is large, and no function seems to add to it";
    case GROWTH_ADDS:
        return finder_text(f, "it is large%s", growth_text(f, growth));
    case GROWTH_UNKNOWN:
        break;
    }
    return f->before
               ? "it is large"
               : "it is large; whether it grows cannot be told from one heap: `findings BASE` "
                 "compares two";
}

static const char *cause_example(struct finder *f, const struct contents *contents)
{
    node n = contents_example(f, contents);
    if (n == NODE_NONE || (finder_roles(f, n) & (ROLE_TYPE | ROLE_CODE)))
        return "";
    const char *preview = finder_preview(f, n, PREVIEW);
    return *preview ? finder_text(f, "; one is %s", preview) : "";
}

// By what is in it, a thing is known to grow where there is more of that than a program needs.
static bool cause_is_many(const struct contents *contents, const struct registry *registry)
{
    return !registry->items || contents->items == UINT32_MAX
           || contents->rows[contents->items].direct >= MANY_LEAST;
}

void cause_find(struct finder *f, const struct suspect *s, const struct contents *contents,
                const char *name, struct cause *cause)
{
    struct growth_answer growth = { .state = GROWTH_UNKNOWN };
    struct dead dead;
    const struct registry *registry =
        registry_find(f, name, s->object, contents_example(f, contents));
    if (s->form != SUSPECT_CLASS)
        growth_find(f, s->object, &growth);
    cause_count_dead(f, contents, &dead);
    bool of_threads = s->form != SUSPECT_CLASS && living_keys_are_threads(f, s->object);
    bool most_dead = dead.dead >= DEAD_LEAST && 2 * dead.dead >= dead.looked_at;
    enum severity severity = cause_judge(f, s, &growth);
    if ((registry && registry->grows && cause_is_many(contents, registry)) || most_dead)
        severity = cause_severity(f, s->bytes);
    else if (of_threads)
        severity = SEVERITY_INFO;
    const char *changed;
    enum change change = cause_change(f, s, contents, &cause->grew, &changed);
    uint64_t grew = cause->grew;
    severity = change == CHANGE_NONE   ? SEVERITY_INFO
               : change == CHANGE_GREW ? cause_severity(f, s->bytes)
                                       : severity;
    bool bad = severity < SEVERITY_INFO;
    if (!bad) // what such things may be a sign of
        registry = NULL;
    const char *why = registry
                          ? finder_text(f, "%s%s", registry->says,
                                        growth.state == GROWTH_ADDS ? growth_text(f, &growth) : "")
                          : cause_plain_why(f, &growth, bad);
    *cause = (struct cause){
        .grew = grew,
        .severity = severity,
        .why =
            finder_text(f, "%s%s%s%s%s", why,
                        of_threads ? "; its keys are threads that run: it is as long as they are "
                                     "many"
                                   : "",
                        changed, cause_dead_text(f, &dead), cause_example(f, contents)),
        .cure = registry ? registry->cure
                : bad    ? cause_usual_cure(f, s)
                         : "",
    };
}
