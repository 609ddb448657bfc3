// SPDX-License-Identifier: GPL-3.0-or-later
// Describing blocks: see block_content.h.
#include "heap/memory/block_content.h"

#include <string.h>

#include "py/extension/structs.h"
#include "py/load.h"
#include "py/objects/member.h"
#include "py/objects/type.h"

#define LOOK 64      // bytes read per block
#define TEXT_LEAST 6 // letters in a row
#define WAY_MAX 24

static const char *content_base(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? slash + 1 : path ? path : "?";
}

static bool content_is_text(const uint8_t *bytes, size_t size)
{
    size_t n = 0;
    while (n < size
           && ((bytes[n] >= ' ' && bytes[n] < 0x7f) || bytes[n] == '\n' || bytes[n] == '\t'))
        n++;
    return n == size || (n >= TEXT_LEAST && bytes[n] == 0);
}

static bool content_is_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

// The module of the first word that points into a library.
static int content_module(const struct target *t, const uint8_t *bytes, size_t size, addr *at)
{
    for (size_t k = 0; k + 8 <= size; k += 8) {
        addr word = load64(bytes + k);
        int module = word >> 12 ? target_module_of(t, word) : -1;
        if (module < 0)
            continue;
        *at = word;
        return module;
    }
    return -1;
}

static void content_symbol(struct target *t, int module, addr at, struct text *out)
{
    char symbol[256];
    text_add_string(out, "has ");
    if (target_symbolize(t, at, symbol, sizeof symbol))
        text_add_escaped(out, symbol, strlen(symbol));
    else
        text_add_format(out, "+0x%llx", (unsigned long long)(at - t->modules[module].bias));
    text_add_string(out, " of ");
    const char *base = content_base(t->modules[module].path);
    text_add_escaped(out, base, strlen(base));
}

static void content_words(struct block_owners *o, uint32_t block, const uint8_t *bytes, size_t size,
                          struct text *out)
{
    for (size_t k = 0; k + 8 <= size; k += 8) {
        uint32_t to = block_index_find(&o->index, load64(bytes + k));
        if (to == BLOCK_NONE || to == block)
            continue;
        text_add_format(out, "+0x%zx points at a block of ", k);
        text_add_count(out, block_owners_bytes(o, to));
        return;
    }
    text_add_string(out, "begins with");
    for (size_t k = 0; k < size && k < 8; k++)
        text_add_format(out, " %02x", bytes[k]);
}

static void block_describe(struct block_owners *o, uint32_t block, bool values, struct text *out)
{
    struct target *t = o->heap->py->target;
    uint64_t most = o->rows[block].size < LOOK ? o->rows[block].size : LOOK;
    size_t size = target_readable(t, o->rows[block].at, most);
    const uint8_t *bytes = size ? target_view(t, o->rows[block].at, size) : NULL;
    addr at;
    if (!bytes) {
        text_add_string(out, "unreadable");
        return;
    }
    int module = content_module(t, bytes, size, &at);
    if (module >= 0) {
        content_symbol(t, module, at, out);
    } else if (content_is_zero(bytes, size)) {
        text_add_string(out, "zeros");
    } else if (content_is_text(bytes, size)) {
        text_add_string(out, "text");
        if (values) {
            text_add_string(out, " '");
            text_add_escaped(out, (const char *)bytes,
                             strnlen((const char *)bytes, size < 40 ? size : 40));
            text_add_char(out, '\'');
        }
    } else {
        content_words(o, block, bytes, size, out);
    }
}

void block_content(struct block_owners *o, uint32_t block, struct text *out)
{
    block_describe(o, block, python_has_values(o->heap->py), out);
}

void block_kind(struct block_owners *o, uint32_t block, struct text *out)
{
    block_describe(o, block, false, out);
}

static addr block_root_word(const struct block_owners *o, uint32_t block)
{
    uint32_t first = block;
    while (o->from[first] != BLOCK_NONE)
        first = o->from[first];
    return o->word[first];
}

int block_library(struct block_owners *o, uint32_t block)
{
    const struct python *py = o->heap->py;
    struct target *t = py->target;
    uint64_t most = o->rows[block].size < LOOK ? o->rows[block].size : LOOK;
    size_t size = target_readable(t, o->rows[block].at, most);
    const uint8_t *bytes = size ? target_view(t, o->rows[block].at, size) : NULL;
    addr at;
    if (o->owner[block] != NODE_NONE)
        return type_module(py, type_row(py->types, heap_type(o->heap, o->owner[block])));
    if (o->how[block] == BLOCK_GLOBAL)
        return target_module_of(t, block_root_word(o, block));
    return bytes ? content_module(t, bytes, size, &at) : -1;
}

