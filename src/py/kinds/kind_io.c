// SPDX-License-Identifier: GPL-3.0-or-later
// Streams, locks and queues.
#include "base/unused.h"
#include "py/runtime/finalizer.h"
#include "py/kinds/kind_row.h"

// From 3.13 on a ring buffer, before that a list.
static void simplequeue_refs(const struct python *py, UNUSED const struct type *type,
                             UNUSED addr at, const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    if (l->simplequeueobject_buf_items < 0) {
        refs_member(refs, refs_load(refs, SLOT(py, o, simplequeueobject_lst)), "items");
        return;
    }
    uint64_t capacity = LOAD(py, o, simplequeueobject_buf_items_cap);
    uint64_t first = LOAD(py, o, simplequeueobject_buf_get_idx),
             count = LOAD(py, o, simplequeueobject_buf_num_items);
    const uint8_t *words =
        capacity && capacity < WORDS_MOST
            ? target_view(py->target, LOAD(py, o, simplequeueobject_buf_items), capacity * 8)
            : NULL;
    if (words && !refs_afford(refs, capacity))
        return;
    for (uint64_t i = 0; words && i < count && i < capacity; i++)
        refs_visit(refs, refs_load(refs, words + (first + i) % capacity * 8), REF_INDEX, i);
}

static uint64_t simplequeue_size(const struct python *py, const struct type *type, UNUSED addr at,
                                 const uint8_t *o)
{
    uint64_t size = (uint64_t)type->basicsize;
    bool counted =
        py->rules.simplequeue_has_sizeof && py->layout.simplequeueobject_buf_items_cap >= 0;
    return counted ? size + 8 * LOAD(py, o, simplequeueobject_buf_items_cap) : size;
}

// What was written but not joined yet (Modules/_io/stringio.c): up to 3.11 two lists of strings
// (_PyAccu), then a writer, which begins with its buffer; from 3.14 on a pointer to one.
#define STRINGIO_ACCUMULATING 2

static void stringio_refs(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                          const uint8_t *o, struct refs *refs)
{
    const struct layout *l = &py->layout;
    if (l->stringio_state < 0 || LOAD(py, o, stringio_state) != STRINGIO_ACCUMULATING)
        return;
    if (l->stringio_accu >= 0) {
        refs_hold_member(refs, LOAD(py, o, stringio_accu), "text");
        refs_hold_member(refs, load64(SLOT(py, o, stringio_accu) + 8), "text");
    } else if (l->stringio_writer >= 0) {
        addr writer = load64(SLOT(py, o, stringio_writer));
        if (l->stringio_ok - l->stringio_writer == 8) // a pointer to one
            writer = writer ? target_u64(py->target, writer, NULL) : 0;
        refs_hold_member(refs, writer, "text");
    }
}

// The buffer if nobody else holds it; getvalue() hands it out. 2.7: plain bytes.
static addr bytesio_counted(const struct python *py, UNUSED const struct type *type, UNUSED addr at,
                            const uint8_t *o)
{
    const struct layout *l = &py->layout;
    addr buf = l->bytesio_buf_size < 0 ? LOAD(py, o, bytesio_buf) : 0;
    bool immortal = false;
    return buf && gc_refcount(py, buf, &immortal) == 1 && !immortal ? buf : 0;
}

static uint64_t bytesio_size(const struct python *py, const struct type *type, addr at,
                             const uint8_t *o)
{
    const struct layout *l = &py->layout;
    uint64_t size = (uint64_t)type->basicsize;
    if (l->bytesio_buf_size >= 0)
        return LOAD(py, o, bytesio_buf) ? size + LOAD(py, o, bytesio_buf_size) : size;
    addr buf = bytesio_counted(py, type, at, o);
    return buf ? size + bytes_size(py, buf) : size;
}

static uint64_t buffered_size(const struct python *py, const struct type *type, UNUSED addr at,
                              const uint8_t *o)
{
    uint64_t size = (uint64_t)type->basicsize;
    return LOAD(py, o, buffered_buffer) ? size + LOAD(py, o, buffered_buffer_size) : size;
}

static void buffered_blocks(const struct python *py, const struct type *type, addr at,
                            const uint8_t *o, struct blocks *blocks)
{
    blocks_add(blocks, LOAD(py, o, buffered_buffer),
               buffered_size(py, type, at, o) - (uint64_t)type->basicsize);
}

static void bytesio_blocks(const struct python *py, const struct type *type, addr at,
                           const uint8_t *o, struct blocks *blocks)
{
    if (py->layout.bytesio_buf_size >= 0)
        blocks_add(blocks, LOAD(py, o, bytesio_buf),
                   bytesio_size(py, type, at, o) - (uint64_t)type->basicsize);
}

