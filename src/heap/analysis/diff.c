// SPDX-License-Identifier: GPL-3.0-or-later
// Comparing two heaps: see diff.h.
//
//   1. rows       types of both by name
//   2. ages       per interpreter, from the collections in between: the youngest generation where
//                 an old object can be, the oldest where a new one can
//   3. one walk   over both in address order
//   4. order      where no collection ran, the young that were there before come first and in the
//   order
//                 they had; what is behind the first that does not was tracked since
#include "heap/analysis/diff.h"

#include <stdlib.h>
#include <string.h>

#define PROGRESS_EVERY (1u << 20)

struct age { // the collections between the two, in one interpreter
    bool known;
    uint8_t old_least[GEN_COUNT]; // per generation before: the youngest one possible after
    uint8_t new_most;             // the oldest one that an object born since can be in
    bool is_still;                // no collection ran: the order of young objects tells, too
};

struct diff_comparing {
    struct diff *diff;
    uint32_t *of_before; // type of `before` -> row
    struct age *ages;    // by interpreter of `after`
};

// --- rows ---------------------------------------------------------------------------------------

static bool number_types(struct names *names, const struct baseline *past, uint32_t **rows,
                         struct err *err)
{
    *rows = calloc((size_t)past->type_count + 1, sizeof **rows);
    if (!*rows)
        return err_memory(err, "the types");
    for (uint32_t i = 0; i < past->type_count; i++)
        if (!names_intern(names, past->types[i].name, strlen(past->types[i].name), &(*rows)[i],
                          NULL, err))
            return false;
    return true;
}

static void count_before(struct diff *diff, const uint32_t *rows)
{
    for (uint32_t i = 0; i < diff->before->type_count; i++) {
        const struct baseline_type *type = &diff->before->types[i];
        struct diff_row *row = &diff->rows[rows[i]];
        row->name = type->name;
        row->module = type->module;
        row->object = NODE_NONE;
        row->before += type->count;
        row->bytes_before += type->bytes;
    }
}

static void count_after(struct diff *diff)
{
    for (uint32_t i = 0; i < diff->after->type_count; i++) {
        const struct baseline_type *type = &diff->after->types[i];
        struct diff_row *row = &diff->rows[diff->row_of[i]];
        row->name = type->name;
        row->module = type->module;
        row->object = type->largest;
        row->after += type->count;
        row->bytes_after += type->bytes;
    }
}

static bool make_rows(struct diff_comparing *c, struct err *err)
{
    struct diff *diff = c->diff;
    struct names names;
    names_init(&names);
    bool ok = number_types(&names, diff->before, &c->of_before, err)
              && number_types(&names, diff->after, &diff->row_of, err);
    diff->row_count = names.count;
    names_fini(&names);
    if (!ok)
        return false;
    diff->rows = calloc(diff->row_count + 1, sizeof *diff->rows);
    if (!diff->rows)
        return err_memory(err, "what is new");
    count_before(diff, c->of_before);
    count_after(diff);
    return true;
}

// --- ages ---------------------------------------------------------------------------------------

static const struct baseline_collector *collector_of(const struct baseline *past, int64_t id)
{
    for (size_t i = 0; i < past->collector_count; i++)
        if (past->collectors[i].id == id)
            return &past->collectors[i];
    return NULL;
}

// The collections of each generation between the two; false: the counts went backwards.
static bool count_collections(const struct baseline_collector *before,
                              const struct baseline_collector *after, uint64_t ran[3])
{
    for (int g = 0; g < 3; g++) {
        if (after->collections[g] < before->collections[g])
            return false;
        ran[g] = after->collections[g] - before->collections[g];
    }
    return true;
}

