// SPDX-License-Identifier: GPL-3.0-or-later
// Adjacent maps of the orders become one piece of the host's memory: see emulator_maps.h.
#include "jail/emulator_maps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jail/plain.h"

#define PAGE UINT64_C(4096)

static uint64_t page_start(const struct jail_map *m)
{
    return m->start & ~(PAGE - 1);
}

static uint64_t page_end(const struct jail_map *m)
{
    return (m->start + m->size + PAGE - 1) & ~(PAGE - 1);
}

static bool fill_copy(const struct jail_map *m, uint8_t *to)
{
    for (uint64_t done = 0; done < m->size;) {
        ssize_t got = pread(m->fd, to + done, m->size - done, (off_t)(m->offset + done));
        if (got <= 0)
            return false;
        done += (uint64_t)got;
    }
    return true;
}

static bool emulator_maps_fill(const struct emulator_run *run, const struct jail_map *m)
{
    uint8_t *to = run->host + (m->start - run->start);
    if (m->flags & JAIL_MAP_COPY)
        return fill_copy(m, to);
    return mmap(to, m->size, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, m->fd,
                (off_t)m->offset)
           != MAP_FAILED;
}

static void emulator_maps_write_words(struct emulator_maps *e, const struct jail_shared *orders)
{
    const struct jail_word *words = (const void *)((const char *)orders + orders->words);
    for (uint64_t i = 0; i < orders->word_count; i++) {
        struct emulator_run *run = emulator_maps_at(e, words[i].at);
        if (!run || run->exec || words[i].at & 7 || run->start + run->size - words[i].at < 8)
            continue;
        uint8_t *to = run->host + (words[i].at - run->start);
        uint8_t *page = (uint8_t *)((uintptr_t)to & ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1));
        if (mprotect(page, 8, PROT_READ | PROT_WRITE))
            continue;
        memcpy(to, &words[i].value, 8);
        mprotect(page, 8, PROT_READ);
    }
}

int emulator_maps_open(struct emulator_maps *e, struct jail_shared *orders)
{
    const struct jail_map *maps = (const void *)((const char *)orders + orders->maps);
    e->count = 0;
    e->runs = malloc((orders->map_count + 1) * sizeof *e->runs);
    if (!e->runs)
        return ENOMEM;
    for (uint64_t i = 0, next; i < orders->map_count; i = next) {
        struct emulator_run run = { .start = page_start(&maps[i]),
                                    .exec = maps[i].flags & JAIL_MAP_EXEC };
        uint64_t end = page_end(&maps[i]);
        for (next = i + 1; next < orders->map_count; next++) {
            bool exec = maps[next].flags & JAIL_MAP_EXEC;
            if (page_start(&maps[next]) > end
                || (exec != run.exec && page_start(&maps[next]) == end))
                break;
            end = page_end(&maps[next]) > end ? page_end(&maps[next]) : end;
        }
        run.size = end - run.start;
        run.host = mmap(NULL, run.size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (run.host == MAP_FAILED) {
            orders->unmapped += (uint32_t)(next - i);
            orders->unmapped_error = (uint32_t)errno;
            continue;
        }
        for (uint64_t k = i; k < next; k++)
            if (!emulator_maps_fill(&run, &maps[k])) {
                orders->unmapped++;
                orders->unmapped_error = (uint32_t)errno;
            }
        e->runs[e->count++] = run;
    }
    emulator_maps_write_words(e, orders);
    return 0;
}

struct emulator_run *emulator_maps_at(const struct emulator_maps *maps, uint64_t at)
{
    size_t low = 0, high = maps->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct emulator_run *run = &maps->runs[middle];
        if (at < run->start)
            high = middle;
        else if (at - run->start >= run->size)
            low = middle + 1;
        else
            return run;
    }
    return NULL;
}

// The pages are private: the file on disk stays as it is.
void emulator_maps_patch(struct emulator_maps *maps, const struct jail_shared *orders)
{
    const struct jail_patch *patches = (const void *)((const char *)orders + orders->patches);
    for (uint64_t i = 0; i < orders->patch_count; i++) {
        size_t size;
        const uint8_t *code = plain_code(patches[i].plain, &size);
        struct emulator_run *run = emulator_maps_at(maps, patches[i].at);
        if (!code || !run || !run->exec || run->start + run->size - patches[i].at < size)
            continue;
        uint8_t *to = run->host + (patches[i].at - run->start);
        uint8_t *page = (uint8_t *)((uintptr_t)to & ~(uintptr_t)(sysconf(_SC_PAGESIZE) - 1));
        if (mprotect(page, (size_t)(to + size - page), PROT_READ | PROT_WRITE))
            continue;
        memcpy(to, code, size);
        mprotect(page, (size_t)(to + size - page), PROT_READ);
    }
}
