// SPDX-License-Identifier: GPL-3.0-or-later
// Long work: a bar with an estimate on the last line, Esc or Ctrl-C to stop it; meanwhile the
// cursor can be moved in the current view.
//
// The session calls busy_step now and then. Keys that neither stop nor move wait in tui->typed, in
// order, for the loop; once one waits, all later keys queue behind it. Work that nobody asked for
// then gives way, and is resumed later.
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "tui/action.h"
#include "tui/state.h"
#include "tui/view.h"

enum { QUIET = 150, LOOK_EVERY = 60 }; // milliseconds

void busy_begin(struct tui *tui)
{
    if (!tui->busy.depth++) {
        tui->busy = (struct busy){ .depth = 1, .started = clock_ms() };
        tui->busy.phase_started = tui->busy.looked = tui->busy.started;
    }
}

void busy_end(struct tui *tui)
{
    if (!--tui->busy.depth) {
        tui->busy.phase = NULL;
        tui->busy.drawn = false;
    }
}

static bool is_movement(const struct key_row *row, bool partial)
{
    static const char *const words[] = { "down",      "up",      "page-down", "page-up",
                                         "half-down", "half-up", "top",       "bottom",
                                         "left",      "right",   "pane",      "pane back" };
    if (row && partial && !strcmp(row->line, "bottom")) {
        return false; // the last row is not known yet
    }
    for (size_t i = 0; row && i < sizeof words / sizeof *words; i++) {
        if (!strcmp(row->line, words[i])) {
            return true;
        }
    }
    return false;
}

static void take_key(struct tui *tui, int key)
{
    struct view *view = tui_view(tui);
    if (key == 27 || key == 3) {
        tui->busy.cancelled = true;
    } else if (key == TERM_RESIZE) {
        screen_draw(tui);
    } else if (!tui->typed_count && view && !tui->busy.impatient
               && is_movement(keys_find(&tui->keys, view->name, view->ops->plain, key),
                              view->partial)) {
        tui_key(tui, key);
        screen_draw(tui);
    } else if (key != TERM_MOUSE && tui->typed_count < sizeof tui->typed / sizeof *tui->typed) {
        tui->typed[tui->typed_count++] = key;
        tui->busy.cancelled = tui->busy.cancelled || tui->yields || tui->busy.impatient;
    }
}

static void add_time(struct text *line, uint64_t milliseconds)
{
    uint64_t seconds = (milliseconds + 500) / 1000;
    if (seconds < 60) {
        text_add_format(line, "%llu s", (unsigned long long)(seconds ? seconds : 1));
    } else {
        text_add_format(line, "%llu:%02llu min", (unsigned long long)(seconds / 60),
                        (unsigned long long)(seconds % 60));
    }
}

static void draw_bar(struct tui *tui, uint64_t done, uint64_t total, uint64_t at)
{
    int row = term_rows() - 1, columns = term_columns();
    struct text line = TEXT_INIT;
    text_add_format(&line, " %s ", tui->busy.phase);
    if (!total && done) {
        text_add_count(&line, done);
    }
    term_fill(row, 0, columns, STYLE_PLAIN);
    int used = term_put(row, 0, columns, STYLE_WARN, text_string(&line));
    text_clear(&line);
    if (total) {
        int bar = columns / 4;
        double share = done < total ? (double)done / (double)total : 1;
        text_add_format(&line, " %2.0f %%  ", share * 100);
        uint64_t spent = at - tui->busy.phase_started;
        if (share > 0.02 && spent > 500) {
            add_time(&line, (uint64_t)((double)spent * (1 - share) / share));
            text_add_string(&line, " left  ");
        }
        term_fill(row, used, bar, STYLE_SHADE);
        term_bar(row, used, bar, share, STYLE_BAR);
        used += bar;
    } else {
        text_add_string(&line, "  ");
        add_time(&line, at - tui->busy.started);
        text_add_string(&line, "  ");
    }
    used += term_put(row, used, columns - used, STYLE_PLAIN, text_string(&line));
    used += term_put(row, used, columns - used, STYLE_KEY, "Esc");
    term_put(row, used, columns - used, STYLE_DIM, " stops");
    text_fini(&line);
}

static bool busy_step(void *context, const char *phase, uint64_t done, uint64_t total)
{
    struct tui *tui = context;
    if (!term_is_open() || tui->busy.cancelled) {
        return !tui->busy.cancelled;
    }
    uint64_t at = clock_ms();
    if (!tui->busy.phase || (phase && strcmp(phase, tui->busy.phase))) {
        tui->busy.phase = phase ? phase : "working";
        tui->busy.phase_started = at;
    }
    if (at - tui->busy.started < QUIET || at - tui->busy.looked < LOOK_EVERY) {
        return true;
    }
    tui->busy.looked = at;
    if (!tui->busy.drawn) { // draws what is there already, once
        tui->busy.drawn = true;
        screen_draw(tui);
    }
    for (int key; !tui->busy.cancelled && (key = term_read(0)) != TERM_NONE;) {
        take_key(tui, key);
    }
    draw_bar(tui, done, total, at);
    term_show();
    return !tui->busy.cancelled;
}

bool busy_yielded(const struct tui *tui, const struct err *err)
{
    return err->kind == ERR_CANCELLED && tui->yields && tui->typed_count;
}

struct progress busy_progress(struct tui *tui)
{
    return (struct progress){ busy_step, tui };
}
