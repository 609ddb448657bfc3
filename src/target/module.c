// SPDX-License-Identifier: GPL-3.0-or-later
// Finding modules and the parts of them that are on disk: see module.h. Also the symbol functions
// of target.h.
#include "target/module.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/elf.h"
#include "target/module_memory.h"

#define MODULES_MAX ((size_t)16384) // a process has hundreds; a hostile NT_FILE could name millions
#define HEADERS ((size_t)64 << 10)  // bytes of a module's beginning: headers and build-id are in it
#define PAGE ((uint64_t)4096)

static void module_fini(struct module *module)
{
    free(module->path);
    free(module->file);
    elf_free(module->elf);
}

void modules_free(struct target *target)
{
    for (size_t i = 0; i < target->module_count; i++)
        module_fini(&target->modules[i]);
    free(target->modules);
    target->modules = NULL;
    target->module_count = 0;
}

void module_build_id_text(const struct module *module, char *text, size_t size)
{
    if (size)
        *text = 0;
    for (size_t i = 0; i < module->build_id_size && size > 2 * i + 2; i++)
        snprintf(text + 2 * i, 3, "%02x", module->build_id[i]);
}

// --- finding -----------------------------------------------------------------------------------

static void set_build_id(struct module *module, const struct elf_shape *shape)
{
    memcpy(module->build_id, shape->build_id, shape->build_id_size);
    module->build_id_size = shape->build_id_size;
}

// Where a module's file may be: for a live process the kernel knows it whatever has become of the
// name, which may now lead to another file (a package was upgraded).
enum { MODULE_PLACES = 4 };

struct module_places {
    char *files[MODULE_PLACES];
    size_t count;
    bool lost; // out of memory: an existing file might be reported as missing
};

static void module_places_add(struct module_places *places, char *file)
{
    if (file)
        places->files[places->count++] = file;
    else
        places->lost |= errno == ENOMEM;
}

static char *module_link(const struct mapping *mapping, const struct module_source *source)
{
    char link[96];
    snprintf(link, sizeof link, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)source->pid,
             mapping->start, mapping->end);
    return maps_resolve(NULL, link);
}

static char *module_named(const struct mapping *mapping, const struct module_source *source)
{
    return source->strict ? maps_resolve_inside(source->root, mapping->path)
                          : maps_resolve(source->root, mapping->path);
}

// A name is better than a link as long as it leads to the same file: debug information is found
// beside it. Build-ids tell whether it does; without one the kernel is asked first.
static void module_find_places(struct module_places *places, const struct mapping *mapping,
                               const struct elf_shape *memory, bool is_program,
                               const struct module_source *source)
{
    char exe[64];
    bool named = memory && memory->build_id_size;
    *places = (struct module_places){ .count = 0 };
    snprintf(exe, sizeof exe, "/proc/%d/exe", (int)source->pid);
    if (named)
        module_places_add(places, module_named(mapping, source));
    if (source->pid)
        module_places_add(places, module_link(mapping, source));
    if (source->pid && is_program)
        module_places_add(places, maps_resolve(NULL, exe));
    if (!named)
        module_places_add(places, module_named(mapping, source));
    else if (source->root && *source->root && !source->pid && !source->strict) // --sysroot lacks it
        module_places_add(places, maps_resolve(NULL, mapping->path));
}

// Takes ownership of the path. A file of another build is refused. *lost: out of memory.
static bool module_try_file(struct module *module, char *file, const struct elf_shape *memory,
                            bool *lost)
{
    struct err why = ERR_INIT;
    struct elf *elf = elf_open(file, &why);
    *lost |= why.kind == ERR_MEMORY;
    bool same = elf && (!memory || elf_shape_same(memory, elf_shape_of(elf)));
    if (same) {
        module->file = file;
        module->elf = elf;
        module->refused = false;
        return true;
    }
    module->refused = module->refused || elf;
    elf_free(elf);
    free(file);
    return false;
}

