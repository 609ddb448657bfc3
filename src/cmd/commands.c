// SPDX-License-Identifier: GPL-3.0-or-later
// The table of commands, in the manual's order. A new command is its file and one row here.
#include <string.h>

#include "base/near.h"
#include "cmd/command.h"

extern const struct command cmd_info, cmd_types, cmd_objects, cmd_object, cmd_referents,
    cmd_referrers, cmd_collect, cmd_cycles, cmd_export, cmd_verify, cmd_help, cmd_memory,
    cmd_blocks, cmd_block, cmd_pins, cmd_path, cmd_retained, cmd_dominated, cmd_threads, cmd_native,
    cmd_instances, cmd_find, cmd_findings, cmd_graph, cmd_dump, cmd_save, cmd_trace, cmd_traces;
extern const struct command cmd_report, cmd_diff, cmd_fleet, cmd_sql, cmd_bytes, cmd_serve,
    cmd_watch, cmd_collect_core;

// clang-format off
const struct command *const commands[] = {
    &cmd_info,
    &cmd_findings,
    &cmd_types,
    &cmd_objects,
    &cmd_object,
    &cmd_referents,
    &cmd_referrers,
    &cmd_bytes,
    &cmd_path,
    &cmd_retained,
    &cmd_dominated,
    &cmd_threads,
    &cmd_native,
    &cmd_memory,
    &cmd_blocks,
    &cmd_block,
    &cmd_pins,
    &cmd_instances,
    &cmd_find,
    &cmd_graph,
    &cmd_trace,
    &cmd_traces,
    &cmd_collect,
    &cmd_cycles,
    &cmd_diff,
    &cmd_fleet,
    &cmd_sql,
    &cmd_export,
    &cmd_report,
    &cmd_dump,
    &cmd_watch,
    &cmd_collect_core,
    &cmd_save,
    &cmd_serve,
    &cmd_verify,
    &cmd_help,
    NULL,
};
// clang-format on

const struct option_row common_options[] = {
    { .name = "columns",
      .value = "NAME,...",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_COLUMN,
      .help = "only these columns, in this order" },
    { .name = "wide",
      .kind = OPTION_FLAG,
      .help = "all columns in full, one line per row, however narrow the terminal is" },
    OPTION_ROW_END,
};

const struct command *command_find(const char *name)
{
    const struct command *found = NULL;
    size_t size = strlen(name);
    for (size_t i = 0; commands[i]; i++) {
        if (strncmp(commands[i]->name, name, size))
            continue;
        if (!commands[i]->name[size])
            return commands[i];
        if (found)
            return NULL;
        found = commands[i];
    }
    return found;
}

bool command_unknown(const char *name, enum err_kind kind, struct err *err)
{
    struct near near = near_begin(name, strlen(name));
    for (size_t i = 0; commands[i]; i++)
        near_look(&near, commands[i]->name);
    if (near.best)
        return err_set(err, kind, "no command %s; did you mean %s?", name, near.best);
    return err_set(err, kind, "no command %s; `help` lists them", name);
}
