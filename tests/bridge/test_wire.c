// SPDX-License-Identifier: GPL-3.0-or-later
// Messages between two processes, through a pair of sockets, and the arrays that they share.
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/arrays.h"
#include "bridge/wire.h"
#include "unit.h"

static void test_there_and_back(void)
{
    int ends[2];
    struct wire out = { 0 }, in = { 0 };
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    wire_begin(&out, WIRE_RUN);
    wire_put_number(&out, UINT64_MAX);
    wire_put_text(&out, "types -n 5");
    wire_put_text(&out, NULL);
    wire_put_number(&out, 7);
    CU_ASSERT(wire_send(ends[0], &out));
    wire_begin(&out, WIRE_STALE); // the memory is used again
    CU_ASSERT(wire_send(ends[0], &out));
    CU_ASSERT(wire_receive(ends[1], &in));
    CU_ASSERT_EQUAL(in.kind, WIRE_RUN);
    CU_ASSERT_EQUAL(wire_take_number(&in), UINT64_MAX);
    CU_ASSERT_STRING_EQUAL(wire_take_text(&in), "types -n 5");
    CU_ASSERT_STRING_EQUAL(wire_take_text(&in), "");
    CU_ASSERT_EQUAL(wire_take_number(&in), 7);
    CU_ASSERT_EQUAL(wire_take_number(&in), 0); // behind the end
    CU_ASSERT_STRING_EQUAL(wire_take_text(&in), "");
    CU_ASSERT(wire_receive(ends[1], &in));
    CU_ASSERT_EQUAL(in.kind, WIRE_STALE);
    close(ends[0]);
    CU_ASSERT_FALSE(wire_receive(ends[1], &in)); // nobody is there
    CU_ASSERT_FALSE(wire_send(ends[1], &out));
    close(ends[1]);
    wire_fini(&out);
    wire_fini(&in);
}

// The far end may be dying: lengths that do not fit give nothing, and nobody reads beyond the end.
static void test_damaged(void)
{
    int ends[2];
    struct wire in = { 0 };
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    const uint32_t head[2] = { WIRE_RUN, 12 };
    const uint64_t size = 100; // of a text that is four bytes
    CU_ASSERT_EQUAL(write(ends[0], head, sizeof head), sizeof head);
    CU_ASSERT_EQUAL(write(ends[0], &size, sizeof size), sizeof size);
    CU_ASSERT_EQUAL(write(ends[0], "abcd", 4), 4);
    CU_ASSERT(wire_receive(ends[1], &in));
    CU_ASSERT_STRING_EQUAL(wire_take_text(&in), "");
    const uint32_t absurd[2] = { WIRE_RUN, UINT32_MAX };
    CU_ASSERT_EQUAL(write(ends[0], absurd, sizeof absurd), sizeof absurd);
    CU_ASSERT_FALSE(wire_receive(ends[1], &in));
    CU_ASSERT_EQUAL(write(ends[0], head, sizeof head), sizeof head);
    close(ends[0]); // in the middle of a message
    CU_ASSERT_FALSE(wire_receive(ends[1], &in));
    close(ends[1]);
    wire_fini(&in);
}

static void test_measure(void)
{
    uint64_t at[ARRAYS_PARTS + 1];
    const struct arrays_head head = { .object_count = 3, .reference_count = 5, .names_size = 10 };
    CU_ASSERT(arrays_measure(&head, at));
    CU_ASSERT_EQUAL(at[ARRAYS_ADDRESS], sizeof head);
    CU_ASSERT_EQUAL(at[ARRAYS_SIZE] - at[ARRAYS_FIRST], 8 * 4); // one more than objects
    CU_ASSERT_EQUAL(at[ARRAYS_GENERATION] - at[ARRAYS_TO], 24); // 20, and up to a multiple of 8
    CU_ASSERT_EQUAL(at[ARRAYS_PARTS], at[ARRAYS_RETAINED]);     // not asked for
    for (int i = 0; i < ARRAYS_PARTS; i++)
        CU_ASSERT(at[i] <= at[i + 1] && at[i] % 8 == 0);
    const struct arrays_head retained = { .object_count = 3, .retained = 1 };
    CU_ASSERT(arrays_measure(&retained, at));
    CU_ASSERT_EQUAL(at[ARRAYS_PARTS] - at[ARRAYS_RETAINED], 24);
    const struct arrays_head absurd = { .object_count = UINT64_MAX / 8 };
    CU_ASSERT_FALSE(arrays_measure(&absurd, at));
}

UNIT_SUITE(wire, { "there and back", test_there_and_back },
           { "damaged messages give nothing", test_damaged },
           { "parts of the shared arrays", test_measure })
