// SPDX-License-Identifier: GPL-3.0-or-later
// A path in words, as Python source as long as Python can say it.
//
//      ".__dict__" waits: followed by "['x']" it becomes ".x", where that gives the same object
//      anything that is no attribute and no subscript (a shared key, a slot of the stack) ends the
//      source: "a.b -> key 'k'"
#include <ctype.h>
#include <string.h>

#include "heap/names/edge.h"
#include "heap/analysis/paths.h"
#include "py/objects/dict.h"
#include "py/extension/structs.h"
#include "py/objects/str.h"
#include "py/objects/type.h"

#define NAME_MOST 4096 // bytes

struct wording {
    const struct heap *heap;
    struct text name;
    bool is_source;
    bool waits;    // for what follows ".__dict__"
    bool is_class; // the __dict__ is a type's
};

// --- is it source -------------------------------------------------------------------------------

static bool is_identifier(const char *from, size_t size)
{
    static const char *const keywords[] = {
        "and",    "as",   "assert", "async",  "await",    "break", "class", "continue", "def",
        "del",    "elif", "else",   "except", "finally",  "for",   "from",  "global",   "if",
        "import", "in",   "is",     "lambda", "nonlocal", "not",   "or",    "pass",     "raise",
        "return", "try",  "while",  "with",   "yield",    "None",  "True",  "False"
    };
    if (!size || isdigit((unsigned char)*from))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)from[i]) && from[i] != '_')
            return false;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strlen(keywords[i]) == size && !memcmp(keywords[i], from, size))
            return false;
    return true;
}

// "[3]", "['key']", "[-1]", an array's "[1, 2]"; not "[<app.Node>]", nor a key that was cut.
static bool is_subscript(const char *edge)
{
    size_t size = strlen(edge);
    if (size < 3 || edge[0] != '[' || edge[size - 1] != ']')
        return false;
    if (edge[1] == '\'' || edge[1] == '"')
        return size > 4 && edge[size - 2] == edge[1] && !strstr(edge, "...");
    size_t at = 1 + (edge[1] == '-');
    for (; at < size - 1; at++)
        if (edge[at] == ',' && edge[at + 1] == ' ' && isdigit((unsigned char)edge[at + 2]))
            at++;
        else if (!isdigit((unsigned char)edge[at]))
            return false;
    return isdigit((unsigned char)edge[size - 2]) && size < 100;
}

static bool is_attribute(const char *edge)
{
    return edge[0] == '.' && is_identifier(edge + 1, strlen(edge + 1));
}

// "['x']" with an x that could stand behind a dot.
static bool is_name_key(const char *edge)
{
    size_t size = strlen(edge);
    return size > 4 && edge[0] == '[' && edge[1] == '\'' && edge[size - 2] == '\''
           && is_identifier(edge + 2, size - 4);
}

// --- which of several references ----------------------------------------------------------------

static int path_name_rank(const char *edge)
{
    return is_attribute(edge)                 ? 0
           : is_subscript(edge)               ? 1
           : edge[0] == '.' || edge[0] == '[' ? 2
                                              : 3;
}

static bool path_name_add_edge(struct heap_path *path, const struct heap *heap, size_t i,
                               struct err *err)
{
    struct heap_edges edges = { 0 };
    if (!heap_edges_between(heap, path->steps[i - 1].object, path->steps[i].object, &edges, err)) {
        heap_edges_fini(&edges);
        return false;
    }
    const char *best = "?";
    for (size_t k = 0; k < edges.count; k++) {
        const char *edge = heap_edge_name(&edges, k);
        if (!(edges.items[k].flags & EDGE_BORROWED)
            && (*best == '?' || path_name_rank(edge) < path_name_rank(best)))
            best = edge;
    }
    path->steps[i].edge = arena_string(&path->arena, best);
    heap_edges_fini(&edges);
    return path->steps[i].edge || err_memory(err, "a path");
}

// --- wording ------------------------------------------------------------------------------------

// Whether an attribute of a class evaluates to the very object in its __dict__: not if that is a
// descriptor.
static bool is_plain_value(const struct heap *heap, node value)
{
    const struct python *py = heap->py;
    const struct type *type = type_row(py->types, heap_type(heap, value));
    if (py->rules.two && type_is(type, TRAIT_FUNCTION)) // an unbound method
        return false;
    if (type_is_exact(type, TRAIT_FUNCTION | TRAIT_TYPE | TRAIT_MODULE | TRAIT_PROPERTY))
        return true;
    if (type_is(type, TRAIT_METHOD | TRAIT_BUILTIN | TRAIT_WRAPPER | TRAIT_DESCRIPTOR))
        return false;
    for (int i = 0; type && i < 64; i++) {
        if (dict_lookup(py, type_dict(py, type), "__get__"))
            return false;
        type = type_base(py, type);
    }
    return true;
}

