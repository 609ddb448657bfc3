// SPDX-License-Identifier: GPL-3.0-or-later
// References that extension types hold without traversing them: see untraversed_members.h.
#include "heap/analysis/untraversed_members.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/memory/block.h"
#include "py/load.h"
#include "py/objects/member.h"
#include "py/objects/type.h"

#define SAMPLE 2000    // instances examined per type
#define FEW 3          // fewer could be chance: stricter evidence is required
#define BYTES_MAX 4096 // per instance
#define BEHIND_MAX 512 // per block of the extension's own memory
#define DIRECT (-1)    // in the instance itself, not behind a pointer
#define STEPS_MAX 100
#define OWNER_NONE UINT32_MAX
#define NEARLY(part, whole) ((part)*10 >= (whole)*9)
#define HARDLY(part, whole) ((part)*50 <= (whole))

struct spot { // what one word is in all sampled instances of a type
    uint32_t objects, others, visited;
};

struct untraversed_members_slot {
    struct spot word;
    struct spot *behind; // one per word of the blocks pointed at; null: there were none
    uint32_t blocks;     // how many of word.others point at a block
};

struct claim {
    uint32_t owner, offset;
    int32_t behind;  // DIRECT, or the offset in the block that the instance's word points at
    uint32_t rivals; // all unknown claims on the same object, including this one
    node to;
    node from;
    bool known; // a decoder says that it holds
};

struct untraversed_members_row { // a type whose own members are judged
    uint64_t instances;
    uint32_t step, judged;
    struct untraversed_members_slot *slots; // one per word
    bool guessed;
};

struct untraversed_members_search {
    const struct heap *heap;
    const struct heap_roots *roots;
    uint32_t *owner;                      // per type: the type in C that has its members
    struct untraversed_members_row *rows; // per type
    uint32_t type_count;
    struct claim *claims;
    size_t count, room;
    struct pymalloc pm;
    struct err *err;
};

// --- which types ---------------------------------------------------------------------------------

static uint32_t untraversed_members_owner_of(const struct python *py, const struct type *type)
{
    for (int i = 0; type && i < 200; i++) {
        int module = type_module(py, type);
        if (module >= 0)
            return module_is_python(py, module) ? OWNER_NONE : type->index;
        type = type_base(py, type);
    }
    return OWNER_NONE;
}

static bool choose_types(struct untraversed_members_search *s)
{
    const struct python *py = s->heap->py;
    uint32_t count = heap_type_count(s->heap);
    s->owner = malloc((count + (size_t)1) * sizeof *s->owner);
    if (!s->owner)
        return err_memory(s->err, "the types");
    for (uint32_t t = 0; t < count; t++)
        s->owner[t] = untraversed_members_owner_of(py, type_row(py->types, t));
    // A row per owner, which may be a base that nobody has looked up before.
    s->type_count = type_count(py->types);
    s->rows = calloc((size_t)s->type_count + 1, sizeof *s->rows);
    if (!s->rows)
        return err_memory(s->err, "the types");
    for (node n = 0; n < s->heap->node_count; n++) {
        uint32_t owner = s->owner[heap_type(s->heap, n)];
        if (owner != OWNER_NONE)
            s->rows[owner].instances++;
    }
    for (uint32_t t = 0; t < s->type_count; t++) {
        struct untraversed_members_row *row = &s->rows[t];
        row->step = (uint32_t)(row->instances / SAMPLE + 1);
        row->slots = row->instances ? calloc(BYTES_MAX / 8, sizeof *row->slots) : NULL;
        if (row->instances && !row->slots)
            return err_memory(s->err, "the members");
        row->instances = 0; // the pass counts them again
    }
    return true;
}

// --- what their instances have -------------------------------------------------------------------

struct untraversed_members_word {
    uint32_t offset;
    int32_t behind;
    node to;
};

#define WORDS_MOST (BYTES_MAX / 8 * 2)

struct look { // the examination of one instance
    struct untraversed_members_search *search;
    struct untraversed_members_row *row;
    const struct type *type;
    uint32_t owner;
    node from;
    struct untraversed_members_word words[WORDS_MOST]; // those that point at objects
    size_t count;
    uint32_t pointers[BYTES_MAX / 8]; // offsets of those that point elsewhere
    size_t pointer_count;
};

// How often the object visits the other one, or holds it according to a decoder.
static uint32_t edges_to(const struct heap *heap, node from, node to, bool held)
{
    uint32_t count = 0;
    uint64_t end = csr_end(&heap->forward, from);
    for (uint64_t e = csr_first(&heap->forward, from); e < end; e++) {
        uint32_t word = heap->forward.to[e];
        count += (word & EDGE_NODE) == to && !(word & EDGE_BORROWED)
                 && ((word & EDGE_HOLDS) != 0) == held;
    }
    return count;
}

