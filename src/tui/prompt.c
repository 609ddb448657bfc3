// SPDX-License-Identifier: GPL-3.0-or-later
// readline on the last line of a curses screen.
//
// Curses reads the keys; they are handed to readline as the bytes that a terminal would send.
// readline never touches the terminal: its output stream leads nowhere, and its redisplay function
// is ours.
#include "tui/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/unused.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "base/width.h"
#include "base/user_files.h"
#include "cmd/session/words.h"
#include "tui/state.h"
#include "tui/view.h"

enum { HISTORY_LINES = 1000, MATCH_ROWS = 8 };

static struct {
    struct tui *tui;
    bool done, cancelled;
    char *line;
    unsigned char bytes[64];
    size_t first, last;
    char **found; // completions while they are collected
    size_t found_count, found_capacity;
    HISTORY_STATE *histories[PROMPT_KINDS];
    bool loaded;
} prompt;

// --- keys in ------------------------------------------------------------------------------------

static void prompt_push(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size && prompt.last < sizeof prompt.bytes; i++) {
        prompt.bytes[prompt.last++] = (unsigned char)bytes[i];
    }
}

static void push_key(int key)
{
    static const struct {
        int key;
        const char *bytes;
    } rows[] = {
        { TERM_UP, "\033[A" },      { TERM_DOWN, "\033[B" }, { TERM_RIGHT, "\033[C" },
        { TERM_LEFT, "\033[D" },    { TERM_HOME, "\033[H" }, { TERM_END, "\033[F" },
        { TERM_BACKSPACE, "\177" }, { TERM_DELETE, "\004" },
    };
    if (key & TERM_META) {
        prompt_push("\033", 1);
        key &= ~TERM_META;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].key == key) {
            prompt_push(rows[i].bytes, strlen(rows[i].bytes));
            return;
        }
    }
    if (key > 0 && key < 0x110000) {
        char bytes[4];
        prompt_push(bytes, utf8_write((uint32_t)key, bytes));
    }
}

static int take_byte(UNUSED FILE *unused)
{
    while (prompt.first == prompt.last) { // readline needs more keys to complete a sequence
        prompt.first = prompt.last = 0;
        push_key(tui_read_key(prompt.tui, -1));
    }
    return prompt.bytes[prompt.first++];
}

static int has_byte(void)
{
    return prompt.first < prompt.last;
}

static void prompt_take_line(char *line)
{
    prompt.done = true;
    prompt.cancelled = !line;
    prompt.line = line;
    rl_callback_handler_remove();
}

// --- the line on screen -------------------------------------------------------------------------

static void redisplay(void)
{
    int row = term_rows() - 1, columns = term_columns();
    const char *lead = rl_display_prompt ? rl_display_prompt : "";
    struct text line = TEXT_INIT;
    text_add_string(&line, lead);
    size_t from = line.size;
    text_add(&line, rl_line_buffer, (size_t)rl_end);
    size_t caret = width_of(text_string(&line), from + (size_t)rl_point),
           room = (size_t)columns - 1;
    // Scrolls so that the caret is visible.
    size_t skip = caret > room ? caret - room + room / 4 : 0;
    size_t bytes = width_fit(text_string(&line), line.size, skip);
    size_t skipped = width_of(text_string(&line), bytes);
    term_fill(row, 0, columns, STYLE_PLAIN);
    term_put(row, 0, columns, STYLE_PLAIN, text_string(&line) + bytes);
    if (!skip) {
        term_put(row, 0, (int)width_of(lead, strlen(lead)), STYLE_KEY, lead);
    }
    term_cursor(row, (int)(caret - skipped));
    text_fini(&line);
    term_show();
}

// Shows the completions in columns above the prompt; the next key removes them.
static void show_matches(char **matches, int count, int longest)
{
    int columns = term_columns(), width = longest + 2 > columns ? columns : longest + 2,
        across = columns / width;
    int rows = (count + across - 1) / across;
    bool more = rows > MATCH_ROWS;
    rows = more ? MATCH_ROWS : rows;
    int top = term_rows() - 1 - rows;
    for (int i = 0; i < rows * across; i++) {
        int row = top + i / across, column = i % across * width;
        bool last = more && i == rows * across - 1;
        term_field(row, column, i % across == across - 1 ? columns - column : width,
                   last ? STYLE_DIM : STYLE_PLAIN,
                   i >= count ? ""
                   : last     ? "... and more"
                              : matches[i + 1]);
    }
    redisplay();
}

// --- completion ---------------------------------------------------------------------------------

// The text to be replaced, and how much of its word precedes it: readline splits quoted words at
// blanks.
struct prompt_part {
    const char *text;
    size_t before;
};

