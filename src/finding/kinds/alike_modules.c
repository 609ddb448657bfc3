// SPDX-License-Identifier: GPL-3.0-or-later
// alike-modules: modules whose names differ only by a number: a program makes one for each script,
// request or plugin that it runs, and sys.modules keeps them all.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/vec.h"
#include "finding/cause.h"
#include "finding/finder.h"
#include "py/objects/str.h"

#define MANY 100
#define NUMBERS_MAX 65536 // of different names

struct alike {
    uint64_t count, bytes;
    const struct root_paths_module *example;
};

// "script_17" and "script_18" are "script_#".
static void alike_modules_shape(const struct finder *f, const struct root_paths_module *module,
                                struct text *shape)
{
    struct text name = TEXT_INIT;
    str_append(f->py, module->name, 200, &name);
    text_clear(shape);
    for (const char *at = text_string(&name); *at; at++)
        if (!isdigit((unsigned char)*at))
            text_add_char(shape, *at);
        else if (!shape->size || shape->data[shape->size - 1] != '#')
            text_add_char(shape, '#');
    text_fini(&name);
}

static bool alike_modules_tell(struct finder *f, const char *shape, const struct alike *alike,
                               struct err *err)
{
    struct text name = TEXT_INIT;
    str_append(f->py, alike->example->name, 200, &name);
    bool ok = finder_add(
        f,
        &(struct finding){
            .severity = cause_severity(f, alike->bytes),
            .object = alike->example->dict,
            .objects = alike->count,
            .bytes = alike->bytes,
            .what = finder_text(f, "sys.modules has %s like %s: %s, %s of the heap",
                                finder_plural(f, alike->count, "module"), text_string(&name),
                                finder_size(f, alike->bytes), finder_percent(f, alike->bytes)),
            .why = finder_text(
                f,
                "a module that was imported, or put into sys.modules, stays there; these names "
                "differ by a number (%s); cure: remove each module from sys.modules when its work "
                "is done, or run scripts without making a module of each",
                shape),
            .next = finder_text(f, "path 0x%llx",
                                (unsigned long long)heap_addr(f->heap, alike->example->dict)),
            .sample = NODE_NONE,
            .is_suspect = true,
        },
        err);
    text_fini(&name);
    return ok;
}

static bool alike_modules_find(struct finder *f, struct err *err)
{
    struct names names = NAMES_INIT;
    struct text shape = TEXT_INIT;
    struct alike *alike = NULL;
    size_t capacity = 0, count = 0;
    bool ok = finder_need_paths(f, err);
    for (size_t i = 0; ok && i < f->paths.module_count; i++) {
        const struct root_paths_module *module = &f->paths.modules[i];
        uint32_t index;
        alike_modules_shape(f, module, &shape);
        if (!shape.size || !memchr(shape.data, '#', shape.size) || names.count >= NUMBERS_MAX)
            continue;
        ok = names_intern(&names, shape.data, shape.size, &index, NULL, err)
             && vec_grow(&alike, &capacity, (size_t)index + 1, sizeof *alike, err);
        for (; ok && count <= index; count++)
            alike[count] = (struct alike){ 0 };
        if (!ok)
            break;
        alike[index].count++;
        alike[index].bytes += finder_retained(f, module->dict);
        alike[index].example = module;
    }
    for (size_t i = 0; ok && i < count; i++) {
        if (alike[i].count < MANY)
            continue;
        alike_modules_shape(f, alike[i].example, &shape);
        ok = alike_modules_tell(f, text_string(&shape), &alike[i], err);
    }
    free(alike);
    text_fini(&shape);
    names_fini(&names);
    return ok;
}

const struct finding_kind finding_alike_modules = {
    .name = "alike-modules",
    .help = "modules that are created again and again, under ever new names",
    .needs = FINDING_NEEDS_DOMINATORS,
    .find = alike_modules_find,
};
