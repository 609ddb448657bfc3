// SPDX-License-Identifier: GPL-3.0-or-later
// What all kinds of findings use: see finder.h. Names of objects are in finder_name.c.
#include "finding/finder.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/vec.h"
#include "heap/names/edge.h"
#include "py/objects/content.h"
#include "py/objects/dict.h"
#include "py/objects/str.h"
#include "py/read.h"

// --- types --------------------------------------------------------------------------------------

bool finder_derives(const struct finder *f, const struct type *type, const char *name)
{
    return type_is_called(f->py, type, name);
}

bool finder_has(const struct finder *f, traits any)
{
    for (uint32_t i = 0; i < heap_type_count(f->heap); i++)
        if (type_is(type_row(f->py->types, i), any))
            return true;
    return false;
}

static uint32_t role_of_flags(const struct type *type)
{
    static const struct {
        uint64_t flag;
        uint32_t role;
    } rows[] = {
        { TPFLAGS_LIST_SUBCLASS, ROLE_LIST },          { TPFLAGS_TUPLE_SUBCLASS, ROLE_TUPLE },
        { TPFLAGS_DICT_SUBCLASS, ROLE_DICT },          { TPFLAGS_UNICODE_SUBCLASS, ROLE_STRING },
        { TPFLAGS_BYTES_SUBCLASS, ROLE_STRING },       { TPFLAGS_LONG_SUBCLASS, ROLE_NUMBER },
        { TPFLAGS_BASE_EXC_SUBCLASS, ROLE_EXCEPTION },
    };
    uint32_t roles = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (type->flags & rows[i].flag)
            roles |= rows[i].role;
    return roles;
}

static uint32_t role_of_traits(const struct type *type)
{
    static const struct {
        traits any;
        uint32_t role;
    } rows[] = {
        { TRAIT_ANY_SET, ROLE_SET },
        { TRAIT_DEQUE, ROLE_DEQUE },
        { TRAIT_FUNCTION, ROLE_FUNCTION },
        { TRAIT_METHOD, ROLE_METHOD },
        { TRAIT_OLD_INSTANCE, ROLE_INSTANCE },
        { TRAIT_MODULE, ROLE_MODULE },
        { TRAIT_FLOAT | TRAIT_INT | TRAIT_BOOL, ROLE_NUMBER },
        { TRAIT_CODE | TRAIT_CELL | TRAIT_WRAPPER | TRAIT_PROPERTY | TRAIT_BUILTIN
              | TRAIT_DESCRIPTOR,
          ROLE_CODE },
        { TRAIT_WEAK, ROLE_WEAK },
    };
    uint32_t roles = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (type_is(type, rows[i].any))
            roles |= rows[i].role;
    return roles;
}

static uint32_t find_roles(const struct type *type)
{
    if (type->is_metatype || (type->flags & TPFLAGS_TYPE_SUBCLASS))
        return ROLE_TYPE;
    uint32_t roles = role_of_flags(type) | role_of_traits(type);
    if (type->is_python_class)
        roles |= ROLE_INSTANCE;
    return roles;
}

// Numbers classes by name: each call of a function that makes a namedtuple makes another class.
static bool finder_find_alike(struct finder *f, struct err *err)
{
    uint32_t count = heap_type_count(f->heap), number = 0, known = 0;
    struct names names = NAMES_INIT;
    uint32_t *first = calloc((size_t)count + 1, sizeof *first); // by the name's number
    bool ok = first || err_memory(err, "the table of types");
    for (uint32_t i = 0; ok && i < count; i++) {
        const char *name = type_row(f->py->types, i)->name;
        ok = names_intern(&names, name, strlen(name), &number, NULL, err);
        if (ok && number == known)
            first[known++] = i;
        f->types[i].alike = ok ? first[number] : i;
    }
    names_fini(&names);
    free(first);
    return ok;
}

// --- bits of types: see finder_skip() -----------------------------------------------------------

struct finder_rank {
    uint64_t count;
    uint32_t type;
};

static int finder_by_count(const void *left, const void *right)
{
    const struct finder_rank *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return (a->type > b->type) - (a->type < b->type);
}

