// SPDX-License-Identifier: GPL-3.0-or-later
// Address space and memory beside malloc: thousands of thread stacks, mmap objects, memory that
// nobody claims.
#include <string.h>

#include "finding/finder.h"

#define LEAST (UINT64_C(32) << 20)
#define STACKS_MANY 500

static uint64_t mappings_bytes(const struct finder *f, const struct memory_row *row)
{
    return f->memory->residence.known ? row->resident : row->bytes;
}

static bool mappings_tell(struct finder *f, const struct memory_row *row, const char *what,
                          const char *why, enum severity severity, struct err *err)
{
    return finder_add(f,
                      &(struct finding){ .severity = severity,
                                         .bytes = mappings_bytes(f, row),
                                         .objects = row->count,
                                         .object = NODE_NONE,
                                         .what = what,
                                         .why = why,
                                         .next = "memory" },
                      err);
}

// Libraries whose own memory says more than that it is large.
static const struct mappings_library {
    const char *file; // part of its path
    const char *what, *why;
    uint64_t least;
} mappings_libraries[] = {
    { "closures", "closures have %s: each callback that ctypes, cffi or PyGObject makes is one",
      "a callback that is made for each call and never freed; make it once, or look for a newer "
      "version of what makes it",
      UINT64_C(2) << 20 },
    { "libffi",
      "libffi's closures have %s: each callback that ctypes, cffi or PyGObject makes is one",
      "a callback that is made for each call and never freed; make it once, or look for a newer "
      "version of what makes it",
      UINT64_C(2) << 20 },
};

static bool mappings_library(struct finder *f, const struct memory_row *row, struct err *err)
{
    uint64_t bytes = mappings_bytes(f, row);
    for (size_t i = 0; i < sizeof mappings_libraries / sizeof *mappings_libraries; i++) {
        const struct mappings_library *library = &mappings_libraries[i];
        if (strstr(row->name, library->file) && bytes >= library->least)
            return mappings_tell(f, row, finder_text(f, library->what, finder_size(f, bytes)),
                                 library->why, SEVERITY_LOW, err);
    }
    if (bytes < LEAST || bytes * 5 < finder_memory(f))
        return true;
    return mappings_tell(f, row,
                         finder_text(f, "%s of anonymous memory that a library maps for itself",
                                     finder_size(f, bytes)),
                         "one of its variables points there: `memory` names it", SEVERITY_INFO,
                         err);
}

static bool mappings_look(struct finder *f, const struct memory_row *row, struct err *err)
{
    uint64_t bytes = mappings_bytes(f, row);
    bool large = bytes >= LEAST && bytes * 5 >= finder_memory(f);
    if (!strcmp(row->kind, "stack") && row->count >= STACKS_MANY)
        return mappings_tell(
            f, row,
            finder_text(f, "%s thread stacks reserve %s", finder_count(f, row->count),
                        finder_size(f, row->bytes)),
            "threads that are started and never end: `threads` shows what they wait for; "
            "threading.stack_size() makes them smaller",
            SEVERITY_LOW, err);
    if (!strcmp(row->kind, "mmap objects") && large)
        return mappings_tell(f, row, finder_text(f, "mmap objects have %s", finder_size(f, bytes)),
                             "mmap.close() gives their memory back", SEVERITY_INFO, err);
    if (!strcmp(row->kind, "anonymous") && strcmp(row->name, "unknown"))
        return mappings_library(f, row, err);
    if (!strcmp(row->name, "unknown") && large)
        return mappings_tell(
            f, row,
            finder_text(f, "%s of anonymous memory that neither malloc nor Python has",
                        finder_size(f, bytes)),
            "a library's own allocator, or memory that was mapped and forgotten", SEVERITY_INFO,
            err);
    return true;
}

static bool mappings_find(struct finder *f, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && f->memory && i < f->memory->row_count; i++)
        ok = mappings_look(f, &f->memory->rows[i], err);
    return ok;
}

const struct finding_kind finding_mappings = {
    .name = "mappings",
    .help =
        "memory beside malloc: very many thread stacks, large mmap objects, memory nobody claims",
    .needs = FINDING_NEEDS_DOMINATORS,
    .find = mappings_find,
};
