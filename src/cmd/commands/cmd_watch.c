// SPDX-License-Identifier: GPL-3.0-or-later
// `watch`: its words, options and columns. It outlives its target, so that no session can answer
// it: cli/watch.c runs it before anything is opened.
#include "base/unused.h"
#include "cmd/command.h"

static const struct column columns[] = {
    { COL(time), 20, 0, "when, UTC" },
    { COL(event), 8, 0, "start, sample, strike, done, failed, skipped, exit, end" },
    { COL(pid), 7, COLUMN_RIGHT, "the process" },
    { COL(rss), 10, COLUMN_RIGHT | COLUMN_HUMAN, "its resident memory" },
    { COL(growth), 10, COLUMN_RIGHT, "bytes a minute, over the window; null until it is full" },
    { COL(gen2), 9, COLUMN_RIGHT,
      "with --gen2: objects of generation 2, those freed since the last full collection included" },
    { COL(cgroup), 10, COLUMN_RIGHT | COLUMN_HUMAN,
      "memory of its control group, or of the nearest one above with a limit; this and the next "
      "six only if a rule or `--samples` asks for them" },
    { COL(limit), 10, COLUMN_RIGHT | COLUMN_HUMAN, "its limit" },
    { COL(high), 8, COLUMN_RIGHT, "how often that group was slowed down at memory.high" },
    { COL(max), 8, COLUMN_RIGHT, "how often it hit its limit" },
    { COL(oom), 8, COLUMN_RIGHT, "how often it ran out of memory" },
    { COL(oom_kill), 8, COLUMN_RIGHT, "how many of its processes the kernel killed for that" },
    { COL(pressure), 8, COLUMN_RIGHT,
      "percent of the last ten seconds during which a process of its group waited for memory" },
    { COL(rule), 12, 0,
      "the rule that held: rss, growth, cgroup, pressure, cgroup-event, gen2, every, once, exit" },
    { COL(file), 20, 0, "what was written" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "its length" },
    { COL(what), 20, COLUMN_WIDE, "more, in words" },
    COLUMN_ROW_END,
};

static bool cmd_watch_run(UNUSED struct session *session, UNUSED const struct args *args,
                          UNUSED struct report *report, struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "watch: it waits beside a running process: `ouro -p PID watch ...` in a shell");
}

static const struct option_row options[] = {
    { .name = "name",
      .value = "NAME",
      .kind = OPTION_TEXT,
      .help = "every process of this name, as they come and go, instead of -p: `ouro watch --name "
              "gunicorn ...`" },
    { .name = "rss",
      .value = "SIZE",
      .kind = OPTION_BYTES,
      .help = "strike when its resident memory reaches this" },
    { .name = "growth",
      .value = "RATE",
      .kind = OPTION_TEXT,
      .help = "strike when it grows so fast over the window: 10M/min, 200K/s, 1G/h" },
    { .name = "window",
      .value = "TIME",
      .kind = OPTION_TEXT,
      .help = "the time over which growth is measured (1m)" },
    { .name = "cgroup",
      .value = "PART|PATH",
      .kind = OPTION_TEXT,
      .help =
          "strike when its control group's memory reaches this share of its limit: 90%; or a path: "
          "the processes of that group, as they come and go, instead of -p. May be repeated" },
    { .name = "cgroup-event",
      .value = "EVENTS",
      .kind = OPTION_TEXT,
      .help = "strike when one more of these is counted for its control group: high, max, oom, "
              "oom_kill, separated by commas" },
    { .name = "pressure",
      .value = "PERCENT",
      .kind = OPTION_TEXT,
      .help = "strike when processes of its control group (or of the machine) wait for memory for "
              "this share of the time: 10%" },
    { .name = "gen2",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "strike when generation 2 has so many objects, by the collector's own counts; not of "
              "free-threaded collectors" },
    { .name = "every",
      .value = "TIME",
      .kind = OPTION_TEXT,
      .help = "strike again and again: 10m, 2h" },
    { .name = "on-exit",
      .kind = OPTION_FLAG,
      .help = "strike when it has ended; only `run` has something to do then" },
    { .name = "interval",
      .value = "TIME",
      .kind = OPTION_TEXT,
      .help = "time between two samples (1s)" },
    { .name = "keep",
      .value = "N",
      .kind = OPTION_COUNT,
      .help = "keep at most N files; older ones are deleted (5)" },
    { .name = "times", .value = "N", .kind = OPTION_COUNT, .help = "end after N strikes" },
    { .name = "dir",
      .value = "DIR",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_FILE,
      .help = "where files are written (the current folder)" },
    { .name = "log",
      .value = "FILE",
      .kind = OPTION_TEXT,
      .complete = COMPLETE_FILE,
      .help = "append JSON Lines to this file as well; a long one is renamed FILE.1" },
    OPTION_ROW_REDACT("save: without values and names"),
    { .name = "samples", .kind = OPTION_FLAG, .help = "report every sample" },
    OPTION_ROW_END,
};

const struct command cmd_watch = {
    .name = "watch",
    .usage = "[--rss SIZE] [--growth RATE] ... save|dump|report|run [LINE]",
    .summary = "wait beside a process, and strike when a rule holds",
    .help =
        "Samples a process without stopping it: its resident memory (/proc/PID/statm) and its "
        "control group's (memory.current; v1: memory.usage_in_bytes), and, where a rule asks, its "
        "memory.events and memory.pressure. With `--gen2` it is opened once, "
        "for some milliseconds, and then the collector's two counts are read at each sample. When "
        "one of the rules begins to hold, it strikes: "
        "`save` "
        "keeps the heap, `dump` leaves a core, `report` writes a report, each in a process of its "
        "own, and `run LINE` gives a line to the shell, with OURO_PID, OURO_RULE and OURO_RSS in "
        "its environment. A rule strikes once, and again only after it did not hold for a sample; "
        "without a rule it strikes at once, one time.\n"
        "\n"
        "Files are called ouro-watch-PID-TIME.heap, .core or .html. No more than `--keep` of them "
        "stay in the folder, those of earlier runs included, and none is begun that could fill the "
        "disk. With `-p` it ends with the process; with `--name` or `--cgroup PATH` it waits for "
        "the next "
        "one. "
        "`doc/ouro-watch.service` is an example for systemd.",
    .example = "watch --rss 2G --growth 10M/min save --keep 3 --dir /var/tmp",
    .options = options,
    .words_most = 2,
    .columns = columns,
    .needs = NEEDS_NOTHING,
    .run = cmd_watch_run,
};
