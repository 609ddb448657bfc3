// SPDX-License-Identifier: GPL-3.0-or-later
// Looking up a command's options: see args.h. They are parsed in args_parse.c.
#include "cmd/session/args.h"

#include <string.h>

// The last option with that name, or option_count.
static size_t args_find(const struct args *args, const char *name)
{
    for (size_t i = args->option_count; i-- > 0;)
        if (!strcmp(args->options[i].row->name, name))
            return i;
    return args->option_count;
}

bool args_has(const struct args *args, const char *name)
{
    return args_find(args, name) < args->option_count;
}

const char *args_text(const struct args *args, const char *name)
{
    size_t i = args_find(args, name);
    return i < args->option_count ? args->options[i].text : NULL;
}

uint64_t args_number(const struct args *args, const char *name, uint64_t otherwise)
{
    size_t i = args_find(args, name);
    return i < args->option_count ? args->options[i].number : otherwise;
}

enum disclosure args_disclosure(const struct args *args)
{
    return args_has(args, "redact") ? DISCLOSE_SHAPE : DISCLOSE_ALL;
}

const char *args_disclosure_option(const struct args *args)
{
    return discloses_values(args_disclosure(args)) ? NULL : "--redact";
}
