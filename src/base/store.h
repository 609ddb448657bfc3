// SPDX-License-Identifier: GPL-3.0-or-later
// A file of named sections, compressed and checksummed: what is written once and read later,
// perhaps by another version of the program and perhaps damaged on the way.
//
//      0        64
//      | header | section | section | ...         | table: name, place, sizes, checksum of each |
//                 |
//                 frames of at most 1 MiB each, compressed one by one (zstd), or an array as it is
//
// Does not know: what the sections hold. Numbers are little-endian. Every byte of the file is under
// a checksum: header and table each have their own, each section's row has that of the section, and
// so has each frame. Header and table are compared when the file is opened, a section when it is
// first read, a single frame when it is unpacked: nothing is read that was not compared, and a large
// file opens at once. store_verify() compares all. A file made by hand may have sums that fit, so
// sizes are checked as well, before anything is allocated.
//
// An array that somebody else could change while it is used is copied before it is looked at.
//
// Owns: the mapping, the table, the arrays. Cost: opening reads a few pages; of files whose frames have no sums
// (STORE_OLDEST), every byte once.
#ifndef OURO_BASE_STORE_H
#define OURO_BASE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/pool.h"
#include "base/text.h"

// Another number whenever a section holds other things than before: then an older or newer file is
// named as such, instead of being taken for nonsense.
#define STORE_FORMAT 5
#define STORE_OLDEST 4 // that is read as well: the same sections, frames without sums
#define STORE_FRAME ((size_t)1 << 20)
#define STORE_NAME 16

enum store_filter {
    STORE_PLAIN,
    STORE_DELTA, // 32-bit words, each as the difference to the one before: for ascending numbers
    STORE_AS_IS, // not packed, and aligned: an array that is used where the file is mapped
};

#define STORE_ALIGN ((size_t)64) // of what is as it is; the bytes before are zeros

struct store_row {
    char name[STORE_NAME]; // padded with zeros
    uint64_t offset, packed, raw, sum;
    uint32_t filter, zero;
};

// --- reading ------------------------------------------------------------------------------------

struct store {
    const uint8_t *bytes;
    size_t size;
    uint32_t format;
    uint32_t flags;   // the writer's own
    unsigned threads; // that unpack a section (base/pool.h); 0 is 1
    struct store_row *rows;
    bool *compared; // of each row: its sum fits
    void **arrays;  // of each row: where store_array() has copied or unpacked it, or null
    void **kept;    // store_keep()
    size_t kept_count, kept_room;
    bool shared; // other users may write to the file
    size_t count;
    void *unpacker;
};

// Whether the file begins as such a file does.
bool store_is(const char *path);

// Fails with one sentence for: no file, no such file, cut off, damaged, of an older or newer format.
bool store_open(struct store *store, const char *path, struct err *err);
void store_close(struct store *store); // accepts a zeroed one

// Compares what has not been compared yet.
bool store_verify(struct store *store, struct err *err);

bool store_has(const struct store *store, const char *name);
uint64_t store_size(const struct store *store, const char *name); // unpacked; 0: not there

// Unpacks a section of exactly `size` bytes.
bool store_read(struct store *store, const char *name, void *to, size_t size, struct err *err);

// A section of exactly `count` items as an array that nobody may write to, until store_close().
bool store_array(struct store *store, const char *name, uint64_t count, size_t width,
                 const void **array, struct err *err);
// Compares the sums of several sections at once, by all threads, where they are there; which do not
// fit is told by whoever reads them.
void store_compare_all(struct store *store, const char *const *names, size_t count);
// Memory of malloc's that goes when the store goes. False: it has not taken it.
bool store_keep(struct store *store, void *memory, struct err *err);

// Unpacks a section into fresh memory of its size; for free(). *size must not be more than `most`.
bool store_load(struct store *store, const char *name, size_t most, void **to, size_t *size,
                struct err *err);

// Unpacks one frame that lies `offset` bytes into a section. False: it is not there, not of `size`
// bytes, or damaged.
bool store_frame(struct store *store, const char *name, uint64_t offset, uint64_t packed, void *to,
                 size_t size);

// "the saved heap is damaged: WHAT"; returns false.
bool store_damaged(struct err *err, const char *what);

// All sums fit, but what is in the sections is nothing that this version would have written; returns
// false. "... written by another version of ouro, or by hand: WHAT; ..."
bool store_strange(struct err *err, const char *what, ...) __attribute__((format(printf, 2, 3)));

// --- writing ------------------------------------------------------------------------------------

struct store_piece { // a frame in the making
    uint8_t *raw, *packed;
    size_t size, packed_size; // packed_size: zstd's, which may be an error
};

struct store_out {
    int fd;
    char *path;
    uint64_t at; // bytes written
    struct store_row *rows;
    size_t count, capacity;
    unsigned threads;
    void *packers[POOL_MOST];
    struct store_piece *pieces; // packed together, and written in their order
    size_t piece_count, piece_room;
    uint64_t *frames; // packed sizes of the section's frames
    size_t frame_count, frame_room;
    uint64_t hash[4]; // of the section in the making
    size_t hashed;    // bytes of `tail`
    uint8_t tail[32];
    struct err err; // the first thing that went wrong; everything after it is skipped
};

// The file must not be there yet. Only its owner may read it. threads: that pack (base/pool.h); the
// file's bytes do not depend on it.
bool store_create(struct store_out *out, const char *path, unsigned threads, struct err *err);

// Begins a section, and ends the one before. From here on errors are kept until the end.
void store_section(struct store_out *out, const char *name, enum store_filter filter);
void store_put(struct store_out *out, const void *bytes, size_t size);

// A whole section at once.
void store_put_section(struct store_out *out, const char *name, enum store_filter filter,
                       const void *bytes, size_t size);
void store_put_text(struct store_out *out, const char *name, const struct text *text);

// One frame by itself, of at most STORE_FRAME.
void store_put_frame(struct store_out *out, const void *bytes, size_t size);

// The packed sizes of the section's frames, in order, all that were put so far; until the next put.
const uint64_t *store_frames(struct store_out *out, size_t *count);

// Writes table and header. *bytes: the file's size. Where anything failed the file is removed.
bool store_finish(struct store_out *out, uint32_t flags, uint64_t *bytes, struct err *err);
// Removes the file. Accepts a finished or zeroed one.
void store_abandon(struct store_out *out);

#endif