static void add_found(void *context, const char *word)
{
    const struct prompt_part *part = context;
    const char *text = part->text;
    if (strlen(word) < part->before) {
        return;
    }
    word += part->before;
    if (strncmp(word, text, strlen(text))
        || !vec_grow(&prompt.found, &prompt.found_capacity, prompt.found_count + 1,
                     sizeof *prompt.found, NULL)) {
        return;
    }
    char *copy = strdup(word);
    if (copy) {
        prompt.found[prompt.found_count++] = copy;
    }
}

static void add_columns(struct prompt_part *part)
{
    struct view *view = tui_view(prompt.tui);
    const struct report *report = view ? &view_table(view)->report : NULL;
    for (size_t i = 0; report && i < report->column_count; i++) {
        add_found(part, report->columns[i].name);
    }
}

static void add_files(struct prompt_part *part)
{
    for (char *name;
         (name = rl_filename_completion_function(part->text, prompt.found_count > 0 ? 1 : 0));) {
        add_found(part, name);
        free(name);
    }
}

// Completes a command's line, which begins `shift` bytes into the prompt's.
static void prompt_add_words(struct prompt_part *part, size_t shift, size_t start)
{
    size_t cursor = (size_t)rl_point - shift;
    part->before = start - shift - words_start(rl_line_buffer + shift, cursor);
    session_complete(prompt.tui->session, rl_line_buffer + shift, cursor, add_found, part);
}

// Makes readline's list: the common prefix, then the completions.
static char **as_list(size_t typed)
{
    if (!prompt.found_count) {
        return NULL;
    }
    char **list = calloc(prompt.found_count + 2, sizeof *list);
    if (!list) {
        return NULL;
    }
    size_t common = strlen(prompt.found[0]);
    for (size_t i = 1; i < prompt.found_count; i++) {
        size_t same = 0;
        while (same < common && prompt.found[i][same] == prompt.found[0][same]) {
            same++;
        }
        common = same;
    }
    list[0] = strndup(prompt.found[0], common > typed ? common : typed);
    if (prompt.found_count == 1) {
        free(prompt.found[0]);
    } else {
        memcpy(list + 1, prompt.found, prompt.found_count * sizeof *list);
    }
    return list;
}

static char **prompt_complete(const char *text, int start, UNUSED int end)
{
    rl_attempted_completion_over = 1;
    prompt.found_count = 0;
    struct prompt_part part = { .text = text };
    size_t lead = strspn(rl_line_buffer, " "), at = (size_t)start;
    const char *line = rl_line_buffer + lead;
    char first[32] = "";
    snprintf(first, sizeof first, "%.*s", (int)strcspn(line, " "), line);
    if (at <= lead) {
        for (size_t i = 0; tui_word(i); i++) {
            add_found(&part, tui_word(i));
        }
    }
    size_t shift = strlen(first) + 1 + lead; // an argument that is itself a command line
    if (!strcmp(first, "sort") && at > lead) {
        add_columns(&part);
    } else if (!strcmp(first, "write") || session_completes_files(line, (size_t)rl_point - lead)) {
        add_files(&part);
    } else if (strcmp(first, "tree") && strcmp(first, "prompt")) {
        prompt_add_words(&part, lead, at);
    } else if (at >= shift) {
        prompt_add_words(&part, shift, at);
    }
    return as_list(strlen(text));
}

// --- history ------------------------------------------------------------------------------------

static bool history_file(char *path, size_t size)
{
    return !prompt.tui->options.no_files
           && paths_find("XDG_STATE_HOME", ".local/state", "history", true, path, size);
}

static void load_history(enum prompt_kind kind)
{
    static HISTORY_STATE none;
    history_set_history_state(prompt.histories[kind] ? prompt.histories[kind] : &none);
    using_history();
    char path[512];
    if (kind == PROMPT_COMMAND && !prompt.loaded && history_file(path, sizeof path)) {
        prompt.loaded = true;
        history_truncate_file(path, HISTORY_LINES);
        read_history(path);
        using_history();
    }
}

static void keep_history(enum prompt_kind kind, const char *line)
{
    HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;
    if (line && *line && (!last || strcmp(last->line, line))) {
        add_history(line);
        char path[512];
        if (kind == PROMPT_COMMAND && history_file(path, sizeof path)) {
            FILE *file = fopen(path, "ae");
            if (file) {
                fprintf(file, "%s\n", line);
                fclose(file);
            }
        }
    }
    free(prompt.histories[kind]);
    prompt.histories[kind] = history_get_history_state();
}

// The line buffer need not be saved: while a command of gdb runs, gdb's own line is finished.

struct hooks {
    rl_getc_func_t *getc;
    rl_hook_func_t *available;
    rl_voidfunc_t *redisplay, *deprep;
    rl_vintfunc_t *prep;
    rl_completion_func_t *complete;
    rl_compdisp_func_t *show;
    FILE *out, *in;
    const char *breaks;
    int signals, winch, environment, query, append;
    char *list_at_once, *bell;
    HISTORY_STATE *history;
    void *terminal;
};

static void nothing(void)
{
}

