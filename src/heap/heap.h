// SPDX-License-Identifier: GPL-3.0-or-later
// The snapshot: every object that the collector tracks or that is reachable from one, and every
// reference between them.
//
// Does not know: who asks, or how an answer is drawn. Built once by heap_build, then read only.
//
//      memory, in chunks of 512 KiB     [ ..o...o.o | .o.....oo | ... ]   one bit per 8 bytes, set
//                                                                         where an object starts
//      node numbers, in address order       0   1 2    3     45
//
//      forward CSR                      node -> referents, in the order of tp_traverse
//      reverse CSR                      node -> referrers
//
// An edge word is a node number with two flags (EDGE_*). The names of references are not stored:
// names/edge.h reads them again. A node without its edges costs 2 bytes in the address map, 2 to 4
// for its type, 2 for its size, 2 for generation and flags, and 8 for CSR offsets.
//
// Owns: all arrays. Borrows: python (and through it the target), which must outlive it.
#ifndef OURO_HEAP_HEAP_H
#define OURO_HEAP_HEAP_H

#include "base/addr.h"
#include "base/err.h"
#include "base/map.h"
#include "base/progress.h"
#include "graph/csr.h"
#include "heap/build/address_map.h"
#include "py/python.h"

// Flags on an edge's word. (Macros: an enumerator is an int and has no bit 31.)
// EDGE_HOLDS: keeps its target alive, but tp_traverse does not visit it (code constants, dict keys).
// EDGE_BORROWED: visited, but without a refcount (3.14's stack references): reaches, does not
// subtract.
#define EDGE_HOLDS (UINT32_C(1) << 30)
#define EDGE_BORROWED (UINT32_C(1) << 31)
#define EDGE_NODE (EDGE_HOLDS - 1)

enum node_flags {
    NODE_EVIDENCE = 3, // two bits: enum evidence
    NODE_TRACKED = 4,
    NODE_FINALIZED = 8, // tp_finalize has run
    NODE_IMMORTAL = 16,
    NODE_VISITED = 32,   // tracked, or reachable from a tracked object through visited references:
                         // the rows of `export`
    NODE_ALLOCATED = 64, // found only by walking the allocator
    NODE_GC = 128, // the collector's: has its header, and its type's tp_is_gc does not deny it
};

// Kept in two bits, hence at most four values.
enum evidence {
    EVIDENCE_DECODED,   // our decoder for that type
    EVIDENCE_TRAVERSED, // the type's own tp_traverse, run in the jail
    EVIDENCE_GUESSED,   // word scan
    EVIDENCE_DISPUTED,  // decoder and tp_traverse differ; the latter's answer is stored
};

#define HEAP_LARGE UINT16_MAX
#define HEAP_OWNER_UNKNOWN UINT8_MAX
struct heap_large { // an object whose size 16 bits do not hold, or is not its alone
    uint64_t size;
    uint64_t own; // less what is another object's size as well
    node node;
};

struct heap_list { // one generation of one interpreter, in the list's own order
    node *order;
    uint32_t count;
    uint64_t bytes;
    bool broken; // the list did not close; what was read until then is kept
    addr broken_at;
    uint32_t visited; // incremental collector, generation 2: objects of the visited space
};

struct heap;

// Whether all is there that could be: the target is whole, and every generation's list closes. In
// one that is not, counts are lower bounds, and what nothing seems to hold may be held by what is
// missing.
bool heap_is_whole(const struct heap *heap);

// How many generations' lists do not close.
uint32_t heap_broken_lists(const struct heap *heap);

struct skeleton; // heap/saved/skeleton.h

struct heap {
    struct python *py;
    struct scan *found; // between heap_list and heap_build; else null
    uint32_t node_count;
    uint32_t type_count; // the types known when the objects had been laid out; 0 until then
    struct address_map addresses; // address <-> node
    uint16_t *type16;             // node -> type index; null when there are more than 65,535 types
    uint32_t *type32;
    uint16_t *size16;         // sys.getsizeof in bytes; HEAP_LARGE: in `large`. Ask heap_size
    struct heap_large *large; // by node
    size_t large_count, large_room;
    uint8_t *gen;              // enum generation
    uint8_t *flags;            // enum node_flags
    uint8_t *owner;            // interpreter index or HEAP_OWNER_UNKNOWN; null with one interpreter
    struct skeleton *skeleton; // what is asked instead of memory where values are hidden; else null
    struct csr forward, reverse;
    struct map counted; // free-threaded 3.14: what threads' tables add to an object's refcount
    bool no_allocator;  // as in heap_options
    bool is_lent;       // its arrays, forward's too, are the store's of a saved heap
    unsigned threads;   // that share work on its arrays (base/pool.h); 0 is 1
    struct heap_list (*lists)[GEN_COUNT]; // one row per interpreter
    uint64_t tracked;
    uint64_t bytes;              // sum of own sizes
    uint64_t evidence[4];        // objects that have references to tell, by evidence
    uint64_t checked, differing; // objects whose decoder was compared with tp_traverse, and those
                                 // where they differ
    uint64_t outside;            // objects that their type's tp_is_gc keeps from the collector
    uint64_t dropped;            // references that led to no object
    uint64_t
        unfinished; // objects that were being changed when the process stopped, or are damaged:
                    // what they say of their size is not what they hold
    struct allocator_census { // filled by heap_need_census
        bool taken;
        bool known;    // false: arenas could not be found (no debug information before 3.12, or not
                       // pymalloc)
        bool by_shape; // found without debug information
        uint64_t arenas, pools, blocks_used, bytes_used, blocks_free, bytes_free;
        uint64_t blocks_objects, bytes_objects; // in use: of known objects
        uint64_t blocks_buffers, bytes_buffers; // ... beside them: a list's items, a dict's tables
        uint64_t blocks_dead, bytes_dead;       // ... of dead objects on free lists
        uint64_t blocks_known, bytes_known;     // objects and buffers
        uint64_t blocks_raw; // larger requests that went to malloc, where CPython counts them (3.7
                             // on); else 0
    } census;
};

