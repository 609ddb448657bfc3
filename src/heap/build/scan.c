// SPDX-License-Identifier: GPL-3.0-or-later
// Finding all objects.
//
//   1. walk every generation's list: the tracked objects, in order
//   2. look at each one's references in address order; what is new and lies ahead has its turn
//   later, what lies behind is looked at before the next. References that only hold are noted in a
//   second set of bits.
//   3. the jail is asked about types without a decoder, and about a sample of the others; where it
//   differs from a decoder, about all instances of that type
//   4. the bits of this moment are what the collector can see: they are kept as `visited`
//   5. what interpreters, threads and frames hold, then the noted ones that are still new, each with
//   all that it leads to
//   6. blocks of the allocator that nothing led to (alloc.c)
//
// An address becomes an object only when its type is one (type_of): a wild pointer is dropped and
// counted.
#include "heap/build/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "heap/build/alloc.h"
#include "heap/build/mark.h"
#include "py/runtime/gc.h"
#include "py/kinds/kind.h"
#include "py/runtime/runtime_roots.h"
#include "py/objects/type.h"

#define REFS_ROOM 4096
#define PROGRESS_EVERY 65536
#define DRAIN_AT 64    // when so many are on the stack they are scanned before the sweep goes on,
#define DRAIN_BATCH 16 // so many at once
#define TAKE_AT 256    // so many references of decoded objects are gathered,
#define TAKE_BATCH 32  // so many at once

static bool scan_going(const struct scan *scan)
{
    return !scan->failed && !scan->heap->addresses.failed;
}

static bool scan_push(struct scan *scan, addr at)
{
    if (scan->depth == scan->capacity
        && !vec_grow(&scan->stack, &scan->capacity, scan->depth + 1, sizeof *scan->stack, NULL)) {
        scan->failed = true;
        return false;
    }
    scan->stack[scan->depth++] = at;
    return true;
}

// Handles an object that is referred to. A new one that the sweep has already passed goes on the
// stack; the sweep reaches the others later.
static inline void meet_in(struct scan *scan, struct address_map_chunk *c, addr at)
{
    unsigned bit = address_map_bit(at);
    if (chunk_has(c->bits, bit))
        return;
    chunk_set(c->bits, bit);
    if (address_map_position(c, bit) <= scan->here)
        scan_push(scan, at);
}

static void scan_meet(struct scan *scan, addr at)
{
    struct address_map_chunk *c = mark_chunk(scan->heap, at);
    if (c)
        meet_in(scan, c, at);
}

static void meet_held(struct scan *scan, addr at)
{
    struct address_map_chunk *c = mark_chunk(scan->heap, at);
    if (c)
        chunk_set(c->held, address_map_bit(at));
}

// Scanning the words of a type without a decoder finds numbers as well as pointers: only what is
// certainly an object is taken.
static bool looks_alive(const struct heap *heap, addr at)
{
    bool ok = true, lost = heap->py->target->undumped_read;
    uint64_t refcount = target_u64(heap->py->target, at, &ok);
    bool alive = ok && refcount != 0 && type_of(heap->py, at) != NULL;
    heap->py->target->undumped_read = lost; // a number leads anywhere: that proves nothing
    return alive;
}

// Handles a few references: their chunks' bits are scattered in memory, and prefetched.
static void take_some(struct scan *scan, const uint64_t *to, size_t count, enum scan_from from)
{
    struct address_map_chunk *chunks[TAKE_BATCH];
    for (size_t i = 0; i < count; i++) {
        chunks[i] = address_map_chunk(&scan->heap->addresses, to[i]);
        if (chunks[i])
            __builtin_prefetch(&chunks[i]->bits[address_map_bit(to[i]) >> 6], 1);
    }
    for (size_t i = 0; i < count; i++) {
        addr at = to[i] & ~(addr)REF_FLAGS;
        bool holds = to[i] & REF_HOLDS;
        if (!holds && from != FROM_DECODER && (from != FROM_WORDS || !looks_alive(scan->heap, at)))
            continue;
        if (holds && scan->only_visited)
            meet_held(scan, at);
        else if (chunks[i])
            meet_in(scan, chunks[i], at);
        else
            scan_meet(scan, at);
    }
}

