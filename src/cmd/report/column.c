// SPDX-License-Identifier: GPL-3.0-or-later
// Names of columns, and how they look: columns.def as tables. See report.h.
#include <string.h>

#include "cmd/report/report.h"

enum column_font { FONT_BODY, FONT_CODE };

static const struct {
    const char *name;
    enum column_look look;
    enum column_font font;
} column_rows[COL_COUNT] = {
#define COLUMN(name, look, font) [COL_##name] = { #name, LOOK_##look, FONT_##font },
#include "cmd/report/columns.def"
#undef COLUMN
};

enum column_id column_id_of(const char *name)
{
    for (int i = COL_NONE + 1; i < COL_COUNT; i++)
        if (!strcmp(column_rows[i].name, name))
            return (enum column_id)i;
    return COL_NONE;
}

enum column_look column_look(const struct column *column)
{
    return column_rows[column->id].look;
}

bool column_is_code(const struct column *column)
{
    return column_rows[column->id].font == FONT_CODE;
}
