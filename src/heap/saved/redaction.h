// SPDX-License-Identifier: GPL-3.0-or-later
// Redaction: every value and every name of the target is hidden, except those of types and modules, so
// that answers may be shown to somebody who must not see the data.
//
// While a heap is redacted its target has no memory (every read fails), no command line and no
// paths; py->disclosure is DISCLOSE_SHAPE; heap->skeleton holds what can still be answered. Readers of rows get
// redacted rows without knowing. redact_end() undoes all of it.
//
// Does not know: who asks, files. Owns: what it hid. Borrows: heap and roots, in between.
// Cost: references are decoded once more, with names, and three dry runs.
#ifndef OURO_HEAP_SAVED_REDACTION_H
#define OURO_HEAP_SAVED_REDACTION_H

#include "heap/saved/skeleton.h"
#include "heap/analysis/roots.h"

struct redaction {
    struct heap *heap; // null: not begun
    struct heap_roots *roots;
    struct heap_root *items; // the roots with their names
    struct arena texts;
    char *path, *command; // of the target
    size_t segment_count;
    char **module_paths, **module_files;
    char source[sizeof((struct layout *)0)->source];
    char warnings[sizeof((struct python *)0)->warnings];
};

bool redact_begin(struct redaction *redaction, struct heap *heap, struct heap_roots *roots,
                  const struct progress *progress, struct err *err);
void redact_end(struct redaction *redaction); // accepts a zeroed one

#endif
