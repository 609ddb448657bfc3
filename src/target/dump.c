// SPDX-License-Identifier: GPL-3.0-or-later
// A core file from a live target: see dump.h.
//
//      ELF header | program headers | notes | (to a page) | segment | segment | ...
//
#include "target/dump.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <unistd.h>

#include "target/live.h"
#include "target/residence.h"
#include "target/ops.h"

#define PAGE ((uint64_t)4096)
#define CHUNK ((size_t)1 << 20)

struct dump_bytes {
    uint8_t *at;
    size_t size, room;
};

static bool dump_put(struct dump_bytes *to, const void *from, size_t size)
{
    if (size > to->room - to->size) {
        size_t room = (to->room + size) * 2 + 4096;
        uint8_t *at = realloc(to->at, room);
        if (!at)
            return false;
        to->at = at;
        to->room = room;
    }
    memcpy(to->at + to->size, from, size);
    to->size += size;
    return true;
}

static bool put_note(struct dump_bytes *to, uint32_t type, const char *name, const void *desc,
                     size_t size)
{
    static const char zeros[4];
    Elf64_Nhdr head = { .n_namesz = (uint32_t)strlen(name) + 1,
                        .n_descsz = (uint32_t)size,
                        .n_type = type };
    return dump_put(to, &head, sizeof head) && dump_put(to, name, head.n_namesz)
           && dump_put(to, zeros, -(size_t)head.n_namesz & 3) && dump_put(to, desc, size)
           && dump_put(to, zeros, -size & 3);
}

// --- notes -------------------------------------------------------------------------------------

static bool put_thread(struct dump_bytes *to, const struct target *target,
                       const struct held_thread *thread)
{
    struct elf_prstatus status = { .pr_pid = thread->tid, .pr_ppid = target->pid };
    size_t size =
        thread->register_size < sizeof status.pr_reg ? thread->register_size : sizeof status.pr_reg;
    memcpy(&status.pr_reg, thread->registers, size);
    if (!put_note(to, NT_PRSTATUS, "CORE", &status, sizeof status))
        return false;
    return target->machine != MACHINE_AARCH64
           || put_note(to, NT_ARM_TLS, "LINUX", &thread->tls, sizeof thread->tls);
}

static bool put_process(struct dump_bytes *to, const struct target *target)
{
    struct elf_prpsinfo info = { .pr_state = 0, .pr_sname = 'R', .pr_pid = target->pid };
    const char *command = target->command ? target->command : "";
    size_t length = strnlen(command, sizeof info.pr_psargs - 1);
    memcpy(info.pr_psargs, command, length);
    size_t word = strcspn(command, " ");
    const char *slash = memrchr(command, '/', word);
    const char *name = slash ? slash + 1 : command;
    word -= (size_t)(name - command);
    memcpy(info.pr_fname, name, word < sizeof info.pr_fname - 1 ? word : sizeof info.pr_fname - 1);
    return put_note(to, NT_PRPSINFO, "CORE", &info, sizeof info);
}

static bool dump_is_file(const struct mapping *m)
{
    return m->path && *m->path == '/';
}

static bool put_files(struct dump_bytes *to, const struct maps *maps)
{
    struct dump_bytes note = { 0 };
    uint64_t head[2] = { 0, PAGE };
    for (size_t i = 0; i < maps->count; i++)
        head[0] += dump_is_file(&maps->rows[i]);
    bool ok = dump_put(&note, head, sizeof head);
    for (size_t i = 0; ok && i < maps->count; i++) {
        const struct mapping *m = &maps->rows[i];
        uint64_t row[3] = { m->start, m->end, m->offset / PAGE };
        ok = !dump_is_file(m) || dump_put(&note, row, sizeof row);
    }
    for (size_t i = 0; ok && i < maps->count; i++)
        if (dump_is_file(&maps->rows[i]))
            ok = dump_put(&note, maps->rows[i].path, strlen(maps->rows[i].path) + 1);
    ok = ok && put_note(to, NT_FILE, "CORE", note.at, note.size);
    free(note.at);
    return ok;
}

// A note of our own, which other programs skip: where and when the process ran.
static bool put_provenance(struct dump_bytes *to, const struct target *target)
{
    struct text text = TEXT_INIT;
    provenance_put(&target->provenance, false, &text);
    bool ok = !text.failed && put_note(to, 0, DUMP_NOTE, text_string(&text), text.size);
    text_fini(&text);
    return ok;
}

