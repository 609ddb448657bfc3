// SPDX-License-Identifier: GPL-3.0-or-later
// Resolves a word to the object or the type that it means.
//
// A dotted name is resolved by the names of references, as edge.h gives them, so that nothing here
// knows how CPython stores attributes:
//
//     app.models.User.everyone[3]
//     ----------                     the longest name that is in sys.modules
//               -----                module -> .__dict__ -> ['User']
//                    ---------       type -> .__dict__ -> ['everyone'], or along .__mro__
//                             ---    list -> [3]
//
// Cost: the references of each object on the path are read once.
#include <ctype.h>
#include <fnmatch.h>
#include <string.h>

#include "base/near.h"
#include "base/number.h"
#include "cmd/session/resolve.h"
#include "heap/names/attribute.h"
#include "heap/names/edge.h"
#include "py/read.h"
#include "py/runtime/gc.h"
#include "py/runtime/frames.h"

#define NAME_MOST 4096 // bytes of a dotted name

bool resolve_is_key(const char *edge, const char *key, size_t size)
{
    if (*edge++ != '[')
        return false;
    char quote = (*edge == '\'' || *edge == '"') && *key != *edge ? *edge++ : 0;
    if (strncmp(edge, key, size))
        return false;
    edge += size;
    return (!quote || *edge++ == quote) && !strcmp(edge, "]");
}

// The value of a dict's key, or an item of a sequence.
static node by_key(const struct heap *heap, node from, const char *key, size_t size)
{
    struct heap_edges edges = { 0 };
    node found = NODE_NONE;
    if (heap_referents(heap, from, SIZE_MAX, &edges, NULL))
        for (size_t i = 0; found == NODE_NONE && i < edges.count; i++)
            if (resolve_is_key(heap_edge_name(&edges, i), key, size))
                found = edges.items[i].to;
    heap_edges_fini(&edges);
    return found;
}

static node by_own_attribute(const struct heap *heap, node from, const char *name, size_t size)
{
    struct text edge = TEXT_INIT;
    text_add_char(&edge, '.');
    text_add(&edge, name, size);
    node found = heap_referent(heap, from, text_string(&edge));
    text_fini(&edge);
    if (found != NODE_NONE)
        return found;
    node dict = heap_referent(heap, from, ".__dict__");
    return dict == NODE_NONE ? NODE_NONE : by_key(heap, dict, name, size);
}

// A class's attribute may be inherited from a base.
static node by_mro(const struct heap *heap, node from, const char *name, size_t size)
{
    node mro = heap_referent(heap, from, ".__mro__"), found = NODE_NONE;
    if (mro == NODE_NONE)
        return NODE_NONE;
    struct heap_edges bases = { 0 };
    if (heap_referents(heap, mro, 1024, &bases, NULL))
        for (size_t i = 0; found == NODE_NONE && i < bases.count; i++)
            found = by_own_attribute(heap, bases.items[i].to, name, size);
    heap_edges_fini(&bases);
    return found;
}

static node by_attribute(const struct heap *heap, node from, const char *name, size_t size)
{
    node found = by_own_attribute(heap, from, name, size);
    if (found == NODE_NONE)
        found = by_mro(heap, from, name, size);
    if (found != NODE_NONE)
        return found;
    node class = heap_referent(heap, from, ".__class__");
    if (class == NODE_NONE || class == from)
        return NODE_NONE;
    found = by_own_attribute(heap, class, name, size);
    return found != NODE_NONE ? found : by_mro(heap, class, name, size);
}

size_t resolve_part_size(const char *path)
{
    if (*path != '[')
        return strcspn(path, ".[");
    char quote = path[1] == '\'' || path[1] == '"' ? path[1] : 0;
    for (size_t i = quote ? 2 : 1; path[i]; i++) {
        if (quote && path[i] == '\\' && path[i + 1])
            i++;
        else if (quote ? path[i] == quote && path[i + 1] == ']' : path[i] == ']')
            return i + 1 + (quote != 0);
    }
    return 0;
}

// Follows ".name" and "[key]" parts from an object. NODE_NONE: not there; *failed is the part at
// which the walk ended.
static node resolve_follow(const struct heap *heap, node from, const char *path,
                           const char **failed)
{
    while (*path && from != NODE_NONE) {
        *failed = path;
        if (*path == '.')
            path++;
        size_t size = resolve_part_size(path);
        if (!size)
            return NODE_NONE;
        from = *path == '[' ? by_key(heap, from, path + 1, size - 2)
                            : by_attribute(heap, from, path, size);
        path += size;
    }
    return from;
}

node resolve_modules(const struct session *session, size_t interpreter)
{
    addr at = session->py.interpreters[interpreter].modules;
    return at ? heap_node_of(&session->heap, at) : NODE_NONE;
}

