// SPDX-License-Identifier: GPL-3.0-or-later
// Where the rows of a line go: see redirect.h.
#include "cli/redirect.h"

#include <string.h>

#include "cmd/session/words.h"

static const char blanks[] = " \t\r\n";

static bool redirect_is_command(const char *line, const char *command)
{
    size_t size = strlen(command);
    line += strspn(line, blanks);
    return !strncmp(line, command, size) && line[size] && strchr(blanks, line[size]);
}

// The first unquoted sign after a blank, or null. Signs in `own` mean something else to the
// command, and count only after a semicolon.
static char *redirect_find(char *line, const char *signs, const char *own)
{
    char quote = 0;
    for (const char *at = line; *at; at = words_step(at, &quote)) {
        if (!quote && *at == ';')
            own = "";
        else if (!quote && strchr(signs, *at) && !strchr(own, *at) && at > line
                 && strchr(blanks, at[-1]))
            return line + (at - line);
    }
    return NULL;
}

bool redirect_take(char *line, struct redirect *redirect, struct err *err)
{
    const char *own = redirect_is_command(line, "sql")    ? "|>"
                      : redirect_is_command(line, "find") ? ">"
                                                          : "";
    char *sign = redirect_find(line, "|>", own);
    *redirect = (struct redirect){ REDIRECT_NONE, NULL };
    if (!sign)
        return true;
    bool pipe = *sign == '|';
    char *where = sign + 1 + strspn(sign + 1, blanks);
    for (size_t end = strlen(where); end && strchr(blanks, where[end - 1]);)
        where[--end] = 0;
    if (!*where)
        return err_set(err, ERR_USAGE, "%s",
                       pipe ? "nothing follows the |" : "no file follows the >");
    if (!pipe && *where == '>')
        return err_set(err, ERR_USAGE, ">> is not supported: > writes a new file");
    size_t size = strlen(where);
    if (!pipe && size > 1 && (*where == '\'' || *where == '"') && where[size - 1] == *where) {
        where[size - 1] = 0;
        where++;
    }
    for (char *at = sign; at > line && (strchr(blanks, at[-1]) || (*own && at[-1] == ';')); at--)
        at[-1] = ' ';
    *sign = 0;
    *redirect = (struct redirect){ pipe ? REDIRECT_PIPE : REDIRECT_FILE, where };
    return true;
}
