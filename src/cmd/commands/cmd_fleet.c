// SPDX-License-Identifier: GPL-3.0-or-later
// `fleet`: many heaps side by side: what they have in common, and which one differs.
//
// Heaps are opened one at a time; of each, a name, a count and bytes are kept per type (module,
// finding, row of memory). Cost: the command's, per heap; memory: 24 bytes per heap and name.
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/vec.h"
#include "cmd/session/compare.h"
#include "cmd/session/session.h"
#include "cmd/tables/sql_session.h"

#define FLEET_MOST 4096 // heaps

static const struct column columns[] = {
    { COL(name), 32, 0, "the type, module, row of memory, or finding" },
    { COL(heaps), 6, COLUMN_RIGHT, "in how many heaps it is" },
    { COL(median), 10, COLUMN_RIGHT | COLUMN_HUMAN, "its bytes in the median heap" },
    { COL(most), 10, COLUMN_RIGHT | COLUMN_HUMAN, "its bytes in the heap that has the most" },
    { COL(excess), 10, COLUMN_RIGHT | COLUMN_HUMAN | COLUMN_BAR, "how much more that is" },
    { COL(count), 9, COLUMN_RIGHT, "how many there are in that heap" },
    { COL(heap), 20, COLUMN_WIDE, "that heap" },
    COLUMN_ROW_END,
};

static const struct column row_columns[] = {
    { COL(heap), 20, 0, "the file" },
    { COL(host), 12, 0,
      "the machine that it ran on; unknown for most cores and if the heap is redacted" },
    { COL(container), 12, 0, "the container there" },
    { COL(release), 8, 0, "what `save --release` recorded" },
    { COL(pid), 8, COLUMN_RIGHT, "its process" },
    { COL(started), 20, 0, "when the process began; unknown for most cores" },
    { COL(taken), 20, 0,
      "when the snapshot was taken; of a core that does not say, when its file was written" },
    { COL(version), 8, 0, "of its Python" },
    { COL(build_id), 12, 0, "of the file that has the interpreter" },
    { COL(command), 20, 0, "its command line; unknown if the heap is redacted" },
    { COL(by), 8, 0, "what the name is: type, module, retained, suspect, finding or memory" },
    { COL(name), 32, COLUMN_WIDE, "the type, module, row of memory, or finding" },
    { COL(count), 9, COLUMN_RIGHT, "how many objects" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "their bytes" },
    COLUMN_ROW_END,
};

// What is asked of each heap. A row's name is the text of the columns `name`, joined by blanks.
struct fleet_question {
    const char *by, *line;
    enum column_id names[2], count, bytes;
    bool is_placed; // the path to the row's object is part of the name, too
};

static const struct fleet_question fleet_questions[] = {
    { "type", "types", { COL_type }, COL_count, COL_bytes, false },
    { "module", "types --by module", { COL_group }, COL_count, COL_bytes, false },
    { "retained", "types --retained", { COL_type }, COL_count, COL_retained, false },
    { "suspect", "findings --severity low", { COL_kind }, COL_objects, COL_bytes, true },
    { "finding", "findings --severity low", { COL_kind }, COL_objects, COL_bytes, false },
    { "memory", "memory", { COL_kind, COL_name }, COL_count, COL_bytes, false },
};
#define FLEET_QUESTIONS (sizeof fleet_questions / sizeof *fleet_questions)

struct fleet_item {
    uint32_t name, heap;
    uint64_t count, bytes;
};

struct fleet {
    const struct fleet_question *question;
    const char *const *files;
    size_t file_count, heap; // heap: the one being read
    struct names names;
    struct fleet_known { // by name
        const char *text;
        size_t last; // index of its newest item, plus 1
    } * known;
    size_t room;
    struct fleet_item *items;
    size_t count, capacity;
    bool rows; // rows are passed on as they come
    struct report *report;
    struct text word;
};

// --- one heap -----------------------------------------------------------------------------------