// The module named by the longest possible beginning of the path; *rest is what follows.
static node resolve_find_module(const struct heap *heap, node modules, const char *path,
                                const char **rest)
{
    size_t size = strcspn(path, "[");
    while (size) {
        node module = by_key(heap, modules, path, size);
        if (module != NODE_NONE) {
            *rest = path + size;
            return module;
        }
        while (size && path[size - 1] != '.')
            size--;
        size -= size > 0;
    }
    return NODE_NONE;
}

static node in_interpreter(const struct session *session, size_t interpreter, const char *path,
                           const char **failed)
{
    const struct heap *heap = &session->heap;
    node modules = resolve_modules(session, interpreter);
    if (modules == NODE_NONE)
        return NODE_NONE;
    const char *rest;
    node module = resolve_find_module(heap, modules, path, &rest);
    if (module != NODE_NONE)
        return resolve_follow(heap, module, rest, failed);
    // A bare name: a global of the program, or a builtin.
    static const char *const homes[] = { "__main__", "builtins" };
    node found = NODE_NONE;
    for (size_t i = 0; found == NODE_NONE && i < sizeof homes / sizeof *homes; i++) {
        node home = by_key(heap, modules, homes[i], strlen(homes[i]));
        const char *ignored = path;
        if (home != NODE_NONE)
            found = resolve_follow(heap, home, path, &ignored);
        if (ignored > *failed)
            *failed = ignored;
    }
    return found;
}

node resolve_name(const struct session *session, const char *path, const char **failed)
{
    node found = NODE_NONE;
    *failed = path;
    for (size_t i = 0; found == NODE_NONE && i < session->py.interpreter_count; i++)
        found = in_interpreter(session, i, path, failed);
    return found;
}

bool resolve_short_root(const struct root *root, const char *name, bool in_frame, struct text *out)
{
    const char *local = strstr(name, " local "), *function = strchr(name, '(');
    if (root->kind != ROOT_LOCAL || !local || !function)
        return false;
    while (function > name && function[-1] != ' ')
        function--;
    if (in_frame) {
        text_add_format(out, "%s in ", local + 1);
        text_add(out, function, (size_t)(local - function));
    } else {
        text_add(out, name, (size_t)(function - name));
        text_add_string(out, local + 1);
    }
    return true;
}

// How much of the word is this root's name: all of it, or the part before ".attr" and "[key]". The
// short form "thread 7 local x" is a local of the innermost frame that has one.
static size_t root_prefix(const struct root *root, const char *name, const char *word)
{
    size_t size = strlen(name), found = 0;
    if (!strncmp(word, name, size) && strchr(".[", word[size]))
        return size;
    struct text other = TEXT_INIT;
    if (resolve_short_root(root, name, !strncmp(word, "local ", 6), &other)
        && !strncmp(word, text_string(&other), other.size) && strchr(".[", word[other.size]))
        found = other.size;
    text_fini(&other);
    return found;
}

// How many frames of the root's thread are inside its own.
static uint64_t frame_depth(const struct session *session, const struct root *root)
{
    const struct python *py = &session->py;
    struct frame_walk walk;
    struct frame frame;
    uint64_t depth = 0;
    if (root->interpreter >= py->interpreter_count
        || root->thread >= py->interpreters[root->interpreter].thread_count)
        return UINT64_MAX;
    frame_walk_begin(&walk, py, &py->interpreters[root->interpreter].threads[root->thread]);
    while (frame_walk_next(&walk, &frame) && frame.at != root->detail)
        depth++;
    return depth;
}

// The object of the root that `path` and `referrers` call by this name.
static node resolve_root(const struct session *session, const char *word)
{
    const struct heap_roots *roots = &session->roots;
    struct text name = TEXT_INIT;
    node found = NODE_NONE;
    size_t longest = 0;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < roots->count; i++) {
        const struct root *root = &roots->items[i].root;
        if (root->kind > ROOT_TYPE && root->kind != ROOT_TEMPORARY && root->kind != ROOT_VARIABLE)
            continue;
        text_clear(&name);
        root_name(&session->py, root, &name);
        size_t size = name.failed ? 0 : root_prefix(root, text_string(&name), word);
        if (size < longest || !size)
            continue;
        uint64_t depth = root->kind == ROOT_LOCAL ? frame_depth(session, root) : 0;
        if (size == longest && depth >= least)
            continue;
        longest = size;
        least = depth;
        found = roots->items[i].to;
    }
    text_fini(&name);
    const char *failed;
    return found == NODE_NONE ? found
                              : resolve_follow(&session->heap, found, word + longest, &failed);
}

