// SPDX-License-Identifier: GPL-3.0-or-later
// Walking mimalloc's pages: see mimalloc.h.
#include "py/memory/mimalloc.h"

#include <string.h>

#include "base/unused.h"
#include "py/links.h"
#include "py/read.h"
#include "py/memory/pymalloc.h"
#include "py/python.h"

#define SEGMENT_BYTES ((addr)32 << 20)
#define SLICE_BYTES ((addr)64 << 10)
#define QUEUES 75              // MI_BIN_FULL + 1
#define PAGES_SPARE 1024       // visited beyond the number that memory has room for
#define HUGE_BLOCK 0x80000000u // an xblock_size that means "all of the page"
#define GUARD_SAMPLE 256u
#define BLOCKS_MAX 65536u // `capacity` has 16 bits

struct mimalloc_walk {
    const struct python *py;
    mimalloc_visit *visit;
    mimalloc_visit_page *visit_page; // or null
    void *context;
    uint64_t left; // pages that may still be visited: queues of threads may lead to the same ones
    uint64_t free[BLOCKS_MAX / 64];
};

struct mimalloc_page {
    addr at, start;
    const uint8_t *header, *bytes;
    uint64_t size;       // of a block
    uint32_t blocks;     // carved out so far
    uint32_t reserved;   // how many the page has room for
    uint32_t reciprocal; // 2^32 / size, rounded up; 0: the blocks are too large for that
};

// --- a page --------------------------------------------------------------------------------------

// Up to mimalloc 2.1 a page is a slice of its segment, and its first blocks are left out so that
// pages do not start alike.
static bool place_21(const struct python *py, struct mimalloc_page *page)
{
    addr segment = page->at & ~(SEGMENT_BYTES - 1);
    uint64_t in_slices = page->at - segment - BEFORE(py, mi_segment_t_slices);
    uint64_t stride = SIZE(py, mi_page_t);
    if (page->at < INSIDE(py, segment, mi_segment_t_slices) || in_slices % stride)
        return false;
    page->start = segment + in_slices / stride * SLICE_BYTES;
    page->size = LOAD(py, page->header, mi_page_t_xblock_size);
    if (page->size >= HUGE_BLOCK)
        page->size = LOAD(py, page->header, mi_page_t_slice_count) * SLICE_BYTES;
    else if (page->size >= 8 && page->size <= 64)
        page->start += 3 * page->size;
    else if (page->size >= 8 && page->size <= 512)
        page->start += page->size;
    return true;
}

static bool open_page(const struct python *py, addr at, struct mimalloc_page *page)
{
    const struct layout *l = &py->layout;
    *page = (struct mimalloc_page){ .at = at };
    page->header = at && !(at & 7) ? VIEW(py, at, mi_page_t) : NULL;
    if (!page->header)
        return false;
    page->blocks = LOAD(py, page->header, mi_page_t_capacity);
    if (l->mi_page_t_page_start >= 0) {
        page->start = LOAD(py, page->header, mi_page_t_page_start);
        page->size = LOAD(py, page->header, mi_page_t_block_size);
    } else if (!place_21(py, page)) {
        return false;
    }
    page->reserved = LOAD(py, page->header, mi_page_t_reserved);
    if (page->size < 8 || page->size > (uint64_t)1 << 46 || page->blocks > page->reserved)
        return false;
    if (page->size < SEGMENT_BYTES)
        page->reciprocal = (uint32_t)((((uint64_t)1 << 32) + page->size - 1) / page->size);
    return true;
}

uint64_t mimalloc_block_size(const struct python *py, addr block)
{
    addr segment = block & ~(SEGMENT_BYTES - 1);
    addr slice = INSIDE(py, segment, mi_segment_t_slices)
                 + (block - segment) / SLICE_BYTES * SIZE(py, mi_page_t);
    // After slice_count: how many bytes before this slice its page begins.
    uint64_t back = target_u32(py->target, INSIDE(py, slice, mi_page_t_slice_count) + 4, NULL);
    struct mimalloc_page page;
    return back < SEGMENT_BYTES && open_page(py, slice - back, &page) ? page.size : 0;
}

