// SPDX-License-Identifier: GPL-3.0-or-later
// The terminal through ncursesw: opening, colours, safe text, keys and the mouse.
#define NCURSES_WIDECHAR 1
#include "tui/term.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/unused.h"
#include "base/utf8.h"
#include "base/width.h"

// From <term.h>, whose macros (columns, lines, ...) would rename half of this file.
extern int setupterm(const char *name, int fd, int *found);
extern char *tigetstr(const char *name);
extern struct term *cur_term;
extern struct term *set_curterm(struct term *terminal);
extern int del_curterm(struct term *terminal);

static const int guarded_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL,  SIGABRT,
                                       SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGWINCH };
enum { SIGNAL_COUNT = sizeof guarded_signals / sizeof *guarded_signals, FATAL_COUNT = 7 };

#define SIZE_EVERY 500 // milliseconds between checks of the terminal's size

static struct {
    SCREEN *screen;
    FILE *output;
    bool open, utf8, color, ascii;
    enum term_colors colors;
    enum term_theme theme;
    attr_t attributes[STYLE_COUNT];
    short pairs[STYLE_COUNT];
    struct sigaction before[SIGNAL_COUNT];
    struct sigaction resized; // ncurses' own handler of SIGWINCH
    bool knows_resized;
    struct termios modes;
    struct term *terminal_before;
    char leave[256]; // the sequences that restore the terminal, ready for a signal handler
    size_t leave_size;
} term;

// --- colours ------------------------------------------------------------------------------------

struct style_row {
    short color256, back256;    // -1: the terminal's own
    short light256, back_light; // the same on a light background
    short color16, back16;
    attr_t plain; // attributes without any colour
    attr_t with;  // attributes used with the colour
};

