// SPDX-License-Identifier: GPL-3.0-or-later
// Paths from names: see root_paths.h. A breadth-first walk in rounds over one queue.
#include "finding/root_paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/vec.h"
#include "graph/marks.h"
#include "py/objects/dict.h"
#include "py/runtime/frames.h"
#include "py/objects/str.h"
#include "py/objects/type.h"

// How many objects of the queue ahead the walk asks memory for: their offsets first, then their references.
#define FAR_AHEAD 16
#define NEAR_AHEAD 8
#define PROGRESS_EVERY (1u << 18)

// --- modules ------------------------------------------------------------------------------------

bool root_paths_is_library(const char *file, const char *standard)
{
    if (!file || !*file || *file == '<')
        return true;
    size_t size = standard ? strlen(standard) : 0;
    if (size && !strncmp(file, standard, size) && file[size] == '/')
        return true;
    return strstr(file, "/site-packages/") || strstr(file, "/dist-packages/");
}

static bool root_paths_module_file(const struct heap *heap, node dict, struct text *out)
{
    text_clear(out);
    addr file = dict_lookup(heap->py, heap_addr(heap, dict), "__file__");
    struct str_view view;
    if (!file || !str_view(heap->py, file, &view))
        return false;
    str_append(heap->py, file, 4096, out);
    return true;
}

// Finds the folder of the standard library: that of os.py.
static void root_paths_find_standard(const struct root_paths *paths, const struct heap *heap,
                                     struct text *out)
{
    for (size_t i = 0; i < paths->module_count; i++) {
        if (!str_equals(heap->py, paths->modules[i].name, "os")
            || !root_paths_module_file(heap, paths->modules[i].dict, out))
            continue;
        char *slash = strrchr(out->data, '/');
        text_truncate(out, slash ? (size_t)(slash - out->data) : 0);
        return;
    }
    text_clear(out);
}

// A __main__ module without a file is code that somebody typed.
static void root_paths_tell_libraries(struct root_paths *paths, const struct heap *heap)
{
    struct text standard = TEXT_INIT, file = TEXT_INIT;
    root_paths_find_standard(paths, heap, &standard);
    for (size_t i = 0; i < paths->module_count; i++) {
        struct root_paths_module *module = &paths->modules[i];
        bool has_file = root_paths_module_file(heap, module->dict, &file);
        module->is_library =
            root_paths_is_library(has_file ? text_string(&file) : NULL, text_string(&standard))
            && (has_file || !str_equals(heap->py, module->name, "__main__"));
    }
    paths->standard = standard.size ? text_detach(&standard) : NULL;
    text_fini(&standard);
    text_fini(&file);
}

static int root_paths_by_dict(const void *a, const void *b)
{
    const struct root_paths_module *x = a, *y = b;
    return (x->dict > y->dict) - (x->dict < y->dict);
}

static bool root_paths_list_modules(struct root_paths *paths, const struct heap *heap,
                                    const struct heap_roots *roots, struct err *err)
{
    for (size_t i = 0; i < roots->count; i++) {
        const struct heap_root *item = &roots->items[i];
        if (item->root.kind != ROOT_GLOBALS)
            continue;
        if (!vec_grow(&paths->modules, &paths->module_capacity, paths->module_count + 1,
                      sizeof *paths->modules, err))
            return false;
        paths->modules[paths->module_count++] =
            (struct root_paths_module){ .dict = item->to, .name = item->root.detail };
    }
    if (paths->module_count)
        qsort(paths->modules, paths->module_count, sizeof *paths->modules, root_paths_by_dict);
    root_paths_tell_libraries(paths, heap);
    return true;
}

const struct root_paths_module *root_paths_module(const struct root_paths *paths, node dict)
{
    const struct root_paths_module key = { .dict = dict };
    return paths->module_count ? bsearch(&key, paths->modules, paths->module_count,
                                         sizeof *paths->modules, root_paths_by_dict)
                               : NULL;
}

// --- what a narrow walk does not enter -----------------------------------------------------------

struct walker {
    struct root_paths *paths;
    const struct heap *heap;
    const struct heap_roots *roots;
    struct names programs; // names of modules of the program
    uint64_t *shut;        // marks: not entered while `narrow`
    uint64_t
        *open; // marks: live, and not reached yet; stays in the cache where paths->from does not
    uint32_t head;
    bool narrow;
    const struct progress *progress;
    bool stopped;
    const struct without *without; // null: no reference is ignored
};

static bool root_paths_ways_is_class(const struct type *type)
{
    return type->is_metatype || (type->flags & TPFLAGS_TYPE_SUBCLASS);
}

// A class's module is its full name without the class's own part.
static bool root_paths_is_program(const struct walker *walker, node class)
{
    const struct type *type = type_at(walker->heap->py, heap_addr(walker->heap, class));
    const char *dot = type ? strchr(type->name, '.') : NULL;
    for (; dot; dot = strchr(dot + 1, '.'))
        if (names_get(&walker->programs, type->name, (size_t)(dot - type->name)) != NAMES_NONE)
            return true;
    return false;
}

