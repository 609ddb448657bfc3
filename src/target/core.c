// SPDX-License-Identifier: GPL-3.0-or-later
// ELF core files: what the kernel or gdb left of a process.
//
// The file is mapped as a whole; its segments are places in that one mapping, so that offsets need
// not lie on page boundaries. Program headers and notes are read by hand: libelf refuses a core
// whose section table (gdb writes one, at the very end) was cut off with the rest.
//
// Four layers make the segments; each shows only where the ones before it have nothing:
//   1 what the core holds
//   2 what it should hold and does not: cut off, or writable and not dumped. Nothing else may stand
//   in 3 text and constants out of the module files, where they are the ones that ran 4 the holes
//   that remain
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/regular.h"
#include "target/dump.h"
#include "target/elf.h"
#include "target/link_map.h"
#include "target/module.h"
#include "target/ops.h"
#include "target/unpack.h"

#define RESERVED ((uint64_t)64 << 30) // more than anybody's memory in one piece

struct core {
    int fd;
    uint8_t *map;
    size_t size;
    struct maps mapped; // one row per program header: the kernel writes one per mapping
    char trouble[100];  // what the decompressor said
};

struct core_reading {
    struct target *target;
    const uint8_t *bytes;
    size_t size;
    struct segments present, blocked, holes;
    struct segments undumped; // writable, and left out of the core on purpose
    uint64_t cut, whole;      // bytes of the file: how many are missing, how many there should be
    bool headers_cut;
    const char *trouble; // what the decompressor said; "": nothing
    struct maps files;   // NT_FILE
    addr inside_exe;
    const uint8_t *auxv;
    size_t auxv_size;
    size_t thread_room;
};

// --- notes -------------------------------------------------------------------------------------

