// SPDX-License-Identifier: GPL-3.0-or-later
// What the fuzz targets share. A target is a file fuzz_NAME.c with LLVMFuzzerTestOneInput(), which
// libFuzzer, AFL++ (afl-clang-fast -fsanitize=fuzzer) and drive.c all call.
//
// Each proves that it reaches what it fuzzes: fuzz_reach() counts how often an input came how far,
// which is told at the end, and a target that never came to its last stage fails. Where
// OURO_FUZZ_PLANT is set, the last stage holds a planted fault, fuzz_plant(), which must be found.
#ifndef OURO_TESTS_FUZZ_HARNESS_H
#define OURO_TESTS_FUZZ_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// An input as a row of changes to something sound, so that what is fuzzed lies behind checksums,
// magic words and addresses that random bytes never hit. 16 bytes a change.
struct fuzz_change {
    uint8_t what, width;
    uint16_t where;
    uint32_t offset;
    uint64_t value;
};

// The i-th change of an input; false: there are no more.
bool fuzz_change(const uint8_t *data, size_t size, size_t i, struct fuzz_change *change);

// Numbers that are at the edge of something, or the change's own.
uint64_t fuzz_value(const struct fuzz_change *change);

// A stage of the target was reached; stages begin at 0, 8 at most. name: a static string.
void fuzz_reach(unsigned stage, const char *name);

// Ends the process where a fault is planted and `here` is true.
void fuzz_plant(bool here);

// The bytes of the file that an environment variable names; exits where there is none.
uint8_t *fuzz_template(const char *variable, size_t *size);

// A file in memory with these bytes; path for open(). The descriptor, to be closed.
int fuzz_file(const void *bytes, size_t size, char path[32]);

// Asks a core or a saved heap some commands, a sixth of those that there are, by the bytes of the
// input, and throws the answers away. How far it came: 0 not opened, 1 opened, 2 the heap was built,
// 3 something was answered.
int fuzz_ask(const char *path, const char *layout, const uint8_t *data, size_t size);

#endif