// Shuts what is in a library's namespace: it is the library's, whatever else leads there.
static void root_paths_shut_values(struct walker *walker, node dict)
{
    const struct csr *forward = &walker->heap->forward;
    for (uint64_t e = csr_first(forward, dict); e < csr_end(forward, dict); e++)
        marks_set(walker->shut, forward->to[e] & EDGE_NODE);
}

static void root_paths_shut_class(struct walker *walker, node class)
{
    const struct heap *heap = walker->heap;
    const struct type *type = type_at(heap->py, heap_addr(heap, class));
    addr dict = type ? type_dict(heap->py, type) : 0;
    node n = dict ? heap_node_of(heap, dict) : NODE_NONE;
    if (n != NODE_NONE)
        root_paths_shut_values(walker, n);
}

// Shuts what the import system put into a module: it leads to everything that the system knows.
static void root_paths_shut_imports(struct walker *walker, node dict)
{
    static const char *const names[] = { "__loader__", "__spec__", "__builtins__" };
    const struct heap *heap = walker->heap;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        addr value = dict_lookup(heap->py, heap_addr(heap, dict), names[i]);
        node n = value ? heap_node_of(heap, value) : NODE_NONE;
        if (n != NODE_NONE)
            marks_set(walker->shut, n);
    }
}

static void root_paths_shut(struct walker *walker)
{
    const struct heap *heap = walker->heap;
    for (size_t i = 0; i < walker->paths->module_count; i++) {
        const struct root_paths_module *module = &walker->paths->modules[i];
        marks_set(walker->shut, module->dict);
        root_paths_shut_imports(walker, module->dict);
        if (module->is_library)
            root_paths_shut_values(walker, module->dict);
    }
    for (node n = 0; n < heap->node_count; n++) {
        const struct type *type = type_row(heap->py->types, heap_type(heap, n));
        if (root_paths_ways_is_class(type) && root_paths_is_program(walker, n)) {
            marks_clear(walker->shut, n);
        } else if (root_paths_ways_is_class(type)) {
            marks_set(walker->shut, n);
            root_paths_shut_class(walker, n);
        } else if (type_is_exact(type, TRAIT_MODULE | TRAIT_CODE)) {
            marks_set(walker->shut, n);
        }
    }
}

static bool root_paths_init(struct walker *walker, struct err *err)
{
    struct root_paths *paths = walker->paths;
    struct text name = TEXT_INIT;
    bool ok = walker->shut != NULL;
    for (size_t i = 0; ok && i < paths->module_count; i++) {
        text_clear(&name);
        str_append(walker->heap->py, paths->modules[i].name, 200, &name);
        uint32_t index;
        if (!paths->modules[i].is_library && name.size)
            ok = names_intern(&walker->programs, name.data, name.size, &index, NULL, err);
    }
    text_fini(&name);
    if (ok)
        root_paths_shut(walker);
    return ok || err_memory(err, "the paths to objects");
}

// --- walking ------------------------------------------------------------------------------------

static void root_paths_reach(struct walker *walker, node n, node from)
{
    struct root_paths *paths = walker->paths;
    marks_clear(walker->open, n);
    paths->from[n] = from;
    paths->order[paths->count++] = n;
}

static void root_paths_begin(struct walker *walker, node n)
{
    if (!marks_has(walker->open, n)
        || (walker->without && walker->without->fate[n] != WITHOUT_LIVES))
        return;
    root_paths_reach(walker, n, n);
}

// Always inline: gcc takes a function that only prefetches for one without an effect.
__attribute__((always_inline)) static inline void root_paths_prefetch(const struct walker *walker)
{
    const struct csr *forward = &walker->heap->forward;
    const node *queue = walker->paths->order + walker->head;
    uint32_t left = walker->paths->count - walker->head;
    if (left > FAR_AHEAD)
        __builtin_prefetch(&forward->offset[queue[FAR_AHEAD]]);
    if (left > NEAR_AHEAD)
        __builtin_prefetch(&forward->to[csr_first(forward, queue[NEAR_AHEAD])]);
}

static bool root_paths_goes_on(struct walker *walker)
{
    if (walker->head % PROGRESS_EVERY == 0
        && !progress_step(walker->progress, "walking from the roots", walker->head,
                          walker->heap->node_count))
        walker->stopped = true;
    return walker->head < walker->paths->count && !walker->stopped;
}

static void root_paths_go(struct walker *walker)
{
    const struct csr *forward = &walker->heap->forward;
    while (root_paths_goes_on(walker)) {
        root_paths_prefetch(walker);
        node n = walker->paths->order[walker->head++];
        for (uint64_t e = csr_first(forward, n); e < csr_end(forward, n); e++) {
            uint32_t word = forward->to[e];
            node to = word & EDGE_NODE;
            if (!(word & EDGE_BORROWED) && marks_has(walker->open, to)
                && !(walker->narrow && marks_has(walker->shut, to))
                && !(walker->without && fall_is_gone(&walker->without->fall, e)))
                root_paths_reach(walker, to, n);
        }
    }
}

