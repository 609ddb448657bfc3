// SPDX-License-Identifier: GPL-3.0-or-later
// What extension types hold without telling: see unseen.h.
#include "heap/unseen.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/load.h"
#include "py/member.h"
#include "py/type.h"

#define SAMPLE 2000     // instances of a type that are looked at
#define FEW 3           // with fewer, chance could have it
#define BYTES_MOST 4096 // of an instance
#define STEPS_MOST 100
#define OWNER_NONE UINT32_MAX
#define NEARLY(part, whole) ((part)*10 >= (whole)*9)
#define HARDLY(part, whole) ((part)*50 <= (whole))

struct spot { // of one word in all the sampled instances of a type
    uint32_t objects, others, visited;
};

struct claim {
    uint32_t owner, offset;
    node to;
    node from;
    bool known; // a decoder says that it holds
};

struct row { // a type whose own members are judged
    uint64_t instances;
    uint32_t step, judged;
    struct spot *places; // one a word
    bool guessed;
};

struct search {
    const struct heap *heap;
    const struct heap_roots *roots;
    uint32_t *owner;  // a type: the type in C that its members are of
    struct row *rows; // a type
    uint32_t type_count;
    struct claim *claims;
    size_t count, room;
    struct err *err;
};

// --- which types ---------------------------------------------------------------------------------

static uint32_t owner_of(const struct python *py, const struct type *type)
{
    for (int i = 0; type && i < 200; i++) {
        int module = type_module(py, type);
        if (module >= 0)
            return module_is_python(py, module) ? OWNER_NONE : type->index;
        type = type_base(py, type);
    }
    return OWNER_NONE;
}

static bool choose_types(struct search *s)
{
    const struct python *py = s->heap->py;
    uint32_t count = heap_type_count(s->heap);
    s->owner = malloc((count + 1) * sizeof *s->owner);
    if (!s->owner)
        return err_memory(s->err, "the types");
    for (uint32_t t = 0; t < count; t++)
        s->owner[t] = owner_of(py, type_row(py->types, t));
    s->type_count = heap_type_count(s->heap); // a base without instances may have come
    s->rows = calloc((size_t)s->type_count + 1, sizeof *s->rows);
    if (!s->rows)
        return err_memory(s->err, "the types");
    for (node n = 0; n < s->heap->node_count; n++) {
        uint32_t owner = s->owner[heap_type(s->heap, n)];
        if (owner != OWNER_NONE)
            s->rows[owner].instances++;
    }
    for (uint32_t t = 0; t < s->type_count; t++) {
        struct row *row = &s->rows[t];
        row->step = (uint32_t)(row->instances / SAMPLE + 1);
        row->places = row->instances ? calloc(BYTES_MOST / 8, sizeof *row->places) : NULL;
        if (row->instances && !row->places)
            return err_memory(s->err, "the members");
        row->instances = 0; // counted again on the way
    }
    return true;
}

// --- what their instances have -------------------------------------------------------------------

struct word {
    uint32_t offset;
    node to;
};

// How often the object visits, or a decoder says that it holds, the other one.
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

static uint32_t words_to(const struct word *words, size_t count, node to)
{
    uint32_t same = 0;
    for (size_t i = 0; i < count; i++)
        same += words[i].to == to;
    return same;
}

static bool add_claim(struct search *s, uint32_t owner, node from, struct word word)
{
    if (!vec_grow(&s->claims, &s->room, s->count + 1, sizeof *s->claims, s->err))
        return false;
    bool known = edges_to(s->heap, from, word.to, true) != 0;
    s->claims[s->count++] = (struct claim){ owner, word.offset, word.to, from, known };
    return true;
}

// The words of one instance, below the end of the type's own struct.
static size_t read_words(const struct search *s, struct row *row, const struct type *type, node n,
                         struct word *words)
{
    const struct heap *heap = s->heap;
    const struct python *py = heap->py;
    int64_t first = type->itemsize ? py->layout.sizeof_PyVarObject : py->layout.sizeof_PyObject;
    int64_t size = type->basicsize < BYTES_MOST ? type->basicsize : BYTES_MOST;
    const uint8_t *o = target_view(py->target, heap_addr(heap, n), (size_t)size);
    size_t count = 0;
    for (int64_t at = first; o && at + 8 <= size; at += 8) {
        addr value = load64(o + at);
        if (!value || at == type->weaklistoffset)
            continue;
        node to = value & 7 ? NODE_NONE : heap_node_of(heap, value);
        if (to == NODE_NONE || to == n) {
            row->places[at / 8].others++;
            continue;
        }
        row->places[at / 8].objects++;
        words[count++] = (struct word){ (uint32_t)at, to };
    }
    return count;
}

static bool look_at(struct search *s, uint32_t owner, node n)
{
    struct row *row = &s->rows[owner];
    struct word words[BYTES_MOST / 8];
    const struct type *type = type_row(s->heap->py->types, owner);
    if (type->is_gc && !(s->heap->flags[n] & NODE_GC)) // its tp_is_gc says no, on purpose
        return true;
    size_t count = read_words(s, row, type, n, words);
    row->judged++;
    row->guessed = row->guessed || heap_evidence(s->heap, n) == EVIDENCE_GUESSED;
    for (size_t i = 0; i < count; i++) {
        uint32_t visited = edges_to(s->heap, n, words[i].to, false);
        if (visited && visited >= words_to(words, count, words[i].to))
            row->places[words[i].offset / 8].visited++;
        else if (!visited && !add_claim(s, owner, n, words[i]))
            return false;
    }
    return true;
}

