// SPDX-License-Identifier: GPL-3.0-or-later
// What a person searches for: a POSIX extended regular expression; one without capitals ignores case.
//
// A pattern without any sign of its own is looked for byte by byte, which is several times as fast as
// regexec: `shop` in the previews of three million objects.
//
// Does not know: rows. Owns: the compiled expression. Cost: per text, its length or regexec's time.
#ifndef OURO_TUI_PATTERN_H
#define OURO_TUI_PATTERN_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct pattern {
    regex_t regex;
    char *plain; // ASCII without a sign; null: ask the regular expression
    size_t plain_size;
    bool folds; // capitals are as good
};

// ERR_USAGE with the reason.
bool pattern_init(struct pattern *pattern, const char *text, struct err *err);
// Accepts a zeroed one.
void pattern_fini(struct pattern *pattern);

bool pattern_is_in(const struct pattern *pattern, const char *text, size_t size);
// False: no text that consists of these characters alone has it, and none has to be written.
bool pattern_may_be_in(const struct pattern *pattern, const char *characters);

#endif
