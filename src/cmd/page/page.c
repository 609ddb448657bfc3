// SPDX-License-Identifier: GPL-3.0-or-later
// What a report contains: the table of its sections, and what may be shown of each. See page.h.
#include "cmd/page/page.h"

#include <string.h>

#include "cmd/session/args.h"
#include "cmd/session/words.h"
#include "finding/finding.h"

// clang-format off
static const struct page_row rows[] = {
    { .id = "verdict", .title = "What is wrong", .form = PAGE_VERDICT,
      .about = "The worst first, each with the path by which it is held." },
    { .id = "memory", .title = "The process's memory", .form = PAGE_MEMORY, .line = "info",
      .facts = "memory",
      .about = "Everything that is resident, C memory included." },
    { .id = "findings", .title = "Findings", .form = PAGE_FINDINGS, .line = "findings",
      .columns = { COL_severity, COL_kind, COL_bytes, COL_objects, COL_what, COL_why, COL_next, COL_object },
      .about = "Each with its evidence, a cure where one is known, and the next command." },
    { .id = "trends", .title = "Trends", .form = PAGE_TREND, .line = "-n 12",
      .columns = { COL_type, COL_verdict, COL_first, COL_last, COL_delta, COL_bytes_delta, COL_rate, COL_counts },
      .about = "Objects by type over all moments, those that grew the most first; rates are bytes "
               "an hour." },
    { .id = "trends-paths", .title = "Trends by variable", .form = PAGE_TREND,
      .line = "--by path -n 12", .is_private = true,
      .columns = { COL_path, COL_verdict, COL_first, COL_last, COL_delta, COL_bytes_delta, COL_rate, COL_counts },
      .about = "Objects by the variable that they hang under." },
    { .id = "trends-memory", .title = "Trends of memory", .form = PAGE_TREND,
      .line = "--by memory -n 8", .is_private = true,
      .columns = { COL_row, COL_verdict, COL_first, COL_last, COL_delta, COL_rate, COL_counts },
      .about = "The rows of the process's memory, C memory included." },
    { .id = "threads", .title = "Threads", .form = PAGE_STACKS, .line = "threads -n 1000",
      .columns = { COL_thread, COL_depth, COL_function, COL_file, COL_line, COL_local, COL_type, COL_object, COL_preview, COL_owner },
      .about = "Python stacks, the innermost call first; then what is suspended: generators and "
               "coroutines. A call unfolds to its local variables." },
    { .id = "variables", .title = "By variable", .form = PAGE_TABLE, .line = "types --by path -n 20",
      .columns = { COL_group, COL_count, COL_bytes, COL_garbage }, .shares = true,
      .about = "Objects by the module variable, class attribute or local variable that they are "
               "first reached from." },
    { .id = "packages", .title = "By package", .form = PAGE_PACKAGES,
      .line = "retained --by module -n 40",
      .columns = { COL_group, COL_retained, COL_objects }, .shares = true, .shown = 15,
      .about = "What the modules of each package alone keep alive; below, module by module." },
    { .id = "types", .title = "Types", .form = PAGE_TABLE, .line = "types -n 25",
      .columns = { COL_type, COL_count, COL_bytes, COL_gen0, COL_gen1, COL_gen2, COL_permanent, COL_garbage }, .shares = true,
      .about = "Objects and bytes by type, the largest first; garbage is what a full collection "
               "would find unreachable." },
    { .id = "map", .title = "Retained memory", .form = PAGE_MAP,
      .about = "An area is what an object alone keeps alive: it lies inside of the object without "
               "which nothing would hold it." },
    { .id = "owners", .title = "Largest owners", .form = PAGE_TABLE,
      .line = "retained --drops -n 20",
      .columns = { COL_type, COL_retained, COL_children, COL_greatest, COL_object, COL_preview }, .shares = true,
      .about = "Where memory piles up: objects that keep much alive through many others." },
    { .id = "rings", .title = "Reference cycles of garbage", .form = PAGE_TABLE,
      .line = "cycles --garbage -n 20",
      .columns = { COL_copies, COL_objects, COL_total, COL_finalizers, COL_ring, COL_cut, COL_shape },
      .about = "Cycles that nothing from outside holds, alike ones together; without the "
               "references under cut there would be none." },
    { .id = "traces", .title = "Allocation sites", .form = PAGE_TABLE, .line = "traces -n 30",
      .columns = { COL_file, COL_line, COL_count, COL_bytes, COL_type, COL_object },
      .about = "What tracemalloc knew: lines of the program by the bytes that they allocated and "
               "that are still in use." },
    { .id = "generations", .title = "Generations", .form = PAGE_GENERATIONS, .line = "info",
      .about = "The objects that the collector tracks, and what it has done so far." },
    { .id = "collector", .title = "Collector", .form = PAGE_FACTS, .line = "info",
      .facts = "gc",
      .about = "Its state, as the gc module would tell it." },
    { .id = "mapped", .title = "Where the memory is", .form = PAGE_TABLE, .line = "memory -n 200",
      .columns = { COL_kind, COL_bytes, COL_resident, COL_private, COL_count, COL_what }, .shown = 20,
      .about = "Every mapped byte belongs to one row; those with the most in memory." },
    { .id = "what", .title = "The target", .form = PAGE_FACTS, .line = "info",
      .facts = "target python heap tracemalloc",
      .about = "What was opened, and how large its heap is." },
    { .id = "exact", .title = "What is not exact", .form = PAGE_FACTS, .line = "info",
      .facts = "evidence coverage warnings",
      .about = "Of the objects that refer to others: how many were decoded, or traversed by their "
               "own type's code (both exact), and how many only guessed. Coverage: the share of "
               "the allocator's used blocks that are known." },
};
// clang-format on

