// SPDX-License-Identifier: GPL-3.0-or-later
// Following a linked list of the target, which damage may lead into itself.
//
//     struct links links = { 0 };
//     for (addr at = first; links_go(&links, at); at = next_of(at))
//
// Brent: a mark is left at every step whose number is a power of two. In a ring the walk comes back
// to the latest mark once that lies in the ring and the ring is no longer than the steps so far,
// hence after at most three times as many steps as there are links.
//
// Does not know: what the links are; whether an address is readable, which the caller asks at each
// one. Cost: a compare and an addition per step.
#ifndef OURO_PY_LINKS_H
#define OURO_PY_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

struct links {
    addr mark;
    uint64_t steps;
    bool ring; // it ended since it ran into itself
};

// Whether the walk goes on to `at`: not where that is null, or was the mark.
static inline bool links_go(struct links *links, addr at)
{
    links->ring = at && at == links->mark;
    if (!at || links->ring)
        return false;
    links->steps++;
    if ((links->steps & (links->steps - 1)) == 0)
        links->mark = at;
    return true;
}

#endif
