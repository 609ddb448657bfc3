// SPDX-License-Identifier: GPL-3.0-or-later
// Writing and reading a CPython: see saved_python.h.
#include "py/runtime/saved_python.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/record.h"
#include "py/runtime/runtime.h"
#include "py/objects/type.h"
#include "target/saved_memory.h"

#define SECTION "python"
#define LAYOUT "layout"
#define TYPES "types"
#define SECTION_MAX ((size_t)1 << 28)
#define LAYOUT_MAX ((size_t)1 << 20)
#define SHARED_MAX ((uint64_t)1 << 32) // keys that instances share; more means damage
#define SLOT_LEAST 2                   // bytes of a slot's row

// Whoever adds a member writes and reads it here too, and then changes this number.
_Static_assert(sizeof(struct type) == 216, "py/runtime/saved_python.c: struct type has changed");

// --- writing ------------------------------------------------------------------------------------

static void put_words(struct text *to, const addr *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        record_put(to, words[i]);
}

static void put_gc_state(struct text *to, const struct gc_state *s)
{
    record_put(to, (uint64_t)s->known | (uint64_t)s->enabled << 1 | (uint64_t)s->collecting << 2
                       | (uint64_t)s->marks_next << 3);
    record_put(to, s->debug);
    for (int g = 0; g < 3; g++) {
        const addr words[] = { s->threshold[g], s->count[g], s->collections[g], s->collected[g],
                               s->uncollectable[g] };
        put_words(to, words, sizeof words / sizeof *words);
    }
    const addr words[] = { s->garbage, s->callbacks, s->long_lived_total, s->long_lived_pending };
    put_words(to, words, sizeof words / sizeof *words);
}

static void put_interpreter(const struct python *py, size_t i, struct text *to)
{
    const struct interpreter *in = &py->interpreters[i];
    const addr words[] = { in->at, in->gc, in->modules, in->sysdict, in->builtins };
    struct gc_state state;
    put_words(to, words, sizeof words / sizeof *words);
    put_words(to, in->heads, GEN_COUNT);
    record_put_signed(to, in->id);
    record_put(to, in->thread_count);
    for (size_t k = 0; k < in->thread_count; k++) {
        const addr thread[] = { in->threads[k].at, in->threads[k].tid, in->threads[k].ident,
                                in->threads[k].holds_gil };
        put_words(to, thread, sizeof thread / sizeof *thread);
    }
    python_gc_state(py, i, &state);
    put_gc_state(to, &state);
}

static void put_python(const struct python *py, enum disclosure how, struct text *to)
{
    const addr words[] = { (uint64_t)py->module,
                           py->version,
                           py->runtime,
                           py->type_type,
                           py->object_type,
                           py->none,
                           py->set_dummy,
                           py->lookdict,
                           py->subtype_traverse,
                           py->guards,
                           (uint64_t)py->rules.values_hide_dict | (uint64_t)py->phase << 1 };
    put_words(to, words, sizeof words / sizeof *words);
    record_put_text(to, py->version_text);
    record_put_text(to, discloses_values(how) ? py->warnings : "");
    record_put(to, py->interpreter_count);
    for (size_t i = 0; i < py->interpreter_count; i++)
        put_interpreter(py, i, to);
}

static bool put_layout(const struct python *py, enum disclosure how, struct store_out *out,
                       struct err *err)
{
    struct layout layout = py->layout;
    char *text;
    size_t size;
    disclose_path_within(how, layout.source);
    if (!layout_text(&layout, &text, &size, err))
        return false;
    store_put_section(out, LAYOUT, STORE_PLAIN, text, size);
    free(text);
    return true;
}

static uint64_t bits_of(const struct type *t)
{
    const bool bits[] = { t->is_gc,       t->is_python_class,  t->visits_dict,
                          t->visits_type, t->is_metatype,      type_is(t, TRAIT_WEAK),
                          t->is_leaf,     t->visits_type_last, t->has_finalizer };
    uint64_t word = 0;
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        word |= (uint64_t)bits[i] << i;
    return word;
}

static void put_kind(struct text *to, const struct kind *kind)
{
    record_put(to, type_kind_of(kind));
    if (type_kind_of(kind) == TYPE_KIND_NAMED)
        record_put_text(to, kind->names);
}

static void put_type(const struct type *t, enum disclosure how, struct text *to)
{
    uint32_t slots = discloses_values(how) ? t->slot_count : 0;
    const addr words[] = { t->at,       t->flags,   t->base,      t->metatype,    t->traverse,
                           t->finalize, t->del,     t->dict,      t->cached_keys, t->presize,
                           t->head,     bits_of(t), t->is_gc_too, t->shared_count };
    put_words(to, words, sizeof words / sizeof *words);
    record_put_signed(to, t->basicsize);
    record_put_signed(to, t->itemsize);
    record_put_signed(to, t->dictoffset);
    record_put_signed(to, t->weaklistoffset);
    record_put_text(to, t->name);
    record_put_text(to, t->tp_name);
    put_kind(to, t->kind);
    put_kind(to, t->value);
    put_kind(to, t->body);
    record_put(to, slots);
    for (uint32_t i = 0; i < slots; i++) {
        record_put_signed(to, t->slots[i].offset);
        record_put(to, t->slots[i].name);
    }
}