static uint64_t core_word(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint32_t half(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

// Offsets in elf_prstatus: all 64-bit machines have the same header, then come the registers.
enum { PRSTATUS_CURSIG = 12, PRSTATUS_PID = 32, PRSTATUS_REGISTERS = 112 };
enum { X86_64_RIP = 16 * 8, X86_64_RSP = 19 * 8, X86_64_FS_BASE = 21 * 8, X86_64_SIZE = 27 * 8 };
enum { AARCH64_SP = 31 * 8, AARCH64_PC = 32 * 8, AARCH64_SIZE = 34 * 8 };
enum { PRPSINFO_PID = 24, PRPSINFO_FNAME = 40, PRPSINFO_ARGS = 56, PRPSINFO_SIZE = 136 };

static bool read_prstatus(struct core_reading *r, const struct elf_note *note, struct err *err)
{
    struct target *t = r->target;
    bool x86 = t->machine == MACHINE_X86_64;
    if (note->size < PRSTATUS_REGISTERS + (size_t)(x86 ? X86_64_SIZE : AARCH64_SIZE))
        return true;
    if (t->thread_count == r->thread_room) {
        size_t room = r->thread_room ? r->thread_room * 2 : 16;
        struct thread *rows = realloc(t->threads, room * sizeof *rows);
        if (!rows)
            return err_memory(err, "the list of threads");
        t->threads = rows;
        r->thread_room = room;
    }
    const uint8_t *registers = note->desc + PRSTATUS_REGISTERS;
    int signal = note->desc[PRSTATUS_CURSIG];
    t->threads[t->thread_count] = (struct thread){
        .tid = (pid_t)half(note->desc + PRSTATUS_PID),
        .fs_base = x86 ? core_word(registers + X86_64_FS_BASE) : 0,
        .pc = core_word(registers + (x86 ? X86_64_RIP : AARCH64_PC)),
        .sp = core_word(registers + (x86 ? X86_64_RSP : AARCH64_SP)),
        // The kernel marks every thread with the signal, and writes the one that took it first.
        .crashed = t->thread_count == 0 && signal != 0,
    };
    memcpy(t->threads[t->thread_count].registers, registers, x86 ? X86_64_SIZE : AARCH64_SIZE);
    if (t->thread_count++ == 0)
        t->signal = signal;
    return true;
}

static bool read_prpsinfo(struct core_reading *r, const struct elf_note *note, struct err *err)
{
    if (note->size < PRPSINFO_SIZE || r->target->command)
        return true;
    r->target->pid = (pid_t)half(note->desc + PRPSINFO_PID);
    const char *args = (const char *)note->desc + PRPSINFO_ARGS;
    size_t most = PRPSINFO_SIZE - PRPSINFO_ARGS;
    if (!*args) {
        args = (const char *)note->desc + PRPSINFO_FNAME;
        most = PRPSINFO_ARGS - PRPSINFO_FNAME;
    }
    size_t length = strnlen(args, most);
    while (length && args[length - 1] == ' ')
        length--;
    r->target->command = strndup(args, length);
    return r->target->command || err_memory(err, "the command line");
}

// count, page size, then `count` triples (start, end, offset in pages), then the names in sequence.
static bool read_files(struct core_reading *r, const struct elf_note *note, struct err *err)
{
    if (note->size < 16 || r->files.count)
        return true;
    uint64_t count = core_word(note->desc), page = core_word(note->desc + 8);
    if (count > (note->size - 16) / 24 || page > 1 << 20)
        return true;
    const char *name = (const char *)note->desc + 16 + count * 24;
    const char *end = (const char *)note->desc + note->size;
    for (uint64_t i = 0; i < count && name < end; i++) {
        const uint8_t *row = note->desc + 16 + i * 24;
        size_t length = strnlen(name, (size_t)(end - name));
        struct mapping m = {
            .start = core_word(row),
            .end = core_word(row + 8),
            .offset = core_word(row + 16) * page,
        };
        if (m.start < m.end && length < 4096) {
            m.path = strndup(name, length);
            if (!m.path)
                return err_memory(err, "the list of mapped files");
            if (!maps_add(&r->files, m, err))
                return false;
        }
        name += length + 1;
    }
    maps_sort(&r->files);
    return true;
}

static void read_auxv(struct core_reading *r, const struct elf_note *note)
{
    r->auxv = note->desc;
    r->auxv_size = note->size;
    for (size_t at = 0; at + 16 <= note->size; at += 16)
        if (core_word(note->desc + at) == AT_PHDR)
            r->inside_exe = core_word(note->desc + at + 8);
}

static bool read_note(struct core_reading *r, const struct elf_note *note, struct err *err)
{
    if (note->name_size >= 5 && !memcmp(note->name, "LINUX", 5)) {
        struct target *t = r->target;
        if (note->type == NT_ARM_TLS && note->size >= 8 && t->thread_count)
            t->threads[t->thread_count - 1].fs_base = core_word(note->desc);
        return true;
    }
    if (note->name_size == sizeof DUMP_NOTE && !memcmp(note->name, DUMP_NOTE, sizeof DUMP_NOTE)) {
        struct record from = { .at = note->desc, .end = note->desc + note->size };
        if (!provenance_take(&r->target->provenance, &from))
            provenance_fini(&r->target->provenance);
        return true;
    }
    if (note->name_size < 4 || memcmp(note->name, "CORE", 4))
        return true;
    switch (note->type) {
    case NT_PRSTATUS:
        return read_prstatus(r, note, err);
    case NT_PRPSINFO:
        return read_prpsinfo(r, note, err);
    case NT_FILE:
        return read_files(r, note, err);
    case NT_AUXV:
        read_auxv(r, note);
        return true;
    default:
        return true;
    }
}

// How much that a program header promises was cut off, and how long the file should be.
static void core_note_cut(struct core_reading *r, const Elf64_Phdr *p)
{
    if (p->p_filesz > UINT64_MAX / 2 || p->p_offset > UINT64_MAX / 2 || !p->p_filesz)
        return;
    uint64_t end = p->p_offset + p->p_filesz;
    uint64_t from = p->p_offset > r->size ? p->p_offset : r->size;
    r->cut += end > from ? end - from : 0;
    r->whole = end > r->whole ? end : r->whole;
}

static bool read_notes(struct core_reading *r, const Elf64_Phdr *p, struct err *err)
{
    if (p->p_offset >= r->size)
        return true;
    size_t size = p->p_filesz < r->size - p->p_offset ? p->p_filesz : r->size - p->p_offset;
    struct elf_note note;
    for (size_t at = 0; elf_note_next(r->bytes + p->p_offset, size, p->p_align, &at, &note);)
        if (!read_note(r, &note, err))
            return false;
    return true;
}

// --- segments ----------------------------------------------------------------------------------

static uint32_t core_rights(const Elf64_Phdr *p)
{
    return (p->p_flags & PF_R ? SEGMENT_READ : 0) | (p->p_flags & PF_W ? SEGMENT_WRITE : 0)
           | (p->p_flags & PF_X ? SEGMENT_EXEC : 0);
}

static bool core_note_mapping(struct core_reading *r, const Elf64_Phdr *p, uint64_t span,
                              struct err *err)
{
    struct core *core = r->target->state;
    struct mapping row = { .start = p->p_vaddr, .end = p->p_vaddr + span, .flags = core_rights(p) };
    return !span || maps_add(&core->mapped, row, err);
}

static bool read_load(struct core_reading *r, const Elf64_Phdr *p, struct err *err)
{
    uint64_t span = p->p_memsz > p->p_filesz ? p->p_memsz : p->p_filesz;
    if (span > UINT64_MAX - p->p_vaddr)
        span = UINT64_MAX - p->p_vaddr;
    if (!core_note_mapping(r, p, span, err))
        return false;
    uint64_t promised = p->p_filesz < span ? p->p_filesz : span;
    uint64_t left = p->p_offset < r->size ? r->size - p->p_offset : 0;
    uint64_t have = promised < left ? promised : left;
    struct segment row = {
        .start = p->p_vaddr,
        .end = p->p_vaddr + have,
        .host = have ? r->bytes + p->p_offset : NULL,
        .flags = core_rights(p),
        .module = -1,
        .offset = p->p_offset,
    };
    if (!segments_add(&r->present, row, err))
        return false;
    row.host = NULL;
    row.flags |= SEGMENT_MISSING;
    row.start = p->p_vaddr + have;
    row.end = p->p_vaddr + promised; // cut off
    if (!segments_add(&r->blocked, row, err))
        return false;
    row.start = p->p_vaddr + promised;
    row.end = p->p_vaddr + span;
    if (row.flags & SEGMENT_WRITE && !segments_add(&r->undumped, row, err))
        return false;
    return segments_add(row.flags & SEGMENT_WRITE ? &r->blocked : &r->holes, row, err);
}

// The number of program headers. If there are more than 65534, section 0 has the count, which the
// kernel writes last; if that is cut off, the headers reach up to the notes, which it writes next.
static uint64_t core_count_headers(struct core_reading *r, const Elf64_Ehdr *head)
{
    uint64_t count = head->e_phnum;
    if (count == PN_XNUM) {
        Elf64_Shdr section;
        Elf64_Phdr notes;
        if (head->e_shoff <= r->size && r->size - head->e_shoff >= sizeof section) {
            memcpy(&section, r->bytes + head->e_shoff, sizeof section);
            count = section.sh_info;
        } else if (head->e_phoff <= r->size && r->size - head->e_phoff >= sizeof notes) {
            memcpy(&notes, r->bytes + head->e_phoff, sizeof notes);
            if (notes.p_type == PT_NOTE && notes.p_offset > head->e_phoff)
                count = (notes.p_offset - head->e_phoff) / sizeof notes;
        }
    }
    uint64_t fit = head->e_phoff < r->size ? (r->size - head->e_phoff) / sizeof(Elf64_Phdr) : 0;
    r->headers_cut = count > fit;
    return count < fit ? count : fit;
}

static bool read_headers(struct core_reading *r, const Elf64_Ehdr *head, struct err *err)
{
    uint64_t count = core_count_headers(r, head);
    for (uint64_t i = 0; i < count; i++) {
        Elf64_Phdr p;
        memcpy(&p, r->bytes + head->e_phoff + i * sizeof p, sizeof p);
        if (p.p_type == PT_LOAD || p.p_type == PT_NOTE)
            core_note_cut(r, &p);
        if (p.p_type == PT_LOAD && !read_load(r, &p, err))
            return false;
        if (p.p_type == PT_NOTE && !read_notes(r, &p, err))
            return false;
    }
    segments_settle(&r->present);
    segments_settle(&r->blocked);
    segments_settle(&r->holes);
    return true;
}

// Writable memory that the kernel left out: it was told to (MADV_DONTDUMP, coredump_filter), or the
// process never wrote there. Mapped files, shared memory among them, are always left out; a huge
// range was only reserved.
static uint64_t core_undumped(const struct core_reading *r)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < r->undumped.count; i++) {
        const struct segment *s = &r->undumped.rows[i];
        if (!maps_at(&r->files, s->start) && s->end - s->start < RESERVED)
            bytes += s->end - s->start;
    }
    return bytes;
}

