// SPDX-License-Identifier: GPL-3.0-or-later
// Modules: a core of this very program, written by the kernel and by target_dump.
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "child.h"
#include "image.h"
#include "target/dump.h"
#include "target/elf.h"
#include "unit.h"

// A sanitizer reserves 16 TiB, through which the kernel walks for a quarter of a minute.
#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#define IS_SANITIZED __has_feature(address_sanitizer)
#else
#define IS_SANITIZED false
#endif

static const char constant[] = "a constant, which a core does not hold";

static uint64_t variable = 1;

__attribute__((noinline)) static void crash(void)
{
    variable = 0xfeedface;
    abort();
}

// In an empty folder, so that whatever file is there afterwards is the core.
static bool make_core(char folder[64], char core[400])
{
    strcpy(folder, "/tmp/ouro-test-XXXXXX");
    if (!mkdtemp(folder))
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
        if (setrlimit(RLIMIT_CORE, &all) || chdir(folder))
            _exit(1);
        prctl(PR_SET_DUMPABLE, 1);
        crash();
    }
    waitpid(pid, NULL, 0);
    *core = 0;
    DIR *entries = opendir(folder);
    for (struct dirent *e; entries && (e = readdir(entries));)
        if (*e->d_name != '.')
            snprintf(core, 400, "%s/%s", folder, e->d_name);
    if (entries)
        closedir(entries);
    if (!*core)
        rmdir(folder);
    return *core != 0;
}

static void check_core(struct target *t, uint64_t value)
{
    bool ok = true;
    CU_ASSERT_EQUAL(target_u64(t, (addr)(uintptr_t)&variable, &ok), value);
    int program = target_module_of(t, (addr)(uintptr_t)&variable);
    CU_ASSERT_TRUE_FATAL(program >= 0);
    CU_ASSERT_TRUE(t->modules[program].is_program);
    CU_ASSERT_FALSE(t->modules[program].refused);
    CU_ASSERT_EQUAL(target_symbol(t, program, "variable"), (addr)(uintptr_t)&variable);
    CU_ASSERT_EQUAL(target_symbol(t, -1, "no_such_symbol_anywhere"), 0);
    char text[64] = "";
    CU_ASSERT_TRUE(target_read_string(t, (addr)(uintptr_t)constant, text, sizeof text));
    CU_ASSERT_STRING_EQUAL(text, constant);
    const struct segment *s = target_segment(t, (addr)(uintptr_t)constant);
    CU_ASSERT_TRUE(s && s->flags & SEGMENT_FILE && s->module == program);
    CU_ASSERT_TRUE(target_symbolize(t, (addr)(uintptr_t)crash, text, sizeof text));
    CU_ASSERT_STRING_EQUAL(text, "crash");
}

static void test_kernel_core(void)
{
    char folder[64], core[400];
    if (IS_SANITIZED) {
        fprintf(stderr, "\n  SKIPPED: no kernel core of a sanitized program\n");
        return;
    }
    if (!make_core(folder, core)) {
        fprintf(stderr, "\n  SKIPPED: the kernel leaves no core file here (kernel.core_pattern)\n");
        return;
    }
    struct target t;
    struct err err = ERR_INIT;
    bool ok = target_open_core(&t, core, NULL, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        CU_ASSERT_EQUAL(t.signal, SIGABRT);
        CU_ASSERT_EQUAL(t.thread_count, 1);
        CU_ASSERT_TRUE(t.threads[0].crashed);
        CU_ASSERT_TRUE(t.threads[0].fs_base != 0);
        check_core(&t, 0xfeedface);
        target_close(&t);
    }
    struct target_options elsewhere = { .sysroot = "/nonexistent" }; // the plain path is as good
    ok = target_open_core(&t, core, &elsewhere, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        check_core(&t, 0xfeedface);
        target_close(&t);
    }
    struct target_options other = { .exe = "/bin/sh" };
    CU_ASSERT_FALSE(target_open_core(&t, core, &other, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/bin/sh is not the program that ran"));
    struct target_options none = { .exe = "/nonexistent" };
    CU_ASSERT_FALSE(target_open_core(&t, core, &none, &err));
    struct target_options own = { .exe = "/proc/self/exe" };
    ok = target_open_core(&t, core, &own, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        check_core(&t, 0xfeedface);
        target_close(&t);
    }
    unlink(core);
    rmdir(folder);
}

static void test_dump(void)
{
    struct child c;
    CU_ASSERT_TRUE_FATAL(child_start(&c));
    struct target t;
    struct err err = ERR_INIT;
    bool ok = target_open_snapshot(&t, c.pid, NULL, &err);
    UNIT_OK(ok, &err);
    char path[64] = "/tmp/ouro-test-dump-XXXXXX";
    close(mkstemp(path));
    uint64_t bytes = 0;
    if (ok) {
        CU_ASSERT_FALSE(target_dump(&t, path, false, NULL, &bytes, &err)); // it is there already
        unlink(path);
        UNIT_OK(target_dump(&t, path, false, NULL, &bytes, &err), &err);
        target_close(&t);
    }
    struct stat st = { 0 };
    CU_ASSERT_TRUE(stat(path, &st) == 0 && (uint64_t)st.st_size == bytes);
    CU_ASSERT_TRUE((uint64_t)st.st_blocks * 512 < bytes / 2); // most of the child's memory is zero
    ok = target_open_core(&t, path, NULL, &err);
    UNIT_OK(ok, &err);
    if (ok) {
        CU_ASSERT_EQUAL(t.pid, c.pid);
        CU_ASSERT_EQUAL(t.thread_count, 3);
        check_core(&t, 1);
        const uint8_t *view = target_view(&t, (addr)(uintptr_t)c.sparse, CHILD_PAGES * 4096);
        CU_ASSERT_PTR_NOT_NULL(view);
        CU_ASSERT_TRUE(view && view[0] == 1 && view[4096] == 0 && view[32 * 4096] == 3);
        CU_ASSERT_FALSE(
            target_dump(&t, "/tmp/never", false, NULL, &bytes, &err)); // a core is one already
        target_close(&t);
    }
    unlink(path);
    child_end(&c);
}

// --- ELF files ---------------------------------------------------------------------------------

static uint8_t *own_program(size_t *size)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st))
        return NULL;
    uint8_t *bytes = malloc((size_t)st.st_size);
    *size = (size_t)st.st_size;
    if (bytes && read(fd, bytes, *size) != st.st_size) {
        free(bytes);
        bytes = NULL;
    }
    close(fd);
    return bytes;
}

