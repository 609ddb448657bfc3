// SPDX-License-Identifier: GPL-3.0-or-later
// The map from addresses to numbers and back: dense and sparse chunks, empty ones, the ends.
#include <stdlib.h>

#include "heap/build/address_map.h"
#include "unit.h"

static bool mark(struct address_map *addresses, addr at) // whether it is new
{
    struct address_map_chunk *c = address_map_make(addresses, at);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    bool is_new = !chunk_has(c->bits, address_map_bit(at));
    chunk_set(c->bits, address_map_bit(at));
    return is_new;
}

static void check(struct address_map *addresses, uint32_t count)
{
    struct err err = ERR_INIT;
    struct address_map_walk walk;
    UNIT_OK(address_map_number(addresses, &err), &err);
    CU_ASSERT_EQUAL(addresses->node_count, count);
    uint32_t wrong = 0, seen = 0;
    for (address_map_begin(&walk, addresses); address_map_next(&walk); seen++)
        wrong += address_map_addr(addresses, walk.node) != walk.at || walk.node != seen
                 || address_map_node(addresses, walk.at) != walk.node
                 || address_map_before(addresses, walk.at + 7) != walk.node;
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(seen, count);
    CU_ASSERT_EQUAL(address_map_addr(addresses, count), 0);
    for (uint32_t first = 0; first < count + 3; first += 1 + count / 100) { // from anywhere on
        address_map_begin_at(&walk, addresses, first);
        for (seen = first; seen < first + 70 && address_map_next(&walk); seen++)
            wrong += walk.node != seen || address_map_addr(addresses, seen) != walk.at;
        wrong += seen != (first + 70 < count ? first + 70 : first > count ? first : count);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    address_map_free(addresses);
}

static void test_map(void)
{
    struct address_map addresses = { 0 };
    uint32_t count = 0;
    for (addr at = 0x7f0000000000; at < 0x7f0000000000 + 3 * (UINT64_C(1) << CHUNK_SHIFT);
         at += 8, count++)
        mark(&addresses, at); // every bit
    for (int i = 1; i <= 40; i++, count++)
        mark(&addresses, (addr)i << 32); // one a chunk
    for (int i = 0; i < 40; i++)
        address_map_make(&addresses, ((addr)i << 33) + ((addr)1 << CHUNK_SHIFT)); // none
    for (uint32_t i = 0; i < 5000; i++)
        count += mark(&addresses, 0x550000000000 + (addr)i * 8 * (1 + i % 977) + (addr)i * 8192);
    check(&addresses, count);
}

static void test_few(void)
{
    for (uint32_t count = 0; count < 34; count++) {
        struct address_map addresses = { 0 };
        for (uint32_t i = 0; i < count; i++)
            mark(&addresses, 0x10000 + (addr)i * 4096);
        check(&addresses, count);
    }
}

UNIT_SUITE(address_map, { "dense, sparse, empty", test_map }, { "few objects", test_few })
