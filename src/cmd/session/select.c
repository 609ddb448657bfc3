// SPDX-License-Identifier: GPL-3.0-or-later
// Which objects a command is asked about: see select.h.
#include "cmd/session/select.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/marks.h"
#include "heap/names/referrers_line.h"
#include "py/objects/str.h"

// Marks every type whose full name is the word or matches the pattern; several classes may share a
// name.
static uint32_t mark_named(const struct heap *heap, const char *word, uint64_t *types)
{
    bool pattern = strpbrk(word, "*?");
    uint32_t found = 0;
    for (uint32_t t = 0; t < heap_type_count(heap); t++) {
        const char *name = heap_type_name(heap, t);
        if (pattern ? fnmatch(word, name, 0) : strcmp(word, name))
            continue;
        marks_set(types, t);
        found++;
    }
    return found;
}

uint64_t *selection_types(struct session *session, const char *word, struct err *err)
{
    uint64_t *types = calloc(marks_words(heap_type_count(&session->heap)) + 1, sizeof *types);
    uint32_t type;
    if (!types) {
        err_memory(err, "a set of types");
    } else if (!mark_named(&session->heap, word, types)) {
        if (session_type(session, word, &type, err)) {
            mark_named(&session->heap, heap_type_name(&session->heap, type), types);
            return types;
        }
        free(types);
        types = NULL;
    }
    return types;
}

static bool read_type(struct selection *selection, struct session *session, const char *word,
                      struct err *err)
{
    selection->types = selection_types(session, word, err);
    return selection->types;
}

// "owner:app.User"
static bool read_group(struct selection *selection, struct session *session, const char *word,
                       struct err *err)
{
    char by[24];
    const char *colon = strchr(word, ':');
    if (!colon || (size_t)(colon - word) >= sizeof by)
        return err_set(err, ERR_USAGE, "--group %s: use BY:NAME, as in owner:app.User", word);
    snprintf(by, sizeof by, "%.*s", (int)(colon - word), word);
    if (!strcmp(by, "type"))
        return read_type(selection, session, colon + 1, err);
    selection->groups = session_groups(session, by, err);
    if (!selection->groups)
        return false;
    selection->group = groups_named(selection->groups, colon + 1);
    return selection->group != NAMES_NONE
           || err_set(err, ERR_NOT_FOUND, "no group %s; `types --by %s` lists them", colon + 1, by);
}

static bool read_new(struct selection *selection, struct session *session, const struct args *args,
                     struct err *err)
{
    const struct comparing how = {
        .base = args_text(args, "new"),
        .later = args->words,
        .later_count = args->word_count,
        .only_kept = args_has(args, "kept"),
    };
    if (!comparison_open(&selection->since, session, &how, err))
        return false;
    return selection->since.fresh
           || err_set(err, ERR_UNSUPPORTED,
                      "--new: objects can be told apart only within one process (%s)",
                      selection->since.diff.why);
}

bool selection_read(struct selection *selection, struct session *session, const struct args *args,
                    struct err *err)
{
    *selection = (struct selection){ .heap = &session->heap, .generation = -1, .owner = -1 };
    const char *type = args_text(args, args_has(args, "class") ? "class" : "type");
    if (type && !read_type(selection, session, type, err))
        goto fail;
    if (args_has(args, "generation"))
        selection->generation = (int)args_number(args, "generation", 0);
    const char *group = args_text(args, "group");
    if (group && !read_group(selection, session, group, err))
        goto fail;
    selection->least = args_number(args, "min-size", 0);
    if (args_has(args, "interpreter")) {
        size_t index;
        if (!session_interpreter(session, args_number(args, "interpreter", 0), &index, err))
            goto fail;
        selection->owner = (int)index;
    }
    if (args_has(args, "garbage")) {
        if (!session_need(session, NEEDS_GARBAGE, err))
            goto fail;
        selection->garbage = &session->garbage;
    }
    if (args_has(args, "new") && !read_new(selection, session, args, err))
        goto fail;
    return true;
fail:
    selection_fini(selection);
    return false;
}

bool selection_has(const struct selection *selection, node n)
{
    const struct heap *heap = selection->heap;
    if (selection->generation >= 0 && heap->gen[n] != selection->generation)
        return false;
    if (selection->since.fresh && !marks_has(selection->since.fresh, n))
        return false;
    if (selection->types && !marks_has(selection->types, heap_type(heap, n)))
        return false;
    if (selection->garbage && !collect_is_unreachable(selection->garbage, n))
        return false;
    if (selection->owner >= 0 && (heap->owner ? heap->owner[n] : 0) != selection->owner)
        return false;
    if (selection->groups && selection->groups->of[n] != selection->group)
        return false;
    return !selection->least || heap_size(heap, n) >= selection->least;
}

void selection_fini(struct selection *selection)
{
    free(selection->types);
    selection->types = NULL;
    comparison_close(&selection->since);
}

struct cell selection_gen_cell(const struct heap *heap, node n)
{
    return heap->gen[n] < GEN_NONE ? cell_gen(heap->gen[n]) : cell_null();
}

struct cell selection_refcount_cell(const struct heap *heap, node n)
{
    int64_t refcount = heap->flags[n] & NODE_IMMORTAL ? -1 : heap_refcount(heap, n);
    return refcount < 0 ? cell_null() : cell_int(refcount);
}

struct cell selection_str_cell(const struct session *session, struct report *report, addr str,
                               size_t width)
{
    struct text text = TEXT_INIT;
    if (str)
        str_append(&session->py, str, width, &text);
    struct cell cell =
        text.size ? cell_text(report_text(report, text.data, text.size)) : cell_null();
    text_fini(&text);
    return cell;
}

const char *evidence_name(enum evidence evidence)
{
    static const char *const names[] = { "decoded", "traversed", "guessed", "disputed" };
    return names[evidence & 3];
}

const char *selection_referrers(const struct session *session, struct report *report, node n)
{
    struct text text = TEXT_INIT;
    referrers_line(&session->heap, n, &text);
    const char *line = text.size ? report_text(report, text.data, text.size) : NULL;
    text_fini(&text);
    return line;
}

const char *selection_verdict(struct session *session, struct memory_verdict *verdict,
                              struct report *report)
{
    struct err none = ERR_INIT;
    struct text text = TEXT_INIT;
    bool ok = session_memory(session, &none)
              && memory_verdict_find(verdict, &session->memory, &session->heap,
                                     session->has_blocks ? &session->blocks : NULL, &text);
    const char *sentence =
        ok && text.size ? report_text(report, text_string(&text), text.size) : NULL;
    text_fini(&text);
    return sentence;
}
