// SPDX-License-Identifier: GPL-3.0-or-later
// Shell completion made from the tables: see completion.h.
#include "cli/completion.h"

#include <stdint.h>
#include <string.h>

#include "cli/options.h"
#include "cmd/command.h"

// Adds text in single quotes, for all three shells: a quote closes the text, and opens it again.
static void completion_add_quoted(struct text *out, const char *words)
{
    text_add_char(out, '\'');
    for (; *words; words++) {
        if (*words == '\'')
            text_add_string(out, "'\\''");
        else
            text_add_char(out, *words);
    }
    text_add_char(out, '\'');
}

static void add_program_options(struct text *out)
{
    for (const struct program_option *row = program_options; row->name; row++)
        if (row->help)
            text_add_format(out, " --%s", row->name);
}

static void completion_add_options(struct text *out, const struct command *command)
{
    text_add_string(out, " --json --json-object");
    for (const struct option_row *row = command->options; row && row->name; row++)
        text_add_format(out, " --%s", row->name);
    for (const struct option_row *row = common_options; row->name; row++)
        text_add_format(out, " --%s", row->name);
}

// Adds the values of an option, if they are known without a target. False: they are not.
static bool completion_add_values(struct text *out, const struct command *command,
                                  const struct option_row *row)
{
    const char *topic, *help;
    size_t before = out->size;
    if (row->choices)
        text_add_format(out, " %s", row->choices);
    if (row->complete == COMPLETE_GENERATION)
        text_add_string(out, " 0 1 2 permanent");
    for (const struct column *c = command->columns;
         row->complete == COMPLETE_COLUMN && c && c->name; c++)
        text_add_format(out, " %s -%s", c->name, c->name);
    for (size_t i = 0;
         row->complete == COMPLETE_TOPIC && command->topic && (topic = command->topic(i, &help));
         i++)
        text_add_format(out, " %s", topic);
    return out->size > before;
}

// Adds a branch of `case "COMMAND OPTION"` for each option with values of its own.
static void completion_add_cases(struct text *out, const char *offer, const char *end)
{
    for (size_t i = 0; commands[i]; i++)
        for (const struct option_row *row = commands[i]->options; row && row->name; row++) {
            struct text values = TEXT_INIT;
            if (completion_add_values(&values, commands[i], row)) {
                text_add_format(out, "    '%s --%s'", commands[i]->name, row->name);
                if (row->letter)
                    text_add_format(out, " | '%s -%c'", commands[i]->name, row->letter);
                text_add_format(out, ") %s%s%s; return ;;\n", offer, text_string(&values), end);
            }
            text_fini(&values);
        }
}

// --- bash ----------------------------------------------------------------------------------------

static void bash_values(struct text *out)
{
    text_add_string(out, "    case $before in\n"
                         "    -p | --pid)\n"
                         "        COMPREPLY=($(compgen -W \"$(pgrep -f python)\" -- \"$word\"))\n"
                         "        return ;;\n"
                         "    -e | --exe | --layout) compopt -o default; return ;;\n"
                         "    --sysroot) COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
                         "    --color) COMPREPLY=($(compgen -W 'auto always never' -- \"$word\"))\n"
                         "        return ;;\n"
                         "    --traverse)\n"
                         "        COMPREPLY=($(compgen -W 'native emulate off' -- \"$word\"))\n"
                         "        return ;;\n"
                         "    esac\n");
}

// Finds which word is the target and which the command: the first that is neither an option nor an
// option's value is the target, unless -p was given; the next is the command.
static void bash_position(struct text *out)
{
    text_add_string(out, "    local i target= command=\n"
                         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                         "        case ${COMP_WORDS[i]} in\n"
                         "        -p | --pid) target=1; ((++i)) ;;\n        ");
    for (const struct program_option *row = program_options; row->name; row++) {
        if (!row->value || row->letter == 'p')
            continue;
        if (row->letter)
            text_add_format(out, "-%c | ", row->letter);
        text_add_format(out, "--%s | ", row->name);
    }
    text_add_string(out, "--) ((++i)) ;;\n"
                         "        -*) ;;\n"
                         "        *) if [[ -z $target ]]; then target=1; else\n"
                         "            command=${COMP_WORDS[i]}; break; fi ;;\n"
                         "        esac\n"
                         "    done\n");
}

static void completion_bash(struct text *out)
{
    text_add_string(out, "# bash completion for ouro\n_ouro() {\n"
                         "    local word=${COMP_WORDS[COMP_CWORD]}\n"
                         "    local before=${COMP_WORDS[COMP_CWORD - 1]}\n");
    bash_values(out);
    bash_position(out);
    text_add_string(out, "    case \"$command $before\" in\n");
    completion_add_cases(out, "COMPREPLY=($(compgen -W '", "' -- \"$word\"))");
    text_add_string(out, "    esac\n");
    text_add_string(out, "    if [[ -z $command && $word == -* ]]; then\n"
                         "        COMPREPLY=($(compgen -W '");
    add_program_options(out);
    text_add_string(out, "' -- \"$word\"))\n"
                         "    elif [[ -z $target ]]; then\n"
                         "        compopt -o default\n"
                         "    elif [[ -z $command ]]; then\n"
                         "        COMPREPLY=($(compgen -W '");
    for (size_t i = 0; commands[i]; i++)
        text_add_format(out, " %s", commands[i]->name);
    text_add_string(out, "' -- \"$word\"))\n"
                         "    elif [[ $word == -* ]]; then\n"
                         "        case $command in\n");
    for (size_t i = 0; commands[i]; i++) {
        text_add_format(out, "        %s) COMPREPLY=($(compgen -W '", commands[i]->name);
        completion_add_options(out, commands[i]);
        text_add_string(out, "' -- \"$word\")) ;;\n");
    }
    text_add_string(out, "        esac\n"
                         "    else\n"
                         "        compopt -o default\n"
                         "    fi\n"
                         "}\n"
                         "complete -F _ouro ouro\n");
}

