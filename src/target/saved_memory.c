// SPDX-License-Identifier: GPL-3.0-or-later
// The target of a saved heap: see saved_memory.h.
#include "target/saved_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/arena.h"
#include "base/record.h"
#include "base/vec.h"
#include "target/elf.h"
#include "target/image.h"
#include "target/module.h"
#include "target/ops.h"

#define SECTION "target"
#define MISSING "target.missing" // the number of bytes, and a sentence
#define PROVENANCE "provenance"
#define SECTION_MAX ((size_t)1 << 28)
#define SPACE_MAX ((uint64_t)1 << 46) // all segments together
#define ROWS_MOST ((size_t)1 << 24)
// Before and after all memory: a forged layout may lead a decoder as far beyond the end of its view
// as an offset can be, and there it finds zeros.
#define GUARD ((size_t)2 << 20)

struct name { // of an address in C, or of a variable
    const char *text;
    addr at;
};

struct saved_memory_names {
    struct name *rows;
    size_t count, capacity;
};

struct block {       // one that is not all zeros
    uint64_t number; // counted over the blocks of all segments
    uint64_t offset, packed;
};

struct saved {
    struct store *store;
    struct arena arena;
    struct target_origin origin;
    struct saved_memory_names variables, places; // sorted by text and by address
    struct block *blocks;
    size_t block_count, block_capacity;
    uint64_t *first; // per segment: its first block's number
    uint8_t *room;   // guard, all segments, guard
    size_t space;    // total size of the segments
};

// --- writing ------------------------------------------------------------------------------------

struct saved_memory_writing {
    struct target *target;
    struct text text, rows;
    addr bias;
    uint64_t count;
    enum disclosure how;
};

static void put_path(struct saved_memory_writing *w, const char *path)
{
    record_put_text(&w->text, disclose_path(w->how, path));
}

static void put_origin(struct saved_memory_writing *w)
{
    const struct target *t = w->target;
    const struct target_origin *origin = target_origin(t);
    record_put_text(&w->text, origin ? origin->kind : t->kind);
    record_put_text(&w->text, disclose_text(w->how, origin ? origin->path : t->path));
    record_put_text(&w->text, PACKAGE_VERSION);
    record_put_signed(&w->text, (int64_t)time(NULL));
}

static void put_modules(struct saved_memory_writing *w)
{
    const struct target *t = w->target;
    record_put(&w->text, t->module_count);
    for (size_t i = 0; i < t->module_count; i++) {
        const struct module *m = &t->modules[i];
        put_path(w, m->path);
        record_put(&w->text, m->file != NULL);
        record_put(&w->text, m->start);
        record_put(&w->text, m->end - m->start);
        record_put_signed(&w->text, (int64_t)m->bias);
        record_put(&w->text, m->refused);
        record_put(&w->text, m->is_program);
        record_put(&w->text, m->build_id_size);
        text_add(&w->text, (const char *)m->build_id, m->build_id_size);
    }
}

static void saved_memory_put_threads(struct saved_memory_writing *w)
{
    const struct target *t = w->target;
    record_put(&w->text, t->thread_count);
    for (size_t i = 0; i < t->thread_count; i++) {
        record_put_signed(&w->text, t->threads[i].tid);
        record_put(&w->text, t->threads[i].fs_base);
        record_put(&w->text, t->threads[i].pc);
        record_put(&w->text, t->threads[i].sp);
        record_put(&w->text, t->threads[i].crashed);
    }
}

static void put_variable(void *context, const char *name, uint64_t at)
{
    struct saved_memory_writing *w = context;
    record_put_text(&w->rows, name);
    record_put(&w->rows, at + w->bias);
    w->count++;
}

static void end_rows(struct saved_memory_writing *w)
{
    record_put(&w->text, w->count);
    text_add(&w->text, text_string(&w->rows), w->rows.size);
    w->text.failed |= w->rows.failed;
    text_clear(&w->rows);
    w->count = 0;
}

