// SPDX-License-Identifier: GPL-3.0-or-later
// Pieces of memory in order, and their sums: see malloc_piece.h.
#include "memory/malloc_piece.h"

#include <stdlib.h>

#include "base/search.h"
#include "base/vec.h"

bool pieces_add(struct malloc_pieces *pieces, addr from, addr to, unsigned state, struct err *err)
{
    if (from >= to)
        return true;
    if (!vec_grow(&pieces->rows, &pieces->room, pieces->count + 1, sizeof *pieces->rows, err))
        return false;
    pieces->rows[pieces->count++] = (struct malloc_piece){ from, (to - from) | state };
    return true;
}

static int pieces_by_address(const void *a, const void *b)
{
    const struct malloc_piece *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return piece_size(x) > piece_size(y) ? -1 : piece_size(x) < piece_size(y);
}

void pieces_sort(struct malloc_pieces *pieces)
{
    if (pieces->count)
        qsort(pieces->rows, pieces->count, sizeof *pieces->rows, pieces_by_address);
}

void pieces_tally(struct malloc_pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++) {
        const struct malloc_piece *piece = &pieces->rows[i];
        pieces->counts[piece_state(piece)]++;
        pieces->bytes[piece_state(piece)] += piece_size(piece);
    }
}

const struct malloc_piece *pieces_find(const struct malloc_pieces *pieces, addr at)
{
    size_t after = search_u64(pieces->rows, pieces->count, sizeof *pieces->rows,
                              offsetof(struct malloc_piece, at), at + 1);
    const struct malloc_piece *piece = after ? &pieces->rows[after - 1] : NULL;
    return piece && at - piece->at < piece_size(piece) ? piece : NULL;
}

void pieces_fini(struct malloc_pieces *pieces)
{
    free(pieces->rows);
    *pieces = (struct malloc_pieces){ 0 };
}
