// SPDX-License-Identifier: GPL-3.0-or-later
// A line split into words: see words.h.
#include "cmd/session/words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool words_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Moves past the quoted part at *from, appending its content to *to. False: no closing quote.
static bool take_quoted(const char **from, char **to)
{
    char quote = *(*from)++;
    while (**from && **from != quote) {
        if (quote == '"' && **from == '\\' && (*from)[1])
            (*from)++;
        *(*to)++ = *(*from)++;
    }
    if (!**from)
        return false;
    (*from)++;
    return true;
}

// Moves past one word, appending it to *to without its quotes.
static bool words_take_word(const char **from, char **to, struct err *err)
{
    while (**from && !words_is_blank(**from)) {
        if (**from == '\'' || **from == '"') {
            char quote = **from;
            if (!take_quoted(from, to))
                return err_set(err, ERR_USAGE, "unbalanced %c quote", quote);
            continue;
        }
        if (**from == '\\' && !*++*from)
            return err_set(err, ERR_USAGE, "nothing follows the backslash");
        *(*to)++ = *(*from)++;
    }
    *(*to)++ = 0;
    return true;
}

bool words_split(struct words *words, const char *line, struct err *err)
{
    *words = (struct words){ 0 };
    // Without their quotes, and each ended where a blank was, the words never need more room than
    // the line.
    words->bytes = malloc(strlen(line) + 1);
    if (!words->bytes)
        return err_memory(err, "a command line");
    char *to = words->bytes;
    for (const char *from = line;;) {
        while (words_is_blank(*from))
            from++;
        if (!*from)
            return true;
        if (words->count == WORDS_MOST) {
            words_fini(words);
            return err_set(err, ERR_USAGE, "more than %d words", WORDS_MOST);
        }
        words->items[words->count++] = to;
        if (!words_take_word(&from, &to, err)) {
            words_fini(words);
            return false;
        }
    }
}

const char *words_step(const char *at, char *quote)
{
    if (*at == '\\' && *quote != '\'' && at[1])
        at++;
    else if (*quote)
        *quote = *at == *quote ? 0 : *quote;
    else if (*at == '\'' || *at == '"')
        *quote = *at;
    return at + 1;
}

bool words_take(char *line, const char *word)
{
    size_t size = strlen(word);
    char quote = 0;
    for (const char *at = line; *at; at = words_step(at, &quote)) {
        bool begins = !quote && (at == line || words_is_blank(at[-1]));
        bool ends = begins && (!at[2] || words_is_blank(at[2]));
        if (begins && !strncmp(at, "--", 2) && ends)
            return false;
        if (begins && !strncmp(at, word, size) && (!at[size] || words_is_blank(at[size]))) {
            memset(line + (at - line), ' ', size);
            return true;
        }
    }
    return false;
}

static const char *skip_blanks(const char *at)
{
    while (words_is_blank(*at))
        at++;
    return at;
}

static const char *skip_word(const char *at)
{
    while (*at && !words_is_blank(*at))
        at++;
    return at;
}

// Whether the text begins with SELECT's keyword.
static bool is_statement(const char *at)
{
    static const char *const keywords[] = { "select", "with", "explain", "values" };
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        size_t size = strlen(keywords[i]);
        if (!strncasecmp(at, keywords[i], size)
            && (words_is_blank(at[size]) || at[size] == '(' || at[size] == '*'))
            return true;
    }
    return false;
}

// Whether the word is `-n` or `--limit`, whose value is the next word.
static bool is_limit(const char *at, size_t size)
{
    return (size == 2 && !strncmp(at, "-n", 2)) || (size == 7 && !strncmp(at, "--limit", 7));
}

// Where the statement ends: before a limit at the line's end, as no SQL ends with `-n` and a
// number.
static const char *statement_end(const char *from)
{
    const char *end = from + strlen(from);
    for (const char *at = from; *at;) {
        const char *word = skip_blanks(at), *after = skip_word(word);
        const char *value = skip_blanks(after), *rest = value + strspn(value, "0123456789");
        if (is_limit(word, (size_t)(after - word)) && rest > value && !*skip_blanks(rest))
            return word;
        if (!strncmp(word, "--limit=", 8) && !*skip_blanks(after))
            return word;
        at = after;
    }
    return end;
}

static void words_put(struct words *words, char **to, const char *from, size_t size)
{
    if (!size || words->count == WORDS_MOST)
        return;
    words->items[words->count++] = *to;
    memcpy(*to, from, size);
    (*to)[size] = 0;
    *to += size + 1;
}

bool words_split_statement(struct words *words, const char *line)
{
    *words = (struct words){ 0 };
    const char *at = skip_blanks(line), *after = skip_word(at);
    if (after - at != 3 || strncmp(at, "sql", 3))
        return false;
    const char *options = skip_blanks(after), *statement = options;
    while (*statement == '-') {
        const char *end = skip_word(statement);
        bool limit = is_limit(statement, (size_t)(end - statement));
        statement = skip_blanks(limit ? skip_word(skip_blanks(end)) : end);
    }
    if (!is_statement(statement))
        return false;
    words->bytes = malloc(strlen(line) + 2);
    if (!words->bytes)
        return false;
    char *to = words->bytes;
    const char *end = statement_end(statement);
    words_put(words, &to, at, 3);
    for (const char *part = options; part < statement; part = skip_blanks(skip_word(part)))
        words_put(words, &to, part, (size_t)(skip_word(part) - part));
    for (const char *part = skip_blanks(end); *part; part = skip_blanks(skip_word(part)))
        words_put(words, &to, part, (size_t)(skip_word(part) - part));
    words_put(words, &to, statement, (size_t)(end - statement));
    return true;
}

void words_fini(struct words *words)
{
    free(words->bytes);
    *words = (struct words){ 0 };
}

bool words_has(const struct words *words, const char *word)
{
    for (size_t i = 1; i < words->count; i++)
        if (!strcmp(words->items[i], word))
            return true;
    return false;
}

size_t words_start(const char *line, size_t cursor)
{
    const char *start = line;
    char quote = 0;
    for (const char *at = line; at < line + cursor && *at; at = words_step(at, &quote))
        if (!quote && words_is_blank(*at))
            start = at + 1;
    return (size_t)(start - line);
}
