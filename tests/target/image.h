// SPDX-License-Identifier: GPL-3.0-or-later
// Cores made byte by byte, for tests of what reads them.
//
// Owns: nothing outside struct image; image_write makes a file that image_open removes again.
#ifndef OURO_TESTS_TARGET_IMAGE_H
#define OURO_TESTS_TARGET_IMAGE_H

#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/target.h"

struct image {
    uint8_t bytes[64 << 10];
    size_t size;
};

// A core header with room for `loads` program headers after it.
static inline void image_init(struct image *i, uint16_t machine, uint16_t headers)
{
    memset(i, 0, sizeof *i);
    Elf64_Ehdr head = {
        .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
        .e_type = ET_CORE,
        .e_machine = machine,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof head,
        .e_ehsize = sizeof head,
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = headers,
    };
    memcpy(i->bytes, &head, sizeof head);
    i->size = sizeof head + headers * sizeof(Elf64_Phdr);
}

static inline Elf64_Phdr *image_header(struct image *i, size_t n)
{
    return (Elf64_Phdr *)(void *)(i->bytes + sizeof(Elf64_Ehdr) + n * sizeof(Elf64_Phdr));
}

// Header n: `size` bytes of `fill` at `start`.
static inline void image_load(struct image *i, size_t n, uint64_t start, uint8_t fill, size_t size)
{
    *image_header(i, n) = (Elf64_Phdr){
        .p_type = PT_LOAD,
        .p_flags = PF_R | PF_W,
        .p_offset = i->size,
        .p_vaddr = start,
        .p_filesz = size,
        .p_memsz = size,
    };
    memset(i->bytes + i->size, fill, size);
    i->size += size;
}

// Header n: the notes are what is appended from here to image_notes_end.
static inline void image_notes(struct image *i, size_t n)
{
    *image_header(i, n) = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = i->size, .p_align = 4 };
}

static inline void image_note(struct image *i, size_t n, uint32_t type, const char *name,
                              const void *desc, size_t size)
{
    Elf64_Nhdr head = { .n_namesz = (uint32_t)strlen(name) + 1,
                        .n_descsz = (uint32_t)size,
                        .n_type = type };
    memcpy(i->bytes + i->size, &head, sizeof head);
    i->size += sizeof head;
    memcpy(i->bytes + i->size, name, head.n_namesz);
    i->size += (head.n_namesz + 3) & ~3u;
    memcpy(i->bytes + i->size, desc, size);
    i->size += (size + 3) & ~(size_t)3;
    Elf64_Phdr *p = image_header(i, n);
    p->p_filesz = i->size - p->p_offset;
}

static inline bool image_write(const void *bytes, size_t size, char path[64])
{
    snprintf(path, 64, "/tmp/ouro-test-XXXXXX");
    int fd = mkstemp(path);
    bool ok = fd >= 0 && write(fd, bytes, size) == (ssize_t)size;
    if (fd >= 0)
        close(fd);
    return ok;
}

// Opens `size` bytes of the image as a core.
static inline bool image_open(const struct image *i, size_t size, struct target *target,
                              struct err *err)
{
    char path[64];
    bool ok = image_write(i->bytes, size, path) && target_open_core(target, path, NULL, err);
    unlink(path);
    return ok;
}

#endif
