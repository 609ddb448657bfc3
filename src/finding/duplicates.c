// SPDX-License-Identifier: GPL-3.0-or-later
// Equal content: see duplicates.h.
//
//   1. An object's hash picks a slot of an open table, whose tag is the hash's upper half.
//   2. Where the tags match, contents are compared. If equal, the slot's first object gets a group;
//      otherwise the next slot is tried.
#include "finding/duplicates.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/objects/content.h"
#include "py/read.h"
#include "py/objects/str.h"

#define IS_GROUP (UINT32_C(1) << 31) // in a slot: the index of a group, not an object
#define ITEMS_MAX 64                 // a longer container is not compared
#define HOLDERS_MAX 8                // referrers of a dict that are asked whether it is theirs
#define PROGRESS_EVERY (1u << 20)

enum form { FORM_NONE, FORM_STR, FORM_RAW, FORM_ITEMS }; // how a type's content is read

struct duplicates_slot {
    uint32_t tag;
    uint32_t what; // NODE_NONE: free
};

struct duplicates_search {
    struct duplicates *same;
    struct finder *f;
    uint8_t *forms; // per type
    bool items;     // containers are compared, not strings and numbers
    struct duplicates_slot *slots;
    size_t mask;
};

// --- contents -----------------------------------------------------------------------------------

struct duplicates_bytes {
    const uint8_t *data;
    uint64_t size;
    unsigned width;
};

static uint8_t form_of(const struct finder *f, uint32_t index)
{
    static const struct {
        traits any;
        uint8_t form;
    } rows[] = {
        { TRAIT_TEXT, FORM_STR },
        { TRAIT_BYTES | TRAIT_INT | TRAIT_FLOAT | TRAIT_COMPLEX, FORM_RAW },
        { TRAIT_TUPLE | TRAIT_LIST | TRAIT_DICT | TRAIT_ANY_SET, FORM_ITEMS },
    };
    const struct type *type = type_row(f->py->types, index);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (type_is_exact(type, rows[i].any))
            return rows[i].form;
    return FORM_NONE;
}

// bytes and numbers: everything after the object's header, as far as sys.getsizeof() says.
static bool raw_bytes(const struct finder *f, node n, struct duplicates_bytes *out)
{
    uint64_t header = SIZE(f->py, PyObject), size = heap_size(f->heap, n);
    addr at = heap_addr(f->heap, n);
    // Between the length and the text of a bytes object is its hash, which may not be computed yet.
    if (f->types[heap_type(f->heap, n)].roles & ROLE_STRING)
        header = BEFORE(f->py, PyBytesObject_ob_sval);
    if (size <= header)
        return false;
    *out = (struct duplicates_bytes){ target_view(f->py->target, at + header, size - header),
                                      size - header, 0 };
    return out->data != NULL;
}

static bool content(const struct finder *f, uint8_t form, node n, struct duplicates_bytes *out)
{
    struct str_view view;
    if (form == FORM_RAW)
        return raw_bytes(f, n, out);
    if (form != FORM_STR || !str_view(f->py, heap_addr(f->heap, n), &view) || view.cut)
        return false;
    *out = (struct duplicates_bytes){ view.data, view.length * view.width, view.width };
    return true;
}

// --- hashes -------------------------------------------------------------------------------------

static uint64_t duplicates_mix(uint64_t a, uint64_t b)
{
    uint64_t x = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
    return x ^ x >> 29;
}

static uint64_t hash_bytes(const struct duplicates_bytes *b)
{
    uint64_t hash = b->size * 4 + b->width, i = 0;
    for (; i + 8 <= b->size; i += 8)
        hash = duplicates_mix(hash, load64(b->data + i)) * UINT64_C(0xbf58476d1ce4e5b9);
    uint64_t rest = 0;
    for (; i < b->size; i++)
        rest = rest << 8 | b->data[i];
    return duplicates_mix(hash, rest) * UINT64_C(0x94d049bb133111eb);
}

static uint64_t hash_item(const struct duplicates_search *s, node n)
{
    struct duplicates_bytes b;
    uint32_t type = heap_type(s->f->heap, n);
    uint8_t form = s->forms[type];
    if ((form == FORM_STR || form == FORM_RAW) && content(s->f, form, n, &b))
        return duplicates_mix(hash_bytes(&b), type);
    return duplicates_mix(n, UINT64_C(0x7f4a7c15));
}

// False: the object cannot be compared.
static bool hash_object(const struct duplicates_search *s, node n, uint64_t *hash)
{
    const struct csr *forward = &s->f->heap->forward;
    uint32_t type = heap_type(s->f->heap, n);
    struct duplicates_bytes b;
    if (!s->items) {
        if (!content(s->f, s->forms[type], n, &b) || !b.size)
            return false;
        *hash = duplicates_mix(hash_bytes(&b), type);
        return true;
    }
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n);
    *hash = duplicates_mix(type, end - first);
    for (uint64_t e = first; e < end; e++)
        *hash = duplicates_mix(*hash, hash_item(s, forward->to[e] & EDGE_NODE)) * 3;
    return true;
}

