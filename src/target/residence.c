// SPDX-License-Identifier: GPL-3.0-or-later
// Mappings and their pages: see residence.h.
#include "target/residence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/search.h"
#include "target/ops.h"
#include "target/page_scan.h"
#include "target/proc_file.h"

#define SMAPS_MOST ((size_t)1 << 30)          // a bound on the text of /proc/PID/smaps
#define SMAPS_WINDOW (64 << 10)               // bytes of it read at once
#define PAGES_MAX ((uint64_t)1 << 26)         // pages per mapping whose bits are kept: 256 GiB
#define WINDOW 4096                           // pages whose state is read at once
#define SMAPS_ROWS 4096                       // with more mappings it is avoided, see below
#define STRETCHES 1024                        // listed at once
#define ROLLUP_MOST ((size_t)4096)            // the text of smaps_rollup
#define RUNNING_PRECISION 64                  // see residence_agrees
#define PAGEMAP_EXCLUSIVE (UINT64_C(1) << 56) // Documentation/admin-guide/mm/pagemap.rst
#define PAGEMAP_FILE (UINT64_C(1) << 61)
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)

// --- mappings ------------------------------------------------------------------------------------

static bool mappings_of_segments(const struct target *target, struct maps *maps, struct err *err)
{
    for (size_t i = 0; i < target->segment_count; i++) {
        const struct segment *s = &target->segments[i];
        const char *path = s->module >= 0 ? target->modules[s->module].path : NULL;
        struct mapping row = {
            .start = s->start,
            .end = s->end,
            .flags = s->flags & (SEGMENT_READ | SEGMENT_WRITE | SEGMENT_EXEC),
            .path = path ? strdup(path) : NULL,
        };
        if (path && !row.path)
            return err_memory(err, "the list of mappings");
        if (!maps_add(maps, row, err))
            return false;
    }
    return true;
}

bool target_mappings(const struct target *target, struct maps *maps, struct err *err)
{
    if (target->ops->mappings)
        return target->ops->mappings(target, maps, err);
    return mappings_of_segments(target, maps, err);
}

// --- pages of a live process ---------------------------------------------------------------------

static bool residence_room(struct resident *row)
{
    size_t words = (size_t)((row->mapping.end - row->mapping.start) / MAPPING_PAGE / 64 + 1);
    row->present = calloc(words, sizeof *row->present);
    row->exclusive = calloc(words, sizeof *row->exclusive);
    return row->present && row->exclusive;
}

// A page that is present, anonymous and not exclusive is shared with a fork, or it is the kernel's
// zero page, which smaps does not count: only as many of them are kept as smaps counts.
static void residence_note(struct resident *row, size_t page, uint64_t entry, uint64_t *spare)
{
    if (!(entry & PAGEMAP_PRESENT))
        return;
    bool own = entry & PAGEMAP_EXCLUSIVE;
    if (!own && !(entry & PAGEMAP_FILE)) {
        if (!*spare)
            return;
        --*spare;
    }
    row->present[page / 64] |= UINT64_C(1) << (page % 64);
    if (own)
        row->exclusive[page / 64] |= UINT64_C(1) << (page % 64);
}

// Two passes: first how many pages are certainly counted, then the bits.
static void residence_pages(struct resident *row, int pagemap, uint64_t counted)
{
    uint64_t sure = 0, spare = 0, entries[WINDOW];
    for (int pass = 0; pass < 2; pass++) {
        addr at = row->mapping.start;
        while (at < row->mapping.end) {
            uint64_t pages = (row->mapping.end - at) / MAPPING_PAGE;
            pages = pages < WINDOW ? pages : WINDOW;
            ssize_t got = pread(pagemap, entries, pages * 8, (off_t)(at / MAPPING_PAGE * 8));
            if (got < 8)
                return;
            size_t first = (size_t)((at - row->mapping.start) / MAPPING_PAGE);
            for (size_t i = 0; i < (size_t)got / 8; i++)
                if (pass)
                    residence_note(row, first + i, entries[i], &spare);
                else
                    sure += (entries[i] & PAGEMAP_PRESENT)
                            && (entries[i] & (PAGEMAP_EXCLUSIVE | PAGEMAP_FILE));
            at += (uint64_t)got / 8 * MAPPING_PAGE;
        }
        spare = counted > sure ? counted - sure : 0;
    }
}

