// SPDX-License-Identifier: GPL-3.0-or-later
// A Python that a thread reads beside others: see reader.h.
#include "py/reader.h"

#include "py/objects/type.h"

bool python_may_share(const struct python *py)
{
    const struct target *target = py->target;
    for (size_t i = 0; i < target->segment_count; i++)
        if (target->segments[i].filled)
            return false;
    return true;
}

bool python_reader_open(struct python_reader *reader, const struct python *py)
{
    reader->py = *py;
    reader->target = *py->target;
    reader->target.faults = 0;
    reader->target.undumped_read = false;
    reader->py.target = &reader->target;
    reader->py.types = types_reader(py->types);
    return reader->py.types != NULL;
}

bool python_reader_missed(const struct python_reader *reader)
{
    return types_missed(reader->py.types);
}

void python_reader_add(const struct python_reader *reader, struct python *py)
{
    py->target->faults += reader->target.faults;
    py->target->undumped_read = py->target->undumped_read || reader->target.undumped_read;
}

void python_reader_close(struct python_reader *reader)
{
    types_free(reader->py.types);
    *reader = (struct python_reader){ 0 };
}