static bool refuse_exe(const struct module *module, const struct elf_shape *given, const char *exe,
                       struct err *err)
{
    struct module other = { 0 };
    set_build_id(&other, given);
    char was[80], is[80];
    module_build_id_text(module, was, sizeof was);
    module_build_id_text(&other, is, sizeof is);
    return err_set(err, ERR_FORMAT,
                   "%s is not the program that ran: its build-id is %s, that of %s is %s", exe,
                   *is ? is : "missing", module->path, *was ? was : "missing");
}

// Opens the file and decides whether it is the one that the target has mapped. memory: the shape in
// the target, null if that page is unavailable. Fails only for the user's own --exe.
static bool module_open_file(struct module *module, const struct mapping *mapping,
                             const struct elf_shape *memory, const struct module_source *source,
                             struct err *err)
{
    const char *exe = module->is_program ? source->exe : NULL;
    if (!exe) {
        struct module_places places;
        module_find_places(&places, mapping, memory, module->is_program, source);
        for (size_t i = 0; i < places.count; i++)
            if (module->file)
                free(places.files[i]);
            else
                module_try_file(module, places.files[i], memory, &places.lost);
        return module->file || !places.lost || err_memory(err, module->path);
    }
    module->file = strdup(exe);
    module->elf = module->file ? elf_open(module->file, err) : NULL;
    if (!module->elf)
        return module->file ? false : err_memory(err, exe);
    const struct elf_shape *shape = elf_shape_of(module->elf);
    return !memory || elf_shape_same(memory, shape) || refuse_exe(module, shape, exe, err);
}

// A module begins where a mapping holds the beginning of an ELF file. *is_module says whether it
// does.
static bool module_begin(struct target *target, const struct mapping *mapping,
                         const struct module_source *source, struct module *module, bool *is_module,
                         struct err *err)
{
    *is_module = false;
    struct elf_shape memory;
    uint64_t span = mapping->end - mapping->start;
    size_t size = target_readable(target, mapping->start, span < HEADERS ? (size_t)span : HEADERS);
    const uint8_t *bytes = size ? target_view(target, mapping->start, size) : NULL;
    bool known = bytes && elf_shape_read(&memory, bytes, size);
    if (bytes && !known)
        return true; // a file of another kind
    *module = (struct module){ .start = mapping->start, .path = strdup(mapping->path) };
    if (!module->path)
        return err_memory(err, "a module's name");
    if (known)
        set_build_id(module, &memory);
    uint64_t high = known ? memory.high - memory.low : span;
    module->is_program = source->inside_exe && source->inside_exe - mapping->start < high;
    if (!module_open_file(module, mapping, known ? &memory : NULL, source, err)) {
        module_fini(module);
        return false;
    }
    if (!known && !module->elf) {
        module_fini(module);
        return true;
    }
    const struct elf_shape *shape = known ? &memory : elf_shape_of(module->elf);
    if (!module->build_id_size && module->elf) {
        set_build_id(module, elf_shape_of(module->elf));
        module->assumed = true;
    }
    // The load at file offset 0 is the one that is mapped here.
    uint64_t first = shape->low;
    for (size_t i = 0; i < shape->load_count; i++)
        if (shape->loads[i].offset < PAGE) {
            first = shape->loads[i].start & ~(PAGE - 1);
            break;
        }
    module->bias = mapping->start - first;
    module->start = module->bias + shape->low;
    module->end = module->bias + shape->high;
    if (module->end <= module->start || module->end < mapping->end)
        module->end = mapping->end;
    if (module->start > mapping->start)
        module->start = mapping->start;
    *is_module = true;
    bool lost = false;
    if (!module->elf && known)
        module->elf = module_memory_open(target, module->bias, &memory, source->passing, &lost);
    if (!lost)
        return true;
    module_fini(module);
    return err_memory(err, mapping->path);
}

