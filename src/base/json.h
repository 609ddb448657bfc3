// SPDX-License-Identifier: GPL-3.0-or-later
// JSON, written straight into a text: millions of rows go through here.
//
// Does not know: the rows. A value follows another by itself: commas are worked out from the byte
// before, so that building { "a": 1, "b": [2, 3] } is
//
//     json_add_open(t, '{');
//     json_add_key(t, "a");  json_add_number(t, 1);
//     json_add_key(t, "b");  json_add_open(t, '[');  json_add_number(t, 2);  json_add_number(t, 3);
//     json_add_close(t, ']');
//     json_add_close(t, '}');
//
// What comes out is always valid JSON in UTF-8: bytes that are no UTF-8 become U+FFFD, control
// characters, DEL, C1 and the line and direction controls of Unicode are written \uNNNN, so that even
// raw JSON is harmless on a terminal. Owns: nothing. Cost: a scan and a copy per string.
#ifndef OURO_BASE_JSON_H
#define OURO_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

void json_add_open(struct text *text, char bracket);  // '{' or '['
void json_add_close(struct text *text, char bracket); // '}' or ']'
void json_add_key(struct text *text, const char *key);

void json_add_string(struct text *text, const char *string); // null: null
void json_add_bytes(struct text *text, const char *bytes, size_t size);
void json_add_number(struct text *text, uint64_t value);
void json_add_signed(struct text *text, int64_t value);
void json_add_real(struct text *text, double value);      // not finite: null
void json_add_address(struct text *text, uint64_t value); // "0x7f12"
void json_add_bool(struct text *text, bool value);
void json_add_null(struct text *text);

#endif
