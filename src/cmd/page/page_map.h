// SPDX-License-Identifier: GPL-3.0-or-later
// The dominator tree's top as a treemap: areas are bytes that an object alone keeps alive.
//
// Squarified (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000): children are laid in rows along
// the shorter side as long as that makes them squarer.
//
// Does not know: how it is drawn. Owns: tiles and their texts.
// Cost: a pass over the objects, then some hundred tiles.
#ifndef OURO_CMD_PAGE_PAGE_MAP_H
#define OURO_CMD_PAGE_PAGE_MAP_H

#include "base/arena.h"
#include "base/err.h"
#include "cmd/session/session.h"

#define PAGE_TILE_NONE UINT32_MAX

struct page_tile {
    node object;       // NODE_NONE: many small ones together, of a type unless `type` is ""
    uint64_t retained; // bytes
    uint64_t objects;  // how many are taken together; 1
    const char
        *name; // how its holder calls it, or a module's name; "" when not disclosed or not known
    const char *type;
    uint32_t parent;       // index of a tile, or PAGE_TILE_NONE
    uint32_t first, count; // its children are tiles[first .. first+count)
    uint32_t depth;
    uint32_t top; // which of the uppermost tiles it is in
    bool garbage; // no root reaches it
};

struct page_map {
    struct page_tile *tiles; // parents before children
    size_t count, capacity;
    uint64_t bytes; // of all uppermost tiles
    struct arena arena;
};

bool page_map_build(struct page_map *map, struct session *session, enum disclosure how,
                    struct err *err);
void page_map_free(struct page_map *map);

struct page_box {
    double x, y, w, h;
};

// Where each tile lies in a picture of that size: boxes[map->count]. A tile with children has a
// head of `head` units for its own name where there is room.
bool page_map_place(const struct page_map *map, double width, double height, double head,
                    struct page_box *boxes);

#endif