bool python_write(const struct python *py, enum disclosure how, struct store_out *out,
                  struct err *err)
{
    struct text text = TEXT_INIT;
    put_python(py, how, &text);
    store_put_text(out, SECTION, &text);
    text_clear(&text);
    record_put(&text, type_count(py->types));
    for (uint32_t i = 0; i < type_count(py->types); i++)
        put_type(type_row(py->types, i), how, &text);
    store_put_text(out, TYPES, &text);
    text_fini(&text);
    return put_layout(py, how, out, err);
}

bool python_keep_gc_states(struct python *py, struct err *err)
{
    free(py->gc_states);
    py->gc_states = calloc(py->interpreter_count + 1, sizeof *py->gc_states);
    if (!py->gc_states)
        return err_memory(err, "the collectors' states");
    for (size_t i = 0; i < py->interpreter_count; i++)
        python_gc_state(py, i, &py->gc_states[i]);
    return true;
}

// --- reading ------------------------------------------------------------------------------------

static void saved_python_take_words(struct record *from, addr *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[i] = record_number(from);
}

static void take_gc_state(struct record *from, struct gc_state *s)
{
    uint64_t bits = record_below(from, 16);
    *s = (struct gc_state){
        .known = bits & 1,
        .enabled = bits >> 1 & 1,
        .collecting = bits >> 2 & 1,
        .marks_next = bits >> 3 & 1,
    };
    s->debug = (uint32_t)record_number(from);
    for (int g = 0; g < 3; g++) {
        s->threshold[g] = (uint32_t)record_number(from);
        s->count[g] = (uint32_t)record_number(from);
        s->collections[g] = record_number(from);
        s->collected[g] = record_number(from);
        s->uncollectable[g] = record_number(from);
    }
    s->garbage = record_number(from);
    s->callbacks = record_number(from);
    s->long_lived_total = record_number(from);
    s->long_lived_pending = record_number(from);
}

static bool take_interpreter(struct python *py, struct record *from, struct err *err)
{
    struct interpreter *in = &py->interpreters[py->interpreter_count];
    addr words[5];
    saved_python_take_words(from, words, 5);
    *in = (struct interpreter){ .at = words[0],
                                .gc = words[1],
                                .modules = words[2],
                                .sysdict = words[3],
                                .builtins = words[4] };
    saved_python_take_words(from, in->heads, GEN_COUNT);
    in->id = record_signed(from);
    size_t threads = record_count(from, 4);
    in->threads = calloc(threads + 1, sizeof *in->threads);
    if (!in->threads)
        return err_memory(err, "the threads");
    for (; in->thread_count < threads; in->thread_count++) {
        saved_python_take_words(from, words, 4);
        in->threads[in->thread_count] =
            (struct pythread){ words[0], words[1], words[2], words[3] != 0 };
    }
    take_gc_state(from, &py->gc_states[py->interpreter_count++]);
    return true;
}

static bool take_interpreters(struct python *py, struct record *from, struct err *err)
{
    size_t count = record_count(from, 20);
    if (!count || count > PYTHON_INTERPRETERS_MAX || from->bad)
        return store_strange(err, "it has no interpreter");
    py->interpreters = calloc(count, sizeof *py->interpreters);
    py->gc_states = calloc(count, sizeof *py->gc_states);
    if (!py->interpreters || !py->gc_states)
        return err_memory(err, "the interpreters");
    while (py->interpreter_count < count)
        if (!take_interpreter(py, from, err))
            return false;
    return true;
}

static void saved_python_take_line(struct record *from, struct arena *arena, char *to, size_t size)
{
    const char *text = record_text(from, arena);
    snprintf(to, size, "%s", text ? text : "");
    for (; *to; to++) // sentences of ours, one per line
        if (((unsigned char)*to < ' ' && *to != '\n') || (unsigned char)*to > '~')
            *to = '?';
}

static bool take_python(struct python *py, struct record *from, struct err *err)
{
    struct arena arena = ARENA_INIT;
    addr words[11];
    saved_python_take_words(from, words, 11);
    if (words[0] >= py->target->module_count || words[1] > UINT32_MAX
        || !rules_know((uint32_t)words[1]))
        return store_strange(err, "it is of no Python that ouro knows");
    py->module = (int)words[0];
    py->version = (uint32_t)words[1];
    py->runtime = words[2];
    py->type_type = words[3];
    py->object_type = words[4];
    py->none = words[5];
    py->set_dummy = words[6];
    py->lookdict = words[7];
    py->subtype_traverse = words[8];
    py->guards = (uint8_t)words[9];
    rules_set(&py->rules, py->version, &py->layout);
    py->rules.values_hide_dict = words[10] & 1;
    py->phase = words[10] >> 1 <= PHASE_STARTS ? (uint8_t)(words[10] >> 1) : PHASE_RUNS;
    saved_python_take_line(from, &arena, py->version_text, sizeof py->version_text);
    saved_python_take_line(from, &arena, py->warnings, sizeof py->warnings);
    arena_fini(&arena);
    return take_interpreters(py, from, err)
           && (!from->bad || store_strange(err, "what it says of Python makes no sense"));
}

