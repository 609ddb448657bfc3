// SPDX-License-Identifier: GPL-3.0-or-later
// `export`: every object with its exact references, for other programs.
#include <string.h>

#include "base/outfile.h"
#include "cmd/export/export_text.h"
#include "cmd/session/select.h"
#include "cmd/session/disclosed.h"
#include "cmd/tables/sql_session.h"

static const struct column columns[] = {
    { COL(addr), 18, 0, "its address" },
    { COL(type), 20, 0, "its type's name" },
    { COL(gen), 9, 0, "0, 1, 2 or permanent; unknown when the collector does not track it" },
    { COL(refcount), 9, COLUMN_RIGHT, "as stored; unknown when it is immortal" },
    { COL(size), 9, COLUMN_RIGHT, "bytes, as sys.getsizeof counts" },
    { COL(refs), 5, COLUMN_RIGHT,
      "the addresses that tp_traverse visits, in its order, repeated ones kept; in text their "
      "number" },
    { COL(collectable), 11, 0, "whether a full collection would find it unreachable" },
    { COL(evidence), 9, 0,
      "how its references are known: decoded, traversed, guessed or disputed" },
    COLUMN_ROW_END,
};

static const struct column file_columns[] = {
    { COL(file), 20, COLUMN_WIDE, "what was written" },
    { COL(format), 8, 0, "jsonl, csv, tsv or sqlite" },
    { COL(objects), 10, COLUMN_RIGHT, "how many are in it, or were examined" },
    { COL(references), 10, COLUMN_RIGHT, "and of these" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "its length, or that of all its parts" },
    { COL(files), 5, COLUMN_RIGHT, "how many there are" },
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
    uint64_t *left; // how many rows may still be written; null: any number
};

static bool cmd_export_wants(const void *context, node n)
{
    const struct cmd_export_wish *wish = context;
    return (!wish->left || *wish->left) && (wish->all || wish->heap->flags[n] & NODE_VISITED)
           && selection_has(wish->selection, n) && (!wish->left || (*wish->left)--);
}

// What is written, and how.
struct cmd_export_form {
    const char *path;
    enum export_format format;
    size_t ending; // bytes of the path's end that are its suffix: .jsonl, .csv.zst
    bool packs;
};

static bool cmd_export_is_format(const char *word, size_t length, enum export_format *format)
{
    for (int i = 0; i < (int)(sizeof formats / sizeof *formats); i++) {
        *format = (enum export_format)i;
        if (strlen(formats[i]) == length && !strncmp(word, formats[i], length))
            return true;
    }
    return false;
}

// Takes --format, else the path's suffix, before .zst if there is one.
static bool cmd_export_read_form(const struct args *args, struct cmd_export_form *form,
                                 struct err *err)
{
    const char *name = args_text(args, "format");
    if (!args->word_count)
        return err_set(err, ERR_USAGE, "export --format %s: missing file name", name ? name : "");
    const char *path = form->path = args->words[0];
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t whole = strlen(base), end = whole;
    form->packs = whole > 4 && !strcmp(base + whole - 4, ".zst");
    end -= form->packs ? 4 : 0;
    size_t dot = end;
    while (dot > 0 && base[dot - 1] != '.')
        dot--;
    bool named = dot > 1 && cmd_export_is_format(base + dot, end - dot, &form->format);
    form->ending = named ? whole - dot + 1 : whole - end;
    if (name && !cmd_export_is_format(name, strlen(name), &form->format))
        return err_set(err, ERR_USAGE,
                       "export: --format may be jsonl, csv, tsv or sqlite, not '%s'", name);
    if (!name && !named)
        return err_set(err, ERR_USAGE,
                       "export: --format may be jsonl, csv, tsv or sqlite, not '%.*s'",
                       (int)(dot ? end - dot : 0), base + dot);
    return true;
}

// SQLite writes one file and does not pack it; the other formats hold objects or references alone.
static bool cmd_export_check(const struct args *args, const struct cmd_export_form *form,
                             struct err *err)
{
    bool sqlite = form->format == EXPORT_SQLITE;
    if (sqlite && (args_has(args, "split") || form->packs))
        return err_set(err, ERR_USAGE, "export: a database is one file, and is not packed");
    if (!sqlite && args_has(args, "tables"))
        return err_set(err, ERR_USAGE,
                       "export: --tables is for sqlite; ask `sql \"SELECT * FROM "
                       "...\"` for the rows of one");
    return true;
}

struct cmd_export_done {
    uint64_t objects, refs, bytes, files;
};

static bool cmd_export_text(const struct cmd_export_form *form, uint64_t split,
                            const struct heap_file_source *source, unsigned threads,
                            struct cmd_export_done *done, struct err *err)
{
    struct export_sink sink;
    if (!export_sink_open(&sink, form->path, form->ending, split, form->packs, err))
        return false;
    if (!export_text(&sink, form->format, split, source, threads, &done->objects, &done->refs,
                     err)) {
        export_sink_drop(&sink);
        return false;
    }
    done->files = sink.count;
    return export_sink_keep(&sink, &done->bytes, err);
}

