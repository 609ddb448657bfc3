// SPDX-License-Identifier: GPL-3.0-or-later
// ELF headers and symbol tables: see elf.h.
//
// Headers are read by hand, because the same code must read them from one page of a target's
// memory, where libelf would miss the rest of the file. Sections and symbols go through libelf.
#include "target/elf.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/regular.h"
#include "base/vec.h"
#include "target/target.h"

#define PAGE ((uint64_t)4096)
#define GIVEN_MOST 32 // symbols found by other means

struct elf_table {
    const Elf64_Sym *symbols;
    size_t count;
    const char *names;
    size_t names_size;
    bool looked;       // the section was looked for; it may not exist
    uint32_t *by_name; // indices of named and defined symbols; null: not sorted yet
    uint32_t *by_value;
    size_t sorted; // length of either array
};

struct hash { // DT_GNU_HASH, after the header
    const uint32_t *buckets, *chain;
    uint32_t bucket_count, first;
    size_t chain_count;
};

struct elf {
    struct regular file;
    uint8_t *map;
    size_t size;
    Elf *handle;
    struct elf_shape shape;
    struct elf_table exported, local; // .dynsym, .symtab
    struct hash hash;
    uint32_t *copies; // those of exported.symbols that have a copy relocation
    size_t copy_count;
    bool copies_looked;
    struct elf_tables tables; // if there is no file
    struct {
        const char *name;
        uint64_t value;
    } given[GIVEN_MOST];
    size_t given_count;
};

// --- headers -----------------------------------------------------------------------------------

static void add_load(struct elf_shape *shape, const Elf64_Phdr *p)
{
    uint64_t end = p->p_vaddr + p->p_memsz;
    if (shape->load_count == ELF_LOADS || !p->p_memsz || end < p->p_vaddr || end > UINT64_MAX - PAGE
        || p->p_filesz > p->p_memsz)
        return;
    shape->loads[shape->load_count++] = (struct elf_load){
        .start = p->p_vaddr,
        .end = end,
        .offset = p->p_offset,
        .size = p->p_filesz,
        .flags = (p->p_flags & PF_R ? SEGMENT_READ : 0) | (p->p_flags & PF_W ? SEGMENT_WRITE : 0)
                 | (p->p_flags & PF_X ? SEGMENT_EXEC : 0),
    };
    uint64_t low = p->p_vaddr & ~(PAGE - 1), high = (end + PAGE - 1) & ~(PAGE - 1);
    if (shape->load_count == 1 || low < shape->low)
        shape->low = low;
    if (high > shape->high)
        shape->high = high;
}

bool elf_note_next(const uint8_t *bytes, size_t size, uint64_t align, size_t *at,
                   struct elf_note *note)
{
    uint64_t unit = align == 8 ? 8 : 4;
    Elf64_Nhdr head;
    if (*at > size || size - *at < sizeof head)
        return false;
    memcpy(&head, bytes + *at, sizeof head);
    size_t left = size - *at - sizeof head;
    uint64_t name = ((uint64_t)head.n_namesz + unit - 1) & ~(unit - 1);
    uint64_t desc = ((uint64_t)head.n_descsz + unit - 1) & ~(unit - 1);
    if (name > left || head.n_descsz > left - name)
        return false;
    *note = (struct elf_note){
        .type = head.n_type,
        .name = (const char *)bytes + *at + sizeof head,
        .name_size = head.n_namesz,
        .desc = bytes + *at + sizeof head + name,
        .size = head.n_descsz,
    };
    // The last note may lack its padding.
    *at += sizeof head + name + (desc < left - name ? desc : left - name);
    return true;
}

static void find_build_id(struct elf_shape *shape, const uint8_t *bytes, size_t size,
                          uint64_t align)
{
    struct elf_note note;
    for (size_t at = 0; elf_note_next(bytes, size, align, &at, &note);) {
        if (note.type != NT_GNU_BUILD_ID || note.name_size != 4 || memcmp(note.name, "GNU", 4)
            || !note.size || note.size > sizeof shape->build_id)
            continue;
        memcpy(shape->build_id, note.desc, note.size);
        shape->build_id_size = (uint8_t)note.size;
        return;
    }
}

