// SPDX-License-Identifier: GPL-3.0-or-later
// Merged paths: see path_shapes.h.
//
//  1. mark     the objects asked about, and everything on their paths
//  2. walk     in the order of the paths: an object's shape is its predecessor's plus the label of
//              the reference between them; repeated steps are folded here
//  3. tally    by shape, then by the shape's text
#include "finding/path_shapes.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "graph/marks.h"
#include "heap/names/edge.h"
#include "py/objects/str.h"
#include "py/objects/type.h"

#define SHAPES_MAX 65536
#define DEPTH_MAX 48       // labels
#define PERIOD_MAX 5       // labels of a repetition that is folded
#define LOOPS_MAX 4        // different repetitions at one shape
#define RUN_LEAST 5        // nested plain containers before they count as a repetition
#define ATTRIBUTES_MAX 512 // with more than this, an object's names are data
#define NAME_MOST 400      // bytes
#define PROGRESS_EVERY (1u << 18)
#define NO_SHAPE UINT32_MAX

struct shape_entry {
    uint32_t parent; // NO_SHAPE: a root
    uint32_t label, type, depth;
    uint32_t loops[LOOPS_MAX], loop_count;
    uint32_t most;   // passes
    uint32_t period; // labels of its first loop
    bool is_cut;     // longer paths are counted here
    uint64_t objects, bytes;
    node largest;
};

struct shape_walk {
    const struct path_shapes_question *q;
    struct path_shapes *out;
    struct names labels, index; // texts of labels; (parent, label, type) -> shape
    const char **texts;         // by label
    size_t text_count, text_capacity;
    struct shape_entry *entries;
    size_t count, capacity;
    uint32_t *of;                     // per object: its shape
    uint32_t *passes;                 // per object: how often its repetition was passed
    uint32_t *run;                    // per object: the shape of that repetition
    uint64_t *asked, *inner, *spaces; // marks: on a path; with more after it; dicts of attributes
    struct heap_edges edges;
    struct text text;
};

// --- labels and shapes --------------------------------------------------------------------------

static bool path_shapes_label(struct shape_walk *w, const struct text *text, uint32_t *label,
                              struct err *err)
{
    const char *kept;
    if (!text_ok(text, err)
        || !names_intern(&w->labels, text_string(text), text->size, label, &kept, err))
        return false;
    if (*label < w->text_count)
        return true;
    if (!vec_grow(&w->texts, &w->text_capacity, w->text_count + 1, sizeof *w->texts, err))
        return false;
    w->texts[w->text_count++] = kept;
    return true;
}

static bool path_shapes_enter(struct shape_walk *w, uint32_t parent, uint32_t label, uint32_t type,
                              uint32_t *shape, struct err *err)
{
    const uint32_t key[] = { parent, label, type };
    const char *kept;
    if (!names_intern(&w->index, (const char *)key, sizeof key, shape, &kept, err))
        return false;
    if (*shape < w->count)
        return true;
    if (!vec_grow(&w->entries, &w->capacity, w->count + 1, sizeof *w->entries, err))
        return false;
    w->entries[w->count++] =
        (struct shape_entry){ .parent = parent,
                              .label = label,
                              .type = type,
                              .depth = parent == NO_SHAPE ? 0 : w->entries[parent].depth + 1,
                              .largest = NODE_NONE };
    return true;
}

static uint32_t path_shapes_up(const struct shape_walk *w, uint32_t shape, uint32_t steps)
{
    for (; steps && shape != NO_SHAPE; steps--)
        shape = w->entries[shape].parent;
    return shape;
}

static bool path_shapes_is_container(const struct shape_walk *w, uint32_t type)
{
    const struct type *row = type_row(w->q->heap->py->types, type);
    return !row->is_python_class
           && (row->flags
               & (TPFLAGS_LIST_SUBCLASS | TPFLAGS_DICT_SUBCLASS | TPFLAGS_TUPLE_SUBCLASS));
}

// The shape to which a step from `from` to an object of this type returns, or NO_SHAPE. It returns
// if the last two objects of that type (five, if they are containers) are as many steps apart as
// this one is from the last.
static uint32_t path_shapes_fold(const struct shape_walk *w, uint32_t from, uint32_t type,
                                 uint32_t *period)
{
    uint32_t least = path_shapes_is_container(w, type) ? RUN_LEAST : 2;
    for (uint32_t p = 1; p <= PERIOD_MAX; p++) {
        uint32_t back = path_shapes_up(w, from, p - 1), at = back, met = 0;
        while (at != NO_SHAPE && w->entries[at].type == type && met < least) {
            met++;
            at = path_shapes_up(w, at, p);
        }
        *period = p;
        if (met == least)
            return back;
    }
    return NO_SHAPE;
}

