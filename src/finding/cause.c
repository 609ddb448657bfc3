// SPDX-License-Identifier: GPL-3.0-or-later
// Judging suspects: see cause.h.
#include "finding/cause.h"

#include <stdlib.h>
#include <string.h>

#include "finding/growth/growth.h"
#include "finding/inner.h"
#include "finding/living_keys.h"
#include "finding/registries.h"
#include "py/objects/content.h"
#include "py/objects/str.h"
#include "py/runtime/frames.h"
#include "py/runtime/runtime_roots.h"

#define HIGH_PERCENT 25
#define HIGH_LEAST (UINT64_C(4) << 20)
#define TAKEN_LOW 10 // percent of the heap: what is emptied again and keeps less is in use
#define TAKEN_HIGH 40
#define TAKEN_MANY 500   // entries of a container that is emptied by key
#define TAKEN_FEW_LOW 20 // percent: so much in few entries is worth a word
#define TAKEN_LOOKED 64  // items that are asked whether they are at work
#define SECONDS_LEAST 10 // files record whole seconds
#define SAME_PERCENT 2   // of its size: a smaller difference is no growth
#define LOOKED_MAX 1000  // items that are tested for being dead
#define DEAD_LEAST 50
#define LEVELS 8 // steps up the paths to root
#define MANY_LEAST 20
#define AGAIN_MAX 50    // functions and classes whose names are compared
#define VIEW_LEAST 4096 // bytes kept by a view: less is not worth mentioning
#define VIEW_TIMES 4    // times the bytes that it shows
#define INNER_LEAST 100 // items per object under one attribute: fewer are part of the object
#define CACHED_PERCENT 25
#define THREADS_MANY 100 // threads in one function: they pile up
#define MEMBERS_MAX 64
#define PREVIEW 48

enum severity cause_severity(const struct finder *f, uint64_t bytes)
{
    return bytes >= HIGH_LEAST && bytes / HIGH_PERCENT >= f->heap->bytes / 100
               ? SEVERITY_HIGH
               : finder_severity(f, bytes, HOME_PROGRAM);
}

// --- who holds a group --------------------------------------------------------------------------

// The nearest object that is on four fifths of the paths to these.
static node cause_common(const struct finder *f, const node *nodes, size_t count)
{
    struct map of = MAP_INIT;
    node best = NODE_NONE;
    for (int level = 1; level <= LEVELS && best == NODE_NONE; level++)
        for (size_t i = 0; i < count && best == NODE_NONE; i++) {
            node at = nodes[i];
            for (int up = 0; up < level && at != NODE_NONE; up++)
                at = f->paths.from[at] == at ? NODE_NONE : f->paths.from[at];
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

// The one local variable of one function that nearly all of them are, in different threads: "rows
// of work() app.py:12"; or null.
static const char *cause_local(struct finder *f, const node *nodes, size_t count)
{
    node code = NODE_NONE;
    uint32_t slot = 0;
    size_t votes = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t r = heap_roots_first(f->roots, nodes[i]);
             r < f->roots->count && f->roots->items[r].to == nodes[i]; r++) {
            const struct root *root = &f->roots->items[r].root;
            struct frame frame;
            if (root->kind != ROOT_LOCAL || !frame_at(f->py, root->detail, &frame)
                || !code_is_program(f->heap, &f->paths, heap_node_of(f->heap, frame.code)))
                continue;
            node of = heap_node_of(f->heap, frame.code);
            if (code == NODE_NONE) {
                code = of;
                slot = root->index;
            }
            votes += of == code && root->index == slot;
            break;
        }
    if (code == NODE_NONE || 5 * votes < 4 * count)
        return NULL;
    struct text name = TEXT_INIT;
    code_local_name(f->heap, code, slot, &name);
    const char *text =
        finder_text(f, "local %s of %s", text_string(&name), finder_code_name(f, code));
    text_fini(&name);
    return text;
}

// The common name of their roots, without the part that tells one from another.
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
            name = kind == ROOT_IMMORTAL ? "immortality alone"
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
    const char *local = cause_local(f, nodes, most);
    return local ? local : cause_roots(f, nodes, most);
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
    return finder_text(f, "; of %s checked, %s %s %s", finder_count(f, dead->looked_at),
                       finder_count(f, dead->dead), text_plural(dead->dead, "is", "are"),
                       dead->word);
}

