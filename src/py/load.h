// SPDX-License-Identifier: GPL-3.0-or-later
// Loads from a view of the target: little-endian, unaligned, inline.
#ifndef OURO_PY_LOAD_H
#define OURO_PY_LOAD_H

#include <stdint.h>
#include <string.h>

static inline uint64_t load64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline int64_t load_s64(const uint8_t *p)
{
    return (int64_t)load64(p);
}

// A signed word without its sign; any number has one.
static inline uint64_t magnitude(uint64_t word)
{
    return word >> 63 ? 0 - word : word;
}

static inline uint32_t load32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

// A BITS row of the layout: the byte it begins in, and its bits (LAYOUT_BITS). None: 0.
static inline uint64_t load_bits(const uint8_t *p, int32_t at, int32_t bits)
{
    int shift = bits & 255, width = bits >> 8;
    uint64_t value = 0;
    if (at < 0 || bits < 0)
        return 0;
    for (int done = 0; done < shift + width && done < 64; done += 8)
        value |= (uint64_t)p[at + done / 8] << done;
    return value >> shift & (width < 64 ? (UINT64_C(1) << width) - 1 : UINT64_MAX);
}

static inline uint16_t load16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

#endif