static bool path_name_is_type(const struct heap *heap, node n)
{
    const struct type *type = type_row(heap->py->types, heap_type(heap, n));
    return type->is_metatype;
}

// Members of CPython's structs whose names mean something else in Python.
static bool is_misleading(const struct heap *heap, const char *edge, node from, node to)
{
    const struct type *holder = type_row(heap->py->types, heap_type(heap, from));
    const struct type *value = type_row(heap->py->types, heap_type(heap, to));
    if (!strcmp(edge, ".__module__") || !strcmp(edge, ".__slots__"))
        return path_name_is_type(heap, from);
    if (!strcmp(edge, ".__annotations__")) // becomes a dict only on demand
        return type_is_exact(value, TRAIT_TUPLE);
    if (!strncmp(edge, ".gi_", 4))
        return !type_is(holder, TRAIT_GENERATOR);
    return !strcmp(edge, ".groupindex") || !strcmp(edge, ".errors");
}

// A member of a struct in C that no tp_members exposes to Python.
static bool is_in_c_only(const struct heap *heap, const char *edge, node from)
{
    const struct python *py = heap->py;
    const struct type *type = type_row(py->types, heap_type(heap, from));
    if (type->kind || *edge != '.' || !structs_has(py, type, edge + 1))
        return false;
    for (int i = 0; type && i < 64; i++, type = type_base(py, type)) {
        addr found = dict_lookup(py, type_dict(py, type), edge + 1);
        const struct type *descriptor = found ? type_of(py, found) : NULL;
        if (descriptor)
            return !type_is(descriptor, TRAIT_MEMBER_DESCRIPTOR);
    }
    return true;
}

// Reading it gives something else: a lazy import (3.15), or a keyword of Python 2.
static bool is_resolved_on_sight(const struct heap *heap, const char *edge, node to)
{
    if (heap->py->rules.two)
        return !strcmp(edge, "['print']") || !strcmp(edge, "['exec']");
    return type_is(type_row(heap->py->types, heap_type(heap, to)), TRAIT_LAZY);
}

static void let_go(struct wording *wording)
{
    if (wording->waits)
        text_add_string(&wording->name, ".__dict__");
    wording->waits = false;
}

static void path_name_add_step(struct wording *wording, const char *edge, node from, node to)
{
    const struct heap *heap = wording->heap;
    bool is_dict = !strcmp(edge, ".__dict__");
    if (is_resolved_on_sight(heap, edge, to))
        wording->is_source = false;
    if (wording->waits && is_name_key(edge)
        && !(wording->is_class && (!strncmp(edge + 2, "__", 2) || !is_plain_value(heap, to)))) {
        wording->waits = false;
        text_add_char(&wording->name, '.');
        text_add_format(&wording->name, "%.*s", (int)strlen(edge) - 4, edge + 2);
        return;
    }
    let_go(wording);
    if (is_dict) {
        wording->waits = true;
        wording->is_class = path_name_is_type(heap, from);
        return;
    }
    if ((!is_attribute(edge) && !is_subscript(edge)) || is_misleading(heap, edge, from, to)
        || is_in_c_only(heap, edge, from))
        wording->is_source = false;
    if (*edge != '.' && *edge != '[')
        text_add_string(&wording->name, " -> ");
    text_add_string(&wording->name, edge);
}

// On a long path only the end gets its full name: all names together would grow with the square of
// the length.
static bool name_step(struct heap_path *path, struct wording *wording, size_t i, struct err *err)
{
    size_t kept = wording->name.size;
    if (kept > NAME_MOST && i + 1 < path->count)
        return true;
    if (wording->waits)
        text_add_string(&wording->name, ".__dict__");
    path->steps[i].name = arena_copy(&path->arena, text_string(&wording->name), wording->name.size);
    path->steps[i].is_source =
        wording->is_source && !(wording->waits && wording->is_class); // Python shows a proxy
    text_truncate(&wording->name, kept);
    return path->steps[i].name || err_memory(err, "a path");
}

