// SPDX-License-Identifier: GPL-3.0-or-later
// Few objects that keep nearly empty arenas of pymalloc: see heap/memory/pinned_arenas.h.
#include "finding/finder.h"
#include "heap/memory/pinned_arenas.h"

#define LEAST (UINT64_C(16) << 20)

static const char *arena_pins_type(const struct finder *f, const struct arena_pin *pin)
{
    return pin->type == ARENA_PINS_NO_TYPE ? "no object" : heap_type_name(f->heap, pin->type);
}

// "793 tuple, 794 int": the types that pin most arenas.
static const char *arena_pins_types(struct finder *f, const struct pinned_arenas *pins)
{
    const char *all = "";
    for (size_t i = 0; i < pins->count && i < 3; i++) {
        const struct arena_pin *pin = &pins->rows[i];
        all = finder_text(f, "%s%s%s %s", all, i ? ", " : "", finder_count(f, pin->count),
                          arena_pins_type(f, pin));
    }
    return all;
}

static bool arena_pins_tell(struct finder *f, const struct pinned_arenas *pins, struct err *err)
{
    uint64_t kept = pins->sparse_bytes - pins->sparse_used;
    uint64_t all = f->memory ? finder_memory(f) : pins->arena_bytes;
    const struct arena_pin *first = &pins->rows[0];
    if (kept < LEAST || kept * 20 < all)
        return true;
    return finder_add(
        f,
        &(struct finding){
            .severity = kept * 8 >= all ? SEVERITY_LOW : SEVERITY_INFO,
            .bytes = kept,
            .objects = pins->sparse_blocks,
            .object = first->example,
            .what = finder_text(
                f, "%s of Python's arenas are free, but not given back: %s in them are held by %s",
                finder_size(f, kept), finder_plural(f, pins->sparse, "nearly empty arena"),
                finder_plural(f, pins->sparse_blocks, "block")),
            .why = finder_text(f,
                               "the same types are in %s of them: %s; allocating long-lived "
                               "objects apart from short-lived ones (load first, do large work in "
                               "a process of its own) lets arenas empty",
                               finder_count(f, first->arenas), arena_pins_types(f, pins)),
            .next = "pins",
        },
        err);
}

static bool arena_pins_run(struct finder *f, struct err *err)
{
    struct pinned_arenas pins;
    if (!python_has_values(f->py)) // it has no memory
        return true;
    if (!pinned_arenas_find(&pins, f->heap, NULL, err))
        return false;
    bool ok = !pins.count || arena_pins_tell(f, &pins, err);
    pinned_arenas_free(&pins);
    return ok;
}

const struct finding_kind finding_arena_pins = {
    .name = "arena-pins",
    .help = "objects that keep nearly empty arenas of Python's allocator from being given back",
    .needs = FINDING_NEEDS_DOMINATORS,
    .find = arena_pins_run,
};
