// SPDX-License-Identifier: GPL-3.0-or-later
// Forked processes that stop sharing their heap because of the collector.
//
// A full collection writes to the header of every tracked object (its count, and the links of its
// list), so that a forked process copies those pages one by one. gc.freeze() before the fork (3.7
// and later) removes existing objects from all generations. A program that forks is known by its
// objects:
//
//      multiprocessing     a popen_fork.Popen; in a child a _ParentProcess (3.8 on)
//      celery              billiard's Popens and, but in a child, its _MainProcess
//      gunicorn            Workers; in a child one of them has booted; an Arbiter knows how many
//      uwsgi               its module
//      a live process      /proc: relatives that run the same program, and share pages with it
//
// A worker of gunicorn without preload_app, or of uwsgi with lazy-apps, has loaded the application
// itself: almost none of its memory was ever shared, and nothing is reported. Which pages are
// shared is known of a live process only (target/sharing.h). Free-threaded builds are left out:
// their objects have no such headers.
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"
#include "py/objects/str.h"
#include "target/sharing.h"

#define FROZEN_LEAST 1000
#define PAGE_SHIFT 12
#define MIB (UINT64_C(1) << 20)
#define LEAST (4 * MIB) // of pages, in all processes; less is not worth telling

struct forked {
    const char *by;     // the library that forked; null: none is known
    bool is_child;      // this process is a worker; else it has workers
    bool loads_itself;  // workers load the application after the fork
    uint64_t relatives; // other workers of its parent, or its own; 0: not known
    node object;        // the evidence, an object of that library
};

struct headers {
    uint64_t frozen, objects; // tracked objects: frozen, and written by collections
    uint64_t pages;           // pages with headers that collections write
    uint64_t shared, own;     // of these pages, where the kernel tells
    uint64_t unshared;        // own pages that the parent has at the same place
    bool known;
};

// --- who forks ----------------------------------------------------------------------------------

// How many objects there are of a class or one derived from it.
static uint64_t fork_count_of(const struct finder *f, const char *name, node *example)
{
    uint64_t count = 0;
    for (uint32_t t = 0; t < heap_type_count(f->heap); t++) {
        if (f->types[t].roles & ROLE_TYPE || !f->types[t].count
            || !finder_derives(f, type_row(f->py->types, t), name))
            continue;
        count += f->types[t].count;
        uint64_t bit = f->types[t].bit;
        for (node n = 0;
             *example == NODE_NONE && (n = finder_skip(f, bit, n)) < f->heap->node_count; n++)
            if (heap_type(f->heap, n) == t)
                *example = n;
    }
    return count;
}

static bool find_multiprocessing(const struct finder *f, struct forked *forked)
{
    if (fork_count_of(f, "multiprocessing.process._ParentProcess", &forked->object))
        forked->is_child = true;
    else
        forked->relatives = fork_count_of(f, "multiprocessing.popen_fork.Popen", &forked->object);
    forked->by = "multiprocessing";
    return forked->is_child || forked->relatives;
}

static uint64_t fork_number(struct finder *f, node n)
{
    return n == NODE_NONE ? 0 : strtoull(finder_preview(f, n, 24), NULL, 10);
}

static bool is_true(struct finder *f, node n)
{
    return n != NODE_NONE && !strcmp(finder_preview(f, n, 8), "True");
}

static node fork_attribute(const struct finder *f, node n, const char *name)
{
    return n == NODE_NONE ? NODE_NONE : heap_attribute(f->heap, n, name);
}

// Celery: a worker has no _MainProcess any more. It knows the workers that were forked before it,
// and the pool's size.
static bool find_celery(struct finder *f, struct forked *forked)
{
    node main = NODE_NONE, pool = NODE_NONE;
    forked->relatives = fork_count_of(f, "billiard.popen_fork.Popen", &forked->object);
    forked->is_child = !fork_count_of(f, "billiard.process._MainProcess", &main);
    forked->by = "celery";
    if (!forked->relatives)
        return false;
    if (forked->is_child) {
        fork_count_of(f, "billiard.pool.Pool", &pool);
        uint64_t all = fork_number(f, fork_attribute(f, pool, "_processes"));
        forked->relatives = all ? all - 1 : 0;
    }
    return true;
}

