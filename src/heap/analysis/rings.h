// SPDX-License-Identifier: GPL-3.0-or-later
// Components of the heap that hold rings, grouped by shape, and one ring of each as names: what
// `cycles` and `ring` show.
//
// Does not know: rows. Borrows: the heap; types' names in steps are its own. Owns: the components and
// groups, until rings_free().
// Cost: rings_find() looks at every object and reference of the walk once, then at the ones on
// rings a few times more; names are read only of components with up to RINGS_NAMED_MAX objects, so
// that one giant component costs no more than its edges.
#ifndef OURO_CMD_RINGS_H
#define OURO_CMD_RINGS_H

#include "base/arena.h"
#include "base/text.h"
#include "graph/graph.h"
#include "heap/heap.h"

#define RINGS_NAMED_MAX 4096

struct rings_group {
    uint64_t shape; // equal for rings that are alike: same types, same names of references
    uint32_t first; // the component that stands for all
    uint32_t copies;
    uint64_t bytes; // of all copies
};

struct rings {
    const struct heap *heap;
    uint64_t *only; // marks over nodes: the walk
    struct scc scc;
    struct scc_rings found;
    struct part_desk desk;
    struct rings_group *groups; // in the order in which their first component was found
    size_t group_count, group_capacity;
    uint32_t *group_of; // per component of `found`
};

// Which objects count; context is the caller's.
typedef bool rings_filter(const void *context, node n);

bool rings_find(struct rings *rings, const struct heap *heap, rings_filter *filter,
                const void *context, const struct progress *progress, struct err *err);
void rings_free(struct rings *rings);

static inline struct walk rings_walk(const struct rings *rings)
{
    return (struct walk){ .skip_mask = EDGE_HOLDS, .only = rings->only };
}
static inline uint32_t rings_size(const struct rings *rings, uint32_t component)
{
    return rings->found.first[component + 1] - rings->found.first[component];
}
static inline const uint32_t *rings_members(const struct rings *rings, uint32_t component)
{
    return rings->found.member + rings->found.first[component];
}
uint64_t rings_bytes(const struct rings *rings, uint32_t component);

// A shortest ring of the component, step by step: each object refers to the next one, the last one to
// the first. Through an instance's __dict__ the two references are one step, as they are to a person.
struct ring_step {
    node object, next;
    addr slot;        // the word that holds the reference; 0: it is worked out
    const char *type; // the object's, without the module: "Node"; the heap's
    const char *edge; // ".next", "[3]", "local x in f() app.py:12"
    bool is_cut;      // it is among the references to cut
};
struct ring_steps {
    struct ring_step *items;
    size_t count;
};

// "Node.next -> Node.next".
void ring_steps_text(const struct ring_steps *steps, struct text *out);

// The references to cut are a text, "Node.next" or "Node.next, .owner": only such as a program can
// take out, and so many that no ring is left; of components with up to RINGS_CUT_MAX objects as few as
// can be.
#define RINGS_CUT_MAX 65536
struct rings_cut {
    node on_ring;    // an object on the ring that is drawn
    node from;       // whose reference the first is; NODE_NONE: none can be cut, the text is empty
    const char *why; // why these, in a sentence; static
    bool is_many;    // more than one has to go
    bool opens;      // no ring is left without them
    // Simulated, on all copies or the first of very many: their objects, and how many of these
    // refcounts alone would free without the references. 0: not tried.
    uint64_t objects, freed;
};
// The steps live in the arena.
bool rings_draw(struct rings *rings, uint32_t component, struct arena *arena,
                struct ring_steps *steps, struct text *cut, struct rings_cut *about,
                struct err *err);

// Whether it was seen that all would be freed without a collection.
static inline bool rings_cut_frees(const struct rings_cut *cut)
{
    return cut->opens && cut->objects && cut->freed == cut->objects;
}

// "2 Order, dict": the types of a component, the most frequent first.
bool rings_types(const struct rings *rings, uint32_t component, struct text *out, struct err *err);

#endif
