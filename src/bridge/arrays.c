// SPDX-License-Identifier: GPL-3.0-or-later
// The heap's arrays in shared memory: see arrays.h.
#include "bridge/arrays.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "heap/heap.h"

#define ARRAYS_MAX (UINT64_C(1) << 40) // of anything: sums cannot overflow

bool arrays_measure(const struct arrays_head *head, uint64_t at[ARRAYS_PARTS + 1])
{
    if (head->object_count >= ARRAYS_MAX || head->reference_count >= ARRAYS_MAX
        || head->names_size >= ARRAYS_MAX)
        return false;
    const uint64_t sizes[ARRAYS_PARTS] = {
        [ARRAYS_ADDRESS] = 8 * head->object_count,
        [ARRAYS_FIRST] = 8 * (head->object_count + 1),
        [ARRAYS_SIZE] = 8 * head->object_count,
        [ARRAYS_TYPE] = 4 * head->object_count,
        [ARRAYS_TO] = 4 * head->reference_count,
        [ARRAYS_GENERATION] = head->object_count,
        [ARRAYS_FLAGS] = head->object_count,
        [ARRAYS_NAMES] = head->names_size,
        [ARRAYS_RETAINED] = head->retained ? 8 * head->object_count : 0,
    };
    at[0] = (sizeof *head + 7) & ~UINT64_C(7);
    for (int i = 0; i < ARRAYS_PARTS; i++)
        at[i + 1] = (at[i] + sizes[i] + 7) & ~UINT64_C(7);
    return true;
}

static uint8_t arrays_flags(const struct session *session, node n)
{
    uint8_t flags = session->heap.flags[n], out = 0;
    if (flags & NODE_TRACKED)
        out |= ARRAYS_TRACKED;
    if (flags & NODE_FINALIZED)
        out |= ARRAYS_FINALIZED;
    if (flags & NODE_IMMORTAL)
        out |= ARRAYS_IMMORTAL;
    if (collect_is_unreachable(&session->garbage, n))
        out |= ARRAYS_COLLECTABLE;
    return out | (uint8_t)(heap_evidence(&session->heap, n) << ARRAYS_EVIDENCE_SHIFT);
}

static void arrays_fill_objects(uint8_t *base, const uint64_t at[ARRAYS_PARTS + 1],
                                const struct session *session, bool retained)
{
    const struct heap *heap = &session->heap;
    uint64_t *address = (uint64_t *)(base + at[ARRAYS_ADDRESS]),
             *size = (uint64_t *)(base + at[ARRAYS_SIZE]),
             *kept = (uint64_t *)(base + at[ARRAYS_RETAINED]);
    uint32_t *type = (uint32_t *)(base + at[ARRAYS_TYPE]);
    for (node n = 0; n < heap->node_count; n++) {
        address[n] = heap_addr(heap, n);
        size[n] = heap_size(heap, n);
        type[n] = heap_type(heap, n);
        base[at[ARRAYS_GENERATION] + n] = heap->gen[n];
        base[at[ARRAYS_FLAGS] + n] = arrays_flags(session, n);
    }
    if (retained)
        memcpy(kept, session->dominate.retained, 8 * (size_t)heap->node_count);
}

static void arrays_fill_references(uint8_t *base, const uint64_t at[ARRAYS_PARTS + 1],
                                   const struct heap *heap)
{
    uint64_t *first = (uint64_t *)(base + at[ARRAYS_FIRST]);
    for (node n = 0; n < heap->node_count; n++)
        first[n] = csr_first(&heap->forward, n);
    first[heap->node_count] = heap->forward.edge_count;
    memcpy(base + at[ARRAYS_TO], heap->forward.to, 4 * (size_t)heap->forward.edge_count);
}

bool arrays_write(int fd, const struct session *session, bool retained, struct err *err)
{
    const struct heap *heap = &session->heap;
    struct arrays_head head = { .object_count = heap->node_count,
                                .reference_count = heap->forward.edge_count,
                                .type_count = heap_type_count(heap),
                                .retained = retained && heap_is_whole(heap) };
    uint64_t at[ARRAYS_PARTS + 1];
    for (uint32_t i = 0; i < head.type_count; i++)
        head.names_size += strlen(heap_type_name(heap, i)) + 1;
    if (!arrays_measure(&head, at))
        return err_set(err, ERR_UNSUPPORTED, "the heap is too large for arrays");
    head.size = at[ARRAYS_PARTS];
    if (ftruncate(fd, (off_t)head.size))
        return err_set(err, ERR_MEMORY, "no room for the heap's arrays: %s", strerror(errno));
    uint8_t *base = mmap(NULL, head.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return err_set(err, ERR_MEMORY, "no room for the heap's arrays: %s", strerror(errno));
    memcpy(base, &head, sizeof head);
    arrays_fill_objects(base, at, session, head.retained);
    arrays_fill_references(base, at, heap);
    char *name = (char *)base + at[ARRAYS_NAMES];
    for (uint32_t i = 0; i < head.type_count; i++)
        name = stpcpy(name, heap_type_name(heap, i)) + 1;
    munmap(base, head.size);
    return true;
}
