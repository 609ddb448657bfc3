// SPDX-License-Identifier: GPL-3.0-or-later
// An error as a value: see err.h.
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "base/width.h"

// Errors quote file names and command-line words as they are: no control code, no change of
// direction and no half of a code point (the text may have been cut) may reach a terminal.
static void drop_controls(char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size;) {
        uint32_t code;
        size_t length = utf8_decode(text + i, size - i, &code);
        if (!length || !width_is_printable(code))
            memset(text + i, '?', length ? length : 1);
        i += length ? length : 1;
    }
}

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    if (!err)
        return false;
    err->kind = kind;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    drop_controls(err->text);
    return false;
}

bool err_wrap(struct err *err, const char *format, ...)
{
    if (!err)
        return false;
    struct err before = *err;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof err->text)
        snprintf(err->text + n, sizeof err->text - (size_t)n, ": %.*s",
                 (int)(sizeof err->text - (size_t)n), before.text);
    drop_controls(err->text);
    return false;
}

// Of the whole process: whoever does without a name or a preview for want of memory often has no way to say so.
static _Atomic uint64_t shortages;

uint64_t err_shortages(void)
{
    return shortages;
}

bool err_memory(struct err *err, const char *what)
{
    shortages++;
    return err_set(err, ERR_MEMORY, "out of memory for %s", what);
}

bool err_errno(struct err *err, int number, const char *what)
{
    return err_set(err, number == ENOMEM ? ERR_MEMORY : ERR_IO, "%s: %s%s", what, strerror(number),
                   number == EFBIG ? " (the limit is that of `ulimit -f`, or the file system's)"
                                   : "");
}

void err_clear(struct err *err)
{
    if (err)
        *err = (struct err)ERR_INIT;
}
