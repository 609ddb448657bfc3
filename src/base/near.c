// SPDX-License-Identifier: GPL-3.0-or-later
// Distances between words: see near.h.
#include "base/near.h"

#include <string.h>

static size_t near_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t near_distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    // Three rows of the table: swapping two neighbors looks two rows back.
    size_t rows[3][NEAR_MOST + 1];
    if (a_size > NEAR_MOST || b_size > NEAR_MOST)
        return NEAR_MOST + 1;
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            row[j] = near_least(above[j], row[j - 1]) + 1;
            row[j] = near_least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = near_least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

struct near near_begin(const char *typed, size_t size)
{
    return (struct near){ .typed = typed, .size = size };
}

void near_look(struct near *near, const char *word)
{
    if (!word)
        return;
    size_t distance = near_distance(near->typed, near->size, word, strlen(word));
    if (distance > 2 || 2 * distance >= near->size)
        return;
    if (near->best && near->distance <= distance)
        return;
    near->best = word;
    near->distance = distance;
}
