// SPDX-License-Identifier: GPL-3.0-or-later
// Reading relocations: see worker_plain.h.
#include "py/extension/worker_plain.h"

#include <elf.h>
#include <string.h>

#include "base/vec.h"
#include "target/elf.h"

static const struct {
    const char *name;
    uint32_t plain;
} names[] = {
    { "memcmp", JAIL_MEMCMP },   { "strcmp", JAIL_STRCMP },   { "strncmp", JAIL_STRNCMP },
    { "strlen", JAIL_STRLEN },   { "strnlen", JAIL_STRNLEN }, { "strchr", JAIL_STRCHR },
    { "strrchr", JAIL_STRRCHR }, { "memchr", JAIL_MEMCHR },   { "memmove", JAIL_MEMMOVE },
    { "memset", JAIL_MEMSET },   { "bcmp", JAIL_MEMCMP },     { "memcpy", JAIL_MEMMOVE },
    { "index", JAIL_STRCHR },    { "rindex", JAIL_STRRCHR },
};

struct piece { // of a file
    const uint8_t *bytes;
    size_t size;
};

static struct piece section(const struct module *module, const char *name)
{
    struct piece piece;
    piece.bytes = elf_dynamic(module->elf, name, &piece.size);
    return piece;
}

static uint32_t plain_of(struct piece symbols, struct piece strings, uint64_t index)
{
    Elf64_Sym symbol;
    if (index >= symbols.size / sizeof symbol)
        return JAIL_PLAINS;
    memcpy(&symbol, symbols.bytes + index * sizeof symbol, sizeof symbol);
    if (symbol.st_name >= strings.size)
        return JAIL_PLAINS;
    const char *name = (const char *)strings.bytes + symbol.st_name;
    size_t most = strings.size - symbol.st_name;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i].name) + 1;
        if (length <= most && !memcmp(name, names[i].name, length))
            return names[i].plain;
    }
    return JAIL_PLAINS;
}

struct worker_plain_finding {
    struct target *target;
    struct jail_patch **rows;
    size_t *count, *room;
    struct err *err;
};

static bool worker_plain_add(struct worker_plain_finding *f, uint64_t at, uint32_t plain)
{
    for (size_t i = 0; i < *f->count; i++)
        if ((*f->rows)[i].at == at)
            return true;
    if (!vec_grow(f->rows, f->room, *f->count + 1, sizeof **f->rows, f->err))
        return false;
    (*f->rows)[(*f->count)++] = (struct jail_patch){ .at = at, .plain = plain };
    return true;
}

static bool worker_plain_find_in(struct worker_plain_finding *f, int index, const char *relocations)
{
    const struct module *module = &f->target->modules[index];
    struct piece slots = section(module, relocations), symbols = section(module, ".dynsym");
    struct piece strings = section(module, ".dynstr");
    for (size_t i = 0; i < slots.size / sizeof(Elf64_Rela); i++) {
        Elf64_Rela slot;
        memcpy(&slot, slots.bytes + i * sizeof slot, sizeof slot);
        uint32_t type = ELF64_R_TYPE(slot.r_info);
        if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT)
            continue;
        uint32_t plain = plain_of(symbols, strings, ELF64_R_SYM(slot.r_info));
        bool ok = true;
        uint64_t at =
            plain < JAIL_PLAINS ? target_u64(f->target, module->bias + slot.r_offset, &ok) : 0;
        // A slot that was never used points back into its own module.
        int there = at && ok ? target_module_of(f->target, at) : -1;
        if (there >= 0 && there != index && !worker_plain_add(f, at, plain))
            return false;
    }
    return true;
}

bool worker_find_plain(struct target *target, struct jail_patch **rows, size_t *count, size_t *room,
                       struct err *err)
{
    struct worker_plain_finding f = { target, rows, count, room, err };
    for (size_t i = 0; i < target->module_count && target->machine == MACHINE_X86_64; i++)
        if (target->modules[i].elf
            && !(worker_plain_find_in(&f, (int)i, ".rela.plt")
                 && worker_plain_find_in(&f, (int)i, ".rela.dyn")))
            return false;
    return true;
}