static node find_booted(struct finder *f, const char *worker)
{
    uint64_t bits = 0;
    for (uint32_t t = 0; t < heap_type_count(f->heap); t++)
        if (f->types[t].roles & ROLE_INSTANCE
            && finder_derives(f, type_row(f->py->types, t), worker))
            bits |= f->types[t].bit;
    for (node n = 0; (n = finder_skip(f, bits, n)) < f->heap->node_count; n++)
        if (finder_roles(f, n) & ROLE_INSTANCE && finder_derives(f, finder_type(f, n), worker)
            && is_true(f, heap_attribute(f->heap, n, "booted")))
            return n;
    return NODE_NONE;
}

// Config.settings['preload_app'].value
static bool gunicorn_preloads(struct finder *f, node worker)
{
    node settings = fork_attribute(f, fork_attribute(f, worker, "cfg"), "settings");
    node setting = settings == NODE_NONE ? NODE_NONE : heap_item(f->heap, settings, "preload_app");
    return setting == NODE_NONE || is_true(f, fork_attribute(f, setting, "value"));
}

static bool find_gunicorn(struct finder *f, struct forked *forked)
{
    static const char worker[] = "gunicorn.workers.base.Worker";
    node arbiter = NODE_NONE;
    forked->by = "gunicorn";
    forked->relatives = fork_count_of(f, worker, &forked->object);
    if (!forked->relatives)
        return false;
    forked->loads_itself = !gunicorn_preloads(f, forked->object);
    node booted = find_booted(f, worker);
    if (booted != NODE_NONE) { // a sibling; later siblings are not among our objects
        fork_count_of(f, "gunicorn.arbiter.Arbiter", &arbiter);
        uint64_t all = fork_number(f, fork_attribute(f, arbiter, "_num_workers"));
        forked->relatives = all ? all - 1 : 0;
        forked->object = booted;
        forked->is_child = true;
    }
    return true;
}

static bool uwsgi_loads_late(const struct finder *f, node dict)
{
    node options = heap_item(f->heap, dict, "opt");
    return options != NODE_NONE
           && (heap_item(f->heap, options, "lazy-apps") != NODE_NONE
               || heap_item(f->heap, options, "lazy") != NODE_NONE);
}

// uwsgi: without a master the first worker forks the others, and masterpid is 0.
static bool find_uwsgi(struct finder *f, struct forked *forked)
{
    for (size_t i = 0; i < f->paths.module_count; i++) {
        node dict = f->paths.modules[i].dict;
        if (!str_equals(f->py, f->paths.modules[i].name, "uwsgi"))
            continue;
        uint64_t workers = fork_number(f, heap_item(f->heap, dict, "numproc"));
        uint64_t master = fork_number(f, heap_item(f->heap, dict, "masterpid"));
        forked->by = "uwsgi";
        forked->object = dict;
        forked->is_child = master != (uint64_t)f->py->target->pid;
        forked->relatives = workers && forked->is_child ? workers - 1 : workers;
        forked->loads_itself = uwsgi_loads_late(f, dict);
        return workers > !master;
    }
    return false;
}

// What /proc says of a live process counts, whatever its objects suggest.
static void ask_kernel(const struct finder *f, struct forked *forked, const struct headers *headers)
{
    struct family family;
    if (!sharing_family(f->py->target, &family))
        return;
    bool is_child = family.parent && family.siblings >= family.children;
    uint32_t relatives = is_child ? family.siblings : family.children;
    if (!forked->by && headers->known && (headers->shared || headers->unshared))
        forked->by = "os.fork()";
    if ((!relatives && !is_child) || (headers->known && !headers->shared && !headers->own))
        forked->by = NULL;
    forked->is_child = is_child;
    forked->relatives = relatives;
}

static struct forked find_forked(struct finder *f, const struct headers *headers)
{
    static bool (*const finders[])(struct finder *, struct forked *) = {
        find_gunicorn,
        find_uwsgi,
        find_celery,
    };
    struct forked forked = { .object = NODE_NONE };
    bool found = false;
    for (size_t i = 0; !found && i < sizeof finders / sizeof *finders; i++) {
        forked = (struct forked){ .object = NODE_NONE };
        found = finders[i](f, &forked);
    }
    if (!found) {
        forked = (struct forked){ .object = NODE_NONE };
        found = find_multiprocessing(f, &forked);
    }
    if (!found)
        forked = (struct forked){ .object = NODE_NONE };
    ask_kernel(f, &forked, headers);
    return forked;
}