// The number of the block that starts at `at`, or `blocks`.
static uint32_t block_at(const struct mimalloc_page *page, addr at)
{
    uint64_t offset = at - page->start;
    if (offset >= page->size * page->blocks)
        return page->blocks;
    uint64_t i = page->reciprocal ? offset * page->reciprocal >> 32 : offset / page->size;
    return i < page->blocks && i * page->size == offset ? (uint32_t)i : page->blocks;
}

// Marks the blocks on a chain; false if it leaves the page or is a ring.
static bool mark_chain(struct mimalloc_walk *walk, const struct mimalloc_page *page, addr at)
{
    while (at) {
        uint32_t i = block_at(page, at);
        if (i == page->blocks || walk->free[i / 64] >> (i % 64) & 1)
            return false;
        walk->free[i / 64] |= UINT64_C(1) << (i % 64);
        bool ok = true;
        at = target_u64(walk->py->target, at, &ok);
        if (!ok)
            return false;
    }
    return true;
}

static bool mark_free(struct mimalloc_walk *walk, const struct mimalloc_page *page)
{
    memset(walk->free, 0, ((size_t)page->blocks + 63) / 64 * 8);
    addr by_others =
        LOAD(walk->py, page->header, mi_page_t_xthread_free) & ~(addr)3; // the low bits are a state
    return mark_chain(walk, page, LOAD(walk->py, page->header, mi_page_t_free))
           && mark_chain(walk, page, LOAD(walk->py, page->header, mi_page_t_local_free))
           && mark_chain(walk, page, by_others);
}

// Blocks of full pages that other threads freed wait in the heap's own chain.
static void mark_delayed(struct mimalloc_walk *walk, const struct mimalloc_page *page, addr at)
{
    struct links links = { 0 };
    while (links_go(&links, at)) {
        uint32_t i = block_at(page, at);
        if (i < page->blocks)
            walk->free[i / 64] |= UINT64_C(1) << (i % 64);
        at = target_u64(walk->py->target, at, NULL);
    }
}

static bool visit_page(struct mimalloc_walk *walk, enum mimalloc_heap heap,
                       struct mimalloc_page *page, addr delayed)
{
    uint64_t bytes = page->size * page->blocks;
    page->bytes = bytes ? target_view(walk->py->target, page->start, bytes) : NULL;
    if (bytes == 0)
        return true;
    if (!page->bytes || !mark_free(walk, page)) {
        target_fault(walk->py->target);
        return true;
    }
    mark_delayed(walk, page, delayed);
    if (walk->visit_page
        && !walk->visit_page(walk->context, page->start, page->size, page->blocks, page->reserved))
        return false;
    for (uint32_t i = 0; i < page->blocks; i++)
        if (!(walk->free[i / 64] >> (i % 64) & 1)
            && !walk->visit(walk->context, heap, page->start + i * page->size,
                            page->bytes + i * page->size, page->size))
            return false;
    return true;
}

// --- heaps of threads ----------------------------------------------------------------------------

static bool visit_heap(struct mimalloc_walk *walk, enum mimalloc_heap heap, addr at)
{
    struct target *t = walk->py->target;
    addr delayed = READ(walk->py, at, mi_heap_t_thread_delayed_free);
    for (uint32_t q = 0; q < QUEUES; q++) {
        addr queue =
            INSIDE(walk->py, at, mi_heap_t_pages) + (addr)q * SIZE(walk->py, mi_page_queue_t);
        addr next = READ(walk->py, queue, mi_page_queue_t_first);
        struct links links = { 0 };
        while (walk->left && links_go(&links, next)) {
            struct mimalloc_page page;
            walk->left--;
            if (!open_page(walk->py, next, &page)) {
                target_fault(t);
                break;
            }
            if (!visit_page(walk, heap, &page, delayed))
                return false;
            next = LOAD(walk->py, page.header, mi_page_t_next);
        }
    }
    return true;
}

