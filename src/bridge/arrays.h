// SPDX-License-Identifier: GPL-3.0-or-later
// A heap's flat arrays in memory that two processes share: the engine writes them, the caller reads.
//
//      | head | address | first | size | type | to | generation | flags | names of types | retained |
//
// Does not know: who wants them. Numbers are the machine's own; every part begins at a multiple of 8.
// Owns: nothing. Cost: 30 bytes per object and 4 per reference, and a pass over both.
#ifndef OURO_BRIDGE_ARRAYS_H
#define OURO_BRIDGE_ARRAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cmd/session/session.h"

struct arrays_head {
    uint64_t object_count, reference_count, type_count;
    uint64_t names_size; // bytes of all types' names, each with its NUL
    uint64_t retained;   // whether retained sizes are there: 0 or 1
    uint64_t size;       // of the whole file
};

enum arrays_part {
    ARRAYS_ADDRESS,
    ARRAYS_FIRST,
    ARRAYS_SIZE,
    ARRAYS_TYPE,
    ARRAYS_TO,
    ARRAYS_GENERATION,
    ARRAYS_FLAGS,
    ARRAYS_NAMES,
    ARRAYS_RETAINED, // last: when it is asked for later, the others stay where they are
    ARRAYS_PARTS
};

enum { // an object's flags; enum ouro_flags of ouro.h has the same values
    ARRAYS_TRACKED = 1,
    ARRAYS_FINALIZED = 2,
    ARRAYS_IMMORTAL = 4,
    ARRAYS_COLLECTABLE = 8,
    ARRAYS_EVIDENCE_SHIFT = 4,
};

// Where each part begins; the last entry is the end. False: the counts are absurd.
bool arrays_measure(const struct arrays_head *head, uint64_t at[ARRAYS_PARTS + 1]);

// Writes the session's heap into the file, which grows to what is needed. What is asked for must
// have been worked out (session_need).
bool arrays_write(int fd, const struct session *session, bool retained, struct err *err);

#endif
