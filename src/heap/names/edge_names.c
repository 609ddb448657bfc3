// SPDX-License-Identifier: GPL-3.0-or-later
// Finding in an object what its tp_traverse visits: see edge_names.h.
#include "heap/names/edge_names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "base/vec.h"
#include "py/kinds/kind.h"
#include "py/read.h"
#include "py/objects/member.h"
#include "py/extension/structs.h"

#define ROOM 1024
#define ITEMS_MAX (UINT64_C(1) << 26) // bytes of a variable-size object
#define NAMED_MAX 3                   // places that cannot be told apart, at most

enum place_kind {
    PLACE_READ,   // a decoder, the attributes: `name`
    PLACE_WORD,   // a word of the object: `offset`
    PLACE_BEHIND, // a word of a struct that the object points to
};

struct edge_names_place {
    addr to;
    uint32_t order, visits, used; // the last two: set in the first of all places with this address
    uint8_t kind;
    bool holds;    // whoever reads it says that it is not visited
    bool excluded; // according to debug information there is no pointer to an object
    union {
        struct ref_name name;
        int64_t offset;
        struct structs_place behind;
    };
};

// --- places -------------------------------------------------------------------------------------

static void edge_names_add_place(struct edge_names *traversed, struct edge_names_place place)
{
    if (traversed->failed
        || !vec_grow(&traversed->places, &traversed->room, traversed->count + 1,
                     sizeof *traversed->places, NULL)) {
        traversed->failed = true;
        return;
    }
    place.order = (uint32_t)traversed->count;
    traversed->places[traversed->count++] = place;
}

// Whether a word of a Python class's instance is known otherwise: by __slots__, or as its dict.
static bool is_read_already(const struct edge_names *traversed, int64_t offset)
{
    const struct type *type = traversed->type;
    if (offset == type->weaklistoffset || offset == type->dictoffset)
        return true;
    for (uint32_t i = 0; type->is_python_class && i < type->slot_count; i++)
        if (type->slots[i].offset == offset)
            return true;
    return false;
}

static void edge_names_add_word(struct edge_names *traversed, addr to, int64_t offset)
{
    if (!is_read_already(traversed, offset))
        edge_names_add_place(
            traversed, (struct edge_names_place){ .to = to, .kind = PLACE_WORD, .offset = offset });
}

static void take_read(struct refs *refs)
{
    struct edge_names *traversed = refs->context;
    for (size_t i = 0; i < refs->count; i++) {
        addr to = refs->to[i] & ~(addr)REF_FLAGS;
        if (refs->names[i].kind == REF_OFFSET)
            edge_names_add_word(traversed, to, (int64_t)refs->names[i].value);
        else
            edge_names_add_place(traversed,
                                 (struct edge_names_place){ .to = to,
                                                            .kind = PLACE_READ,
                                                            .holds = (refs->to[i] & REF_HOLDS) != 0,
                                                            .name = refs->names[i] });
    }
    refs->count = 0;
}

static void edge_names_take_behind(void *context, addr to, struct structs_place place)
{
    edge_names_add_place(
        context, (struct edge_names_place){ .to = to, .kind = PLACE_BEHIND, .behind = place });
}

// Adds the words after tp_basicsize, for types that no decoder knows.
static void read_items(struct edge_names *traversed)
{
    const struct python *py = traversed->heap->py;
    const struct type *type = traversed->type;
    if (type->kind || type->itemsize <= 0)
        return;
    const uint8_t *head = VIEW(py, traversed->at, PyVarObject);
    uint64_t most = head ? magnitude(LOAD(py, head, PyVarObject_ob_size)) : 0;
    uint64_t start = (uint64_t)type->basicsize;
    if (most > ITEMS_MAX / (uint64_t)type->itemsize)
        return;
    uint64_t first = (start + 7) & ~UINT64_C(7), end = start + most * (uint64_t)type->itemsize;
    const uint8_t *o =
        end > first ? target_view(py->target, traversed->at + first, (size_t)(end - first)) : NULL;
    for (uint64_t i = first; o && i + 8 <= end; i += 8) {
        addr to = load64(o + (i - first));
        if (to && !(to & REF_FLAGS)
            && address_map_node(&traversed->heap->addresses, to) != NODE_NONE)
            edge_names_add_word(traversed, to, (int64_t)i);
    }
}

