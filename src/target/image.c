// SPDX-License-Identifier: GPL-3.0-or-later
// The memory of a saved heap: see image.h.
#include "target/image.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/record.h"
#include "base/vec.h"
#include "target/ops.h"

#define PAGE BLOCK_PAGE
#define LONG_RUN (IMAGE_RUN / PAGE) // in pages
#define SHORT_GAP 16                // pages that cost less to keep than to list separately
#define STRING_MAX 256
#define HIGHEST ((addr)1 << 47)

enum image_state {
    PAGE_UNKNOWN,
    PAGE_COVERED,
    PAGE_KEPT,
    PAGE_ZERO,
    PAGE_DROPPED,
    PAGE_GONE, // unreadable
    PAGE_NEW,  // kept, and its own pointers are still to be followed
};

static size_t page_count(const struct segment *s)
{
    return (size_t)((s->end - s->start + PAGE - 1) / PAGE);
}

static bool is_written(const struct segment *s)
{
    return s->host && s->flags & SEGMENT_WRITE && !(s->flags & (SEGMENT_FILE | SEGMENT_LATE));
}

static uint64_t granule_bit(addr at, size_t *word)
{
    uint64_t hash = (at >> 20) * UINT64_C(0x9e3779b97f4a7c15);
    *word = (size_t)(hash >> 55);
    return UINT64_C(1) << (hash >> 49 & 63);
}

static void note_granules(struct image *image, const struct segment *s)
{
    for (addr at = s->start & ~(addr)0xfffff; at < s->end; at += 1 << 20) {
        size_t word;
        uint64_t bit = granule_bit(at, &word);
        image->granules[word] |= bit;
    }
}

bool image_init(struct image *image, struct target *target, struct err *err)
{
    *image = (struct image){ .target = target };
    image->pages = calloc(target->segment_count + 1, sizeof *image->pages);
    image->scratch = malloc(BLOCK_SIZE);
    bool ok = image->pages && image->scratch;
    for (size_t i = 0; ok && i < target->segment_count; i++) {
        const struct segment *s = &target->segments[i];
        if (!s->host)
            continue;
        image->pages[i] = calloc(page_count(s) + 1, 1); // untouched pages of a huge one are free
        ok = image->pages[i];
        if (!is_written(s) && s->end - s->start < (uint64_t)1 << 36)
            note_granules(image, s);
    }
    if (ok)
        return true;
    image_fini(image);
    return err_memory(err, "the pages to keep");
}

void image_fini(struct image *image)
{
    for (size_t i = 0; image->pages && i < image->target->segment_count; i++)
        free(image->pages[i]);
    free(image->pages);
    free(image->scratch);
    *image = (struct image){ 0 };
}

void image_cover(struct image *image, addr from, addr to)
{
    const struct segment *s = target_segment(image->target, from);
    if (!s || !s->host)
        return;
    image->target->last = s->filled ? image->target->last : s; // the next address is likely nearby
    uint8_t *pages = image->pages[s - image->target->segments];
    if (to > s->end)
        to = s->end;
    for (uint64_t page = (from - s->start) / PAGE; page * PAGE < to - s->start; page++)
        if (is_written(s))
            pages[page] = PAGE_COVERED;
        else if (!pages[page])
            pages[page] = PAGE_NEW;
}

// --- what is in a page --------------------------------------------------------------------------

static const uint8_t *view_page(struct image *image, const struct segment *s, size_t page,
                                size_t *size)
{
    addr at = s->start + page * PAGE;
    *size = s->end - at < PAGE ? (size_t)(s->end - at) : (size_t)PAGE;
    return target_view(image->target, at, *size);
}

static bool image_is_zero(const uint8_t *bytes, size_t size)
{
    return !bytes[0] && !memcmp(bytes, bytes + 1, size - 1);
}

static bool has_pointer(struct image *image, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof word);
        if (word >= PAGE && word < HIGHEST && target_segment(image->target, word))
            return true;
    }
    return false;
}

static enum image_state image_judge(struct image *image, const struct segment *s, size_t page)
{
    size_t size;
    const uint8_t *bytes = view_page(image, s, page, &size);
    if (!bytes)
        return PAGE_GONE;
    if (image_is_zero(bytes, size))
        return PAGE_ZERO;
    return has_pointer(image, bytes, size) ? PAGE_KEPT : PAGE_DROPPED;
}

// Where the source next holds something, from this page on: reserved memory can be a thousand times
// as large as the rest.
static size_t image_skip_hole(const struct image *image, const struct segment *s, size_t page)
{
    int fd = image->target->fd;
    if (fd < 0 || s->flags & SEGMENT_FILE || s->filled)
        return page;
    off_t from = (off_t)(s->offset + page * PAGE), at = lseek(fd, from, SEEK_DATA);
    if (at < 0) // no data after it, or the file does not support the call
        at = lseek(fd, from, SEEK_HOLE) == from ? (off_t)(s->offset + (s->end - s->start)) : from;
    uint64_t there = ((uint64_t)at - s->offset) / PAGE;
    return there < page_count(s) ? (size_t)there : page_count(s);
}