// --- what is at stake ---------------------------------------------------------------------------

static void add_page(struct headers *headers, struct sharing *sharing, struct sharing *above,
                     addr at)
{
    headers->pages++;
    if (!headers->known)
        return;
    enum page_state state = sharing_page(sharing, at);
    headers->shared += state == PAGE_SHARED;
    headers->own += state == PAGE_OWN;
    if (state == PAGE_OWN && above->fd >= 0) {
        enum page_state there = sharing_page(above, at);
        headers->unshared += there == PAGE_OWN || there == PAGE_SHARED;
    }
}

static struct headers fork_count_headers(const struct finder *f)
{
    struct headers headers = { 0 };
    struct sharing sharing, above = { .fd = -1 };
    struct address_map_walk walk;
    addr last = UINT64_MAX;
    struct family family;
    sharing_family(f->py->target, &family);
    headers.known = sharing_open(&sharing, f->py->target, f->py->target->pid);
    if (family.parent)
        sharing_open(&above, f->py->target, family.parent);
    for (address_map_begin(&walk, &f->heap->addresses); address_map_next(&walk);) {
        if (!(f->heap->flags[walk.node] & NODE_TRACKED))
            continue;
        if (f->heap->gen[walk.node] == GEN_PERMANENT) {
            headers.frozen++;
            continue;
        }
        headers.objects++;
        addr page = (walk.at - finder_type(f, walk.node)->head) >> PAGE_SHIFT;
        if (page != last)
            add_page(&headers, &sharing, &above, page << PAGE_SHIFT);
        last = page;
    }
    sharing_close(&sharing);
    sharing_close(&above);
    if (headers.frozen
        < FROZEN_LEAST) // no more than 3.12 has frozen when it starts: nobody called gc.freeze()
        headers.frozen = 0;
    return headers;
}

// --- telling ------------------------------------------------------------------------------------

static const char *sharing_words(struct finder *f, const struct headers *headers)
{
    if (!headers->known || !(headers->shared + headers->own))
        return "a core does not tell which of them are still shared";
    return finder_text(f, "%s of them are still shared, %s belong to this process alone by now",
                       finder_size(f, headers->shared << PAGE_SHIFT),
                       finder_size(f, headers->own << PAGE_SHIFT));
}

#define OWNERS_TOLD 4
#define OWNERS_MAX 32

struct fork_owner { // rows of `memory` of one kind, added up
    const char *kind;
    uint64_t shared, own;
};

static size_t fork_owners(const struct memory *m, struct fork_owner owners[OWNERS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < m->row_count; i++) {
        const struct memory_row *row = &m->rows[i];
        size_t k = 0;
        // Pages of files are shared by all processes that map them.
        if (!strcmp(row->kind, "library") || !strcmp(row->kind, "program")
            || !strcmp(row->kind, "file") || !strcmp(row->kind, "kernel"))
            continue;
        while (k < count && strcmp(owners[k].kind, row->kind))
            k++;
        if (k == OWNERS_MAX)
            continue;
        if (k == count)
            owners[count++] = (struct fork_owner){ row->kind, 0, 0 };
        owners[k].own += row->own;
        owners[k].shared += row->resident > row->own ? row->resident - row->own : 0;
    }
    return count;
}

static int fork_by_size(const void *a, const void *b)
{
    const struct fork_owner *x = a, *y = b;
    uint64_t one = x->shared + x->own, other = y->shared + y->own;
    return one > other ? -1 : one < other;
}

