// SPDX-License-Identifier: GPL-3.0-or-later
// ourorc, whose lines are those of the `:` prompt, and the options of `set`.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/user_files.h"
#include "tui/state.h"
#include "tui/view.h"

bool rc_set(struct tui *tui, const char *what, const char *value, struct err *err)
{
    bool on = !strcmp(value, "on") || !strcmp(value, "yes"),
         off = !strcmp(value, "off") || !strcmp(value, "no");
    if (!strcmp(what, "colors") || !strcmp(what, "colours")) {
        static const char *const names[] = { "auto", "always", "never" };
        for (int i = 0; i < 3; i++) {
            if (!strcmp(value, names[i])) {
                tui->options.colors = (enum tui_colors)i;
                term_set_colors((enum term_colors)i);
                return true;
            }
        }
        return err_set(err, ERR_USAGE, "set colors: use auto, always or never");
    }
    if (!strcmp(what, "lines")) {
        if (strcmp(value, "ascii") && strcmp(value, "utf-8")) {
            return err_set(err, ERR_USAGE, "set lines: use ascii or utf-8");
        }
        tui->options.ascii = value[0] == 'a';
        term_set_ascii(tui->options.ascii);
        return true;
    }
    if (!strcmp(what, "mouse")) {
        if (!on && !off) {
            return err_set(err, ERR_USAGE, "set mouse: use on or off");
        }
        tui->options.no_mouse = off;
        term_set_mouse(on);
        return true;
    }
    if (!strcmp(what, "theme")) {
        static const char *const names[] = { "auto", "dark", "light" };
        for (int i = 0; i < 3; i++) {
            if (!strcmp(value, names[i])) {
                term_set_theme((enum term_theme)i);
                return true;
            }
        }
        return err_set(err, ERR_USAGE, "set theme: use auto, dark or light");
    }
    if (!strcmp(what, "detail")) {
        if (!on && !off) {
            return err_set(err, ERR_USAGE, "set detail: use on or off");
        }
        tui->no_detail = off;
        return true;
    }
    return err_set(err, ERR_USAGE, "set: no setting %s (colors, theme, lines, mouse, detail)",
                   what);
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
    if (tui->options.no_files
        || !paths_find("XDG_CONFIG_HOME", ".config", "ourorc", false, path, sizeof path)) {
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