// refs->full: takes what was found so far. The first `waiting` references are of decoded objects
// before the current one.
static void scan_take(struct refs *refs)
{
    struct scan *scan = refs->context;
    for (size_t i = 0; i < refs->count;) {
        size_t end = i < scan->waiting ? scan->waiting : refs->count;
        size_t count = end - i < TAKE_BATCH ? end - i : TAKE_BATCH;
        take_some(scan, refs->to + i, count, i < scan->waiting ? FROM_DECODER : scan->from);
        i += count;
    }
    refs->count = scan->waiting = 0;
}

static struct refs take_into(struct scan *scan, uint64_t room[static REFS_ROOM])
{
    return (struct refs){ .to = room,
                          .capacity = REFS_ROOM,
                          .left = &scan->words_left,
                          .full = scan_take,
                          .context = scan };
}

static bool note_allocated(struct scan *scan, addr at)
{
    if (!vec_grow(&scan->allocated, &scan->allocated_capacity, scan->allocated_count + 1,
                  sizeof *scan->allocated, NULL)) {
        scan->failed = true;
        return false;
    }
    scan->allocated[scan->allocated_count++] = at;
    return true;
}

// Whether it is on a list: `visited` has the bits of the lists until the sweep is over, if objects
// are tallied.
static bool is_tracked(const struct scan *scan, addr at)
{
    const struct address_map_chunk *c = address_map_chunk(&scan->heap->addresses, at);
    return c && scan->only_visited && chunk_has(c->visited, address_map_bit(at));
}

// For a type that the jail is asked about, neither decoder nor word scan is needed, except for what
// it holds without visiting it.
static void scan_look_at(struct scan *scan, addr at, struct refs *refs)
{
    struct python *py = scan->heap->py;
    const struct type *type = type_of(py, at);
    if (!type) {
        mark_clear(scan->heap, at);
        scan->heap->dropped++;
        return;
    }
    scan->found++;
    if (scan->options->tally)
        tally_add(&scan->tallies, py, type, at, is_tracked(scan, at));
    if (scan->from_allocator && !note_allocated(scan, at))
        return;
    if (type->is_leaf)
        return;
    bool asked = object_at_is_gc(py, type, at); // nobody calls the tp_traverse of a static type
    scan->waiting = refs->count;
    bool asks = asked && jail_queue_teller(&scan->ask, type, type->kind != NULL) == TELLER_JAIL;
    scan->from = asks ? FROM_HELD : type->kind && !type->kind->unsure ? FROM_DECODER : FROM_WORDS;
    bool decoded = kind_refs(py, type, at, refs);
    scan->heap->unfinished += refs->unfinished;
    scan->from = decoded ? FROM_DECODER : FROM_WORDS;
    if (asked && jail_queue_teller(&scan->ask, type, decoded) == TELLER_JAIL) {
        jail_queue_later(&scan->ask, type, at);
        scan->from = FROM_HELD;
    } else if (decoded && asked) {
        jail_queue_sample(&scan->ask, type, at);
    }
    if (scan->from != FROM_DECODER || refs->count >= TAKE_AT)
        scan_take(refs);
    scan->from = FROM_DECODER;
}

// Until the stack is empty. Objects are scanned a few at a time, and their headers, which are
// scattered in memory, prefetched.
static bool drain(struct scan *scan, struct refs *refs)
{
    addr batch[DRAIN_BATCH];
    while ((scan->depth || refs->count) && scan_going(scan)) {
        if (!scan->depth)
            scan_take(refs);
        size_t count = scan->depth < DRAIN_BATCH ? scan->depth : DRAIN_BATCH;
        for (size_t i = 0; i < count; i++) {
            batch[i] = scan->stack[--scan->depth];
            __builtin_prefetch(target_view(scan->heap->py->target, batch[i], 16));
        }
        for (size_t i = 0; i < count; i++)
            scan_look_at(scan, batch[i], refs);
    }
    return scan_going(scan);
}

static bool scan_step(struct scan *scan, uint64_t done, uint64_t total)
{
    if (progress_step(scan->options->progress, "finding objects", done, total))
        return true;
    scan->failed = true;
    return false;
}

static void keep_visited(struct scan *scan)
{
    struct address_map *addresses = &scan->heap->addresses;
    for (size_t i = 0; i < addresses->count; i++) {
        struct address_map_chunk *c = addresses->chunks[i];
        memcpy(c->visited, c->bits, sizeof c->bits);
    }
}

