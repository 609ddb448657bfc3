// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and contexts of _decimal (Modules/_decimal/_decimal.c).
#include "base/unused.h"
#include "py/kinds/kind_row.h"

// libmpdec's mpd_t: any of these says that the digits lie in the object, or belong to another.
#define MPD_NOT_ALLOCATED 0xe0 // MPD_STATIC_DATA, MPD_SHARED_DATA, MPD_CONST_DATA
#define MPD_WORDS_MAX (UINT64_C(1) << 32)

// Without their offsets, only tp_traverse knows.
static void context_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                         UNUSED const uint8_t *o, struct refs *refs)
{
    refs->partial = py->layout.PyDecContextObject_traps < 0;
}

// More than about seventy digits are in a block of their own.
static uint64_t decimal_size(const struct python *py, const struct type *type, UNUSED addr at,
                             const uint8_t *o)
{
    const struct layout *l = &py->layout;
    uint64_t size = (uint64_t)type->basicsize;
    if (l->PyDecObject_dec_flags < 0 || l->PyDecObject_dec_alloc < l->PyDecObject_dec_flags
        || l->PyDecObject_dec_alloc + 8 > type->basicsize
        || LOAD(py, o, PyDecObject_dec_flags) & MPD_NOT_ALLOCATED)
        return size;
    uint64_t words = LOAD(py, o, PyDecObject_dec_alloc);
    return words < MPD_WORDS_MAX ? size + 8 * words : size;
}

// mpd_t.data follows mpd_t.alloc.
static void decimal_blocks(const struct python *py, const struct type *type, addr at,
                           const uint8_t *o, struct blocks *blocks)
{
    uint64_t beside = decimal_size(py, type, at, o) - (uint64_t)type->basicsize;
    int32_t alloc = py->layout.PyDecObject_dec_alloc;
    if (beside)
        blocks_add(blocks, alloc + 16 <= type->basicsize ? load64(o + alloc + 8) : 0, beside);
}

const struct kind kinds_decimal[] = {
    // Up to 3.12 the two dicts of signals are held without being visited: the type had no GC flag.
    { .names = "decimal.Context",
      .refs = context_refs,
      .type_first = PYMINOR(3, 13),
      .unsure = true,
      MEMBERS(VISITED(PyDecContextObject, traps, ".traps"),
              VISITED(PyDecContextObject, flags, ".flags")) },
    { .names = "decimal.Decimal",
      .type_first = PYMINOR(3, 13),
      .size = decimal_size,
      .blocks = decimal_blocks },
    { 0 },
};
