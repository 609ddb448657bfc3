// SPDX-License-Identifier: GPL-3.0-or-later
// Suspects and paths of two moments: see diff_moments.h.
#include "cmd/commands/diff_moments.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/session/selected_paths.h"

const struct column moments_suspect_columns[] = {
    { COL(state), 8, 0, "gone, new, or still there" },
    { COL(suspect), 40, COLUMN_WIDE, "what keeps much of the heap, by name" },
    { COL(before), 10, COLUMN_RIGHT | COLUMN_HUMAN, "the bytes that it kept in the earlier heap" },
    { COL(after), 10, COLUMN_RIGHT | COLUMN_HUMAN, "the bytes that it keeps now" },
    { COL(bytes_delta), 11, COLUMN_RIGHT | COLUMN_HUMAN, "the difference" },
    { COL(object), 18, COLUMN_GOES(1), "the object now; unknown where it is no longer a suspect" },
    COLUMN_ROW_END,
};

const struct column moments_path_columns[] = {
    { COL(shape), 40, COLUMN_WIDE,
      "the path that they are reached by, as `path --class` shows it" },
    { COL(before), 9, COLUMN_RIGHT, "how many were reached by it in the earlier heap" },
    { COL(after), 9, COLUMN_RIGHT, "how many are now" },
    { COL(delta), 9, COLUMN_RIGHT, "the difference" },
    { COL(bytes_delta), 11, COLUMN_RIGHT | COLUMN_HUMAN, "the difference of their own bytes" },
    { COL(object), 18, COLUMN_GOES(1), "one that is reached by it now: the largest" },
    COLUMN_ROW_END,
};

// --- suspects -----------------------------------------------------------------------------------

bool moments_suspects(struct session *session, void *context, struct err *err)
{
    if (!session_need(session, NEEDS_GARBAGE, err) || !session_need(session, NEEDS_DOMINATORS, err))
        return false;
    const struct finding_sources sources = {
        .heap = &session->heap,
        .garbage = &session->garbage,
        .roots = &session->roots,
        .dominate = &session->dominate,
        .progress = &session->options.progress,
    };
    return suspect_names_find(context, &sources, err);
}

static const struct suspect_name *moments_named(const struct suspect_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (!strcmp(names->items[i].name, name))
            return &names->items[i];
    return NULL;
}

static bool moments_add_suspect(struct report *report, const struct suspect_name *was,
                                const struct suspect_name *now, struct err *err)
{
    const char *name = (now ? now : was)->name;
    const struct cell cells[] = {
        cell_text(!now  ? "gone"
                  : was ? "there"
                        : "new"),
        cell_text(report_text(report, name, strlen(name))),
        was ? cell_bytes(was->bytes) : cell_null(), // null: no suspect, or nothing
        now ? cell_bytes(now->bytes) : cell_null(),
        was && now ? cell_int((int64_t)(now->bytes - was->bytes)) : cell_null(),
        now ? cell_object(now->object) : cell_null(),
    };
    return report_row(report, cells, err);
}

bool moments_add_suspects(struct session *session, const char *base, struct report *report,
                          struct err *err)
{
    struct suspect_names before = { 0 }, after = { 0 };
    bool ok = compare_visit(session, base, moments_suspects, &before, err)
              && moments_suspects(session, &after, err);
    uint64_t gone = 0, fresh = 0;
    for (size_t i = 0; ok && i < before.count; i++) {
        if (moments_named(&after, before.items[i].name))
            continue;
        gone++;
        ok = moments_add_suspect(report, &before.items[i], NULL, err);
    }
    for (size_t i = 0; ok && i < after.count; i++) {
        const struct suspect_name *was = moments_named(&before, after.items[i].name);
        fresh += !was;
        ok = moments_add_suspect(report, was, &after.items[i], err);
    }
    report_summary(report, "gone", cell_count(gone));
    report_summary(report, "new", cell_count(fresh));
    report_summary(report, "there", cell_count(after.count - fresh));
    report->empty = "no suspect, then or now";
    suspect_names_free(&before);
    suspect_names_free(&after);
    return ok;
}

// --- paths --------------------------------------------------------------------------------------

struct moments_question {
    const struct args *args;
    struct path_shapes shapes;
};

static bool moments_paths(struct session *session, void *context, struct err *err)
{
    struct moments_question *question = context;
    struct selection selection;
    if (!session_need(session, NEEDS_HEAP, err)
        || !selection_read(&selection, session, question->args, err))
        return false;
    bool ok = session_shapes(session, &selection, &question->shapes, err);
    selection_fini(&selection);
    return ok;
}

static const struct path_shapes_row *moments_path(const struct path_shapes *shapes, const char *key)
{
    uint32_t number = names_get(&shapes->keys, key, strlen(key));
    return number == NAMES_NONE ? NULL : &shapes->items[number];
}

static bool moments_add_path(struct report *report, const struct path_shapes_row *was,
                             const struct path_shapes_row *now, struct err *err)
{
    static const struct path_shapes_row none = { .object = NODE_NONE };
    const char *key = (now ? now : was)->key;
    was = was ? was : &none;
    now = now ? now : &none;
    const struct cell cells[] = {
        cell_text(report_text(report, key, strlen(key))),
        cell_count(was->objects),
        cell_count(now->objects),
        cell_int((int64_t)(now->objects - was->objects)),
        cell_int((int64_t)(now->bytes - was->bytes)),
        cell_object(now->object),
    };
    return report_row(report, cells, err);
}

bool moments_add_paths(struct session *session, const char *base, const struct args *args,
                       struct report *report, struct err *err)
{
    struct moments_question before = { .args = args }, after = { .args = args };
    bool ok = compare_visit(session, base, moments_paths, &before, err)
              && moments_paths(session, &after, err);
    for (size_t i = 0; ok && i < after.shapes.count; i++)
        ok = moments_add_path(report, moments_path(&before.shapes, after.shapes.items[i].key),
                              &after.shapes.items[i], err);
    for (size_t i = 0; ok && i < before.shapes.count; i++)
        if (!moments_path(&after.shapes, before.shapes.items[i].key))
            ok = moments_add_path(report, &before.shapes.items[i], NULL, err);
    report_summary(report, "before", cell_count(before.shapes.objects));
    report_summary(report, "after", cell_count(after.shapes.objects));
    report->empty = "no object of the class, then or now";
    path_shapes_free(&before.shapes);
    path_shapes_free(&after.shapes);
    return ok;
}