static bool finder_give_bits(struct finder *f, struct err *err)
{
    uint32_t count = heap_type_count(f->heap);
    struct finder_rank *ranks = calloc((size_t)count + 1, sizeof *ranks);
    if (!ranks)
        return err_memory(err, "the table of types");
    for (uint32_t i = 0; i < count; i++)
        ranks[i] = (struct finder_rank){ f->types[i].count, i };
    qsort(ranks, count, sizeof *ranks, finder_by_count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bit = i < FINDER_BITS_OWN ? i : FINDER_BITS_OWN + i % FINDER_BITS_SHARED;
        f->types[ranks[i].type].bit = UINT64_C(1) << bit;
    }
    free(ranks);
    return true;
}

static void finder_add_bit(uint64_t *bits, uint64_t set, uint64_t bit)
{
    for (int i = 0; set; i++, set >>= 1)
        if (set & 1)
            bits[i] |= bit;
}

static uint64_t finder_any_bits(const uint64_t *bits, uint64_t set)
{
    uint64_t any = 0;
    for (int i = 0; set; i++, set >>= 1)
        if (set & 1)
            any |= bits[i];
    return any;
}

static bool finder_mark_stretches(struct finder *f, struct err *err)
{
    size_t count = (f->heap->node_count >> FINDER_STRETCH_SHIFT) + (size_t)1;
    f->stretches = calloc(count, sizeof *f->stretches);
    if (!f->stretches)
        return err_memory(err, "the table of types");
    for (node n = 0; n < f->heap->node_count; n++)
        f->stretches[n >> FINDER_STRETCH_SHIFT] |= f->types[heap_type(f->heap, n)].bit;
    for (uint32_t i = 0; i < heap_type_count(f->heap); i++) {
        const struct finder_type *type = &f->types[i];
        finder_add_bit(f->role_bits, type->roles, type->bit);
        finder_add_bit(f->trait_bits, type_row(f->py->types, i)->value->traits, type->bit);
    }
    return true;
}

static bool count_types(struct finder *f, struct err *err)
{
    uint32_t count = heap_type_count(f->heap);
    f->types = calloc((size_t)count + 1, sizeof *f->types);
    if (!f->types)
        return err_memory(err, "the table of types");
    for (node n = 0; n < f->heap->node_count; n++) {
        struct finder_type *type = &f->types[heap_type(f->heap, n)];
        type->count++;
        type->bytes += heap_own(f->heap, n);
    }
    for (uint32_t i = 0; i < count; i++)
        f->types[i].roles = find_roles(type_row(f->py->types, i));
    return finder_give_bits(f, err) && finder_mark_stretches(f, err) && finder_find_alike(f, err);
}

bool finder_init(struct finder *f, const struct finding_sources *sources, struct findings *out,
                 struct err *err)
{
    *f = (struct finder){ .heap = sources->heap,
                          .py = sources->heap->py,
                          .garbage = sources->garbage,
                          .roots = sources->roots,
                          .dominate = sources->dominate,
                          .memory = sources->memory,
                          .before = sources->before,
                          .progress = sources->progress,
                          .out = out };
    return count_types(f, err);
}

void finder_fini(struct finder *f)
{
    free(f->types);
    free(f->stretches);
    free(f->dates);
    root_paths_free(&f->paths);
    tree_free(&f->tree);
    code_free(&f->code);
    deeds_free(&f->deeds);
    if (f->has_rings)
        rings_free(&f->rings);
    if (f->blocks)
        block_owners_free(f->blocks);
    free(f->blocks);
    *f = (struct finder){ 0 };
}

bool finder_need_blocks(struct finder *f, struct err *err)
{
    if (f->blocks)
        return true;
    f->blocks = calloc(1, sizeof *f->blocks);
    if (!f->blocks)
        return err_memory(err, "the blocks of memory");
    return block_owners_find(f->blocks, f->heap, f->memory, f->progress, err);
}

bool finder_need_uncounted(struct finder *f, struct err *err)
{
    if (!f->has_uncounted)
        f->has_uncounted = block_owners_glance(f->heap, f->memory, &f->uncounted, f->progress, err);
    return f->has_uncounted;
}

uint64_t finder_memory(const struct finder *f)
{
    const struct memory_row *total = &f->memory->total;
    return f->memory->residence.known ? total->resident : total->bytes;
}

