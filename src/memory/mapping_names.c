// SPDX-License-Identifier: GPL-3.0-or-later
// Naming mappings: see mapping_names.h.
#include "memory/mapping_names.h"

#include <stdlib.h>
#include <string.h>

#include "target/target.h"

// --- allocators ----------------------------------------------------------------------------------

static const struct known_malloc {
    const char *name, *file, *symbol; // part of a library's file name, or a symbol that only it has
} mapping_mallocs[] = {
    { "jemalloc", "libjemalloc", "mallctlnametomib" },
    { "tcmalloc", "libtcmalloc", "tc_malloc" },
    { "mimalloc", "libmimalloc", "mi_version" },
    { "musl", "ld-musl-", NULL },
};

const char *mapping_allocator(struct target *target)
{
    for (size_t k = 0; k < sizeof mapping_mallocs / sizeof *mapping_mallocs; k++) {
        const struct known_malloc *row = &mapping_mallocs[k];
        for (size_t i = 0; i < target->module_count; i++) {
            const char *path = target->modules[i].path;
            const char *base = path ? strrchr(path, '/') : NULL;
            if (base && strstr(base, row->file))
                return row->name;
        }
        // A copy that Python has for itself does not replace malloc().
        for (size_t i = 0; row->symbol && i < target->module_count; i++)
            if (target_symbol(target, (int)i, row->symbol)
                && target_symbol(target, (int)i, "malloc"))
                return row->name;
    }
    return NULL;
}

// --- mappings ------------------------------------------------------------------------------------

static bool mapping_is_shared(const struct mapping *m)
{
    static const char *const paths[] = { "/dev/zero", "/memfd:", "/SYSV", "/dev/shm/",
                                         "/run/shm/" };
    if (m->shared)
        return true;
    for (size_t i = 0; m->path && i < sizeof paths / sizeof *paths; i++)
        if (!strncmp(m->path, paths[i], strlen(paths[i])))
            return true;
    return false;
}

static const char *mapping_path(struct memory *memory, const char *path)
{
    const char *copy = path ? arena_string(&memory->texts, path) : NULL;
    return copy ? copy : "?";
}

static uint32_t mapping_file(struct memory *memory, const struct mapping *m)
{
    int module = target_module_of(memory->target, m->start);
    const struct module *known = module >= 0 ? &memory->target->modules[module] : NULL;
    const char *name = mapping_path(memory, known ? known->path : m->path);
    if (known && known->is_program)
        return memory_row(memory, "program", name, "its code, constants and variables");
    if (known)
        return memory_row(memory, "library", name, "its code, constants and variables");
    return memory_row(memory, "file", name, "a file that is mapped");
}

static bool mapping_is_code(const struct memory *memory, const struct mapping *m)
{
    const void *head = target_view(memory->target, m->start, 4);
    return (m->flags & SEGMENT_EXEC) && head && !memcmp(head, "\177ELF", 4);
}

// Zero-initialised variables follow the file's own mapping and belong to no file, but the file says
// how far they reach. If the kernel maps something directly after them, both become one mapping.
addr mapping_variables(const struct memory *memory, size_t i, int *module)
{
    const struct mapping *m = &memory->residence.rows[i].mapping;
    bool anonymous = !m->path || *m->path != '/';
    *module =
        (m->flags & SEGMENT_WRITE) && !m->shared ? target_module_of(memory->target, m->start) : -1;
    if (*module < 0)
        return m->start;
    addr end = memory->target->modules[*module].end;
    return anonymous && end < m->end ? end : m->end;
}

