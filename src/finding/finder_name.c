// SPDX-License-Identifier: GPL-3.0-or-later
// What objects are called in findings: see finder.h.
//
//      sys.modules['shop.sessions'].PAGE_CACHE       as `path` says it
//      shop.sessions.PAGE_CACHE                      as people do
//      sys.modules['x'].Session.everyone             a class is called by its own name, whoever
//      shop.sessions.Session.everyone                imported it
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"
#include "heap/paths.h"

#define STEPS_MOST 200 // of a way that is named

// The object's way as a named path. False: none, or too long.
static bool find_path(const struct finder *f, node n, struct heap_path *path)
{
    size_t count = 1;
    for (node at = n; f->ways.from[at] != at; at = f->ways.from[at], count++)
        if (f->ways.from[at] == NODE_NONE || count == STEPS_MOST)
            return false;
    *path = (struct heap_path){ .steps = calloc(count, sizeof *path->steps), .count = count };
    if (!path->steps)
        return false;
    for (size_t i = count; i--; n = f->ways.from[n])
        path->steps[i].object = n;
    if (heap_path_name(path, f->heap, f->roots, NULL) && path->steps[count - 1].name)
        return true;
    heap_path_fini(path);
    return false;
}

// Appends the name without "sys.modules['...']" around the module's.
static void add_short(const char *name, struct text *out)
{
    static const char before[] = "sys.modules['";
    const char *end =
        strncmp(name, before, sizeof before - 1) ? NULL : strstr(name + sizeof before, "']");
    if (end) {
        text_add(out, name + sizeof before - 1, (size_t)(end - name) - (sizeof before - 1));
        name = end + 2;
    }
    text_add_string(out, name);
}

// The last class on the way, by its own name, if the rest of the way is told from there on.
static bool add_from_class(const struct finder *f, const struct heap_path *path, struct text *out)
{
    const char *whole = path->steps[path->count - 1].name;
    for (size_t i = path->count; i--;) {
        const struct heap_step *step = &path->steps[i];
        if (!(finder_roles(f, step->object) & ROLE_TYPE))
            continue;
        const struct type *type = type_at(f->py, heap_addr(f->heap, step->object));
        if (!type || !step->name || strncmp(whole, step->name, strlen(step->name)))
            return false;
        text_add_string(out, type->name);
        text_add_string(out, whole + strlen(step->name));
        return true;
    }
    return false;
}

const char *finder_name(struct finder *f, node n)
{
    struct heap_path path;
    struct text text = TEXT_INIT;
    if (find_path(f, n, &path)) {
        if (!add_from_class(f, &path, &text))
            add_short(path.steps[path.count - 1].name, &text);
        heap_path_fini(&path);
    } else {
        text_add_format(&text, "a %s", finder_type_name(f, n));
    }
    const char *name = finder_text(f, "%s", text_string(&text));
    text_fini(&text);
    return name;
}

// Whether a shell, and our own prompt, take it as one word that means just itself.
static bool is_plain_word(const char *name)
{
    for (; *name; name++)
        if (!isalnum((unsigned char)*name) && *name != '_' && *name != '.')
            return false;
    return true;
}

const char *finder_word(struct finder *f, node n)
{
    struct heap_path path;
    struct text text = TEXT_INIT;
    if (find_path(f, n, &path)) {
        const struct heap_step *last = &path.steps[path.count - 1];
        if (last->is_source)
            add_short(last->name, &text);
        heap_path_fini(&path);
    }
    if (!text.size || text.failed || !is_plain_word(text_string(&text))) {
        text_clear(&text);
        text_add_address(&text, heap_addr(f->heap, n));
    }
    const char *word = finder_text(f, "%s", text_string(&text));
    text_fini(&text);
    return word;
}

enum home finder_home(const struct finder *f, node n)
{
    return ways_home(&f->ways, n);
}
