// SPDX-License-Identifier: GPL-3.0-or-later
// The treemap of what is retained: see page_map.h.
//
// 1. The top tiles are the objects that no single object dominates. Where such an object has nearly
//    all of its bytes through one other (a module and its dict), the two are one tile.
// 2. A tile's children are what its object immediately dominates, largest first; those smaller than
//    a five-hundredth of the whole are put together, by type if that gives more of them a tile.
#include "cmd/page/page_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "graph/marks.h"
#include "heap/names/edge.h"

#define DEPTH_MAX 3
#define TILES_MAX 600
#define CHILDREN_MAX 60
#define LEAST 500 // a tile is at least this part of the whole: 1/500
#define NAME_MOST 160
#define CHAIN_MAX 8

struct building {
    struct page_map *map;
    const struct session *session;
    enum disclosure how;
    const struct csr *children; // the dominator tree
    uint64_t least;
    struct err *err;
};

struct candidate { // for a tile: an object, or many small ones of one type
    node n;        // ... one of them
    uint64_t retained, objects;
};

static int by_retained(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->retained != y->retained)
        return x->retained > y->retained ? -1 : 1;
    return x->n < y->n ? -1 : x->n > y->n;
}

// --- names --------------------------------------------------------------------------------------

// "sys.modules['app']" -> "app"
static const char *module_name(struct building *b, node n)
{
    const struct heap_roots *roots = &b->session->roots;
    for (size_t i = heap_roots_first(roots, n); i < roots->count && roots->items[i].to == n; i++) {
        const struct root *root = &roots->items[i].root;
        if (root->kind != ROOT_MODULE && root->kind != ROOT_GLOBALS)
            continue;
        struct text text = TEXT_INIT;
        root_name_holder(&b->session->py, root, &text);
        const char *from = text_string(&text), *open = strchr(from, '\'');
        size_t size = open ? strcspn(open + 1, "'") : text.size;
        const char *name = arena_copy(&b->map->arena, open ? open + 1 : from, size);
        text_fini(&text);
        return name;
    }
    return NULL;
}

// The name of the reference by which the dominator itself holds the object; null: it does not.
static const char *edge_name(struct building *b, node holder, node n)
{
    struct heap_edges edges = { 0 };
    struct err ignored = ERR_INIT;
    const char *name = NULL;
    if (heap_edges_between(&b->session->heap, holder, n, &edges, &ignored) && edges.count) {
        const char *said = heap_edge_name(&edges, 0);
        size_t size = strlen(said);
        name = arena_copy(&b->map->arena, said, size < NAME_MOST ? size : NAME_MOST);
    }
    heap_edges_fini(&edges);
    return name;
}

static const char *page_map_name_of(struct building *b, node holder, node n)
{
    const char *name = module_name(b, n);
    if (!name && holder != NODE_NONE && discloses_values(b->how))
        name = edge_name(b, holder, n);
    return name ? name : "";
}

// --- tiles --------------------------------------------------------------------------------------

static bool add_tile(struct building *b, struct page_tile tile)
{
    struct page_map *map = b->map;
    if (!vec_grow(&map->tiles, &map->capacity, map->count + 1, sizeof *map->tiles, b->err))
        return false;
    if (tile.parent == PAGE_TILE_NONE)
        tile.top = (uint32_t)map->count;
    map->tiles[map->count++] = tile;
    return true;
}

static node greatest_child(const struct building *b, node n)
{
    const uint64_t *retained = b->session->dominate.retained;
    node greatest = NODE_NONE;
    for (uint64_t i = csr_first(b->children, n); i < csr_end(b->children, n); i++)
        if (greatest == NODE_NONE || retained[b->children->to[i]] > retained[greatest])
            greatest = b->children->to[i];
    return greatest;
}

// The object whose children are the tile's. Where one child has nearly all of an object's bytes (a
// module's dict, its only large list), it is that child, whose name is added to the tile's.
static node inner(struct building *b, node n, uint32_t tile)
{
    const uint64_t *retained = b->session->dominate.retained;
    struct text name = TEXT_INIT;
    text_add_string(&name, b->map->tiles[tile].name);
    for (int steps = 0; steps < CHAIN_MAX; steps++) {
        node greatest = greatest_child(b, n);
        if (greatest == NODE_NONE || retained[greatest] < retained[n] - retained[n] / 50)
            break;
        const char *edge = discloses_values(b->how) ? edge_name(b, n, greatest) : NULL;
        if (edge && strcmp(edge, ".__dict__"))
            text_add_string(&name, edge);
        n = greatest;
    }
    if (!name.failed && name.size < NAME_MOST) {
        const struct heap *heap = &b->session->heap;
        b->map->tiles[tile].name = arena_copy(&b->map->arena, text_string(&name), name.size);
        b->map->tiles[tile].type = heap_type_name(heap, heap_type(heap, n));
    }
    text_fini(&name);
    return n;
}

