// SPDX-License-Identifier: GPL-3.0-or-later
// Address space and memory outside of malloc: thousands of thread stacks, mmap objects, memory
// without an owner.
#include <string.h>

#include "finding/finder.h"

#include "py/read.h"

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

// --- closures ------------------------------------------------------------------------------------

#define CLOSURES_LEAST (UINT64_C(1) << 20) // thousands of callbacks: no program needs so many
#define CLOSURE_BYTES 80 // libffi's struct of 56 bytes less the trampoline, and malloc's header

static const struct mappings_maker {
    const char *file, *name;
} mappings_makers[] = {
    { "/_gi.", "PyGObject" },
    { "/_cffi_backend", "cffi" },
    { "/_ctypes.", "ctypes" },
};

// The libraries of the process that make closures.
static const char *mappings_closure_makers(struct finder *f)
{
    const struct target *t = f->py->target;
    const char *names = "";
    for (size_t k = 0; k < sizeof mappings_makers / sizeof *mappings_makers; k++)
        for (size_t i = 0; i < t->module_count; i++)
            if (t->modules[i].path && strstr(t->modules[i].path, mappings_makers[k].file)) {
                names =
                    finder_text(f, "%s%s%s", names, *names ? " or " : "", mappings_makers[k].name);
                break;
            }
    return *names ? names : "ctypes, cffi or PyGObject";
}

static bool mappings_closures(struct finder *f, const struct memory_row *row, struct err *err)
{
    uint64_t bytes = mappings_bytes(f, row), all = finder_memory(f);
    uint64_t count = bytes / CLOSURE_BYTES / 1000 * 1000;
    enum severity severity = bytes * 5 >= all    ? SEVERITY_HIGH
                             : bytes * 20 >= all ? SEVERITY_MEDIUM
                                                 : SEVERITY_LOW;
    return mappings_tell(f, row,
                         finder_text(f,
                                     "some %s callbacks that %s created for C code and did not "
                                     "free: their closures have %s, %u %% of the process's memory",
                                     finder_count(f, count), mappings_closure_makers(f),
                                     finder_size(f, bytes),
                                     (unsigned)(bytes * 100 / (all ? all : 1))),
                         "every call that hands a Python function to C creates one "
                         "(GLib.idle_add(), a CFUNCTYPE), no matter who keeps it; cure: create it "
                         "once and pass the same one, or look for a newer version of the library",
                         severity, err);
}

static bool mappings_library(struct finder *f, const struct memory_row *row, struct err *err)
{
    uint64_t bytes = mappings_bytes(f, row);
    if (bytes >= CLOSURES_LEAST && (strstr(row->name, "closures") || strstr(row->name, "libffi")))
        return mappings_closures(f, row, err);
    if (bytes < LEAST || bytes * 5 < finder_memory(f))
        return true;
    return mappings_tell(f, row,
                         finder_text(f, "%s of anonymous memory that a library maps for itself",
                                     finder_size(f, bytes)),
                         "one of its variables points there: `memory` names it", SEVERITY_INFO,
                         err);
}

// Finds the largest mmap: its length follows its address (Modules/mmapmodule.c).
static node mappings_largest(const struct finder *f, uint64_t *most)
{
    const struct python *py = f->py;
    addr behind = SIZE(py, PyObject) + 8;
    uint32_t type = 0, count = heap_type_count(f->heap);
    node best = NODE_NONE;
    *most = 0;
    while (type < count && strcmp(heap_type_name(f->heap, type), "mmap.mmap"))
        type++;
    for (node n = 0; type < count && n < f->heap->node_count; n++) {
        if (heap_type(f->heap, n) != type)
            continue;
        uint64_t size = target_u64(py->target, heap_addr(f->heap, n) + behind, NULL);
        if (size > *most) {
            *most = size;
            best = n;
        }
    }
    return best;
}

static bool mappings_objects(struct finder *f, const struct memory_row *row, struct err *err)
{
    uint64_t bytes = mappings_bytes(f, row), most;
    node largest = mappings_largest(f, &most);
    if (!finder_need_paths(f, err))
        return false;
    const char *where = largest == NODE_NONE
                            ? ""
                            : finder_text(f, ": %s has %s", finder_name(f, largest),
                                          row->count == 1 ? "it" : finder_size(f, most));
    return finder_add(
        f,
        &(struct finding){
            .severity = SEVERITY_INFO,
            .bytes = bytes,
            .objects = row->count,
            .object = largest,
            .what =
                finder_text(f, "%s %s %s%s", finder_plural(f, row->count, "mmap object"),
                            text_plural(row->count, "has", "have"), finder_size(f, bytes), where),
            .why = "mmap.close() gives their memory back",
            .next = largest == NODE_NONE ? "memory"
                                         : finder_text(f, "path %s", finder_word(f, largest)) },
        err);
}

static bool mappings_look(struct finder *f, const struct memory_row *row, struct err *err)
{
    uint64_t bytes = mappings_bytes(f, row);
    bool large = bytes >= LEAST && bytes * 5 >= finder_memory(f);
    if (!strcmp(row->kind, "stack") && row->count >= STACKS_MANY)
        return mappings_tell(f, row,
                             finder_text(f, "%s thread stacks reserve %s",
                                         finder_count(f, row->count), finder_size(f, row->bytes)),
                             "threads that are started and never end: `threads` shows what they "
                             "wait for; threading.stack_size() makes their stacks smaller",
                             SEVERITY_LOW, err);
    if (!strcmp(row->kind, "mmap objects") && large)
        return mappings_objects(f, row, err);
    if (!strcmp(row->kind, "anonymous") && strcmp(row->name, "unknown"))
        return mappings_library(f, row, err);
    if (!strcmp(row->name, "unknown") && large)
        return mappings_tell(
            f, row,
            finder_text(f, "%s of anonymous memory that neither malloc nor Python has",
                        finder_size(f, bytes)),
            "a library's own allocator, or memory that was mapped and never unmapped",
            SEVERITY_INFO, err);
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
    .help = "memory besides malloc: very many thread stacks, large mmap objects, memory that "
            "nobody claims",
    .needs = FINDING_NEEDS_DOMINATORS,
    .find = mappings_find,
};
