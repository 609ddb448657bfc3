// SPDX-License-Identifier: GPL-3.0-or-later
// The key table, the names of keys, and looking one up.
#include "tui/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "base/width.h"
#include "cmd/session/args.h"
#include "cmd/command.h"
#include "cmd/session/words.h"
#include "tui/term.h"

const struct key_row key_rows[] = {
    // --- what Enter does, and what else only one view has ---
    { "overview", "Enter", "follow", "open what the line is about", "open" },
    { "types", "Enter", "objects %s -t %t", "the objects of this type", "objects" },
    { "types", "b", "regroup",
      "other groups: by module, package, generation, owner, referrer, edge, path, and by type "
      "again",
      "groups" },
    { "types", "d", "regroup retained", "what the objects of each row alone keep alive",
      "retained" },
    { "types", "u", "instances %t", "the objects of this class, and who refers to each", NULL },
    { "types", "P", "path --class %t", "the paths to all objects of this type, merged by shape",
      "ways" },
    { "traces", "Enter", "objects --group line:%[file]:%[line]",
      "the objects that this line allocated", "objects" },
    { "groups", "Enter", "objects %s --group %b:%[group]", "the objects of this group", "objects" },
    { "groups", "b", "regroup", "the next grouping", "groups" },
    { "groups", "d", "regroup retained", "what the objects of each row alone keep alive",
      "retained" },
    { "retained", "b", "regroup",
      "other rows: groups by type, owner, module, thread; where memory piles up; and by object "
      "again",
      "groups" },
    { "retained", "Space", "toggle", "unfold what the object dominates, or fold it", "unfold" },
    { "retained", "E", "unfold all", "unfold all that is below the line", NULL },
    { "threads", "Enter", "follow", "unfold or fold; on a variable, open its value", "unfold" },
    { "threads", "Right", "unfold", "unfold", NULL },
    { "threads", "l", "unfold", NULL, NULL },
    { "threads", "Left", "fold", "fold, or go to the line above that holds it", NULL },
    { "threads", "h", "fold", NULL, NULL },
    { "threads", "Space", "object %o", "open the task, or the value", "object" },
    { "threads", "E", "unfold all", "unfold all that is below the line", NULL },
    { "path", "x", "path %w --hide %[type]",
      "hide objects of this type, and see which paths remain; back restores them", "hide" },
    { "path", "X", "path %w --hide %o",
      "hide only this object, and see which paths remain; back restores it", NULL },
    { "path", "+", "path %w -n 30", "more paths", "more" },
    { "growth", "Enter", "follow", "open the object that holds the new ones", "holder" },
    { "growth", "b", "regroup", "other rows: by type, module, path, line, memory", "groups" },
    { "diff", "b", "regroup", "other rows: by type, module, path, line, memory", "groups" },
    { "diff", "Enter", "objects -t %[type] --new %w", "the new objects of this type", "new ones" },
    { "collect", "b", "collect --stages", "the whole collection in stages, with counts", "stages" },
    { "stages", "Enter", "%{next}", "the objects of this stage", "objects" },
    { "stages", "b", "collect", "the objects that are unreachable", NULL },
    { "trend", "Enter", "follow", "what is new in this row since the first moment", "since then" },
    { "trend", "b", "prompt diff %w --by ", "other rows: by type, module, path, line, memory",
      "rows" },
    { "cycles", "Enter", "ring %{cycle} %w", "draw the ring", "ring" },
    { "findings", "Enter", "%{next}", "the next step for this finding", "next step" },
    { "object", "Enter", "follow", "open what the line is about", "open" },
    { "object", "u", "step -1", "up the path to the root: the object that holds this one", "up" },
    { "object", "M-0", "step 0", "the path from the root in the sidebar: its step 0", NULL },
    { "object", "M-1", "step 1", "step 1", NULL },
    { "object", "M-2", "step 2", "step 2", NULL },
    { "object", "M-3", "step 3", "step 3", NULL },
    { "object", "M-4", "step 4", "step 4", NULL },
    { "object", "M-5", "step 5", "step 5", NULL },
    { "object", "M-6", "step 6", "step 6", NULL },
    { "object", "M-7", "step 7", "step 7", NULL },
    { "object", "M-8", "step 8", "step 8", NULL },
    { "object", "M-9", "step 9", "step 9", NULL },
    { "tree", "Enter", "toggle", "unfold or fold; on a line without a sign, open the object",
      "unfold" },
    { "tree", "Right", "unfold", "unfold", NULL },
    { "tree", "l", "unfold", NULL, NULL },
    { "tree", "Left", "fold", "fold, or go to the line above that holds it", NULL },
    { "tree", "h", "fold", NULL, NULL },
    { "tree", "Space", "object %o", "open the object", "object" },
    { "tree", "E", "unfold all", "unfold three levels below the line", NULL },
    { "tree", ".", "past", "dominators: past dict, list, tuple, set, cell, and back", NULL },
    { "marks", "Enter", "%{line}", "go to what was marked", "go" },
    { "marks", "Delete", "unmark %{mark}", "delete the mark", "forget" },
    { "marks", "u", "unmark %{mark}", NULL, NULL },
    { "help", "Enter", "do %{line}", "do what the key does", "do it" },
    { "command", "Enter", "back", "back", NULL },
    { "row", "Enter", "back", "back to the table", NULL },
    { "info", "Enter", "row", "the line in full", NULL },
    { "rows", "Enter", "follow", "open the object; without one, the line in full", "open" },
    // --- from a row with an object ---
    { "*", "r", "tree referrers %o", "who refers to it, unfolding in place", "referrers" },
    { "*", "e", "tree referents %o", "what it refers to, unfolding in place", "referents" },
    { "*", "p", "path %o", "why it is alive: the paths from a root to it", "paths" },
    { "*", "d", "tree dominators %o", "what it alone keeps alive, unfolding in place",
      "dominators" },
    { "*", "A", "trace %o", "where it was allocated (tracemalloc)", NULL },
    { "*", "Z", "collect --explain %o", "what a collection does with it, step by step", NULL },
    { "*", "B", "bytes %o", "its memory, word by word", NULL },
    { "*", "y", "copy", "copy the object's address", NULL },
    { "*", "Y", "copy expression", "copy a gdb expression for the object", NULL },
    { "*", "=", "value %o", "the object's value in full, line by line", NULL },
    { "*", "v", "row", "the line in full, column by column", NULL },
    { "*", "z", "detail", "the pane below with the line in full: off, and on", NULL },
    // --- views, from anywhere ---
    { "*", "o", "overview", "overview: generations, collector, largest types", "overview" },
    { "*", "t", "types", "types: count and bytes by type", "types" },
    { "*", "O", "objects", "all objects", NULL },
    { "*", "0", "objects -g 0", "objects of generation 0", NULL },
    { "*", "1", "objects -g 1", "objects of generation 1", NULL },
    { "*", "2", "objects -g 2", "objects of generation 2", NULL },
    { "*", "3", "objects -g permanent", "objects of the permanent generation (gc.freeze)", NULL },
    { "*", "x", "types --garbage", "types of garbage: what the next full collection finds", NULL },
    { "*", "X", "objects --garbage", "objects that the next full collection finds unreachable",
      NULL },
    { "*", "c", "cycles", "reference cycles, grouped by shape", "cycles" },
    { "*", "C", "collect", "the next full collection, object by object", NULL },
    { "*", "H", "threads", "threads: stacks and locals", NULL },
    { "*", "F", "findings", "findings: what looks like a leak, and the next step", NULL },
    { "*", "R", "retained", "the largest owners, by what they alone keep alive", NULL },
    { "*", "W", "tree dominators", "the dominator tree from the top", NULL },
    { "*", "I", "native", "what C code holds: references that nothing explains", NULL },
    { "*", "T", "traces", "allocation sites (tracemalloc)", NULL },
    { "*", "V", "verify", "objects that look damaged", NULL },
    { "*", "D", "prompt diff ", "compare with another core", NULL },
    { "*", "K", "prompt save ", "save the heap to a file, to open it again", NULL },
    { "*", "P", "prompt report ", "write a report of the target to a file", NULL },
    { "*", "J", "prompt sql ", "ask in SQL", NULL },
    { "*", "i", "info", "everything that is known of the target", NULL },
    { "*", "-", "without %o",
      "ignore all references to the object, and see what would be freed; again: stop ignoring them",
      NULL },
    { "*", "M", "marks", "the marks of this core", NULL },
    { "*", "L", "prompt find ", "look for objects by type, attribute, length or a text in them",
      NULL },
    { "*", "a", "prompt object ",
      "go to any object: an address (inside of one, too), a dotted name", NULL },
    // --- moving ---
    { "*", "Down", "down", "one line down", NULL },
    { "*", "j", "down", NULL, NULL },
    { "*", "Up", "up", "one line up", NULL },
    { "*", "k", "up", NULL, NULL },
    { "*", "PgDn", "page-down", "one page down", NULL },
    { "*", "C-f", "page-down", NULL, NULL },
    { "*", "Space", "page-down", NULL, NULL },
    { "*", "PgUp", "page-up", "one page up", NULL },
    { "*", "C-b", "page-up", NULL, NULL },
    { "*", "C-d", "half-down", "half a page down", NULL },
    { "*", "C-u", "half-up", "half a page up", NULL },
    { "*", "g", "top", "first line", NULL },
    { "*", "Home", "top", NULL, NULL },
    { "*", "G", "bottom", "last line", NULL },
    { "*", "End", "bottom", NULL, NULL },
    { "*", "Right", "right", "show the columns further right", NULL },
    { "*", "l", "right", NULL, NULL },
    { "*", "Left", "left", "show the columns further left", NULL },
    { "*", "h", "left", NULL, NULL },
    { "*", "Tab", "pane", "next pane", NULL },
    { "*", "S-Tab", "pane back", "previous pane", NULL },
    { "*", "BSpace", "back", "back to where you came from", NULL },
    { "*", "[", "back", NULL, NULL },
    { "*", "M-Left", "back", NULL, NULL },
    { "*", "]", "forward", "forward again", NULL },
    { "*", "M-Right", "forward", NULL, NULL },
    // --- finding ---
    { "*", "/", "search", "search forward for a regular expression", "search" },
    { "*", "\\", "search-back", "search backward", NULL },
    { "*", "n", "next", "next match", NULL },
    { "*", "N", "previous", "previous match", NULL },
    { "*", "f", "filter", "show only some rows: >1M, <10, 10..20, =text, regular expression",
      "filter" },
    { "*", "&", "filter", NULL, NULL },
    { "*", "Esc", "clear", "show all rows again; forget the message", NULL },
    { "*", "s", "sort", "sort by the next column", NULL },
    { "*", "S", "sort reverse", "reverse the order", NULL },
    { "*", "<", "sort left", "sort by the column to the left", NULL },
    { "*", ">", "sort right", "sort by the column to the right", NULL },
    { "*", "m", "mark", "mark: a letter marks the object, a capital letter the whole view", NULL },
    { "*", "'", "jump", "jump to a mark", NULL },
    // --- the rest ---
    { "*", ":", "prompt", "any command; Tab completes", "command" },
    { "*", "w", "prompt write ", "save the view: FILE as text, FILE.jsonl, FILE.csv", NULL },
    { "*", "C-r", "reload", "reload", NULL },
    { "*", "C-l", "redraw", "redraw the screen", NULL },
    { "*", "?", "help", "all keys", "help" },
    { "*", "F1", "help", NULL, NULL },
    { "*", "!", "gdb", "to gdb's prompt; `ouro` there comes back to this very place", NULL },
    { "*", "C-z", "suspend", "to the shell; fg comes back", NULL },
    { "*", "q", "leave", "back; at the first view, quit", NULL },
    { "*", "Q", "quit", "quit", "quit" },
    { "*", "F10", "quit", NULL, NULL },
    { "*", "C-c", "interrupt", "stop what is running; if nothing is, twice quits", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

// --- names of keys ------------------------------------------------------------------------------

static const struct {
    const char *name;
    int code;
} names[] = {
    { "Up", TERM_UP },
    { "Down", TERM_DOWN },
    { "Left", TERM_LEFT },
    { "Right", TERM_RIGHT },
    { "PgUp", TERM_PAGE_UP },
    { "PgDn", TERM_PAGE_DOWN },
    { "Home", TERM_HOME },
    { "End", TERM_END },
    { "Insert", TERM_INSERT },
    { "Delete", TERM_DELETE },
    { "BSpace", TERM_BACKSPACE },
    { "S-Tab", TERM_TAB_BACK },
    { "Tab", '\t' },
    { "Enter", '\r' },
    { "Esc", 27 },
    { "Space", ' ' },
};

int key_parse(const char *name)
{
    if (!strncmp(name, "M-", 2) && name[2]) {
        int code = key_parse(name + 2);
        return code == TERM_NONE ? TERM_NONE : code | TERM_META;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!strcmp(names[i].name, name)) {
            return names[i].code;
        }
    }
    if (!strncmp(name, "C-", 2) && name[2] >= 'a' && name[2] <= 'z' && !name[3]) {
        return name[2] - 'a' + 1;
    }
    int number = 0, length = 0;
    if (sscanf(name, "F%d%n", &number, &length) == 1 && !name[length] && number >= 1
        && number <= 12) {
        return TERM_F1 + number - 1;
    }
    uint32_t code = 0;
    size_t size = strlen(name);
    return size && utf8_decode(name, size, &code) == size && width_is_printable(code) ? (int)code
                                                                                      : TERM_NONE;
}

void key_name(int code, char out[24])
{
    if (code != TERM_NONE && code & TERM_META) {
        char rest[24];
        key_name(code & ~TERM_META, rest);
        snprintf(out, 24, "M-%.20s", rest);
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].code == code) {
            snprintf(out, 24, "%s", names[i].name);
            return;
        }
    }
    if (code >= TERM_F1 && code <= TERM_F12) {
        snprintf(out, 24, "F%d", code - TERM_F1 + 1);
    } else if (code > 0 && code < 32) {
        snprintf(out, 24, "C-%c", code < 27 ? 'a' + code - 1 : '?');
    } else if (code > 0 && code < 0x110000 && width_is_printable((uint32_t)code)) {
        out[utf8_write((uint32_t)code, out)] = 0;
    } else {
        snprintf(out, 24, "?");
    }
}