static void test_shape(void)
{
    size_t size;
    uint8_t *bytes = own_program(&size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    struct elf_shape whole, page;
    CU_ASSERT_TRUE(elf_shape_read(&whole, bytes, size));
    CU_ASSERT_TRUE(elf_shape_read(&page, bytes, 4096));
    CU_ASSERT_TRUE(elf_shape_same(&whole, &page));
    CU_ASSERT_EQUAL(whole.build_id_size, page.build_id_size);
    if (whole.build_id_size) {
        page.build_id[0] ^= 1;
        CU_ASSERT_FALSE(elf_shape_same(&whole, &page));
        page.build_id[0] ^= 1;
    }
    page.loads[0].end++;
    CU_ASSERT_FALSE(elf_shape_same(&whole, &page));
    for (size_t cut = 0; cut < 1200; cut++)
        elf_shape_read(&page, bytes, cut);
    CU_ASSERT_FALSE(elf_shape_read(&page, bytes, sizeof(Elf64_Ehdr)));
    free(bytes);
}

// Bytes of the file header and of the section headers are changed, then symbols are asked for.
static void test_broken_files(void)
{
    size_t size;
    uint8_t *bytes = own_program(&size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    Elf64_Ehdr head;
    memcpy(&head, bytes, sizeof head);
    size_t table = head.e_shoff, table_size = head.e_shnum * sizeof(Elf64_Shdr);
    uint32_t seed = 99;
    int opened = 0;
    for (int round = 0; round < 300; round++) {
        uint8_t saved[6];
        size_t places[6];
        for (int k = 0; k < 6; k++) {
            seed = seed * 1664525 + 1013904223;
            places[k] = k ? table + (seed >> 8) % table_size : (seed >> 8) % sizeof head;
            saved[k] = bytes[places[k]];
            bytes[places[k]] = (uint8_t)(seed >> 5);
        }
        char path[64];
        CU_ASSERT_TRUE(image_write(bytes, size, path));
        struct elf *elf = elf_open(path, NULL);
        unlink(path);
        if (elf) {
            uint64_t start, length;
            opened++;
            elf_symbol(elf, "main", true);
            elf_symbol(elf, "main", false);
            elf_symbolize(elf, 0x1234, &start);
            elf_section(elf, ".PyRuntime", &start, &length);
        }
        elf_free(elf);
        for (int k = 5; k >= 0; k--)
            bytes[places[k]] = saved[k];
    }
    CU_ASSERT_TRUE(opened > 0);
    free(bytes);
}

UNIT_SUITE(module, { "the kernel's core of this program", test_kernel_core },
           { "a core written by target_dump", test_dump },
           { "the shape of a file and of its first page", test_shape },
           { "files with wrong bytes", test_broken_files })
