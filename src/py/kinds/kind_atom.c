// SPDX-License-Identifier: GPL-3.0-or-later
// Atoms: str, int, float, complex, bytes, bytearray, None and the like. They refer to nothing;
// their value is what one wants to see.
#include <stdio.h>

#include "base/unused.h"
#include "py/kinds/kind_row.h"

// The digits, least significant first, and the sign.
struct digits {
    const uint8_t *data; // 4 bytes each
    uint64_t count;
    bool negative;
};

// 2.7's int: a C long.
static bool is_c_long(const struct python *py, addr at)
{
    const struct type *type = py->layout.PyIntObject_ob_ival >= 0 ? type_of(py, at) : NULL;
    return type && (type->flags & TPFLAGS_INT_SUBCLASS);
}

static int64_t c_long(const struct python *py, addr at)
{
    return (int64_t)READ(py, at, PyIntObject_ob_ival);
}

static bool int_digits(const struct python *py, addr at, struct digits *d)
{
    const struct layout *l = &py->layout;
    const uint8_t *o = VIEW_BEFORE(py, at, PyLongObject_ob_digit);
    if (!o)
        return false;
    if (l->PyLongObject_lv_tag >= 0) {
        uint64_t tag = LOAD(py, o, PyLongObject_lv_tag);
        d->negative = (tag & 3) == 2;
        d->count = (tag & 3) == 1 ? 0 : tag >> 3;
    } else {
        d->negative = (int64_t)LOAD(py, o, PyVarObject_ob_size) < 0;
        d->count = magnitude(LOAD(py, o, PyVarObject_ob_size));
    }
    if (d->count > WORDS_MOST)
        return false;
    d->data =
        d->count ? target_view(py->target, INSIDE(py, at, PyLongObject_ob_digit), d->count * 4) : o;
    return d->data != NULL;
}

uint64_t int_value(const struct python *py, addr at)
{
    struct digits d;
    if (at && is_c_long(py, at))
        return c_long(py, at) < 0 ? 0 : (uint64_t)c_long(py, at);
    if (!at || !int_digits(py, at, &d) || d.negative || d.count > 2)
        return 0;
    uint64_t value = d.count > 0 ? load32(d.data) : 0;
    return d.count > 1 ? value | (uint64_t)load32(d.data + 4) << 30 : value;
}

bool int_signed(const struct python *py, addr at, int64_t *value)
{
    struct digits d;
    if (is_c_long(py, at)) {
        *value = c_long(py, at);
        return true;
    }
    if (!int_digits(py, at, &d) || d.count > 3)
        return false;
    uint64_t size = 0; // 3 digits of 30 bits: only 3 bits of the third fit
    for (uint64_t i = d.count; i-- > 0;) {
        uint32_t digit = load32(d.data + i * 4) & 0x3fffffff;
        if (i == 2 && digit > 7)
            return false;
        size = size << 30 | digit;
    }
    if (size > INT64_MAX)
        return false;
    *value = d.negative ? -(int64_t)size : (int64_t)size;
    return true;
}

// Schoolbook: repeated division of a copy by 10^9, for as many decimal digits as fit the width, and
// so bounded.
static void append_big(const struct digits *d, size_t width, struct text *out)
{
    uint64_t bits = d->count * 30;
    if (d->count > 40 || bits * 30103 / 100000 > width) {
        text_add_format(out, "%s2**%" PRIu64 "..", d->negative ? "-" : "", bits - 30);
        return;
    }
    uint32_t work[40];
    for (uint64_t i = 0; i < d->count; i++)
        work[i] = load32(d->data + i * 4) & 0x3fffffff;
    char decimal[400];
    size_t at = sizeof decimal;
    for (uint64_t n = d->count; n > 0 && at > 9;) {
        uint64_t rest = 0;
        for (uint64_t i = n; i-- > 0;) {
            rest = rest << 30 | work[i];
            work[i] = (uint32_t)(rest / 1000000000);
            rest %= 1000000000;
        }
        while (n > 0 && work[n - 1] == 0)
            n--;
        for (int k = 0; k < 9 && (n > 0 || rest > 0); k++, rest /= 10)
            decimal[--at] = (char)('0' + rest % 10);
    }
    if (d->negative)
        text_add_char(out, '-');
    text_add(out, decimal + at, sizeof decimal - at);
}

