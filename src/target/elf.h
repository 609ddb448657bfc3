// SPDX-License-Identifier: GPL-3.0-or-later
// One ELF program or library: what its headers say, and its symbols.
//
// Does not know: the target. Every address here is the file's own; callers that know the bias add it.
//
// The shape can be read from a file and from the first page of the same file in the target's
// memory; comparing the two tells whether the file on disk is still the one that ran.
//
// Owns: a read-only mapping of the file; the symbol tables point into it. One that was made of tables in
// memory (module_memory.h) has no file, and points there.
// Invariants: nothing outside [0, size) of the mapping is ever read, whatever the headers say.
// Cost: opening maps and reads one page. Exported names are found through the file's own hash
// table; .symtab is sorted when a name or an address is first asked that .dynsym does not know.
#ifndef OURO_TARGET_ELF_H
#define OURO_TARGET_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/regular.h"

#define ELF_LOADS 32 // linkers write 2 to 8; more are ignored

struct elf_load {
    uint64_t start, end;   // virtual addresses, as in memory (with .bss)
    uint64_t offset, size; // in the file
    uint32_t flags;        // enum segment_flags
};

struct elf_shape {
    struct elf_load loads[ELF_LOADS];
    size_t load_count;
    uint64_t low, high;              // of all loads, to whole pages
    uint64_t relro_start, relro_end; // written by the loader, then made read-only
    uint64_t dynamic, dynamic_size;  // PT_DYNAMIC, in memory
    uint8_t build_id[32];
    uint8_t build_id_size;  // 0: none, or not within the bytes given
    uint16_t type, machine; // e_type, e_machine
};

// Reads the shape out of the beginning of an ELF file. False: not a 64-bit little-endian program or
// library.
bool elf_shape_read(struct elf_shape *shape, const uint8_t *bytes, size_t size);

// Whether two shapes are of the same build: the same segments, and the same build-id where both
// have one.
bool elf_shape_same(const struct elf_shape *a, const struct elf_shape *b);

// The load that holds the virtual address, or null.
const struct elf_load *elf_shape_load(const struct elf_shape *shape, uint64_t at);

// One note out of a PT_NOTE; name and desc lie in the bytes given.
struct elf_note {
    uint32_t type;
    const char *name; // not terminated if the file is hostile: compare with name_size
    size_t name_size;
    const uint8_t *desc;
    size_t size;
};

// The next note from *at on, or false at the end or where the sizes stop making sense.
bool elf_note_next(const uint8_t *bytes, size_t size, uint64_t align, size_t *at,
                   struct elf_note *note);

struct elf;

// Null: err says why.
struct elf *elf_open(const char *file, struct err *err);
void elf_free(struct elf *elf); // accepts null

// What the loader has of a file in memory, where the file itself is not to be had.
struct elf_tables {
    struct elf_shape shape;
    const void *symbols; // DT_SYMTAB, aligned to 8
    size_t symbol_count;
    const char *names; // DT_STRTAB; ends with a zero byte
    size_t names_size;
    const uint32_t *hash; // DT_GNU_HASH; null: none
    size_t hash_words;
    const void *rela, *plt; // DT_RELA, DT_JMPREL; null: none
    size_t rela_size, plt_size;
    void *owned[5]; // what of these the elf has to free
    size_t owned_count;
};

// Without sections and local symbols. Takes `owned` over; null: out of memory, and it does not.
struct elf *elf_of_tables(const struct elf_tables *tables);

const struct elf_shape *elf_shape_of(const struct elf *elf);

// The file as a whole; null, and 0: there is none.
const uint8_t *elf_bytes(const struct elf *elf, size_t *size);

// Which file was opened: who opens it again by its name compares.
const struct regular *elf_file(const struct elf *elf);

// The bytes of .dynsym, .dynstr, .rela.dyn or .rela.plt; null: none. Those of an elf without a file
// come out of memory.
const uint8_t *elf_dynamic(struct elf *elf, const char *section, size_t *size);

// The virtual address of a defined symbol; 0: none. exported: .dynsym alone, else .symtab alone.
uint64_t elf_symbol(struct elf *elf, const char *name, bool exported);

// Adds a symbol that elf_symbol() finds when the file has none of that name. The name is not copied.
// False: there are too many.
bool elf_give(struct elf *elf, const char *name, uint64_t value);

// The same for a variable that the file has a copy of out of a library (R_X86_64_COPY,
// R_AARCH64_COPY); 0: none.
uint64_t elf_symbol_copied(struct elf *elf, const char *name);

// Calls for every variable of the file, by its virtual address; names may come twice.
void elf_each_variable(struct elf *elf, void (*take)(void *context, const char *name, uint64_t at),
                       void *context);

// The name of the function or variable that covers the address, and where in it the address is.
const char *elf_symbolize(struct elf *elf, uint64_t at, uint64_t *inside);

bool elf_section(struct elf *elf, const char *name, uint64_t *start, uint64_t *size);

// Whether the file itself has debug information (DWARF).
bool elf_has_debug(struct elf *elf);

// The name of the file (no path) that the file says its debug information is in. False: it does not.
bool elf_debug_link(struct elf *elf, char *name, size_t size);

#endif
