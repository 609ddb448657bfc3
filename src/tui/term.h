// SPDX-License-Identifier: GPL-3.0-or-later
// The terminal as a grid of styled text and a source of keys. The only file that knows curses.
//
// Does not know: reports, views. Text handed in is UTF-8; what a terminal must not be given is left
// out (base/width.h knows), and without a UTF-8 locale every character beyond ASCII becomes '?'.
//
// A terminal is one per process (curses is), hence no object: term_open .. term_close brackets.
// term_close restores what was there: screen, modes, and the signal handlers that curses installed
// (inside gdb they are gdb's). A fatal signal in between restores the screen too, then goes to
// the handler that had it before.
#ifndef OURO_TUI_TERM_H
#define OURO_TUI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum style {
    STYLE_PLAIN,
    STYLE_TITLE,   // the bar on top
    STYLE_HEADING, // a table's column names
    STYLE_CURSOR,  // the row with the cursor
    STYLE_SHADE,   // the cursor row of a pane that does not have the keys
    STYLE_DIM,
    STYLE_NUMBER,
    STYLE_TYPE,
    STYLE_OBJECT, // an address: can be followed
    STYLE_EDGE,
    STYLE_TEXT, // a preview
    STYLE_BAR,
    STYLE_GOOD,
    STYLE_WARN,
    STYLE_BAD,
    STYLE_KEY, // a key in a hint
    STYLE_MARK,
    STYLE_MATCH, // of a search or a filter
    STYLE_COUNT
};

enum term_theme { TERM_THEME_AUTO, TERM_THEME_DARK, TERM_THEME_LIGHT };
enum term_colors { TERM_COLORS_AUTO, TERM_COLORS_ALWAYS, TERM_COLORS_NEVER };

struct term_options {
    enum term_colors colors;
    bool ascii; // no line drawing beyond ASCII, even in a UTF-8 locale
    bool no_mouse;
};

// Keys: a Unicode character (control characters as they are: 3 is Ctrl-C), or one of these;
// TERM_META is or-ed in with Alt.
enum term_key {
    TERM_NONE = -1, // nothing came in time
    TERM_UP = 0x200000,
    TERM_DOWN,
    TERM_LEFT,
    TERM_RIGHT,
    TERM_PAGE_UP,
    TERM_PAGE_DOWN,
    TERM_HOME,
    TERM_END,
    TERM_INSERT,
    TERM_DELETE,
    TERM_BACKSPACE,
    TERM_TAB_BACK,
    TERM_RESIZE,
    TERM_MOUSE,
    TERM_F1,
    TERM_F12 = TERM_F1 + 11,
    TERM_UNKNOWN,
    TERM_META = 0x400000,
};

enum term_mouse_kind { MOUSE_CLICK, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN, MOUSE_OTHER };
struct term_mouse {
    enum term_mouse_kind kind;
    int row, column;
};

enum glyph { // line drawing, in UTF-8 or ASCII
    GLYPH_ACROSS,
    GLYPH_DOWN,
    GLYPH_TOP_LEFT,
    GLYPH_TOP_RIGHT,
    GLYPH_BOTTOM_LEFT,
    GLYPH_BOTTOM_RIGHT,
    GLYPH_BRANCH,
    GLYPH_LAST,
    GLYPH_ARROW_DOWN,
    GLYPH_ARROW_UP,
    GLYPH_ARROW_RIGHT,
    GLYPH_ARROW_LEFT,
    GLYPH_CLOSED,
    GLYPH_OPEN,
    GLYPH_LEAF,
    GLYPH_AGAIN,
    GLYPH_ELLIPSIS,
    GLYPH_SORT_UP,
    GLYPH_SORT_DOWN,
    GLYPH_CRUMB,
    GLYPH_CUT,
    GLYPH_COUNT
};

// False, with a sentence, when the terminal cannot do it (dumb, not a terminal, unknown TERM).
bool term_open(const struct term_options *options, struct err *err);
void term_close(void);
bool term_is_open(void);

int term_rows(void);
int term_columns(void);
bool term_utf8(void);

void term_erase(void);
// Puts at most `width` columns of text; returns how many it took. Cut text ends in the ellipsis.
int term_put(int row, int column, int width, enum style style, const char *text);
// The same, then blanks up to `width`.
void term_field(int row, int column, int width, enum style style, const char *text);
void term_fill(int row, int column, int width, enum style style);
// A line of `length` glyphs across or down.
void term_line(int row, int column, int length, enum glyph glyph, enum style style);
// A bar of `width` columns for a share of 0 .. 1, in eighths of a column where the terminal can.
void term_bar(int row, int column, int width, double share, enum style style);
const char *term_glyph(enum glyph glyph);
// Overrides the style of what is there already.
void term_restyle(int row, int column, int width, enum style style);

void term_cursor(int row, int column); // row -1: hidden
void term_show(void);                  // sends what changed
void term_redraw(void);                // sends everything again

int term_read(int milliseconds);         // -1: waits
bool term_mouse(struct term_mouse *out); // after TERM_MOUSE
void term_set_colors(enum term_colors colors);
void term_set_theme(enum term_theme theme); // auto: as $COLORFGBG says, else dark
void term_set_ascii(bool ascii);
void term_set_mouse(bool mouse);
// Code that initialises readline, which has its own idea of the current terminal, brackets that with
// these.
void *term_keep(void);
void term_give_back(void *kept);
// OSC 52: asks the terminal to put text on the clipboard.
void term_copy(const char *text);

#endif