static void put_variables(struct saved_memory_writing *w, int module)
{
    const struct saved *saved = target_origin(w->target) ? w->target->state : NULL;
    const struct module *m = &w->target->modules[module];
    for (size_t i = 0; saved && discloses_values(w->how) && i < saved->variables.count; i++)
        put_variable(w, saved->variables.rows[i].text, saved->variables.rows[i].at);
    w->bias = m->bias;
    if (m->elf && discloses_values(w->how))
        elf_each_variable(m->elf, put_variable, w);
    end_rows(w);
}

static void put_places(struct saved_memory_writing *w, const addr *named, size_t count)
{
    char text[200];
    w->bias = 0;
    for (size_t i = 0; i < count && discloses_values(w->how); i++)
        if (target_symbolize(w->target, named[i], text, sizeof text))
            put_variable(w, text, named[i]);
    end_rows(w);
}

// What identifies a run (struct target), where values are disclosed.
static void put_run(struct saved_memory_writing *w)
{
    uint64_t words[2];
    bool known = w->target->has_run && discloses_values(w->how);
    memcpy(words, w->target->run, sizeof words);
    record_put(&w->text, known);
    record_put(&w->text, known ? words[0] : 0);
    record_put(&w->text, known ? words[1] : 0);
}

// A section of its own, which complete targets do not have.
static void put_missing(const struct target *target, struct store_out *out)
{
    char why[sizeof target->missing_why];
    struct text text = TEXT_INIT;
    if (!target_incomplete_text(target, why, sizeof why))
        return;
    record_put(&text, target_incomplete(target));
    record_put_text(&text, why);
    store_put_text(out, MISSING, &text);
    text_fini(&text);
}

// Likewise: older saved heaps have none.
static void saved_memory_put_provenance(const struct target *target, enum disclosure how,
                                        struct store_out *out)
{
    struct text text = TEXT_INIT;
    if (!provenance_known(&target->provenance))
        return;
    provenance_put(&target->provenance, how, &text);
    store_put_text(out, PROVENANCE, &text);
    text_fini(&text);
}

void target_write(struct target *target, int module, const addr *named, size_t named_count,
                  enum disclosure how, struct store_out *out)
{
    struct saved_memory_writing w = { .target = target, .how = how };
    put_missing(target, out);
    saved_memory_put_provenance(target, how, out);
    put_origin(&w);
    record_put(&w.text, target->machine);
    record_put_signed(&w.text, target->pid);
    record_put_text(&w.text, disclose_text(how, target->command));
    record_put_signed(&w.text, target->signal);
    record_put(&w.text, target->faults);
    record_put(&w.text, target->stopped_us);
    put_run(&w);
    saved_memory_put_threads(&w);
    put_modules(&w);
    put_variables(&w, module);
    put_places(&w, named, named_count);
    store_put_text(out, SECTION, &w.text);
    text_fini(&w.text);
    text_fini(&w.rows);
}

// --- reading ------------------------------------------------------------------------------------

static char *take_string(struct record *from, struct arena *arena)
{
    const char *text = record_text(from, arena);
    char *kept = text ? strdup(text) : NULL;
    from->bad |= text && !kept;
    return kept;
}

static bool saved_memory_take_threads(struct target *t, struct record *from, struct err *err)
{
    size_t count = record_count(from, 5);
    t->threads = calloc(count + 1, sizeof *t->threads);
    if (!t->threads)
        return err_memory(err, "the list of threads");
    for (; t->thread_count < count && !from->bad; t->thread_count++) {
        struct thread *thread = &t->threads[t->thread_count];
        thread->tid = (pid_t)record_signed(from);
        thread->fs_base = record_number(from);
        thread->pc = record_number(from);
        thread->sp = record_number(from);
        thread->crashed = record_below(from, 2);
    }
    return true;
}

