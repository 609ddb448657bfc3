// SPDX-License-Identifier: GPL-3.0-or-later
// The paths to many objects at once, merged: which names they go through, and how many by each.
//
//      app.CACHE['k1'].orders[0]  |
//      app.CACHE['k1'].orders[1]  |    app.CACHE[*].orders[*]      3 objects
//      app.CACHE['k2'].orders[0]  |
//      app.LAST.next.next.next...      app.LAST(-> .next) x 19,998
//
// A shape is a path without items and keys. Each object counts once, for its shortest path as
// root_paths.h finds it: others may lead there, too. Steps that come back to objects of the same type
// are folded, so that neither shapes nor their names grow with the depth of a heap; what still
// becomes very long, or too much, ends in "(-> ...)".
//
// Does not know: who asks. Owns: the rows and their texts, until path_shapes_free(). Borrows: all
// else, while it runs.
// Cost: a pass over the paths; the holders on paths to the objects in question are read once
// each. Memory: 16 bytes per object while it runs, and one entry per shape (65,536 at most).
#ifndef OURO_FINDING_PATH_SHAPES_H
#define OURO_FINDING_PATH_SHAPES_H

#include "base/names.h"
#include "base/progress.h"
#include "finding/root_paths.h"

struct path_shapes_row {
    const char *text; // with how often a run repeats
    const char *key;  // without: the same at another moment
    uint64_t objects, bytes;
    node object; // the largest
};

struct path_shapes {
    struct path_shapes_row *items; // the most objects first
    size_t count, capacity;
    uint64_t objects, bytes; // of all
    struct names keys;       // row numbers by key
    struct arena arena;
};

struct path_shapes_question {
    const struct heap *heap;
    const struct heap_roots *roots;
    const struct root_paths *paths;
    bool (*has)(const void *context, node n); // which objects
    const void *context;
    const struct progress *progress;
};

bool path_shapes_find(struct path_shapes *shapes, const struct path_shapes_question *question,
                      struct err *err);
void path_shapes_free(struct path_shapes *shapes); // accepts a zeroed one

#endif
