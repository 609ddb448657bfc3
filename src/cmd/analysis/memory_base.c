// SPDX-License-Identifier: GPL-3.0-or-later
// Another target's memory: see memory_base.h.
#include "cmd/analysis/memory_base.h"

#include <stdlib.h>
#include <string.h>

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

bool memory_base_take(struct memory_base *base, const struct session *session, const char *file,
                      struct err *err)
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

void memory_base_free(struct memory_base *base)
{
    free(base->rows);
    arena_fini(&base->texts);
    *base = (struct memory_base){ 0 };
}

const struct memory_row *memory_base_row(const struct memory_base *base, const char *kind,
                                         const char *name)
{
    for (size_t i = 0; i < base->count; i++)
        if (!strcmp(base->rows[i].kind, kind) && !strcmp(base->rows[i].name, name))
            return &base->rows[i];
    return NULL;
}
