// SPDX-License-Identifier: GPL-3.0-or-later
// Where what was learned about a build is kept: $XDG_CACHE_HOME/ouro/KIND/BUILD-ID.SUFFIX, or
// ~/.cache.
//
// Does not know: what is kept. Build-ids come out of a target: nothing but hex becomes part of a
// path.
// Owns: nothing. Cost: none.
//
// A build-id is what anyone may write into a file. So what is kept says what it was made of, and is
// believed for that very file; without a file at hand (a core from elsewhere) only what was made of
// a file that no target can have fed us: below folders that only root, or who looks, may write.
#ifndef OURO_LAYOUT_CACHE_H
#define OURO_LAYOUT_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/regular.h"

// For free(); null: no cache, or no build-id. folder: instead of the usual one; "": none; null: the
// usual one.
char *cache_path(const char *folder, const char *kind, const char *build_id, const char *suffix);

// The folder of a kind, for free(); null: there is no cache.
char *cache_folder(const char *kind);

// The folder in which things beside a file were looked for (its debug information).
struct cache_folder {
    uint64_t device, inode;
};

#define CACHE_MADE_OF 160 // room for what cache_made_of() says

// "DEVICE INODE SIZE CTIME HASH own" (or "foreign"): which file it is, what is in it (read whole: 4 ms
// for 20 MB), and whether it is the machine's or ours. folder: it must lie in that one, or is foreign; null: not of interest. False: there is no
// such file, or it is not the one that was opened before.
bool cache_made_of(const struct regular_file *file, const struct cache_folder *folder, char *text,
                   size_t size);

// Whether what was made of `made_of` may be believed for the file (null: it is not here).
bool cache_believes(const char *made_of, const struct regular_file *file);

// Whether the other file may say where members of the first one's build lie: nobody can have put
// it there who could not as well have changed the first. A process may map an extension module of
// its own beside the machine's interpreter.
bool cache_may_speak(const struct regular_file *first, const struct regular_file *other);

// Whether a kept file is the caller's own: root looks through somebody else's $HOME, too.
bool cache_is_own(const char *path);

// Makes the folders that the path lies in, as far as they are missing.
void cache_make_folders(const char *path);

#endif
