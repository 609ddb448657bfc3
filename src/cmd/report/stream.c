// SPDX-License-Identifier: GPL-3.0-or-later
// Writing a report's buffer: see stream.h.
#include "cmd/report/stream.h"

#include <errno.h>
#include <unistd.h>

#include "cmd/session/session.h"

#define BLOCK ((size_t)64 << 10)

bool stream_flush(struct report *report, struct err *err)
{
    struct report_stream *stream = report->out;
    if (!text_ok(&stream->buffer, err))
        return false;
    if (stream->before && stream->buffer.size)
        stream->before(stream->before_context);
    for (size_t done = 0; done < stream->buffer.size;) {
        ssize_t n = write(stream->fd, stream->buffer.data + done, stream->buffer.size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE) {
            report->stopped = true;
            return false;
        }
        if (n < 0)
            return err_errno(err, errno, "writing the answer");
        done += (size_t)n;
    }
    text_clear(&stream->buffer);
    return true;
}

bool stream_block(struct report *report, struct err *err)
{
    const struct report_stream *stream = report->out;
    if (stream->buffer.size < BLOCK)
        return true;
    if (!stream_flush(report, err))
        return false;
    const struct session *session = report->session;
    if (session && !progress_step(&session->options.progress, "writing", report->kept, 0))
        report->stopped = true;
    return !report->stopped;
}
