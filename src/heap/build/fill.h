// SPDX-License-Identifier: GPL-3.0-or-later
// Filling a heap's arrays and its forward CSR, in address order, once the objects have numbers.
// Private to src/heap.
#ifndef OURO_HEAP_BUILD_FILL_H
#define OURO_HEAP_BUILD_FILL_H

#include "heap/build/scan.h"

// The arrays are there, uninitialised; the generations are not known yet.
bool fill_all(struct heap *heap, struct scan *scan, const struct progress *progress,
              struct err *err);

#endif
