// SPDX-License-Identifier: GPL-3.0-or-later
// Finding debug information: see debug_file.h.
#include "target/debug_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/elf.h"

#define DEBUG "/usr/lib/debug"

struct debug_file_search {
    const struct module *module;
    char *root; // prefix that leads from the module's path to its file
    char *found;
    struct regular which;
};

// The prefix of the path that we open before the path that the target saw. For free().
static char *root_of(const struct module *module)
{
    size_t whole = module->file ? strlen(module->file) : 0, end = strlen(module->path);
    if (whole < end || strcmp(module->file + whole - end, module->path))
        return strdup("");
    return strndup(module->file, whole - end);
}

static bool is_same_build(const struct module *module, const struct elf *elf)
{
    const struct elf_shape *shape = elf_shape_of(elf);
    return module->build_id_size && shape->build_id_size == module->build_id_size
           && !memcmp(shape->build_id, module->build_id, module->build_id_size);
}

// Takes ownership of the path.
static void debug_file_take(struct debug_file_search *search, struct elf *elf, char *path)
{
    if (elf && path && is_same_build(search->module, elf) && elf_has_debug(elf)) {
        search->found = path;
        search->which = *elf_file(elf);
    } else {
        free(path);
    }
}

static void try(struct debug_file_search *search, char *path)
{
    struct elf *elf = path && !search->found ? elf_open(path, NULL) : NULL;
    debug_file_take(search, elf, path);
    elf_free(elf);
}

static char *joined(const char *a, const char *b, const char *c, const char *d)
{
    char *path = NULL;
    return asprintf(&path, "%s%s%s%s", a, b, c, d) < 0 ? NULL : path;
}

static void try_build_id(struct debug_file_search *search, const char *root)
{
    char id[80];
    module_build_id_text(search->module, id, sizeof id);
    char *path = NULL;
    if (strlen(id) > 2
        && asprintf(&path, "%s" DEBUG "/.build-id/%.2s/%s.debug", root, id, id + 2) >= 0)
        try(search, path);
}

// Files that debuginfod has delivered: to gdb, to somebody else, or to cli/debuginfod.c.
static void try_fetched(struct debug_file_search *search)
{
    char id[80];
    module_build_id_text(search->module, id, sizeof id);
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    const char *own = getenv("DEBUGINFOD_CACHE_PATH");
    char *path = NULL;
    int n = own && own[0] == '/' ? asprintf(&path, "%s/%s/debuginfo", own, id)
            : cache && cache[0] == '/'
                ? asprintf(&path, "%s/debuginfod_client/%s/debuginfo", cache, id)
            : home && home[0] == '/'
                ? asprintf(&path, "%s/.cache/debuginfod_client/%s/debuginfo", home, id)
                : -1;
    if (n >= 0)
        try(search, path);
}

// By the name in the file's debug link, in the folders that gdb searches.
static void try_link(struct debug_file_search *search)
{
    const struct module *module = search->module;
    char name[256];
    if (!module->elf || !elf_debug_link(module->elf, name, sizeof name))
        return;
    size_t file = (size_t)(strrchr(module->file, '/') - module->file) + 1;
    const char *slash = strrchr(module->path, '/');
    char *folder = strndup(module->file, file);
    char *inside = slash ? strndup(module->path, (size_t)(slash - module->path) + 1) : NULL;
    if (folder && inside) {
        try(search, joined(folder, name, "", ""));
        try(search, joined(folder, ".debug/", name, ""));
        try(search, joined(search->root, DEBUG, inside, name));
    }
    free(folder);
    free(inside);
}

static bool debug_file_search(struct debug_file_search *search, const struct module *module)
{
    *search = (struct debug_file_search){ .module = module,
                                          .root = module->path ? root_of(module) : NULL };
    if (search->root && module->build_id_size && !module->assumed)
        return true;
    free(search->root);
    return false;
}

static void try_here(struct debug_file_search *search)
{
    const struct module *module = search->module;
    if (module->file && module->elf)
        debug_file_take(search, module->elf, strdup(module->file));
    else if (module->file) // a saved heap: the file is not open yet
        try(search, strdup(module->file));
    if (search->root[0])
        try_build_id(search, search->root);
    try_build_id(search, "");
    if (module->file && strchr(module->file, '/'))
        try_link(search);
}

char *debug_file(const struct module *module, struct regular *which)
{
    struct debug_file_search search;
    if (!debug_file_search(&search, module))
        return NULL;
    try_here(&search);
    try_fetched(&search);
    free(search.root);
    *which = search.which;
    return search.found;
}

char *debug_file_apart(const struct module *module, struct regular *which)
{
    struct debug_file_search search;
    if (!debug_file_search(&search, module))
        return NULL;
    try_here(&search);
    bool known = search.found && module->file && !search.root[0]; // gdb finds it without help
    if (known) {
        free(search.found);
        search.found = NULL;
    } else {
        try_fetched(&search);
    }
    free(search.root);
    *which = search.which;
    return search.found;
}

char *debug_folder(const struct module *module)
{
    char *root = module->path ? root_of(module) : NULL;
    char *folder = root && root[0] ? joined(root, DEBUG, "", "") : NULL;
    free(root);
    return folder;
}