static void int_preview(const struct python *py, const struct type *type, addr at,
                        UNUSED const uint8_t *o, size_t width, struct text *out)
{
    struct digits d;
    bool plain = is_c_long(py, at), is_bool = type_is(type, TRAIT_BOOL);
    if (!plain && !int_digits(py, at, &d))
        text_add_string(out, "<damaged int>");
    else if (is_bool)
        text_add_string(out, (plain ? c_long(py, at) != 0 : d.count != 0) ? "True" : "False");
    else if (plain)
        text_add_format(out, "%" PRId64, c_long(py, at));
    else if (d.count == 0)
        text_add_char(out, '0');
    else
        append_big(&d, width, out);
}

static uint64_t int_size(const struct python *py, const struct type *type, addr at,
                         UNUSED const uint8_t *o)
{
    if (is_c_long(py, at))
        return (uint64_t)type->basicsize;
    struct digits d;
    uint64_t count = int_digits(py, at, &d) ? d.count : 0;
    if (py->rules.two)
        return (uint64_t)type->basicsize + count * 4;
    if (count == 0 && py->rules.zero_has_digit)
        count = 1; // the smallest int has room for a digit
    // long_sizeof ignores what a subclass adds
    return BEFORE(py, PyLongObject_ob_digit) + count * 4;
}

static void float_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                          const uint8_t *o, UNUSED size_t width, struct text *out)
{
    double d;
    memcpy(&d, SLOT(py, o, PyFloatObject_ob_fval), sizeof d);
    char shortest[40];
    for (int precision = 15; precision <= 17;
         precision++) { // repr(): the shortest text that reads back the same
        snprintf(shortest, sizeof shortest, "%.*g", precision, d);
        double back;
        if (sscanf(shortest, "%lf", &back) == 1 && memcmp(&back, &d, sizeof d) == 0)
            break;
    }
    text_add_string(out, shortest);
    if (!strpbrk(shortest, ".einf"))
        text_add_string(out, ".0");
}

static void complex_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                            const uint8_t *o, UNUSED size_t width, struct text *out)
{
    double d[2];
    memcpy(d, SLOT(py, o, PyComplexObject_cval), sizeof d);
    text_add_format(out, "(%.15g%+.15gj)", d[0], d[1]);
}

static void str_preview(const struct python *py, UNUSED const struct type *type, addr at,
                        UNUSED const uint8_t *o, size_t width, struct text *out)
{
    str_append_quoted(py, at, width, out);
}

// The size of a compact ASCII string, as nearly all are: its text follows the struct, and there is
// no other copy. 0: the string is of another form.
static uint64_t ascii_size(const struct python *py, addr at, const uint8_t *o)
{
    const struct layout *l = &py->layout;
    struct str_state state = str_state(py, o);
    uint64_t length = LOAD(py, o, PyASCIIObject_length);
    uint64_t size = SIZE(py, PyASCIIObject) + length + 1;
    if (state.kind != 1 || !state.compact || !state.ascii || length > 1 << 30
        || !target_view(py->target, at, size - 1))
        return 0;
    if (l->PyASCIIObject_wstr >= 0 && (!state.ready || LOAD(py, o, PyASCIIObject_wstr)))
        return 0;
    return size;
}

// Objects/unicodeobject.c, unicode_sizeof.
static uint64_t str_size(const struct python *py, const struct type *type, addr at,
                         const uint8_t *o)
{
    const struct layout *l = &py->layout;
    struct str_view view;
    uint64_t plain = l->PyASCIIObject_state >= 0 ? ascii_size(py, at, o) : 0;
    if (plain)
        return plain;
    if (l->PyASCIIObject_state < 0
        && (type->flags & TPFLAGS_BYTES_SUBCLASS)) // string_sizeof ignores subclasses
        return BEFORE(py, PyStringObject_ob_sval) + 1 + LOAD(py, o, PyVarObject_ob_size);
    if (l->PyASCIIObject_state < 0) // 2.7's unicode: the characters are in a separate block
        return SIZE(py, PyUnicodeObject) + (str_view(py, at, &view) ? 4 * (view.length + 1) : 0);
    if (!str_view(py, at, &view))
        return (uint64_t)type->basicsize;
    struct str_state state = str_state(py, o);
    uint64_t length = LOAD(py, o, PyASCIIObject_length), size;
    unsigned kind = state.kind;
    bool compact = state.compact, ascii = state.ascii;
    if (compact && ascii) {
        size = SIZE(py, PyASCIIObject) + length + 1;
    } else if (compact) {
        size = SIZE(py, PyCompactUnicodeObject) + (length + 1) * kind;
    } else {
        size = SIZE(py, PyUnicodeObject);
        addr data = LOAD(py, o, PyUnicodeObject_data);
        if (data)
            size += (length + 1) * kind;
    }
    bool short_form =
        compact && ascii; // the smallest struct: no UTF-8 beside the text, which is UTF-8 itself
    addr inside_data = short_form ? at + SIZE(py, PyASCIIObject)
                       : compact  ? at + SIZE(py, PyCompactUnicodeObject)
                                  : LOAD(py, o, PyUnicodeObject_data);
    addr utf8 = short_form ? 0 : LOAD(py, o, PyCompactUnicodeObject_utf8);
    if (!ascii && utf8 && utf8 != inside_data)
        size += LOAD(py, o, PyCompactUnicodeObject_utf8_length) + 1;
    if (l->PyASCIIObject_wstr >= 0) {
        addr wstr = LOAD(py, o, PyASCIIObject_wstr);
        uint64_t wlength = short_form ? length : LOAD(py, o, PyCompactUnicodeObject_wstr_length);
        if (wstr && wstr != inside_data)
            size += (wlength + 1) * 4;
    }
    return size;
}