static uint32_t words_to(const struct look *l, size_t count, node to)
{
    uint32_t same = 0;
    for (size_t i = 0; i < count; i++)
        same += l->words[i].to == to;
    return same;
}

// Counts one word in its spot; true: it points at another object, and `words` has it now.
static bool note_word(struct look *l, struct spot *spot, addr value,
                      struct untraversed_members_word word)
{
    word.to = value & 7 ? NODE_NONE : heap_node_of(l->search->heap, value);
    if (word.to == NODE_NONE || word.to == l->from || l->count == WORDS_MOST) {
        spot->others++;
        return false;
    }
    spot->objects++;
    l->words[l->count++] = word;
    return true;
}

// The words of one instance, below the end of the type's own struct.
static void untraversed_members_read_words(struct look *l)
{
    const struct heap *heap = l->search->heap;
    const struct layout *layout = &heap->py->layout;
    const struct type *type = l->type;
    int64_t first = type->itemsize ? layout->sizeof_PyVarObject : layout->sizeof_PyObject;
    int64_t size = type->basicsize < BYTES_MAX ? type->basicsize : BYTES_MAX;
    const uint8_t *o = target_view(heap->py->target, heap_addr(heap, l->from), (size_t)size);
    for (int64_t at = first; o && at + 8 <= size; at += 8) {
        addr value = load64(o + at);
        struct untraversed_members_word word = { .offset = (uint32_t)at, .behind = DIRECT };
        if (value && at != type->weaklistoffset
            && !note_word(l, &l->row->slots[at / 8].word, value, word) && value % 8 == 0)
            l->pointers[l->pointer_count++] = word.offset;
    }
}

// Reads the words of a block that the instance points at, unless it belongs to an object.
static bool read_behind(struct look *l, uint32_t offset)
{
    const struct heap *heap = l->search->heap;
    struct target *target = heap->py->target;
    struct untraversed_members_slot *slot = &l->row->slots[offset / 8];
    addr at = target_u64(target, heap_addr(heap, l->from) + offset, NULL);
    uint64_t size = block_size(heap->py, &l->search->pm, at);
    if (size < 8 || heap_node_around(heap, at) != NODE_NONE)
        return true;
    size = size < BEHIND_MAX ? size & ~UINT64_C(7) : BEHIND_MAX;
    const uint8_t *block = target_view(target, at, (size_t)size);
    if (!block)
        return true;
    if (!slot->behind && !(slot->behind = calloc(BEHIND_MAX / 8, sizeof *slot->behind)))
        return err_memory(l->search->err, "the members behind pointers");
    slot->blocks++;
    for (uint64_t i = 0; i < size; i += 8) {
        addr value = load64(block + i);
        if (value)
            note_word(l, &slot->behind[i / 8], value,
                      (struct untraversed_members_word){ offset, (int32_t)i, 0 });
    }
    return true;
}

static bool add_claim(struct look *l, struct untraversed_members_word word, bool known)
{
    struct untraversed_members_search *s = l->search;
    if (!vec_grow(&s->claims, &s->room, s->count + 1, sizeof *s->claims, s->err))
        return false;
    s->claims[s->count++] = (struct claim){ .owner = l->owner,
                                            .offset = word.offset,
                                            .behind = word.behind,
                                            .to = word.to,
                                            .from = l->from,
                                            .known = known };
    return true;
}

static struct spot *spot_of(struct untraversed_members_row *row, uint32_t offset, int32_t behind)
{
    struct untraversed_members_slot *slot = &row->slots[offset / 8];
    return behind == DIRECT ? &slot->word : &slot->behind[behind / 8];
}

// The instance's own words come before those behind them: if both could be the same reference, it
// is attributed to the former.
static bool claim_words(struct look *l, size_t from, size_t to)
{
    const struct heap *heap = l->search->heap;
    for (size_t i = from; i < to; i++) {
        struct untraversed_members_word word = l->words[i];
        uint32_t visited = edges_to(heap, l->from, word.to, false);
        uint32_t held = edges_to(heap, l->from, word.to, true);
        uint32_t words = words_to(l, to, word.to);
        if (visited && (visited >= words || word.behind != DIRECT))
            spot_of(l->row, word.offset, word.behind)->visited++;
        else if (!visited && !add_claim(l, word, held && (held >= words || word.behind == DIRECT)))
            return false;
    }
    return true;
}

