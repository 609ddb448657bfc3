// SPDX-License-Identifier: GPL-3.0-or-later
// `serve`: its words and its help; cli/serve.h does the work, since only the program itself has a
// stdin and a stdout to talk on.
#include "base/unused.h"
#include "cmd/session/session.h"

static bool cmd_serve_run(UNUSED struct session *session, UNUSED const struct args *args,
                          UNUSED struct report *report, struct err *err)
{
    return err_set(err, ERR_UNSUPPORTED, "serve: only from the shell, as `ouro TARGET serve`");
}

static const struct option_row options[] = {
    { .name = "mcp",
      .kind = OPTION_FLAG,
      .help = "the Model Context Protocol on stdin and stdout, for agents and editors" },
    { .name = "socket",
      .value = "PATH",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_FILE,
      .help = "a Unix socket that only its owner may use, for several clients; not with --mcp" },
    { .name = "allow",
      .kind = OPTION_FLAG,
      .help = "also commands that write files: dump, save, export, report, graph --output" },
    OPTION_ROW_END,
};

static const struct column columns[] = {
    { COL(id), 8, 0, "of the question" },
    { COL(row), 20, 0, "a row of its answer, as --json has it" },
    COLUMN_ROW_END,
};

const struct command cmd_serve = {
    .name = "serve",
    .usage = "[--mcp | --socket PATH] [--allow]",
    .summary = "keeps the heap open and answers questions, for programs and agents",
    .help =
        "JSON Lines on stdin and stdout, or on a Unix socket: `{\"id\":1,\"command\":\"types -n "
        "5\"}` (or a list of words) is a question; `{\"id\":1,\"row\":{...}}` for every row, then "
        "`{\"id\":1,\"summary\":{...}}` or `{\"id\":1,\"error\":{...}}` the answer. "
        "`{\"cancel\":1}` stops what runs.\n\n"
        "With `--mcp` the commands are tools of the Model Context Protocol, their options in JSON "
        "Schema, and their help is resources. An answer is at most some 24 KiB; the summary's "
        "`cursor`, handed in with the same arguments, has the next page.\n\n"
        "Without `--allow` nothing is offered that writes a file.",
    .example = "serve --mcp",
    .options = options,
    .columns = columns,
    .needs = NEEDS_NOTHING,
    .run = cmd_serve_run,
};
