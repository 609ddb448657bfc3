// SPDX-License-Identifier: GPL-3.0-or-later
// Parsing a command's options and words by its table: args_parse of args.h.
#include "cmd/session/args.h"

#include <string.h>

#include "base/near.h"
#include "base/number.h"
#include "cmd/command.h"

static const struct option_row no_options[] = { { 0 } };

static const struct option_row *by_letter(const struct option_row *rows, char letter)
{
    for (; rows->name; rows++)
        if (rows->letter == letter)
            return rows;
    return NULL;
}

// The option that a long name means: exact, or the only one that begins with it.
static const struct option_row *args_parse_by_name(const struct option_row *rows, const char *name,
                                                   size_t size)
{
    const struct option_row *found = NULL;
    for (; rows->name; rows++) {
        if (strncmp(rows->name, name, size))
            continue;
        if (!rows->name[size])
            return rows;
        if (found)
            return NULL;
        found = rows;
    }
    return found;
}

static bool parse_generation(const char *text, uint64_t *number)
{
    if (!strcmp(text, "permanent")) {
        *number = 3;
        return true;
    }
    return number_parse(text, number) && *number <= 2;
}

static bool add_option(struct args *args, const struct command *command,
                       const struct option_row *row, const char *text, struct err *err)
{
    if (args->option_count == ARGS_MAX)
        return err_set(err, ERR_USAGE, "%s: more than %d options", command->name, ARGS_MAX);
    uint64_t number = 0;
    if (row->kind == OPTION_COUNT && !number_parse(text, &number))
        return err_set(err, ERR_USAGE, "%s: --%s takes a number, not '%s'", command->name,
                       row->name, text);
    if (row->kind == OPTION_BYTES && !number_parse_size(text, &number))
        return err_set(err, ERR_USAGE, "%s: --%s takes a size like 4096, 16K or 1.5M, not '%s'",
                       command->name, row->name, text);
    if (row->kind == OPTION_GENERATION && !parse_generation(text, &number))
        return err_set(err, ERR_USAGE, "%s: --%s takes 0, 1, 2 or permanent, not '%s'",
                       command->name, row->name, text);
    args->options[args->option_count].row = row;
    args->options[args->option_count].text = text;
    args->options[args->option_count++].number = number;
    return true;
}

// The option as typed: two dashes and a name, or one dash and a letter.
static bool args_parse_no_such(const struct args *args, const struct command *command,
                               const char *option, size_t size, struct err *err)
{
    struct near near = near_begin(option + 2, size < 2 ? 0 : size - 2);
    for (const struct option_row *row = args->rows; row->name; row++)
        near_look(&near, row->name);
    for (const struct option_row *row = common_options; row->name; row++)
        near_look(&near, row->name);
    if (near.best)
        return err_set(err, ERR_USAGE, "%s: no option %.*s; did you mean --%s?", command->name,
                       (int)size, option, near.best);
    return err_set(err, ERR_USAGE, "%s: no option %.*s; `help %s` lists them", command->name,
                   (int)size, option, command->name);
}

static bool wants_value(const struct command *command, const struct option_row *row,
                        struct err *err)
{
    return err_set(err, ERR_USAGE, "%s: --%s needs a value: %s", command->name, row->name,
                   row->value);
}

// Takes one argument that begins with two dashes. `next` is the argument after it, or null; *used:
// it was the option's value.
static bool take_long(struct args *args, const struct command *command, const char *word,
                      const char *next, bool *used, struct err *err)
{
    const char *equals = strchr(word, '=');
    size_t size = equals ? (size_t)(equals - word) : strlen(word);
    const struct option_row *row = args_parse_by_name(args->rows, word + 2, size - 2);
    if (!row)
        row = args_parse_by_name(common_options, word + 2, size - 2);
    if (!row)
        return args_parse_no_such(args, command, word, size, err);
    if (row->kind == OPTION_FLAG) {
        if (equals)
            return err_set(err, ERR_USAGE, "%s: --%s takes no value", command->name, row->name);
        return add_option(args, command, row, NULL, err);
    }
    *used = !equals;
    if (!equals && !next)
        return wants_value(command, row, err);
    return add_option(args, command, row, equals ? equals + 1 : next, err);
}

// Takes one argument of letters after one dash: flags, and last at most one option with a value.
static bool take_letters(struct args *args, const struct command *command, const char *word,
                         const char *next, bool *used, struct err *err)
{
    for (const char *letter = word + 1; *letter; letter++) {
        const struct option_row *row = by_letter(args->rows, *letter);
        if (!row) {
            char text[3] = { '-', *letter, 0 };
            return args_parse_no_such(args, command, text, 2, err);
        }
        if (row->kind == OPTION_FLAG) {
            if (!add_option(args, command, row, NULL, err))
                return false;
            continue;
        }
        *used = !letter[1];
        if (!letter[1] && !next)
            return wants_value(command, row, err);
        return add_option(args, command, row, letter[1] ? letter + 1 : next, err);
    }
    return true;
}

static bool args_parse_add_word(struct args *args, const struct command *command, const char *word,
                                struct err *err)
{
    if (args->word_count == ARGS_MAX)
        return err_set(err, ERR_USAGE, "%s: more than %d arguments", command->name, ARGS_MAX);
    args->words[args->word_count++] = word;
    return true;
}

static bool check_words(const struct args *args, const struct command *command, struct err *err)
{
    if (command->words_most >= 0 && args->word_count > (size_t)command->words_most)
        return err_set(err, ERR_USAGE, "%s: one argument too many: '%s'%s; usage: %s%s%s",
                       command->name, args->words[command->words_most],
                       command->word_kind == COMPLETE_OBJECT ? " (quote a name that has spaces)"
                                                             : "",
                       command->name, *command->usage ? " " : "", command->usage);
    if (args->word_count < (size_t)command->words_least)
        return err_set(err, ERR_USAGE, "%s: missing argument; usage: %s %s", command->name,
                       command->name, command->usage);
    return true;
}

bool args_parse(struct args *args, const struct command *command, size_t argc,
                const char *const *argv, struct err *err)
{
    *args = (struct args){ .rows = command->options ? command->options : no_options };
    bool only_words = false;
    for (size_t i = 0; i < argc; i++) {
        const char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
        bool used = false, ok = true;
        if (only_words || word[0] != '-' || !word[1])
            ok = args_parse_add_word(args, command, word, err);
        else if (!strcmp(word, "--"))
            only_words = true;
        else if (word[1] == '-')
            ok = take_long(args, command, word, next, &used, err);
        else
            ok = take_letters(args, command, word, next, &used, err);
        if (!ok)
            return false;
        i += used;
    }
    return check_words(args, command, err);
}