void block_holder(const struct block_owners *o, uint32_t block, struct text *out)
{
    struct target *t = o->heap->py->target;
    addr word = block_root_word(o, block);
    char symbol[256];
    switch ((enum block_how)o->how[block]) {
    case BLOCK_GLOBAL: {
        int module = word ? target_module_of(t, word) : -1;
        if (word && target_symbolize(t, word, symbol, sizeof symbol))
            text_add_escaped(out, symbol, strlen(symbol));
        else if (word)
            text_add_address(out, word);
        else
            text_add_string(out, "the interpreter's state");
        if (module >= 0) {
            const char *base = content_base(t->modules[module].path);
            text_add_string(out, " of ");
            text_add_escaped(out, base, strlen(base));
        }
        return;
    }
    case BLOCK_STACK:
        for (size_t i = 0; i < o->memory->stack_count; i++) {
            const struct memory_stack *stack = &o->memory->stacks[i];
            if (word - stack->from >= stack->to - stack->from)
                continue;
            text_add_format(out, "stack of thread %ld", (long)t->threads[stack->thread].tid);
            return;
        }
        text_add_string(out, word < sizeof t->threads->registers ? "a register"
                                                                 : "a thread's own memory");
        return;
    case BLOCK_OTHER:
        text_add_string(out, "memory at ");
        text_add_address(out, word);
        return;
    default:
        return;
    }
}

// The address of what contains the word: the owner reaches the first block of `via`, or another
// block does if the path is longer than there was room for.
static addr block_path_base(const struct block_owners *o, const uint32_t *via, uint32_t i)
{
    uint32_t before = i ? via[i - 1] : o->from[via[0]];
    if (before != BLOCK_NONE)
        return o->rows[before].at;
    return o->owner[via[0]] != NODE_NONE ? heap_addr(o->heap, o->owner[via[0]]) : 0;
}

// Takes one step; `name` is its name, if known. A pointer into the middle of a block says nothing
// of how the block begins.
static void block_step(const struct block_owners *o, uint32_t block, addr base, bool first,
                       struct structs_position *position, struct text *name)
{
    const struct python *py = o->heap->py;
    addr word = o->word[block];
    node owner = o->owner[block];
    text_clear(name);
    if (!word || word < base || owner == NODE_NONE
        || target_u64(py->target, word, NULL) != o->rows[block].at)
        *position = (struct structs_position){ 0 };
    else if (first)
        structs_begin(py, type_row(py->types, heap_type(o->heap, owner)), (int64_t)(word - base),
                      position, name);
    else
        structs_go_on(position, word - base, name);
    if (!position->of)
        text_clear(name);
}

struct block_hop {
    uint32_t block;
    bool many; // stands for others behind it that were reached the same way
};

// The path from the owner, with a list's nodes as one hop. 0: it is too long.
static uint32_t block_hops(struct block_owners *o, uint32_t block, struct block_hop hops[WAY_MAX])
{
    uint32_t count = 0;
    for (uint32_t b = block; b != BLOCK_NONE; b = o->from[b]) {
        if (count == WAY_MAX)
            return 0;
        uint32_t head = block_owners_head(o, b);
        hops[count++] = (struct block_hop){ head, head != b };
        b = head;
    }
    return count;
}

void block_struct(struct block_owners *o, uint32_t block, struct text *out)
{
    const struct python *py = o->heap->py;
    struct block_hop hops[WAY_MAX];
    struct structs_position position = { 0 };
    node owner = o->owner[block];
    if (o->how[block] != BLOCK_REACHED || owner == NODE_NONE
        || !structs_knows(py, type_row(py->types, heap_type(o->heap, owner))))
        return;
    struct text name = TEXT_INIT;
    uint32_t count = block_hops(o, block, hops);
    for (uint32_t i = count; i--;) {
        uint32_t from = o->from[hops[i].block];
        int32_t before = position.body;
        addr base = from != BLOCK_NONE ? o->rows[from].at : heap_addr(o->heap, owner);
        block_step(o, hops[i].block, base, i + 1 == count, &position, &name);
        if (!position.of || (hops[i].many && position.body != before))
            break;
        if (!i)
            structs_position_name(&position, out);
    }
    text_fini(&name);
}

void block_path(const struct block_owners *o, uint32_t block, struct text *out)
{
    uint32_t via[WAY_MAX];
    struct structs_position position = { 0 };
    struct text name = TEXT_INIT;
    uint32_t count = block_owners_chain(o, block, via, WAY_MAX);
    for (uint32_t i = 0; i < count; i++) {
        addr word = o->word[via[i]], base = block_path_base(o, via, i);
        if (i || o->from[via[0]] != BLOCK_NONE)
            text_add_string(out, i ? " -> " : "... ");
        if (!base)
            continue;
        if (word < base)
            text_add_format(out, "-0x%llx", (unsigned long long)(base - word));
        else
            text_add_format(out, "+0x%llx", (unsigned long long)(word - base));
        bool first = i == 0 && o->from[via[0]] == BLOCK_NONE;
        if (first || position.of)
            block_step(o, via[i], base, first, &position, &name);
        if (position.of)
            text_add_format(out, " (%s)", text_string(&name));
    }
    text_fini(&name);
}
