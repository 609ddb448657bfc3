// SPDX-License-Identifier: GPL-3.0-or-later
// Values, whole: see content_value.h.
#include "py/objects/content_value.h"

#include <string.h>

#include "py/kinds/kind_row.h"
#include "py/load.h"
#include "py/objects/str.h"

static bool content_add_text(const struct python *py, addr at, struct text *out)
{
    struct str_view view;
    if (!str_view(py, at, &view) || view.cut || view.length > CONTENT_VALUE_MAX)
        return false;
    for (uint64_t i = 0; i < view.length; i++) {
        const uint8_t *p = view.data + i * view.width;
        uint32_t code = view.width == 1 ? *p : view.width == 2 ? load16(p) : load32(p);
        if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return false;
        text_add_code(out, code);
    }
    return !out->failed;
}

static bool content_add_bytes(const struct python *py, addr at, struct text *out)
{
    const struct layout *l = &py->layout;
    int32_t from =
        l->PyBytesObject_ob_sval >= 0 ? l->PyBytesObject_ob_sval : l->PyStringObject_ob_sval;
    bool ok = from >= 0 && l->PyVarObject_ob_size >= 0;
    uint64_t size = ok ? READ_OK(py, at, PyVarObject_ob_size, &ok) : 0;
    if (!ok || size > CONTENT_VALUE_MAX)
        return false;
    const uint8_t *bytes = size ? target_view(py->target, at + (uint64_t)from, size) : NULL;
    if (size && !bytes)
        return false;
    if (size)
        text_add(out, (const char *)bytes, size);
    return !out->failed;
}

static bool content_real(const struct python *py, addr at, double *real)
{
    int32_t offset = py->layout.PyFloatObject_ob_fval;
    const uint8_t *bytes = offset >= 0 ? target_view(py->target, at + (uint64_t)offset, 8) : NULL;
    if (bytes)
        memcpy(real, bytes, sizeof *real);
    return bytes;
}

struct content_value content_value(const struct python *py, const struct type *type, addr at,
                                   struct text *bytes)
{
    struct content_value value = { CONTENT_NONE, 0, 0 };
    text_clear(bytes);
    if (type->flags & TPFLAGS_UNICODE_SUBCLASS && content_add_text(py, at, bytes))
        value.kind = CONTENT_TEXT;
    else if (type->flags & TPFLAGS_BYTES_SUBCLASS && content_add_bytes(py, at, bytes))
        value.kind = CONTENT_BYTES;
    else if ((type->flags & TPFLAGS_LONG_SUBCLASS
              || (type->flags & TPFLAGS_INT_SUBCLASS && py->layout.PyIntObject_ob_ival >= 0))
             && int_signed(py, at, &value.integer))
        value.kind = CONTENT_INT;
    else if (type_is(type, TRAIT_FLOAT) && content_real(py, at, &value.real))
        value.kind = CONTENT_REAL;
    return value;
}
