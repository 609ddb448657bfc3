// SPDX-License-Identifier: GPL-3.0-or-later
// Suspects by name: see suspect_names.h.
#include "finding/suspect_names.h"

#include <stdlib.h>

#include "finding/suspects.h"

static const char *suspect_names_of(struct finder *f, const struct suspect *suspect)
{
    return suspect->form == SUSPECT_CLASS
               ? finder_text(f, "%s objects", type_row(f->py->types, suspect->type)->name)
               : finder_name(f, suspect->object);
}

static bool suspect_names_fill(struct suspect_names *names, struct finder *f,
                               const struct suspects *suspects, struct err *err)
{
    names->items = calloc(suspects->count + 1, sizeof *names->items);
    if (!names->items)
        return err_memory(err, "the suspects");
    for (size_t i = 0; i < suspects->count; i++) {
        const struct suspect *suspect = &suspects->items[i];
        names->items[names->count++] =
            (struct suspect_name){ suspect_names_of(f, suspect), suspect->bytes, suspect->object };
    }
    return !f->out_of_memory || err_memory(err, "the suspects");
}

bool suspect_names_find(struct suspect_names *names, const struct finding_sources *sources,
                        struct err *err)
{
    struct finder f;
    struct suspects suspects = { 0 };
    *names = (struct suspect_names){ .texts = { .arena = ARENA_INIT } };
    if (!finder_init(&f, sources, &names->texts, err))
        return false;
    bool ok = finder_need_paths(&f, err) && finder_need_tree(&f, err)
              && suspects_find(&suspects, &f, err) && suspect_names_fill(names, &f, &suspects, err);
    suspects_free(&suspects);
    finder_fini(&f);
    if (!ok)
        suspect_names_free(names);
    return ok;
}

void suspect_names_free(struct suspect_names *names)
{
    free(names->items);
    findings_fini(&names->texts);
    *names = (struct suspect_names){ 0 };
}