static void simplequeue_blocks(const struct python *py, const struct type *type, addr at,
                               const uint8_t *o, struct blocks *blocks)
{
    uint64_t beside = simplequeue_size(py, type, at, o) - (uint64_t)type->basicsize;
    if (beside)
        blocks_add(blocks, LOAD(py, o, simplequeueobject_buf_items), beside);
}

const struct kind kinds_io[] = {
    // --- threading, queues
    { .names = "_thread.lock thread.lock", FIRST(3, 10) },
    { .names = "_thread.RLock", FIRST(3, 10) },
    { .names = "_thread._ThreadHandle", FIRST(3, 13) },
    { .names = "_thread._local thread._local",
      .traits = TRAIT_THREAD_LOCAL,
      FIRST(3, 10),
      MEMBERS(VISITED(localobject, args, "args"), VISITED(localobject, kw, "keywords"),
              VISITED(localobject, dummies, "dummies"),
              VISITED(localobject, localdicts, "local dicts"),
              VISITED(localobject, thread_watchdogs, "watchdogs"), HELD(localobject, key, "key"),
              HELD(localobject, wr_callback, "callback")) },
    { .names = "_queue.SimpleQueue",
      .traits = TRAIT_QUEUE,
      .refs = simplequeue_refs,
      .size = simplequeue_size,
      .blocks = simplequeue_blocks,
      FIRST(3, 13),
      LAST(3, 10) },

    // --- io
    { .names = "_io._IOBase", FIRST(3, 12), MEMBERS(VISITED(iobase, dict, ".__dict__")) },
    { .names = "_io.BytesIO",
      .traits = TRAIT_BYTES_STREAM,
      FIRST(3, 12),
      .size = bytesio_size,
      .blocks = bytesio_blocks,
      .counted = bytesio_counted,
      MEMBERS(VISITED(bytesio, dict, ".__dict__"), SINCE(PYMINOR(3, 12), bytesio, buf, "buffer")) },
    { .names = "_io._BytesIOBuffer",
      .traits = TRAIT_BYTES_EXPORT,
      FIRST(3, 12),
      MEMBERS(VISITED(bytesiobuf, source, "source")) },
    { .names = "_io.StringIO",
      .traits = TRAIT_STREAM | TRAIT_TEXT_STREAM,
      .refs = stringio_refs,
      FIRST(3, 12),
      MEMBERS(SINCE(PYMINOR(3, 12), stringio, readnl, "readnl"),
              SINCE(PYMINOR(3, 12), stringio, writenl, "writenl"),
              SINCE(PYMINOR(3, 12), stringio, decoder, "decoder"),
              VISITED(stringio, dict, ".__dict__")) },
    { .names = "_io.BufferedReader _io.BufferedWriter _io.BufferedRandom",
      .traits = TRAIT_STREAM,
      FIRST(3, 12),
      .size = buffered_size,
      .blocks = buffered_blocks,
      MEMBERS(VISITED(buffered, raw, ".raw"), VISITED(buffered, dict, ".__dict__")) },
    { .names = "_io.BufferedRWPair",
      FIRST(3, 12),
      MEMBERS(VISITED(rwpair, dict, ".__dict__"), SINCE(PYMINOR(3, 12), rwpair, reader, "reader"),
              SINCE(PYMINOR(3, 12), rwpair, writer, "writer")) },
    { .names = "_io.TextIOWrapper",
      FIRST(3, 12),
      MEMBERS(VISITED(textio, buffer, ".buffer"), VISITED(textio, encoding, ".encoding"),
              VISITED(textio, encoder, "encoder"), VISITED(textio, decoder, "decoder"),
              VISITED(textio, readnl, "readnl"),
              VISITED(textio, decoded_chars, "decoded characters"),
              VISITED(textio, pending_bytes, "pending bytes"),
              VISITED(textio, snapshot, "snapshot"), VISITED(textio, errors, ".errors"),
              VISITED(textio, raw, "raw"), VISITED(textio, dict, ".__dict__")) },
    { .names = "_io.FileIO", FIRST(3, 12), MEMBERS(VISITED(fileio, dict, ".__dict__")) },
    { .names = "_io.IncrementalNewlineDecoder",
      FIRST(3, 12),
      MEMBERS(SINCE(PYMINOR(3, 12), nldecoder, decoder, "decoder"),
              SINCE(PYMINOR(3, 12), nldecoder, errors, ".errors")) },
    { 0 },
};