// --- the table ----------------------------------------------------------------------------------

static bool has_option(const struct option_row *rows, const char *word)
{
    for (const struct option_row *row = rows; row && row->name; row++) {
        size_t length = strlen(row->name);
        bool is_long = !strncmp(word, "--", 2) && !strncmp(word + 2, row->name, length)
                       && (!word[2 + length] || word[2 + length] == '=');
        bool is_short = word[0] == '-' && row->letter && word[1] == row->letter;
        if (is_long || is_short) {
            return true;
        }
    }
    return false;
}

static const struct command *
command_called(const char *name) // no prefixes: keys must not change their meaning
{
    const struct command *command = command_find(name);
    return command && !strcmp(command->name, name) ? command : NULL;
}

bool key_has_view(const char *view)
{
    const struct key_row *row = key_rows;
    while (row->key && strcmp(row->view, view) != 0) {
        row++;
    }
    return row->key != NULL;
}

bool key_row_works(const struct keys *keys, const struct key_row *row)
{
    if (row->line[0] == '%') {
        return true;
    }
    struct words words;
    if (!words_split(&words, row->line, NULL)) {
        return false;
    }
    size_t first =
        words.count > 1 && !strcmp(words.items[0], "prompt") ? 1 : 0; // `prompt diff ` needs diff
    const struct command *command = words.count ? command_called(words.items[first]) : NULL;
    bool works = words.count && (command || keys->is_word(words.items[first]));
    for (size_t i = first + 1; works && command && i < words.count; i++) {
        works = words.items[i][0] != '-' || has_option(command->options, words.items[i])
                || has_option(common_options, words.items[i]);
    }
    words_fini(&words);
    return works;
}