bool elf_shape_read(struct elf_shape *shape, const uint8_t *bytes, size_t size)
{
    *shape = (struct elf_shape){ 0 };
    Elf64_Ehdr head;
    if (size < sizeof head)
        return false;
    memcpy(&head, bytes, sizeof head);
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_ident[EI_CLASS] != ELFCLASS64
        || head.e_ident[EI_DATA] != ELFDATA2LSB || (head.e_type != ET_EXEC && head.e_type != ET_DYN)
        || head.e_phentsize != sizeof(Elf64_Phdr))
        return false;
    shape->type = head.e_type;
    shape->machine = head.e_machine;
    for (size_t i = 0; i < head.e_phnum; i++) {
        uint64_t at = head.e_phoff + i * sizeof(Elf64_Phdr);
        Elf64_Phdr p;
        if (at < head.e_phoff || at > size || size - at < sizeof p)
            break;
        memcpy(&p, bytes + at, sizeof p);
        if (p.p_type == PT_LOAD)
            add_load(shape, &p);
        else if (p.p_type == PT_GNU_RELRO) {
            shape->relro_start = p.p_vaddr;
            shape->relro_end = p.p_vaddr + p.p_memsz;
        } else if (p.p_type == PT_DYNAMIC) {
            shape->dynamic = p.p_vaddr;
            shape->dynamic_size = p.p_memsz;
        } else if (p.p_type == PT_NOTE && !shape->build_id_size && p.p_offset < size) {
            size_t most = p.p_filesz < size - p.p_offset ? p.p_filesz : size - p.p_offset;
            find_build_id(shape, bytes + p.p_offset, most, p.p_align);
        }
    }
    return shape->load_count > 0;
}

bool elf_shape_same(const struct elf_shape *a, const struct elf_shape *b)
{
    if (a->build_id_size && b->build_id_size
        && (a->build_id_size != b->build_id_size
            || memcmp(a->build_id, b->build_id, a->build_id_size)))
        return false;
    if (a->machine != b->machine || a->type != b->type || a->load_count != b->load_count)
        return false;
    for (size_t i = 0; i < a->load_count; i++) {
        const struct elf_load *x = &a->loads[i], *y = &b->loads[i];
        if (x->start != y->start || x->end != y->end || x->offset != y->offset || x->size != y->size
            || x->flags != y->flags)
            return false;
    }
    return true;
}

const struct elf_load *elf_shape_load(const struct elf_shape *shape, uint64_t at)
{
    for (size_t i = 0; i < shape->load_count; i++) {
        const struct elf_load *load = &shape->loads[i];
        if (at >= (load->start & ~(PAGE - 1)) && at < ((load->end + PAGE - 1) & ~(PAGE - 1)))
            return load;
    }
    return NULL;
}

// --- files -------------------------------------------------------------------------------------

static bool elf_map_file(struct elf *elf, const char *file, struct err *err)
{
    int fd = regular_open(file, &elf->file, err);
    if (fd < 0)
        return false;
    if (!elf->file.size) {
        close(fd);
        return err_set(err, ERR_FORMAT, "%s: an empty file", file);
    }
    void *map = guard_map(fd, (size_t)elf->file.size);
    int why = errno;
    close(fd);
    if (!map)
        return err_errno(err, why, file);
    elf->map = map;
    elf->size = (size_t)elf->file.size;
    return true;
}

static void elf_take_hash(struct elf *elf, const uint32_t *words, uint64_t count)
{
    if (count < 4)
        return;
    uint64_t buckets = 4 + 2 * (uint64_t)words[2]; // after the header and the Bloom filter
    if (!words[0] || buckets + words[0] > count)
        return;
    elf->hash = (struct hash){
        .buckets = words + buckets,
        .chain = words + buckets + words[0],
        .bucket_count = words[0],
        .first = words[1],
        .chain_count = (size_t)(count - buckets - words[0]),
    };
}

