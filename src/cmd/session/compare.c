// SPDX-License-Identifier: GPL-3.0-or-later
// Heaps of two moments: see compare.h.
#include "cmd/session/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "graph/marks.h"

#define WRITING_SECONDS 10 // a file is written within this time

// --- the other heap -----------------------------------------------------------------------------

struct compare_naming { // whose warnings they are to be labelled with
    const struct session *session;
    const char *file;
};

static void compare_warn(void *context, const char *sentence)
{
    const struct compare_naming *naming = context;
    char line[1200];
    snprintf(line, sizeof line, "%.300s: %.800s", naming->file, sentence);
    naming->session->options.warn(naming->session->options.warn_context, line);
}

static bool take_places(struct session *other, struct kept_past *kept, struct err *err)
{
    if (!session_need(other, NEEDS_ROOTS, err)
        || !forest_find(&kept->places, &other->heap, &other->roots, &other->options.progress, err))
        return false;
    forest_forget_objects(&kept->places);
    kept->has_places = true;
    return true;
}

bool compare_visit(const struct session *session, const char *file,
                   bool (*visit)(struct session *other, void *context, struct err *err),
                   void *context, struct err *err)
{
    struct compare_naming naming = { session, file };
    struct session_options options = session->options;
    options.core = file;
    options.pid = 0;
    options.callback = NULL;
    options.hold = options.bare = false;
    options.warn = session->options.warn ? compare_warn : NULL;
    options.warn_context = &naming;
    struct session *other = calloc(1, sizeof *other);
    if (!other)
        return err_memory(err, file);
    bool ok = session_open(other, &options, err);
    if (ok) {
        ok = visit(other, context, err) || err_wrap(err, "%s", file);
        session_close(other);
    }
    free(other);
    return ok;
}

struct compare_wish {
    struct kept_past *kept;
    bool with_places;
};

// The time at which a snapshot was taken is recorded in whole seconds; the file's own time is
// finer, and is used when the file was written then. A copy of the file has another time.
int64_t compare_taken(const struct session *session)
{
    struct stat about;
    int64_t taken = session->target.provenance.taken;
    const char *file = session->options.core;
    if (file && !stat(file, &about)
        && (!taken
            || (about.st_mtim.tv_sec >= taken && about.st_mtim.tv_sec - taken < WRITING_SECONDS)))
        return (int64_t)about.st_mtim.tv_sec * 1000 + about.st_mtim.tv_nsec / 1000000;
    return taken ? taken * 1000 + 500 : 0;
}

static bool compare_take(struct session *other, void *context, struct err *err)
{
    const struct compare_wish *wish = context;
    struct err none = ERR_INIT;
    wish->kept->disclosure = session_disclosure(other);
    wish->kept->taken = compare_taken(other);
    // A core's memory is recorded along with its objects; a core that does not tell it is no
    // failure.
    if (session_knows_memory(other) && session_memory(other, &none)
        && other->memory.residence.known) {
        wish->kept->has_memory = true;
        wish->kept->memory_here = other->memory.total.resident;
    }
    return session_need(other, NEEDS_HEAP, err)
           && baseline_take(&wish->kept->past, &other->heap, &other->options.progress, err)
           && (!wish->with_places || take_places(other, wish->kept, err));
}

static bool compare_remember(const struct session *session, const char *file, bool with_places,
                             struct kept_past *kept, struct err *err)
{
    struct compare_wish wish = { kept, with_places };
    return compare_visit(session, file, compare_take, &wish, err);
}

static void compare_drop(struct kept_past *kept)
{
    baseline_free(&kept->past);
    forest_free(&kept->places);
    free(kept->file);
    free(kept);
}

// The baseline remembered of this very file. An outdated one is not freed: a comparison may use it.
static struct kept_past *recall(const struct session *session, const char *file,
                                const struct stat *stat, bool with_places)
{
    for (struct kept_past *kept = session->pasts; kept; kept = kept->next)
        if (kept->file && !strcmp(kept->file, file) && kept->inode == (uint64_t)stat->st_ino
            && kept->changed == (int64_t)stat->st_mtime && (kept->has_places || !with_places))
            return kept;
    return NULL;
}

static bool compare_open_file(struct session *session, const char *file, bool with_places,
                              const struct kept_past **out, struct err *err)
{
    struct stat status = { 0 };
    stat(file, &status);
    struct kept_past *kept = recall(session, file, &status, with_places);
    if (!kept) {
        kept = calloc(1, sizeof *kept);
        bool ok = kept && (kept->file = strdup(file));
        if (!ok)
            err_memory(err, file);
        if (!ok || !compare_remember(session, file, with_places, kept, err)) {
            if (kept)
                compare_drop(kept);
            return false;
        }
        kept->inode = (uint64_t)status.st_ino;
        kept->changed = (int64_t)status.st_mtime;
        kept->next = session->pasts;
        session->pasts = kept;
    }
    *out = kept;
    return true;
}

// The baseline that has no file is that of the previous stop.
static bool open_stop(const struct session *session, const struct kept_past **out, struct err *err)
{
    for (*out = session->pasts; *out; *out = (*out)->next)
        if (!(*out)->file)
            return true;
    return err_set(err, ERR_USAGE, "there is no earlier stop: name a core to compare with");
}

void session_keep_stop(struct session *session, struct baseline *past)
{
    struct kept_past *kept = calloc(1, sizeof *kept);
    if (!kept) {
        baseline_free(past);
        return;
    }
    kept->past = *past;
    *past = (struct baseline){ 0 };
    kept->next = session->pasts;
    session->pasts = kept;
}

