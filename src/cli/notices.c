// SPDX-License-Identifier: GPL-3.0-or-later
// Warnings, progress and timing on stderr: see notices.h.
#include "cli/notices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/width.h"

#define DRAW_EVERY 100 // milliseconds

void notices_init(struct notices *notices, const struct options *options)
{
    const char *timing = getenv("OURO_TIMING");
    *notices = (struct notices){
        .quiet = options->quiet,
        .terminal = isatty(STDERR_FILENO),
        .shared = isatty(STDERR_FILENO) && isatty(STDOUT_FILENO),
        .timing = timing && *timing && strcmp(timing, "0"),
    };
    notices->progress = !options->quiet && (options->progress || notices->terminal);
}

void notices_clear(void *context)
{
    struct notices *notices = context;
    if (notices->drawn)
        fputs("\r\033[K", stderr);
    notices->drawn = false;
}

static void print_timing(const struct notices *notices)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage))
        return;
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
                 + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    char phase[64];
    snprintf(phase, sizeof phase, "%s", notices->phase);
    for (char *c = phase; *c; c++)
        if (*c == ' ')
            *c = '_';
    fprintf(stderr, "ouro: timing: %s %.3f %ld %llu\n", phase, cpu, usage.ru_maxrss,
            (unsigned long long)notices->done);
}

void notices_end(struct notices *notices)
{
    notices_clear(notices);
    if (notices->phase && notices->timing)
        print_timing(notices);
    notices->phase = NULL;
}

static void notices_draw(struct notices *notices, uint64_t done, uint64_t total)
{
    uint64_t time = clock_ms();
    if (time < notices->next_draw)
        return;
    notices->next_draw = time + DRAW_EVERY;
    fprintf(stderr, "\r\033[K%s", notices->phase);
    if (total)
        fprintf(stderr, " %d%%", (int)(100 * (double)done / (double)total));
    else if (done)
        fprintf(stderr, " %llu", (unsigned long long)done);
    notices->drawn = true;
}

static void begin_phase(struct notices *notices, const char *phase)
{
    notices_end(notices);
    notices->phase = phase;
    if (notices->progress && !notices->terminal)
        fprintf(stderr, "ouro: %s\n", phase);
}

static bool notices_step(void *context, const char *phase, uint64_t done, uint64_t total)
{
    struct notices *notices = context;
    if (!notices->phase || strcmp(notices->phase, phase))
        begin_phase(notices, phase);
    notices->done = done ? done : total;
    // Rows on the same terminal show the progress themselves.
    bool hidden = notices->shared && !strcmp(phase, "writing");
    if (notices->progress && notices->terminal && !hidden)
        notices_draw(notices, done, total);
    return !notices->interrupted || !*notices->interrupted;
}

struct progress notices_progress(struct notices *notices)
{
    return (struct progress){ notices_step, notices };
}

// On a terminal lines end at blanks, where one lies before its edge; elsewhere a sentence is a line.
static void notices_print(const struct notices *notices, const char *sentence)
{
    struct winsize size;
    bool known = notices->terminal && !ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
    size_t width = known && size.ws_col ? size.ws_col : SIZE_MAX, used = strlen("ouro: ");
    fputs("ouro: ", stderr);
    for (const char *word = sentence; *word;) {
        size_t blanks = strspn(word, " "), all = blanks + strcspn(word + blanks, " ");
        size_t columns = width_of(word, all);
        if (blanks && used + columns > width) {
            word += blanks, all -= blanks, columns -= blanks;
            fputc('\n', stderr);
            used = 0;
        }
        fwrite(word, 1, all, stderr);
        used += columns;
        word += all;
    }
    fputc('\n', stderr);
}

void notices_say(struct notices *notices, const char *sentence)
{
    notices_clear(notices);
    notices_print(notices, sentence);
}

void notices_warn(void *context, const char *sentence)
{
    struct notices *notices = context;
    if (notices->quiet)
        return;
    notices_clear(notices);
    fprintf(stderr, "ouro: warning: %s\n", sentence);
}
