// SPDX-License-Identifier: GPL-3.0-or-later
// UTF-8, one code point at a time.
//
// Does not know: what a code point looks like (base/width.h does). Strict: no overlong forms, no
// surrogates, nothing above U+10FFFF. Owns nothing. Cost: a few comparisons per code point.
#ifndef OURO_BASE_UTF8_H
#define OURO_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xfffdu

// Reads the code point that `bytes` begins with and returns its length; 0 when these are no UTF-8 or
// size is 0, and *code is left alone then.
size_t utf8_decode(const char *bytes, size_t size, uint32_t *code);

// Writes a code point and returns its length; what is no code point of UTF-8 is written as U+FFFD.
size_t utf8_write(uint32_t code, char bytes[4]);

#endif
