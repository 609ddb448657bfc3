// SPDX-License-Identifier: GPL-3.0-or-later
// --help and the manual page, made from the tables: see manual.h.
#include "cli/manual.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cmd/command.h"
#include "tui/tui.h"

static void add_option_name(struct text *out, const struct program_option *row)
{
    if (row->letter)
        text_add_format(out, "-%c, ", row->letter);
    text_add_format(out, "--%s%s%s", row->name, row->value ? " " : "",
                    row->value ? row->value : "");
}

void manual_help(struct text *out)
{
    text_add_string(out, "ouro [OPTION...] TARGET [COMMAND [ARG...]]\n\n"
                         "TARGET is a core file, -p PID, or a heap that `save` wrote. Without a "
                         "command: the\nscreen on a terminal, otherwise `info`.\n\n");
    for (const struct program_option *row = program_options; row->name; row++) {
        if (!row->help)
            continue;
        size_t from = out->size;
        text_add_string(out, "  ");
        add_option_name(out, row);
        text_pad(out, from, 22);
        text_add_format(out, "  %s\n", row->help);
    }
    text_add_string(out, "\nCommands (`ouro TARGET help COMMAND` says more):\n\n");
    for (size_t i = 0; commands[i]; i++)
        text_add_format(out, "  %-10s  %s\n", commands[i]->name, commands[i]->summary);
    text_add_string(
        out, "\nOBJ: 0x7f..., #N, $ (the last one), or a name: sys.modules, app.CACHE['k'].parent\n"
             "GEN: 0, 1, 2, permanent\n"
             "Exit status: 0 answered, 1 not answered, 2 usage, 3 `findings --fail-on`.\n");
}

// --- mdoc ---------------------------------------------------------------------------------------

// Adds text for mdoc: `x` becomes a literal, and no line begins like a request.
static void add_words(struct text *out, const char *words, size_t size)
{
    bool line_start = true, literal = false;
    for (size_t i = 0; i < size; i++) {
        char c = words[i];
        if (line_start && (c == '.' || c == '\''))
            text_add_string(out, "\\&");
        line_start = false;
        if (c == '\\')
            text_add_string(out, "\\e");
        else if (c == '-')
            text_add_string(out, "\\-");
        else if (c == '`') {
            literal = !literal;
            text_add_string(out, literal ? "\\fB" : "\\fR");
        } else
            text_add_char(out, c);
    }
    text_add_char(out, '\n');
}

static void add_line(struct text *out, const char *words)
{
    add_words(out, words, strlen(words));
}

// Adds paragraphs, with empty lines between them.
static void add_paragraphs(struct text *out, const char *words)
{
    while (*words) {
        size_t size = strcspn(words, "\n");
        if (size)
            add_words(out, words, size);
        else
            text_add_string(out, ".Pp\n");
        words += size + (words[size] == '\n');
    }
}

static void manual_add_item(struct text *out, const char *tag)
{
    text_add_string(out, ".It ");
    add_line(out, tag);
}

static void add_options(struct text *out)
{
    struct text name = TEXT_INIT;
    text_add_string(out, ".Sh OPTIONS\n.Bl -tag -width Ds\n");
    for (const struct program_option *row = program_options; row->name; row++) {
        if (!row->help)
            continue;
        text_clear(&name);
        add_option_name(&name, row);
        manual_add_item(out, text_string(&name));
        add_line(out, row->help);
    }
    text_add_string(out, ".El\n");
    text_fini(&name);
}

static void add_option_rows(struct text *out, const struct option_row *rows)
{
    struct text name = TEXT_INIT;
    if (!rows)
        return;
    text_add_string(out, ".Bl -tag -width Ds\n");
    for (const struct option_row *row = rows; row->name; row++) {
        text_clear(&name);
        if (row->letter)
            text_add_format(&name, "-%c, ", row->letter);
        text_add_format(&name, "--%s%s%s", row->name, row->value ? " " : "",
                        row->value ? row->value : "");
        manual_add_item(out, text_string(&name));
        add_line(out, row->help);
    }
    text_add_string(out, ".El\n");
    text_fini(&name);
}

static void add_topics(struct text *out, const struct command *command)
{
    const char *name, *help;
    if (!command->topic)
        return;
    text_add_format(out, ".El\n.Pp\nEach %s:\n.Bl -tag -width Ds -compact\n", command->topics);
    for (size_t i = 0; (name = command->topic(i, &help)); i++) {
        manual_add_item(out, name);
        add_line(out, help);
    }
}

static void manual_add_command(struct text *out, const struct command *command)
{
    struct text line = TEXT_INIT;
    text_add_format(&line, "%s%s%s", command->name, *command->usage ? " " : "", command->usage);
    text_add_string(out, ".Ss ");
    add_line(out, text_string(&line));
    text_add_string(out, ".Pp\n");
    text_clear(&line);
    text_add_format(&line, "%s.", command->summary);
    add_line(out, text_string(&line));
    text_fini(&line);
    text_add_string(out, ".Pp\n");
    add_paragraphs(out, command->help);
    add_option_rows(out, command->options);
    text_add_string(out, ".Pp\nColumns:\n.Bl -tag -width Ds -compact\n");
    for (const struct column *column = command->columns; column && column->name; column++) {
        manual_add_item(out, column->name);
        add_line(out, column->help);
    }
    add_topics(out, command);
    text_add_string(out, ".El\n.Pp\nExample:\n.Dl ");
    add_line(out, command->example);
}

