// SPDX-License-Identifier: GPL-3.0-or-later
// What the kind_*.c files share: the includes and a few helpers for reading rows of pointers.
// Private to src/py.
#ifndef OURO_PY_KINDS_KIND_ROW_H
#define OURO_PY_KINDS_KIND_ROW_H

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "py/objects/dict.h"
#include "py/kinds/kind.h"
#include "py/links.h"
#include "py/read.h"
#include "py/python.h"
#include "py/objects/str.h"
#include "py/objects/type.h"

// More pointers in a row than this are garbage.
#define WORDS_MOST (UINT64_C(1) << 40)
// So is a longer chain of bases.
#define BASES_MAX 200

// Visits `count` pointers from `at` on, first to last, as far as they can be read: a list whose end
// was cut off shows its beginning. The names count from 0 with the given kind.
void visit_words(const struct python *py, addr at, uint64_t count, enum ref_kind kind,
                 struct refs *refs);
void hold_words(const struct python *py, addr at, uint64_t count, enum ref_kind kind,
                struct refs *refs);

// Whether an object has more words than may be looked at, so that none needs to be read: asked where reading is
// dear. The reference list is unfinished then.
bool refs_spare(const struct python *py, struct refs *refs, uint64_t words);

// The object's own bytes: tp_basicsize of them, less for a static type, which has no
// PyHeapTypeObject around it. Null: unreadable.
const uint8_t *object_view(const struct python *py, const struct type *type, addr at);

// sys.getsizeof of a bytes object (2.7: str).
uint64_t bytes_size(const struct python *py, addr at);

// A small int's value; 0 for anything else.
uint64_t int_value(const struct python *py, addr at);
// Any int's value. False: beyond 64 bits, or unreadable.
bool int_signed(const struct python *py, addr at, int64_t *value);

// "[1, 'a', <app.Node>, ...] (12 items)" between the two brackets.
void preview_items(const struct python *py, addr words, uint64_t count, const char brackets[2],
                   size_t width, struct text *out);

// One item of a container's preview: atoms by value, everything else by type.
void preview_brief(const struct python *py, addr at, size_t width, struct text *out);

// refs_load() of a word that no view is at hand of.
static inline uint64_t refs_fetch(struct refs *refs, struct target *target, addr at)
{
    return refs_from(refs, target_view(target, at, 8), target_u64(target, at, NULL));
}

// Managed dict or inline values of an instance (PyObject_VisitManagedDict). kind_inst.c
void visit_managed_dict(const struct python *py, const struct type *type, addr at,
                        struct refs *refs);

// What the pointer at this offset in a numpy array's data is called. kind_numpy.c
void array_item_name(const struct python *py, const struct type *type, addr at, uint64_t offset,
                     struct text *out);

// Where struct layout has the place of a member that is a pointer; others do not compile.
#define POINTER(type, member)                                                                      \
    (offsetof(struct layout, type##_##member)                                                      \
     / (sizeof(ctype_##type##_##member) == sizeof(addr) ? 1 : 0))
#define VISITED(type, member, name)                                                                \
    {                                                                                              \
        POINTER(type, member), MEMBER_VISITED, 0, name                                             \
    }
#define SINCE(version, type, member, name)                                                         \
    {                                                                                              \
        POINTER(type, member), MEMBER_VISITED, version, name                                       \
    }
#define HELD(type, member, name)                                                                   \
    {                                                                                              \
        POINTER(type, member), MEMBER_HELD, 0, name                                                \
    }
#define FIRST(major, minor) .type_first = PYMINOR(major, minor)
#define LAST(major, minor) .type_last = PYMINOR(major, minor)
#define MEMBERS(...)                                                                               \
    .members = (const struct kind_member[])                                                        \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

#endif