static void edge_names_read_places(struct edge_names *traversed)
{
    uint64_t to[ROOM];
    struct ref_name names[ROOM];
    struct refs refs = {
        .to = to, .names = names, .capacity = ROOM, .full = take_read, .context = traversed
    };
    const struct python *py = traversed->heap->py;
    const struct type *type = traversed->type;
    if (!type->kind && (type->flags & TPFLAGS_HEAPTYPE) && !type->visits_type)
        refs_member(
            &refs,
            refs_from(&refs,
                      target_view(py->target, INSIDE(py, traversed->at, PyObject_ob_type), 8),
                      type->at),
            ".__class__");
    if (!type->kind && !(type->is_python_class && type->visits_dict))
        kind_attributes(py, type, traversed->at, &refs);
    kind_refs(py, type, traversed->at, &refs);
    take_read(&refs);
    read_items(traversed);
    if (!type->kind)
        structs_behind(py, type, traversed->at, edge_names_take_behind, traversed);
}

static int edge_names_by_address(const void *a, const void *b)
{
    const struct edge_names_place *x = a, *y = b;
    return x->to != y->to ? (x->to < y->to ? -1 : 1)
                          : (x->order > y->order) - (x->order < y->order);
}

// --- one object's places ------------------------------------------------------------------------

// The places that hold the address, as [*first, *end).
static bool edge_names_find(const struct edge_names *traversed, addr to, size_t *first, size_t *end)
{
    *first = *end = search_u64(traversed->places, traversed->count, sizeof *traversed->places,
                               offsetof(struct edge_names_place, to), to);
    for (; *end < traversed->count && traversed->places[*end].to == to;)
        ++*end;
    return *first < *end;
}

static bool is_excluded(const struct edge_names *traversed, const struct edge_names_place *place)
{
    const struct python *py = traversed->heap->py;
    struct text name = TEXT_INIT;
    if (place->kind != PLACE_WORD || type_member_at(py, traversed->type, place->offset))
        return false;
    bool excluded = structs_name(py, traversed->type, place->offset, &name) == STRUCTS_NO_MEMBER;
    text_fini(&name);
    return excluded;
}

// If a visited object is found only where the struct has no pointer, it is the wrong struct.
static void edge_names_weigh(struct edge_names *traversed, size_t first, size_t end)
{
    size_t excluded = 0;
    for (size_t i = first; i < end; i++)
        excluded += traversed->places[i].excluded = is_excluded(traversed, &traversed->places[i]);
    if (excluded < end - first)
        return;
    for (size_t i = first; i < end; i++) {
        structs_doubt(traversed->heap->py, traversed->type, traversed->places[i].offset);
        traversed->places[i].excluded = false;
    }
}

static void count_visits(struct edge_names *traversed)
{
    const struct heap *heap = traversed->heap;
    size_t first, end;
    for (uint64_t e = csr_first(&heap->forward, traversed->from);
         e < csr_end(&heap->forward, traversed->from); e++) {
        uint32_t word = heap->forward.to[e];
        if (word & EDGE_HOLDS
            || !edge_names_find(traversed, heap_addr(heap, word & EDGE_NODE), &first, &end))
            continue;
        if (!traversed->places[first].visits++)
            edge_names_weigh(traversed, first, end);
    }
}

bool edge_names_init(struct edge_names *traversed, const struct heap *heap, node from,
                     struct err *err)
{
    *traversed = (struct edge_names){ .heap = heap,
                                      .type = type_row(heap->py->types, heap_type(heap, from)),
                                      .from = from,
                                      .at = heap_addr(heap, from) };
    edge_names_read_places(traversed);
    if (traversed->failed) {
        edge_names_fini(traversed);
        return err_memory(err, "the names of references");
    }
    if (traversed->count)
        qsort(traversed->places, traversed->count, sizeof *traversed->places,
              edge_names_by_address);
    count_visits(traversed);
    return true;
}