// Text that other signs mark, too, keeps the terminal's own colour, readable on any background.
static const struct style_row style_rows[STYLE_COUNT] = {
    [STYLE_PLAIN] = { -1, -1, -1, -1, -1, -1, A_NORMAL, A_NORMAL },
    [STYLE_TITLE] = { 253, 24, 253, 24, COLOR_WHITE, COLOR_BLUE, A_REVERSE, A_BOLD },
    [STYLE_HEADING] = { 75, -1, 25, -1, COLOR_CYAN, -1, A_BOLD, A_BOLD },
    [STYLE_CURSOR] = { 255, 25, 255, 25, COLOR_WHITE, COLOR_BLUE, A_REVERSE, A_BOLD },
    [STYLE_SHADE] = { 255, 239, 16, 252, -1, -1, A_UNDERLINE, A_UNDERLINE },
    [STYLE_DIM] = { 244, -1, 243, -1, -1, -1, A_DIM, A_NORMAL },
    [STYLE_NUMBER] = { -1, -1, -1, -1, -1, -1, A_NORMAL, A_NORMAL },
    [STYLE_TYPE] = { 114, -1, 28, -1, COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
    [STYLE_OBJECT] = { 110, -1, 25, -1, COLOR_CYAN, -1, A_NORMAL, A_NORMAL },
    [STYLE_EDGE] = { 179, -1, 94, -1, COLOR_YELLOW, -1, A_NORMAL, A_NORMAL },
    [STYLE_TEXT] = { -1, -1, -1, -1, -1, -1, A_NORMAL, A_NORMAL },
    [STYLE_BAR] = { 67, -1, 67, -1, COLOR_BLUE, -1, A_NORMAL, A_NORMAL },
    [STYLE_GOOD] = { 114, -1, 28, -1, COLOR_GREEN, -1, A_NORMAL, A_NORMAL },
    [STYLE_WARN] = { 215, -1, 130, -1, COLOR_YELLOW, -1, A_BOLD, A_BOLD },
    [STYLE_BAD] = { 203, -1, 160, -1, COLOR_RED, -1, A_BOLD, A_BOLD },
    [STYLE_KEY] = { -1, -1, -1, -1, -1, -1, A_BOLD, A_BOLD },
    [STYLE_MARK] = { 213, -1, 127, -1, COLOR_MAGENTA, -1, A_BOLD, A_BOLD },
    [STYLE_MATCH] = { 16, 220, 16, 220, COLOR_BLACK, COLOR_YELLOW, A_REVERSE, A_NORMAL },
};

// Some terminals give their colours as "15;default;0", the background last: 7 and 9 to 15 are
// light.
static bool is_light(void)
{
    if (term.theme != TERM_THEME_AUTO) {
        return term.theme == TERM_THEME_LIGHT;
    }
    const char *colors = getenv("COLORFGBG"), *last = colors ? strrchr(colors, ';') : NULL;
    long back = last && last[1] ? strtol(last + 1, NULL, 10) : 0;
    return back == 7 || (back > 8 && back <= 15);
}

static bool colors_wanted(void)
{
    if (term.colors == TERM_COLORS_NEVER) {
        return false;
    }
    const char *no_color = getenv("NO_COLOR");
    return term.colors == TERM_COLORS_ALWAYS || !no_color || !*no_color;
}

static void make_styles(void)
{
    term.color = colors_wanted() && has_colors();
    bool many = term.color && COLORS >= 256, light = many && is_light();
    for (int i = 0; i < STYLE_COUNT; i++) {
        const struct style_row *row = &style_rows[i];
        term.pairs[i] = 0;
        term.attributes[i] = term.color ? row->with : row->plain;
        short front = light  ? row->light256
                      : many ? row->color256
                             : row->color16,
              back = light  ? row->back_light
                     : many ? row->back256
                            : row->back16;
        if (!term.color || (front < 0 && back < 0)) {
            continue;
        }
        term.pairs[i] = (short)(i + 1);
        init_pair(term.pairs[i], front, back);
        if (many && i == STYLE_SHADE) {
            term.attributes[i] = A_NORMAL;
        }
    }
    if (term.color && !many) { // 16 colours have no dim grey
        term.attributes[STYLE_DIM] = A_DIM;
    }
}

void term_set_colors(enum term_colors colors)
{
    term.colors = colors;
    if (term.open) {
        make_styles();
    }
}

void term_set_theme(enum term_theme theme)
{
    term.theme = theme;
    if (term.open) {
        make_styles();
    }
}

void term_set_ascii(bool ascii)
{
    term.ascii = ascii;
}

void term_set_mouse(bool mouse)
{
    mousemask(mouse ? BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0,
              NULL);
    mouseinterval(0);
}

// --- opening and closing ------------------------------------------------------------------------

static bool has_capability(const char *name)
{
    const char *sequence = tigetstr(name);
    return sequence && sequence != (char *)-1;
}

static bool check_terminal(struct err *err)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return err_set(err, ERR_UNSUPPORTED,
                       "the screen needs a terminal on standard input and output");
    }
    const char *name = getenv("TERM");
    if (!name || !*name) {
        return err_set(err, ERR_UNSUPPORTED,
                       "TERM is not set: the screen does not know how to draw on this terminal");
    }
    // terminfo has one current terminal per process, which inside gdb is gdb's.
    struct term *before = cur_term;
    int found = 0;
    bool known = setupterm(NULL, STDOUT_FILENO, &found) == OK,
         moves = known && has_capability("cup") && has_capability("clear");
    struct term *mine = cur_term;
    if (known && mine != before) {
        set_curterm(before);
        del_curterm(mine);
    }
    if (!known) {
        return err_set(err, ERR_UNSUPPORTED, "TERM=%s: unknown terminal", name);
    }
    return moves
           || err_set(err, ERR_UNSUPPORTED,
                      "TERM=%s: this terminal cannot position its cursor, which the screen needs",
                      name);
}

static void add_leave(const char *sequence)
{
    size_t size = sequence && sequence != (char *)-1 ? strlen(sequence) : 0;
    if (size && size < sizeof term.leave - term.leave_size) {
        memcpy(term.leave + term.leave_size, sequence, size);
        term.leave_size += size;
    }
}

// Runs when the process is about to die with the screen open: only async-signal-safe calls.
static void on_fatal(int number)
{
    UNUSED ssize_t written = write(STDOUT_FILENO, term.leave, term.leave_size); // nobody to tell
    tcsetattr(STDIN_FILENO, TCSANOW, &term.modes);
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        if (guarded_signals[i] == number) {
            sigaction(number, &term.before[i], NULL);
        }
    }
    raise(number);
}

// ncurses installs its handler only once per process, and term_close removes it again.
static void follow_size(void)
{
    if (term.knows_resized) {
        sigaction(SIGWINCH, &term.resized, NULL);
    } else {
        sigaction(SIGWINCH, NULL, &term.resized);
        term.knows_resized = true;
    }
}

