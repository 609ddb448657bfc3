// SPDX-License-Identifier: GPL-3.0-or-later
// What is remembered of a heap, so that another one can be compared with it when this one is gone.
//
// Does not know: the other heap. diff.h compares two baselines; that of the present heap is made like
// any other.
//
// Owns: everything, until baseline_free(). Borrows: nothing afterwards.
// Cost: one pass that reads the values of immutable objects. Memory: 21 bytes per object, and
// 4 more for a young one.
#ifndef OURO_HEAP_ANALYSIS_BASELINE_H
#define OURO_HEAP_ANALYSIS_BASELINE_H

#include "base/names.h"
#include "heap/heap.h"

#define BASELINE_LASTS 0x80 // beside an object's generation: it is never freed

struct baseline_type {
    const char *name;
    size_t module; // bytes of it that are the module's name
    addr at;
    uint64_t count, bytes;
    node largest; // of its objects
    uint64_t largest_bytes;
    bool is_retracked; // its instances may leave the collector and come back, as if they were young
};

struct baseline_collector { // of one interpreter
    int64_t id;
    bool known; // and at rest
    uint64_t collections[3];
    node *young; // generation 0 in the list's own order: by the time of being tracked
    uint32_t young_count;
};

struct baseline {
    uint32_t count;
    addr *at; // in address order, as the heap numbers them
    uint32_t *type;
    uint64_t *value; // immutable objects: a number for the value; 0: none. Bit 0: all of the value
    uint8_t *gen;    // enum generation, BASELINE_LASTS
    uint8_t *owner;  // interpreter's index; null with one interpreter
    struct baseline_type *types;
    uint32_t type_count;
    struct baseline_collector *collectors;
    size_t collector_count;
    bool has_generations, has_counts, is_incremental;
    bool is_partial; // a part of its target was missing
    // Of which process: see baseline_same_process.
    uint32_t version;
    pid_t pid;
    addr type_type, program;
    uint8_t run[16], build_id[32];
    bool has_run;
    uint8_t build_id_size;
    struct arena arena; // names
};

bool baseline_take(struct baseline *past, const struct heap *heap, const struct progress *progress,
                   struct err *err);
void baseline_free(struct baseline *past); // a zeroed one is fine

// Whether both are of one process, so that addresses mean the same. *why: a sentence, in any case.
bool baseline_same_process(const struct baseline *a, const struct baseline *b, char *why,
                           size_t size);

#endif
