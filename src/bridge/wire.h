// SPDX-License-Identifier: GPL-3.0-or-later
// Messages between the caller's process and the engine's: a kind, and numbers and texts in order.
//
// Does not know: what they mean, beyond the list below. Both ends are the same program: no byte order,
// no versions. Lengths are checked all the same, since the far end may be dying.
//
// Owns: a message its body. Cost: two system calls per message.
#ifndef OURO_BRIDGE_WIRE_H
#define OURO_BRIDGE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum wire_kind {
    // To the engine. Every one but the last two is answered by WIRE_DONE.
    WIRE_RUN = 1,  // json, color, width, line, the caller's folder
    WIRE_COMPLETE, // cursor, line
    WIRE_OBJECT,   // name
    WIRE_ARRAYS,   // retained
    WIRE_SCREEN,   // start, the caller's folder
    WIRE_GLANCE,   // address; answered with the type's name as summary, the refcount as found
    WIRE_RESCAN, // json, color, width; only open, do not compare; has maps, their number, a map: start end offset flags path;
                 // the threads' number, a thread: tid tls pc sp
    WIRE_STALE,  // stale
    WIRE_BLOCK,  // how many bytes lie in the shared block; OURO_REFUSED
    // From the engine.
    WIRE_READ,     // from, size; answered by WIRE_BLOCK
    WIRE_WARN,     // sentence
    WIRE_PROGRESS, // done, total, phase
    WIRE_DONE,     // kind of error, selected, found, quit, type of selected, summary, error
};

struct wire {
    uint32_t kind;
    struct text body;
    size_t at; // what was taken of the body so far
};

// Empties the message; the memory stays for the next one.
void wire_begin(struct wire *wire, enum wire_kind kind);
void wire_put_number(struct wire *wire, uint64_t number);
void wire_put_text(struct wire *wire, const char *text); // null becomes ""
bool wire_send(int fd, const struct wire *wire);         // false: nobody is there

bool wire_receive(int fd, struct wire *wire);  // waits; false: nobody is there
uint64_t wire_take_number(struct wire *wire);  // 0 past the end
const char *wire_take_text(struct wire *wire); // "" past the end; lives as long as the message

void wire_fini(struct wire *wire);

#endif