struct heap_options {
    const struct progress *progress;
    bool no_allocator; // do not walk pymalloc
    struct traverse
        *jail; // whom to ask about types without a decoder (py/extension/traverse.h); null: nobody
    bool no_reverse;  // leave the reverse CSR out: the dry run does not need it (gate 3)
    bool tally;       // count objects by type while they are being found: heap_tallies
    bool glance;      // reading is slow: somebody waits
    unsigned threads; // as in struct heap
};

// heap_build in steps, for callers that need to know of the heap before it is whole. Each does what comes
// before it where that has not been done, and goes on where it has; on a zeroed heap at first. A
// step that fails ends them all.
//
// 1. The collector's lists are walked; where reading is slow (target.h, or
//    a glance), they wait for step 2.
bool heap_list(struct heap *heap, struct python *py, const struct heap_options *options,
               struct err *err);
// How many objects a list has. Between heap_list and heap_build. LIST_UNCOUNTED: it has not been walked,
// and is longer than LIST_SHORT.
#define LIST_UNCOUNTED UINT64_MAX
#define LIST_SHORT 1000u
uint64_t heap_list_length(const struct heap *heap, size_t interpreter, enum generation gen);
// 2. All objects are found. The jail in `options` must stay open until heap_build or heap_free.
bool heap_find(struct heap *heap, struct python *py, const struct heap_options *options,
               struct err *err);
// By type index, between heap_find with `tally` and heap_build. See tally.h.
struct tallies;
const struct tallies *heap_tallies(const struct heap *heap);

// 3. They get numbers, and their references are kept.
bool heap_build(struct heap *heap, struct python *py, const struct heap_options *options,
                struct err *err);
// Takes the allocator's census when that has not been done. Cost: a pass over all objects and blocks.
bool heap_need_census(struct heap *heap, const struct progress *progress, struct err *err);
// Builds the reverse CSR when it is not there yet.
bool heap_need_reverse(struct heap *heap, const struct progress *progress, struct err *err);
void heap_free(struct heap *heap);

// --- one object ---------------------------------------------------------------------------------
addr heap_addr(const struct heap *heap, node n);     // O(log chunks), O(1) when walking upwards
node heap_node_of(const struct heap *heap, addr at); // the object that starts there, or NODE_NONE
node heap_node_around(const struct heap *heap,
                      addr inside); // the object whose bytes hold it (collector's header and side
                                    // tables of lists, dicts, sets included), or NODE_NONE
//
// Two sizes: what sys.getsizeof says, for one object's row; and its own, which is less where that
// counts another object (BytesIO's buffer is a bytes object). Sums take the own ones: no byte twice.
uint64_t heap_size_large(const struct heap *heap, node n); // heap_size's rare half
uint64_t heap_own_large(const struct heap *heap, node n);
static inline uint64_t heap_size(const struct heap *heap, node n)
{
    return heap->size16[n] != HEAP_LARGE ? heap->size16[n] : heap_size_large(heap, n);
}
static inline uint64_t heap_own(const struct heap *heap, node n)
{
    return heap->size16[n] != HEAP_LARGE ? heap->size16[n] : heap_own_large(heap, n);
}
// len() of a built-in container or text, or of a subclass. False: it is none, or not known.
bool heap_length(const struct heap *heap, node n, uint64_t *length);
// In the order of nodes; own <= size.
bool heap_set_size(struct heap *heap, node n, uint64_t size, uint64_t own, struct err *err);
// Reads heap->counted anew, out of memory. Cost: the threads' tables.
void heap_note_counted(struct heap *heap);
int64_t heap_refcount(const struct heap *heap,
                      node n); // as stored, raw; FT: local + shared + the threads' tables;
                               // -1: unreadable
// What the threads' tables add to the refcount that is stored in the object; may be below 0.
int64_t heap_counted_apart(const struct heap *heap, addr object);
// Whether memory is there to read values and names from; else the skeleton answers.
static inline bool heap_has_values(const struct heap *heap)
{
    return !heap->skeleton;
}
static inline uint32_t heap_type(const struct heap *heap, node n)
{
    return heap->type16 ? heap->type16[n] : heap->type32[n];
}
static inline enum evidence heap_evidence(const struct heap *heap, node n)
{
    return (enum evidence)(heap->flags[n] & NODE_EVIDENCE);
}
// The interpreter in whose lists it is or that alone refers to it, below interpreter_count; or -1.
static inline int heap_interpreter(const struct heap *heap, node n)
{
    return !heap->owner ? 0 : heap->owner[n] == HEAP_OWNER_UNKNOWN ? -1 : heap->owner[n];
}
// Every object's type, and only they, is below: what has this size is indexed by heap_type() alone,
// never by a type that was met elsewhere (a base). Does not grow any more: a type that is learned
// later, as the base of another one, has no object here.
uint32_t heap_type_count(const struct heap *heap);
const char *heap_type_name(const struct heap *heap,
                           uint32_t type); // "module.Qualname", without builtins.; UTF-8, escaped
size_t heap_type_module(const struct heap *heap, uint32_t type); // bytes of it that are the module

#endif
