// SPDX-License-Identifier: GPL-3.0-or-later
// Asking the types' own tp_traverse, in the jail, where no decoder knows better; and checking the
// decoders against it. Private to src/heap.
//
//   1. While objects are being found, those without a (whole) decoder wait in `items`.
//   2. The jail answers all of them in one batch, each after its type's tp_is_gc where it has one;
//      the answers stay in `answers` until the references are numbered.
//   3. The first instances of every decoded type, and a sample of the rest, are asked too. Where
//      the decoder's answer differs, the type is disputed and all of its instances are asked:
//      tp_traverse is right by definition.
//
// Owns: questions and answers. Borrows: the jail, which may be null: then nothing is
// asked. Cost: 24 bytes per queued object and 8 per referent,
// until the heap is built.
#ifndef OURO_HEAP_BUILD_JAIL_QUEUE_H
#define OURO_HEAP_BUILD_JAIL_QUEUE_H

#include "base/map.h"
#include "heap/heap.h"
#include "py/kinds/refs.h"
#include "py/extension/traverse.h"
#include "py/objects/type.h"

struct jail_queue_answer {
    addr object;
    uint64_t first; // in refs
    uint32_t count;
    bool answered; // false: the function failed on this object
    bool outside;  // tp_is_gc says that the collector does not own it: it holds, unvisited
};

struct jail_queue {
    struct traverse *jail; // null: nobody to ask
    struct traverse_item *items;
    size_t item_count, item_capacity;
    struct map outside; // items, by address, to which tp_is_gc said no
    struct jail_queue_answer *answers;
    size_t answer_count, answer_capacity;
    addr *refs;
    size_t ref_count, ref_capacity;
    struct map by_object;
    struct traverse_item *samples; // of decoded types
    size_t sample_count, sample_capacity;
    uint32_t *seen;    // a type: instances looked at
    uint8_t *disputed; // a type: its decoder was wrong
    size_t type_room;
    uint64_t checked, differing;
    bool failed; // out of memory
};

void jail_queue_init(struct jail_queue *ask, struct traverse *jail);
void jail_queue_fini(struct jail_queue *ask);

// Who tells an object's references. Finding objects, filling the arrays and naming edges ask here.
enum teller {
    TELLER_DECODER, // the row of its type
    TELLER_JAIL,    // its type's own tp_traverse: no row knows it whole, or the row was found wrong
    TELLER_WORDS,   // nobody: words that look like objects
};

// decoded: whether the type's row knows all references, of this object or, before it was decoded, of
// such objects. Only the collector's types with a tp_traverse can be asked.
static inline enum teller jail_queue_teller(const struct jail_queue *ask, const struct type *type,
                                            bool decoded)
{
    if (decoded && !ask->differing)
        return TELLER_DECODER;
    bool disputed = type->index < ask->type_room && ask->disputed[type->index];
    if (ask->jail && type->is_gc && type->traverse && (!decoded || disputed))
        return TELLER_JAIL;
    return decoded ? TELLER_DECODER : TELLER_WORDS;
}

// Who told them, once the heap is built.
static inline enum teller heap_teller(const struct heap *heap, node n)
{
    static const uint8_t tellers[] = { [EVIDENCE_DECODED] = TELLER_DECODER,
                                       [EVIDENCE_TRAVERSED] = TELLER_JAIL,
                                       [EVIDENCE_GUESSED] = TELLER_WORDS,
                                       [EVIDENCE_DISPUTED] = TELLER_JAIL };
    return (enum teller)tellers[heap_evidence(heap, n)];
}

// One more object to ask about.
void jail_queue_later(struct jail_queue *ask, const struct type *type, addr object);

// An object of a decoded type passes by: the first ones, and every 4,096th, are remembered for
// jail_queue_check().
void jail_queue_sample(struct jail_queue *ask, const struct type *type, addr object);

// Asks about all that wait. found() is told every referent, held when its holder is outside;
// unanswered() every object whose function failed.
bool jail_queue_all(struct jail_queue *ask, const struct python *py,
                    void (*found)(void *context, addr to, bool held),
                    void (*unanswered)(void *context, addr object), void *context, struct err *err);

// Compares the samples with their decoders. True when a type was found wrong: its instances are to
// be asked.
bool jail_queue_check(struct jail_queue *ask, const struct python *py, struct err *err);

// The answer for an object, or null.
const struct jail_queue_answer *jail_queue_answer(const struct jail_queue *ask, addr object);

#endif
