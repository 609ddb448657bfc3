// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of a module in memory: see module_memory.h. The generic ABI, chapter "Dynamic Section".
#include "target/module_memory.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define DYNAMIC_MOST 512u // entries of PT_DYNAMIC

struct loaded {
    struct target *target;
    addr bias;
    const struct elf_shape *shape;
    bool copy;
    bool *lost;
    struct elf_tables tables;
    addr symbols, names, hash, old_hash, rela, plt;
    uint64_t names_size, rela_size, plt_size;
};

// glibc has relocated what PT_DYNAMIC points at, in place; musl has not.
static addr loaded_at(const struct loaded *l, uint64_t value)
{
    const struct elf_shape *s = l->shape;
    if (value >= l->bias + s->low && value < l->bias + s->high)
        return value;
    return value >= s->low && value < s->high ? l->bias + value : 0;
}

// The bytes of a table within the module, aligned to eight; null: not there.
static const void *loaded_view(struct loaded *l, addr at, uint64_t size)
{
    addr end = l->bias + l->shape->high;
    if (!at || !size || at >= end || size > end - at)
        return NULL;
    const void *view = target_view(l->target, at, size);
    if (!view || (!l->copy && (uintptr_t)view % 8 == 0))
        return view;
    void *copy = malloc(size);
    if (!copy) {
        *l->lost = true;
        return NULL;
    }
    memcpy(copy, view, size);
    l->tables.owned[l->tables.owned_count++] = copy;
    return copy;
}

static bool loaded_word(struct loaded *l, addr at, uint32_t *word)
{
    const void *view = target_view(l->target, at, sizeof *word);
    if (view)
        memcpy(word, view, sizeof *word);
    return view != NULL;
}

static void loaded_take(struct loaded *l, const Elf64_Dyn *d)
{
    uint64_t value = d->d_un.d_val;
    switch (d->d_tag) {
    case DT_SYMTAB:
        l->symbols = loaded_at(l, value);
        break;
    case DT_STRTAB:
        l->names = loaded_at(l, value);
        break;
    case DT_STRSZ:
        l->names_size = value;
        break;
    case DT_GNU_HASH:
        l->hash = loaded_at(l, value);
        break;
    case DT_HASH:
        l->old_hash = loaded_at(l, value);
        break;
    case DT_RELA:
        l->rela = loaded_at(l, value);
        break;
    case DT_RELASZ:
        l->rela_size = value;
        break;
    case DT_JMPREL:
        l->plt = loaded_at(l, value);
        break;
    case DT_PLTRELSZ:
        l->plt_size = value;
        break;
    default:
        break;
    }
}

static void loaded_read_dynamic(struct loaded *l)
{
    uint64_t entries = l->shape->dynamic_size / sizeof(Elf64_Dyn);
    for (uint64_t i = 0; i < entries && i < DYNAMIC_MOST; i++) {
        Elf64_Dyn d;
        const void *at =
            target_view(l->target, l->bias + l->shape->dynamic + i * sizeof d, sizeof d);
        if (!at)
            return;
        memcpy(&d, at, sizeof d);
        if (d.d_tag == DT_NULL)
            return;
        loaded_take(l, &d);
    }
}

// Only the hash table tells how many symbols there are: by the end of the last chain.
static uint64_t loaded_read_hash(struct loaded *l)
{
    uint32_t
        head[4]; // buckets, the first symbol that is found, words of the Bloom filter, its shift
    for (size_t i = 0; i < 4; i++)
        if (!l->hash || !loaded_word(l, l->hash + 4 * i, &head[i]))
            return 0;
    uint64_t buckets = 4 + 2 * (uint64_t)head[2], chains = buckets + head[0];
    if (!head[0] || chains > (l->shape->high - l->shape->low) / 4)
        return 0;
    uint64_t last = 0;
    for (uint64_t i = buckets; i < chains; i++) {
        uint32_t first;
        if (!loaded_word(l, l->hash + 4 * i, &first))
            return 0;
        last = first > last ? first : last;
    }
    if (last < head[1]) // it exports nothing
        return head[1];
    addr end = l->bias + l->shape->high;
    for (uint32_t chain = 0; !(chain & 1); last++) {
        addr at = l->hash + 4 * (chains + (last - head[1]));
        if (at >= end || !loaded_word(l, at, &chain))
            return 0;
    }
    l->tables.hash_words = (size_t)(chains + (last - head[1]));
    l->tables.hash = loaded_view(l, l->hash, 4 * l->tables.hash_words);
    return l->tables.hash ? last : 0;
}

static uint64_t loaded_count_symbols(struct loaded *l)
{
    uint32_t count;
    if (l->hash)
        return loaded_read_hash(l);
    return l->old_hash && loaded_word(l, l->old_hash + 4, &count) ? count : 0;
}

static bool loaded_read_symbols(struct loaded *l)
{
    struct elf_tables *t = &l->tables;
    uint64_t count = loaded_count_symbols(l);
    if (!count || count > UINT32_MAX)
        return false;
    t->symbols = loaded_view(l, l->symbols, count * sizeof(Elf64_Sym));
    t->symbol_count = count;
    t->names = loaded_view(l, l->names, l->names_size);
    t->names_size = l->names_size;
    return t->symbols && t->names && !t->names[t->names_size - 1];
}

struct elf *module_memory_open(struct target *target, addr bias, const struct elf_shape *shape,
                               bool copy, bool *lost)
{
    struct loaded l = {
        .target = target,
        .bias = bias,
        .shape = shape,
        .copy = copy,
        .lost = lost,
        .tables = { .shape = *shape },
    };
    loaded_read_dynamic(&l);
    struct elf *elf = NULL;
    if (loaded_read_symbols(&l)) {
        l.tables.rela = loaded_view(&l, l.rela, l.rela_size);
        l.tables.rela_size = l.tables.rela ? l.rela_size : 0;
        l.tables.plt = loaded_view(&l, l.plt, l.plt_size);
        l.tables.plt_size = l.tables.plt ? l.plt_size : 0;
        elf = elf_of_tables(&l.tables);
        *lost |= !elf;
    }
    for (size_t i = 0; !elf && i < l.tables.owned_count; i++)
        free(l.tables.owned[i]);
    return elf;
}
