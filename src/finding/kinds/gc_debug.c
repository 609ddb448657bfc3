// SPDX-License-Identifier: GPL-3.0-or-later
// gc-debug: flags of gc.set_debug() that are still on.
#include "finding/finder.h"

enum { // Modules/gcmodule.c; Include/internal/pycore_gc.h
    DEBUG_STATS = 1,
    DEBUG_COLLECTABLE = 2,
    DEBUG_UNCOLLECTABLE = 4,
    DEBUG_INSTANCES = 8, // 2.7
    DEBUG_OBJECTS = 16,  // 2.7
    DEBUG_SAVEALL = 32,
};

static const char *flag_names(struct finder *f, uint32_t flags)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } rows[] = {
        { DEBUG_STATS, "DEBUG_STATS" },
        { DEBUG_COLLECTABLE, "DEBUG_COLLECTABLE" },
        { DEBUG_UNCOLLECTABLE, "DEBUG_UNCOLLECTABLE" },
        { DEBUG_INSTANCES, "DEBUG_INSTANCES" },
        { DEBUG_OBJECTS, "DEBUG_OBJECTS" },
        { DEBUG_SAVEALL, "DEBUG_SAVEALL" },
    };
    const char *names = "";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (flags & rows[i].flag)
            names = finder_text(f, "%s%s%s", names, *names ? " | " : "", rows[i].name);
    return *names ? names : finder_text(f, "%u", flags);
}

static bool gc_debug_tell(struct finder *f, const struct gc_state *state, struct err *err)
{
    bool saves = state->debug & DEBUG_SAVEALL;
    node garbage = state->garbage ? heap_node_of(f->heap, state->garbage) : NODE_NONE;
    return finder_add(
        f,
        &(struct finding){
            .severity = saves ? SEVERITY_MEDIUM : SEVERITY_LOW,
            .object = garbage,
            .objects = garbage == NODE_NONE ? 0 : finder_length(f, garbage),
            .bytes = garbage == NODE_NONE ? 0 : heap_size(f->heap, garbage),
            .what = finder_text(f, "gc.set_debug(%s) is on", flag_names(f, state->debug)),
            .why = saves ? "with DEBUG_SAVEALL (part of DEBUG_LEAK) nothing that a collection "
                           "finds is freed: all of it goes to gc.garbage and stays; call "
                           "gc.set_debug(0), then gc.garbage.clear()"
                         : "left over from debugging: collections print what they do; "
                           "gc.set_debug(0) turns it off",
            .next = saves && garbage != NODE_NONE
                        ? finder_text(f, "referents 0x%llx -n 20",
                                      (unsigned long long)heap_addr(f->heap, garbage))
                        : "info",
        },
        err);
}

static bool gc_debug_find(struct finder *f, struct err *err)
{
    for (size_t i = 0; i < f->py->interpreter_count; i++) {
        struct gc_state state;
        python_gc_state(f->py, i, &state);
        if (state.known && state.debug && !gc_debug_tell(f, &state, err))
            return false;
    }
    return true;
}

const struct finding_kind finding_gc_debug = {
    .name = "gc-debug",
    .help = "flags of gc.set_debug() that were left on; with DEBUG_SAVEALL or DEBUG_LEAK nothing "
            "that the collector finds is freed",
    .needs = FINDING_NEEDS_HEAP,
    .find = gc_debug_find,
};
