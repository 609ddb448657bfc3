// SPDX-License-Identifier: GPL-3.0-or-later
// Lines in and out: see serve_line.h.
#include "cli/serve_line.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SERVE_DEPTH 64 // nesting depth of a message: jansson's parser is recursive

void serve_line_fini(struct serve_line *line)
{
    for (size_t i = 0; i < line->count; i++) {
        json_decref(line->waiting[i]);
        free(line->plain[i]);
    }
    line->count = 0;
    text_fini(&line->bytes);
}

static bool serve_line_is_deep(const char *text)
{
    int depth = 0;
    bool quoted = false;
    for (; *text; text++) {
        if (quoted && *text == '\\' && text[1])
            text++;
        else if (*text == '"')
            quoted = !quoted;
        else if (!quoted && strchr("[{", *text) && ++depth > SERVE_DEPTH)
            return true;
        else if (!quoted && strchr("]}", *text))
            depth--;
    }
    return false;
}

static void serve_line_add(struct serve_line *line, const char *text)
{
    if (!text[strspn(text, " \t\r")])
        return;
    json_t *message = serve_line_is_deep(text) ? NULL : json_loads(text, 0, NULL);
    line->plain[line->count] = message ? NULL : strdup(text);
    line->waiting[line->count++] = message;
}

// Splits off whole lines as messages; the rest stays.
static void serve_line_split(struct serve_line *line)
{
    char *from = line->bytes.data, *end;
    size_t left = line->bytes.size;
    while (line->count < SERVE_WAITING && left && (end = memchr(from, '\n', left))) {
        *end = 0;
        if (line->skips)
            serve_line_add(line, "a line that is too long");
        else
            serve_line_add(line, from);
        line->skips = false;
        left -= (size_t)(end + 1 - from);
        from = end + 1;
    }
    if (left)
        memmove(line->bytes.data, from, left);
    text_truncate(&line->bytes, left);
    if (left > SERVE_LINE_MAX && !memchr(line->bytes.data, '\n', left)) {
        text_clear(&line->bytes);
        line->skips = true;
    }
}

void serve_line_read(struct serve_line *line, int milliseconds)
{
    struct pollfd ready = { .fd = line->in, .events = POLLIN };
    serve_line_split(line);
    while (!line->ended && line->count < SERVE_WAITING && poll(&ready, 1, milliseconds) > 0) {
        char *to = text_reserve(&line->bytes, 65536);
        ssize_t n = to ? read(line->in, to, 65536) : 0;
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            return;
        if (n <= 0) {
            line->ended = true;
            text_add_char(&line->bytes, '\n'); // the last line may lack its newline
        } else {
            line->bytes.size += (size_t)n;
            line->bytes.data[line->bytes.size] = 0;
        }
        serve_line_split(line);
        milliseconds = 0;
    }
}

json_t *serve_line_take(struct serve_line *line, size_t i, char **plain)
{
    json_t *message = line->waiting[i];
    *plain = line->plain[i];
    line->count--;
    memmove(line->waiting + i, line->waiting + i + 1, (line->count - i) * sizeof *line->waiting);
    memmove(line->plain + i, line->plain + i + 1, (line->count - i) * sizeof *line->plain);
    return message;
}

bool serve_line_write(struct serve_line *line, struct text *text)
{
    line->lost |= text->failed;
    for (size_t done = 0; !line->lost && done < text->size;) {
        ssize_t n = write(line->out, text->data + done, text->size - done);
        if (n < 0 && errno == EINTR)
            continue;
        line->lost = n < 0;
        done += n < 0 ? 0 : (size_t)n;
    }
    text_clear(text);
    return !line->lost;
}