// --- earlier and now ----------------------------------------------------------------------------

// The size of the variable that holds it, earlier and now. False: unknown, or not there.
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
    return finder_text(f, ", %s a minute going by the files' times",
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
        bool shrank = known && is + s->bytes / 100 * SAME_PERCENT < was;
        *grew = 0;
        *text = shrank ? finder_text(f, "; it was %s in the earlier heap, and is %s",
                                     finder_size(f, was), finder_size(f, is))
                       : "; it is as large as before: it does not grow";
        return CHANGE_NONE;
    }
    *text = finder_text(f, "; it grew by %s since the earlier heap%s", finder_size(f, *grew),
                        cause_rate(f, *grew));
    return CHANGE_GREW;
}

// --- all of it ----------------------------------------------------------------------------------

static bool cause_is_queue(const struct finder *f, node n)
{
    return finder_is(f, n, TRAIT_DEQUE | TRAIT_QUEUE);
}

// Whether very many threads are in one function: whatever they wait for does not come.
static bool cause_is_pile(const struct suspect *s, const char *name)
{
    return s->form == SUSPECT_CLASS && s->count >= THREADS_MANY && !strncmp(name, "local ", 6);
}

// Whether most of its items are at work, as connections are: these come and go.
static bool cause_is_at_work(struct finder *f, const struct contents *contents)
{
    const struct csr *forward = &f->heap->forward;
    size_t looked = 0, working = 0;
    node n = contents->container;
    if (n == NODE_NONE)
        return false;
    for (uint64_t e = csr_first(forward, n); e < csr_end(forward, n) && looked < TAKEN_LOOKED;
         e++) {
        node item = forward->to[e] & EDGE_NODE;
        if (finder_alike(f, item) != contents->items)
            continue;
        looked++;
        working += registry_is_at_work(f, item);
    }
    return 2 * working > looked;
}

// Few entries, which some code takes out: connections, jobs under way. Where they are much of the
// heap, it may as well be that only some of the paths take them out.
static bool cause_is_of_few(const struct finder *f, const struct suspect *s,
                            const struct growth_answer *growth)
{
    return growth_goes_on(growth) && growth->taker && s->form != SUSPECT_CLASS
           && s->form != SUSPECT_CHAIN && !cause_is_queue(f, s->object)
           && (finder_roles(f, s->object) & (ROLE_DICT | ROLE_SET))
           && finder_length(f, s->object) < TAKEN_MANY;
}

static enum severity cause_judge_few(struct finder *f, const struct suspect *s,
                                     const struct contents *contents,
                                     const struct growth_answer *growth)
{
    bool is_moved = growth->taker->code == growth->adder->code; // in and out in one go, perhaps
    if (is_moved || s->form == SUSPECT_SHARED || s->bytes / TAKEN_FEW_LOW < f->heap->bytes / 100
        || s->bytes < HIGH_LEAST || cause_is_at_work(f, contents))
        return SEVERITY_INFO;
    return s->bytes / TAKEN_HIGH < f->heap->bytes / 100 ? SEVERITY_LOW : SEVERITY_MEDIUM;
}

// A container that is emptied, and still keeps so large a part of the heap, is a backlog; one whose
// length is checked when something is removed is bounded.
static enum severity cause_judge(struct finder *f, const struct suspect *s,
                                 const struct contents *contents,
                                 const struct growth_answer *growth, bool is_pile)
{
    if (is_pile && finder_is(f, s->object, TRAIT_FRAME)) // up to 3.10 a thread has some: its calls
        return SEVERITY_INFO;
    if (s->form == SUSPECT_CHAIN || is_pile)
        return cause_severity(f, s->bytes);
    if (!growth_goes_on(growth))
        return SEVERITY_INFO;
    if (!growth->taker || cause_is_queue(f, s->object))
        return cause_severity(f, s->bytes);
    if (cause_is_of_few(f, s, growth))
        return cause_judge_few(f, s, contents, growth);
    if (s->form == SUSPECT_SHARED || s->bytes / TAKEN_LOW < f->heap->bytes / 100)
        return SEVERITY_INFO;
    enum severity severity = cause_severity(f, s->bytes);
    return severity < SEVERITY_MEDIUM && s->bytes / TAKEN_HIGH < f->heap->bytes / 100
               ? SEVERITY_MEDIUM
               : severity;
}