static bool untraversed_members_look_at(struct untraversed_members_search *s, uint32_t owner,
                                        node n)
{
    struct look l;
    l.search = s;
    l.row = &s->rows[owner];
    l.type = type_row(s->heap->py->types, owner);
    l.owner = owner;
    l.from = n;
    l.count = l.pointer_count = 0;
    if (l.type->is_gc && !(s->heap->flags[n] & NODE_GC)) // its tp_is_gc excludes it on purpose
        return true;
    untraversed_members_read_words(&l);
    l.row->judged++;
    l.row->guessed = l.row->guessed || heap_evidence(s->heap, n) == EVIDENCE_GUESSED;
    size_t direct = l.count;
    if (!claim_words(&l, 0, direct))
        return false;
    for (size_t i = 0; i < l.pointer_count; i++)
        if (!read_behind(&l, l.pointers[i]))
            return false;
    return claim_words(&l, direct, l.count);
}

static bool look_at_all(struct untraversed_members_search *s)
{
    for (node n = 0; n < s->heap->node_count; n++) {
        uint32_t owner = s->owner[heap_type(s->heap, n)];
        if (owner == OWNER_NONE)
            continue;
        if (s->rows[owner].instances++ % s->rows[owner].step == 0
            && !untraversed_members_look_at(s, owner, n))
            return false;
    }
    return true;
}

// --- judging -------------------------------------------------------------------------------------

#define ORDER(x, y) ((x) < (y) ? -1 : (x) > (y))

static int by_member(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    return x->owner != y->owner     ? ORDER(x->owner, y->owner)
           : x->offset != y->offset ? ORDER(x->offset, y->offset)
           : x->behind != y->behind ? ORDER(x->behind, y->behind)
                                    : ORDER(x->to, y->to);
}

static int untraversed_members_by_object(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    return ORDER(x->to, y->to);
}

static void count_rivals(struct untraversed_members_search *s)
{
    if (s->count)
        qsort(s->claims, s->count, sizeof *s->claims, untraversed_members_by_object);
    for (size_t i = 0, next; i < s->count; i = next) {
        uint32_t rivals = 0;
        for (next = i; next < s->count && s->claims[next].to == s->claims[i].to; next++)
            rivals += !s->claims[next].known;
        for (size_t k = i; k < next; k++)
            s->claims[k].rivals = rivals;
    }
}

struct untraversed_members_tally {
    uint64_t claimed, good;
    bool ring; // through one of the objects
    node example;
};

// Whether the object may be part of a ring: it is a GC object, or leads to one in a few steps.
// Types and modules lead everywhere, and are left out.
static bool may_ring(const struct heap *heap, node start)
{
    node seen[STEPS_MAX] = { start };
    size_t count = 1;
    for (size_t i = 0; i < count; i++) {
        const struct type *type = type_row(heap->py->types, heap_type(heap, seen[i]));
        if (type->is_leaf || type->is_metatype || type_is(type, TRAIT_MODULE))
            continue;
        if (heap->flags[seen[i]] & NODE_GC)
            return true;
        uint64_t end = csr_end(&heap->forward, seen[i]);
        for (uint64_t e = csr_first(&heap->forward, seen[i]); e < end; e++) {
            node to = heap->forward.to[e] & EDGE_NODE;
            size_t known = 0;
            while (known < count && seen[known] != to)
                known++;
            if (known == count && count == STEPS_MAX)
                return true;
            seen[known] = to;
            count += known == count;
        }
    }
    return false;
}

static bool is_few(const struct untraversed_members_search *s, const struct claim *claim)
{
    return s->rows[claim->owner].instances < FEW;
}

// Whether the unaccounted references are evidence enough. With many instances one per claim
// suffices. Behind a pointer, where a program keeps anything, they must cover all claims on the
// object; with few instances they must be exactly as many as the claims.
static bool is_covered(const struct untraversed_members_search *s, const struct claim *claim,
                       uint64_t unaccounted)
{
    if (is_few(s, claim))
        return unaccounted == claim->rivals;
    return claim->behind == DIRECT ? unaccounted != 0 : unaccounted >= claim->rivals;
}

// Weighs the claims on one object: no more of them are true than there are unaccounted references.
static void untraversed_members_weigh(const struct untraversed_members_search *s,
                                      const struct claim *claims, size_t count,
                                      struct untraversed_members_tally *tally)
{
    node to = claims->to;
    if (s->heap->flags[to] & NODE_IMMORTAL) // its refcount means nothing
        return;
    const struct heap_surplus *surplus = heap_roots_surplus(s->roots, to);
    uint64_t unaccounted =
        surplus && surplus->surplus > surplus->seen ? surplus->surplus - surplus->seen : 0;
    uint64_t left = unaccounted;
    bool ring = may_ring(s->heap, to);
    for (size_t i = 0; i < count; i++) {
        tally->claimed++;
        if (!claims[i].known && (!left || !is_covered(s, &claims[i], unaccounted)))
            continue;
        left -= !claims[i].known;
        if (!tally->good || (ring && !tally->ring))
            tally->example = claims[i].from;
        tally->good++;
        tally->ring = tally->ring || ring;
    }
}