static struct page_tile tile_of(struct building *b, node holder, const struct candidate *of,
                                struct page_tile like)
{
    const struct heap *heap = &b->session->heap;
    like.object = of->objects == 1 ? of->n : NODE_NONE;
    like.retained = of->retained;
    like.objects = of->objects;
    like.type = heap_type_name(heap, heap_type(heap, of->n));
    like.garbage = marks_has(b->session->dominate.dead, of->n);
    if (of->objects == 1)
        like.name = page_map_name_of(b, like.parent == PAGE_TILE_NONE ? NODE_NONE : holder, of->n);
    return like;
}

// Collects the children of `n` that are large enough, and the others by type, into `all`, which has
// room for each child and each type.
static size_t page_map_collect(const struct building *b, node n, struct candidate *all,
                               struct candidate *piles)
{
    const struct csr *csr = b->children;
    const struct heap *heap = &b->session->heap;
    const uint64_t *retained = b->session->dominate.retained;
    size_t count = 0;
    for (uint64_t i = csr_first(csr, n); i < csr_end(csr, n); i++) {
        node child = csr->to[i];
        if (retained[child] >= b->least) {
            all[count++] = (struct candidate){ child, retained[child], 1 };
            continue;
        }
        struct candidate *pile = &piles[heap_type(heap, child)];
        pile->n = child;
        pile->retained += retained[child];
        pile->objects++;
    }
    for (uint32_t type = 0; type < heap_type_count(heap); type++)
        if (piles[type].objects)
            all[count++] = piles[type];
    qsort(all, count, sizeof *all, by_retained);
    return count;
}

// Adds the largest as tiles, and puts the rest together.
static bool add_candidates(struct building *b, node holder, const struct candidate *all,
                           size_t count, struct page_tile like)
{
    struct page_tile rest = like;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        if (i < CHILDREN_MAX && b->map->count < TILES_MAX && all[i].retained >= b->least) {
            ok = add_tile(b, tile_of(b, holder, &all[i], like));
        } else {
            rest.retained += all[i].retained;
            rest.objects += all[i].objects;
        }
    }
    return ok && (rest.retained < b->least / 4 || add_tile(b, rest));
}

// Children of node `n` of the dominator tree (node_count: of its root) as tiles below `parent`.
static bool page_map_add_children(struct building *b, node n, uint32_t parent)
{
    struct page_map *map = b->map;
    struct page_tile like = { .object = NODE_NONE, .name = "", .type = "", .parent = parent };
    if (parent != PAGE_TILE_NONE) {
        like.depth = map->tiles[parent].depth + 1;
        like.top = map->tiles[parent].top;
    }
    size_t most = csr_end(b->children, n) - csr_first(b->children, n);
    uint32_t types = heap_type_count(&b->session->heap), first = (uint32_t)map->count;
    struct candidate *all = calloc(most + types + 1, sizeof *all);
    struct candidate *piles = calloc((size_t)types + 1, sizeof *piles);
    bool ok = (all && piles) || err_memory(b->err, "a treemap");
    ok = ok && add_candidates(b, n, all, page_map_collect(b, n, all, piles), like);
    free(all);
    free(piles);
    if (ok && parent != PAGE_TILE_NONE) {
        map->tiles[parent].first = first;
        map->tiles[parent].count = (uint32_t)map->count - first;
    }
    return ok;
}

// Works breadth first: the array of tiles is its own queue.
static bool add_tiles(struct building *b)
{
    struct page_map *map = b->map;
    if (!page_map_add_children(b, b->session->heap.node_count, PAGE_TILE_NONE))
        return false;
    for (size_t i = 0; i < map->count; i++) {
        const struct page_tile *tile = &map->tiles[i];
        if (tile->parent == PAGE_TILE_NONE)
            map->bytes += tile->retained;
        if (tile->object == NODE_NONE || tile->depth + 1 >= DEPTH_MAX
            || tile->retained < 4 * b->least)
            continue;
        if (!page_map_add_children(b, inner(b, tile->object, (uint32_t)i), (uint32_t)i))
            return false;
    }
    return true;
}

