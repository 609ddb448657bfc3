// SPDX-License-Identifier: GPL-3.0-or-later
// Commands asked of a damaged target: see harness.h.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/report/report.h"
#include "cmd/session/session.h"
#include "harness.h"

static const char *const lines[] = {
    "info",
    "types --by module -n 20",
    "objects -n 100",
    "collect -n 20",
    "cycles -n 10",
    "verify",
    "threads",
    "native -n 10",
    "retained -n 20",
    "findings",
    "path #100 -n 2",
    "object #7",
    "referrers #50 -n 10",
    "traces -n 5",
    "find dict len>2 -n 5",
    "memory -n 30",
    "blocks -n 20",
    "types --by owner -n 20",
    "path --class dict -n 5",
    "collect --explain #40",
    "bytes #60 -n 20",
    "export",
    "sql \"select type, count(*) from refs join objects on target = object group by 1\"",
};

static bool ask_line(struct session *session, const char *line)
{
    struct report_stream stream = { .fd = open("/dev/null", O_WRONLY | O_CLOEXEC), .width = 80 };
    struct report report;
    struct err err = ERR_INIT;
    report_init(&report, session, &report_as_json, &stream);
    bool ok = session_run_line(session, line, &report, &err);
    report_stream_fini(&stream);
    report_fini(&report);
    close(stream.fd);
    return ok;
}

int fuzz_ask(const char *path, const char *layout, const uint8_t *data, size_t size)
{
    size_t pick = 0;
    for (size_t i = 0; i < size; i++)
        pick = pick * 31 + data[i];
    const struct session_options options = { .core = path,
                                             .layout = layout,
                                             .data = getenv("OURO_FUZZ_DATA"),
                                             .no_gdb = true,
                                             .traverse = TRAVERSE_OFF };
    struct session session;
    struct err err = ERR_INIT;
    if (!session_open(&session, &options, &err))
        return 0;
    int far = session_need(&session, NEEDS_HEAP, &err) ? 2 : 1;
    for (size_t i = 0; i < sizeof lines / sizeof *lines && far >= 2; i++)
        if ((i + pick) % 6 == 0 && ask_line(&session, lines[i]))
            far = 3;
    session_close(&session);
    return far;
}