static const char *cause_usual_cure(const struct finder *f, const struct suspect *s, bool is_pile)
{
    uint32_t roles = finder_roles(f, s->object);
    if (s->form == SUSPECT_CHAIN)
        return "cut the link behind the last item that is still needed";
    if (s->form == SUSPECT_CLASS)
        return is_pile ? "wait with a timeout, or let a bounded number of threads do the work: "
                         "concurrent.futures.ThreadPoolExecutor(max_workers=N)"
                       : "";
    if ((roles & ROLE_DICT) && finder_is_attributes(f, s->object))
        return "keep such things in a dict of their own, and remove each when it is done";
    if (roles & ROLE_DICT)
        return "remove entries when they are no longer needed, or bound it: drop the oldest, or "
               "use functools.lru_cache(maxsize=N)";
    if (roles & ROLE_DEQUE)
        return "deque(maxlen=N) drops the oldest; queue.Queue(maxsize=N) makes the producer wait";
    if (roles & ROLE_LIST)
        return "remove what is no longer needed, or keep only the last N: "
               "collections.deque(maxlen=N)";
    if (roles & ROLE_SET)
        return "remove what is no longer needed, or drop the oldest";
    return "drop it, or empty it, once its content has been used";
}

// Of few large entries that some code takes out again.
static const char *cause_few_why(struct finder *f, const struct suspect *s,
                                 const struct growth_answer *growth)
{
    uint64_t count = finder_length(f, s->object);
    return finder_text(f,
                       "%s %s %s on average%s; an entry stays when the program never gets there, "
                       "and one heap cannot tell whether these are still in use",
                       finder_count(f, count), text_plural(count, "entry of", "entries of"),
                       finder_size(f, s->bytes / (count ? count : 1)), growth_text(f, growth));
}

static const char *cause_plain_why(struct finder *f, const struct growth_answer *growth, bool bad)
{
    if (bad)
        return finder_text(f, "everything in it lives as long as it does%s",
                           growth_text(f, growth));
    switch (growth->state) {
    case GROWTH_BUILT:
        return "it is large, and was built once: only the code that made it adds to it";
    case GROWTH_NONE:
        return "it is large, and no function seems to add to it";
    case GROWTH_ADDS:
        return finder_text(f, "it is large%s", growth_text(f, growth));
    case GROWTH_UNKNOWN:
        break;
    }
    return f->before
               ? "it is large"
               : "it is large; one heap cannot tell whether it grows: `findings BASE` compares two";
}

// --- views of buffers ---------------------------------------------------------------------------

// The object that retains most among those that only n refers to, or NODE_NONE.
static node cause_heaviest(const struct finder *f, node n)
{
    const struct csr *forward = &f->heap->forward;
    node best = NODE_NONE;
    for (uint64_t e = csr_first(forward, n); e < csr_end(forward, n); e++) {
        node to = forward->to[e] & EDGE_NODE;
        if (f->dominate->parent[to] == n
            && (best == NODE_NONE || finder_retained(f, to) > finder_retained(f, best)))
            best = to;
    }
    return best;
}

// A clause on how much more a view keeps than it shows; "" if it is no view, or keeps little more.
static const char *cause_view(struct finder *f, node n)
{
    uint64_t shown, kept = n == NODE_NONE ? 0 : finder_retained(f, n);
    if (n == NODE_NONE || !content_shown(f->py, finder_type(f, n), heap_addr(f->heap, n), &shown)
        || kept < VIEW_LEAST || kept / VIEW_TIMES < shown)
        return "";
    node base = cause_heaviest(f, n);
    for (int i = 0; i < LEVELS && base != NODE_NONE && finder_length(f, base) == 0; i++) {
        node next = cause_heaviest(f, base); // a memoryview has an object between
        if (next == NODE_NONE || finder_retained(f, next) * 2 < finder_retained(f, base))
            break;
        base = next;
    }
    const char *type = base == NODE_NONE ? "" : finder_type_name(f, base);
    return finder_text(
        f, "; the one that was checked shows %s and keeps %s, %s times as much%s%s%s%s",
        finder_size(f, shown), finder_size(f, kept), finder_count(f, kept / (shown ? shown : 1)),
        *type ? ": " : "", *type ? text_article(type) : "", *type ? " " : "", type);
}

