// SPDX-License-Identifier: GPL-3.0-or-later
// Hiding values and names: see redaction.h.
#include "heap/saved/redaction.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "graph/marks.h"
#include "heap/analysis/collect.h"
#include "py/kinds/kind.h"
#include "py/runtime/saved_python.h"
#include "py/objects/type.h"
#include "target/saved_memory.h"

#define ROOM 4096
#define PROGRESS_EVERY (1u << 18)

// --- the form of the references' names ----------------------------------------------------------

struct forms {
    const struct heap *heap;
    struct skeleton *skeleton;
    uint64_t at, end; // the holder's remaining edges
    bool astray;      // they differ from what the decoder reports now
    bool failed;
    struct err *err;
};

// Decoders' names of members are static: the pointer tells them apart.
static uint32_t redaction_member(struct forms *forms, const char *name)
{
    struct skeleton *skeleton = forms->skeleton;
    for (size_t i = skeleton->member_count; i-- > 0;)
        if (skeleton->members[i] == name)
            return (uint32_t)i;
    if (skeleton->member_count >= SKELETON_NUMBER
        || !vec_grow(&skeleton->members, &skeleton->member_capacity, skeleton->member_count + 1,
                     sizeof *skeleton->members, forms->err)) {
        forms->failed = true;
        return SKELETON_NUMBER;
    }
    skeleton->members[skeleton->member_count] = name;
    return (uint32_t)skeleton->member_count++;
}

static uint32_t form(struct forms *forms, struct ref_name name)
{
    uint32_t number = 0;
    switch (name.kind) {
    case REF_MEMBER:
        number = redaction_member(forms, (const char *)(uintptr_t)name.value);
        break;
    case REF_INDEX:
    case REF_STACK:
    case REF_NODE:
    case REF_STATE:
    case REF_OFFSET:
        number = name.value < SKELETON_NUMBER ? (uint32_t)name.value : SKELETON_NUMBER;
        break;
    default: // addresses of names and keys
        break;
    }
    return (uint32_t)name.kind << SKELETON_SHIFT | number;
}

// refs->full: the references are those of when the heap was built, in the same order.
static void redaction_take(struct refs *refs)
{
    struct forms *forms = refs->context;
    const struct heap *heap = forms->heap;
    for (size_t i = 0; i < refs->count; i++) {
        node to = address_map_node(&heap->addresses, refs->to[i] & ~(addr)REF_FLAGS);
        if (to == NODE_NONE)
            continue;
        if (forms->at == forms->end || (heap->forward.to[forms->at] & EDGE_NODE) != to) {
            forms->astray = true;
            continue;
        }
        forms->skeleton->names[forms->at++] = form(forms, refs->names[i]);
    }
    refs->count = 0;
}

static void keep_node(struct forms *forms, node n, addr at, struct refs *refs)
{
    const struct heap *heap = forms->heap;
    const struct type *type = type_row(heap->py->types, heap_type(heap, n));
    uint64_t first = csr_first(&heap->forward, n);
    forms->at = first;
    forms->end = csr_end(&heap->forward, n);
    forms->astray = false;
    if (forms->at == forms->end)
        return;
    if (heap_evidence(heap, n) == EVIDENCE_DECODED || heap_evidence(heap, n) == EVIDENCE_GUESSED) {
        kind_refs(heap->py, type, at, refs);
        redaction_take(refs);
    }
    if (!forms->astray && forms->at == forms->end)
        return;
    for (uint64_t e = first; e < forms->end; e++) // better no name than a wrong one
        forms->skeleton->names[e] = SKELETON_UNKNOWN << SKELETON_SHIFT;
}

