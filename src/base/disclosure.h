// SPDX-License-Identifier: GPL-3.0-or-later
// How much of a target may be shown, and the one place where its texts are held back.
//
//      DISCLOSE_ALL      everything (0: what nobody asked about)
//      DISCLOSE_SHAPE    redacted: numbers, types and modules alone; no value and no other name
//
// Who writes or shows a text of the target hands it through one of these functions, and need not know
// what was asked for. A snapshot that is open says it with python_has_values() (py/python.h) and
// heap_has_values() (heap/heap.h): one that was redacted has no memory to read values from.
//
// Does not know: what a text means. Owns, borrows: nothing.
#ifndef OURO_BASE_DISCLOSURE_H
#define OURO_BASE_DISCLOSURE_H

#include <stdbool.h>

enum disclosure { DISCLOSE_ALL, DISCLOSE_SHAPE };

// Whether values and names may be shown.
static inline bool discloses_values(enum disclosure how)
{
    return how == DISCLOSE_ALL;
}

// The text, or null.
const char *disclose_text(enum disclosure how, const char *text);
// The path, or its last part: which file, but not whose folder. Null stays null.
const char *disclose_path(enum disclosure how, const char *path);
// Without the folders: "DWARF of /usr/lib/libpython3.12.so" -> "DWARF of libpython3.12.so".
void disclose_path_within(enum disclosure how, char *text);

#endif
