// SPDX-License-Identifier: GPL-3.0-or-later
// Containers far larger than their content.
//
// Dicts and sets keep their table when items are deleted; only adding replaces it. Normal growth
// leaves at most six times the room needed (Objects/dictobject.c, setobject.c), so eight times
// means that much was there and was deleted. Lists and bytearrays shrink at half.
#include <stdlib.h>

#include "finding/saving.h"
#include "py/objects/content.h"

#define FAR 8
#define SAMPLE 64

struct oversized_tally { // of one type's small ones, added up
    uint64_t objects, bytes;
    node sample[SAMPLE];
};

// By how much the table could shrink, give or take one doubling.
static uint64_t excess(const struct finder *f, node n, uint64_t length, uint64_t room)
{
    uint64_t base = (uint64_t)finder_type(f, n)->basicsize + finder_type(f, n)->presize;
    uint64_t size = heap_size(f->heap, n);
    uint64_t table = size > base ? size - base : 0, needed = 2 * length + 5;
    if (finder_roles(f, n) & ROLE_LIST)
        return room > length + length / 2 + 8 ? (room - length) * 8 : 0;
    if (length > room || room / FAR < length || room <= needed)
        return 0;
    uint64_t shrink = 1;
    while (room / (shrink * 2) >= needed)
        shrink *= 2;
    return table - table / shrink;
}

static const char *remedy(const struct finder *f, node n)
{
    uint32_t roles = finder_roles(f, n);
    return roles & ROLE_DICT    ? "a copy (d = dict(d)) is as small as its content"
           : roles & ROLE_SET   ? "a copy (s = set(s)) is as small as its content"
           : roles & ROLE_DEQUE ? "a deque allocates a block of 64 items at least: a list or tuple "
                                  "is smaller for a few"
                                : "a copy is as small as its content";
}

static bool add_one(struct finder *f, node n, uint64_t bytes, uint64_t length, uint64_t room,
                    enum severity severity, struct err *err)
{
    const struct finding finding = {
        .severity = severity,
        .bytes = bytes,
        .objects = 1,
        .object = n,
        .what = finder_text(f, "%s has room for %s and holds %s: %s wasted", finder_name(f, n),
                            finder_plural(f, room, "item"), finder_count(f, length),
                            finder_size(f, bytes)),
        .why =
            finder_text(f, "%s %s keeps its memory when items are removed; %s",
                        text_article(finder_type_name(f, n)), finder_type_name(f, n), remedy(f, n)),
        .next = finder_text(f, "path %s", finder_word(f, n)),
    };
    return finder_add(f, &finding, err);
}

static bool add_many(struct finder *f, const struct oversized_tally *tally, struct err *err)
{
    enum severity severity;
    if (!tally->objects || !saving_matters(f, tally->bytes, &severity))
        return true;
    node first = tally->sample[0];
    const char *place =
        saving_place(f, tally->sample, tally->objects < SAMPLE ? (size_t)tally->objects : SAMPLE);
    const struct finding finding = {
        .severity = severity,
        .bytes = tally->bytes,
        .objects = tally->objects,
        .object = first,
        .what = finder_text(f, "%s %s %s many times the room needed: %s wasted",
                            finder_count(f, tally->objects), finder_type_name(f, first),
                            text_plural(tally->objects, "object has", "objects have"),
                            finder_size(f, tally->bytes)),
        .why = finder_text(f, "%s%s%s", *place ? "mostly " : "", place,
                           finder_text(f, "%s%s", *place ? "; " : "", remedy(f, first))),
        .next = finder_text(f, "path %s", finder_word(f, first)),
    };
    return finder_add(f, &finding, err);
}

static bool oversized_look_at(struct finder *f, node n, struct oversized_tally *tally,
                              struct err *err)
{
    const struct type *type = finder_type(f, n);
    uint64_t length, room, bytes;
    enum severity severity;
    addr at = heap_addr(f->heap, n);
    if (!content_length(f->py, type, at, &length) || !content_room(f->py, type, at, &room))
        return true;
    bytes = excess(f, n, length, room);
    if (!bytes)
        return true;
    if (saving_matters(f, bytes, &severity))
        return add_one(f, n, bytes, length, room, severity, err);
    if (tally->objects < SAMPLE)
        tally->sample[tally->objects] = n;
    tally->objects++;
    tally->bytes += bytes;
    return true;
}

static bool grows(const struct finder *f, uint32_t type)
{
    return f->types[type].roles & ROLE_GROWS
           || type_is(type_row(f->py->types, type), TRAIT_BYTEARRAY);
}

static bool oversized_find(struct finder *f, struct err *err)
{
    uint32_t types = heap_type_count(f->heap);
    uint64_t least = saving_least(f);
    bool ok = finder_need_paths(f, err);
    uint8_t *looks = calloc((size_t)types + 1, 1);
    struct oversized_tally **tallies = calloc((size_t)types + 1, sizeof *tallies);
    for (uint32_t t = 0; ok && looks && tallies && t < types; t++)
        if (f->types[t].bytes >= least && grows(f, t)) {
            looks[t] = 1;
            tallies[t] = calloc(1, sizeof **tallies);
            ok = tallies[t] || err_memory(err, "the table of types");
        }
    if (ok && (!looks || !tallies))
        ok = err_memory(err, "the table of types");
    for (node n = 0; ok && n < f->heap->node_count; n++)
        if (looks[heap_type(f->heap, n)])
            ok = oversized_look_at(f, n, tallies[heap_type(f->heap, n)], err);
    for (uint32_t t = 0; tallies && t < types; t++) {
        ok = ok && (!tallies[t] || add_many(f, tallies[t], err));
        free(tallies[t]);
    }
    free(tallies);
    free(looks);
    return ok;
}

const struct finding_kind finding_oversized = {
    .name = "oversized",
    .help = "containers with far more memory than their content needs",
    .needs = FINDING_NEEDS_ROOTS,
    .find = oversized_find,
};