bool page_map_build(struct page_map *map, struct session *session, enum disclosure how,
                    struct err *err)
{
    const struct dominate *dominate = &session->dominate;
    struct building b = { .map = map, .session = session, .how = how, .err = err };
    b.least = (dominate->living_bytes + dominate->dead_bytes) / LEAST + 1;
    b.children = session_dominated(session, err);
    return b.children && add_tiles(&b);
}

void page_map_free(struct page_map *map)
{
    free(map->tiles);
    arena_fini(&map->arena);
    *map = (struct page_map){ 0 };
}

// --- places -------------------------------------------------------------------------------------

struct placing {
    const struct page_map *map;
    struct page_box *boxes;
};

// The worst aspect ratio in a row of tiles of these areas along a side of that length.
static double worst(double sum, double least, double greatest, double side)
{
    double s2 = sum * sum, l2 = side * side;
    double a = l2 * greatest / s2, c = s2 / (l2 * least);
    return a > c ? a : c;
}

static double area_of(const struct placing *p, uint32_t tile, double scale)
{
    return (double)p->map->tiles[tile].retained * scale;
}

// How many tiles, largest first, make the squarest row along that side; and their areas' sum.
static uint32_t page_map_fill_row(const struct placing *p, uint32_t first, uint32_t count,
                                  double scale, double side, double *sum)
{
    double greatest = area_of(p, first, scale), before = 0;
    *sum = 0;
    for (uint32_t n = 0; n < count; n++) {
        double area = area_of(p, first + n, scale); // the smallest so far, except for the last tile
        double least = area < greatest ? area : greatest;
        double now = least > 0 && side > 0 ? worst(*sum + area, least, greatest, side) : 0;
        if (n && now > before)
            return n;
        *sum += area;
        before = now;
    }
    return count;
}

// Lays out tiles [first, first+count), largest first, in the box.
static void page_map_lay(const struct placing *p, uint32_t first, uint32_t count,
                         struct page_box box)
{
    double bytes = 0, sum;
    for (uint32_t i = 0; i < count; i++)
        bytes += (double)p->map->tiles[first + i].retained;
    double scale = bytes > 0 ? box.w * box.h / bytes : 0;
    while (count) {
        bool across = box.w < box.h; // the row lies along the upper edge, else down the left one
        double side = across ? box.w : box.h, at = 0;
        uint32_t n = page_map_fill_row(p, first, count, scale, side, &sum);
        double thick = side > 0 ? sum / side : 0;
        for (uint32_t k = first; k < first + n; k++) {
            double length = thick > 0 ? area_of(p, k, scale) / thick : 0;
            p->boxes[k] = across ? (struct page_box){ box.x + at, box.y, length, thick }
                                 : (struct page_box){ box.x, box.y + at, thick, length };
            at += length;
        }
        box = across ? (struct page_box){ box.x, box.y + thick, box.w, box.h - thick }
                     : (struct page_box){ box.x + thick, box.y, box.w - thick, box.h };
        first += n;
        count -= n;
    }
}

// The room for a tile's children: their share of its area. The rest is the object's own bytes, and
// children too small to show.
static struct page_box room_of(const struct page_map *map, const struct page_tile *tile,
                               struct page_box box, double head)
{
    uint64_t inside = 0;
    for (uint32_t k = 0; k < tile->count; k++)
        inside += map->tiles[tile->first + k].retained;
    double top = box.h > 2 * head ? head : 2;
    struct page_box room = { box.x + 2, box.y + top, box.w - 4, box.h - top - 2 };
    if (room.w <= 0 || room.h <= 0 || !tile->retained)
        return (struct page_box){ box.x, box.y, 0, 0 };
    double share = (double)inside / (double)tile->retained;
    if (room.w > room.h)
        room.w *= share;
    else
        room.h *= share;
    return room;
}

bool page_map_place(const struct page_map *map, double width, double height, double head,
                    struct page_box *boxes)
{
    const struct placing p = { map, boxes };
    uint32_t tops = 0;
    while (tops < map->count && map->tiles[tops].parent == PAGE_TILE_NONE)
        tops++;
    page_map_lay(&p, 0, tops, (struct page_box){ 0, 0, width, height });
    for (size_t i = 0; i < map->count; i++) {
        const struct page_tile *tile = &map->tiles[i];
        if (tile->count)
            page_map_lay(&p, tile->first, tile->count, room_of(map, tile, boxes[i], head));
    }
    return tops > 0;
}