#define ROWS (sizeof rows / sizeof *rows)

static bool page_has_word(const char *words, const char *word)
{
    size_t size = strlen(word);
    for (const char *p = words; *p;) {
        size_t n = strcspn(p, " ");
        if (n == size && !memcmp(p, word, n))
            return true;
        p += n + (p[n] == ' ');
    }
    return false;
}

// --- gathering ----------------------------------------------------------------------------------

// "diff A B C --trend --by path -n 12".
static bool gather_trend(struct page *page, struct page_section *section)
{
    struct words words;
    const char *argv[2 + ARGS_MAX + WORDS_MOST];
    size_t n = 0;
    if (!words_split(&words, section->row->line, &section->err))
        return false;
    argv[n++] = "diff";
    for (size_t i = 0; i < page->moment_count && i < ARGS_MAX; i++)
        argv[n++] = page->moments[i];
    argv[n++] = "--trend";
    for (size_t i = 0; i < words.count; i++)
        argv[n++] = words.items[i];
    bool ok = session_run(page->session, n, argv, &section->report, &section->err);
    words_fini(&words);
    return ok;
}

// A section that cannot be answered says why, and one about tracemalloc is left out; running out of
// memory, or the user's stop, ends everything.
static bool gather_section(struct page *page, const struct page_row *row, struct err *err)
{
    struct page_section *section = &page->sections[page->count];
    *section = (struct page_section){ .row = row };
    report_init(&section->report, page->session, &report_store, NULL);
    page->count++;
    if (row->form == PAGE_TREND ? gather_trend(page, section)
        : row->line ? session_run_line(page->session, row->line, &section->report, &section->err)
                    : true)
        return true;
    if (section->err.kind == ERR_MEMORY || section->err.kind == ERR_CANCELLED) {
        *err = section->err;
        return false;
    }
    if (section->err.kind == ERR_NOT_FOUND) {
        report_fini(&section->report);
        page->count--;
    }
    return true;
}

// The columns of paths, which are no section of the page.
static const struct page_row path_row = { .id = "path",
                                          .form = PAGE_TABLE,
                                          .columns = { COL_edge, COL_type } };

// Gathers the paths to the objects that the first findings name.
static bool gather_paths(struct page *page, struct err *err)
{
    const struct page_section *findings = page_find(page, "findings");
    for (size_t i = 0; i < PAGE_WORST; i++) {
        struct page_section *path = &page->paths[i];
        *path = (struct page_section){ .row = &path_row };
        report_init(&path->report, page->session, &report_store, NULL);
        if (!findings || i >= findings->report.row_count)
            continue;
        size_t column = report_column(&findings->report, COL_object);
        const struct cell *object = page_cell(findings, i, column);
        struct text line = TEXT_INIT;
        text_add_string(&line, "path -n 1 ");
        if (object->kind != CELL_NULL)
            report_cell_text(&findings->report, object, &findings->report.columns[column], 0,
                             &line);
        bool ok = object->kind == CELL_NULL
                  || session_run_line(page->session, text_string(&line), &path->report, &path->err);
        text_fini(&line);
        if (!ok && (path->err.kind == ERR_MEMORY || path->err.kind == ERR_CANCELLED)) {
            *err = path->err;
            return false;
        }
    }
    return true;
}