// "; by owner: python objects 20.1 MiB shared and 3.0 MiB private, ..."
static const char *fork_owner_words(struct finder *f)
{
    struct fork_owner owners[OWNERS_MAX];
    const struct memory *m = f->memory;
    if (!m || !m->residence.known || m->residence.by_pages)
        return "";
    size_t count = fork_owners(m, owners);
    const char *words = "";
    qsort(owners, count, sizeof *owners, fork_by_size);
    for (size_t i = 0; i < count && i < OWNERS_TOLD; i++)
        if (owners[i].shared + owners[i].own >= MIB)
            words = finder_text(f, "%s%s %s %s shared and %s private", words,
                                *words ? "," : "; by owner:", owners[i].kind,
                                finder_size(f, owners[i].shared), finder_size(f, owners[i].own));
    return words;
}

static const char *who(struct finder *f, const struct forked *forked)
{
    const char *others = finder_count(f, forked->relatives);
    if (forked->is_child)
        return forked->relatives ? finder_text(f, "one of %s forked by %s",
                                               finder_count(f, forked->relatives + 1), forked->by)
                                 : finder_text(f, "forked by %s", forked->by);
    return finder_text(f, "%s has forked %s worker%s", forked->by, others,
                       text_plural(forked->relatives, "", "s"));
}

static bool fork_tell(struct finder *f, const struct forked *forked, const struct headers *headers,
                      struct err *err)
{
    uint64_t bytes = headers->pages << PAGE_SHIFT;
    uint64_t all = bytes * (forked->relatives + (forked->is_child || !forked->relatives));
    if (all < LEAST)
        return true;
    const char *remedy = !f->py->rules.has_freeze
                             ? "gc.disable() in the parent, before it loads what all workers "
                               "share, keeps collections off them"
                             : "gc.freeze() just before the fork, once everything shared is "
                               "loaded, keeps collections off them";
    bool done = headers->unshared * 2 > headers->pages;
    uint32_t processes = 0;
    uint64_t private = done ? sharing_private_of_family(f->py->target, &processes) : 0;
    const char *smaps =
        private ? finder_text(f, "; smaps shows %s private in this process, %s in all %s processes",
                              finder_size(f, sharing_private(f->py->target->pid)),
                              finder_size(f, private), finder_count(f, processes))
                : "";
    const char *harm = done ? finder_text(f, "collections have unshared %s in this process",
                                          finder_size(f, headers->unshared << PAGE_SHIFT))
                            : finder_text(f, "a full collection unshares up to %s in each process",
                                          finder_size(f, bytes));
    const struct finding finding = {
        .severity = all >= 256 * MIB  ? SEVERITY_MEDIUM
                    : all >= 32 * MIB ? SEVERITY_LOW
                                      : SEVERITY_INFO,
        .bytes = bytes,
        .objects = headers->objects,
        .object = forked->object,
        .what = finder_text(f, "%s, and %s: %s", who(f, forked),
                            headers->frozen ? "gc.freeze() came too early for most objects"
                                            : "gc.freeze() was not called",
                            harm),
        .why = finder_text(f, "collections write to the headers of %s, on %s: %s%s%s; %s",
                           finder_plural(f, headers->objects, "object"),
                           finder_plural(f, headers->pages, "page"), sharing_words(f, headers),
                           smaps, fork_owner_words(f), remedy),
        .next = f->memory ? "memory" : "info",
    };
    return finder_add(f, &finding, err);
}

static bool fork_find(struct finder *f, struct err *err)
{
    struct gc_state state = { 0 };
    if (f->py->interpreter_count)
        python_gc_state(f->py, 0, &state);
    if (f->py->rules.free_threaded || (state.known && !state.enabled))
        return true;
    if (!finder_need_paths(f, err))
        return false;
    struct headers headers = fork_count_headers(f);
    struct forked forked = find_forked(f, &headers);
    // A worker creates its own objects after the fork: only pages that are still shared tell
    // whether gc.freeze() came too early.
    bool before = forked.is_child ? headers.shared > headers.own - headers.unshared
                                  : headers.objects > headers.frozen;
    if (!forked.by || (forked.is_child && forked.loads_itself) || (headers.frozen && !before))
        return true;
    return fork_tell(f, &forked, &headers, err);
}

const struct finding_kind finding_fork = {
    .name = "fork",
    .help = "forked workers whose shared pages are copied by collections, because gc.freeze() is "
            "missing or came too early",
    .needs = FINDING_NEEDS_DOMINATORS, // ... and with them the process's memory
    .find = fork_find,
};