struct elf *elf_open(const char *file, struct err *err)
{
    struct elf *elf = calloc(1, sizeof *elf);
    if (!elf) {
        err_memory(err, file);
        return NULL;
    }
    if (!elf_map_file(elf, file, err)) {
        elf_free(elf);
        return NULL;
    }
    if (!elf_shape_read(&elf->shape, elf->map, elf->size)) {
        err_set(err, ERR_FORMAT, "%s: not a 64-bit little-endian ELF program or library", file);
        elf_free(elf);
        return NULL;
    }
    return elf;
}

void elf_free(struct elf *elf)
{
    if (!elf)
        return;
    if (elf->handle)
        elf_end(elf->handle);
    free(elf->copies);
    free(elf->exported.by_name);
    free(elf->exported.by_value);
    free(elf->local.by_name);
    free(elf->local.by_value);
    for (size_t i = 0; i < elf->tables.owned_count; i++)
        free(elf->tables.owned[i]);
    if (elf->map)
        guard_unmap(elf->map, elf->size);
    free(elf);
}

struct elf *elf_of_tables(const struct elf_tables *tables)
{
    struct elf *elf = calloc(1, sizeof *elf);
    if (!elf)
        return NULL;
    elf->tables = *tables;
    elf->shape = tables->shape;
    elf->local.looked = true;
    elf->exported = (struct elf_table){
        .symbols = tables->symbols,
        .count = tables->symbol_count,
        .names = tables->names,
        .names_size = tables->names_size,
        .looked = true,
    };
    elf_take_hash(elf, tables->hash, tables->hash ? tables->hash_words : 0);
    return elf;
}

const struct elf_shape *elf_shape_of(const struct elf *elf)
{
    return &elf->shape;
}

const struct regular *elf_file(const struct elf *elf)
{
    return &elf->file;
}

const uint8_t *elf_bytes(const struct elf *elf, size_t *size)
{
    *size = elf->size;
    return elf->map;
}

// --- sections ----------------------------------------------------------------------------------

static Elf *handle_of(struct elf *elf)
{
    if (!elf->handle && elf->map && elf_version(EV_CURRENT) != EV_NONE)
        elf->handle = elf_memory((char *)elf->map, elf->size);
    return elf->handle;
}

static Elf_Scn *section_of_type(struct elf *elf, uint32_t type, GElf_Shdr *head)
{
    Elf *handle = handle_of(elf);
    for (Elf_Scn *s = NULL; handle && (s = elf_nextscn(handle, s));)
        if (gelf_getshdr(s, head) && head->sh_type == type)
            return s;
    return NULL;
}

static Elf_Scn *section_named(struct elf *elf, const char *name, GElf_Shdr *head)
{
    Elf *handle = handle_of(elf);
    size_t names;
    if (!handle || elf_getshdrstrndx(handle, &names))
        return NULL;
    for (Elf_Scn *s = NULL; (s = elf_nextscn(handle, s));) {
        const char *here = gelf_getshdr(s, head) ? elf_strptr(handle, names, head->sh_name) : NULL;
        if (here && !strcmp(here, name))
            return s;
    }
    return NULL;
}

bool elf_section(struct elf *elf, const char *name, uint64_t *start, uint64_t *size)
{
    GElf_Shdr head;
    if (!section_named(elf, name, &head) || !(head.sh_flags & SHF_ALLOC))
        return false;
    *start = head.sh_addr;
    *size = head.sh_size;
    return true;
}