static const struct key_row *keys_find_in(const struct keys *keys, const struct key_row *rows,
                                          size_t count, const char *view, int code)
{
    for (size_t i = 0; i < count && rows[i].key; i++) {
        if (!strcmp(rows[i].view, view) && key_parse(rows[i].key) == code
            && (!rows[i].line[0] || key_row_works(keys, &rows[i]))) {
            return &rows[i];
        }
    }
    return NULL;
}

const struct key_row *keys_find(const struct keys *keys, const char *view, bool table, int code)
{
    const char *const places[] = { view, table ? "rows" : NULL, "*" };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (!places[i]) {
            continue;
        }
        const struct key_row *row = keys_find_in(keys, keys->items, keys->count, places[i], code);
        if (!row) {
            row = keys_find_in(keys, key_rows, SIZE_MAX, places[i], code);
        }
        if (row) {
            return row->line[0] ? row : NULL;
        }
    }
    return NULL;
}

static size_t keys_add_rows(const struct keys *keys, const struct key_row *from, size_t count,
                            const char *view, bool table, const struct key_row **rows,
                            size_t filled, size_t most)
{
    for (size_t i = 0; i < count && from[i].key && filled < most; i++) {
        bool here = !strcmp(from[i].view, view) || (table && !strcmp(from[i].view, "rows"))
                    || !strcmp(from[i].view, "*");
        // Lists a row only if pressing the key finds it: a user's row, or a view's, hides a general
        // one.
        if (here && keys_find(keys, view, table, key_parse(from[i].key)) == &from[i]) {
            rows[filled++] = &from[i];
        }
    }
    return filled;
}