// --- equality -----------------------------------------------------------------------------------

static bool equal_items(const struct duplicates_search *s, node a, node b)
{
    const struct heap *heap = s->f->heap;
    uint32_t type = heap_type(heap, a);
    struct duplicates_bytes x, y;
    if (a == b)
        return true;
    uint8_t form = s->forms[type];
    if (type != heap_type(heap, b) || form == FORM_NONE || form == FORM_ITEMS)
        return false;
    return content(s->f, form, a, &x) && content(s->f, form, b, &y) && x.size == y.size
           && x.width == y.width && !memcmp(x.data, y.data, x.size);
}

static bool equal(const struct duplicates_search *s, node a, node b)
{
    const struct heap *heap = s->f->heap;
    if (!s->items || heap_type(heap, a) != heap_type(heap, b))
        return equal_items(s, a, b);
    uint64_t x = csr_first(&heap->forward, a), y = csr_first(&heap->forward, b);
    uint64_t count = csr_end(&heap->forward, a) - x;
    if (csr_end(&heap->forward, b) - y != count)
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (!equal_items(s, heap->forward.to[x + i] & EDGE_NODE,
                         heap->forward.to[y + i] & EDGE_NODE))
            return false;
    return true;
}

// --- what is compared ---------------------------------------------------------------------------

// Whether it holds the attributes of an instance, a class or a module: such a dict cannot be
// shared.
static bool duplicates_is_attributes(const struct finder *f, node n)
{
    const struct csr *reverse = &f->heap->reverse;
    uint64_t first = csr_first(reverse, n);
    for (uint64_t e = first; e < csr_end(reverse, n) && e < first + HOLDERS_MAX; e++) {
        node from = reverse->to[e] & EDGE_NODE;
        if (finder_roles(f, from) & (ROLE_TYPE | ROLE_MODULE | ROLE_FUNCTION))
            return true;
        if (finder_roles(f, from) & ROLE_INSTANCE && heap_referent(f->heap, from, ".__dict__") == n)
            return true;
    }
    return false;
}

// Whether code refers to it: the compiler has interned what it can.
static bool duplicates_is_code(const struct finder *f, node n)
{
    const struct csr *reverse = &f->heap->reverse;
    uint64_t first = csr_first(reverse, n);
    if (first == csr_end(reverse, n))
        return false;
    const struct type *type = finder_type(f, reverse->to[first] & EDGE_NODE);
    return type_is(type, TRAIT_CODE);
}

// Whether it is the buffer that a BytesIO, or from 3.15 on a bytearray, writes into: no shareable
// value.
static bool duplicates_is_buffer(const struct finder *f, node n)
{
    const struct csr *reverse = &f->heap->reverse;
    uint64_t first = csr_first(reverse, n);
    if (csr_end(reverse, n) != first + 1)
        return false;
    const struct type *type = finder_type(f, reverse->to[first] & EDGE_NODE);
    return type_is(type, TRAIT_BYTEARRAY | TRAIT_BYTES_STREAM);
}

// Whether one of its items can only be in it: nothing else refers to the item, and only strings and numbers
// are compared by their content. Then no other container is equal.
static bool duplicates_has_unique(const struct duplicates_search *s, node n)
{
    const struct csr *forward = &s->f->heap->forward, *reverse = &s->f->heap->reverse;
    uint64_t first = csr_first(forward, n), end = csr_end(forward, n);
    for (uint64_t e = first; e < end; e++) {
        node to = forward->to[e] & EDGE_NODE;
        uint8_t form = s->forms[heap_type(s->f->heap, to)];
        if (form != FORM_STR && form != FORM_RAW
            && csr_end(reverse, to) - csr_first(reverse, to) == 1)
            return true;
    }
    return false;
}

static bool duplicates_is_short(const struct duplicates_search *s, node n)
{
    const struct csr *forward = &s->f->heap->forward;
    uint64_t count = csr_end(forward, n) - csr_first(forward, n);
    return count && count <= ITEMS_MAX;
}

static bool wants(const struct duplicates_search *s, node n)
{
    uint32_t type = heap_type(s->f->heap, n), roles = s->f->types[type].roles;
    uint8_t form = s->forms[type];
    if (!s->items)
        return (form == FORM_STR || form == FORM_RAW) && roles & ROLE_STRING
               && !duplicates_is_code(s->f, n) && !duplicates_is_buffer(s->f, n);
    return form == FORM_ITEMS && duplicates_is_short(s, n) && !duplicates_has_unique(s, n)
           && !duplicates_is_code(s->f, n)
           && !(roles & ROLE_DICT && duplicates_is_attributes(s->f, n));
}