static void append_bytes(const struct python *py, addr data, uint64_t count, const char *prefix,
                         size_t width, struct text *out)
{
    uint64_t most = count < width ? count : width;
    const uint8_t *b = most ? target_view(py->target, data, most) : (const uint8_t *)"";
    text_add_string(out, prefix);
    text_add_char(out, '\'');
    size_t start = out->size;
    for (uint64_t i = 0; b && i < most && out->size - start + 8 < width; i++)
        if (b[i] >= 0x20 && b[i] < 0x7f && b[i] != '\\' && b[i] != '\'')
            text_add_char(out, (char)b[i]);
        else
            text_add_format(out, "\\x%02x", b[i]);
    text_add_string(out, b && out->size - start >= count ? "'" : "...'");
    if (count > most)
        text_add_format(out, " (%" PRIu64 " %s)", count, text_plural(count, "byte", "bytes"));
}

static void bytes_preview(const struct python *py, UNUSED const struct type *type, addr at,
                          const uint8_t *o, size_t width, struct text *out)
{
    int32_t data = py->layout.PyBytesObject_ob_sval >= 0 ? py->layout.PyBytesObject_ob_sval
                                                         : py->layout.PyStringObject_ob_sval;
    bool two = py->rules.two;
    append_bytes(py, at + (uint64_t)data, LOAD(py, o, PyVarObject_ob_size), two ? "" : "b", width,
                 out);
}

static void bytearray_preview(const struct python *py, UNUSED const struct type *type,
                              UNUSED addr at, const uint8_t *o, size_t width, struct text *out)
{
    addr data = LOAD_EITHER(py, o, PyByteArrayObject_ob_start, PyByteArrayObject_ob_bytes);
    append_bytes(py, data, LOAD(py, o, PyVarObject_ob_size), "bytearray b", width, out);
}

// Blocks of text that is not compact, and copies in other encodings.
static void str_blocks(const struct python *py, const struct type *type, addr at, const uint8_t *o,
                       struct blocks *blocks)
{
    const struct layout *l = &py->layout;
    struct str_view view;
    if (l->PyASCIIObject_state < 0) { // 2.7
        if (!(type->flags & TPFLAGS_BYTES_SUBCLASS) && str_view(py, at, &view))
            blocks_add(blocks, LOAD(py, o, PyUnicodeObject_str), 4 * (view.length + 1));
        return;
    }
    if (ascii_size(py, at, o) || !str_view(py, at, &view))
        return;
    struct str_state state = str_state(py, o);
    uint64_t length = LOAD(py, o, PyASCIIObject_length);
    bool short_form = state.compact && state.ascii;
    addr text = short_form      ? at + SIZE(py, PyASCIIObject)
                : state.compact ? at + SIZE(py, PyCompactUnicodeObject)
                                : LOAD(py, o, PyUnicodeObject_data);
    if (!state.compact && text)
        blocks_add(blocks, text, (length + 1) * state.kind);
    addr utf8 = short_form ? 0 : LOAD(py, o, PyCompactUnicodeObject_utf8);
    if (!state.ascii && utf8 && utf8 != text)
        blocks_add(blocks, utf8, LOAD(py, o, PyCompactUnicodeObject_utf8_length) + 1);
    addr wstr = l->PyASCIIObject_wstr >= 0 ? LOAD(py, o, PyASCIIObject_wstr) : 0;
    if (wstr && wstr != text)
        blocks_add(
            blocks, wstr,
            4 * (1 + (short_form ? length : LOAD(py, o, PyCompactUnicodeObject_wstr_length))));
}

