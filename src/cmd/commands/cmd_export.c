// SPDX-License-Identifier: GPL-3.0-or-later
// `export`: every object with its exact references, for other programs.
#include <string.h>

#include "base/outfile.h"
#include "cmd/export/export_text.h"
#include "cmd/session/select.h"
#include "cmd/session/session_redact.h"

static const struct column columns[] = {
    { "addr", 18, 0, "its address" },
    { "type", 20, 0, "its type's name" },
    { "gen", 9, 0, "0, 1, 2 or permanent; unknown when the collector does not track it" },
    { "refcount", 9, COLUMN_RIGHT, "as stored; unknown when it is immortal" },
    { "size", 9, COLUMN_RIGHT, "bytes, as sys.getsizeof counts" },
    { "refs", 5, COLUMN_RIGHT,
      "the addresses that tp_traverse visits, in its order, repeated ones kept; in text how many "
      "they are" },
    { "collectable", 11, 0, "whether a full collection would find it unreachable" },
    { "evidence", 9, 0, "how its references are known: decoded, traversed, guessed or disputed" },
    COLUMN_ROW_END,
};

static const struct column file_columns[] = {
    { "file", 20, COLUMN_WIDE, "what was written" },
    { "format", 8, 0, "jsonl, csv, tsv or sqlite" },
    { "objects", 10, COLUMN_RIGHT, "how many are in it" },
    { "references", 10, COLUMN_RIGHT, "and of these" },
    { "bytes", 10, COLUMN_RIGHT | COLUMN_HUMAN, "its length" },
    COLUMN_ROW_END,
};

static const char *const formats[] = { "jsonl", "csv", "tsv", "sqlite" };

static const struct column *cmd_export_choose(const struct args *args)
{
    return args->word_count || args_has(args, "format") ? file_columns : columns;
}

static bool cmd_export_add_row(const struct session *session, struct report *report, node n,
                               struct err *err)
{
    const struct heap *heap = &session->heap;
    const struct cell cells[] = {
        cell_object(n),
        cell_type_of(n),
        selection_gen_cell(heap, n),
        selection_refcount_cell(heap, n),
        cell_count(heap_size(heap, n)),
        cell_refs(n),
        cell_bool(collect_is_unreachable(&session->garbage, n)),
        cell_text(evidence_name(heap_evidence(heap, n))),
    };
    return report_row(report, cells, err);
}

struct cmd_export_wish {
    const struct heap *heap;
    const struct selection *selection;
    bool all;
};

static bool cmd_export_wants(const void *context, node n)
{
    const struct cmd_export_wish *wish = context;
    return (wish->all || wish->heap->flags[n] & NODE_VISITED) && selection_has(wish->selection, n);
}

// --format, or what the file's name ends in.
static bool cmd_export_format(const struct args *args, enum export_format *format, struct err *err)
{
    const char *name = args_text(args, "format");
    const char *end = args->word_count ? strrchr(args->words[0], '.') : NULL;
    if (!args->word_count)
        return err_set(err, ERR_USAGE, "export --format %s: into which file?", name ? name : "");
    if (!name)
        name = end ? end + 1 : "";
    for (int i = 0; i < (int)(sizeof formats / sizeof *formats); i++) {
        *format = (enum export_format)i;
        if (!strcmp(name, formats[i]))
            return true;
    }
    return err_set(err, ERR_USAGE, "export: --format may be jsonl, csv, tsv or sqlite, not '%s'",
                   name);
}