size_t keys_of(const struct keys *keys, const char *view, bool table, const struct key_row **rows,
               size_t most)
{
    size_t filled = keys_add_rows(keys, keys->items, keys->count, view, table, rows, 0, most);
    return keys_add_rows(keys, key_rows, SIZE_MAX, view, table, rows, filled, most);
}

// --- the user's rows ----------------------------------------------------------------------------

static void free_row(struct key_row *row)
{
    free((char *)row->view);
    free((char *)row->key);
    free((char *)row->line);
}

bool keys_bind(struct keys *keys, const char *view, const char *key, const char *line,
               struct err *err)
{
    int code = key_parse(key);
    if (code == TERM_NONE) {
        return err_set(err, ERR_USAGE, "bind: %s: no such key (j, C-d, M-x, F2, Enter, PgDn ...)",
                       key);
    }
    for (size_t i = 0; i < keys->count; i++) {
        if (!strcmp(keys->items[i].view, view) && key_parse(keys->items[i].key) == code) {
            free_row(&keys->items[i]);
            keys->items[i] = keys->items[--keys->count];
            break;
        }
    }
    if (!vec_grow(&keys->items, &keys->capacity, keys->count + 1, sizeof *keys->items, err)) {
        return false;
    }
    struct key_row row = { .view = strdup(view),
                           .key = strdup(key),
                           .line = strdup(line),
                           .note = "bound in ourorc or by `bind`" };
    if (!row.view || !row.key || !row.line) {
        free_row(&row);
        return err_memory(err, "key bindings");
    }
    keys->items[keys->count++] = row;
    return true;
}

void keys_fini(struct keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        free_row(&keys->items[i]);
    }
    free(keys->items);
    *keys = (struct keys){ .is_word = keys->is_word };
}
