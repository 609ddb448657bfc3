// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of `info` in a saved heap: see saved_info.h.
#include "cmd/session/saved_info.h"

#include <stdlib.h>
#include <string.h>

#include "base/record.h"

#define SECTION "info"
#define SECTION_MAX ((size_t)1 << 20)
#define ROW_LEAST 4 // bytes of a row, at least
#define CELLS 3     // section, name, value

// --- writing ------------------------------------------------------------------------------------

static void saved_info_put_cell(struct text *to, const struct cell *cell)
{
    uint64_t bits = cell->u;
    record_put(to, cell->kind);
    record_put(to, cell->is_ours);
    if (cell->kind == CELL_TEXT)
        record_put_text(to, cell->s);
    else if (cell->kind == CELL_INT)
        record_put_signed(to, cell->i);
    else if (cell->kind == CELL_REAL)
        memcpy(&bits, &cell->d, sizeof bits);
    if (cell->kind != CELL_TEXT && cell->kind != CELL_INT)
        record_put(to, bits);
}

static bool saved_info_is_kept(const struct cell *cells, const char *const *left_out)
{
    for (; *left_out; left_out++)
        if (cells[0].kind != CELL_TEXT || !strcmp(cells[0].s, *left_out))
            return false;
    return true;
}

static void saved_info_put(struct text *to, const struct report *report,
                           const char *const *left_out)
{
    uint64_t count = 0;
    for (size_t row = 0; row < report->row_count; row++)
        count += saved_info_is_kept(report->cells + row * CELLS, left_out);
    record_put_text(to, PACKAGE_VERSION);
    record_put(to, count);
    for (size_t row = 0; row < report->row_count; row++) {
        const struct cell *cells = report->cells + row * CELLS;
        for (size_t i = 0; i < CELLS && saved_info_is_kept(cells, left_out); i++)
            saved_info_put_cell(to, &cells[i]);
    }
}

bool saved_info_write(struct session *session, const char *const *left_out, struct store_out *out,
                      struct err *err)
{
    struct report report;
    struct text text = TEXT_INIT;
    uint64_t faults = session->target.faults; // read now, and no fault of the heap's
    if (!session_has_values(session) || !heap_is_whole(&session->heap))
        return true;
    report_init(&report, session, &report_store, NULL);
    bool ok = session_run_line(session, "info", &report, err);
    if (ok && report.column_count == CELLS) {
        saved_info_put(&text, &report, left_out);
        store_put_text(out, SECTION, &text);
    }
    text_fini(&text);
    report_fini(&report);
    session->target.faults = faults;
    return ok;
}

// --- reading ------------------------------------------------------------------------------------

static bool saved_info_take_cell(struct record *from, struct report *report, struct cell *cell)
{
    uint64_t bits;
    *cell = (struct cell){ .kind = (uint8_t)record_below(from, CELL_TEXT + 1) };
    cell->is_ours = record_below(from, 2);
    if (cell->kind == CELL_TEXT) {
        cell->s = record_escaped(from, &report->arena);
        from->bad |= !cell->s;
    } else if (cell->kind == CELL_INT) {
        cell->i = record_signed(from);
    } else if (cell->kind == CELL_REAL) {
        bits = record_number(from);
        memcpy(&cell->d, &bits, sizeof bits);
    } else {
        cell->u = cell->kind == CELL_BOOL ? record_below(from, 2) : record_number(from);
    }
    return !from->bad;
}

static bool saved_info_take_row(struct record *from, struct report *report, struct err *err)
{
    struct cell cells[CELLS];
    for (size_t i = 0; i < CELLS; i++)
        if (!saved_info_take_cell(from, report, &cells[i]) || (i < 2 && cells[i].kind != CELL_TEXT))
            return store_strange(err, "what it says of itself makes no sense");
    return report_row(report, cells, err);
}

static bool saved_info_load(const struct session *session, void **bytes, struct record *from,
                            struct err *err)
{
    size_t size;
    struct store *store = (struct store *)&session->store; // notes which sections were compared
    if (!store_load(store, SECTION, SECTION_MAX, bytes, &size, err))
        return false;
    *from = (struct record){ .at = *bytes, .end = (uint8_t *)*bytes + size };
    return true;
}

bool saved_info_has(const struct session *session)
{
    struct err none = ERR_INIT;
    struct arena arena = ARENA_INIT;
    struct record from;
    void *bytes;
    if (!session->has_store || !session_has_values(session) || !store_has(&session->store, SECTION)
        || !saved_info_load(session, &bytes, &from, &none))
        return false;
    const char *version = record_text(&from, &arena);
    bool ours = version && !strcmp(version, PACKAGE_VERSION);
    arena_fini(&arena);
    free(bytes);
    return ours;
}

bool saved_info_tell(struct session *session, struct report *report, struct err *err)
{
    void *bytes;
    struct record from;
    if (!saved_info_load(session, &bytes, &from, err))
        return false;
    bool ok = true;
    record_text(&from, &report->arena);
    for (size_t count = record_count(&from, CELLS * ROW_LEAST); ok && count; count--)
        ok = saved_info_take_row(&from, report, err);
    if (ok && from.bad)
        ok = store_strange(err, "what it says of itself makes no sense");
    free(bytes);
    return ok;
}