// --- the same definition, executed again ---------------------------------------------------------

// The name of a function or class; 0: it is neither.
static addr cause_defined_name(const struct finder *f, node n)
{
    const struct layout *l = &f->py->layout;
    if (finder_roles(f, n) & ROLE_FUNCTION)
        return python_word(f->py, heap_addr(f->heap, n),
                           l->PyFunctionObject_func_qualname >= 0
                               ? l->PyFunctionObject_func_qualname
                               : l->PyFunctionObject_func_name);
    return 0;
}

// Whether most of the content are functions or classes with the same module and name: the module is
// executed again and again.
static bool cause_is_again(struct finder *f, const struct contents *contents)
{
    const struct csr *forward = &f->heap->forward;
    node n = contents->container;
    struct text first = TEXT_INIT, text = TEXT_INIT;
    size_t looked = 0, same = 0;
    if (n == NODE_NONE || contents->items == UINT32_MAX
        || !(f->types[contents->items].roles & (ROLE_FUNCTION | ROLE_TYPE)))
        return false;
    for (uint64_t e = csr_first(forward, n); e < csr_end(forward, n) && looked < AGAIN_MAX; e++) {
        node to = forward->to[e] & EDGE_NODE;
        if (finder_alike(f, to) != contents->items)
            continue;
        const struct type *class =
            finder_roles(f, to) & ROLE_TYPE ? type_at(f->py, heap_addr(f->heap, to)) : NULL;
        addr name = cause_defined_name(f, to);
        text_clear(&text);
        if (class)
            text_add_string(&text, class->name);
        else if (name)
            str_append(f->py, name, 200, &text);
        if (!looked++)
            text_add(&first, text.data, text.size);
        same += text.size && !strcmp(text_string(&text), text_string(&first));
    }
    bool inner = first.size && strstr(text_string(&first), "<locals>");
    text_fini(&first);
    text_fini(&text);
    return looked >= MANY_LEAST && same == looked && !inner;
}

static const struct registry again = {
    .says = "all that were checked have the same name: their module is executed again and again "
            "(importlib.reload(), exec()), and each time they are added here once more",
    .cure = "store them by name, so that a new one replaces the old one, or remove them before the "
            "module is reloaded",
    .grows = true,
};

static const char *cause_example(struct finder *f, const struct contents *contents)
{
    node n = contents_example(f, contents);
    if (n == NODE_NONE || (finder_roles(f, n) & (ROLE_TYPE | ROLE_CODE)))
        return "";
    const char *preview = finder_preview(f, n, PREVIEW);
    return *preview ? finder_text(f, "; one is %s", preview) : "";
}

// --- what grows inside of each object -----------------------------------------------------------

// Tells of few objects that each have long containers: those are what grows.
static bool cause_inner_grows(struct finder *f, const struct inner *inner, struct cause *cause,
                              uint64_t bytes)
{
    struct growth_answer growth;
    if (inner->length < INNER_LEAST || inner->length < inner->objects
        || !(finder_roles(f, inner->example) & ROLE_GROWS))
        return false;
    growth_find(f, inner->example, &growth);
    if (!growth_goes_on(&growth) || growth.taker)
        return false;
    const struct suspect one = { .form = SUSPECT_ALONE, .object = inner->example };
    cause->severity = cause_severity(f, bytes);
    const char *type = finder_type_name(f, inner->example);
    cause->why = finder_text(f, "most of it is in the attribute `.%s` of each, %s %s of about %s%s",
                             inner->attribute, text_article(type), type,
                             finder_count(f, inner->length), growth_text(f, &growth));
    cause->cure = cause_usual_cure(f, &one, false);
    return true;
}

