// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of kinds, and the look-up by name.
#include <string.h>

#include "py/kinds/kind_row.h"

extern const struct kind kinds_atom[], kinds_seq[], kinds_dict[], kinds_func[], kinds_frame[],
    kinds_type[], kinds_exception[], kinds_core[], kinds_itertools[], kinds_io[], kinds_asyncio[],
    kinds_lib[], kinds_decimal[], kinds_numpy[];

const struct kind *const kind_tables[] = {
    kinds_atom,    kinds_seq,       kinds_dict,    kinds_func,      kinds_frame,
    kinds_type,    kinds_exception, kinds_core,    kinds_itertools, kinds_io,
    kinds_asyncio, kinds_lib,       kinds_decimal, kinds_numpy,     NULL,
};

// True when `name` is one of the words in `names`.
static bool kinds_has_word(const char *names, const char *name, size_t size)
{
    for (const char *at = names; (at = strstr(at, name)); at += size) {
        bool starts = at == names || at[-1] == ' ';
        if (starts && (at[size] == 0 || at[size] == ' '))
            return true;
    }
    return false;
}

bool kind_serves(const struct kind *kind, const char *tp_name)
{
    size_t size = strlen(tp_name);
    return size && kind->names && kinds_has_word(kind->names, tp_name, size);
}

// A few hundred comparisons per type: a process has hundreds of types, not millions.
const struct kind *kind_find(const char *tp_name)
{
    size_t size = strlen(tp_name);
    for (size_t t = 0; size && kind_tables[t]; t++)
        for (const struct kind *k = kind_tables[t]; k->names; k++)
            if (kinds_has_word(k->names, tp_name, size))
                return k;
    return NULL;
}
