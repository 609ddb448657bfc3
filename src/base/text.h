// SPDX-License-Identifier: GPL-3.0-or-later
// A UTF-8 text that grows.
//
// Does not know: where it goes. Appending never fails in the caller's face: when memory runs out the
// text stops growing and `failed` stays set; code that builds a long one asks text_ok() at the end.
//
// Owns: its bytes. A zeroed text is an empty one, ready for use. Invariant: a NUL always
// follows the text (text_string()), which `size` does not count. Cost: a memcpy, now and then a realloc.
#ifndef OURO_BASE_TEXT_H
#define OURO_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct text {
    char *data;  // null while nothing was appended: use text_string()
    size_t size; // bytes, without the NUL
    size_t capacity;
    bool failed; // memory ran out, and the end is missing
};

#define TEXT_INIT                                                                                  \
    {                                                                                              \
        NULL, 0, 0, false                                                                          \
    }

void text_fini(struct text *text);

// Empties it and keeps the room.
void text_clear(struct text *text);

// Cuts it back to `size` bytes.
void text_truncate(struct text *text, size_t size);

// False, with the error set, when the text is not whole.
bool text_ok(const struct text *text, struct err *err);

// The text as a C string, good until the next change. Never null.
const char *text_string(const struct text *text);

// Gives the bytes away as a C string for free(), and leaves an empty text. Null: out of memory.
char *text_detach(struct text *text);

// Makes room for `more` bytes and a NUL, and returns the end of the text: code that writes there
// adds to `size` and sets the NUL himself. Null: out of memory.
char *text_reserve(struct text *text, size_t more);

// ------------------------------------------------------------------ words of our own
void text_add(struct text *text, const char *bytes, size_t size);
void text_add_string(struct text *text, const char *string);
void text_add_char(struct text *text, char c);
void text_add_repeat(struct text *text, char c, size_t times);
void text_add_format(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void text_add_code(struct text *text, uint32_t code); // one code point

// ------------------------------------------------------------------ numbers
void text_add_number(struct text *text, uint64_t value);  // 1234567
void text_add_signed(struct text *text, int64_t value);   // -1234567
void text_add_address(struct text *text, uint64_t value); // 0x7f12
void text_add_count(struct text *text, uint64_t value);   // 1,234,567
void text_add_size(struct text *text, uint64_t bytes);    // 12.3 MiB; 980 B

// The form that goes with so many: ("object", "objects"), ("it does", "they do"). Every message
// with a number in it asks here.
const char *text_plural(uint64_t count, const char *one, const char *many);

// "a" or "an", by how the word is said: an IndexError, an SSLContext, an _io.BytesIO; a dict, a unittest
// case, a UUID.
const char *text_article(const char *word);

// ------------------------------------------------------------------ words of the target
// Bytes that a target chose, made harmless: what is printable UTF-8 stays, a backslash is doubled,
// everything else becomes \n \t \r, \xNN (bytes that are no UTF-8 too), \uNNNN or \UNNNNNNNN. No
// control code and no change of direction reaches a terminal.
void text_add_escaped(struct text *text, const char *bytes, size_t size);

// One code point of the target (they come as 1, 2 or 4 bytes each there), made harmless likewise.
void text_add_escaped_code(struct text *text, uint32_t code);

// ------------------------------------------------------------------ fitting
// Shortens what was appended since byte `from` to at most `columns` columns of a terminal, with
// "..." at its end where something was cut (columns allowing).
void text_shorten(struct text *text, size_t from, size_t columns);

// Appends blanks, or puts them before, until what was appended since `from` takes `columns` columns.
void text_pad(struct text *text, size_t from, size_t columns);
void text_pad_left(struct text *text, size_t from, size_t columns);

#endif