bool finder_need_paths(struct finder *f, struct err *err)
{
    if (!f->has_paths)
        f->has_paths = root_paths_find(&f->paths, f->heap, f->roots, f->progress, err);
    return f->has_paths;
}

bool finder_need_tree(struct finder *f, struct err *err)
{
    if (!f->has_tree)
        f->has_tree = tree_build(&f->tree, f->heap, f->dominate, f->progress, err);
    return f->has_tree;
}

bool finder_need_deeds(struct finder *f, struct err *err)
{
    if (!f->has_deeds)
        f->has_deeds = finder_need_paths(f, err) && deeds_find(&f->deeds, f->heap, &f->paths, err);
    return f->has_deeds;
}

bool finder_need_code(struct finder *f, struct err *err)
{
    if (!f->has_code)
        f->has_code = finder_need_paths(f, err) && code_list(&f->code, f->heap, &f->paths, err);
    return f->has_code;
}

static bool is_garbage(const void *context, node n)
{
    return collect_is_unreachable(context, n);
}

bool finder_need_rings(struct finder *f, struct err *err)
{
    if (!f->has_rings)
        f->has_rings = rings_find(&f->rings, f->heap, is_garbage, f->garbage, f->progress, err);
    return f->has_rings;
}

node finder_finalizer(const struct finder *f, uint32_t component)
{
    node found = NODE_NONE;
    for (uint32_t i = 0; i < rings_size(&f->rings, component); i++) {
        node n = rings_members(&f->rings, component)[i];
        const struct type *type = finder_type(f, n);
        if ((finder_roles(f, n) & ROLE_INSTANCE) && (type->has_finalizer || type->del)
            && !(f->heap->flags[n] & NODE_FINALIZED)
            && (found == NODE_NONE || strcmp(type->name, finder_type_name(f, found)) < 0))
            found = n;
    }
    return found;
}

const char *finder_obstacle(const struct finder *f, node n)
{
    struct gc_state state;
    int interpreter = heap_interpreter(f->heap, n);
    if (interpreter < 0)
        return NULL;
    python_gc_state(f->py, (size_t)interpreter, &state);
    return !state.known          ? NULL
           : !state.enabled      ? "the collector is off (gc.disable())"
           : !state.threshold[0] ? "the collector's threshold is 0"
                                 : NULL;
}

// --- adding findings ----------------------------------------------------------------------------

// Adds the interpreter's number where a name is ambiguous, as several interpreters (under mod_wsgi)
// have modules of the same names. The main interpreter's need none.
static const char *finder_add_interpreter(struct finder *f, const struct finding *finding)
{
    static const char word[] = "interpreter ";
    node n = finding->object;
    int interpreter = n == NODE_NONE ? -1 : heap_interpreter(f->heap, n);
    if (!f->kind->is_of_one || interpreter <= 0 || strstr(finding->what, word))
        return finding->what;
    return finder_text(f, "%s%" PRIi64 ": %s", word, f->py->interpreters[interpreter].id,
                       finding->what);
}

bool finder_add(struct finder *f, const struct finding *finding, struct err *err)
{
    struct findings *out = f->out;
    if (!vec_grow(&out->items, &f->capacity, out->count + 1, sizeof *out->items, err))
        return false;
    struct finding *item = &out->items[out->count++];
    *item = *finding;
    item->kind = f->kind->name;
    item->what = finder_add_interpreter(f, finding);
    if (!item->is_suspect)
        item->sample = NODE_NONE;
    return !f->out_of_memory || err_memory(err, "the findings' texts");
}

bool finder_is_told(const struct finder *f, node n)
{
    for (size_t i = 0; i < f->out->count; i++)
        if (f->out->items[i].object == n)
            return true;
    return false;
}

// Copies a text into the findings' memory.
const char *finder_keep(struct finder *f, struct text *text)
{
    const char *copy =
        text->failed ? NULL : arena_copy(&f->out->arena, text_string(text), text->size);
    f->out_of_memory |= !copy;
    text_fini(text);
    return copy ? copy : "";
}

const char *finder_text(struct finder *f, const char *format, ...)
{
    va_list words;
    va_start(words, format);
    const char *room = arena_format_list(&f->out->arena, format, words);
    va_end(words);
    f->out_of_memory |= !room;
    return room ? room : "";
}

