// SPDX-License-Identifier: GPL-3.0-or-later
// Structs of extension types: see structs.h. gdb/ouro/members.py describes the form of a question.
#include "py/extension/structs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/map.h"
#include "base/text.h"
#include "base/vec.h"
#include "py/extension/question.h"
#include "target/debug_file.h"

#define BASES_MAX 64
#define QUESTIONS_MAX 2000 // per file, asked at once
#define BEHIND_MAX 4096    // elements of an array in a struct behind a pointer
#define SECONDS_ONE 20     // per run of gdb
#define SECONDS_MAX 40     // in all runs

struct file { // one module's debug information
    bool looked, failed;
    char *path; // null: none
    struct regular which;
    struct members members;
};

struct structs_row { // one type, by address
    addr type;
    int module;
    uint64_t key;
    bool doubted;
};

struct structs {
    char *script, *gdb, *cache; // copies of the options
    struct file *files;         // per module
    size_t file_count;
    struct structs_row *rows;
    size_t row_count, row_room;
    struct map by_type;
    bool (*fetch)(void *context, const char *build_id, struct err *err);
    void *fetch_context;
    const struct progress *progress;
    time_t spent; // seconds spent by gdb
};

// A null string stays null.
static bool structs_copy(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

bool structs_new(struct python *py, const struct structs_options *options, struct err *err)
{
    struct structs *s = calloc(1, sizeof *s);
    size_t count = py->target->module_count;
    if (!s || !(s->files = calloc(count + 1, sizeof *s->files))
        || !structs_copy(&s->script, options->script) || !structs_copy(&s->gdb, options->gdb)
        || !structs_copy(&s->cache, options->cache)) {
        structs_free(s);
        return err_memory(err, "structs");
    }
    s->file_count = count;
    s->progress = options->progress;
    s->fetch = options->fetch;
    s->fetch_context = options->fetch_context;
    py->structs = s;
    return true;
}

void structs_free(struct structs *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->file_count; i++) {
        free(s->files[i].path);
        members_fini(&s->files[i].members);
    }
    free(s->files);
    free(s->rows);
    free(s->script);
    free(s->gdb);
    free(s->cache);
    map_fini(&s->by_type);
    free(s);
}

// --- one file's types ---------------------------------------------------------------------------

// The row of a type whose members debug information may know; null: it cannot, or out of memory.
static struct structs_row *structs_row_of(const struct python *py, struct structs *s,
                                          const struct type *type)
{
    uint32_t known = map_get(&s->by_type, type->at);
    if (known != MAP_NONE)
        return s->rows[known].module < 0 ? NULL : &s->rows[known];
    if (!vec_grow(&s->rows, &s->row_room, s->row_count + 1, sizeof *s->rows, NULL)
        || !map_put(&s->by_type, type->at, (uint32_t)s->row_count, NULL))
        return NULL;
    struct structs_row *row = &s->rows[s->row_count++];
    *row = (struct structs_row){ .type = type->at, .module = question_module(py, type) };
    struct text text = TEXT_INIT;
    if (row->module >= 0)
        question_write(py, type, row->module, &text);
    row->key = members_key(text_string(&text));
    if (text.failed || (size_t)(row->module + 1) > s->file_count)
        row->module = -1;
    text_fini(&text);
    return row->module < 0 ? NULL : row;
}

struct structs_list {
    char **texts;
    size_t count, room;
};

// Asks about the types in C of one module that no decoder knows. type_count() may grow meanwhile:
// by a base.
static void list_questions(const struct python *py, struct structs *s, int module,
                           struct structs_list *list)
{
    for (uint32_t t = 0; t < type_count(py->types) && list->count < QUESTIONS_MAX; t++) {
        const struct type *type = type_row(py->types, t);
        const struct structs_row *row = type->kind && (type->kind->refs || type->kind->members)
                                            ? NULL
                                            : structs_row_of(py, s, type);
        struct text text = TEXT_INIT;
        if (!row || row->module != module || members_find(&s->files[module].members, row->key))
            continue;
        question_write(py, type, module, &text);
        if (!vec_grow(&list->texts, &list->room, list->count + 1, sizeof *list->texts, NULL))
            text_fini(&text);
        else if ((list->texts[list->count] = text_detach(&text)))
            list->count++;
    }
}

