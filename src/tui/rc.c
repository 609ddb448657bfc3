// SPDX-License-Identifier: GPL-3.0-or-later
// The user's files: where they are, and ourorc, whose lines are those of `:`.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tui/state.h"

static void make_folders(char *path)
{
    for (char *p = path + 1; *p; p++) {
        if (*p == '/') {
            *p = 0;
            mkdir(path, 0700);
            *p = '/';
        }
    }
}

bool rc_path(const char *variable, const char *otherwise, const char *name, bool make, char *out, size_t size)
{
    const char *base = getenv(variable), *home = getenv("HOME");
    int length = -1;
    if (base && *base == '/') { // the specification: a relative one does not count
        length = snprintf(out, size, "%s/ouro/%s", base, name);
    } else if (home && *home) {
        length = snprintf(out, size, "%s/%s/ouro/%s", home, otherwise, name);
    }
    if (length < 0 || (size_t)length >= size) {
        out[0] = 0;
        return false;
    }
    if (make) {
        make_folders(out);
    }
    return true;
}

bool rc_set(struct tui *tui, const char *what, const char *value, struct err *err)
{
    bool on = !strcmp(value, "on") || !strcmp(value, "yes"), off = !strcmp(value, "off") || !strcmp(value, "no");
    if (!strcmp(what, "colors") || !strcmp(what, "colours")) {
        static const char *const names[] = { "auto", "always", "never" };
        for (int i = 0; i < 3; i++) {
            if (!strcmp(value, names[i])) {
                tui->options.colors = (enum tui_colors)i;
                term_set_colors((enum term_colors)i);
                return true;
            }
        }
        return err_set(err, ERR_USAGE, "set colors: auto, always or never");
    }
    if (!strcmp(what, "lines")) {
        if (strcmp(value, "ascii") && strcmp(value, "utf-8")) {
            return err_set(err, ERR_USAGE, "set lines: ascii or utf-8");
        }
        tui->options.ascii = value[0] == 'a';
        term_set_ascii(tui->options.ascii);
        return true;
    }
    if (!strcmp(what, "mouse")) {
        if (!on && !off) {
            return err_set(err, ERR_USAGE, "set mouse: on or off");
        }
        tui->options.no_mouse = off;
        term_set_mouse(on);
        return true;
    }
    return err_set(err, ERR_USAGE, "set: %s is none of colors, lines, mouse", what);
}

static void run_line(struct tui *tui, const char *path, int number, char *line)
{
    line[strcspn(line, "\r\n")] = 0;
    line += strspn(line, " \t");
    struct err err = ERR_INIT;
    if (*line && *line != '#' && !tui_line(tui, line, &err)) {
        tui_say(tui, STYLE_BAD, "%s:%d: %s", path, number, err.text);
    }
}

void rc_read(struct tui *tui)
{
    char path[512], line[1024];
    if (tui->options.no_files || !rc_path("XDG_CONFIG_HOME", ".config", "ourorc", false, path, sizeof path)) {
        return;
    }
    FILE *file = fopen(path, "re");
    if (!file) {
        if (errno != ENOENT && errno != ENOTDIR) {
            tui_say(tui, STYLE_WARN, "%s: %s", path, strerror(errno));
        }
        return;
    }
    for (int number = 1; fgets(line, sizeof line, file); number++) {
        run_line(tui, path, number, line);
    }
    fclose(file);
}