static void guard_signals(void)
{
    struct sigaction fatal = { .sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND };
    sigemptyset(&fatal.sa_mask);
    for (int i = 0; i < FATAL_COUNT; i++) {
        sigaction(guarded_signals[i], &fatal, NULL);
    }
}

bool term_open(const struct term_options *options, struct err *err)
{
    if (term.open) {
        return err_set(err, ERR_UNSUPPORTED, "the screen is open already");
    }
    if (!check_terminal(err)) {
        return false;
    }
    const char *locale = setlocale(LC_CTYPE, NULL);
    if (!locale || !strcmp(locale, "C")) {
        setlocale(LC_CTYPE, "");
    }
    term.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
    term.ascii = options->ascii;
    term.colors = options->colors;
    tcgetattr(STDIN_FILENO, &term.modes);
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(guarded_signals[i], NULL, &term.before[i]);
    }
    term.terminal_before = cur_term;
    int copy = dup(STDOUT_FILENO);
    term.output = copy < 0 ? NULL : fdopen(copy, "w");
    term.screen = term.output ? newterm(NULL, term.output, stdin) : NULL;
    if (!term.screen) {
        if (term.output) {
            fclose(term.output);
        }
        return err_set(err, ERR_UNSUPPORTED, "the terminal could not be initialised");
    }
    set_term(term.screen);
    term.leave_size = 0;
    add_leave("\033[?1000l\033[?1006l");
    add_leave(tigetstr("sgr0"));
    add_leave(tigetstr("cnorm"));
    add_leave(tigetstr("rmcup"));
    guard_signals();
    follow_size();
    raw();
    noecho();
    nonl(); // Enter is 13, Ctrl-J is 10
    keypad(stdscr, TRUE);
    set_escdelay(25);
    meta(stdscr, TRUE);
    curs_set(0);
    leaveok(stdscr, FALSE);
    if (has_colors()) {
        start_color();
        use_default_colors();
    }
    make_styles();
    term_set_mouse(!options->no_mouse);
    term.open = true;
    return true;
}

void term_close(void)
{
    if (!term.open) {
        return;
    }
    term_set_mouse(false);
    curs_set(1);
    endwin();
    delscreen(term.screen);
    set_curterm(term.terminal_before);
    fclose(term.output);
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(guarded_signals[i], &term.before[i], NULL);
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &term.modes);
    term.screen = NULL;
    term.open = false;
}

bool term_is_open(void)
{
    return term.open;
}

int term_rows(void)
{
    return LINES;
}

int term_columns(void)
{
    return COLS;
}

bool term_utf8(void)
{
    return term.utf8 && !term.ascii;
}

// --- drawing ------------------------------------------------------------------------------------

static const char *const glyphs_utf8[GLYPH_COUNT] = {
    [GLYPH_ACROSS] = "─",    [GLYPH_DOWN] = "│",        [GLYPH_TOP_LEFT] = "╭",
    [GLYPH_TOP_RIGHT] = "╮", [GLYPH_BOTTOM_LEFT] = "╰", [GLYPH_BOTTOM_RIGHT] = "╯",
    [GLYPH_BRANCH] = "├─",   [GLYPH_LAST] = "└─",       [GLYPH_ARROW_DOWN] = "▼",
    [GLYPH_ARROW_UP] = "▲",  [GLYPH_ARROW_RIGHT] = "▶", [GLYPH_ARROW_LEFT] = "◀",
    [GLYPH_CLOSED] = "+",    [GLYPH_OPEN] = "-",        [GLYPH_LEAF] = "·",
    [GLYPH_AGAIN] = "↺",     [GLYPH_ELLIPSIS] = "…",    [GLYPH_SORT_UP] = "▲",
    [GLYPH_SORT_DOWN] = "▼", [GLYPH_CRUMB] = "›",       [GLYPH_CUT] = "✂",
};

static const char *const glyphs_ascii[GLYPH_COUNT] = {
    [GLYPH_ACROSS] = "-",    [GLYPH_DOWN] = "|",        [GLYPH_TOP_LEFT] = "+",
    [GLYPH_TOP_RIGHT] = "+", [GLYPH_BOTTOM_LEFT] = "+", [GLYPH_BOTTOM_RIGHT] = "+",
    [GLYPH_BRANCH] = "|-",   [GLYPH_LAST] = "`-",       [GLYPH_ARROW_DOWN] = "v",
    [GLYPH_ARROW_UP] = "^",  [GLYPH_ARROW_RIGHT] = ">", [GLYPH_ARROW_LEFT] = "<",
    [GLYPH_CLOSED] = "+",    [GLYPH_OPEN] = "-",        [GLYPH_LEAF] = ".",
    [GLYPH_AGAIN] = "^",     [GLYPH_ELLIPSIS] = "~",    [GLYPH_SORT_UP] = "^",
    [GLYPH_SORT_DOWN] = "v", [GLYPH_CRUMB] = ">",       [GLYPH_CUT] = "X",
};