static bool module_add_module(struct target *target, struct module module, size_t *room,
                              struct err *err)
{
    if (target->module_count == *room) {
        size_t more = *room ? *room * 2 : 64;
        struct module *rows = realloc(target->modules, more * sizeof *rows);
        if (!rows) {
            module_fini(&module);
            return err_memory(err, "the list of modules");
        }
        target->modules = rows;
        *room = more;
    }
    target->modules[target->module_count++] = module;
    return true;
}

bool modules_find(struct target *target, const struct maps *maps,
                  const struct module_source *source, struct err *err)
{
    size_t room = target->module_count;
    addr reached = 0; // modules do not overlap, whatever their headers claim
    for (size_t i = 0; i < maps->count && target->module_count < MODULES_MAX; i++) {
        const struct mapping *m = &maps->rows[i];
        if (m->offset || m->start < reached || !m->path || *m->path != '/')
            continue;
        struct module module;
        bool is_module;
        if (!module_begin(target, m, source, &module, &is_module, err))
            return false;
        if (!is_module)
            continue;
        // Another file mapped inside the claimed range ends it.
        for (size_t k = i + 1; k < maps->count && maps->rows[k].start < module.end; k++)
            if (maps->rows[k].path && *maps->rows[k].path == '/'
                && strcmp(maps->rows[k].path, m->path))
                module.end = maps->rows[k].start;
        if (module.start < reached)
            module.start = reached;
        reached = module.end;
        if (!module_add_module(target, module, &room, err))
            return false;
    }
    return true;
}

int target_module_of(const struct target *target, addr at)
{
    size_t low = 0, high = target->module_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (at < target->modules[middle].start)
            high = middle;
        else if (at >= target->modules[middle].end)
            low = middle + 1;
        else
            return (int)middle;
    }
    return -1;
}

void modules_tie(struct target *target)
{
    for (size_t i = 0; i < target->segment_count; i++)
        target->segments[i].module = target_module_of(target, target->segments[i].start);
}

// --- what a file has of the memory -------------------------------------------------------------

// The part of a mapping that a running program does not modify, as [*start, *end).
static const struct elf_load *clean_part(const struct target *target, const struct mapping *m,
                                         int *module, addr *start, addr *end)
{
    *module = target_module_of(target, m->start);
    const struct module *mod = *module < 0 ? NULL : &target->modules[*module];
    if (!mod || !mod->file || !m->path || strcmp(m->path, mod->path) || (m->flags & SEGMENT_WRITE))
        return NULL;
    const struct elf_shape *shape = elf_shape_of(mod->elf);
    const struct elf_load *load = elf_shape_load(shape, m->start - mod->bias);
    if (!load || (load->flags & SEGMENT_WRITE))
        return NULL;
    addr at = mod->bias + (load->start & ~(PAGE - 1));
    addr last = mod->bias + ((load->end + PAGE - 1) & ~(PAGE - 1));
    if (m->start - at + (load->offset & ~(PAGE - 1)) != m->offset)
        return NULL; // mapped by something other than the loader
    *start = m->start;
    *end = m->end < last ? m->end : last;
    addr relro = mod->bias + (shape->relro_start & ~(PAGE - 1));
    if (shape->relro_end && relro < *end && mod->bias + shape->relro_end > *start)
        *end = relro > *start ? relro : *start;
    return *start < *end ? load : NULL;
}

bool module_is_clean(const struct target *target, const struct mapping *mapping)
{
    int module;
    addr start, end;
    return clean_part(target, mapping, &module, &start, &end) && end == mapping->end;
}

bool modules_clean(const struct target *target, const struct maps *maps, struct segments *to,
                   struct err *err)
{
    for (size_t i = 0; i < maps->count; i++) {
        const struct mapping *m = &maps->rows[i];
        int module;
        addr start, end;
        const struct elf_load *load = clean_part(target, m, &module, &start, &end);
        if (!load)
            continue;
        size_t size;
        const uint8_t *bytes = elf_bytes(target->modules[module].elf, &size);
        if (m->offset >= size)
            continue;
        if (end - start > size - m->offset)
            end = start + (size - m->offset);
        struct segment row = {
            .start = start,
            .end = end,
            .host = bytes + m->offset,
            .flags = load->flags | SEGMENT_FILE,
            .module = module,
            .offset = m->offset,
        };
        if (!segments_add(to, row, err))
            return false;
    }
    segments_settle(to);
    return true;
}