static void core_note_missing(struct core_reading *r)
{
    struct target *t = r->target;
    double mib = 1048576, size = (double)r->size / mib, whole = (double)r->whole / mib;
    char *why = t->missing_why;
    size_t most = sizeof t->missing_why;
    t->undumped = core_undumped(r);
    t->missing = r->cut;
    if (*r->trouble && (r->cut || r->headers_cut))
        snprintf(why, most,
                 "the core is truncated (unpacking it: %.60s): %.1f of %.1f MiB are there",
                 r->trouble, size, whole);
    else if (*r->trouble)
        snprintf(why, most, "the core is damaged (unpacking it: %.80s): any byte may be wrong",
                 r->trouble);
    else if (r->headers_cut)
        snprintf(why, most, "the core is truncated, and so are its headers: %.1f MiB are there",
                 size);
    else if (r->cut)
        snprintf(why, most, "the core is truncated: %.1f of %.1f MiB are there", size, whole);
    if (*why && !t->missing)
        t->missing = r->size;
}

// Needs the first layer in place: a module is recognised by its first page.
static bool fill_holes(struct core_reading *r, const struct target_options *options,
                       struct err *err)
{
    struct target *t = r->target;
    struct segments clean = { 0 };
    struct module_source source = {
        .root = options ? options->sysroot : NULL,
        .exe = options ? options->exe : NULL,
        .inside_exe = r->inside_exe,
        .strict = options && options->strict,
    };
    target_take_segments(t, &r->present);
    bool ok = (r->files.count || link_map_read(t, r->auxv, r->auxv_size, &source, &r->files, err))
              && modules_find(t, &r->files, &source, err)
              && modules_clean(t, &r->files, &clean, err);
    r->present = (struct segments){ .rows = t->segments,
                                    .count = t->segment_count,
                                    .room = t->segment_count };
    t->segments = NULL;
    t->segment_count = 0;
    t->last = t->before = NULL;
    ok = ok && segments_underlay(&r->present, &clean, err)
         && segments_underlay(&r->present, &r->holes, err);
    segments_fini(&clean);
    if (!ok)
        return false;
    target_take_segments(t, &r->present);
    modules_tie(t);
    return true;
}