const char *term_glyph(enum glyph glyph)
{
    return term_utf8() ? glyphs_utf8[glyph] : glyphs_ascii[glyph];
}

void term_erase(void)
{
    erase();
}

static void use_style(enum style style)
{
    attr_set(term.attributes[style], term.pairs[style], NULL);
}

// Outputs text without what must not reach a terminal, and as ASCII if the locale is not UTF-8.
static void add_safe(const char *text, size_t size)
{
    wchar_t run[128];
    int length = 0;
    while (size) {
        uint32_t code = 0;
        size_t step = utf8_decode(text, size, &code);
        if (!step) {
            run[length++] = L'?';
            step = 1;
        } else if (width_is_printable(code)) {
            for (unsigned i = 1; code >= 0x7f && !term.utf8 && i < width_code(code); i++) {
                run[length++] = L'?';
            }
            run[length++] = code < 0x7f || term.utf8 ? (wchar_t)code : L'?';
        }
        text += step;
        size -= step;
        if (length > 120 || !size) {
            addnwstr(run, length);
            length = 0;
        }
    }
}

int term_put(int row, int column, int width, enum style style, const char *text)
{
    if (row < 0 || row >= LINES || column < 0 || width <= 0 || column >= COLS || !text) {
        return 0;
    }
    size_t room = (size_t)(column + width > COLS ? COLS - column : width), whole = strlen(text);
    size_t size = width_fit(text, whole, room);
    bool cut = size < whole && room > 1;
    if (cut) {
        size = width_fit(text, whole, room - 1);
    }
    use_style(style);
    move(row, column);
    add_safe(text, size);
    if (cut) {
        add_safe(term_glyph(GLYPH_ELLIPSIS), strlen(term_glyph(GLYPH_ELLIPSIS)));
    }
    return (int)width_of(text, size) + cut;
}

void term_fill(int row, int column, int width, enum style style)
{
    if (row < 0 || row >= LINES || column < 0 || column >= COLS) {
        return;
    }
    use_style(style);
    move(row, column);
    for (int i = 0; i < width && column + i < COLS; i++) {
        addch(' ');
    }
}

void term_field(int row, int column, int width, enum style style, const char *text)
{
    int used = term_put(row, column, width, style, text);
    term_fill(row, column + used, width - used, style);
}

void term_line(int row, int column, int length, enum glyph glyph, enum style style)
{
    bool down = glyph == GLYPH_DOWN;
    for (int i = 0; i < length; i++) {
        term_put(row + (down ? i : 0), column + (down ? 0 : i), 1, style, term_glyph(glyph));
    }
}