// Whether a section has no place here: trends need earlier heaps, pictures need names.
static bool is_out_of_place(const struct page *page, const struct page_row *row)
{
    return (row->form == PAGE_TREND && !page->moment_count)
           || (row->is_private && !page_has_values(page));
}

bool page_gather(struct page *page, struct session *session, enum disclosure how,
                 const char *const *moments, size_t moment_count, struct err *err)
{
    *page = (struct page){
        .session = session, .moments = moments, .moment_count = moment_count, .disclosure = how
    };
    bool ok =
        session_need(session, NEEDS_GARBAGE, err) && session_need(session, NEEDS_DOMINATORS, err);
    for (size_t i = 0; ok && i < ROWS; i++)
        ok = is_out_of_place(page, &rows[i]) || gather_section(page, &rows[i], err);
    ok = ok && gather_paths(page, err) && page_map_build(&page->map, session, how, err);
    if (!ok)
        page_free(page);
    return ok;
}

void page_free(struct page *page)
{
    for (size_t i = 0; i < page->count; i++)
        report_fini(&page->sections[i].report);
    for (size_t i = 0; i < PAGE_WORST; i++)
        if (page->paths[i].row)
            report_fini(&page->paths[i].report);
    page_map_free(&page->map);
    *page = (struct page){ 0 };
}

// --- what may be shown --------------------------------------------------------------------------

// Numbers, addresses, types and generations reveal nothing; text is shown only if it is ouro's own.
static bool is_harmless(const struct cell *cell)
{
    switch ((enum cell_kind)cell->kind) {
    case CELL_COUNT:
    case CELL_INT:
    case CELL_BYTES:
    case CELL_REAL:
    case CELL_BOOL:
    case CELL_ADDR:
    case CELL_OBJECT:
    case CELL_TYPE:
    case CELL_TYPE_OF:
    case CELL_GEN:
        return true;
    default:
        return false;
    }
}

bool page_is_facts(const struct page_section *section)
{
    return section->row->form == PAGE_FACTS || section->row->form == PAGE_MEMORY
           || section->row->form == PAGE_GENERATIONS;
}

bool page_shows(const struct page *page, const struct page_section *section, size_t row,
                size_t column)
{
    const struct cell *cell = page_cell(section, row, column);
    if (page_has_values(page) || cell->kind == CELL_NULL || is_harmless(cell))
        return true;
    if (cell->kind != CELL_TEXT)
        return false;
    if (!page_is_facts(section))
        return section->report.columns[column].flags & COLUMN_OURS;
    // `info`: section and name are ouro's; the value may be the target's.
    return column < 2 || cell->is_ours;
}

void page_text(const struct page *page, const struct page_section *section, size_t row,
               size_t column, struct text *out)
{
    const struct cell *cell = page_cell(section, row, column);
    if (!page_shows(page, section, row, column))
        return;
    if (cell->kind == CELL_BYTES)
        text_add_size(out, cell->u);
    else
        report_cell_text(&section->report, cell, &section->report.columns[column], 0, out);
}

// A page without values leaves out a column in which nothing may be shown.
static bool is_left_out(const struct page *page, const struct page_section *section, size_t column)
{
    if (page_has_values(page))
        return false;
    for (size_t row = 0; row < section->report.row_count; row++)
        if (page_cell(section, row, column)->kind != CELL_NULL
            && page_shows(page, section, row, column))
            return false;
    return true;
}

size_t page_columns(const struct page *page, const struct page_section *section,
                    size_t columns[PAGE_COLUMNS_MAX])
{
    const struct report *report = &section->report;
    size_t count = 0;
    for (const enum column_id *id = section->row->columns; *id != COL_NONE; id++) {
        size_t i = report_column(report, *id);
        if (i < report->column_count && !is_left_out(page, section, i))
            columns[count++] = i;
    }
    return count;
}

bool page_has_fact(const struct page_section *section, size_t row)
{
    char word[64];
    const char *name = page_cell(section, row, 0)->s, *more = strstr(name, " of interpreter");
    if (section->row->form == PAGE_GENERATIONS)
        return !strncmp(name, "generation ", 11);
    size_t size = more ? (size_t)(more - name) : strlen(name);
    if (size >= sizeof word)
        return false;
    memcpy(word, name, size);
    word[size] = 0;
    return page_has_word(section->row->facts, word);
}