static bool core_build(struct core_reading *r, const char *path, const Elf64_Ehdr *head,
                       const struct target_options *options, struct err *err)
{
    if (!read_headers(r, head, err))
        return false;
    core_note_missing(r);
    if (!segments_underlay(&r->present, &r->blocked, err))
        return false;
    if (!r->present.count && !r->holes.count)
        return err_set(err, ERR_FORMAT, "%s: a core without any memory", path);
    return fill_holes(r, options, err);
}

// --- the file ----------------------------------------------------------------------------------

// Which other format a file has, by its first bytes. Null: none that is known here.
static const char *core_other_format(const uint8_t *bytes, size_t size)
{
    static const struct {
        const char *magic, *what;
    } formats[] = {
        { "MDMP", "a minidump (of Windows, Breakpad or Crashpad)" },
        { "PAGEDU64", "a memory dump of Windows" },
        { "PAGEDUMP", "a memory dump of Windows" },
        { "\xcf\xfa\xed\xfe", "a Mach-O file (of macOS)" },
        { "\xce\xfa\xed\xfe", "a Mach-O file (of macOS, 32-bit)" },
        { "\xfe\xed\xfa\xcf", "a Mach-O file (of macOS, big-endian)" },
        { "\xfe\xed\xfa\xce", "a Mach-O file (of macOS, 32-bit and big-endian)" },
        { "KDUMP   ", "a compressed dump of a kernel (kdump)" },
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        size_t length = strlen(formats[i].magic);
        if (size >= length && !memcmp(bytes, formats[i].magic, length))
            return formats[i].what;
    }
    uint32_t at = 0; // offset of the Windows header, as the DOS header says
    if (size >= 64 && !memcmp(bytes, "MZ", 2))
        memcpy(&at, bytes + 60, sizeof at);
    if (at && size >= 4 && at <= size - 4 && !memcmp(bytes + at, "PE\0", 4))
        return "a program or a library of Windows (PE)";
    return NULL;
}

