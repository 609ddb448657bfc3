// SPDX-License-Identifier: GPL-3.0-or-later
// Cores made by hand: good ones, broken ones, hostile ones.
#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

#include "image.h"
#include "target/elf.h"
#include "target/ops.h"
#include "target/residence.h"
#include "unit.h"

#define A ((addr)0x10000)

// --- refusing ----------------------------------------------------------------------------------

static void refuses(const struct image *i, size_t size, enum err_kind kind, const char *part)
{
    struct target t = { 0 };
    struct err err = ERR_INIT;
    CU_ASSERT_FALSE(image_open(i, size, &t, &err));
    CU_ASSERT_EQUAL(err.kind, kind);
    if (!strstr(err.text, part)) {
        fprintf(stderr, "  \"%s\" does not say \"%s\"\n", err.text, part);
        CU_FAIL("another sentence");
    }
    target_close(&t);
}

static void test_refusals(void)
{
    struct image i;
    image_init(&i, EM_X86_64, 1);
    refuses(&i, i.size, ERR_FORMAT, "without any memory");
    image_load(&i, 0, A, 7, 16);
    refuses(&i, 40, ERR_FORMAT, "cut off within its header");
    refuses(&i, 0, ERR_FORMAT, "empty");
    i.bytes[0] = 'x';
    refuses(&i, i.size, ERR_FORMAT, "not an ELF file");
    i.bytes[0] = ELFMAG0;
    i.bytes[EI_CLASS] = ELFCLASS32;
    refuses(&i, i.size, ERR_UNSUPPORTED, "32-bit");
    i.bytes[EI_CLASS] = ELFCLASS64;
    i.bytes[EI_DATA] = ELFDATA2MSB;
    refuses(&i, i.size, ERR_UNSUPPORTED, "big-endian");
    i.bytes[EI_DATA] = ELFDATA2LSB;
    i.bytes[offsetof(Elf64_Ehdr, e_type)] = ET_DYN;
    refuses(&i, i.size, ERR_FORMAT, "not a core");
    i.bytes[offsetof(Elf64_Ehdr, e_type)] = ET_CORE;
    i.bytes[offsetof(Elf64_Ehdr, e_machine)] = EM_S390;
    refuses(&i, i.size, ERR_UNSUPPORTED, "machine 22");
}

static void test_no_file(void)
{
    struct target t;
    struct err err = ERR_INIT;
    CU_ASSERT_FALSE(target_open_core(&t, "/nonexistent/core", NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "No such file"));
    CU_ASSERT_FALSE(target_open_core(&t, "/tmp", NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "folder"));
    CU_ASSERT_FALSE(target_open_core(&t, "/dev/null", NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "not a regular file"));
    target_close(&t);
}

// --- reading -----------------------------------------------------------------------------------