// The labels of the last `count` steps, the deepest last.
static void path_shapes_add_steps(const struct shape_walk *w, uint32_t shape, uint32_t count,
                                  struct text *out)
{
    for (uint32_t i = count; i-- > 0;)
        text_add_string(out, w->texts[w->entries[path_shapes_up(w, shape, i)].label]);
}

// Adds the repetition of labels that led back to `back`.
static bool path_shapes_add_loop(struct shape_walk *w, uint32_t back, uint32_t from, uint32_t label,
                                 uint32_t period, struct err *err)
{
    struct shape_entry *entry = &w->entries[back];
    uint32_t loop;
    text_clear(&w->text);
    path_shapes_add_steps(w, from, period - 1, &w->text);
    text_add_string(&w->text, w->texts[label]);
    if (!path_shapes_label(w, &w->text, &loop, err))
        return false;
    for (uint32_t i = 0; i < entry->loop_count; i++)
        if (entry->loops[i] == loop)
            return true;
    if (!entry->loop_count)
        entry->period = period;
    entry->is_cut |= entry->loop_count == LOOPS_MAX;
    if (entry->loop_count == LOOPS_MAX)
        return true;
    uint32_t i = entry->loop_count++;
    for (; i && strcmp(w->texts[entry->loops[i - 1]], w->texts[loop]) > 0; i--)
        entry->loops[i] = entry->loops[i - 1];
    entry->loops[i] = loop;
    return true;
}

// Assigns a shape to the object that a reference with this label leads to.
static bool path_shapes_step(struct shape_walk *w, node from, node to, const struct text *name,
                             struct err *err)
{
    uint32_t shape = w->of[from], type = heap_type(w->q->heap, to), label, period;
    if (!path_shapes_label(w, name, &label, err))
        return false;
    uint32_t back = path_shapes_fold(w, shape, type, &period);
    w->run[to] = w->run[from];
    w->passes[to] = w->passes[from];
    if (back != NO_SHAPE) {
        w->passes[to] = w->run[from] == back ? w->passes[from] + 1 : 1;
        w->run[to] = w->of[to] = back;
        if (w->entries[back].most < w->passes[to])
            w->entries[back].most = w->passes[to];
        return path_shapes_add_loop(w, back, shape, label, period, err);
    }
    if (w->entries[shape].depth >= DEPTH_MAX || w->count >= SHAPES_MAX) {
        w->entries[shape].is_cut = true;
        w->of[to] = shape;
        return true;
    }
    return path_shapes_enter(w, shape, label, type, &w->of[to], err);
}

// --- names --------------------------------------------------------------------------------------

// "co_consts[3]" -> "co_consts[*]", "local x in f() app.py:12" -> "local x in f() app.py".
static void path_shapes_add_plain(const char *edge, struct text *out)
{
    const char *bracket = strchr(edge, '['), *end = strrchr(edge, ']');
    const char *colon = strrchr(edge, ':');
    bool is_line = colon && colon[1] && !colon[1 + strspn(colon + 1, "0123456789")];
    if (bracket && end > bracket)
        text_add_format(out, "%.*s[*]%s", (int)(bracket - edge), edge, end + 1);
    else
        text_add(out, edge, is_line ? (size_t)(colon - edge) : strlen(edge));
}

static void path_shapes_name_step(const char *edge, bool is_attribute, struct text *out)
{
    size_t size = strlen(edge);
    bool is_word = is_attribute && size > 4 && !strncmp(edge, "['", 2) && edge[size - 2] == '\'';
    text_clear(out);
    if (is_word)
        text_add_format(out, ".%.*s", (int)(size - 4), edge + 2);
    else if (*edge == '[' || *edge == '{')
        text_add_string(out, *edge == '[' ? "[*]" : "{*}");
    else if (!strncmp(edge, "key ", 4))
        text_add_string(out, ".keys()[*]");
    else {
        text_add_string(out, *edge == '.' ? "" : " -> ");
        path_shapes_add_plain(edge, out);
    }
    text_shorten(out, 0, 80);
}

