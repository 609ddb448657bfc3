// SPDX-License-Identifier: GPL-3.0-or-later
// Following the loader's list: see link_map.h. <link.h> is what it reads.
#include "target/link_map.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "target/elf.h"

#define PAGE ((uint64_t)4096)
#define HEADERS_MOST 64u    // per program
#define DYNAMIC_MOST 512u   // entries of PT_DYNAMIC
#define NAMESPACES_MOST 32u // dlmopen()
#define FILES_MOST 16384u   // in all namespaces
#define PATH_MOST 4096u

enum { R_DEBUG_MAP = 8, R_DEBUG_NEXT = 40 };           // struct r_debug, r_debug_extended
enum { LINK_ADDR = 0, LINK_NAME = 8, LINK_NEXT = 24 }; // struct link_map

struct link_reading {
    struct target *target;
    const struct module_source *source;
    struct maps *to;
    struct err *err;
    addr headers; // AT_PHDR
    uint64_t header_count;
    addr name; // AT_EXECFN
    uint32_t files;
};

static void link_read_auxv(struct link_reading *r, const uint8_t *auxv, size_t size)
{
    for (size_t at = 0; auxv && at + 16 <= size; at += 16) {
        uint64_t pair[2];
        memcpy(pair, auxv + at, sizeof pair);
        if (pair[0] == AT_PHDR)
            r->headers = pair[1];
        else if (pair[0] == AT_PHNUM)
            r->header_count = pair[1];
        else if (pair[0] == AT_EXECFN)
            r->name = pair[1];
    }
}

// The address of r_debug according to DT_DEBUG, found by the program's headers; 0: there is none.
static addr link_find_debug(const struct link_reading *r, const uint8_t *headers, size_t count)
{
    addr bias = 0, dynamic = 0;
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++) {
        Elf64_Phdr p;
        memcpy(&p, headers + i * sizeof p, sizeof p);
        if (p.p_type == PT_PHDR)
            bias = r->headers - p.p_vaddr;
        if (p.p_type == PT_DYNAMIC) {
            dynamic = p.p_vaddr;
            size = p.p_memsz;
        }
    }
    uint64_t entries = size / sizeof(Elf64_Dyn);
    for (uint64_t i = 0; dynamic && i < entries && i < DYNAMIC_MOST; i++) {
        Elf64_Dyn d;
        const void *at = target_view(r->target, bias + dynamic + i * sizeof d, sizeof d);
        if (!at)
            return 0;
        memcpy(&d, at, sizeof d);
        if (d.d_tag == DT_DEBUG)
            return d.d_un.d_ptr;
        if (d.d_tag == DT_NULL)
            return 0;
    }
    return 0;
}

// The program's headers, from memory or from the file that the user names.
static addr link_debug(const struct link_reading *r)
{
    uint64_t count = r->header_count < HEADERS_MOST ? r->header_count : HEADERS_MOST;
    const uint8_t *headers =
        count ? target_view(r->target, r->headers, count * sizeof(Elf64_Phdr)) : NULL;
    if (headers)
        return link_find_debug(r, headers, count);
    struct elf *elf = r->source->exe ? elf_open(r->source->exe, NULL) : NULL;
    size_t size = 0;
    const uint8_t *bytes = elf ? elf_bytes(elf, &size) : NULL;
    Elf64_Ehdr head;
    addr debug = 0;
    if (bytes && size >= sizeof head) {
        memcpy(&head, bytes, sizeof head);
        if (head.e_phnum <= HEADERS_MOST && head.e_phoff < size
            && head.e_phnum * sizeof(Elf64_Phdr) <= size - head.e_phoff)
            debug = link_find_debug(r, bytes + head.e_phoff, head.e_phnum);
    }
    elf_free(elf);
    return debug;
}