static bool visit_threads(struct mimalloc_walk *walk, const struct interpreter *in)
{
    for (size_t i = 0; i < in->thread_count; i++) {
        addr heaps =
            INSIDE(walk->py, INSIDE(walk->py, in->threads[i].at, _PyThreadStateImpl_mimalloc),
                   _mimalloc_thread_state_heaps);
        for (int h = 0; h < MIMALLOC_HEAPS; h++)
            if (!visit_heap(walk, (enum mimalloc_heap)h,
                            heaps + (addr)h * SIZE(walk->py, mi_heap_t)))
                return false;
    }
    return true;
}

// --- segments of threads that have ended ---------------------------------------------------------

// A page remembers its heap.
static uint32_t tag_of(const struct python *py, const uint8_t *header)
{
    return (uint32_t)LOAD_BITS(py, header, mi_page_t_tag);
}

static bool visit_segment(struct mimalloc_walk *walk, addr segment)
{
    const struct layout *l = &walk->py->layout;
    struct target *t = walk->py->target;
    uint64_t stride = SIZE(walk->py, mi_page_t);
    uint64_t i = READ(walk->py, segment, mi_segment_t_segment_info_slices);
    uint64_t end = READ(walk->py, segment, mi_segment_t_slice_entries);
    // What a page says of its position must agree with its address.
    while (i < end && i < SEGMENT_BYTES / SLICE_BYTES) {
        struct mimalloc_page page;
        addr at = INSIDE(walk->py, segment, mi_segment_t_slices) + i * stride;
        const uint8_t *header = target_view(t, at, stride);
        uint32_t slices = header ? LOAD(walk->py, header, mi_page_t_slice_count) : 0;
        if (slices == 0)
            break;
        bool used = l->mi_page_t_xblock_size >= 0
                        ? LOAD(walk->py, header, mi_page_t_xblock_size) != 0
                        : LOAD(walk->py, header, mi_page_t_block_size) > 1;
        uint32_t tag = tag_of(walk->py, header);
        if (used && tag < MIMALLOC_HEAPS && open_page(walk->py, at, &page)
            && LOAD(walk->py, page.header, mi_page_t_xheap) == 0
            && page.start - segment < SEGMENT_BYTES
            && !visit_page(walk, (enum mimalloc_heap)tag, &page, 0))
            return false;
        i += slices;
    }
    return true;
}

static bool visit_chain(struct mimalloc_walk *walk, addr segment)
{
    struct links links = { 0 };
    while (links_go(&links, segment & ~(SEGMENT_BYTES - 1))) {
        segment &= ~(SEGMENT_BYTES - 1); // the head's low bits count changes
        if (!visit_segment(walk, segment))
            return false;
        segment = READ(walk->py, segment, mi_segment_t_abandoned_next);
    }
    return true;
}

// Whether an abandoned segment of mimalloc 2.5 is here: it begins with as many slices as it says
// that its header needs.
static bool mimalloc_is_orphan(const struct mimalloc_walk *walk, addr segment)
{
    uint64_t slices = SEGMENT_BYTES / SLICE_BYTES;
    const uint8_t *s =
        target_view(walk->py->target, segment,
                    BEFORE(walk->py, mi_segment_t_slices) + SIZE(walk->py, mi_page_t));
    if (!s || LOAD(walk->py, s, mi_segment_t_thread_id) != 0)
        return false;
    uint64_t info = LOAD(walk->py, s, mi_segment_t_segment_info_slices),
             end = LOAD(walk->py, s, mi_segment_t_slice_entries);
    uint64_t used = LOAD(walk->py, s, mi_segment_t_used);
    return info > 0 && info < end && end <= slices && used > 0 && used <= slices
           && LOAD(walk->py, SLOT(walk->py, s, mi_segment_t_slices), mi_page_t_slice_count) == info;
}

