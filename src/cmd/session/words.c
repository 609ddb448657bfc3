// SPDX-License-Identifier: GPL-3.0-or-later
// A line split into words: see words.h.
#include "cmd/session/words.h"

#include <stdlib.h>
#include <string.h>

static bool words_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Moves past the quoted part that begins at *from, appending its inside to *to. False: no closing
// quote.
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

// Moves past one word; what it says is appended to *to without its quotes.
static bool words_take_word(const char **from, char **to, struct err *err)
{
    while (**from && !words_is_blank(**from)) {
        if (**from == '\'' || **from == '"') {
            char quote = **from;
            if (!take_quoted(from, to))
                return err_set(err, ERR_USAGE, "the %c quote stays open", quote);
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
    // Words lose their quotes and end where a blank was, so they never need more room than the
    // line.
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

void words_fini(struct words *words)
{
    free(words->bytes);
    *words = (struct words){ 0 };
}

size_t words_start(const char *line, size_t cursor)
{
    size_t start = 0;
    char quote = 0;
    for (size_t i = 0; i < cursor && line[i]; i++) {
        if (line[i] == '\\' && quote != '\'' && i + 1 < cursor)
            i++;
        else if (quote)
            quote = line[i] == quote ? 0 : quote;
        else if (line[i] == '\'' || line[i] == '"')
            quote = line[i];
        else if (words_is_blank(line[i]))
            start = i + 1;
    }
    return start;
}