static bool check_header(const struct core_reading *r, const char *path, Elf64_Ehdr *head,
                         struct err *err)
{
    const char *other = core_other_format(r->bytes, r->size);
    if (other)
        return err_set(err, ERR_UNSUPPORTED, "%s: %s: ouro reads ELF cores of Linux", path, other);
    if (r->size < SELFMAG || memcmp(r->bytes, ELFMAG, SELFMAG))
        return err_set(err, ERR_FORMAT, "%s: not an ELF file", path);
    if (r->size < sizeof *head)
        return err_set(err, ERR_FORMAT, "%s: an ELF file cut off within its header", path);
    memcpy(head, r->bytes, sizeof *head);
    if (head->e_ident[EI_DATA] == ELFDATA2MSB)
        return err_set(err, ERR_UNSUPPORTED, "%s: a big-endian core, which ouro does not read",
                       path);
    if (head->e_ident[EI_CLASS] != ELFCLASS64)
        return err_set(err, ERR_UNSUPPORTED,
                       "%s: a 32-bit %s, which ouro does not read: it reads 64-bit ones", path,
                       head->e_type == ET_CORE ? "core" : "ELF file that is not a core either");
    if (head->e_type != ET_CORE)
        return err_set(err, ERR_FORMAT, "%s: an ELF file, but %s", path,
                       head->e_type == ET_EXEC || head->e_type == ET_DYN
                           ? "a program or a library, not a core"
                           : "not a core");
    if (head->e_machine != EM_X86_64 && head->e_machine != EM_AARCH64)
        return err_set(err, ERR_UNSUPPORTED,
                       "%s: a core of machine %u; ouro knows x86-64 (62) and aarch64 (183)", path,
                       head->e_machine);
    if (head->e_phentsize != sizeof(Elf64_Phdr))
        return err_set(err, ERR_FORMAT, "%s: a core with program headers of an unknown size", path);
    return true;
}

static bool core_open_file(const char *path, int *fd, size_t *size, struct err *err)
{
    struct regular which;
    *fd = regular_open(path, &which, err);
    *size = *fd < 0 ? 0 : (size_t)which.size;
    if (*fd < 0 || *size)
        return *fd >= 0;
    close(*fd);
    return err_set(err, ERR_FORMAT, "%s: an empty file", path);
}

