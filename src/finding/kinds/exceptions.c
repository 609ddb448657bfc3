// SPDX-License-Identifier: GPL-3.0-or-later
// exceptions: an exception that is kept keeps its traceback, the traceback's frames, and all locals
// of those frames.
//
// Exceptions that a thread is handling right now are left out. A group is of one type, raised in
// one function.
#include <string.h>

#include "finding/finder.h"
#include "finding/buckets.h"
#include "graph/marks.h"
#include "heap/names/edge.h"

#define FRAMES_MAX 1000 // of one traceback
#define MANY 10
#define BYTES_SOME 16384 // kept by a name in the program: rated low
#define GROUPS_MAX 20

struct local {
    node frame, value;
    uint64_t bytes;
    char name[64];
};

static node next_of(const struct finder *f, node traceback)
{
    return heap_member(f->heap, traceback, f->py->layout.PyTracebackObject_tb_next);
}

static node exceptions_frame_of(const struct finder *f, node traceback)
{
    return heap_member(f->heap, traceback, f->py->layout.PyTracebackObject_tb_frame);
}

// The frame that raised the exception, or NODE_NONE.
static node innermost(const struct finder *f, node traceback)
{
    for (int i = 0; i < FRAMES_MAX; i++) {
        node next = next_of(f, traceback);
        if (next == NODE_NONE)
            break;
        traceback = next;
    }
    return exceptions_frame_of(f, traceback);
}

static node code_of_frame(const struct finder *f, node frame)
{
    static const char *const names[] = { ".f_code", "code", ".gi_code" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        node code = heap_referent(f->heap, frame, names[i]);
        if (code != NODE_NONE)
            return code;
    }
    return NODE_NONE;
}

static bool exceptions_add(struct finder *f, struct buckets *groups, node exception,
                           struct err *err)
{
    node traceback = heap_member(f->heap, exception, f->py->layout.PyBaseExceptionObject_traceback);
    if (traceback == NODE_NONE || marks_has(f->roots->all, exception)
        || !finder_is(f, traceback, TRAIT_TRACEBACK))
        return true;
    node frame = innermost(f, traceback);
    node code = frame == NODE_NONE ? NODE_NONE : code_of_frame(f, frame);
    uint64_t bytes = finder_retained(f, traceback);
    struct bucket *group;
    if (!buckets_add(groups, (uint64_t)code << 32 | heap_type(f->heap, exception), exception, bytes,
                     &group, err))
        return false;
    if (group->largest == exception)
        group->other = traceback;
    return true;
}

// Finds the local variable of the frame that retains most.
static void look_at_locals(const struct finder *f, node frame, struct local *largest)
{
    struct heap_edges edges = { 0 };
    if (heap_referents(f->heap, frame, SIZE_MAX, &edges, NULL))
        for (size_t i = 0; i < edges.count; i++) {
            const char *name = heap_edge_name(&edges, i);
            uint64_t bytes = finder_retained(f, edges.items[i].to);
            if (strncmp(name, "local ", 6) || bytes <= largest->bytes)
                continue;
            largest->frame = frame;
            largest->value = edges.items[i].to;
            largest->bytes = bytes;
            size_t size = strcspn(name + 6, " ");
            size = size < sizeof largest->name ? size : sizeof largest->name - 1;
            memcpy(largest->name, name + 6, size);
            largest->name[size] = 0;
        }
    heap_edges_fini(&edges);
}

static struct local largest_local(const struct finder *f, node traceback, unsigned *frames)
{
    struct local largest = { NODE_NONE, NODE_NONE, 0, "" };
    for (*frames = 0; traceback != NODE_NONE && *frames < FRAMES_MAX; ++*frames) {
        node frame = exceptions_frame_of(f, traceback);
        if (frame != NODE_NONE)
            look_at_locals(f, frame, &largest);
        traceback = next_of(f, traceback);
    }
    return largest;
}

static enum severity exceptions_judge(const struct finder *f, const struct bucket *group)
{
    enum home home = finder_home(f, group->largest);
    enum severity severity = finder_severity(f, group->bytes, home);
    bool some = group->count >= MANY || group->bytes >= BYTES_SOME;
    return home == HOME_PROGRAM && some && severity > SEVERITY_LOW ? SEVERITY_LOW : severity;
}

static const char *local_text(struct finder *f, const struct local *local)
{
    if (local->frame == NODE_NONE)
        return "";
    node code = code_of_frame(f, local->frame);
    return finder_text(f, ", above all `%s` of %s with %s", local->name,
                       code == NODE_NONE ? "a frame" : finder_code_name(f, code),
                       finder_size(f, local->bytes));
}

static bool exceptions_tell(struct finder *f, const struct bucket *group, struct err *err)
{
    unsigned frames;
    struct local local = largest_local(f, group->other, &frames);
    const char *type = finder_type_name(f, group->largest);
    const char *name = finder_name(f, group->largest);
    return finder_add(
        f,
        &(struct finding){
            .severity = exceptions_judge(f, group),
            .object = group->largest,
            .objects = group->count,
            .bytes = group->bytes,
            .what =
                group->count == 1
                    ? finder_text(f,
                                  "%s keeps the locals of its traceback's frames alive: "
                                  "%s %s, %s",
                                  name, text_article(type), type, finder_size(f, group->bytes))
                    : finder_text(
                        f,
                        "%s kept %s keep the locals of their tracebacks' frames alive, like %s: %s",
                        finder_count(f, group->count), type, name, finder_size(f, group->bytes)),
            .why = finder_text(
                f,
                "an exception holds its traceback, which holds %u frame%s with all their locals%s; "
                "keep str(e), or e.with_traceback(None), or call traceback.clear_frames()",
                frames, text_plural((uint64_t)frames, "", "s"), local_text(f, &local)),
            .next = local.value == NODE_NONE
                        ? finder_text(f, "referents %s", finder_word(f, group->largest))
                        : finder_text(f, "path %s", finder_word(f, local.value)),
        },
        err);
}

static bool exceptions_find(struct finder *f, struct err *err)
{
    struct buckets groups = { 0 };
    if (f->py->layout.PyBaseExceptionObject_traceback < 0) // 2.7: exceptions have no traceback
        return true;
    if (!finder_need_paths(f, err))
        return false;
    bool ok = true;
    for (node n = 0; ok && (n = finder_next(f, ROLE_EXCEPTION, n)) != NODE_NONE; n++)
        ok = exceptions_add(f, &groups, n, err);
    buckets_sort(&groups);
    for (size_t i = 0; ok && i < groups.count && i < GROUPS_MAX; i++)
        ok = exceptions_tell(f, &groups.items[i], err);
    buckets_free(&groups);
    return ok;
}

const struct finding_kind finding_exceptions = {
    .name = "exceptions",
    .help = "exceptions that are kept, whose tracebacks keep frames and all their locals alive",
    .needs = FINDING_NEEDS_DOMINATORS,
    .is_reason = true,
    .is_evidence = true,
    .find = exceptions_find,
};