static bool keep_objects(struct skeleton *skeleton, const struct heap *heap,
                         const struct progress *progress, struct err *err)
{
    uint64_t to[ROOM];
    struct ref_name names[ROOM];
    struct forms forms = { .heap = heap, .skeleton = skeleton, .err = err };
    uint64_t left = kind_words_most(heap->py);
    struct refs refs = { .to = to,
                         .names = names,
                         .capacity = ROOM,
                         .left = &left,
                         .full = redaction_take,
                         .context = &forms };
    struct address_map_walk walk;
    for (address_map_begin(&walk, &heap->addresses); address_map_next(&walk);) {
        skeleton->refcounts[walk.node] = heap_refcount(heap, walk.node);
        uint64_t *length = &skeleton->lengths[walk.node];
        if (!heap_length(heap, walk.node, length))
            *length = SKELETON_NO_LENGTH;
        if (collect_has_finalizer(heap, walk.node))
            marks_set(skeleton->finalizers, walk.node);
        keep_node(&forms, walk.node, walk.at, &refs);
        if (forms.failed)
            return false;
        if (walk.node % PROGRESS_EVERY == 0
            && !progress_step(progress, "redacting", walk.node, heap->node_count))
            return err_set(err, ERR_CANCELLED, "redacting was stopped");
    }
    return true;
}

// Copies the members' names: a heap may outlive the program that saved it.
static bool own_members(struct skeleton *skeleton, struct err *err)
{
    for (size_t i = 0; i < skeleton->member_count; i++) {
        skeleton->members[i] = arena_string(&skeleton->texts, skeleton->members[i]);
        if (!skeleton->members[i])
            return err_memory(err, "the names of members");
    }
    return true;
}

static bool keep_run(struct skeleton_run *saved, const struct heap *heap, int generation,
                     const struct progress *progress, struct err *err)
{
    struct collection run;
    if (!collect_run(heap, generation, -1, &run, progress, err))
        return false;
    *saved = (struct skeleton_run){
        .runs = run.runs,
        .returns_known = run.returns_known && run.returns == run.unreachable,
        .refs = run.refs,
        .fate = run.fate,
    };
    run.refs = NULL; // `saved` owns them now
    run.fate = NULL;
    saved->many = malloc((run.count_count + 1) * sizeof *saved->many);
    for (node n = 0; saved->many && n < heap->node_count; n++)
        if (saved->refs[n] == REFS_MANY)
            saved->many[saved->many_count++] =
                (struct skeleton_count){ n, run.counts[map_get(&run.many, n)] };
    collect_fini(&run);
    return saved->many || err_memory(err, "the dry run");
}

static struct skeleton *redaction_keep(const struct heap *heap, const struct progress *progress,
                                       struct err *err)
{
    struct skeleton *skeleton = calloc(1, sizeof *skeleton);
    size_t nodes = (size_t)heap->node_count + 1;
    if (!skeleton) {
        err_memory(err, "what a redacted heap keeps");
        return NULL;
    }
    skeleton->refcounts = malloc(nodes * sizeof *skeleton->refcounts);
    skeleton->lengths = malloc(nodes * sizeof *skeleton->lengths);
    skeleton->finalizers = calloc(marks_words(heap->node_count) + 1, sizeof *skeleton->finalizers);
    skeleton->names = malloc((size_t)(heap->forward.edge_count + 1) * sizeof *skeleton->names);
    bool ok = (skeleton->refcounts && skeleton->lengths && skeleton->finalizers && skeleton->names)
              || err_memory(err, "what a redacted heap keeps");
    for (int g = 0; ok && g < 3; g++)
        ok = keep_run(&skeleton->runs[g], heap, g, progress, err);
    ok = ok && keep_objects(skeleton, heap, progress, err) && own_members(skeleton, err);
    if (ok)
        return skeleton;
    skeleton_free(skeleton);
    return NULL;
}

// --- roots --------------------------------------------------------------------------------------