// "sys.modules['app']" -> "app"; threads and lines are left out, so that they merge.
static void path_shapes_name_root(struct shape_walk *w, node n, struct text *out)
{
    const struct heap *heap = w->q->heap;
    const struct root_paths_module *module = root_paths_module(w->q->paths, n);
    text_clear(out);
    if (module) {
        marks_set(w->spaces, n);
        str_append(heap->py, module->name, 200, out);
        if (out->size)
            return;
    }
    size_t index = heap_roots_first(w->q->roots, n);
    if (index >= w->q->roots->count) {
        text_add_string(out, "(immortal)");
        return;
    }
    struct text name = TEXT_INIT;
    root_name(heap->py, &w->q->roots->items[index].root, &name);
    const char *root = text_string(&name), *rest;
    if (!strncmp(root, "thread ", 7) && (rest = strchr(root + 7, ' ')))
        root = rest + 1;
    for (const char *p = root; *p; p++) {
        size_t digits = *p == ':' ? strspn(p + 1, "0123456789") : 0;
        if (digits)
            p += digits;
        else
            text_add_char(out, *p);
    }
    text_fini(&name);
}

static bool path_shapes_begin(struct shape_walk *w, node n, struct err *err)
{
    uint32_t label;
    path_shapes_name_root(w, n, &w->text);
    return path_shapes_label(w, &w->text, &label, err)
           && path_shapes_enter(w, NO_SHAPE, label, heap_type(w->q->heap, n), &w->of[n], err);
}

// A class goes by its own name, wherever the path to it began.
static bool path_shapes_begin_class(struct shape_walk *w, node n, bool *is_class, struct err *err)
{
    const struct python *py = w->q->heap->py;
    const struct type *kind = type_row(py->types, heap_type(w->q->heap, n));
    const struct type *class = kind->is_metatype ? type_at(py, heap_addr(w->q->heap, n)) : NULL;
    uint32_t label;
    *is_class = class != NULL;
    if (!class)
        return true;
    text_clear(&w->text);
    text_add_string(&w->text, class->name);
    return path_shapes_label(w, &w->text, &label, err)
           && path_shapes_enter(w, NO_SHAPE, label, heap_type(w->q->heap, n), &w->of[n], err);
}

static bool path_shapes_child(struct shape_walk *w, node from, node to, const char *edge,
                              bool is_attribute, struct err *err)
{
    bool is_class;
    if (!path_shapes_begin_class(w, to, &is_class, err) || is_class)
        return is_class;
    if (!strcmp(edge, ".__dict__")) { // stays at the same shape
        marks_set(w->spaces, to);
        w->of[to] = w->of[from];
        w->run[to] = w->run[from];
        w->passes[to] = w->passes[from];
        return true;
    }
    path_shapes_name_step(edge, is_attribute, &w->text);
    struct text name = w->text; // the step reuses the buffer
    w->text = (struct text)TEXT_INIT;
    bool ok = path_shapes_step(w, from, to, &name, err);
    text_fini(&name);
    return ok;
}

static bool path_shapes_name_children(struct shape_walk *w, node n, struct err *err)
{
    const struct root_paths *paths = w->q->paths;
    w->edges.count = 0;
    text_clear(&w->edges.names);
    if (!heap_referents(w->q->heap, n, SIZE_MAX, &w->edges, err))
        return false;
    bool is_attribute = marks_has(w->spaces, n)
                        && (w->edges.count <= ATTRIBUTES_MAX || root_paths_module(paths, n));
    for (size_t i = 0; i < w->edges.count; i++) {
        const struct heap_edge *edge = &w->edges.items[i];
        if (paths->from[edge->to] == n && edge->to != n && marks_has(w->asked, edge->to)
            && !(edge->flags & EDGE_BORROWED) && w->of[edge->to] == NO_SHAPE
            && !path_shapes_child(w, n, edge->to, heap_edge_name(&w->edges, i), is_attribute, err))
            return false;
    }
    return true;
}

// --- marking, walking ---------------------------------------------------------------------------

static void path_shapes_mark(struct shape_walk *w, node n)
{
    const node *from = w->q->paths->from;
    while (n != NODE_NONE && from[n] != NODE_NONE && !marks_has(w->asked, n)) {
        marks_set(w->asked, n);
        if (from[n] == n)
            return;
        n = from[n];
        marks_set(w->inner, n);
    }
}