void term_bar(int row, int column, int width, double share, enum style style)
{
    static const char *const eighths[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█" };
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    int parts = (int)(share * width * 8 + 0.5);
    if (!parts && share > 0) {
        parts = 1;
    }
    bool fine = term_utf8();
    for (int i = 0; i < width && parts > 0; i++, parts -= 8) {
        int part = parts > 8 ? 8 : parts;
        term_put(row, column + i, 1, style, fine ? eighths[part] : part >= 4 || !i ? "#" : " ");
    }
}

void term_restyle(int row, int column, int width, enum style style)
{
    if (row >= 0 && row < LINES && column >= 0 && column < COLS) {
        mvchgat(row, column, width, term.attributes[style], term.pairs[style], NULL);
    }
}

static struct {
    int row, column;
} caret = { -1, 0 };

void term_cursor(int row, int column)
{
    caret.row = row;
    caret.column = column;
}

void term_show(void)
{
    curs_set(caret.row >= 0);
    if (caret.row >= 0) {
        move(caret.row, caret.column);
    }
    refresh();
}

void term_redraw(void)
{
    clearok(stdscr, TRUE);
}

// --- keys ---------------------------------------------------------------------------------------

static const struct {
    int curses, ours;
} key_rows[] = {
    { KEY_UP, TERM_UP },
    { KEY_DOWN, TERM_DOWN },
    { KEY_LEFT, TERM_LEFT },
    { KEY_RIGHT, TERM_RIGHT },
    { KEY_PPAGE, TERM_PAGE_UP },
    { KEY_NPAGE, TERM_PAGE_DOWN },
    { KEY_HOME, TERM_HOME },
    { KEY_END, TERM_END },
    { KEY_IC, TERM_INSERT },
    { KEY_DC, TERM_DELETE },
    { KEY_BACKSPACE, TERM_BACKSPACE },
    { KEY_BTAB, TERM_TAB_BACK },
    { KEY_RESIZE, TERM_RESIZE },
    { KEY_MOUSE, TERM_MOUSE },
    { KEY_ENTER, '\r' },
    { KEY_A1, TERM_HOME },
    { KEY_C1, TERM_END },
    { KEY_A3, TERM_PAGE_UP },
    { KEY_C3, TERM_PAGE_DOWN },
};

static int key_of_curses(int code)
{
    for (size_t i = 0; i < sizeof key_rows / sizeof *key_rows; i++) {
        if (key_rows[i].curses == code) {
            return key_rows[i].ours;
        }
    }
    if (code >= KEY_F(1) && code <= KEY_F(12)) {
        return TERM_F1 + (code - KEY_F(1));
    }
    // Alt with an arrow, as xterm sends it: one of terminfo's extended names.
    const char *name = keyname(code);
    if (name && !strcmp(name, "kLFT3")) {
        return TERM_LEFT | TERM_META;
    }
    if (name && !strcmp(name, "kRIT3")) {
        return TERM_RIGHT | TERM_META;
    }
    return TERM_UNKNOWN;
}

static int read_one(int milliseconds)
{
    timeout(milliseconds);
    wint_t character = 0;
    int got = get_wch(&character);
    if (got == ERR) {
        return TERM_NONE;
    }
    if (got == KEY_CODE_YES) {
        return key_of_curses((int)character);
    }
    return character == 127 || character == 8 ? TERM_BACKSPACE : (int)character;
}

static bool take_size(void)
{
    struct winsize size;
    return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col
           && (size.ws_row != LINES || size.ws_col != COLS)
           && resizeterm(size.ws_row, size.ws_col) == OK;
}

// Waits forever, but checks the terminal's size now and then: the signal may have come just before
// the wait, or gone to another handler. A terminal that is gone returns at once: no key.
static int read_patiently(void)
{
    for (;;) {
        long began = clock_ms();
        int key = read_one(SIZE_EVERY);
        if (key != TERM_NONE) {
            return key;
        }
        if (take_size()) {
            return TERM_RESIZE;
        }
        if (clock_ms() - began < SIZE_EVERY / 2) {
            return TERM_NONE;
        }
    }
}

int term_read(int milliseconds)
{
    int key = milliseconds < 0 ? read_patiently() : read_one(milliseconds);
    if (key != 27) {
        return key;
    }
    // Escape directly followed by a key is Alt and that key; alone it is Esc.
    int next = read_one(10);
    return next == TERM_NONE || next == 27 ? 27 : next | TERM_META;
}

bool term_mouse(struct term_mouse *out)
{
    MEVENT event;
    if (getmouse(&event) != OK) {
        return false;
    }
    out->row = event.y;
    out->column = event.x;
    out->kind = event.bstate & BUTTON4_PRESSED                       ? MOUSE_WHEEL_UP
                : event.bstate & BUTTON5_PRESSED                     ? MOUSE_WHEEL_DOWN
                : event.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED) ? MOUSE_CLICK
                                                                     : MOUSE_OTHER;
    return true;
}

void *term_keep(void)
{
    return cur_term;
}

void term_give_back(void *kept)
{
    if (kept && cur_term != kept) {
        set_curterm(kept);
    }
}

void term_copy(const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = strlen(text);
    fputs("\033]52;c;", term.output);
    for (size_t i = 0; i < size; i += 3) {
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++) {
            group = group << 8 | (i + k < size ? (unsigned char)text[i + k] : 0);
        }
        for (size_t k = 0; k < 4; k++) {
            fputc(i + k <= size ? digits[group >> (18 - 6 * k) & 63] : '=', term.output);
        }
    }
    fputs("\a", term.output);
    fflush(term.output);
}