static void test_reads(void)
{
    struct image i;
    image_init(&i, EM_X86_64, 3);
    image_load(&i, 0, A, 1, 0x100);
    image_load(&i, 1, A + 0x100, 2, 0x100); // beside the first, also in the file
    image_load(&i, 2, A + 0x1000, 3, 0x100);
    memcpy(i.bytes + image_header(&i, 2)->p_offset + 0xf0, "sixteen bytes...", 16);
    struct target t;
    struct err err = ERR_INIT;
    UNIT_OK(image_open(&i, i.size, &t, &err), &err);
    CU_ASSERT_EQUAL(t.segment_count, 2);
    const uint8_t *view = target_view(&t, A + 0xff, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(view);
    CU_ASSERT_EQUAL(view[0], 1);
    CU_ASSERT_EQUAL(view[1], 2);
    CU_ASSERT_PTR_NULL(target_view(&t, A + 0x1ff, 2));
    CU_ASSERT_PTR_NULL(target_view(&t, A + 0x1ff, SIZE_MAX));
    CU_ASSERT_PTR_NULL(target_view(&t, A - 1, 1));
    CU_ASSERT_EQUAL(target_readable(&t, A + 0x180, 0x1000), 0x80);
    CU_ASSERT_EQUAL(target_readable(&t, A + 0x200, 8), 0);
    CU_ASSERT_EQUAL(t.faults, 0);
    bool ok = true;
    CU_ASSERT_EQUAL(target_u64(&t, A + 0x1000, &ok), 0x0303030303030303);
    CU_ASSERT_EQUAL(target_u32(&t, A + 0xfe, &ok), 0x02020101);
    CU_ASSERT_TRUE(ok);
    CU_ASSERT_EQUAL(target_u32(&t, A + 0x1fe, &ok), 0);
    CU_ASSERT_FALSE(ok);
    CU_ASSERT_EQUAL(t.faults, 1);
    char text[32];
    CU_ASSERT_FALSE(target_read_string(&t, A + 0x10f0, text, sizeof text)); // not terminated
    CU_ASSERT_STRING_EQUAL(text, "sixteen bytes...");
    CU_ASSERT_TRUE(target_read_string(&t, A + 0x10f0, text, 8));
    CU_ASSERT_STRING_EQUAL(text, "sixteen");
    CU_ASSERT_EQUAL(t.faults, 2);
    target_close(&t);
    target_close(&t); // a closed one may be closed
}

static void test_truncated(void)
{
    struct image i;
    image_init(&i, EM_X86_64, 2);
    image_load(&i, 0, A, 1, 0x1000);
    image_load(&i, 1, A + 0x1000, 2, 0x1000);
    struct target t;
    struct err err = ERR_INIT;
    UNIT_OK(image_open(&i, i.size - 0x800, &t, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(target_view(&t, A + 0x1000, 0x800));
    CU_ASSERT_PTR_NULL(target_view(&t, A + 0x1000, 0x801));
    const struct segment *s = target_segment(&t, A + 0x1900);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_TRUE(s->flags & SEGMENT_MISSING);
    target_close(&t);
    // Cut off within the program headers: what is there counts.
    CU_ASSERT_FALSE(image_open(&i, sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) / 2, &t, &err));
}

static void test_unsorted_and_overlapping(void)
{
    struct image i;
    image_init(&i, EM_X86_64, 4);
    image_load(&i, 0, A + 0x3000, 4, 0x10);
    image_load(&i, 1, A + 0x80, 2, 0x100); // its first half lies under the next one
    image_load(&i, 2, A, 1, 0x100);
    image_load(&i, 3, A + 0x20, 3, 0x10); // wholly inside
    struct target t;
    struct err err = ERR_INIT;
    UNIT_OK(image_open(&i, i.size, &t, &err), &err);
    for (size_t k = 1; k < t.segment_count; k++)
        CU_ASSERT_TRUE(t.segments[k - 1].end <= t.segments[k].start);
    bool ok = true;
    CU_ASSERT_EQUAL(target_u32(&t, A + 0x20, &ok), 0x01010101);
    CU_ASSERT_EQUAL(target_u32(&t, A + 0xfc, &ok), 0x01010101);
    CU_ASSERT_EQUAL(target_u32(&t, A + 0x100, &ok), 0x02020202);
    CU_ASSERT_EQUAL(target_u32(&t, A + 0x17c, &ok), 0x02020202);
    CU_ASSERT_EQUAL(target_u32(&t, A + 0x3000, &ok), 0x04040404);
    CU_ASSERT_TRUE(ok);
    target_close(&t);
}

static void test_absurd_headers(void)
{
    struct image i;
    image_init(&i, EM_X86_64, 5);
    image_load(&i, 0, A, 1, 0x100);
    image_load(&i, 1, A + 0x1000, 2, 0x100);
    image_load(&i, 2, UINT64_MAX - 0x10, 3, 0x100); // beyond the end of all addresses
    image_load(&i, 3, A + 0x2000, 4, 0x100);
    image_load(&i, 4, A + 0x3000, 5, 0x10);
    image_header(&i, 1)->p_filesz = UINT64_MAX;
    image_header(&i, 1)->p_memsz = UINT64_MAX;
    image_header(&i, 3)->p_offset = UINT64_MAX - 8;
    struct target t;
    struct err err = ERR_INIT;
    UNIT_OK(image_open(&i, i.size, &t, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(target_view(&t, A, 0x100));
    CU_ASSERT_PTR_NOT_NULL(target_view(&t, A + 0x1000, 0x100));
    CU_ASSERT_PTR_NULL(target_view(&t, UINT64_MAX - 0x10, 0x100));
    for (size_t k = 0; k < t.segment_count; k++)
        CU_ASSERT_TRUE(t.segments[k].start < t.segments[k].end);
    target_close(&t);
    // 65535 means "look in section 0", which is not there.
    image_init(&i, EM_X86_64, 1);
    image_load(&i, 0, A, 1, 0x100);
    ((Elf64_Ehdr *)(void *)i.bytes)->e_phnum = PN_XNUM;
    ((Elf64_Ehdr *)(void *)i.bytes)->e_shoff = UINT64_MAX;
    if (image_open(&i, i.size, &t, &err))
        target_close(&t);
}

// --- notes -------------------------------------------------------------------------------------

static void put64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, sizeof value);
}

// A page that wraps around the end of all addresses is followed by the first one, for ever.
static void test_last_page(void)
{
    static const uint64_t starts[] = { UINT64_MAX - 0xfff, UINT64_MAX - 0x1fff, UINT64_MAX - 7 };
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++) {
        struct image i;
        image_init(&i, EM_X86_64, 3);
        image_load(&i, 0, A, 1, 0x100);
        image_load(&i, 1, starts[k], 2, 0x3000);
        image_load(&i, 2, A + 0x10000, 3, 0x1000);
        image_header(&i, 2)->p_memsz = UINT64_MAX - 0xfff; // reaches over all that follows
        struct target t;
        struct err err = ERR_INIT;
        struct residence residence;
        UNIT_OK(image_open(&i, i.size, &t, &err), &err);
        for (size_t s = 0; s < t.segment_count; s++)
            CU_ASSERT(t.segments[s].end <= ADDRESS_END && t.segments[s].start < t.segments[s].end);
        UNIT_OK(residence_open(&residence, &t, &err), &err); // and it ends
        residence_close(&residence);
        target_close(&t);
    }
}

static void test_threads(void)
{
    struct image i;
    image_init(&i, EM_X86_64, 2);
    image_load(&i, 0, A, 1, 0x100);
    image_notes(&i, 1);
    uint8_t status[336] = { [12] = 6, [32] = 42 };
    put64(status + 112 + 16 * 8, 0x401000);
    put64(status + 112 + 19 * 8, 0x7ffe0000);
    put64(status + 112 + 21 * 8, 0x7f0000001740);
    image_note(&i, 1, NT_PRSTATUS, "CORE", status, sizeof status);
    uint8_t info[136] = { [24] = 41 };
    memcpy(info + 40, "python3", 8);
    memcpy(info + 56, "python3 app.py ", 15);
    image_note(&i, 1, NT_PRPSINFO, "CORE", info, sizeof info);
    status[32] = 43;
    image_note(&i, 1, NT_PRSTATUS, "CORE", status, sizeof status);
    image_note(&i, 1, NT_PRSTATUS, "CORE", status, 100); // too short to be one
    struct target t;
    struct err err = ERR_INIT;
    UNIT_OK(image_open(&i, i.size, &t, &err), &err);
    CU_ASSERT_EQUAL(t.thread_count, 2);
    CU_ASSERT_EQUAL(t.threads[0].tid, 42);
    CU_ASSERT_EQUAL(t.threads[0].pc, 0x401000);
    CU_ASSERT_EQUAL(t.threads[0].sp, 0x7ffe0000);
    CU_ASSERT_EQUAL(t.threads[0].fs_base, 0x7f0000001740);
    CU_ASSERT_TRUE(t.threads[0].crashed);
    CU_ASSERT_FALSE(t.threads[1].crashed);
    CU_ASSERT_EQUAL(t.signal, 6);
    CU_ASSERT_EQUAL(t.pid, 41);
    CU_ASSERT_STRING_EQUAL(t.command, "python3 app.py");
    target_close(&t);
}

static void test_threads_aarch64(void)
{
    struct image i;
    image_init(&i, EM_AARCH64, 2);
    image_load(&i, 0, A, 1, 0x100);
    image_notes(&i, 1);
    uint8_t status[392] = { [12] = 11, [32] = 9 };
    put64(status + 112 + 31 * 8, 0xffff0000);
    put64(status + 112 + 32 * 8, 0xaaaa0000);
    image_note(&i, 1, NT_PRSTATUS, "CORE", status, sizeof status);
    uint8_t tls[8];
    put64(tls, 0xbbbb0000);
    image_note(&i, 1, NT_ARM_TLS, "LINUX", tls, sizeof tls);
    struct target t;
    struct err err = ERR_INIT;
    UNIT_OK(image_open(&i, i.size, &t, &err), &err);
    CU_ASSERT_EQUAL(t.machine, MACHINE_AARCH64);
    CU_ASSERT_EQUAL(t.thread_count, 1);
    CU_ASSERT_EQUAL(t.threads[0].sp, 0xffff0000);
    CU_ASSERT_EQUAL(t.threads[0].pc, 0xaaaa0000);
    CU_ASSERT_EQUAL(t.threads[0].fs_base, 0xbbbb0000);
    target_close(&t);
}

static void test_hostile_notes(void)
{
    struct image i;
    image_init(&i, EM_X86_64, 2);
    image_load(&i, 0, A, 1, 0x100);
    image_notes(&i, 1);
    uint8_t files[64] = { 0 };
    put64(files, UINT64_MAX / 24 + 2); // times 24 this is small again
    put64(files + 8, 4096);
    image_note(&i, 1, NT_FILE, "CORE", files, sizeof files);
    put64(files, 2); // the names of both are missing
    image_note(&i, 1, NT_FILE, "CORE", files, sizeof files);
    uint8_t one = 0;
    image_note(&i, 1, NT_AUXV, "CORE", &one, 1);
    image_note(&i, 1, NT_PRPSINFO, "CORE", &one, 1);
    Elf64_Nhdr wild = { .n_namesz = UINT32_MAX, .n_descsz = UINT32_MAX, .n_type = NT_FILE };
    memcpy(i.bytes + i.size, &wild, sizeof wild);
    i.size += sizeof wild;
    image_header(&i, 1)->p_filesz += sizeof wild;
    struct target t;
    struct err err = ERR_INIT;
    UNIT_OK(image_open(&i, i.size, &t, &err), &err);
    CU_ASSERT_EQUAL(t.module_count, 0);
    target_close(&t);
}

static void test_note_sizes(void)
{
    uint8_t bytes[32] = { 4, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 'G', 'N', 'U', 0, 'a', 'b', 'c' };
    struct elf_note note;
    size_t at = 0;
    CU_ASSERT_TRUE(elf_note_next(bytes, 19, 4, &at, &note)); // the padding may be missing
    CU_ASSERT_EQUAL(note.type, 9);
    CU_ASSERT_EQUAL(note.size, 3);
    CU_ASSERT_EQUAL(note.desc[2], 'c');
    CU_ASSERT_EQUAL(at, 19);
    CU_ASSERT_FALSE(elf_note_next(bytes, 19, 4, &at, &note));
    at = 0;
    CU_ASSERT_FALSE(elf_note_next(bytes, 18, 4, &at, &note));
    at = SIZE_MAX;
    CU_ASSERT_FALSE(elf_note_next(bytes, 19, 4, &at, &note));
}

// Every byte of a core may be wrong. 4000 times some are; nothing may happen but an answer.
static void test_mutations(void)
{
    struct image good;
    image_init(&good, EM_X86_64, 4);
    image_load(&good, 0, A, 1, 0x200);
    image_load(&good, 1, A + 0x1000, 2, 0x200);
    image_load(&good, 2, A + 0x1200, 3, 0x200);
    image_notes(&good, 3);
    uint8_t status[336] = { [12] = 6, [32] = 42 };
    image_note(&good, 3, NT_PRSTATUS, "CORE", status, sizeof status);
    uint8_t files[64] = { 1 };
    put64(files + 8, 4096);
    put64(files + 16, A);
    put64(files + 24, A + 0x1000);
    memcpy(files + 40, "/bin/sh", 8);
    image_note(&good, 3, NT_FILE, "CORE", files, sizeof files);
    uint32_t seed = 12345;
    for (int round = 0; round < 4000; round++) {
        struct image bad = good;
        for (int k = 0; k < 4; k++) {
            seed = seed * 1664525 + 1013904223;
            size_t at =
                (seed >> 8) % (k & 1 ? good.size : sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr));
            bad.bytes[at] = (uint8_t)(seed >> 3);
        }
        struct target t;
        struct err err = ERR_INIT;
        if (!image_open(&bad, bad.size, &t, &err)) {
            CU_ASSERT_TRUE(*err.text != 0);
            continue;
        }
        for (size_t k = 0; k < t.segment_count; k++) {
            const struct segment *s = &t.segments[k];
            CU_ASSERT_TRUE(s->start < s->end && (!k || t.segments[k - 1].end <= s->start));
            const uint8_t *last = target_view(&t, s->end - 1, 1);
            CU_ASSERT_TRUE(!last == !s->host);
            if (last)
                seed += *last;
        }
        target_close(&t);
    }
}