bool page_fact(const struct page *page, const char *section, const char *name, struct text *out)
{
    const struct page_section *facts = page_find(page, "what");
    for (size_t i = 0; facts && i < facts->report.row_count; i++) {
        if (strcmp(page_cell(facts, i, 0)->s, section) || strcmp(page_cell(facts, i, 1)->s, name)
            || page_cell(facts, i, 2)->kind == CELL_NULL || !page_shows(page, facts, i, 2))
            continue;
        page_text(page, facts, i, 2, out);
        return true;
    }
    return false;
}

const struct page_section *page_find(const struct page *page, const char *id)
{
    for (size_t i = 0; i < page->count; i++)
        if (!strcmp(page->sections[i].row->id, id))
            return &page->sections[i];
    return NULL;
}

// How many findings are of that severity.
static size_t page_severity_count(const struct page *page, const char *severity)
{
    const struct page_section *findings = page_find(page, "findings");
    size_t count = 0;
    for (size_t i = 0; findings && i < findings->report.row_count; i++) {
        const struct cell *cell =
            page_cell(findings, i, report_column(&findings->report, COL_severity));
        count += cell->kind == CELL_TEXT && !strcmp(cell->s, severity);
    }
    return count;
}

void page_share(const struct page *page, uint64_t bytes, struct text *out)
{
    uint64_t all = page->session->heap.bytes;
    double share = all ? 100.0 * (double)bytes / (double)all : 0;
    if (share >= 10)
        text_add_format(out, "%.0f %%", share);
    else if (share >= 0.05 || !bytes)
        text_add_format(out, "%.1f %%", share);
    else
        text_add_string(out, "< 0.1 %");
}

// "1 high, 2 medium and 4 low findings"
static size_t verdict_counts(const struct page *page, struct text *out)
{
    static const char *const severities[] = { "high", "medium", "low" };
    size_t counts[3], all = 0, kinds = 0, said = 0;
    for (size_t i = 0; i < 3; i++) {
        counts[i] = page_severity_count(page, severities[i]);
        all += counts[i];
        kinds += counts[i] > 0;
    }
    for (size_t i = 0; i < 3; i++) {
        if (!counts[i])
            continue;
        text_add_string(out, !said ? "" : said + 1 == kinds ? " and " : ", ");
        text_add_format(out, "%zu %s", counts[i], severities[i]);
        said++;
    }
    text_add_string(out, all == 1 ? " finding" : " findings");
    return all;
}

void page_verdict(const struct page *page, struct text *out)
{
    const struct page_section *findings = page_find(page, "findings");
    struct text counts = TEXT_INIT;
    size_t all = verdict_counts(page, &counts);
    if (!all)
        text_add_string(out, "Nothing is wrong that ouro knows how to look for");
    else
        text_add_string(out, text_string(&counts));
    text_fini(&counts);
    text_add_string(out, " in a heap of ");
    text_add_size(out, page->session->heap.bytes);
    if (all && findings) {
        const struct cell *bytes =
            page_cell(findings, 0, report_column(&findings->report, COL_bytes));
        text_add_string(out, ": the worst keeps ");
        text_add_size(out, bytes->u);
        text_add_string(out, ", ");
        page_share(page, bytes->u, out);
        text_add_string(out, " of it");
    }
    text_add_string(out, ".");
}

const char *page_error(const struct page *page, const struct page_section *section)
{
    return page_has_values(page) ? section->err.text : "not answered: it needs values or names";
}

const char *page_finding_help(const struct page *page, const struct page_section *section,
                              size_t row)
{
    const struct cell *kind = page_cell(section, row, report_column(&section->report, COL_kind));
    const struct finding_kind *known =
        !page_has_values(page) && kind->kind == CELL_TEXT ? finding_kind_find(kind->s) : NULL;
    return known ? known->help : NULL;
}

void page_title(const struct page *page, struct text *out)
{
    text_add_string(out, "CPython ");
    page_fact(page, "python", "version", out);
    struct text word = TEXT_INIT;
    if (page_fact(page, "target", "command", &word))
        text_add_format(out, ": %s", text_string(&word));
    text_clear(&word);
    if (page_has_values(page) && page_fact(page, "target", "pid", &word))
        text_add_format(out, " (process %lld)", (long long)page->session->target.pid);
    text_fini(&word);
}

void page_escape(struct text *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            text_add_string(out, "&amp;");
            break;
        case '<':
            text_add_string(out, "&lt;");
            break;
        case '>':
            text_add_string(out, "&gt;");
            break;
        case '"':
            text_add_string(out, "&quot;");
            break;
        case '\'':
            text_add_string(out, "&#39;");
            break;
        default:
            text_add_char(out, (unsigned char)*text < 0x20 && !strchr("\n\t", *text) ? '?' : *text);
        }
    }
}