static bool path_shapes_go(struct shape_walk *w, struct err *err)
{
    const struct root_paths *paths = w->q->paths;
    for (uint32_t i = 0; i < paths->count; i++) {
        node n = paths->order[i];
        if (i % PROGRESS_EVERY == 0
            && !progress_step(w->q->progress, "merging paths", i, paths->count))
            return err_set(err, ERR_CANCELLED, "stopped while merging paths");
        if (!marks_has(w->asked, n))
            continue;
        if (w->of[n] == NO_SHAPE
            && !path_shapes_begin(w, n, err)) // also if the name of a reference is unknown
            return false;
        if (marks_has(w->inner, n) && !path_shapes_name_children(w, n, err))
            return false;
    }
    return true;
}

// --- rows ---------------------------------------------------------------------------------------

// If the first pass of a repetition is the last steps of the path, it takes their place.
static uint32_t path_shapes_take_first(const struct shape_walk *w, const struct shape_entry *entry,
                                       struct text *out)
{
    const char *loop = entry->loop_count == 1 ? w->texts[entry->loops[0]] : "";
    size_t size = strlen(loop);
    if (!size || entry->is_cut || entry->depth < entry->period || out->size < size
        || strcmp(text_string(out) + out->size - size, loop))
        return 0;
    text_truncate(out, out->size - size);
    return 1;
}

static void path_shapes_add_run(const struct shape_walk *w, const struct shape_entry *entry,
                                bool with_count, struct text *out)
{
    uint32_t count = entry->most + path_shapes_take_first(w, entry, out);
    text_add_string(out, "(-> ");
    for (uint32_t i = 0; i < entry->loop_count; i++)
        text_add_format(out, "%s%s", i ? " | " : "", w->texts[entry->loops[i]]);
    text_add_string(out, entry->is_cut ? entry->loop_count ? " | ...)" : "...)" : ")");
    if (!with_count || !entry->loop_count)
        return;
    text_add_string(out, " x ");
    text_add_count(out, count);
}

// Renders from the root down, at most DEPTH_MAX steps.
static void path_shapes_render(const struct shape_walk *w, uint32_t shape, bool with_count,
                               struct text *out)
{
    uint32_t way[DEPTH_MAX + 2], count = 0;
    for (uint32_t at = shape; at != NO_SHAPE && count < DEPTH_MAX + 2; at = w->entries[at].parent)
        way[count++] = at;
    text_clear(out);
    while (count-- > 0) {
        const struct shape_entry *entry = &w->entries[way[count]];
        text_add_string(out, w->texts[entry->label]);
        if (entry->loop_count || entry->is_cut)
            path_shapes_add_run(w, entry, with_count, out);
    }
    text_shorten(out, 0, NAME_MOST);
}

static bool path_shapes_add_row(struct shape_walk *w, const char *text, const char *name,
                                const struct shape_entry *tally, struct err *err)
{
    struct path_shapes *out = w->out;
    uint32_t number;
    const char *key;
    if (!names_intern(&out->keys, name, strlen(name), &number, &key, err)
        || !vec_grow(&out->items, &out->capacity, (size_t)number + 1, sizeof *out->items, err))
        return false;
    struct path_shapes_row *row = &out->items[number];
    if (number >= out->count) {
        *row = (struct path_shapes_row){ .key = key, .object = NODE_NONE };
        out->count = (size_t)number + 1;
    }
    bool larger = row->object == NODE_NONE
                  || heap_size(w->q->heap, tally->largest) > heap_size(w->q->heap, row->object);
    if (larger)
        row->object = tally->largest;
    if (!row->text || tally->objects > row->objects)
        row->text = arena_string(&out->arena, text);
    row->objects += tally->objects;
    row->bytes += tally->bytes;
    return row->text || err_memory(err, "merged paths");
}

static void path_shapes_count(struct shape_entry *tally, const struct heap *heap, node n)
{
    tally->objects++;
    tally->bytes += heap_own(heap, n);
    if (tally->largest == NODE_NONE || heap_size(heap, n) > heap_size(heap, tally->largest))
        tally->largest = n;
}