static void residence_sum(struct resident *row)
{
    size_t words = (size_t)((row->mapping.end - row->mapping.start) / MAPPING_PAGE / 64 + 1);
    uint64_t own = 0;
    row->resident = 0;
    for (size_t i = 0; i < words; i++) {
        row->resident += (uint64_t)__builtin_popcountll(row->present[i]) * MAPPING_PAGE;
        own += (uint64_t)__builtin_popcountll(row->exclusive[i]) * MAPPING_PAGE;
    }
    // For files smaps is more precise than pagemap if the page is part of a large one.
    if (!row->mapping.path || *row->mapping.path != '/')
        row->own = own;
}

struct smaps_numbers {
    uint64_t rss, own, swap;
};

static void residence_take(struct residence *residence, int pagemap, addr start, addr end,
                           const struct smaps_numbers *numbers)
{
    size_t i = search_u64(residence->rows, residence->count, sizeof *residence->rows,
                          offsetof(struct resident, mapping.start), start);
    struct resident *row = i < residence->count ? &residence->rows[i] : NULL;
    if (!row || row->mapping.start != start || row->mapping.end != end || row->known)
        return;
    row->known = residence->known = true;
    row->resident = numbers->rss;
    row->own = numbers->own;
    row->swapped = numbers->swap;
    residence->has_swap |= numbers->swap > 0;
    uint64_t pages = (end - start) / MAPPING_PAGE;
    if (!numbers->rss || pagemap < 0 || pages > PAGES_MAX || !residence_room(row))
        return;
    residence_pages(row, pagemap, numbers->rss / MAPPING_PAGE);
    residence_sum(row);
}

// The text of smaps line by line: for tens of thousands of mappings it is tens of MiB, of which
// only a few lines per mapping are wanted.
struct smaps_reading {
    struct residence *residence;
    int pagemap;
    addr start, end; // of the mapping that the lines describe; end 0: none yet
    struct smaps_numbers numbers;
};

static uint64_t smaps_value(const char *line, const char *key)
{
    size_t size = strlen(key);
    return strncmp(line, key, size) ? 0 : strtoull(line + size, NULL, 10) * 1024;
}

static void smaps_end(struct smaps_reading *r)
{
    if (r->end)
        residence_take(r->residence, r->pagemap, r->start, r->end, &r->numbers);
    r->numbers = (struct smaps_numbers){ 0 };
    r->end = 0;
}

// A line that begins a mapping: "7f0000000000-7f0000001000 rw-p ...".
static void smaps_begin(struct smaps_reading *r, const char *line)
{
    char *dash, *blank;
    addr from = strtoull(line, &dash, 16);
    addr to = *dash == '-' ? strtoull(dash + 1, &blank, 16) : 0;
    if (!to || *blank != ' ')
        return;
    smaps_end(r);
    r->start = from;
    r->end = to;
}

static void smaps_line(struct smaps_reading *r, const char *line)
{
    switch (*line) {
    case 'R':
        r->numbers.rss += smaps_value(line, "Rss:");
        break;
    case 'P':
        r->numbers.own += smaps_value(line, "Private_Clean:") + smaps_value(line, "Private_Dirty:");
        break;
    case 'S':
        r->numbers.swap += smaps_value(line, "Swap:");
        break;
    default:
        if (*line < 'A' || *line > 'Z')
            smaps_begin(r, line);
        break;
    }
}

// Handles the whole lines of text[0..size); returns how many bytes they are.
static size_t smaps_lines(struct smaps_reading *r, char *text, size_t size)
{
    size_t at = 0;
    for (char *end; at < size && (end = memchr(text + at, '\n', size - at));) {
        *end = '\0';
        smaps_line(r, text + at);
        at = (size_t)(end - text) + 1;
    }
    return at;
}

