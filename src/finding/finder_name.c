// SPDX-License-Identifier: GPL-3.0-or-later
// What objects are called in findings: see finder.h.
//
//      sys.modules['shop.sessions'].PAGE_CACHE       as `path` shows it
//      shop.sessions.PAGE_CACHE                      as people write it
//      sys.modules['x'].Session.everyone             a class goes by its own name, whichever module
//      shop.sessions.Session.everyone                imported it
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "finding/finder.h"
#include "heap/names/edge.h"
#include "heap/analysis/paths.h"
#include "py/objects/str.h"

#define STEPS_MAX 200 // of a path that is named

// The object's path with names. False: it has none, or a too long one; or memory ran out, which the
// finder remembers, since a finding must not get another name than its own.
static bool find_path(struct finder *f, node n, struct heap_path *path)
{
    size_t count = 1;
    for (node at = n; f->paths.from[at] != at; at = f->paths.from[at], count++)
        if (f->paths.from[at] == NODE_NONE || count == STEPS_MAX)
            return false;
    *path = (struct heap_path){ .steps = calloc(count, sizeof *path->steps), .count = count };
    f->out_of_memory |= !path->steps;
    if (!path->steps)
        return false;
    for (size_t i = count; i--; n = f->paths.from[n])
        path->steps[i].object = n;
    bool named = heap_path_name(path, f->heap, f->roots, NULL);
    f->out_of_memory |= !named;
    if (named && path->steps[count - 1].name)
        return true;
    heap_path_fini(path);
    return false;
}

// Appends the name without "sys.modules['...']" around the module's.
static void finder_name_add_short(const char *name, struct text *out)
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

// Names a path from its last class on, if the steps from there can be named.
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

// Replaces [from, to) by `length` bytes of `with`.
static void finder_name_replace(struct text *text, const char *from, const char *to,
                                const char *with, size_t length)
{
    struct text polished = TEXT_INIT;
    text_add(&polished, text->data, (size_t)(from - text->data));
    text_add(&polished, with, length);
    text_add_string(&polished, to);
    text_clear(text);
    text_add(text, polished.data, polished.size);
    text->failed |= polished.failed;
    text_fini(&polished);
}

// Turns "x -> key <uvloop.Loop>.y" into "a uvloop.Loop.y": nobody reaches an object through a key.
static void finder_name_skip_key(struct text *text)
{
    static const char key[] = " -> key <";
    char *found = NULL;
    for (char *at = text->data; (at = strstr(at, key)); at++)
        found = at;
    char *arrow = found ? strchr(found, '>') : NULL;
    char *end = arrow ? strchr(arrow + 1, '>') : NULL;
    if (!end)
        return;
    struct text name = TEXT_INIT;
    text_add_format(&name, "a %.*s", (int)(end - found - (sizeof key - 1)), found + sizeof key - 1);
    finder_name_replace(text, text->data, end + 1, name.data ? name.data : "", name.size);
    text->failed |= name.failed;
    text_fini(&name);
}

// Skips the dict that a threading.local has per thread: its entries are attributes.
static void finder_name_skip_local(struct text *text)
{
    static const char *const locals[] = { " -> dummies[<", " -> local dicts[<" }; // to 3.12; later
    for (size_t i = 0; i < sizeof locals / sizeof *locals; i++) {
        char *found = strstr(text->data, locals[i]);
        char *name = found ? strstr(found, ">]['") : NULL;
        char *end = name ? strstr(name += 4, "']") : NULL;
        if (end) {
            struct text attribute = TEXT_INIT;
            text_add_format(&attribute, ".%.*s", (int)(end - name), name);
            finder_name_replace(text, found, end + 2, attribute.data ? attribute.data : "",
                                attribute.size);
            text->failed |= attribute.failed;
            text_fini(&attribute);
            return;
        }
    }
    static const char dicts[] = " -> local dicts", says[] = " (what its threads have)";
    size_t size = sizeof dicts - 1;
    if (text->size > size && !strcmp(text->data + text->size - size, dicts))
        finder_name_replace(text, text->data + text->size - size, "", says, sizeof says - 1);
}

static void finder_name_polish(struct text *text)
{
    if (!text->failed && text->size) // clearing it would lose the failure
        finder_name_skip_key(text);
    if (!text->failed && text->size)
        finder_name_skip_local(text);
}

const char *finder_name(struct finder *f, node n)
{
    struct heap_path path;
    struct text text = TEXT_INIT;
    if (find_path(f, n, &path)) {
        if (!add_from_class(f, &path, &text))
            finder_name_add_short(path.steps[path.count - 1].name, &text);
        heap_path_fini(&path);
    } else {
        text_add_format(&text, "%s %s", text_article(finder_type_name(f, n)),
                        finder_type_name(f, n));
    }
    finder_name_polish(&text);
    return finder_keep(f, &text);
}

bool finder_edges(struct finder *f, node from, node to, struct heap_edges *edges)
{
    bool ok = heap_edges_between(f->heap, from, to, edges, NULL);
    f->out_of_memory |= !ok;
    return ok && edges->count;
}