// Scans a chunk in address order, not in the order of the lists: memory is read forwards. For an
// object found ahead a bit is set, and the sweep meets it later; one found behind is scanned from
// the stack, before that grows.
static bool sweep_chunk(struct scan *scan, const struct address_map_chunk *c, struct refs *refs)
{
    for (unsigned w = 0; w < CHUNK_WORDS; w++) {
        uint64_t ahead = ~UINT64_C(0);
        for (uint64_t left; (left = c->bits[w] & ahead);) {
            unsigned bit = (unsigned)__builtin_ctzll(left);
            ahead = ~UINT64_C(1) << bit;
            scan->here = address_map_position(c, w * 64 + bit);
            scan_look_at(scan, c->base + (addr)(w * 64 + bit) * 8, refs);
            if (scan->depth >= DRAIN_AT && !drain(scan, refs))
                return false;
        }
    }
    scan->here = address_map_position(c, CHUNK_WORDS * 64 - 1);
    return drain(scan, refs);
}

static bool scan_sweep(struct scan *scan, struct refs *refs)
{
    struct address_map *addresses = &scan->heap->addresses;
    bool good = true;
    for (size_t i = 0; good && i < addresses->count; i++)
        good =
            sweep_chunk(scan, addresses->chunks[i], refs) && scan_step(scan, i, addresses->count);
    scan->here = ADDRESS_MAP_END;
    return good;
}

// What the interpreters, threads and frames hold may be on no list, and no object on one may refer
// to it.
struct anchors {
    struct scan *scan;
    struct refs *refs;
};

static bool take_anchor(void *context, const struct root *root)
{
    struct anchors *anchors = context;
    if (root->hold == ROOT_MAYBE || !type_of(anchors->scan->heap->py, root->to))
        return true;
    if (!mark(anchors->scan->heap, root->to))
        return scan_going(anchors->scan);
    return scan_push(anchors->scan, root->to) && drain(anchors->scan, anchors->refs);
}

static bool look_at_anchors(struct scan *scan, struct refs *refs)
{
    struct anchors anchors = { scan, refs };
    return roots_walk(scan->heap->py, take_anchor, &anchors) && scan_going(scan);
}

// Chunks that are added meanwhile have no noted bits of their own, so the round ends.
static bool look_at_held(struct scan *scan, struct refs *refs)
{
    struct address_map *addresses = &scan->heap->addresses;
    for (size_t i = 0; i < addresses->count; i++) {
        struct address_map_chunk *c = addresses->chunks[i];
        for (unsigned w = 0; w < CHUNK_WORDS; w++)
            for (uint64_t fresh; (fresh = c->held[w] & ~c->bits[w]);) {
                unsigned bit = w * 64 + (unsigned)__builtin_ctzll(fresh);
                chunk_clear(c->held, bit);
                chunk_set(c->bits, bit);
                if (!scan_push(scan, c->base + (addr)bit * 8) || !drain(scan, refs))
                    return false;
            }
    }
    return true;
}

// --- the jail

static void found_by_jail(void *context, addr to, bool held)
{
    struct scan *scan = context;
    if (held && scan->only_visited)
        meet_held(scan, to);
    else
        scan_meet(scan, to);
}

// Its tp_traverse failed on this object: the words are scanned after all.
static void unanswered(void *context, addr object)
{
    struct scan *scan = context;
    uint64_t room[REFS_ROOM];
    struct refs refs = take_into(scan, room);
    const struct type *type = type_of(scan->heap->py, object);
    if (!type)
        return;
    scan->from = type->kind ? FROM_DECODER : FROM_WORDS;
    if (!kind_refs(scan->heap->py, type, object, &refs))
        scan->from = FROM_WORDS;
    scan_take(&refs);
    scan->from = FROM_DECODER;
}

// Until nobody waits for an answer: an answer may lead to an object whose type must be asked again.
static bool ask_waiting(struct scan *scan, struct refs *refs, struct err *err)
{
    while (scan->ask.item_count && scan_going(scan))
        if (!jail_queue_all(&scan->ask, scan->heap->py, found_by_jail, unanswered, scan, err)
            || !drain(scan, refs))
            return false;
    return scan_going(scan) && !scan->ask.failed;
}

// A type whose decoder is wrong: the jail is asked about all of its instances, those already found
// and those found later.
static bool ask_disputed(struct scan *scan, struct refs *refs, struct err *err)
{
    struct address_map *addresses = &scan->heap->addresses;
    for (size_t i = 0; i < addresses->count; i++)
        for (unsigned w = 0; w < CHUNK_WORDS; w++)
            for (uint64_t left = addresses->chunks[i]->bits[w]; left; left &= left - 1) {
                addr at = addresses->chunks[i]->base
                          + (addr)(w * 64 + (unsigned)__builtin_ctzll(left)) * 8;
                const struct type *type = type_of(scan->heap->py, at);
                if (type && jail_queue_teller(&scan->ask, type, true) == TELLER_JAIL
                    && object_at_is_gc(scan->heap->py, type, at))
                    jail_queue_later(&scan->ask, type, at);
            }
    return ask_waiting(scan, refs, err);
}