// mimalloc 2.5 has no list of abandoned segments, only one bit each in the arenas: segments are
// recognised in aligned memory by their form.
static bool visit_orphans(struct mimalloc_walk *walk)
{
    struct target *t = walk->py->target;
    for (size_t i = 0; i < t->segment_count; i++) {
        const struct segment s = t->segments[i];
        if (s.module >= 0 || !(s.flags & SEGMENT_WRITE)
            || s.flags & (SEGMENT_MISSING | SEGMENT_LATE))
            continue;
        for (addr at = (s.start + SEGMENT_BYTES - 1) & ~(SEGMENT_BYTES - 1);
             at >= s.start && at < s.end; at += SEGMENT_BYTES)
            if (mimalloc_is_orphan(walk, at) && !visit_segment(walk, at))
                return false;
    }
    return true;
}

static bool visit_abandoned(struct mimalloc_walk *walk, const struct interpreter *in)
{
    const struct layout *l = &walk->py->layout;
    if (l->_mimalloc_interp_state_abandoned_pool < 0 || l->mi_segment_t_abandoned_next < 0
        || l->mi_abandoned_pool_t_abandoned < 0)
        return in != &walk->py->interpreters[0] || l->mi_segment_t_thread_id < 0
               || visit_orphans(walk);
    addr pool = INSIDE(walk->py, INSIDE(walk->py, in->at, PyInterpreterState_mimalloc),
                       _mimalloc_interp_state_abandoned_pool);
    return visit_chain(walk, READ(walk->py, pool, mi_abandoned_pool_t_abandoned))
           && visit_chain(walk, READ(walk->py, pool, mi_abandoned_pool_t_abandoned_visited));
}

static bool mimalloc_inside(int32_t offset, int32_t size)
{
    return offset >= 0 && offset + 8 <= size;
}

static bool mimalloc_layout_fits(const struct layout *l)
{
    int32_t page = l->sizeof_mi_page_t;
    bool place = l->mi_page_t_page_start >= 0
                     ? mimalloc_inside(l->mi_page_t_page_start, page)
                           && mimalloc_inside(l->mi_page_t_block_size, page)
                     : mimalloc_inside(l->mi_page_t_xblock_size, page);
    return place && page <= 4096 && mimalloc_inside(l->mi_page_t_slice_count, page)
           && mimalloc_inside(l->mi_page_t_capacity, page)
           && mimalloc_inside(l->mi_page_t_reserved, page)
           && mimalloc_inside(l->mi_page_t_free, page) && mimalloc_inside(l->mi_page_t_used, page)
           && mimalloc_inside(l->mi_page_t_local_free, page)
           && mimalloc_inside(l->mi_page_t_xthread_free, page)
           && mimalloc_inside(l->mi_page_t_xheap, page) && mimalloc_inside(l->mi_page_t_next, page)
           && mimalloc_inside(l->mi_page_t_tag, page) && l->sizeof_mi_heap_t > 0
           && l->mi_heap_t_pages >= 0 && l->sizeof_mi_page_queue_t > 0
           && l->mi_heap_t_thread_delayed_free >= 0 && l->mi_page_queue_t_first >= 0
           && l->mi_segment_t_slices >= 0 && l->mi_segment_t_segment_info_slices >= 0
           && l->mi_segment_t_slice_entries >= 0 && l->_PyThreadStateImpl_mimalloc >= 0
           && l->_mimalloc_thread_state_heaps >= 0;
}

static uint64_t pages_most(const struct python *py)
{
    return PAGES_SPARE + target_bytes(py->target) / SLICE_BYTES * 2;
}

bool mimalloc_each(const struct python *py, size_t interpreter, mimalloc_visit *visit,
                   void *context)
{
    return mimalloc_each_page(py, interpreter, visit, NULL, context);
}

bool mimalloc_each_page(const struct python *py, size_t interpreter, mimalloc_visit *visit,
                        mimalloc_visit_page *pages, void *context)
{
    if (!py->rules.free_threaded || !mimalloc_layout_fits(&py->layout))
        return true;
    struct mimalloc_walk walk = {
        .py = py,
        .visit = visit,
        .visit_page = pages,
        .context = context,
        .left = pages_most(py),
    };
    return visit_threads(&walk, &py->interpreters[interpreter])
           && visit_abandoned(&walk, &py->interpreters[interpreter]);
}

// --- are they pages at all? ----------------------------------------------------------------------

