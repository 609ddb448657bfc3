// SPDX-License-Identifier: GPL-3.0-or-later
// The engine's process: a session and its screen, reached through a socket.
//
// Does not know: who asks. Runs in a fork of the caller, ends with it, and never returns to it.
#ifndef OURO_BRIDGE_ENGINE_H
#define OURO_BRIDGE_ENGINE_H

#include <stdint.h>
#include <stdnoreturn.h>

#include "cmd/session/session.h"

#define ENGINE_BLOCK ((size_t)1 << 20) // bytes that one WIRE_READ may ask for

struct engine_start {
    int control;                     // messages (wire.h)
    int rows;                        // the bytes of answers
    int arrays;                      // a file in memory, empty until it is asked for; -1: none
    const uint8_t *block;            // shared memory, ENGINE_BLOCK bytes: what was read for us
    struct session_options options;  // callback: read and context are ours to set
    struct target_callback callback; // used when options has neither core nor pid
};

noreturn void engine_main(const struct engine_start *start);

#endif