// What does not fit in the buffer is dropped: no real line is that long.
void residence_read_smaps(struct residence *residence, int pagemap, int smaps)
{
    struct smaps_reading r = { .residence = residence, .pagemap = pagemap };
    char text[SMAPS_WINDOW];
    size_t left = 0, read_in_all = 0;
    while (read_in_all < SMAPS_MOST) {
        ssize_t got = read(smaps, text + left, sizeof text - left);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        read_in_all += (size_t)got;
        size_t size = left + (size_t)got, done = smaps_lines(&r, text, size);
        left = done || size < sizeof text ? size - done : 0;
        memmove(text, text + size - left, left);
    }
    smaps_end(&r);
}

// --- pages of a process with very many mappings --------------------------------------------------

// The kernel prints 700 bytes of smaps a mapping: a quarter of a second for 60,000. What they count is in
// its list of pages, too, but for large pages of files, which may count as somebody else's, and for
// shared memory that is swapped out. So the sums are held against those of smaps_rollup: a process that
// stands still has the same, one that runs nearly the same; if not, smaps is read after all.

struct pages_reading {
    struct residence *residence;
    int pagemap;
    size_t row; // where the search for the next page's mapping goes on
    addr first; // the window's first page
    size_t count;
    uint64_t window[WINDOW];
    struct page_stretch stretches[STRETCHES];
};

static uint64_t pages_reading_word(struct pages_reading *r, addr at)
{
    addr page = at / MAPPING_PAGE;
    if (page - r->first >= r->count) {
        ssize_t got = pread(r->pagemap, r->window, sizeof r->window, (off_t)(page * 8));
        r->first = page;
        r->count = got > 0 ? (size_t)got / 8 : 0;
    }
    return r->count ? r->window[page - r->first] : 0;
}

// False: there are too many pages, or no memory for their bits.
static bool pages_reading_present(struct pages_reading *r, struct resident *row, addr from, addr to)
{
    if (!row->present
        && ((row->mapping.end - row->mapping.start) / MAPPING_PAGE > PAGES_MAX
            || !residence_room(row)))
        return false;
    for (addr at = from; at < to; at += MAPPING_PAGE) {
        size_t page = (size_t)((at - row->mapping.start) / MAPPING_PAGE);
        row->present[page / 64] |= UINT64_C(1) << (page % 64);
        if (pages_reading_word(r, at) & PAGEMAP_EXCLUSIVE) {
            row->exclusive[page / 64] |= UINT64_C(1) << (page % 64);
            row->own += MAPPING_PAGE;
        }
    }
    row->resident += to - from;
    return true;
}

static bool pages_reading_stretch(struct pages_reading *r, const struct page_stretch *s)
{
    struct residence *residence = r->residence;
    while (r->row < residence->count && residence->rows[r->row].mapping.end <= s->start)
        r->row++;
    for (size_t i = r->row; i < residence->count && residence->rows[i].mapping.start < s->end;
         i++) {
        struct resident *row = &residence->rows[i];
        addr from = s->start > row->mapping.start ? s->start : row->mapping.start;
        addr to = s->end < row->mapping.end ? s->end : row->mapping.end;
        if (s->kinds & PAGE_SWAPPED)
            row->swapped += to - from;
        else if (!pages_reading_present(r, row, from, to))
            return false;
    }
    return true;
}

static bool pages_reading_all(struct pages_reading *r)
{
    size_t count, rows = r->residence->count;
    while (rows && r->residence->rows[rows - 1].mapping.end >= USER_END)
        rows--;
    addr end = rows ? r->residence->rows[rows - 1].mapping.end : 0;
    for (addr at = 0, reached; at < end; at = reached) {
        if (!page_scan(r->pagemap, at, end, PAGE_SWAPPED, r->stretches, STRETCHES, &count,
                       &reached))
            return false;
        for (size_t i = 0; i < count; i++)
            if (!pages_reading_stretch(r, &r->stretches[i]))
                return false;
    }
    return rows > 0;
}

