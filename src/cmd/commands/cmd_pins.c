// SPDX-License-Identifier: GPL-3.0-or-later
// `pins`: which objects keep nearly empty arenas of Python's allocator.
#include "base/unused.h"
#include "cmd/session/compare.h"
#include "cmd/session/select.h"
#include "heap/memory/pinned_arenas.h"

static const struct column columns[] = {
    { COL(type), 24, 0, "of the objects; (no object): tables, items, memory of extensions" },
    { COL(arenas), 7, COLUMN_RIGHT, "nearly empty arenas that they are in" },
    { COL(alone), 7, COLUMN_RIGHT, "of these, arenas with nothing else in them" },
    { COL(count), 8, COLUMN_RIGHT, "objects there" },
    { COL(bytes), 10, COLUMN_RIGHT | COLUMN_HUMAN, "of their blocks" },
    { COL(gen0), 7, COLUMN_RIGHT, "of them, in generation 0" },
    { COL(gen1), 7, COLUMN_RIGHT, "in generation 1" },
    { COL(gen2), 7, COLUMN_RIGHT, "in generation 2" },
    { COL(held_by), 24, 0,
      "the variable that holds most of them; unknown if none holds more than half" },
    { COL(held), 8, COLUMN_RIGHT, "how many of them it holds" },
    { COL(object), 18, COLUMN_OBJECT, "one of them" },
    { COL(preview), 24, COLUMN_WIDE, "its value, shortened" },
    COLUMN_ROW_END,
};

static bool pins_add_row(struct report *report, const struct forest *places,
                         const struct arena_pin *pin, struct err *err)
{
    bool object = pin->type != ARENA_PINS_NO_TYPE;
    bool held = pin->place < places->count && pin->placed * 2 > pin->count;
    const struct cell cells[] = {
        object ? cell_type(pin->type) : cell_text("(no object)"),
        cell_count(pin->arenas),
        cell_count(pin->alone),
        cell_count(pin->count),
        cell_bytes(pin->bytes),
        object ? cell_count(pin->gens[GEN_0]) : cell_null(),
        object ? cell_count(pin->gens[GEN_1]) : cell_null(),
        object ? cell_count(pin->gens[GEN_2]) : cell_null(),
        held ? cell_text(places->items[pin->place].name) : cell_null(),
        held ? cell_count(pin->placed) : cell_null(),
        cell_object(pin->example),
        object ? cell_preview(pin->example) : cell_null(),
    };
    return report_row(report, cells, err);
}

static bool pins_run(struct session *session, UNUSED const struct args *args, struct report *report,
                     struct err *err)
{
    struct pinned_arenas pins;
    const struct forest *places;
    if (!session_places(session, &places, err)
        || !pinned_arenas_find(&pins, &session->heap, places->of, err))
        return false;
    report_summary(report, "arenas", pins.known ? cell_count(pins.arenas) : cell_null());
    report_summary(report, "arena_bytes", pins.known ? cell_bytes(pins.arena_bytes) : cell_null());
    report_summary(report, "free", pins.known ? cell_bytes(pins.free_bytes) : cell_null());
    report_summary(report, "nearly_empty", pins.known ? cell_count(pins.sparse) : cell_null());
    report_summary(report, "nearly_empty_bytes",
                   pins.known ? cell_bytes(pins.sparse_bytes) : cell_null());
    report_summary(report, "nearly_empty_used",
                   pins.known ? cell_bytes(pins.sparse_used) : cell_null());
    report_summary(report, "pools", pins.known ? cell_count(pins.pools) : cell_null());
    report_summary(report, "pools_bytes", pins.known ? cell_bytes(pins.pool_bytes) : cell_null());
    report_summary(report, "pools_used", pins.known ? cell_bytes(pins.pool_used) : cell_null());
    report->empty = pins.known ? "no arena is nearly empty"
                               : "this Python has no arenas of pymalloc, or they were not found";
    bool ok = true;
    for (size_t i = 0; ok && i < pins.count; i++)
        ok = pins_add_row(report, places, &pins.rows[i], err);
    pinned_arenas_free(&pins);
    return ok;
}

static const struct option_row options[] = {
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_pins = {
    .name = "pins",
    .usage = "[-n N]",
    .summary = "which objects keep nearly empty arenas of Python's allocator",
    .help = "pymalloc gives an arena (256 KiB; from 3.10 on 1 MiB) back to the system only when no "
            "block in it is in use. An arena of which at most a quarter is in use is nearly empty "
            "here; the rows are the types of the objects in such arenas, those in the most arenas "
            "first. `alone` counts the arenas that would be free without them; `held_by` is the "
            "variable that holds most of them. The summary's `pools` are nearly empty pools of "
            "fuller arenas: a pool serves one size until it is empty.\n"
            "\n"
            "Objects of free-threaded builds lie in mimalloc's segments, which have no arenas.",
    .example = "pins -n 10",
    .options = options,
    .columns = columns,
    .sort = COL_arenas,
    .needs = NEEDS_ROOTS,
    .reads_values = true,
    .run = pins_run,
};