static bool look_at_all(struct search *s)
{
    for (node n = 0; n < s->heap->node_count; n++) {
        uint32_t owner = s->owner[heap_type(s->heap, n)];
        if (owner == OWNER_NONE)
            continue;
        if (s->rows[owner].instances++ % s->rows[owner].step == 0 && !look_at(s, owner, n))
            return false;
    }
    return true;
}

// --- judging -------------------------------------------------------------------------------------

static int by_member(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    return x->owner != y->owner     ? (x->owner < y->owner ? -1 : 1)
           : x->offset != y->offset ? (x->offset < y->offset ? -1 : 1)
           : x->to != y->to         ? (x->to < y->to ? -1 : 1)
                                    : 0;
}

struct tally {
    uint64_t claimed, good;
    bool ring; // through one of the objects
    node example;
};

// Whether the object may be part of a ring: it is the collector's, or leads to one that is in a few
// steps. Types and modules lead everywhere, and are left out.
static bool may_ring(const struct heap *heap, node start)
{
    node seen[STEPS_MOST] = { start };
    size_t count = 1;
    for (size_t i = 0; i < count; i++) {
        const struct type *type = type_row(heap->py->types, heap_type(heap, seen[i]));
        if (type->is_leaf || type->is_metatype || !strcmp(type->tp_name, "module"))
            continue;
        if (heap->flags[seen[i]] & NODE_GC)
            return true;
        uint64_t end = csr_end(&heap->forward, seen[i]);
        for (uint64_t e = csr_first(&heap->forward, seen[i]); e < end; e++) {
            node to = heap->forward.to[e] & EDGE_NODE;
            size_t known = 0;
            while (known < count && seen[known] != to)
                known++;
            if (known == count && count == STEPS_MOST)
                return true;
            seen[known] = to;
            count += known == count;
        }
    }
    return false;
}

// Claims on one object: only as many are good as references to it are unaccounted for.
static void weigh(const struct search *s, const struct claim *claims, size_t count,
                  struct tally *tally)
{
    node to = claims->to;
    if (s->heap->flags[to] & NODE_IMMORTAL) // its refcount tells nothing
        return;
    const struct heap_surplus *surplus = heap_roots_surplus(s->roots, to);
    uint64_t left =
        surplus && surplus->surplus > surplus->seen ? surplus->surplus - surplus->seen : 0;
    bool ring = may_ring(s->heap, to);
    for (size_t i = 0; i < count; i++) {
        tally->claimed++;
        if (!claims[i].known && !left)
            continue;
        left -= !claims[i].known;
        if (!tally->good || (ring && !tally->ring))
            tally->example = claims[i].from;
        tally->good++;
        tally->ring = tally->ring || ring;
    }
}

static bool judge(struct search *s, const struct claim *claims, size_t count, struct unseen *out)
{
    const struct row *row = &s->rows[claims->owner];
    struct spot place = row->places[claims->offset / 8];
    struct tally tally = { 0 };
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && claims[next].to == claims[i].to;)
            next++;
        weigh(s, claims + i, next - i, &tally);
    }
    if (row->guessed || row->instances < FEW || !tally.ring || !NEARLY(tally.good, tally.claimed)
        || !HARDLY(place.others, place.objects) || !HARDLY(place.visited, place.objects))
        return true;
    if (!vec_grow(&out->members, &out->room, out->count + 1, sizeof *out->members, s->err))
        return false;
    out->members[out->count++] = (struct unseen_member){
        .type = claims->owner,
        .offset = claims->offset,
        .instances = row->instances,
        .judged = row->judged,
        .held = tally.good,
        .example = tally.example,
        .has_flag = type_row(s->heap->py->types, claims->owner)->is_gc,
    };
    return true;
}

static bool judge_all(struct search *s, struct unseen *out)
{
    for (uint32_t t = 0; t < s->type_count; t++) {
        const struct row *row = &s->rows[t];
        out->types += row->instances >= FEW && !row->guessed;
        out->few += row->instances && row->instances < FEW;
        out->untold += row->instances >= FEW && row->guessed;
    }
    if (s->count)
        qsort(s->claims, s->count, sizeof *s->claims, by_member);
    for (size_t i = 0, next; i < s->count; i = next) {
        for (next = i + 1; next < s->count && s->claims[next].owner == s->claims[i].owner
                           && s->claims[next].offset == s->claims[i].offset;)
            next++;
        if (!judge(s, s->claims + i, next - i, out))
            return false;
    }
    return true;
}

bool heap_unseen(const struct heap *heap, const struct heap_roots *roots, struct unseen *out,
                 struct err *err)
{
    *out = (struct unseen){ 0 };
    struct search s = { .heap = heap, .roots = roots, .err = err };
    bool ok = choose_types(&s) && look_at_all(&s) && judge_all(&s, out);
    for (uint32_t t = 0; s.rows && t < s.type_count; t++)
        free(s.rows[t].places);
    free(s.rows);
    free(s.owner);
    free(s.claims);
    if (!ok)
        unseen_free(out);
    return ok;
}

void unseen_free(struct unseen *unseen)
{
    free(unseen->members);
    *unseen = (struct unseen){ 0 };
}
