// SPDX-License-Identifier: GPL-3.0-or-later
// Another target's memory: see memory_base.h.
#include "cmd/commands/memory_base.h"

#include <stdlib.h>
#include <string.h>

struct memory_base {
    struct memory_row *rows;
    size_t count;
    struct memory_row total;
    struct arena texts;
    bool by_residence; // resident bytes are known; else only what is mapped
};

static const char *memory_base_text(struct memory_base *base, const char *text)
{
    const char *copy = text ? arena_string(&base->texts, text) : NULL;
    return copy ? copy : "";
}

static bool memory_base_copy(struct memory_base *base, const struct memory *m, struct err *err)
{
    base->rows = calloc(m->row_count + 1, sizeof *base->rows);
    if (!base->rows)
        return err_memory(err, "the rows of memory");
    for (size_t i = 0; i < m->row_count; i++) {
        struct memory_row *row = &base->rows[base->count++];
        *row = m->rows[i];
        row->kind = memory_base_text(base, m->rows[i].kind);
        row->name = memory_base_text(base, m->rows[i].name);
        row->what = memory_base_text(base, m->rows[i].what);
    }
    base->total = m->total;
    base->by_residence = m->residence.known;
    return true;
}

// Accepts a zeroed one.
static void memory_base_free(struct memory_base *base)
{
    free(base->rows);
    arena_fini(&base->texts);
    *base = (struct memory_base){ 0 };
}

static bool memory_base_take(struct memory_base *base, const struct session *session,
                             const char *file, struct err *err)
{
    *base = (struct memory_base){ 0 };
    arena_init(&base->texts);
    struct session_options options = session->options;
    options.core = file;
    options.pid = 0;
    options.callback = NULL;
    options.hold = options.bare = false;
    struct session *other = calloc(1, sizeof *other);
    if (!other)
        return err_memory(err, file);
    bool ok = session_open(other, &options, err);
    if (ok) {
        ok = (session_memory(other, err) && memory_base_copy(base, &other->memory, err))
             || err_wrap(err, "%s", file);
        session_close(other);
    }
    free(other);
    if (!ok)
        memory_base_free(base);
    return ok;
}

// The row of that kind and name, or null.
static const struct memory_row *memory_base_row(const struct memory_base *base, const char *kind,
                                                const char *name)
{
    for (size_t i = 0; i < base->count; i++)
        if (!strcmp(base->rows[i].kind, kind) && !strcmp(base->rows[i].name, name))
            return &base->rows[i];
    return NULL;
}

// --- rows ----------------------------------------------------------------------------------------

const struct column memory_base_columns[] = {
    { COL(kind), 16, 0, "with BASE: what it is for" },
    { COL(name), 14, 0, "a library, a file, a part of an allocator" },
    { COL(before), 10, COLUMN_RIGHT | COLUMN_HUMAN,
      "resident in BASE; mapped, where that is unknown" },
    { COL(after), 10, COLUMN_RIGHT | COLUMN_HUMAN, "the same here" },
    { COL(delta), 12, COLUMN_RIGHT, "how many bytes more" },
    { COL(count_delta), 11, COLUMN_RIGHT, "how many blocks, pools, mappings more" },
    { COL(what), 24, COLUMN_WIDE, "what that is" },
    COLUMN_ROW_END,
};

static bool memory_base_add(struct report *report, bool by_residence,
                            const struct memory_row *before, const struct memory_row *after,
                            struct err *err)
{
    const struct memory_row none = { 0 }, *named = after ? after : before;
    before = before ? before : &none;
    after = after ? after : &none;
    uint64_t was = by_residence ? before->resident : before->bytes;
    uint64_t is = by_residence ? after->resident : after->bytes;
    if (was == is && before->count == after->count)
        return true;
    const struct cell cells[] = {
        cell_text(named->kind),
        cell_text(report_foreign(report, named->name)),
        cell_bytes(was),
        cell_bytes(is),
        cell_int((int64_t)(is - was)),
        cell_int((int64_t)(after->count - before->count)),
        cell_text(*named->what ? report_foreign(report, named->what) : NULL),
    };
    return report_row(report, cells, err);
}

bool memory_base_report(struct session *session, const char *file, struct report *report,
                        struct err *err)
{
    struct memory_base base;
    const struct memory *m = &session->memory;
    if (!session_memory(session, err) || !memory_base_take(&base, session, file, err))
        return false;
    bool by_residence = base.by_residence && m->residence.known, ok = true;
    for (size_t i = 0; ok && i < m->row_count; i++)
        ok = memory_base_add(report, by_residence,
                             memory_base_row(&base, m->rows[i].kind, m->rows[i].name), &m->rows[i],
                             err);
    for (size_t i = 0; ok && i < base.count; i++) {
        bool there = false;
        for (size_t k = 0; k < m->row_count && !there; k++)
            there = !strcmp(m->rows[k].kind, base.rows[i].kind)
                    && !strcmp(m->rows[k].name, base.rows[i].name);
        ok = there || memory_base_add(report, by_residence, &base.rows[i], NULL, err);
    }
    uint64_t was = by_residence ? base.total.resident : base.total.bytes;
    uint64_t is = by_residence ? m->total.resident : m->total.bytes;
    report_summary(report, "before", cell_bytes(was));
    report_summary(report, "after", cell_bytes(is));
    report_summary(report, "delta", cell_int((int64_t)(is - was)));
    report->empty = "nothing has changed";
    memory_base_free(&base);
    return ok;
}
