// SPDX-License-Identifier: GPL-3.0-or-later
// Loggers with very many handlers: addHandler() is called for each request or worker, and each
// handler stays, writes every line once more, and keeps its stream.
#include "finding/finder.h"

#define HANDLERS_LEAST 20

static bool log_handlers_look_at(struct finder *f, node logger, struct err *err)
{
    node handlers = heap_attribute(f->heap, logger, "handlers");
    uint64_t count = handlers == NODE_NONE ? 0 : finder_length(f, handlers);
    if (count < HANDLERS_LEAST)
        return true;
    node name = heap_attribute(f->heap, logger, "name");
    uint64_t bytes = finder_retained(f, handlers);
    enum severity severity = finder_severity(f, bytes, HOME_PROGRAM);
    const struct finding finding = {
        .severity = severity == SEVERITY_INFO ? SEVERITY_LOW : severity,
        .bytes = bytes,
        .objects = count,
        .object = handlers,
        .what = finder_text(f, "the logger %s has %s handlers: %s",
                            name == NODE_NONE ? "?" : finder_preview(f, name, 60),
                            finder_count(f, count), finder_size(f, bytes)),
        .why = "logger.addHandler() seems to be called again and again; each handler stays until "
               "removeHandler(), and writes every line once more; add handlers once, at startup",
        .next = finder_text(f, "referents %s -n 10", finder_word(f, handlers)),
    };
    return finder_add(f, &finding, err);
}

static bool log_handlers_find(struct finder *f, struct err *err)
{
    bool ok = finder_need_paths(f, err);
    for (uint32_t t = 0; ok && t < heap_type_count(f->heap); t++) {
        if (f->types[t].roles & ROLE_TYPE || !f->types[t].count
            || !finder_derives(f, type_row(f->py->types, t), "logging.Logger"))
            continue;
        for (node n = 0; ok && n < f->heap->node_count; n++)
            if (heap_type(f->heap, n) == t)
                ok = log_handlers_look_at(f, n, err);
    }
    return ok;
}

const struct finding_kind finding_log_handlers = {
    .name = "log-handlers",
    .help = "loggers that get another handler again and again",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .is_of_one = true,
    .find = log_handlers_find,
};
