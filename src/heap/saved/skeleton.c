// SPDX-License-Identifier: GPL-3.0-or-later
// The names that are left in a redacted heap: see skeleton.h.
#include "heap/saved/skeleton.h"

#include <inttypes.h>
#include <stdlib.h>

#include "py/kinds/refs.h"

static void skeleton_add_number(struct text *out, const char *format, uint32_t number)
{
    if (number < SKELETON_NUMBER)
        text_add_format(out, format, number);
    else
        text_add_string(out, "[?]");
}

void skeleton_edge_name(const struct skeleton *skeleton, uint64_t edge, struct text *out)
{
    uint32_t word = skeleton->names[edge], number = word & SKELETON_NUMBER;
    switch (word >> SKELETON_SHIFT) {
    case REF_MEMBER:
        text_add_string(out, number < skeleton->member_count ? skeleton->members[number] : "?");
        break;
    case REF_INDEX:
        skeleton_add_number(out, "[%" PRIu32 "]", number);
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
        skeleton_add_number(out, "value stack [%" PRIu32 "]", number);
        break;
    case REF_NODE:
        skeleton_add_number(out, "node [%" PRIu32 "]", number);
        break;
    case REF_STATE:
        skeleton_add_number(out, "state +0x%" PRIx32, number);
        break;
    case REF_OFFSET:
        skeleton_add_number(out, "+0x%" PRIx32, number);
        break;
    default:
        text_add_char(out, '?');
        break;
    }
}

void skeleton_free(struct skeleton *skeleton)
{
    if (!skeleton)
        return;
    for (int g = 0; g < 3; g++) {
        free(skeleton->runs[g].refs);
        free(skeleton->runs[g].fate);
        free(skeleton->runs[g].many);
    }
    free(skeleton->refcounts);
    free(skeleton->lengths);
    free(skeleton->finalizers);
    free(skeleton->names);
    free(skeleton->members);
    arena_fini(&skeleton->texts);
    free(skeleton);
}