// Whether the member is null, or an object that is not visited, in nearly every instance.
static bool untraversed_members_is_regular(struct untraversed_members_row *row,
                                           const struct claim *claim)
{
    const struct spot *spot = spot_of(row, claim->offset, claim->behind);
    const struct untraversed_members_slot *slot = &row->slots[claim->offset / 8];
    if (!HARDLY(spot->others, spot->objects) || !HARDLY(spot->visited, spot->objects))
        return false;
    uint32_t no_blocks = slot->word.others - slot->blocks + slot->word.objects;
    return claim->behind == DIRECT || HARDLY(no_blocks, slot->blocks);
}

static bool untraversed_members_judge(struct untraversed_members_search *s,
                                      const struct claim *claims, size_t count,
                                      struct untraversed *out)
{
    struct untraversed_members_row *row = &s->rows[claims->owner];
    struct untraversed_members_tally tally = { 0 };
    if (row->guessed || (is_few(s, claims) && claims->behind != DIRECT)
        || !untraversed_members_is_regular(row, claims))
        return true;
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && claims[next].to == claims[i].to;)
            next++;
        untraversed_members_weigh(s, claims + i, next - i, &tally);
    }
    if (!tally.ring || !NEARLY(tally.good, tally.claimed)
        || (claims->behind != DIRECT && tally.good < FEW))
        return true;
    if (!vec_grow(&out->members, &out->room, out->count + 1, sizeof *out->members, s->err))
        return false;
    out->members[out->count++] = (struct untraversed_member){
        .type = claims->owner,
        .offset = claims->offset,
        .behind = claims->behind,
        .instances = row->instances,
        .judged = row->judged,
        .held = tally.good,
        .example = tally.example,
        .has_flag = type_row(s->heap->py->types, claims->owner)->is_gc,
        .few = is_few(s, claims),
    };
    return true;
}

static bool is_same_member(const struct claim *a, const struct claim *b)
{
    return a->owner == b->owner && a->offset == b->offset && a->behind == b->behind;
}

static bool judge_all(struct untraversed_members_search *s, struct untraversed *out)
{
    for (uint32_t t = 0; t < s->type_count; t++) {
        const struct untraversed_members_row *row = &s->rows[t];
        out->types += row->instances && !row->guessed;
        out->few += row->instances && row->instances < FEW && !row->guessed;
        out->untold += row->instances && row->guessed;
    }
    count_rivals(s);
    if (s->count)
        qsort(s->claims, s->count, sizeof *s->claims, by_member);
    for (size_t i = 0, next; i < s->count; i = next) {
        for (next = i + 1; next < s->count && is_same_member(&s->claims[next], &s->claims[i]);)
            next++;
        if (!untraversed_members_judge(s, s->claims + i, next - i, out))
            return false;
    }
    return true;
}

static void free_rows(struct untraversed_members_search *s)
{
    for (uint32_t t = 0; s->rows && t < s->type_count; t++) {
        for (size_t i = 0; s->rows[t].slots && i < BYTES_MAX / 8; i++)
            free(s->rows[t].slots[i].behind);
        free(s->rows[t].slots);
    }
    free(s->rows);
}

bool heap_untraversed(const struct heap *heap, const struct heap_roots *roots,
                      struct untraversed *out, struct err *err)
{
    *out = (struct untraversed){ 0 };
    struct untraversed_members_search s = { .heap = heap, .roots = roots, .err = err };
    bool ok = pymalloc_open(&s.pm, heap->py, err) && choose_types(&s) && look_at_all(&s)
              && judge_all(&s, out);
    pymalloc_close(&s.pm);
    free_rows(&s);
    free(s.owner);
    free(s.claims);
    if (!ok)
        untraversed_free(out);
    return ok;
}

void untraversed_free(struct untraversed *unseen)
{
    free(unseen->members);
    *unseen = (struct untraversed){ 0 };
}

node untraversed_owned(const struct heap *heap, const struct untraversed_member *member,
                       node instance)
{
    struct target *target = heap->py->target;
    addr word = target_u64(target, heap_addr(heap, instance) + member->offset, NULL);
    if (word && member->behind != DIRECT)
        word = target_u64(target, word + (addr)member->behind, NULL);
    return word ? heap_node_of(heap, word) : NODE_NONE;
}

const char *untraversed_place(const struct untraversed_member *member,
                              char place[UNTRAVERSED_PLACE])
{
    if (member->behind == DIRECT)
        snprintf(place, UNTRAVERSED_PLACE, "+0x%x", (unsigned)member->offset);
    else
        snprintf(place, UNTRAVERSED_PLACE, "behind +0x%x at +0x%x", (unsigned)member->offset,
                 (unsigned)member->behind);
    return place;
}