bool session_places(struct session *session, const struct forest **places, struct err *err)
{
    if (!session->has_places)
        session->has_places = forest_find(&session->places, &session->heap, &session->roots,
                                          &session->options.progress, err);
    *places = &session->places;
    return session->has_places;
}

// --- comparing ----------------------------------------------------------------------------------

static bool need_now(struct session *session, struct err *err)
{
    if (!session->has_now)
        session->has_now =
            baseline_take(&session->now, &session->heap, &session->options.progress, err);
    return session->has_now;
}

static bool open_base(struct session *session, const char *base, bool with_places,
                      const struct kept_past **out, struct err *err)
{
    return !base || !strcmp(base, "-") ? open_stop(session, out, err)
                                       : compare_open_file(session, base, with_places, out, err);
}

static bool make_marks(uint32_t count, uint64_t **marks, struct err *err)
{
    *marks = calloc((size_t)marks_words(count) + 1, sizeof **marks);
    return *marks || err_memory(err, "what is new");
}

// Goes back one moment: an object that is older gets, in `at`, its number in the earlier heap.
static void compare_step_back(struct comparison *c, const struct diff *step, node *at,
                              uint8_t birth)
{
    for (node n = 0; n < c->diff.after->count; n++) {
        if (at[n] == NODE_NONE)
            continue;
        bool born = diff_is_new(step, at[n]);
        c->births[n] = born ? birth : c->births[n];
        at[n] = born ? NODE_NONE : step->was[at[n]];
    }
}

static bool compare_moment(struct comparison *c, struct session *session,
                           const struct comparing *how, size_t moment, const struct baseline *after,
                           node *at, const struct baseline **out, struct err *err)
{
    const struct kept_past *past = NULL;
    const char *file = moment ? how->later[moment - 1] : NULL;
    struct diff step = { 0 };
    if (file && !compare_open_file(session, file, false, &past, err))
        return false;
    *out = past ? &past->past : c->diff.before;
    bool ok = diff_find(&step, *out, after, false, &session->options.progress, err);
    if (ok && !step.same_process)
        ok = err_set(err, ERR_UNSUPPORTED, "%s is of another process (%s)",
                     file ? file : how->later[0], step.why);
    if (ok && step.is_reversed)
        ok = err_set(err, ERR_USAGE, "%s is later than the heap after it: earlier heaps come first",
                     file ? file : how->base);
    if (ok)
        compare_step_back(c, &step, at, (uint8_t)(moment + 1));
    diff_free(&step);
    return ok;
}

// Finds when each object was created, going back moment by moment: where an address was freed and
// reused in between, the later object is new, even if the base had an object of the same type
// there.
static bool find_births(struct comparison *c, struct session *session, const struct comparing *how,
                        struct err *err)
{
    uint32_t count = c->diff.after->count;
    const struct baseline *after = c->diff.after;
    node *at = malloc(((size_t)count + 1) * sizeof *at);
    c->births = calloc((size_t)count + 1, 1);
    c->moments = how->later_count + 2;
    bool ok = (at && c->births) || err_memory(err, "when objects were created");
    for (node n = 0; ok && n < count; n++)
        at[n] = n;
    for (size_t moment = how->later_count + 1; ok && moment-- > 0;)
        ok = compare_moment(c, session, how, moment, after, at, &after, err);
    for (node n = 0; ok && n < count; n++)
        c->kept_count += comparison_is_kept(c, n);
    free(at);
    return ok;
}

static bool mark_fresh(struct comparison *c, bool only_kept, struct err *err)
{
    uint32_t count = c->diff.after->count;
    if (!make_marks(count, &c->fresh, err))
        return false;
    for (node n = 0; n < count; n++) {
        if (only_kept ? !comparison_is_kept(c, n) : !diff_is_new(&c->diff, n))
            continue;
        marks_set(c->fresh, n);
        c->fresh_count++;
    }
    return true;
}

bool comparison_open(struct comparison *c, struct session *session, const struct comparing *how,
                     struct err *err)
{
    *c = (struct comparison){ 0 };
    const struct kept_past *base;
    if (how->only_kept && !how->later_count)
        return err_set(
            err, ERR_USAGE,
            "--kept needs two cores: one from before the objects were created, and one from after");
    bool ok = open_base(session, how->base, how->with_places, &base, err)
              && session_need(session, NEEDS_HEAP, err) && need_now(session, err)
              && diff_find(&c->diff, &base->past, &session->now, how->as_runs,
                           &session->options.progress, err);
    if (ok && how->later_count && !c->diff.same_process)
        ok = err_set(err, ERR_UNSUPPORTED,
                     "heaps can be compared object by object only within one process (%s)",
                     c->diff.why);
    ok = ok && (!how->later_count || find_births(c, session, how, err))
         && (!c->diff.same_process || mark_fresh(c, how->only_kept, err));
    c->taken_before = ok ? base->taken : 0;
    if (ok && base->has_memory) {
        c->has_memory = true;
        c->memory_before = base->memory_here;
    }
    // Without values places lack the names by which those of a heap with values are found.
    if (ok)
        c->before = base->has_places && base->disclosure == session_disclosure(session)
                        ? &base->places
                        : NULL;
    else
        comparison_close(c);
    return ok;
}

void comparison_close(struct comparison *c)
{
    diff_free(&c->diff);
    free(c->fresh);
    free(c->births);
    *c = (struct comparison){ 0 };
}
