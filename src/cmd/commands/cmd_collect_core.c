// SPDX-License-Identifier: GPL-3.0-or-later
// `collect-core`: what the kernel runs when a process crashes. Only its row is here; cli/crash.c
// does the work.
#include "base/unused.h"
#include "cmd/session/session.h"

static bool cmd_collect_core_run(UNUSED struct session *session, UNUSED const struct args *args,
                                 UNUSED struct report *report, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "collect-core is a command of its own: ouro collect-core PID, in "
                   "/proc/sys/kernel/core_pattern");
}

static const struct option_row options[] = {
    { .name = "dir",
      .value = "DIR",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_FILE,
      .help = "where the heap is written (/var/crash)" },
    { .name = "seconds",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "the most time that it may take (60)" },
    { .name = "memory",
      .value = "SIZE",
      .kind = OPTION_BYTES,
      .help = "the most memory that it may need (half of what is free)" },
    { .name = "keep",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "keep at most N heaps; older ones are deleted (5)" },
    OPTION_ROW_REDACT("without values and names"),
    OPTION_ROW_END,
};

const struct command cmd_collect_core = {
    .name = "collect-core",
    .usage = "[--dir DIR] [--seconds N] [--memory SIZE] [--keep N] [--redact] PID",
    .summary = "save the heap of a process that is dumping its core",
    .help =
        "For /proc/sys/kernel/core_pattern: `|/usr/bin/ouro collect-core --dir /var/crash %P` "
        "makes the kernel run it when a process dies, and pass it the core on standard input. The "
        "core is not read: the process is still there, as it died, and its heap is saved from it "
        "(ouro-crash-PID-TIME.heap), a quarter of its core or less, a tenth with `--redact`. Set "
        "/proc/sys/kernel/core_pipe_limit to 1 or more, so that the kernel waits for it.\n"
        "\n"
        "It cannot hold up a crash for longer than `--seconds`, take more memory than `--memory`, "
        "or fill the disk; a process that is not Python leaves nothing. Errors go to syslog and to "
        "standard error.",
    .example = "collect-core --dir /var/crash --redact 4711",
    .options = options,
    .words_least = 1,
    .words_most = 1,
    .needs = NEEDS_NOTHING,
    .run = cmd_collect_core_run,
};
