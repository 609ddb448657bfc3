// SPDX-License-Identifier: GPL-3.0-or-later
// The kernel's list of pages: see page_scan.h.
#include "target/page_scan.h"

#include <sys/ioctl.h>

#define SCAN_ZERO UINT64_C(0x20)

// Our headers may be older than the kernel.
struct page_scan_ask {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t inverted, mask, anyof, returned;
};

#define SCAN _IOWR('f', 16, struct page_scan_ask)

// The kernel's own walk_end is where its buffer was full last, be it that the walk went on to the end. So
// a list that did not take all of the room is whole, and one that did reaches at least to its end.
static addr page_scan_reached(const struct page_scan_ask *scan,
                              const struct page_stretch *stretches, size_t count)
{
    if (count < scan->vec_len)
        return scan->end;
    addr last = stretches[count - 1].end;
    return scan->walk_end > last ? scan->walk_end : last;
}

bool page_scan(int pagemap, addr from, addr end, uint64_t told, struct page_stretch *stretches,
               size_t room, size_t *count, addr *reached)
{
    struct page_scan_ask scan = {
        .size = sizeof scan,
        .start = from,
        .end = end,
        .vec = (uintptr_t)stretches,
        .vec_len = room,
        .inverted = SCAN_ZERO,
        .mask = SCAN_ZERO,
        .anyof = PAGE_PRESENT | PAGE_SWAPPED,
        .returned = told,
    };
    int got = pagemap >= 0 && end > from ? ioctl(pagemap, SCAN, &scan) : -1;
    *count = got > 0 ? (size_t)got : 0;
    *reached = page_scan_reached(&scan, stretches, *count);
    return got >= 0 && *reached > from;
}