// A collection of generation g includes the younger ones and moves what survives to g + 1. The
// incremental collector (3.14.0-3.14.4) swaps its two old spaces: only young and old are
// meaningful.
static void find_age(const struct diff *diff, const struct baseline_collector *before,
                     const struct baseline_collector *after, struct age *age, bool *reversed)
{
    bool incremental = diff->after->is_incremental;
    uint64_t ran[3] = { 1, 1, 1 };
    bool counted = before && diff->after->has_counts;
    if (!before || !before->known || !after->known || !diff->after->has_generations)
        return;
    if (counted && !count_collections(before, after, ran)) {
        *reversed = true;
        return;
    }
    unsigned least = !counted || !(ran[0] + ran[1] + ran[2]) ? 0
                     : !incremental && ran[1] + ran[2]       ? 2
                                                             : 1;
    for (unsigned g = 0; g < GEN_COUNT; g++) {
        unsigned most = incremental ? 1 : 2, own = g < most ? g : most;
        age->old_least[g] = (uint8_t)(own > least ? own : least);
    }
    age->new_most = (uint8_t)(!(ran[0] + ran[1] + ran[2])          ? 0
                              : incremental || ran[1] + ran[2] > 0 ? 2
                                                                   : 1);
    age->is_still = counted && !(ran[0] + ran[1] + ran[2]);
    age->known = true;
}

static bool find_ages(struct diff_comparing *c, struct err *err)
{
    struct diff *diff = c->diff;
    c->ages = calloc(diff->after->collector_count + 1, sizeof *c->ages);
    if (!c->ages)
        return err_memory(err, "what is new");
    for (size_t i = 0; i < diff->after->collector_count; i++) {
        const struct baseline_collector *after = &diff->after->collectors[i];
        find_age(diff, collector_of(diff->before, after->id), after, &c->ages[i],
                 &diff->is_reversed);
    }
    return true;
}

// --- objects ------------------------------------------------------------------------------------

static enum diff_verdict by_age(const struct diff_comparing *c, node old, node n, bool retracked)
{
    const struct baseline *before = c->diff->before, *after = c->diff->after;
    unsigned from = before->gen[old] & ~BASELINE_LASTS, to = after->gen[n] & ~BASELINE_LASTS;
    size_t owner = after->owner ? after->owner[n] : 0;
    const struct age *age = owner < after->collector_count ? &c->ages[owner] : NULL;
    if (!age || !age->known || from >= GEN_NONE || to >= GEN_PERMANENT)
        return DIFF_MAYBE;
    if (to < age->old_least[from])
        return retracked ? DIFF_MAYBE : DIFF_REUSED;
    return to > age->new_most ? DIFF_SAME : DIFF_MAYBE;
}

// The verdict on two objects with the same address.
static enum diff_verdict diff_judge(const struct diff_comparing *c, node old, node n)
{
    const struct diff *diff = c->diff;
    const struct baseline *before = diff->before, *after = diff->after;
    const struct baseline_type *type = &after->types[after->type[n]];
    if (c->of_before[before->type[old]] != diff->row_of[after->type[n]])
        return DIFF_REUSED;
    if (before->gen[old] & after->gen[n] & BASELINE_LASTS)
        return DIFF_SAME;
    if (before->types[before->type[old]].at != type->at) // the class was made again, or moved to
        return DIFF_MAYBE;
    uint64_t a = before->value[old], b = after->value[n];
    if (a && b && (a & 1) == (b & 1)) {
        if (a != b)
            return DIFF_REUSED;
        if (a & 1)
            return DIFF_SAME;
    }
    return by_age(c, old, n, type->is_retracked);
}

static void lose(struct diff_comparing *c, node old)
{
    c->diff->rows[c->of_before[c->diff->before->type[old]]].gone++;
    c->diff->gone++;
}

static void diff_meet(struct diff_comparing *c, node n, node old)
{
    struct diff *diff = c->diff;
    enum diff_verdict verdict = old == NODE_NONE ? DIFF_NEW : diff_judge(c, old, n);
    struct diff_row *row = &diff->rows[diff->row_of[diff->after->type[n]]];
    diff->verdict[n] = (uint8_t)verdict;
    diff->was[n] = old;
    diff->reused += verdict == DIFF_REUSED;
    diff->maybe += verdict == DIFF_MAYBE;
    if (verdict == DIFF_REUSED)
        lose(c, old);
    if (verdict > DIFF_REUSED)
        return;
    row->object = n;
    row->fresh++;
    diff->fresh++;
}