static bool cmd_export_write(struct session *session, const struct args *args,
                             const struct selection *selection, struct report *report,
                             struct err *err)
{
    const struct cmd_export_wish wish = { &session->heap, selection, args_has(args, "all") };
    const struct heap_file_source source = {
        .heap = &session->heap,
        .garbage = &session->garbage,
        .progress = &session->options.progress,
        .all = wish.all,
        .has = cmd_export_wants,
        .context = &wish,
    };
    struct outfile file;
    enum export_format format;
    uint64_t objects = 0, refs = 0, bytes = 0;
    if (!cmd_export_format(args, &format, err) || !outfile_create(&file, args->words[0], err))
        return false;
    bool ok = format == EXPORT_SQLITE ? heap_file_write(file.partial, &source, &objects, &refs, err)
                                      : export_text(file.fd, format, &source, &objects, &refs, err);
    if (!ok) {
        outfile_drop(&file);
        return false;
    }
    if (!outfile_keep(&file, &bytes, err))
        return false;
    const struct cell cells[] = { cell_text(report_foreign(report, args->words[0])),
                                  cell_text(formats[format]), cell_count(objects), cell_count(refs),
                                  cell_bytes(bytes) };
    return report_row(report, cells, err);
}

// No value is in any of the files; a name of a type may be one of a class that was made at run time.
static bool cmd_export_to_file(struct session *session, const struct args *args,
                               const struct selection *selection, struct report *report,
                               struct err *err)
{
    struct redaction redaction = { 0 };
    bool redact = args_has(args, "redact");
    if (redact && !session_redact(session, &redaction, err))
        return false;
    bool ok = cmd_export_write(session, args, selection, report, err);
    if (redact) {
        report_summary(report, "redacted", cell_bool(true));
        session_unredact(session, &redaction);
    }
    return ok;
}

static bool cmd_export_rows(struct session *session, const struct selection *selection, bool all,
                            struct report *report, struct err *err)
{
    const struct cmd_export_wish wish = { &session->heap, selection, all };
    for (node n = 0; n < session->heap.node_count; n++)
        if (cmd_export_wants(&wish, n) && !cmd_export_add_row(session, report, n, err))
            return false;
    return true;
}

static bool cmd_export_run(struct session *session, const struct args *args, struct report *report,
                           struct err *err)
{
    struct selection selection;
    if (!selection_read(&selection, session, args, err))
        return false;
    bool ok = args->word_count || args_has(args, "format")
                  ? cmd_export_to_file(session, args, &selection, report, err)
                  : cmd_export_rows(session, &selection, args_has(args, "all"), report, err);
    selection_fini(&selection);
    return ok;
}

static const struct option_row options[] = {
    { .name = "format",
      .value = "F",
      .kind = OPTION_TEXT,
      .choices = "jsonl csv tsv sqlite",
      .help = "into FILE, as jsonl, csv, tsv or sqlite; without it as FILE's name ends" },
    { .name = "all",
      .kind = OPTION_FLAG,
      .help = "every object that was found, and references that are held without being visited" },
    { .name = "redact",
      .kind = OPTION_FLAG,
      .help = "with FILE: as `save --redact` leaves the heap; no value is in it in any case" },
    OPTION_ROW_TYPE,
    OPTION_ROW_GENERATION,
    OPTION_ROW_GARBAGE,
    OPTION_ROW_MIN_SIZE,
    OPTION_ROW_INTERPRETER,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_export = {
    .name = "export",
    .usage = "[--format jsonl|csv|tsv|sqlite FILE] [--all] [--redact] [-t TYPE] [-g GEN] "
             "[--garbage] [-n N]",
    .summary = "every object with its references, for other programs",
    .help =
        "One row for every object that the collector tracks and for every one that can be reached "
        "from there, in the order of addresses. "
        "Made for --json: `refs` is the list of addresses that the type's own tp_traverse "
        "visits.\n\n"
        "With FILE the rows go into that file, without a cell being made of each: jsonl, csv and "
        "tsv with a row an object (object, type, gen, refcount, bytes, tracked, collectable, "
        "evidence, refs; with `--all` also holds), or a database of SQLite's with the tables "
        "objects, refs(source, target, visited) and types, in which addresses are numbers. FILE "
        "must not be there yet, only its owner may read it, and it is there whole or not at all: "
        "until then it is FILE.part.",
    .example = "export --format sqlite heap.sqlite",
    .options = options,
    .words_most = 1,
    .word_kind = COMPLETE_FILE,
    .columns = columns,
    .choose = cmd_export_choose,
    .needs = NEEDS_GARBAGE,
    .writes = "",
    .run = cmd_export_run,
};
