// SPDX-License-Identifier: GPL-3.0-or-later
// Names of code as numbers: see deed_name.h.
#include "finding/deeds/deed_name.h"

#include <string.h>

#include "base/vec.h"
#include "py/objects/str.h"

// Words have small numbers: they were given before any other name.
static const char *const fills[] = { "append",
                                     "add",
                                     "appendleft",
                                     "extend",
                                     "extendleft",
                                     "insert",
                                     "setdefault",
                                     "update",
                                     "put",
                                     "put_nowait",
                                     "push",
                                     "write",
                                     "writelines",
                                     "dump",
                                     "send",
                                     "feed",
                                     "frombytes",
                                     "fromlist",
                                     "heappush",
                                     "insort",
                                     "insort_right",
                                     "insort_left",
                                     "__setitem__",
                                     "register",
                                     "connect",
                                     "subscribe",
                                     "attach",
                                     "listen",
                                     "call_later",
                                     "call_at",
                                     "callLater",
                                     "submit",
                                     "addHandler",
                                     "add_done_callback",
                                     NULL };
static const char *const takes[] = { "pop",
                                     "popitem",
                                     "popleft",
                                     "remove",
                                     "discard",
                                     "clear",
                                     "expire",
                                     "evict",
                                     "prune",
                                     "truncate",
                                     "unregister",
                                     "difference_update",
                                     "intersection_update",
                                     "heappop",
                                     "get_nowait",
                                     "__delitem__",
                                     "disconnect",
                                     "unsubscribe",
                                     "detach",
                                     "removeHandler",
                                     NULL };
static const char *const mores[] = { "concatenate", "concat",    "vstack", "hstack",
                                     "union",       "new_child", NULL };
// dict.__setitem__(x, key, value)
static const char *const classes[] = { "dict",        "list",        "set", "deque",
                                       "OrderedDict", "defaultdict", NULL };
static const char *const words[] = { [DEEDS_LEN] = "len",
                                     [DEEDS_SETATTR] = "setattr",
                                     [DEEDS_GLOBALS_CALL] = "globals",
                                     [DEEDS_DICT] = "__dict__",
                                     [DEEDS_HEAPPUSH] = "heappush",
                                     [DEEDS_INSORT] = "insort",
                                     [DEEDS_HEAPPOP] = "heappop",
                                     [DEEDS_SETDEFAULT] = "setdefault",
                                     [DEEDS_GET] = "get",
                                     [DEEDS_VALUES] = "values",
                                     [DEEDS_ITEMS] = "items",
                                     [DEEDS_POP] = "pop",
                                     [DEEDS_APPEND] = "append",
                                     [DEEDS_SELF] = "self",
                                     [DEEDS_GETATTR] = "getattr",
                                     [DEEDS_VARS] = "vars",
                                     [DEEDS_SUPER] = "super",
                                     [DEEDS_SET_ITEM] = "__setitem__",
                                     [DEEDS_WORDS] = NULL };

static bool deed_name_intern(struct deeds *deeds, const char *name, size_t size, uint32_t *number,
                             struct err *err)
{
    const char *kept;
    if (!names_intern(&deeds->names, name, size, number, &kept, err)
        || !vec_grow(&deeds->texts, &deeds->text_capacity, (size_t)*number + 1,
                     sizeof *deeds->texts, err))
        return false;
    deeds->texts[*number] = kept;
    return true;
}

uint32_t deed_name_of(struct deeds *deeds, const struct heap *heap, addr name)
{
    if (!name)
        return DEEDS_NONE;
    uint32_t number = map_get(&deeds->of_address, name);
    if (number != MAP_NONE)
        return number;
    struct text text = TEXT_INIT;
    struct str_view view;
    if (str_view(heap->py, name, &view))
        str_append(heap->py, name, 200, &text);
    if (!text.size || text.failed || !deed_name_intern(deeds, text.data, text.size, &number, NULL)
        || !map_put(&deeds->of_address, name, number, NULL))
        number = DEEDS_NONE;
    text_fini(&text);
    return number;
}

uint32_t deeds_name(const struct deeds *deeds, const char *name)
{
    return names_get(&deeds->names, name, strlen(name));
}

static bool deed_name_all(struct deeds *deeds, const char *const *list, uint32_t *numbers,
                          struct err *err)
{
    uint32_t number;
    for (size_t i = 0; list[i]; i++) {
        if (!deed_name_intern(deeds, list[i], strlen(list[i]), &number, err))
            return false;
        if (numbers)
            numbers[i] = number;
    }
    return true;
}

bool deed_name_words(struct deeds *deeds, struct err *err)
{
    static const char *const last[] = { DEEDS_GLOBALS, NULL };
    if (!deed_name_all(deeds, fills, NULL, err))
        return false;
    deeds->take_first = (uint32_t)deeds->names.count;
    if (!deed_name_all(deeds, takes, NULL, err))
        return false;
    deeds->take_end = (uint32_t)deeds->names.count;
    deeds->more_first = (uint32_t)deeds->names.count;
    if (!deed_name_all(deeds, mores, NULL, err))
        return false;
    deeds->more_end = (uint32_t)deeds->names.count;
    deeds->class_first = (uint32_t)deeds->names.count;
    if (!deed_name_all(deeds, classes, NULL, err))
        return false;
    deeds->class_end = (uint32_t)deeds->names.count;
    return deed_name_all(deeds, words, deeds->words, err)
           && deed_name_all(deeds, last, &deeds->globals, err);
}
