// SPDX-License-Identifier: GPL-3.0-or-later
// Machine code that takes the place of a C library's vector code.
//
// Does not know: where it goes.
#ifndef OURO_JAIL_PLAIN_H
#define OURO_JAIL_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "jail/protocol.h"

// Null, and 0 bytes, for what is none of enum jail_plain.
const uint8_t *plain_code(uint32_t which, size_t *size);

#endif
