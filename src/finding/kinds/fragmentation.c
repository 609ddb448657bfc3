// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that was freed and that malloc keeps: fragmentation, not a leak.
//
// The amount that malloc_trim(0) would return is computed exactly (memory/glibc_trim.c). It is
// reported if it is a large part of the process, usually because the process was once larger.
#include <string.h>

#include "finding/finder.h"

#define LEAST (UINT64_C(16) << 20)

static enum severity fragmentation_severity(uint64_t bytes, uint64_t all)
{
    if (bytes >= LEAST * 4 && bytes * 3 >= all)
        return SEVERITY_MEDIUM;
    return bytes * 6 >= all ? SEVERITY_LOW : SEVERITY_INFO;
}

static uint64_t fragmentation_row(const struct memory *m, const char *name)
{
    for (size_t i = 0; i < m->row_count; i++)
        if (!strcmp(m->rows[i].kind, "malloc free") && !strcmp(m->rows[i].name, name))
            return m->rows[i].resident;
    return 0;
}

// Tells of what jemalloc keeps: whole pages that it returns gradually, and free regions in others.
static bool fragmentation_jemalloc(struct finder *f, struct err *err)
{
    const struct memory *m = f->memory;
    uint64_t pages =
        fragmentation_row(m, "jemalloc dirty") + fragmentation_row(m, "jemalloc muzzy");
    uint64_t slabs = fragmentation_row(m, "jemalloc slabs");
    if (pages + slabs < LEAST || (pages + slabs) * 20 < m->total.resident)
        return true;
    return finder_add(
        f,
        &(struct finding){
            .severity = fragmentation_severity(pages + slabs, m->total.resident),
            .bytes = pages + slabs,
            .objects = m->jemalloc.pieces.counts[JEMALLOC_FREE],
            .object = NODE_NONE,
            .what = finder_text(f, "jemalloc keeps %s of %s that were freed",
                                finder_size(f, pages + slabs), finder_size(f, m->total.resident)),
            .why = finder_text(f, "%s are whole pages, %s lie in slabs beside blocks in use; %s",
                               finder_size(f, pages), finder_size(f, slabs),
                               pages >= slabs
                                   ? "MALLOC_CONF=background_thread:true,dirty_decay_ms:1000 gives "
                                     "pages back while the program is idle, too"
                                   : "large work in a process of its own leaves no such holes"),
            .next = "memory",
        },
        err);
}

static bool fragmentation_find(struct finder *f, struct err *err)
{
    const struct memory *m = f->memory;
    if (m && m->jemalloc.shape && m->residence.known)
        return fragmentation_jemalloc(f, err);
    if (!m || !m->glibc.shape || !m->residence.known || m->trim < LEAST
        || m->trim * 20 < m->total.resident)
        return true;
    size_t arenas = m->glibc.arena_count;
    return finder_add(
        f,
        &(struct finding){
            .severity = fragmentation_severity(m->trim, m->total.resident),
            .bytes = m->trim,
            .objects = m->glibc.counts[GLIBC_FREE],
            .object = NODE_NONE,
            .what = finder_text(
                f, "malloc keeps %s of %s that were freed: malloc_trim(0) would give them back",
                finder_size(f, m->trim), finder_size(f, m->total.resident)),
            .why =
                finder_text(f, "%s in %s between blocks in use; %s",
                            finder_plural(f, m->glibc.counts[GLIBC_FREE], "free block"),
                            finder_plural(f, arenas, "arena"),
                            arenas > 2 ? "MALLOC_ARENA_MAX=2 makes threads share arenas, and "
                                         "jemalloc or mimalloc (preloaded) give more back"
                                       : "call malloc_trim(0) through ctypes after the work that "
                                         "needed so much, or do that work in a process of its own"),
            .next = "memory",
        },
        err);
}

const struct finding_kind finding_fragmentation = {
    .name = "fragmentation",
    .help = "freed memory that malloc (glibc's, jemalloc) has not returned to the system",
    .needs = FINDING_NEEDS_DOMINATORS,
    .find = fragmentation_find,
};