static void structs_ask(const struct python *py, struct structs *s, int index)
{
    struct file *file = &s->files[index];
    const struct module *module = &py->target->modules[index];
    struct structs_list list = { 0 };
    if (s->spent >= SECONDS_MAX || !progress_step(s->progress, "reading debug information", 0, 0))
        return;
    list_questions(py, s, index, &list);
    char build_id[80];
    module_build_id_text(module, build_id, sizeof build_id);
    char *folder = debug_folder(module);
    const struct members_ask how = { .gdb = s->gdb,
                                     .script = s->script,
                                     .file = { file->path, &file->which },
                                     .build_id = build_id,
                                     .debug_dir = folder,
                                     .cache = s->cache,
                                     .seconds = SECONDS_ONE,
                                     .progress = s->progress };
    time_t before = time(NULL);
    if (!members_get(&file->members, &how, (const char *const *)list.texts, list.count, NULL))
        file->failed = true;
    s->spent += time(NULL) - before;
    for (size_t i = 0; i < list.count; i++)
        free(list.texts[i]);
    free(list.texts);
    free(folder);
}

static bool structs_fetch(const struct structs *s, const struct module *module)
{
    char build_id[80];
    module_build_id_text(module, build_id, sizeof build_id);
    return build_id[0] && !module->assumed && s->fetch(s->fetch_context, build_id, NULL);
}

static const struct members_struct *structs_reply(const struct python *py, struct structs *s,
                                                  const struct type *type)
{
    const struct structs_row *row = structs_row_of(py, s, type);
    if (!row || row->doubted)
        return NULL;
    struct file *file = &s->files[row->module];
    uint64_t key = row->key;
    int module = row->module;
    if (!file->looked) {
        file->looked = true;
        file->path = debug_file(&py->target->modules[module], &file->which);
        if (!file->path && s->fetch && structs_fetch(s, &py->target->modules[module]))
            file->path = debug_file(&py->target->modules[module], &file->which);
    }
    if (!file->path)
        return NULL;
    if (!members_find(&file->members, key) && !file->failed)
        structs_ask(py, s, module);
    const struct members_struct *found = members_find(&file->members, key);
    return found && found->name ? found : NULL;
}

// --- a type and its bases -----------------------------------------------------------------------

// The type and those of its bases whose instances extend beyond the offset; the last of them
// contains it.
static size_t levels(const struct python *py, const struct type *type, int64_t offset,
                     const struct type *chain[static BASES_MAX])
{
    size_t count = 0;
    for (; type && count < BASES_MAX && (count == 0 || offset < type->basicsize);
         type = type_base(py, type))
        chain[count++] = type;
    return count;
}

static bool structs_covers(const struct members_row *row, const struct type *type, int64_t offset)
{
    if (row->inner != MEMBERS_DIRECT || offset < row->at || (offset - row->at) % 8)
        return false;
    int64_t index = (offset - row->at) / 8;
    return row->count == MEMBERS_ONE      ? index == 0
           : row->count == MEMBERS_TO_END ? index == 0 || type->itemsize > 0
                                          : index < row->count;
}

static void structs_add_name(const struct members_row *row, int64_t offset, struct text *out)
{
    text_add_escaped(out, row->name, strlen(row->name));
    if (row->count != MEMBERS_ONE)
        text_add_format(out, "[%" PRId64 "]", (offset - row->at) / 8);
}

// The struct of the level that contains the offset, or of the nearest derived one that is known.
static const struct members_struct *struct_at(const struct python *py, const struct type *type,
                                              int64_t offset, const struct type **owner)
{
    const struct type *chain[BASES_MAX];
    const struct members_struct *found = NULL;
    size_t count = py->structs && offset >= 0 ? levels(py, type, offset, chain) : 0;
    while (count && !found) {
        *owner = chain[--count];
        found = structs_reply(py, py->structs, *owner);
    }
    return found;
}

enum structs_answer structs_name(const struct python *py, const struct type *type, int64_t offset,
                                 struct text *out)
{
    const struct type *owner;
    const struct members_struct *s = struct_at(py, type, offset, &owner);
    for (size_t i = 0; s && i < s->row_count; i++)
        if (structs_covers(&s->rows[i], owner, offset)) {
            structs_add_name(&s->rows[i], offset, out);
            return STRUCTS_NAMED;
        }
    return s ? STRUCTS_NO_MEMBER : STRUCTS_UNKNOWN;
}

enum structs_answer structs_name_behind(const struct python *py, const struct type *type,
                                        int64_t offset, int64_t inner, struct text *out)
{
    const struct type *owner;
    const struct members_struct *s = struct_at(py, type, offset, &owner);
    for (size_t i = 0; s && i < s->row_count; i++) {
        const struct members_row *row = &s->rows[i];
        int64_t past = inner - row->inner, end = row->count == MEMBERS_ONE ? 1 : row->count;
        if (row->inner == MEMBERS_DIRECT || row->at != offset || past < 0 || past % 8
            || past / 8 >= end)
            continue;
        structs_add_name(row, row->at + past, out);
        return STRUCTS_NAMED;
    }
    return s ? STRUCTS_NO_MEMBER : STRUCTS_UNKNOWN;
}

// --- blocks of C memory --------------------------------------------------------------------------

