// SPDX-License-Identifier: GPL-3.0-or-later
// Cores. OURO_FUZZ_CORE is a sound one of a small heap, OURO_FUZZ_LAYOUT its table, OURO_FUZZ_PLACES
// its objects (addresses, a line each). An input is a row of changes: words of objects, their types,
// links to other objects, headers of the file, its end.
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

#define CHANGES 256

static struct {
    uint8_t *bytes;
    size_t size;
    uint64_t *objects;
    size_t count;
} sound;

static void read_places(void)
{
    const char *path = getenv("OURO_FUZZ_PLACES");
    FILE *file = path ? fopen(path, "r") : NULL;
    unsigned long long at;
    size_t room = 1 << 20;
    sound.objects = calloc(room, sizeof *sound.objects);
    while (file && sound.objects && sound.count < room && fscanf(file, "%llx", &at) == 1)
        sound.objects[sound.count++] = at;
    if (file)
        fclose(file);
    if (!sound.count) {
        fprintf(stderr, "fuzz: OURO_FUZZ_PLACES names no objects\n");
        exit(2);
    }
}

// Where in the file the byte at an address is; the file's size: nowhere.
static size_t place(uint64_t at)
{
    const Elf64_Ehdr *head = (const void *)sound.bytes;
    const Elf64_Phdr *rows = (const void *)(sound.bytes + head->e_phoff);
    for (size_t i = 0; i < head->e_phnum; i++)
        if (rows[i].p_type == PT_LOAD && at - rows[i].p_vaddr < rows[i].p_filesz)
            return (size_t)(rows[i].p_offset + at - rows[i].p_vaddr);
    return sound.size;
}

// The working copy is a file in memory, mapped: what an input changes is put back behind it.
static struct {
    uint8_t *bytes;
    size_t size, count;
    int fd;
    char path[32];
    struct {
        size_t at, width;
    } changes[CHANGES];
} work;

static void work_open(void)
{
    work.fd = fuzz_file(sound.bytes, sound.size, work.path);
    work.bytes = mmap(NULL, sound.size, PROT_READ | PROT_WRITE, MAP_SHARED, work.fd, 0);
    if (work.bytes == MAP_FAILED)
        abort();
}

static void work_restore(void)
{
    if (work.size < sound.size && ftruncate(work.fd, (off_t)sound.size))
        abort();
    memcpy(work.bytes + work.size, sound.bytes + work.size, sound.size - work.size);
    while (work.count) {
        size_t at = work.changes[--work.count].at, width = work.changes[work.count].width;
        memcpy(work.bytes + at, sound.bytes + at, width);
    }
    work.size = sound.size;
}

static void put(size_t at, uint64_t value, size_t width)
{
    if (work.count == CHANGES || at >= sound.size || sound.size - at < width)
        return;
    memcpy(work.bytes + at, &value, width);
    work.changes[work.count].at = at;
    work.changes[work.count++].width = width;
}

static void change_core(const struct fuzz_change *c)
{
    uint8_t *bytes = work.bytes;
    uint64_t object = sound.objects[c->offset % sound.count];
    uint64_t other = sound.objects[c->value % sound.count], type = 0;
    size_t word = place(object + 8 * (uint64_t)(c->where % 16) - 16),
           width = (size_t)1 << (c->width & 3);
    switch (c->what % 16) {
    case 0: // a header, or a note
        put(c->offset % 16384, fuzz_value(c), width);
        break;
    case 1:
        work.size = c->where % 8 ? work.size : c->offset % sound.size;
        break;
    case 2: // another's type
        memcpy(&type, bytes + (place(other + 8) < sound.size - 8 ? place(other + 8) : 0),
               sizeof type);
        put(place(object + 8), type, 8);
        break;
    case 3:
    case 4:
    case 5: // a reference to another one, or into it
        put(word, other + (c->width & 0x40 ? c->where / 16 % 64 : 0), 8);
        break;
    case 6: // itself
        put(word, object, 8);
        break;
    case 7: // what an object refers to
        if (word < sound.size - 8) {
            memcpy(&other, bytes + word, sizeof other);
            put(place(other + 8 * (uint64_t)(c->where / 16 % 16)), fuzz_value(c), width);
        }
        break;
    case 8: // anything: the interpreter's state, blocks
        put(c->offset % (sound.size / 8) * 8, c->width & 0x40 ? other : fuzz_value(c), width);
        break;
    default:
        put(word, fuzz_value(c), width);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_reach(0, "inputs");
    if (!sound.bytes) {
        sound.bytes = fuzz_template("OURO_FUZZ_CORE", &sound.size);
        read_places();
        work_open();
    }
    work_restore();
    struct fuzz_change change;
    for (size_t i = 0; i < CHANGES && fuzz_change(data, size, i, &change); i++)
        change_core(&change);
    if (work.size < sound.size && ftruncate(work.fd, (off_t)work.size))
        abort();
    int far = fuzz_ask(work.path, getenv("OURO_FUZZ_LAYOUT"), data, size);
    static const char *const stages[] = { "refused", "opened", "built", "answered" };
    for (int i = 1; i <= far; i++)
        fuzz_reach((unsigned)i, stages[i]);
    fuzz_plant(far == 3 && size >= sizeof change);
    return 0;
}
