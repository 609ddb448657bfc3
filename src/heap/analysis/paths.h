// SPDX-License-Identifier: GPL-3.0-or-later
// Why an object is alive: the shortest path from a named root to it, then others that share no inner
// object, as Python source where Python can say it.
//
//      sys.modules['app'].CACHE['k'][3].parent
//
// Paths from roots with a name come first; then those from what only C code, caches or machine stacks
// hold. Weak references are on no path. No path goes through hidden objects; the object itself is never
// hidden. Owns: the search's arrays, until paths_close(); those of struct heap_path, until
// heap_path_fini(). Borrows: heap and roots. Cost: graph/path.h; naming reads each holder on the path
// once.
#ifndef OURO_HEAP_ANALYSIS_PATHS_H
#define OURO_HEAP_ANALYSIS_PATHS_H

#include "base/arena.h"
#include "graph/path.h"
#include "heap/analysis/roots.h"

struct paths_options {
    const char *const *hide; // patterns over type names and names of roots, addresses of objects;
                             // ended by null; null: nothing
    const char *from;        // pattern over names and kinds of roots; null: all
    uint64_t budget;         // edges looked at in all; 0: no bound
};

struct paths {
    const struct heap *heap;
    const struct heap_roots *roots;
    node target;
    struct path_search search;
    uint64_t *marks[2]; // the roots of each round: named ones, then the others
    uint64_t *only;     // what may be gone through
    uint64_t *same;     // whose references to the target make it a root already
    uint64_t budget;    // what is left of it; UINT64_MAX: no bound
    int round;
    bool is_open;
};

struct heap_step {
    node object;
    const char *edge; // of the first step: the root's name
    const char *name; // how the object is reached so far; null in the middle of a very long way
    bool is_source;   // `name` is Python source
    // In the middle of a run of steps that repeat, as along a linked list, there are no names. The
    // first of these steps says what repeats: "(-> .next) x 19,996".
    const char *fold;
    bool is_folded;
};

struct heap_path {
    struct heap_step *steps;
    size_t count;
    enum root_kind kind;
    struct arena arena;
};

bool paths_open(struct paths *paths, const struct heap *heap, const struct heap_roots *roots,
                node target, const struct paths_options *options, struct err *err);

// The next path. Where *end is not PATH_FOUND, *path is empty.
bool paths_next(struct paths *paths, struct heap_path *path, enum path_end *end,
                const struct progress *progress, struct err *err);

// How many ways from named roots share no inner object, counted up to `most`.
bool paths_count(struct paths *paths, uint32_t most, struct path_tally *tally,
                 const struct progress *progress, struct err *err);

void paths_close(struct paths *paths);
void heap_path_fini(struct heap_path *path);

// Names a path that was found otherwise: steps[i].object are set, the rest is filled in. False: out
// of memory.
bool heap_path_name(struct heap_path *path, const struct heap *heap, const struct heap_roots *roots,
                    struct err *err);

#endif
