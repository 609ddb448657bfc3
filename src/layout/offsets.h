// SPDX-License-Identifier: GPL-3.0-or-later
// What an interpreter reports about its own layout: _Py_DebugOffsets, at the start of _PyRuntime
// since 3.13.
//
// Does not know: where _PyRuntime is; the caller hands over its first bytes. Nor the collector's
// lists, dict keys, values, most types: _Py_DebugOffsets has no word on them, so that it completes
// a layout and never is one.
//
// The numbers come from the running interpreter itself, so that they are right where a table is
// not: patched builds, patch releases without a table. What they contradict is listed, for the user
// to be told.
//
// Owns: nothing. Cost: some hundred comparisons.
#ifndef OURO_LAYOUT_OFFSETS_H
#define OURO_LAYOUT_OFFSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout/layout.h"

#define OFFSETS_BYTES 1024        // enough of _PyRuntime for every version so far (3.15: 888)
#define OFFSETS_NEWEST 0x030f0000 // the last minor version whose words are known
#define OFFSETS_CLASHES_MAX 32    // of those beyond only the number is kept

struct offsets_clash {
    const char *row; // "PyInterpreterState.modules"
    int32_t ours;    // what the layout said
    int32_t theirs;  // what the interpreter says
};

struct offsets {
    uint32_t version; // PY_VERSION_HEX
    bool free_threaded;
    size_t n_compared, n_filled, n_clashes;
    struct offsets_clash clashes[OFFSETS_CLASHES_MAX];
};

// Whether the bytes begin with the cookie of _Py_DebugOffsets; then the version, for choosing a
// layout. Every 3.13 and later has it. Either pointer may be NULL.
bool offsets_version(const void *bytes, size_t size, uint32_t *version, bool *free_threaded);

// Compares the bytes with the layout, fills rows that the layout does not know, and lists the
// clashes. With `believe` the layout also takes over the interpreter's numbers, and moves the
// members between two of them by as much as the one before: a member was added somewhere, the rest
// kept their order. Fails for bytes without the cookie, of a version that is not understood, too
// few, or with an offset beyond 1 MiB; the layout is then as it was.
//
// The words of a version above OFFSETS_NEWEST are taken for those of that one. Only the structs of the runtime,
// which grow in every version, may then differ from the layout: a word that was inserted would put
// all after it out of step, and the places inside objects would be the first to show it.
bool offsets_apply(struct layout *layout, const void *bytes, size_t size, bool believe,
                   struct offsets *offsets, struct err *err);

#endif