const char *finder_key_of(struct finder *f, node dict, node value)
{
    struct heap_edges edges = { 0 };
    const char *name = "?";
    if (finder_edges(f, dict, value, &edges)) {
        const char *edge = heap_edge_name(&edges, 0);
        size_t size = strlen(edge);
        bool quoted = size > 4 && edge[0] == '[' && edge[1] == '\'';
        name =
            quoted ? finder_text(f, "%.*s", (int)size - 4, edge + 2) : finder_text(f, "%s", edge);
    }
    heap_edges_fini(&edges);
    return name;
}

// Whether a dict holds the attributes of an object or a class.
bool finder_is_attributes(const struct finder *f, node dict)
{
    node owner = f->paths.from[dict];
    return owner != NODE_NONE && owner != dict && (finder_roles(f, dict) & ROLE_DICT)
           && (finder_roles(f, owner)
               & (ROLE_TYPE | ROLE_INSTANCE | ROLE_MODULE | ROLE_EXCEPTION | ROLE_FUNCTION))
           && !(finder_roles(f, owner) & ROLE_GROWS)
           && heap_referent(f->heap, owner, ".__dict__") == dict;
}

bool finder_is_program(const struct finder *f, node n)
{
    node code = (finder_roles(f, n) & ROLE_FUNCTION)
                    ? heap_member(f->heap, n, f->py->layout.PyFunctionObject_func_code)
                    : NODE_NONE;
    return code != NODE_NONE && code_is_program(f->heap, &f->paths, code);
}

// Whether a dict is the globals of a function of the program, but no module's: of code that exec()
// ran, as twistd does with a .tac file.
bool finder_is_globals(const struct finder *f, node dict)
{
    node function = f->paths.from[dict];
    return function != NODE_NONE && function != dict && (finder_roles(f, function) & ROLE_FUNCTION)
           && heap_member(f->heap, function, f->py->layout.PyFunctionObject_func_globals) == dict
           && finder_is_program(f, function);
}

// The name of the reference between two objects, if it is an attribute or a global.
static const char *name_between(struct finder *f, node from, node to)
{
    struct heap_edges edges = { 0 };
    const char *name = "";
    if (finder_edges(f, from, to, &edges)) {
        const char *edge = heap_edge_name(&edges, 0);
        size_t size = strlen(edge);
        bool is_namespace = f->paths.from[from] == from || root_paths_module(&f->paths, from)
                            || finder_is_attributes(f, from) || finder_is_globals(f, from);
        if (edge[0] == '.')
            name = finder_text(f, "%s", edge + 1);
        else if (is_namespace && size > 4 && edge[0] == '[' && edge[1] == '\'')
            name = finder_text(f, "%.*s", (int)size - 4, edge + 2);
    }
    heap_edges_fini(&edges);
    return name;
}

#define WORD_MOST 120  // bytes of a name in a command: a longer one is replaced by the address
#define OUTWARDS_MAX 4 // containers inside of one another

const char *finder_own_name(struct finder *f, node n)
{
    const char *name = "";
    for (int i = 0; !*name && i < OUTWARDS_MAX; i++) {
        node from = f->paths.from[n];
        if (from == NODE_NONE || from == n)
            break;
        name = name_between(f, from, n);
        n = from;
    }
    return name;
}

const char *finder_code_name(struct finder *f, node code)
{
    struct text text = TEXT_INIT;
    code_name(f->heap, code, &text);
    return finder_keep(f, &text);
}

const char *finder_function_name(struct finder *f, node function)
{
    const struct layout *l = &f->py->layout;
    struct text text = TEXT_INIT;
    node module = heap_member(f->heap, function, l->PyFunctionObject_func_module);
    node name =
        heap_member(f->heap, function,
                    l->PyFunctionObject_func_qualname >= 0 ? l->PyFunctionObject_func_qualname
                                                           : l->PyFunctionObject_func_name);
    if (module != NODE_NONE && (finder_roles(f, module) & ROLE_STRING)) {
        str_append(f->py, heap_addr(f->heap, module), 200, &text);
        text_add_char(&text, '.');
    }
    if (name != NODE_NONE)
        str_append(f->py, heap_addr(f->heap, name), 200, &text);
    return finder_keep(f, &text);
}

// Whether a shell, and our own prompt, take the name as one word without special meaning.
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
            finder_name_add_short(last->name, &text);
        heap_path_fini(&path);
    }
    if (!text.size || text.failed || text.size > WORD_MOST) {
        text_clear(&text);
        text_add_address(&text, heap_addr(f->heap, n));
    }
    return finder_quote(f, finder_keep(f, &text));
}

const char *finder_quote(struct finder *f, const char *name)
{
    if (is_plain_word(name))
        return name;
    struct text text = TEXT_INIT;
    text_add_char(&text, '\'');
    for (; *name; name++) {
        if (*name == '\'')
            text_add_string(&text, "'\\''");
        else
            text_add_char(&text, *name);
    }
    text_add_char(&text, '\'');
    return finder_keep(f, &text);
}

enum home finder_home(const struct finder *f, node n)
{
    enum home home = root_paths_home(&f->paths, n);
    for (int i = 0; home == HOME_LIBRARY && i < STEPS_MAX; i++) {
        if (finder_is_globals(f, n))
            return HOME_PROGRAM;
        node from = f->paths.from[n];
        if (from == n || from == NODE_NONE)
            break;
        n = from;
    }
    return home;
}