static bool sum_agrees(uint64_t sum, uint64_t whole, uint64_t slack)
{
    return sum <= whole + slack && whole <= sum + slack;
}

// Whether the sums are the kernel's, but for 1 in `precision`; 0: exactly.
static bool residence_agrees(const struct residence *residence, const struct smaps_numbers *whole,
                             uint64_t precision)
{
    struct smaps_numbers sum = { 0 };
    for (size_t i = 0; i < residence->count; i++) {
        sum.rss += residence->rows[i].resident;
        sum.own += residence->rows[i].own;
        sum.swap += residence->rows[i].swapped;
    }
    uint64_t slack = precision ? whole->rss / precision : 0;
    return sum_agrees(sum.rss, whole->rss, slack) && sum_agrees(sum.own, whole->own, slack)
           && sum_agrees(sum.swap, whole->swap, slack);
}

static void residence_forget(struct residence *residence)
{
    for (size_t i = 0; i < residence->count; i++) {
        struct resident *row = &residence->rows[i];
        free(row->present);
        free(row->exclusive);
        *row = (struct resident){ .mapping = row->mapping };
    }
    residence->known = residence->has_swap = false;
}

bool residence_read_pages(struct residence *residence, int pagemap, char *rollup,
                          uint64_t precision)
{
    struct smaps_reading whole = { .residence = residence, .pagemap = -1 };
    struct pages_reading *r = calloc(1, sizeof *r);
    if (!r)
        return false;
    r->residence = residence;
    r->pagemap = pagemap;
    smaps_lines(&whole, rollup, strlen(rollup));
    bool ok =
        whole.end && pages_reading_all(r) && residence_agrees(residence, &whole.numbers, precision);
    free(r);
    if (!ok) {
        residence_forget(residence);
        return false;
    }
    for (size_t i = 0; i < residence->count; i++)
        residence->rows[i].known = true;
    residence->known = true;
    residence->has_swap = whole.numbers.swap > 0;
    return true;
}

static int mappings_open(const struct target *target, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)target->pid, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

// The sums come first: of a process that runs, the pages are the later ones.
static bool residence_live_pages(struct residence *residence, const struct target *target,
                                 int pagemap)
{
    size_t size;
    char *rollup = residence->count > SMAPS_ROWS
                       ? proc_slurp(target->pid, "smaps_rollup", ROLLUP_MOST, &size)
                       : NULL;
    bool runs = !strcmp(target->kind, "copy");
    bool ok =
        rollup && residence_read_pages(residence, pagemap, rollup, runs ? RUNNING_PRECISION : 0);
    free(rollup);
    return ok;
}

static void residence_live(struct residence *residence, struct target *target)
{
    int smaps = mappings_open(target, "smaps");
    if (smaps < 0)
        return;
    int pagemap = mappings_open(target, "pagemap");
    if (!residence_live_pages(residence, target, pagemap))
        residence_read_smaps(residence, pagemap, smaps);
    if (pagemap >= 0)
        close(pagemap);
    close(smaps);
}

// --- pages of a core -----------------------------------------------------------------------------

static bool page_is_zero(const uint8_t *page, uint64_t size)
{
    return !*page && !memcmp(page, page + 1, (size_t)size - 1);
}

static void residence_segment(struct resident *row, const struct segment *s)
{
    addr from = s->start > row->mapping.start ? s->start : row->mapping.start;
    addr to = s->end < row->mapping.end ? s->end : row->mapping.end;
    for (addr at = from / MAPPING_PAGE * MAPPING_PAGE; at < to; at += MAPPING_PAGE) {
        addr first = at > from ? at : from, last = at + MAPPING_PAGE < to ? at + MAPPING_PAGE : to;
        size_t page = (size_t)((at - row->mapping.start) / MAPPING_PAGE);
        if (at < row->mapping.start || page_is_zero(s->host + (first - s->start), last - first))
            continue;
        row->present[page / 64] |= UINT64_C(1) << (page % 64);
        row->exclusive[page / 64] |= UINT64_C(1) << (page % 64);
    }
}

