// SPDX-License-Identifier: GPL-3.0-or-later
// The program's functions and the names in them: see code.h.
#include "finding/code.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "py/runtime/frames.h"
#include "py/runtime/lines.h"
#include "py/objects/str.h"
#include "py/objects/type.h"

#define NAMES_MAX 4096 // of one function

static addr code_member(const struct heap *heap, node code, int32_t offset)
{
    bool ok = offset >= 0;
    addr at = ok ? target_u64(heap->py->target, heap_addr(heap, code) + (uint64_t)offset, &ok) : 0;
    return ok ? at : 0;
}

// --- bytecode -----------------------------------------------------------------------------------

#define CODE_MAX (UINT64_C(1) << 20) // bytes of one function that are looked at

// Include/opcode.h, Include/opcode_ids.h: with the forms that a running interpreter puts in their
// place (3.11 on).
struct opcodes {
    uint32_t until; // this version
    uint8_t store[4], delete;
};

static const struct opcodes *opcodes_of(uint32_t version)
{
    static const struct opcodes rows[] = {
        { PYMINOR(3, 6), { 0 }, 0 }, // instructions of 1 or 3 bytes
        { PYMINOR(3, 11), { 60 }, 61 },
        { PYMINOR(3, 12), { 60, 168, 169, 170 }, 61 },
        { PYMINOR(3, 13), { 60, 159, 160 }, 61 },
        { PYMINOR(3, 14), { 39, 212, 213 }, 9 },
        { PYMINOR(3, 15), { 38, 201, 202 }, 8 },
        { PYMINOR(3, 16), { 36, 208, 209 }, 8 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (version < rows[i].until)
            return &rows[i];
    return &rows[0];
}

static const uint8_t *bytecode(const struct heap *heap, node code, uint64_t *size)
{
    const struct python *py = heap->py;
    const struct layout *l = &py->layout;
    addr at = heap_addr(heap, code);
    bool ok = true;
    if (l->PyCodeObject_co_code_adaptive >= 0) {
        *size = 2 * target_u64(py->target, at + (uint64_t)l->PyVarObject_ob_size, &ok);
        at += (uint64_t)l->PyCodeObject_co_code_adaptive;
    } else {
        addr bytes = code_member(heap, code, l->PyCodeObject_co_code);
        if (!bytes || l->PyBytesObject_ob_sval < 0)
            return NULL;
        *size = target_u64(py->target, bytes + (uint64_t)l->PyVarObject_ob_size, &ok);
        at = bytes + (uint64_t)l->PyBytesObject_ob_sval;
    }
    return ok && *size && *size < CODE_MAX ? target_view(py->target, at, *size) : NULL;
}

static void look_at_instruction(const struct opcodes *opcodes, uint8_t instruction, bool *stores,
                                bool *deletes)
{
    for (size_t k = 0; k < sizeof opcodes->store; k++)
        *stores |= opcodes->store[k] && instruction == opcodes->store[k];
    *deletes |= instruction == opcodes->delete;
}

// Between 3.11's instructions lie words that they keep for themselves and that look like others.
// Where instructions begin, the table of locations tells (Objects/locations.md): an entry begins at
// each one whose place in the source is not that of the one before, and that of a subscript never
// is. An entry's first byte has its high bit set, and the number of words less one in the low three;
// what is longer goes on in the next entry.
static void walk_locations(const struct heap *heap, addr table, const struct opcodes *opcodes,
                           const uint8_t *bytes, uint64_t size, bool *stores, bool *deletes)
{
    const struct python *py = heap->py;
    const struct layout *l = &py->layout;
    bool ok = table && l->PyBytesObject_ob_sval >= 0;
    uint64_t length =
        ok ? target_u64(py->target, table + (uint64_t)l->PyVarObject_ob_size, &ok) : 0;
    const uint8_t *entries =
        ok && length && length < CODE_MAX
            ? target_view(py->target, table + (uint64_t)l->PyBytesObject_ob_sval, length)
            : NULL;
    uint64_t unit = 0;
    bool goes_on = false;
    for (uint64_t i = 0; entries && i < length && unit < size / 2; i++) {
        if (!(entries[i] & 0x80))
            continue;
        if (!goes_on)
            look_at_instruction(opcodes, bytes[2 * unit], stores, deletes);
        goes_on = (entries[i] & 7) == 7;
        unit += (entries[i] & 7) + 1;
    }
}

// Whether it stores into, or deletes, items of something.
static void find_subscripts(const struct heap *heap, node code, bool *stores, bool *deletes)
{
    const struct layout *l = &heap->py->layout;
    const struct opcodes *opcodes = opcodes_of(heap->py->version);
    uint64_t size = 0;
    const uint8_t *bytes = opcodes->delete ? bytecode(heap, code, &size) : NULL;
    if (!bytes)
        return;
    if (l->PyCodeObject_co_code_adaptive >= 0)
        walk_locations(heap, code_member(heap, code, l->PyCodeObject_co_linetable), opcodes, bytes,
                       size, stores, deletes);
    else
        for (uint64_t i = 0; i + 1 < size; i += 2)
            look_at_instruction(opcodes, bytes[i], stores, deletes);
}

static bool is_module(const struct heap *heap, node code)
{
    addr name = code_member(heap, code, heap->py->layout.PyCodeObject_co_name);
    return name && str_equals(heap->py, name, "<module>");
}

static bool file_is_program(const struct heap *heap, const struct root_paths *ways, addr file)
{
    struct text text = TEXT_INIT;
    str_append(heap->py, file, 4096, &text);
    bool is = text.size && !root_paths_is_library(text_string(&text), ways->standard);
    text_fini(&text);
    return is;
}

bool code_is_program(const struct heap *heap, const struct root_paths *ways, node code)
{
    addr file = code_member(heap, code, heap->py->layout.PyCodeObject_co_filename);
    return file && file_is_program(heap, ways, file);
}

bool code_list(struct code *code, const struct heap *heap, const struct root_paths *ways,
               struct err *err)
{
    addr last = 0; // code of one file lies together, and shares its name
    bool is_program = false;
    *code = (struct code){ 0 };
    for (node n = 0; n < heap->node_count; n++) {
        if (strcmp(type_row(heap->py->types, heap_type(heap, n))->name, "code"))
            continue;
        addr file = code_member(heap, n, heap->py->layout.PyCodeObject_co_filename);
        if (file != last) {
            is_program = file && file_is_program(heap, ways, file);
            last = file;
        }
        if (!is_program || is_module(heap, n))
            continue;
        if (!vec_grow(&code->items, &code->capacity, code->count + 1, sizeof *code->items, err))
            return false;
        code->items[code->count++] = n;
    }
    return true;
}

void code_free(struct code *code)
{
    free(code->items);
    *code = (struct code){ 0 };
}

// --- names --------------------------------------------------------------------------------------

static bool is_one_of(const struct heap *heap, addr name, const char *const *words)
{
    for (; *words; words++)
        if (str_equals(heap->py, name, *words))
            return true;
    return false;
}

// The first function that does it, or rather the first that surely does.
static void code_note(bool does, bool surely, node code, uint32_t *count, node *first,
                      bool *is_sure)
{
    if (does && (!*count || (surely && !*is_sure))) {
        *first = code;
        *is_sure = surely;
    }
    *count += does;
}

static void code_look_at(const struct heap *heap, node code, const char *wanted,
                         struct code_users *users)
{
    static const char *const fill[] = { "append",     "add",    "appendleft", "extend", "insert",
                                        "setdefault", "update", "push",       NULL };
    static const char *const empty[] = { "pop",     "popitem",    "popleft",  "remove",
                                         "discard", "clear",      "expire",   "evict",
                                         "prune",   "unregister", "truncate", "difference_update",
                                         NULL };
    const struct python *py = heap->py;
    addr names = code_member(heap, code, py->layout.PyCodeObject_co_names);
    bool ok = names && py->layout.PyTupleObject_ob_item >= 0;
    uint64_t count =
        ok ? target_u64(py->target, names + (uint64_t)py->layout.PyVarObject_ob_size, &ok) : 0;
    bool has = false, fills = false, empties = false, follows = false;
    bool fills_surely = false, empties_surely = false;
    for (uint64_t i = 0; ok && i < count && i < NAMES_MAX; i++) {
        addr name =
            target_u64(py->target, names + (uint64_t)py->layout.PyTupleObject_ob_item + i * 8, &ok);
        bool is = ok && str_equals(py, name, wanted);
        bool is_fill = ok && is_one_of(heap, name, fill);
        bool is_empty = ok && is_one_of(heap, name, empty);
        has |= is;
        fills |= is_fill;
        empties |= is_empty;
        fills_surely |= follows && is_fill;
        empties_surely |= follows && is_empty;
        follows = is;
    }
    if (!has)
        return;
    find_subscripts(heap, code, &fills, &empties);
    users->first = users->count++ ? users->first : code;
    code_note(fills, fills_surely, code, &users->filling, &users->fills, &users->fills_surely);
    code_note(empties, empties_surely, code, &users->emptying, &users->empties,
              &users->empties_surely);
}

void code_find_users(const struct code *code, const struct heap *heap, const char *name,
                     struct code_users *users)
{
    *users = (struct code_users){ .first = NODE_NONE, .fills = NODE_NONE, .empties = NODE_NONE };
    for (size_t i = 0; i < code->count; i++)
        code_look_at(heap, code->items[i], name, users);
}

void code_local_name(const struct heap *heap, node code, uint32_t i, struct text *out)
{
    const struct frame frame = { .code = heap_addr(heap, code) };
    addr name = frame_local_name(heap->py, &frame, i);
    if (name)
        str_append(heap->py, name, 100, out);
}

void code_free_name(const struct heap *heap, node code, uint32_t i, struct text *out)
{
    const struct python *py = heap->py;
    const struct layout *l = &py->layout;
    uint64_t at = heap_addr(heap, code), first = 0;
    if (l->PyCodeObject_co_nlocalsplus >= 0) {
        first = target_u32(py->target, at + (uint64_t)l->PyCodeObject_co_nlocalsplus, NULL)
                - target_u32(py->target, at + (uint64_t)l->PyCodeObject_co_nfreevars, NULL);
    } else {
        const int32_t before[] = { l->PyCodeObject_co_varnames, l->PyCodeObject_co_cellvars };
        for (int k = 0; k < 2; k++) {
            addr names = code_member(heap, code, before[k]);
            first +=
                names ? target_u64(py->target, names + (uint64_t)l->PyVarObject_ob_size, NULL) : 0;
        }
    }
    code_local_name(heap, code, (uint32_t)first + i, out);
}

uint32_t code_argument_count(const struct heap *heap, node code)
{
    int32_t offset = heap->py->layout.PyCodeObject_co_argcount;
    return offset < 0
               ? 0
               : target_u32(heap->py->target, heap_addr(heap, code) + (uint64_t)offset, NULL);
}

void code_name(const struct heap *heap, node code, struct text *out)
{
    const struct layout *l = &heap->py->layout;
    addr name = code_member(heap, code,
                            l->PyCodeObject_co_qualname >= 0 ? l->PyCodeObject_co_qualname
                                                             : l->PyCodeObject_co_name);
    addr file = code_member(heap, code, l->PyCodeObject_co_filename);
    str_append(heap->py, name, 100, out);
    text_add_string(out, "() ");
    struct text path = TEXT_INIT;
    str_append(heap->py, file, 4096, &path);
    const char *slash = strrchr(text_string(&path), '/');
    text_add_string(out, slash ? slash + 1 : text_string(&path));
    text_fini(&path);
    int32_t line = code_line(heap->py, heap_addr(heap, code), -1);
    if (line)
        text_add_format(out, ":%d", (int)line);
}