// --- compressed --------------------------------------------------------------------------------

static bool pack(const void *bytes, size_t size, int filter, char path[64])
{
    if (!image_write("", 0, path))
        return false;
    struct archive *out = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    bool ok = archive_write_add_filter(out, filter) == ARCHIVE_OK
              && archive_write_set_format_raw(out) == ARCHIVE_OK
              && archive_write_open_filename(out, path) == ARCHIVE_OK;
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, (la_int64_t)size);
    ok = ok && archive_write_header(out, entry) == ARCHIVE_OK
         && archive_write_data(out, bytes, size) == (la_ssize_t)size;
    archive_entry_free(entry);
    return archive_write_free(out) == ARCHIVE_OK && ok;
}

static void test_compressed(void)
{
    static const int filters[] = { ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD,
                                   ARCHIVE_FILTER_LZ4 };
    struct image i;
    image_init(&i, EM_X86_64, 3);
    image_load(&i, 0, A, 1, 0x1000);
    image_load(&i, 1, A + 0x1000, 0, 0x9000); // zeros: a hole in the temporary file
    image_load(&i, 2, A + 0xa000, 3, 0x1000);
    for (size_t k = 0; k < sizeof filters / sizeof *filters; k++) {
        char path[64];
        CU_ASSERT_TRUE(pack(i.bytes, i.size, filters[k], path));
        struct target t;
        struct err err = ERR_INIT;
        bool ok = target_open_core(&t, path, NULL, &err);
        UNIT_OK(ok, &err);
        unlink(path);
        if (!ok)
            continue;
        const void *view = target_view(&t, A, 0xb000);
        CU_ASSERT_PTR_NOT_NULL(view);
        CU_ASSERT_TRUE(view && !memcmp(view, i.bytes + image_header(&i, 0)->p_offset, 0xb000));
        target_close(&t);
    }
}

