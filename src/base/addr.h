// SPDX-License-Identifier: GPL-3.0-or-later
// The two numbers that must not be mixed: a place in the target, and an object's number in a heap.
#ifndef OURO_BASE_ADDR_H
#define OURO_BASE_ADDR_H

#include <stdint.h>

typedef uint64_t addr; // an address in the target's memory; 0 is never an object
typedef uint32_t node; // an object's number: 0 .. n-1, in address order

#define NODE_NONE ((node)UINT32_MAX)

#endif