static void root_paths_begin_modules(struct walker *walker, bool libraries)
{
    const struct root_paths *paths = walker->paths;
    for (size_t i = 0; i < paths->module_count; i++)
        if (paths->modules[i].is_library == libraries)
            root_paths_begin(walker, paths->modules[i].dict);
}

// Begins with the local variables of functions in the program's own files.
static void root_paths_begin_locals(struct walker *walker)
{
    const struct python *py = walker->heap->py;
    struct text file = TEXT_INIT;
    addr last = 0; // the previous frame, and whether it is the program's
    bool is_program = false;
    for (size_t i = 0; i < walker->roots->count; i++) {
        const struct root *root = &walker->roots->items[i].root;
        struct frame frame;
        if (root->kind != ROOT_LOCAL)
            continue;
        if (root->detail != last) {
            text_clear(&file);
            is_program = frame_at(py, root->detail, &frame);
            if (is_program)
                str_append(py, frame_file(py, &frame), 4096, &file);
            is_program =
                file.size && !root_paths_is_library(text_string(&file), walker->paths->standard);
            last = root->detail;
        }
        if (is_program && !marks_has(walker->shut, walker->roots->items[i].to))
            root_paths_begin(walker, walker->roots->items[i].to);
    }
    text_fini(&file);
}

static void root_paths_go_all(struct walker *walker)
{
    const struct heap_roots *roots = walker->roots;
    walker->narrow = true;
    root_paths_begin_modules(walker, false);
    root_paths_go(walker);
    root_paths_begin_locals(walker);
    root_paths_go(walker);
    walker->narrow = false;
    root_paths_begin_modules(walker, true);
    root_paths_go(walker);
    walker->head = 0; // enter what the narrow walk did not
    root_paths_go(walker);
    for (size_t i = 0; i < roots->count; i++)
        if (heap_root_is_named((enum root_kind)roots->items[i].root.kind))
            root_paths_begin(walker, roots->items[i].to);
    root_paths_go(walker);
    for (node n = 0; n < walker->heap->node_count; n++)
        if (marks_has(roots->all, n))
            root_paths_begin(walker, n);
    root_paths_go(walker);
}

bool root_paths_find(struct root_paths *paths, const struct heap *heap,
                     const struct heap_roots *roots, const struct progress *progress,
                     struct err *err)
{
    return root_paths_find_without(paths, heap, roots, NULL, progress, err);
}

bool root_paths_find_without(struct root_paths *paths, const struct heap *heap,
                             const struct heap_roots *roots, const struct without *without,
                             const struct progress *progress, struct err *err)
{
    size_t count = (size_t)heap->node_count + 1, words = marks_words(heap->node_count) + 1;
    *paths = (struct root_paths){ .from = malloc(count * sizeof *paths->from),
                                  .order = malloc(count * sizeof *paths->order) };
    struct walker walker = { .paths = paths,
                             .heap = heap,
                             .roots = roots,
                             .programs = NAMES_INIT,
                             .shut = calloc(words, sizeof(uint64_t)),
                             .open = malloc(words * sizeof(uint64_t)),
                             .narrow = true,
                             .progress = progress,
                             .without = without };
    bool ok =
        paths->from && paths->order && walker.open
            ? root_paths_list_modules(paths, heap, roots, err) && root_paths_init(&walker, err)
            : err_memory(err, "the paths to objects");
    if (ok) {
        memset(paths->from, 0xff, count * sizeof *paths->from);
        memcpy(walker.open, roots->only, marks_words(heap->node_count) * sizeof(uint64_t));
        root_paths_go_all(&walker);
        ok = !walker.stopped || err_set(err, ERR_CANCELLED, "walking from the roots was cancelled");
    }
    free(walker.shut);
    free(walker.open);
    names_fini(&walker.programs);
    if (!ok)
        root_paths_free(paths);
    return ok;
}

void root_paths_free(struct root_paths *paths)
{
    free(paths->from);
    free(paths->order);
    free(paths->modules);
    free(paths->standard);
    *paths = (struct root_paths){ 0 };
}

// The root that the object's way begins at, or NODE_NONE.
static node root_paths_root(const struct root_paths *paths, node n)
{
    while (n != NODE_NONE && paths->from[n] != n)
        n = paths->from[n];
    return n;
}

enum home root_paths_home(const struct root_paths *paths, node n)
{
    node root = root_paths_root(paths, n);
    const struct root_paths_module *module =
        root == NODE_NONE ? NULL : root_paths_module(paths, root);
    return !module ? HOME_NONE : module->is_library ? HOME_LIBRARY : HOME_PROGRAM;
}