// --- the table ----------------------------------------------------------------------------------

static bool duplicates_add_to_group(struct duplicates_search *s, struct duplicates_slot *slot,
                                    node n, struct err *err)
{
    struct duplicates *same = s->same;
    if (!(slot->what & IS_GROUP)) {
        if (!vec_grow(&same->groups, &same->capacity, same->count + 1, sizeof *same->groups, err))
            return false;
        same->groups[same->count] = (struct duplicates_group){ .first = slot->what };
        slot->what = IS_GROUP | (uint32_t)same->count++;
    }
    struct duplicates_group *group = &same->groups[slot->what & ~IS_GROUP];
    uint64_t bytes = heap_size(s->f->heap, n);
    group->others++;
    group->bytes += bytes;
    same->others++;
    same->bytes += bytes;
    return true;
}

static bool duplicates_put(struct duplicates_search *s, node n, struct err *err)
{
    uint64_t hash;
    s->same->looked++;
    if (!hash_object(s, n, &hash))
        return true;
    uint32_t tag = (uint32_t)(hash >> 32);
    for (size_t i = (size_t)hash & s->mask;; i = (i + 1) & s->mask) {
        struct duplicates_slot *slot = &s->slots[i];
        if (slot->what == NODE_NONE) {
            *slot = (struct duplicates_slot){ tag, n };
            return true;
        }
        node first =
            slot->what & IS_GROUP ? s->same->groups[slot->what & ~IS_GROUP].first : slot->what;
        if (slot->tag == tag && equal(s, first, n))
            return duplicates_add_to_group(s, slot, n, err);
    }
}

static bool make_table(struct duplicates_search *s, struct err *err)
{
    const struct finder *f = s->f;
    uint64_t room = 0;
    uint32_t types = heap_type_count(f->heap);
    s->forms = calloc((size_t)types + 1, 1);
    for (uint32_t i = 0; s->forms && i < types; i++) {
        s->forms[i] = form_of(f, i);
        bool is_text = f->types[i].roles & ROLE_STRING;
        if (s->items ? s->forms[i] == FORM_ITEMS : s->forms[i] != FORM_NONE && is_text)
            room += f->types[i].count;
    }
    size_t slots = 1024;
    while (slots < 2 * room)
        slots *= 2;
    s->mask = slots - 1;
    s->slots = malloc(slots * sizeof *s->slots);
    if (!s->forms || !s->slots)
        return err_memory(err, "a table of contents");
    memset(s->slots, 0xff, slots * sizeof *s->slots);
    return true;
}

static int duplicates_by_bytes(const void *left, const void *right)
{
    const struct duplicates_group *a = left, *b = right;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? -1 : 1;
    return (a->first > b->first) - (a->first < b->first);
}

bool duplicates_find(struct duplicates *same, struct finder *f, enum duplicates_what what,
                     struct err *err)
{
    *same = (struct duplicates){ 0 };
    struct duplicates_search s = { .same = same, .f = f, .items = what == DUPLICATES_CONTAINERS };
    bool ok = make_table(&s, err);
    for (node n = 0; ok && n < f->heap->node_count; n++) {
        if (n % PROGRESS_EVERY == 0
            && !progress_step(f->progress, "comparing contents", n, f->heap->node_count))
            ok = err_set(err, ERR_CANCELLED, "comparing contents was cancelled");
        else if (wants(&s, n))
            ok = duplicates_put(&s, n, err);
    }
    free(s.forms);
    free(s.slots);
    if (!ok)
        duplicates_free(same);
    else if (same->count)
        qsort(same->groups, same->count, sizeof *same->groups, duplicates_by_bytes);
    return ok;
}

void duplicates_free(struct duplicates *same)
{
    free(same->groups);
    *same = (struct duplicates){ 0 };
}

size_t duplicates_members(const struct duplicates_group *group, const struct finder *f,
                          node *members, size_t most)
{
    uint32_t types = heap_type_count(f->heap), type = heap_type(f->heap, group->first);
    struct duplicates_search s = { .f = (struct finder *)f, .forms = calloc((size_t)types + 1, 1) };
    size_t count = 0;
    if (!s.forms)
        return 0;
    for (uint32_t i = 0; i < types; i++)
        s.forms[i] = form_of(f, i);
    s.items = s.forms[type] == FORM_ITEMS;
    uint64_t size = heap_size(f->heap, group->first);
    for (node n = group->first; n < f->heap->node_count && count < most; n++)
        if (heap_type(f->heap, n) == type && (s.items || heap_size(f->heap, n) == size)
            && equal(&s, group->first, n))
            members[count++] = n;
    free(s.forms);
    return count;
}
