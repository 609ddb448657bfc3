// SPDX-License-Identifier: GPL-3.0-or-later
// thread-locals: what waiting threads keep alive by their variables and threading.local data.
//
// The main thread's data is what the program works with: worth telling, no more.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"
#include "finding/buckets.h"
#include "graph/marks.h"
#include "py/runtime/frames.h"
#include "py/objects/str.h"

#define BYTES_LEAST 1024 // of one variable
#define TOLD_MAX 20

struct thread_locals_search {
    struct finder *f;
    uint64_t *seen;        // objects already counted: a variable may be in several frames
    struct buckets groups; // by thread
};

static bool is_data(const struct finder *f, node n)
{
    return finder_roles(f, n) & (ROLE_GROWS | ROLE_TUPLE | ROLE_STRING);
}

static bool thread_locals_add(struct thread_locals_search *search, size_t index, struct err *err)
{
    const struct finder *f = search->f;
    const struct heap_root *item = &f->roots->items[index];
    const struct root *root = &item->root;
    uint64_t bytes = finder_retained(f, item->to);
    bool is_local = root->kind == ROOT_LOCAL;
    bool is_dict = root->kind == ROOT_THREAD && root->what && strstr(root->what, "dict");
    struct bucket *group;
    if ((!is_local && !is_dict) || bytes < BYTES_LEAST || marks_has(search->seen, item->to)
        || !is_data(f, item->to) || root_paths_module(&f->paths, item->to))
        return true;
    marks_set(search->seen, item->to);
    uint64_t key = (uint64_t)root->interpreter << 32 | root->thread;
    if (!buckets_add(&search->groups, key, (node)index, bytes, &group, err))
        return false;
    return true;
}

// Whether the outermost frame is a module's: before 3.11 thread states do not name their threads.
static bool is_main(const struct finder *f, const struct root *root)
{
    const struct interpreter *in = &f->py->interpreters[root->interpreter];
    struct frame_walk walk;
    struct frame frame;
    bool is_module = false;
    if (root->thread >= in->thread_count)
        return false;
    if (f->py->target->pid && in->threads[root->thread].tid == (uint64_t)f->py->target->pid)
        return true;
    for (frame_walk_begin(&walk, f->py, &in->threads[root->thread]);
         frame_walk_next(&walk, &frame);)
        is_module = str_equals(f->py, frame_function(f->py, &frame), "<module>");
    return is_module;
}

static bool thread_locals_tell(struct finder *f, const struct bucket *group, struct err *err)
{
    const struct heap_root *item = &f->roots->items[group->largest];
    bool main = is_main(f, &item->root);
    enum severity severity = main ? SEVERITY_INFO : finder_severity(f, group->bytes, HOME_NONE);
    struct text name = TEXT_INIT;
    if (main && finder_severity(f, group->bytes, HOME_NONE) == SEVERITY_INFO)
        return true;
    root_name(f->py, &item->root, &name);
    bool is_local = item->root.kind == ROOT_LOCAL;
    bool ok = finder_add(
        f,
        &(struct finding){
            .severity = severity,
            .object = item->to,
            .objects = group->count,
            .bytes = group->bytes,
            .what = finder_text(
                f, "%s keeps %s%s alive", text_string(&name), finder_size(f, group->largest_bytes),
                group->count == 1 ? ""
                                  : finder_text(f, ", with the thread's other data %s",
                                                finder_size(f, group->bytes))),
            .why = finder_text(
                f, "%s: %s",
                is_local ? "a local variable lives until its function returns; a function that "
                           "waits should del what it no longer needs"
                         : "what a threading.local holds for a thread lives until the thread ends",
                finder_preview(f, item->to, 60)),
            .next = finder_text(f, "retained 0x%llx -n 10",
                                (unsigned long long)heap_addr(f->heap, item->to)),
        },
        err);
    text_fini(&name);
    return ok;
}

static bool thread_locals_find(struct finder *f, struct err *err)
{
    struct thread_locals_search search = { .f = f };
    if (!finder_need_paths(f, err))
        return false;
    search.seen = calloc((size_t)marks_words(f->heap->node_count) + 1, sizeof *search.seen);
    bool ok = search.seen || err_memory(err, "threads' locals");
    for (size_t i = 0; ok && i < f->roots->count; i++)
        ok = thread_locals_add(&search, i, err);
    buckets_sort(&search.groups);
    for (size_t i = 0; ok && i < search.groups.count && i < TOLD_MAX; i++)
        ok = thread_locals_tell(f, &search.groups.items[i], err);
    buckets_free(&search.groups);
    free(search.seen);
    return ok;
}

const struct finding_kind finding_thread_locals = {
    .name = "thread-locals",
    .help = "what local variables of waiting threads, and threading.local data, keep alive",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .needs_whole = true,
    .find = thread_locals_find,
};
