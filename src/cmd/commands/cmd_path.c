// SPDX-License-Identifier: GPL-3.0-or-later
// `path`: why an object is alive.
#include <stdlib.h>
#include <string.h>

#include "heap/analysis/doom.h"
#include "cmd/session/selected_paths.h"
#include "heap/analysis/paths.h"
#include "heap/memory/block_content.h"

#define MOST 3 // paths, unless -n says otherwise
#define TALLY_MAX 100
#define VIA_MAX 64 // blocks on a path
#define NOTHING "nothing holds it: it is garbage; `collect` and `cycles --garbage` tell more"
#define NOTHING_HERE "nothing that is in the target holds it, but a part of the target is missing"

static const struct column columns[] = {
    { COL(path), 4, COLUMN_RIGHT | COLUMN_GOES(1), "its number" },
    { COL(step), 4, COLUMN_RIGHT, "0: the root's object" },
    { COL(edge), 24, 0, "the reference from the step before; of step 0: the root" },
    { COL(object), 18, COLUMN_OBJECT, "the object that it refers to" },
    { COL(type), 16, 0, "its type's name" },
    { COL(name), 24, COLUMN_GOES(2),
      "the path so far; Python source if Python can express it. Unknown in the middle of a very "
      "long one, and where steps repeat" },
    { COL(preview), 24, COLUMN_WIDE, "its value, shortened" },
    { COL(source), 6, COLUMN_JSON_ONLY, "whether `name` is Python source" },
    COLUMN_ROW_END,
};

static const struct column shape_columns[] = {
    { COL(shape), 40, COLUMN_WIDE,
      "the path that they are reached by, without items: app.CACHE[*].orders[*]; repeated steps "
      "are folded" },
    { COL(objects), 9, COLUMN_RIGHT, "how many are reached by it" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR, "their own bytes" },
    { COL(share), 6, COLUMN_RIGHT, "of the objects: 1 is all of them" },
    { COL(object), 18, COLUMN_OBJECT, "one of them: the largest" },
    COLUMN_ROW_END,
};

static bool cmd_path_is_of_set(const struct args *args)
{
    return args_has(args, "class") || args_has(args, "generation") || args_has(args, "min-size")
           || args_has(args, "group");
}

static const struct column *cmd_path_choose(const struct args *args)
{
    return cmd_path_is_of_set(args) ? shape_columns : columns;
}

static bool add_path(struct report *report, uint64_t number, const struct heap_path *path,
                     bool whole, struct err *err)
{
    for (size_t i = 0; i < path->count; i++) {
        const struct heap_step *step = &path->steps[i];
        if (step->is_folded && !whole) {
            const struct cell cells[] = {
                cell_count(number),
                cell_count(i),
                cell_text(step->fold ? report_format(report, "%s", step->fold) : NULL),
                cell_null(),
                cell_null(),
                cell_null(),
                cell_null(),
                cell_null(),
            };
            if (step->fold && !report_row(report, cells, err))
                return false;
            continue;
        }
        const struct cell cells[] = {
            cell_count(number),
            cell_count(i),
            cell_text(report_format(report, "%s", step->edge)),
            cell_object(step->object),
            cell_type_of(step->object),
            cell_text(step->name ? report_format(report, "%s", step->name) : NULL),
            cell_preview(step->object),
            cell_bool(step->is_source),
        };
        if (!report_row(report, cells, err))
            return false;
    }
    return true;
}

static const char *cmd_path_nothing(const struct report *report)
{
    return report_is_partial(report) ? NOTHING_HERE : NOTHING;
}

// Adds the steps through C memory: from the object on, by words that may be addresses.
static bool add_blocks(struct session *session, struct report *report, uint64_t number, size_t step,
                       uint32_t block, struct err *err)
{
    struct block_owners *o = &session->blocks;
    uint32_t via[VIA_MAX], count = block_owners_chain(o, block, via, VIA_MAX);
    struct text text = TEXT_INIT;
    bool ok = true;
    for (uint32_t i = 0; ok && i < count; i++) {
        addr word = o->word[via[i]];
        addr from = i ? o->rows[via[i - 1]].at : heap_addr(&session->heap, o->owner[block]);
        text_clear(&text);
        block_content(o, via[i], &text);
        const struct cell cells[] = {
            cell_count(number),
            cell_count(step + i),
            cell_text(report_format(report, "%c0x%llx in C memory (guessed)",
                                    word < from ? '-' : '+',
                                    (unsigned long long)(word < from ? from - word : word - from))),
            cell_addr(o->rows[via[i]].at),
            cell_text("block"),
            cell_null(),
            cell_text(report_text(report, text_string(&text), text.size)),
            cell_bool(false),
        };
        ok = report_row(report, cells, err);
    }
    text_fini(&text);
    return ok;
}

static const char *how_it_ended(enum path_end end, bool partial)
{
    static const char *const texts[] = { "more may follow: -n",
                                         "no other path is free of shared objects",
                                         "the search was stopped: there may be more" };
    return partial && end == PATH_NO_MORE ? "no more in what there is of the target" : texts[end];
}