// Begins with the root's name; a module's globals wait for the name in them.
static bool path_name_begin(struct heap_path *path, struct wording *wording,
                            const struct heap_roots *roots, struct err *err)
{
    const struct heap *heap = wording->heap;
    node first = path->steps[0].object;
    size_t index = heap_roots_first(roots, first);
    bool interned =
        type_row(heap->py->types, heap_type(heap, first))->flags & TPFLAGS_UNICODE_SUBCLASS
        && heap_has_values(heap) && str_is_interned(heap->py, heap_addr(heap, first));
    const char *root = interned ? "interned, and so immortal" : "immortal";
    struct text text = TEXT_INIT;
    path->kind = ROOT_IMMORTAL;
    if (index < roots->count) {
        path->kind = (enum root_kind)roots->items[index].root.kind;
        root_name(heap->py, &roots->items[index].root, &text);
        root = text_string(&text);
    }
    path->steps[0].edge = arena_string(&path->arena, root);
    text_add_string(&wording->name, root);
    bool lost = text.failed || wording->name.failed;
    text_fini(&text);
    if (lost)
        return err_memory(err, "a path");
    wording->is_source = !strncmp(text_string(&wording->name), "sys.modules", 11);
    if (path->kind == ROOT_GLOBALS && wording->is_source) {
        text_truncate(&wording->name, wording->name.size - strlen(".__dict__"));
        wording->waits = true;
    }
    return path->steps[0].edge ? name_step(path, wording, 0, err) : err_memory(err, "a path");
}

// --- what repeats -------------------------------------------------------------------------------

#define FOLD_STEPS 100  // longest path that is not folded
#define FOLD_REPEATS 16 // as few are shown
#define FOLD_PERIOD 8   // steps that repeat together

static bool path_name_same(const struct heap_path *path, const struct heap *heap, size_t i,
                           size_t k)
{
    const struct heap_step *a = &path->steps[i], *b = &path->steps[k];
    return heap_type(heap, a->object) == heap_type(heap, b->object) && !strcmp(a->edge, b->edge);
}

// How many steps from i on equal the step `period` before them.
static size_t path_name_run(const struct heap_path *path, const struct heap *heap, size_t i,
                            size_t period)
{
    size_t count = 0;
    while (i + count < path->count && path_name_same(path, heap, i + count, i + count - period))
        count++;
    return count;
}

static bool path_name_fold_run(struct heap_path *path, const struct heap *heap, size_t first,
                               size_t period, size_t repeats, struct err *err)
{
    struct wording wording = { .heap = heap };
    for (size_t i = first; i < first + period; i++)
        path_name_add_step(&wording, path->steps[i].edge, path->steps[i - 1].object,
                           path->steps[i].object);
    let_go(&wording);
    struct text text = TEXT_INIT;
    text_add_string(&text, "(-> ");
    text_add(&text, text_string(&wording.name), wording.name.size);
    text_add_string(&text, ") x ");
    text_add_count(&text, repeats);
    path->steps[first].fold = arena_copy(&path->arena, text_string(&text), text.size);
    for (size_t i = first; i < first + period * repeats; i++)
        path->steps[i].is_folded = true;
    text_fini(&text);
    text_fini(&wording.name);
    return path->steps[first].fold || err_memory(err, "a path");
}

// Keeps the first two rounds and the last one of each run. A round does not begin between an object
// and its __dict__.
static bool path_name_fold(struct heap_path *path, const struct heap *heap, struct err *err)
{
    for (size_t i = 2; path->count > FOLD_STEPS && i < path->count; i++) {
        for (size_t period = 1; period <= FOLD_PERIOD && period < i; period++) {
            size_t same = path_name_run(path, heap, i, period);
            if (same < FOLD_REPEATS * period)
                continue;
            size_t first = i + period, end = i + same;
            first += !strcmp(path->steps[first - 1].edge, ".__dict__");
            size_t repeats = (end - first) / period - 1;
            if (!path_name_fold_run(path, heap, first, period, repeats, err))
                return false;
            i = end - 1;
            break;
        }
    }
    return true;
}

static bool path_name_word(struct heap_path *path, struct wording *wording, size_t i,
                           struct err *err)
{
    const struct heap_step *step = &path->steps[i];
    if (!step->is_folded) {
        path_name_add_step(wording, step->edge, path->steps[i - 1].object, step->object);
        return name_step(path, wording, i, err);
    }
    if (step->fold) {
        let_go(wording);
        text_add_format(&wording->name, " %s ", step->fold);
        wording->is_source = false;
    }
    return true;
}

bool heap_path_name(struct heap_path *path, const struct heap *heap, const struct heap_roots *roots,
                    struct err *err)
{
    struct wording wording = { .heap = heap };
    bool ok = path_name_begin(path, &wording, roots, err);
    for (size_t i = 1; ok && i < path->count; i++)
        ok = path_name_add_edge(path, heap, i, err);
    ok = ok && path_name_fold(path, heap, err);
    for (size_t i = 1; ok && i < path->count; i++)
        ok = path_name_word(path, &wording, i, err);
    text_fini(&wording.name);
    return ok;
}
