// SPDX-License-Identifier: GPL-3.0-or-later
// `help`: the table of commands, or everything about one of them.
#include <string.h>

#include "base/unused.h"
#include "cmd/session/session.h"

static const struct column columns[] = {
    { COL(command), 10, 0, "the command, or its option or column" },
    { COL(usage), 20, 0, "its usage" },
    { COL(summary), 30, COLUMN_WIDE | COLUMN_PROSE, "what it does" },
    COLUMN_ROW_END,
};

static bool cmd_help_add(struct report *report, const char *name, const char *usage,
                         const char *text, struct err *err)
{
    return report_row(
        report, (const struct cell[]){ cell_text(name), cell_text(usage), cell_text(text) }, err);
}

static const char *option_usage(struct report *report, const struct option_row *option)
{
    if (!option->letter)
        return option->value ? report_format(report, "--%s %s", option->name, option->value)
                             : report_format(report, "--%s", option->name);
    return option->value
               ? report_format(report, "-%c, --%s %s", option->letter, option->name, option->value)
               : report_format(report, "-%c, --%s", option->letter, option->name);
}

// Adds the help's paragraphs, wrapped to fit an 80-column terminal.
static bool add_help(struct report *report, const char *text, struct err *err)
{
    enum { LINE = 76 };
    while (*text) {
        size_t paragraph = strcspn(text, "\n"), size = paragraph;
        if (size > LINE) {
            size = LINE;
            while (size && text[size] != ' ')
                size--;
            if (!size)
                size = paragraph;
        }
        if (!cmd_help_add(report, "", "", report_text(report, text, size), err))
            return false;
        text += size + (text[size] != 0);
    }
    return true;
}

static bool cmd_help_add_command(const struct command *command, struct report *report,
                                 struct err *err)
{
    if (!cmd_help_add(report, command->name, command->usage, command->summary, err)
        || !add_help(report, command->help, err))
        return false;
    for (const struct option_row *option = command->options; option && option->name; option++)
        if (!cmd_help_add(report, "option", option_usage(report, option), option->help, err))
            return false;
    for (const struct option_row *option = common_options; option->name; option++)
        if (!cmd_help_add(report, "option", option_usage(report, option), option->help, err))
            return false;
    for (const struct column *column = command->columns; column && column->name; column++)
        if (!cmd_help_add(report, "column", column->name, column->help, err))
            return false;
    const char *name, *help;
    for (size_t i = 0; command->topic && (name = command->topic(i, &help)); i++)
        if (!cmd_help_add(report, command->topics, name, help, err))
            return false;
    return cmd_help_add(report, "example", command->example, "", err);
}

static bool cmd_help_run(UNUSED struct session *session, const struct args *args,
                         struct report *report, struct err *err)
{
    if (args->word_count) {
        const struct command *command = command_find(args->words[0]);
        if (!command)
            return command_unknown(args->words[0], ERR_NOT_FOUND, err);
        return cmd_help_add_command(command, report, err);
    }
    for (size_t i = 0; commands[i]; i++)
        if (!cmd_help_add(report, commands[i]->name, commands[i]->usage, commands[i]->summary, err))
            return false;
    return true;
}

const struct command cmd_help = {
    .name = "help",
    .usage = "[COMMAND]",
    .summary = "the commands, or everything about one of them",
    .help =
        "Without a word one row per command. With one: its options, its columns and an example.",
    .example = "help collect",
    .words_most = 1,
    .word_kind = COMPLETE_COMMAND,
    .columns = columns,
    .needs = NEEDS_NOTHING,
    .run = cmd_help_run,
};