static bool cmd_path_add_paths(struct session *session, struct paths *paths,
                               const struct paths_options *how, uint64_t most, bool whole,
                               uint32_t block, struct report *report, struct err *err)
{
    enum path_end end = PATH_FOUND;
    bool ok = true;
    uint64_t count = 0;
    for (; ok && count < most; count++) {
        struct heap_path path;
        ok = paths_next(paths, &path, &end, &session->options.progress, err);
        if (!ok || end != PATH_FOUND)
            break;
        ok = add_path(report, count + 1, &path, whole, err)
             && (block == BLOCK_NONE
                 || add_blocks(session, report, count + 1, path.count, block, err));
        if (!count && path.count)
            report_summary(report, "name",
                           cell_text(report_format(report, "%s", path.steps[path.count - 1].name)));
        heap_path_fini(&path);
    }
    report->truncated |= end == PATH_STOPPED;
    report_summary(report, "paths", cell_count(count));
    bool garbage = !count && end == PATH_NO_MORE && !how->from && !how->hide;
    report_summary(report, "end",
                   cell_text(garbage ? cmd_path_nothing(report)
                                     : how_it_ended(end, report_is_partial(report))));
    return ok;
}

// Counts disjoint paths by a search of its own, which the paths already shown do not affect.
static bool add_tally(struct session *session, struct paths *paths, struct report *report,
                      struct err *err)
{
    struct path_tally tally;
    if (!paths_count(paths, TALLY_MAX, &tally, &session->options.progress, err))
        return false;
    report_summary_whole(report, "disjoint", cell_count(tally.count));
    report_summary(report, "disjoint_exact",
                   cell_bool(tally.is_exact && !report_is_partial(report)));
    if (report_is_partial(report))
        return true;
    report->sentence = report_format(report, "%s%lu %s no inner object",
                                     tally.is_exact ? "" : "at least ", (unsigned long)tally.count,
                                     text_plural(tally.count, "path shares", "paths share"));
    return true;
}

// Collects every --hide, not just the last one; null if there is none.
static const char *const *read_hidden(const struct args *args, const char **hidden)
{
    size_t count = 0;
    for (size_t i = 0; i < args->option_count; i++)
        if (!strcmp(args->options[i].row->name, "hide"))
            hidden[count++] = args->options[i].text;
    hidden[count] = NULL;
    return count ? hidden : NULL;
}

// Resolves the word: an object, or the address of a C memory block, for which the object that leads
// there.
static bool cmd_path_target(struct session *session, const char *word, node *target,
                            uint32_t *block, struct err *err)
{
    struct err none = ERR_INIT;
    char *end;
    addr at = strncmp(word, "0x", 2) ? 0 : strtoull(word, &end, 16);
    *block = BLOCK_NONE;
    if (session_object(session, word, target, err))
        return true;
    if (!at || *end || !session_knows_memory(session) || !session_blocks(session, &none))
        return false;
    *block = block_index_find(&session->blocks.index, at);
    if (*block == BLOCK_NONE)
        return false;
    *target = session->blocks.owner[*block];
    if (*target != NODE_NONE) {
        err_clear(err);
        return true;
    }
    return err_set(err, ERR_NOT_FOUND,
                   "path: no object leads to the block at %s; `block %s` tells more", word, word);
}

// --- of a selection ------------------------------------------------------------------------------

static bool cmd_path_add_shape(const struct path_shapes *shapes, const struct path_shapes_row *row,
                               struct report *report, struct err *err)
{
    const struct cell cells[] = {
        cell_text(report_text(report, row->text, strlen(row->text))),
        cell_count(row->objects),
        cell_bytes(row->bytes),
        cell_real((double)row->objects / (double)shapes->objects),
        cell_object(row->object),
    };
    return report_row(report, cells, err);
}

// "98 % of 12,000 come through app.CACHE[*].orders[*]"
static const char *cmd_path_say(const struct path_shapes *shapes, struct report *report)
{
    struct text text = TEXT_INIT;
    const struct path_shapes_row *first = &shapes->items[0];
    uint64_t percent = (first->objects * 100 + shapes->objects / 2) / shapes->objects;
    bool is_all = first->objects == shapes->objects;
    text_add_number(&text, percent > 99 && !is_all ? 99 : percent);
    text_add_string(&text, " % of ");
    text_add_count(&text, shapes->objects);
    text_add_string(&text, " are reached through ");
    text_add_string(&text, first->text);
    const char *said = report_text(report, text_string(&text), text.size);
    text_fini(&text);
    return said;
}

