// SPDX-License-Identifier: GPL-3.0-or-later
// `native`: objects that C code holds: their refcount exceeds the references found.
#include <stdlib.h>
#include <string.h>

#include "cmd/session/select.h"
#include "graph/marks.h"
#include "py/objects/type.h"

static const struct column columns[] = {
    { COL(type), 24, 0, "the type's name" },
    { COL(objects), 8, COLUMN_RIGHT, "how many of its objects have a surplus" },
    { COL(surplus), 8, COLUMN_RIGHT | COLUMN_GOES(2),
      "references that no object and no known root accounts for" },
    { COL(seen), 8, COLUMN_RIGHT | COLUMN_GOES(1),
      "of these, words in C memory that point at them: stacks, variables, module states" },
    { COL(unexplained), 11, COLUMN_RIGHT, "the rest" },
    { COL(held_by), 20, 0,
      "where such words were seen most; else the library that the type comes from" },
    { COL(object), 18, COLUMN_OBJECT, "the one with the largest surplus" },
    { COL(preview), 24, COLUMN_WIDE, "its value, shortened" },
    COLUMN_ROW_END,
};

#define SUSPECTS 3 // libraries named at most

struct cmd_native_tally {
    uint64_t objects, surplus, seen;
    uint32_t greatest;
    node object;
};

static void cmd_native_add(struct cmd_native_tally *tally, const struct heap_surplus *surplus)
{
    tally->objects++;
    tally->surplus += surplus->surplus;
    tally->seen += surplus->seen;
    if (surplus->surplus - surplus->seen >= tally->greatest) {
        tally->greatest = surplus->surplus - surplus->seen;
        tally->object = surplus->object;
    }
}

static const char *cmd_native_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void add_file(const struct python *py, int module, struct text *out)
{
    if (module < 0 || module == py->module || !py->target->modules[module].path)
        return;
    const char *name = cmd_native_base_name(py->target->modules[module].path);
    text_add_escaped(out, name, strlen(name));
}

// Names the extension modules that did not come with Python.
static void add_suspects(const struct python *py, struct text *out)
{
    unsigned found = 0;
    for (size_t i = 0; i < py->target->module_count; i++) {
        const char *path = py->target->modules[i].path;
        if (!path || strstr(path, "lib-dynload")
            || (!strstr(cmd_native_base_name(path), ".cpython-")
                && !strstr(cmd_native_base_name(path), ".abi3.so")))
            continue;
        if (found++ == SUSPECTS) {
            text_add_string(out, " ...");
            return;
        }
        text_add_string(out, found == 1 ? "perhaps " : ", ");
        add_file(py, (int)i, out);
    }
}

// Names where a C word that points at the object lies; else the library that defines its type; else
// the libraries that may be to blame.
static const char *likely_holder(const struct session *session, struct report *report, node n)
{
    const struct heap_roots *roots = &session->roots;
    const struct python *py = &session->py;
    struct text text = TEXT_INIT;
    for (size_t i = heap_roots_first(roots, n);
         i < roots->count && roots->items[i].to == n && !text.size; i++)
        if (roots->items[i].root.hold == ROOT_MAYBE)
            root_name(py, &roots->items[i].root, &text);
    const struct type *type = type_row(py->types, heap_type(&session->heap, n));
    int module = target_module_of(py->target, type->at);
    if (module < 0 && type->traverse)
        module = target_module_of(py->target, type->traverse);
    if (!text.size)
        add_file(py, module, &text);
    if (!text.size)
        add_suspects(py, &text);
    const char *kept = text.size ? report_text(report, text.data, text.size) : NULL;
    text_fini(&text);
    return kept;
}

static bool cmd_native_add_row(struct session *session, struct report *report, struct cell type,
                               const struct cmd_native_tally *tally, struct err *err)
{
    const struct cell cells[] = {
        type,
        cell_count(tally->objects),
        cell_count(tally->surplus),
        cell_count(tally->seen),
        heap_is_whole(&session->heap) ? cell_count(tally->surplus - tally->seen) : cell_null(),
        cell_text(likely_holder(session, report, tally->object)),
        cell_object(tally->object),
        cell_preview(tally->object),
    };
    return report_row(report, cells, err);
}

static bool cmd_native_by_type(struct session *session, const struct selection *selection,
                               struct report *report, struct err *err)
{
    const struct heap *heap = &session->heap;
    uint32_t types = heap_type_count(heap);
    struct cmd_native_tally *tallies = calloc((size_t)types + 1, sizeof *tallies);
    if (!tallies)
        return err_memory(err, "the table of types");
    for (size_t i = 0; i < session->roots.surplus_count; i++)
        if (selection_has(selection, session->roots.surplus[i].object))
            cmd_native_add(&tallies[heap_type(heap, session->roots.surplus[i].object)],
                           &session->roots.surplus[i]);
    bool ok = true;
    for (uint32_t t = 0; ok && t < types; t++)
        if (tallies[t].objects)
            ok = cmd_native_add_row(session, report, cell_type(t), &tallies[t], err);
    free(tallies);
    return ok;
}

static bool cmd_native_by_object(struct session *session, const struct selection *selection,
                                 struct report *report, struct err *err)
{
    for (size_t i = 0; i < session->roots.surplus_count; i++) {
        const struct heap_surplus *surplus = &session->roots.surplus[i];
        struct cmd_native_tally tally = { 0 };
        cmd_native_add(&tally, surplus);
        if (selection_has(selection, surplus->object)
            && !cmd_native_add_row(session, report, cell_type_of(surplus->object), &tally, err))
            return false;
    }
    return true;
}

static bool cmd_native_run(struct session *session, const struct args *args, struct report *report,
                           struct err *err)
{
    struct selection selection;
    if (!selection_read(&selection, session, args, err))
        return false;
    bool ok = args_has(args, "objects") ? cmd_native_by_object(session, &selection, report, err)
                                        : cmd_native_by_type(session, &selection, report, err);
    const struct heap_roots *roots = &session->roots;
    report_summary(report, "accounted", cell_count(roots->accounted));
    report_summary(report, "surplus_objects", cell_count(roots->surplus_count));
    report_summary(report, "unexplained_objects",
                   heap_is_whole(&session->heap) ? cell_count(roots->unexplained) : cell_null());
    report_summary(report, "deficit_objects", cell_count(roots->deficits));
    report->empty = "every refcount is accounted for";
    selection_fini(&selection);
    return ok;
}

static const struct option_row options[] = {
    { .name = "objects",
      .kind = OPTION_FLAG,
      .help = "one row per object instead of one per type" },
    OPTION_ROW_TYPE,
    OPTION_ROW_SORT,
    OPTION_ROW_LIMIT,
    OPTION_ROW_END,
};

const struct command cmd_native = {
    .name = "native",
    .usage = "[--objects] [-t TYPE] [-n N]",
    .summary = "objects that C code holds: references that nothing known accounts for",
    .help =
        "Every refcount is compared with the references found: from objects, from the interpreter, "
        "from frames. What exceeds them is held by C code. `seen` counts words in C memory "
        "(machine stacks, variables of libraries, states of modules) that point at such objects; a "
        "leftover word there may be taken for a reference. `unexplained` is the rest: memory that "
        "an extension allocated for itself, or references that it took and never released.\n"
        "\n"
        "Immortal objects, those in a program's own data, and those with a deferred refcount are "
        "not accounted for.",
    .example = "native -n 10",
    .options = options,
    .columns = columns,
    .sort = COL_unexplained,
    .needs = NEEDS_ROOTS,
    .run = cmd_native_run,
};