static bool map_core(struct core *core, const char *path, const struct target_options *options,
                     struct err *err)
{
    if (!core_open_file(path, &core->fd, &core->size, err)) {
        core->fd = -1;
        return false;
    }
    if (unpack_is_packed(core->fd)) {
        int packed = core->fd;
        core->fd = -1;
        bool ok = unpack(packed, path, options, &core->fd, &core->size, core->trouble,
                         sizeof core->trouble, err);
        close(packed);
        if (!ok)
            return false;
    }
    void *map = guard_map(core->fd, core->size);
    if (!map)
        return err_errno(err, errno, path);
    core->map = map;
    return true;
}

static bool core_add_part(struct maps *to, const struct mapping *of, addr start, addr end,
                          const struct mapping *file, struct err *err)
{
    struct mapping part = { .start = start, .end = end, .flags = of->flags };
    if (file && file->path) {
        part.path = strdup(file->path);
        part.offset = file->offset + (start - file->start);
        if (!part.path)
            return err_memory(err, "the list of mapped files");
    }
    return start >= end || maps_add(to, part, err);
}

// NT_FILE names the mappings that have a file. A program header may cover several mappings: cores
// written by ouro and gdb merge neighbours with equal rights.
static bool core_name_mappings(struct maps *mapped, const struct maps *files, struct err *err)
{
    struct maps out = { 0 };
    size_t f = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < mapped->count; i++) {
        const struct mapping *m = &mapped->rows[i];
        addr at = m->start;
        while (f < files->count && files->rows[f].end <= at)
            f++;
        for (size_t k = f; ok && k < files->count && files->rows[k].start < m->end; k++) {
            const struct mapping *file = &files->rows[k];
            addr from = file->start > at ? file->start : at;
            addr to = file->end < m->end ? file->end : m->end;
            if (from >= to)
                continue;
            ok = core_add_part(&out, m, at, from, NULL, err)
                 && core_add_part(&out, m, from, to, file, err);
            at = to;
        }
        ok = ok && core_add_part(&out, m, at, m->end, NULL, err);
    }
    maps_fini(mapped);
    *mapped = out;
    return ok;
}

static bool core_mappings(const struct target *target, struct maps *maps, struct err *err)
{
    const struct core *core = target->state;
    return maps_copy(maps, &core->mapped, err);
}

static void core_close(struct target *target)
{
    struct core *core = target->state;
    maps_fini(&core->mapped);
    if (core->map)
        guard_unmap(core->map, core->size);
    if (core->fd >= 0)
        close(core->fd);
    free(core);
}

static const struct target_ops core_ops = {
    .name = "core",
    .mappings = core_mappings,
    .close = core_close,
};

bool target_open_core(struct target *target, const char *path, const struct target_options *options,
                      struct err *err)
{
    *target = (struct target){ .kind = "core", .fd = -1 };
    struct core *core = calloc(1, sizeof *core);
    if (!core)
        return err_memory(err, path);
    core->fd = -1;
    target->ops = &core_ops;
    target->state = core;
    target->path = strdup(path);
    struct core_reading r = { .target = target, .trouble = core->trouble };
    Elf64_Ehdr head;
    bool ok = target->path ? map_core(core, path, options, err) : err_memory(err, path);
    if (ok) {
        target->fd = core->fd;
        r.bytes = core->map;
        r.size = core->size;
        ok = check_header(&r, path, &head, err);
    }
    if (ok) {
        target->machine = head.e_machine == EM_X86_64 ? MACHINE_X86_64 : MACHINE_AARCH64;
        ok = core_build(&r, path, &head, options, err);
    }
    if (ok) {
        maps_sort(&core->mapped);
        ok = core_name_mappings(&core->mapped, &r.files, err);
        target_note_run(target, r.auxv, r.auxv_size);
        provenance_of_file(&target->provenance, path);
    }
    segments_fini(&r.present);
    segments_fini(&r.blocked);
    segments_fini(&r.holes);
    segments_fini(&r.undumped);
    maps_fini(&r.files);
    if (!ok && *target->missing_why)
        err_wrap(err, "%s", target->missing_why);
    if (!ok)
        target_close(target);
    return ok;
}
