// SPDX-License-Identifier: GPL-3.0-or-later
// What the parts of the HTML page share. Everything of the target's goes through page_escape().
#ifndef OURO_CMD_PAGE_PAGE_HTML_H
#define OURO_CMD_PAGE_PAGE_HTML_H

#include "cmd/page/page.h"

struct html {
    const struct page *page;
    struct text *out;
    struct text word; // scratch
};

// The page's own markup.
void html_put(struct html *html, const char *markup);

// A cell's text, not escaped, in the scratch; and escaped, into the page.
const char *html_cell_word(struct html *html, const struct page_section *section, size_t row,
                           size_t column);
void html_put_cell(struct html *html, const struct page_section *section, size_t row,
                   size_t column);

// What stands first: a sentence, the worst findings with their paths, a chart of all of them.
void html_put_verdict(struct html *html);

// One bar for all resident memory, by kind, with its legend.
void html_put_memory_bar(struct html *html);

// A picture for each row of a trend.
void html_put_trends(struct html *html, const struct page_section *section);

// Sorting, filtering and unfolding. Without it all is there, in its first order.
extern const char html_script[];
// Its hash, for the page's Content-Security-Policy: no other script runs.
extern const char html_script_hash[];

#endif
