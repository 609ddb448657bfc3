// SPDX-License-Identifier: GPL-3.0-or-later
// JSON: separators, escapes, and whatever bytes come in, valid JSON comes out.
#include "unit.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"

static void is(struct text *text, const char *expected)
{
    if (strcmp(text_string(text), expected) != 0)
        fprintf(stderr, "  got %s, expected %s\n", text_string(text), expected);
    CU_ASSERT_STRING_EQUAL(text_string(text), expected);
    text_clear(text);
}

static void test_shapes(void)
{
    struct text text = TEXT_INIT;
    json_add_open(&text, '{');
    json_add_key(&text, "empty");
    json_add_open(&text, '[');
    json_add_close(&text, ']');
    json_add_key(&text, "refs");
    json_add_open(&text, '[');
    json_add_address(&text, 0x7f12);
    json_add_null(&text);
    json_add_open(&text, '{');
    json_add_close(&text, '}');
    json_add_bool(&text, true);
    json_add_close(&text, ']');
    json_add_key(&text, "n");
    json_add_number(&text, UINT64_MAX);
    json_add_key(&text, "delta");
    json_add_signed(&text, -5);
    json_add_close(&text, '}');
    text_add_char(&text, '\n');
    json_add_open(&text, '{');
    json_add_close(&text, '}');
    is(&text, "{\"empty\":[],\"refs\":[\"0x7f12\",null,{},true],\"n\":18446744073709551615,"
              "\"delta\":-5}\n{}");
    text_fini(&text);
}

static void test_strings(void)
{
    struct text text = TEXT_INIT;
    json_add_string(&text, NULL);
    is(&text, "null");
    json_add_string(&text, "a \"b\" \\ c\n\t\r");
    is(&text, "\"a \\\"b\\\" \\\\ c\\n\\t\\r\"");
    json_add_bytes(&text, "\0\x1b\x7f", 3);
    is(&text, "\"\\u0000\\u001b\\u007f\"");
    json_add_string(&text, "\xe6\xbc\xa2\xf0\x9f\x90\x8d");
    is(&text, "\"\xe6\xbc\xa2\xf0\x9f\x90\x8d\"");
    // A direction control, and a tag character beyond U+FFFF: a pair of surrogates.
    json_add_string(&text, "\xe2\x80\xae\xf3\xa0\x80\x81");
    is(&text, "\"\\u202e\\udb40\\udc01\"");
    json_add_string(&text, "\xff|\xed\xa0\x80|\xe2\x82");
    is(&text, "\"\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\"");
    // What looks like a bracket inside a string does not mislead the commas.
    json_add_open(&text, '[');
    json_add_string(&text, "[");
    json_add_string(&text, ":");
    json_add_close(&text, ']');
    is(&text, "[\"[\",\":\"]");
    text_fini(&text);
}

static void test_reals(void)
{
    struct text text = TEXT_INIT;
    json_add_real(&text, 0.5);
    is(&text, "0.5");
    json_add_real(&text, 97.25);
    is(&text, "97.25");
    json_add_real(&text, NAN);
    is(&text, "null");
    json_add_real(&text, -INFINITY);
    is(&text, "null");
    text_fini(&text);
}

// Every pair of bytes in a string comes out as UTF-8 without a raw control.
static void test_any_bytes(void)
{
    struct text text = TEXT_INIT;
    size_t wrong = 0;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            char bytes[2] = { (char)a, (char)b };
            text_clear(&text);
            json_add_bytes(&text, bytes, 2);
            for (size_t i = 0; i < text.size;) {
                uint32_t code = 0;
                size_t length = utf8_decode(text.data + i, text.size - i, &code);
                wrong += !length || code < 0x20 || (code >= 0x7f && code < 0xa0);
                i += length ? length : 1;
            }
        }
    CU_ASSERT_EQUAL(wrong, 0);
    text_fini(&text);
}

UNIT_SUITE(json, { "objects, lists and their commas", test_shapes }, { "strings", test_strings },
           { "reals", test_reals }, { "any two bytes", test_any_bytes })
