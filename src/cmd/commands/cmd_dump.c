// SPDX-License-Identifier: GPL-3.0-or-later
// `dump FILE`: a core file of a live process, without executing anything in it.
#include "cmd/session/session.h"
#include "target/dump.h"

static const struct column columns[] = {
    { COL(file), 20, COLUMN_WIDE, "the core file" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN,
      "its length; pages of zeros are holes and take no disk space" },
    { COL(stopped_ms), 10, COLUMN_RIGHT, "how long the process was stopped, in milliseconds" },
    COLUMN_ROW_END,
};

static bool cmd_dump_run(struct session *session, const struct args *args, struct report *report,
                         struct err *err)
{
    uint64_t bytes = 0;
    const char *file = args->words[0];
    struct target *target = &session->target;
    bool with_files = args_has(args, "with-files");
    if (!target_dump(target, file, with_files, &session->options.progress, &bytes, err))
        return false;
    char deleted[600];
    if (!with_files && session->options.warn
        && target_dump_deleted_text(target, deleted, sizeof deleted))
        session->options.warn(session->options.warn_context, deleted);
    double stopped = (double)target->stopped_us / 1000;
    const struct cell cells[] = {
        cell_text(report_foreign(report, file)),
        cell_bytes(bytes),
        // A process that is held (--hold) stays stopped until we are done, so the time is not known
        // yet.
        target->stopped_us ? cell_real(stopped) : cell_null(),
    };
    return report_row(report, cells, err);
}

static const struct option_row options[] = {
    { .name = "with-files",
      .kind = OPTION_FLAG,
      .help = "include the code and constants of all programs and libraries: none of their files "
              "is needed to read it" },
    OPTION_ROW_END,
};

const struct command cmd_dump = {
    .name = "dump",
    .usage = "FILE [--with-files]",
    .summary = "a core file of a live process",
    .help = "Writes what the process has in memory to FILE, as the kernel does when it leaves a "
            "core, and executes nothing in the process. FILE must not exist yet; only its owner "
            "may read it, since it holds the process's secrets.\n"
            "\n"
            "With `-p PID` the process is stopped only while its memory is copied, not while the "
            "file is written. The file is sparse. gdb reads it, and so does ouro, here or on "
            "another machine that has the same files; with `--with-files` on any machine, even if "
            "the files were deleted or their container is gone.",
    .example = "dump app.core",
    .words_least = 1,
    .words_most = 1,
    .word_kind = COMPLETE_FILE,
    .options = options,
    .columns = columns,
    .needs = NEEDS_TARGET,
    .writes = "",
    .run = cmd_dump_run,
};