uint64_t bytes_size(const struct python *py, addr at)
{
    const struct layout *l = &py->layout;
    int32_t text =
        l->PyBytesObject_ob_sval >= 0 ? l->PyBytesObject_ob_sval : l->PyStringObject_ob_sval;
    uint64_t size = READ(py, at, PyVarObject_ob_size);
    return size < WORDS_MOST ? (uint64_t)text + size + 1 : (uint64_t)text + 1;
}

// 3.15: the storage is a bytes object; the empty one is shared by all and not counted.
static addr bytearray_counted(const struct python *py, UNUSED const struct type *type,
                              UNUSED addr at, const uint8_t *o)
{
    const struct layout *l = &py->layout;
    addr storage = l->PyByteArrayObject_ob_bytes_object >= 0
                       ? LOAD(py, o, PyByteArrayObject_ob_bytes_object)
                       : 0;
    bool empty = storage && !READ(py, storage, PyVarObject_ob_size);
    return empty ? 0 : storage;
}

static uint64_t bytearray_size(const struct python *py, const struct type *type, addr at,
                               const uint8_t *o)
{
    uint64_t size = (uint64_t)type->basicsize;
    if (py->layout.PyByteArrayObject_ob_bytes_object < 0)
        return size + LOAD(py, o, PyByteArrayObject_ob_alloc);
    addr storage = bytearray_counted(py, type, at, o);
    return storage ? size + bytes_size(py, storage) : size;
}

static void bytearray_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                           const uint8_t *o, struct refs *refs)
{
    if (py->layout.PyByteArrayObject_ob_bytes_object >= 0)
        refs_hold_member(refs, refs_load(refs, SLOT(py, o, PyByteArrayObject_ob_bytes_object)),
                         "storage");
}

static void singleton_preview(UNUSED const struct python *py, const struct type *type,
                              UNUSED addr at, UNUSED const uint8_t *o, UNUSED size_t width,
                              struct text *out)
{
    bool none = strcmp(type->tp_name, "NoneType") == 0;
    bool ellipsis = strcmp(type->tp_name, "ellipsis") == 0;
    text_add_string(out, none ? "None" : ellipsis ? "Ellipsis" : "NotImplemented");
}

static void range_preview(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                          const uint8_t *o, UNUSED size_t width, struct text *out)
{
    text_add_string(out, "range(");
    preview_brief(py, LOAD(py, o, rangeobject_start), 12, out);
    text_add_string(out, ", ");
    preview_brief(py, LOAD(py, o, rangeobject_stop), 12, out);
    text_add_char(out, ')');
}

static void bytearray_blocks(const struct python *py, UNUSED const struct type *type,
                             UNUSED addr at, const uint8_t *o, struct blocks *blocks)
{
    if (py->layout.PyByteArrayObject_ob_bytes_object < 0)
        blocks_add(blocks, LOAD(py, o, PyByteArrayObject_ob_bytes),
                   LOAD(py, o, PyByteArrayObject_ob_alloc));
}

const struct kind kinds_atom[] = {
    { .names = "int long", .traits = TRAIT_INT, .preview = int_preview, .size = int_size },
    { .names = "bool", .traits = TRAIT_BOOL, .preview = int_preview, .size = int_size },
    { .names = "float", .traits = TRAIT_FLOAT, .preview = float_preview },
    { .names = "complex", .traits = TRAIT_COMPLEX, .preview = complex_preview },
    { .names = "str unicode",
      .traits = TRAIT_TEXT,
      .preview = str_preview,
      .size = str_size,
      .blocks = str_blocks },
    { .names = "bytes", .traits = TRAIT_BYTES, .preview = bytes_preview },
    { .names = "bytearray",
      .traits = TRAIT_BYTEARRAY,
      .refs = bytearray_refs,
      .preview = bytearray_preview,
      .size = bytearray_size,
      .counted = bytearray_counted,
      .blocks = bytearray_blocks },
    { .names = "NoneType ellipsis NotImplementedType",
      .traits = TRAIT_SINGLETON,
      .preview = singleton_preview },
    { .names = "range",
      .preview = range_preview,
      MEMBERS(HELD(rangeobject, start, ".start"), HELD(rangeobject, stop, ".stop"),
              HELD(rangeobject, step, ".step"), HELD(rangeobject, length, "length")) },
    { .names = "object", .traits = TRAIT_OBJECT },
    { 0 },
};
