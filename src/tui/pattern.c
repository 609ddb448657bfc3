// SPDX-License-Identifier: GPL-3.0-or-later
// Searching text: see pattern.h.
#include "tui/pattern.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool pattern_has_capitals(const char *text)
{
    for (; *text; text++)
        if (isupper((unsigned char)*text))
            return true;
    return false;
}

static bool pattern_is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80 || strchr("\\.[]()*+?{}|^$", *text))
            return false;
    return true;
}

bool pattern_init(struct pattern *pattern, const char *text, struct err *err)
{
    *pattern = (struct pattern){ .folds = !pattern_has_capitals(text) };
    int code = regcomp(&pattern->regex, text, REG_EXTENDED | (pattern->folds ? REG_ICASE : 0));
    if (code) {
        char reason[160];
        regerror(code, &pattern->regex, reason, sizeof reason);
        return err_set(err, ERR_USAGE, "%s: %s", text, reason);
    }
    pattern->plain = *text && pattern_is_plain(text) ? strdup(text) : NULL;
    pattern->plain_size = strlen(text);
    return true;
}

void pattern_fini(struct pattern *pattern)
{
    regfree(&pattern->regex);
    free(pattern->plain);
    *pattern = (struct pattern){ 0 };
}

// `plain` has no capitals if case does not matter.
static bool pattern_same(const struct pattern *pattern, char c, char plain)
{
    return c == plain || (pattern->folds && c >= 'A' && c <= 'Z' && c + ('a' - 'A') == plain);
}

static bool pattern_stands_at(const struct pattern *pattern, const char *text)
{
    for (size_t i = 0; i < pattern->plain_size; i++)
        if (!pattern_same(pattern, text[i], pattern->plain[i]))
            return false;
    return true;
}

bool pattern_is_in(const struct pattern *pattern, const char *text, size_t size)
{
    if (!pattern->plain)
        return !regexec(&pattern->regex, text, 0, NULL, 0);
    for (size_t i = 0; i + pattern->plain_size <= size; i++)
        if (pattern_stands_at(pattern, text + i))
            return true;
    return false;
}

bool pattern_may_be_in(const struct pattern *pattern, const char *characters)
{
    for (const char *c = pattern->plain; c && *c; c++)
        if (!strchr(characters, *c)
            && !(pattern->folds && strchr(characters, toupper((unsigned char)*c))))
            return false;
    return true;
}