// --- zsh -----------------------------------------------------------------------------------------

// Adds a description for _arguments, in brackets: an unescaped bracket or colon would end it.
static void zsh_describe(struct text *out, const char *words)
{
    for (; *words; words++) {
        if (*words == '\'')
            text_add_string(out, "'\\''");
        else if (strchr("[]:\\", *words))
            text_add_format(out, "\\%c", *words);
        else
            text_add_char(out, *words);
    }
}

static const char *zsh_action(const char *value)
{
    return !strcmp(value, "PID")    ? ":PID:_pids"
           : !strcmp(value, "FILE") ? ":FILE:_files"
           : !strcmp(value, "DIR")  ? ":DIR:_files -/"
           : !strcmp(value, "WHEN") ? ":WHEN:(auto always never)"
           : !strcmp(value, "HOW")  ? ":HOW:(native emulate off)"
                                    : ": :";
}

static void completion_zsh(struct text *out)
{
    text_add_string(out, "#compdef ouro\n"
                         "local -a commands\n"
                         "commands=(\n");
    for (size_t i = 0; commands[i]; i++) {
        text_add_format(out, "    '%s:", commands[i]->name);
        zsh_describe(out, commands[i]->summary);
        text_add_string(out, "'\n");
    }
    text_add_string(out, ")\ncase \"${words[(r)(");
    for (size_t i = 0; commands[i]; i++)
        text_add_format(out, "%s%s", i ? "|" : "", commands[i]->name);
    text_add_string(out, ")]} ${words[CURRENT-1]}\" in\n");
    completion_add_cases(out, "compadd --", "");
    text_add_string(out, "esac\n_arguments -S \\\n");
    for (const struct program_option *row = program_options; row->name; row++) {
        if (!row->help)
            continue;
        text_add_format(out, "    '--%s[", row->name);
        zsh_describe(out, row->help);
        text_add_format(out, "]%s' \\\n", row->value ? zsh_action(row->value) : "");
    }
    text_add_string(out, "    '-p[a running process]:PID:_pids' \\\n"
                         "    '1:target:_files' \\\n"
                         "    '2:command:{_describe command commands}' \\\n"
                         "    '*:argument:_files'\n");
}

// --- fish ----------------------------------------------------------------------------------------

static void completion_fish(struct text *out)
{
    text_add_string(out, "# fish completion for ouro\nset -l commands");
    for (size_t i = 0; commands[i]; i++)
        text_add_format(out, " %s", commands[i]->name);
    text_add_char(out, '\n');
    for (const struct program_option *row = program_options; row->name; row++) {
        if (!row->help)
            continue;
        text_add_format(out,
                        "complete -c ouro -n 'not __fish_seen_subcommand_from $commands' -l %s",
                        row->name);
        if (row->letter)
            text_add_format(out, " -s %c", row->letter);
        if (row->value)
            text_add_string(out,
                            !strcmp(row->value, "PID") ? " -x -a '(__fish_complete_pids)'" : " -r");
        text_add_string(out, " -d ");
        completion_add_quoted(out, row->help);
        text_add_char(out, '\n');
    }
    for (size_t i = 0; commands[i]; i++) {
        text_add_format(out,
                        "complete -c ouro -n 'not __fish_seen_subcommand_from $commands' -a %s -d ",
                        commands[i]->name);
        completion_add_quoted(out, commands[i]->summary);
        text_add_char(out, '\n');
        for (const struct option_row *row = commands[i]->options; row && row->name; row++) {
            text_add_format(out, "complete -c ouro -n '__fish_seen_subcommand_from %s' -l %s",
                            commands[i]->name, row->name);
            if (row->letter)
                text_add_format(out, " -s %c", row->letter);
            struct text values = TEXT_INIT;
            if (completion_add_values(&values, commands[i], row))
                text_add_format(out, " -x -a '%s' -d ", text_string(&values) + 1);
            else
                text_add_string(out, row->value ? " -r -d " : " -d ");
            text_fini(&values);
            completion_add_quoted(out, row->help ? row->help : "");
            text_add_char(out, '\n');
        }
    }
}

bool completion_write(const char *shell, struct text *out)
{
    if (!strcmp(shell, "bash"))
        completion_bash(out);
    else if (!strcmp(shell, "zsh"))
        completion_zsh(out);
    else if (!strcmp(shell, "fish"))
        completion_fish(out);
    else
        return false;
    return true;
}