// The roots again, each with the name that may be shown.
static struct heap_root *redact_roots(struct redaction *r, const struct heap_roots *roots,
                                      struct err *err)
{
    struct heap_root *items = malloc((roots->count + 1) * sizeof *items);
    struct text text = TEXT_INIT;
    bool ok = items;
    for (size_t i = 0; ok && i < roots->count; i++) {
        text_clear(&text);
        root_name_public(r->heap->py, &roots->items[i].root, &text);
        items[i] = roots->items[i];
        items[i].root.what = arena_copy(&r->texts, text_string(&text), text.size);
        items[i].root.detail = 0;
        ok = items[i].root.what && !text.failed;
    }
    text_fini(&text);
    if (ok)
        return items;
    free(items);
    err_memory(err, "the roots' names");
    return NULL;
}

// --- the target ---------------------------------------------------------------------------------

static char *redaction_path(const char *path)
{
    return path ? strdup(disclose_path(DISCLOSE_SHAPE, path)) : NULL;
}

static bool hide_modules(struct redaction *r, struct target *t, struct err *err)
{
    r->module_paths = calloc(t->module_count + 1, sizeof *r->module_paths);
    r->module_files = calloc(t->module_count + 1, sizeof *r->module_files);
    if (!r->module_paths || !r->module_files)
        return err_memory(err, "the modules' names");
    for (size_t i = 0; i < t->module_count; i++) {
        struct module *m = &t->modules[i];
        r->module_paths[i] = m->path;
        r->module_files[i] = m->file;
        m->path = redaction_path(m->path);
        m->file = redaction_path(m->file);
    }
    return true;
}

static void show_modules(struct redaction *r, struct target *t)
{
    for (size_t i = 0; r->module_paths && r->module_files && i < t->module_count; i++) {
        struct module *m = &t->modules[i];
        free(m->path);
        free(m->file);
        m->path = r->module_paths[i];
        m->file = r->module_files[i];
    }
    free(r->module_paths);
    free(r->module_files);
}

static void hide_target(struct redaction *r, struct python *py)
{
    struct target *t = py->target;
    r->path = t->path;
    r->command = t->command;
    r->segment_count = t->segment_count;
    t->path = t->command = NULL;
    t->segment_count = 0;
    t->last = NULL;
    memcpy(r->source, py->layout.source, sizeof r->source);
    memcpy(r->warnings, py->warnings, sizeof r->warnings);
    disclose_path_within(DISCLOSE_SHAPE, py->layout.source);
    *py->warnings = 0;
    py->disclosure = DISCLOSE_SHAPE;
}

static void show_target(struct redaction *r, struct python *py)
{
    struct target *t = py->target;
    t->path = r->path;
    t->command = r->command;
    t->segment_count = r->segment_count;
    memcpy(py->layout.source, r->source, sizeof r->source);
    memcpy(py->warnings, r->warnings, sizeof r->warnings);
    py->disclosure = DISCLOSE_ALL;
}

// --- both ways ----------------------------------------------------------------------------------

bool redact_begin(struct redaction *r, struct heap *heap, struct heap_roots *roots,
                  const struct progress *progress, struct err *err)
{
    *r = (struct redaction){ .heap = heap, .roots = roots };
    struct heap_root *items = NULL;
    struct skeleton *skeleton = NULL;
    bool ok = (items = redact_roots(r, roots, err))
              && (skeleton = redaction_keep(heap, progress, err))
              && python_keep_gc_states(heap->py, err) && hide_modules(r, heap->py->target, err);
    if (!ok) {
        free(items);
        skeleton_free(skeleton);
        show_modules(r, heap->py->target);
        arena_fini(&r->texts);
        *r = (struct redaction){ 0 };
        return false;
    }
    r->items = roots->items;
    roots->items = items;
    heap->skeleton = skeleton;
    hide_target(r, heap->py);
    return true;
}

void redact_end(struct redaction *r)
{
    if (!r->heap)
        return;
    show_target(r, r->heap->py);
    show_modules(r, r->heap->py->target);
    free(r->roots->items);
    r->roots->items = r->items;
    skeleton_free(r->heap->skeleton);
    r->heap->skeleton = NULL;
    arena_fini(&r->texts);
    *r = (struct redaction){ 0 };
}