// --- symbols -----------------------------------------------------------------------------------

static addr symbol_in(const struct module *module, const char *name, bool exported)
{
    uint64_t value = module->elf ? elf_symbol(module->elf, name, exported) : 0;
    return value ? value + module->bias : 0;
}

// A program that names a variable of a library gets a copy of it, which everybody then uses
// (R_X86_64_COPY): the loader finds the program's first.
static addr symbol_copied(const struct target *target, size_t of, const char *name)
{
    for (size_t i = 0; i < target->module_count; i++) {
        const struct module *m = &target->modules[i];
        if (!m->is_program || !m->elf || i == of)
            continue;
        uint64_t value = elf_symbol_copied(m->elf, name);
        return value ? value + m->bias : 0;
    }
    return 0;
}

addr target_symbol(struct target *target, int module, const char *name)
{
    size_t from = module < 0 ? 0 : (size_t)module;
    size_t to = module < 0 ? target->module_count : from + 1;
    if (to > target->module_count)
        return 0;
    if (target->ops && target->ops->symbol)
        return target->ops->symbol(target, name);
    // Exported names of all modules first: .symtab has to be sorted before it can answer.
    for (int exported = 1; exported >= 0; exported--)
        for (size_t i = from; i < to; i++) {
            addr at = symbol_in(&target->modules[i], name, exported);
            addr copy = at && exported ? symbol_copied(target, i, name) : 0;
            if (at)
                return copy ? copy : at;
        }
    return 0;
}

bool target_name(struct target *target, int module, const char *name, addr at)
{
    struct module *m = &target->modules[module];
    if (!m->elf) // nothing is known of the module
        m->elf = elf_of_tables(&(struct elf_tables){ .shape.machine = 0 });
    return m->elf && elf_give(m->elf, name, at - m->bias);
}

// Zero-initialised variables (.bss) directly follow the mapping of the module's file.
static int module_before(struct target *target, addr at)
{
    const struct segment *s = target_segment(target, at);
    for (size_t i = 0; s && i < target->module_count; i++) {
        const struct module *m = &target->modules[i];
        if (m->end <= at && m->end >= s->start)
            return (int)i;
    }
    return -1;
}

// Symbols that mark an end have no size, and would cover everything that follows.
static bool is_end_mark(const char *name)
{
    static const char *const marks[] = { "_end", "end", "_edata", "edata", "__bss_start" };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (!strcmp(name, marks[i]))
            return true;
    return false;
}

bool target_symbolize(struct target *target, addr at, char *text, size_t size)
{
    int i = target_module_of(target, at);
    bool behind = i < 0;
    i = behind ? module_before(target, at) : i;
    const struct module *module = i < 0 ? NULL : &target->modules[i];
    uint64_t inside = 0;
    const char *name =
        module && module->elf ? elf_symbolize(module->elf, at - module->bias, &inside) : NULL;
    if (name && behind && is_end_mark(name))
        name = NULL;
    if (!name && target->ops && target->ops->symbolize)
        name = target->ops->symbolize(target, at);
    if (!name)
        return false;
    if (inside)
        snprintf(text, size, "%s+0x%" PRIx64, name, inside);
    else
        snprintf(text, size, "%s", name);
    return true;
}

bool target_section(struct target *target, int module, const char *name, addr *start,
                    uint64_t *size)
{
    size_t from = module < 0 ? 0 : (size_t)module;
    size_t to = module < 0 ? target->module_count : from + 1;
    for (size_t i = from; i < to && i < target->module_count; i++) {
        const struct module *m = &target->modules[i];
        if (m->elf && elf_section(m->elf, name, start, size)) {
            *start += m->bias;
            return true;
        }
    }
    return false;
}