static void nothing_with(UNUSED int unused)
{
}

static char *copy_of(const char *variable)
{
    const char *value = rl_variable_value(variable);
    return value ? strdup(value) : NULL;
}

static void restore_variable(const char *variable, char *value)
{
    if (value) {
        rl_variable_bind(variable, value);
    }
    free(value);
}

static void take_over(struct hooks *before, FILE *nowhere)
{
    before->terminal = term_keep();
    before->history = history_get_history_state();
    *before = (struct hooks){
        rl_getc_function,
        rl_input_available_hook,
        rl_redisplay_function,
        rl_deprep_term_function,
        rl_prep_term_function,
        rl_attempted_completion_function,
        rl_completion_display_matches_hook,
        rl_outstream,
        rl_instream,
        rl_completer_word_break_characters,
        rl_catch_signals,
        rl_catch_sigwinch,
        rl_change_environment,
        rl_completion_query_items,
        rl_completion_append_character,
        copy_of("show-all-if-ambiguous"),
        copy_of("bell-style"),
        before->history,
        before->terminal,
    };
    rl_variable_bind("show-all-if-ambiguous", "on");
    rl_variable_bind("bell-style", "none");
    rl_getc_function = take_byte;
    rl_input_available_hook = has_byte;
    rl_redisplay_function = redisplay;
    rl_prep_term_function = nothing_with;
    rl_deprep_term_function = nothing;
    rl_attempted_completion_function = prompt_complete;
    rl_completion_display_matches_hook = show_matches;
    rl_outstream = nowhere;
    rl_completer_word_break_characters = " \t";
    rl_catch_signals = rl_catch_sigwinch = rl_change_environment = 0;
    rl_completion_query_items = 0;
}

static void give_back(struct hooks *before)
{
    rl_getc_function = before->getc;
    rl_input_available_hook = before->available;
    rl_redisplay_function = before->redisplay;
    rl_prep_term_function = before->prep;
    rl_deprep_term_function = before->deprep;
    rl_attempted_completion_function = before->complete;
    rl_completion_display_matches_hook = before->show;
    rl_outstream = before->out;
    rl_instream = before->in;
    rl_completer_word_break_characters = before->breaks;
    rl_catch_signals = before->signals;
    rl_catch_sigwinch = before->winch;
    rl_change_environment = before->environment;
    rl_completion_query_items = before->query;
    rl_completion_append_character = before->append;
    restore_variable("show-all-if-ambiguous", before->list_at_once);
    restore_variable("bell-style", before->bell);
    history_set_history_state(before->history);
    free(before->history);
    term_give_back(before->terminal);
}

static void feed(int key)
{
    prompt.first = prompt.last = 0;
    if (key == 27 || key == 3 || (key == TERM_BACKSPACE && !rl_end)) {
        prompt.done = prompt.cancelled = true;
        rl_callback_handler_remove();
        return;
    }
    screen_draw(prompt.tui); // removes completions, adapts to a new size
    push_key(key);
    while (has_byte() && !prompt.done) {
        rl_callback_read_char();
    }
    if (!prompt.done && key == TERM_RESIZE) {
        redisplay();
    }
}

char *prompt_read(struct tui *tui, enum prompt_kind kind, const char *lead, const char *initial)
{
    FILE *nowhere = fopen("/dev/null", "we");
    if (!nowhere || prompt.tui) {
        if (nowhere) {
            fclose(nowhere);
        }
        return NULL;
    }
    prompt.tui = tui;
    prompt.done = prompt.cancelled = false;
    prompt.line = NULL;
    prompt.first = prompt.last = 0;
    struct hooks before;
    take_over(&before, nowhere);
    load_history(kind);
    rl_callback_handler_install(lead, prompt_take_line);
    term_give_back(before.terminal);
    if (initial) {
        rl_insert_text(initial);
    }
    redisplay();
    while (!prompt.done) {
        int key = tui_read_key(tui, -1);
        if (key != TERM_NONE && key != TERM_MOUSE) {
            feed(key);
        }
    }
    keep_history(kind, prompt.cancelled ? NULL : prompt.line);
    give_back(&before);
    fclose(nowhere);
    term_cursor(-1, 0);
    prompt.tui = NULL;
    if (prompt.cancelled) {
        free(prompt.line);
        prompt.line = NULL;
    }
    return prompt.line;
}

int prompt_key(struct tui *tui, const char *question)
{
    for (;;) {
        int row = term_rows() - 1;
        term_fill(row, 0, term_columns(), STYLE_PLAIN);
        int used = term_put(row, 0, term_columns(), STYLE_KEY, question);
        term_cursor(row, used);
        term_show();
        int key = tui_read_key(tui, -1);
        if (key == TERM_RESIZE) {
            screen_draw(tui);
        } else if (key != TERM_NONE && key != TERM_MOUSE) {
            term_cursor(-1, 0);
            return key;
        }
    }
}
