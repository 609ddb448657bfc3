// SPDX-License-Identifier: GPL-3.0-or-later
// A layout out of debug information: see dwarf.h.
#include "layout/dwarf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/gdb_run.h"

static char *join_files(const struct dwarf_ask *ask)
{
    size_t size = 1;
    for (size_t i = 0; i < ask->n_files; i++)
        size += strlen(ask->files[i]) + 1;
    char *text = calloc(size, 1);
    char *end = text;
    for (size_t i = 0; text && i < ask->n_files; i++)
        if (!strchr(ask->files[i], '\n')) {
            end = stpcpy(end, ask->files[i]);
            *end++ = '\n';
        }
    return text;
}

static void dwarf_want(void *context, FILE *file)
{
    (void)context;
    layout_wanted(file);
}

static bool read_layout(void *context, const char *path, struct err *err)
{
    return layout_read(context, path, err);
}

bool dwarf_layout(struct layout *layout, const struct dwarf_ask *ask, struct err *err)
{
    layout_init(layout);
    if (ask->n_files == 0)
        return err_set(err, ERR_NOT_FOUND, "no file to read debug information from");
    char version[32];
    char *files = join_files(ask);
    if (!files)
        return err_memory(err, "a list of files");
    struct gdb_ask run = { .gdb = ask->gdb,
                           .script = ask->script,
                           .debug_dir = ask->debug_dir,
                           .seconds = ask->seconds,
                           .want_name = "OURO_LOCATE_WANT",
                           .out_name = "OURO_LOCATE_OUT",
                           .wishes = { { "OURO_LOCATE_FILES", files } },
                           .n_wishes = 1,
                           .context = layout,
                           .want = dwarf_want,
                           .read = read_layout };
    if (ask->version) {
        snprintf(version, sizeof version, "%u.%u.%u", ask->version >> 24, ask->version >> 16 & 255,
                 ask->version >> 8 & 255);
        run.wishes[run.n_wishes++] = (struct gdb_wish){ "OURO_LOCATE_VERSION", version };
    }
    bool ok = gdb_run(&run, err);
    free(files);
    return ok;
}