static void take_module(struct target *t, struct saved *saved, struct record *from, addr *reached)
{
    struct module *m = &t->modules[t->module_count++];
    m->path = take_string(from, &saved->arena);
    m->file = record_below(from, 2) && m->path ? strdup(m->path) : NULL;
    m->start = record_number(from);
    m->end = m->start + record_number(from);
    m->bias = (addr)record_signed(from);
    m->refused = record_below(from, 2);
    m->is_program = record_below(from, 2);
    m->build_id_size = (uint8_t)record_below(from, sizeof m->build_id + 1);
    if ((size_t)(from->end - from->at) < m->build_id_size || m->start < *reached
        || m->end < m->start)
        from->bad = true;
    if (from->bad)
        return;
    memcpy(m->build_id, from->at, m->build_id_size);
    from->at += m->build_id_size;
    *reached = m->end;
}

static bool take_modules(struct target *t, struct saved *saved, struct record *from,
                         struct err *err)
{
    size_t count = record_count(from, 8);
    addr reached = 0;
    t->modules = calloc(count + 1, sizeof *t->modules);
    if (!t->modules)
        return err_memory(err, "the list of modules");
    while (t->module_count < count && !from->bad)
        take_module(t, saved, from, &reached);
    return true;
}

static bool saved_memory_take_names(struct saved_memory_names *names, struct saved *saved,
                                    struct record *from, struct err *err)
{
    size_t count = record_count(from, 2);
    if (!vec_grow(&names->rows, &names->capacity, count + 1, sizeof *names->rows, err))
        return false;
    while (names->count < count && !from->bad) {
        struct name row = { record_text(from, &saved->arena), 0 };
        row.at = record_number(from);
        from->bad |= !row.text;
        if (!from->bad)
            names->rows[names->count++] = row;
    }
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static int by_place(const void *a, const void *b)
{
    addr x = ((const struct name *)a)->at, y = ((const struct name *)b)->at;
    return x < y ? -1 : x > y;
}

static bool take_target(struct target *t, struct saved *saved, struct record *from, struct err *err)
{
    saved->origin.kind = record_text(from, &saved->arena);
    saved->origin.path = record_text(from, &saved->arena);
    saved->origin.version = record_text(from, &saved->arena);
    saved->origin.when = record_signed(from);
    t->machine = (enum machine)record_below(from, MACHINE_AARCH64 + 1);
    t->pid = (pid_t)record_signed(from);
    t->command = take_string(from, &saved->arena);
    t->signal = (int)record_signed(from);
    t->faults = record_number(from);
    t->stopped_us = record_number(from);
    t->has_run = record_below(from, 2) != 0;
    uint64_t words[2];
    words[0] = record_number(from);
    words[1] = record_number(from);
    memcpy(t->run, words, sizeof words);
    if (!saved_memory_take_threads(t, from, err) || !take_modules(t, saved, from, err)
        || !saved_memory_take_names(&saved->variables, saved, from, err)
        || !saved_memory_take_names(&saved->places, saved, from, err))
        return false;
    if (from->bad)
        return store_strange(err, "what it says of the process makes no sense");
    qsort(saved->variables.rows, saved->variables.count, sizeof(struct name), by_text);
    qsort(saved->places.rows, saved->places.count, sizeof(struct name), by_place);
    return true;
}

// --- memory -------------------------------------------------------------------------------------

static uint64_t saved_memory_block_count(uint64_t size)
{
    return (size + BLOCK_SIZE - 1) / BLOCK_SIZE;
}

static uint64_t rounded(uint64_t size)
{
    return (size + BLOCK_PAGE - 1) & ~(BLOCK_PAGE - 1);
}

// The blocks of one segment, from the number `first` on.
static bool take_blocks(struct saved *saved, struct record *from, uint64_t first, uint64_t count,
                        uint64_t *offset, struct err *err)
{
    for (uint64_t i = 0; i < count && !from->bad; i++) {
        uint64_t packed = record_below(from, BLOCK_SIZE * 2);
        if (!packed) {
            uint64_t zeros = record_below(from, count - i + 1);
            from->bad |= !zeros;
            i += zeros - 1;
            continue;
        }
        if (!vec_grow(&saved->blocks, &saved->block_capacity, saved->block_count + 1,
                      sizeof *saved->blocks, err))
            return false;
        saved->blocks[saved->block_count++] = (struct block){ first + i, *offset, packed };
        *offset += packed;
    }
    return true;
}

struct saved_memory_taking { // what the previous rows have taken
    addr reached;
    uint64_t space, blocks, offset;
};

static bool saved_memory_take_row(struct saved *saved, struct segments *list, struct record *from,
                                  struct saved_memory_taking *taking, struct err *err)
{
    addr start = taking->reached + record_number(from);
    uint64_t size = record_below(from, SPACE_MAX);
    uint32_t flags = (uint32_t)record_below(from, 8);
    if (from->bad || !size || start < taking->reached || start + size < start
        || start + size > ADDRESS_END || taking->space + rounded(size) > SPACE_MAX
        || list->count == ROWS_MOST) {
        from->bad = true;
        return true;
    }
    // offset: where its part begins in the common reservation, until that exists
    struct segment row = {
        .start = start, .end = start + size, .flags = flags, .module = -1, .offset = taking->space
    };
    uint64_t first = taking->blocks;
    taking->reached = start + size;
    taking->space += rounded(size);
    taking->blocks += saved_memory_block_count(size);
    return segments_add(list, row, err)
           && take_blocks(saved, from, first, saved_memory_block_count(size), &taking->offset, err);
}

// One reservation for all segments; each has its part.
static bool reserve(struct saved *saved, struct segments *list, uint64_t space, struct err *err)
{
    saved->first = calloc(list->count + 1, sizeof *saved->first);
    uint8_t *room = saved->first ? mmap(NULL, space + 2 * GUARD, PROT_READ | PROT_WRITE,
                                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
                                 : MAP_FAILED;
    if (room == MAP_FAILED)
        return err_memory(err, "the saved memory");
    saved->room = room;
    saved->space = space;
    uint64_t block = 0;
    size_t i = 0;
    for (; i < list->count; i++) {
        struct segment *s = &list->rows[i];
        uint64_t blocks = saved_memory_block_count(s->end - s->start);
        s->filled = calloc((size_t)(blocks / 64 + 1), sizeof *s->filled);
        if (!s->filled)
            break;
        s->host = room + GUARD + s->offset;
        s->offset = 0;
        saved->first[i] = block;
        block += blocks;
    }
    if (i == list->count)
        return true;
    while (i--)
        free(list->rows[i].filled);
    list->count = 0;
    munmap(room + GUARD, space);
    return err_memory(err, "the saved memory");
}

static bool take_missing(struct target *t, struct saved *saved, struct err *err)
{
    void *bytes;
    size_t size;
    if (!store_has(saved->store, MISSING))
        return true;
    if (!store_load(saved->store, MISSING, 4096, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    t->missing = record_number(&from);
    const char *why = record_text(&from, &saved->arena);
    snprintf(t->missing_why, sizeof t->missing_why, "%s", why ? why : "");
    free(bytes);
    return !from.bad || store_strange(err, "what is missing of it makes no sense");
}

static bool saved_memory_take_provenance(struct target *t, struct saved *saved, struct err *err)
{
    void *bytes;
    size_t size;
    if (!store_has(saved->store, PROVENANCE))
        return true;
    if (!store_load(saved->store, PROVENANCE, 1 << 16, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    bool ok = provenance_take(&t->provenance, &from);
    free(bytes);
    return ok || store_strange(err, "where and when it was taken makes no sense");
}

static bool take_memory(struct target *t, struct saved *saved, struct err *err)
{
    void *bytes;
    size_t size;
    if (!store_has(saved->store, IMAGE_MAP))
        return true;
    if (!store_load(saved->store, IMAGE_MAP, SECTION_MAX, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    struct segments list = { 0 };
    struct saved_memory_taking taking = { 0 };
    bool ok = true;
    for (size_t count = record_count(&from, 4); ok && count && !from.bad; count--)
        ok = saved_memory_take_row(saved, &list, &from, &taking, err);
    if (ok && (from.bad || from.at != from.end))
        ok = store_strange(err, "its map of the memory makes no sense");
    if (ok && list.count)
        ok = reserve(saved, &list, taking.space, err);
    free(bytes);
    if (ok) { // each row by itself, as `first` counts them: target_take_segments() might join some
        t->segments = list.rows;
        t->segment_count = list.count;
        t->stored = saved->block_count * BLOCK_SIZE + 1;
        modules_tie(t);
    } else {
        segments_fini(&list);
    }
    return ok;
}

static int saved_memory_by_number(const void *a, const void *b)
{
    uint64_t x = ((const struct block *)a)->number, y = ((const struct block *)b)->number;
    return x < y ? -1 : x > y;
}

// Whole blocks only: if one cannot be unpacked, none of its pages can.
static size_t saved_fetch(struct target *t, addr from, void *to, size_t size)
{
    struct saved *saved = t->state;
    const struct segment *s = target_segment(t, from);
    if (!s || (from - s->start) % BLOCK_SIZE)
        return 0;
    const struct block key = { .number =
                                   saved->first[s - t->segments] + (from - s->start) / BLOCK_SIZE };
    const struct block *block =
        bsearch(&key, saved->blocks, saved->block_count, sizeof key, saved_memory_by_number);
    if (!block) // fresh memory is zero already
        return size;
    if (store_frame(saved->store, IMAGE_BYTES, block->offset, block->packed, to, size))
        return size;
    if (t->pending.kind == ERR_NONE)
        store_damaged(&t->pending, "some of its memory cannot be unpacked");
    return 0;
}

// A damaged block reads as missing: no answer that may rest on it is given.
static bool saved_check(const struct target *t, struct err *err)
{
    return t->pending.kind == ERR_NONE || err_set(err, t->pending.kind, "%s", t->pending.text);
}

// --- the rest of a target -----------------------------------------------------------------------

static addr saved_symbol(const struct target *t, const char *name)
{
    const struct saved *saved = t->state;
    const struct name *found, key = { name, 0 };
    found = bsearch(&key, saved->variables.rows, saved->variables.count, sizeof key, by_text);
    return found ? found->at : 0;
}

static const char *saved_symbolize(const struct target *t, addr at)
{
    const struct saved *saved = t->state;
    const struct name *found, key = { NULL, at };
    found = bsearch(&key, saved->places.rows, saved->places.count, sizeof key, by_place);
    return found ? found->text : NULL;
}

static void saved_close(struct target *t)
{
    struct saved *saved = t->state;
    if (saved->room) { // the memory between the guards was freed with the segments
        munmap(saved->room, GUARD);
        munmap(saved->room + GUARD + saved->space, GUARD);
    }
    arena_fini(&saved->arena);
    free(saved->variables.rows);
    free(saved->places.rows);
    free(saved->blocks);
    free(saved->first);
    free(saved);
}

static const struct target_ops saved_ops = {
    .name = "saved",
    .fetch = saved_fetch,
    .check = saved_check,
    .symbol = saved_symbol,
    .symbolize = saved_symbolize,
    .close = saved_close,
};

const struct target_origin *target_origin(const struct target *target)
{
    return target->ops == &saved_ops ? &((const struct saved *)target->state)->origin : NULL;
}

static bool saved_memory_take_all(struct target *t, struct saved *saved, struct err *err)
{
    void *bytes;
    size_t size;
    if (!store_load(saved->store, SECTION, SECTION_MAX, &bytes, &size, err))
        return false;
    struct record from = { .at = bytes, .end = (uint8_t *)bytes + size };
    bool ok = take_target(t, saved, &from, err);
    free(bytes);
    return ok && take_missing(t, saved, err) && saved_memory_take_provenance(t, saved, err)
           && take_memory(t, saved, err);
}

bool target_open_saved(struct target *target, struct store *store, const char *path,
                       struct err *err)
{
    *target = (struct target){ .kind = "saved", .fd = -1 };
    struct saved *saved = calloc(1, sizeof *saved);
    if (!saved)
        return err_memory(err, path);
    saved->store = store;
    target->ops = &saved_ops;
    target->state = saved;
    target->path = strdup(path);
    if (!target->path)
        err_memory(err, path);
    if (target->path && saved_memory_take_all(target, saved, err))
        return true;
    target_close(target);
    return false;
}