// tui_list_keys() gives lines of "view<TAB>keys<TAB>command line<TAB>note".
static void manual_add_keys(struct text *out)
{
    struct text keys = TEXT_INIT;
    tui_list_keys(&keys);
    text_add_string(out,
                    ".Sh KEYS\nOn the screen, ? lists those of the view.\n.Bl -tag -width Ds\n");
    for (const char *line = text_string(&keys); *line;) {
        const char *end = line + strcspn(line, "\n");
        const char *key = memchr(line, '\t', (size_t)(end - line));
        const char *command = key ? memchr(key + 1, '\t', (size_t)(end - key - 1)) : NULL;
        const char *note = command ? memchr(command + 1, '\t', (size_t)(end - command - 1)) : NULL;
        if (note) {
            text_add_string(out, ".It ");
            add_words(out, key + 1, (size_t)(command - key - 1));
            if (end > note + 1)
                add_words(out, note + 1, (size_t)(end - note - 1));
            text_add_string(out, ".Pq ");
            if (*line == '*')
                add_line(out, "everywhere");
            else
                add_words(out, line, (size_t)(key - line));
        }
        line = end + (*end == '\n');
    }
    text_add_string(out, ".El\n");
    text_fini(&keys);
}

static const char head[] =
    ".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n"
    ".\\\" Written by `make man` from the tables of options, commands and keys: change those.\n"
    ".Dd November 21, 2026\n"
    ".Dt OURO 1\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm ouro\n"
    ".Nd heap debugger for CPython\n"
    ".Sh SYNOPSIS\n"
    ".Nm\n"
    ".Op Ar option ...\n"
    ".Ar target\n"
    ".Op Ar command Op Ar argument ...\n"
    ".Sh DESCRIPTION\n"
    ".Nm\n"
    "opens a core dump of a Python program, or a running one, and shows its heap the way the "
    "garbage collector sees it: "
    "generations, objects, the references between them by name, what the next collection would "
    "free, and the rings that keep "
    "garbage alive.\n"
    "No code is run in the target.\n"
    ".Pp\n"
    "The\n"
    ".Ar target\n"
    "is a core file, which may be compressed, or a process given by\n"
    ".Fl p .\n"
    "Without a\n"
    ".Ar command\n"
    "the screen is shown where stdin and stdout are terminals, otherwise the answer of\n"
    ".Ic info .\n"
    ".Pp\n"
    "An object is named by an address (one inside of it will do), by its number as\n"
    ".Li #N ,\n"
    "as\n"
    ".Li $\n"
    "(the last one), or by a dotted name as in the source:\n"
    ".Li app.CACHE['k'][3].parent .\n"
    "What a root holds is named as\n"
    ".Ic path\n"
    "calls the root, in quotes:\n"
    ".Li \"local x in f() app.py:12\" .\n"
    "A generation is 0, 1, 2 or permanent.\n"
    ".Pp\n"
    "With\n"
    ".Fl \\-json\n"
    "every row is one JSON object in a line, and a last line\n"
    ".Li {\"summary\":{...}}\n"
    "says that the answer is whole. With\n"
    ".Fl \\-json-object\n"
    "an answer is one object: what\n"
    ".Ic info\n"
    "and\n"
    ".Ic object\n"
    "tell are its members, other rows stand in\n"
    ".Li rows .\n";

static const char tail[] =
    ".Sh ENVIRONMENT\n"
    ".Bl -tag -width Ds\n"
    ".It Ev NO_COLOR\n"
    "no colours.\n"
    ".It Ev OURO_DATA\n"
    "the folder that holds the tables of layouts and the script for gdb.\n"
    ".It Ev OURO_PAGER , PAGER\n"
    "what long answers on a terminal are shown with, a line for the shell; the default is less, or "
    "more. "
    "Empty, or cat: nothing. LESS is FRX unless it is set.\n"
    ".It Ev OURO_TIMING\n"
    "if set, a line about time and memory on stderr for every phase of the work.\n"
    ".El\n"
    ".Sh FILES\n"
    ".Bl -tag -width Ds\n"
    ".It Pa $XDG_CACHE_HOME/ouro/\n"
    "layouts that were read from debug information, by build-id.\n"
    ".It Pa $XDG_STATE_HOME/ouro/history\n"
    "what was typed at the prompt.\n"
    ".El\n"
    ".Sh EXIT STATUS\n"
    "0: answered.\n"
    "1: the question could not be answered; one sentence on stderr says why.\n"
    "2: the words of the call are off.\n"
    "3: answered, and there is a finding of the severity that findings \\-\\-fail\\-on named, or "
    "worse.\n"
    ".Sh SEE ALSO\n"
    ".Xr gdb 1 ,\n"
    ".Xr core 5 ,\n"
    ".Lk https://docs.python.org/3/library/gc.html \"The gc module\"\n";

void manual_page(struct text *out)
{
    text_add_string(out, head);
    add_options(out);
    text_add_string(out, ".Sh COMMANDS\nEvery command takes:\n");
    add_option_rows(out, common_options);
    for (size_t i = 0; commands[i]; i++)
        manual_add_command(out, commands[i]);
    manual_add_keys(out);
    text_add_string(out, tail);
}
