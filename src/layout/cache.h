// SPDX-License-Identifier: GPL-3.0-or-later
// Where what was learned about a build is kept: $XDG_CACHE_HOME/ouro/KIND/BUILD-ID.SUFFIX, or
// ~/.cache.
//
// Does not know: what is kept. Build-ids come out of a target: nothing but hex becomes part of a
// path.
// Owns: nothing. Cost: none.
#ifndef OURO_LAYOUT_CACHE_H
#define OURO_LAYOUT_CACHE_H

// For free(); null: no cache, or no build-id. folder: instead of the usual one; "": none; null: the
// usual one.
char *cache_path(const char *folder, const char *kind, const char *build_id, const char *suffix);

// Makes the folders that the path lies in, as far as they are missing.
void cache_make_folders(const char *path);

#endif
