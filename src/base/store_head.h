// SPDX-License-Identifier: GPL-3.0-or-later
// The first bytes of a store: what store.c reads and store_out.c writes.
#ifndef OURO_BASE_STORE_HEAD_H
#define OURO_BASE_STORE_HEAD_H

#include <stdint.h>

#define STORE_MAGIC "\211OUROHP\n" // eight bytes, of which no text has the first
#define STORE_ORDER UINT32_C(0x01020304)

struct store_head {
    char magic[8];
    uint32_t format, order;
    uint64_t size;  // of the file
    uint64_t table; // where it begins; its rows reach up to the file's end
    uint64_t table_sum;
    uint32_t count, flags;
    uint64_t zero;
    uint64_t sum; // of all before
};

_Static_assert(sizeof(struct store_head) == 64, "the header is a format");

#endif