// Both are in address order: one walk tells what only one of them has.
static bool walk_both(struct diff_comparing *c, const struct progress *progress, struct err *err)
{
    const struct baseline *before = c->diff->before, *after = c->diff->after;
    node old = 0;
    for (node n = 0; n < after->count; n++) {
        for (; old < before->count && before->at[old] < after->at[n]; old++)
            lose(c, old);
        bool here = old < before->count && before->at[old] == after->at[n];
        diff_meet(c, n, here ? old : NODE_NONE);
        old += here;
        if (n % PROGRESS_EVERY == 0 && !progress_step(progress, "comparing", n, after->count))
            return err_set(err, ERR_CANCELLED, "comparing was cancelled");
    }
    for (; old < before->count; old++)
        lose(c, old);
    return true;
}

// --- the order of the young ---------------------------------------------------------------------

// The two were taken for the same object, but are different ones.
static void part(struct diff_comparing *c, node n)
{
    struct diff *diff = c->diff;
    struct diff_row *row = &diff->rows[diff->row_of[diff->after->type[n]]];
    diff->verdict[n] = DIFF_REUSED;
    diff->maybe--;
    diff->reused++;
    diff->fresh++;
    row->fresh++;
    row->object = n;
    lose(c, diff->was[n]);
}

static void order_young(struct diff_comparing *c, const struct baseline_collector *before,
                        const struct baseline_collector *after, uint32_t *rank)
{
    const struct diff *diff = c->diff;
    uint32_t greatest = 0;
    bool since = false; // all that follow were tracked since
    for (uint32_t i = 0; i < before->young_count; i++)
        rank[before->young[i]] = i + 1;
    for (uint32_t i = 0; i < after->young_count; i++) {
        node n = after->young[i], old = diff->was[n];
        uint32_t was = old == NODE_NONE ? 0 : rank[old];
        since = since || was <= greatest;
        greatest = was > greatest ? was : greatest;
        if (since && diff->verdict[n] == DIFF_MAYBE
            && !diff->after->types[diff->after->type[n]].is_retracked)
            part(c, n);
    }
}

static bool order_all(struct diff_comparing *c, struct err *err)
{
    const struct diff *diff = c->diff;
    uint32_t *rank = calloc((size_t)diff->before->count + 1, sizeof *rank);
    if (!rank)
        return err_memory(err, "the order of young objects");
    for (size_t i = 0; i < diff->after->collector_count; i++) {
        const struct baseline_collector *after = &diff->after->collectors[i];
        const struct baseline_collector *before = collector_of(diff->before, after->id);
        if (c->ages[i].known && c->ages[i].is_still && before)
            order_young(c, before, after, rank);
    }
    free(rank);
    return true;
}

static bool diff_compare(struct diff_comparing *c, const struct progress *progress, struct err *err)
{
    struct diff *diff = c->diff;
    if (!make_rows(c, err))
        return false;
    if (!diff->same_process)
        return true;
    diff->verdict = malloc((size_t)diff->after->count + 1);
    diff->was = malloc(((size_t)diff->after->count + 1) * sizeof *diff->was);
    if (!diff->verdict || !diff->was)
        return err_memory(err, "what is new");
    return find_ages(c, err) && walk_both(c, progress, err) && order_all(c, err);
}

bool diff_find(struct diff *diff, const struct baseline *before, const struct baseline *after,
               bool as_runs, const struct progress *progress, struct err *err)
{
    *diff = (struct diff){ .before = before, .after = after };
    diff->same_process =
        baseline_same_process(before, after, diff->why, sizeof diff->why) && !as_runs;
    struct diff_comparing c = { .diff = diff };
    bool ok = diff_compare(&c, progress, err);
    free(c.of_before);
    free(c.ages);
    if (!ok)
        diff_free(diff);
    return ok;
}

void diff_free(struct diff *diff)
{
    free(diff->verdict);
    free(diff->was);
    free(diff->rows);
    free(diff->row_of);
    *diff = (struct diff){ 0 };
}