// Compares the names of references, ".name" or "['name']", with the word. The best so far is copied
// to `meant`, as an edge's name lives only as long as the edges.
static void resolve_look(const struct heap *heap, node from, struct near *near,
                         char meant[NEAR_MOST + 1])
{
    struct heap_edges edges = { 0 };
    if (from == NODE_NONE || !heap_referents(heap, from, SIZE_MAX, &edges, NULL))
        edges.count = 0;
    for (size_t i = 0; i < edges.count; i++) {
        const char *edge = heap_edge_name(&edges, i);
        size_t size = strlen(edge), skip = *edge == '.' ? 1 : 2;
        if ((*edge != '.' && strncmp(edge, "['", 2)) || size <= 2 * skip)
            continue;
        char name[NEAR_MOST + 1];
        size -= *edge == '.' ? skip : 2 * skip;
        if (size > NEAR_MOST)
            continue;
        memcpy(name, edge + skip, size);
        name[size] = 0;
        size_t before = near->best ? near->distance : SIZE_MAX;
        near_look(near, name);
        if (near->best && near->distance < before)
            memcpy(meant, name, size + 1);
        near->best = near->best ? meant : NULL;
    }
    heap_edges_fini(&edges);
}

// Finds a similar name where the walk ended: in the object before it, or among the modules and the
// program's own names.
static bool resolve_near_name(const struct session *session, const char *word, const char *failed,
                              char meant[NEAR_MOST + 1])
{
    const struct heap *heap = &session->heap;
    bool first = failed == word;
    const char *name = failed + (*failed == '.'), *ignored;
    struct near near = near_begin(name, first ? strlen(name) : resolve_part_size(name));
    struct text base = TEXT_INIT;
    text_add(&base, word, (size_t)(failed - word));
    node from = resolve_name(session, first ? "__main__" : text_string(&base), &ignored);
    text_fini(&base);
    for (size_t i = 0; first && i < session->py.interpreter_count; i++)
        resolve_look(heap, resolve_modules(session, i), &near, meant);
    if (from != NODE_NONE) {
        resolve_look(heap, from, &near, meant);
        resolve_look(heap, heap_referent(heap, from, ".__dict__"), &near, meant);
    }
    return near.best;
}

static bool resolve_by_name(struct session *session, const char *word, node *out, struct err *err)
{
    if (strlen(word) > NAME_MOST)
        return err_set(err, ERR_NOT_FOUND, "a name longer than %d bytes", NAME_MOST);
    const char *failed;
    if (!session_has_values(session))
        return err_set(
            err, ERR_NOT_FOUND,
            "%s: this heap is redacted: objects have addresses and numbers, but no names", word);
    *out = resolve_name(session, word, &failed);
    if (*out == NODE_NONE && (session->has_roots || strchr(word, ' '))) {
        if (!session_need(session, NEEDS_ROOTS, err))
            return false;
        *out = resolve_root(session, word);
    }
    if (*out != NODE_NONE)
        return true;
    char meant[NEAR_MOST + 1];
    bool near = resolve_near_name(session, word, failed, meant);
    if (failed > word)
        return err_set(err, ERR_NOT_FOUND, "%s: no %s in %.*s%s%s%s", word, failed,
                       (int)(failed - word), word, near ? "; did you mean " : "", near ? meant : "",
                       near ? "?" : "");
    return err_set(err, ERR_NOT_FOUND, "%s: no module or global of that name%s%s%s", word,
                   near ? "; did you mean " : "", near ? meant : "", near ? "?" : "");
}

// Tells of an object that nothing refers to any more. The first word of a freed block is the
// allocator's.
static bool resolve_say_dead(const struct heap *heap, const char *word, addr at, struct err *err)
{
    const struct python *py = heap->py;
    const struct type *type = python_has_values(py) ? type_of((struct python *)py, at) : NULL;
    const uint8_t *o = type ? VIEW(py, at, PyObject) : NULL;
    bool immortal = false;
    if (!o || gc_stored_refcount(py, o, &immortal) != 0 || immortal)
        return err_set(err, ERR_NOT_FOUND, "no object at %s", word);
    return err_set(err, ERR_NOT_FOUND,
                   "no object at %s: the type of what lies there is %s, but its refcount is 0: it "
                   "is being destroyed, or was freed",
                   word, type->name);
}

static bool resolve_by_address(const struct heap *heap, const char *word, node *out,
                               struct err *err)
{
    addr at;
    if (!number_parse(word, &at))
        return err_set(err, ERR_NOT_FOUND, "%s is not an address", word);
    *out = heap_node_of(heap, at);
    if (*out == NODE_NONE)
        *out = heap_node_around(heap, at);
    return *out != NODE_NONE || resolve_say_dead(heap, word, at, err);
}

