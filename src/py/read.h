// SPDX-License-Identifier: GPL-3.0-or-later
// Members of CPython's structs, read by their names in layout/fields.def and as the C types that these rows give.
//
//      const uint8_t *o = VIEW(py, at, PyCodeObject);         the whole struct at an address; null: unreadable
//      uint32_t n = LOAD(py, o, PyCodeObject_co_nlocalsplus); a member, out of the view
//      uint32_t n = READ(py, at, PyCodeObject_co_nlocalsplus) the same of the struct at an address
//      addr code = INSIDE(py, at, PyCodeObject_co_code_adaptive)
//                                                             where an array or a struct within it lies
//
// A member that this build lacks is 0, and so is what lies INSIDE it; py->layout.NAME >= 0 tells whether it is
// there. What is no number (a PART row) does not compile with LOAD and READ.
// Invariant: layout_check() holds every member within its struct, whole, so that a VIEW has all of them.
// Cost: LOAD is a load behind a compare that never surprises.
// Owns: nothing. Borrows: the view.
#ifndef OURO_PY_READ_H
#define OURO_PY_READ_H

#include "py/load.h"
#include "py/python.h"

#define FIELD(type, member) typedef uint64_t ctype_##type##_##member;
#define TYPED(type, member, ctype) typedef ctype ctype_##type##_##member;
#define PART(type, member)
#define BITS(type, member)
#include "layout/fields.def"

static inline uint64_t read_number(const uint8_t *o, int32_t offset, size_t size)
{
    uint64_t number = 0;
    if (offset >= 0)
        memcpy(&number, o + offset, size);
    return number;
}

// Of the target's memory; *ok (may be null) becomes false, and a fault is counted, where it cannot be
// read.
static inline uint64_t read_target(const struct python *py, addr at, int32_t offset, size_t size,
                                   bool *ok)
{
    uint64_t number = 0;
    if (offset < 0 || !at) {
        if (ok)
            *ok = false;
        return 0;
    }
    at += (uint64_t)offset;
    if (size == 8)
        return target_u64(py->target, at, ok);
    if (size == 4)
        return target_u32(py->target, at, ok);
    if (!target_read(py->target, at, &number, size) && ok)
        *ok = false;
    return number;
}

// A size or an offset as a number of bytes; 0 where this build has none.
static inline uint64_t read_bytes(int32_t size)
{
    return size > 0 ? (uint64_t)size : 0;
}

// A size that is not known is larger than any memory: null.
static inline const uint8_t *read_view(const struct python *py, addr at, int32_t size)
{
    return target_view(py->target, at, (size_t)size);
}

static inline addr read_inside(addr at, int32_t offset)
{
    return at && offset >= 0 ? at + (uint64_t)offset : 0;
}

// Where a word, or two, lie in a view: for those who tell which slot a reference is read from.
static inline const uint8_t *read_slot(const uint8_t *o, int32_t offset)
{
    static const uint8_t none[16] = { 0 };
    return offset >= 0 ? o + offset : none;
}

#define LOAD(py, o, name) ((ctype_##name)read_number((o), (py)->layout.name, sizeof(ctype_##name)))
// An object's type: the one member that every layout has (layout_parse), and every object is asked for.
#define LOAD_TYPE(py, o) load64((o) + (py)->layout.PyObject_ob_type)
#define READ(py, at, name) READ_OK(py, at, name, NULL)
#define READ_OK(py, at, name, ok)                                                                  \
    ((ctype_##name)read_target((py), (at), (py)->layout.name, sizeof(ctype_##name), (ok)))
// The first of two that this build has.
#define LOAD_EITHER(py, o, name, older)                                                            \
    ((py)->layout.name >= 0 ? LOAD(py, o, name) : LOAD(py, o, older))
#define READ_EITHER(py, at, name, older)                                                           \
    ((py)->layout.name >= 0 ? READ(py, at, name) : READ(py, at, older))
#define LOAD_BITS(py, o, name) load_bits((o), (py)->layout.name, (py)->layout.bits_##name)
#define INSIDE(py, at, name) read_inside((at), (py)->layout.name)
#define SLOT(py, o, name) read_slot((o), (py)->layout.name)
#define SIZE(py, type) read_bytes((py)->layout.sizeof_##type)
// How many bytes of the struct come before the member.
#define BEFORE(py, name) read_bytes((py)->layout.name)
#define VIEW(py, at, type) read_view((py), (at), (py)->layout.sizeof_##type)
#define VIEW_BEFORE(py, at, name) read_view((py), (at), (py)->layout.name)

#endif