// A page of a queue knows its heap and its neighbour; except in the last two queues (huge blocks,
// full pages) all pages have the queue's block size.
static bool audit_page(const struct python *py, const struct mimalloc_page *page, addr heap,
                       addr before, uint32_t q, uint64_t queue_size)
{
    const struct layout *l = &py->layout;
    return LOAD(py, page->header, mi_page_t_xheap) == heap
           && (l->mi_page_t_prev < 0 || LOAD(py, page->header, mi_page_t_prev) == before)
           && (q + 2 >= QUEUES || page->size == queue_size)
           && (!page->blocks || target_view(py->target, page->start, page->size * page->blocks));
}

static bool has_block(const struct python *py, const struct mimalloc_page *page, addr object)
{
    uint64_t offset = object - page->start;
    if (object < page->start || offset >= page->size * page->blocks)
        return false;
    offset %= page->size;
    return offset == 0 || offset == 16 || offset == 16u + py->guards || offset == 32;
}

static void audit_queue(struct mimalloc_walk *walk, struct mimalloc_account *account,
                        enum mimalloc_heap kind, addr heap, uint32_t q)
{
    const struct python *py = walk->py;
    addr queue = INSIDE(py, heap, mi_heap_t_pages) + (addr)q * SIZE(py, mi_page_queue_t);
    uint64_t size = READ(py, queue, mi_page_queue_t_block_size);
    addr at = READ(py, queue, mi_page_queue_t_first), before = 0;
    struct links links = { 0 };
    while (links_go(&links, at)) {
        struct mimalloc_page page;
        if (!open_page(py, at, &page) || !audit_page(py, &page, heap, before, q, size)
            || (page.blocks && !mark_free(walk, &page))) {
            account->odd++;
            return;
        }
        account->sound++;
        if (kind >= MIMALLOC_GC && has_block(py, &page, account->wanted))
            account->found = true;
        before = at;
        at = LOAD(py, page.header, mi_page_t_next);
    }
}

struct orphan {
    addr wanted;
    bool found;
};

static bool find_orphan(void *context, enum mimalloc_heap heap, addr block,
                        UNUSED const uint8_t *bytes, uint64_t size)
{
    struct orphan *orphan = context;
    if (heap >= MIMALLOC_GC && orphan->wanted - block < size)
        orphan->found = true;
    return !orphan->found;
}

void mimalloc_audit(const struct python *py, size_t interpreter, struct mimalloc_account *account)
{
    const struct layout *l = &py->layout;
    const struct interpreter *in = &py->interpreters[interpreter];
    struct orphan orphan = { account->wanted, false };
    struct mimalloc_walk walk = {
        .py = py, .visit = find_orphan, .context = &orphan, .left = pages_most(py)
    };
    if (!mimalloc_layout_fits(l) || l->mi_page_queue_t_block_size < 0)
        return;
    for (size_t i = 0; i < in->thread_count; i++) {
        addr heaps = INSIDE(py, INSIDE(py, in->threads[i].at, _PyThreadStateImpl_mimalloc),
                            _mimalloc_thread_state_heaps);
        for (int h = 0; h < MIMALLOC_HEAPS; h++)
            for (uint32_t q = 0; q < QUEUES; q++)
                audit_queue(&walk, account, (enum mimalloc_heap)h,
                            heaps + (addr)h * SIZE(py, mi_heap_t), q);
    }
    if (!account->found && account->wanted) {
        visit_abandoned(&walk, in); // made by a thread that has ended
        account->found = orphan.found;
    }
}

struct guards {
    unsigned asked, guarded;
};

static bool ask_block(void *context, UNUSED enum mimalloc_heap heap, UNUSED addr block,
                      const uint8_t *bytes, uint64_t size)
{
    struct guards *guards = context;
    guards->asked++;
    guards->guarded += size >= 32 && pymalloc_has_guards(bytes);
    return guards->asked < GUARD_SAMPLE;
}

uint8_t mimalloc_guards(const struct python *py)
{
    struct guards guards = { 0, 0 };
    mimalloc_each(py, 0, ask_block, &guards);
    return guards.guarded > guards.asked / 2 ? 16 : 0;
}