// Reads the section as the loads map it: its file offset in the section table is not what runs.
static const uint8_t *elf_section_bytes(struct elf *elf, const char *name, size_t *size)
{
    uint64_t start, length;
    if (!elf_section(elf, name, &start, &length))
        return NULL;
    const struct elf_load *load = elf_shape_load(&elf->shape, start);
    if (!load || start - load->start > load->size || length > load->size - (start - load->start))
        return NULL;
    uint64_t offset = load->offset + (start - load->start);
    if (offset > elf->size || length > elf->size - offset)
        return NULL;
    *size = (size_t)length;
    return elf->map + offset;
}

const uint8_t *elf_dynamic(struct elf *elf, const char *section, size_t *size)
{
    const struct elf_tables *t = &elf->tables;
    const struct {
        const char *name;
        const void *bytes;
        size_t size;
    } rows[] = {
        { ".dynsym", t->symbols, t->symbol_count * sizeof(Elf64_Sym) },
        { ".dynstr", t->names, t->names_size },
        { ".rela.dyn", t->rela, t->rela_size },
        { ".rela.plt", t->plt, t->plt_size },
    };
    *size = 0;
    if (elf->map)
        return elf_section_bytes(elf, section, size);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].bytes && !strcmp(rows[i].name, section)) {
            *size = rows[i].size;
            return rows[i].bytes;
        }
    return NULL;
}

bool elf_has_debug(struct elf *elf)
{
    GElf_Shdr head;
    return section_named(elf, ".debug_info", &head) && head.sh_type == SHT_PROGBITS
           && head.sh_size > 0;
}

bool elf_debug_link(struct elf *elf, char *name, size_t size)
{
    GElf_Shdr head;
    Elf_Scn *s = section_named(elf, ".gnu_debuglink", &head);
    Elf_Data *data = s ? elf_getdata(s, NULL) : NULL;
    const char *text = data ? data->d_buf : NULL;
    size_t length = text ? strnlen(text, data->d_size) : 0;
    if (!length || length >= data->d_size || length >= size || memchr(text, '/', length))
        return false;
    memcpy(name, text, length + 1);
    return true;
}

static void load_table(struct elf *elf, struct elf_table *t, uint32_t type)
{
    t->looked = true;
    GElf_Shdr head;
    Elf_Scn *s = section_of_type(elf, type, &head);
    Elf_Data *symbols = s ? elf_getdata(s, NULL) : NULL;
    Elf_Scn *linked = s ? elf_getscn(elf->handle, head.sh_link) : NULL;
    Elf_Data *names = linked ? elf_getdata(linked, NULL) : NULL;
    if (!symbols || !symbols->d_buf || !names || !names->d_buf || names->d_size == 0
        || ((const char *)names->d_buf)[names->d_size - 1])
        return;
    t->symbols = symbols->d_buf;
    t->count = symbols->d_size / sizeof(Elf64_Sym);
    if (t->count > UINT32_MAX)
        t->count = UINT32_MAX;
    t->names = names->d_buf;
    t->names_size = names->d_size;
}

static void load_hash(struct elf *elf)
{
    GElf_Shdr head;
    Elf_Scn *s = section_of_type(elf, SHT_GNU_HASH, &head);
    Elf_Data *data = s ? elf_getdata(s, NULL) : NULL;
    if (data && data->d_buf)
        elf_take_hash(elf, data->d_buf, data->d_size / 4);
}

static struct elf_table *table_of(struct elf *elf, bool exported)
{
    struct elf_table *t = exported ? &elf->exported : &elf->local;
    if (t->looked)
        return t;
    load_table(elf, t, exported ? SHT_DYNSYM : SHT_SYMTAB);
    if (exported && t->count)
        load_hash(elf);
    return t;
}

// --- symbols -----------------------------------------------------------------------------------

static const char *elf_name_of(const struct elf_table *t, const Elf64_Sym *s)
{
    return s->st_name < t->names_size ? t->names + s->st_name : "";
}

// A function or a variable that has an address. The value of a thread-local symbol is none.
static bool is_placed(const struct elf *elf, const Elf64_Sym *s)
{
    unsigned type = ELF64_ST_TYPE(s->st_info);
    return s->st_shndx != SHN_UNDEF && s->st_shndx != SHN_ABS && type != STT_TLS
           && type != STT_SECTION && type != STT_FILE && s->st_value >= elf->shape.low
           && s->st_value < elf->shape.high;
}