static bool fleet_name(struct fleet *fleet, uint32_t *name, struct err *err)
{
    const char *kept;
    size_t before = fleet->names.count;
    if (!text_ok(&fleet->word, err)
        || !names_intern(&fleet->names, text_string(&fleet->word), fleet->word.size, name, &kept,
                         err)
        || !vec_grow(&fleet->known, &fleet->room, (size_t)*name + 1, sizeof *fleet->known, err))
        return false;
    if (fleet->names.count > before)
        fleet->known[*name] = (struct fleet_known){ kept, 0 };
    return true;
}

static uint64_t fleet_number(const struct report *answer, size_t row, size_t column)
{
    if (column >= answer->column_count)
        return 0;
    const struct cell *cell = &answer->cells[row * answer->column_count + column];
    return cell->kind == CELL_COUNT || cell->kind == CELL_BYTES ? cell->u : 0;
}

// Where the bracket at `from` closes, or the text's end.
static size_t fleet_bracket_end(const char *path, size_t from)
{
    char quote = '\0';
    size_t end = from + 1;
    for (; path[end] && (quote || path[end] != ']'); end++) {
        if (quote && path[end] == '\\' && path[end + 1])
            end++;
        else if (quote ? path[end] == quote : path[end] == '\'' || path[end] == '"')
            quote = quote ? '\0' : path[end];
    }
    return end + !!path[end];
}

// Adds a path without its keys and indexes, which differ from heap to heap; names of modules and
// attributes stay, though they are keys of dicts:
//
//      sys.modules['app'].__dict__['CACHE']['k1'].orders[3]    sys.modules['app'].CACHE[*].orders[*]
static void fleet_add_place(struct text *out, const char *path)
{
    static const char modules[] = "sys.modules[", dict[] = ".__dict__['", thread[] = "thread ";
    if (!strncmp(path, thread, sizeof thread - 1)) { // the thread's number is this process's own
        text_add_string(out, thread);
        path += sizeof thread - 1;
        path += strspn(path, "0123456789 ");
    }
    for (size_t i = 0, end; path[i]; i = end) {
        bool is_name = !strncmp(path + i, dict, sizeof dict - 1);
        size_t bracket = is_name ? i + sizeof dict - 3 : i;
        end = path[bracket] == '[' ? fleet_bracket_end(path, bracket) : i + 1;
        if (is_name && end > bracket + 4) {
            text_add_string(out, ".");
            text_add(out, path + bracket + 2, end - bracket - 4);
        } else if (path[i] == '['
                   && (i != sizeof modules - 2 || strncmp(path, modules, sizeof modules - 1))) {
            text_add_string(out, "[*]");
        } else {
            text_add(out, path + i, end - i);
        }
    }
}

static bool fleet_place(struct fleet *fleet, struct session *other, const struct report *answer,
                        size_t row, struct err *err)
{
    size_t column = report_column(answer, COL_object);
    const struct cell *cell = &answer->cells[row * answer->column_count + column];
    if (column >= answer->column_count || cell->kind != CELL_OBJECT)
        return true;
    struct text path = TEXT_INIT;
    bool ok = sql_session_path(other, cell->n, &path, err);
    if (ok && path.size) {
        text_add_string(&fleet->word, " ");
        fleet_add_place(&fleet->word, text_string(&path));
    }
    text_fini(&path);
    return ok;
}

// Adds rows of one name (findings of one kind) up into one item.
static bool fleet_add(struct fleet *fleet, struct session *other, const struct report *answer,
                      size_t row, size_t first, struct err *err)
{
    const struct fleet_question *question = fleet->question;
    uint32_t name;
    text_clear(&fleet->word);
    for (int i = 0; i < 2 && question->names[i]; i++) {
        const struct cell *cell =
            &answer->cells[row * answer->column_count + report_column(answer, question->names[i])];
        text_add_string(&fleet->word, i ? " " : "");
        if (cell->kind != CELL_NULL)
            report_cell_text(answer, cell, NULL, 0, &fleet->word);
    }
    if ((question->is_placed && !fleet_place(fleet, other, answer, row, err))
        || !fleet_name(fleet, &name, err))
        return false;
    uint64_t count = fleet_number(answer, row, report_column(answer, question->count));
    uint64_t bytes = fleet_number(answer, row, report_column(answer, question->bytes));
    size_t last = fleet->known[name].last;
    if (last > first) {
        fleet->items[last - 1].count += count;
        fleet->items[last - 1].bytes += bytes;
        return true;
    }
    if (!vec_grow(&fleet->items, &fleet->capacity, fleet->count + 1, sizeof *fleet->items, err))
        return false;
    fleet->items[fleet->count++] = (struct fleet_item){ name, (uint32_t)fleet->heap, count, bytes };
    fleet->known[name].last = fleet->count;
    return true;
}

