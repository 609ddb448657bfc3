// SPDX-License-Identifier: GPL-3.0-or-later
// The pages of a process that exist, in stretches of one kind, as Linux lists them from 6.7 on
// (fs/proc/task_mmu.c, PAGEMAP_SCAN): reserved memory costs nothing.
//
// Does not know: mappings; a stretch may lie across several.
// Owns: nothing. Cost: a system call for as many stretches as there is room for.
#ifndef OURO_TARGET_PAGE_SCAN_H
#define OURO_TARGET_PAGE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define USER_END ((addr)1 << 63) // the kernel's own addresses begin here

enum page_kind { // may be or'ed
    PAGE_OF_FILE = 4,
    PAGE_PRESENT = 8,
    PAGE_SWAPPED = 16,
};

struct page_stretch {
    uint64_t start, end, kinds;
};

// Lists the pages of [from, end) that are present or swapped out, without the kernel's page of zeros.
// Stretches differ in `told` of their kinds. *reached: the list is whole up to there. False: this kernel
// does not list pages. pagemap: an open /proc/PID/pagemap.
bool page_scan(int pagemap, addr from, addr end, uint64_t told, struct page_stretch *stretches,
               size_t room, size_t *count, addr *reached);

#endif