static int compare_name(const void *a, const void *b, void *context)
{
    const struct elf_table *t = context;
    const Elf64_Sym *x = &t->symbols[*(const uint32_t *)a], *y = &t->symbols[*(const uint32_t *)b];
    int order = strcmp(elf_name_of(t, x), elf_name_of(t, y));
    if (order)
        return order;
    // Among symbols of one name the global one comes first, as the linker would choose.
    int left = ELF64_ST_BIND(x->st_info) == STB_LOCAL,
        right = ELF64_ST_BIND(y->st_info) == STB_LOCAL;
    return left - right;
}

static int compare_value(const void *a, const void *b, void *context)
{
    const struct elf_table *t = context;
    const Elf64_Sym *x = &t->symbols[*(const uint32_t *)a], *y = &t->symbols[*(const uint32_t *)b];
    if (x->st_value != y->st_value)
        return x->st_value < y->st_value ? -1 : 1;
    int left = ELF64_ST_BIND(x->st_info) == STB_LOCAL,
        right = ELF64_ST_BIND(y->st_info) == STB_LOCAL;
    return left != right ? right - left : x->st_size < y->st_size ? -1 : x->st_size > y->st_size;
}

static uint32_t *sort_table(const struct elf *elf, struct elf_table *t,
                            int (*compare)(const void *, const void *, void *))
{
    uint32_t *order = malloc((t->count + 1) * sizeof *order);
    if (!order)
        return NULL;
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++)
        if (is_placed(elf, &t->symbols[i]) && *elf_name_of(t, &t->symbols[i]))
            order[n++] = (uint32_t)i;
    t->sorted = n;
    qsort_r(order, n, sizeof *order, compare, t);
    return order;
}

static uint64_t find_hashed(const struct elf *elf, const char *name)
{
    const struct hash *h = &elf->hash;
    const struct elf_table *t = &elf->exported;
    uint32_t want = 5381;
    for (const unsigned char *p = (const unsigned char *)name; *p; p++)
        want = want * 33 + *p;
    uint64_t at = h->buckets[want % h->bucket_count];
    if (at < h->first)
        return 0;
    for (; at < t->count && at - h->first < h->chain_count; at++) {
        uint32_t here = h->chain[at - h->first];
        const Elf64_Sym *s = &t->symbols[at];
        if ((here | 1) == (want | 1) && is_placed(elf, s) && !strcmp(elf_name_of(t, s), name))
            return s->st_value;
        if (here & 1)
            break;
    }
    return 0;
}