static void mapping_note_users(struct memory *memory, int module, addr at, uint64_t size)
{
    const struct residence *residence = &memory->residence;
    const uint8_t *bytes = target_view(memory->target, at, size);
    addr low = residence->rows[0].mapping.start;
    addr high = residence->rows[residence->count - 1].mapping.end;
    const struct resident *last = residence->rows;
    for (uint64_t k = 0; bytes && k + 8 <= size; k += 8) {
        uint64_t word;
        memcpy(&word, bytes + k, 8);
        if (word - low >= high - low || word >> 32 == 0) // mmap() returns no addresses this low
            continue;
        if (word - last->mapping.start >= last->mapping.end - last->mapping.start)
            last = residence_of(residence, word) ? residence_of(residence, word) : last;
        size_t i = (size_t)(last - residence->rows);
        if (word - last->mapping.start < last->mapping.end - last->mapping.start
            && !last->mapping.path && memory->users[i] < 0)
            memory->users[i] = module;
    }
}

bool mapping_find_users(struct memory *memory, struct err *err)
{
    const struct residence *residence = &memory->residence;
    memory->users = malloc((residence->count + 1) * sizeof *memory->users);
    if (!memory->users)
        return err_memory(err, "the list of mappings");
    for (size_t i = 0; i < residence->count; i++)
        memory->users[i] = -1;
    for (size_t i = 0; i < residence->count; i++) {
        const struct mapping *m = &residence->rows[i].mapping;
        int module;
        addr end = mapping_variables(memory, i, &module);
        uint64_t size = target_readable(memory->target, m->start, end - m->start);
        if (size)
            mapping_note_users(memory, module, m->start, size);
    }
    return true;
}

bool mapping_claim_variables(struct memory *memory, struct err *err)
{
    for (size_t i = 0; i < memory->residence.count; i++) {
        const struct mapping *m = &memory->residence.rows[i].mapping;
        int module;
        addr end = mapping_variables(memory, i, &module);
        bool anonymous = !m->path || *m->path != '/';
        if (module >= 0 && anonymous
            && !memory_claim(memory, mapping_file(memory, m), m->start, end, 1, err))
            return false;
    }
    return true;
}

uint32_t mapping_row(struct memory *memory, size_t i)
{
    const struct mapping *m = &memory->residence.rows[i].mapping;
    const char *path = m->path && *m->path ? m->path : NULL;
    if (memory->rests && memory->rests[i] != MEMORY_NO_ROW)
        return memory->rests[i];
    if (mapping_is_shared(m))
        return memory_row(memory, "shared", mapping_path(memory, path ? path : "anonymous"),
                          "memory that other processes may have mapped, too");
    if (path && *path == '/')
        return mapping_file(memory, m);
    if (path && !strcmp(path, "[stack]"))
        return memory_row(memory, "stack", "main thread", "");
    if ((path && !strncmp(path, "[v", 2)) || m->start >> 63 || mapping_is_code(memory, m))
        return memory_row(memory, "kernel", path ? mapping_path(memory, path) : "code",
                          "what the kernel put there");
    if (!(m->flags & (SEGMENT_READ | SEGMENT_WRITE | SEGMENT_EXEC)))
        return memory_row(memory, "reserved", "no access",
                          "address space without memory: guards, room to grow");
    if (memory->allocator && !memory->jemalloc.shape && !memory->mallocng.context)
        return memory_row(
            memory, "other malloc", memory->allocator,
            "anonymous memory while this malloc is loaded: most of it is its own (guessed)");
    if (path && !strncmp(path, "[anon", 5))
        return memory_row(memory, "anonymous", mapping_path(memory, path),
                          "memory that the program gave a name");
    if ((m->flags & SEGMENT_EXEC) && (m->flags & SEGMENT_WRITE))
        return memory_row(memory, "anonymous", "closures",
                          "may be written and executed: libffi's closures, made code");
    int32_t user = memory->users ? memory->users[i] : -1;
    if (user >= 0)
        return memory_row(memory, "anonymous",
                          mapping_path(memory, memory->target->modules[user].path),
                          "a variable of the library points there (guessed)");
    return memory_row(memory, "anonymous", "unknown", "memory that nobody claims");
}