void edge_names_fini(struct edge_names *traversed)
{
    free(traversed->places);
    *traversed = (struct edge_names){ 0 };
}

// --- names --------------------------------------------------------------------------------------

static void edge_names_add_name(const struct edge_names *traversed,
                                const struct edge_names_place *place, struct text *out)
{
    struct ref_name name = place->name;
    if (place->kind == PLACE_WORD)
        name = (struct ref_name){ .kind = REF_OFFSET, .value = (uint64_t)place->offset };
    if (place->kind == PLACE_BEHIND)
        structs_place_name(place->behind, out);
    else
        kind_name(traversed->heap->py, traversed->type, traversed->at, name, out);
}

// The places that may be meant; for a reference that is only held, those that are read as held.
static size_t usable(const struct edge_names *traversed, size_t first, size_t end, bool holds,
                     const struct edge_names_place *fit[static NAMED_MAX + 1])
{
    size_t count = 0;
    for (size_t i = first; i < end; i++) {
        const struct edge_names_place *place = &traversed->places[i];
        if (place->excluded || place->holds != holds)
            continue;
        if (count <= NAMED_MAX)
            fit[count] = place;
        count++;
    }
    return count;
}

static const struct edge_names_place *nth_usable(const struct edge_names *traversed, size_t first,
                                                 size_t end, bool holds, size_t n)
{
    for (size_t i = first; i < end; i++) {
        const struct edge_names_place *place = &traversed->places[i];
        if (!place->excluded && place->holds == holds && n-- == 0)
            return place;
    }
    return NULL;
}

static void add_names(const struct edge_names *traversed, const struct edge_names_place *const *fit,
                      size_t count, struct text *out)
{
    text_add_char(out, '(');
    for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
        text_add_string(out, i ? " or " : "");
        edge_names_add_name(traversed, fit[i], out);
    }
    text_add_string(out, count > NAMED_MAX ? " or ...)" : ")");
}

// The address of the word in a place, if that holds the reference; 0: the reference is computed.
static addr edge_names_slot(const struct edge_names *traversed,
                            const struct edge_names_place *place)
{
    struct target *target = traversed->heap->py->target;
    addr at = place->kind == PLACE_WORD     ? traversed->at + (uint64_t)place->offset
              : place->kind == PLACE_BEHIND ? place->behind.at
                                            : target_address(target, place->name.slot);
    const uint8_t *word = at ? target_view(target, at, 8) : NULL;
    return word && (load64(word) & ~(addr)REF_FLAGS) == place->to ? at : 0;
}

// Names the reference after the one place that it is in.
static void edge_names_tell(const struct edge_names *traversed,
                            const struct edge_names_place *place, struct text *out, addr *slot)
{
    edge_names_add_name(traversed, place, out);
    *slot = edge_names_slot(traversed, place);
}

void edge_names_name(struct edge_names *traversed, node to, uint32_t flags, struct text *out,
                     addr *slot)
{
    addr wanted = heap_addr(traversed->heap, to);
    bool holds = (flags & EDGE_HOLDS) != 0;
    const struct edge_names_place *fit[NAMED_MAX + 1];
    size_t first = 0, end = 0, count = 0;
    uint32_t used = 0, visits = 1;
    *slot = 0;
    if (edge_names_find(traversed, wanted, &first, &end)) {
        count = usable(traversed, first, end, holds, fit);
        used = traversed->places[first].used++;
        visits = holds ? UINT32_MAX : traversed->places[first].visits;
    }
    bool is_class = wanted == traversed->type->at && count && fit[0]->kind == PLACE_READ;
    if (count > visits && is_class) // every heap type is visited, whoever else holds it
        edge_names_tell(traversed, fit[0], out, slot);
    else if (count > visits)
        add_names(traversed, fit, count, out);
    else if (used < count)
        edge_names_tell(traversed, nth_usable(traversed, first, end, holds, used), out, slot);
    else
        text_add_string(out, wanted == traversed->type->at ? ".__class__" : "(by its tp_traverse)");
}
