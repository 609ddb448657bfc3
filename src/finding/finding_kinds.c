// SPDX-License-Identifier: GPL-3.0-or-later
// The table of kinds, and running them: see finding.h. A new kind is its file and one row here.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"

// They run in this order: a kind that explains an object better runs before `container`, and leaks
// come before waste.
// clang-format off
#define KINDS(X) \
    X(incomplete) \
    X(phase) \
    X(gc_off) \
    X(collecting) \
    X(gc_debug) \
    X(gc_garbage) \
    X(garbage_rings) \
    X(finalizer_rings) \
    X(frozen_garbage) \
    X(fork) \
    X(query_cache) \
    X(cache) \
    X(id_keys) \
    X(listeners) \
    X(log_handlers) \
    X(queues) \
    X(closure) \
    X(default_argument) \
    X(exceptions) \
    X(suspended) \
    X(thread_locals) \
    X(weak) \
    X(native) \
    X(native_leak) \
    X(native_memory) \
    X(fragmentation) \
    X(arena_pins) \
    X(mappings) \
    X(untraversed) \
    X(container) \
    X(chain) \
    X(slots) \
    X(duplicate_strings) \
    X(interned_strings) \
    X(equal_containers) \
    X(oversized) \
    X(empty_containers) \
    X(alike_modules) \
    X(suspect)
// clang-format on

#define EXTERN(name) extern const struct finding_kind finding_##name;
KINDS(EXTERN)
#define ADDRESS(name) &finding_##name,
const struct finding_kind *const finding_kinds[] = { KINDS(ADDRESS) NULL };

const struct finding_kind *finding_kind_find(const char *name)
{
    for (size_t i = 0; finding_kinds[i]; i++)
        if (!strcmp(finding_kinds[i]->name, name))
            return finding_kinds[i];
    return NULL;
}

static const char *const severities[SEVERITY_COUNT] = { "high", "medium", "low", "info" };

const char *severity_name(enum severity severity)
{
    return severities[severity];
}

bool severity_find(const char *name, enum severity *severity)
{
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        if (strcmp(severities[i], name))
            continue;
        *severity = (enum severity)i;
        return true;
    }
    return false;
}

// The worst first, suspects before others as severe; ties are broken, so that the order never
// varies.
static int finding_kinds_compare(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    if (a->is_first != b->is_first)
        return a->is_first ? -1 : 1;
    if (a->severity != b->severity)
        return a->severity < b->severity ? -1 : 1;
    if (a->is_suspect != b->is_suspect)
        return a->is_suspect ? -1 : 1;
    if (a->grew != b->grew)
        return a->grew > b->grew ? -1 : 1;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    int kinds = strcmp(a->kind, b->kind);
    return kinds ? kinds : (a->object > b->object) - (a->object < b->object);
}

// Runs one kind, and keeps the worst of its findings.
static bool finding_kinds_run(struct finder *f, const struct finding_kind *kind, uint32_t most,
                              struct err *err)
{
    struct findings *out = f->out;
    size_t before = out->count;
    f->kind = kind;
    if (!kind->find(f, err))
        return err_wrap(err, "findings, %s", kind->name);
    size_t found = out->count - before;
    if (found)
        qsort(out->items + before, found, sizeof *out->items, finding_kinds_compare);
    if (most && found > most) {
        out->left_out += found - most;
        out->count = before + most;
    }
    return true;
}

// What is a suspect, too, says so when its kind alone is asked for: suspects are weighed then, and
// those that no finding of the kind explains are not told.
static bool finding_kinds_is_wanted(const struct findings_options *options,
                                    const struct finding_kind *kind)
{
    const struct finding_kind *asked = options->kind;
    return !asked || asked == kind
           || (kind == &finding_suspect && asked->needs == FINDING_NEEDS_DOMINATORS);
}

// Removes findings that have become part of others, and those of other kinds than the one asked for.
static void sweep(struct findings *findings, const struct finding_kind *asked)
{
    size_t count = 0;
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (!finding->is_said && (!asked || !strcmp(finding->kind, asked->name)))
            findings->items[count++] = *finding;
    }
    findings->count = count;
}

bool findings_find(struct findings *findings, const struct finding_sources *sources,
                   const struct findings_options *options, struct err *err)
{
    struct finder finder;
    struct target *target = sources->heap->py->target;
    uint64_t faults = target->faults;
    *findings = (struct findings){ 0 };
    bool ok = finder_init(&finder, sources, findings, err);
    bool whole = heap_is_whole(sources->heap);
    for (size_t i = 0; ok && finding_kinds[i]; i++) {
        const struct finding_kind *kind = finding_kinds[i];
        if (!finding_kinds_is_wanted(options, kind) || kind->needs > options->most_needs
            || (kind->needs_whole && !whole))
            continue;
        bool is_asked = !options->kind || options->kind == kind;
        ok = finding_kinds_run(&finder, kind, is_asked ? options->most : 0, err);
        if (ok && !progress_step(sources->progress, "looking for what is wrong", i, 0))
            ok = err_set(err, ERR_CANCELLED, "stopped while looking for what is wrong");
    }
    // A heap without values has no memory to read: that is no damage of the target.
    if (!python_has_values(sources->heap->py))
        target->faults = faults;
    sweep(findings, options->kind);
    if (ok && findings->count)
        qsort(findings->items, findings->count, sizeof *findings->items, finding_kinds_compare);
    finder_fini(&finder);
    if (!ok)
        findings_fini(findings);
    return ok;
}

void findings_fini(struct findings *findings)
{
    free(findings->items);
    arena_fini(&findings->arena);
    *findings = (struct findings){ 0 };
}