const char *finder_ring(struct finder *f, const struct ring_steps *steps)
{
    struct text text = TEXT_INIT;
    ring_steps_text(steps, &text);
    return finder_keep(f, &text);
}

const char *finder_size(struct finder *f, uint64_t bytes)
{
    struct text text = TEXT_INIT;
    text_add_size(&text, bytes);
    return finder_keep(f, &text);
}

const char *finder_count(struct finder *f, uint64_t count)
{
    struct text text = TEXT_INIT;
    text_add_count(&text, count);
    return finder_keep(f, &text);
}

const char *finder_plural(struct finder *f, uint64_t count, const char *word)
{
    return finder_text(f, "%s %s%s", finder_count(f, count), word, text_plural(count, "", "s"));
}

const char *finder_percent(struct finder *f, uint64_t part)
{
    uint64_t percent = f->heap->bytes ? part * 100 / f->heap->bytes : 0;
    return percent ? finder_text(f, "%u %%", (unsigned)percent) : "less than 1 %";
}

const char *finder_preview(struct finder *f, node n, size_t width)
{
    struct text text = TEXT_INIT;
    heap_preview(f->heap, n, width, &text);
    return finder_keep(f, &text);
}

const char *finder_share(struct finder *f, uint64_t part)
{
    const char *share = finder_text(f, "%s of the heap", finder_percent(f, part));
    uint64_t all = f->memory && f->memory->residence.known ? finder_memory(f) : 0;
    return all && part >= all / 100 && part <= all // greater where some pages were never touched
               ? finder_text(f, "%s, %u %% of the process's memory", share,
                             (unsigned)(part * 100 / all))
               : share;
}

#define MIB (UINT64_C(1) << 20)

enum severity finder_severity(const struct finder *f, uint64_t bytes, enum home home)
{
    static const struct {
        unsigned percent;
        uint64_t bytes;
    } least[][3] = {
        [HOME_NONE] = { { 40, 32 * MIB }, { 10, 4 * MIB }, { 2, MIB / 4 } },
        [HOME_PROGRAM] = { { 25, 16 * MIB }, { 5, MIB }, { 1, MIB / 16 } },
        [HOME_LIBRARY] = { { 50, 64 * MIB }, { 20, 16 * MIB }, { 10, 8 * MIB } },
    };
    for (int i = 0; i < 3; i++)
        if (bytes >= least[home][i].bytes && bytes >= f->heap->bytes / 100 * least[home][i].percent)
            return (enum severity)i;
    return SEVERITY_INFO;
}

// --- objects ------------------------------------------------------------------------------------

uint64_t finder_length(const struct finder *f, node n)
{
    uint64_t length = 0;
    return heap_length(f->heap, n, &length) ? length : 0;
}

node finder_next(const struct finder *f, uint32_t roles, node from)
{
    uint64_t bits = finder_any_bits(f->role_bits, roles);
    node count = f->heap->node_count;
    for (node n = from; (n = finder_skip(f, bits, n)) < count; n++)
        if ((finder_roles(f, n) & roles) && !finder_is_dead(f, n))
            return n;
    return NODE_NONE;
}

node finder_next_of(const struct finder *f, traits any, node from)
{
    uint64_t bits = finder_any_bits(f->trait_bits, any);
    node count = f->heap->node_count;
    for (node n = from; (n = finder_skip(f, bits, n)) < count; n++)
        if (finder_is(f, n, any) && !finder_is_dead(f, n))
            return n;
    return NODE_NONE;
}

size_t finder_sample_keys(const struct finder *f, node dict, addr *keys, size_t most)
{
    const struct python *py = f->py;
    const uint8_t *o = VIEW(py, heap_addr(f->heap, dict), PyDictObject);
    struct dict_table table;
    if (!o || !dict_open(py, o, &table) || !table.count)
        return 0;
    size_t count = 0;
    uint64_t stride = table.count / most + 1;
    for (uint64_t i = 0; i < table.count && count < most; i += stride)
        if (dict_key(&table, i) && dict_value(&table, i))
            keys[count++] = dict_key(&table, i);
    return count;
}
