// SPDX-License-Identifier: GPL-3.0-or-later
// References that C code took and that nothing known accounts for, if nothing else keeps the
// objects alive and they are large.
//
// The refcount of every object is compared with the references found (heap/analysis/roots.h). A
// surplus that was seen in no C memory either is in memory that an extension allocated for itself,
// or was never given back. A surplus on many objects of one type is a leak, or a container in C.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"

#define OBJECTS_LEAST 1000  // of a type; fewer may be anything: numpy's ufuncs have a hundred lists
#define SURPLUS_LEAST 10000 // of one object that other references keep alive: a runaway count

struct native_tally {
    uint64_t objects, surplus; // kept by nothing else
    uint64_t bytes;            // retained
    node object;               // the one with the greatest surplus
    uint32_t greatest;
};

// Whether no known reference holds it, except from objects that it dominates.
static bool is_alone(const struct finder *f, const struct heap_surplus *s)
{
    const struct csr *reverse = &f->heap->reverse;
    for (uint64_t e = csr_first(reverse, s->object); e < csr_end(reverse, s->object); e++)
        if (!(reverse->to[e] & EDGE_BORROWED)
            && !tree_dominates(&f->tree, s->object, reverse->to[e] & EDGE_NODE))
            return false;
    return !s->seen && !heap_roots_counted(f->roots, s->object);
}

static void add_to(struct native_tally *tally, const struct finder *f, const struct heap_surplus *s)
{
    tally->objects++;
    tally->surplus += s->surplus;
    tally->bytes += finder_retained(f, s->object);
    if (s->surplus > tally->greatest) {
        tally->greatest = s->surplus;
        tally->object = s->object;
    }
}

// Whose code may have taken it: the library that defines the type, unless that is Python itself.
static const char *suspect(struct finder *f, const struct type *type)
{
    const struct target *target = f->py->target;
    int module = target_module_of(target, type->at);
    if (module < 0 && type->traverse)
        module = target_module_of(target, type->traverse);
    if (module < 0 || module == f->py->module || !target->modules[module].path)
        return "an extension module";
    const char *path = target->modules[module].path, *slash = strrchr(path, '/');
    struct text text = TEXT_INIT;
    text_add_escaped(&text, slash ? slash + 1 : path, strlen(slash ? slash + 1 : path));
    return finder_keep(f, &text);
}

static bool native_add_type(struct finder *f, uint32_t index, const struct native_tally *tally,
                            struct err *err)
{
    const struct type *type = type_row(f->py->types, index);
    enum severity severity = finder_severity(f, tally->bytes, HOME_NONE);
    if (tally->objects < OBJECTS_LEAST || severity == SEVERITY_INFO)
        return true;
    const struct finding finding = {
        .severity = severity,
        .bytes = tally->bytes,
        .objects = tally->objects,
        .object = tally->object,
        .what = finder_text(f, "%s %s %s kept by C code alone: %s", finder_count(f, tally->objects),
                            type->name, text_plural(tally->objects, "is", "are"),
                            finder_size(f, tally->bytes)),
        .why = finder_text(
            f,
            "their refcounts have %s that no object, frame or C variable accounts for: %s keeps "
            "them in memory of its own, or never released them (a missing Py_DECREF)",
            finder_plural(f, tally->surplus, "reference"), suspect(f, type)),
        .next = finder_text(f, "native --objects -t %s", finder_quote(f, type->name)),
    };
    return finder_add(f, &finding, err);
}

// Adds an object that is alive anyway, but whose refcount was raised very often: no memory is lost,
// but it is a sign of references that are never given back.
static bool native_add_count(struct finder *f, const struct heap_surplus *s, struct err *err)
{
    uint32_t unexplained = s->surplus - s->seen;
    const struct finding finding = {
        .severity = SEVERITY_INFO,
        .bytes = heap_size(f->heap, s->object),
        .objects = 1,
        .object = s->object,
        .what = finder_text(f, "%s %s has %s that nobody accounts for",
                            finder_type_name(f, s->object), finder_preview(f, s->object, 40),
                            finder_plural(f, unexplained, "reference")),
        .why = "C code that returns it without releasing its own reference would do this; so do "
               "arrays in an extension's own memory",
        .next = finder_text(f, "object %s", finder_word(f, s->object)),
    };
    return finder_add(f, &finding, err);
}

static bool native_find(struct finder *f, struct err *err)
{
    uint32_t types = heap_type_count(f->heap);
    struct native_tally *tallies = calloc((size_t)types + 1, sizeof *tallies);
    if (!tallies)
        return err_memory(err, "the table of types");
    bool ok = finder_need_paths(f, err) && finder_need_tree(f, err);
    for (size_t i = 0; ok && i < f->roots->surplus_count; i++) {
        const struct heap_surplus *s = &f->roots->surplus[i];
        if (is_alone(f, s))
            add_to(&tallies[heap_type(f->heap, s->object)], f, s);
        else if (s->surplus - s->seen >= SURPLUS_LEAST)
            ok = native_add_count(f, s, err);
    }
    for (uint32_t t = 0; ok && t < types; t++)
        ok = native_add_type(f, t, &tallies[t], err);
    free(tallies);
    return ok;
}

const struct finding_kind finding_native = {
    .name = "native",
    .help = "objects that only C code keeps alive, by references that nothing known accounts for",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .needs_whole = true,
    .find = native_find,
};