// A run of pages that holds nothing known.
static void judge_run(struct image *image, const struct segment *s, uint8_t *pages, size_t from,
                      size_t to)
{
    for (size_t page = from; page < to; page++) {
        size_t there = (page - from) % LONG_RUN ? page : image_skip_hole(image, s, page);
        for (; page < there && page < to; page++)
            pages[page] = PAGE_ZERO;
        if (page < to)
            pages[page] = image_judge(image, s, page);
    }
    // A few pages between other things are not worth examining.
    bool is_long = to - from >= LONG_RUN;
    for (size_t page = from, end; page < to; page = end) {
        for (end = page + 1; end < to && pages[end] == pages[page];)
            end++;
        bool keep = pages[page] == PAGE_DROPPED && (!is_long || end - page < SHORT_GAP);
        if (keep || (pages[page] == PAGE_ZERO && end - page < LONG_RUN))
            memset(pages + page, PAGE_KEPT, end - page);
    }
}

static void judge_segment(struct image *image, size_t i)
{
    const struct segment *s = &image->target->segments[i];
    uint8_t *pages = image->pages[i];
    size_t count = page_count(s);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from; to < count && pages[to] == pages[from];)
            to++;
        if (!pages[from])
            judge_run(image, s, pages, from, to);
    }
}

// --- memory that may not be written -------------------------------------------------------------

static bool is_string(struct image *image, addr at)
{
    size_t size = target_readable(image->target, at, STRING_MAX);
    const uint8_t *text = size ? target_view(image->target, at, size) : NULL;
    for (size_t i = 0; i < size && text; i++) {
        if (!text[i])
            return i > 0;
        if (text[i] < ' ' && text[i] != '\n' && text[i] != '\t')
            return false;
    }
    return false;
}

static void follow_word(struct image *image, addr at)
{
    const struct segment *s = target_segment(image->target, at);
    if (!s || !s->host || is_written(s))
        return;
    uint8_t *pages = image->pages[s - image->target->segments];
    uint64_t page = (at - s->start) / PAGE;
    bool known = pages[page] && (page + 1 >= page_count(s) || pages[page + 1]);
    if (known || (s->flags & SEGMENT_EXEC && !is_string(image, at)))
        return;
    if (!pages[page])
        pages[page] = PAGE_NEW;
    if (page + 1 < page_count(s) && !pages[page + 1]) // what begins here may end on the next
        pages[page + 1] = PAGE_KEPT;
}

static void follow_page(struct image *image, const struct segment *s, size_t page)
{
    size_t size;
    const uint8_t *bytes = view_page(image, s, page, &size);
    for (size_t i = 0; bytes && i + 8 <= size; i += 8) {
        uint64_t at;
        memcpy(&at, bytes + i, sizeof at);
        size_t word;
        uint64_t bit = granule_bit(at, &word);
        if (image->granules[word] & bit && at < HIGHEST)
            follow_word(image, at);
    }
}

static bool follow_all(struct image *image, const struct progress *progress, struct err *err)
{
    struct target *target = image->target;
    for (size_t i = 0; i < target->segment_count; i++) {
        const struct segment *s = &target->segments[i];
        if (!is_written(s))
            continue;
        for (size_t page = 0, count = page_count(s); page < count; page++)
            if (image->pages[i][page] == PAGE_COVERED || image->pages[i][page] == PAGE_KEPT)
                follow_page(image, s, page);
        if (!progress_step(progress, "choosing pages", i, target->segment_count))
            return err_set(err, ERR_CANCELLED, "saving was stopped");
    }
    // Tables of constants point at further ones: repeat until nothing is new.
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < target->segment_count; i++) {
            const struct segment *s = &target->segments[i];
            for (size_t page = 0; s->host && !is_written(s) && page < page_count(s); page++) {
                if (image->pages[i][page] != PAGE_NEW)
                    continue;
                image->pages[i][page] = PAGE_KEPT;
                follow_page(image, s, page);
                again = true;
            }
        }
    }
    return true;
}

// --- writing ------------------------------------------------------------------------------------

struct image_writing {
    struct image *image;
    struct store_out *out;
    const struct progress *progress;
    uint64_t *words; // of the map; IMAGE_FRAME: the packed size of the next frame
    size_t count, room;
    uint64_t rows;
    addr reached;
    bool stopped, failed;
    struct err *err;
};

#define IMAGE_FRAME UINT64_MAX

static void image_put(struct image_writing *w, uint64_t word)
{
    w->failed = w->failed || !vec_grow(&w->words, &w->room, w->count + 1, sizeof *w->words, w->err);
    w->stopped |= w->failed;
    if (!w->failed)
        w->words[w->count++] = word;
}