static bool cmd_export_sqlite(struct session *session, const struct cmd_export_form *form,
                              const char *tables, const struct heap_file_source *source,
                              struct cmd_export_done *done, struct err *err)
{
    struct outfile file;
    struct sql_session sql;
    if (!sql_session_open(&sql, session, err))
        return false;
    bool ok = outfile_create(&file, form->path, err);
    if (ok
        && !heap_file_write(file.partial, source, &sql.source, tables, &done->objects, &done->refs,
                            err)) {
        outfile_drop(&file);
        ok = false;
    }
    sql_session_close(&sql);
    done->files = 1;
    return ok && outfile_keep(&file, &done->bytes, err);
}

static bool cmd_export_write(struct session *session, const struct args *args,
                             const struct selection *selection, struct report *report,
                             struct err *err)
{
    uint64_t left = args_number(args, "limit", UINT64_MAX);
    const struct cmd_export_wish wish = { &session->heap, selection, args_has(args, "all"), &left };
    const struct heap_file_source source = {
        .heap = &session->heap,
        .garbage = &session->garbage,
        .progress = &session->options.progress,
        .all = wish.all,
        .edges = args_has(args, "edges"),
        .has = cmd_export_wants,
        .context = &wish,
    };
    struct cmd_export_form form = { 0 };
    struct cmd_export_done done = { 0 };
    if (!cmd_export_read_form(args, &form, err) || !cmd_export_check(args, &form, err))
        return false;
    bool ok =
        form.format == EXPORT_SQLITE
            ? cmd_export_sqlite(session, &form, args_text(args, "tables"), &source, &done, err)
            : cmd_export_text(&form, args_number(args, "split", 0), &source, session->threads,
                              &done, err);
    if (!ok)
        return false;
    const struct cell cells[] = { cell_text(report_foreign(report, form.path)),
                                  cell_text(formats[form.format]),
                                  cell_count(done.objects),
                                  cell_count(done.refs),
                                  cell_bytes(done.bytes),
                                  cell_count(done.files) };
    return report_row(report, cells, err);
}

// None of the files holds a value, but a type's name may be that of a class made at run time.
static bool cmd_export_to_file(struct session *session, const struct args *args,
                               const struct selection *selection, struct report *report,
                               struct err *err)
{
    struct disclosed disclosed;
    enum disclosure how = args_disclosure(args);
    if (!disclosed_begin(&disclosed, session, how, err))
        return false;
    bool ok = cmd_export_write(session, args, selection, report, err);
    if (!discloses_values(how))
        session_disclosure_summary(session, report);
    disclosed_end(&disclosed);
    return ok;
}

static bool cmd_export_rows(struct session *session, const struct selection *selection, bool all,
                            struct report *report, struct err *err)
{
    const struct cmd_export_wish wish = { &session->heap, selection, all, NULL };
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
      .help = "write FILE as jsonl, csv, tsv or sqlite; unless given, as FILE's name ends" },
    { .name = "all",
      .kind = OPTION_FLAG,
      .help = "every object that was found, and references that are held without being visited" },
    { .name = "edges",
      .kind = OPTION_FLAG,
      .help = "with FILE: one row per reference, with its name and the word that holds it; in a "
              "database as columns of refs" },
    { .name = "tables",
      .value = "NAME,...",
      .kind = OPTION_TEXT,
      .help = "also these tables of `sql`, in the database: roots, threads, frames, locals ..." },
    { .name = "split",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "N rows per file: FILE.0001.jsonl, and so on" },
    OPTION_ROW_REDACT("with FILE: as `save --redact` leaves the heap; values are never exported"),
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
    .usage = "[--format jsonl|csv|tsv|sqlite FILE] [--all] [--edges] [--tables NAME,...] "
             "[--split N] [--redact] [-t TYPE] [-g GEN] [--garbage] [-n N]",
    .summary = "every object with its references, for other programs",
    .help = "One row for every object that the collector tracks and for every one that can be "
            "reached from there, in the order of addresses. Made for --json: `refs` is the list of "
            "addresses that the type's own tp_traverse visits.\n"
            "\n"
            "With FILE the rows go straight into that file: jsonl, csv and tsv with one row per "
            "object (object, type, gen, refcount, bytes, tracked, collectable, evidence, refs; "
            "with `--all` also holds), or an SQLite database with the tables objects, refs(source, "
            "target, visited) and types, in which addresses are numbers; `--tables` adds others "
            "that `sql` has, as they are. With `--edges` a row is a reference (source, target, "
            "visited, borrowed, edge, slot). A name that ends in .zst compresses the rows as they "
            "come; `--split` begins a new file every N rows. FILE must not exist yet, only its "
            "owner may read it, and it is written whole or not at all: until then it is FILE.part.",
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