static bool put_notes(struct dump_bytes *to, const struct target *target, const struct live *live)
{
    bool ok = true;
    for (size_t i = 0; ok && i < live->thread_count; i++) {
        if (live->threads[i].gone)
            continue;
        ok = put_thread(to, target, &live->threads[i]);
        // gdb attributes the notes up to the second NT_PRSTATUS to the process and its first
        // thread.
        if (i == 0)
            ok = ok && put_process(to, target)
                 && (!live->auxv || put_note(to, NT_AUXV, "CORE", live->auxv, live->auxv_size))
                 && put_files(to, &live->maps);
    }
    return ok && put_provenance(to, target);
}

// --- segments ----------------------------------------------------------------------------------

// Only the private pages of shared memory and data files go into the file: what the process
// changed.
static bool dump_add_late(struct segments *rows, struct live *live, const struct segment *s,
                          struct err *err)
{
    struct segments private = { 0 }, whole = { 0 };
    bool ok = true;
    for (size_t i = 0; ok && i < live->late.count; i++)
        if (live->late.rows[i].host && live->late.rows[i].start >= s->start
            && live->late.rows[i].end <= s->end)
            ok = segments_add(&private, live->late.rows[i], err);
    const struct mapping *m = live->memfd < 0 || live->hold ? maps_at(&live->maps, s->start) : NULL;
    for (addr at = s->start, next; ok && m && at < s->end; at = next) {
        enum page_run kind;
        next = pages_run(&live->pages, m, at, s->end, &kind);
        if (kind == RUN_OWN || kind == RUN_FORKED)
            ok = segments_add(&private, (struct segment){ .start = at, .end = next }, err);
    }
    for (size_t i = 0; i < private.count; i++) {
        addr start = private.rows[i].start, end = private.rows[i].end;
        private.rows[i] = *s;
        private.rows[i].start = start;
        private.rows[i].end = end;
    }
    struct segment rest = *s;
    rest.host = NULL;
    ok = ok && segments_add(&whole, rest, err) && segments_underlay(&private, &whole, err);
    for (size_t i = 0; ok && i < private.count; i++)
        ok = segments_add(rows, private.rows[i], err);
    segments_fini(&private);
    segments_fini(&whole);
    return ok;
}

// The program headers to write. Only their addresses, their rights and whether there are bytes
// count: the bytes are read through the target.
static bool dump_list_rows(const struct target *target, struct segments *rows, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < target->segment_count; i++) {
        const struct segment *s = &target->segments[i];
        ok = s->flags & SEGMENT_LATE && s->host ? dump_add_late(rows, target->state, s, err)
                                                : segments_add(rows, *s, err);
    }
    return ok;
}

struct dump_writing {
    int fd;
    uint8_t *buffer; // CHUNK bytes
    bool with_files;
    const struct progress *progress;
    uint64_t done, total;
};

// How much of the segment goes into the file.
static uint64_t dumped_size(const struct dump_writing *w, const struct target *target,
                            const struct segment *s)
{
    uint64_t size = s->end - s->start;
    if (!s->host)
        return 0;
    if (w->with_files)
        return size;
    if (s->flags & SEGMENT_FILE)
        return s->offset == 0 && size > PAGE ? PAGE : s->offset == 0 ? size : 0;
    // For a held process text is read through memory too; the file has it.
    const struct module *m = s->module >= 0 ? &target->modules[s->module] : NULL;
    if (m && m->file && s->filled && !(s->flags & SEGMENT_WRITE) && (s->flags & SEGMENT_EXEC))
        return 0;
    return size;
}

static Elf64_Phdr load_of(const struct dump_writing *w, const struct target *target,
                          const struct segment *s, uint64_t offset)
{
    return (Elf64_Phdr){
        .p_type = PT_LOAD,
        .p_flags = (s->flags & SEGMENT_READ ? PF_R : 0) | (s->flags & SEGMENT_WRITE ? PF_W : 0)
                   | (s->flags & SEGMENT_EXEC ? PF_X : 0),
        .p_offset = offset,
        .p_vaddr = s->start,
        .p_filesz = dumped_size(w, target, s),
        .p_memsz = s->end - s->start,
        .p_align = PAGE,
    };
}