static bool cmd_path_run_set(struct session *session, const struct args *args,
                             struct report *report, struct err *err)
{
    struct selection selection;
    struct path_shapes shapes;
    if (!selection_read(&selection, session, args, err))
        return false;
    bool ok = session_shapes(session, &selection, &shapes, err);
    if (ok) {
        report_summary(report, "objects", cell_count(shapes.objects));
        report_summary(report, "bytes", cell_bytes(shapes.bytes));
        report_summary(report, "shapes", cell_count(shapes.count));
        if (shapes.count)
            report_summary(report, "says", cell_text(cmd_path_say(&shapes, report)));
    }
    for (size_t i = 0; ok && i < shapes.count; i++)
        ok = cmd_path_add_shape(&shapes, &shapes.items[i], report, err);
    path_shapes_free(&shapes);
    selection_fini(&selection);
    report->empty = "no object matches";
    return ok;
}

// --- of one object ------------------------------------------------------------------------------

static bool cmd_path_run(struct session *session, const struct args *args, struct report *report,
                         struct err *err)
{
    if (cmd_path_is_of_set(args) != !args->word_count)
        return err_set(err, ERR_USAGE, "path: name one object, or a --class");
    if (cmd_path_is_of_set(args))
        return cmd_path_run_set(session, args, report, err);
    node target;
    const char *hidden[ARGS_MAX + 1];
    const struct paths_options how = {
        .hide = read_hidden(args, hidden),
        .from = args_text(args, "from"),
        .budget = args_number(args, "budget", 0),
    };
    uint64_t most = args_number(args, "limit", MOST);
    report->limit = 0; // the limit counts paths here, not rows
    struct paths paths;
    uint32_t block;
    if (!cmd_path_target(session, args->words[0], &target, &block, err)
        || !paths_open(&paths, &session->heap, &session->roots, target, &how, err))
        return false;
    bool ok = (!args_has(args, "count") || add_tally(session, &paths, report, err))
              && cmd_path_add_paths(session, &paths, &how, most, args_has(args, "whole"), block,
                                    report, err);
    paths_close(&paths);
    struct dooms dooms;
    dooms_open(&dooms, &session->heap);
    const char *doom = doom_text(doom_of(&dooms, target));
    if (ok && doom)
        report->sentence = report_format(report, "it is %s", doom);
    report->empty = how.from || how.hide ? "no such path leads to it" : cmd_path_nothing(report);
    return ok;
}

static const struct option_row options[] = {
    OPTION_ROW_CLASS,
    OPTION_ROW_GENERATION,
    OPTION_ROW_MIN_SIZE,
    OPTION_ROW_GROUP,
    { .letter = 'n',
      .name = "limit",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "at most N paths (3), or rows" },
    { .name = "hide",
      .value = "PATTERN",
      .kind = OPTION_TEXT,
      .help = "avoid objects of such types, or this one (0x...), and such roots; may be repeated" },
    { .name = "from",
      .value = "ROOT",
      .kind = OPTION_TEXT,
      .help = "only from roots of such a name or kind (module, globals, local, thread, static, "
              "native, ...)" },
    { .name = "count",
      .kind = OPTION_FLAG,
      .help = "count the paths that share no inner object, up to 100" },
    { .name = "whole", .kind = OPTION_FLAG, .help = "every step, even of long repeated runs" },
    { .name = "budget",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "stop after examining N references" },
    OPTION_ROW_END,
};

const struct command cmd_path = {
    .name = "path",
    .usage = "[OBJ] [--class TYPE] [-n N] [--hide PATTERN]... [--from ROOT] [--count] [--whole]",
    .summary = "why an object, or a whole class, is alive: the paths from roots",
    .help =
        "One row per step. The first step's edge names the root: a module, a local variable of a "
        "thread's frame, a field of the interpreter, a static type. The shortest path comes first, "
        "then others that share no object between their root and OBJ with the earlier ones. When "
        "no named root is left, what only C code holds comes last.\n"
        "\n"
        "`name` is the path as Python source, as far as Python can express it: evaluated in the "
        "process it gives that very object. Weak references hold nothing and are not followed; "
        "references that the collector does not see (untracked tuples, constants of code, arrays) "
        "are.\n"
        "\n"
        "Of a run of repeated steps, as along a linked list, the middle is one row: (-> .next) x "
        "19,996. --whole shows all.\n"
        "\n"
        "With the address of a block of malloc the path leads to the object that reaches it, and "
        "on through C memory; these steps are marked, and guessed from words (see blocks).\n"
        "\n"
        "The summary says whether there are more paths, or whether the search was stopped.\n"
        "\n"
        "`path --class app.Order` covers all objects of a type at once (-g, --min-size and --group "
        "select, too): one row per shape, which is a path without items and keys, "
        "app.CACHE[*].orders[*], with the number of objects reached by it. Each object counts "
        "once, for the shortest path from a name, the program's own before a library's; others may "
        "lead to it. Steps that come back to the same type are folded: (-> .next) x 19,998.",
    .example = "path app.CACHE --count",
    .options = options,
    .words_least = 0,
    .words_most = 1,
    .word_kind = COMPLETE_OBJECT,
    .columns = columns,
    .choose = cmd_path_choose,
    .needs = NEEDS_ROOTS,
    .run = cmd_path_run,
};