static bool resolve_by_number(const struct heap *heap, const char *word, node *out, struct err *err)
{
    uint64_t number;
    if (!isdigit((unsigned char)word[1]) || !number_parse(word + 1, &number))
        return err_set(err, ERR_NOT_FOUND, "%s is not an object's number", word);
    if (number >= heap->node_count)
        return err_set(err, ERR_NOT_FOUND, "no object %s: they are numbered from #0 to #%lu", word,
                       (unsigned long)heap->node_count - 1);
    *out = (node)number;
    return true;
}

bool session_object(struct session *session, const char *word, node *out, struct err *err)
{
    if (!session_need(session, NEEDS_HEAP, err))
        return false;
    bool ok;
    if (!strcmp(word, "$")) {
        *out = session->selected;
        ok = *out != NODE_NONE
             || err_set(err, ERR_NOT_FOUND,
                        "$ is the object selected last, and none has been selected yet");
    } else if (*word == '#') {
        ok = resolve_by_number(&session->heap, word, out, err);
    } else if (isdigit((unsigned char)*word)) {
        ok = resolve_by_address(&session->heap, word, out, err);
    } else {
        ok = resolve_by_name(session, word, out, err);
    }
    if (ok)
        session->selected = *out;
    return ok;
}

// --- types --------------------------------------------------------------------------------------

// Whether the word is the last part of the name, after a dot.
static bool is_last_part(const char *name, const char *word)
{
    size_t whole = strlen(name), part = strlen(word);
    return whole > part && name[whole - part - 1] == '.' && !strcmp(name + whole - part, word);
}

// The type whose full name, or last part if the word has no dot, is closest to the word.
static const char *resolve_near_type(const struct heap *heap, const char *word)
{
    const char *found = NULL;
    struct near near = near_begin(word, strlen(word));
    for (uint32_t t = 0; t < heap_type_count(heap); t++) {
        const char *name = heap_type_name(heap, t), *dot = strrchr(name, '.');
        size_t before = near.best ? near.distance : SIZE_MAX;
        near_look(&near, dot && !strchr(word, '.') ? dot + 1 : name);
        if (near.best && near.distance < before)
            found = name;
    }
    return found;
}

static bool no_type(const struct heap *heap, const char *word, struct err *err)
{
    enum { SHOWN = 4 };
    struct text near = TEXT_INIT;
    int shown = 0;
    bool is_pattern = false;
    for (uint32_t t = 0; *word && shown < SHOWN && t < heap_type_count(heap); t++) {
        const char *name = heap_type_name(heap, t);
        is_pattern |= !fnmatch(word, name, 0);
        if (!strcasestr(name, word) && fnmatch(word, name, 0))
            continue;
        text_add_string(&near, shown++ ? ", " : "");
        text_add_string(&near, name);
    }
    const char *meant = shown ? NULL : resolve_near_type(heap, word);
    if (meant)
        err_set(err, ERR_NOT_FOUND, "no type %s; did you mean %s?", word, meant);
    else if (is_pattern)
        err_set(err, ERR_NOT_FOUND, "%s is a pattern, but exactly one type is needed; there is %s",
                word, text_string(&near));
    else
        err_set(err, ERR_NOT_FOUND, "no type %s%s%s", word, shown ? "; there is " : "",
                text_string(&near));
    text_fini(&near);
    return false;
}

bool session_type(struct session *session, const char *word, uint32_t *out, struct err *err)
{
    if (!session_need(session, NEEDS_HEAP, err))
        return false;
    const struct heap *heap = &session->heap;
    uint32_t found = UINT32_MAX;
    for (uint32_t t = 0; t < heap_type_count(heap); t++) {
        const char *name = heap_type_name(heap, t);
        if (!strcmp(name, word)) {
            *out = t;
            return true;
        }
        if (!is_last_part(name, word))
            continue;
        if (found != UINT32_MAX && strcmp(heap_type_name(heap, found), name))
            return err_set(err, ERR_NOT_FOUND, "type %s is ambiguous: %s or %s", word,
                           heap_type_name(heap, found), name);
        found = t;
    }
    if (found == UINT32_MAX)
        return no_type(heap, word, err);
    *out = found;
    return true;
}

bool resolve_glance(struct session *session, addr at, struct glance *glance, struct err *err)
{
    const struct python *py = &session->py;
    const uint8_t *o = VIEW(py, at, PyObject);
    const struct type *type = o ? type_of(py, at) : NULL;
    if (!type)
        return err_set(err, ERR_NOT_FOUND, "no object at 0x%llx", (unsigned long long)at);
    bool immortal;
    int64_t count = gc_stored_refcount(py, o, &immortal);
    *glance = (struct glance){ type->name, immortal || py->rules.free_threaded ? -1 : count };
    return true;
}