static bool dump_write_at(int fd, const uint8_t *from, size_t size, uint64_t at, struct err *err)
{
    while (size) {
        ssize_t got = pwrite(fd, from, size, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return err_errno(err, got < 0 ? errno : ENOSPC, "writing the core");
        from += got;
        at += (uint64_t)got;
        size -= (size_t)got;
    }
    return true;
}

static bool dump_is_zero(const uint8_t *bytes, size_t size)
{
    return !bytes[0] && !memcmp(bytes, bytes + 1, size - 1);
}

// Writes the runs of pages in one view that are not all zero.
static bool write_runs(int fd, const uint8_t *from, size_t size, uint64_t at, struct err *err)
{
    for (size_t done = 0; done < size;) {
        size_t run = 0;
        while (done + run < size) {
            size_t part = size - done - run < PAGE ? size - done - run : PAGE;
            if (dump_is_zero(from + done + run, part))
                break;
            run += part;
        }
        if (run && !dump_write_at(fd, from + done, run, at + done, err))
            return false;
        done += run + (done + run < size ? PAGE : 0);
    }
    return true;
}

// Where the copy next holds something, `done` bytes into the segment or later. Reserved memory can
// be a thousand times the rest.
static uint64_t dump_skip_untouched(const struct target *target, const struct segment *s,
                                    uint64_t done, uint64_t size)
{
    struct live *live = target->state;
    if (!live->hold || s->flags & SEGMENT_LATE)
        return done;
    return pages_skip_zeros(&live->pages, s->start + done, s->start + size) - s->start;
}

static uint64_t dump_skip_hole(const struct target *target, const struct segment *s, uint64_t done,
                               uint64_t size)
{
    if (target->fd < 0 || s->filled || (s->flags & SEGMENT_FILE))
        return s->filled ? dump_skip_untouched(target, s, done, size) : done;
    off_t at = lseek(target->fd, (off_t)(s->offset + done), SEEK_DATA);
    if (at < 0)
        return errno == ENXIO ? size : done;
    uint64_t there = (uint64_t)at - s->offset;
    return there < size ? there : size;
}

// A view of the memory at the address, at most *part bytes in one piece; null: nothing is there.
// Pages read lazily are not kept: there may be room for the file but not in memory.
static const uint8_t *dump_view(struct dump_writing *w, struct target *target, addr at,
                                size_t *part)
{
    const struct segment *s = target_segment(target, at);
    if (!s || !s->filled) {
        *part = target_readable(target, at, *part);
        return *part ? target_view(target, at, *part) : NULL;
    }
    *part = *part < s->end - at ? *part : (size_t)(s->end - at);
    *part = target_peek(target, s, at, w->buffer, *part);
    return *part ? w->buffer : NULL;
}

static bool dump_write_segment(struct dump_writing *w, struct target *target,
                               const struct segment *s, uint64_t at, struct err *err)
{
    uint64_t size = dumped_size(w, target, s);
    for (uint64_t done = 0, next; done < size;) {
        next = dump_skip_hole(target, s, done, size);
        w->done += next - done;
        done = next;
        if (done == size)
            break;
        size_t part = size - done < CHUNK ? (size_t)(size - done) : CHUNK;
        const uint8_t *view = dump_view(w, target, s->start + done, &part);
        if (view && !write_runs(w->fd, view, part, at + done, err))
            return false;
        uint64_t by = view ? part : PAGE; // a page that cannot be read stays a hole
        done += by;
        w->done += by;
        if (!progress_step(w->progress, "writing the core", w->done, w->total))
            return err_set(err, ERR_CANCELLED, "writing the core was stopped");
    }
    return true;
}

static bool dump_write_rows(struct dump_writing *w, struct target *target,
                            const struct segments *rows, const struct dump_bytes *notes,
                            uint64_t *end, struct err *err)
{
    size_t count = rows->count;
    uint64_t headers = sizeof(Elf64_Ehdr) + (count + 1) * sizeof(Elf64_Phdr);
    if (count + 1 >= PN_XNUM)
        return err_set(err, ERR_UNSUPPORTED, "more segments than a core file can hold");
    Elf64_Ehdr head = {
        .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
        .e_type = ET_CORE,
        .e_machine = target->machine == MACHINE_AARCH64 ? EM_AARCH64 : EM_X86_64,
        .e_version = EV_CURRENT,
        .e_phoff = sizeof head,
        .e_ehsize = sizeof head,
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = (Elf64_Half)(count + 1),
    };
    struct dump_bytes table = { 0 };
    Elf64_Phdr note = {
        .p_type = PT_NOTE, .p_offset = headers, .p_filesz = notes->size, .p_align = 4
    };
    bool ok = (dump_put(&table, &head, sizeof head) && dump_put(&table, &note, sizeof note))
              || err_memory(err, "a core's headers");
    uint64_t at = (headers + notes->size + PAGE - 1) & ~(PAGE - 1);
    for (size_t i = 0; i < count; i++)
        w->total += dumped_size(w, target, &rows->rows[i]);
    for (size_t i = 0; ok && i < count; i++) {
        Elf64_Phdr load = load_of(w, target, &rows->rows[i], at);
        ok = dump_put(&table, &load, sizeof load) || err_memory(err, "a core's headers");
        ok = ok && dump_write_segment(w, target, &rows->rows[i], at, err);
        at += (load.p_filesz + PAGE - 1) & ~(PAGE - 1);
    }
    ok = ok && dump_write_at(w->fd, table.at, table.size, 0, err)
         && dump_write_at(w->fd, notes->at, notes->size, headers, err);
    if (ok && ftruncate(w->fd, (off_t)at))
        ok = err_errno(err, errno, "writing the core");
    free(table.at);
    *end = at;
    return ok;
}

static bool write_core(struct dump_writing *w, struct target *target,
                       const struct dump_bytes *notes, uint64_t *end, struct err *err)
{
    struct segments rows = { 0 };
    bool ok =
        dump_list_rows(target, &rows, err) && dump_write_rows(w, target, &rows, notes, end, err);
    segments_fini(&rows);
    return ok;
}

bool target_dump(struct target *target, const char *file, bool with_files,
                 const struct progress *progress, uint64_t *bytes, struct err *err)
{
    bool live = target->kind && (!strcmp(target->kind, "copy") || !strcmp(target->kind, "process"));
    if (!live)
        return target->kind && !strcmp(target->kind, "gdb")
                   ? err_set(err, ERR_UNSUPPORTED,
                             "gdb has this process: its own `gcore FILE` writes the core")
                   : err_set(err, ERR_UNSUPPORTED,
                             "only a live process can be dumped: ouro -p PID dump FILE");
    struct dump_bytes notes = { 0 };
    if (!put_notes(&notes, target, target->state)) {
        free(notes.at);
        return err_memory(err, "a core's notes");
    }
    struct dump_writing w = { .with_files = with_files,
                              .progress = progress,
                              .buffer = malloc(CHUNK) };
    if (!w.buffer) {
        free(notes.at);
        return err_memory(err, "writing the core");
    }
    w.fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (w.fd < 0) {
        free(notes.at);
        free(w.buffer);
        return err_errno(err, errno, file);
    }
    bool ok = write_core(&w, target, &notes, bytes, err);
    if (close(w.fd) && ok)
        ok = err_errno(err, errno, file);
    if (!ok)
        unlink(file);
    free(notes.at);
    free(w.buffer);
    return ok;
}

static bool dump_is_deleted_program(const struct mapping *m)
{
    static const char deleted[] = " (deleted)";
    static const char memory_file[] = "/memfd:";
    size_t length = dump_is_file(m) ? strlen(m->path) : 0, tail = sizeof deleted - 1;
    return length > tail && !strcmp(m->path + length - tail, deleted) && !m->shared
           && (m->flags & SEGMENT_EXEC) && strncmp(m->path, memory_file, sizeof memory_file - 1);
}

bool target_dump_deleted_text(const struct target *target, char *text, size_t size)
{
    struct maps maps = { 0 };
    const struct mapping *first = NULL, *last = NULL;
    size_t more = 0;
    bool known = target_mappings(target, &maps, NULL);
    for (size_t i = 0; known && i < maps.count; i++) {
        const struct mapping *m = &maps.rows[i];
        int module = target_module_of(target, m->start);
        bool has_text = module >= 0 && !target->modules[module].file; // as memory, then
        if (!dump_is_deleted_program(m) || has_text || (last && !strcmp(last->path, m->path)))
            continue;
        more += first != NULL;
        first = first ? first : m;
        last = m;
    }
    char others[40] = "";
    if (more)
        snprintf(others, sizeof others, " (and %zu more)", more);
    if (first)
        snprintf(text, size,
                 "%s%s: its text is not in the core; dump with --with-files, or copy "
                 "/proc/%d/map_files/%" PRIx64 "-%" PRIx64
                 " while the process lives, and give it with --exe or --sysroot",
                 first->path, others, (int)target->pid, first->start, first->end);
    maps_fini(&maps);
    return first != NULL;
}