static uint64_t find_sorted(const struct elf *elf, struct elf_table *t, const char *name)
{
    if (!t->by_name && !(t->by_name = sort_table(elf, t, compare_name)))
        return 0;
    size_t low = 0, high = t->sorted;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(elf_name_of(t, &t->symbols[t->by_name[middle]]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == t->sorted || strcmp(elf_name_of(t, &t->symbols[t->by_name[low]]), name))
        return 0;
    return t->symbols[t->by_name[low]].st_value;
}

uint64_t elf_symbol(struct elf *elf, const char *name, bool exported)
{
    struct elf_table *t = table_of(elf, exported);
    uint64_t value = !t->count                            ? 0
                     : exported && elf->hash.bucket_count ? find_hashed(elf, name)
                                                          : find_sorted(elf, t, name);
    for (size_t i = 0; !value && i < elf->given_count; i++)
        if (!strcmp(elf->given[i].name, name))
            value = elf->given[i].value;
    return value;
}

bool elf_give(struct elf *elf, const char *name, uint64_t value)
{
    if (elf->given_count == GIVEN_MOST)
        return false;
    elf->given[elf->given_count].name = name;
    elf->given[elf->given_count++].value = value;
    return true;
}

// The copy relocations of one section; a program has dozens.
static bool elf_add_copies(struct elf *elf, const uint8_t *rows, size_t count, size_t *room)
{
    uint32_t kind = elf->shape.machine == EM_AARCH64 ? R_AARCH64_COPY : R_X86_64_COPY;
    for (size_t i = 0; i < count; i++) {
        Elf64_Rela row;
        memcpy(&row, rows + i * sizeof row, sizeof row);
        if (ELF64_R_TYPE(row.r_info) != kind || ELF64_R_SYM(row.r_info) >= elf->exported.count)
            continue;
        if (!vec_grow(&elf->copies, room, elf->copy_count + 1, sizeof *elf->copies, NULL))
            return false;
        elf->copies[elf->copy_count++] = (uint32_t)ELF64_R_SYM(row.r_info);
    }
    return true;
}

static void elf_find_copies(struct elf *elf)
{
    size_t room = 0;
    const struct elf_tables *t = &elf->tables;
    if (t->rela && !elf_add_copies(elf, t->rela, t->rela_size / sizeof(Elf64_Rela), &room))
        return;
    GElf_Shdr head;
    Elf *handle = handle_of(elf);
    elf->copies_looked = true;
    for (Elf_Scn *s = NULL; handle && (s = elf_nextscn(handle, s));) {
        bool relocates =
            gelf_getshdr(s, &head) && head.sh_type == SHT_RELA && (head.sh_flags & SHF_ALLOC);
        Elf_Data *data = relocates ? elf_getdata(s, NULL) : NULL;
        if (data && data->d_buf
            && !elf_add_copies(elf, data->d_buf, data->d_size / sizeof(Elf64_Rela), &room))
            return;
    }
}

uint64_t elf_symbol_copied(struct elf *elf, const char *name)
{
    const struct elf_table *t = table_of(elf, true);
    if (!elf->copies_looked)
        elf_find_copies(elf);
    for (size_t i = 0; i < elf->copy_count; i++) {
        const Elf64_Sym *s = &t->symbols[elf->copies[i]];
        if (is_placed(elf, s) && !strcmp(elf_name_of(t, s), name))
            return s->st_value;
    }
    return 0;
}

void elf_each_variable(struct elf *elf, void (*take)(void *context, const char *name, uint64_t at),
                       void *context)
{
    for (int exported = 0; exported <= 1; exported++) {
        const struct elf_table *t = table_of(elf, exported);
        for (size_t i = 0; i < t->count; i++)
            if (ELF64_ST_TYPE(t->symbols[i].st_info) == STT_OBJECT
                && is_placed(elf, &t->symbols[i]))
                take(context, elf_name_of(t, &t->symbols[i]), t->symbols[i].st_value);
    }
}

static const char *symbolize_in(const struct elf *elf, struct elf_table *t, uint64_t at,
                                uint64_t *inside)
{
    if (!t->count)
        return NULL;
    if (!t->by_value && !(t->by_value = sort_table(elf, t, compare_value)))
        return NULL;
    size_t low = 0, high = t->sorted;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->symbols[t->by_value[middle]].st_value <= at)
            low = middle + 1;
        else
            high = middle;
    }
    // Symbols of equal value are adjacent, the best one last; a few steps back reach one that
    // covers `at`.
    for (size_t back = 0; low && back < 8; back++, low--) {
        const Elf64_Sym *s = &t->symbols[t->by_value[low - 1]];
        bool open_ended = !s->st_size && back == 0; // assembler code often has no size
        if (at - s->st_value < s->st_size || open_ended) {
            *inside = at - s->st_value;
            return elf_name_of(t, s);
        }
    }
    return NULL;
}

const char *elf_symbolize(struct elf *elf, uint64_t at, uint64_t *inside)
{
    const char *name = symbolize_in(elf, table_of(elf, false), at, inside);
    return name ? name : symbolize_in(elf, table_of(elf, true), at, inside);
}