static bool fleet_hand_on(struct fleet *fleet, const struct session *other, size_t first,
                          struct err *err)
{
    struct report *report = fleet->report;
    const struct provenance *of = &other->target.provenance;
    char build_id[SESSION_BUILD_ID];
    const char *command = disclose_text(session_disclosure(other), other->target.command);
    for (size_t i = first; i < fleet->count; i++) {
        const struct fleet_item *item = &fleet->items[i];
        const struct cell cells[] = {
            cell_text(report_foreign(report, fleet->files[fleet->heap])),
            cell_text(report_foreign(report, of->host)),
            cell_text(report_foreign(report, of->container)),
            cell_text(report_foreign(report, of->release)),
            other->target.pid ? cell_count((uint64_t)other->target.pid) : cell_null(),
            report_moment(report, of->started),
            report_moment(report, of->taken),
            cell_text(report_foreign(report, other->py.version_text)),
            cell_text(report_foreign(report, session_build_id(other, build_id))),
            command && *command ? cell_text(report_foreign(report, command)) : cell_null(),
            cell_text(fleet->question->by),
            cell_text(report_format(report, "%s", fleet->known[item->name].text)),
            cell_count(item->count),
            cell_bytes(item->bytes),
        };
        if (!report_row(report, cells, err))
            return false;
    }
    for (size_t i = first; i < fleet->count; i++)
        fleet->known[fleet->items[i].name].last = 0;
    fleet->count = first;
    return true;
}

static bool fleet_visit(struct session *other, void *context, struct err *err)
{
    struct fleet *fleet = context;
    struct report answer;
    size_t first = fleet->count;
    report_init(&answer, other, &report_store, NULL);
    bool ok = session_run_line(other, fleet->question->line, &answer, err);
    for (size_t row = 0; ok && row < answer.row_count; row++)
        ok = fleet_add(fleet, other, &answer, row, first, err);
    ok = ok && (!fleet->rows || fleet_hand_on(fleet, other, first, err));
    report_fini(&answer);
    return ok;
}

// --- all of them --------------------------------------------------------------------------------

static int fleet_by_name(const void *a, const void *b)
{
    const struct fleet_item *left = a, *right = b;
    return left->name != right->name     ? (left->name < right->name ? -1 : 1)
           : left->bytes != right->bytes ? (left->bytes < right->bytes ? -1 : 1)
                                         : (left->heap > right->heap) - (left->heap < right->heap);
}

struct fleet_row {
    size_t first, heaps; // items, sorted by bytes, the most last
    uint64_t median, excess;
};

static int fleet_by_excess(const void *a, const void *b)
{
    const struct fleet_row *left = a, *right = b;
    return left->excess != right->excess
               ? (left->excess > right->excess ? -1 : 1)
               : (left->first > right->first) - (left->first < right->first);
}

// A heap without the item counts as 0 bytes.
static uint64_t fleet_median(const struct fleet *fleet, size_t first, size_t heaps)
{
    size_t middle = (fleet->file_count - 1) / 2, without = fleet->file_count - heaps;
    return middle < without ? 0 : fleet->items[first + middle - without].bytes;
}