static void set_bits(struct type *t, uint64_t word)
{
    bool is_weak; // the row in `value` says so
    bool *const bits[] = { &t->is_gc,       &t->is_python_class,  &t->visits_dict,
                           &t->visits_type, &t->is_metatype,      &is_weak,
                           &t->is_leaf,     &t->visits_type_last, &t->has_finalizer };
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
        *bits[i] = word >> i & 1;
}

// What decoders rely on without checking: see fill_row in type.c.
static bool is_sane(const struct python *py, const struct type *t)
{
    return t->name && t->tp_name && t->at && t->basicsize >= py->layout.sizeof_PyObject
           && t->basicsize <= 1 << 24 && t->itemsize >= 0 && t->itemsize <= 1 << 20;
}

static bool take_type(struct python *py, struct record *from, struct arena *arena, struct err *err)
{
    addr words[14];
    struct type row = { 0 };
    enum type_kind kinds[3];
    const char *names[3] = { NULL, NULL, NULL };
    saved_python_take_words(from, words, 14);
    row.at = words[0], row.flags = words[1], row.base = words[2], row.metatype = words[3];
    row.traverse = words[4], row.finalize = words[5], row.del = words[6], row.dict = words[7];
    row.cached_keys = words[8], row.presize = (uint8_t)words[9], row.head = (uint8_t)words[10];
    row.is_gc_too = words[12];
    row.shared_count = words[13] < SHARED_MAX ? words[13] : 0;
    set_bits(&row, words[11]);
    row.basicsize = record_signed(from);
    row.itemsize = record_signed(from);
    row.dictoffset = record_signed(from);
    row.weaklistoffset = record_signed(from);
    row.name = record_escaped(from, arena);
    row.tp_name = record_escaped(from, arena);
    for (int i = 0; i < 3; i++) {
        kinds[i] = (enum type_kind)record_below(from, TYPE_KINDS);
        if (kinds[i] == TYPE_KIND_NAMED)
            names[i] = record_text(from, arena);
    }
    row.slot_count = (uint32_t)record_count(from, SLOT_LEAST);
    struct type_slot *slots = arena_alloc(arena, (row.slot_count + 1) * sizeof *slots);
    if (!slots)
        return err_memory(err, "the types");
    for (uint32_t i = 0; i < row.slot_count; i++) {
        slots[i].offset = (int32_t)record_signed(from);
        slots[i].name = record_number(from);
        from->bad |= slots[i].offset <= 0 || slots[i].offset >= 1 << 20;
    }
    row.slots = slots;
    if (from->bad || !is_sane(py, &row))
        return store_strange(err, "its types make no sense");
    return types_add(py, &row, kinds, names, err);
}

static bool saved_python_take_types(struct python *py, struct record *from, struct err *err)
{
    struct arena arena = ARENA_INIT;
    bool ok = types_new(&py->types, err);
    for (size_t count = record_count(from, 20); ok && count; count--) {
        arena_reset(&arena);
        ok = take_type(py, from, &arena, err);
    }
    arena_fini(&arena);
    return ok && (!from->bad || store_strange(err, "its types make no sense"));
}

static bool take_layout(struct python *py, struct store *store, struct err *err)
{
    void *text;
    size_t size;
    if (!store_load(store, LAYOUT, LAYOUT_MAX, &text, &size, err))
        return false;
    bool ok = layout_parse(&py->layout, text, size, "the saved heap's layout", err);
    const struct layout *l = &py->layout;
    // What python_open() ensures before any decoder runs.
    if (ok
        && (l->PyObject_ob_type < 0 || l->sizeof_PyObject <= 0 || l->sizeof_PyTypeObject < 0
            || l->PyTypeObject_tp_flags < 0 || l->PyGC_Head__gc_next < 0))
        ok = store_strange(err, "its layout lacks the first things");
    free(text);
    return ok;
}

static bool take_section(struct python *py, struct store *store, const char *name,
                         bool (*take)(struct python *, struct record *, struct err *),
                         struct err *err)
{
    void *bytes;
    size_t size;
    if (!store_load(store, name, SECTION_MAX, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    bool ok = take(py, &from, err);
    free(bytes);
    return ok;
}

bool python_restore(struct python *py, struct target *target, struct store *store,
                    enum disclosure how, struct err *err)
{
    *py = (struct python){ .target = target, .disclosure = how };
    if (take_layout(py, store, err) && take_section(py, store, SECTION, take_python, err)
        && take_section(py, store, TYPES, saved_python_take_types, err))
        return true;
    python_close(py);
    return false;
}
