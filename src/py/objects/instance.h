// SPDX-License-Identifier: GPL-3.0-or-later
// Where the attributes of one instance of a Python class lie, and what they cost beyond the
// instance's own size.
//
//      up to 3.10      a dict
//      3.11, 3.12      an array of values beside the instance, or a dict
//      3.13 on         values right after the instance, and perhaps a dict that shows them
//
// Does not know: what the collector visits of it (kind_inst.c). Cost: a read or two.
#ifndef OURO_PY_OBJECTS_INSTANCE_H
#define OURO_PY_OBJECTS_INSTANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "py/python.h"
#include "py/objects/type.h"

struct instance {
    addr dict;            // 0: none was made
    addr values;          // of the first value; 0: none, or they belong to the dict
    uint64_t value_count; // words there
    uint64_t bytes;       // that sys.getsizeof() counts nowhere
};

// Whether instances of the type have attributes outside of slots.
bool instance_has_attributes(const struct type *type);

void instance_read(const struct python *py, const struct type *type, addr at,
                   struct instance *instance);

#endif
