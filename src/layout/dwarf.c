// SPDX-License-Identifier: GPL-3.0-or-later
// A layout out of debug information: see dwarf.h.
#include "layout/dwarf.h"

#include <stdio.h>

#include "base/unused.h"
#include "layout/gdb_run.h"

static void dwarf_want(UNUSED void *context, FILE *file)
{
    layout_wanted(file);
}

static bool read_layout(void *context, const char *text, size_t size, struct err *err)
{
    return layout_parse(context, text, size, "gdb's answer", err);
}

bool dwarf_layout(struct layout *layout, const struct dwarf_ask *ask, struct err *err)
{
    layout_init(layout);
    if (ask->n_files == 0)
        return err_set(err, ERR_NOT_FOUND, "no file to read debug information from");
    char version[32];
    struct gdb_ask run = { .gdb = ask->gdb,
                           .script = ask->script,
                           .debug_dir = ask->debug_dir,
                           .seconds = ask->seconds,
                           .progress = ask->progress,
                           .name = "LOCATE",
                           .files = ask->files,
                           .n_files = ask->n_files,
                           .used = ask->used,
                           .n_folders = 2,
                           .context = layout,
                           .want = dwarf_want,
                           .read = read_layout };
    if (ask->version) {
        snprintf(version, sizeof version, "%u.%u.%u", ask->version >> 24, ask->version >> 16 & 255,
                 ask->version >> 8 & 255);
        run.wishes[run.n_wishes++] = (struct gdb_wish){ "VERSION", version };
    }
    return gdb_run(&run, err);
}