// A file's shape, from its beginning in memory, else from the file itself.
static bool link_shape(const struct link_reading *r, addr begin, const char *path, bool is_program,
                       struct elf_shape *shape)
{
    size_t size = target_readable(r->target, begin, PAGE);
    const uint8_t *bytes = size ? target_view(r->target, begin, size) : NULL;
    if (bytes && elf_shape_read(shape, bytes, size))
        return true;
    char *file =
        is_program && r->source->exe ? strdup(r->source->exe) : maps_resolve(r->source->root, path);
    struct elf *elf = file ? elf_open(file, NULL) : NULL;
    if (elf)
        *shape = *elf_shape_of(elf);
    elf_free(elf);
    free(file);
    return elf != NULL;
}

static bool link_add_file(struct link_reading *r, addr bias, const char *path, bool is_program)
{
    struct elf_shape shape;
    addr begin = is_program ? r->headers & ~(PAGE - 1) : bias;
    if (!link_shape(r, begin, path, is_program, &shape))
        return true;
    if (is_program) // l_addr may be 0 or the load bias
        bias = begin - shape.low;
    for (size_t i = 0; i < shape.load_count; i++) {
        const struct elf_load *load = &shape.loads[i];
        struct mapping row = {
            .start = bias + (load->start & ~(PAGE - 1)),
            .end = bias + ((load->start + load->size + PAGE - 1) & ~(PAGE - 1)),
            .offset = load->offset & ~(PAGE - 1),
            .flags = load->flags,
        };
        if (row.end <= row.start)
            continue;
        row.path = strdup(path);
        if (!row.path)
            return err_memory(r->err, "the list of mapped files");
        if (!maps_add(r->to, row, r->err))
            return false;
    }
    return true;
}

// The list has no name for the program. The path is absolute, as every name of a core's files is.
static void link_program_name(const struct link_reading *r, char path[static PATH_MOST])
{
    char *exe = r->source->exe ? realpath(r->source->exe, NULL) : NULL;
    if (exe && strlen(exe) < PATH_MOST)
        strcpy(path, exe);
    else if (!r->name || !target_read_string(r->target, r->name, path, PATH_MOST) || !*path)
        strcpy(path, "/program");
    if (*path != '/') {
        size_t size = strnlen(path, PATH_MOST - 2);
        memmove(path + 1, path, size);
        path[0] = '/';
        path[size + 1] = 0;
    }
    free(exe);
}

static bool link_read_list(struct link_reading *r, addr link, bool has_program)
{
    char path[PATH_MOST];
    for (bool first = has_program; link && r->files < FILES_MOST; first = false, r->files++) {
        addr bias = target_u64(r->target, link + LINK_ADDR, NULL);
        addr name = target_u64(r->target, link + LINK_NAME, NULL);
        link = target_u64(r->target, link + LINK_NEXT, NULL);
        if (first)
            link_program_name(r, path);
        else if (!name || !target_read_string(r->target, name, path, sizeof path) || *path != '/')
            continue; // the kernel's own, or nothing
        if (!link_add_file(r, bias, path, first))
            return false;
    }
    return true;
}

bool link_map_read(struct target *target, const uint8_t *auxv, size_t auxv_size,
                   const struct module_source *source, struct maps *to, struct err *err)
{
    struct link_reading r = { .target = target, .source = source, .to = to, .err = err };
    link_read_auxv(&r, auxv, auxv_size);
    addr debug = r.headers ? link_debug(&r) : 0;
    if (!debug && r.headers) { // a static program: no loader, one file
        char path[PATH_MOST];
        link_program_name(&r, path);
        if (!link_add_file(&r, 0, path, true))
            return false;
    }
    for (unsigned n = 0; debug && n < NAMESPACES_MOST; n++) {
        if (!link_read_list(&r, target_u64(target, debug + R_DEBUG_MAP, NULL), n == 0))
            return false;
        bool more = target_u32(target, debug, NULL) > 1; // r_version
        debug = more ? target_u64(target, debug + R_DEBUG_NEXT, NULL) : 0;
    }
    maps_sort(to);
    return true;
}
