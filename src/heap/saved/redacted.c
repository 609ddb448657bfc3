// SPDX-License-Identifier: GPL-3.0-or-later
// The names that are left in a redacted heap: see redacted.h.
#include "heap/saved/redacted.h"

#include <inttypes.h>
#include <stdlib.h>

#include "py/kinds/refs.h"

static void redacted_add_number(struct text *out, const char *format, uint32_t number)
{
    if (number < REDACTED_NUMBER)
        text_add_format(out, format, number);
    else
        text_add_string(out, "[?]");
}

void heap_redacted_name(const struct heap_redacted *kept, uint64_t edge, struct text *out)
{
    uint32_t word = kept->names[edge], number = word & REDACTED_NUMBER;
    switch (word >> REDACTED_SHIFT) {
    case REF_MEMBER:
        text_add_string(out, number < kept->member_count ? kept->members[number] : "?");
        break;
    case REF_INDEX:
        redacted_add_number(out, "[%" PRIu32 "]", number);
        break;
    case REF_KEYED:
        text_add_string(out, "[?]");
        break;
    case REF_KEY:
        text_add_string(out, "key ?");
        break;
    case REF_ATTR:
    case REF_SLOT:
        text_add_string(out, ".?");
        break;
    case REF_ELEMENT:
        text_add_string(out, "{element}");
        break;
    case REF_LOCAL:
        text_add_string(out, "local ?");
        break;
    case REF_STACK:
        redacted_add_number(out, "value stack [%" PRIu32 "]", number);
        break;
    case REF_NODE:
        redacted_add_number(out, "node [%" PRIu32 "]", number);
        break;
    case REF_STATE:
        redacted_add_number(out, "state +0x%" PRIx32, number);
        break;
    case REF_OFFSET:
        redacted_add_number(out, "+0x%" PRIx32, number);
        break;
    default:
        text_add_char(out, '?');
        break;
    }
}

void heap_redacted_free(struct heap_redacted *kept)
{
    if (!kept)
        return;
    for (int g = 0; g < 3; g++) {
        free(kept->runs[g].refs);
        free(kept->runs[g].fate);
        free(kept->runs[g].many);
    }
    free(kept->refcounts);
    free(kept->lengths);
    free(kept->finalizers);
    free(kept->names);
    free(kept->members);
    arena_fini(&kept->texts);
    free(kept);
}