static bool path_shapes_add_rows(struct shape_walk *w, const struct shape_entry *garbage,
                                 struct err *err)
{
    static const char nobody[] = "garbage: no root reaches it";
    struct text text = TEXT_INIT, key = TEXT_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < w->count; i++) {
        if (!w->entries[i].objects)
            continue;
        path_shapes_render(w, (uint32_t)i, true, &text);
        path_shapes_render(w, (uint32_t)i, false, &key);
        ok = text_ok(&text, err) && text_ok(&key, err)
             && path_shapes_add_row(w, text_string(&text), text_string(&key), &w->entries[i], err);
    }
    ok = ok && (!garbage->objects || path_shapes_add_row(w, nobody, nobody, garbage, err));
    text_fini(&text);
    text_fini(&key);
    return ok;
}

static bool path_shapes_tally(struct shape_walk *w, struct err *err)
{
    const struct heap *heap = w->q->heap;
    struct shape_entry garbage = { .largest = NODE_NONE };
    struct text dict = TEXT_INIT;
    text_add_string(&dict, ".__dict__");
    bool ok = true;
    for (node n = 0; ok && n < heap->node_count; n++) {
        if (!w->q->has(w->q->context, n))
            continue;
        uint32_t shape = w->of[n], label;
        if (shape != NO_SHAPE && marks_has(w->spaces, n))
            ok = path_shapes_label(w, &dict, &label, err)
                 && path_shapes_enter(w, shape, label, heap_type(heap, n), &shape, err);
        if (ok)
            path_shapes_count(shape == NO_SHAPE ? &garbage : &w->entries[shape], heap, n);
        w->out->objects++;
        w->out->bytes += heap_own(heap, n);
    }
    text_fini(&dict);
    return ok && path_shapes_add_rows(w, &garbage, err);
}

static int path_shapes_compare(const void *a, const void *b)
{
    const struct path_shapes_row *x = a, *y = b;
    if (x->objects != y->objects)
        return x->objects < y->objects ? 1 : -1;
    return strcmp(x->key, y->key);
}

static bool path_shapes_open(struct shape_walk *w, struct err *err)
{
    size_t room = (size_t)w->q->heap->node_count + 1;
    size_t words = (size_t)marks_words(w->q->heap->node_count) + 1;
    w->of = malloc(room * sizeof *w->of);
    w->run = malloc(room * sizeof *w->run);
    w->passes = calloc(room, sizeof *w->passes);
    w->asked = calloc(words, sizeof *w->asked);
    w->inner = calloc(words, sizeof *w->inner);
    w->spaces = calloc(words, sizeof *w->spaces);
    if (!w->of || !w->run || !w->passes || !w->asked || !w->inner || !w->spaces)
        return err_memory(err, "merged paths");
    memset(w->of, 0xff, room * sizeof *w->of);
    memset(w->run, 0xff, room * sizeof *w->run);
    return true;
}

static void path_shapes_close(struct shape_walk *w)
{
    names_fini(&w->labels);
    names_fini(&w->index);
    free(w->texts);
    free(w->entries);
    free(w->of);
    free(w->run);
    free(w->passes);
    free(w->asked);
    free(w->inner);
    free(w->spaces);
    heap_edges_fini(&w->edges);
    text_fini(&w->text);
}

bool path_shapes_find(struct path_shapes *shapes, const struct path_shapes_question *question,
                      struct err *err)
{
    *shapes = (struct path_shapes){ .keys = NAMES_INIT, .arena = ARENA_INIT };
    struct shape_walk w = {
        .q = question, .out = shapes, .labels = NAMES_INIT, .index = NAMES_INIT
    };
    bool ok = path_shapes_open(&w, err);
    for (node n = 0; ok && n < question->heap->node_count; n++)
        if (question->has(question->context, n))
            path_shapes_mark(&w, n);
    ok = ok && path_shapes_go(&w, err) && path_shapes_tally(&w, err);
    path_shapes_close(&w);
    if (ok && shapes->count)
        qsort(shapes->items, shapes->count, sizeof *shapes->items, path_shapes_compare);
    for (size_t i = 0; ok && i < shapes->count; i++)
        ok = names_put(&shapes->keys, shapes->items[i].key, strlen(shapes->items[i].key),
                       (uint32_t)i, err);
    if (!ok)
        path_shapes_free(shapes);
    return ok;
}

void path_shapes_free(struct path_shapes *shapes)
{
    free(shapes->items);
    names_fini(&shapes->keys);
    arena_fini(&shapes->arena);
    *shapes = (struct path_shapes){ 0 };
}