static void cause_look_inside(struct finder *f, const struct suspect *s,
                              const struct contents *contents, struct cause *cause)
{
    struct inner inner;
    if (!inner_find(f, contents, &inner))
        return;
    if (inner.is_cached && cause->severity == SEVERITY_INFO) {
        bool much = s->bytes / CACHED_PERCENT >= f->heap->bytes / 100;
        cause->severity = much ? SEVERITY_MEDIUM : SEVERITY_INFO;
        cause->why = finder_text(f,
                                 "most of it is the result of the cached_property `%s` of each, "
                                 "which stays as long as its object; %s",
                                 inner.attribute, cause->why);
        cause->cure = much ? finder_text(
                          f, "`del obj.%s` after use, or make it a property, or drop the objects",
                          inner.attribute)
                           : cause->cure;
    } else if (!cause->grew) {
        cause_inner_grows(f, &inner, cause, s->bytes);
    }
}

// Whether there are more of these items than a program needs: by that such a thing is known to
// grow.
static bool cause_is_many(const struct contents *contents, const struct registry *registry)
{
    return !registry->items || contents->items == UINT32_MAX || contents->keys != UINT32_MAX
           || contents->rows[contents->items].direct >= MANY_LEAST;
}

// What libraries keep, where it is one of these; view: what cause_view() says of an item.
static const struct registry *cause_registry(struct finder *f, const struct suspect *s,
                                             const struct contents *contents, const char *name,
                                             const char *view)
{
    node example = contents_example(f, contents);
    const struct registry *registry = registry_find(f, name, s->object, example);
    if (registry && registry->items && example != NODE_NONE
        && finder_is(f, example, TRAIT_ARRAY | TRAIT_VIEW) && !*view)
        registry = NULL;
    if (contents->container != NODE_NONE) {
        const struct registry *by_keys = registry_of_keys(f, contents->container, contents->keys);
        registry = by_keys ? by_keys : registry;
    }
    return registry || !cause_is_again(f, contents) ? registry : &again;
}

void cause_find(struct finder *f, const struct suspect *s, const struct contents *contents,
                const char *name, struct cause *cause)
{
    struct growth_answer growth = { .state = GROWTH_UNKNOWN };
    struct dead dead;
    const char *view = cause_view(f, contents_example(f, contents));
    const struct registry *registry = cause_registry(f, s, contents, name, view);
    if (s->form != SUSPECT_CLASS)
        growth_find(f, s->object, &growth);
    cause_count_dead(f, contents, &dead);
    bool of_threads = s->form != SUSPECT_CLASS && living_keys_are_threads(f, s->object);
    bool most_dead = dead.dead >= DEAD_LEAST && 2 * dead.dead >= dead.looked_at;
    bool is_pile = cause_is_pile(s, name);
    enum severity severity = cause_judge(f, s, contents, &growth, is_pile);
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
    if (!bad) // the registry tells what bad cases may be a sign of
        registry = NULL;
    bool is_few = bad && change == CHANGE_UNKNOWN && !is_pile && cause_is_of_few(f, s, &growth);
    const char *why = is_pile ? "that many threads are in this function, and each keeps its "
                                "variables until it returns: `threads` shows what they wait for"
                      : registry
                          ? finder_text(f, "%s%s", registry->says,
                                        growth.state == GROWTH_ADDS ? growth_text(f, &growth) : "")
                      : is_few ? cause_few_why(f, s, &growth)
                               : cause_plain_why(f, &growth, bad);
    *cause = (struct cause){
        .grew = grew,
        .severity = severity,
        .is_endless = growth.adder && growth.adder->is_endless,
        .why = finder_text(
            f, "%s%s%s%s%s%s", why,
            of_threads ? "; its keys are running threads: it is as long as there are threads" : "",
            changed, cause_dead_text(f, &dead), view, cause_example(f, contents)),
        .cure = registry ? registry->cure
                : is_few
                    ? "take entries out on every path that ends their use (try/finally, `with`), "
                      "or let them expire"
                : bad ? cause_usual_cure(f, s, is_pile)
                      : "",
    };
    if (!registry && !of_threads && change == CHANGE_UNKNOWN)
        cause_look_inside(f, s, contents, cause);
}
