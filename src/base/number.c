// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and sizes as people type them: see number.h.
#include "base/number.h"

#include <ctype.h>
#include <stddef.h>
#include <strings.h>

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 16;
}

// Reads digits and leaves *string after them. False: there are none, or too many.
static bool digits(const char **string, uint64_t base, uint64_t *value)
{
    const char *start = *string;
    uint64_t sum = 0;
    for (uint64_t digit; (digit = (uint64_t)digit_of(**string)) < base; ++*string)
        if (__builtin_mul_overflow(sum, base, &sum) || __builtin_add_overflow(sum, digit, &sum))
            return false;
    *value = sum;
    return *string > start;
}

static bool number_number(const char **string, uint64_t *value)
{
    const char *s = *string;
    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        *string += 2;
        return digits(string, 16, value);
    }
    return digits(string, 10, value);
}

bool number_parse(const char *string, uint64_t *value)
{
    uint64_t parsed;
    if (!number_number(&string, &parsed) || *string)
        return false;
    *value = parsed;
    return true;
}

// The shift of the unit: 10 for "K", "kb", "KiB", 0 for "B" and for none. -1: not a unit.
static int unit_shift(const char *unit)
{
    static const char letters[] = "KMGTP";
    int shift = 0;
    for (int i = 0; letters[i]; i++)
        if (toupper((unsigned char)*unit) == letters[i])
            shift = 10 * (i + 1);
    if (shift)
        unit++;
    if (!*unit || strcasecmp(unit, "b") == 0 || (shift && strcasecmp(unit, "ib") == 0))
        return shift;
    return -1;
}

// The digits after the point, in units of 1 << shift: ".5" of a MiB is 524288. Six digits count.
static uint64_t fraction(const char **string, int shift)
{
    uint64_t sum = 0, scale = 1;
    for (; isdigit((unsigned char)**string); ++*string) {
        if (scale >= 1000000)
            continue;
        sum = sum * 10 + (uint64_t)digit_of(**string);
        scale *= 10;
    }
    return (uint64_t)((double)sum * (double)(UINT64_C(1) << shift) / (double)scale);
}

static const char *behind_digits(const char *string)
{
    while (isdigit((unsigned char)*string))
        string++;
    return string;
}

bool number_parse_size(const char *string, uint64_t *value)
{
    uint64_t whole;
    if (!number_number(&string, &whole))
        return false;
    bool has_fraction = string[0] == '.' && isdigit((unsigned char)string[1]);
    int shift = unit_shift(has_fraction ? behind_digits(string + 1) : string);
    if (shift < 0 || (has_fraction && shift == 0))
        return false;
    if (shift && whole > UINT64_MAX >> shift)
        return false;
    whole <<= shift;
    if (has_fraction) {
        string++;
        whole += fraction(&string, shift);
    }
    *value = whole;
    return true;
}

bool number_parse_pid(const char *string, pid_t *pid)
{
    uint64_t number;
    if (!number_parse(string, &number) || !number || number > INT32_MAX)
        return false;
    *pid = (pid_t)number;
    return true;
}
