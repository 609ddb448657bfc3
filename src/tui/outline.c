// SPDX-License-Identifier: GPL-3.0-or-later
// Lines with a depth: see outline.h.
#include "tui/outline.h"

#include <stdlib.h>

#include "base/vec.h"

bool outline_add(struct outline *outline, size_t row, size_t depth, struct err *err)
{
    if (!vec_grow(&outline->lines, &outline->capacity, outline->count + 1, sizeof *outline->lines,
                  err))
        return false;
    outline->lines[outline->count++] =
        (struct outline_line){ .row = (uint32_t)row, .depth = (uint32_t)depth };
    return true;
}

void outline_fini(struct outline *outline)
{
    free(outline->lines);
    *outline = (struct outline){ 0 };
}

static size_t outline_end(const struct outline *outline, size_t line)
{
    size_t end = line + 1;
    while (end < outline->count && outline->lines[end].depth > outline->lines[line].depth)
        end++;
    return end;
}

size_t outline_rows(const struct outline *outline, uint32_t *order)
{
    size_t count = 0;
    for (size_t i = 0; i < outline->count;) {
        order[count++] = outline->lines[i].row;
        i = outline->lines[i].open ? i + 1 : outline_end(outline, i);
    }
    return count;
}

size_t outline_find(const struct outline *outline, size_t row)
{
    for (size_t i = 0; i < outline->count; i++)
        if (outline->lines[i].row == row)
            return i;
    return SIZE_MAX;
}

enum outline_sign outline_sign(const struct outline *outline, size_t line)
{
    if (line + 1 >= outline->count || outline->lines[line + 1].depth <= outline->lines[line].depth)
        return OUTLINE_LEAF;
    return outline->lines[line].open ? OUTLINE_OPEN : OUTLINE_CLOSED;
}

size_t outline_parent(const struct outline *outline, size_t line)
{
    uint32_t depth = outline->lines[line].depth;
    while (depth && line && outline->lines[line].depth >= depth)
        line--;
    return line;
}

void outline_open_below(struct outline *outline, size_t line)
{
    for (size_t i = line, end = outline_end(outline, line); i < end; i++)
        outline->lines[i].open = true;
}

void outline_reveal(struct outline *outline, size_t line)
{
    for (size_t above; (above = outline_parent(outline, line)) != line; line = above)
        outline->lines[above].open = true;
}