static void test_compressed_rubbish(void)
{
    static const uint8_t rubbish[64] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff };
    char path[64];
    struct target t;
    struct err err = ERR_INIT;
    CU_ASSERT_TRUE(image_write(rubbish, sizeof rubbish, path));
    CU_ASSERT_FALSE(target_open_core(&t, path, NULL, &err));
    CU_ASSERT_TRUE(*err.text != 0);
    unlink(path);
    // A text that is compressed is as little a core as one that is not.
    CU_ASSERT_TRUE(
        pack("no core at all, but long enough to have a header of its own, as it were: 64 "
             "bytes and more",
             90, ARCHIVE_FILTER_GZIP, path));
    CU_ASSERT_FALSE(target_open_core(&t, path, NULL, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "not an ELF file"));
    unlink(path);
}

// --- segments ----------------------------------------------------------------------------------

static void test_underlay(void)
{
    struct segments base = { 0 }, under = { 0 };
    struct err err = ERR_INIT;
    static const uint8_t bytes[100];
    segments_add(&base, (struct segment){ .start = 20, .end = 30 }, &err);
    segments_add(&base, (struct segment){ .start = 40, .end = 50 }, &err);
    segments_add(&under, (struct segment){ .start = 0, .end = 10, .host = bytes }, &err);
    segments_add(&under, (struct segment){ .start = 15, .end = 60, .host = bytes + 15 }, &err);
    segments_add(&under, (struct segment){ .start = 70, .end = 70 }, &err); // empty: not taken
    UNIT_OK(segments_underlay(&base, &under, &err), &err);
    static const addr expected[][2] = { { 0, 10 },  { 15, 20 }, { 20, 30 },
                                        { 30, 40 }, { 40, 50 }, { 50, 60 } };
    CU_ASSERT_EQUAL_FATAL(base.count, 6);
    for (size_t k = 0; k < 6; k++) {
        CU_ASSERT_EQUAL(base.rows[k].start, expected[k][0]);
        CU_ASSERT_EQUAL(base.rows[k].end, expected[k][1]);
    }
    CU_ASSERT_PTR_EQUAL(base.rows[3].host, bytes + 30);
    CU_ASSERT_PTR_EQUAL(base.rows[5].host, bytes + 50);
    CU_ASSERT_EQUAL(under.count, 0);
    segments_fini(&base);
}

UNIT_SUITE(core, { "the last page of all addresses", test_last_page },
           { "what is no core gets one sentence", test_refusals },
           { "so does what is no file", test_no_file },
           { "views, reads, strings, faults", test_reads },
           { "a truncated core opens", test_truncated },
           { "segments in any order, and overlapping", test_unsorted_and_overlapping },
           { "absurd program headers", test_absurd_headers },
           { "threads, signal and command of x86-64", test_threads },
           { "threads of aarch64", test_threads_aarch64 }, { "hostile notes", test_hostile_notes },
           { "sizes of notes", test_note_sizes }, { "4000 cores with wrong bytes", test_mutations },
           { "compressed in four ways", test_compressed },
           { "compressed rubbish", test_compressed_rubbish },
           { "one layer of segments under another", test_underlay })