static bool consult_jail(struct scan *scan, struct refs *refs, struct err *err)
{
    if (!scan->ask.jail)
        return true;
    if (!ask_waiting(scan, refs, err))
        return false;
    bool wrong = jail_queue_check(&scan->ask, scan->heap->py, err);
    return !scan->ask.failed && (!wrong || ask_disputed(scan, refs, err));
}

static bool scan_all(struct scan *scan, struct refs *refs, struct err *err)
{
    scan->only_visited = true;
    if (scan->options->tally)
        keep_visited(scan);
    if (!scan_sweep(scan, refs) || !consult_jail(scan, refs, err))
        return false;
    keep_visited(scan);
    scan->only_visited = false;
    return look_at_anchors(scan, refs) && look_at_held(scan, refs) && ask_waiting(scan, refs, err);
}

static bool lists_are_whole(const struct scan *scan)
{
    const struct python *py = scan->heap->py;
    bool whole = !py->rules.free_threaded;
    for (size_t i = 0; i < py->interpreter_count; i++) {
        struct gc_state state;
        python_gc_state(py, i, &state);
        whole = whole && !state.collecting; // the collector has lists of its own on its stack
        for (int g = 0; g < GEN_COUNT; g++)
            whole = whole && !scan->lists.rows[i][g].broken;
    }
    return whole;
}

static bool find_allocated(struct scan *scan, struct refs *refs, struct err *err)
{
    if (scan->options->no_allocator)
        return true;
    struct alloc_blocks blocks = { 0 };
    bool lost = scan->heap->py->target->undumped_read;
    bool good = alloc_open(&scan->alloc, scan->heap, err);
    scan->alloc.lists_are_whole = lists_are_whole(scan);
    good = good && alloc_living(&scan->alloc, &blocks, err);
    scan->from_allocator = true;
    for (size_t i = 0; good && i < blocks.count; i++) {
        good = !mark(scan->heap, blocks.objects[i]) || scan_push(scan, blocks.objects[i]);
        good = good && drain(scan, refs);
    }
    free(blocks.objects);
    alloc_close(&scan->alloc);
    // An object that nothing led to is a guess, and so are its references.
    scan->heap->py->target->undumped_read = lost;
    return good && scan_going(scan);
}

bool scan_list(struct scan *scan, const struct heap_options *options, struct err *err)
{
    if (scan->stage >= SCAN_LISTED)
        return true;
    if (!lists_walk(&scan->lists, scan->heap, options->progress, err))
        return false;
    scan->stage = SCAN_LISTED;
    return true;
}

bool scan_find(struct scan *scan, const struct heap_options *options, struct err *err)
{
    uint64_t room[REFS_ROOM];
    struct refs refs = take_into(scan, room);
    if (scan->stage == SCAN_FOUND)
        return true;
    scan->heap->py->target->bulk = true;
    if (!scan_list(scan, options, err))
        return false;
    scan->options = options;
    scan->words_left = kind_words_most(scan->heap->py);
    jail_queue_init(&scan->ask, options->jail);
    bool good = scan_all(scan, &refs, err) && find_allocated(scan, &refs, err)
                && ask_waiting(scan, &refs, err);
    free(scan->stack);
    scan->stack = NULL;
    if (options->tally)
        tally_generations(&scan->tallies, scan->heap->py, &scan->lists);
    scan->options = NULL; // the caller's
    scan->stage = SCAN_FOUND;
    if (good && !types_failed(scan->heap->py->types) && !scan->tallies.failed)
        return true;
    return err_set(err, ERR_CANCELLED,
                   "finding objects was cancelled, or memory ran out after %llu objects",
                   (unsigned long long)scan->found);
}

void scan_fini(struct scan *scan)
{
    lists_fini(&scan->lists);
    tallies_fini(&scan->tallies);
    free(scan->stack);
    free(scan->allocated);
    alloc_close(&scan->alloc);
    jail_queue_fini(&scan->ask);
    scan->stack = NULL;
    scan->allocated = NULL;
}
