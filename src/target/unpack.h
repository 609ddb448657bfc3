// SPDX-License-Identifier: GPL-3.0-or-later
// Compressed cores (.gz .xz .zst .lz4): into an unlinked temporary file, so that they can be
// mapped.
//
// Does not know: ELF beyond how long a core says it is.
//
// Owns: nothing; the descriptor it makes is the caller's.
// Cost: one pass; blocks of zeros become holes in the file.
#ifndef OURO_TARGET_UNPACK_H
#define OURO_TARGET_UNPACK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "target/target.h"

// By its first bytes, not by its name.
bool unpack_is_packed(int fd);

// path is for the sentences. Stops at the core's own end, so a file that unpacks without end does
// not. Input that breaks off, or whose checksum fails, gives what came before it, and `trouble` says
// what the decompressor said; else it is "".
bool unpack(int packed, const char *path, const struct target_options *options, int *fd,
            size_t *size, char *trouble, size_t trouble_size, struct err *err);

#endif