bool structs_knows(const struct python *py, const struct type *type)
{
    for (int level = 0; py->structs && type && level < BASES_MAX; level++) {
        if (structs_reply(py, py->structs, type))
            return true;
        type = type_base(py, type);
    }
    return false;
}

static bool structs_link(struct structs_position *position, int32_t from, int64_t offset,
                         struct text *name)
{
    const struct members_struct *s = position->of;
    for (size_t i = 0; s && i < s->link_count; i++)
        if (s->links[i].from == from && s->links[i].at == offset) {
            text_add_escaped(name, s->links[i].name, strlen(s->links[i].name));
            position->body = s->links[i].to;
            return true;
        }
    position->of = NULL;
    return false;
}

bool structs_begin(const struct python *py, const struct type *type, int64_t offset,
                   struct structs_position *position, struct text *name)
{
    const struct type *owner;
    *position = (struct structs_position){ struct_at(py, type, offset, &owner), 0 };
    return structs_link(position, MEMBERS_INSTANCE, offset, name);
}

bool structs_go_on(struct structs_position *position, uint64_t offset, struct text *name)
{
    if (!position->of)
        return false;
    uint64_t size = (uint64_t)position->of->bodies[position->body].size;
    if (offset >= size)
        text_add_format(name, "[%" PRIu64 "].", offset / size);
    return structs_link(position, position->body, (int64_t)(offset % size), name);
}

void structs_position_name(const struct structs_position *position, struct text *name)
{
    if (position->of)
        text_add_escaped(name, position->of->bodies[position->body].name,
                         strlen(position->of->bodies[position->body].name));
}

void structs_doubt(const struct python *py, const struct type *type, int64_t offset)
{
    const struct type *owner;
    const struct members_struct *s = struct_at(py, type, offset, &owner);
    struct structs_row *row = s ? structs_row_of(py, py->structs, owner) : NULL;
    if (row)
        row->doubted = true;
}

bool structs_has(const struct python *py, const struct type *type, const char *name)
{
    for (int level = 0; py->structs && type && level < BASES_MAX; level++) {
        const struct members_struct *s = structs_reply(py, py->structs, type);
        for (size_t i = 0; s && i < s->row_count; i++)
            if (!strcmp(s->rows[i].name, name))
                return true;
        type = type_base(py, type);
    }
    return false;
}

bool structs_of(const struct python *py, const struct type *type, struct text *name,
                struct text *file)
{
    const struct members_struct *s = py->structs ? structs_reply(py, py->structs, type) : NULL;
    if (!s)
        return false;
    const char *path = py->structs->files[structs_row_of(py, py->structs, type)->module].path;
    text_add_escaped(name, s->name, strlen(s->name));
    text_add_escaped(file, path, strlen(path));
    return true;
}

// --- behind pointers ----------------------------------------------------------------------------

void structs_place_name(struct structs_place place, struct text *out)
{
    text_add_char(out, '.');
    structs_add_name(place.row, place.row->at + 8 * (int64_t)place.index, out);
}

static void structs_take_behind(const struct python *py, const struct members_row *row, addr at,
                                structs_take *take, void *context)
{
    addr inner = target_u64(py->target, at + (uint64_t)row->at, NULL);
    int32_t count = row->count == MEMBERS_ONE ? 1 : row->count;
    const uint8_t *words =
        inner && count <= BEHIND_MAX
            ? target_view(py->target, inner + (uint64_t)row->inner, (size_t)count * 8)
            : NULL;
    for (int32_t i = 0; words && i < count; i++) {
        addr to = load64(words + 8 * i);
        if (to && !(to & 7))
            take(context, to,
                 (struct structs_place){ row, i, inner + (uint64_t)row->inner + 8 * (uint64_t)i });
    }
}

// Whether the base's struct describes the same pointer.
static bool has_same(const struct members_struct *base, const struct members_row *row)
{
    for (size_t i = 0; base && i < base->row_count; i++)
        if (base->rows[i].at == row->at && base->rows[i].inner == row->inner)
            return true;
    return false;
}

void structs_behind(const struct python *py, const struct type *type, addr at, structs_take *take,
                    void *context)
{
    for (int level = 0; py->structs && type && level < BASES_MAX; level++) {
        const struct type *base = type_base(py, type);
        const struct members_struct *s = structs_reply(py, py->structs, type);
        const struct members_struct *under =
            s && base ? structs_reply(py, py->structs, base) : NULL;
        s = structs_reply(py, py->structs, type); // asking for the base may have moved the list
        for (size_t i = 0; s && i < s->row_count; i++)
            if (s->rows[i].inner != MEMBERS_DIRECT && s->rows[i].at + 8 <= type->basicsize
                && !has_same(under, &s->rows[i]))
                structs_take_behind(py, &s->rows[i], at, take, context);
        type = base;
    }
}
