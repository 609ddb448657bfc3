// SPDX-License-Identifier: GPL-3.0-or-later
// A report for readers without the target: everything that is known of a heap, gathered once as
// sections of rows, and written as one HTML page, as Markdown, or as JSON.
//
//      page_gather --> sections, a treemap --> page_html, page_markdown, page_json, ... --> text
//
// Does not know: files. A section is a command's answer: what it may show is in the table in
// page.c. With DISCLOSE_SHAPE no value and no name of the target gets into a section, but types' and
// modules' names: texts are left out unless their column says that ouro itself wrote them
// (COLUMN_OURS), so that a column that nobody thought of stays away.
//
// Owns: the rows, the treemap. Borrows: the session, the names of earlier heaps.
#ifndef OURO_CMD_PAGE_PAGE_H
#define OURO_CMD_PAGE_PAGE_H

#include "base/text.h"
#include "cmd/page/page_map.h"
#include "cmd/session/session.h"

enum page_form {
    PAGE_VERDICT,     // what is wrong: out of the findings, and of the paths to the worst
    PAGE_FACTS,       // rows section, name, value: some of `info`'s
    PAGE_MEMORY,      // the same, below a bar out of the rows of `memory`
    PAGE_GENERATIONS, // the same, one line per generation
    PAGE_FINDINGS,
    PAGE_MAP,
    PAGE_PACKAGES, // a table, below a map of its rows
    PAGE_TABLE,
    PAGE_STACKS,
    PAGE_TREND, // over earlier heaps; without any the section stays away
};

#define PAGE_COLUMNS_MAX 24

struct page_row { // what a section is
    const char *id, *title;
    const char *about; // a sentence
    enum page_form form;
    const char *line;                             // the command line; null for the map. Trends:
                                                  // what follows the heaps
    const char *facts;                            // the sections of `info` whose facts it has
    bool is_private;                              // nothing is left of it without values
    enum column_id columns[PAGE_COLUMNS_MAX + 1]; // those that are shown, in this order
    bool shares;                                  // bytes are followed by their share of the heap
    size_t shown;                                 // rows that a table shows; 0: all
};

struct page_section {
    const struct page_row *row;
    struct report report; // stored rows
    struct err err;       // why there are none; ERR_NONE: nothing to say
};

#define PAGE_SECTIONS_MAX 24
#define PAGE_WORST 3

struct page {
    struct session *session;
    const char *const *moments; // files of earlier heaps, in the order of time
    size_t moment_count;
    enum disclosure disclosure; // ask page_has_values()
    struct page_section sections[PAGE_SECTIONS_MAX];
    size_t count;
    struct page_section paths[PAGE_WORST]; // to the objects of the first findings; no rows: none
    struct page_map map;
};

// Whether values and names may be shown on it.
static inline bool page_has_values(const struct page *page)
{
    return discloses_values(page->disclosure);
}

// moments: files of earlier heaps, in the order of time; borrowed as long as the page is used.
bool page_gather(struct page *page, struct session *session, enum disclosure how,
                 const char *const *moments, size_t moment_count, struct err *err);
void page_free(struct page *page);

// The forms. Everything of the target's is escaped for the form.
void page_html(const struct page *page, struct text *out);
void page_markdown(const struct page *page, struct text *out);
void page_json(const struct page *page, struct text *out);
// The findings alone: SARIF 2.1.0, and JUnit's XML.
void page_sarif(const struct page *page, struct text *out);
void page_junit(const struct page *page, struct text *out);

// --- for the forms ------------------------------------------------------------------------------

// Text becomes text of HTML and XML, in content and in attributes; what XML 1.0 has no room for becomes
// a question mark.
void page_escape(struct text *out, const char *text);

// The section of that name; null where there is none.
const struct page_section *page_find(const struct page *page, const char *id);

// "1 high and 4 low findings in a heap of 13.4 MiB: the worst keeps 5.0 MiB, 37 % of it."
void page_verdict(const struct page *page, struct text *out);

// "37 %" of the heap; "< 0.1 %".
void page_share(const struct page *page, uint64_t bytes, struct text *out);

// How many of a section's rows a table shows.
static inline size_t page_rows(const struct page_section *section)
{
    size_t count = section->report.row_count;
    return section->row->shown && section->row->shown < count ? section->row->shown : count;
}

// The columns of a table that are shown: indexes into the report's. Returns how many.
size_t page_columns(const struct page *page, const struct page_section *section,
                    size_t columns[PAGE_COLUMNS_MAX]);

static inline const struct cell *page_cell(const struct page_section *section, size_t row,
                                           size_t column)
{
    return &section->report.cells[row * section->report.column_count + column];
}

// Whether a cell of numbers is 1: for the word after it.
static inline bool page_counts_one(const struct page_section *section, size_t row,
                                   enum column_id id)
{
    size_t column = report_column(&section->report, id);
    return column < section->report.column_count && page_cell(section, row, column)->u == 1;
}

// Whether this cell may be shown at all.
bool page_shows(const struct page *page, const struct page_section *section, size_t row,
                size_t column);

// The cell for a reader, not escaped for any form; nothing where it may not be shown.
void page_text(const struct page *page, const struct page_section *section, size_t row,
               size_t column, struct text *out);

// Why a section has no rows, where that is an error; without values: that it has none.
const char *page_error(const struct page *page, const struct page_section *section);

// Whether a section has rows section, name, value out of `info`; and whether the row is one of the
// section's.
bool page_is_facts(const struct page_section *section);
bool page_has_fact(const struct page_section *section, size_t row);

// A fact's value by section and name, as text; false: it is not there, or unknown, or left out.
bool page_fact(const struct page *page, const char *section, const char *name, struct text *out);

// What a finding is about in general, where its own sentence is left out; null: nothing.
const char *page_finding_help(const struct page *page, const struct page_section *section,
                              size_t row);

// "CPython 3.11.2: python3 app.py (process 42)", for the title; without values: the version alone.
void page_title(const struct page *page, struct text *out);

#endif
