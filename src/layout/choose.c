// SPDX-License-Identifier: GPL-3.0-or-later
// The sources of a layout in turn: see choose.h.
#include "layout/choose.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "layout/bounds.h"
#include "layout/cache.h"
#include "layout/dwarf.h"
#include "layout/offsets.h"

#if defined __x86_64__
#define THIS_MACHINE "x86_64"
#elif defined __aarch64__
#define THIS_MACHINE "aarch64"
#else
#define THIS_MACHINE "unknown"
#endif

enum {
    TABLES_MAX = 4096,      // entries of the folder that are examined
    CLASHES_MAX = 1000,     // more do not make a table worse
    CLASH_WEIGHT = 1000000, // against the distances below
};

static const char *asked_machine(const struct layout_ask *ask)
{
    return ask->machine && ask->machine[0] ? ask->machine : THIS_MACHINE;
}

// ---- Shipped tables: cpython-3.13.0rc2-x86_64-debug.layout

struct choose_table {
    char name[NAME_MAX + 1];
    uint32_t version;
    char machine[16];
    bool debug, free_threaded;
};

static bool choose_take(const char **at, const char *prefix)
{
    size_t length = strlen(prefix);
    if (strncmp(*at, prefix, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool take_number(const char **at, unsigned *number)
{
    size_t digits = strspn(*at, "0123456789");
    if (digits == 0 || digits > 3)
        return false;
    *number = (unsigned)strtoul(*at, NULL, 10);
    *at += digits;
    return true;
}

static bool take_version(const char **at, uint32_t *version)
{
    unsigned major, minor, micro, level = 0xf, serial = 0;
    if (!take_number(at, &major) || !choose_take(at, ".") || !take_number(at, &minor)
        || !choose_take(at, ".") || !take_number(at, &micro))
        return false;
    if (choose_take(at, "rc"))
        level = 0xc;
    else if (choose_take(at, "b"))
        level = 0xb;
    else if (choose_take(at, "a"))
        level = 0xa;
    if (level != 0xf && !take_number(at, &serial))
        return false;
    *version =
        (major & 255) << 24 | (minor & 255) << 16 | (micro & 255) << 8 | level << 4 | (serial & 15);
    return true;
}

static bool table_parse(struct choose_table *table, const char *name)
{
    *table = (struct choose_table){ 0 };
    const char *at = name;
    if (strlen(name) >= sizeof table->name || !choose_take(&at, "cpython-")
        || !take_version(&at, &table->version) || !choose_take(&at, "-"))
        return false;
    size_t length = strcspn(at, "-.");
    if (length == 0 || length >= sizeof table->machine)
        return false;
    memcpy(table->machine, at, length);
    at += length;
    table->debug = choose_take(&at, "-debug");
    table->free_threaded = choose_take(&at, "-t");
    strcpy(table->name, name);
    return strcmp(at, ".layout") == 0;
}

// How different the table is from what is asked for: 0 is exact, larger is worse, UINT32_MAX is
// unusable. Any patch release is better than another machine, and that is better than the other
// flavour. Of two patch releases at equal distance the older one is taken; among those that stand
// in for a newer minor version, the latest.
static uint32_t table_distance(const struct choose_table *table, const struct layout_ask *ask)
{
    uint32_t wanted = ask->stand_in ? ask->stand_in : ask->version;
    if (table->version >> 16 != wanted >> 16 || table->free_threaded != ask->free_threaded
        || (table->debug && !ask->debug))
        return UINT32_MAX;
    if (table->version == ask->version && table->debug == ask->debug
        && strcmp(table->machine, asked_machine(ask)) == 0)
        return 0;
    int micro = ask->stand_in ? 255 : (int)(ask->version >> 8 & 255);
    int apart = (int)(table->version >> 8 & 255) - micro;
    uint32_t distance = 1 + 2 * (uint32_t)abs(apart) + (apart > 0);
    if (strcmp(table->machine, asked_machine(ask)) != 0)
        distance += 1000;
    if (table->debug != ask->debug)
        distance += 100000;
    return distance;
}

static void choose_version_text(uint32_t version, char text[static 24])
{
    static const char *const levels[16] = { [0xa] = "a", [0xb] = "b", [0xc] = "rc" };
    unsigned level = version >> 4 & 15;
    int n = snprintf(text, 24, "%u.%u.%u", version >> 24, version >> 16 & 255, version >> 8 & 255);
    if (levels[level])
        snprintf(text + n, 24 - (size_t)n, "%s%u", levels[level], version & 15);
}

// "table cpython-3.12.1-x86_64", and what it stands in for if it is not exactly what was asked for.
static void describe_table(struct layout *layout, const struct choose_table *table,
                           const struct layout_ask *ask, bool near)
{
    char version[24];
    choose_version_text(ask->version, version);
    int stem = (int)(strlen(table->name) - strlen(".layout"));
    if (near)
        snprintf(layout->source, sizeof layout->source, "table %.*s, the nearest to %s-%.16s%s%s",
                 stem, table->name, version, asked_machine(ask), ask->debug ? "-debug" : "",
                 ask->free_threaded ? "-t" : "");
    else
        snprintf(layout->source, sizeof layout->source, "table %.*s", stem, table->name);
}

static bool table_read(struct layout *layout, const struct choose_table *table,
                       const struct layout_ask *ask, struct err *err)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", ask->tables, table->name) < 0)
        return err_memory(err, ask->tables);
    bool ok = layout_read(layout, path, err);
    free(path);
    return ok;
}

// How often the interpreter itself contradicts a table that is not exact. This outweighs the
// distance: layouts changed in some patch releases and stayed the same over many others. False: out
// of memory, so that nothing is known of the table.
static bool table_clashes(const struct choose_table *table, const struct layout_ask *ask,
                          uint32_t *clashes, struct err *err)
{
    struct layout layout;
    struct offsets offsets;
    struct err why = ERR_INIT;
    *clashes = 0;
    if (!ask->offsets)
        return true;
    if (!table_read(&layout, table, ask, &why)
        || !offsets_apply(&layout, ask->offsets, ask->offsets_size, false, &offsets, &why)) {
        *clashes = CLASHES_MAX;
        return why.kind != ERR_MEMORY || err_memory(err, table->name);
    }
    *clashes = offsets.n_clashes < CLASHES_MAX ? (uint32_t)offsets.n_clashes : CLASHES_MAX;
    return true;
}

static bool table_score(const struct layout_ask *ask, const char *name, struct choose_table *table,
                        uint32_t *distance, struct err *err)
{
    uint32_t clashes;
    *distance = table_parse(table, name) ? table_distance(table, ask) : UINT32_MAX;
    if (*distance == 0 || *distance == UINT32_MAX)
        return true;
    bool ok = table_clashes(table, ask, &clashes, err);
    *distance += CLASH_WEIGHT * clashes;
    return ok;
}

struct scored {
    struct choose_table table;
    uint32_t distance;
};

// Ties are broken by name, so that the order of the folder does not matter.
static int scored_compare(const void *a, const void *b)
{
    const struct scored *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return strcmp(x->table.name, y->table.name);
}

static bool find_table(const struct layout_ask *ask, struct choose_table *best,
                       uint32_t *best_distance, struct err *err)
{
    struct scored *all = NULL;
    size_t count = 0, room = 0;
    DIR *dir = opendir(ask->tables);
    if (!dir)
        return err_errno(err, errno, ask->tables);
    *best_distance = UINT32_MAX;
    struct dirent *entry;
    bool ok = true;
    for (unsigned n = 0; ok && n < TABLES_MAX && (entry = readdir(dir)); n++) {
        struct scored row;
        ok = table_score(ask, entry->d_name, &row.table, &row.distance, err);
        if (!ok || row.distance == UINT32_MAX)
            continue;
        ok = vec_grow(&all, &room, count + 1, sizeof *all, err);
        if (ok)
            all[count++] = row;
    }
    closedir(dir);
    if (ok && count)
        qsort(all, count, sizeof *all, scored_compare);
    if (ok && ask->rank < count) {
        *best = all[ask->rank].table;
        *best_distance = all[ask->rank].distance;
    }
    free(all);
    return ok;
}

// The fourth source alone, and of it the one at ask->rank. Among tables of the same machine and flavour
// (debug, free-threaded), then of the same flavour, then, for a debug build, of the release flavour.
// `near` tells that the version, machine or flavour is not exactly the one asked for.
static bool layout_from_tables(struct layout *layout, const struct layout_ask *ask, bool *near,
                               struct err *err)
{
    layout_init(layout);
    *near = false;
    if (!ask->tables)
        return err_set(err, ERR_NOT_FOUND, "no folder of layout tables");
    if (!ask->version)
        return err_set(err, ERR_NOT_FOUND,
                       "no table can be chosen: the version of Python is not known");
    struct choose_table best;
    uint32_t distance = UINT32_MAX;
    if (!find_table(ask, &best, &distance, err))
        return false;
    if (distance == UINT32_MAX) {
        char version[24];
        choose_version_text(ask->version, version);
        return err_set(err, ERR_NOT_FOUND, "no layout table for CPython %s%s", version,
                       ask->free_threaded ? " (free-threaded)" : "");
    }
    if (!table_read(layout, &best, ask, err))
        return false;
    *near = distance != 0;
    describe_table(layout, &best, ask, *near);
    return true;
}

// ---- The cache

static char *layout_path(const struct layout_ask *ask)
{
    return cache_path(ask->cache, "layouts", ask->build_id, "layout");
}

// Finds the nearest table of the minor version, or leaves an empty one, which bounds.h compares with
// nothing. False: out of memory.
static bool choose_nearest(const struct layout_ask *ask, struct layout *table, struct err *err)
{
    struct layout_ask nearest = *ask;
    struct err none = ERR_INIT;
    bool near;
    nearest.rank = 0;
    nearest.offsets = NULL; // any of the minor version will do
    if (!layout_from_tables(table, &nearest, &near, &none))
        layout_init(table);
    return none.kind != ERR_MEMORY || err_memory(err, "the layout");
}

// Whether objects of this version can have the layout; without a table nobody knows. nearest: the
// table, or an empty one.
static bool choose_is_possible(const struct layout *layout, const struct layout_ask *ask,
                               struct layout *nearest, struct err *err)
{
    return choose_nearest(ask, nearest, err) && bounds_allow(layout, nearest, err);
}

// Fills in the rows that need the extension modules' debug information, which is not here.
static void choose_complete(struct layout *layout, const struct layout *nearest)
{
    size_t length = strlen(layout->source);
    if (bounds_complete(layout, nearest))
        snprintf(layout->source + length, sizeof layout->source - length, "; extension modules: %s",
                 nearest->source);
}

// An old file lacks rows that were added since, and one of another version was not made for this
// build.
static bool choose_from_cache(struct layout *layout, const struct layout_ask *ask,
                              struct layout *nearest, struct err *err)
{
    char *path = layout_path(ask);
    bool ok = path && cache_is_own(path) && layout_read(layout, path, err)
              && layout->rows == layout_rows() && (!ask->version || layout->version == ask->version)
              && cache_believes(layout->made_of, ask->n_files ? &ask->files[0] : NULL)
              && choose_is_possible(layout, ask, nearest, err);
    layout->made_of[0] = '\0';
    free(path);
    return ok;
}

// A cache that cannot be written costs the next start a few seconds, nothing more. What was read
// beside the first file must come from the folder for which it is trusted.
static void choose_to_cache(const struct layout *layout, const struct layout_ask *ask,
                            const struct gdb_used *used)
{
    char *path = ask->debug_dir ? NULL : layout_path(ask);
    struct layout copy = *layout, kept;
    const struct regular_file file = { ask->n_files ? ask->files[0].path : "", &used->file };
    const struct cache_folder folder = { used->folder_device, used->folder_inode };
    bool known =
        path && ask->n_files && cache_made_of(&file, &folder, copy.made_of, sizeof copy.made_of);
    // A layout made from the machine's own file is worth more than one made from somebody's copy.
    if (known && layout_read(&kept, path, NULL) && kept.rows == layout_rows()
        && cache_believes(kept.made_of, NULL) && !cache_believes(copy.made_of, NULL))
        known = false;
    if (known) {
        copy.rows = layout_rows();
        cache_make_folders(path);
        layout_write(&copy, path, NULL);
    }
    free(path);
}

// ---- In turn

static void pass(struct layout_choice *choice, const char *why)
{
    size_t length = strlen(choice->passed);
    snprintf(choice->passed + length, sizeof choice->passed - length, "%s%s", length ? "; " : "",
             why);
}

// The first file, and those others that are trusted as much.
static size_t choose_files(const struct layout_ask *ask, struct regular_file *files)
{
    size_t count = 0;
    for (size_t i = 0; i < ask->n_files; i++)
        if (i == 0 || cache_may_speak(&ask->files[0], &ask->files[i]))
            files[count++] = ask->files[i];
    return count;
}

static bool from_dwarf(struct layout *layout, const struct layout_ask *ask, struct layout *nearest,
                       struct layout_choice *choice, struct err *err)
{
    const char *why = ask->no_gdb     ? "gdb was not asked"
                      : ask->no_debug ? "it has no debug information here"
                      : !ask->script  ? "locate.py is not installed"
                                      : NULL;
    if (why) {
        pass(choice, why);
        return false;
    }
    struct regular_file *files = calloc(ask->n_files + 1, sizeof *files);
    if (!files)
        return err_memory(err, "the files for gdb");
    struct gdb_used used = { 0 };
    struct dwarf_ask dwarf = {
        .script = ask->script,
        .files = files,
        .n_files = choose_files(ask, files),
        .used = &used,
        .debug_dir = ask->debug_dir,
        .version = ask->version,
        .seconds = ask->gdb_seconds,
        .progress = ask->progress,
    };
    bool ok = dwarf_layout(layout, &dwarf, err);
    free(files);
    if (!ok) {
        pass(choice, err->text);
        return false;
    }
    if (ask->version && layout->version != ask->version) {
        pass(choice, "the debug information is of another version of Python");
        return false;
    }
    if (!choose_is_possible(layout, ask, nearest, err)) {
        snprintf(choice->refused, sizeof choice->refused, "%s", err->text);
        pass(choice, "the debug information is not trusted");
        return false;
    }
    choose_to_cache(layout, ask, &used);
    return true;
}

bool layout_choose(struct layout *layout, const struct layout_ask *ask,
                   struct layout_choice *choice, struct err *err)
{
    *choice = (struct layout_choice){ .origin = LAYOUT_FROM_FILE };
    if (ask->file) {
        if (!layout_read(layout, ask->file, err))
            return false;
        snprintf(layout->source, sizeof layout->source, "file %s", ask->file);
        return true;
    }
    struct layout nearest;
    struct err why = ERR_INIT;
    choice->origin = LAYOUT_FROM_CACHE;
    bool ok = !ask->rank && choose_from_cache(layout, ask, &nearest, &why);
    if (!ok && why.kind != ERR_MEMORY) {
        choice->origin = LAYOUT_FROM_DWARF;
        ok = !ask->rank && from_dwarf(layout, ask, &nearest, choice, &why);
    }
    if (ok) {
        choose_complete(layout, &nearest);
        return true;
    }
    if (why.kind == ERR_MEMORY)
        return err_memory(err, "the layout");
    if (why.kind == ERR_CANCELLED)
        return err_set(err, ERR_CANCELLED, "%s", why.text);
    bool near;
    if (!layout_from_tables(layout, ask, &near, err))
        return choice->passed[0] ? err_wrap(err, "%s", choice->passed) : false;
    choice->origin = near ? LAYOUT_FROM_NEAR_TABLE : LAYOUT_FROM_TABLE;
    return true;
}