// The frames are packed many at a time: only now are all sizes known.
static void image_put_map(struct image_writing *w)
{
    size_t frames, next = 0;
    const uint64_t *sizes = store_frames(w->out, &frames);
    struct text map = TEXT_INIT;
    record_put(&map, w->rows);
    for (size_t i = 0; i < w->count; i++) {
        bool is_frame = w->words[i] == IMAGE_FRAME;
        record_put(&map, !is_frame ? w->words[i] : next < frames ? sizes[next] : 0);
        next += is_frame;
    }
    store_put_text(w->out, IMAGE_MAP, &map);
    text_fini(&map);
}

static bool is_kept(uint8_t state)
{
    return state == PAGE_COVERED || state == PAGE_KEPT || state == PAGE_ZERO || state == PAGE_NEW;
}

// Fills pages that have become unreadable with zeros, so that the pages beside them are kept.
static void fill_block(struct image *image, addr from, size_t size)
{
    const uint8_t *bytes = target_view(image->target, from, size);
    if (bytes) {
        memcpy(image->scratch, bytes, size);
        return;
    }
    memset(image->scratch, 0, size);
    for (size_t done = 0; done < size; done += PAGE) {
        size_t part = size - done < PAGE ? size - done : (size_t)PAGE;
        bytes = target_view(image->target, from + done, part);
        if (bytes)
            memcpy(image->scratch + done, bytes, part);
    }
}

static bool image_is_blank(const uint8_t *pages, size_t from, size_t to)
{
    while (from < to && pages[from] == PAGE_ZERO)
        from++;
    return from >= to;
}

// A row: the gap after the previous row, its size, its flags; then the packed size of each block,
// where a 0 is followed by the number of blocks that are all zeros.
static void write_run(struct image_writing *w, const struct segment *s, const uint8_t *pages,
                      size_t from, size_t to)
{
    struct image *image = w->image;
    const size_t step = BLOCK_SIZE / PAGE;
    addr start = s->start + from * PAGE;
    addr end = s->start + to * PAGE < s->end ? s->start + to * PAGE : s->end;
    uint64_t blank = 0;
    image_put(w, start - w->reached);
    image_put(w, end - start);
    image_put(w, s->flags & (SEGMENT_READ | SEGMENT_WRITE | SEGMENT_EXEC));
    w->reached = end;
    w->rows++;
    image->kept += end - start;
    for (size_t page = from; page < to && !w->stopped; page += step) {
        addr at = s->start + page * PAGE;
        size_t size = end - at < BLOCK_SIZE ? (size_t)(end - at) : (size_t)BLOCK_SIZE;
        bool is_last = page + step >= to;
        bool zeros = image_is_blank(pages, page, is_last ? to : page + step);
        blank += zeros;
        if (blank && (is_last || !zeros)) {
            image_put(w, 0);
            image_put(w, blank);
            blank = 0;
        }
        if (zeros)
            continue;
        fill_block(image, at, size);
        store_put_frame(w->out, image->scratch, size);
        image_put(w, IMAGE_FRAME);
        w->stopped |= !progress_step(w->progress, "writing memory", image->kept, 0);
    }
}

static void image_write_segment(struct image_writing *w, size_t i)
{
    const struct segment *s = &w->image->target->segments[i];
    const uint8_t *pages = w->image->pages[i];
    size_t count = page_count(s);
    for (size_t from = 0, to; from < count && !w->stopped; from = to) {
        bool kept = is_kept(pages[from]);
        for (to = from; to < count && is_kept(pages[to]) == kept;)
            to++;
        if (kept)
            write_run(w, s, pages, from, to);
        else if (is_written(s))
            w->image->left_out += (to - from) * PAGE;
    }
}

bool image_write(struct image *image, struct store_out *out, const struct progress *progress,
                 struct err *err)
{
    struct target *target = image->target;
    struct image_writing w = { .image = image, .out = out, .progress = progress, .err = err };
    for (size_t i = 0; i < target->segment_count; i++) {
        if (is_written(&target->segments[i]))
            judge_segment(image, i);
        if (!progress_step(progress, "choosing pages", i, target->segment_count))
            return err_set(err, ERR_CANCELLED, "saving was stopped");
    }
    if (!follow_all(image, progress, err))
        return false;
    store_section(out, IMAGE_BYTES, STORE_PLAIN);
    for (size_t i = 0; i < target->segment_count && !w.stopped; i++)
        if (target->segments[i].host)
            image_write_segment(&w, i);
    if (!w.stopped)
        image_put_map(&w);
    free(w.words);
    if (w.stopped && !w.failed)
        err_set(err, ERR_CANCELLED, "saving was stopped");
    return !w.stopped;
}
