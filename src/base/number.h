// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and sizes as people type them.
//
// Does not know: the locale. Owns nothing. The whole string must be the number: no blanks, no sign,
// no rest, no overflow.
#ifndef OURO_BASE_NUMBER_H
#define OURO_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// "42", "0x7f00".
bool number_parse(const char *string, uint64_t *value);

// The number of a process: from 1 on.
bool number_parse_pid(const char *string, pid_t *pid);

// A number, or one followed by a binary unit: "10K", "1.5M", "2GiB", "64kb", "512B".
bool number_parse_size(const char *string, uint64_t *value);

#endif