// A segment whose bytes are in the core itself.
static bool is_dumped(const struct segment *s)
{
    return s->host && !s->filled && !(s->flags & (SEGMENT_FILE | SEGMENT_MISSING));
}

static void residence_core(struct residence *residence, struct target *target)
{
    size_t k = 0;
    residence->by_pages = true;
    for (size_t i = 0; i < residence->count; i++) {
        struct resident *row = &residence->rows[i];
        while (k < target->segment_count && target->segments[k].end <= row->mapping.start)
            k++;
        bool dumped = false;
        for (size_t j = k; j < target->segment_count; j++) {
            const struct segment *s = &target->segments[j];
            if (s->start >= row->mapping.end)
                break;
            bool large = (row->mapping.end - row->mapping.start) / MAPPING_PAGE > PAGES_MAX;
            if (!is_dumped(s) || large || (!row->present && !residence_room(row)))
                continue;
            dumped = true;
            residence_segment(row, s);
        }
        if (dumped)
            residence_sum(row);
        // Without bytes in the core: pages of a file are unknown; of unreadable memory none exist.
        row->known = dumped || !(row->mapping.flags & SEGMENT_READ);
        residence->known |= row->known;
    }
}

// --- opening -------------------------------------------------------------------------------------

static bool target_is_live(const struct target *target)
{
    return target->pid > 0 && strcmp(target->kind, "core") && strcmp(target->kind, "saved");
}

bool residence_open(struct residence *residence, struct target *target, struct err *err)
{
    *residence = (struct residence){ 0 };
    struct maps maps = { 0 };
    bool ok = target_mappings(target, &maps, err);
    if (ok) {
        residence->rows = calloc(maps.count + 1, sizeof *residence->rows);
        ok = residence->rows || err_memory(err, "the list of mappings");
    }
    addr reached = 0;
    for (size_t i = 0; ok && i < maps.count; i++) {
        struct mapping *m = &maps.rows[i];
        if (m->start < reached || m->end <= m->start)
            continue;
        reached = m->end;
        residence->rows[residence->count++].mapping = *m;
        m->path = NULL;
    }
    maps_fini(&maps);
    if (!ok)
        return false;
    if (target_is_live(target))
        residence_live(residence, target);
    else if (!strcmp(target->kind, "core"))
        residence_core(residence, target);
    return true;
}

void residence_close(struct residence *residence)
{
    for (size_t i = 0; i < residence->count; i++) {
        free(residence->rows[i].mapping.path);
        free(residence->rows[i].present);
        free(residence->rows[i].exclusive);
    }
    free(residence->rows);
    *residence = (struct residence){ 0 };
}

const struct resident *residence_of(const struct residence *residence, addr at)
{
    size_t after = search_u64(residence->rows, residence->count, sizeof *residence->rows,
                              offsetof(struct resident, mapping.start), at + 1);
    const struct resident *row = after ? &residence->rows[after - 1] : NULL;
    return row && at < row->mapping.end ? row : NULL;
}

static uint64_t pages_between(const uint64_t *bits, addr base, addr from, addr to)
{
    uint64_t sum = 0;
    for (addr at = from; at < to;) {
        uint64_t page = (at - base) / MAPPING_PAGE;
        addr next = base + (page + 1) * MAPPING_PAGE;
        uint64_t word = bits[page / 64] >> (page % 64);
        if (!word) { // no bit is set up to the end of the word
            next = base + (page / 64 + 1) * 64 * MAPPING_PAGE;
            at = next;
            continue;
        }
        if (word & 1)
            sum += (next < to ? next : to) - at;
        at = next;
    }
    return sum;
}

void residence_count(const struct resident *row, addr from, addr to, uint64_t *resident,
                     uint64_t *own)
{
    *resident = row->present ? pages_between(row->present, row->mapping.start, from, to) : 0;
    *own = *resident ? pages_between(row->exclusive, row->mapping.start, from, to) : 0;
}