static bool fleet_tell(struct fleet *fleet, struct report *report, struct err *err)
{
    struct fleet_row *rows = calloc(fleet->count + 1, sizeof *rows);
    size_t count = 0;
    if (!rows)
        return err_memory(err, "the fleet");
    if (fleet->count)
        qsort(fleet->items, fleet->count, sizeof *fleet->items, fleet_by_name);
    for (size_t i = 0, end; i < fleet->count; i = end) {
        for (end = i + 1; end < fleet->count && fleet->items[end].name == fleet->items[i].name;)
            end++;
        uint64_t median = fleet_median(fleet, i, end - i);
        rows[count++] =
            (struct fleet_row){ i, end - i, median, fleet->items[end - 1].bytes - median };
    }
    qsort(rows, count, sizeof *rows, fleet_by_excess);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        const struct fleet_item *most = &fleet->items[rows[i].first + rows[i].heaps - 1];
        const struct cell cells[] = {
            cell_text(report_format(report, "%s", fleet->known[most->name].text)),
            cell_count(rows[i].heaps),
            cell_bytes(rows[i].median),
            cell_bytes(most->bytes),
            cell_bytes(rows[i].excess),
            cell_count(most->count),
            cell_text(report_foreign(report, fleet->files[most->heap])),
        };
        ok = report_row(report, cells, err);
    }
    free(rows);
    return ok;
}

static const struct column *fleet_choose(const struct args *args)
{
    return args_has(args, "rows") ? row_columns : columns;
}

static bool fleet_read_by(struct fleet *fleet, const struct args *args, struct err *err)
{
    const char *by = args_text(args, "by");
    for (size_t i = 0; i < FLEET_QUESTIONS; i++)
        if (!strcmp(by ? by : "type", fleet_questions[i].by)) {
            fleet->question = &fleet_questions[i];
            return true;
        }
    return err_set(err, ERR_USAGE,
                   "fleet: --by %s: it is type, module, retained, suspect, finding or memory", by);
}

static bool cmd_fleet_run(struct session *session, const struct args *args, struct report *report,
                          struct err *err)
{
    struct fleet fleet = { .files = args->words,
                           .file_count = args->word_count,
                           .rows = args_has(args, "rows"),
                           .report = report };
    if (!fleet_read_by(&fleet, args, err))
        return false;
    if (fleet.file_count > FLEET_MOST)
        return err_set(err, ERR_USAGE, "fleet: at most %d heaps", FLEET_MOST);
    names_init(&fleet.names);
    bool ok = true;
    for (; ok && fleet.heap < fleet.file_count; fleet.heap++)
        ok = compare_visit(session, fleet.files[fleet.heap], fleet_visit, &fleet, err);
    ok = ok && (fleet.rows || fleet_tell(&fleet, report, err));
    report_summary(report, "heaps", cell_count(fleet.file_count));
    names_fini(&fleet.names);
    free(fleet.known);
    free(fleet.items);
    text_fini(&fleet.word);
    return ok;
}

static const struct option_row options[] = {
    { .name = "by",
      .value = "WHAT",
      .kind = OPTION_TEXT,
      .choices = "type module retained suspect finding memory",
      .help = "type, module, retained (what all instances of a type keep alive), finding (its "
              "kind), suspect (and what the program calls its object) or memory" },
    { .name = "rows",
      .kind = OPTION_FLAG,
      .help = "every heap's own numbers, one row each, for an engine to load" },
    OPTION_ROW_LIMIT,
    OPTION_ROW_SORT,
    OPTION_ROW_END,
};

const struct command cmd_fleet = {
    .name = "fleet",
    .usage = "FILE... [--by WHAT] [--rows] [-n N]",
    .summary = "many heaps side by side: which one differs from the others",
    .help =
        "Cores and saved heaps, of other hosts or of other times, are opened one after another; no "
        "target is needed before the command: `ouro fleet *.heap`. One row per type, with the heap "
        "that has most of it and how much more that is than in the median one; those that set one "
        "heap apart come first. What is the same everywhere comes last.\n"
        "\n"
        "With --rows every heap's numbers are rows of their own, with the file, the process, and "
        "the version: `ouro --json fleet *.heap --rows` is what ClickHouse or DuckDB load as JSON "
        "Lines (doc/fleet.md).",
    .example = "fleet heaps/*.heap --by finding",
    .options = options,
    .words_least = 1,
    .words_most = -1,
    .word_kind = COMPLETE_FILE,
    .columns = columns,
    .choose = fleet_choose,
    .needs = NEEDS_NOTHING,
    .run = cmd_fleet_run,
};
