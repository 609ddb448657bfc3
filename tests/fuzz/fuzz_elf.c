// SPDX-License-Identifier: GPL-3.0-or-later
// Files that a core names: sections, symbols, notes. OURO_FUZZ_ELF is a sound one; an input is a row
// of changes, or where it begins with ELF's own four bytes, the file itself.
#include <string.h>
#include <unistd.h>
#include <stdlib.h>

#include "harness.h"
#include "target/elf.h"

static void change_file(uint8_t *bytes, size_t *size, const struct fuzz_change *c)
{
    uint64_t value = fuzz_value(c);
    size_t width = (size_t)1 << (c->width & 3), at = c->offset;
    if (c->what % 8 == 0) { // near the end, where the table of sections is
        at = *size - at % (*size < 8192 ? *size : 8192);
    } else if (c->what % 8 == 1) { // cut off
        *size = at % *size;
        return;
    } else if (c->what % 8 < 6) { // the headers
        at %= 4096;
    }
    if (at < *size && *size - at >= width)
        memcpy(bytes + at, &value, width);
}

static void look_at(struct elf *elf, bool changed)
{
    uint64_t start, length;
    char name[256];
    fuzz_reach(1, "opened");
    elf_symbol(elf, "_PyRuntime", true);
    elf_symbol(elf, "main", false);
    elf_symbolize(elf, 0x1234, &start);
    bool section = elf_section(elf, ".text", &start, &length);
    elf_section(elf, ".PyRuntime", &start, &length);
    elf_has_debug(elf);
    elf_debug_link(elf, name, sizeof name);
    if (section)
        fuzz_reach(2, "sections");
    fuzz_plant(changed && section);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t *sound;
    static size_t sound_size;
    char path[32];
    fuzz_reach(0, "inputs");
    if (!sound)
        sound = fuzz_template("OURO_FUZZ_ELF", &sound_size);
    size_t used = sound_size;
    bool whole = size > 4 && !memcmp(data, "\177ELF", 4);
    uint8_t *bytes = malloc(whole ? size : sound_size);
    if (!bytes)
        return 0;
    memcpy(bytes, whole ? data : sound, whole ? size : sound_size);
    struct fuzz_change change;
    for (size_t i = 0; !whole && used && i < 64 && fuzz_change(data, size, i, &change); i++)
        change_file(bytes, &used, &change);
    int fd = fuzz_file(bytes, whole ? size : used, path);
    struct elf *elf = elf_open(path, NULL);
    if (elf)
        look_at(elf, used != sound_size || memcmp(bytes, sound, used));
    elf_free(elf);
    close(fd);
    free(bytes);
    return 0;
}
