// SPDX-License-Identifier: GPL-3.0-or-later
// The Python frames of a suspended greenlet (gevent, eventlet, SQLAlchemy's bridge to asyncio): they
// are on no thread's stack, and greenlet's tp_traverse does not visit them.
//
//      0.4, 1.x    PyGreenlet       | ... | top_frame | ...
//      2.0 on      PyGreenlet       | weakrefs | dict | pimpl --> greenlet::Greenlet | ... _top_frame
//
// In all versions it is a frame object, and the only one among those words: it is looked for, so
// that no layout of greenlet's has to be known. A greenlet that runs, has not begun or has ended has
// none. From it on frames are linked as a thread's are: greenlet 3 takes out those on the machine's
// stack while it is suspended.
//
// Does not know: what else a greenlet holds; tp_traverse tells. Owns: nothing. Cost: some words, and a look at what
// each leads to.
#ifndef OURO_PY_RUNTIME_GREENLET_H
#define OURO_PY_RUNTIME_GREENLET_H

#include "py/runtime/frames.h"

// Whether instances are greenlets.
bool greenlet_is(const struct type *type);

// The frames of a greenlet, the innermost first: frame_walk_next(). False: it is not suspended.
bool greenlet_walk_begin(struct frame_walk *walk, const struct python *py, const struct type *type,
                         addr at);

// Puts the addresses of its frames, as frames_running() does those of threads: a generator that is on
// a greenlet's stack does not wait by itself.
bool greenlet_frames(const struct python *py, const struct type *type, addr at, struct map *frames,
                     struct err *err);

// Where a suspended greenlet's part of the machine's stack was copied to, which others use by now.
// False: none of it was.
bool greenlet_saved_stack(const struct python *py, const struct type *type, addr at, addr *from,
                          uint64_t *bytes);

#endif
